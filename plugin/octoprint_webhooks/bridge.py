"""From OctoPrint's threads to the engine.

`on_event` runs on the one event thread of the whole server, `on_line`, `on_sent`, and `on_at_command` on the threads
that print. None of them may wait, read files or settings, or raise: an exception that is no `Exception` ends
OctoPrint's event bus. What takes longer is put on a queue for the observer, a daemon thread of the plugin's, which also
looks at the printer twice a second. OctoPrint would tell a `PrinterCallback` without being asked, but of each line that
is sent or received too, on the threads that print.

`on_line` and `on_sent` are called for each line of a print, and find nothing of theirs in the processor's caches: there
a call into the engine takes 3 µs, a closure or a dict of arguments 2 µs, a look into a set 1 µs. So they only look at a
letter, and all else has a method of its own.
"""

from __future__ import annotations

import copy
import threading
import time
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Callable, Optional

from octoprint_webhooks.complaints import Complaints
from octoprint_webhooks.description import CHANGED_BY
from octoprint_webhooks.printer_view import PrinterView, Reading, with_reading

if TYPE_CHECKING:
    from octohooks import Engine

EARLY_EVENTS = 256
"""How many events are kept that come before the engine runs: OctoPrint's own Startup, and the printer connecting."""

WITH_CONTEXT = 2
"""What `Engine.wants` answers when somebody needs to know the state of the printer as well."""

SPEAKING_LETTERS = frozenset("eEbB/!lLN")
"""The first letters of lines that may say something: `echo:`, `busy:`, `//`, `Error:`, `!!`, `Layer`, `NORMAL`."""

ERRORS = ("error:", "!!")
"""How lines begin by which firmware says an error. OctoPrint may be set to ignore it."""

SENT_AGAIN = ("line number", "linenumber", "checksum", "format error", "expected line")
"""Words of errors that are none: something is sent again, perhaps many times a second."""

WANTING = ("paused for user", "action:", "runout", "out_of_filament")
"""What firmware says, in many spellings around it, when it wants a person; the engine takes a closer look."""

TIME_LEFT = ("m73 ", "time left", "remaining in mins")
"""What firmware says of how long a print from its card still takes; the engine takes a closer look."""

LOOK_SECONDS = 0.5
"""How often the observer looks at the printer."""

TEMPERATURE = "plugin_webhooks_temperature"
"""What the engine calls it when a temperature is worth telling."""

MOST_LINES = 4096
"""How many lines of the terminal wait to be looked at; when more come, the oldest are let go."""

SPEAKING = ("M117", "M118")
"""Instructions by which a print says something: on the display, and to the host."""

DISPLAY_MESSAGE = "plugin_webhooks_display_message"
"""What the engine calls it when a print says something."""

AT_COMMAND = "webhook"
"""`@webhook NAME key=value` in a print tells the engine, and not the printer."""

_Early = tuple[str, Any, dict[str, Any]]
_Task = Optional[Callable[[], None]]


class Bridge:
    """Where OctoPrint's threads arrive. One for the life of the plugin; engines come and go behind it."""

    def __init__(self, complaints: Complaints) -> None:
        self._complaints = complaints
        self._engine: Engine | None = None
        self._printer: PrinterView | None = None
        self._early: deque[_Early] | None = deque(maxlen=EARLY_EVENTS)
        self._tasks: SimpleQueue[_Task] = SimpleQueue()
        self._observer: threading.Thread | None = None
        self._last_tick: tuple[Any, ...] = ()
        self._was_busy = False
        self._last_reading: Reading | None = None
        self._lines: deque[str] = deque(maxlen=0)
        self._describe: Callable[[], None] = lambda: None
        self.saw_shutdown = threading.Event()

    def on_event(self, event: str, payload: Any) -> None:
        """Something happened in OctoPrint."""
        try:
            engine = self._engine
            if engine is None:
                if self._early is not None:
                    self._keep_early(event, payload)
                return
            wanted = engine.wants(event)
            if wanted:
                engine.observe_event(event, payload, self._context() if wanted == WITH_CONTEXT else None)
        except BaseException as error:  # Nothing may escape: it would end OctoPrint's event bus.
            self._complain_later("Handing over an event", error)
        finally:
            if event in CHANGED_BY and self._observer is not None:
                self._tasks.put(self._describe)
            elif event == "Shutdown":
                self.saw_shutdown.set()

    def on_line(self, _comm: object, line: str, *_args: object, **_kwargs: object) -> str:
        """The printer said a line. It is always given back as it came."""
        try:
            letter = line[:1]
            if letter != "o" and letter in SPEAKING_LETTERS:  # Nearly all lines are an `ok`.
                self._put_line(line)
            self._lines.append(line)  # Looked at by the observer.
        except BaseException as error:  # Nothing may escape: it would end the print.
            self._complain_later("Looking at a line of the printer", error)
        return line

    def on_sent(
        self,
        _comm: object,
        _phase: str,
        line: str,
        _type: object,
        gcode: Any,
        subcode: Any = None,  # By name, so that no dict is made for them.
        tags: Any = None,
        *_args: object,
        **_kwargs: object,
    ) -> None:
        """An instruction was sent to the printer."""
        if gcode in SPEAKING:
            self._put_gcode(line)

    def on_at_command(self, _comm: object, _phase: str, command: Any, parameters: Any, *_: Any, **__: Any) -> None:
        """The print has come to an @-command."""
        if isinstance(command, str) and command.lower() == AT_COMMAND:
            self._put_gcode(f"@{AT_COMMAND} {parameters}")

    def look(self) -> None:
        """Looks at the lines, the temperatures, and the progress, as far as somebody wants them. For the observer."""
        engine, printer = self._engine, self._printer
        if engine is None or printer is None:
            return
        for part in (self._look_at_lines, self._look_at_temperatures, self._look_at_progress):
            try:
                part(engine, printer)
            except Exception as error:  # The others are none the worse for it.
                self._complaints.about("Observing the printer", error)

    def look_at(self, printer: PrinterView) -> None:
        """From here the context of an event comes, also of one that is early."""
        self._printer = printer

    def connect(self, engine: Engine, describe: Callable[[], None]) -> None:
        """An engine runs: hands it what came early, and all from now on. `describe` tells of the printer anew."""
        self._describe = describe
        self._last_tick = ()
        self._was_busy = False
        earlier = self._printer.readings_since(None) if self._printer is not None else []
        self._last_reading = earlier[-1] if earlier else None
        self._lines = deque(maxlen=MOST_LINES)
        self._tasks = SimpleQueue()  # What was put aside for nobody is old news by now.
        self.saw_shutdown.clear()
        observer = threading.Thread(
            target=_work_off, args=(self._tasks, self.look, self._complaints), name="webhooks-observer", daemon=True
        )
        self._observer = observer
        observer.start()
        self._hand_over_early(engine)
        self._engine = engine
        self._hand_over_early(engine)  # What came between the two lines above.
        self._early = None

    def give_up(self) -> None:
        """There will be no engine: nothing is kept for it."""
        self._engine = None
        self._early = None

    def wait_for_another(self) -> None:
        """The engine ends and another one follows soon: what comes meanwhile is kept for that one."""
        self._early = deque(maxlen=EARLY_EVENTS)
        self._engine = None

    def disconnect(self, timeout_seconds: float) -> None:
        """Ends the observer after what is on its queue. The engine still gets late events, to store or ignore."""
        observer, self._observer = self._observer, None
        tasks, self._tasks = self._tasks, SimpleQueue()
        if observer is not None:
            tasks.put(None)
            observer.join(timeout_seconds)
        self._lines = deque(maxlen=0)  # Nobody looks at them any more.

    def _context(self) -> dict[str, Any]:
        return self._printer.now() if self._printer is not None else {}

    def _keep_early(self, event: str, payload: Any) -> None:
        early = self._early
        if early is not None:
            # The payload is shared with all other listeners, and changed by some.
            early.append((event, copy.deepcopy(payload), self._context()))
        engine = self._engine
        if engine is not None:  # It was connected meanwhile and may not have seen this one.
            self._hand_over_early(engine)

    def _hand_over_early(self, engine: Engine) -> None:
        early = self._early
        while early:
            try:
                event, payload, context = early.popleft()
            except IndexError:  # Another thread took the last one.
                return
            if engine.wants(event):
                engine.observe_event(event, payload, context)

    def _put_line(self, line: str) -> None:
        engine = self._engine
        if engine is not None and self._observer is not None and _says_something(line.lower(), engine):
            self._tasks.put(lambda: self._observe_line(line))

    def _look_at_lines(self, engine: Engine, _printer: PrinterView) -> None:
        # Asked here and not for each line: there it would cost more than all the rest.
        if not engine.wants_lines():
            self._lines.clear()
            return
        lines = []
        while self._lines:
            lines.append(self._lines.popleft())
        for line in engine.matching_lines(lines) if lines else ():
            engine.observe_terminal_line(line, self._context())

    def _look_at_temperatures(self, engine: Engine, printer: PrinterView) -> None:
        readings = printer.readings_since(self._last_reading)
        if not readings:
            return
        self._last_reading = readings[-1]
        if engine.wants(TEMPERATURE):
            context = printer.now()
            for reading in readings:
                engine.observe_temperatures(with_reading(context, reading))

    def _look_at_progress(self, engine: Engine, printer: PrinterView) -> None:
        is_busy, was_busy = printer.is_busy(), self._was_busy
        self._was_busy = is_busy
        if not (is_busy or was_busy) or not engine.wants_progress():  # Once more after the end, for what it came to.
            self._last_tick = ()
            return
        context = printer.now()
        progress = context.get("progress") or {}
        completion = progress.get("completion")
        if completion is None:
            self._last_tick = ()
            return
        file = (context.get("job") or {}).get("file") or {}
        minutes = [int(progress.get(key) or 0) // 60 for key in ("printTime", "printTimeLeft")]
        place = progress.get("filepos") if engine.wants_layers() else None
        tick = (int(completion), *minutes, place, file.get("path"), file.get("origin"))
        if tick != self._last_tick:
            self._last_tick = tick
            engine.observe_progress(context)

    def _observe_line(self, line: str) -> None:
        engine = self._engine
        if engine is not None:
            engine.observe_line(line, self._context())

    def _put_gcode(self, line: str) -> None:
        try:
            if self._observer is not None:
                self._tasks.put(lambda: self._observe_gcode(line))
        except BaseException as error:  # Nothing may escape: it would end the print.
            self._complain_later("Looking at an instruction of the print", error)

    def _observe_gcode(self, line: str) -> None:
        engine = self._engine
        # Some slicers write on the display for each layer: nobody looks at the printer for nobody.
        if engine is not None and (line.startswith("@") or engine.wants(DISPLAY_MESSAGE)):
            engine.observe_gcode(line, self._context())

    def _complain_later(self, what: str, error: BaseException) -> None:
        if self._observer is None:
            return
        self._tasks.put(lambda: self._complaints.about(what, error))


def _says_something(line: str, engine: Engine) -> bool:
    """Whether the engine should look at a line, given in lower case."""
    if line.startswith(ERRORS):
        return not any(word in line for word in SENT_AGAIN)
    if any(word in line for word in WANTING) or ("layer" in line and engine.wants_layers()):
        return True
    return any(word in line for word in TIME_LEFT)


def _work_off(tasks: SimpleQueue[_Task], look: Callable[[], None], complaints: Complaints) -> None:
    next_look = time.monotonic() + LOOK_SECONDS
    while True:
        try:
            task = tasks.get(timeout=max(0.0, next_look - time.monotonic()))
        except Empty:
            task = look
            next_look = time.monotonic() + LOOK_SECONDS
        if task is None:
            return
        try:
            task()
        except Exception as error:
            complaints.about("Observing the printer", error)
