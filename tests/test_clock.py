"""A clock that is wrong and then put right: nothing expires by that, and a signature has the right time on it."""

from __future__ import annotations

import time
from typing import Any

import standardwebhooks

from harness import Backlog, Faults, OctoPrintServer, Received, Receiver, Setup, Start, gcode

HOUR = 60 * 60
DAY = 24 * HOUR
LATE = {"fold_seconds": 60, "late_after_seconds": 1, "repeat_when_unsure": True}


def lateness(seen: Received) -> int:
    """In seconds, which is how less than a minute and a half is told; 0 when it was in time."""
    words = str(seen.json()["late"]).split()
    assert not words or words[1:] == ["s", "late"], words
    return int(words[0]) if words else 0


def ended_otherwise(server: OctoPrintServer) -> list[Any]:
    """Deliveries that ended and did not arrive."""
    return [seen for seen in server.admin.deliveries() if seen["state"] in ("given_up", "skipped")]


def test_a_clock_that_starts_in_1970_costs_nothing(start: Start, receiver: Receiver, faults: Faults) -> None:
    faults.set_clock(30)
    began = time.monotonic()
    server = start(Setup(), **faults.environment)
    admin = server.admin
    backlog = Backlog(server, receiver, patience=LATE)
    backlog.goes_down()
    key = admin.api("POST", "/signing-key", json={"kind": "hmac"})["key"]
    prints = {"events": ("print_started", "print_done"), "data": {"topic": "@topic"}}
    admin.create_hook(receiver.url("/signed"), signing={"keys": [key]}, **prints)
    admin.create_hook(receiver.url("/plain"), **prints)
    backlog.happen(range(4))
    admin.upload_and_print(gcode.paced(10))
    topics = [seen.json()["topic"] for seen in receiver.wait_for("/plain", count=2)]
    assert topics == ["Print Started", "Print Done"], "what needs no clock does not wait for it"
    waits = admin.wait_for_delivery(state="waiting", topic="Print Started")
    assert waits["message"].startswith("Waiting for the clock of this machine to be set")
    backlog.wait_for_waiting(6)
    assert receiver.matching("/signed") == []
    assert server.log_records()[-1].text.startswith("1970-01-01 "), "OctoPrint itself believed it"

    faults.shift_clock(0)
    signed = receiver.wait_for("/signed", count=2)
    assert [seen.json()["topic"] for seen in signed] == ["Print Started", "Print Done"]
    for seen in signed:
        # It refuses a time that is off by more than five minutes.
        standardwebhooks.Webhook(key).verify(seen.body, {name.lower(): value for name, value in seen.headers})
    assert time.monotonic() - began < 60, "it was the clock that it waited for, and not the end of its patience"

    backlog.comes_back()
    assert backlog.wait_for(3) == list(range(4))
    assert all(1 <= lateness(seen) <= time.monotonic() - began + 1 for seen in backlog.taken())
    assert ended_otherwise(server) == []


def test_a_step_of_the_clock_lets_nothing_expire(start: Start, receiver: Receiver, faults: Faults, once: None) -> None:
    began = time.monotonic()
    server = start(Setup(), **faults.environment)
    backlog = Backlog(server, receiver, patience=LATE)
    backlog.goes_down()
    for step, first in [(0, 0), (12 * HOUR, 2), (-12 * HOUR, 4), (2 * DAY, 6)]:
        faults.shift_clock(step)
        backlog.happen(range(first, first + 2))
        backlog.wait_for_waiting(first + 2)
    backlog.wait_for_stored(8)
    server.kill()
    faults.shift_clock(-DAY)
    server.start()
    faults.shift_clock(DAY)
    backlog.happen(range(8, 9))
    backlog.wait_for_waiting(9)
    backlog.comes_back()
    assert backlog.wait_for(8) == list(range(9)), "in order"
    late = [lateness(seen) for seen in backlog.taken()]
    assert late[0] >= 1
    assert max(late) <= time.monotonic() - began + 1
    assert ended_otherwise(server) == []


def test_when_it_happened_is_told_by_the_clock_that_was_put_right(
    start: Start, receiver: Receiver, faults: Faults, once: None
) -> None:
    faults.set_clock(30)
    server = start(Setup(), **faults.environment)
    backlog = Backlog(server, receiver, patience=LATE)
    backlog.goes_down()
    began = time.time()
    backlog.happen(range(2))
    backlog.wait_for_waiting(2)
    # An attempt that is under way already would still say what it knew.
    backlog.pause(True)
    faults.shift_clock(0)
    backlog.comes_back()
    backlog.pause(False)
    backlog.wait_for(1)
    for seen in backlog.taken():
        assert began - 2 <= seen.json()["time"] <= time.time()
