"""What OctoPrint tells a browser that has a page open: its socket, by the transport that needs plain HTTP only."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import requests

from harness import outputs
from harness.bounded import until
from harness.client import Client, User

_POLL_SECONDS = 40.0
"""OctoPrint says something at least every 25 s."""


class BrowserSocket:
    """Listens as a user until it is closed. What came is searched for planted secrets."""

    def __init__(self, url: str, user: User) -> None:
        self.user = user
        self._client = Client.logged_in(url, user)
        self._address = f"{url}/sockjs/000/{uuid.uuid4().hex}"
        self._heard: list[str] = []
        self._messages: list[dict[str, Any]] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True, name=f"socket of {user.name}")

    def __enter__(self) -> BrowserSocket:
        login = self._client.request("POST", "/api/login", json={"passive": True}).json()
        assert self._client.session.post(f"{self._address}/xhr", timeout=_POLL_SECONDS).text == "o\n"
        self._thread.start()
        message = json.dumps({"auth": f"{login['name']}:{login['session']}"})
        requests.post(f"{self._address}/xhr_send", data=json.dumps([message]), timeout=10).raise_for_status()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()

    def heard(self) -> str:
        """All that came so far."""
        return "".join(self._heard)

    def wait_for_delivery(self, **fields: Any) -> dict[str, Any]:
        """Waits for news of a delivery with such fields."""

        def look() -> dict[str, Any] | None:
            told = [message.get("plugin", {}).get("data", {}).get("delivery", {}) for message in list(self._messages)]
            return next((delivery for delivery in told if fields.items() <= delivery.items()), None)

        try:
            return until(f"a delivery with {fields} at the socket of {self.user.name}", look)
        except AssertionError as error:
            raise AssertionError(f"{error}; what came:\n{self.heard()[-3000:]}") from error

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                text = self._client.session.post(f"{self._address}/xhr", timeout=_POLL_SECONDS).content.decode()
            except requests.RequestException:
                return  # OctoPrint has ended.
            self._heard.append(text)
            frames = [line[1:] for line in text.split("\n") if line.startswith("a")]
            self._messages += [message for frame in frames for message in json.loads(frame)]
            outputs.note(f"socket of {self.user.name}", text)
