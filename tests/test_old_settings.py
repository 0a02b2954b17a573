"""The settings of 4.4.0 and before: they send what they sent, stay in config.yaml, and leak to nobody."""

from __future__ import annotations

import copy
import json

import pytest

from harness import (
    ADMIN,
    ORDINARY,
    READ_ONLY,
    VERSIONS,
    Behaviour,
    Client,
    Installation,
    OctoPrintServer,
    Receiver,
    Setup,
    Start,
    gcode,
    old_settings,
    planted,
)


@pytest.mark.parametrize("schema", [1, 2, 3, 4, 5])
def test_a_hook_goes_on_to_send_what_it_sent(
    installation: Installation, receiver: Receiver, start: Start, schema: int
) -> None:
    if installation.version != VERSIONS[0] and schema not in (1, 5):
        pytest.skip("does not depend on OctoPrint's version")
    urls = [receiver.url(f"/{old_settings.PATH_SECRET}/{name}") for name in (["a"] if schema == 1 else ["a", "b"])]
    block = old_settings.block(schema, *urls)
    server = start(Setup(old_settings=copy.deepcopy(block)))
    admin = server.admin
    admin.upload_and_print(gcode.tiny(), "old.gcode")
    admin.wait_for_event("PrintDone")
    if schema >= 3:
        admin.fire("MovieDone", {"movie_basename": "a.mp4"})

    for url in urls:
        path = url.partition(str(receiver.port))[2]
        expected = ["Print Started", "Print Done"] + (["Custom Event"] if schema >= 3 else [])
        requests = receiver.wait_for(path, count=len(expected))
        assert [seen.json()["topic"] for seen in requests] == expected
        for seen in requests:
            assert seen.method == "POST"
            assert seen.header("Content-Type") == "application/json"
            assert seen.header("Authorization") == f"Bearer {old_settings.HEADER_SECRET}"
            assert set(seen.json()) == set(old_settings.DATA)
            assert seen.json()["deviceIdentifier"] == "old printer"
            assert seen.json()["apiSecret"] == old_settings.SECRET
        assert requests[0].json()["message"] == "Your print has started."
        assert requests[0].json()["file"] == "File old.gcode at 0 %"
        assert requests[0].json()["extra"]["name"] == "old.gcode"
        assert requests[1].json()["message"] == "Your print is done."

    assert _untouched(server, block)
    _leaks_to_nobody(server)
    server.restart()
    assert len(server.admin.hooks()) == len(urls), "taken over once, not again"
    assert _untouched(server, block)
    _leaks_to_nobody(server)


def test_a_cancelled_print_still_counts_as_failed(start: Start, receiver: Receiver) -> None:
    admin = start(Setup(old_settings=old_settings.block(5, receiver.url("/hook")))).admin
    admin.upload_and_print(gcode.paced(100))
    receiver.wait_for_one("/hook", where=lambda seen: seen.json()["topic"] == "Print Started")
    admin.cancel()
    failed = receiver.wait_for("/hook", count=2)[1].json()

    assert failed["topic"] == "Print Failed"
    assert failed["message"] == old_settings.MESSAGES["eventPrintFailedMessage"]
    assert failed["extra"]["reason"] == "cancelled"


def test_odd_values_are_taken_over_and_shown(start: Start, receiver: Receiver) -> None:
    odd = [
        old_settings.hook(
            receiver.url("/odd"), 5, event_cooldown="", event_print_progress=True, event_print_progress_interval="25"
        ),
        old_settings.hook(receiver.url("/broken"), 5, headers='{"a": ', data="{ not json"),
        {"url": receiver.url("/bare")},
        old_settings.hook("http://127.0.0.1/", 5, event_cooldown="soon", http_method="FETCH", verify_ssl="maybe"),
    ]
    admin = start(Setup(old_settings={"settings_version": 4, "hooks": odd})).admin

    summaries = admin.hooks()
    assert len(summaries) == len(odd), "nothing is dropped"
    first, broken, bare, strange = (admin.hook(summary["id"]) for summary in summaries)
    assert first["hook"]["progress_interval_percent"] == 25
    assert first["hook"]["cooldown_seconds"] == 0
    assert (broken["hook"]["headers"], broken["hook"]["data"]) == ('{"a": ', "{ not json")
    assert {problem["field"] for problem in broken["problems"] if problem["severity"] == "error"} >= {"headers", "data"}
    assert bare["hook"]["events"]["print_done"]["enabled"] is True
    assert {problem["field"] for problem in summaries[3]["problems"]} >= {"method", "cooldown_seconds", "verify_tls"}
    assert strange["hook"]["method"] == "POST"
    admin.upload_and_print(gcode.tiny())
    for path in ("/odd", "/bare"):
        receiver.wait_for(path, count=2)
    assert receiver.matching("/broken") == []


def test_an_old_oauth_hook_and_an_old_form_hook(start: Start, receiver: Receiver) -> None:
    oauth = old_settings.hook(
        receiver.url("/oauth"),
        5,
        oauth=True,
        oauth_url=receiver.url("/token"),
        oauth_content_type="FORM",
        headers=json.dumps({"Authorization": "Bearer @access_token"}),
    )
    form = old_settings.hook(receiver.url("/form"), 5, content_type="FORM", http_method="PUT", headers="{}")
    receiver.answers("/token", Behaviour.of_json({"access_token": "t1", "expires_in": 60}))
    admin = start(Setup(old_settings={"settings_version": 5, "hooks": [oauth, form]})).admin
    admin.upload_and_print(gcode.tiny())

    assert receiver.wait_for_one("/oauth").header("Authorization") == "Bearer t1"
    assert dict(receiver.wait_for_one("/token").form()) == {
        "client_id": "me",
        "client_secret": old_settings.OAUTH_SECRET,
    }
    sent = receiver.wait_for_one("/form")
    assert sent.method == "PUT"
    assert sent.header("Content-Type") == "application/x-www-form-urlencoded"
    assert dict(sent.form())["topic"] == "Print Started"
    assert json.loads(dict(sent.form())["extra"])["name"] == "model.gcode"


def test_a_plain_octoprint_has_no_hooks(start: Start) -> None:
    admin = start().admin

    assert admin.hooks() == []
    assert admin.status()["problems"] == []


def _untouched(server: OctoPrintServer, block: dict[str, object]) -> bool:
    found = server.config()["plugins"]["webhooks"]
    assert {key: value for key, value in found.items() if key in block} == block
    assert set(found) - set(block) <= {"_config_version"}
    return True


def _leaks_to_nobody(server: OctoPrintServer) -> None:
    for user in (ADMIN, ORDINARY, READ_ONLY):
        client = server.client(user)
        settings = client.settings()
        assert not settings["plugins"].get("webhooks"), f"{user.name} sees old settings"
        text = json.dumps(settings)
        assert planted.found_in(text) == [], user.name
    _is_not_changed_by_saving(server.admin, server)


def _is_not_changed_by_saving(admin: Client, server: OctoPrintServer) -> None:
    before = server.config()["plugins"]["webhooks"]
    admin.set_plugin_settings("webhooks", hooks=[], apiSecret="other")
    assert server.config()["plugins"]["webhooks"] == before
