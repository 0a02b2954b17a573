"""What events mean, as a receiver hears of it: how a print ended, layers, temperatures, lines, a printer that waits."""

from __future__ import annotations

import json
from pathlib import Path

from harness import Client, Listener, OctoPrintServer, Receiver, Start, gcode

LAYERS = "".join(
    f";LAYER_CHANGE\n;Z:{0.2 * layer:.1f}\nG1 Z{0.2 * layer:.1f} F6000\nG1 X{layer} E1\n" + "G4 P100\n" * 20
    for layer in range(1, 6)
)


def test_a_print_has_one_end_whichever_it_is(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("print_ended",))
    admin.upload_and_print(gcode.paced(2), "good.gcode")
    good = listener.wait_for("Print Ended")["extra"]
    assert (good["outcome"], good["text"], good["progress"]) == ("done", "good.gcode is done.", 100)
    admin.wait_for_state("Operational")

    admin.upload_and_print(gcode.paced(200), "bad.gcode")
    admin.wait_for("some progress", lambda: admin.completion() >= 5)
    admin.cancel()
    cancelled = listener.wait_for("Print Ended", count=2)
    extra = cancelled["extra"]
    assert (extra["outcome"], extra["user"], extra["name"]) == ("cancelled", "admin", "bad.gcode")
    assert extra["text"] == f"bad.gcode was cancelled by admin at {extra['progress']} %."
    assert cancelled["jobId"]
    assert cancelled["job"]["file"]["name"] == "bad.gcode"

    admin.upload_and_print(gcode.paced(200), "worse.gcode")
    admin.wait_for("some progress", lambda: admin.completion() >= 5)
    admin.debug("trigger_fatal_error_marlin")
    stopped = listener.wait_for("Print Ended", count=3)["extra"]
    assert (stopped["outcome"], stopped["reason"]) == ("firmware_shutdown", "firmware")
    assert "Thermal Runaway" in stopped["text"]
    assert len(listener.settle()) == 3


def test_a_pulled_cable_is_a_lost_connection_even_while_paused(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("print_ended",))
    admin.upload_and_print(gcode.paced(200), "pulled.gcode")
    admin.wait_for_event("PrintStarted")
    admin.debug("drop_connection")
    lost = listener.wait_for("Print Ended")["extra"]
    assert (lost["outcome"], lost["paused"]) == ("connection_lost", False)
    admin.wait_for_state("Closed", "Offline")

    admin.connect()
    admin.forget_events()
    admin.print_again("pulled.gcode")
    admin.wait_for_event("PrintStarted")
    admin.pause()
    admin.debug("drop_connection")
    lost = listener.wait_for("Print Ended", count=2)["extra"]
    assert (lost["outcome"], lost["paused"]) == ("connection_lost", True)
    admin.wait_for_event("Disconnected")
    assert len(listener.settle()) == 2


def _ignore_errors(server: OctoPrintServer, is_on: bool) -> None:
    """Sets whether OctoPrint ignores errors of the firmware, and connects anew: it looks at that then."""
    admin = server.admin
    if server.version.startswith("1."):
        admin.request("POST", "/api/settings", json={"serial": {"ignoreErrorsFromFirmware": is_on}})
    else:
        admin.set_plugin_settings("serial_connector", errorHandling="ignore" if is_on else "disconnect")
    admin.disconnect()
    admin.connect()


def test_an_error_that_octoprint_ignores_is_told_once(octoprint: OctoPrintServer, receiver: Receiver) -> None:
    admin = octoprint.admin
    _ignore_errors(octoprint, True)
    try:
        listener = Listener(admin, receiver, events=("error", "print_done"))
        admin.upload_and_print(gcode.paced(100))
        admin.wait_for_event("PrintStarted")
        admin.printer_says("Error:Line Number is not Last Line Number+1, Last Line: 4")
        admin.printer_says("Error:Probing failed", "ok", "Error:Probing failed", "ok")
        told = listener.wait_for("Error")
        assert told["extra"]["error"].startswith("Probing failed")
        assert (told["extra"]["reason"], told["extra"]["consequence"]) == ("firmware", "ignored")
        admin.wait_for_event("PrintDone", seconds=60)
        assert [body["topic"] for body in listener.settle()] == ["Error", "Print Done"]
        assert "Error" not in admin.seen_events(), "OctoPrint says nothing of it"
    finally:
        _ignore_errors(octoprint, False)


def _begin(server: OctoPrintServer, receiver: Receiver) -> Listener:
    listener = Listener(server.admin, receiver, events=("print_interrupted",))
    server.admin.upload_and_print(gcode.paced(400), "long.gcode")
    server.admin.wait_for("some progress", lambda: server.admin.completion() >= 10)
    note = _note(server)
    server.admin.wait_for("the note of the print", lambda: note.exists() and _progress(note) >= 5)
    return listener


def _note(server: OctoPrintServer) -> Path:
    return server.data_folder / "state" / "running_job.json"


def _progress(note: Path) -> int:
    return int(json.loads(note.read_text())["print"]["progress"])


def test_a_power_cut_is_told_after_the_next_start(start: Start, receiver: Receiver) -> None:
    server = start()
    listener = _begin(server, receiver)
    server.kill()
    note = json.loads(_note(server).read_text())
    note["boot"] = "00000000-0000-0000-0000-000000000001"  # As if the machine had been switched off in between.
    _note(server).write_text(json.dumps(note))
    server.start()

    told = listener.wait_for("Print Interrupted")
    percent = note["print"]["progress"]
    assert told["message"] == "print_interrupted happened"
    assert told["extra"]["text"] == f"The power was lost: was printing long.gcode, lost at {percent} %."
    assert told["extra"]["outcome"] == "power_lost"
    assert told["jobId"] == note["print"]["job"]
    server.admin.wait_for("the note being gone", lambda: not _note(server).exists())
    server.restart()
    listener.admin = server.admin
    assert len(listener.settle()) == 1, "told once"


def test_a_stopped_octoprint_is_told_after_the_next_start(start: Start, receiver: Receiver) -> None:
    server = start()
    listener = _begin(server, receiver)
    server.restart()
    told = listener.wait_for("Print Interrupted")["extra"]
    assert (told["outcome"], told["reason"], told["name"]) == ("server_stopped", "shutdown", "long.gcode")


def test_layers_come_from_the_file(admin: Client, receiver: Receiver) -> None:
    layer = {"number": "@layer.number", "total": "@layer.total", "height": "@layer.height", "event": "@event"}
    first = Listener(admin, receiver, events=("first_layer_done",), data=layer | {"topic": "@topic", "extra": "@extra"})
    chosen = Listener(
        admin,
        receiver,
        events=("print_progress",),
        data=layer | {"topic": "@topic"},
        progress_interval_percent=0,
        milestones={"at_layers": "3", "at_heights": "1.0"},
    )
    admin.upload_and_print("G4 P1500\n" + LAYERS, "layers.gcode")
    admin.wait_for_event("PrintDone", seconds=60)

    [done] = first.settle()
    assert (done["topic"], done["number"], done["total"]) == ("First Layer Done", 2, 5)
    assert done["extra"] == {"number": 2, "total": 5, "height": 0.4}
    assert [body["number"] for body in chosen.settle()] == [3, 5]


def test_progress_by_time_only_for_long_prints(admin: Client, receiver: Receiver) -> None:
    quick = Listener(
        admin,
        receiver,
        events=("print_progress",),
        progress_interval_percent=10,
        milestones={"only_longer_than_minutes": 5},
    )
    admin.upload_and_print(gcode.paced(40))
    admin.wait_for_event("PrintDone", seconds=60)
    assert quick.settle() == []


def test_progress_every_minute_of_a_print_that_is_long_enough(admin: Client, receiver: Receiver) -> None:
    """It takes longer than a minute: how long a print lasts is by the clock of OctoPrint, which nobody can hurry."""
    data = {"topic": "@topic", "event": "@event", "time": "@progress.printTime"}
    milestones = {"every_minutes": 1, "only_longer_than_minutes": 1}
    how: dict[str, object] = {"progress_interval_percent": 0, "milestones": milestones}
    listener = Listener(admin, receiver, events=("print_progress",), data=data, **how)
    admin.upload_and_print(gcode.paced(68, 1000))
    admin.wait_for_event("PrintDone", seconds=150)
    [told] = listener.settle()
    assert 60 <= told["time"] < 68


def test_temperatures_by_rules(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("temperature",), temperature_rules="bed below 40\ntool0 reached")
    other = Listener(admin, receiver, events=("temperature",), temperature_rules="chamber reached")
    with admin.thermometer_silent():
        for bed, tool, rules in ((60, 20, 0), (60, 198, 1), (45, 200, 1), (39, 199, 2), (38, 200, 2)):
            admin.printer_says(f"ok T:{tool}.0 /200.0 B:{bed}.0 /0.0 @:64")
            admin.wait_for("the reading", lambda bed=bed: _bed(admin) == bed)
            # What is told is how warm it is when that is looked at: before the next reading.
            admin.wait_for("the rule", lambda rules=rules: len(listener.heard()) >= rules)
    told = [body["extra"] for body in listener.settle()]
    assert [(extra["rule"], extra["actual"]) for extra in told] == [("tool0 reached", 198.0), ("bed below 40", 39.0)]
    assert told[1]["text"] == "bed has cooled below 40 °C."
    assert other.settle() == []


def test_a_temperature_that_is_held_for_a_while(admin: Client, receiver: Receiver) -> None:
    rules = "bed reached\nbed held 0.05\nbed held 4 s\nbed held 2"  # 0.05 minutes are 3 s; two minutes are never up.
    listener = Listener(admin, receiver, events=("temperature",), temperature_rules=rules)

    def heat(*commands: str) -> None:
        admin.request("POST", "/api/printer/command", json={"commands": list(commands)})

    try:
        # The printer heats in earnest, and tells its temperatures every second. Another target begins anew.
        for count, target in ((3, 26), (6, 32)):
            heat("M155 S1", f"M140 S{target}")
            admin.wait_for("all three rules being told", lambda count=count: len(listener.heard()) >= count)
    finally:
        heat("M140 S0", "M155 S2")
    heard = listener.settle()
    assert [body["extra"]["rule"] for body in heard] == ["bed reached", "bed held 3 s", "bed held 4 s"] * 2
    for body, reached in zip(heard, [heard[0]] * 3 + [heard[3]] * 3, strict=True):
        extra, target = body["extra"], reached["extra"]["target"]
        if extra["what"] == "held":
            seconds = round(extra["minutes"] * 60)
            assert extra["rule"] == f"bed held {seconds} s"
            assert extra["text"] == f"bed has been at {target:g} °C for {seconds} s."
            assert body["time"] - reached["time"] >= seconds, "not sooner"
    assert [body["extra"]["target"] for body in heard] == [26.0] * 3 + [32.0] * 3


def _bed(admin: Client) -> float | None:
    bed = admin.request("GET", "/api/printer").json()["temperature"].get("bed") or {}
    return bed.get("actual")  # type: ignore[no-any-return]


def test_lines_that_a_pattern_matches(admin: Client, receiver: Receiver) -> None:
    listener = Listener(
        admin, receiver, events=("terminal_line",), terminal_patterns="^echo:Z offset (?<mm>\\S+)\nnever said"
    )
    admin.printer_says("echo:Z offset -0.12", "echo:Y offset 1", "echo:Z offset -0.12")
    told = listener.wait_for("Terminal Line")["extra"]
    assert (told["line"], told["groups"]) == ("echo:Z offset -0.12", {"mm": "-0.12"})
    assert len(listener.settle()) == 1, "the same line again is the same news"


def test_a_printer_that_wants_somebody_and_does_not_any_more(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("user_action_needed", "user_action_over", "display_message"))
    admin.printer_says(
        "//action:prompt_begin Change filament",
        "//action:prompt_choice Done",
        "//action:prompt_show",
        "echo:busy: paused for user",
        "//action:prompt_show",
        "//action:notification Nozzle is cold",
        "//action:prompt_end",
        "//action:prompt_end",
    )
    listener.wait_for("User Action Over")
    heard = {body["topic"]: body["extra"] for body in listener.settle()}
    assert len(listener.heard()) == 3
    assert heard["User Action Needed"] == {"reason": "prompt", "text": "Change filament", "choices": ["Done"]}
    assert heard["User Action Over"]["reason"] == "prompt"
    assert heard["Display Message"]["text"] == "Nozzle is cold"


def test_a_filament_change_is_told_once_and_when_it_is_over(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("user_action_needed", "user_action_over"))
    admin.upload_and_print(gcode.paced(4) + "M600\n" + gcode.paced(4))
    admin.wait_for_events("FilamentChange", "PrintPaused")
    # The virtual printer acknowledges nothing while it waits; what ends its waiting comes behind that.
    admin.request("POST", "/api/connection", json={"command": "fake_ack"})
    admin.request("POST", "/api/printer/command", json={"command": "M876 S0"})
    admin.wait_for_state("Paused", "Printing")
    if admin.state() == "Paused":
        admin.request("POST", "/api/job", json={"command": "pause", "action": "resume"})
    admin.wait_for_event("PrintDone", seconds=60)

    told = [(body["topic"], body["extra"]["reason"]) for body in listener.settle()]
    assert told == [("User Action Needed", "filament_change"), ("User Action Over", "filament_change")]
    assert {body["jobId"] for body in listener.heard()} != {None}


def test_a_print_that_is_begun_anew_has_two_ends(octoprint: OctoPrintServer, receiver: Receiver) -> None:
    admin = octoprint.admin
    ends = Listener(admin, receiver, events=("print_ended",))
    progress = Listener(admin, receiver, events=("print_progress",), progress_interval_percent=50)
    admin.upload_and_print(gcode.paced(100), "restart.gcode")
    progress.wait_for("Print Progress")
    admin.pause()
    if octoprint.version.startswith("1."):
        admin.request("POST", "/api/job", json={"command": "restart"})
    else:  # OctoPrint 2 does not listen to that while it is paused.
        admin.cancel()
        admin.print_again("restart.gcode")
    admin.wait_for_event("PrintDone", seconds=60)

    [first, second] = ends.settle()
    assert [body["extra"]["outcome"] for body in (first, second)] == ["cancelled", "done"]
    assert first["jobId"] != second["jobId"]
    told = [(body["jobId"], body["milestone"]) for body in progress.settle()]
    assert told == [(first["jobId"], 50), (second["jobId"], 50)], "each of them once"


def test_an_error_that_only_cancels_the_print_is_an_error(start: Start, receiver: Receiver) -> None:
    server = start()
    admin = server.admin
    if server.version.startswith("1."):
        admin.request("POST", "/api/settings", json={"serial": {"disconnectOnErrors": False}})
    else:
        admin.set_plugin_settings("serial_connector", errorHandling="cancel")
    admin.disconnect()
    admin.connect()
    listener = Listener(admin, receiver, events=("error", "print_ended"))
    admin.upload_and_print(gcode.paced(200))
    admin.wait_for("some progress", lambda: admin.completion() >= 5)
    admin.debug("send Error:Heating failed, system stopped! Heater_ID: 0")
    ended = listener.wait_for("Print Ended")["extra"]
    assert (ended["outcome"], ended["reason"]) == ("failed", "firmware")
    assert listener.topics() == ["Error", "Print Ended"]


def test_patterns_and_rules_that_are_wrong_are_said_with_their_line(admin: Client, receiver: Receiver) -> None:
    view = admin.create_hook(receiver.url("/x"), events=("temperature", "terminal_line", "print_progress"))
    hook = view["hook"] | {
        "temperature_rules": "bed below 40\nbed warm",
        "terminal_patterns": "ok\n(",
        "milestones": {"at_layers": "1, two"},
    }
    problems = {problem["field"]: problem for problem in admin.check(hook)}
    assert (problems["temperature_rules"]["line"], problems["temperature_rules"]["severity"]) == (2, "error")
    assert (problems["terminal_patterns"]["line"], problems["terminal_patterns"]["severity"]) == (2, "error")
    assert '"two"' in problems["milestones.at_layers"]["message"]


def test_filament_that_runs_out_is_told_once_and_over_with_the_print(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("user_action_needed", "user_action_over"))
    admin.upload_and_print(gcode.paced(100))
    admin.wait_for_event("PrintStarted")
    admin.printer_says("//action:out_of_filament T0", "//action:out_of_filament T0")
    listener.wait_for("User Action Needed")
    admin.wait_for_event("PrintDone", seconds=60)
    listener.wait_for("User Action Over")
    told = [(body["topic"], body["extra"]["reason"]) for body in listener.settle()]
    assert told == [("User Action Needed", "filament_runout"), ("User Action Over", "filament_runout")]


def test_a_print_that_stops_for_somebody_says_so_in_its_own_words(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("user_action_needed", "user_action_over"))
    stops = ("M0 Put the magnet in", "M1")
    admin.upload_and_print(gcode.paced(20) + "\n".join(f"{stop}\n{gcode.paced(80)}" for stop in stops), "stops.gcode")
    for number in (1, 2):
        listener.wait_for("User Action Needed", count=number)
        admin.wait_for_state("Paused")
        admin.resume()
        listener.wait_for("User Action Over", count=number)
    admin.wait_for_event("PrintDone", seconds=60)
    told = [(body["topic"], body["extra"]["reason"], body["extra"]["text"]) for body in listener.settle()]
    over = ("User Action Over", "waiting", "The printer does not wait for anybody any more.")
    needed = ("Put the magnet in", "The print waits for somebody.")
    assert told == [step for text in needed for step in (("User Action Needed", "waiting", text), over)]


def test_every_so_many_layers_and_millimetres(admin: Client, receiver: Receiver) -> None:
    def of(**milestones: int) -> Listener:
        data = {"topic": "@topic", "event": "@event", "layer": "@layer"}
        how: dict[str, object] = {"progress_interval_percent": 0, "milestones": milestones}
        return Listener(admin, receiver, events=("print_progress",), data=data, **how)

    layers, millimetres = of(every_layers=2), of(every_millimetres=1)
    admin.upload_and_print("G4 P1500\n" + LAYERS, "every.gcode")
    admin.wait_for_event("PrintDone", seconds=60)
    assert [body["layer"]["number"] for body in layers.settle()] == [2, 4]
    assert [body["layer"]["height"] for body in millimetres.settle()] == [1.0]
