"""An engine that only remembers, and a printer that only answers."""

from __future__ import annotations

import json
from queue import Empty, SimpleQueue
from typing import Any


class FakeEngine:
    """Wants what it is told to want."""

    def __init__(self, wanted: dict[str, int] | None = None) -> None:
        self.wanted = wanted or {}
        self.seen: list[tuple[Any, ...]] = []
        self.notices: SimpleQueue[str | None] = SimpleQueue()
        self.broken: BaseException | None = None

    def says(self, **notice: Any) -> None:
        self.notices.put(json.dumps(notice))

    def wants(self, event: str) -> int:
        if self.broken is not None:
            raise self.broken
        return self.wanted.get(event, 0)

    def wants_progress(self) -> bool:
        return self.wanted.get("progress", 0) > 0

    def wants_lines(self) -> bool:
        return self.wanted.get("lines", 0) > 0

    def wants_layers(self) -> bool:
        return self.wanted.get("layers", 0) > 0

    def matching_lines(self, lines: list[str]) -> list[str]:
        return [line for line in lines if "match" in line]

    def observe_terminal_line(self, line: str, context: object) -> None:
        self.seen.append(("terminal", line, context))

    def observe_temperatures(self, context: Any) -> None:
        self.seen.append(("temperatures", context["temperatures"]))

    def read_layers(self, origin: str, path: str, file: str) -> None:
        self.seen.append(("layers", origin, path, file))

    def observe_event(self, name: str, payload: object, context: object) -> None:
        self.seen.append(("event", name, payload, context))

    def observe_progress(self, context: Any) -> None:
        self.seen.append(("progress", context["progress"]["completion"], context))

    def observe_line(self, line: str, context: object) -> None:
        self.seen.append(("line", line, context))

    def observe_gcode(self, line: str, context: object) -> None:
        self.seen.append(("gcode", line, context))

    def next_notice(self, timeout_ms: int) -> str | None:
        try:
            return self.notices.get(timeout=timeout_ms / 1000) if timeout_ms else self.notices.get_nowait()
        except Empty:
            return None

    def answer_metadata(self, ticket: str, metadata: object) -> None:
        self.seen.append(("metadata", ticket, metadata))

    def answer_pictures(self, ticket: str, *answer: object) -> None:
        self.seen.append(("picture", ticket, *answer))

    def answer_thumbnail(self, ticket: str, *answer: object) -> None:
        self.seen.append(("thumbnail", ticket, *answer))

    def answer_movie(self, ticket: str, *answer: object) -> None:
        self.seen.append(("movie", ticket, *answer))

    def stop(self, deadline_ms: int) -> None:
        self.seen.append(("stop", deadline_ms))
        self.notices.put(None)  # Whoever waits is woken.


class FakePrinter:
    """Is always doing the same, until it is told otherwise."""

    def __init__(self) -> None:
        self.asked = 0
        self.broken = False
        self.prints = False
        self.data: dict[str, Any] = {"state": {"text": "Printing"}, "progress": {"completion": 12.5}}
        self.history: list[dict[str, Any]] = []

    def get_current_data(self) -> dict[str, Any]:
        self.asked += 1
        if self.broken:
            raise ValueError("progress without a job")
        return dict(self.data)

    def is_printing(self) -> bool:
        return self.prints

    def is_paused(self) -> bool:
        return False

    def reads(self, actual: float) -> None:
        self.history.append({"time": 0, "tool0": {"actual": actual, "target": 210.0}})

    def get_temperature_history(self) -> list[dict[str, Any]]:
        return list(self.history)

    def get_current_temperatures(self) -> dict[str, Any]:
        return {"tool0": {"actual": 200.0, "target": 210.0, "offset": 0}}
