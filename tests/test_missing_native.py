"""The plugin without its engine, or with another's: OctoPrint runs, it is said what mends it, nothing leaks."""

from __future__ import annotations

import json
import shlex
import sysconfig
from pathlib import Path

import pytest

from harness import (
    ADMIN,
    ORDINARY,
    READ_ONLY,
    Installation,
    Receiver,
    Setup,
    Start,
    gcode,
    old_settings,
    packages,
    planted,
)


@pytest.mark.parametrize("engine", ["missing", "of another version", "broken"])
def test_octoprint_runs_and_says_what_mends_it(
    installation: Installation, start: Start, receiver: Receiver, tmp_path: Path, engine: str
) -> None:
    copy = installation.copy_to(tmp_path / "venv")
    copy.pip("uninstall", "--yes", "octohooks")
    if engine == "of another version":
        copy.pip("install", "--no-index", "--no-deps", str(packages.engine_of_another_version(tmp_path)))
    elif engine == "broken":
        broken = {"octohooks/__init__.py": "raise SystemExit('a broken wheel')\n"}
        copy.pip("install", "--no-index", "--no-deps", str(packages.wheel(tmp_path, "octohooks", "5.0.0", broken)))
    block = old_settings.block(5, receiver.url("/hook"))
    server = start(Setup(old_settings=block), at=copy)
    server.problems_expected = True
    admin = server.admin
    admin.upload_and_print(gcode.tiny())
    admin.wait_for_event("PrintDone")

    native = admin.request("GET", "/plugin/webhooks/native").json()
    assert native["page_entry"] is None
    missing = native["missing"]
    assert missing["reason"].endswith(".")
    assert sysconfig.get_platform() in missing["platform"]
    command = shlex.split(missing["command"])
    assert command[:4] == [str(copy.python), "-m", "pip", "install"]
    assert command[-1] == "octohooks==5.0.0"
    health = admin.request("GET", "/api/plugin/health_check").json()["health"]["webhooks_engine"]
    assert health["result"] == "issue"
    assert missing["command"] in health["context"]["message"]
    answer = admin.api("GET", "/status", expect=503)
    assert answer["error"]["code"] == "engine_missing"
    for user in (ADMIN, ORDINARY, READ_ONLY):
        settings = server.client(user).settings()
        assert not settings["plugins"].get("webhooks"), user.name
        assert planted.found_in(json.dumps(settings)) == [], user.name
    assert {key: server.config()["plugins"]["webhooks"][key] for key in block} == block
    assert not [record.text for record in server.log_records() if record.is_ours and "Traceback" in record.text]
    assert list(receiver) == []

    assert server.stop() == 0
    ours = [record for record in server.log_records() if record.logger.startswith("octoprint.plugins.webhooks")]
    assert [record.level for record in ours if record.is_problem] == ["WARNING"], "it is said in the log, once"
