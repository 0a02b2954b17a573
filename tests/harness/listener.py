"""A hook and the end of its line: saved at one OctoPrint, heard at one receiver.

`settle` is how a test learns that nothing more came without waiting for time to pass: it fires an event of its own, and
since the order is kept per hook, everything before it has been sent when that one arrives.
"""

from __future__ import annotations

import itertools
from typing import Any

from harness.client import Client
from harness.receiver import Received, Receiver

EVERYTHING = {
    "topic": "@topic",
    "event": "@event",
    "message": "@message",
    "extra": "@extra",
    "eventId": "@eventId",
    "deliveryId": "@deliveryId",
    "jobId": "@jobId",
    "milestone": "@percentCompleteMilestone",
    "state": "@state",
    "job": "@job",
    "progress": "@progress",
    "time": "@currentTime",
}
"""Data that says everything a test may ask."""

FENCE = "plugin_ticker_fence"

_paths = itertools.count()


class Listener:
    """A hook with `EVERYTHING` as its data, unless told otherwise, and what it sent."""

    def __init__(self, admin: Client, receiver: Receiver, **fields: Any) -> None:
        self.admin = admin
        self.receiver = receiver
        self.path = f"/listener-{next(_paths)}"
        custom = [{"event": FENCE, "message": "fence"}, *fields.pop("custom_events", [])]
        fields.setdefault("data", EVERYTHING)
        self.view = admin.create_hook(receiver.url(self.path), custom_events=custom, **fields)
        self._fences = 0

    @property
    def id(self) -> str:
        """The hook's id."""
        return str(self.view["hook"]["id"])

    def raw(self) -> list[Received]:
        """All that came so far."""
        return self.receiver.matching(self.path)

    def heard(self) -> list[dict[str, Any]]:
        """What came so far, without fences."""
        return [body for body in (seen.json() for seen in self.raw()) if body["event"] != FENCE]

    def wait_for(self, topic: str, *, count: int = 1, timeout: float = 30.0) -> dict[str, Any]:
        """The newest of `count` webhooks of that topic."""
        found = self.receiver.wait_for(
            self.path, count=count, where=lambda seen: bool(seen.json()["topic"] == topic), timeout=timeout
        )
        return dict(found[-1].json())

    def settle(self) -> list[dict[str, Any]]:
        """Everything that was sent for what has happened up to now."""
        self._fences += 1
        self.admin.fire(FENCE)
        self.receiver.wait_for(self.path, count=self._fences, where=lambda seen: bool(seen.json()["event"] == FENCE))
        return self.heard()

    def topics(self, *, progress: bool = False) -> list[str]:
        """The topics of `settle`, in order; progress only on request."""
        return [body["topic"] for body in self.settle() if progress or body["topic"] != "Print Progress"]
