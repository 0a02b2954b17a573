"""How much memory the plugin adds to an idle OctoPrint: with it and without it, started in turn, read when quiet.

In: an installation. Out: what the kernel says in `smaps_rollup`, the difference of each pair of starts. Both do the
same before they are read; only the one with the plugin has webhooks, which deliver a few events meanwhile.
"""

from __future__ import annotations

from collections import defaultdict, deque
from pathlib import Path
from statistics import median

from bench.figures import Figure
from harness import Installation, OctoPrintServer, Receiver, Setup
from harness.bounded import until
from harness.server import ONE_SEED

ANONYMOUS_LIMIT_MB = 6.0
EVENT = "BenchWanted"
DATA = {"title": "@topic", "text": "@message", "job": "@job", "extra": "@extra"}
PATHS = ("/one", "/two")
"""Two hooks, and each event is for both."""
FEW, MANY = 10, 500
"""So many events before the first reading, and then before the second: what is kept of them has reached its bounds."""

QUIET_READINGS = 8
"""So many readings in a row, half a second apart, that differ by less than `QUIET_KB` are quiet."""
QUIET_KB = 64

Reading = dict[str, int]


def rollup(pid: int) -> Reading:
    """`/proc/<pid>/smaps_rollup`: kilobytes by name, and `FileBacked`, which is what the kernel may drop or share."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, kilobytes, _unit = line.split()
        found[name.rstrip(":")] = int(kilobytes)
    return found | {"FileBacked": found["Rss"] - found["Anonymous"]}


def quiet(pid: int) -> Reading:
    """Reads until nothing moves any more."""
    latest: deque[Reading] = deque(maxlen=QUIET_READINGS)

    def look() -> Reading | None:
        latest.append(rollup(pid))
        seen = [reading["Anonymous"] for reading in latest]
        return latest[-1] if len(seen) == QUIET_READINGS and max(seen) - min(seen) < QUIET_KB else None

    return until("memory that stays as it is", look, seconds=60.0, every=0.5)


def measure(installation: Installation, folder: Path, pairs: int) -> list[Figure]:
    """The figures, from so many pairs of starts."""
    added: dict[tuple[int, str], list[float]] = defaultdict(list)
    plain: dict[str, list[float]] = defaultdict(list)
    for number in range(pairs):
        ways = (False, True) if number % 2 else (True, False)
        read = {way: _one_start(installation, folder / f"{number}-{way}", with_plugin=way) for way in ways}
        for name in ("Anonymous", "FileBacked", "Private_Dirty"):
            plain[name].append(_megabytes(read[False][0][name]))
            for stage in (0, 1):
                added[stage, name].append(_megabytes(read[True][stage][name] - read[False][stage][name]))

    def figure(title: str, name: str, stage: int, limit: float | None = None) -> Figure:
        note = f"OctoPrint without the plugin has {median(plain[name]):.1f} MB" if stage == 0 else ""
        return Figure.of(f"memory added, {title}", added[stage, name], "MB", limit=limit, note=note)

    few, many = len(PATHS) * FEW, len(PATHS) * (FEW + MANY)
    return [
        figure(f"anonymous, idle after {few} deliveries", "Anonymous", 0, ANONYMOUS_LIMIT_MB),
        figure("file-backed", "FileBacked", 0),
        figure("private dirty", "Private_Dirty", 0),
        figure(f"anonymous, idle after {many - few} more in a burst", "Anonymous", 1, ANONYMOUS_LIMIT_MB),
        figure("file-backed, after the burst", "FileBacked", 1),
    ]


def _one_start(installation: Installation, folder: Path, *, with_plugin: bool) -> tuple[Reading, Reading]:
    setup = Setup(disabled_plugins=() if with_plugin else ("webhooks",))
    server = OctoPrintServer(installation, folder, setup, environment=ONE_SEED)
    with server, Receiver() as receiver:
        admin = server.admin
        for path in PATHS:
            if with_plugin:
                custom = [{"event": EVENT, "message": "Number @extra.number."}]
                admin.create_hook(receiver.url(path), data=DATA, events=("print_done",), custom_events=custom)
            else:
                admin.settings()

        def quiet_after(events: range) -> Reading:
            for first in events[::50]:
                few = events[first - events.start :][:50]
                admin.fire_all([(EVENT, {"number": number, "text": "x" * 200}) for number in few])
            for path in PATHS if with_plugin else ():
                receiver.wait_for(path, count=events.stop, timeout=120)
            return quiet(server.pid)

        return quiet_after(range(FEW)), quiet_after(range(FEW, FEW + MANY))


def _megabytes(kilobytes: int) -> float:
    return kilobytes * 1024 / 1e6
