"""Runs in a fresh interpreter of an OctoPrint: imports or starts one thing and prints how many milliseconds that took.

`load`: the plugin, where OctoPrint is imported already. `start FOLDER`: an engine with this data folder, stopped at
once. `fill FOLDER COUNT`: an engine whose only hook is paused, until so many deliveries wait on disk.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

EVENT = "BenchWanted"
RIGHTS = ["view", "manage", "fresh"]
STOP_MS = 5000


def load() -> float:
    """What OctoPrint does with a plugin: imports it and has it made."""
    importlib.import_module("octoprint.server")
    begun = time.perf_counter()
    importlib.import_module("octoprint_webhooks").__plugin_load__()
    return (time.perf_counter() - begun) * 1000


def start(folder: str) -> float:
    """Until `Engine` returns."""
    octohooks: Any = importlib.import_module("octohooks")
    options = _options(octohooks, folder)
    begun = time.perf_counter()
    engine = octohooks.Engine(options)
    took = (time.perf_counter() - begun) * 1000
    engine.stop(STOP_MS)
    return took


def fill(folder: str, count: int) -> float:
    """Until all are stored."""
    octohooks: Any = importlib.import_module("octohooks")
    engine = octohooks.Engine(_options(octohooks, folder))
    begun = time.perf_counter()
    hook = {"name": "Paused", "enabled": True, "url": "http://127.0.0.1:9/hook", "data": json.dumps({"all": "@extra"})}
    made = _ask(engine, "POST", "/hooks", hook | {"custom_events": [{"event": EVENT, "message": "m"}]})
    _ask(engine, "PUT", f"/hooks/{made['hook']['id']}/paused", {"paused": True})
    context = {"state": {"text": "Printing"}, "job": {"file": {"name": "model.gcode"}}, "progress": {"completion": 1.0}}
    for number in range(count):
        engine.observe_event(EVENT, {"number": number, "text": "x" * 200}, context)
    while _ask(engine, "GET", "/status")["outbox"]["events"] < count:
        if time.perf_counter() - begun > 60:
            raise RuntimeError("The events have not been stored.")
        engine.next_notice(20)
    took = (time.perf_counter() - begun) * 1000
    engine.stop(STOP_MS)
    return took


def _options(octohooks: Any, folder: str) -> str:
    printer = {"id": "octoprint", "name": "Bench", "appearance": {}}
    version = octohooks.VERSION
    return json.dumps({"data_folder": folder, "version": version, "printer": printer, "own_ports": []})


def _ask(engine: Any, method: str, path: str, body: Any = None) -> Any:
    headers = [("Content-Type", "application/json")]
    content = b"" if body is None else json.dumps(body).encode()
    status, _headers, answer = engine.request(method, f"/api/v1{path}", "", headers, content, RIGHTS)
    if status >= 300:
        raise RuntimeError(f"{method} {path}: {status} {answer!r}")
    return json.loads(answer) if answer else None


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "load":
        took_ms = load()
    elif command == "start":
        took_ms = start(arguments[0])
    else:
        took_ms = fill(arguments[0], int(arguments[1]))
    sys.stdout.write(f"{took_ms}\n")
