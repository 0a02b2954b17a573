"""OctoPrint's log: no warning and no error of this plugin in an ordinary life, and never a secret, at any level."""

from __future__ import annotations

import json

from harness import Behaviour, Receiver, Setup, Start, closed_port, gcode, planted


def test_a_full_life_leaves_no_warning_and_no_secret(start: Start, receiver: Receiver) -> None:
    levels = {"octoprint.plugins.webhooks": "DEBUG", "octohooks": "DEBUG"}
    server = start(Setup(log_levels=levels))
    admin = server.admin
    good, bad = (f"/{name}/{planted.PATH.in_url}" for name in ("good", "bad"))
    common = {"events": ("print_started", "print_done"), "api_secret": planted.API.text, "name": "planted"}
    headers = {"Authorization": f"Bearer {planted.HEADER.text}"}
    answer = Behaviour(status=500, body=planted.ANSWERED.text.encode())
    oauth = {
        "enabled": True,
        "url": receiver.answers(
            "/token", Behaviour.of_json({"access_token": planted.ACCESS_TOKEN.text, "expires_in": 60})
        ),
        "data": json.dumps({"client_secret": planted.OAUTH_CLIENT.text}),
    }
    admin.create_hook(receiver.url(good), headers={"Authorization": "@access_token"}, oauth=oauth, **common)
    admin.create_hook(receiver.answers(bad, answer), headers=headers, **common)
    admin.create_hook(f"http://127.0.0.1:{closed_port()}/{planted.PATH.in_url}", headers=headers, **common)
    admin.upload_and_print(gcode.tiny())
    receiver.wait_for(good, count=2)
    receiver.wait_for_one(bad)
    admin.wait_for(
        "a failed delivery", lambda: [d for d in admin.deliveries() if d["status"] is None and d["attempts"]]
    )
    for delivery in admin.deliveries():
        assert delivery["message"]
        found = planted.found_in(json.dumps(delivery))
        assert [secret for secret in found if not secret.startswith(planted.ANSWERED.name)] == []
    server.stop()

    assert server.log_problems() == []
    everything = server.log_file.read_text() + server.console_file.read_text()
    assert planted.found_in(everything) == [], server.logs_are_in()
    ours = [record for record in server.log_records() if record.logger.startswith("octoprint.plugins.webhooks")]
    assert any(record.level == "INFO" and "planted" in record.text for record in ours), (
        "failed deliveries are said, at INFO"
    )


def test_starting_and_stopping_often_leaves_nothing_behind(start: Start, receiver: Receiver) -> None:
    server = start()
    server.admin.create_hook(receiver.url("/hook"))
    for _ in range(3):
        server.restart()
    assert server.stop() == 0

    assert server.log_problems() == []
    assert "Fatal Python error" not in server.console_file.read_text()


def test_start_and_end_of_octoprint_are_told(start: Start, receiver: Receiver) -> None:
    server = start()
    custom = [{"event": name, "message": "m"} for name in ("Startup", "Shutdown")]
    server.admin.create_hook(receiver.url("/hook"), events=(), custom_events=custom, data={"event": "@event"})
    server.restart()
    seen = receiver.wait_for("/hook", count=2)

    assert [request.json()["event"] for request in seen] == ["Shutdown", "Startup"]


def test_switching_the_plugin_off_is_quiet(start: Start) -> None:
    server = start()
    server.admin.request("POST", "/api/plugin/pluginmanager", json={"command": "disable", "plugin": "webhooks"})
    server.restart()

    server.admin.request("GET", "/plugin/webhooks/api/v1/status", expect=404)
    assert server.log_problems() == []
