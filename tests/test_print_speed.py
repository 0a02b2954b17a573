"""Never in the way of a print: one of many short lines takes as long with everything switched on as without the plugin.

The measure is the same print on an OctoPrint without this plugin, in the same session. `make test` prints 10,000 lines;
`OCTOHOOKS_LINES=100000` more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from harness import Client, Installation, Listener, OctoPrintServer, Receiver, Setup

LINES = int(os.environ.get("OCTOHOOKS_LINES", "10000"))
ROUNDS = 3
MOST_TIMES_SLOWER = 1.5
"""Generous: machines that run tests do other things as well. The figure itself is printed."""

EVERYTHING = (
    "print_started",
    "print_progress",
    "first_layer_done",
    "print_ended",
    "print_interrupted",
    "user_action_needed",
    "user_action_over",
    "temperature",
    "terminal_line",
    "display_message",
    "error",
)


def many_lines(count: int) -> str:
    """Short moves in layers, with what a slicer writes around them."""
    lines = ["G1 F900000"]  # The virtual printer takes its time for moves: these take none.
    for number in range(count):
        if number % 500 == 0:
            height = 0.2 * (number // 500 + 1)
            lines += [";LAYER_CHANGE", f";Z:{height:.1f}", f"M117 Layer {number // 500}", f"G1 Z{height:.1f}"]
        lines.append(f"G1 X{number % 100} E0.1")
    return "\n".join(lines) + "\n"


def printing_takes(admin: Client, file: str) -> float:
    """Prints a file that is there; how long OctoPrint says it took, in seconds."""
    admin.wait_for_state("Operational")
    admin.forget_events()
    admin.print_again(file)
    return float(admin.wait_for_event("PrintDone", seconds=600)["time"])


@pytest.fixture
def without_plugin(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The same OctoPrint with this plugin switched off."""
    folder = tmp_path_factory.mktemp(f"plain-{installation.version}-")
    with OctoPrintServer(installation, folder, Setup(disabled_plugins=("webhooks",))) as server:
        yield server.admin


def test_a_print_takes_as_long_as_without_the_plugin(admin: Client, without_plugin: Client, receiver: Receiver) -> None:
    listener = Listener(
        admin,
        receiver,
        events=EVERYTHING,
        progress_interval_percent=1,
        milestones={"every_layers": 1, "every_millimetres": 1, "every_minutes": 1, "minutes_before_end": "1"},
        temperature_rules="any reached\nany below 40\nany held 1",
        terminal_patterns="filament (runout|jam)\n^echo:(?<what>never said)",
        data={"topic": "@topic", "event": "@event", "layer": "@layer", "message": "@message"},
    )
    gcode = many_lines(LINES)
    files = {admin: admin.upload(gcode, "many.gcode"), without_plugin: without_plugin.upload(gcode, "many.gcode")}
    rounds = []
    for _ in range(ROUNDS):
        plain = printing_takes(without_plugin, files[without_plugin])
        ours = printing_takes(admin, files[admin])
        rounds.append(f"{ours:.1f} s, without the plugin {plain:.1f} s: {ours / plain:.2f} times as long")
        print(LINES, "lines:", rounds[-1])
        if ours <= plain * MOST_TIMES_SLOWER:
            break
    else:
        raise AssertionError("\n".join(rounds))
    topics = set(listener.topics(progress=True))
    assert {"Print Started", "First Layer Done", "Print Progress", "Print Ended"} <= topics
