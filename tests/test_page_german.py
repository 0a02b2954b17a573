"""The page in German: whatever a catalogue has is said in it, also what the engine tells of a delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import Behaviour, OctoPrintServer, Receiver
from harness.visit import Begin

if TYPE_CHECKING:
    from harness.visit import Visit

ENGLISH = """async () => {
    const page = performance.getEntriesByType("resource").find(({name}) => name.includes("/plugin/webhooks/pages/"));
    const {default: german} = await import(new URL("de.js", page.name));
    const isEnglish = (text) => text && Object.hasOwn(german, text) && german[text] !== text;
    const found = [];
    const walker = document.createTreeWalker(document.getElementById("webhooks_page"), NodeFilter.SHOW_ALL);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        const texts = node.nodeType === Node.TEXT_NODE ? [node.data]
            : ["placeholder", "aria-label", "title"].map((name) => node.getAttribute && node.getAttribute(name));
        found.push(...texts.map((text) => (text || "").trim()).filter(isEnglish));
    }
    return found;
}"""
"""Texts on the page that the German catalogue has, but that stand there in English."""


def test_every_view_is_in_german(visit: Begin, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    receiver.answers("/down", Behaviour(status=410, body=b"gone"))
    custom = [{"event": "HarnessEvent", "message": "it happened"}]
    view = octoprint.admin.create_hook(receiver.url("/down"), name="Werkstatt", events=(), custom_events=custom)
    octoprint.admin.fire("HarnessEvent", {})
    octoprint.admin.wait_for_delivery(hook_id=view["hook"]["id"], state="given_up")
    person = visit(language="de")
    person.open_webhooks()
    person.at("hook-row").wait_for()
    assert "Aufgegeben" in person.at("hook-last").inner_text()
    assert "Der Empfänger sagt, dass es diese Adresse nicht mehr gibt: 410 Gone." in person.at("hook-last").inner_text()
    assert "vor " in person.at("hook-last").inner_text() or "jetzt" in person.at("hook-last").inner_text()
    nothing_is_english(person)

    person.at("list-deliveries").click()
    person.at("delivery-open").first.click()
    person.at("delivery-attempt").wait_for()
    nothing_is_english(person)
    person.at("deliveries-back").click()

    person.at("hook-edit").click()
    person.at("editor").wait_for()
    person.at("event-print_done").check()
    person.type_into("hook-data", '{"a": "@topik"}')
    person.at("problem").filter(has_text="Ist @topic gemeint?").first.wait_for()
    person.at("try-send").click()
    person.at("test-headline").wait_for()
    assert "410 Gone" in person.at("test-headline").inner_text()
    assert "Der Empfänger" in person.at("test-headline").inner_text()
    nothing_is_english(person)


def test_deliveries_are_found_by_their_german_words_and_by_what_stands_in_them(
    visit: Begin, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    receiver.answers("/down", Behaviour(status=410, body=b"gone"))
    octoprint.admin.create_hook(receiver.url("/up"), name="Suchhalle", events={"print_done": "fertig"})
    octoprint.admin.create_hook(receiver.url("/down"), name="Suchkeller", events={"print_failed": "kaputt"})
    octoprint.admin.fire("PrintDone", {"name": "a.gcode"})
    octoprint.admin.wait_for_delivery(hook_name="Suchhalle", state="delivered")
    octoprint.admin.fire("PrintFailed", {"name": "b.gcode", "reason": "error"})
    octoprint.admin.wait_for_delivery(hook_name="Suchkeller", state="given_up")
    person = visit(language="de")
    person.open_webhooks()
    person.at("list-deliveries").click()
    person.at("delivery-row").nth(1).wait_for()
    for text, found in [
        ("zugestellt:", "Suchhalle"),
        ("DRUCK FERTIG", "Suchhalle"),
        ("diese Adresse nicht mehr", "Suchkeller"),
        ("fehlgeschlagen", "Suchkeller"),
        ("410 Gone", "Suchkeller"),
        ("chhall", "Suchhalle"),
    ]:
        person.at("deliveries-search").fill(text)
        person.page.wait_for_function(ROWS, arg=[found])
    person.at("deliveries-search").fill("gibt es nirgends")
    person.at("deliveries-empty").wait_for()


ROWS = """names => {
    const rows = [...document.querySelectorAll("[data-test-id='delivery-row']")].map((row) => row.innerText);
    const ours = rows.filter((text) => text.includes("Suchhalle") || text.includes("Suchkeller"));
    return ours.length === names.length && names.every((name, index) => ours[index].includes(name));
}"""
"""Those of this test's webhooks, in their order: other tests have left deliveries, too."""


def test_the_health_check_speaks_german(visit: Begin, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    receiver.answers("/gone", Behaviour(status=410))
    custom = [{"event": "HarnessEvent", "message": ""}]
    octoprint.admin.create_hook(receiver.url("/gone"), name="Discord", events=(), custom_events=custom)
    octoprint.admin.fire("HarnessEvent", {})
    octoprint.admin.wait_for("the trouble", lambda: octoprint.admin.status()["problems"])
    octoprint.admin.request("GET", "/api/plugin/health_check", params={"refresh": "true"})
    person = visit(language="de")
    entry = person.page.locator(".plugin_health_check_content", has_text="Discord")
    told = "Der Webhook „Discord“ wird nicht mehr gesendet: der Empfänger sagt"
    entry.filter(has_text=told).wait_for(state="attached")


def test_services_are_found_by_their_german_words(visit: Begin) -> None:
    person = visit(language="de")
    person.open_webhooks()
    nothing_is_english(person)
    person.at("list-services").click()
    person.at("services-search").fill("Nachricht Kanal Discord")
    person.at("service-discord").wait_for()
    assert person.at("service-discord").inner_text().endswith("Eine Nachricht in einem Kanal deines Discord-Servers.")
    nothing_is_english(person)
    person.at("service-discord").click()
    person.at("service-save").click()
    person.at("service-form").locator("[role='alert']:visible").first.wait_for()
    assert "Das ist noch auszufüllen." in person.at("service-form").inner_text()
    nothing_is_english(person)


def nothing_is_english(person: Visit) -> None:
    assert person.page.evaluate(ENGLISH) == []
