"""Testing a hook as it stands in the editor: what was sent, what came back, and what is wrong in plain words."""

from __future__ import annotations

import json

import pytest

from harness import Behaviour, Client, Receiver, closed_port, draft, planted
from harness.client import API


def test_an_unsaved_draft_is_sent_and_its_answer_shown(admin: Client, receiver: Receiver) -> None:
    receiver.answers("/hook", Behaviour(status=202, body=b"taken", headers={"Content-Type": "text/plain", "X-Id": "7"}))
    result = admin.test_hook(draft(receiver.url("/hook?k=1"), events={"print_done": "Done: @extra.name"}), "print_done")

    sent = receiver.wait_for_one("/hook")
    assert sent.json()["topic"] == "Print Done"
    assert sent.json()["message"].startswith("Done: ")
    assert sent.json()["message"] != "Done: ", "sample data hold a name"
    assert result["ok"] is True
    assert "202" in result["headline"]
    assert result["answer"]["status"] == 202
    assert result["answer"]["body"] == "taken"
    assert ["x-id", "7"] in [[name.lower(), value] for name, value in result["answer"]["headers"]]
    assert result["answer"]["truncated"] is False
    assert result["request"]["method"] == "POST"
    assert result["phases"]["total_ms"] >= 0
    assert result["failure"] is None
    assert admin.hooks() == [], "testing saves nothing"


def test_any_event_can_be_tested(admin: Client, receiver: Receiver) -> None:
    topics = {topic["key"]: topic["title"] for topic in admin.api("GET", "/catalogue")["topics"]}
    assert len(topics) == 19
    for number, (key, title) in enumerate(topics.items(), start=1):
        assert admin.test_hook(draft(receiver.url("/hook"), events=(key,)), key)["ok"], key
        assert receiver.wait_for("/hook", count=number)[-1].json()["topic"] == title
    custom = [{"event": "MovieDone", "message": "a movie"}]
    assert admin.test_hook(draft(receiver.url("/hook"), events=(), custom_events=custom), "MovieDone")["ok"]
    sent = receiver.wait_for("/hook", count=len(topics) + 1)[-1].json()
    assert (sent["topic"], sent["message"]) == ("Custom Event", "a movie")


@pytest.mark.parametrize("status", [200, 204, 302, 399, 400, 404, 500])
def test_success_is_what_the_documentation_says(admin: Client, receiver: Receiver, status: int) -> None:
    receiver.answers("/hook", Behaviour(status=status, body=b"" if status == 204 else b"text"))
    result = admin.test_hook(draft(receiver.url("/hook")))

    assert result["ok"] is (200 <= status < 400)
    assert str(status) in result["headline"]
    assert result["answer"]["status"] == status


@pytest.mark.parametrize("field", ["data", "headers"])
def test_json_errors_name_line_and_column(admin: Client, receiver: Receiver, field: str) -> None:
    broken = draft(receiver.url("/hook"), **{field: '{\n  "a": "1",\n}'})
    result = admin.test_hook(broken)

    assert result["ok"] is False
    problem = next(problem for problem in result["problems"] if problem["severity"] == "error")
    assert (problem["field"], problem["line"], problem["column"]) == (field, 3, 1)
    assert problem in admin.check(broken)
    assert list(receiver) == []


def test_nobody_listening_is_said(admin: Client) -> None:
    port = closed_port()
    result = admin.test_hook(draft(f"http://127.0.0.1:{port}/hook"))

    assert result["ok"] is False
    assert result["failure"]["kind"] == "connection_refused"
    assert result["answer"] is None
    assert result["headline"]
    assert str(port) in result["failure"]["message"]


def test_a_hook_to_octoprint_itself_is_refused(admin: Client) -> None:
    for host in ("127.0.0.1", "localhost"):
        result = admin.test_hook(draft(admin.url.replace("127.0.0.1", host) + "/api/version"))
        assert result["ok"] is False
        assert result["failure"]["kind"] == "address_refused", host
        assert result["failure"]["message"]


def test_tls_to_a_plain_port_is_said(admin: Client, receiver: Receiver) -> None:
    result = admin.test_hook(draft(receiver.url("/hook").replace("http://", "https://")))

    assert result["ok"] is False
    assert result["failure"]["kind"] == "tls_failed"
    assert "http" in (result["failure"]["message"] + (result["advice"] or "")).lower()


def test_a_connection_that_is_cut_is_said(admin: Client, receiver: Receiver) -> None:
    receiver.answers("/hook", Behaviour(mode="reset"))
    result = admin.test_hook(draft(receiver.url("/hook")))

    assert result["ok"] is False
    assert result["failure"]["kind"] == "connection_reset"


def test_silence_and_dripping_end_at_the_deadline(admin: Client, receiver: Receiver, once: None) -> None:
    silent = admin.start_test(draft(receiver.answers("/silent", Behaviour(mode="never"))))
    dripping = admin.start_test(draft(receiver.answers("/dripping", Behaviour(mode="drip", body=b"x" * 600))))
    for test_id in (silent, dripping):
        result = admin.wait_for_test(test_id, seconds=50)
        assert result["ok"] is False
        assert result["failure"]["kind"] == "timed_out"
        assert 20_000 < result["phases"]["total_ms"] < 40_000


def test_a_long_answer_is_cut_and_kept_as_text(admin: Client, receiver: Receiver) -> None:
    body = b"<script>alert(1)</script>" + b"x" * 3_000_000
    receiver.answers("/hook", Behaviour(body=body, headers={"Content-Type": "text/html"}))
    result = admin.test_hook(draft(receiver.url("/hook")))

    assert result["ok"] is True
    assert result["answer"]["truncated"] is True
    assert result["answer"]["body"].startswith("<script>alert(1)</script>xxx")
    assert len(result["answer"]["body"]) <= 64 * 1024


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": "example.com/hook"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "http://@topic/hook"}, "url"),
        ({"headers": {"X-A": "one\ntwo"}}, "headers"),
        ({"headers": {"X A": "blank in the name"}}, "headers"),
        ({"headers": ["a list"]}, "headers"),
    ],
)
def test_what_cannot_be_sent_is_said_before_it_is_tried(
    admin: Client, receiver: Receiver, fields: dict[str, object], field: str
) -> None:
    hook = draft(**{"url": receiver.url("/hook")} | fields)  # type: ignore[arg-type]

    assert any(problem["field"] == field and problem["severity"] == "error" for problem in admin.check(hook))
    result = admin.test_hook(hook)
    assert result["ok"] is False
    assert any(problem["field"] == field for problem in result["problems"])
    assert list(receiver) == []


def test_a_draft_uses_the_saved_secret_only_at_the_same_origin(
    admin: Client, receiver: Receiver, another_receiver: Receiver
) -> None:
    view = admin.create_hook(receiver.url("/hook"), api_secret=planted.API.text)
    saved = view["hook"]
    assert admin.test_hook(saved | {"url": receiver.url("/other")})["ok"]
    assert receiver.wait_for_one("/other").json()["apiSecret"] == planted.API.text
    elsewhere = {"hook": saved | {"url": another_receiver.url("/hook")}, "event": "print_done"}
    answer = admin.request("POST", f"{API}/test", json=elsewhere, expect=(202, 422)).json()
    if "id" in answer:
        admin.wait_for_test(answer["id"])
    else:
        assert answer["error"]["problems"][0]["field"] == "api_secret"

    for seen in another_receiver:
        assert planted.found_in(seen.body) == []


def test_the_preview_sends_nothing_and_masks_secrets(admin: Client, receiver: Receiver) -> None:
    hook = draft(
        receiver.url(f"/hook?key={planted.QUERY.in_url}"),
        headers={"Authorization": "Bearer @apiSecret"},
        api_secret=planted.API.text,
    )
    preview = admin.preview(hook, "print_started")

    assert preview["request"]["method"] == "POST"
    assert json.loads(preview["request"]["body"])["topic"] == "Print Started"
    assert planted.found_in(json.dumps(preview)) == []
    assert list(receiver) == []


def test_a_request_that_is_no_hook_is_refused_with_a_sentence(admin: Client) -> None:
    for body in (b"{", b'{"hook": 5}', b'{"hook": {"url": "http://x", "nonsense": 1}, "event": "print_done"}', b""):
        answer = admin.api(
            "POST", "/test", data=body, headers={"Content-Type": "application/json"}, expect=(400, 415, 422)
        )
        assert answer["error"]["message"].endswith("."), body
