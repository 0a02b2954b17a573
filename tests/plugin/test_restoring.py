"""After OctoPrint restored a backup: what waited is taken over from where it was left, once, never over newer files."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from octoprint_webhooks.backup import ASIDE_ZIP, OUTBOX, additional_excludes, keep_private, take_over_state

OLD = {"journal.db": "journal", "outbox.db": "outbox", "outbox.db-wal": "log", "standings.json": "{}"}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base folder as a restore leaves it."""
    data(tmp_path / "base").mkdir(parents=True)
    (data(tmp_path / "base") / "hooks.json").write_text("{}")
    return tmp_path / "base"


def data(base: Path) -> Path:
    return base / "data" / "webhooks"


def leave_moved(base: Path, files: dict[str, str]) -> Path:
    state = data(base.with_name("base.bck")) / "state"
    state.mkdir(parents=True)
    for name, content in files.items():
        (state / name).write_text(content)
    return state


def leave_packed(base: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(base / ASIDE_ZIP, "w") as packed:
        packed.writestr("data/webhooks/hooks.json", "old")
        packed.writestr("data/other/state/outbox.db", "of another plugin")
        packed.writestr("data/webhooks/state/deeper/outbox.db", "not ours")
        for name, content in files.items():
            packed.writestr(f"data/webhooks/state/{name}", content)


def state(base: Path) -> dict[str, str]:
    folder = data(base) / "state"
    return {path.name: path.read_text() for path in folder.iterdir()} if folder.exists() else {}


def test_what_was_left_out_is_what_is_taken_over() -> None:
    assert additional_excludes([]) == ["state"]


def test_it_is_moved_from_the_folder_that_was_moved_aside(base: Path) -> None:
    left = leave_moved(base, OLD)
    assert take_over_state(data(base), base)
    assert state(base) == OLD
    assert list(left.iterdir()) == [], "each delivery is in one place only"
    assert not take_over_state(data(base), base)
    assert (data(base) / "hooks.json").read_text() == "{}"


def test_it_is_unpacked_where_the_folder_could_not_be_moved(base: Path) -> None:
    leave_packed(base, OLD)
    assert take_over_state(data(base), base)
    assert state(base) == OLD
    assert not take_over_state(data(base), base)


@pytest.mark.parametrize("leave", [leave_moved, leave_packed])
def test_newer_files_stay(base: Path, leave: object) -> None:
    assert callable(leave)
    leave(base, OLD)
    (data(base) / "state").mkdir()
    (data(base) / "state" / OUTBOX).write_text("newer")
    assert not take_over_state(data(base), base)
    assert state(base) == {OUTBOX: "newer"}


@pytest.mark.parametrize("done", range(len(OLD)))
def test_a_move_that_was_interrupted_is_ended_at_the_next_start(base: Path, done: int) -> None:
    left = leave_moved(base, OLD)
    (data(base) / "state").mkdir()
    names = [name for name in sorted(OLD) if name != OUTBOX]
    for name in names[:done]:
        shutil.move(left / name, data(base) / "state" / name)
    assert take_over_state(data(base), base)
    assert state(base) == OLD


def test_a_standing_that_was_written_since_is_kept(base: Path) -> None:
    leave_moved(base, OLD)
    (data(base) / "state").mkdir()
    (data(base) / "state" / "standings.json").write_text('{"newer": true}')
    assert take_over_state(data(base), base)
    assert state(base) == OLD | {"standings.json": '{"newer": true}'}


def test_nothing_is_there_to_take_over_on_another_machine(base: Path) -> None:
    assert not take_over_state(data(base), base)
    leave_packed(base, {})
    assert not take_over_state(data(base), base)
    assert state(base) == {}


def test_data_that_lie_elsewhere_were_never_moved(base: Path, tmp_path: Path) -> None:
    leave_moved(base, OLD)
    assert not take_over_state(tmp_path / "elsewhere" / "webhooks", base)


def test_restored_files_are_hidden_from_others(base: Path) -> None:
    for name, mode in (("hooks.json", 0o644), ("state.txt", 0o666), ("closed", 0o400)):
        path = data(base) / name
        path.write_text("secret")
        path.chmod(mode)
    (data(base) / "link").symlink_to("/nowhere")
    keep_private(data(base))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data(base).iterdir() if path.is_file()}
    assert modes == {"hooks.json": 0o600, "state.txt": 0o600, "closed": 0o400}
