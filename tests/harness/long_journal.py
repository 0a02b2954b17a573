"""A journal of many deliveries, made as the store would have written them, for an OctoPrint that does not run.

In: the plugin's data folder, the hook that they belong to, and when the newest was. Out: `state/journal.db`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

MIGRATIONS = Path(__file__).parents[2] / "crates" / "octohooks-store" / "migrations"

MINUTE_MS = 60_000
"""As far they are from each other."""

GIVEN_UP_EVERY = 10
"""Every tenth was given up."""

NEEDLE = "a needle in the hay"
"""In the message of the oldest."""

_COLUMNS = (
    "key, id, event_id, hook_id, hook_name, topic, event, at_ms, state, unusual, status, attempts, message, tried"
)


def write(data_folder: Path, hook_id: str, newest_ms: int, count: int) -> None:
    """Replaces the journal by one of `count` deliveries, one a minute."""
    remove(data_folder)
    state = data_folder / "state"
    state.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(state / "journal.db") as database:
        steps = sorted(MIGRATIONS.glob("journal_*.sql"))
        for step in steps:
            database.executescript(step.read_text(encoding="utf-8"))
        database.execute(f"pragma user_version = {len(steps)}")
        places = ", ".join("?" * len(_COLUMNS.split(",")))
        rows = _rows(UUID(hook_id).bytes, newest_ms, count)
        database.executemany(f"insert into delivery ({_COLUMNS}) values ({places})", rows)
    database.close()


def remove(data_folder: Path) -> None:
    """Removes whatever journal is there."""
    for old in (data_folder / "state").glob("journal.db*"):
        old.unlink()


def _rows(hook: bytes, newest_ms: int, count: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        at = newest_ms - number * MINUTE_MS
        failed = number % GIVEN_UP_EVERY == 3
        status, state = (503, 4) if failed else (204, 2)
        became = "The receiver has a problem: 503." if failed else "Delivered: 204 No Content in 35 ms."
        message = f"Number {number}: " + (NEEDLE if number == count - 1 else became)
        attempt = {
            "number": 1,
            "started": at,
            "phases": {"queue": 1, "dns": 2, "connect": 3, "first_byte": 25, "body": 1, "total": 31},
            "status": status,
            "answer": "thanks",
            "message": message,
        }
        # UUID version 7; the key is its time and the beginning of its chance, which is 0.
        name = at << 80 | 7 << 76 | 2 << 62 | number
        delivery, event = name.to_bytes(16, "big"), (name | 1 << 40).to_bytes(16, "big")
        yield (
            at << 15, delivery, event, hook, "Long history", "Print Done", "PrintDone", at, state,
            state if failed else None, status, 1, message, json.dumps([attempt]),
        )  # fmt: skip
