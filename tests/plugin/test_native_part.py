"""The engine's wheel is found, or it is said what mends it; and all that has a version has the same one."""

from __future__ import annotations

import re
import shlex
import sys
from types import SimpleNamespace
from typing import NoReturn

import pytest

from harness import ROOT
from octoprint_webhooks.native import Missing, Native, load
from octoprint_webhooks.version import VERSION


def found(version: object) -> object:
    return SimpleNamespace(VERSION=version, Engine=lambda _options: None)


def test_the_right_engine_is_taken() -> None:
    assert isinstance(load(lambda _name: found(VERSION)), Native)


@pytest.mark.parametrize("version", ["4.9.0", None])
def test_another_version_is_refused_and_named(version: str | None) -> None:
    loaded = load(lambda _name: found(version))
    assert isinstance(loaded, Missing)
    assert VERSION in str(loaded.reason)
    assert version is None or version in str(loaded.reason)


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("x", name="octohooks"), ImportError("wrong ELF class"), SystemExit(3)], ids=repr
)
def test_whatever_the_import_raises_there_is_a_command_that_mends_it(error: BaseException) -> None:
    def broken(_name: str) -> NoReturn:
        raise error

    loaded = load(broken)
    assert isinstance(loaded, Missing)
    words = shlex.split(loaded.command)
    assert words[:4] == [sys.executable, "-m", "pip", "install"]
    assert words[-1] == f"octohooks=={VERSION}"
    assert loaded.command in str(loaded.sentences[-1])


def test_everything_has_the_same_version() -> None:
    plugin = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    engine = (ROOT / "crates" / "octohooks-py" / "pyproject.toml").read_text(encoding="utf-8")
    crates = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    for text in (plugin, engine, crates):
        assert re.findall(r'^version = "([\d.]+)"$', text, re.MULTILINE) == [VERSION]
    assert f'dependencies = ["octohooks=={VERSION}"]' in plugin
