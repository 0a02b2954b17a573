"""What is done around a picture: lines of G-code before and after it, a light for instance.

Nothing is sent to a printer that prints, unless the user has said that it may be. Whatever goes wrong here costs a
sentence, never the picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_TAGS = {"source:plugin", "plugin:webhooks"}


class Stage:
    """Sends lines to OctoPrint's printer, where that is safe."""

    def __init__(self, printer: Any) -> None:
        self._printer = printer

    def send(self, lines: Iterable[str], *, while_printing: bool) -> str | None:
        """Why the lines were not sent, a sentence; None when they were."""
        try:
            if not self._printer.is_operational():
                return "The G-code around the picture was not sent: the printer is not connected."
            if self._prints() and not while_printing:
                return "The G-code around the picture was not sent: a print is running."
            self._printer.commands(list(lines), tags=set(_TAGS))
        except Exception as error:  # OctoPrint and its plugins refuse in ways of their own.
            return f"The G-code around the picture could not be sent ({type(error).__name__})."
        return None

    def _prints(self) -> bool:
        """Whether lines of a print may still be sent; one that is ending has none left."""
        printer = self._printer
        return bool(printer.is_printing() and not printer.is_finishing() and not printer.is_cancelling())
