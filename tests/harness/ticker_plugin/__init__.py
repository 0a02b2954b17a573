"""A plugin of the tests: fires events on OctoPrint's bus as another plugin would, and times how late they arrive; has
further webcams, and writes down the G-code that is sent.

It knows nothing of the plugin under test. Commands over OctoPrint's simple API, `/api/plugin/ticker`, for admins.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import flask
import octoprint.plugin
from octoprint.access.permissions import Permissions
from octoprint.events import eventManager
from octoprint.schema.webcam import Webcam

TICK = "plugin_ticker_tick"
ODD = "plugin_ticker_odd"
KEPT = 5000
_nobody_sets_this = threading.Event()


class TickerPlugin(
    octoprint.plugin.EventHandlerPlugin, octoprint.plugin.SimpleApiPlugin, octoprint.plugin.WebcamProviderPlugin
):
    """Fires, times, remembers."""

    def __init__(self) -> None:
        self._webcams: dict[str, str] = {}
        self._latencies: list[float] = []
        self._expected = 0
        self._seen: list[dict[str, Any]] = []

    def is_api_protected(self) -> bool:
        """A login is needed."""
        return True

    def get_api_commands(self) -> dict[str, list[str]]:
        """`fire` events, or an `odd` one; `tick` so many times at an interval; `webcams` by name, with their URLs."""
        ticking = ["count", "interval_ms"]
        return {"fire": ["events"], "odd": ["event"], "tick": ticking, "forget": [], "webcams": ["urls"]}

    def on_api_command(self, command: str, data: dict[str, Any]) -> Any:
        """Does as it is told."""
        if not Permissions.ADMIN.can():
            flask.abort(403)
        if command == "fire":
            for event in data["events"]:
                eventManager().fire(event["event"], event.get("payload"))
        elif command == "odd":
            eventManager().fire(data["event"], odd())
        elif command == "tick":
            self._latencies = []
            self._expected = int(data["count"])
            every = float(data["interval_ms"]) / 1000
            threading.Thread(target=self._tick, args=(self._expected, every), daemon=True, name="ticker").start()
        elif command == "webcams":
            self._webcams = dict(data["urls"])
        else:
            self._seen = []
        return flask.jsonify({})

    def on_api_get(self, request: Any) -> Any:
        """How late the ticks were, in ms, and which events came by and when (on the clock that all processes have in
        common); with `?event=NAME`, only those of that name."""
        if not Permissions.ADMIN.can():
            flask.abort(403)
        name = request.args.get("event")
        seen = [event for event in list(self._seen) if name in (None, event["event"])]
        return flask.jsonify({"expected": self._expected, "latencies_ms": list(self._latencies), "seen": seen})

    def on_event(self, event: str, payload: Any) -> None:
        """Runs on the event bus's own thread, after or before the plugin under test."""
        if event == TICK:
            self._latencies.append((time.perf_counter() - payload["fired"]) * 1000)
        elif event != ODD and len(self._seen) < KEPT:
            payload = json.loads(json.dumps(payload, default=str))
            self._seen.append({"event": event, "payload": payload, "at": time.monotonic()})

    def get_webcam_configurations(self) -> list[Webcam]:
        """The further webcams."""
        about = {"canSnapshot": True, "snapshotDisplay": "a picture"}
        return [Webcam(name=name, displayName=f"The {name} one", **about) for name in self._webcams]

    def take_webcam_snapshot(self, name: str) -> Iterator[bytes]:
        """A picture of one of them."""
        with urllib.request.urlopen(self._webcams[name], timeout=5) as answer:
            yield answer.read()

    def on_sent(self, comm: Any, phase: str, cmd: str, *args: Any, **kwargs: Any) -> None:
        """Runs on the printing thread. Remembers the lights that are switched."""
        if cmd.startswith("M355"):
            self._seen.append({"event": cmd, "payload": None})

    def on_line(self, comm: Any, line: str, *args: Any, **kwargs: Any) -> str:
        """Runs on the printing thread. Remembers the lines that tests send themselves."""
        if line.startswith("echo:harness"):
            self._seen.append({"event": line.strip(), "payload": None})
        return line

    def _tick(self, count: int, every: float) -> None:
        for _ in range(count):
            eventManager().fire(TICK, {"fired": time.perf_counter()})
            _nobody_sets_this.wait(every)


def odd() -> dict[Any, Any]:
    """What other plugins put into events though JSON knows nothing of it, and more of it than anybody wants."""
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    return {
        "half a character": "a\udcffb",
        "quoted": 'tab\t"\\\x01é🖨',
        "infinite": float("inf"),
        "no number": float("nan"),
        "tenths": 0.1 + 0.2,
        "exact": 5e-324,
        "large": 2**63,
        "larger": 10**30,
        "bytes": b"\xff!",
        "tuple": (1, None, True),
        "empty": [{}, [], ()],
        7: "a number's",
        (1, 2): "a tuple's",
        "set": {1},
        "long": "x" * 300_000,
        "deep": deep,
        "mapping": MappingProxyType({"inner": 1}),
        "many": list(range(30_000)),
        "after": "too late",
    }


__plugin_name__ = "Ticker"
__plugin_version__ = "1.0.0"
__plugin_pythoncompat__ = ">=3.7,<4"
__plugin_implementation__ = TickerPlugin()
__plugin_hooks__ = {
    "octoprint.comm.protocol.gcode.received": __plugin_implementation__.on_line,
    "octoprint.comm.protocol.gcode.sent": __plugin_implementation__.on_sent,
}
