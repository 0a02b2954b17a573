"""Hundreds of thousands of minutes of history on a phone: what is looked at is there, and no more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness import ADMIN, OctoPrintServer, Receiver, Start, long_journal
from harness.visit import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response

COUNT = 100_000

MOST_NODES = 6_000
"""In the document, for the list and all around it in the plugin's page."""

MOST_BYTES = 20_000
"""Of one answer."""

SCROLLER = """() => {
    const scrolls = (it) => /auto|scroll/.test(getComputedStyle(it).overflowY) && it.scrollHeight > it.clientHeight;
    let around = document.querySelector(".wh-endless");
    while (around && !scrolls(around)) {
        around = around.parentElement;
    }
    return around ?? document.scrollingElement;
}"""


class Phone(Visit):
    """A visit on a phone, that keeps an eye on what the list takes."""

    def __init__(self, browser: Browser, server: OctoPrintServer) -> None:
        super().__init__(browser, server, ADMIN, width=390)
        self.largest = 0
        self.page.on("response", self._weigh)

    def _weigh(self, response: Response) -> None:
        if "/api/v1/deliveries" in response.url:
            self.largest = max(self.largest, len(response.body()))

    def open_deliveries(self) -> None:
        """From the list of webhooks."""
        self.open_webhooks()
        self.at("list-deliveries").click()
        self.at("delivery-row").first.wait_for()

    def scroll_to(self, pixels: str) -> None:
        """Of whatever it is that scrolls."""
        self.page.evaluate(f"() => {{ const it = ({SCROLLER})(); it.scrollTop = {pixels}; }}")

    def wait_for_number(self, condition: str) -> int:
        """Waits until the last row on the screen has such a number (`n`), and tells it."""
        script = f"""() => {{
            const rows = [...document.querySelectorAll("[data-test-id='delivery-row']")];
            const n = Number(rows.at(-1)?.innerText.match(/Number (\\d+)/)?.[1] ?? -1);
            return {condition} ? n + 1 : false;
        }}"""
        return int(self.page.wait_for_function(script).json_value()) - 1

    def wait_for_rows(self, condition: str) -> None:
        """Waits until this holds of all `rows`. Those before a filter stand until its own have come."""
        rows = "[...document.querySelectorAll(\"[data-test-id='delivery-row']\")]"
        self.page.wait_for_function(f"() => {{ const rows = {rows}; return {condition}; }}")

    def nodes(self) -> int:
        """Elements of the plugin's page."""
        return int(self.page.evaluate("document.querySelectorAll('.wh *').length"))

    def is_bounded(self) -> None:
        """However far somebody has gone."""
        assert self.nodes() < MOST_NODES
        assert 0 < self.largest < MOST_BYTES
        assert self.page.evaluate("document.querySelector('.wh').scrollWidth <= 390"), "nothing sticks out"


def test_a_hundred_thousand_deliveries_on_a_phone(
    browser: Browser, start: Start, receiver: Receiver, once: None
) -> None:
    server = start()
    view = server.admin.create_hook(receiver.url("/hook"), name="Long history")
    assert server.stop() == 0
    now = int(time.time() * 1000)
    long_journal.write(server.data_folder, view["hook"]["id"], now - 90_000, COUNT)
    server.start()
    phone = Phone(browser, server)
    phone.open_deliveries()
    assert "Number 0:" in phone.at("delivery-row").first.inner_text()
    phone.is_bounded()
    phone.picture("deliveries-phone.png")

    seen = 0
    for _ in range(30):
        phone.scroll_to("it.scrollHeight")
        seen = phone.wait_for_number(f"n > {seen}")
    assert seen > 800
    phone.is_bounded()
    assert phone.at("delivery-row").count() < 400
    phone.scroll_to("it.scrollHeight / 2")
    half = phone.wait_for_number(f"n > 200 && n < {seen - 100}")
    assert half > 200
    phone.scroll_to("0")
    phone.at("delivery-row").filter(has_text="Number 0:").wait_for()
    phone.is_bounded()

    phone.at("deliveries-state").select_option("given_up")
    phone.wait_for_rows("rows.length > 0 && rows.every((row) => row.dataset.state === 'given_up')")
    phone.at("delivery-row").filter(has_text="Number 3:").wait_for()
    phone.at("deliveries-hook").select_option(view["hook"]["id"])
    phone.at("deliveries-time").select_option("day")
    phone.page.wait_for_function(
        "() => document.querySelectorAll(\"[data-test-id='delivery-row']\").length > 0"
        " && document.querySelector(\"[data-test-id='deliveries-reading']\") === null"
    )
    phone.at("delivery-open").first.click()
    phone.at("delivery-attempt").wait_for()
    phone.at("delivery-answer-toggle-1").click()
    assert "thanks" in phone.at("delivery-answer").inner_text()
    phone.picture("delivery-phone.png")
    phone.is_bounded()

    phone.at("deliveries-time").select_option("")
    phone.at("deliveries-state").select_option("")
    phone.at("deliveries-search").fill("NEEDLE IN THE HAY")
    phone.at("delivery-row").filter(has_text=f"Number {COUNT - 1}:").wait_for()
    assert phone.at("delivery-row").count() == 1
    phone.at("deliveries-search").fill("no such thing")
    phone.at("deliveries-empty").wait_for()
    phone.is_bounded()
    print(f"{phone.nodes()} nodes, largest answer {phone.largest} bytes")
    phone.end()
    # Made by this test and not by the plugin: the search of all outputs for secrets need not read it.
    assert server.stop() == 0
    long_journal.remove(server.data_folder)
