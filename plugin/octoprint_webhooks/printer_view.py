"""What the printer says at this moment, as plain dicts and lists.

In: OctoPrint's printer. Out: the context that an event carries. Memory only: no files, no settings, nothing that
waits.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

Reading = Mapping[str, Any]
"""What OctoPrint keeps of the temperatures that the printer told at one time: by heater, and under `time`, when."""


class PrinterView:
    """A look at the printer. Never raises: what cannot be had is left out."""

    def __init__(self, printer: Any) -> None:
        self._printer = printer

    def now(self) -> dict[str, Any]:
        """State, job, progress, temperatures, the machine's offset from UTC, and how long it has been up."""
        try:
            data = self._printer.get_current_data()
        except Exception:  # OctoPrint 2 raises when progress is asked for between two jobs.
            data = {}
        context: dict[str, Any] = data if isinstance(data, dict) else {}
        try:
            context["temperatures"] = self._printer.get_current_temperatures()
        except Exception:  # The printer may be gone between two lines.
            context["temperatures"] = {}
        context["utcOffset"] = time.localtime().tm_gmtoff
        context["uptime"] = int(time.monotonic())  # OctoPrint's systems begin to count with their start.
        return context

    def readings_since(self, last: Reading | None) -> list[Reading]:
        """What was read of the temperatures after that one, oldest first; all that OctoPrint keeps if it is gone."""
        try:
            history = self._printer.get_temperature_history()
        except Exception:  # As above.
            return []
        new: list[Reading] = []
        for reading in reversed(history):
            if reading is last:
                break
            new.append(reading)
        return new[::-1]

    def is_busy(self) -> bool:
        """Whether there is a job that has begun and not ended."""
        try:
            return bool(self._printer.is_printing() or self._printer.is_paused())
        except Exception:  # As above.
            return False


def with_reading(context: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """The context as it was when these temperatures were read."""
    now = context["temperatures"]
    temperatures = {
        heater: {
            "actual": value["actual"],
            "target": value["target"],
            "offset": now[heater]["offset"] if heater in now else 0,
        }
        for heater, value in reading.items()
        if heater != "time"
    }
    return {**context, "temperatures": temperatures}


def plain(value: Any) -> Any:
    """A copy made of dicts and lists; anything that is neither is kept as it is."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
