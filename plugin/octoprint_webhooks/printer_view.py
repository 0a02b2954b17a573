"""What the printer says at this moment, as plain dicts and lists.

In: OctoPrint's printer. Out: the context that an event carries. Memory only: no files, no settings, nothing that
waits.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any


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
        return self._completed(data)

    def of(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The same from data that OctoPrint pushed."""
        return self._completed({name: plain(value) for name, value in data.items() if name not in _PUSHED_ONLY})

    def _completed(self, data: Any) -> dict[str, Any]:
        context: dict[str, Any] = data if isinstance(data, dict) else {}
        try:
            context["temperatures"] = self._printer.get_current_temperatures()
        except Exception:  # The printer may be gone between two lines.
            context["temperatures"] = {}
        context["utcOffset"] = time.localtime().tm_gmtoff
        context["uptime"] = int(time.monotonic())  # OctoPrint's systems begin to count with their start.
        return context


_PUSHED_ONLY = frozenset({"temps", "logs", "messages", "plugins", "busyFiles", "markings"})
"""Parts of OctoPrint's pushed data that are no part of the printer's state."""


def plain(value: Any) -> Any:
    """A copy made of dicts and lists; anything that is neither is kept as it is."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
