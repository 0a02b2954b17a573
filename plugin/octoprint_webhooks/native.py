"""Finds the engine, or says why there is none and what mends it.

In: the wheel `octohooks`, if it is installed. Out: a `Native` with what the plugin uses of it, or a `Missing` that a
person can act on. Whatever the wheel does when it is imported, the plugin must still load.
"""

from __future__ import annotations

import importlib
import platform
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from octoprint_webhooks.version import VERSION

if TYPE_CHECKING:
    from octohooks import Engine


@dataclass(frozen=True)
class Native:
    """The engine's wheel, in the right version."""

    engine: Callable[[str], Engine]
    """Starts an engine from its options (JSON)."""


@dataclass(frozen=True)
class Missing:
    """There is no engine to work with."""

    reason: str
    """A sentence: what is wrong."""
    platform: str
    """What kind of machine and Python a wheel is needed for."""
    command: str
    """What to run to mend it."""

    @property
    def sentence(self) -> str:
        """All of it, for the log and the health check."""
        return f"{self.reason} On this machine ({self.platform}) this installs what is missing: {self.command}"


Load = Union[Native, Missing]


def load(import_module: Callable[[str], object] = importlib.import_module) -> Load:
    """Imports the wheel; starts nothing."""
    try:
        module = import_module("octohooks")
        version = getattr(module, "VERSION", None)
        engine = getattr(module, "Engine", None)
    except ModuleNotFoundError as error:
        if error.name == "octohooks":
            return _missing("The engine of this plugin, the Python package octohooks, is not installed.")
        return _missing(f"The engine of this plugin is installed but does not load ({error}).", again=True)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # A broken wheel may raise anything, and the plugin has to be able to say so.
        return _missing(f"The engine of this plugin is installed but does not load ({error}).", again=True)
    if version != VERSION or engine is None:
        found = version if isinstance(version, str) else "of an unknown version"
        return _missing(
            f"The engine of this plugin (octohooks) is {found}, but the plugin is {VERSION}; they have to be the same."
        )
    return Native(engine)


def _missing(reason: str, *, again: bool = False) -> Missing:
    machine = f"{sysconfig.get_platform()}, {platform.python_implementation()} {platform.python_version()}"
    return Missing(reason, machine, mending_command(again=again))


def mending_command(*, again: bool = False) -> str:
    """The exact command that installs the right engine into the environment that OctoPrint runs in."""
    command = [sys.executable or "python3", "-m", "pip", "install"]
    if again:
        command += ["--force-reinstall", "--no-deps"]
    command.append(f"octohooks=={VERSION}")
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
