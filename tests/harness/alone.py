"""The engine as the wheel that is installed into OctoPrint, without OctoPrint: its API, and what it asks its host for.

In: a folder for the wheel and one for the data. Out: the API as calls that fail where it refuses.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.bounded import until
from harness.venvs import wheels_dir

RIGHTS = ["view", "manage", "fresh"]


class Api:
    """The API of an engine that nobody hosts."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        encoded = b"" if body is None else json.dumps(body).encode()
        status, _, answer = self.engine.request(method, f"/api/v1{path}", "", [], encoded, RIGHTS)
        assert status < 300, f"{method} {path}: {status} {answer!r}"
        return json.loads(answer) if answer else None

    def new_key(self, kind: str = "hmac") -> str:
        """A key that the engine made."""
        return str(self("POST", "/signing-key", {"kind": kind})["key"])

    def create(self, url: str, **fields: Any) -> Any:
        """A hook whose data is more than ASCII."""
        data = json.dumps({"topic": "@topic", "text": "Druck fertig: 100 % ✓ 🎉"}, ensure_ascii=False)
        view = self("POST", "/hooks", {"url": url, "data": data, "events": {"print_done": {}}, **fields})
        assert view["problems"] == []
        return view

    def drafted(self, service: str, answers: dict[str, str], **wish: Any) -> Any:
        """The draft of a hook for a service, with what else is wished of it: a picture, events."""
        drafted = self("POST", f"/services/{service}/draft", {"answers": answers, **wish})
        assert drafted["remarks"] == []
        return drafted["hook"]

    def send(self, hook: Any, picture: bytes | None = None) -> Any:
        """Sends a test, with a picture where it takes one, and gives its result."""
        test = self("POST", "/test", {"hook": hook, "event": "print_done"})["id"]

        def look() -> Any:
            notice = json.loads(self.engine.next_notice(20) or "{}") if picture is not None else {}
            if notice.get("kind") == "picture":
                self.engine.answer_pictures(notice["ticket"], [(picture, False, False, False, None)], None)
            state = self("GET", f"/test/{test}")
            return state if state["state"] == "done" else None

        return until("the end of a test", look)["result"]


@contextmanager
def engine_alone(packages: Path, data: Path) -> Iterator[Api]:
    """An engine over a folder; the wheel is unpacked where no test has done so before."""
    if "octohooks" not in sys.modules:
        wheels = list(wheels_dir().glob("octohooks-*.whl"))
        assert len(wheels) == 1, f"no wheel of the engine in {wheels_dir()}; `make dev-wheels` builds it"
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
        subprocess.run([*install, str(packages), str(wheels[0])], check=True)
        sys.path.insert(0, str(packages))
    try:
        octohooks = importlib.import_module("octohooks")
    finally:
        if str(packages) in sys.path:
            sys.path.remove(str(packages))
    options = {
        "data_folder": str(data),
        "version": octohooks.VERSION,
        "printer": {"id": "octoprint", "name": "Prusa", "appearance": None},
        "old_settings": None,
        "own_ports": [],
    }
    engine = octohooks.Engine(json.dumps(options))
    yield Api(engine)
    engine.stop(5000)
