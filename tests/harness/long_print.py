"""The same print of many short lines on two OctoPrints without the plugin, and on one where a hook wants everything.

All print at the same time, but never at once: each has its turn of a second while the others stand still (SIGSTOP). A
machine that is shared is now fast and now slow, for seconds and for minutes, and by more than a plugin may take; in
turns this short it is so for all.

All are started for each round, each as often first as last, since an OctoPrint is busy for a while after its start;
with one seed for the order of Python's sets, else one process of the same OctoPrint is faster than the next by several
percent as long as it lives; and what OctoPrint does with a file besides printing it is off. One process is still faster
than the next: by how much, the two without the plugin tell.

A print takes from its `PrintStarted` to its `PrintDone` on OctoPrint's bus, less what it stood still between them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from harness.basedir import Setup
from harness.bounded import TooLateError, let_pass, until
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

TURN_SECONDS = 1.0
"""Long beside what it takes to change over, short beside the moods of a machine."""

MOST_TURNS = 900
"""Of each. No print takes a quarter of an hour."""

NOTHING_BESIDES = {"gcodeAnalysis": {"runAt": "never"}}
"""OctoPrint's analysis of an uploaded file is a process of its own that would run beside the others' prints."""


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
class Round:
    """How long the same print took, in seconds, at three OctoPrints that had their turns one after the other."""

    without: tuple[float, float]
    """Two that differ in nothing: what one takes longer than the other is chance."""
    with_plugin: float

    @property
    def ratio(self) -> float:
        """How many times as long it took with the plugin as without it."""
        return self.with_plugin / mean(self.without)

    @property
    def chance(self) -> float:
        """How many times as long the slower one without the plugin took as the faster one."""
        return max(self.without) / min(self.without)


WITHOUT, CONTROL, WITH = "without", "control", "with"


def rounds(installation: Installation, folder: Path, lines: int, count: int) -> Iterator[Round]:
    """So many rounds of prints of so many lines; the receiver has heard of each."""
    gcode = many_lines(lines)
    order = deque([WITHOUT, WITH, CONTROL])
    with Receiver() as receiver:
        for number in range(count):
            yield _round(installation, folder / str(number), gcode, receiver, list(order))
            order.rotate()


def _round(installation: Installation, folder: Path, gcode: str, receiver: Receiver, order: list[str]) -> Round:
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        servers = {}
        for name in order:
            setup = Setup(disabled_plugins=() if name == WITH else ("webhooks",), settings=NOTHING_BESIDES)
            server = OctoPrintServer(installation, folder / name, setup, environment=ONE_SEED)
            servers[name] = stack.enter_context(server)
        listener = listen_to_everything(servers[WITH].admin, receiver)
        prints = {name: _Print(stack, server, gcode) for name, server in servers.items()}
        _in_turns(list(prints.values()))
        unheard = TOLD - set(listener.topics(progress=True))
        assert not unheard, f"the receiver has not heard of {unheard}"
        return Round((prints[WITHOUT].took, prints[CONTROL].took), prints[WITH].took)


class _Print:
    """A print that stands still from its first moment, but for its turns."""

    def __init__(self, stack: ExitStack, server: OctoPrintServer, gcode: str) -> None:
        self.took = 0.0
        """In seconds, without what it stood still; 0 until it is done."""
        self._server = server
        self._stood_still = 0.0
        file = server.admin.upload(gcode, "many.gcode")
        server.admin.wait_for_state("Operational")
        server.admin.forget_events()
        stack.callback(server.go_on)  # Who stands still cannot be stopped.
        server.admin.print_again(file)
        self._began = float(until("the print's start", lambda: server.admin.seen_event("PrintStarted"))["at"])
        self._still_since = self._stand_still()

    def has_its_turn(self) -> bool:
        """Goes on for one turn; whether it is done."""
        self._server.go_on()
        still = time.monotonic() - self._still_since
        let_pass(TURN_SECONDS)
        done = self._server.admin.seen_event("PrintDone")
        if done is None:
            self._stood_still += still
            self._still_since = self._stand_still()
            return False
        # It may have been done at the very end of its last turn, after the question.
        last = still if done["at"] > self._still_since else 0.0
        self.took = float(done["at"]) - self._began - self._stood_still - last
        return True

    def _stand_still(self) -> float:
        since = time.monotonic()
        self._server.stand_still()
        return since


def _in_turns(prints: list[_Print]) -> None:
    """Gives each its turns until all are done. Who is done goes on, with nothing to do."""
    waiting = list(prints)
    for _ in range(MOST_TURNS):
        waiting = [one for one in waiting if not one.has_its_turn()]
        if not waiting:
            return
    raise TooLateError(f"{len(waiting)} prints have not ended in {MOST_TURNS} turns")
