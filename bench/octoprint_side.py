"""All that is measured around a real OctoPrint: the event thread, a print, memory, imports and starts, the wheels.

In: the virtual environment `.venv/bench` with OctoPrint and the wheels from `dist/`, as people install them. The
environments of the tests hold wheels for debugging, which say nothing about time or size.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from bench import event_thread, memory, printing, starting
from bench.figures import Figure
from harness import ROOT, Installation

VERSION = "1.11.8"


def installation() -> Installation:
    """The environment that `make bench` made."""
    found = Installation(VERSION, ROOT / ".venv" / "bench")
    for module in starting.MODULES:
        if not found.python.exists() or not found.has(module):
            sys.exit(f"{module} is not installed in {found.venv}; `make bench` installs what is measured.")
    return found


def measure(folder: Path, *, quick: bool) -> Iterator[list[Figure]]:
    """One group of figures after the other; everything that is written meanwhile lies in the folder."""
    measured = installation()
    yield event_thread.measure(measured, folder / "event-thread", event_thread.QUICK if quick else event_thread.FULL)
    lines, rounds = (10_000, 2) if quick else (100_000, 4)
    yield printing.measure(measured, folder / "printing", lines, rounds)
    yield memory.measure(measured, folder / "memory", pairs=2 if quick else 7)
    yield starting.measure(measured, folder / "starting", rounds=3 if quick else 11)
    yield starting.wheel_sizes(ROOT / "dist")
