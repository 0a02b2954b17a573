"""A plugin of the measurements: calls the event handler of Webhooks as OctoPrint's event bus does, and times it.

Commands over OctoPrint's simple API, `/api/plugin/timer`, for admins: `time` what, how often, in what bursts; GET gives
the nanoseconds of each call once all are made. What the clock itself takes is measured beside it and taken off.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Callable

import flask
import octoprint.plugin
from octoprint.access.permissions import Permissions

_CALLS_OF_A_LOOP = 1000
_nobody_sets_this = threading.Event()

Call = Callable[[int], Any]


class TimerPlugin(octoprint.plugin.SimpleApiPlugin):
    """Calls, times, tells."""

    def __init__(self) -> None:
        self._answer: dict[str, Any] | None = None

    def is_api_protected(self) -> bool:
        """A login is needed."""
        return True

    def get_api_commands(self) -> dict[str, list[str]]:
        """`time`: each call of `what`, an event or `STATE` or `NOTHING`; `loop`: an event, without a pause."""
        return {"time": ["what", "count"], "loop": ["what", "count"]}

    def on_api_command(self, command: str, data: dict[str, Any]) -> Any:
        """Begins; a thread of its own does it, so that other threads of OctoPrint come between as they always do."""
        if not Permissions.ADMIN.can():
            flask.abort(403)
        self._answer = None
        work = self._loop if command == "loop" else self._time
        threading.Thread(target=self._run, args=(work, data), daemon=True, name="timer").start()
        return flask.jsonify({})

    def on_api_get(self, _request: Any) -> Any:
        """The nanoseconds, or `null` while calls are made, or what went wrong."""
        if not Permissions.ADMIN.can():
            flask.abort(403)
        return flask.jsonify(self._answer)

    def _run(self, work: Callable[[dict[str, Any]], list[float]], data: dict[str, Any]) -> None:
        try:
            self._answer = {"ns": work(data)}
        except Exception as error:
            self._answer = {"error": repr(error)}

    def _time(self, data: dict[str, Any]) -> list[float]:
        """Each call by itself, `burst` of them in a row, then a pause: nothing that follows them may overflow."""
        others: dict[str, Call] = {"STATE": self._state, "NOTHING": _nothing}
        call = others.get(data["what"]) or self._event(data["what"])
        burst, pause = int(data.get("burst", 20)), float(data.get("pause_ms", 0)) / 1000
        clock = _median([float(_timed(_nothing, 0)) for _ in range(1000)])
        took = []
        for number in range(int(data["count"])):
            if pause and number % burst == 0:
                _nobody_sets_this.wait(pause)
            took.append(max(0.0, _timed(call, number) - clock))
        return took

    def _loop(self, data: dict[str, Any]) -> list[float]:
        """What a call takes on average, for each of `count` loops; an empty loop beside each is taken off."""
        on_event, name, payload = self._handler(), data["what"], {"number": 0}
        took = []
        for _ in range(int(data["count"])):
            begun = time.perf_counter_ns()
            for _ in range(_CALLS_OF_A_LOOP):
                pass
            between = time.perf_counter_ns()
            for _ in range(_CALLS_OF_A_LOOP):
                on_event(name, payload)
            ended = time.perf_counter_ns()
            took.append(((ended - between) - (between - begun)) / _CALLS_OF_A_LOOP)
        return took

    def _event(self, name: str) -> Call:
        on_event = self._handler()
        return lambda number: on_event(name, {"number": number, "text": "x" * 200})

    def _state(self, _number: int) -> None:
        """What OctoPrint takes for a copy of its state: the calls that `PrinterView.now` makes."""
        self._printer.get_current_data()
        self._printer.get_current_temperatures()
        time.localtime()

    def _handler(self) -> Callable[[str, Any], None]:
        handler: Callable[[str, Any], None] = self._plugin_manager.get_plugin_info("webhooks").implementation.on_event
        return handler


def _timed(call: Call, number: int) -> int:
    begun = time.perf_counter_ns()
    call(number)
    return time.perf_counter_ns() - begun


def _nothing(_number: int) -> None:
    pass


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


__plugin_name__ = "Timer"
__plugin_version__ = "1.0.0"
__plugin_pythoncompat__ = ">=3.7,<4"
__plugin_implementation__ = TimerPlugin()
