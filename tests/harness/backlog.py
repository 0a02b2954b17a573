"""A hook whose receiver is down or up, and numbered events on their way there: what waits, what arrived, in what order.

All numbers are of one class and for one hook, so that they arrive in their order whatever happens in between.
"""

from __future__ import annotations

from random import Random
from typing import Any

from harness.receiver import Behaviour, Received, Receiver
from harness.server import OctoPrintServer

EVENT = "HarnessEvent"

DATA = {"number": "@extra", "delivery": "@deliveryId", "late": "@late", "time": "@currentTime"}

_DOWN = Behaviour(mode="reset")
"""Not a 503: an endpoint that answers may stumble over one delivery alone, which then loses its place in the order."""


class Backlog:
    """What waits for one hook. The server may be stopped, killed and started meanwhile."""

    def __init__(self, server: OctoPrintServer, receiver: Receiver, path: str = "/backlog", **fields: Any) -> None:
        self.server = server
        self.receiver = receiver
        self.path = path
        custom = [{"event": EVENT, "message": "m"}]
        view = server.admin.create_hook(receiver.url(path), data=DATA, events=(), custom_events=custom, **fields)
        self.hook = str(view["hook"]["id"])

    def goes_down(self) -> None:
        """From now on the receiver cuts every connection."""
        self.receiver.answers(self.path, _DOWN)

    def comes_back(self) -> None:
        """From now on it takes what comes, and the user asks for the next try at once."""
        self.receiver.answers(self.path, Behaviour())
        self.server.admin.api("POST", f"/hooks/{self.hook}/try")

    def pause(self, paused: bool) -> None:
        """The user pauses the hook, or resumes it."""
        self.server.admin.api("PUT", f"/hooks/{self.hook}/paused", json={"paused": paused})

    def happen(self, numbers: range) -> None:
        """These events happen, right after one another. Each takes up pages of its own, however well it is packed."""
        events = [(EVENT, {"number": number, "text": Random(number).randbytes(600).hex()}) for number in numbers]
        self.server.admin.fire_all(events)

    def wait_for_waiting(self, count: int) -> None:
        """Waits until so many deliveries wait."""
        admin = self.server.admin
        admin.wait_for(f"{count} waiting", lambda: admin.status()["counts"]["waiting"] == count)

    def wait_for_stored(self, count: int) -> None:
        """Waits until so many events lie on the disk since the start, so that a kill takes none of them."""
        admin = self.server.admin
        admin.wait_for(f"{count} stored", lambda: admin.status()["outbox"]["events"] == count)

    def taken(self) -> list[Received]:
        """What the receiver took."""
        return self.receiver.matching(self.path, lambda seen: seen.answered == 200)

    def numbers(self) -> list[int]:
        """The numbers that it took, as they came."""
        return [int(seen.json()["number"]["number"]) for seen in self.taken()]

    def wait_for(self, number: int, *, seconds: float = 60.0) -> list[int]:
        """Waits until this one has been taken and nothing waits any more; all that were taken, as they came."""
        admin = self.server.admin
        admin.wait_for(f"number {number}; {self.numbers()}", lambda: number in self.numbers(), seconds=seconds)
        admin.wait_for("nothing waiting", lambda: admin.status()["counts"]["waiting"] == 0, seconds=seconds)
        return self.numbers()
