"""OctoPrint's log, record by record, and which of them speak against the plugin under test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_HEAD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - (?P<logger>\S+) - (?P<level>[A-Z]+) - ", re.ASCII)
_OURS = re.compile(r"webhooks|octohooks", re.IGNORECASE)

_OCTOPRINTS_OWN = ("octoprint.server.util.csrf", "tornado.access")
"""With these loggers OctoPrint tells of requests that it refused; a path of the plugin in there is no fault of it."""


@dataclass(frozen=True)
class Record:
    """One record with all of its lines."""

    logger: str
    level: str
    text: str

    @property
    def is_ours(self) -> bool:
        """Whether the plugin under test wrote it, or it speaks of that plugin."""
        return bool(_OURS.search(self.text))

    @property
    def is_problem(self) -> bool:
        """Whether it is a warning, an error or a traceback of the plugin under test."""
        if self.logger in _OCTOPRINTS_OWN and self.level == "WARNING":
            return False
        return self.is_ours and (
            self.level in ("WARNING", "ERROR", "CRITICAL") or "Traceback (most recent" in self.text
        )


def records(path: Path, start: int = 0) -> list[Record]:
    """The records from a place in the file on."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(start)
        text = file.read().decode(errors="replace")
    found: list[tuple[str, str, list[str]]] = []
    for line in text.splitlines():
        head = _HEAD.match(line)
        if head:
            found.append((head["logger"], head["level"], [line]))
        elif found:
            found[-1][2].append(line)
        else:
            found.append(("", "", [line]))
    return [Record(logger, level, "\n".join(lines)) for logger, level, lines in found]
