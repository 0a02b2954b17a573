"""Receivers that others wrote: Node-RED, and Apprise's own library. What a service sends is what they take."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import apprise
import pytest
import requests
from apprise.attachment.memory import AttachMemory

from harness import Behaviour, Received, Receiver
from harness.alone import Api
from harness.node_red import PASSWORD, USER, is_installed, node_red
from harness.webcam import picture

JPEG = picture((64, 48))

# Apprise looks for a module of the standard library by importing it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not is_installed():
        pytest.skip("Node-RED is not here: it needs Node.js, npm, and `make .cache/stamps/node-red`")
    with node_red(tmp_path_factory.mktemp("node-red")) as address:
        yield address


def test_a_flow_of_node_red_has_all_that_is_known(api: Api, flow: str) -> None:
    hook = api.drafted("node_red", {"address": flow, "user": USER, "password": PASSWORD})
    seen = _seen(api.send(hook))
    assert (seen["payload"]["topic"], seen["payload"]["event"]) == ("Print Done", "PrintDone")
    assert seen["payload"]["extra"]["name"] == "benchy.gcode", "what is nested arrives nested"
    assert seen["files"] == []


def test_a_flow_of_node_red_has_the_picture_as_a_file(api: Api, flow: str) -> None:
    hook = api.drafted("node_red", {"address": flow, "user": USER, "password": PASSWORD}, picture=True)
    seen = _seen(api.send(hook, JPEG))
    assert seen["payload"]["message"] == "Your print is done."
    [file] = seen["files"]
    assert (file["fieldname"], file["originalname"], file["mimetype"]) == ("picture", "snapshot.jpg", "image/jpeg")
    assert base64.b64decode(file["base64"]) == JPEG


def test_node_red_lets_nobody_in_without_the_password(api: Api, flow: str) -> None:
    hook = api.drafted("node_red", {"address": flow, "user": USER, "password": "another"})
    result = api.send(hook)
    assert (result["ok"], result["answer"]["status"]) == (False, 401)
    assert "credentials" in result["headline"]


def _seen(result: Any) -> Any:
    assert result["ok"], result["headline"]
    return json.loads(result["answer"]["body"])


def test_apprise_takes_what_an_apprise_api_is_sent(api: Api, receiver: Receiver) -> None:
    receiver.answers("/notify/printer", Behaviour(echo=lambda request: _notify(request, receiver.url("/told"))))
    hook = api.drafted("apprise", {"address": receiver.url("/notify/printer"), "tag": "phone"})
    assert api.send(hook)["ok"]
    told = receiver.wait_for_one("/told").json()
    assert (told["title"], told["message"], told["type"]) == ("Print Done", "Your print is done.", "info")
    assert told["attachments"] == []


def test_apprise_takes_the_picture_of_an_apprise_api(api: Api, receiver: Receiver) -> None:
    receiver.answers("/notify/printer", Behaviour(echo=lambda request: _notify(request, receiver.url("/told"))))
    hook = api.drafted("apprise", {"address": receiver.url("/notify/printer"), "tag": "phone"}, picture=True)
    assert api.send(hook, JPEG)["ok"]
    told = receiver.wait_for_one("/told").json()
    assert told["message"] == "Your print is done."
    [attached] = told["attachments"]
    assert base64.b64decode(attached["base64"]) == JPEG
    assert attached["mimetype"] == "image/jpeg"


def _notify(request: Received, address: str) -> bytes:
    """What Apprise's API server does with a request: fields and files go to Apprise as they came."""
    if (request.header("Content-Type") or "").startswith("multipart/"):
        parts = request.multipart()
        fields = {name: part.text for name, part in parts.items() if part.filename is None}
        files = [part for part in parts.values() if part.filename is not None]
    else:
        fields, files = request.json(), []
    attachments = apprise.AppriseAttachment()
    for file in files:
        attachments.add(AttachMemory(file.body, name=file.filename, mimetype=file.content_type))
    target = apprise.Apprise()
    assert target.add(f"json://{urlsplit(address).netloc}{urlsplit(address).path}", tag="phone")
    was_sent = target.notify(
        title=fields["title"],
        body=fields["body"],
        notify_type=apprise.NotifyType(fields["type"]),
        body_format=apprise.NotifyFormat(fields["format"]),
        tag=fields["tag"],
        attach=attachments,
    )
    assert was_sent, "Apprise refused it"
    return b'{"error": null}'


PASTED = {
    "discord": "discord://1187654321098765432/" + "k3Y_-" * 13,
    "slack": "slack://T0123456/B0123456/abcdefghijklmnopqrstuvwx",
    "telegram": "tgram://123456789:AAFabcdefghijklmnopqrstuvwxyz012345/-1001234567890",
    "ntfy": "ntfy://my-printer-f3k9x2",
    "pushover": "pover://uQiRzpo4DXghDmr9QzzfQu27cmVRsG@azGDORePK8gMaC0QOYAMyEEuzJnyUi",
    "gotify": "gotifys://gotify.example.com/AFk3s3cr3tTokeN",
    "google_chat": "gchat://AAAAabc/AIzaSyKEY/s3cr3t-token",
    "pushbullet": "pbul://o.s3cr3tTOKENabcdefghijklmn",
    "prowl": "prowl://" + "8f7e" * 10,
    "ifttt": "ifttt://dGhpc2lzYXNlY3JldGtleQ@printer",
}
"""Addresses of Apprise's that people have; what becomes of them is the business of Apprise's own parser as well."""


@pytest.mark.parametrize("service", PASTED)
def test_an_address_of_apprise_leads_where_apprise_sends(
    api: Api, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = api("POST", "/services/recognise", {"text": PASTED[service]})
    assert found["service"] == service
    hook = api.drafted(service, found["answers"])
    ours = hook["url"].replace("@apiSecret", hook.get("api_secret") or "")
    ours = urlsplit(ours.replace("@deviceIdentifier", hook["device_identifier"]))

    asked = []

    def remember(_: object, method: str, url: str, **__: object) -> None:
        asked.append((method, url))
        raise requests.ConnectionError("nobody is there")

    monkeypatch.setattr(requests.Session, "request", remember)
    target = apprise.Apprise()
    assert target.add(PASTED[service]), "Apprise does not know it"
    assert not target.notify(title="t", body="b")
    theirs = urlsplit(asked[0][1])
    assert (asked[0][0].upper(), theirs.netloc, theirs.path.rstrip("/")) == ("POST", ours.netloc, ours.path.rstrip("/"))
