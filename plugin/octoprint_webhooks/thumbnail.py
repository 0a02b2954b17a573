"""The thumbnail of a file: OctoPrint's own where it keeps them (2.0), else the file that the engine looks into.

Touches the disk, or the printer that the file lies on: only for threads that may wait.
"""

from __future__ import annotations

from typing import Any

from octoprint_webhooks.metadata import Metadata

MAX_BYTES = 4 * 1024 * 1024
"""A picture larger than this is no thumbnail."""


class ThumbnailError(Exception):
    """There is no thumbnail, and the sentence says why."""


class Thumbnails:
    """Looks thumbnails up in OctoPrint's file manager."""

    def __init__(self, file_manager: Any, metadata: Metadata) -> None:
        self._file_manager = file_manager
        self._metadata = metadata

    def of(self, origin: str, path: str) -> tuple[bytes | None, str | None]:
        """The picture, or the file on this machine's disk that may hold it; raises `ThumbnailError`."""
        picture = self._octoprints_own(origin, path)
        file = self._metadata.file_of(origin, path) if picture is None else None
        if picture is None and file is None:
            raise ThumbnailError("The file lies on the printer, where its thumbnail cannot be read.")
        return picture, file

    def _octoprints_own(self, origin: str, path: str) -> bytes | None:
        read_thumbnail = getattr(self._file_manager, "read_thumbnail", None)
        if read_thumbnail is None:  # OctoPrint 1.x
            return None
        try:
            found = read_thumbnail(origin, path)  # The largest one.
            if not found:
                return None
            with found[1] as stream:
                picture = bytes(stream.read(MAX_BYTES + 1))
        except Exception:  # Each kind of storage has its own way of saying that there is none.
            return None
        return picture if 0 < len(picture) <= MAX_BYTES else None
