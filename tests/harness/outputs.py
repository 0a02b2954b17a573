"""Everything that a test run puts out, searched for the secrets that were planted in it.

In: the base folder of every OctoPrint, every answer of its API with who asked, what browsers are told, what pytest
captured. Out: where a secret is that has no business there. A place counts as an output unless it is listed here with
the reason why a secret may be there.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

from harness.planted import ANSWERED, found_in, write_only_found_in

MAY_HOLD = {
    r"config\..*": "OctoPrint's own, with its copies: what 4.4.0 left there stays until the user removes it",
    r"data/webhooks/hooks\.json(\..*)?": "the hooks themselves and the version before, for the owner's eyes only",
}
"""Files below a base folder that may hold secrets, and why. Requests at the receivers are no output of this program."""

WHOLE_HOOK = {
    ("POST", r"/hooks"): "made by the caller just now",
    ("POST", r"/hooks/import"): "made by the caller just now",
    ("GET", r"/hooks/[^/]+"): "for editing",
    ("PUT", r"/hooks/[^/]+"): "for editing",
    ("POST", r"/hooks/[^/]+/restore"): "for editing",
    ("POST", r"/hooks/[^/]+/duplicate"): "for editing",
}
"""Answers with all of a hook but what is write-only, to those who manage hooks and entered their password recently."""

QUOTES = {
    ("POST", r"/check"): "says what is wrong with the text that the caller sent",
    ("POST", r"/preview"): "says what is wrong with the text that the caller sent",
    ("GET", r"/test/[^/]+"): "says what is wrong with the text that the caller sent",
    ("GET", r"/hooks"): "says what is wrong with each hook",
}
"""Answers to the same people that may quote a mistake. That they do not show more than that is tested by itself."""

ANSWERS = {
    ("GET", r"/deliveries"): "with what receivers answered",
    ("GET", r"/deliveries/[^/]+"): "with what the receiver answered",
}
"""Answers in which those people see what a receiver answered; the hook's own secrets are covered in it."""

KEEPS_ANSWERS = ("journal.db", "journal.db-wal")
"""Files in which what receivers answered is kept, as it is shown: for the owner's eyes only."""

_API = "/plugin/webhooks/api/v1"
_folders: list[Path] = []
_leaks: list[str] = []
_answers: list[str] = []
_looked_at = [0]


def watch(folder: Path) -> None:
    """A base folder that is to be searched at the end."""
    if folder not in _folders:
        _folders.append(folder)


def note(where: str, content: str | bytes) -> None:
    """Something was put out in a place where no secret may be."""
    _leaks.extend(f"{where}: {secret}" for secret in found_in(content))


def answered(who: str, sees_all: bool, method: str, path: str, content: bytes) -> None:
    """Looks through an answer of OctoPrint. `sees_all`: they manage hooks, and entered their password recently."""
    found = found_in(content)
    if found and sees_all:
        route = (method, path[len(_API) :]) if path.startswith(_API) else ("", path)
        if _is_one_of(WHOLE_HOOK, route) or _is_one_of(QUOTES, route):
            found = write_only_found_in(content)
        elif _is_one_of(ANSWERS, route):
            found = _without_answers(found)
    for secret in found:
        leak = f"{method} {_without_ids(path)}, answered to {who}: {secret}"
        if leak not in _answers:
            _answers.append(leak)


def told() -> list[str]:
    """Secrets in answers, each kind once in a run, since this was asked the last time."""
    new = _answers[_looked_at[0] :]
    _looked_at[0] = len(_answers)
    return new


def leaks() -> list[str]:
    """Every place in which a secret was found, up to now."""
    return _leaks + [leak for folder in _folders for leak in search(folder)]


def search(folder: Path) -> list[str]:
    """Searches a base folder, and the one that a restore moved aside."""
    found: list[str] = []
    for base in (folder, folder.with_name(f"{folder.name}.bck")):
        for path in sorted(base.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found += _search_file(path, PurePosixPath(path.relative_to(base).as_posix()))
    return found


def _search_file(path: Path, place: PurePosixPath) -> list[str]:
    if _reason(place):
        return []
    if path.suffix == ".zip" and zipfile.is_zipfile(path):
        return [f"{path}, {leak}" for leak in _search_zip(path)]
    found = found_in(path.read_bytes())
    if path.suffix == ".db":
        found += [secret for value in _values(path) for secret in found_in(value)]
    if path.name in KEEPS_ANSWERS:
        found = _without_answers(found)
    return [f"{path}: {secret}" for secret in dict.fromkeys(found)]


def _search_zip(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if not _reason(PurePosixPath(member.filename.removeprefix("basedir/"))):
                yield from (f"{member.filename}: {secret}" for secret in found_in(archive.read(member)))


def _values(path: Path) -> Iterator[str | bytes]:
    """Every text and blob in a database: in the file itself a long one is in pieces. Of a copy, with its log."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        shutil.copy(path, copy)
        log = path.with_name(f"{path.name}-wal")
        if log.exists():
            shutil.copy(log, copy.with_name(log.name))
        with closing(sqlite3.connect(copy)) as database:
            database.text_factory = bytes
            try:
                tables = [
                    row[0].decode() for row in database.execute("select name from sqlite_master where type='table'")
                ]
                for table in tables:
                    for row in database.execute(f'select * from "{table}"'):
                        yield from (value for value in row if isinstance(value, bytes))
            except sqlite3.DatabaseError:
                return  # A test damaged it; its bytes have been searched.


def _without_answers(found: list[str]) -> list[str]:
    return [secret for secret in found if not secret.startswith(ANSWERED.name)]


def _reason(place: PurePosixPath) -> str | None:
    return next((reason for pattern, reason in MAY_HOLD.items() if re.fullmatch(pattern, str(place))), None)


def _without_ids(path: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", path.partition("?")[0])


def _is_one_of(listed: dict[tuple[str, str], str], route: tuple[str, str]) -> bool:
    return any(route[0] == method and re.fullmatch(pattern, route[1]) for method, pattern in listed)
