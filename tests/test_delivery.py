"""What becomes of a delivery that does not arrive at once, and what the delivery log says of it."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from harness import VIEWER, Behaviour, Client, Receiver, closed_port, planted

EVENT = "HarnessEvent"
CUSTOM = [{"event": EVENT, "message": "m"}]
DATA = {"delivery": "@deliveryId", "event": "@eventId", "time": "@currentTime"}


def hook(admin: Client, url: str, **fields: Any) -> str:
    """A hook for `EVENT`; its id."""
    view = admin.create_hook(url, **{"events": (), "custom_events": CUSTOM, "data": DATA} | fields)
    return str(view["hook"]["id"])


@pytest.mark.parametrize("trouble", [Behaviour(status=503), Behaviour(status=429), Behaviour(mode="reset")])
def test_what_may_pass_is_tried_again_as_the_same_delivery(
    admin: Client, receiver: Receiver, trouble: Behaviour
) -> None:
    hook_id = hook(admin, receiver.answers("/hook", trouble, Behaviour(status=204, body=b"")))
    admin.fire(EVENT, {})
    first, second = receiver.wait_for("/hook", count=2)

    assert first.json() == second.json(), "same ids, same time"
    delivered = admin.wait_for_delivery(hook_id=hook_id, state="delivered")
    assert (delivered["status"], delivered["attempts"], delivered["next_at"]) == (204, 2, None)
    assert delivered["event_id"] == first.json()["event"]
    assert delivered["id"] == first.json()["delivery"]


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusal_is_believed_when_it_comes_twice(admin: Client, receiver: Receiver, status: int) -> None:
    hook_id = hook(admin, receiver.answers("/hook", Behaviour(status=status, body=b"not like this")))
    admin.fire(EVENT, {})
    once = admin.wait_for_delivery(hook_id=hook_id, state="retrying")
    assert once["next_at"] > once["at"]
    admin.api("POST", f"/hooks/{hook_id}/try", expect=202)
    given_up = admin.wait_for_delivery(hook_id=hook_id, state="given_up")

    assert (given_up["status"], given_up["attempts"]) == (status, 2)
    assert str(status) in given_up["message"]
    assert given_up["answer"] == "not like this"
    assert len(receiver.matching("/hook")) == 2


def test_a_receiver_that_is_gone_for_good_stops_the_hook(admin: Client, receiver: Receiver) -> None:
    hook_id = hook(admin, receiver.answers("/hook", Behaviour(status=410)))
    admin.fire(EVENT, {})
    given_up = admin.wait_for_delivery(hook_id=hook_id, state="given_up")
    assert (given_up["status"], given_up["attempts"]) == (410, 1)
    (summary,) = admin.hooks()
    assert "410" in summary["halted"] or "gone" in summary["halted"].lower(), summary["halted"]
    admin.fire(EVENT, {})
    admin.wait_for("the next one waiting", lambda: admin.hooks()[0]["waiting"] == 1)
    assert len(receiver.matching("/hook")) == 1


def test_what_a_receiver_asks_for_is_obeyed_exactly(admin: Client, receiver: Receiver) -> None:
    busy = Behaviour(status=429, headers={"Retry-After": "2"})
    hook_id = hook(admin, receiver.answers("/hook", busy, Behaviour()))
    admin.fire(EVENT, {})
    waiting = admin.wait_for_delivery(hook_id=hook_id, state="retrying")
    assert "the receiver asked for it" in waiting["message"], waiting["message"]
    admin.wait_for_delivery(hook_id=hook_id, state="delivered", attempts=2)


def test_nobody_listening_is_said_and_tried_again(admin: Client) -> None:
    hook_id = hook(admin, f"http://127.0.0.1:{closed_port()}/hook")
    admin.fire(EVENT, {})
    retrying = admin.wait_for_delivery(hook_id=hook_id, state="retrying")

    assert retrying["status"] is None
    assert retrying["message"].endswith(".")
    (summary,) = admin.hooks()
    assert summary["last"]["id"] == retrying["id"]
    assert summary["waiting"] == 1
    counts = admin.status()["counts"]
    assert (counts["hooks"], counts["enabled"]) == (1, 1)
    assert counts["waiting"] >= 1


def test_get_follows_redirects(admin: Client, receiver: Receiver) -> None:
    receiver.answers("/hook", Behaviour(status=302, headers={"Location": "/moved?x=1"}))
    hook_id = hook(admin, receiver.url("/hook"), method="GET")
    admin.fire(EVENT, {})
    assert receiver.wait_for_one("/moved").method == "GET"
    admin.wait_for_delivery(hook_id=hook_id, state="delivered", status=200)


@pytest.mark.parametrize("status", [307, 308])
def test_other_methods_follow_only_redirects_that_keep_the_body(admin: Client, receiver: Receiver, status: int) -> None:
    receiver.answers("/hook", Behaviour(status=status, headers={"Location": "/moved"}))
    hook_id = hook(admin, receiver.url("/hook"))
    admin.fire(EVENT, {})
    moved = receiver.wait_for_one("/moved")
    assert moved.method == "POST"
    assert moved.json() == receiver.wait_for_one("/hook").json()
    admin.wait_for_delivery(hook_id=hook_id, state="delivered", status=200)


def test_a_redirect_that_is_not_followed_counts_as_delivered_and_is_said(admin: Client, receiver: Receiver) -> None:
    receiver.answers("/hook", Behaviour(status=302, headers={"Location": receiver.url("/moved")}))
    hook_id = hook(admin, receiver.url("/hook"))
    admin.fire(EVENT, {})
    delivered = admin.wait_for_delivery(hook_id=hook_id, state="delivered", status=302)

    assert "redirect" in delivered["message"].lower()
    assert receiver.matching("/moved") == []


def test_secrets_never_go_to_another_origin(admin: Client, receiver: Receiver, another_receiver: Receiver) -> None:
    location = another_receiver.url("/elsewhere")
    receiver.answers("/hook", Behaviour(status=307, headers={"Location": location}))
    headers = {"Authorization": f"Bearer {planted.HEADER.text}", "X-Api-Key": planted.QUERY.text}
    hook_id = hook(admin, receiver.url("/hook"), headers=headers, api_secret=planted.API.text, data={"s": "@apiSecret"})
    admin.fire(EVENT, {})
    receiver.wait_for_one("/hook")
    admin.wait_for(
        "the end of the delivery", lambda: [d for d in admin.deliveries() if d["hook_id"] == hook_id and d["status"]]
    )

    for seen in another_receiver:
        everything = repr(seen.headers).encode() + seen.body + seen.target.encode()
        assert planted.found_in(everything) == []


def test_a_deleted_hook_ends_its_waiting_deliveries(admin: Client) -> None:
    hook_id = hook(admin, f"http://127.0.0.1:{closed_port()}/hook")
    admin.fire(EVENT, {})
    admin.wait_for_delivery(hook_id=hook_id, state="retrying")
    admin.delete_hook(hook_id)

    ended = admin.wait_for_delivery(hook_id=hook_id, state="given_up")
    assert "deleted" in ended["message"]


def test_what_has_ended_is_sent_again_when_asked(admin: Client, receiver: Receiver) -> None:
    hook_id = hook(admin, receiver.url("/hook"))
    admin.fire(EVENT, {})
    delivered = admin.wait_for_delivery(hook_id=hook_id, state="delivered")
    path = f"/deliveries/{delivered['id']}"
    assert admin.api("GET", path)["cannot_resend"] is None
    admin.api("POST", f"{path}/resend", expect=202)
    first, second = receiver.wait_for("/hook", count=2)
    assert first.json() == second.json(), "the same ids and the time of the event"
    admin.wait_for_delivery(hook_id=hook_id, state="delivered", attempts=2)

    answer = admin.api("POST", "/deliveries/resend", json={"hook": hook_id, "state": "delivered"})
    assert answer == {"resent": 1, "refused": 0, "more": False}
    assert receiver.wait_for("/hook", count=3)[2].json() == first.json()


def test_an_attempt_tells_where_its_time_went_what_was_sent_and_what_follows(admin: Client, receiver: Receiver) -> None:
    receiver.answers("/hook", Behaviour(status=503, headers={"Retry-After": "120"}))
    hook_id = hook(admin, receiver.url("/hook?key=s3cret"), headers={"Authorization": "Bearer s3cret-token"})
    admin.fire(EVENT, {})
    retrying = admin.wait_for_delivery(hook_id=hook_id, state="retrying")
    (attempt,) = admin.api("GET", f"/deliveries/{retrying['id']}")["attempts"]
    assert {"queue", "connect", "first_byte", "body", "total"} <= attempt["phases"].keys()
    assert attempt["status"] == 503
    assert "Retry-After" in attempt["message"] or "2 min" in attempt["message"], attempt["message"]
    assert attempt["request"]["method"] == "POST"
    assert retrying["event_id"] in attempt["request"]["body"]
    assert "s3cret" not in str(attempt)


def test_a_hook_that_stops_is_told_to_the_health_check_and_to_another_hook(admin: Client, receiver: Receiver) -> None:
    hook_id = hook(admin, receiver.answers("/gone", Behaviour(status=410), Behaviour()), name="Discord")
    told = {"message": "@message", "state": "@extra.state"}
    admin.create_hook(receiver.url("/told"), events={"webhook_trouble": "@extra.message"}, data=told)
    admin.fire(EVENT, {})
    first = receiver.wait_for_one("/told").json()
    assert first["state"] == "stopped"
    assert first["message"].startswith('The webhook "Discord" is not sent any more: ')

    def check() -> dict[str, Any]:
        response = admin.request("GET", "/api/plugin/health_check", params={"refresh": "true"})
        return dict(response.json()["health"].get("webhooks_delivery", {}))

    assert check()["context"] == {"messages": [first["message"]]}
    assert admin.status()["problems"] == [first["message"]]
    assert "plugin_webhooks_trouble" in admin.seen_events()

    admin.fire(EVENT, {})
    admin.api("POST", f"/hooks/{hook_id}/try", expect=202)
    assert receiver.wait_for("/told", count=2)[1].json()["state"] == "sending"
    assert check()["result"] == "ok"


def test_what_is_counted_is_there_for_prometheus(admin: Client, receiver: Receiver) -> None:
    hook_id = hook(admin, receiver.url("/hook"), name="Counted")
    admin.fire(EVENT, {})
    admin.wait_for_delivery(hook_id=hook_id, state="delivered")
    # As Prometheus asks: with nothing but a credential.
    credential = {"Authorization": f"Bearer {VIEWER.api_key}"}
    response = Client(admin.url).request("GET", "/plugin/webhooks/api/v1/metrics", headers=credential)
    assert response.headers["Content-Type"].startswith("application/openmetrics-text")
    families = {family.name: family for family in text_string_to_metric_families(response.text)}
    counted = [sample for sample in families["octohooks_deliveries"].samples if sample.labels["hook_id"] == hook_id]
    assert [(sample.labels["outcome"], sample.value) for sample in counted] == [("delivered", 1.0)]
    assert families["octohooks_outbox_durable"].samples[0].value == 1.0
