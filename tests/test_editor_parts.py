"""Parts of the editor that are folded: each is opened, changed, and saved; a page that is loaded anew has it again."""

from __future__ import annotations

from harness import Client, Receiver, Webcam
from harness.visit import Begin
from harness.webcam import FURTHER, size_of

DATA = {"content": "@message", "file": "@snapshot"}


def test_the_picture_is_edited_on_the_page(visit: Begin, admin: Client, receiver: Receiver) -> None:
    hook_id = admin.create_hook(receiver.url("/hook"), name="Photo", data=DATA, jinja=True)["hook"]["id"]
    person = visit()
    person.open_webhooks()
    person.at("hook-edit").click()
    person.at("picture-toggle").click()
    person.at("hook-picture-source").select_option("camera_or_thumbnail")
    person.page.get_by_label("All of them, also those that come later").check()
    person.at("hook-picture-gcode-before").fill("M355 S1")
    person.at("hook-picture-gcode-after").fill("M355 S0")
    person.at("hook-picture-light-on-url").fill("plug")
    person.page.locator(".wh-half", has=person.at("hook-picture-light-on-url")).locator(".wh-problem-error").wait_for()
    person.at("hook-picture-light-on-url").fill("http://127.0.0.1:9/on")
    person.at("hook-picture-light-off-url").fill("http://127.0.0.1:9/off")
    person.at("hook-picture-light-post").check()
    person.at("hook-picture-wait-seconds").fill("3")
    person.at("hook-picture-max-kilobytes").fill("512")
    person.at("hook-picture-file-name").fill("of {{ file.base")
    person.page.locator("[data-test-id='problem']", has_text="Line 1, column").wait_for()
    person.at("hook-picture-file-name").fill("@file.base @pictureNumber")
    person.picture("editor-picture.png")
    person.at("editor-save").click()
    person.at("hook-row").wait_for()

    picture = admin.hook(hook_id)["hook"]["picture"]
    assert (picture["source"], picture["camera"], picture["max_kilobytes"]) == ("camera_or_thumbnail", "*", 512)
    assert (picture["light_on_url"], picture["light_off_url"]) == ("http://127.0.0.1:9/on", "http://127.0.0.1:9/off")
    assert picture["light_post"] is True
    assert picture["file_name"] == "@file.base @pictureNumber"
    assert (picture["gcode_before"], picture["wait_seconds"], picture["gcode_after"]) == ("M355 S1", 3, "M355 S0")
    again = visit()
    again.open_webhooks()
    again.at("hook-edit").click()
    again.at("picture-toggle").click()
    assert again.at("hook-picture-source").input_value() == "camera_or_thumbnail"
    again.at("hook-picture-source").select_option("thumbnail")
    again.page.get_by_label("All of them, also those that come later").wait_for(state="hidden")


def test_webcams_are_ticked_from_those_that_octoprint_has(
    visit: Begin, admin: Client, receiver: Receiver, webcam: Webcam, further_webcam: Webcam
) -> None:
    fields = {
        "events": (),
        "custom_events": [{"event": "HarnessEvent", "message": "m"}],
        "picture": {"camera": "attic"},
    }
    hook_id = admin.create_hook(receiver.url("/hook"), name="Cams", data=DATA, **fields)["hook"]["id"]
    person = visit()
    person.open_webhooks()
    person.at("hook-edit").click()
    person.at("picture-toggle").click()
    person.page.get_by_label("The garage one").wait_for()
    labels = person.page.locator("label", has=person.at("hook-picture-webcam")).all_inner_texts()
    titles = [label.strip() for label in labels]
    assert titles[0] == "All of them, also those that come later"
    assert titles[-1] == "attic (OctoPrint does not have it)"
    assert len(titles) == 4, titles
    person.page.get_by_label("attic").uncheck()
    # By keyboard alone, from the box above it.
    person.at("hook-picture-webcam").first.focus()
    while person.page.evaluate("document.activeElement.value") != "garage":
        person.page.keyboard.press("Tab")
    person.page.keyboard.press("Space")
    person.picture("editor-webcams.png")
    person.at("editor-save").click()
    person.at("hook-row").wait_for()
    assert admin.hook(hook_id)["hook"]["picture"]["camera"] == "garage"
    admin.fire("HarnessEvent", {})
    assert size_of(receiver.wait_for_one().multipart()["file"].body) == FURTHER

    german = visit(language="de")
    german.open_webhooks()
    german.at("hook-edit").click()
    german.at("picture-toggle").click()
    assert german.page.get_by_label("The garage one").is_checked()
    german.page.get_by_label("Alle, auch spätere").check()
    assert german.page.get_by_label("The garage one").is_disabled()


def test_one_message_per_print_is_edited_on_the_page(visit: Begin, admin: Client, receiver: Receiver) -> None:
    hook_id = admin.create_hook(receiver.url("/hook"), name="One", data=DATA)["hook"]["id"]
    person = visit()
    person.open_webhooks()
    person.at("hook-edit").click()
    person.at("advanced-toggle").click()
    person.at("follow-up-toggle").click()
    person.at("hook-follow-up-mode").select_option("change")
    person.at("hook-follow-up-id-at").fill("id")
    person.page.locator("[data-test-id='problem']", has_text="beginning with a slash").wait_for()
    person.at("hook-follow-up-id-at").fill("/id")
    person.at("hook-follow-up-method").select_option("PATCH")
    person.at("hook-follow-up-url").fill(receiver.url("/hook/messages/@messageId"))
    person.picture("editor-one-message.png")
    person.at("preview").scroll_into_view_if_needed()
    following = person.at("preview-following")
    person.at("preview-own").wait_for()  # The end of a print.
    person.at("try-event").select_option("print_progress")
    following.wait_for()
    assert "MESSAGE-ID stands for what the receiver names it" in following.inner_text()
    assert following.locator(".wh-wire-line").inner_text().startswith("PATCH ")
    person.at("hook-follow-up-mode").select_option("off")
    following.wait_for(state="detached")
    person.at("hook-follow-up-mode").select_option("change")
    following.wait_for()
    person.at("editor-save").click()
    person.at("hook-row").wait_for()
    follow_up = admin.hook(hook_id)["hook"]["follow_up"]
    assert (follow_up["mode"], follow_up["id_at"], follow_up["method"]) == ("change", "/id", "PATCH")
    assert follow_up["url"].endswith("/messages/@messageId")
