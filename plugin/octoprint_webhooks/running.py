"""One engine with its threads, from start to stop.

In: the wheel, the options and what OctoPrint offers. Out: a running engine whose notices are acted on. Starts and
stops as often as OctoPrint likes; every thread is a daemon, and a stop is bounded whatever hangs.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Optional

from octoprint_webhooks.camera import MOST_CAMERAS, Camera, CameraError
from octoprint_webhooks.complaints import Complaints
from octoprint_webhooks.desk import Desk, Request
from octoprint_webhooks.metadata import Metadata
from octoprint_webhooks.movie import Movies
from octoprint_webhooks.native import Native
from octoprint_webhooks.notices import Notices
from octoprint_webhooks.stage import Stage
from octoprint_webhooks.thumbnail import ThumbnailError, Thumbnails

if TYPE_CHECKING:
    from octohooks import Engine

STOP_SECONDS = 2.0
"""OctoPrint gives all plugins together 15 s."""
_ENGINE_SHARE_SECONDS = 1.5

_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


ALL_CAMERAS = "*"
"""The name that stands for all webcams."""

Shot = tuple[Optional[bytes], bool, bool, bool, Optional[str]]
"""What one camera gave: a JPEG, its flips and its turn, or why there is none."""


def _is_staged(notice: dict[str, Any]) -> bool:
    return bool(notice["before"] or notice["after"] or notice["wait_seconds"])


class Running:
    """An engine, the thread that pulls its notices, and the desks that answer it."""

    def __init__(
        self,
        native: Native,
        options: str,
        *,
        metadata: Metadata,
        camera: Camera,
        thumbnails: Thumbnails,
        stage: Stage,
        movies: Movies,
        fire: Callable[[str, Any], None],
        tell_browsers: Callable[[str, Any], None],
        logger: logging.Logger,
        complaints: Complaints,
    ) -> None:
        self.engine: Engine = native.engine(options)
        self._metadata = metadata
        self._camera = camera
        self._thumbnails = thumbnails
        self._stage = stage
        self._movies = movies
        self._stopping = threading.Event()
        self._logger = logger
        metadata_desk = Desk("metadata", self._answer_metadata, complaints)
        picture_desk = Desk("pictures", self._answer_picture, complaints)
        # What is staged takes its time, and holds up no other picture.
        staged_desk = Desk("staged-pictures", self._answer_picture, complaints)
        file_desk = Desk("files", self._answer_of_file, complaints)
        layers_desk = Desk("layers", self._read_layers, complaints)
        self._desks = (metadata_desk, picture_desk, staged_desk, file_desk, layers_desk)
        handlers = {
            "log": self._log,
            "fire": lambda notice: fire(f"plugin_webhooks_{notice['event']}", notice.get("payload")),
            "ui": lambda notice: tell_browsers(notice["right"], notice["data"]),
            "metadata": metadata_desk.put,
            "picture": lambda notice: (staged_desk if _is_staged(notice) else picture_desk).put(notice),
            "thumbnail": file_desk.put,
            "movie": file_desk.put,
            "layers": layers_desk.put,
        }
        self._notices = Notices(self.engine, handlers, complaints)
        self._notices.start()

    def stop(self) -> None:
        """Stops the engine, then lets the last notices be heard; takes at most `STOP_SECONDS`."""
        deadline = time.monotonic() + STOP_SECONDS
        self._stopping.set()
        try:
            self.engine.stop(int(_ENGINE_SHARE_SECONDS * 1000))
        except Exception as error:
            self._logger.warning("The engine did not stop as it should: %s", error)
        for desk in self._desks:
            desk.close()
        self._notices.end(max(0.0, deadline - time.monotonic()))

    def _log(self, notice: dict[str, Any]) -> None:
        self._logger.log(_LEVELS.get(notice["level"], logging.INFO), "%s", notice["message"])

    def _answer_metadata(self, request: Request) -> None:
        notice = request.notice
        found = self._metadata.of(notice["origin"], notice["path"])
        self.engine.answer_metadata(notice["ticket"], found)

    def _read_layers(self, request: Request) -> None:
        notice = request.notice
        file = self._metadata.file_of(notice["origin"], notice["path"])
        if file is not None:
            self.engine.read_layers(notice["origin"], notice["path"], file)

    def _answer_picture(self, request: Request) -> None:
        notice = request.notice
        before, after = notice["before"], notice["after"]
        light = {"while_printing": notice["while_printing"]}
        notes = [self._stage.send(before, **light)] if before else []
        try:
            self._stopping.wait(notice["wait_seconds"])
            shots = self._shots(notice["camera"], request)
        finally:
            if after and notes in ([], [None]):  # What was not switched on is not switched off.
                notes.append(self._stage.send(after, **light))
        said = dict.fromkeys(note for note in notes if note)
        self.engine.answer_pictures(notice["ticket"], shots, " ".join(said) or None)

    def _shots(self, camera: str, request: Request) -> list[Shot]:
        try:
            names = self._camera.names() if camera == ALL_CAMERAS else camera.split("\n")[:MOST_CAMERAS]
        except CameraError as error:
            return [(None, False, False, False, str(error))]
        # A camera that hangs leaves the others their share of the time.
        several = len(names) > 1
        return [self._shot(name, request.seconds_left / (len(names) - at), several) for at, name in enumerate(names)]

    def _shot(self, name: str, seconds: float, several: bool) -> Shot:
        try:
            picture = self._camera.take(seconds, name)
        except CameraError as error:
            return None, False, False, False, f"{name}: {error}" if several else str(error)
        return picture.jpeg, picture.flip_h, picture.flip_v, picture.rotate_90, None

    def _answer_of_file(self, request: Request) -> None:
        notice = request.notice
        if notice["kind"] == "movie":
            self.engine.answer_movie(notice["ticket"], self._movies.file_of(notice["path"]))
            return
        try:
            picture, file = self._thumbnails.of(notice["origin"], notice["path"])
        except ThumbnailError as error:
            self.engine.answer_thumbnail(notice["ticket"], None, None, str(error))
        else:
            self.engine.answer_thumbnail(notice["ticket"], picture, file, None)
