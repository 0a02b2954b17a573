"""Quiet hours on a real print: what is held, what is sent all the same, and what becomes of it after a restart."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from harness import Client, Faults, Receiver, Setup, Start, draft, gcode

ALWAYS = {"from": "00:00", "until": "00:00", "days": []}


def quiet(what: str, **others: Any) -> dict[str, Any]:
    return {"enabled": True, "span": ALWAYS, "what": what, **others}


DATA = {"topic": "@topic", "silent": "@silent", "name": "@extra.name"}


def test_what_is_held_is_sent_when_it_may_and_what_needs_somebody_at_once(admin: Client, receiver: Receiver) -> None:
    events = ("print_started", "print_done", "user_action_needed")
    view = admin.create_hook(receiver.url("/hook"), name="Held", events=events, data=DATA, quiet=quiet("hold"))
    admin.upload_and_print(gcode.paced(100))
    admin.wait_for_state("Printing")
    admin.printer_says("echo:busy: paused for user")
    admin.wait_for_event("PrintDone", seconds=60)

    assert receiver.wait_for_one("/hook").json()["topic"] == "User Action Needed"
    for event in ("PrintStarted", "PrintDone"):
        held = admin.wait_for_delivery(state="waiting", event=event, hook_name="Held")
        assert held["message"] == "Held until 00:00: quiet hours."
    admin.change_hook(view, quiet={"enabled": False})
    admin.api("POST", f"/hooks/{view['hook']['id']}/try")
    topics = [request.json()["topic"] for request in receiver.wait_for("/hook", count=3)]
    assert topics[1:] == ["Print Started", "Print Done"]


def test_when_quiet_hours_are_over_one_message_tells_of_all_that_was_held(
    start: Start, receiver: Receiver, faults: Faults
) -> None:
    admin = start(Setup(), **faults.environment).admin
    data = {"topic": "@topic", "count": "@digest.count", "lines": "@digest.lines"}
    now, hour = datetime.now(), timedelta(hours=1)
    span = {"from": f"{now - hour:%H:%M}", "until": f"{now + hour:%H:%M}", "days": []}
    events = ("print_started", "print_done")
    held = quiet("hold", digest=True) | {"span": span}
    view = admin.create_hook(receiver.url("/hook"), name="Digest", events=events, data=data, quiet=held)
    admin.upload_and_print(gcode.tiny())
    admin.wait_for_delivery(state="waiting", event="PrintDone", hook_name="Digest")
    assert receiver.matching("/hook") == []

    faults.shift_clock(2 * 60 * 60)
    admin.api("POST", f"/hooks/{view['hook']['id']}/try")
    told = receiver.wait_for_one("/hook").json()
    assert (told["topic"], told["count"]) == ("Print Done", 1)
    [line] = told["lines"]
    assert re.fullmatch(r"\d\d:\d\d .*print.*started.*", line), line
    went_along = admin.wait_for_delivery(state="skipped", event="PrintStarted", hook_name="Digest")
    assert went_along["message"] == "Told together with others when the quiet hours were over."


def test_what_is_silenced_says_so_and_what_is_dropped_says_why(admin: Client, receiver: Receiver) -> None:
    admin.create_hook(receiver.url("/silent"), data=DATA, quiet=quiet("silence"))
    admin.create_hook(receiver.url("/dropped"), name="Dropped", data=DATA, quiet=quiet("drop"))
    admin.create_hook(receiver.url("/loud"), data=DATA, quiet=quiet("drop", bypass="lifecycle"))
    admin.upload_and_print(gcode.tiny())

    assert receiver.wait_for_one("/silent").json()["silent"] is True
    assert receiver.wait_for_one("/loud").json()["silent"] is False
    skipped = admin.wait_for_delivery(state="skipped", event="PrintDone", hook_name="Dropped")
    assert skipped["message"] == "Not sent: quiet hours until 00:00."
    assert receiver.matching("/dropped") == []


def test_a_test_says_what_quiet_hours_would_do(admin: Client, receiver: Receiver) -> None:
    def notes(what: str, event: str = "print_done") -> list[str]:
        tested = admin.test_hook(draft(receiver.url("/hook"), data=DATA, quiet=quiet(what)), event)
        return [problem["message"] for problem in tested["problems"] if problem["field"] == "quiet"]

    assert notes("hold") == ["Now are quiet hours: it would wait until 00:00. A test goes at once."]
    assert notes("silence") == ["Now are quiet hours, until 00:00: @silent is true, in this test as well."]
    assert notes("drop") == ["Now are quiet hours, until 00:00: it would not be sent. A test is."]
    assert notes("drop", "user_action_needed") == []
    sent = [request.json()["silent"] for request in receiver.matching("/hook")]
    assert sent == [False, True, False, False]


def test_times_that_are_none_are_refused_with_their_field(admin: Client, receiver: Receiver) -> None:
    wrong = draft(receiver.url("/hook"), quiet=quiet("hold") | {"span": {"from": "25:00", "until": "07:00"}})
    fields = [problem["field"] for problem in admin.check(wrong) if problem["severity"] == "error"]
    assert fields == ["quiet.span.from"]
