"""What a print says in its G-code reaches a receiver: `M117`, `M118`, and `@webhook`."""

from __future__ import annotations

from harness import Client, Listener, Receiver, gcode

LINES = """M117 Layer 1 of 3
M118 E1 Filter is on
@webhook bed_empty slot=3 note="take it out"
@webhook other
M117
"""


def test_words_and_commands_of_a_print(admin: Client, receiver: Receiver) -> None:
    every = Listener(admin, receiver, events=("display_message", "webhook_command"))
    admin.create_hook(
        receiver.url("/only"),
        data={"event": "@event", "slot": "@extra.values.slot", "message": "@message"},
        events=(),
        custom_events=[{"event": "webhook_bed_empty", "message": "Slot @extra.values.slot: @extra.values.note."}],
    )
    admin.upload_and_print(gcode.paced(4) + LINES + gcode.paced(4))
    admin.wait_for_event("PrintDone", seconds=60)

    receiver.wait_for("/only")
    heard = every.settle()
    [body] = [request.json() for request in receiver.matching("/only")]
    assert body == {"event": "webhook_bed_empty", "slot": 3, "message": "Slot 3: take it out."}
    commands = [body["extra"] for body in heard if body["topic"] == "Webhook Command"]
    assert [command["name"] for command in commands] == ["bed_empty", "other"]
    assert commands[0]["values"] == {"slot": 3, "note": "take it out"}
    # Of two that come at once, only the latest is worth sending.
    said = [body["extra"] for body in heard if body["topic"] == "Display Message"]
    assert said[-1] == {"command": "M118", "text": "Filter is on"}
    assert all(body["job"]["file"]["name"] == "model.gcode" and body["jobId"] for body in heard)


def test_what_nobody_asked_for_is_not_sent(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("print_started", "print_done"))
    admin.upload_and_print(gcode.paced(2) + LINES + gcode.paced(2))
    listener.wait_for("Print Done", timeout=60)
    listener.settle()
    assert listener.topics() == ["Print Started", "Print Done"]
