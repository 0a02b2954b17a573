"""OctoPrint's backups: what they leave out, and what has to be done after one was restored.

The hooks belong in a backup. Deliveries on their way do not: restored, they would be sent again. OctoPrint restores by
moving the whole base folder aside, or by packing it into a zip where it may not be moved, so what waits at that moment
lies there and is taken over from there; OctoPrint deletes it soon after its next start. It is moved and not copied, so
that each delivery is in one place only, and never over what is there already.

Nothing here may run while an engine of this process has the files open.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from octoprint.settings import settings

STATE = "state"
"""The folder below the plugin's data folder that the engine keeps for itself."""

OUTBOX = "outbox.db"
"""The file in it that says that it is complete: moved last, looked for first."""

ASIDE = ".bck"
"""What OctoPrint adds to the name of a base folder that it moves aside."""

ASIDE_ZIP = "basedir_before_restore.bck.zip"
"""Where OctoPrint packs a base folder that it cannot move."""


def additional_excludes(*_args: Any, **_kwargs: Any) -> list[str]:
    """Paths below the plugin's data folder."""
    return [STATE]


def put_in_order() -> bool:
    """After a restore, in the server or on the command line: gets what waited, and hides the files. Whether there was
    something to get. Before any other start there is nothing to do.
    """
    logger = logging.getLogger("octoprint.plugins.webhooks")
    restored = False
    try:
        restored = take_over_state(_data_folder(), Path(settings().getBaseFolder("base")))
        keep_private(_data_folder())
    except Exception as error:
        logger.warning("What a restored backup left behind could not be put in order: %s", error)
    if restored:
        logger.info("A backup was restored; what waited to be sent before that was taken over.")
    return restored


def has_hooks() -> bool:
    """Whether there are hooks in the form of this version."""
    return (_data_folder() / "hooks.json").exists()


def take_over_state(data_folder: Path, base_folder: Path) -> bool:
    """Gets what a restore left of `state` in the old base folder, unless there is a newer one. Whether it did.

    Interrupted at any place it can be done again.
    """
    state = data_folder / STATE
    if (state / OUTBOX).exists():
        return False
    try:
        place = state.relative_to(base_folder)
    except ValueError:  # Data that lie elsewhere are not moved aside.
        return False
    aside = base_folder.with_name(base_folder.name + ASIDE) / place
    if (aside / OUTBOX).exists():
        _move_files(aside, state)
        return True
    packed = base_folder / ASIDE_ZIP
    if not packed.exists():
        return False
    state.mkdir(parents=True, exist_ok=True)
    unpacked = Path(tempfile.mkdtemp(prefix="unpacked-", dir=state))
    try:
        _unpack(packed, place, unpacked)
        if not (unpacked / OUTBOX).exists():
            return False
        _move_files(unpacked, state)
        return True
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def keep_private(data_folder: Path) -> None:
    """Takes the files from everybody but their owner: OctoPrint's restore makes them anew, for all to read."""
    for path in data_folder.rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and mode & 0o077:
            path.chmod(mode & 0o700)


def _data_folder() -> Path:
    # OctoPrint's own function for this works in the server only.
    return Path(settings().getBaseFolder("data")) / "webhooks"


def _move_files(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir(), key=lambda path: path.name == OUTBOX):
        if not (target / path.name).exists():
            path.replace(target / path.name)


def _unpack(packed: Path, place: Path, target: Path) -> None:
    prefix = place.as_posix() + "/"
    with zipfile.ZipFile(packed) as archive:
        for member in archive.infolist():
            name = member.filename[len(prefix) :]
            if not member.filename.startswith(prefix) or not name or "/" in name:
                continue
            with archive.open(member) as source, (target / name).open("xb") as file:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())  # OctoPrint deletes the zip soon.
