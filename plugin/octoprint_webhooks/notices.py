"""Pulls what the engine has to say, and does it: log, fire an event, tell the browsers, fetch metadata or a picture.

In: an engine and one handler for each kind of notice. One daemon thread pulls; handlers that can block put their work
on a desk of their own. The engine never calls into Python.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable

from octoprint_webhooks.complaints import Complaints

if TYPE_CHECKING:
    from octohooks import Engine

PULL_MS = 5000
"""How long one pull waits. The engine wakes it earlier when there is something."""
BREATH_SECONDS = 1.0
"""How long to rest after a pull that failed."""

Handler = Callable[[dict[str, Any]], None]


class Notices:
    """The thread that pulls."""

    def __init__(self, engine: Engine, handlers: Mapping[str, Handler], complaints: Complaints) -> None:
        self._engine = engine
        self._handlers = handlers
        self._complaints = complaints
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks-notices", daemon=True)

    def start(self) -> None:
        """Begins to pull."""
        self._thread.start()

    def end(self, timeout_seconds: float) -> None:
        """Pulls what there still is, then ends; does not wait longer than told."""
        self._ending.set()
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while True:
            ending = self._ending.is_set()
            try:
                text = self._engine.next_notice(0 if ending else PULL_MS)
            except Exception as error:
                if ending:
                    return
                self._complaints.about("Asking the engine for news", error)
                self._ending.wait(BREATH_SECONDS)
                continue
            if text is not None:
                self._act(text)
            elif ending:
                return

    def _act(self, text: str) -> None:
        kind = "unknown"
        try:
            notice = json.loads(text)
            kind = notice["kind"]
            handler = self._handlers.get(kind)
            if handler is not None:
                handler(notice)
        except Exception as error:
            self._complaints.about(f"Acting on a notice of the kind {kind}", error)
