"""Where the environments are that the Makefile made: one OctoPrint each, and the wheels that went into them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""

VERSIONS = ("1.11.8", "2.0.0rc7")
"""The versions of OctoPrint that everything is tried on."""


def wheels_dir() -> Path:
    """The folder with the two wheels under test."""
    return Path(os.environ.get("OCTOHOOKS_WHEELS", ROOT / ".cache" / "wheels"))


@dataclass(frozen=True)
class Installation:
    """A virtual environment with OctoPrint in it."""

    version: str
    venv: Path

    @classmethod
    def of(cls, version: str) -> Installation:
        """The environment for a version; `OCTOHOOKS_VENVS` names another folder that holds `octoprint-VERSION`."""
        venvs = Path(os.environ.get("OCTOHOOKS_VENVS", ROOT / ".venv"))
        found = cls(version, venvs / f"octoprint-{version}")
        if not found.python.exists():
            raise FileNotFoundError(f"no OctoPrint {version} in {found.venv}; `make venvs` makes it")
        return found

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.venv / "bin" / "python"

    def has(self, module: str) -> bool:
        """Whether a module can be imported there."""
        probe = [str(self.python), "-c", f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"]
        return subprocess.run(probe, check=False, timeout=60).returncode == 0

    def pip(self, *arguments: str, env: dict[str, str] | None = None) -> str:
        """Runs pip there and returns what it printed; raises with that text when it fails."""
        command = [str(self.python), "-m", "pip", "--disable-pip-version-check", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, env=env)
        if done.returncode != 0:
            raise RuntimeError(f"pip {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def copy_to(self, target: Path) -> Installation:
        """A copy that a test may install into. Only `python -m …` works in it: its scripts still name the original."""
        shutil.copytree(self.venv, target, symlinks=True)
        return Installation(self.version, target)
