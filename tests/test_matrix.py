"""What Matrix is sent is what a homeserver takes, and what people in the room see: Synapse is the receiver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness import Client, gcode
from harness.alone import Api
from harness.bounded import until
from harness.synapse import Room, is_installed, synapse


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    if not is_installed():
        pytest.skip("Synapse is not here: pip could not install it, see `make .cache/stamps/synapse`")
    with synapse(tmp_path_factory.mktemp("synapse")) as room:
        yield room


@pytest.fixture
def room(server: Room) -> Room:
    """A room of this test's own."""
    return server.another()


TOLD = ["print_started", "print_progress", "print_done"]


def _draft(api: Api, room: Room, *, token: str | None = None, **wish: Any) -> Any:
    answers = {"server": room.server, "room": room.id, "token": token or room.token}
    return api.drafted("matrix", answers, **wish)


def test_a_message_is_in_the_room(api: Api, room: Room) -> None:
    result = api.send(_draft(api, room))
    assert result["ok"], result["headline"]
    [message] = room.messages()
    assert message["now"] == "Print Done\nYour print is done."


def test_a_wrong_token_is_named(api: Api, room: Room) -> None:
    result = api.send(_draft(api, room, token="syt_cHJpbnRlcg_wrong"))
    assert (result["ok"], result["answer"]["status"]) == (False, 401)
    assert room.messages() == []


def test_one_message_of_a_print_changes_and_its_end_is_another(api: Api, room: Room) -> None:
    print_with(api, _draft(api, room, follow_up="change", events=TOLD), room)
    first, last = room.messages()
    assert first["body"].startswith("Print Started")
    assert first["now"].split("\n") == ["Print Progress", "Your print is 50 % complete."]
    assert last["now"].startswith("Print Done")


def test_a_print_has_a_thread(api: Api, room: Room) -> None:
    print_with(api, _draft(api, room, follow_up="thread", events=TOLD), room)
    first, *others = room.messages()
    assert [message["now"].split("\n")[0] for message in (first, *others)] == [
        "Print Started",
        "Print Progress",
        "Print Done",
    ]
    assert "m.relates_to" not in first
    assert [(of["rel_type"], of["event_id"]) for of in (message["m.relates_to"] for message in others)] == [
        ("m.thread", first["id"])
    ] * 2


@pytest.mark.parametrize("mode", ["change", "thread"])
def test_a_print_of_octoprint_is_in_the_room(admin: Client, room: Room, mode: str) -> None:
    answers = {"server": room.server, "room": room.id, "token": room.token}
    wish = {"answers": answers, "events": TOLD, "follow_up": mode}
    hook = admin.api("POST", "/services/matrix/draft", json=wish)["hook"]
    admin.api("POST", "/hooks", json=hook | {"progress_interval_percent": 20}, expect=201)
    admin.upload_and_print(gcode.paced(120), "matrix.gcode")
    until(
        "the end of the print in the room",
        lambda: any(message["now"].startswith("Print Done") for message in room.messages()),
        seconds=60,
    )
    admin.wait_for_state("Operational")

    first, *others = room.messages()
    assert first["body"].startswith("Print Started")
    if mode == "change":
        assert first["now"].startswith("Print Progress")
        assert [message["now"].split("\n")[0] for message in others] == ["Print Done"]
    else:
        assert len(others) >= 4
        for message in others:
            of = message["m.relates_to"]
            assert (of["rel_type"], of["event_id"]) == ("m.thread", first["id"])


def print_with(api: Api, hook: Any, room: Room) -> None:
    """A print that is told of at its start, its half, and its end, each seen in the room before the next happens."""
    made = api("POST", "/hooks", hook | {"progress_interval_percent": 50})
    engine = api.engine
    steps = [
        ("Print Started", lambda: engine.observe_event("PrintStarted", FILE, _context(0))),
        ("Print Progress", lambda: engine.observe_progress(_context(50))),
        ("Print Done", lambda: engine.observe_event("PrintDone", FILE | {"time": 60}, _context(100))),
    ]
    try:
        for topic, happens in steps:
            happens()
            until(topic, lambda topic=topic: any(message["now"].startswith(topic) for message in room.messages()))
    finally:
        api("DELETE", f"/hooks/{made['hook']['id']}")


FILE = {"name": "benchy.gcode", "path": "benchy.gcode", "origin": "local", "size": 1000}


def _context(percent: float) -> dict[str, Any]:
    return {
        "state": {"text": "Printing", "flags": {"printing": True}},
        "job": {"file": FILE, "user": "anna"},
        "progress": {"completion": float(percent), "filepos": percent * 10, "printTime": 60, "printTimeLeft": 60},
    }
