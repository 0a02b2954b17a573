"""Off and on again, and away: what is set up stays until somebody has OctoPrint delete it."""

from __future__ import annotations

from harness import OctoPrintServer, Receiver, Start

CUSTOM = [{"event": "HarnessEvent", "message": "m"}]
MANAGER = "/api/plugin/pluginmanager"


def tell(server: OctoPrintServer, command: str) -> None:
    """What the buttons of OctoPrint's plugin manager do."""
    server.admin.request("POST", MANAGER, json={"command": command, "plugin": "webhooks"}, expect=(200, 202, 204))


def test_off_it_sends_nothing_and_on_again_it_goes_on(start: Start, receiver: Receiver) -> None:
    server = start()
    hook = server.admin.create_hook(receiver.url("/hook"), name="Stays", events=(), custom_events=CUSTOM)["hook"]
    tell(server, "disable")
    server.restart()
    server.admin.fire("HarnessEvent", {})
    server.admin.request("GET", "/plugin/webhooks/api/v1/status", expect=404)
    assert (server.folder / "data" / "webhooks" / "hooks.json").exists()

    tell(server, "enable")
    server.restart()
    assert [seen["id"] for seen in server.admin.hooks()] == [hook["id"]]
    server.admin.fire("HarnessEvent", {})
    receiver.wait_for_one("/hook")
    assert len(receiver.matching("/hook")) == 1, "what happened while it was off is not told"


def test_octoprint_deletes_what_is_set_up_when_it_is_asked_to(start: Start, receiver: Receiver) -> None:
    server = start()
    server.admin.create_hook(receiver.url("/hook"), name="Goes", events=(), custom_events=CUSTOM)
    tell(server, "disable")
    server.restart()
    assert (server.folder / "data" / "webhooks" / "hooks.json").exists()
    tell(server, "cleanup")
    server.admin.wait_for("the data to go", lambda: not (server.folder / "data" / "webhooks").exists())

    server.restart()
    assert server.admin.hooks() == [], "it is as new"
