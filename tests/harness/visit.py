"""A person with a browser in front of OctoPrint: logs in, opens the webhooks' page, finds things by their test ids.

In: a browser and who sits before it. Out: Playwright's page, with what went wrong in it meanwhile.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from playwright.sync_api import Error as PlaywrightError

from harness.client import PASSWORD, User
from harness.server import OctoPrintServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response

SETTINGS = "#settings_dialog"
CHANGED_ELSEWHERE = "#settings_dialog_update_detected"
"""OctoPrint's question whether to load settings again: it must never come."""


PHONE = 500
"""Below this many pixels OctoPrint's dialog is as long as what is in it."""

DARK = """
body, .modal, .modal-body, .modal-footer, .tab-content {
    background-color: #1f2326 !important; color: #dfe3e6 !important;
}
.modal-header, .navbar-inner { background: #2a2f33 !important; color: #dfe3e6 !important; }
input, select, textarea, .btn {
    background: #2f363b !important; color: #eceff1 !important; text-shadow: none !important;
    border-color: #556 !important;
}
.btn-primary { background: #0b63a5 !important; }
"""
"""What themes make of OctoPrint, in short."""


class Visit:
    """A person in front of OctoPrint's page; without a user a guest, who does not get past the login."""

    def __init__(
        self,
        browser: Browser,
        octoprint: OctoPrintServer,
        user: User | None,
        *,
        width: int = 1280,
        dark: bool = False,
        language: str = "en",
        address: str | None = None,
    ) -> None:
        self.errors: list[str] = []
        """Exceptions that nobody caught, and what else the console was told about this plugin's page."""
        self.bytes = 0
        """How much came over the wire for this plugin's page, headers included."""
        self._answers: list[Response] = []
        self._told: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": 1100}, locale=language)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._listen_to_console)
        self.page.on("response", lambda answer: self._answers.append(answer))
        self.page.on(
            "websocket", lambda socket: socket.on("framereceived", lambda frame: self._told.append(str(frame)))
        )
        self._count_bytes()
        self._take_pages_from_sources()
        self.page.goto(address or octoprint.url, wait_until="domcontentloaded")
        if user is None:
            return
        self.page.fill("#login-user", user.name)
        self.page.fill("#login-password", PASSWORD)
        self.page.click("#login-button")
        self.page.wait_for_selector("#page-container-main", state="visible")
        self.page.wait_for_selector("#page-container-loading", state="hidden")
        if dark:
            self.page.add_style_tag(content=DARK)

    def end(self) -> None:
        """Nothing may have gone wrong, nor may OctoPrint have asked about changed settings."""
        assert self.errors == []
        assert self.page.locator(CHANGED_ELSEWHERE).is_hidden()
        self.page.context.close()

    def open_webhooks(self) -> None:
        """Opens this plugin's page within OctoPrint's settings."""
        self.page.click("#navbar_show_settings")
        self.page.wait_for_selector(SETTINGS, state="visible")
        self.page.click("#settings_plugin_webhooks_link a")
        self.at("list-heading").wait_for()

    def at(self, test_id: str) -> Locator:
        """What carries a test id."""
        return self.page.locator(f"[data-test-id='{test_id}']")

    def type_into(self, test_id: str, text: str) -> None:
        """Types as a person does."""
        self.at(test_id).fill(text)

    def begin_simple_hook(self, url: str, name: str) -> None:
        """From the empty page to an editor with name and address."""
        self.at("list-services").click()
        self.at("service-simple").click()
        self.type_into("hook-name", name)
        self.type_into("hook-url", url)

    def save_settings(self) -> None:
        """OctoPrint's own Save button."""
        self.page.click("[data-test-id='settings-save']")
        self.page.wait_for_selector(SETTINGS, state="hidden")

    def answers(self, *places: str) -> list[Response]:
        """What came from addresses that have one of these texts in them."""
        return [answer for answer in self._answers if any(place in answer.url for place in places)]

    def reached_the_browser(self) -> str:
        """All that this plugin and OctoPrint's socket told it, and OctoPrint's own API."""
        ours = self.answers("/plugin/webhooks/", "/api/")
        return "\n".join([*self._told, *(_text(answer) for answer in ours if "/pages/" not in answer.url)])

    def picture(self, name: str) -> None:
        """Keeps a screenshot where `OCTOHOOKS_SCREENSHOTS` says: of the dialog, or of what fits on a phone."""
        folder = os.environ.get("OCTOHOOKS_SCREENSHOTS")
        if folder and (self.page.viewport_size or {"width": 0})["width"] < PHONE:
            self.page.screenshot(path=Path(folder) / name)
        elif folder:
            self.page.locator(SETTINGS).screenshot(path=Path(folder) / name)

    def _take_pages_from_sources(self) -> None:
        """With `OCTOHOOKS_PAGES`, a folder, the pages come from there: to see a change without building anything."""
        folder = os.environ.get("OCTOHOOKS_PAGES")
        if folder:
            pages = Path(folder)
            self.page.route(
                "**/plugin/webhooks/pages/*/*",
                lambda route: route.fulfill(path=pages / route.request.url.rsplit("/", 1)[1].partition("?")[0]),
            )

    def _listen_to_console(self, message: ConsoleMessage) -> None:
        """Errors only; not that an answer refused something, which the page tells in its own words."""
        is_ours = "/plugin/webhooks/" in message.location.get("url", "") or "webhooks" in message.text
        is_refusal = message.text.startswith("Failed to load resource")
        if message.type == "error" and is_ours and not is_refusal:
            self.errors.append(message.text)

    def _count_bytes(self) -> None:
        session = self.page.context.new_cdp_session(self.page)
        ours: set[str] = set()

        def asked(sent: dict[str, Any]) -> None:
            if "/plugin/webhooks/" in sent["request"]["url"]:
                ours.add(sent["requestId"])

        def came(finished: dict[str, Any]) -> None:
            if finished["requestId"] in ours:
                self.bytes += int(finished["encodedDataLength"])

        session.on("Network.requestWillBeSent", asked)
        session.on("Network.loadingFinished", came)
        session.send("Network.enable")


def _text(answer: Response) -> str:
    """What an answer said; nothing where the browser has thrown it away, with the page before the login."""
    try:
        return answer.text()
    except PlaywrightError:
        return ""


Begin = Callable[..., Visit]
"""The fixture `visit`: begins a visit of somebody, of an admin where nobody is named."""
