"""Pictures from OctoPrint's webcam API.

In: the name of a webcam; nothing is the one that the user chose for snapshots. Out: JPEG bytes as the camera gave them,
with the flips and the turn that the engine has to apply; and which webcams there are to choose from. OctoPrint's
own timeout is per read, so an overall deadline and a cap on the size are kept here. Blocks; not for threads in a hurry.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Callable

from octoprint.webcams import get_snapshot_webcam, get_webcams

MAX_BYTES = 20 * 1024 * 1024
"""A picture larger than this is not a snapshot."""

MOST_CAMERAS = 8
"""More pictures than this do not go into one message."""


def to_choose_from(webcams: Callable[[], dict[str, Any]] = get_webcams) -> list[dict[str, str]]:
    """The webcams that take snapshots: the name of each, and its title for people."""
    found = [(name, webcam.config) for name, webcam in webcams().items()]
    return [{"name": name, "title": str(config.displayName or name)} for name, config in found if config.canSnapshot]


class CameraError(Exception):
    """There is no picture, and the sentence says why."""


@dataclass(frozen=True)
class Picture:
    """What the camera gave."""

    jpeg: bytes
    flip_h: bool
    flip_v: bool
    rotate_90: bool


class Camera:
    """Takes one picture of each camera at a time. A camera that hangs keeps its thread, and makes the next request of
    its kind wait or fail."""

    def __init__(
        self,
        webcam: Callable[[], Any] = get_snapshot_webcam,
        max_bytes: int = MAX_BYTES,
        webcams: Callable[[], dict[str, Any]] = get_webcams,
    ) -> None:
        self._webcam = webcam
        self._webcams = webcams
        self._max_bytes = max_bytes
        self._shutters: defaultdict[str, threading.Semaphore] = defaultdict(threading.Semaphore)

    def names(self) -> list[str]:
        """The webcams that take snapshots; raises `CameraError` where there are none."""
        names = [name for name, webcam in self._webcams().items() if webcam.config.canSnapshot]
        if not names:
            raise CameraError("No webcam that can take snapshots is set up in OctoPrint.")
        return names[:MOST_CAMERAS]

    def take(self, seconds: float, name: str = "") -> Picture:
        """A picture within so many seconds; raises `CameraError`."""
        deadline = time.monotonic() + seconds
        shutter = self._shutters[name]
        if not shutter.acquire(timeout=max(0.0, seconds)):
            raise CameraError("The camera is still busy with an earlier picture.")
        exposure = _Exposure()

        def expose() -> None:
            try:
                exposure.picture = self._expose(name, deadline)
            except Exception as error:
                exposure.error = error
            finally:
                shutter.release()
                exposure.done.set()

        threading.Thread(target=expose, name="webhooks-shutter", daemon=True).start()
        if not exposure.done.wait(max(0.0, deadline - time.monotonic())):
            raise CameraError(f"The camera gave no picture within {seconds:.0f} seconds.")
        if exposure.picture is None:
            raise exposure.as_camera_error()
        return exposure.picture

    def _expose(self, name: str, deadline: float) -> Picture:
        webcam = self._named(name) if name else self._webcam()
        if webcam is None or not webcam.config.canSnapshot:
            raise CameraError("No webcam that can take snapshots is set up in OctoPrint.")
        config = webcam.config
        chunks = webcam.providerPlugin.take_webcam_snapshot(config.name)
        jpeg = self._gather(chunks, deadline)
        return Picture(jpeg, bool(config.flipH), bool(config.flipV), bool(config.rotate90))

    def _named(self, name: str) -> Any:
        webcams = self._webcams()
        alike = (webcam for webcam in webcams.values() if webcam.config.displayName.strip().lower() == name.lower())
        webcam = webcams.get(name) or next(alike, None)
        if webcam is None:
            raise CameraError(f'OctoPrint has no webcam "{name}".')
        return webcam

    def _gather(self, chunks: Iterable[bytes], deadline: float) -> bytes:
        jpeg = bytearray()
        for chunk in chunks:
            jpeg += chunk
            if len(jpeg) > self._max_bytes:
                mebibytes = self._max_bytes // (1024 * 1024)
                raise CameraError(f"The camera's picture is larger than {mebibytes} MiB.")
            if time.monotonic() > deadline:
                raise CameraError("The camera sends its picture too slowly.")
        if not jpeg:
            raise CameraError("The camera gave an empty answer.")
        return bytes(jpeg)


class _Exposure:
    """What one thread leaves behind for the other."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.picture: Picture | None = None
        self.error: Exception | None = None

    def as_camera_error(self) -> CameraError:
        if isinstance(self.error, CameraError):
            return self.error
        # The text of a foreign exception may hold the camera's address with its password, so only its kind is told.
        kind = type(self.error).__name__
        return CameraError(f"The camera could not be reached ({kind}).")
