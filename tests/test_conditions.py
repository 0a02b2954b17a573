"""Conditions: which events of a real print reach the receiver, why the others do not, and trying it beforehand."""

from __future__ import annotations

from typing import Any

from harness import Client, Receiver, draft, gcode
from harness.visit import Begin


def rule(about: str, **fields: Any) -> dict[str, Any]:
    return {"about": about, **fields}


def test_only_what_a_condition_wants_is_sent_and_the_rest_says_why(admin: Client, receiver: Receiver) -> None:
    events = ("print_started", "print_done")
    # A print this short may have left "finishing" behind before its end is looked at.
    states = ["printing", "finishing", "operational"]
    boats = {"rules": [rule("file", names=["boat*.gcode"]), rule("state", states=states)]}
    admin.create_hook(receiver.url("/boats"), name="Boats", events=events, condition=boats)
    admin.create_hook(receiver.url("/all"), name="All", events=events, condition={"rules": [rule("file", names=["*"])]})
    admin.upload_and_print(gcode.tiny(), "cube.gcode")
    receiver.wait_for("/all", count=2)
    skipped = admin.wait_for_delivery(state="skipped", event="PrintDone", hook_name="Boats")
    assert skipped["message"] == 'Not sent: the file was "cube.gcode", and the condition wants "boat*.gcode".'
    admin.upload_and_print(gcode.tiny(), "boat_2.gcode")

    receiver.wait_for("/boats", count=2)
    receiver.wait_for("/all", count=4)
    assert [request.json()["extra"]["name"] for request in receiver.matching("/boats")] == 2 * ["boat_2.gcode"]


def test_conditions_on_who_prints_how_long_and_how_warm(admin: Client, receiver: Receiver) -> None:
    rules = {
        "user": (rule("user", names=["admin"]), rule("user", names=["nobody"])),
        "duration": (rule("duration", shorter_than_minutes=5), rule("duration", longer_than_minutes=5)),
        "temperature": (rule("temperature", heater="bed", below=100), rule("temperature", heater="bed", above=100)),
    }
    for about, (holds, fails) in rules.items():
        fields: dict[str, Any] = {"events": ("print_done",)}
        admin.create_hook(receiver.url(f"/{about}"), name=f"{about} holds", condition={"rules": [holds]}, **fields)
        admin.create_hook(receiver.url("/never"), name=f"{about} fails", condition={"rules": [fails]}, **fields)
    readings = ("GET", "/api/printer?exclude=state,sd")
    admin.wait_for("a temperature", lambda: admin.request(*readings).json()["temperature"].get("bed"))
    admin.upload_and_print(gcode.tiny())

    whys = {
        "user": 'Not sent: the user was "admin", and the condition wants "nobody".',
        "duration": "Not sent: the print's duration was ",
        "temperature": "Not sent: the temperature of bed was ",
    }
    for about, why in whys.items():
        receiver.wait_for_one(f"/{about}")
        skipped = admin.wait_for_delivery(state="skipped", event="PrintDone", hook_name=f"{about} fails")
        assert skipped["message"].startswith(why), skipped
    assert receiver.matching("/never") == []


def test_an_event_has_a_condition_of_its_own_as_an_expression(admin: Client, receiver: Receiver) -> None:
    wanted = {"enabled": True, "message": "", "condition": {"expression": "extra.time is number and extra.time < 0"}}
    hook = draft(receiver.url("/hook"), events=("print_started", "print_done"))
    hook["name"] = "Expression"
    hook["events"]["print_done"] = wanted
    admin.api("POST", "/hooks", json=hook, expect=201)
    admin.upload_and_print(gcode.tiny())

    skipped = admin.wait_for_delivery(state="skipped", event="PrintDone", hook_name="Expression")
    assert skipped["message"].startswith("Not sent: the condition's expression does not hold: extra.time was ")
    assert receiver.wait_for_one("/hook").json()["topic"] == "Print Started"


def test_a_condition_that_cannot_be_decided_skips_with_its_reason_and_stops_no_other_hook(
    admin: Client, receiver: Receiver
) -> None:
    custom = {"events": (), "custom_events": [{"event": "Undecided", "message": ""}]}
    expressions = {"Nothing": "extra.nope / 2 > 1", "Endless": "range(100000) | map('string') | join | length > 1"}
    for name, expression in expressions.items():
        admin.create_hook(receiver.url("/broken"), name=name, condition={"expression": expression}, **custom)
    admin.create_hook(receiver.url("/hook"), name="Other", **custom)
    admin.fire("Undecided", {"text": "x"})

    receiver.wait_for_one("/hook")
    for name in expressions:
        skipped = admin.wait_for_delivery(state="skipped", event="Undecided", hook_name=name)
        assert skipped["message"].startswith("Not sent: the condition cannot be decided: "), skipped
    assert receiver.matching("/broken") == []


def test_a_condition_is_tried_on_what_happened_before_it_is_saved(admin: Client, receiver: Receiver) -> None:
    admin.create_hook(receiver.url("/all"))
    admin.upload_and_print(gcode.tiny(), "cube.gcode")
    receiver.wait_for_one("/all")

    condition = {"any": True, "rules": [rule("user", names=["nobody"]), rule("file", names=["cube.gcode"])]}
    unsaved = draft(receiver.url("/hook"), condition=condition)
    tried = admin.api("POST", "/conditions/try", json={"hook": unsaved})["events"]
    real = next(event for event in tried if event["event"] == "PrintDone" and not event["is_sample"])
    assert real["sent"] is True
    [sample] = [event for event in tried if event["is_sample"]]
    assert sample["sent"] is False
    assert "benchy.gcode" in sample["why_not"]

    wrong = {**unsaved, "condition": {"expression": "progress.completion >"}}
    problem = next(problem for problem in admin.check(wrong) if problem["severity"] == "error")
    assert (problem["field"], problem["line"]) == ("condition.expression", 1)
    assert receiver.matching("/hook") == []


def test_an_events_own_condition_is_edited_on_the_page(visit: Begin, admin: Client, receiver: Receiver) -> None:
    hook = draft(receiver.url("/hook"), events=("print_started", "print_done"), name="Own")
    own = {"rules": [rule("file", names=["boat*"])]}
    hook["events"]["print_done"]["condition"] = own
    hook["custom_events"] = [{"event": "HarnessEvent", "message": "", "condition": {"expression": "extra.size > 5"}}]
    hook_id = admin.api("POST", "/hooks", json=hook, expect=201)["hook"]["id"]
    person = visit()
    person.open_webhooks()
    person.at("hook-edit").click()
    person.at("event-print_done-condition-0-names").wait_for()
    assert person.at("hook-custom-events-0-condition-expression").input_value() == "extra.size > 5"
    person.at("event-print_started-condition-toggle").click()
    expression = person.at("hook-events-print-started-condition-expression")
    expression.fill("extra.size >")
    person.page.locator(
        "[data-test-id='event-print_started-condition-toggle'] + div [data-test-id='problem']"
    ).wait_for()
    expression.fill("extra.size > 7")
    person.at("event-print_done-condition-add").click()
    person.at("event-print_done-condition-1-about").select_option("user")
    person.at("event-print_done-condition-1-names").fill("anna")
    person.at("editor-save").click()
    person.at("hook-row").wait_for()

    saved = admin.hook(hook_id)["hook"]
    rules = saved["events"]["print_done"]["condition"]["rules"]
    assert [(one["about"], one["names"]) for one in rules] == [("file", ["boat*"]), ("user", ["anna"])]
    assert saved["events"]["print_started"]["condition"]["expression"] == "extra.size > 7"
    assert saved["custom_events"][0]["condition"]["expression"] == "extra.size > 5"
    assert "condition" not in saved["events"]["print_failed"]
    admin.fire("HarnessEvent", {"size": 3})
    skipped = admin.wait_for_delivery(state="skipped", event="HarnessEvent", hook_name="Own")
    assert skipped["message"].startswith("Not sent: the condition's expression does not hold")
