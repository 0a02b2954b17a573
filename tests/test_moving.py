"""A person moves to another machine: webhooks go into a file under a passphrase, and send from a fresh OctoPrint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harness import ADMIN, OctoPrintServer, Receiver, Setup, Start, old_settings, planted
from harness.axe import grave
from harness.visit import Begin, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PASSPHRASE = "staple battery horse"


def test_webhooks_move_to_another_octoprint_with_their_secrets(
    browser: Browser, visit: Begin, octoprint: OctoPrintServer, receiver: Receiver, start: Start, tmp_path: Path
) -> None:
    octoprint.admin.create_hook(
        receiver.url("/first"),
        name="Workshop",
        api_secret=planted.API.text,
        data=json.dumps({"secret": "@apiSecret"}),
    )
    octoprint.admin.create_hook(receiver.url("/second"), name="Kitchen")
    person = visit()
    person.open_webhooks()
    person.at("list-export").click()
    person.at("export-sealed").check()
    person.at("export-passphrase").fill("short")
    person.at("export-again").fill("short")
    person.at("export-save").click()
    person.at("export-passphrase-problem").filter(has_text="at least 10 characters").wait_for()
    person.at("export-passphrase").fill(PASSPHRASE)
    person.at("export-save").click()
    person.at("export-again-problem").filter(has_text="not the same").wait_for()
    person.at("export-again").fill(PASSPHRASE)
    person.picture("export.png")
    file = saved(person, tmp_path)
    person.at("flash-success").filter(has_text="Keep the passphrase apart").wait_for()
    assert file.name.endswith("-encrypted.json")
    assert planted.found_in(file.read_text()) == []
    assert "Workshop" not in file.read_text()

    there = start()
    newcomer = Visit(browser, there, ADMIN)
    newcomer.open_webhooks()
    choose(newcomer, file)
    newcomer.at("import-passphrase").fill("another horse")
    newcomer.at("import-open").click()
    newcomer.at("import-passphrase-problem").filter(has_text="is not right").wait_for()
    newcomer.at("import-passphrase").fill(PASSPHRASE)
    newcomer.at("import-passphrase").press("Enter")
    newcomer.at("import-row").nth(1).wait_for()
    assert newcomer.at("import-row").locator("strong").all_inner_texts() == ["Workshop", "Kitchen"]
    assert there.admin.hooks() == [], "looking saves nothing"
    newcomer.picture("import.png")
    assert grave(newcomer, "what a file holds") == []
    newcomer.at("import-tick").nth(1).uncheck()
    newcomer.at("import-take").click()
    newcomer.at("editor").wait_for()
    assert newcomer.at("hook-name").input_value() == "Workshop"
    newcomer.at("try-send").click()
    newcomer.at("test-headline").wait_for()
    assert receiver.wait_for_one("/first").json() == {"secret": planted.API.text}
    assert [hook["name"] for hook in there.admin.hooks()] == ["Workshop"]

    newcomer.at("editor-cancel").click()
    newcomer.at("hook-row").wait_for()
    choose(newcomer, file)
    newcomer.at("import-passphrase").fill(PASSPHRASE)
    newcomer.at("import-open").click()
    newcomer.at("import-known").wait_for()
    assert "is here already" in newcomer.at("import-known").inner_text()
    assert not newcomer.at("import-tick").first.is_checked()
    newcomer.at("import-take").click()
    newcomer.at("editor").wait_for()
    assert newcomer.at("hook-name").input_value() == "Kitchen"
    newcomer.end()


def test_without_a_passphrase_the_file_is_for_anybody(
    visit: Begin, octoprint: OctoPrintServer, receiver: Receiver, tmp_path: Path
) -> None:
    octoprint.admin.create_hook(receiver.url(f"/{planted.PATH.in_url}"), name="Shared", api_secret=planted.API.text)
    person = visit()
    person.open_webhooks()
    person.at("list-export").click()
    file = saved(person, tmp_path)
    assert planted.found_in(file.read_text()) == []
    choose(person, file)
    person.at("import-row").wait_for()
    assert "is here already" in person.at("import-known").inner_text(), "as far as a file without secrets tells"
    person.at("import-tick").check()
    person.at("import-take").click()
    person.at("editor").wait_for()
    assert person.at("hook-name").input_value() == "Shared (2)"


def test_a_file_that_is_none_is_refused(visit: Begin, octoprint: OctoPrintServer, tmp_path: Path) -> None:
    person = visit()
    person.open_webhooks()
    for content, sentence in [
        ("not json", "This file holds no exported webhooks: it is not JSON."),
        ('{"a": 1}', "This is not the file of a hook."),
        ('{"octoprint_webhooks_hooks": 9, "hooks": []}', "written by a newer version"),
        ('{"octoprint_webhooks_sealed": 1}', "This file is encrypted"),
    ]:
        file = tmp_path / "given.json"
        file.write_text(content)
        choose(person, file)
        if "sealed" in content:
            person.at("import-passphrase").fill(PASSPHRASE)
            person.at("import-open").click()
            person.at("import-passphrase-problem").filter(has_text="This file is damaged. Export it again.").wait_for()
        else:
            person.at("import-failure").filter(has_text=sentence).wait_for()
        person.at("import-back").click()
        person.at("list").wait_for()
    assert octoprint.admin.hooks() == []


def test_the_settings_of_version_4_are_taken_over_again(browser: Browser, start: Start, receiver: Receiver) -> None:
    server = start(Setup(old_settings=old_settings.block(5, receiver.url("/first"), receiver.url("/second"))))
    [first, second] = server.admin.hooks()
    server.admin.delete_hook(first["id"])
    person = Visit(browser, server, ADMIN)
    person.open_webhooks()
    person.at("old-settings-again").click()
    person.at("import-row").nth(1).wait_for()
    assert [person.at("import-tick").nth(place).is_checked() for place in (0, 1)] == [True, False]
    person.at("import-take").click()
    person.at("editor").wait_for()
    assert person.at("hook-url").input_value() == receiver.url("/first")
    assert {hook["name"] for hook in server.admin.hooks()} == {first["name"], second["name"]}
    person.at("try-send").click()
    assert receiver.wait_for_one("/first").json()["apiSecret"] == old_settings.SECRET
    person.at("test-headline").wait_for()
    person.end()


def saved(person: Visit, folder: Path) -> Path:
    """The file that the browser is given to keep."""
    with person.page.expect_download() as download:
        person.at("export-save").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def choose(person: Visit, file: Path) -> None:
    """Imports a file from the computer of the person."""
    with person.page.expect_file_chooser() as chooser:
        person.at("list-import").click()
    chooser.value.set_files(file)
