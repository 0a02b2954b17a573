"""The disk is full, read-only, stalled, or damaged: OctoPrint goes on, nothing is lost silently, and a person is told.

Faults are those of the plugin's folder alone, so that OctoPrint's log can be read. `harness/faults.c` makes them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from harness import Backlog, Faults, OctoPrintServer, Receiver, Setup, Start, gcode
from harness.bounded import until
from harness.client import API

PAGE = 1024
QUICK_SECONDS = 2.0
"""An answer that waits for no disk takes milliseconds; a machine under load gets more."""
DISK_SECONDS = 60.0
"""A disk that failed is tried again after 5 s, then after 10 s, then after 20 s."""


def start_faulty(start: Start, faults: Faults) -> OctoPrintServer:
    """An OctoPrint whose disk can fail, and whose log then says so."""
    server = start(Setup(), **faults.environment)
    server.problems_expected = True
    return server


def is_durable(server: OctoPrintServer) -> bool:
    return bool(server.admin.status()["outbox"]["durable"])


def wait_until_durable(server: OctoPrintServer) -> None:
    until("a disk that works again", lambda: is_durable(server), seconds=DISK_SECONDS, every=0.2)


def outbox(server: OctoPrintServer) -> Path:
    return server.data_folder / "state" / "outbox.db"


def log_of(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


# --- full and read-only -----------------------------------------------------------------------------------------------


def a_print_while_nothing_can_be_written(
    server: OctoPrintServer, receiver: Receiver, fault: Callable[[Path], None], faults: Faults
) -> None:
    """The print goes on, what it tells arrives, and what waits when the disk is back survives a kill."""
    admin = server.admin
    backlog = Backlog(server, receiver)
    backlog.goes_down()
    backlog.happen(range(2))
    backlog.wait_for_waiting(2)
    view = admin.create_hook(receiver.url("/print"), events=("print_started", "print_done"), data={"topic": "@topic"})
    file = server.data_folder / "hooks.json"
    saved = file.read_bytes()

    fault(server.data_folder)
    admin.upload_and_print(gcode.paced(10))
    admin.wait_for_event("PrintDone")
    printed = [seen.json()["topic"] for seen in receiver.wait_for("/print", count=2)]
    assert printed == ["Print Started", "Print Done"]
    backlog.happen(range(2, 4))
    backlog.wait_for_waiting(4)
    assert not is_durable(server)
    told = server.wait_for_log("Events cannot be saved: ")
    assert "They are kept in memory and still sent, but a restart would lose those that wait." in told
    assert told.endswith("Make space or check the SD card.")
    answer = admin.request("PUT", f"{API}/hooks/{view['hook']['id']}", json=view["hook"], expect=507).json()
    assert answer["error"]["message"].startswith("The hooks could not be saved to ")
    assert file.read_bytes() == saved

    backlog.comes_back()
    assert backlog.wait_for(3) == list(range(4))
    backlog.goes_down()
    backlog.happen(range(4, 6))
    backlog.wait_for_waiting(2)

    faults.none()
    wait_until_durable(server)
    server.wait_for_log("Events can be saved again; moved from memory to disk: 2.")
    server.kill()
    server.start()
    backlog.comes_back()
    assert backlog.wait_for(5) == list(range(6)), "each once, in order"


def test_a_print_goes_on_while_the_disk_is_full(start: Start, receiver: Receiver, faults: Faults) -> None:
    server = start_faulty(start, faults)
    a_print_while_nothing_can_be_written(server, receiver, faults.full, faults)
    assert "the disk is full" in server.wait_for_log("Events cannot be saved: ")


def test_a_print_goes_on_while_the_disk_is_readonly(start: Start, receiver: Receiver, faults: Faults) -> None:
    server = start_faulty(start, faults)
    a_print_while_nothing_can_be_written(server, receiver, faults.readonly, faults)


def test_the_log_says_that_the_disk_is_readonly(start: Start, receiver: Receiver, faults: Faults, once: None) -> None:
    server = start_faulty(start, faults)
    backlog = Backlog(server, receiver)
    faults.readonly(server.data_folder)
    backlog.happen(range(1))
    backlog.wait_for(0)
    assert "read-only" in server.wait_for_log("Events cannot be saved: ")


@pytest.mark.parametrize("end", [OctoPrintServer.stop, OctoPrintServer.kill], ids=["stopped", "killed"])
def test_what_waits_is_sent_from_a_disk_that_is_readonly_at_the_start(
    start: Start, receiver: Receiver, faults: Faults, once: None, end: Callable[[OctoPrintServer], Any]
) -> None:
    server = start_faulty(start, faults)
    backlog = Backlog(server, receiver)
    backlog.pause(True)
    backlog.happen(range(3))
    backlog.wait_for_stored(3)
    end(server)
    faults.readonly(server.data_folder)
    server.start()
    server.wait_for_log("Events cannot be saved: ")
    assert not is_durable(server)
    backlog.happen(range(3, 5))
    backlog.pause(False)
    assert backlog.wait_for(4) == list(range(5))

    faults.none()
    wait_until_durable(server)
    server.wait_for_log("Events can be saved again")
    server.restart()
    backlog.happen(range(5, 6))
    assert backlog.wait_for(5) == list(range(6)), "nothing is sent again"


def test_what_waits_is_sent_from_a_disk_that_is_full_at_the_start(
    start: Start, receiver: Receiver, faults: Faults, once: None
) -> None:
    server = start_faulty(start, faults)
    backlog = Backlog(server, receiver)
    backlog.pause(True)
    backlog.happen(range(3))
    backlog.wait_for_stored(3)
    server.kill()
    faults.full(server.data_folder)
    server.start()
    backlog.happen(range(3, 5))
    backlog.pause(False)
    assert backlog.wait_for(4) == list(range(5))
    assert "the disk is full" in server.wait_for_log("Events cannot be saved: ")


# --- stalled ----------------------------------------------------------------------------------------------------------


def test_a_disk_that_hangs_holds_up_nobody(start: Start, receiver: Receiver, faults: Faults) -> None:
    server = start_faulty(start, faults)
    admin = server.admin
    backlog = Backlog(server, receiver)
    faults.stall(server.data_folder)
    backlog.happen(range(3))
    until("a flush that hangs", lambda: faults.hanging)

    for path in ("/api/version", "/api/job", f"{API}/status", f"{API}/hooks", f"{API}/deliveries"):
        answer = requests.get(server.url + path, headers=dict(admin.session.headers), timeout=QUICK_SECONDS)
        assert answer.status_code == 200, path
    admin.start_ticking(500, 2)
    backlog.happen(range(3, 20))
    assert len(admin.tick_latencies()) == 500
    assert faults.hanging, "the event thread went through all of these while it hung"
    admin.upload_and_print(gcode.paced(10))
    admin.wait_for_event("PrintDone")
    assert faults.hanging, "and so did a print"
    assert backlog.numbers() == [], "nothing is sent before it is stored"

    faults.none()
    assert backlog.wait_for(19) == list(range(20)), "each once, in order"
    assert server.log_problems() == []


def test_a_hook_that_is_saved_to_a_disk_that_hangs_holds_up_nobody_else(
    start: Start, receiver: Receiver, faults: Faults, once: None
) -> None:
    server = start_faulty(start, faults)
    admin = server.admin
    backlog = Backlog(server, receiver)
    view = admin.hook(backlog.hook)
    faults.stall(server.data_folder)
    saving = threading.Thread(target=lambda: server.admin.change_hook(view, name="saved in the end"))
    saving.start()
    try:
        until("a save that hangs", lambda: faults.hanging)
        for path in ("/api/version", f"{API}/hooks", f"{API}/deliveries", f"{API}/status"):
            answer = requests.get(server.url + path, headers=dict(admin.session.headers), timeout=QUICK_SECONDS)
            assert answer.status_code == 200, path
    finally:
        faults.none()
        saving.join(30)
    assert admin.hook(backlog.hook)["hook"]["name"] == "saved in the end"


def test_octoprint_ends_while_the_disk_hangs_and_says_what_was_not_stored(
    start: Start, receiver: Receiver, faults: Faults, once: None
) -> None:
    server = start_faulty(start, faults)
    backlog = Backlog(server, receiver)
    faults.stall(server.data_folder)
    backlog.happen(range(1))
    until("a flush that hangs", lambda: faults.hanging)
    backlog.happen(range(1, 4))
    backlog.wait_for_waiting(4)
    server.stop()
    faults.none()
    server.start()
    backlog.happen(range(4, 5))
    arrived = backlog.wait_for(4)
    assert arrived == sorted(set(arrived)), "each at most once"
    lost = all_that_did_not_arrive(server)
    assert len(lost) == 5 - len(arrived)


# --- damaged ----------------------------------------------------------------------------------------------------------

Damage = Callable[[Path], None]
GARBAGE = b"\xa5" * PAGE


def pages_in_the_middle(database: Path) -> None:
    content = database.read_bytes()
    middle = len(content) // 2 // PAGE * PAGE
    database.write_bytes(content[:middle] + GARBAGE * 2 + content[middle + 2 * PAGE :])


def the_second_half_is_gone(database: Path) -> None:
    content = database.read_bytes()
    database.write_bytes(content[: len(content) // 2 + 100])


def both_beginnings(database: Path) -> None:
    """The log would mend the file's beginning alone: it holds a newer one."""
    for path in (database, log_of(database)):
        path.write_bytes(GARBAGE + path.read_bytes()[PAGE:])


def all_that_did_not_arrive(server: OctoPrintServer) -> list[dict[str, Any]]:
    """What the delivery log tells of them. Each has ended, and none is told to have been worth no write."""
    lost = [seen for seen in server.admin.deliveries() if seen["state"] != "delivered"]
    for seen in lost:
        assert seen["state"] in ("given_up", "skipped"), seen
        assert "worth no write" not in seen["message"], seen
    return lost


def killed_with_a_backlog(start: Start, faults: Faults, receiver: Receiver) -> tuple[OctoPrintServer, Backlog]:
    """Killed with 20 events of an earlier run in the file, and 5 of the last one in its log."""
    server = start_faulty(start, faults)
    backlog = Backlog(server, receiver)
    backlog.pause(True)
    backlog.happen(range(20))
    backlog.wait_for_waiting(20)
    server.restart()
    for number in range(20, 25):
        # One flush each: of a flush that was not the last one, a power cut leaves nothing broken.
        backlog.happen(range(number, number + 1))
        backlog.wait_for_stored(number - 19)
    backlog.wait_for_waiting(25)
    # The delivery log is written within 5 s; whoever asks for a page of it sees all that was said before.
    server.admin.api("GET", "/deliveries?limit=50")
    server.kill()
    assert outbox(server).stat().st_size > 20 * PAGE
    assert log_of(outbox(server)).stat().st_size > 5 * PAGE
    return server, backlog


@pytest.mark.parametrize(
    ("damage", "least"), [(pages_in_the_middle, 22), (the_second_half_is_gone, 12), (both_beginnings, 0)]
)
def test_what_can_be_read_of_a_damaged_outbox_is_sent(
    start: Start, receiver: Receiver, faults: Faults, once: None, damage: Damage, least: int
) -> None:
    server, backlog = killed_with_a_backlog(start, faults, receiver)
    damage(outbox(server))
    damaged = outbox(server).read_bytes()
    hooks = (server.data_folder / "hooks.json").read_bytes()
    server.start()
    backlog.happen(range(25, 28))
    backlog.pause(False)
    arrived = backlog.wait_for(27)

    assert arrived == sorted(set(arrived)), "each once, in order"
    assert arrived[-3:] == [25, 26, 27]
    salvaged = len(arrived) - 3
    assert least <= salvaged < 25
    told = server.wait_for_log("The file with the events that wait to be sent was damaged")
    assert f"Events that could be saved: {salvaged}." in told
    aside = [path for path in outbox(server).parent.glob("outbox.damaged-*.db") if path.name in told]
    assert len(aside) == 1
    assert re.fullmatch(r"outbox\.damaged-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.db", aside[0].name)
    # Its log may have been copied into it while it was read.
    assert aside[0].stat().st_size >= len(damaged)
    assert (server.data_folder / "hooks.json").read_bytes() == hooks
    assert is_durable(server)


def test_what_damage_took_is_told_in_words(start: Start, receiver: Receiver, faults: Faults, once: None) -> None:
    server, backlog = killed_with_a_backlog(start, faults, receiver)
    pages_in_the_middle(outbox(server))
    server.start()
    backlog.pause(False)
    arrived = backlog.wait_for(24)
    told = server.wait_for_log("The file with the events that wait to be sent was damaged")
    assert "\n" not in told
    assert not re.search(r"\*\*\*|btree|error code", told)
    assert len(all_that_did_not_arrive(server)) == 25 - len(arrived)


def test_a_log_that_is_damaged_in_the_middle_is_told(
    start: Start, receiver: Receiver, faults: Faults, once: None
) -> None:
    server, backlog = killed_with_a_backlog(start, faults, receiver)
    log = log_of(outbox(server))
    content = log.read_bytes()
    log.write_bytes(content[: 2 * PAGE] + GARBAGE + content[3 * PAGE :])
    server.start()
    backlog.happen(range(25, 26))
    backlog.pause(False)
    arrived = backlog.wait_for(25)
    assert arrived[:20] == list(range(20))
    assert len(arrived) < 26, "the damage took something"
    server.wait_for_log("The file with the events that wait to be sent was damaged")


def test_a_damaged_delivery_log_and_damaged_standings_cost_no_event(
    start: Start, receiver: Receiver, faults: Faults, once: None
) -> None:
    server, backlog = killed_with_a_backlog(start, faults, receiver)
    state = outbox(server).parent
    journal = state / "journal.db"
    journal.write_bytes(GARBAGE + journal.read_bytes()[PAGE:])
    log_of(journal).unlink()
    (state / "standings.json").write_bytes(b'{"hooks": {"' + GARBAGE)
    server.start()

    # The pause was in the standings.
    assert backlog.wait_for(24) == list(range(25))
    told = server.wait_for_log("The file with the delivery log was damaged")
    assert told.endswith("so the log starts empty. No event was lost by that.")
    backlog.happen(range(25, 26))
    assert backlog.wait_for(25) == list(range(26))
    assert server.admin.deliveries()[0]["state"] == "delivered"
