"""A print from the printer's own card: OctoPrint sends nothing, and layers are what the printer says of them."""

from __future__ import annotations

from harness import Client, Listener, OctoPrintServer, Receiver, Setup, Start

# Each move takes a tenth of a second.
MODEL = "".join(f"G1 X{step} F600\n" for step in range(1, 81))


def _print_from_card(server: OctoPrintServer, receiver: Receiver) -> None:
    admin = server.admin
    where = "sdcard" if server.version.startswith("1.") else "printer"
    card = server.folder / "virtualSd"
    card.mkdir(exist_ok=True)
    # The virtual printer of OctoPrint 1 does not list a file whose name is as short as a card wants it.
    (card / "a_print_on_the_card.gcode").write_text(MODEL, encoding="utf-8")
    admin.request("POST", "/api/printer/sd", json={"command": "refresh"}, expect=None)

    def path() -> str | None:
        files = admin.request("GET", f"/api/files/{where}").json().get("files", [])
        return next((file["path"] for file in files), None)

    found = admin.wait_for("the file on the card", path)
    admin.request("POST", f"/api/files/{where}/{found}", json={"command": "select", "print": True})
    admin.wait_for_event("PrintStarted")


def test_how_long_it_takes_is_what_the_printer_says(start: Start, receiver: Receiver) -> None:
    server = start(Setup(settings={"feature": {"sdSupport": True}}))
    left = {
        "topic": "@topic",
        "event": "@event",
        "left": "@progress.printTimeLeft",
        "eta": "@eta",
        "layer": "@layer.number",
    }
    origin = {"origin": "@progress.printTimeLeftOrigin"}
    asking = Listener(server.admin, receiver, events=("user_action_needed",), data=left | origin)
    done = Listener(server.admin, receiver, events=("print_done",), data=left | origin)
    _print_from_card(server, receiver)
    # OctoPrint's own guess is a few seconds, so this hook begins to listen where the printer has said otherwise.
    server.admin.printer_says("//action:notification Time Left 1h31m0s")
    nearly = Listener(
        server.admin,
        receiver,
        events=("print_progress",),
        data=left | origin,
        progress_interval_percent=0,
        milestones={"minutes_before_end": "5"},
    )
    server.admin.printer_says("//action:notification Time Left 1h30m0s", "echo:busy: paused for user")
    told = asking.wait_for("User Action Needed")
    assert (told["left"], told["origin"]) == (5400, "printer")
    assert told["eta"]
    # A firmware without M73 repeats what it does not know.
    server.admin.printer_says('echo:Unknown command: "M73 P95 R5 L7"')
    told = nearly.wait_for("Print Progress")
    assert (told["left"], told["origin"], told["layer"]) == (300, "printer", 7)
    server.admin.wait_for_event("PrintDone", seconds=60)
    [told] = done.settle()
    assert len(nearly.settle()) == 1
    assert told["left"] in (0, None), "what was said before has passed"


def _told(admin: Client, listener: Listener) -> list[str]:
    admin.wait_for_event("PrintDone", seconds=60)
    return [body["topic"] for body in listener.settle()]


def test_a_print_from_the_card_is_told_from_start_to_end(start: Start, receiver: Receiver) -> None:
    server = start(Setup(settings={"feature": {"sdSupport": True}}))
    layer = {"topic": "@topic", "event": "@event", "number": "@layer.number", "total": "@layer.total", "job": "@jobId"}
    course = Listener(server.admin, receiver, events=("print_started", "first_layer_done", "print_ended"), data=layer)
    chosen = Listener(
        server.admin,
        receiver,
        events=("print_progress",),
        data=layer,
        progress_interval_percent=0,
        milestones={"at_layers": "3"},
    )
    halves = Listener(server.admin, receiver, events=("print_progress",), progress_interval_percent=50)
    _print_from_card(server, receiver)
    for number in range(1, 5):
        server.admin.printer_says(f"echo:Layer {number} of 4")

    assert _told(server.admin, course) == ["Print Started", "First Layer Done", "Print Ended"]
    [started, first, ended] = course.heard()
    assert (first["number"], first["total"]) == (2, 4)
    assert started["job"] == first["job"] == ended["job"]
    assert [body["number"] for body in chosen.settle()] == [3]
    assert [body["milestone"] for body in halves.settle()] == [50]
