"""Who may do what: every route refused to whoever has no right to it, and no secret in any answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness import ADMIN, ORDINARY, READ_ONLY, VIEWER, Client, OctoPrintServer, Receiver, User, draft, planted
from harness.client import API

VIEW = [("GET", "/status"), ("GET", "/catalogue"), ("GET", "/hooks"), ("GET", "/deliveries"), ("GET", "/openapi.json")]
MANAGE = [("POST", "/check"), ("POST", "/conditions/try"), ("GET", "/test/{id}")]
MANAGE_FRESH = [
    ("POST", "/hooks"),
    ("GET", "/hooks/{id}"),
    ("PUT", "/hooks/{id}"),
    ("DELETE", "/hooks/{id}"),
    ("POST", "/hooks/{id}/restore"),
    ("POST", "/hooks/{id}/duplicate"),
    ("PUT", "/hooks/{id}/enabled"),
    ("PUT", "/hooks/order"),
    ("GET", "/hooks/{id}/export"),
    ("POST", "/hooks/import"),
    ("POST", "/hooks/import/look"),
    ("POST", "/hooks/import/take"),
    ("POST", "/hooks/export"),
    ("POST", "/preview"),
    ("POST", "/test"),
]
ALL = VIEW + MANAGE + MANAGE_FRESH


def a_secretive_hook(admin: Client, receiver: Receiver) -> dict[str, Any]:
    """A hook that holds one of every kind of secret."""
    where = f"user:{planted.PASSWORD.in_url}@127.0.0.1:{receiver.port}"
    url = f"http://{where}/{planted.PATH.in_url}?key={planted.QUERY.in_url}"
    data = json.dumps({"client_secret": planted.OAUTH_CLIENT.text})
    oauth = {"enabled": False, "url": receiver.url("/token"), "data": data}
    custom = [{"event": "HarnessEvent", "message": "m"}]
    headers = {"Authorization": f"Bearer {planted.HEADER.text}"}
    return admin.create_hook(
        url,
        events=(),
        custom_events=custom,
        headers=headers,
        api_secret=planted.API.text,
        oauth=oauth,
        name="secretive",
    )


def routes(hook_id: str, listed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Routes with a hook's id in them."""
    return [(method, path.replace("{id}", hook_id)) for method, path in listed]


@pytest.mark.parametrize("user", [None, ORDINARY, READ_ONLY], ids=["guest", "ordinary", "read-only"])
def test_without_a_right_every_route_is_refused(
    octoprint: OctoPrintServer, admin: Client, receiver: Receiver, user: User | None
) -> None:
    hook = a_secretive_hook(admin, receiver)["hook"]
    body = {"hook": draft(receiver.url("/by-a-stranger")), "event": "print_done", "enabled": False, "ids": []}
    client = octoprint.client(user)
    # OctoPrint looks for its CSRF token before anything else, and guests have none.
    refused = (401, 403) if user else (400, 401, 403)
    for method, path in routes(hook["id"], ALL):
        response = client.request(method, API + path, json=None if method == "GET" else body, expect=refused)
        assert planted.found_in(response.text) == [], f"{method} {path}"
    client.request("GET", "/plugin/webhooks/native", expect=(401, 403))
    client.request("GET", "/plugin/webhooks/webcams", expect=(401, 403))
    client.request("DELETE", "/plugin/webhooks/old-settings", expect=refused)
    client.request("POST", "/plugin/webhooks/old-settings/take", json={}, expect=refused)

    assert [(seen["id"], seen["enabled"]) for seen in admin.hooks()] == [(hook["id"], True)]
    assert list(receiver) == []


def test_who_may_view_sees_no_secret_and_changes_nothing(
    octoprint: OctoPrintServer, admin: Client, receiver: Receiver
) -> None:
    hook = a_secretive_hook(admin, receiver)["hook"]
    admin.fire("HarnessEvent", {})
    admin.wait_for_delivery(hook_id=hook["id"], state="delivered")
    viewer = octoprint.client(VIEWER)
    for method, path in routes(hook["id"], VIEW):
        response = viewer.request(method, API + path, expect=200)
        assert planted.found_in(response.text) == [], path
    assert all(delivery["answer"] is None for delivery in viewer.deliveries())
    body = {"hook": draft(receiver.url("/by-a-viewer")), "event": "print_done", "enabled": False, "ids": []}
    for method, path in routes(hook["id"], MANAGE + MANAGE_FRESH):
        viewer.request(method, API + path, json=None if method == "GET" else body, expect=403)

    assert [seen["enabled"] for seen in admin.hooks()] == [True]
    assert receiver.matching("/by-a-viewer") == []


def test_who_may_manage_never_reads_a_key_back(admin: Client, receiver: Receiver) -> None:
    view = a_secretive_hook(admin, receiver)
    hook_id = view["hook"]["id"]
    assert view["api_secret_set"] is True
    assert view["hook"]["api_secret"] is None
    assert planted.write_only_found_in(json.dumps(admin.hook(hook_id))) == []
    exported = json.dumps(admin.api("GET", f"/hooks/{hook_id}/export"))
    assert planted.found_in(exported) == []
    listed = admin.request("GET", f"{API}/hooks").text
    assert planted.found_in(listed) == []


def test_a_saved_key_stays_until_it_is_changed_or_cleared(admin: Client, receiver: Receiver) -> None:
    view = a_secretive_hook(admin, receiver)
    view = admin.change_hook(view, url=receiver.url("/hook"), name="renamed")
    assert view["api_secret_set"] is True
    admin.fire("HarnessEvent", {})
    assert receiver.wait_for("/hook", count=1)[-1].json()["apiSecret"] == planted.API.text
    view = admin.change_hook(view, api_secret="another")
    admin.fire("HarnessEvent", {})
    assert receiver.wait_for("/hook", count=2)[-1].json()["apiSecret"] == "another"
    view = admin.change_hook(view, api_secret="")
    assert view["api_secret_set"] is False
    admin.fire("HarnessEvent", {})
    assert receiver.wait_for("/hook", count=3)[-1].json()["apiSecret"] == ""


def test_without_the_csrf_token_nothing_is_changed(
    octoprint: OctoPrintServer, admin: Client, receiver: Receiver
) -> None:
    browser = Client.logged_in(octoprint.url, ADMIN)
    body = draft(receiver.url("/forged"))
    for token in ("", "forged"):
        browser.api("POST", "/hooks", json=body, headers={"X-CSRF-Token": token}, expect=400)
        test = {"hook": body, "event": "print_done"}
        browser.request("POST", f"{API}/test", json=test, headers={"X-CSRF-Token": token}, expect=400)
    assert admin.hooks() == []
    assert list(receiver) == []

    browser.api("POST", "/hooks", json=body, expect=201)
    assert len(admin.hooks()) == 1


def test_changes_and_secrets_need_credentials_that_were_entered_recently(
    octoprint: OctoPrintServer, admin: Client, receiver: Receiver
) -> None:
    hook = a_secretive_hook(admin, receiver)["hook"]
    browser = Client.remembered(octoprint.url, ADMIN)
    assert [seen["name"] for seen in browser.hooks()] == ["secretive"]
    assert browser.check(draft(receiver.url("/x"))) is not None
    body = {"hook": draft(receiver.url("/not-fresh")), "event": "print_done", "enabled": False, "ids": []}
    for method, path in routes(hook["id"], MANAGE_FRESH):
        answer = browser.api(method, path, json=None if method == "GET" else body, expect=403)
        assert answer["error"]["code"] == "reauthenticate", f"{method} {path}"
    assert receiver.matching("/not-fresh") == []

    entered = Client.logged_in(octoprint.url, ADMIN)
    assert entered.hook(hook["id"])["hook"]["name"] == "secretive"


def test_two_editors_do_not_overwrite_each_other(admin: Client, receiver: Receiver) -> None:
    first = a_secretive_hook(admin, receiver)
    second = admin.hook(first["hook"]["id"])
    admin.change_hook(first, name="by the first")
    answer = admin.api(
        "PUT",
        f"/hooks/{first['hook']['id']}",
        json=second["hook"] | {"name": "by the second"},
        headers={"If-Match": second["etag"]},
        expect=412,
    )

    assert answer["error"]["code"] == "changed_elsewhere"
    assert admin.hooks()[0]["name"] == "by the first"


def test_hooks_are_listed_duplicated_ordered_deleted_and_brought_back(admin: Client, receiver: Receiver) -> None:
    one = a_secretive_hook(admin, receiver)["hook"]["id"]
    two = admin.api("POST", f"/hooks/{one}/duplicate", expect=201)["hook"]["id"]
    assert one != two
    admin.api("PUT", "/hooks/order", json={"ids": [two, one]})
    assert [hook["id"] for hook in admin.hooks()] == [two, one]
    assert admin.hook(two)["api_secret_set"] is True
    admin.delete_hook(one)
    assert [hook["id"] for hook in admin.hooks()] == [two]
    admin.api("POST", f"/hooks/{one}/restore", expect=201)
    assert {hook["id"] for hook in admin.hooks()} == {one, two}
    exported = admin.api("GET", f"/hooks/{two}/export")
    assert exported["octoprint_webhooks_hook"] == 1
    imported = admin.api("POST", "/hooks/import", json=exported, expect=201)
    assert imported["api_secret_set"] is False
    assert imported["hook"]["name"].startswith("secretive")
    admin.api("GET", "/hooks/00000000-0000-7000-8000-000000000000", expect=404)


def test_a_viewer_reads_nothing_of_the_hooks_in_octoprints_settings(
    octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    a_secretive_hook(octoprint.admin, receiver)
    for user in (ADMIN, VIEWER, ORDINARY, READ_ONLY):
        settings = octoprint.client(user).settings()
        assert not settings["plugins"].get("webhooks"), user.name
        assert planted.found_in(json.dumps(settings)) == [], user.name
