"""Says once per kind that something inside the plugin went wrong, so that a fault that repeats does not fill the log.

This is for the plugin itself being broken. What becomes of deliveries is the engine's to tell.
"""

from __future__ import annotations

import logging


class Complaints:
    """A memory of what has been said already."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._logger = logging.getLogger("octoprint.plugins.webhooks")

    def about(self, what: str, error: BaseException) -> None:
        """Logs the first fault of a kind, with its traceback. Writes a file: not for threads in a hurry."""
        kind = f"{what}: {type(error).__name__}"
        if kind in self._said:
            return
        self._said.add(kind)
        self._logger.warning("%s failed: %s", what, error, exc_info=(type(error), error, error.__traceback__))
