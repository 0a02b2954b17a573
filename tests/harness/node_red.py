"""Node-RED, a receiver that others wrote: from npm, as `tests/node_red` pins it, on the loopback interface.

In: what `make .cache/stamps/node-red` installed. Out: the address of a flow that answers with what it has seen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from requests.auth import HTTPBasicAuth

from harness.bounded import until
from harness.receiver import closed_port
from harness.venvs import ROOT

INSTALLED = ROOT / ".cache" / "node-red"
FLOW = ROOT / "tests" / "node_red"
USER, PASSWORD = "anna", "s3cr3t-pässword"
"""Whom the flow lets in; `settings.js` has the hash."""


def is_installed() -> bool:
    """Whether it can be started: Node.js is here, and npm has fetched it."""
    return shutil.which("node") is not None and (INSTALLED / "node_modules" / "node-red" / "red.js").is_file()


@contextmanager
def node_red(folder: Path) -> Iterator[str]:
    """The address of the flow, while Node-RED runs in a folder of its own."""
    for name in ("flows.json", "settings.js"):
        shutil.copy(FLOW / name, folder / name)
    port = closed_port()
    red = INSTALLED / "node_modules" / "node-red" / "red.js"
    command = ["node", str(red), "--userDir", str(folder), "--settings", str(folder / "settings.js")]
    environment = {**os.environ, "PORT": str(port)}
    with (
        (folder / "node-red.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environment) as process,
    ):
        address = f"http://127.0.0.1:{port}/printer"
        try:
            until("Node-RED", lambda: process.poll() is None and _answers(address), seconds=60)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _answers(address: str) -> bool:
    """Whether the flow itself answers. The password is asked for sooner than that: before the flow is there, too."""
    try:
        return (
            requests.post(address, json={}, auth=HTTPBasicAuth(USER, PASSWORD.encode()), timeout=5).status_code == 200
        )
    except requests.ConnectionError:
        return False
