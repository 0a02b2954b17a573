"""What other plugins do with a camera's JPEG: the same work by Pillow, timed on request of another program.

`pillow_side.py FOLDER` makes the pictures in the folder and prints them as one line of JSON: `{"pillow": version,
"pictures": {"720p": path, "1080p": path, "4K": path}}`. Then each line `{"file": path, "op": name, "repeat": n}` on
stdin gives one line `{"ms": [...]}`; it ends with its stdin. Optional are `bounds` (width and height; the plugin's
own) and `quality` (75, Pillow's own). Bytes in, bytes out: no file is read while the clock runs.
"""

from __future__ import annotations

import json
import random
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any, Callable

import PIL
from PIL import Image, ImageDraw, ImageFilter

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}
BOUNDS = (1640, 1232)
"""The default of `octohooks_image::Bounds`."""
QUALITY = 75
"""Pillow's default, with which most plugins save."""
_CAMERA_QUALITY = 85
_NOISE = 0.12
"""How much of a pixel is the sensor's noise: gives about the bytes that a webcam gives at this quality."""

Size = tuple[int, int]
Work = Callable[[bytes, Size, int], bytes]


def picture(size: Size) -> bytes:
    """A JPEG as a webcam gives it: light that falls off, a bed, a thing on it, fine lines, noise. Always the same."""
    width, height = size
    chance = random.Random(width)  # noqa: S311 - Nothing depends on its being hard to guess.
    across = Image.linear_gradient("L").rotate(90).resize(size)
    light = Image.merge(
        "RGB", (across, Image.linear_gradient("L").resize(size), Image.radial_gradient("L").resize(size))
    )
    image = light.point(lambda level: 60 + level // 2)
    draw = ImageDraw.Draw(image)
    draw.polygon(
        [(width // 8, height), (width // 4, height // 2), (width * 3 // 4, height // 2), (width * 7 // 8, height)],
        fill=(45, 45, 50),
    )
    for line in range(0, width, max(8, width // 64)):
        draw.line([(width // 2 + (line - width // 2) // 2, height // 2), (line, height)], fill=(75, 75, 80), width=2)
    for _ in range(60):
        left, top = chance.randrange(width), chance.randrange(height)
        box = (left, top, left + width // 12, top + height // 12)
        colour = (chance.randrange(256), chance.randrange(256), chance.randrange(256))
        chance.choice((draw.ellipse, draw.rectangle))(box, fill=colour)
    noise = Image.frombytes("RGB", size, chance.randbytes(width * height * 3)).filter(ImageFilter.BoxBlur(0.6))
    jpeg = BytesIO()
    Image.blend(image, noise, _NOISE).save(jpeg, "JPEG", quality=_CAMERA_QUALITY)
    return jpeg.getvalue()


def _open(jpeg: bytes, bounds: Size, quality: int) -> bytes:
    """A look at the size, for a picture that may stay as it is: Pillow reads no more than the header."""
    width, height = Image.open(BytesIO(jpeg)).size
    return jpeg if width <= bounds[0] and height <= bounds[1] else _fit(jpeg, bounds, quality)


def _fit(jpeg: bytes, bounds: Size, quality: int) -> bytes:
    image = Image.open(BytesIO(jpeg))
    image.thumbnail(bounds)
    return _saved(image, quality)


def _flip(jpeg: bytes, _bounds: Size, quality: int) -> bytes:
    return _saved(Image.open(BytesIO(jpeg)).transpose(Image.Transpose.FLIP_LEFT_RIGHT), quality)


def _turn(jpeg: bytes, _bounds: Size, quality: int) -> bytes:
    return _saved(Image.open(BytesIO(jpeg)).transpose(Image.Transpose.ROTATE_90), quality)


def _fit_turn(jpeg: bytes, bounds: Size, quality: int) -> bytes:
    """Made small first: less is left to turn, and the bounds hold for the sensor."""
    image = Image.open(BytesIO(jpeg))
    image.thumbnail(bounds)
    return _saved(image.transpose(Image.Transpose.ROTATE_90), quality)


def _saved(image: Image.Image, quality: int) -> bytes:
    jpeg = BytesIO()
    image.save(jpeg, "JPEG", quality=quality)
    return jpeg.getvalue()


WORK: dict[str, Work] = {"open": _open, "fit": _fit, "flip": _flip, "turn": _turn, "fit_turn": _fit_turn}


def timed(request: dict[str, Any]) -> list[float]:
    """Does what one line asks for, so many times; how long each took, in ms."""
    jpeg = Path(request["file"]).read_bytes()
    work = WORK[request["op"]]
    width, height = request.get("bounds") or BOUNDS
    quality = int(request.get("quality") or QUALITY)
    took = []
    for _ in range(int(request.get("repeat", 1))):
        begun = time.perf_counter()
        work(jpeg, (width, height), quality)
        took.append((time.perf_counter() - begun) * 1000)
    return took


def make_pictures(folder: Path) -> dict[str, str]:
    """The pictures in a folder, by the names of their sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for name, size in SIZES.items():
        path = folder / f"{name}.jpg"
        path.write_bytes(picture(size))
        made[name] = str(path)
    return made


def main() -> None:
    """Makes the pictures, then answers line by line."""
    pictures = make_pictures(Path(sys.argv[1]))
    _say({"pillow": PIL.__version__, "pictures": pictures})
    for line in sys.stdin:
        if line.strip():
            _say({"ms": timed(json.loads(line))})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
