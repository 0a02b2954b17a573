"""Who sees what in the browser: an admin, somebody who may view deliveries, somebody who may only read, and a guest.

Looked at is all that reaches the browser: the page, every answer, every message of the socket.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from harness import (
    ADMIN,
    DEPUTY,
    ORDINARY,
    READ_ONLY,
    VIEWER,
    Behaviour,
    OctoPrintServer,
    Receiver,
    Setup,
    Start,
    User,
    planted,
)
from harness.visit import SETTINGS, Begin, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SECRETIVE = {
    "headers": {"Authorization": f"Bearer {planted.HEADER.text}"},
    "api_secret": planted.API.text,
    "oauth": {"enabled": False, "url": "", "data": json.dumps({"client_secret": planted.OAUTH_CLIENT.text})},
}


@pytest.mark.parametrize(
    "user", [ADMIN, DEPUTY, ORDINARY, READ_ONLY, None], ids=["admin", "viewer", "ordinary", "read-only", "guest"]
)
def test_what_each_sees(browser: Browser, start: Start, receiver: Receiver, user: User | None) -> None:
    server = start(Setup())
    receiver.answers(f"/{planted.PATH.in_url}", Behaviour(status=410, body=planted.ANSWERED.text.encode()))
    where = f"user:{planted.PASSWORD.in_url}@127.0.0.1:{receiver.port}"
    url = f"http://{where}/{planted.PATH.in_url}?key={planted.QUERY.in_url}"
    custom = [{"event": "HarnessEvent", "message": "it happened"}]
    hook = server.admin.create_hook(url, name="Secretive", events=(), custom_events=custom, **SECRETIVE)["hook"]
    person = Visit(browser, server, user)
    if user in (ADMIN, DEPUTY):
        # An open page says itself what is new; a popup would lie over it.
        person.open_webhooks()
    server.admin.fire("HarnessEvent", {})
    server.admin.wait_for_delivery(hook_id=hook["id"], state="given_up")
    link = person.page.locator("#settings_plugin_webhooks_link")
    if user in (ADMIN, DEPUTY):
        person.at("hook-row").wait_for()
        assert "Secretive" in person.at("hook-row").inner_text()
        is_admin = user is ADMIN
        for test_id in ("hook-edit", "hook-menu", "hook-enabled-switch", "list-add", "list-import", "list-export"):
            assert (person.at(test_id).count() == 1) is is_admin, test_id
        if not is_admin:
            person.picture("viewer.png")
        person.at("list-deliveries").click()
        person.at("delivery-row").wait_for()
        assert "gone for good" in person.at("delivery-row").inner_text()
        assert (person.at("delivery-open").count() == 1) is is_admin
        assert (person.at("deliveries-resend").count() == 1) is is_admin
        server.admin.fire("HarnessEvent", {})
        person.at("delivery-row").nth(1).wait_for()
    else:
        assert person.page.locator(SETTINGS).is_hidden()
        assert link.count() == 0 or link.is_hidden()
        assert person.page.locator("#webhooks_page > *").count() == 0
        server.admin.fire("HarnessEvent", {})
        server.admin.wait_for("both deliveries", lambda: len(server.admin.deliveries()) == 2)

    reached = person.reached_the_browser() + person.page.content()
    found = planted.found_in(reached)
    if user is ADMIN:
        found = [secret for secret in found if not secret.startswith(planted.ANSWERED.name)]
    assert found == [], "the admin too has opened no hook"
    told = "Secretive" in reached
    assert told is (user in (ADMIN, DEPUTY)), "others hear not even that there is a webhook"
    person.end()


def test_who_may_view_but_not_open_the_settings_has_a_tab(
    visit: Begin, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    custom = [{"event": "HarnessEvent", "message": "it happened"}]
    octoprint.admin.create_hook(receiver.url("/hook"), name="In the tab", events=(), custom_events=custom)
    tab = "#tab_plugin_webhooks_link"
    for user in (ADMIN, ORDINARY):
        other = visit(user)
        other.page.wait_for_selector(tab, state="attached")
        assert other.page.locator(tab).is_hidden(), user.name
    person = visit(VIEWER)
    person.page.wait_for_function("OctoPrint.coreui.selectedTab !== undefined")
    more = person.page.locator("#tabs .tabdrop > a")
    if more.is_visible():
        more.click()  # OctoPrint puts tabs there that have no room beside the others.
    person.page.locator(f"{tab} a").click()
    person.at("hook-row").wait_for()
    assert "In the tab" in person.at("hook-row").inner_text()
    assert person.at("list-add").count() == 0
    octoprint.admin.fire("HarnessEvent", {})
    person.page.locator("[data-test-id='hook-last'][data-state='delivered']").wait_for()
    person.at("list-deliveries").click()
    person.at("delivery-row").first.wait_for()
    assert person.at("delivery-pick").count() == 0
    person.page.click("#temp_link a")
    person.page.locator("#webhooks_tab > *").first.wait_for(state="detached")
