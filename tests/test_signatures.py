"""What others make of our signatures: two libraries for Standard Webhooks, and a receiver that checks GitHub's header.

The engine runs here as the wheel that is installed into OctoPrint, without OctoPrint: a signature knows nothing of it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
import requests
import standardwebhooks
import svix.webhooks

from harness import Received, Receiver, closed_port
from harness.alone import Api
from harness.bounded import until

HEADER = "X-Hub-Signature-256"
SECRET = "ein Geheimnis, 32 letters & more"
REFUSED = (500, "Error occurred while evaluating hook rules.")
"""How adnanh/webhook answers a signature that is wrong. Where there is none, its rule does not match."""

LIBRARIES = {
    "standardwebhooks": (standardwebhooks.Webhook, standardwebhooks.WebhookVerificationError),
    "svix": (svix.webhooks.Webhook, svix.webhooks.WebhookVerificationError),
}


@pytest.fixture(params=LIBRARIES)
def verifies(request: pytest.FixtureRequest) -> Callable[..., bool]:
    """Whether a library believes a request as it came, or with another body, or with other headers."""
    library, error = LIBRARIES[request.param]

    def verifies(key: str, received: Received, body: bytes | None = None, **headers: str) -> bool:
        found = {name.lower(): value for name, value in received.headers}
        found.update({name.replace("_", "-"): value for name, value in headers.items()})
        try:
            library(key).verify(received.body if body is None else body, found)
        except error:
            return False
        return True

    return verifies


def test_libraries_believe_what_we_sign_and_nothing_else(api: Api, receiver: Receiver, verifies: Any) -> None:
    key = api.new_key()
    view = api.create(receiver.url(), signing={"keys": [key]})
    assert api.send(view["hook"])["ok"]
    received = receiver.wait_for_one()
    assert verifies(key, received)
    assert not verifies(api.new_key(), received)
    assert not verifies(key, received, received.body.replace(b"100", b"101"))
    assert not verifies(key, received, received.body + b" ")
    assert not verifies(key, received, webhook_id="019ab6f0-7c1e-7000-8000-000000000001")
    earlier = str(int(received.header("webhook-timestamp") or 0) - 1)
    assert not verifies(key, received, webhook_timestamp=earlier)


def test_a_key_is_rotated_without_a_gap(api: Api, receiver: Receiver, verifies: Any) -> None:
    old, new = api.new_key(), api.new_key()
    view = api.create(receiver.url(), signing={"keys": [old]})
    path = f"/hooks/{view['hook']['id']}"
    for keys, believers in [(None, [old]), ([new, 0], [old, new]), ([0], [new])]:
        hook = api("GET", path)["hook"]
        hook["signing"]["keys"] = keys
        view = api("PUT", path, hook)
        assert api.send(view["hook"])["ok"]
        received = receiver.matching()[-1]
        assert [key for key in (old, new) if verifies(key, received)] == believers


def test_a_second_signature_by_ed25519_is_no_trouble_for_libraries_that_do_not_know_it(
    api: Api, receiver: Receiver, verifies: Any
) -> None:
    key, pair = api.new_key(), api.new_key("ed25519")
    view = api.create(receiver.url(), signing={"keys": [pair, key]})
    assert [found["kind"] for found in view["signing_keys"]] == ["ed25519", "hmac"]
    assert api.send(view["hook"])["ok"]
    received = receiver.wait_for_one()
    assert (received.header("webhook-signature") or "").startswith("v1a,")
    assert verifies(key, received)


def test_without_keys_nothing_is_signed(api: Api, receiver: Receiver) -> None:
    view = api.create(receiver.url())
    assert api.send(view["hook"])["ok"]
    names = {name.lower() for name, _ in receiver.wait_for_one().headers}
    assert not {name for name in names if "signature" in name or name.startswith("webhook-")}


@pytest.fixture
def adnanh(tmp_path: Path) -> Iterator[str]:
    """The address of a hook of adnanh/webhook, which answers the topic to whoever signs with the secret."""
    port = closed_port()
    hook = {
        "id": "printer",
        "execute-command": "/bin/echo",
        "pass-arguments-to-command": [{"source": "payload", "name": "topic"}],
        "include-command-output-in-response": True,
        "trigger-rule-mismatch-http-response-code": 403,
        "trigger-rule": {
            "match": {
                "type": "payload-hmac-sha256",
                "secret": SECRET,
                "parameter": {"source": "header", "name": HEADER},
            }
        },
    }
    hooks = tmp_path / "hooks.json"
    hooks.write_text(json.dumps([hook]), encoding="utf-8")
    command = ["webhook", "-hooks", str(hooks), "-ip", "127.0.0.1", "-port", str(port), "-verbose"]
    with (tmp_path / "webhook.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        address = f"http://127.0.0.1:{port}/hooks/printer"
        try:
            until("the receiver", lambda: process.poll() is None and _answers(address))
            yield address
        finally:
            process.terminate()
            process.wait(10)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).status_code > 0
    except requests.ConnectionError:
        return False


def test_a_receiver_of_others_checks_the_hmac_of_the_body(api: Api, adnanh: str) -> None:
    signing = {"body_signature_header": HEADER, "body_signature_secret": SECRET}
    result = api.send(api.create(adnanh, signing=signing)["hook"])
    assert (result["answer"]["status"], result["answer"]["body"]) == (200, "Print Done\n")
    signing["body_signature_secret"] = "another one"
    result = api.send(api.create(adnanh, signing=signing)["hook"])
    assert (result["answer"]["status"], result["answer"]["body"]) == REFUSED
    assert api.send(api.create(adnanh)["hook"])["answer"]["status"] == 403


def test_a_receiver_of_others_refuses_a_body_that_was_changed(api: Api, adnanh: str, receiver: Receiver) -> None:
    signing = {"body_signature_header": HEADER, "body_signature_secret": SECRET}
    assert api.send(api.create(receiver.url(), signing=signing)["hook"])["ok"]
    received = receiver.wait_for_one()
    headers = {"Content-Type": "application/json", HEADER: received.header(HEADER) or ""}
    passed_on = requests.post(adnanh, received.body, headers=headers, timeout=30)
    assert (passed_on.status_code, passed_on.text) == (200, "Print Done\n")
    changed = received.body.replace(b"Print Done", b"Print Gone")
    refused = requests.post(adnanh, changed, headers=headers, timeout=30)
    assert (refused.status_code, refused.text) == REFUSED
