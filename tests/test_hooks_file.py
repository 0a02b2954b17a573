"""The hooks file: what a person saved survives restarts, kills and damage, and nobody else can read it."""

from __future__ import annotations

import json
import stat

from harness import Receiver, Start, planted

EVENT = "HarnessEvent"
CUSTOM = [{"event": EVENT, "message": "m"}]


def test_hooks_survive_a_restart_and_a_kill(start: Start, receiver: Receiver) -> None:
    server = start()
    view = server.admin.create_hook(receiver.url("/hook"), events=(), custom_events=CUSTOM, api_secret=planted.API.text)
    server.restart()
    assert server.admin.hook(view["hook"]["id"])["hook"] == view["hook"]
    server.admin.create_hook(receiver.url("/second"), events=(), custom_events=CUSTOM)
    server.kill()
    server.start()
    assert len(server.admin.hooks()) == 2
    server.admin.fire(EVENT, {})

    assert receiver.wait_for_one("/hook").json()["apiSecret"] == planted.API.text
    receiver.wait_for_one("/second")


def test_a_damaged_file_is_put_aside_and_the_last_good_one_used(start: Start, receiver: Receiver) -> None:
    server = start()
    view = server.admin.create_hook(receiver.url("/hook"), events=(), custom_events=CUSTOM)
    server.admin.change_hook(view, name="changed")
    server.stop()
    file = server.data_folder / "hooks.json"
    damage = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(damage)
    server.problems_expected = True
    server.start()
    admin = server.admin

    assert [hook["id"] for hook in admin.hooks()] == [view["hook"]["id"]]
    status = admin.status()
    assert status["hooks_file"]["ok"] is False
    assert status["hooks_file"]["message"].endswith(".")
    kept = [path for path in server.data_folder.iterdir() if path.is_file() and path.read_bytes() == damage]
    assert kept, "the damaged file is kept"
    admin.fire(EVENT, {})
    receiver.wait_for_one("/hook")
    admin.change_hook(admin.hook(view["hook"]["id"]), name="saved again")
    server.restart()
    assert [hook["name"] for hook in server.admin.hooks()] == ["saved again"]
    assert server.admin.status()["hooks_file"]["ok"] is True


def test_a_file_of_a_later_version_is_left_alone(start: Start, receiver: Receiver) -> None:
    server = start()
    server.admin.create_hook(receiver.url("/hook"), events=(), custom_events=CUSTOM)
    server.stop()
    file = server.data_folder / "hooks.json"
    later = json.dumps(json.loads(file.read_text()) | {"version": 99, "news": True})
    file.write_text(later)
    server.problems_expected = True
    server.start()

    assert server.admin.status()["hooks_file"]["ok"] is False
    assert (
        server.admin.request("POST", "/plugin/webhooks/api/v1/hooks", json={"url": "http://x"}, expect=None).status_code
        >= 400
    )
    assert file.read_text() == later


def test_nobody_else_can_read_it(start: Start, receiver: Receiver) -> None:
    server = start()
    view = server.admin.create_hook(receiver.url("/hook"), events=(), custom_events=CUSTOM, api_secret=planted.API.text)
    server.admin.change_hook(view, name="changed")

    files = [path for path in server.data_folder.rglob("*") if path.is_file()]
    assert files
    holding = [path for path in files if planted.found_in(path.read_bytes())]
    assert holding
    assert {stat.S_IMODE(path.stat().st_mode) for path in holding} == {0o600}
