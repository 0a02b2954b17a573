"""OctoPrint's threads arrive at the bridge: it hands over what is wanted, keeps what is early, and never raises."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from fakes import FakeEngine, FakePrinter

from harness.bounded import until
from octoprint_webhooks.bridge import EARLY_EVENTS, Bridge
from octoprint_webhooks.complaints import Complaints
from octoprint_webhooks.printer_view import PrinterView


class Panic(BaseException):
    """As a panic of Rust arrives in Python."""


@pytest.fixture
def printer() -> FakePrinter:
    return FakePrinter()


@pytest.fixture
def bridge(printer: FakePrinter, monkeypatch: pytest.MonkeyPatch) -> Bridge:
    monkeypatch.setattr("octoprint_webhooks.bridge.LOOK_SECONDS", 3600.0)  # The tests look themselves.
    bridge = Bridge(Complaints())
    bridge.look_at(PrinterView(printer))
    return bridge


def connected(bridge: Bridge, **wanted: int) -> FakeEngine:
    engine = FakeEngine(wanted)
    bridge.connect(engine, lambda: engine.seen.append(("settings changed",)))  # type: ignore[arg-type]
    return engine


def tick(completion: float | None, path: str = "a.gcode") -> dict[str, Any]:
    return {"progress": {"completion": completion}, "job": {"file": {"path": path, "origin": "local"}}}


def looks_at(bridge: Bridge, printer: FakePrinter, *moments: dict[str, Any]) -> None:
    """A print, looked at so often."""
    printer.prints = True
    for data in moments:
        printer.data = data
        bridge.look()


def test_what_nobody_wants_costs_no_look_at_the_printer(bridge: Bridge, printer: FakePrinter) -> None:
    engine = connected(bridge)
    bridge.on_event("ZChange", {"new": 1})
    assert engine.seen == []
    assert printer.asked == 0


def test_a_context_is_taken_only_if_it_is_wanted(bridge: Bridge, printer: FakePrinter) -> None:
    engine = connected(bridge, Plain=1, Full=2)
    bridge.on_event("Plain", {"a": 1})
    assert printer.asked == 0
    bridge.on_event("Full", None)
    assert engine.seen[0] == ("event", "Plain", {"a": 1}, None)
    kind, name, payload, context = engine.seen[1]
    assert (kind, name, payload) == ("event", "Full", None)
    assert context["temperatures"]["tool0"]["target"] == 210.0
    assert isinstance(context["utcOffset"], int)


def test_a_printer_that_cannot_answer_leaves_its_part_out(bridge: Bridge, printer: FakePrinter) -> None:
    engine = connected(bridge, Full=2)
    printer.broken = True
    bridge.on_event("Full", None)
    context = engine.seen[0][3]
    assert set(context) == {"temperatures", "utcOffset", "uptime"}


def test_events_before_the_engine_are_kept_as_they_were(bridge: Bridge) -> None:
    shared = {"reason": None}
    bridge.on_event("Startup", shared)
    shared["reason"] = "changed by another plugin"
    bridge.on_event("Unwanted", None)
    engine = connected(bridge, Startup=1)
    assert [seen[:3] for seen in engine.seen] == [("event", "Startup", {"reason": None})]


def test_early_events_are_limited_and_forgotten_without_an_engine(bridge: Bridge) -> None:
    for number in range(EARLY_EVENTS + 50):
        bridge.on_event("Startup", number)
    bridge.give_up()
    bridge.on_event("Startup", "late")
    assert connected(bridge, Startup=1).seen == []


def test_nothing_escapes_to_the_event_bus_and_it_is_said_once(bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    engine = connected(bridge)
    engine.broken = Panic("at the engine")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            bridge.on_event("PrintDone", {})
        bridge.disconnect(5)
    assert [record.message for record in caplog.records] == ["Handing over an event failed: at the engine"]


def test_a_line_is_always_given_back(bridge: Bridge) -> None:
    engine = connected(bridge)
    for line in ("ok T:20", "echo:busy: paused for user", "//action:Paused For User"):
        assert bridge.on_line(object(), line) == line
    assert bridge.on_line(object(), None) is None  # type: ignore[arg-type]
    bridge.disconnect(5)
    assert [seen[1] for seen in engine.seen] == ["echo:busy: paused for user", "//action:Paused For User"]


def test_progress_is_told_per_percent_and_job(bridge: Bridge, printer: FakePrinter) -> None:
    engine = connected(bridge, progress=1)
    moments = (tick(None), tick(10.1), tick(10.9), tick(11.0), tick(11.2, "b.gcode"), tick(None), tick(11.2, "b.gcode"))
    looks_at(bridge, printer, *moments)
    bridge.disconnect(5)
    assert [seen[1] for seen in engine.seen] == [10.1, 11.0, 11.2, 11.2]


def test_progress_that_nobody_wants_costs_no_look(bridge: Bridge, printer: FakePrinter) -> None:
    engine = connected(bridge)
    looks_at(bridge, printer, tick(50.0), {"progress": None})
    bridge.disconnect(5)
    assert (engine.seen, printer.asked) == ([], 0)


def test_progress_is_looked_at_once_more_after_the_end(bridge: Bridge, printer: FakePrinter) -> None:
    engine = connected(bridge, progress=1)
    bridge.look()
    assert printer.asked == 0, "nothing is printed yet"
    looks_at(bridge, printer, tick(99.0))
    printer.prints, printer.data = False, tick(100.0)
    for _ in range(3):
        bridge.look()
    bridge.disconnect(5)
    assert [seen[1] for seen in engine.seen] == [99.0, 100.0]


def test_a_job_that_goes_while_it_is_looked_at_is_no_progress(bridge: Bridge, printer: FakePrinter) -> None:
    engine = connected(bridge, progress=1)
    looks_at(bridge, printer, {"progress": None}, {}, {"progress": {"completion": 1.0}, "job": None})
    printer.broken = True
    bridge.look()
    bridge.disconnect(5)
    assert [seen[1] for seen in engine.seen] == [1.0]


def test_what_cannot_be_looked_at_hides_nothing_else(
    bridge: Bridge, printer: FakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    engine = connected(bridge, progress=1, lines=1)
    engine.broken = RuntimeError("no wish is known")  # Asked for temperatures, between the lines and the progress.
    printer.reads(200.0)
    bridge.on_line(None, "a line to match")
    looks_at(bridge, printer, tick(10.0))
    bridge.disconnect(5)
    assert [seen[0] for seen in engine.seen] == ["terminal", "progress"]
    assert [record.message for record in caplog.records] == ["Observing the printer failed: no wish is known"]


def test_the_observer_looks_by_itself(bridge: Bridge, printer: FakePrinter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octoprint_webhooks.bridge.LOOK_SECONDS", 0.01)
    engine = connected(bridge, progress=1)
    printer.prints = True
    until("the observer's look", lambda: engine.seen)
    bridge.disconnect(5)
    assert engine.seen[0][:2] == ("progress", 12.5)


@pytest.mark.parametrize(
    ("line", "is_handed_over"),
    [
        ("Error:Probing failed", True),
        ("!! Move out of range", True),
        ("Error:Line Number is not Last Line Number+1", False),
        ("Error:checksum mismatch, Last Line: 4", False),
        ("echo:Layer 3 of 100", True),
        ("Layer 3/100", True),
        ("NORMAL MODE: Percent done: 3; print time remaining in mins: 90; Change in mins: -1", True),
        ('echo:Unknown command: "M73 P3 R90"', True),
        ("echo:M73 Progress: 3%; Time left: 90m", True),
        ("echo:busy: processing", False),
        ("ok T:20", False),
    ],
)
def test_of_the_lines_only_those_that_may_say_something_are_handed_over(
    bridge: Bridge, line: str, is_handed_over: bool
) -> None:
    engine = connected(bridge, layers=1)
    assert bridge.on_line(None, line) == line
    bridge.disconnect(5)
    assert [seen[:2] for seen in engine.seen] == ([("line", line)] if is_handed_over else [])


def test_lines_about_layers_are_for_whoever_wants_layers(bridge: Bridge) -> None:
    engine = connected(bridge)
    bridge.on_line(None, "echo:Layer 3 of 100")
    bridge.disconnect(5)
    assert engine.seen == []


def test_changed_settings_are_looked_at_by_the_observer(bridge: Bridge) -> None:
    engine = connected(bridge)
    bridge.on_event("SettingsUpdated", {})
    bridge.disconnect(5)
    assert engine.seen == [("settings changed",)]


def test_it_connects_and_disconnects_many_times(bridge: Bridge) -> None:
    for _ in range(100):
        engine = connected(bridge, PrintDone=1)
        bridge.on_event("PrintDone", None)
        bridge.on_line(object(), "echo:busy: paused for user")
        bridge.disconnect(5)
        assert [seen[0] for seen in engine.seen] == ["event", "line"]


def test_events_between_two_engines_are_kept_for_the_next(bridge: Bridge) -> None:
    first = connected(bridge, PrintDone=1)
    bridge.disconnect(5)
    bridge.wait_for_another()
    bridge.on_event("PrintDone", {"name": "between"})
    second = connected(bridge, PrintDone=1)
    bridge.on_event("PrintDone", {"name": "after"})
    assert first.seen == []
    assert [seen[2]["name"] for seen in second.seen] == ["between", "after"]


def test_late_events_still_reach_the_engine_that_stopped(bridge: Bridge) -> None:
    engine = connected(bridge, Shutdown=1)
    bridge.disconnect(5)
    bridge.on_event("Shutdown", None)
    assert bridge.saw_shutdown.is_set()
    assert engine.seen == [("event", "Shutdown", None, None)]


def test_what_a_print_says_is_handed_over_where_it_is_wanted(bridge: Bridge, printer: FakePrinter) -> None:
    engine = connected(bridge)
    bridge.on_sent(None, "sent", "M117 Layer 1", None, "M117")
    bridge.on_sent(None, "sent", "G1 X1", None, "G1", None, tags=set())
    bridge.on_at_command(None, "sending", "Webhook", "bed_empty slot=3", tags=set())
    bridge.on_at_command(None, "sending", "pause", "")
    bridge.disconnect(5)
    assert [seen[:2] for seen in engine.seen] == [("gcode", "@webhook bed_empty slot=3")]
    assert printer.asked == 1

    engine = connected(bridge, plugin_webhooks_display_message=2)
    bridge.on_sent(None, "sent", "M117 Layer 1", None, "M117")
    bridge.disconnect(5)
    assert [seen[:2] for seen in engine.seen] == [("gcode", "M117 Layer 1")]


def test_what_a_print_says_never_ends_it(bridge: Bridge) -> None:
    engine = connected(bridge)
    engine.broken = RuntimeError("a fault of the engine")
    bridge.on_sent(None, "sent", "M117 Layer 1", None, "M117")
    bridge.on_at_command(None, "sending", 7, None)
    engine.broken = None
    bridge.on_at_command(None, "sending", "webhook", "x")
    bridge.disconnect(5)
    assert [seen[:2] for seen in engine.seen] == [("gcode", "@webhook x")], "one that failed ends nothing"


def test_lines_are_looked_at_with_the_next_look_where_somebody_waits_for_them(bridge: Bridge) -> None:
    engine = connected(bridge)
    bridge.on_line(None, "a line to match")
    bridge.look()
    bridge.disconnect(5)
    assert engine.seen == []

    engine = connected(bridge, lines=1)
    for line in ("ok T:20", "a line to match", "ok", "no comment"):
        assert bridge.on_line(None, line) == line
    assert engine.seen == [], "not on the thread that prints"
    bridge.look()
    bridge.disconnect(5)
    assert [seen[:2] for seen in engine.seen] == [("terminal", "a line to match")]


def test_lines_from_before_a_hook_waits_for_them_are_let_go(bridge: Bridge) -> None:
    engine = connected(bridge)
    bridge.on_line(None, "a line to match")
    bridge.look()
    engine.wanted["lines"] = 1
    bridge.on_line(None, "another line to match")
    bridge.look()
    bridge.disconnect(5)
    assert [seen[:2] for seen in engine.seen] == [("terminal", "another line to match")]


def test_no_line_is_kept_while_no_engine_runs(bridge: Bridge) -> None:
    bridge.on_line(None, "a line to match before")
    engine = connected(bridge, lines=1)
    bridge.disconnect(5)
    bridge.on_line(None, "a line to match between")
    bridge.wait_for_another()
    second = connected(bridge, lines=1)
    bridge.look()
    bridge.disconnect(5)
    assert engine.seen == second.seen == []


def test_each_reading_of_the_temperatures_is_told_once(bridge: Bridge, printer: FakePrinter) -> None:
    engine = connected(bridge)
    printer.reads(198.0)
    bridge.look()
    bridge.disconnect(5)
    assert (engine.seen, printer.asked) == ([], 0), "nobody wants it"

    engine = connected(bridge, plugin_webhooks_temperature=2)
    bridge.look()
    for actual in (199.0, 199.0, 201.0):
        printer.reads(actual)
    bridge.look()
    bridge.look()
    printer.history = printer.history[-1:]
    printer.reads(202.0)
    bridge.look()
    bridge.disconnect(5)
    assert [seen[1]["tool0"]["actual"] for seen in engine.seen] == [199.0, 199.0, 201.0, 202.0]
    assert printer.asked == 2, "once for all that were read between two looks"


def test_readings_from_before_the_engine_are_not_told_and_those_of_a_new_connection_all(
    bridge: Bridge, printer: FakePrinter
) -> None:
    printer.reads(196.0)
    engine = connected(bridge, plugin_webhooks_temperature=2)
    bridge.look()
    assert engine.seen == []
    printer.history = []  # OctoPrint begins anew with each connection, and forgets what is half an hour old.
    for actual in (197.0, 198.0):
        printer.reads(actual)
    bridge.look()
    bridge.disconnect(5)
    assert [seen[1]["tool0"]["actual"] for seen in engine.seen] == [197.0, 198.0]


def test_layers_want_every_place_in_the_file_and_others_the_minutes(bridge: Bridge, printer: FakePrinter) -> None:
    def at(filepos: int, seconds: int) -> dict[str, Any]:
        data = tick(10.0)
        data["progress"] |= {"filepos": filepos, "printTime": seconds, "printTimeLeft": 1000}
        return data

    moments = [at(1, 1), at(2, 2), at(2, 3), at(2, 61)]
    engine = connected(bridge, progress=1)
    looks_at(bridge, printer, *moments)
    bridge.disconnect(5)
    assert [seen[2]["progress"]["printTime"] for seen in engine.seen] == [1, 61]

    engine = connected(bridge, progress=1, layers=1)
    looks_at(bridge, printer, *moments)
    bridge.disconnect(5)
    assert [seen[2]["progress"]["printTime"] for seen in engine.seen] == [1, 2, 61]
