"""An engine with its threads: notices are acted on, a slow camera delays nothing, a stop is bounded."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import FakeEngine

from harness.bounded import until
from octoprint_webhooks.camera import Camera, CameraError
from octoprint_webhooks.complaints import Complaints
from octoprint_webhooks.metadata import Metadata
from octoprint_webhooks.movie import Movies
from octoprint_webhooks.native import Native
from octoprint_webhooks.running import STOP_SECONDS, Running
from octoprint_webhooks.stage import Stage
from octoprint_webhooks.thumbnail import ThumbnailError, Thumbnails


class Webcam:
    """Gives what it is told to, when it is told to."""

    def __init__(self, *chunks: bytes, wait_for: threading.Event | None = None, error: Exception | None = None) -> None:
        self.config = SimpleNamespace(name="cam", canSnapshot=True, flipH=True, flipV=False, rotate90=True)
        self.providerPlugin = self
        self._chunks, self._wait_for, self._error = chunks, wait_for, error

    def take_webcam_snapshot(self, _name: str) -> Iterator[bytes]:
        if self._error is not None:
            raise self._error
        if self._wait_for is not None:
            self._wait_for.wait(20)
        return iter(self._chunks)


class Files:
    """A file manager with one file."""

    def get_metadata(self, origin: str, path: str) -> dict[str, Any] | None:
        if origin != "local":
            raise KeyError(origin)
        return {"analysis": {"estimatedPrintTime": 1}} if path == "a.gcode" else None


class Printer:
    """Does what it is told, and remembers it."""

    def __init__(self, *, connected: bool = True, printing: bool = False, ending: bool = False) -> None:
        self.sent: list[list[str]] = []
        self.is_operational = lambda: connected
        self.is_printing = lambda: printing
        self.is_finishing = lambda: ending
        self.is_cancelling = lambda: False

    def commands(self, lines: list[str], tags: set[str]) -> None:
        assert "plugin:webhooks" in tags
        self.sent.append(lines)


def running(
    engine: FakeEngine, webcam: Webcam | None, told: list[Any] | None = None, printer: Printer | None = None
) -> Running:
    said = told if told is not None else []
    return Running(
        Native(lambda _options: engine),  # type: ignore[arg-type, return-value]
        "{}",
        metadata=Metadata(Files()),
        camera=Camera(lambda: webcam, max_bytes=100),
        thumbnails=Thumbnails(Files(), Metadata(Files())),
        stage=Stage(printer or Printer()),
        movies=Movies(lambda: "/nowhere"),
        fire=lambda event, payload: said.append((event, payload)),
        tell_browsers=lambda right, data: said.append((right, data)),
        logger=logging.getLogger("test"),
        complaints=Complaints(),
    )


def test_notices_are_acted_on_until_the_last(caplog: pytest.LogCaptureFixture) -> None:
    engine, told = FakeEngine(), []
    with caplog.at_level(logging.INFO):
        run = running(engine, None, told)
        engine.notices.put("no JSON")
        engine.says(kind="of a later version")
        engine.says(kind="log", level="info", message="100 % done.")
        engine.says(kind="fire", event="notify", payload={"eventId": "1"})
        engine.says(kind="ui", right="view", data={"type": "status"})
        run.stop()
    assert told == [("plugin_webhooks_notify", {"eventId": "1"}), ("view", {"type": "status"})]
    assert "100 % done." in caplog.messages
    assert engine.seen == [("stop", 1500)]


def test_metadata_and_pictures_are_answered_even_if_there_are_none() -> None:
    engine = FakeEngine()
    run = running(engine, Webcam(b"jp", b"eg"))
    engine.says(kind="metadata", ticket="1", origin="local", path="a.gcode")
    engine.says(kind="metadata", ticket="2", origin="local", path="b.gcode")
    engine.says(kind="metadata", ticket="3", origin="sdcard", path="a.gcode")
    engine.says(kind="picture", ticket="4", **NOTHING_AROUND)
    until("four answers", lambda: len(engine.seen) == 4, seconds=5)
    run.stop()
    answers = {answer[1]: answer[2:] for answer in engine.seen if answer[0] != "stop"}
    assert answers == {
        "1": ({"analysis": {"estimatedPrintTime": 1}},),
        "2": (None,),
        "3": (None,),
        "4": ([(b"jpeg", True, False, True, None)], None),
    }


NOTHING_AROUND = {"camera": "", "before": [], "after": [], "wait_seconds": 0, "while_printing": False}
LIGHT = NOTHING_AROUND | {"before": ["M355 S1"], "after": ["M355 S0"]}


@pytest.mark.parametrize(
    ("printer", "notice", "sent", "note"),
    [
        (Printer(), LIGHT, [["M355 S1"], ["M355 S0"]], None),
        (Printer(printing=True, ending=True), LIGHT, [["M355 S1"], ["M355 S0"]], None),
        (Printer(printing=True), LIGHT | {"while_printing": True}, [["M355 S1"], ["M355 S0"]], None),
        (Printer(printing=True), LIGHT, [], "a print is running."),
        (Printer(connected=False), LIGHT, [], "the printer is not connected."),
        (Printer(printing=True), LIGHT | {"before": []}, [], "a print is running."),
    ],
)
@pytest.mark.parametrize("webcam", [Webcam(b"jpeg"), Webcam(error=OSError())])
def test_the_light_goes_off_whatever_the_camera_does_and_stays_off_where_that_is_safer(
    webcam: Webcam, printer: Printer, notice: dict[str, Any], sent: list[list[str]], note: str | None
) -> None:
    engine, printer.sent = FakeEngine(), []
    run = running(engine, webcam, printer=printer)
    engine.says(kind="picture", ticket="1", seconds=10, **notice)
    until("an answer", lambda: len(engine.seen) == 1, seconds=5)
    run.stop()
    _, _, shots, said = engine.seen[0]
    assert (shots[0][0], printer.sent) == (None if webcam._error else b"jpeg", sent)
    assert said == (f"The G-code around the picture was not sent: {note}" if note else None)


class FilesWithThumbnail(Files):
    """A file manager of OctoPrint 2.0, which keeps thumbnails."""

    def read_thumbnail(self, _origin: str, path: str) -> tuple[object, io.BytesIO]:
        if path != "a.gcode":
            raise KeyError(path)
        return object(), io.BytesIO(b"png")

    def path_on_disk(self, _origin: str, _path: str) -> str:
        return __file__


def test_octoprint_s_own_thumbnail_is_taken_first_and_else_the_file() -> None:
    files = FilesWithThumbnail()
    thumbnails = Thumbnails(files, Metadata(files))
    assert thumbnails.of("local", "a.gcode") == (b"png", None)
    assert thumbnails.of("local", "b.gcode") == (None, __file__)
    with pytest.raises(ThumbnailError, match="lies on the printer"):
        Thumbnails(Files(), Metadata(Files())).of("sdcard", "a.gco")


def test_only_files_of_octoprint_s_folder_of_timelapses_are_given_away(tmp_path: Path) -> None:
    folder = tmp_path / "timelapse"
    folder.mkdir()
    movie, other, link = folder / "benchy.mp4", tmp_path / "secret.mp4", folder / "link.mp4"
    movie.write_bytes(b"movie")
    other.write_bytes(b"other")
    link.symlink_to(other)
    movies = Movies(lambda: str(folder))
    assert movies.file_of(str(movie)) == str(movie.resolve())
    for path in (other, link, folder / "gone.mp4", folder, folder / ".." / "secret.mp4"):
        assert movies.file_of(str(path)) is None, path
    assert movies.file_of("relative\0path") is None


def test_a_camera_that_hangs_delays_neither_metadata_nor_the_stop() -> None:
    engine, shutter = FakeEngine(), threading.Event()
    run = running(engine, Webcam(b"late", wait_for=shutter))
    engine.says(kind="picture", ticket="slow", **NOTHING_AROUND)
    engine.says(kind="metadata", ticket="quick", origin="local", path="a.gcode")
    until("the metadata", lambda: len(engine.seen) == 1, seconds=5)
    assert engine.seen[0][1] == "quick"
    before = time.monotonic()
    run.stop()
    assert time.monotonic() - before < STOP_SECONDS + 0.5
    shutter.set()


def test_all_threads_are_daemons() -> None:
    engine = FakeEngine()
    run = running(engine, None)
    ours = [thread for thread in threading.enumerate() if thread.name.startswith("webhooks-")]
    assert {"webhooks-notices", "webhooks-metadata", "webhooks-pictures"} <= {thread.name for thread in ours}
    assert all(thread.daemon for thread in ours)
    run.stop()


@pytest.mark.parametrize(
    ("webcam", "sentence"),
    [
        (None, "No webcam that can take snapshots is set up in OctoPrint."),
        (Webcam(), "The camera gave an empty answer."),
        (Webcam(b"x" * 60, b"x" * 60), "The camera's picture is larger than 0 MiB."),
        (Webcam(error=OSError("http://user:secret@camera/")), "The camera could not be reached (OSError)."),
    ],
)
def test_why_there_is_no_picture_is_said_without_the_address(webcam: Webcam | None, sentence: str) -> None:
    with pytest.raises(CameraError) as caught:
        Camera(lambda: webcam, max_bytes=100).take(5)
    assert str(caught.value) == sentence


def test_a_camera_has_a_deadline_and_one_picture_at_a_time() -> None:
    shutter = threading.Event()
    camera = Camera(lambda: Webcam(b"late", wait_for=shutter))
    with pytest.raises(CameraError, match="gave no picture within"):
        camera.take(0.05)
    with pytest.raises(CameraError, match="still busy"):
        camera.take(0.05)
    shutter.set()
    assert camera.take(5).jpeg == b"late"
