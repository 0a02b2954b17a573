"""How long a print takes with the plugin and without it: many short lines, everything switched on.

The virtual printer answers at once, so it is OctoPrint's own speed that limits such a print; a real printer is slower.
"""

from __future__ import annotations

from pathlib import Path

from bench.figures import Figure
from harness import Installation
from harness.long_print import pairs

WITHIN_NOISE = 1.05
"""Two prints of the same file, both without the plugin, differ by up to four percent."""


def measure(installation: Installation, folder: Path, lines: int, rounds: int) -> list[Figure]:
    """The figures of so many pairs of prints."""
    seen = list(pairs(installation, folder, lines, rounds))
    name = f"print of {lines} lines"
    return [
        Figure.of(f"{name}, without the plugin", [pair.without for pair in seen], "s"),
        Figure.of(f"{name}, everything switched on", [pair.with_plugin for pair in seen], "s"),
        Figure.of(f"{name}, times as long", [pair.ratio for pair in seen], "times", limit=WITHIN_NOISE),
    ]
