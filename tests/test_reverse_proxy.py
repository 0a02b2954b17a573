"""OctoPrint behind a reverse proxy under a path: everything of the page is found, and works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import ADMIN, OctoPrintServer, Receiver
from harness.proxy import ReverseProxy
from harness.visit import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PATH = "/printers/left"


def test_the_page_works_under_a_path(browser: Browser, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    with ReverseProxy(octoprint.port, PATH) as proxy:
        person = Visit(browser, octoprint, ADMIN, address=f"{proxy.url}/")
        person.open_webhooks()
        person.begin_simple_hook(receiver.url("/hook"), "Behind a proxy")
        person.at("try-send").click()
        person.at("test-headline").wait_for()
        assert "200" in person.at("test-headline").inner_text()
        person.at("editor-save").click()
        person.at("hook-row").wait_for()
        person.at("list-deliveries").click()
        person.at("deliveries-heading").wait_for()
        person.at("deliveries-back").click()

        custom = [{"event": "HarnessEvent", "message": "m"}]
        octoprint.admin.create_hook(receiver.url("/live"), name="Told live", events=(), custom_events=custom)
        person.page.get_by_text("Told live").first.wait_for()

        assert receiver.wait_for_one("/hook").method == "POST"
        failed = [answer.url for answer in person.answers("/plugin/webhooks/") if answer.status >= 400]
        assert failed == []
        ours = [stray for stray in proxy.strays if "webhooks" in stray]
        assert ours == [], "links of the page that forget the path"
        person.end()
