"""Jinja beside `@name`: what a receiver gets of a real print, and what is refused before."""

from __future__ import annotations

from harness import Client, Receiver, draft, gcode

DATA = {
    "text": "@topic: {{ job.file.name | default('?') }}{% if progress.completion is number %} begun{% endif %}",
    "percent": "{{ progress.completion | round }}",
    "printing": "{{ state.flags.printing }}",
    "span": "{{ 4211.5 | duration }}",
    "size": "{{ job.file.size | size }}",
    "clock": "{{ currentTime | time('%H:%M') }}",
    "value": "{{ extra.text | default('') }}@extra.text",
    "nobody": "{{ job.nope | default('nobody') }}",
    "message": "@message",
}


EVENTS = {"print_started": "{{ event | upper }} @event", "display_message": "{{ extra.text }}"}
HEADERS = {"X-Topic": "{{ topic | lower }} @topic"}


def test_a_print_is_told_in_both_ways_of_writing(admin: Client, receiver: Receiver) -> None:
    url = receiver.url("/hook?e={{ event }}&t=@topic")
    admin.create_hook(url, events=EVENTS, data=DATA, headers=HEADERS, jinja=True)
    admin.upload_and_print("G28\nM117 @topic {{ apiSecret }}{% if %}\nM105\n")

    said = receiver.wait_for("/hook", count=2)
    by_event = {dict(request.query)["e"]: request for request in said}
    started = by_event["PrintStarted"]
    assert dict(started.query)["t"] == "Print Started"
    assert started.header("x-topic") == "print started Print Started"
    sent = started.json()
    assert sent["text"].startswith("Print Started: model.gcode")
    assert sent["message"] == "PRINTSTARTED PrintStarted"
    assert isinstance(sent["printing"], bool), "a whole expression keeps its type"
    assert isinstance(sent["percent"], int | str)
    assert (sent["span"], sent["nobody"]) == ("1h 10m", "nobody")
    assert sent["size"].endswith(" bytes")
    assert len(sent["clock"]) == 5
    assert sent["clock"][2] == ":"
    shown = by_event["plugin_webhooks_display_message"].json()
    assert shown["value"] == 2 * "@topic {{ apiSecret }}{% if %}", "what the print says is never looked at"
    assert shown["message"] == "@topic {{ apiSecret }}{% if %}"


def test_where_it_is_off_the_text_goes_out_as_it_stands(admin: Client, receiver: Receiver) -> None:
    plain = draft(receiver.url("/hook"), data='{"t": "{{ topic }} @topic {%"}')
    assert admin.test_hook(plain, "print_done")["ok"]
    assert receiver.wait_for_one("/hook").json() == {"t": "{{ topic }} Print Done {%"}


def test_what_is_wrong_is_refused_with_its_place(admin: Client, receiver: Receiver) -> None:
    data = '{\n  "a": "{{ topi }}"\n}'
    wrong = draft(receiver.url("/hook"), data=data, headers={"X": "{{ topic | nope }}"}, jinja=True)
    problems = {problem["field"]: problem for problem in admin.check(wrong) if problem["severity"] == "error"}
    assert (problems["data"]["line"], problems["data"]["column"]) == (2, 12)
    assert "topic" in problems["data"]["message"]
    assert "nope" in problems["headers"]["message"]
    assert admin.test_hook(wrong)["ok"] is False
    assert list(receiver) == []


def test_a_failure_at_run_time_stops_no_other_hook(admin: Client, receiver: Receiver) -> None:
    admin.create_hook(receiver.url("/broken"), name="Broken", data={"a": "{{ extra.nope / 2 }}"}, jinja=True)
    admin.create_hook(receiver.url("/hook"), data={"ok": "{{ topic }}"}, jinja=True)
    admin.upload_and_print(gcode.tiny())

    assert receiver.wait_for_one("/hook").json() == {"ok": "Print Done"}
    failed = admin.wait_for_delivery(state="given_up", hook_name="Broken")
    assert "extra.nope / 2" in failed["message"]
    assert receiver.matching("/broken") == []
