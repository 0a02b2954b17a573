"""What is told of the printer and the machine, whatever settings and profiles hold."""

from __future__ import annotations

from typing import Any

import pytest

from octoprint_webhooks.description import Description


class Settings:
    """OctoPrint's settings, as far as they are asked for."""

    def __init__(self, appearance: Any = None, **discovery: Any) -> None:
        self._values = {"appearance": appearance, **discovery}

    def global_get(self, path: list[str], **_how: Any) -> Any:
        return self._values.get(path[-1])


class Profiles:
    """The printer profiles: this one is in use."""

    def __init__(self, profile: Any) -> None:
        self._profile = profile

    def get_current_or_default(self) -> Any:
        return self._profile


PROFILE = {"id": "_default", "name": "Left", "model": "MK3S", "volume": {"width": 250, "depth": 210, "height": 210}}


def test_a_printer_has_a_name_a_profile_and_a_machine() -> None:
    told = Description(Settings({"name": "Prusa", "color": "red"}), Profiles(PROFILE)).now(5000)
    assert (told["id"], told["name"], told["appearance"]["color"]) == ("octoprint", "Prusa", "red")
    sizes = {"width": 250, "depth": 210, "height": 210}
    assert told["profile"] == {"id": "_default", "profile": "Left", "model": "MK3S", **sizes}
    assert set(told["host"]) == {"name", "octoprint", "plugin", "python"}


@pytest.mark.parametrize("profile", [None, {}, {"volume": None}, "nonsense", {"name": None}])
def test_a_profile_that_is_none_is_left_out(profile: Any) -> None:
    told = Description(Settings(), Profiles(profile)).now(5000)
    assert (told["name"], told["profile"]) == ("OctoPrint", {})


@pytest.mark.parametrize(
    ("discovery", "url"),
    [
        ({"publicHost": "octopi.example"}, "http://octopi.example:5000/"),
        ({"publicHost": "octopi.example", "publicPort": 80}, "http://octopi.example/"),
        ({"publicHost": "a.example", "publicPort": "443", "pathPrefix": "/octoprint/"}, "https://a.example/octoprint"),
        ({"publicHost": "a.example", "publicPort": "many"}, None),
        ({"publicPort": 80}, None),
    ],
)
def test_an_address_is_told_where_octoprint_has_one(discovery: dict[str, Any], url: str | None) -> None:
    assert Description(Settings(None, **discovery), Profiles(PROFILE)).now(5000)["host"].get("url") == url
