"""A person without any knowledge of HTTP: chooses a service, answers its questions, and is told of a print."""

from __future__ import annotations

from harness import OctoPrintServer, Receiver
from harness.visit import Begin

TOPIC = "my-printer-f3k9x2"


def test_from_a_service_to_a_delivered_test(visit: Begin, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    person = visit()
    person.open_webhooks()
    person.at("list-services").click()
    person.at("services-search").fill("ntfy")
    person.picture("services.png")
    person.at("service-ntfy").click()
    person.at("ask-topic").fill("not a topic")
    person.at("service-next").click()
    person.at("ask-topic-problem").wait_for()
    assert "A topic has letters" in person.at("ask-topic-problem").inner_text()
    person.at("ask-topic").fill(TOPIC)
    person.at("ask-server").fill(receiver.url("").rstrip("/"))
    person.at("service-picture").uncheck()
    person.picture("service.png")
    person.at("service-next").click()
    person.at("hook-name").wait_for()
    assert person.at("hook-name").input_value() == "ntfy"
    person.at("try-event").select_option("print_done")
    person.at("try-send").click()
    person.at("test-headline").wait_for()
    assert "200" in person.at("test-headline").inner_text()
    person.save_settings()
    sent = receiver.wait_for_one("/").json()
    assert sent["topic"] == TOPIC
    assert sent["title"] == "Print Done"
    [hook] = octoprint.admin.hooks()
    assert hook["name"] == "ntfy"


def test_the_keyboard_alone_is_enough(visit: Begin) -> None:
    person = visit()
    person.open_webhooks()
    person.at("list-services").press("Enter")
    person.at("services-search").wait_for()
    person.page.keyboard.type("gotify")
    person.page.keyboard.press("Tab")
    person.page.keyboard.press("Enter")
    person.at("service-form").wait_for()
    assert person.page.evaluate("document.activeElement.getAttribute('data-test-id')").startswith("ask-")
    person.page.keyboard.press("Enter")
    person.at("service-form").locator("[role='alert']:visible").first.wait_for()
    assert person.at("service-form").locator("[aria-invalid='true']").count() >= 1
