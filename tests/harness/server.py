"""A real OctoPrint in its own process and base folder: started, watched, restarted, ended by its own process id.

In: an installation and what is to be different. Out: its address, clients, logs. It never touches another process.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Callable

import requests
import yaml

from harness import basedir, log
from harness.basedir import Setup
from harness.bounded import TooLateError, until
from harness.client import ADMIN, Client, User
from harness.receiver import closed_port
from harness.venvs import Installation

START_SECONDS = 90.0
"""A small machine under load takes its time."""
STOP_SECONDS = 40.0
"""OctoPrint itself waits for up to 15 s for its event bus."""
ONE_SEED = {"PYTHONHASHSEED": "0"}
"""For those that are compared: the order of Python's sets moves speed and memory by more than some plugins take."""


class OctoPrintServer:
    """One OctoPrint. `with` starts and stops it; its folder stays for whoever wants to look at the logs."""

    def __init__(
        self,
        installation: Installation,
        folder: Path,
        setup: Setup | None = None,
        *,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.installation = installation
        self.folder = folder
        self.setup = setup or Setup()
        self.port = 0
        self.problems_expected = False
        """A test that breaks something says so here."""
        self.looked_at_log_up_to = 0
        """Problems before this place in the log have been told."""
        self.environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        basedir.write(folder, installation.version, self.setup)

    def __enter__(self) -> OctoPrintServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def version(self) -> str:
        """The version of OctoPrint."""
        return self.installation.version

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin(self) -> Client:
        """A client that may do everything."""
        return self.client(ADMIN)

    def client(self, user: User | None = None) -> Client:
        """A client with the API key of a user; a guest without."""
        return Client(self.url, user)

    @property
    def log_file(self) -> Path:
        """octoprint.log."""
        return self.folder / "logs" / "octoprint.log"

    @property
    def console_file(self) -> Path:
        """What it wrote on stdout and stderr."""
        return self.folder / "console.log"

    @property
    def data_folder(self) -> Path:
        """The data folder of the plugin under test."""
        return self.folder / "data" / "webhooks"

    @property
    def pid(self) -> int:
        """Its process id while it runs."""
        assert self._process is not None, "not started"
        return self._process.pid

    def config(self) -> dict[str, Any]:
        """config.yaml as it is on disk."""
        content = yaml.safe_load((self.folder / "config.yaml").read_text(encoding="utf-8"))
        assert isinstance(content, dict)
        return content

    def start(self, *, printer: bool = True) -> None:
        """Starts it and waits until it answers and the printer is operational. A lost race for the port is rerun."""
        for _ in range(3):
            self._launch()
            try:
                until(f"OctoPrint {self.version} answering", self._answers, seconds=START_SECONDS)
                break
            except _EndedError:
                if "Address already in use" not in self._console():
                    raise
        if printer:
            self.admin.wait_for_state("Operational", seconds=START_SECONDS)

    def stop(self) -> int | None:
        """Ends it as a service manager does and returns its exit code; kills it when it does not end."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
                raise TooLateError(
                    f"OctoPrint did not end within {STOP_SECONDS:g} s and was killed. {self.logs_are_in()}"
                ) from None
        return process.returncode

    def kill(self) -> None:
        """Ends it as a power cut does."""
        process, self._process = self._process, None
        assert process is not None, "not started"
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def stand_still(self) -> None:
        """Nothing of it runs until it goes on."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Runs again after it stood still."""
        os.kill(self.pid, signal.SIGCONT)

    def restart(self, *, printer: bool = True) -> None:
        """Stops and starts it; the address may change."""
        self.stop()
        self.start(printer=printer)

    def log_size(self) -> int:
        """A place in the log to look from later."""
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def log_records(self, start: int = 0) -> list[log.Record]:
        """The log's records from a place on."""
        return log.records(self.log_file, start)

    def log_problems(self, start: int = 0) -> list[str]:
        """Warnings, errors and tracebacks that are the plugin's or speak of it, from a place in the log on."""
        found = [record.text for record in self.log_records(start) if record.is_problem]
        if start == 0:
            console = [line for line in self._console().splitlines() if "Error" in line and "octohooks" in line.lower()]
            found += [line for line in console if not any(line in text for text in found)]
        return found

    def wait_for_log(self, text: str, *, start: int = 0, seconds: float = 30.0) -> str:
        """Waits until a record with this text stands in the log, from a place on; the newest such record."""

        def look() -> str | None:
            return next((record.text for record in reversed(self.log_records(start)) if text in record.text), None)

        return until(f"the log saying {text!r}. {self.logs_are_in()}", look, seconds=seconds)

    def logs_are_in(self) -> str:
        """For messages of failing tests."""
        return f"Its logs: {self.log_file} and {self.console_file}"

    def _launch(self) -> None:
        self.port = closed_port()
        command = [str(self.installation.python), "-m", "octoprint", "--basedir", str(self.folder), "serve"]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        if os.geteuid() == 0:
            command.append("--iknowwhatimdoing")
        inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
            inherited.pop(name, None)
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        with self.console_file.open("ab") as console:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=inherited | {"HOME": str(home), "PYTHONUNBUFFERED": "1"} | self.environment,
            )

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            tail = "\n".join(self._console().splitlines()[-30:])
            raise _EndedError(
                f"OctoPrint ended with {self._process.returncode} at its start. {self.logs_are_in()}\n{tail}"
            )
        try:
            online = requests.get(f"{self.url}/online.txt", timeout=5)
            # While plugins still load, a stand-in of OctoPrint's answers everything with a page.
            version = requests.get(f"{self.url}/api/version", headers={"X-Api-Key": ADMIN.api_key}, timeout=5)
        except requests.RequestException:
            return False
        is_json = version.headers.get("Content-Type", "").startswith("application/json")
        return online.status_code == version.status_code == 200 and is_json

    def _console(self) -> str:
        return self.console_file.read_text(encoding="utf-8", errors="replace") if self.console_file.exists() else ""


class _EndedError(RuntimeError):
    """It ended before it answered."""


Start = Callable[..., OctoPrintServer]
"""The fixture `start`: begins an OctoPrint of a test's own, with a `Setup`."""
