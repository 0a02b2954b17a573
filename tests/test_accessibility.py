"""Every view of the page for those who see little, hear it read, or have a keyboard alone: light, dark, and narrow."""

from __future__ import annotations

from typing import Any

import pytest

from harness import Behaviour, OctoPrintServer, Receiver
from harness.axe import grave
from harness.visit import Begin, Visit

LOOKS: dict[str, dict[str, Any]] = {"light": {}, "dark": {"dark": True}, "narrow": {"width": 390}}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_grave(visit: Begin, octoprint: OctoPrintServer, receiver: Receiver, look: str) -> None:
    receiver.answers("/down", Behaviour(status=410, body=b'{"error": "this channel is gone"}'))
    person = visit(**LOOKS[look])
    person.open_webhooks()
    found = grave(person, "empty list")
    person.at("list-services").click()
    person.at("service-discord").wait_for()
    found += grave(person, "services")
    person.at("service-discord").click()
    person.at("service-test").click()
    person.at("service-form").locator("[role='alert']:visible").first.wait_for()
    found += grave(person, "questions of a service")

    custom = [{"event": "HarnessEvent", "message": "it happened"}]
    octoprint.admin.create_hook(receiver.url("/up"), name="Works")
    octoprint.admin.create_hook("no address", name="Broken", enabled=False)
    view = octoprint.admin.create_hook(receiver.url("/down"), name="Fails", events=(), custom_events=custom)
    octoprint.admin.fire("HarnessEvent", {})
    octoprint.admin.wait_for_delivery(hook_id=view["hook"]["id"], state="given_up")
    person.at("services-back").click()
    person.at("services-search").fill("https://discord.com/api/webhooks/1187654321098765432/" + "k3Y_-" * 13)
    person.at("services-pasted").locator("button").wait_for()
    found += grave(person, "a pasted address")
    person.at("services-back").click()
    person.at("hook-row").nth(2).wait_for()
    found += grave(person, "list")
    person.at("list-add").click()
    person.at("services-cards").wait_for()
    person.at("services-back").click()
    person.at("hook-row").nth(2).wait_for()
    person.at("hook-menu").first.click()
    found += grave(person, "menu of a hook")
    person.page.keyboard.press("Escape")
    person.at("hook-menu").last.click()
    person.at("hook-delete").click()
    person.at("flash-undo").click()
    person.at("hook-row").nth(2).wait_for()
    found += grave(person, "list with a message")

    person.at("hook-edit").first.click()
    person.at("editor").wait_for()
    found += grave(person, "editor")
    unfold(person)
    found += grave(person, "editor, unfolded")
    person.at("try-send").click()
    person.at("test-headline").wait_for()
    unfold(person)
    found += grave(person, "a test")
    person.page.locator(".wh-variable-toggle:visible").first.click()
    found += grave(person, "variables")
    person.page.keyboard.press("Escape")
    person.type_into("hook-data", "{,}")
    person.at("problem").first.wait_for()
    found += grave(person, "editor with a problem")
    person.at("editor-cancel").click()
    found += grave(person, "question whether to keep the changes")
    person.at("leave-discard").click()

    person.at("list-deliveries").click()
    person.at("delivery-open").first.click()
    person.at("delivery-attempt").first.wait_for()
    unfold(person)
    person.at("deliveries-resend").click()
    found += grave(person, "deliveries with one open and a question")
    person.at("deliveries-back").click()
    person.at("list-export").click()
    person.at("export-sealed").check()
    found += grave(person, "export")
    assert found == []


def test_a_hook_is_made_changed_tried_and_saved_by_the_keyboard_alone(
    visit: Begin, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    person = visit()
    person.open_webhooks()
    press = person.page.keyboard.press
    to(person, "list-services")
    press("Enter")
    person.at("services-cards").wait_for()
    to(person, "service-simple")
    press("Enter")
    person.at("editor").wait_for()
    to(person, "hook-name")
    write(person, "By keyboard")
    to(person, "hook-url")
    write(person, receiver.url("/hook"))
    to(person, "try-send")
    press("Enter")
    person.at("test-headline").wait_for()
    assert receiver.wait_for_one("/hook").method == "POST"
    to(person, "editor-save")
    press("Space")
    person.at("hook-row").wait_for()
    assert [hook["name"] for hook in octoprint.admin.hooks()] == ["By keyboard"]

    to(person, "hook-edit")
    press("Enter")
    person.at("editor").wait_for()
    to(person, "hook-name")
    write(person, "Changed by keyboard")
    to(person, "editor-save")
    press("Enter")
    person.at("hook-row").wait_for()
    assert [hook["name"] for hook in octoprint.admin.hooks()] == ["Changed by keyboard"]

    to(person, "hook-menu")
    press("Enter")
    press("End")
    press("Enter")
    person.at("flash-undo").wait_for()
    assert octoprint.admin.hooks() == []
    press("Enter")
    person.at("hook-row").wait_for()


MOST_STEPS = 120
"""So many presses of Tab lead anywhere on the page."""

FOCUSED = """() => document.activeElement.getAttribute("data-test-id")"""


def to(person: Visit, test_id: str) -> None:
    """Tabs until something has the focus, as often as it takes on the longest page."""
    passed = []
    for _ in range(MOST_STEPS):
        focused = person.page.evaluate(FOCUSED)
        if focused == test_id:
            visible = person.page.evaluate("document.activeElement.matches(':focus-visible')")
            assert visible, f"whoever tabs to {test_id} cannot see where they are"
            return
        passed.append(focused)
        person.page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {test_id}; it passed {passed}")


def write(person: Visit, text: str) -> None:
    """Replaces what stands where the focus is."""
    person.page.keyboard.press("Control+a")
    person.page.keyboard.type(text)


def unfold(person: Visit) -> None:
    """Opens whatever is folded."""
    while person.page.locator("#webhooks_page .wh-fold-toggle[aria-expanded='false']:visible").count() > 0:
        person.page.locator("#webhooks_page .wh-fold-toggle[aria-expanded='false']:visible").first.click()
