"""Somebody types in the editor: the request is there meanwhile, with colours and the values of variables."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness import OctoPrintServer, Received, Receiver, planted
from harness.visit import Begin, Visit

CUSTOM = [{"event": "HarnessEvent", "message": "it happened"}]
NASTY = 'it\'s $HOME `id` \\ "quoted" %s\nä€🖨 <b>&amp;</b> !x'
"""What a shell makes much of, within a value."""


def test_the_request_follows_what_is_typed(visit: Begin, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    person = visit()
    person.open_webhooks()
    person.begin_simple_hook(receiver.url("/hook"), "Typed")
    person.at("try-event").select_option("print_done")
    person.at("preview").scroll_into_view_if_needed()
    person.type_into("hook-data", '{"what": "@topic", "more": ["@progress.completion"]}')
    person.at("preview-request").filter(has_text='"Print Done"').wait_for()
    before = person.at("preview-request").inner_text()

    person.type_into("hook-data", '{"what": "@topic",\n "more": ,}')
    person.at("preview-trouble").get_by_text("Line 2, column").first.wait_for()
    assert person.at("preview-request").inner_text() == before, "the last one stays"
    assert person.at("preview-curl").is_disabled()
    person.at("preview-trouble").locator("[data-test-id='problem-show']").click()
    assert person.page.evaluate("document.activeElement.dataset.testId") == "hook-data"

    person.type_into("hook-data", '{"what": "@event", "secret": "@apiSecret"}')
    person.at("preview").scroll_into_view_if_needed()
    person.at("preview-request").filter(has_text='"PrintDone"').wait_for()
    assert person.at("preview-trouble").locator("[data-test-id='problem-show']").count() == 0
    person.at("try-event").select_option("print_failed")
    person.at("preview-request").filter(has_text='"PrintFailed"').wait_for()
    assert receiver.requests == [], "nothing was sent"
    assert octoprint.admin.hooks() == []


def test_many_keys_make_few_requests_and_the_last_one_is_shown(visit: Begin, receiver: Receiver) -> None:
    person = visit()
    person.open_webhooks()
    person.begin_simple_hook(receiver.url("/hook"), "Quick")
    if person.at("advanced-toggle").get_attribute("aria-expanded") == "true":
        person.at("advanced-toggle").click()  # Data and preview are on the screen, as they are while somebody types.
    person.at("preview").scroll_into_view_if_needed()
    person.at("preview-request").locator("pre").wait_for()
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url) if "/preview" in request.url else None)
    person.at("hook-data").fill('{"a": ""}')
    for _ in range(2):
        person.at("hook-data").press("ArrowLeft")
    person.at("hook-data").press_sequentially("0123456789" * 4, delay=5)
    person.at("preview-request").filter(has_text="0123456789" * 4).wait_for()
    assert len(asked) <= 12, "not one for each of the 40 keys"


def test_what_really_happened_is_previewed_and_its_values_completed(
    visit: Begin, octoprint: OctoPrintServer, receiver: Receiver
) -> None:
    view = octoprint.admin.create_hook(receiver.url("/hook"), name="Real", events=(), custom_events=CUSTOM)
    octoprint.admin.fire("HarnessEvent", {"movie": "of-the-day.mp4", "size": 5})
    receiver.wait_for_one("/hook")
    person = visit()
    person.open_webhooks()
    person.at("hook-edit").click()
    person.at("editor").wait_for()
    real = person.at("try-event").locator("option", has_text="HarnessEvent ·").first
    real.wait_for(state="attached")
    person.at("try-event").select_option(real.get_attribute("value"))
    person.at("preview").scroll_into_view_if_needed()
    person.at("preview-request").filter(has_text="of-the-day.mp4").wait_for()
    assert '"message": "it happened"' in person.at("preview-request").inner_text()

    data = person.at("hook-data")
    data.fill('{"m": ""}')
    for _ in range(2):
        data.press("ArrowLeft")
    data.press_sequentially("@ext")
    box = data.locator("xpath=..").get_by_role("listbox")
    box.get_by_text('"of-the-day.mp4"').wait_for()
    assert data.get_attribute("aria-activedescendant")
    person.picture("editor-completion.png")
    data.press("Enter")
    data.press_sequentially(".")
    box.get_by_role("option").nth(1).wait_for()
    assert box.get_by_role("option").all_inner_texts()[0].split() == ["extra.movie", '"of-the-day.mp4"']
    data.press("ArrowDown")
    data.press("ArrowUp")
    data.press("Tab")
    assert data.input_value() == '{"m": "@extra.movie"}'
    assert person.page.evaluate("document.activeElement.dataset.testId") == "hook-data", "the focus stays"
    data.press("Control+z")
    assert data.input_value() != '{"m": "@extra.movie"}', "the browser can undo it"

    data.press_sequentially("x @")
    box.wait_for()
    data.press("Escape")
    box.wait_for(state="hidden")
    assert person.page.locator("#settings_dialog").is_visible(), "Escape closed the list alone"
    assert person.at("editor").is_visible()
    assert data.get_attribute("aria-activedescendant") is None
    assert octoprint.admin.hook(view["hook"]["id"])["hook"]["data"] == view["hook"]["data"], "nothing was saved"


def test_colours_and_a_slip_with_what_is_meant(visit: Begin, receiver: Receiver) -> None:
    person = visit()
    person.open_webhooks()
    person.begin_simple_hook(receiver.url("/hook?t=@topic"), "Colours")
    person.at("hook-jinja").uncheck()
    person.type_into("hook-data", '{"n": 1, "m": "@mesage for @everyone, {{ topic }}"}')
    painted = person.at("hook-data").locator("xpath=..")
    assert painted.locator(".wh-t-block").count() == 0, "braces are text where they mean nothing"
    person.at("hook-jinja").check()
    assert painted.locator(".wh-t-key").all_inner_texts() == ['"n"', '"m"']
    assert painted.locator(".wh-t-unknown").all_inner_texts() == ["@mesage"]
    assert painted.locator(".wh-t-block").all_inner_texts() == ["{{ topic }}"]
    assert person.at("hook-url").locator("xpath=..").locator(".wh-t-variable").all_inner_texts() == ["@topic"]
    _lies_exactly_over_it(person, "hook-data")
    person.at("problem-mend").click()
    assert person.at("hook-data").input_value() == '{"n": 1, "m": "@message for @everyone, {{ topic }}"}'
    assert painted.locator(".wh-t-unknown").count() == 0
    person.type_into("hook-data", '{"n": 1,}')
    assert painted.locator(".wh-t-bad").all_inner_texts() == [","]
    person.type_into("hook-data", "{}")
    assert painted.locator(".wh-t-bad").count() == 0


def _lies_exactly_over_it(person: Visit, test_id: str) -> None:
    """The coloured text has the size of the control's own: no letter stands beside its caret."""
    sizes = person.at(test_id).evaluate(
        """control => [control.clientWidth, control.offsetHeight, control.scrollHeight,
            control.nextSibling.clientWidth, control.nextSibling.offsetHeight,
            control.nextSibling.scrollHeight]"""
    )
    assert sizes[0] == sizes[3]
    assert sizes[1] == sizes[4]
    assert abs(sizes[2] - sizes[5]) <= 20, "the last line break of the copy is one line"


@pytest.mark.parametrize("how", ["json", "form", "get", "multipart"])
def test_curl_sends_the_same_bytes(
    visit: Begin, octoprint: OctoPrintServer, receiver: Receiver, tmp_path: Path, once: None, how: str
) -> None:
    data: dict[str, Any] = {"text": NASTY, "topic": "@topic", "deep": {"list": [1, None, True]}}
    if how == "multipart":
        data["picture"] = "@snapshot"
    fields = {"content_type": "form"} if how == "form" else {"method": "GET"} if how == "get" else {}
    octoprint.admin.create_hook(receiver.url("/"), name="Curl", data=data, **fields)
    person = visit()
    person.open_webhooks()
    person.at("hook-edit").click()
    person.at("try-event").select_option("print_done")
    person.at("try-send").click()
    person.at("test-headline").wait_for()
    sent = receiver.wait_for_one("/")
    command = _copied(person)
    assert "••••" not in command
    assert shlex.split(command)[0] == "curl"

    (tmp_path / "snapshot.jpg").write_bytes(b"a picture")
    subprocess.run(["sh", "-c", f"{command} --silent --noproxy '*'"], cwd=tmp_path, check=True, timeout=30)
    again = receiver.wait_for("/", count=2)[1]
    assert again.method == sent.method
    assert again.target == sent.target
    if how == "multipart":
        assert {name: part.filename for name, part in again.multipart().items()} == {
            name: part.filename for name, part in sent.multipart().items()
        }
        assert again.multipart()["text"].body == sent.multipart()["text"].body
        assert again.multipart()["picture"].body == b"a picture"
    else:
        assert again.body == sent.body
        assert _own_headers(again) == _own_headers(sent)


def test_no_secret_comes_with_curl(visit: Begin, octoprint: OctoPrintServer, receiver: Receiver) -> None:
    octoprint.admin.create_hook(
        receiver.url("/planted-path?key=planted-key"),
        name="Secrets",
        headers={"Authorization": "Bearer planted-header"},
        data={"secret": "@apiSecret"},
        api_secret="planted-api-secret",
    )
    person = visit()
    person.open_webhooks()
    person.at("hook-edit").click()
    command = _copied(person)
    assert "planted" not in command
    assert planted.found_in(command) == []
    assert command.count("••••") == 4, "path, query, header, body"
    assert "••••" in person.at("preview").locator(".wh-copied").inner_text(), "it says that they are to be put in"


def _copied(person: Visit) -> str:
    """What the button puts into the clipboard, which a page may not read."""
    person.page.evaluate(
        """() => {
            if (navigator.clipboard) {
                navigator.clipboard.writeText = async (text) => { window.copied = text; };
            }
            document.addEventListener("copy", () => { window.copied ??= getSelection().toString(); });
        }"""
    )
    person.at("preview").scroll_into_view_if_needed()
    person.at("preview-request").locator(".wh-wire").wait_for()
    person.page.wait_for_function("() => !document.querySelector(\"[data-test-id='preview-curl']\").disabled")
    person.at("preview-curl").click()
    person.page.wait_for_function("() => window.copied")
    return str(person.page.evaluate("window.copied"))


def _own_headers(request: Received) -> dict[str, str]:
    """All but what belongs to the connection."""
    connection = ("host", "content-length", "connection", "accept-encoding")
    return {name.lower(): value for name, value in request.headers if name.lower() not in connection}
