"""A desk: one daemon thread that works off one kind of request in order, so that a slow kind delays no other."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Callable

from octoprint_webhooks.complaints import Complaints

ANSWER_SECONDS = 10.0
"""How long the engine waits for an answer before it goes on without one, unless the notice says otherwise."""


@dataclass(frozen=True)
class Request:
    """One request of the engine's."""

    notice: dict[str, Any]
    deadline: float
    """On the monotonic clock: when nobody waits for an answer any more."""

    @property
    def seconds_left(self) -> float:
        """How long there is still for the answer."""
        return max(0.0, self.deadline - time.monotonic())


class Desk:
    """Requests go in with `put` and are worked off one after the other."""

    def __init__(self, name: str, work: Callable[[Request], None], complaints: Complaints) -> None:
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        self._work = work
        self._complaints = complaints
        self._name = name
        threading.Thread(target=self._run, name=f"webhooks-{name}", daemon=True).start()

    def put(self, notice: dict[str, Any]) -> None:
        """Adds a request. Returns at once."""
        self._requests.put(Request(notice, time.monotonic() + notice.get("seconds", ANSWER_SECONDS)))

    def close(self) -> None:
        """Ends the thread after the request that it is at. Returns at once."""
        self._requests.put(None)

    def _run(self) -> None:
        while True:
            request = self._requests.get()
            if request is None:
                return
            try:
                self._work(request)
            except Exception as error:
                self._complaints.about(f"Answering for {self._name}", error)
