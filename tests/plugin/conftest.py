"""The plugin's own code, tried without a server: OctoPrint's code comes from the environment that the Makefile made."""

from __future__ import annotations

import sys

from harness import VERSIONS, Installation

# At the end, so that the tools' own packages win. Both environments are made from the same Python.
sys.path += [str(folder) for folder in (Installation.of(VERSIONS[-1]).venv / "lib").glob("python3*/site-packages")]

import octoprint.filemanager  # noqa: F401  # First, as in a server: other orders of import run in a circle.
