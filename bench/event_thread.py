"""What an event costs OctoPrint's event thread, in a real OctoPrint that prints, in good times and in bad ones.

One OctoPrint, whose disk can be stalled on command. Each round times the same calls with all well, with a disk whose
flushes hang, and with an address behind which nothing answers, so that whatever the machine does besides meets all
three alike.
"""

from __future__ import annotations

import shutil
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Figure
from harness import Client, Faults, Installation, OctoPrintServer, Receiver, Setup, gcode
from harness.bounded import until
from harness.faults import compile_into

UNWANTED = "BenchNobody"
WANTED = "BenchWanted"
STATE, NOTHING = "STATE", "NOTHING"
"""What the helper plugin times beside events: OctoPrint's copy of its state, and a handler that does nothing."""
DATA = {"title": "@topic", "text": "@message", "job": "@job", "extra": "@extra"}

UNWANTED_LIMIT_US = 5.0
WANTED_LIMIT_US = 300.0
SHARE_LIMIT = 0.5
"""Most of what a wanted event costs shall be OctoPrint's own copy of its state."""
UNCHANGED = 1.5
"""A p99 that is at most so many times the one of good times, in the same round, counts as unchanged."""

WELL, STALLED, BLACK_HOLE = "all well", "disk stalled", "network black-holed"
CONDITIONS = (WELL, STALLED, BLACK_HOLE)

PRINT_SECONDS = 600
STEP_MS = 10
"""A hundred lines in a second, as with many small moves."""


@dataclass(frozen=True)
class Amount:
    """How often everything is done."""

    rounds: int
    loops: int
    calls: int
    """In bursts of 20."""
    single_calls: int
    """Each after a pause in which OctoPrint does other things, so that nothing is at hand when it comes."""


QUICK = Amount(rounds=2, loops=10, calls=300, single_calls=60)
FULL = Amount(rounds=7, loops=20, calls=1000, single_calls=150)


class Timer:
    """The helper plugin in a running OctoPrint."""

    def __init__(self, admin: Client) -> None:
        self._admin = admin

    @staticmethod
    def install(server: OctoPrintServer) -> None:
        """Puts the plugin where OctoPrint finds it at its next start."""
        source = Path(__file__).with_name("timer_plugin")
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, server.folder / "plugins" / "timer", ignore=ignored)

    def microseconds(self, command: str, **what: Any) -> list[float]:
        """Has calls timed, and waits until all are made."""
        self._admin.request("POST", "/api/plugin/timer", json={"command": command, **what})
        look = lambda: self._admin.request("GET", "/api/plugin/timer").json()  # noqa: E731
        answer = until("the timed calls", look, seconds=120.0)
        if "error" in answer:
            raise RuntimeError(f"Timing did not work: {answer['error']}")
        return [nanoseconds / 1000 for nanoseconds in answer["ns"]]


class BlackHole:
    """An address that takes no connection and refuses none: whoever connects waits."""

    def __enter__(self) -> BlackHole:
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self._waiting = []
        for _ in range(4):  # One fits into the queue of who is not accepted yet, or two; then packets are dropped.
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(self._listener.getsockname())
            self._waiting.append(waiting)
        return self

    def __exit__(self, *_: object) -> None:
        for waiting in (*self._waiting, self._listener):
            waiting.close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/hook"


def measure(installation: Installation, folder: Path, amount: Amount) -> list[Figure]:
    """All figures of the event thread."""
    folder.mkdir(parents=True, exist_ok=True)
    faults = Faults(compile_into(folder), folder / "orders")
    server = OctoPrintServer(installation, folder / "octoprint", Setup(), environment=faults.environment)
    Timer.install(server)
    seen: dict[str, list[float]] = defaultdict(list)
    try:
        with server, Receiver() as receiver:
            admin, timer = server.admin, Timer(server.admin)
            admin.upload_and_print(gcode.paced(PRINT_SECONDS * 1000 // STEP_MS, STEP_MS))
            admin.wait_for_event("PrintStarted")
            for number in range(amount.rounds):
                first = number % len(CONDITIONS)
                for condition in CONDITIONS[first:] + CONDITIONS[:first]:
                    with _conditions(condition, server, receiver, faults, timer):
                        _round(timer, amount, condition, seen)
                    if admin.state() != "Printing":
                        raise RuntimeError("The print ended before everything was measured.")
    finally:
        faults.none()  # Whoever hangs could not be stopped.
    return _figures(seen)


def _round(timer: Timer, amount: Amount, condition: str, seen: dict[str, list[float]]) -> None:
    loops = timer.microseconds("loop", what=UNWANTED, count=amount.loops)
    unwanted = timer.microseconds("time", what=UNWANTED, count=amount.calls)
    state = timer.microseconds("time", what=STATE, count=amount.calls, burst=20, pause_ms=20)
    wanted = timer.microseconds("time", what=WANTED, count=amount.calls, burst=20, pause_ms=20)
    seen[f"unwanted p50 {condition}"].append(percentile(loops, 50))
    seen[f"unwanted p99 {condition}"].append(percentile(unwanted, 99))
    if condition == WELL:
        for name, what in (("nothing", NOTHING), ("unwanted", UNWANTED), ("state", STATE), ("wanted", WANTED)):
            single = timer.microseconds("time", what=what, count=amount.single_calls, burst=1, pause_ms=20)
            seen[f"{name} single"].append(percentile(single, 50))
    for name, values in (("state", state), ("wanted", wanted)):
        for percent in (50, 99):
            seen[f"{name} p{percent} {condition}"].append(percentile(values, percent))


@contextmanager
def _conditions(
    condition: str, server: OctoPrintServer, receiver: Receiver, faults: Faults, timer: Timer
) -> Iterator[None]:
    """A hook that wants the event while it is good or bad times; nothing is left of either afterwards."""
    admin = server.admin
    with BlackHole() as hole:
        custom = [{"event": WANTED, "message": "Number @extra.number."}]
        url = hole.url if condition == BLACK_HOLE else receiver.url("/hook")
        view = admin.create_hook(url, data=DATA, events=(), custom_events=custom)
        if condition == STALLED:
            faults.stall(server.data_folder)
            timer.microseconds("time", what=WANTED, count=1)
            until("a flush that hangs", lambda: faults.hanging > 0)
        yield
        if condition == BLACK_HOLE and not admin.status()["counts"]["waiting"]:
            raise RuntimeError("The black hole took deliveries.")
        faults.none()
        admin.delete_hook(view["hook"]["id"])
    # Where the black hole was, connections are refused now.
    admin.wait_for("nothing waiting", lambda: admin.status()["counts"]["waiting"] == 0, seconds=60.0)
    admin.wait_for("a disk that works", lambda: admin.status()["outbox"]["durable"], seconds=60.0)


def _figures(seen: dict[str, list[float]]) -> list[Figure]:
    def us(name: str, key: str, limit: float | None = None, note: str = "") -> Figure:
        return Figure.of(name, seen[key], "µs", limit=limit, note=note)

    def ratios(above: str, below: str) -> list[float]:
        return [one / other for one, other in zip(seen[above], seen[below])]

    def share(name: str, values: list[float]) -> Figure:
        return Figure.of(name, values, "", limit=SHARE_LIMIT, at_most=False)

    loop, single = "in a loop, the loop taken off", "after a pause, as events mostly come"
    figures = [
        us("on_event, nobody wants it, p50", f"unwanted p50 {WELL}", UNWANTED_LIMIT_US, loop),
        us("on_event, nobody wants it, p99", f"unwanted p99 {WELL}", note="each call timed by itself"),
        us("on_event, a hook wants it, p50", f"wanted p50 {WELL}", WANTED_LIMIT_US, "in bursts of 20"),
        us("on_event, a hook wants it, p99", f"wanted p99 {WELL}"),
        us("OctoPrint's copy of its state alone, p50", f"state p50 {WELL}"),
        us("OctoPrint's copy of its state alone, p99", f"state p99 {WELL}"),
        share("share of that copy in a wanted event", ratios(f"state p50 {WELL}", f"wanted p50 {WELL}")),
        us("single, a handler that does nothing, p50", "nothing single", note=single),
        us("single, nobody wants it, p50", "unwanted single"),
        us("single, a hook wants it, p50", "wanted single", WANTED_LIMIT_US),
        us("single, OctoPrint's copy alone, p50", "state single"),
        share("single, share of that copy", ratios("state single", "wanted single")),
    ]
    for condition in (STALLED, BLACK_HOLE):
        for kind in ("unwanted", "wanted"):
            for percent in (50, 99):
                key = f"{kind} p{percent}"
                figures.append(us(f"on_event, {kind}, {condition}, p{percent}", f"{key} {condition}"))
            name = f"on_event, {kind}, p99: {condition} to all well"
            figures.append(Figure.of(name, ratios(f"{key} {condition}", f"{key} {WELL}"), "times", limit=UNCHANGED))
    return figures


def percentile(values: list[float], percent: int) -> float:
    """The value below which so many percent of all lie."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]
