"""Disks that are full, read-only or stalled, and a wall clock that is wrong: given to a running OctoPrint on command.

In: orders of a test. Out: the environment to start an OctoPrint with, in which `faults.c` obeys those orders. Only what
lies below the named folder is touched, so that the log stays writable and can be read. Linux only: the library comes
into OctoPrint by LD_PRELOAD. Files keep the times that the kernel gives them, whatever the clock of the process shows.
"""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(__file__).with_name("faults.c")

_NONE, _FULL, _READ_ONLY, _STALLED = range(4)
_DISK, _HANGING, _CLOCK, _FOLDER = 0, 4, 8, 16
"""Where each order stands in the file, as in `faults.c`."""
_SIZE = 4096


def compile_into(folder: Path) -> Path:
    """Makes the library with the system's C compiler; its path."""
    assert sys.platform == "linux", "faults are made by LD_PRELOAD, as Linux has it"
    compiler = shutil.which("cc")
    assert compiler is not None, "a C compiler is needed; `.ci/prerequisites build python3` says how to get one"
    library = folder / "faults.so"
    command = [compiler, "-std=gnu11", "-Wall", "-Wextra", "-shared", "-fPIC", "-O2", "-o", str(library)]
    done = subprocess.run([*command, str(SOURCE), "-ldl"], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return library


class Faults:
    """The orders for one OctoPrint. A disk has one fault at a time; the clock is apart from that."""

    def __init__(self, library: Path, control: Path) -> None:
        control.write_bytes(bytes(_SIZE))
        self.environment = {"LD_PRELOAD": str(library), "FAULTS_CONTROL": str(control)}
        """What an OctoPrint is started with."""
        with control.open("r+b") as file:
            self._orders = mmap.mmap(file.fileno(), _SIZE)

    def full(self, folder: Path) -> None:
        """Nothing below the folder can be made or written: no space."""
        self._order(_FULL, folder)

    def readonly(self, folder: Path) -> None:
        """Nothing below the folder can be changed: the file system is read-only."""
        self._order(_READ_ONLY, folder)

    def stall(self, folder: Path) -> None:
        """Whoever flushes a file below the folder hangs."""
        struct.pack_into("=i", self._orders, _HANGING, 0)
        self._order(_STALLED, folder)

    @property
    def hanging(self) -> int:
        """As many flushes hang now."""
        return int(struct.unpack_from("=i", self._orders, _HANGING)[0])

    def none(self) -> None:
        """The disk works again, and whoever hangs goes on. The clock stays as it is."""
        struct.pack_into("=i", self._orders, _DISK, _NONE)

    def shift_clock(self, seconds: int) -> None:
        """The wall clock shows so many seconds more than the machine's; 0 is right."""
        struct.pack_into("=q", self._orders, _CLOCK, seconds)

    def set_clock(self, moment: int) -> None:
        """The wall clock shows this moment now, in seconds since 1970, and goes on from there."""
        self.shift_clock(moment - int(time.time()))

    def _order(self, disk: int, folder: Path) -> None:
        path = str(folder.resolve()).encode()
        self.none()
        self._orders[_FOLDER : _FOLDER + len(path) + 1] = path + b"\0"
        struct.pack_into("=i", self._orders, _DISK, disk)
