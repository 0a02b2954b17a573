"""Never in the way of a print: one of many short lines takes as long with everything switched on as without the plugin.

`make bench` does the same with ten times as many lines and the wheels that people install.
"""

from __future__ import annotations

import pytest

from harness import Installation
from harness.long_print import pairs

pytestmark = pytest.mark.alone

LINES = 10_000
ROUNDS = 3
MOST_TIMES_SLOWER = 1.2
"""Generous: these wheels are for debugging, and a hundred messages fall into a few seconds. The figure is printed."""


def test_a_print_takes_as_long_as_without_the_plugin(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seen = []
    for pair in pairs(installation, tmp_path_factory.mktemp("speed"), LINES, ROUNDS):
        times = f"{pair.with_plugin:.1f} s, without the plugin {pair.without:.1f} s"
        seen.append(f"{LINES} lines: {times}, {pair.ratio:.2f} times as long")
        print(seen[-1])
        if pair.ratio <= MOST_TIMES_SLOWER:
            return
    raise AssertionError("\n".join(seen))
