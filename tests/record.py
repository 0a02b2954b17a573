"""Records what happens around prints on real OctoPrints, for the cases of detection.

`python -m record [SCENE…]` from this folder writes `recorded_SCENE_VERSION.jsonl` into the core's `tests/cases/detect`,
a line per sight, for each OctoPrint that the tests use. Afterwards the snapshots beside them have to be read and
accepted.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Callable

from harness import VERSIONS, Client, Installation, OctoPrintServer, Setup, gcode
from harness.basedir import HELPER_PLUGINS
from harness.bounded import until
from harness.venvs import ROOT

CASES = ROOT / "crates" / "octohooks-core" / "tests" / "cases" / "detect"

Scene = Callable[[OctoPrintServer], None]
LAYERS = "".join(f"G1 Z{0.2 * layer:.1f} F6000\nG1 X{layer} E1\n" + "G4 P50\n" * 10 for layer in range(1, 5))


def plain(server: OctoPrintServer) -> None:
    """A print from start to end."""
    server.admin.upload_and_print(gcode.paced(2) + LAYERS, "plain.gcode")
    server.admin.wait_for_event("PrintDone", seconds=60)


def pause(server: OctoPrintServer) -> None:
    """A print that is paused and goes on."""
    server.admin.upload_and_print(gcode.paced(40), "pause.gcode")
    server.admin.wait_for_event("PrintStarted")
    server.admin.pause()
    server.admin.resume()
    server.admin.wait_for_event("PrintDone", seconds=60)


def cancel(server: OctoPrintServer) -> None:
    """Somebody cancels a print."""
    _begin(server.admin, "cancel.gcode")
    server.admin.cancel()
    server.admin.wait_for_event("PrintFailed")


def error(server: OctoPrintServer) -> None:
    """The firmware stops with an error."""
    _begin(server.admin, "error.gcode")
    server.admin.debug("trigger_fatal_error_marlin")
    server.admin.wait_for_event("Disconnected")
    server.admin.wait_for_event("PrintFailed")


def error_cancels(server: OctoPrintServer) -> None:
    """The firmware reports an error, and OctoPrint is set to cancel the print and to stay connected."""
    _begin(server.admin, "error_cancels.gcode")
    server.admin.debug("send Error:Heating failed, system stopped! Heater_ID: 0")
    server.admin.wait_for_event("PrintFailed")


def usb_pulled_while_printing(server: OctoPrintServer) -> None:
    """The cable is pulled."""
    _begin(server.admin, "usb.gcode")
    server.admin.debug("drop_connection")
    server.admin.wait_for_event("Disconnected")


def usb_pulled_while_paused(server: OctoPrintServer) -> None:
    """The cable is pulled while the print is paused."""
    _begin(server.admin, "usb_paused.gcode")
    server.admin.pause()
    server.admin.debug("drop_connection")
    server.admin.wait_for_event("Disconnected")


def disconnected(server: OctoPrintServer) -> None:
    """Somebody disconnects the printer in the middle of a print."""
    _begin(server.admin, "disconnected.gcode")
    server.admin.disconnect()
    server.admin.wait_for_event("Disconnected")


def m600(server: OctoPrintServer) -> None:
    """The print asks for other filament, and goes on when that is done."""
    server.admin.upload_and_print(gcode.paced(10) + "M600\n" + gcode.paced(10), "m600.gcode")
    server.admin.wait_for_event("FilamentChange")
    server.admin.wait_for_event("PrintPaused")
    # The virtual printer acknowledges nothing while it waits; what ends its waiting comes behind that.
    server.admin.request("POST", "/api/connection", json={"command": "fake_ack"})
    server.admin.request("POST", "/api/printer/command", json={"command": "M876 S0"})
    server.admin.wait_for_state("Paused", "Printing")
    if server.admin.state() == "Paused":
        server.admin.request("POST", "/api/job", json={"command": "pause", "action": "resume"})
    server.admin.wait_for_event("PrintDone", seconds=90)


def sd(server: OctoPrintServer) -> None:
    """A print from the printer's own card."""
    admin = server.admin
    where = "sdcard" if server.version.startswith("1.") else "printer"
    card = server.folder / "virtualSd"
    card.mkdir(exist_ok=True)
    # The virtual printer of OctoPrint 1 does not list a file whose name is as short as a card wants it.
    (card / "a_print_on_the_card.gcode").write_text(gcode.paced(40), encoding="utf-8")
    admin.request("POST", "/api/printer/sd", json={"command": "refresh"}, expect=None)

    def names() -> str | None:
        files = admin.request("GET", f"/api/files/{where}").json().get("files", [])
        return next((file["path"] for file in files), None)

    path = until("the file on the card", names)
    admin.request("POST", f"/api/files/{where}/{path}", json={"command": "select", "print": True})
    admin.wait_for_event("PrintDone", seconds=60)


def restart_at_sixty_percent(server: OctoPrintServer) -> None:
    """A print is paused at 60 % and begun anew."""
    admin = server.admin
    admin.upload_and_print(gcode.paced(40), "restart.gcode")
    admin.wait_for_event("PrintStarted")
    admin.wait_for("60 %", lambda: admin.completion() >= 60)
    admin.pause()
    if server.version.startswith("1."):
        admin.request("POST", "/api/job", json={"command": "restart"})
    else:  # OctoPrint 2 does not listen to that while it is paused.
        admin.cancel()
        admin.print_again("restart.gcode")
    admin.wait_for_event("PrintDone", seconds=60)


def server_killed_at_sixty_percent(server: OctoPrintServer) -> None:
    """OctoPrint's process is killed at 60 % and started again."""
    admin = server.admin
    admin.upload_and_print(gcode.paced(40), "killed.gcode")
    admin.wait_for_event("PrintStarted")
    admin.wait_for("60 %", lambda: admin.completion() >= 60)
    server.kill()
    server.start()


def server_stopped(server: OctoPrintServer) -> None:
    """OctoPrint is stopped in the middle of a print and started again."""
    _begin(server.admin, "stopped.gcode")
    server.restart()


def two_prints_in_a_row(server: OctoPrintServer) -> None:
    """One print right behind another."""
    admin = server.admin
    path = admin.upload_and_print(gcode.paced(6), "row.gcode")
    admin.wait_for_event("PrintDone", seconds=60)
    admin.wait_for_state("Operational")
    admin.forget_events()
    admin.print_again(path)
    admin.wait_for_event("PrintDone", seconds=60)


SCENES: tuple[Scene, ...] = (
    plain,
    pause,
    cancel,
    error,
    error_cancels,
    usb_pulled_while_printing,
    usb_pulled_while_paused,
    disconnected,
    m600,
    sd,
    restart_at_sixty_percent,
    server_killed_at_sixty_percent,
    server_stopped,
    two_prints_in_a_row,
)


def _begin(admin: Client, name: str) -> None:
    """A print that has come some way."""
    admin.upload_and_print(gcode.paced(200), name)
    admin.wait_for_event("PrintStarted")
    admin.wait_for("some progress", lambda: admin.completion() >= 5)


def _setup(scene: Scene, version: str) -> Setup:
    setup = Setup(disabled_plugins=("webhooks",))
    if scene is sd:
        setup.settings["feature"] = {"sdSupport": True}
    if scene is error_cancels:
        serial = {"errorHandling": "cancel"}
        if version.startswith("1."):
            setup.settings["serial"] = {
                "port": "VIRTUAL",
                "baudrate": 115200,
                "autoconnect": True,
                "logPositionOnPause": False,
                "disconnectOnErrors": False,
            }
        else:
            setup.plugin_settings["serial_connector"] = {"logPositionOnPause": False, **serial}
    if scene is m600:
        setup.plugin_settings["virtual_printer"] = {"sendBusy": True, "busyInterval": 0.5}
    return setup


def record(scene: Scene, version: str) -> Path:
    """Plays a scene on an OctoPrint of its own; the file with what was seen."""
    target = CASES / f"recorded_{scene.__name__}_{version.split('.', maxsplit=1)[0]}.jsonl"
    with tempfile.TemporaryDirectory() as temporary:
        folder, seen = Path(temporary) / "octoprint", Path(temporary) / "seen.jsonl"
        environment = {"RECORDER_FILE": str(seen), "RECORDER_PLUGIN": str(ROOT / "plugin")}
        server = OctoPrintServer(Installation.of(version), folder, _setup(scene, version), environment=environment)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HELPER_PLUGINS / "recorder_plugin", folder / "plugins" / "recorder", ignore=ignored)
        with server:
            server.admin.forget_events()
            scene(server)
            if server.admin.state() not in ("Closed", "Offline") and not server.admin.state().startswith("Offline"):
                server.admin.wait_for_state("Operational", "Closed", "Offline")
        shutil.copyfile(seen, target)
    return target


def main(names: list[str]) -> int:
    """Records the scenes of these names, or all."""
    scenes = [scene for scene in SCENES if not names or scene.__name__ in names]
    failures = 0
    for scene in scenes:
        for version in VERSIONS:
            try:
                print(f"recorded {record(scene, version).name}", flush=True)
            except AssertionError as trouble:
                failures += 1
                print(f"{scene.__name__} on {version} went otherwise than it should: {trouble}", flush=True)
    return failures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
