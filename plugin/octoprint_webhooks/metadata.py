"""What OctoPrint knows about a file: analysis, statistics, history, and where it lies.

Reading it touches the disk, and OctoPrint hands out its own cache: so this runs on a thread that may wait, and gives
a copy.
"""

from __future__ import annotations

import os
from typing import Any

from octoprint_webhooks.printer_view import plain

_ATTEMPTS = 3


class Metadata:
    """Looks metadata up in OctoPrint's file manager."""

    def __init__(self, file_manager: Any) -> None:
        self._file_manager = file_manager

    def file_of(self, origin: str, path: str) -> str | None:
        """Where a file lies on this machine's disk; None for those on the printer's card, and for what is gone."""
        try:
            file = str(self._file_manager.path_on_disk(origin, path))
        except Exception:  # A storage that is on no disk has its own way of saying so.
            return None
        return file if os.path.isfile(file) else None

    def of(self, origin: str, path: str) -> dict[str, Any] | None:
        """The metadata of a file, or None when there is none or no such storage."""
        for _ in range(_ATTEMPTS):
            try:
                found = self._file_manager.get_metadata(origin, path)
                return dict(plain(found)) if found else None
            except RuntimeError:  # OctoPrint changed its cache while it was being copied.
                continue
            except (
                Exception
            ):  # The file or its storage is gone: OctoPrint has many exceptions for that, and none is a fault of ours.
                return None
        return None
