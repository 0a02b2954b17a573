"""How long a print takes with the plugin and without it: many short lines, everything switched on.

The virtual printer answers at once, so it is OctoPrint's own speed that limits such a print; a real printer is slower.
"""

from __future__ import annotations

from pathlib import Path

from bench.figures import Figure
from harness import Installation
from harness.long_print import rounds


def measure(installation: Installation, folder: Path, lines: int, count: int) -> list[Figure]:
    """The figures of so many rounds of prints. What chance makes of two OctoPrints without the plugin is the limit."""
    seen = list(rounds(installation, folder, lines, count))
    chance = [one.chance for one in seen]
    name = f"print of {lines} lines"
    return [
        Figure.of(f"{name}, without the plugin", [took for one in seen for took in one.without], "s"),
        Figure.of(f"{name}, everything switched on", [one.with_plugin for one in seen], "s"),
        Figure.of(f"{name}, slower to faster without the plugin", chance, "times"),
        Figure.of(f"{name}, times as long", [one.ratio for one in seen], "times", limit=max(chance)),
    ]
