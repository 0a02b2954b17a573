"""A backup that OctoPrint takes during deliveries, and restores: nothing lost, nothing sent again, nothing damaged."""

from __future__ import annotations

import shutil
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import (
    Behaviour,
    Client,
    Installation,
    OctoPrintServer,
    Receiver,
    Setup,
    Start,
    backups,
    old_settings,
    planted,
)
from harness.client import API

EVENT = "HarnessEvent"
DATA = '{"number": "@extra.number", "delivery": "@deliveryId", "secret": "@apiSecret"}'
SECRET = planted.API.text
REFUSED = Behaviour(status=503)
PATIENT = {"fold_seconds": 0, "late_after_seconds": 60, "repeat_when_unsure": True}


def a_hook(admin: Client, receiver: Receiver, name: str) -> str:
    """A hook with a secret, at a path of its name."""
    custom = [{"event": EVENT, "message": "m"}]
    view = admin.create_hook(
        receiver.url(f"/{name}"),
        name=name,
        events=(),
        custom_events=custom,
        data=DATA,
        api_secret=SECRET,
        patience=PATIENT,
    )
    return str(view["hook"]["id"])


def fire(admin: Client, *numbers: int) -> None:
    admin.fire_all([(EVENT, {"number": number}) for number in numbers])


def numbers(receiver: Receiver, path: str) -> list[int]:
    """What came to a path, in order."""
    return [int(seen.json()["number"]) for seen in receiver.matching(path)]


def waiting(admin: Client, hook: str) -> int:
    """How many deliveries of a hook are on their way."""
    return int(next(seen["waiting"] for seen in admin.hooks() if seen["id"] == hook))


class Bench:
    """An OctoPrint with one receiver that is up and one that is down, and a backup taken in the middle of it.

    Events 1 to 3 came before the backup, 4 was being delivered while it was taken, 5 and 6 came after it.
    """

    def __init__(self, server: OctoPrintServer, up: Receiver, down: Receiver) -> None:
        self.server, self.up, self.down = server, up, down
        admin = server.admin
        self.delivered = a_hook(admin, up, "up")
        self.waiting = a_hook(admin, down, "down")
        down.answers("/down", REFUSED)
        fire(admin, 1, 2, 3)
        up.wait_for("/up", count=3)
        admin.wait_for("three waiting", lambda: waiting(admin, self.waiting) == 3)

        gate = threading.Event()
        up.answers("/up", Behaviour(gate=gate))
        fire(admin, 4)
        up.wait_for("/up", count=4)
        taken = backups.take(admin, server)
        self.backup = Path(shutil.copy(taken, server.folder.with_name("backup.zip")))
        gate.set()

        up.answers("/up", Behaviour())
        view = admin.hook(self.delivered)
        admin.change_hook(view, name="changed after the backup")
        self.later = a_hook(admin, down, "later")
        down.answers("/later", REFUSED)
        fire(admin, 5, 6)
        up.wait_for("/up", count=6)
        admin.wait_for("six waiting", lambda: waiting(admin, self.waiting) == 6)
        admin.wait_for("all delivered", lambda: waiting(admin, self.delivered) == 0)
        admin.wait_for("one refused", lambda: down.matching("/down"))
        self.first = {seen.json()["number"]: seen.json()["delivery"] for seen in down.matching("/down")}
        self.refused = 0

    def receiver_comes_up(self) -> None:
        """What was refused up to now does not count."""
        for path in ("/down", "/later"):
            self.down.answers(path, Behaviour())
        self.refused = len(self.down.matching("/down"))

    def check(self, *later: int) -> None:
        """Everything arrived once, under its first id, by the hooks of the backup; files are whole and private."""
        admin = self.server.admin
        expected = [1, 2, 3, 4, 5, 6, *later]
        arrived = self.down.wait_for("/down", count=self.refused + len(expected), timeout=120)[self.refused :]
        self.up.wait_for("/up", count=len(expected))
        admin.wait_for("nothing waiting", lambda: admin.status()["counts"]["waiting"] == 0)
        # The order is kept per hook: when this one has come, nothing else is on its way before it.
        fire(admin, 99)
        self.down.wait_for("/down", count=self.refused + len(expected) + 1)
        self.up.wait_for("/up", count=len(expected) + 1)

        assert numbers(self.down, "/down")[self.refused :] == [*expected, 99]
        assert numbers(self.up, "/up") == [*expected, 99]
        assert all(seen.json()["secret"] == SECRET for seen in arrived)
        for seen in arrived:
            body = seen.json()
            assert self.first.get(body["number"], body["delivery"]) == body["delivery"], "a repeat has its first id"
        assert [(seen["id"], seen["name"]) for seen in admin.hooks()] == [
            (self.delivered, "up"),
            (self.waiting, "down"),
        ]
        assert self.down.matching("/later", lambda seen: seen.json()["number"] == 99) == []
        assert backups.readable_by_others(self.server) == []
        self.server.stop()
        assert backups.damage(self.server) == {"journal.db": "ok", "outbox.db": "ok"}


@pytest.fixture
def bench(start: Start, receiver: Receiver, another_receiver: Receiver) -> Bench:
    return Bench(start(Setup(backups=True)), receiver, another_receiver)


def test_restored_over_the_page_while_octoprint_runs(bench: Bench) -> None:
    backups.restore(bench.server, bench.backup)
    admin = bench.server.admin
    assert [seen["name"] for seen in admin.hooks()] == ["up", "down"]
    assert waiting(admin, bench.waiting) == 6
    assert backups.readable_by_others(bench.server) == []
    fire(admin, 7)
    bench.up.wait_for("/up", count=7)
    admin.wait_for("seven waiting", lambda: waiting(admin, bench.waiting) == 7)

    bench.server.stop()
    bench.receiver_comes_up()
    bench.server.start()
    bench.check(7)


def test_restored_by_the_command_line_and_once_more_before_the_next_start(bench: Bench) -> None:
    bench.server.stop()
    for _ in range(2):
        said = backups.restore_by_command(bench.server, bench.backup)
        assert "Renaming" in said, said
        assert planted.found_in(said) == []
        assert backups.readable_by_others(bench.server) == []
    bench.receiver_comes_up()
    bench.server.start()
    bench.check()


def test_restored_where_the_base_folder_may_not_be_moved(once: None, bench: Bench) -> None:
    in_the_way = backups.aside(bench.server)
    in_the_way.write_text("A file of this name keeps OctoPrint from moving its folder here.")
    bench.server.stop()
    said = backups.restore_by_command(bench.server, bench.backup)
    assert "trying to restore via copy instead" in said, said
    in_the_way.unlink()
    bench.receiver_comes_up()
    bench.server.start()
    bench.check()


def test_restored_while_octoprint_runs_by_the_command_line(once: None, bench: Bench) -> None:
    admin = bench.server.admin
    backups.restore_by_command(bench.server, bench.backup)
    fire(admin, 7)
    bench.up.wait_for("/up", count=7)
    bench.server.stop()
    bench.receiver_comes_up()
    bench.server.start()
    bench.check(7)


def test_restored_on_another_machine(
    bench: Bench, installation: Installation, tmp_path: Path, another_receiver: Receiver
) -> None:
    bench.server.stop()
    bench.receiver_comes_up()
    before = len(bench.up.matching()), len(bench.down.matching())
    with OctoPrintServer(installation, tmp_path / "another", Setup(backups=True)) as server:
        admin = server.admin
        hook = a_hook(admin, bench.down, "of-the-other-machine")
        backups.restore(server, bench.backup)
        server.restart()
        admin = server.admin
        assert [seen["id"] for seen in admin.hooks()] == [bench.delivered, bench.waiting] != [hook]
        assert admin.status()["counts"]["waiting"] == 0
        fire(admin, 100)
        assert bench.up.wait_for("/up", count=7)[-1].json()["secret"] == SECRET
        bench.down.wait_for("/down", where=lambda seen: bool(seen.json()["number"] == 100))
        assert (len(bench.up.matching()), len(bench.down.matching())) == (before[0] + 1, before[1] + 1)
        assert backups.readable_by_others(server) == []
        server.stop()
        assert backups.damage(server) == {"journal.db": "ok", "outbox.db": "ok"}
        assert server.log_problems(server.looked_at_log_up_to) == []


def test_a_backup_of_the_version_before_brings_its_hooks(once: None, bench: Bench, tmp_path: Path) -> None:
    old = old_settings.block(5, bench.up.url("/old"))
    backup = without_this_version(bench.backup, tmp_path / "old.zip", old)
    backups.restore(bench.server, backup)
    assert "restarted" in bench.server.admin.request("GET", "/plugin/webhooks/native").json()["failure"]
    bench.server.admin.request("GET", f"{API}/hooks", expect=503)
    bench.server.restart()
    (hook,) = bench.server.admin.hooks()
    assert hook["id"] not in (bench.delivered, bench.waiting)
    assert hook["origin"] == bench.up.url("")


def without_this_version(backup: Path, target: Path, old: dict[str, Any]) -> Path:
    """The same backup as 4.4.0 would have been in it."""
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(target, "w") as made:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "basedir/config.yaml":
                config = yaml.safe_load(content)
                config["plugins"]["webhooks"] = old
                content = yaml.safe_dump(config).encode()
            if not member.filename.startswith("basedir/data/webhooks/"):
                made.writestr(member, content)
    return target
