"""Figures: what was measured, beside what it should be at most, as a table for people and as JSON lines for programs.

In: measured values, or JSON lines that another program wrote. Out: one table, one file. It measures nothing itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median

_HEAD = ("figure", "median", "spread", "limit", "holds")


@dataclass(frozen=True)
class Figure:
    """One thing that was measured several times."""

    name: str
    value: float
    """The median."""
    unit: str
    limit: float | None = None
    """What it should be at most or at least; `None` for what is only told."""
    at_most: bool = True
    spread: tuple[float, float] | None = None
    """The least and the greatest of what was measured."""
    note: str = ""

    @classmethod
    def of(
        cls,
        name: str,
        values: Sequence[float],
        unit: str,
        *,
        limit: float | None = None,
        at_most: bool = True,
        note: str = "",
    ) -> Figure:
        """The median of several runs and their spread."""
        return cls(name, median(values), unit, limit, at_most, (min(values), max(values)), note)

    @property
    def holds(self) -> bool | None:
        """Whether it keeps its limit; `None` without one."""
        if self.limit is None:
            return None
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Figure:
        """From one line, as `to_json` or another program writes it; what may be missing has its default."""
        fields = json.loads(line)
        if fields.get("spread") is not None:
            least, greatest = fields["spread"]
            fields["spread"] = (least, greatest)
        return cls(**fields)


def read(lines: Iterable[str]) -> list[Figure]:
    """All figures of a file or an output; empty lines are passed over."""
    return [Figure.from_json(line) for line in lines if line.strip()]


def table(figures: Sequence[Figure]) -> str:
    """A line for each figure, and below it what there is to say about it."""
    rows = [_row(figure) for figure in figures]
    widths = [max(len(row[column]) for row in [_HEAD, *rows]) for column in range(len(_HEAD))]
    lines = [_line(_HEAD, widths), "  ".join("-" * width for width in widths)]
    for figure, row in zip(figures, rows):
        lines.append(_line(row, widths))
        if figure.note:
            lines.append(f"    {figure.note}")
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, ...]:
    spread = " … ".join(_number(end) for end in figure.spread) if figure.spread else ""
    limit = "" if figure.limit is None else f"{'≤' if figure.at_most else '≥'} {_number(figure.limit)}"
    holds = {None: "", True: "yes", False: "NO"}[figure.holds]
    return (figure.name, f"{_number(figure.value)} {figure.unit}".rstrip(), spread, limit, holds)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *others = [
        cell.ljust(width) if column in (0, len(widths) - 1) else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths))
    ]
    return "  ".join([name, *others]).rstrip()


def _number(value: float) -> str:
    """Three digits that say something, and no exponent."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
