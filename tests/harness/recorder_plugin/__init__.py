"""A plugin of the tests: writes down what the bridge of the plugin under test would hand to the engine, a line each.

It stands in for the plugin under test: the same bridge sits between OctoPrint's threads and an engine that wants
everything and keeps it. `RECORDER_FILE` names the file, `RECORDER_PLUGIN` the folder with the bridge's source.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

import octoprint.plugin

sys.path.insert(0, os.environ["RECORDER_PLUGIN"])

from octoprint_webhooks.bridge import Bridge
from octoprint_webhooks.complaints import Complaints
from octoprint_webhooks.printer_view import PrinterView

OF_A_PRINT = (
    "Print",
    "PrinterStateChanged",
    "PrinterReset",
    "Connect",
    "Disconnect",
    "Error",
    "EStop",
    "FileSelected",
    "FileDeselected",
    "FilamentChange",
    "Waiting",
    "Shutdown",
    "Startup",
)
"""Names of events, or how they begin, that have to do with a print. `Printer*` of profiles do not."""
NOT_OF_A_PRINT = ("PrinterProfile", "PrinterControls", "ConnectivityChanged", "ConnectionsAutorefreshed")
KEPT_OF_PROGRESS = ("filepos", "printTime", "printTimeLeft")
KEPT_OF_FILE = ("name", "path", "origin")


class Engine:
    """Wants everything, and writes it down."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._start = time.monotonic()
        self._temperatures: Any = None

    def wants(self, event: str) -> int:
        wanted = event.startswith(OF_A_PRINT) and not event.startswith(NOT_OF_A_PRINT)
        return 2 if wanted or event.startswith("plugin_webhooks_") else 0

    def wants_progress(self) -> bool:
        return True

    def wants_lines(self) -> bool:
        return False

    def wants_layers(self) -> bool:
        return True

    def observe_temperatures(self, context: Any) -> None:
        temperatures = (context or {}).get("temperatures")
        if temperatures != self._temperatures:
            self._temperatures = temperatures
            self._write("temperatures", context, temperatures=temperatures)

    def observe_event(self, name: str, payload: Any, context: Any) -> None:
        payload = json.loads(json.dumps(payload, default=str))
        self._write(name, context, payload=payload)

    def observe_progress(self, context: Any) -> None:
        self._write("progress", context)

    def observe_line(self, line: str, context: Any) -> None:
        self._write("line", context, line=line)

    def observe_gcode(self, line: str, context: Any) -> None:
        self._write("gcode", context, line=line)

    def _write(self, see: str, context: Any, **more: Any) -> None:
        context = context or {}
        progress = context.get("progress") or {}
        file = (context.get("job") or {}).get("file") or {}
        flags = (context.get("state") or {}).get("flags") or {}
        record: dict[str, Any] = {"at": round((time.monotonic() - self._start) * 1000), "see": see, **more}
        record["flags"] = sorted(flag for flag, is_set in flags.items() if is_set)
        record["completion"] = progress.get("completion")
        record.update({key: progress[key] for key in KEPT_OF_PROGRESS if progress.get(key) is not None})
        if context.get("currentZ") is not None:
            record["currentZ"] = context["currentZ"]
        record["file"] = {key: file[key] for key in KEPT_OF_FILE if file.get(key) is not None}
        with self._lock, open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


class RecorderPlugin(octoprint.plugin.StartupPlugin, octoprint.plugin.EventHandlerPlugin):
    """The bridge, where OctoPrint's threads arrive."""

    def __init__(self) -> None:
        self.bridge = Bridge(Complaints())

    def initialize(self) -> None:
        """OctoPrint has injected what it offers."""
        self.bridge.look_at(PrinterView(self._printer))
        self.bridge.connect(Engine(os.environ["RECORDER_FILE"]), lambda: None)  # type: ignore[arg-type]

    def on_event(self, event: str, payload: Any) -> None:
        """On the one event thread of the server."""
        self.bridge.on_event(event, payload)


__plugin_name__ = "Recorder"
__plugin_version__ = "1.0.0"
__plugin_pythoncompat__ = ">=3.9,<4"
__plugin_implementation__ = RecorderPlugin()
__plugin_hooks__ = {
    "octoprint.comm.protocol.atcommand.sending": __plugin_implementation__.bridge.on_at_command,
    "octoprint.comm.protocol.gcode.received": __plugin_implementation__.bridge.on_line,
    "octoprint.comm.protocol.gcode.sent": __plugin_implementation__.bridge.on_sent,
}
