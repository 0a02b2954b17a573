"""The demo: a real OctoPrint with the plugin prints a small model, and every webhook shows as a line.

In: the environments and the binary that `make demo` built. Out: lines on the terminal; with `ONCE=1` an exit code, 0
only if all webhooks arrived. It listens on the loopback interface only and ends what it started.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from harness import ADMIN, ROOT, VERSIONS, Client, Installation, OctoPrintServer, Setup, Webcam, closed_port, gcode
from harness.bounded import TooLateError, until
from harness.client import PASSWORD

EVENTS = {
    "print_started": "@job.file.name has started on @printerName.",
    "print_progress": "@job.file.name is @percentCompleteMilestone % complete.",
    "print_paused": "The print has paused.",
    "print_resumed": "The print goes on.",
    "print_done": "@job.file.name is done.",
    "print_failed": "The print has failed.",
    "user_action_needed": "The printer waits for you.",
}
DATA = {"title": "@topic", "text": "@message", "when": "@currentTime", "job": "@jobId", "picture": "@snapshot"}
EXPECTED = ["Print Started", "Print Paused", "Print Resumed", "Print Progress", "Print Done"]


class Listener:
    """`octohooks listen` in its own process: where it listens, and each webhook that arrives."""

    def __init__(self, pictures: Path) -> None:
        self.arrived: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        command = [str(binary()), "listen", "--port", "0", "--json", "--save", str(pictures)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        first = json.loads(self._process.stdout.readline())
        self.url = str(first["listening"]).rstrip("/")
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

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self.arrived.put(json.loads(line))


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
    try:
        with ExitStack() as stack:
            return demo(stack, folder, once=once)
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


def demo(stack: ExitStack, folder: Path, *, once: bool) -> int:
    """Everything, from start to end."""
    installation = Installation.of(os.environ.get("OCTOPRINT", VERSIONS[0]))
    listener = stack.enter_context(Listener(folder / "pictures"))
    webcam = stack.enter_context(Webcam())
    say(f"Starting OctoPrint {installation.version} with a virtual printer and a test picture as webcam …")
    setup = Setup(snapshot_url=webcam.url, printer_name="Demo printer", ticker=False)
    server = OctoPrintServer(installation, folder / "octoprint", setup)
    stack.enter_context(server)
    admin = server.admin
    make_hooks(admin, f"{listener.url}/demo", f"http://127.0.0.1:{closed_port()}/hook")
    say("Printing benchy.gcode, with a pause. Each webhook that arrives:\n")
    admin.upload_and_print(gcode.paced(80, 50), "benchy.gcode")
    admin.wait_for_state("Printing")
    admin.pause()
    admin.resume()
    missing = show_until_done(listener)
    say()
    explain_failure(admin)
    if missing:
        say(f"\nDid not arrive: {', '.join(missing)}. {server.logs_are_in()}")
    else:
        say(f"\nAll webhooks of the print arrived. Their pictures are in {folder / 'pictures'}")
    if once:
        return 1 if missing else 0
    say("\nOctoPrint stays open until Ctrl-C; the page is under Settings, Webhooks.\n")
    say(f"  {server.url}   user {ADMIN.name}, password {PASSWORD}\n")
    return stay(listener)


def make_hooks(admin: Client, listening: str, nobody: str) -> None:
    """One hook that works, and one that nobody listens to."""
    admin.create_hook(listening, name="To octohooks listen", events=EVENTS, progress_interval_percent=25, data=DATA)
    admin.create_hook(nobody, name="To a closed port", events=("print_started", "print_done"))


def show_until_done(listener: Listener) -> list[str]:
    """Shows webhooks until all of a print have arrived; the topics that did not."""
    missing = list(EXPECTED)
    deadline = time.monotonic() + 60
    while missing and time.monotonic() < deadline:
        try:
            webhook = listener.arrived.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        topic = show(webhook)
        if topic in missing:
            missing.remove(topic)
    return missing


def show(webhook: dict[str, Any]) -> str:
    """A line for a webhook of the demo's hook; its topic."""
    parts = {part["name"]: part for part in webhook.get("parts", [])}
    text = {name: str(part.get("body", "")) for name, part in parts.items()}
    picture = "  [picture]" if parts.get("picture", {}).get("content_type") == "image/jpeg" else ""
    arrived = str(webhook["at"])[11:19]
    say(f"  {arrived}  {text.get('title', '?'):<16}  {text.get('text', '')}{picture}")
    return text.get("title", "")


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
            with suppress(queue.Empty):
                show(listener.arrived.get(timeout=3600))
    except KeyboardInterrupt:
        say("\nStopping.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
