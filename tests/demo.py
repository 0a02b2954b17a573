"""The demo: a real OctoPrint with the plugin prints a small model, and every webhook shows as a line.

In: the environments and the binary that `make demo` built. Out: lines on the terminal; with `ONCE=1` an exit code, 0
only if all webhooks arrived. It listens on the loopback interface only and ends what it started.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import ADMIN, ROOT, Client, Installation, OctoPrintServer, Setup, Webcam, closed_port, gcode
from harness.bounded import TooLateError, until
from harness.client import PASSWORD

EVENTS = {
    "print_started": "@job.file.name has started on @printerName.",
    "print_progress": "@job.file.name is @percentCompleteMilestone % complete.",
    "print_paused": "The print has paused.",
    "print_resumed": "The print goes on.",
    "print_done": "@job.file.name is done after @extra.time seconds.",
    "print_failed": "The print has failed.",
    "user_action_needed": "The printer waits for you.",
}
DATA = {"title": "@topic", "text": "@message", "when": "@currentTime", "job": "@jobId", "picture": "@snapshot"}
EXPECTED = ["Print Started", "Print Paused", "Print Resumed", "Print Progress", "Print Done"]


class Listener:
    """`octohooks listen` in its own process: what it prints is shown as it comes."""

    def __init__(self, port: int, pictures: Path) -> None:
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        pictures.mkdir()
        command = [str(binary()), "listen", "--port", str(port)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=pictures
        )
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)

    def _read(self, stream: IO[str] | None) -> None:
        assert stream is not None
        for line in stream:
            self.lines.put(line.rstrip("\n"))


def binary() -> Path:
    """The `octohooks` that was built."""
    found = Path(os.environ.get("OCTOHOOKS_BIN") or ROOT / "target" / "debug" / "octohooks")
    if not found.exists():
        sys.exit(f"There is no {found}; `make demo` builds it.")
    return found


def say(text: str = "") -> None:
    """A line for the person at the terminal."""
    print(text, flush=True)


def main() -> int:
    """Runs the demo; its exit code."""
    once = os.environ.get("ONCE", "") not in ("", "0")
    folder = Path(tempfile.mkdtemp(prefix="octohooks-demo-"))
    with ExitStack() as stack:
        return demo(stack, folder, once=once)


def demo(stack: ExitStack, folder: Path, *, once: bool) -> int:
    """Everything, from start to end."""
    installation = Installation.of(os.environ.get("OCTOPRINT", "1.11.8"))
    webcam = stack.enter_context(Webcam())
    say(f"Starting OctoPrint {installation.version} with a virtual printer …")
    server = OctoPrintServer(
        installation, folder / "octoprint", Setup(snapshot_url=webcam.url, printer_name="Demo printer", ticker=False)
    )
    stack.enter_context(server)
    port = closed_port()
    listener = stack.enter_context(Listener(port, folder / "pictures"))
    admin = server.admin
    make_hooks(admin, f"http://127.0.0.1:{port}/demo", f"http://127.0.0.1:{closed_port()}/nobody")
    say("Printing benchy.gcode. Each webhook that arrives:")
    say()
    admin.upload_and_print(gcode.paced(80, 50), "benchy.gcode")
    admin.wait_for_state("Printing")
    admin.pause()
    admin.resume()
    missing = show_until_done(listener)
    say()
    explain_failure(admin)
    if missing:
        say(f"Did not arrive: {', '.join(missing)}. {server.logs_are_in()}")
    if once:
        say("All webhooks arrived." if not missing else "Not all webhooks arrived.")
        return 1 if missing else 0
    say()
    say("OctoPrint stays open until Ctrl-C. The page is under Settings, Webhooks.")
    say(f"  {server.url}   user {ADMIN.name}, password {PASSWORD}")
    return stay(listener)


def make_hooks(admin: Client, listening: str, nobody: str) -> None:
    """One hook that works, and one that nobody listens to."""
    admin.create_hook(listening, name="To octohooks listen", events=EVENTS, progress_interval_percent=25, data=DATA)
    admin.create_hook(nobody, name="To a closed port", events=("print_started", "print_done"))


def show_until_done(listener: Listener) -> list[str]:
    """Shows what the listener prints until all of a print has arrived; the topics that did not."""
    missing = list(EXPECTED)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            # Once all have come, only what belongs to the last one is still waited for.
            line = listener.lines.get(timeout=0.5 if not missing else max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        say(f"  {line}")
        missing = [topic for topic in missing if topic not in line]
    return missing


def explain_failure(admin: Client) -> None:
    """What the plugin says of the hook that cannot arrive."""

    def look() -> dict[str, Any] | None:
        of_failing = (seen for seen in admin.deliveries() if seen["hook_name"] == "To a closed port")
        return next((seen for seen in of_failing if seen["attempts"]), None)

    try:
        failed = until("the failing hook's delivery", look)
    except TooLateError as error:
        say(f"The failing hook says nothing: {error}")
        return
    say(f"The hook to a closed port ({failed['topic']}, {failed['state']}): {failed['message']}")


def stay(listener: Listener) -> int:
    """Shows what comes until Ctrl-C."""
    try:
        while True:
            try:
                say(f"  {listener.lines.get(timeout=3600)}")
            except queue.Empty:
                continue
    except KeyboardInterrupt:
        say("\nStopping.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
