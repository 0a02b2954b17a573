"""A person without any knowledge of HTTP: chooses a service, answers its questions, and is told of a print."""

from __future__ import annotations

import pytest

from harness import OctoPrintServer, Receiver
from harness.visit import Begin, Visit

TOPIC = "my-printer-f3k9x2"
DISCORD = "https://discord.com/api/webhooks/1187654321098765432/" + "k3Y_-" * 13
TELEGRAM = "tgram://123456789:AAFabcdefghijklmnopqrstuvwxyz012345/-1001234567890"

SIDEWAYS = "(() => { const page = document.querySelector('.wh'); return page.scrollWidth - page.clientWidth; })()"
"""How many pixels of the page stick out."""


def test_from_a_service_to_a_delivered_test(visit: Begin, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    person = visit()
    person.open_webhooks()
    person.picture("empty.png")
    person.at("list-services").click()
    person.at("services-cards").wait_for()
    person.picture("services.png")
    person.at("services-search").fill("push message")
    assert person.at("service-discord").count() == 0
    person.at("service-ntfy").click()
    person.at("ask-topic").fill("not a topic")
    person.at("ask-topic-problem").wait_for()
    assert "A topic has letters" in person.at("ask-topic-problem").inner_text(), "it is said while typing"
    person.at("ask-topic").fill(TOPIC)
    person.at("ask-topic-fits").wait_for()
    person.at("ask-topic-problem").wait_for(state="hidden")
    person.at("ask-server").fill(receiver.url("").rstrip("/"))
    person.at("service-picture").uncheck()
    person.at("service-name").fill("My phone")
    person.at("service-event-print_started").uncheck(force=True)
    person.at("service-event-error").check(force=True)
    person.at("service-test").click()
    person.at("service-works").wait_for()
    assert "200" in person.at("test-headline").inner_text()
    person.picture("service.png")
    sent = receiver.wait_for_one("/").json()
    assert (sent["topic"], sent["title"]) == (TOPIC, "Print Done")
    assert octoprint.admin.hooks() == [], "testing saves nothing"

    person.at("service-save").click()
    person.at("hook-row").wait_for()
    [hook] = octoprint.admin.hooks()
    assert hook["name"] == "My phone"
    events = octoprint.admin.hook(hook["id"])["hook"]["events"]
    told = {key for key, event in events.items() if event["enabled"]}
    assert {"error", "print_done"} <= told
    assert "print_started" not in told


def test_a_failed_test_says_why_and_saves_nothing(visit: Begin, octoprint: OctoPrintServer) -> None:
    person = visit()
    person.open_webhooks()
    person.at("popular-ntfy").click()
    person.at("service-test").click()
    person.at("ask-topic-problem").wait_for()
    assert person.at("ask-topic").get_attribute("aria-invalid") == "true"
    person.at("ask-topic").fill(TOPIC)
    person.at("ask-server").fill("http://127.0.0.1:1")
    person.at("service-picture").uncheck()
    person.at("service-test").click()
    person.at("test-headline").wait_for()
    assert person.at("service-works").count() == 0
    assert "alert-error" in (person.at("test-headline").get_attribute("class") or "")
    assert octoprint.admin.hooks() == []


def test_a_pasted_address_leads_to_its_service(visit: Begin) -> None:
    person = visit()
    person.open_webhooks()
    person.at("list-services").click()
    person.at("services-search").fill(DISCORD)
    person.at("services-pasted").get_by_text("This is an address of Discord.").wait_for()
    person.at("services-pasted").locator("button").click()
    person.at("ask-webhook-fits").wait_for()
    assert person.at("ask-webhook").input_value() == DISCORD

    person.at("services-back").click()
    person.at("services-search").fill(TELEGRAM)
    person.at("services-search").evaluate("field => field.dispatchEvent(new Event('paste'))")
    person.at("ask-chat-fits").wait_for()
    assert person.at("ask-chat").input_value() == "-1001234567890"
    assert person.at("ask-token").input_value() == "123456789:AAFabcdefghijklmnopqrstuvwxyz012345"

    person.at("services-back").click()
    person.at("services-search").fill("https://nas.local/of-my-own")
    person.at("services-pasted").locator("[data-test-id='service-simple']").click()
    person.at("hook-url").wait_for()
    assert person.at("hook-url").input_value() == "https://nas.local/of-my-own"


def test_octoprints_save_button_saves_what_is_whole(
    visit: Begin, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    person = visit()
    person.open_webhooks()
    person.at("popular-ntfy").click()
    person.at("ask-topic").fill(TOPIC)
    person.at("ask-server").fill(receiver.url("").rstrip("/"))
    person.save_settings()
    octoprint.admin.wait_for("the hook", lambda: [hook["name"] for hook in octoprint.admin.hooks()] == ["ntfy"])


def test_all_settings_are_in_the_editor(visit: Begin, octoprint: OctoPrintServer) -> None:
    person = visit()
    person.open_webhooks()
    person.at("list-services").click()
    person.at("services-search").fill(TELEGRAM)
    person.at("services-pasted").locator("button").click()
    person.at("ask-chat-fits").wait_for()
    person.at("service-follow-up").select_option("change")
    assert person.at("service-event-print_progress").is_checked(), "that is what a message that changes is for"
    person.at("service-editor").click()
    person.at("hook-receiver-message-limit").wait_for()
    assert person.at("hook-receiver-success-at").input_value() == "/ok"
    assert person.at("hook-receiver-without-picture-url").input_value().endswith("/sendMessage")
    assert person.at("hook-follow-up-id-at").input_value() == "/result/message_id"
    assert person.at("hook-follow-up-url").input_value().endswith("/editMessageMedia")
    person.at("hook-follow-up-mode").select_option("change_all")
    person.at("hook-receiver-message-limit").fill("900")
    person.at("hook-receiver-markup").select_option("markdown")
    person.at("patience-toggle").scroll_into_view_if_needed()
    person.picture("receiver.png")
    person.at("editor-save").click()
    person.at("hook-row").wait_for()
    [hook] = octoprint.admin.hooks()
    saved = octoprint.admin.hook(hook["id"])["hook"]
    follow_up, receiver = saved["follow_up"], saved["receiver"]
    assert (follow_up["mode"], follow_up["unchanged_says"]) == ("change_all", "message is not modified")
    assert (receiver["message_limit"], receiver["markup"], receiver["success_is"]) == (900, "markdown", "true")


def test_the_keyboard_alone_is_enough(visit: Begin, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    person = visit()
    person.open_webhooks()
    person.at("list-services").press("Enter")
    person.at("services-search").wait_for()
    person.page.keyboard.type("gotify")
    person.page.keyboard.press("Tab")
    assert _focused(person) == "service-gotify"
    person.page.keyboard.press("Enter")
    person.at("service-form").wait_for()
    assert _focused(person).startswith("ask-")
    person.page.keyboard.press("Enter")
    person.at("service-form").locator("[role='alert']:visible").first.wait_for()
    assert person.at("service-form").locator("[aria-invalid='true']").count() >= 1

    person.at("services-back").press("Enter")
    person.at("services-search").wait_for()
    person.page.keyboard.type("ntfy")
    person.page.keyboard.press("Enter")
    person.at("ask-topic").wait_for()
    assert _focused(person) == "ask-topic"
    person.page.keyboard.type(TOPIC)
    person.at("ask-server").focus()
    person.page.keyboard.press("Control+A")
    person.page.keyboard.type(receiver.url("").rstrip("/"))
    person.at("service-picture").focus()
    person.page.keyboard.press("Space")
    person.page.keyboard.press("Enter")
    person.at("service-works").wait_for()
    assert _focused(person) == "service-save"
    person.page.keyboard.press("Enter")
    person.at("hook-row").wait_for()
    assert len(octoprint.admin.hooks()) == 1


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_is_wide_enough(visit: Begin, *, dark: bool) -> None:
    person = visit(dark=dark)
    person.open_webhooks()
    person.page.set_viewport_size({"width": 390, "height": 844})
    assert person.page.evaluate(SIDEWAYS) <= 0
    person.at("list-services").click()
    person.at("services-cards").wait_for()
    assert person.page.evaluate(SIDEWAYS) <= 0
    person.at("service-discord").click()
    person.at("ask-webhook").wait_for()
    assert person.page.evaluate(SIDEWAYS) <= 0


def _focused(person: Visit) -> str:
    return str(person.page.evaluate("document.activeElement.getAttribute('data-test-id')"))
