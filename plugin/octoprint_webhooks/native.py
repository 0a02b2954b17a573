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

from octoprint_webhooks.sentence import Sentence
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

    reason: Sentence
    """What is wrong."""
    platform: str
    """What kind of machine and Python a wheel is needed for."""
    command: str
    """What to run to mend it."""

    @property
    def sentences(self) -> list[Sentence]:
        """All of it, for the log and the health check."""
        mending = Sentence(
            "On this machine (%(platform)s) this installs what is missing: %(command)s",
            {"platform": self.platform, "command": self.command},
        )
        return [self.reason, mending]


Load = Union[Native, Missing]


def load(import_module: Callable[[str], object] = importlib.import_module) -> Load:
    """Imports the wheel; starts nothing."""
    try:
        module = import_module("octohooks")
        version = getattr(module, "VERSION", None)
        engine = getattr(module, "Engine", None)
    except ModuleNotFoundError as error:
        if error.name == "octohooks":
            return _missing(Sentence("The engine of this plugin, the Python package octohooks, is not installed."))
        return _broken(error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # A broken wheel may raise anything, and the plugin has to be able to say so.
        return _broken(error)
    if version != VERSION or engine is None:
        found = version if isinstance(version, str) else "?"
        return _missing(
            Sentence(
                "The engine (octohooks) has version %(found)s, but the plugin %(wanted)s; both have to be the same.",
                {"found": found, "wanted": VERSION},
            )
        )
    return Native(engine)


def _broken(error: BaseException) -> Missing:
    told = Sentence("The engine of this plugin is installed but does not load (%(error)s).", {"error": str(error)})
    return _missing(told, again=True)


def _missing(reason: Sentence, *, again: bool = False) -> Missing:
    machine = f"{sysconfig.get_platform()}, {platform.python_implementation()} {platform.python_version()}"
    return Missing(reason, machine, mending_command(again=again))


def mending_command(*, again: bool = False) -> str:
    """The exact command that installs the right engine into the environment that OctoPrint runs in."""
    command = [sys.executable or "python3", "-m", "pip", "install"]
    if again:
        command += ["--force-reinstall", "--no-deps"]
    command.append(f"octohooks=={VERSION}")
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
