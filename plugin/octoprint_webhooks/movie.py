"""A timelapse that is ready: where its file lies, if it is one of OctoPrint's.

The path comes with an event, which any plugin may fire: only files in OctoPrint's folder of timelapses are given away.
"""

from __future__ import annotations

import os
from typing import Callable


class Movies:
    """Finds timelapses in OctoPrint's folder."""

    def __init__(self, folder: Callable[[], str]) -> None:
        self._folder = folder

    def file_of(self, path: str) -> str | None:
        """The file of a timelapse; None for anything else. Touches the disk."""
        try:
            folder, file = os.path.realpath(self._folder()), os.path.realpath(path)
            is_within = os.path.commonpath([folder, file]) == folder
        except (OSError, ValueError):
            return None
        return file if is_within and os.path.isfile(file) else None
