"""A person with a browser: sets up a hook on the page in OctoPrint's settings, tests it, saves it, finds it again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from harness import (
    ADMIN,
    READ_ONLY,
    VIEWER,
    Behaviour,
    OctoPrintServer,
    Receiver,
    Setup,
    Start,
    old_settings,
    planted,
)
from harness.visit import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_person_sets_up_a_hook_tests_it_and_saves_it(
    visit: Any, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    receiver.answers("/hook", Behaviour(body=b"<b>thanks</b><script>window.wasRun = true</script>"))
    person = visit()
    person.open_webhooks()
    person.begin_simple_hook(receiver.url("/hook"), "My first webhook")
    assert "mended" not in person.at("editor-state").inner_text(), "an address just typed is not blamed as missing"
    person.at("event-print_done").check()
    person.type_into("event-print_done-message", "It is @topic")
    person.at("try-event").select_option("print_done")
    person.at("try-send").click()
    person.at("test-headline").wait_for()
    assert "200" in person.at("test-headline").inner_text()
    assert receiver.wait_for_one("/hook").json()["message"] == "It is Print Done"
    assert "<script>" in person.at("try-result").inner_text(), "an answer is text"
    assert person.page.evaluate("window.wasRun") is None
    assert octoprint.admin.hooks() == [], "testing saves nothing"
    person.picture("editor.png")

    person.at("editor-save").click()
    person.at("hook-row").wait_for()
    person.picture("list.png")
    saved = octoprint.admin.hooks()
    assert [hook["name"] for hook in saved] == ["My first webhook"]
    view = octoprint.admin.hook(saved[0]["id"])["hook"]
    assert view["url"] == receiver.url("/hook")
    assert view["events"]["print_done"] == {"enabled": True, "message": "It is @topic"}


def test_what_is_wrong_is_shown_while_typing(visit: Any, octoprint: OctoPrintServer) -> None:
    person = visit()
    person.open_webhooks()
    person.begin_simple_hook("example.com/no-scheme", "Broken")
    person.type_into("hook-data", '{\n  "a": 1,\n}')
    person.at("problem").filter(has_text=re.compile("[Ll]ine [23]")).first.wait_for()
    person.at("problem").filter(has_text="scheme").first.wait_for()
    person.at("editor-save").click()
    person.at("editor-note").wait_for()
    person.at("editor-back").click()
    person.at("hook-problems").wait_for()

    (saved,) = octoprint.admin.hooks()
    assert octoprint.admin.hook(saved["id"])["hook"]["data"] == '{\n  "a": 1,\n}', "nothing that was typed is lost"


def test_octoprints_save_button_saves_a_valid_draft_too(
    visit: Any, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    person = visit()
    person.open_webhooks()
    person.begin_simple_hook(receiver.url("/hook"), "Saved with the rest")
    person.save_settings()

    octoprint.admin.wait_for("the hook", lambda: [hook["name"] for hook in octoprint.admin.hooks()])
    assert [hook["name"] for hook in octoprint.admin.hooks()] == ["Saved with the rest"]


def test_a_draft_survives_closing_and_reloading(visit: Any, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    person = visit()
    person.open_webhooks()
    person.begin_simple_hook(receiver.url("/hook"), "Not yet saved")
    person.page.locator("#settings_dialog .modal-header .close").first.click()
    person.page.wait_for_selector("#settings_dialog", state="hidden")
    person.page.click("#navbar_show_settings")
    person.page.wait_for_selector("#settings_dialog", state="visible")
    person.page.click("#settings_plugin_webhooks_link a")
    person.at("editor").wait_for()
    assert person.at("hook-name").input_value() == "Not yet saved"

    person.page.reload(wait_until="domcontentloaded")
    person.page.wait_for_selector("#page-container-loading", state="hidden")
    person.open_webhooks()
    person.at("draft-continue").first.click()
    assert person.at("hook-name").input_value() == "Not yet saved"
    assert octoprint.admin.hooks() == []


def test_deleting_can_be_undone(visit: Any, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    octoprint.admin.create_hook(receiver.url("/hook"), name="Precious")
    person = visit()
    person.open_webhooks()
    person.at("hook-menu").click()
    person.at("hook-delete").click()
    person.at("flash-undo").wait_for()
    assert octoprint.admin.hooks() == []
    person.at("flash-undo").click()
    person.at("hook-row").wait_for()

    assert [hook["name"] for hook in octoprint.admin.hooks()] == ["Precious"]


def test_the_list_follows_what_happens(visit: Any, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    person = visit()
    person.open_webhooks()
    custom = [{"event": "HarnessEvent", "message": "m"}]
    octoprint.admin.create_hook(receiver.url("/hook"), name="Made elsewhere", events=(), custom_events=custom)
    person.page.get_by_text("Made elsewhere").first.wait_for()
    before = person.at("hook-last").all_inner_texts()
    octoprint.admin.fire("HarnessEvent", {})
    receiver.wait_for_one("/hook")

    octoprint.admin.wait_for("the delivery on the page", lambda: person.at("hook-last").all_inner_texts() != before)


def test_a_failing_webhook_is_seen_explained_repaired_and_sent_again(
    visit: Any, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    receiver.answers("/down", Behaviour(status=410, body=b"this channel is gone"))
    custom = [{"event": "HarnessEvent", "message": "it happened"}]
    view = octoprint.admin.create_hook(receiver.url("/down"), name="Fails", events=(), custom_events=custom)
    octoprint.admin.fire("HarnessEvent", {"what": "planted"})
    octoprint.admin.wait_for_delivery(hook_id=view["hook"]["id"], state="given_up")
    person = visit()
    person.open_webhooks()
    person.at("list-deliveries").click()
    person.at("deliveries-hook").select_option(view["hook"]["id"])
    person.at("deliveries-search").fill("GONE FOR GOOD")
    person.at("deliveries-state").select_option("given_up")
    person.at("delivery-open").first.click()
    person.at("delivery-attempt").wait_for()
    person.at("delivery-request-toggle-1").click()
    person.at("delivery-answer-toggle-1").click()
    assert "it happened" in person.at("delivery-request").inner_text()
    assert "this channel is gone" in person.at("delivery-answer").inner_text()
    person.picture("deliveries.png")

    octoprint.admin.change_hook(octoprint.admin.hook(view["hook"]["id"]), url=receiver.url("/up"))
    person.at("delivery-resend").click()
    again = receiver.wait_for_one("/up").json()
    assert again["message"] == "it happened"
    octoprint.admin.wait_for_delivery(hook_id=view["hook"]["id"], state="delivered", attempts=2)
    person.at("delivery-attempt").nth(1).wait_for()

    person.at("deliveries-search").fill("")
    person.at("deliveries-state").select_option("delivered")
    person.page.locator("[data-test-id='delivery-row'][data-state='delivered']").wait_for()
    assert person.at("delivery-row").count() == 1
    person.at("deliveries-resend").click()
    person.at("deliveries-resend-yes").click()
    assert receiver.wait_for("/up", count=2)[1].json() == again
    person.at("flash-success").filter(has_text="Sent again: 1.").wait_for()


def test_what_waits_is_dropped_with_all_that_is_like_it(
    visit: Any, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    custom = [{"event": "HarnessEvent", "message": "it happened"}]
    view = octoprint.admin.create_hook(receiver.url("/hook"), name="Held", events=(), custom_events=custom)
    octoprint.admin.api("PUT", f"/hooks/{view['hook']['id']}/paused", json={"paused": True})
    octoprint.admin.fire_all([("HarnessEvent", {"number": number}) for number in range(3)])
    octoprint.admin.wait_for("three waiting", lambda: octoprint.admin.status()["counts"]["waiting"] == 3)
    person = visit()
    person.open_webhooks()
    person.at("list-deliveries").click()
    person.at("deliveries-hook").select_option(view["hook"]["id"])
    person.at("deliveries-state").select_option("waiting")
    person.page.locator("[data-test-id='delivery-row'][data-state='waiting']").nth(2).wait_for()
    assert person.at("deliveries-resend").is_hidden(), "what waits is on its way"
    person.at("delivery-open").first.click()
    person.at("delivery-next").wait_for()
    assert "paused" in person.at("delivery-next").inner_text().lower(), "it says why it waits"
    person.at("deliveries-drop").click()
    person.at("deliveries-drop-yes").click()
    person.at("flash-success").filter(has_text="Dropped: 3").wait_for()
    person.page.locator("[data-test-id='delivery-row'][data-state='skipped']").nth(2).wait_for()
    octoprint.admin.api("PUT", f"/hooks/{view['hook']['id']}/paused", json={"paused": False})
    octoprint.admin.wait_for("nothing waiting", lambda: octoprint.admin.status()["counts"]["waiting"] == 0)
    assert receiver.requests == []


def test_single_ones_are_chosen_by_keyboard_and_sent_again_or_dropped(
    visit: Any, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    custom = [{"event": "HarnessEvent", "message": "@extra.number"}]
    view = octoprint.admin.create_hook(receiver.url("/hook"), name="Chosen", events=(), custom_events=custom)
    paused = f"/hooks/{view['hook']['id']}/paused"
    octoprint.admin.fire_all([("HarnessEvent", {"number": number}) for number in range(3)])
    receiver.wait_for("/hook", count=3)

    def delivered() -> bool:
        mine = [one for one in octoprint.admin.deliveries() if one["hook_id"] == view["hook"]["id"]]
        return [one["state"] for one in mine] == ["delivered"] * 3

    octoprint.admin.wait_for("three delivered", delivered)
    octoprint.admin.api("PUT", paused, json={"paused": True})
    octoprint.admin.fire_all([("HarnessEvent", {"number": number}) for number in (3, 4)])
    octoprint.admin.wait_for("two waiting", lambda: octoprint.admin.status()["counts"]["waiting"] == 2)
    person = visit(width=390)
    person.open_webhooks()
    person.at("list-deliveries").click()
    person.at("deliveries-hook").select_option(view["hook"]["id"])
    person.at("deliveries-reading").wait_for(state="detached")
    ticks = person.at("delivery-pick")
    ticks.nth(4).wait_for()
    assert person.at("deliveries-picked").is_hidden()
    # The newest come first: two that wait, then three that were delivered.
    for index in (1, 2, 4):
        ticks.nth(index).press("Space")
    assert "3 chosen" in person.at("deliveries-picked").inner_text()
    assert person.at("deliveries-resend").is_hidden(), "not beside what is done with the chosen ones"
    assert person.page.evaluate("document.querySelector('.wh').scrollWidth <= 390"), "nothing sticks out"
    person.picture("deliveries-chosen-phone.png")
    assert person.at("picked-drop").inner_text().strip() == "Drop 1"
    person.at("picked-drop").press("Enter")
    person.at("flash-success").filter(has_text="Dropped: 1").wait_for()
    person.page.locator("[data-test-id='delivery-row'][data-state='skipped']").wait_for()

    person.page.locator("[data-state='delivered'] [data-test-id='delivery-pick']").nth(0).check()
    person.page.locator("[data-state='delivered'] [data-test-id='delivery-pick']").nth(2).check()
    octoprint.admin.api("PUT", paused, json={"paused": False})
    receiver.wait_for("/hook", count=4)
    person.at("picked-resend").click()
    person.at("flash-success").filter(has_text="Sent again: 2.").wait_for()
    assert [request.json()["message"] for request in receiver.wait_for("/hook", count=6)[3:]] == ["4", "0", "2"]
    assert person.at("deliveries-picked").is_hidden()


def test_a_wrong_address_is_seen_explained_repaired_and_what_failed_sent_again(
    visit: Any, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    receiver.answers("/wrong", Behaviour(status=410, body=b"no such channel"))
    custom = [{"event": "HarnessEvent", "message": "it happened"}]
    octoprint.admin.create_hook(receiver.url("/wrong"), name="Misspelt", events=(), custom_events=custom)
    person = visit()
    person.open_webhooks()
    octoprint.admin.fire("HarnessEvent", {"what": "mended"})
    person.page.locator(
        "[data-test-id='hook-last'][data-state='given_up'], [data-test-id='hook-halted']"
    ).first.wait_for()
    assert "410" in person.at("hook-row").inner_text(), "the list says why"
    person.picture("list-failing.png")

    person.at("hook-last-open").click()
    person.at("delivery-open").first.click()
    person.at("delivery-attempt").wait_for()
    person.at("delivery-answer-toggle-1").click()
    assert "no such channel" in person.at("delivery-answer").inner_text()
    assert "410" in person.at("delivery-attempt").inner_text()
    person.at("delivery-edit").click()
    person.at("editor").wait_for()
    person.type_into("hook-url", receiver.url("/right"))
    person.at("editor-save").click()
    person.at("hook-row").wait_for()
    assert receiver.matching("/right", lambda seen: True) == [], "saving alone sends nothing that had ended"

    person.at("hook-last-open").click()
    person.at("delivery-open").first.click()
    person.at("delivery-resend").click()
    assert receiver.wait_for_one("/right").json()["message"] == "it happened"
    person.page.locator("[data-test-id='delivery-row'][data-state='delivered']").wait_for()
    person.at("delivery-attempt").nth(1).wait_for()
    person.picture("delivery-repaired.png")
    person.at("deliveries-back").click()
    person.page.locator("[data-test-id='hook-last'][data-state='delivered']").wait_for()


def test_what_version_4_left_behind_is_deleted_when_asked(browser: Browser, start: Start, receiver: Receiver) -> None:
    server = start(Setup(old_settings=old_settings.block(5, receiver.url("/hook"))))
    person = Visit(browser, server, ADMIN)
    person.open_webhooks()
    person.at("hook-row").wait_for()
    person.at("old-settings-delete").click()
    person.at("old-settings-keep").click()
    assert "hooks" in server.config()["plugins"]["webhooks"]

    person.at("old-settings-delete").click()
    person.at("old-settings-confirm").click()
    person.at("flash-success").wait_for()
    assert "hooks" not in server.config()["plugins"].get("webhooks", {})
    assert len(server.admin.hooks()) == 1
    person.end()


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)], ids=["dark", "phone"])
def test_editor_and_deliveries_in_the_dark_and_on_a_phone(
    visit: Any, octoprint: OctoPrintServer, receiver: Receiver, width: int, dark: bool
) -> None:
    custom = [{"event": "HarnessEvent", "message": "@mesage: it is @topic"}]
    data = {"content": "@printerName: @message", "percent": "@progress.completion", "silent": False, "level": 3}
    octoprint.admin.create_hook(receiver.url("/hook"), name="Seen", events=(), custom_events=custom, data=data)
    octoprint.admin.fire("HarnessEvent", {"what": "seen"})
    octoprint.admin.wait_for_delivery(state="delivered")
    person = visit(width=width, dark=dark)
    name = "dark" if dark else "phone"
    person.open_webhooks()
    person.at("hook-edit").click()
    person.at("editor").wait_for()
    person.at("problem-mend").wait_for()
    person.at("preview").scroll_into_view_if_needed()
    person.at("preview-request").locator("pre").wait_for()
    _nothing_sticks_out_or_vanishes(person, dark)
    person.at("hook-data").evaluate("it => it.closest('.wh-field').scrollIntoView()")
    person.picture(f"editor-{name}.png")

    person.at("editor-back").click()
    person.at("list-deliveries").click()
    person.at("delivery-open").first.click()
    person.at("delivery-attempt").wait_for()
    _nothing_sticks_out_or_vanishes(person, dark)
    person.picture(f"deliveries-{name}.png")


def _nothing_sticks_out_or_vanishes(person: Visit, dark: bool) -> None:
    """Every text has another colour than what it stands on, and the page is as wide as its place."""
    page = person.page.locator("#webhooks_page .wh")
    assert page.get_attribute("data-wh-theme") == ("dark" if dark else "light")
    assert page.evaluate("it => it.scrollWidth <= it.clientWidth")
    faint = page.evaluate(
        """root => {
            const brightness = (colour) => {
                const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number);
                return (red * 299 + green * 587 + blue * 114) / 1000;
            };
            const surface = brightness(getComputedStyle(root).getPropertyValue("--wh-surface"));
            const texts = [...root.querySelectorAll(".wh-paint *, .wh-wire *, .wh-delivery *")]
                .filter((it) => it.checkVisibility() && it.innerText?.trim() && it.tagName !== "BUTTON");
            const isFaint = (it) => Math.abs(brightness(getComputedStyle(it).color) - surface) < 70;
            return texts.filter(isFaint).map((it) => it.outerHTML);
        }"""
    )
    assert faint == []


def test_who_may_only_view_can_change_nothing(visit: Any, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    octoprint.admin.create_hook(receiver.url(f"/{planted.PATH.in_url}"), name="Seen by many")
    person = visit(VIEWER)

    assert person.page.locator("#settings_plugin_webhooks_link").is_hidden() or _sees_without_buttons(person)
    assert planted.found_in(person.page.content()) == []


def test_nothing_is_there_for_a_user_without_the_right(visit: Any) -> None:
    person = visit(READ_ONLY)

    assert person.page.locator("#settings_plugin_webhooks_link").is_hidden()
    assert person.page.locator("#webhooks_page > *").count() == 0


def _sees_without_buttons(person: Visit) -> bool:
    person.open_webhooks()
    person.at("hook-row").wait_for()
    return person.at("hook-edit").count() == 0 and person.at("list-add").count() == 0
