"""How large the wheels are, and how long imports and starts take, each in a fresh interpreter, all in turn.

In: an installation with the wheels that people install, and the folder of the wheels. Out: the figures.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from bench.figures import Figure
from harness import Installation

WHEELS_LIMIT_MB = 4.0
START_LIMIT_MS = 50.0
WAITING = 1000
"""Events that wait on disk from before, for the start that has to read them."""

MODULES = ("octohooks", "octoprint_webhooks")
_PROBE = Path(__file__).with_name("probe.py")


def wheel_sizes(dist: Path) -> list[Figure]:
    """Both wheels, and what they take together."""
    wheels = {wheel: wheel.stat().st_size / 1e6 for wheel in sorted(dist.glob("*.whl"))}
    if len(wheels) != len(MODULES):
        raise RuntimeError(f"{dist} holds {len(wheels)} wheels, not {len(MODULES)}; `make wheels` makes them.")
    each = [Figure(f"wheel {wheel.name.split('-')[0]}", size, "MB", note=wheel.name) for wheel, size in wheels.items()]
    return [*each, Figure("wheels together", sum(wheels.values()), "MB", limit=WHEELS_LIMIT_MB)]


def measure(installation: Installation, folder: Path, rounds: int) -> list[Figure]:
    """The times, from so many rounds."""
    python = installation.python
    waiting = folder / "waiting"
    _probe(python, "fill", str(waiting), str(WAITING))
    took: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds + 1):
        now = _imports(python)
        now["load"] = _probe(python, "load")
        now["empty"] = _probe(python, "start", str(folder / f"empty-{number}"))
        copy = folder / f"waiting-{number}"
        shutil.copytree(waiting, copy)
        now["waiting"] = _probe(python, "start", str(copy))
        now["again"] = _probe(python, "start", str(folder / "empty-0"))
        now["together"] = now["load"] + now["again"]
        if number:  # The first round only brings files into memory.
            for name, value in now.items():
                took[name].append(value)

    def figure(title: str, name: str, limit: float | None = None, note: str = "") -> Figure:
        return Figure.of(title, took[name], "ms", limit=limit, note=note)

    return [
        figure("an interpreter that imports nothing", "nothing"),
        figure("import octohooks, added", "octohooks"),
        figure(
            "import octoprint_webhooks, added", "octoprint_webhooks", note="the package alone, as OctoPrint reads it"
        ),
        figure("load of the plugin", "load", note="all of its modules and octohooks, where OctoPrint is imported"),
        figure("start of the engine, first of all", "empty", note="makes its files, and waits until the disk has them"),
        figure("start of the engine, nothing waits", "again"),
        figure("load and start together", "together", START_LIMIT_MS),
        figure(f"start of the engine, {WAITING} events wait", "waiting", START_LIMIT_MS),
    ]


def _imports(python: Path) -> dict[str, float]:
    """How long an interpreter runs that imports nothing, and how much longer it does with each module."""
    took: dict[str, list[float]] = defaultdict(list)
    for _ in range(5):
        took["nothing"].append(_whole_run(python, "pass"))
        for module in MODULES:
            took[module].append(_whole_run(python, f"import {module}"))
    nothing = median(took["nothing"])
    return {"nothing": nothing} | {module: median(took[module]) - nothing for module in MODULES}


def _whole_run(python: Path, code: str) -> float:
    begun = time.perf_counter()
    # Without a timeout: with one, Python looks for the end in steps of milliseconds.
    subprocess.run([str(python), "-c", code], check=True)
    return (time.perf_counter() - begun) * 1000


def _probe(python: Path, *arguments: str) -> float:
    command = [str(python), str(_PROBE), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"`probe.py {' '.join(arguments)}` failed:\n{done.stderr}")
    return float(done.stdout.split()[-1])
