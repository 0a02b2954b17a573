"""How much the page weighs on its way to the browser, and how soon it is there."""

from __future__ import annotations

import gzip
import time
import zlib

import pytest
import requests

from harness import ADMIN, Client, OctoPrintServer, Receiver
from harness.visit import Begin

MOST_BYTES = 150_000
"""In any language, with services, editor, deliveries, all answers of the API, and every header."""

SLOWEST_COMPARED = 3.0
"""How many times as long as OctoPrint's own settings dialog takes to open. On an idle machine it is far below 1."""


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_is_light_in_each_language(
    visit: Begin, octoprint: OctoPrintServer, receiver: Receiver, language: str
) -> None:
    octoprint.admin.create_hook(receiver.url("/hook"), name="Weighed")
    person = visit(language=language)
    person.open_webhooks()
    person.at("hook-row").wait_for()
    listed = person.bytes
    person.at("list-add").click()
    person.at("service-simple").wait_for()
    person.at("services-back").click()
    person.at("hook-edit").click()
    person.at("editor").wait_for()
    edited = person.bytes
    person.at("editor-cancel").click()
    # Its own: how much a page of deliveries takes is the business of their test, whatever other tests have left.
    person.at("hook-menu").click()
    person.at("hook-deliveries").click()
    person.at("deliveries-empty").wait_for()
    person.page.wait_for_load_state("networkidle")
    print(f"{language}: list {listed} bytes, with editor {edited}, with deliveries {person.bytes}")
    assert 10_000 < listed < edited < person.bytes < MOST_BYTES


@pytest.mark.alone
def test_it_shows_at_once(visit: Begin, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    octoprint.admin.create_hook(receiver.url("/hook"), name="Timed")
    took = []
    for _ in range(3):
        person = visit()
        began = time.monotonic()
        person.page.click("#navbar_show_settings")
        person.page.wait_for_selector("#settings_dialog", state="visible")
        opened = time.monotonic()
        person.page.click("#settings_plugin_webhooks_link a")
        person.at("hook-row").wait_for()
        shown = time.monotonic()
        own = person.page.evaluate(READY)
        took.append((1000 * (shown - opened), own, (shown - opened) / (opened - began)))
    print("\n".join(f"click to list {click:.0f} ms, first byte to list {own:.0f} ms" for click, own, _ in took))
    assert min(ratio for _, _, ratio in took) < SLOWEST_COMPARED


READY = """() => {
    const all = performance.getEntriesByType("resource").filter(({name}) => name.includes("/plugin/webhooks/"));
    return Math.max(...all.map(({responseEnd}) => responseEnd)) - Math.min(...all.map(({startTime}) => startTime));
}"""
"""From the first request of the page to the last answer that it needed."""


def test_a_file_of_the_page_brings_no_cookie(octoprint: OctoPrintServer) -> None:
    browser = Client.logged_in(octoprint.url, ADMIN)
    answer = browser.request("GET", "/plugin/webhooks/native")
    assert "Set-Cookie" in answer.headers, "OctoPrint sets it with each answer"
    entry = answer.json()["page_entry"]
    assert "Set-Cookie" not in browser.request("GET", f"/plugin/webhooks/{entry}").headers
    assert browser.request("GET", "/api/currentuser").json()["name"] == ADMIN.name


@pytest.mark.parametrize("accepted", ["gzip, deflate", "identity"])
def test_whoever_cannot_unpack_gets_it_as_it_is(octoprint: OctoPrintServer, accepted: str) -> None:
    entry = octoprint.admin.request("GET", "/plugin/webhooks/native").json()["page_entry"]
    headers = {"X-Api-Key": ADMIN.api_key, "Accept-Encoding": accepted}
    address = f"{octoprint.url}/plugin/webhooks/{entry}"
    with requests.get(address, headers=headers, stream=True, timeout=30) as answer:
        raw = answer.raw.read(decode_content=False)
    assert answer.headers.get("Content-Encoding") == ("gzip" if accepted != "identity" else None)
    assert int(answer.headers["Content-Length"]) == len(raw)
    text = gzip.decompress(raw) if accepted != "identity" else raw
    assert b"export function mount" in text
    assert zlib.crc32(text) != 0
