"""The request before the webhook: its three forms, its token kept while it lasts, one new try after a 401."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from harness import Behaviour, Client, Receiver, draft, planted

EVENT = "HarnessEvent"
CREDENTIALS = {"client_id": "me", "client_secret": planted.OAUTH_CLIENT.text, "grant_type": "client_credentials"}
DATA = {"refresh": "@refresh_token", "ttl": "@expires_in", "topic": "@topic", "text": "with @access_token."}
HEADERS = {"Authorization": "Bearer @access_token"}


def oauth(receiver: Receiver, *answers: Behaviour, **fields: Any) -> dict[str, Any]:
    """The OAuth part of a hook, and how the token endpoint answers."""
    url = receiver.answers("/token", *answers)
    return {"enabled": True, "url": url, "data": json.dumps(CREDENTIALS)} | fields


def token(access: str, **more: Any) -> Behaviour:
    """An answer with a token."""
    return Behaviour.of_json({"access_token": of(access), "refresh_token": f"refresh-{of(access)}"} | more)


def of(name: str) -> str:
    """One of several tokens, each as secret as the other."""
    return f"{planted.ACCESS_TOKEN.text}-{name}"


def hook(admin: Client, receiver: Receiver, settings: dict[str, Any]) -> None:
    """A hook that uses the token."""
    custom = [{"event": EVENT, "message": "m"}]
    admin.create_hook(
        receiver.url("/hook"), events=(), custom_events=custom, headers=HEADERS, data=DATA, oauth=settings
    )


def test_post_as_json(admin: Client, receiver: Receiver) -> None:
    headers = json.dumps({"X-Tenant": "7"})
    hook(
        admin,
        receiver,
        oauth(receiver, token("t1", expires_in=3600), method="POST", content_type="json", headers=headers),
    )
    admin.fire(EVENT, {})
    sent = receiver.wait_for_one("/hook")

    asked = receiver.wait_for_one("/token")
    assert asked.method == "POST"
    assert asked.header("Content-Type") == "application/json"
    assert asked.header("X-Tenant") == "7"
    assert asked.json() == CREDENTIALS
    assert sent.header("Authorization") == f"Bearer {of('t1')}"
    assert sent.json() == {
        "refresh": f"refresh-{of('t1')}",
        "ttl": 3600,
        "topic": "Custom Event",
        "text": f"with {of('t1')}.",
    }


def test_post_as_form(admin: Client, receiver: Receiver) -> None:
    hook(admin, receiver, oauth(receiver, token("t1"), method="POST", content_type="form"))
    admin.fire(EVENT, {})
    assert receiver.wait_for_one("/hook").header("Authorization") == f"Bearer {of('t1')}"

    asked = receiver.wait_for_one("/token")
    assert asked.method == "POST"
    assert asked.header("Content-Type") == "application/x-www-form-urlencoded"
    assert dict(asked.form()) == CREDENTIALS


def test_get(admin: Client, receiver: Receiver) -> None:
    hook(admin, receiver, oauth(receiver, token("t1"), method="GET"))
    admin.fire(EVENT, {})
    assert receiver.wait_for_one("/hook").header("Authorization") == f"Bearer {of('t1')}"

    asked = receiver.wait_for_one("/token")
    assert (asked.method, asked.body) == ("GET", b"")
    assert dict(asked.query) == CREDENTIALS


def test_no_variables_in_the_request_for_a_token(admin: Client, receiver: Receiver) -> None:
    settings = oauth(receiver, token("t1"), data=json.dumps({"client_secret": "p@topic", "user": "@topic"}))
    hook(admin, receiver, settings)
    admin.fire(EVENT, {})
    receiver.wait_for_one("/hook")

    assert receiver.wait_for_one("/token").json() == {"client_secret": "p@topic", "user": "@topic"}


def test_a_token_is_kept_while_it_lasts(admin: Client, receiver: Receiver) -> None:
    hook(admin, receiver, oauth(receiver, token("t1", expires_in=3600), token("t2", expires_in=3600)))
    for number in range(1, 4):
        admin.fire(EVENT, {})
        receiver.wait_for("/hook", count=number)

    assert len(receiver.matching("/token")) == 1
    assert {seen.header("Authorization") for seen in receiver.matching("/hook")} == {f"Bearer {of('t1')}"}


def test_a_token_without_a_term_is_not_kept(admin: Client, receiver: Receiver) -> None:
    hook(admin, receiver, oauth(receiver, token("t1"), token("t2")))
    for number in range(1, 3):
        admin.fire(EVENT, {})
        receiver.wait_for("/hook", count=number)

    expected = [f"Bearer {of(name)}" for name in ("t1", "t2")]
    assert [seen.header("Authorization") for seen in receiver.matching("/hook")] == expected


def test_a_token_is_fetched_once_for_all_who_wait(admin: Client, receiver: Receiver) -> None:
    gate = threading.Event()
    first = token("t1", expires_in=3600)
    first.gate = gate
    hook(admin, receiver, oauth(receiver, first))
    admin.fire_all([(EVENT, {"number": number}) for number in range(8)])
    receiver.wait_for_one("/token")
    gate.set()
    receiver.wait_for("/hook", count=8)

    assert len(receiver.matching("/token")) == 1


def test_after_a_401_the_token_is_thrown_away_and_one_more_try_made(admin: Client, receiver: Receiver) -> None:
    hook(admin, receiver, oauth(receiver, token("old", expires_in=3600), token("new", expires_in=3600)))
    receiver.answers("/hook", Behaviour(status=401, body=b"expired"), Behaviour())
    admin.fire(EVENT, {})
    receiver.wait_for("/hook", count=2)

    expected = [f"Bearer {of(name)}" for name in ("old", "new")]
    assert [seen.header("Authorization") for seen in receiver.matching("/hook")] == expected
    assert len(receiver.matching("/token")) == 2
    assert admin.wait_for_delivery(state="delivered")["event"] == EVENT


def test_its_answer_shadows_built_in_variables(admin: Client, receiver: Receiver) -> None:
    hook(admin, receiver, oauth(receiver, token("t1", topic="from the answer")))
    admin.fire(EVENT, {})

    assert receiver.wait_for_one("/hook").json()["topic"] == "from the answer"


@pytest.mark.parametrize(
    "answer", [Behaviour(status=400, body=b'{"error":"invalid_client"}'), Behaviour(body=b"no json")]
)
def test_without_a_token_nothing_is_sent_and_the_test_says_why(
    admin: Client, receiver: Receiver, answer: Behaviour
) -> None:
    hook_draft = draft(receiver.url("/hook"), headers=HEADERS, data=DATA, oauth=oauth(receiver, answer))
    result = admin.test_hook(hook_draft)

    assert result["ok"] is False
    assert result["oauth"]["status"] == answer.status
    assert result["oauth"]["message"]
    assert planted.found_in(json.dumps(result)) == []
    assert receiver.matching("/hook") == []
