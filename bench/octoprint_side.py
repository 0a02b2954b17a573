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

GROUPS = ("event-thread", "prints", "memory", "starts", "wheels")
"""What can be measured by itself."""


def installation() -> Installation:
    """The environment that `make bench` made."""
    found = Installation(VERSION, ROOT / ".venv" / "bench")
    for module in starting.MODULES:
        if not found.python.exists() or not found.has(module):
            sys.exit(f"{module} is not installed in {found.venv}; `make bench` installs what is measured.")
    return found


def measure(folder: Path, *, quick: bool, only: str | None = None) -> Iterator[list[Figure]]:
    """One group of figures after the other, or one alone; everything that is written meanwhile lies in the folder."""
    measured = installation()
    for group in GROUPS:
        if only in (None, group):
            yield _group(group, measured, folder / group, quick=quick)


def _group(group: str, measured: Installation, folder: Path, *, quick: bool) -> list[Figure]:
    if group == "event-thread":
        return event_thread.measure(measured, folder, event_thread.QUICK if quick else event_thread.FULL)
    if group == "prints":
        lines, rounds = (10_000, 2) if quick else (100_000, 3)
        return printing.measure(measured, folder, lines, rounds)
    if group == "memory":
        return memory.measure(measured, folder, pairs=2 if quick else 7)
    if group == "starts":
        return starting.measure(measured, folder, rounds=3 if quick else 11)
    return starting.wheel_sizes(ROOT / "dist")
