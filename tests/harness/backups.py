"""OctoPrint's own backups: taken over its API, restored over its API or by its command line, and looked at afterwards.

A restore puts a whole new base folder in place. What OctoPrint logged up to then goes with the old one, which OctoPrint
deletes at its next start, so it is looked through here.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

from harness import log, outputs
from harness.bounded import until
from harness.client import Client
from harness.server import OctoPrintServer


def aside(server: OctoPrintServer) -> Path:
    """Where a restore moves the base folder to."""
    return server.folder.with_name(f"{server.folder.name}.bck")


def take(admin: Client, server: OctoPrintServer) -> Path:
    """Takes a backup while OctoPrint runs; its file."""
    name = str(admin.request("POST", "/plugin/backup/backup", json={"exclude": []}, expect=201).json()["name"])

    def look() -> bool:
        state = admin.request("GET", "/plugin/backup/").json()
        return not state["backup_in_progress"] and name in [backup["name"] for backup in state["backups"]]

    until(f"the backup {name}", look)
    return server.folder / "data" / "backup" / name


def restore(server: OctoPrintServer, backup: Path) -> None:
    """Uploads a backup and has it restored. OctoPrint runs on as it was until it is restarted."""
    with backup.open("rb") as file:
        server.admin.request("POST", "/plugin/backup/restore", files={"file": (backup.name, file)})
    logged = aside(server) / "logs" / "octoprint.log"
    until("the end of the restore", lambda: logged.exists() and b"restart OctoPrint manually" in logged.read_bytes())
    outputs.note(f"log before the restore of {server.folder}", logged.read_bytes())
    problems = [record.text for record in log.records(logged, server.looked_at_log_up_to) if record.is_problem]
    assert not problems, problems
    server.looked_at_log_up_to = 0


def restore_by_command(server: OctoPrintServer, backup: Path) -> str:
    """Has a backup restored by the command line, in a process of its own; what that said."""
    command = [str(server.installation.python), "-m", "octoprint", "--basedir", str(server.folder)]
    command += ["plugins", "backup:restore", str(backup)]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120, env=environment, stdin=subprocess.DEVNULL
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    server.looked_at_log_up_to = 0
    return said


def damage(server: OctoPrintServer) -> dict[str, str]:
    """What SQLite finds wrong with the databases of an OctoPrint that has stopped; `ok` where nothing is."""
    found = {}
    for path in sorted((server.data_folder / "state").glob("*.db")):
        with closing(sqlite3.connect(path)) as database:
            found[path.name] = str(database.execute("pragma integrity_check").fetchone()[0])
    return found


def readable_by_others(server: OctoPrintServer) -> list[str]:
    """Files of the plugin that somebody else than their owner may read or write."""
    files = [path for path in server.data_folder.rglob("*") if path.is_file()]
    return [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
