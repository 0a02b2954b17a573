"""Synapse, the Matrix server that others wrote: from PyPI, as `tests/synapse` pins it, on the loopback interface.

In: what `make .cache/stamps/synapse` installed. Out: a server with one account and one room, and what a member of the
room sees there.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
import yaml

from harness.bounded import until
from harness.receiver import closed_port
from harness.venvs import ROOT

PYTHON = ROOT / ".venv" / "synapse" / "bin" / "python"
API = "/_matrix/client/v3"


def is_installed() -> bool:
    """Whether it can be started."""
    return PYTHON.is_file()


@dataclass(frozen=True)
class Room:
    """A room, as a member sees it."""

    server: str
    id: str
    token: str

    def messages(self) -> list[dict[str, Any]]:
        """What was written, the oldest first, each as it reads now; what only changed another one is none of them."""
        events = self.ask("GET", f"/rooms/{quote(self.id)}/messages?dir=f&limit=100")["chunk"]
        written = [event for event in events if event["type"] == "m.room.message"]
        return [
            event["content"] | {"id": event["event_id"], "now": self._now(event)}
            for event in written
            if event["content"].get("m.relates_to", {}).get("rel_type") != "m.replace"
        ]

    def another(self) -> Room:
        """A new room of the same account's."""
        made = self.ask("POST", "/createRoom", {"preset": "private_chat"})
        return Room(self.server, made["room_id"], self.token)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Asks the server as the one who is in the room."""
        return _ask(self.server, method, path, body, self.token)

    def _now(self, event: dict[str, Any]) -> str:
        newest = event.get("unsigned", {}).get("m.relations", {}).get("m.replace")
        return str((newest["content"]["m.new_content"] if newest else event["content"])["body"])


def _ask(server: str, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    """One request of the client's API."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = requests.request(method, f"{server}{API}{path}", json=body, headers=headers, timeout=20)
    assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()


@contextmanager
def synapse(folder: Path) -> Iterator[Room]:
    """A room, while Synapse runs in a folder of its own."""
    port = closed_port()
    config = folder / "homeserver.yaml"
    config.write_text(yaml.safe_dump(_settings(folder, port)), encoding="utf-8")
    (folder / "log.yaml").write_text(yaml.safe_dump(_LOG), encoding="utf-8")
    command = [str(PYTHON), "-m", "synapse.app.homeserver", "--config-path", str(config)]
    subprocess.run([*command, "--generate-keys"], check=True, capture_output=True, timeout=60)
    with (
        (folder / "synapse.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process,
    ):
        server = f"http://127.0.0.1:{port}"
        try:
            until("Synapse", lambda: process.poll() is None and _answers(server), seconds=60)
            yield _room(server)
        finally:
            process.terminate()
            process.wait(20)


def _answers(server: str) -> bool:
    try:
        return requests.get(f"{server}/_matrix/client/versions", timeout=5).ok
    except requests.ConnectionError:
        return False


def _room(server: str) -> Room:
    account = {"username": "printer", "password": "of a test", "auth": {"type": "m.login.dummy"}}
    token = _ask(server, "POST", "/register", account)["access_token"]
    room = _ask(server, "POST", "/createRoom", {"preset": "private_chat", "name": "Printer"}, token)["room_id"]
    return Room(server, room, token)


def _settings(folder: Path, port: int) -> dict[str, Any]:
    unlimited = {"per_second": 1000, "burst_count": 1000}
    return {
        "server_name": "printer.test",
        "report_stats": False,
        "listeners": [
            {"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "resources": [{"names": ["client"]}]}
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "pid_file": str(folder / "homeserver.pid"),
        "log_config": str(folder / "log.yaml"),
        "macaroon_secret_key": "of a test",
        "form_secret": "of a test",
        "trusted_key_servers": [],
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "rc_message": unlimited,
        "rc_registration": unlimited,
    }


_LOG = {"version": 1, "root": {"level": "WARNING", "handlers": []}, "disable_existing_loggers": False}
