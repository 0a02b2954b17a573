"""Never in the way of a print: one of many short lines takes as long with everything switched on as without the plugin.

`make bench` does the same with ten times as many lines and the wheels that people install.
"""

from __future__ import annotations

import pytest

from harness import Installation
from harness.long_print import rounds

pytestmark = pytest.mark.alone

LINES = 10_000
ROUNDS = 3
MOST_TIMES_SLOWER = 1.2
"""Generous: these wheels are for debugging, and a hundred messages fall into a few seconds. The figure is printed."""


def test_a_print_takes_as_long_as_without_the_plugin(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seen = []
    for one in rounds(installation, tmp_path_factory.mktemp("speed"), LINES, ROUNDS):
        without = " and ".join(f"{took:.1f} s" for took in one.without)
        seen.append(
            f"{LINES} lines: {one.with_plugin:.1f} s, without the plugin {without}, {one.ratio:.2f} times as long"
        )
        print(seen[-1])
        if one.ratio <= MOST_TIMES_SLOWER:
            return
    raise AssertionError("\n".join(seen))
