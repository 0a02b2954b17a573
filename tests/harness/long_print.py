"""The same print of many short lines on an OctoPrint without the plugin, and on one where a hook listens to everything.

Both are started for each pair, with one seed for the order of Python's sets: else one process of the same OctoPrint is
faster than the next by several percent, as long as it lives. They print in turn, each as often first as second, so that
whatever the machine does besides meets both alike.
OctoPrint itself says how long a print took.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from harness.basedir import Setup
from harness.client import Client
from harness.listener import Listener
from harness.receiver import Receiver
from harness.server import ONE_SEED, OctoPrintServer
from harness.venvs import Installation

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

TOLD = {"Print Started", "First Layer Done", "Print Progress", "Print Ended"}
"""What a receiver has to have heard of such a print at least."""

LINES_OF_A_LAYER = 500


def many_lines(count: int) -> str:
    """Short moves in layers, with what a slicer writes around them."""
    lines = ["G1 F900000"]  # The virtual printer takes its time for moves: these take none.
    for number in range(count):
        if number % LINES_OF_A_LAYER == 0:
            layer = number // LINES_OF_A_LAYER
            height = 0.2 * (layer + 1)
            lines += [";LAYER_CHANGE", f";Z:{height:.1f}", f"M117 Layer {layer}", f"G1 Z{height:.1f}"]
        lines.append(f"G1 X{number % 100} E0.1")
    return "\n".join(lines) + "\n"


def listen_to_everything(admin: Client, receiver: Receiver) -> Listener:
    """A hook for all that may cost a print something."""
    return Listener(
        admin,
        receiver,
        events=EVERYTHING,
        progress_interval_percent=1,
        milestones={"every_layers": 1, "every_millimetres": 1, "every_minutes": 1, "minutes_before_end": "1"},
        temperature_rules="any reached\nany below 40\nany held 1",
        terminal_patterns="filament (runout|jam)\n^echo:(?<what>never said)",
        data={"topic": "@topic", "event": "@event", "layer": "@layer", "message": "@message"},
    )


@dataclass(frozen=True)
class Pair:
    """How long both took, in seconds, one right after the other."""

    without: float
    with_plugin: float

    @property
    def ratio(self) -> float:
        """How many times as long it took with the plugin."""
        return self.with_plugin / self.without


def pairs(installation: Installation, folder: Path, lines: int, count: int) -> Iterator[Pair]:
    """So many pairs of prints of so many lines; the receiver has heard of each."""
    gcode = many_lines(lines)
    with Receiver() as receiver:
        for number in range(count):
            yield _pair(installation, folder / str(number), gcode, receiver, plugin_first=number % 2 == 1)


def _pair(installation: Installation, folder: Path, gcode: str, receiver: Receiver, *, plugin_first: bool) -> Pair:
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        without = _started(stack, installation, folder / "without", Setup(disabled_plugins=("webhooks",)))
        with_plugin = _started(stack, installation, folder / "with", Setup())
        listener = listen_to_everything(with_plugin, receiver)
        files = {admin: admin.upload(gcode, "many.gcode") for admin in (without, with_plugin)}
        order = (with_plugin, without) if plugin_first else (without, with_plugin)
        took = {admin: _takes(admin, files[admin]) for admin in order}
        unheard = TOLD - set(listener.topics(progress=True))
        assert not unheard, f"the receiver has not heard of {unheard}"
        return Pair(took[without], took[with_plugin])


def _started(stack: ExitStack, installation: Installation, folder: Path, setup: Setup) -> Client:
    return stack.enter_context(OctoPrintServer(installation, folder, setup, environment=ONE_SEED)).admin


def _takes(admin: Client, file: str) -> float:
    admin.wait_for_state("Operational")
    admin.forget_events()
    admin.print_again(file)
    return float(admin.wait_for_event("PrintDone", seconds=900)["time"])
