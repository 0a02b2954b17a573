"""A sentence for people, with what stands in its places: English here, the person's language in the browser.

For what is said without the engine. With it, its pages know the sentences.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sentence:
    """Its text is in OctoPrint's catalogues, as `%(name)s` for each place."""

    text: str
    values: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text

    def told(self) -> dict[str, Any]:
        """For the browser."""
        return {"text": self.text, "values": self.values}
