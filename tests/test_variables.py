"""The data that people ask for, as a receiver gets it of a real print: printer, machine, file, user, filament."""

from __future__ import annotations

import platform

from harness import Client, Receiver

DATA = {
    "host": "@hostInfo",
    "printer": "@printerInfo",
    "file": "@file",
    "user": "@userName",
    "filament": "@filament",
    "origin": "@progress.printTimeLeftOrigin",
    "nozzle": "@temperatures.tool0.actual",
    "target": "@temperatures.tool0.target",
    "z": "@currentZ",
}

MODEL = "; filament_diameter = 1.75\nG28\nG92 E0\nM104 S200\n" + "".join(
    f"G1 X{step} Y10 Z0.35 E{2 * step} F3000\nG4 P20\n" for step in range(1, 51)
)
"""Takes 100 mm of filament. At a height of its own: OctoPrint tells none that is that of the print before."""


def test_what_people_ask_for_is_there(admin: Client, receiver: Receiver) -> None:
    admin.request("PATCH", "/api/printerprofiles/_default", json={"profile": {"model": "MK3S", "name": "Left"}})
    admin.create_hook(receiver.url("/hook"), events=("print_started", "print_done"), data=DATA)
    files = {"file": ("benchy.v2.gcode", MODEL.encode(), "application/octet-stream")}
    admin.request("POST", "/api/files/local", files=files, data={"path": "boats"})
    # Files of other tests may be before it in the queue.
    path = "/api/files/local/boats/benchy.v2.gcode"
    admin.wait_for(
        "the analysis", lambda: admin.request("GET", path).json().get("gcodeAnalysis", {}).get("filament"), seconds=60
    )
    admin.read_temperatures()
    admin.print_again("boats/benchy.v2.gcode")

    [started, done] = [request.json() for request in receiver.wait_for("/hook", count=2)]
    assert started["file"] == {
        "name": "benchy.v2.gcode",
        "base": "benchy.v2",
        "path": "boats/benchy.v2.gcode",
        "folder": "boats",
        "origin": "local",
        "size": len(MODEL),
    }
    assert started["file"] == done["file"]
    assert (started["user"], done["user"]) == ("admin", "admin")
    assert started["filament"]["length"] == 0.1
    assert started["filament"]["volume"] == 0.241
    assert done["filament"]["used"]["length"] == 0.1
    version = admin.request("GET", "/api/version").json()["server"]
    assert started["host"]["octoprint"] == version
    assert started["host"]["name"] == platform.node()
    assert started["host"]["plugin"]
    assert started["host"]["uptime"] > 0
    assert started["printer"]["model"] == "MK3S"
    assert started["printer"]["profile"] == "Left"
    assert started["printer"]["height"] > 0
    assert started["nozzle"] > 0
    assert done["target"] == 200
    assert done["z"] == 0.35


def test_a_new_name_is_told_from_then_on(admin: Client, receiver: Receiver) -> None:
    name = admin.settings()["appearance"]["name"]
    told = {"name": "@printerName", "info": "@printerInfo.name"}
    admin.create_hook(receiver.url("/hook"), data=told, events=(), custom_events=[{"event": "Renamed", "message": ""}])
    admin.fire("Renamed")
    assert receiver.wait_for_one("/hook").json() == {"name": name, "info": name}
    admin.request("POST", "/api/settings", json={"appearance": {"name": "Right"}})
    try:

        def is_told() -> bool:
            admin.fire("Renamed")
            return bool(receiver.matching("/hook")[-1].json() == {"name": "Right", "info": "Right"})

        admin.wait_for("the new name", is_told)
    finally:
        admin.request("POST", "/api/settings", json={"appearance": {"name": name}})
