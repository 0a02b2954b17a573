"""Speaks to an OctoPrint and to the plugin under test as a browser or a script would, over HTTP only.

In: an address and who one is. Out: answers, already checked for the status that was expected. It waits on states
through `bounded.until` and never sleeps.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable
from urllib.parse import quote

import requests

from harness import outputs
from harness.bounded import until

API = "/plugin/webhooks/api/v1"
PASSWORD = "test"
PASSWORD_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$XMsZY8y5dw4B4JxzTum9tw$sk228xXwRjgHpKdIFam6vkwkRelSokHqmCZpQSH69NY"  # of PASSWORD
)


@dataclass(frozen=True)
class User:
    """Somebody with an account."""

    name: str
    groups: tuple[str, ...]
    api_key: str
    permissions: tuple[str, ...] = ()


ADMIN = User("admin", ("admins", "users"), "yo5a103LN7co50R4_IAeLvGoLm08BpdfvKngzfHPcPE")
ORDINARY = User("ordinary", ("users",), "SdG1ptRq9FmUZ0cB-ordinary-R7hX2kLw5NvEoYaJ4T")
READ_ONLY = User("readonly", ("readonly",), "Vb6QxWm3zDfKs8Tn-readonly-P1jYcA0rGhLuIeN9Z2")
VIEWER = User("viewer", ("users",), "Kj4NbT8yQw2LrXs6-viewer-M0hUdC7gFpEiVaO3Z5", ("PLUGIN_WEBHOOKS_VIEW",))
"""An ordinary user who may see deliveries."""
DEPUTY = User(
    "deputy", ("users",), "Tz5GqRw1Lx8-deputy-C7mKvB2nJd0sYpEuHf4oIa6XA9W", ("PLUGIN_WEBHOOKS_VIEW", "SETTINGS")
)
"""One who may see them, and may open OctoPrint's settings, where they stand."""

Draft = dict[str, Any]

_marks = itertools.count()


def draft(url: str, *, events: Any = ("print_done",), **fields: Any) -> Draft:
    """A hook as the editor sends it. `events`: keys, or keys with messages; `headers`, `data`: text or JSON."""
    messages = events if isinstance(events, dict) else {key: f"{key} happened" for key in events}
    hook: Draft = {
        "name": "Under test",
        "enabled": True,
        "url": url,
        "events": {key: {"enabled": True, "message": message} for key, message in messages.items()},
    }
    for name, value in fields.items():
        hook[name] = json.dumps(value) if name in ("headers", "data") and not isinstance(value, str) else value
    return hook


class RefusedError(AssertionError):
    """An answer with another status than the expected one."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(f"{response.request.method} {response.url}: {response.status_code} {response.text[:2000]}")
        self.response = response


class Client:
    """One person or script at one OctoPrint; a guest when there is no user."""

    def __init__(self, url: str, user: User | None = None) -> None:
        self.url = url
        self.user = user
        self.credentials_are_fresh = True
        self.session = requests.Session()
        self.session.trust_env = False
        if user is not None:
            self.session.headers["X-Api-Key"] = user.api_key

    @classmethod
    def logged_in(cls, url: str, user: User, *, remember: bool = False) -> Client:
        """Logged in with the password, as a browser: session cookie and CSRF token."""
        client = cls(url)
        client.user = user
        client.request("GET", "/", expect=None)
        client.request("POST", "/api/login", json={"user": user.name, "pass": PASSWORD, "remember": remember})
        return client

    @classmethod
    def remembered(cls, url: str, user: User) -> Client:
        """Logged in by the cookie of `remember me`: no credentials were entered in this session."""
        client = cls.logged_in(url, user, remember=True)
        client.credentials_are_fresh = False
        for name in client.session.cookies.keys():  # noqa: SIM118 - Iterating a jar gives cookies, not names.
            if name.startswith("session"):
                client.session.cookies.set(name, None)  # type: ignore[arg-type] # That is how requests forgets one.
        client.request("POST", "/api/login", json={"passive": True})
        return client

    # --- HTTP ---------------------------------------------------------------------------------------------------

    def request(
        self, method: str, path: str, *, expect: int | tuple[int, ...] | None = (200, 201, 202, 204), **options: Any
    ) -> requests.Response:
        """One exchange; raises `RefusedError` unless the status is the expected one (`None` takes any)."""
        headers = dict(options.pop("headers", None) or {})
        token = next((cookie.value for cookie in self.session.cookies if cookie.name.startswith("csrf_token")), None)
        if token is not None and method not in ("GET", "HEAD"):
            headers.setdefault("X-CSRF-Token", token)
        response = self.session.request(method, self.url + path, headers=headers, timeout=60, **options)
        who = self.user.name if self.user is not None else "a guest"
        sees_all = self.user is ADMIN and self.credentials_are_fresh
        outputs.answered(who, sees_all, method, path, response.content)
        expected = (expect,) if isinstance(expect, int) else expect
        if expected is not None and response.status_code not in expected:
            raise RefusedError(response)
        return response

    def api(self, method: str, path: str, **options: Any) -> Any:
        """A route of the plugin's API; its JSON answer, `None` for an empty one."""
        response = self.request(method, API + path, **options)
        return response.json() if response.content else None

    # --- hooks --------------------------------------------------------------------------------------------------

    def hooks(self) -> list[dict[str, Any]]:
        """The list of hooks."""
        return list(self.api("GET", "/hooks")["hooks"])

    def create_hook(self, url: str, **fields: Any) -> dict[str, Any]:
        """Saves a new hook; see `draft`. Its view."""
        return dict(self.api("POST", "/hooks", json=draft(url, **fields), expect=201))

    def hook(self, hook_id: str) -> dict[str, Any]:
        """One hook with all of its fields."""
        return dict(self.api("GET", f"/hooks/{hook_id}"))

    def change_hook(self, view: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Saves a hook that was read before with some fields changed."""
        changed = view["hook"] | fields
        return dict(self.api("PUT", f"/hooks/{changed['id']}", json=changed, headers={"If-Match": view["etag"]}))

    def delete_hook(self, hook_id: str) -> None:
        """Deletes a hook."""
        self.api("DELETE", f"/hooks/{hook_id}")

    def delete_all_hooks(self) -> None:
        """Leaves none."""
        for hook in self.hooks():
            self.delete_hook(hook["id"])

    def check(self, hook: Draft) -> list[dict[str, Any]]:
        """What is wrong with a draft."""
        return list(self.api("POST", "/check", json=hook, expect=200)["problems"])

    def preview(self, hook: Draft, event: str = "print_done") -> dict[str, Any]:
        """What would be sent."""
        return dict(self.api("POST", "/preview", json={"hook": hook, "event": event}))

    def test_hook(self, hook: Draft, event: str = "print_done", *, seconds: float = 60.0) -> dict[str, Any]:
        """Sends a draft with sample data and waits for what became of it."""
        return self.wait_for_test(self.start_test(hook, event), seconds=seconds)

    def start_test(self, hook: Draft, event: str = "print_done") -> str:
        """Sends a draft with sample data; the id of the test."""
        return str(self.api("POST", "/test", json={"hook": hook, "event": event}, expect=202)["id"])

    def wait_for_test(self, test_id: str, *, seconds: float = 60.0) -> dict[str, Any]:
        """Waits for the end of a test: its result."""

        def look() -> dict[str, Any] | None:
            answer = self.api("GET", f"/test/{test_id}")
            return dict(answer["result"]) if answer["state"] == "done" else None

        return until("the end of the test", look, seconds=seconds)

    def deliveries(self) -> list[dict[str, Any]]:
        """The delivery log, newest first."""
        return list(self.api("GET", "/deliveries")["deliveries"])

    def wait_for_delivery(self, *, seconds: float = 30.0, **fields: Any) -> dict[str, Any]:
        """The newest delivery with such fields, once there is one."""

        def look() -> dict[str, Any] | None:
            return next((seen for seen in self.deliveries() if fields.items() <= seen.items()), None)

        return until(f"a delivery with {fields}", look, seconds=seconds)

    def status(self) -> dict[str, Any]:
        """How the plugin is."""
        return dict(self.api("GET", "/status"))

    # --- printing -----------------------------------------------------------------------------------------------

    def state(self) -> str:
        """The printer's state in OctoPrint's words."""
        return str(self.request("GET", "/api/connection").json()["current"]["state"])

    def wait_for_state(self, *states: str, seconds: float = 30.0) -> str:
        """Waits until the printer is in one of these states."""
        return str(self.wait_for(f"state {' or '.join(states)}", lambda: _among(self.state(), states), seconds=seconds))

    def wait_for(self, what: str, look: Callable[[], Any], *, seconds: float = 30.0) -> Any:
        """Waits for anything; says the printer's state when it does not come."""
        try:
            return until(what, look, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; the printer is {self.state()!r}") from error

    def connect(self) -> None:
        """Connects the virtual printer and waits until it is operational."""
        self.request("POST", "/api/connection", json={"command": "connect", "port": "VIRTUAL", "baudrate": 115200})
        self.wait_for_state("Operational")

    def disconnect(self) -> None:
        """Disconnects as a user does."""
        self.request("POST", "/api/connection", json={"command": "disconnect"})
        self.wait_for_state("Closed", "Offline")

    def upload(self, gcode: str, name: str = "model.gcode", *, start: bool = False) -> str:
        """Uploads a file, and prints it if wanted; returns the name that OctoPrint gave it."""
        if start:
            self.wait_for_state("Operational")  # The end of a print is told while OctoPrint is still finishing it.
        files = {"file": (name, gcode.encode(), "application/octet-stream")}
        answer = self.request("POST", "/api/files/local", files=files, data={"print": "true"} if start else {}).json()
        assert not start or answer.get("effectivePrint"), answer
        return str(answer["files"]["local"]["path"])

    def upload_and_print(self, gcode: str, name: str = "model.gcode") -> str:
        """Uploads a file and starts it; returns when the print is under way, or already over."""
        return self.upload(gcode, name, start=True)

    def print_again(self, path: str) -> None:
        """Prints a file that is there."""
        self.wait_for_state("Operational")
        self.request("POST", f"/api/files/local/{quote(path)}", json={"command": "select", "print": True})

    def pause(self) -> None:
        """Pauses and waits until it is paused."""
        self.request("POST", "/api/job", json={"command": "pause", "action": "pause"})
        self.wait_for_state("Paused")

    def resume(self) -> None:
        """Goes on."""
        self.request("POST", "/api/job", json={"command": "pause", "action": "resume"})
        self.wait_for_state("Printing", "Operational")

    def cancel(self) -> None:
        """Cancels and waits until the printer is free again."""
        self.request("POST", "/api/job", json={"command": "cancel"})
        self.wait_for_state("Operational")

    def completion(self) -> float:
        """How much of the file is printed, in percent."""
        return float(self.request("GET", "/api/job").json()["progress"]["completion"] or 0)

    def debug(self, command: str) -> None:
        """A debug command of the virtual printer, such as `send echo:busy: paused for user`."""
        self.request("POST", "/api/printer/command", json={"command": f"!!DEBUG:{command}"})

    def read_temperatures(self) -> dict[str, Any]:
        """Asks the printer for its temperatures and waits until OctoPrint knows them."""
        self.request("POST", "/api/printer/command", json={"command": "M105"})
        return dict(
            self.wait_for(
                "temperatures", lambda: self.request("GET", "/api/printer").json()["temperature"].get("tool0")
            )
        )

    @contextmanager
    def thermometer_silent(self) -> Iterator[None]:
        """
        The printer tells no temperatures meanwhile but those that a test has it say.

        OctoPrint asks for them every few seconds unless the firmware reports them on its own: it claims to, and is
        then told to do so once an hour.
        """
        self.printer_says("Cap:AUTOREPORT_TEMP:1")
        self.request("POST", "/api/printer/command", json={"command": "M155 S3600"})
        self.printer_says()  # What came before is through.
        try:
            yield
        finally:
            self.printer_says("Cap:AUTOREPORT_TEMP:0")
            self.request("POST", "/api/printer/command", json={"command": "M155 S2"})

    def printer_says(self, *lines: str) -> None:
        """The printer writes these lines; returns when every plugin has had them."""
        for line in lines:
            self.debug(f"send {line}")
        mark = f"echo:harness {next(_marks)}"
        self.debug(f"send {mark}")
        self.wait_for_events(mark)

    # --- the event bus, by the ticker plugin ----------------------------------------------------------------------

    def fire(self, event: str, payload: Any = None) -> None:
        """Fires an event on OctoPrint's bus, as another plugin would."""
        self.fire_all([(event, payload)])

    def fire_all(self, events: list[tuple[str, Any]]) -> None:
        """Fires events right after one another."""
        body = {"command": "fire", "events": [{"event": event, "payload": payload} for event, payload in events]}
        self.request("POST", "/api/plugin/ticker", json=body)

    def fire_odd(self, event: str) -> None:
        """Fires an event with what other plugins put into events though JSON knows nothing of it."""
        self.request("POST", "/api/plugin/ticker", json={"command": "odd", "event": event})

    def set_further_webcams(self, **urls: str) -> None:
        """Webcams beside OctoPrint's own, by name, with the URL of the picture that each gives."""
        self.request("POST", "/api/plugin/ticker", json={"command": "webcams", "urls": urls})

    def start_ticking(self, count: int, interval_ms: float) -> None:
        """Starts to fire timed events."""
        self.request("POST", "/api/plugin/ticker", json={"command": "tick", "count": count, "interval_ms": interval_ms})

    def tick_latencies(self, *, seconds: float = 60.0) -> list[float]:
        """How late each tick arrived, in ms, once all have."""

        def look() -> list[float] | None:
            answer = self.request("GET", "/api/plugin/ticker").json()
            return list(answer["latencies_ms"]) if len(answer["latencies_ms"]) >= answer["expected"] else None

        return until("all ticks", look, seconds=seconds, every=0.25)

    def seen_events(self) -> list[str]:
        """The names of the events that came over the bus since `forget_events`."""
        return [seen["event"] for seen in self.request("GET", "/api/plugin/ticker").json()["seen"]]

    def wait_for_event(self, name: str, *, seconds: float = 30.0) -> dict[str, Any]:
        """Waits until an event has come over the bus; its payload."""
        seen = until(f"the event {name}", lambda: self.seen_event(name), seconds=seconds)
        return dict(seen["payload"] or {})

    def seen_event(self, name: str) -> dict[str, Any] | None:
        """The first of that name since `forget_events`: its `payload`, and `at` what `time.monotonic()` it came."""
        # Only this one is asked for: a long print has many, and the answer would cost it something.
        seen = self.request("GET", "/api/plugin/ticker", params={"event": name}).json()["seen"]
        return dict(seen[0]) if seen else None

    def forget_events(self) -> None:
        """Begins to count anew."""
        self.request("POST", "/api/plugin/ticker", json={"command": "forget"})

    def wait_for_events(self, *names: str, seconds: float = 30.0) -> None:
        """Waits until each of these has come over the bus."""
        until(f"the events {names}", lambda: set(names) <= set(self.seen_events()), seconds=seconds)

    # --- settings -------------------------------------------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        """GET /api/settings as this user sees it."""
        return dict(self.request("GET", "/api/settings").json())

    def set_plugin_settings(self, plugin: str, **values: Any) -> None:
        """Saves settings of a plugin through OctoPrint's own API."""
        self.request("POST", "/api/settings", json={"plugins": {plugin: values}})


def _among(state: str, states: tuple[str, ...]) -> str | None:
    return state if state in states else None
