"""A webcam whose picture shows which way is up: four quadrants of four colours."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image

from harness.receiver import Behaviour, Receiver

Colour = tuple[int, int, int]

SMALL = (320, 200)
LARGE = (2592, 1944)
FURTHER = (160, 120)
QUADRANTS: dict[str, Colour] = {
    "red": (220, 30, 30),
    "green": (30, 180, 30),
    "blue": (30, 30, 220),
    "white": (240, 240, 240),
}


@lru_cache
def picture(size: tuple[int, int] = SMALL) -> bytes:
    """A JPEG: red and green above, blue and white below."""
    width, height = size
    image = Image.new("RGB", size)
    corners = [(0, 0), (width // 2, 0), (0, height // 2), (width // 2, height // 2)]
    for corner, colour in zip(corners, QUADRANTS.values()):
        image.paste(colour, (*corner, corner[0] + width // 2, corner[1] + height // 2))
    jpeg = BytesIO()
    image.save(jpeg, "JPEG", quality=90)
    return jpeg.getvalue()


def grainy(size: tuple[int, int] = (800, 600)) -> bytes:
    """A JPEG that takes many bytes, whatever its quality."""
    jpeg = BytesIO()
    Image.effect_noise(size, 120).convert("RGB").save(jpeg, "JPEG", quality=95)
    return jpeg.getvalue()


def png(size: tuple[int, int], colour: Colour = QUADRANTS["green"]) -> bytes:
    """A PNG of one colour, as slicers draw thumbnails."""
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def quadrants(jpeg: bytes) -> list[str]:
    """The colours of a JPEG's quadrants: above left, above right, below left, below right."""
    image = Image.open(BytesIO(jpeg)).convert("RGB")
    width, height = image.size
    points = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [_nearest(image.getpixel(point)) for point in points]


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Width and height of a JPEG."""
    image = Image.open(BytesIO(jpeg))
    assert image.format == "JPEG", image.format
    image.load()
    return image.size


def pixels_of(picture: bytes) -> tuple[tuple[int, int], object]:
    """Size and first pixel of any picture: what a slicer wrote may have been written anew."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    return image.size, image.getpixel((0, 0))


def _nearest(pixel: object) -> str:
    assert isinstance(pixel, tuple)
    return min(QUADRANTS, key=lambda name: sum((a - b) ** 2 for a, b in zip(pixel, QUADRANTS[name])))


class Webcam:
    """Serves one picture to whoever asks, and can be unplugged."""

    def __init__(self, jpeg: bytes | None = None) -> None:
        self.receiver = Receiver()
        self.shows(jpeg or picture())

    def __enter__(self) -> Webcam:
        self.receiver.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.receiver.__exit__(*exception)

    @property
    def url(self) -> str:
        """The snapshot URL to configure."""
        return self.receiver.url("/snapshot.jpg")

    @property
    def taken(self) -> int:
        """How many snapshots have been asked for."""
        return len(self.receiver.matching("/snapshot.jpg"))

    def shows(self, jpeg: bytes) -> None:
        """Sets the picture."""
        self.receiver.answers("/snapshot.jpg", Behaviour(body=jpeg, headers={"Content-Type": "image/jpeg"}))

    def unplug(self) -> None:
        """From now on it answers as a broken camera does."""
        self.receiver.answers("/snapshot.jpg", Behaviour(status=503, body=b"no camera"))

    @classmethod
    def of_file(cls, path: Path) -> Webcam:
        """Serves a file."""
        return cls(path.read_bytes())
