"""Waiting that ends: for a server that starts, or a page that changes. The only place that looks again and again."""

from __future__ import annotations

import threading
import time
from typing import Callable, TypeVar

T = TypeVar("T")

_nobody_sets_this = threading.Event()


class TooLateError(AssertionError):
    """What was waited for has not come."""


def until(what: str, look: Callable[[], T | None], *, seconds: float = 30.0, every: float = 0.05) -> T:
    """Looks until `look` returns something true, and returns that; `TooLateError` names `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() >= deadline:
            raise TooLateError(f"{what} has not come within {seconds:g} s (last look: {seen!r})")
        _nobody_sets_this.wait(every)


def let_pass(seconds: float) -> None:
    """Lets time pass where time is what is measured. Not for waiting until something has happened."""
    _nobody_sets_this.wait(seconds)
