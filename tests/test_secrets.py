"""Secrets that were planted come out nowhere, however things go wrong and whoever asks.

What these tests look at themselves is only a part: `outputs` searches every answer as it comes, and at the end of the
run every log, database and page of every OctoPrint.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any, Callable
from urllib.parse import quote

import pytest

from harness import (
    ADMIN,
    VIEWER,
    Behaviour,
    Client,
    OctoPrintServer,
    Received,
    Receiver,
    Setup,
    Start,
    closed_port,
    draft,
    outputs,
    planted,
)
from harness.browser_socket import BrowserSocket
from harness.client import API

EVENT = "HarnessEvent"
CUSTOM = [{"event": EVENT, "message": "m"}]
DATA = {"key": "@apiSecret", "text": "and @access_token within", "topic": "@topic"}
HEADERS = {"Authorization": f"Bearer {planted.HEADER.text}", "X-Token": "@access_token"}
SIGNING = {
    "keys": [planted.SIGNING_KEY.text],
    "body_signature_header": "X-Hub-Signature-256",
    "body_signature_secret": planted.BODY_SIGNATURE.text,
}
TLS = {"client_certificate": planted.CLIENT_CERTIFICATE, "client_key": planted.CLIENT_KEY.text}


def address(port: int, *, scheme: str = "http", host: str = "127.0.0.1") -> str:
    """An address with a secret in every part that can have one."""
    userinfo = f"user:{planted.PASSWORD.in_url}"
    return f"{scheme}://{userinfo}@{host}:{port}/{planted.PATH.in_url}?key={planted.QUERY.in_url}"


def token_of(receiver: Receiver, answer: Behaviour | None = None) -> dict[str, Any]:
    """The OAuth part of a hook, with an answer that has a token unless told otherwise."""
    good = Behaviour.of_json({"access_token": planted.ACCESS_TOKEN.text, "expires_in": 3600})
    return {
        "enabled": True,
        "url": receiver.answers("/token", answer or good),
        "data": json.dumps({"client_id": "me", "client_secret": planted.OAUTH_CLIENT.text}),
    }


def secrets_of(receiver: Receiver) -> dict[str, Any]:
    """Fields of a hook with a secret of every kind."""
    return {
        "api_secret": planted.API.text,
        "headers": HEADERS,
        "data": DATA,
        "signing": SIGNING,
        "tls": TLS,
        "oauth": token_of(receiver),
        "custom_events": CUSTOM,
        "events": ("print_done",),
    }


def path_of(url: str) -> str:
    """As the receiver sees it."""
    return "/" + url.split("/", 3)[3].partition("?")[0]


def whole(request: Received) -> bytes:
    """A request as a service that wants to help quotes it."""
    head = "".join(f"{name}: {value}\n" for name, value in request.headers)
    return f"{request.method} {request.target}\n{head}\n".encode() + request.body


def as_json(request: Received) -> bytes:
    """With headers read as Latin-1, as many services do."""
    headers = {name: value.encode().decode("latin-1") for name, value in request.headers}
    fields = {"url": request.target, "headers": headers, "body": request.body.decode()}
    return json.dumps(fields).encode()


def percent_encoded(request: Received) -> bytes:
    return quote(as_json(request), safe="").encode()


def decoded(request: Received) -> bytes:
    """What the fields say, each alone and escaped in no way."""
    headers = [value.encode() for _, value in request.headers]
    return b"\n".join(
        [*(str(value).encode() for value in request.json().values()), str(request.query).encode(), *headers]
    )


def in_base64(request: Received) -> bytes:
    return base64.b64encode(as_json(request))


def looked_at_by_all(server: OctoPrintServer, hook_id: str) -> str:
    """All that a hook and its deliveries are shown as, to those who manage hooks and to those who only look."""
    shown: list[Any] = []
    for client in (server.admin, server.client(VIEWER)):
        shown += [hook for hook in client.hooks() if hook["id"] == hook_id]
        shown += [delivery for delivery in client.deliveries() if delivery["hook_id"] == hook_id]
    whole = [server.admin.api("GET", f"/deliveries/{seen['id']}") for seen in shown if "event_id" in seen]
    assert whole
    return json.dumps([*shown, *whole], ensure_ascii=False)


def an_attempt(admin: Client, view: dict[str, Any]) -> dict[str, Any]:
    """A delivery of a hook that has been tried."""

    def tried() -> list[dict[str, Any]]:
        ended = [seen for seen in admin.deliveries() if seen["attempts"] and seen["state"] != "sending"]
        return [seen for seen in ended if seen["hook_id"] == view["hook"]["id"]]

    return dict(admin.wait_for("an attempt", tried)[0])


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("echo", [whole, as_json, percent_encoded, decoded, in_base64])
def test_a_receiver_that_quotes_the_request(
    octoprint: OctoPrintServer, receiver: Receiver, status: int, echo: Callable[[Received], bytes]
) -> None:
    url = address(receiver.port)
    receiver.answers(path_of(url), Behaviour(status=status, echo=echo))
    fields = secrets_of(receiver)
    view = octoprint.admin.create_hook(url, **fields)
    assert [problem for problem in view["problems"] if problem["severity"] == "error"] == []
    octoprint.admin.fire(EVENT, {})
    tried = octoprint.admin.wait_for_delivery(hook_id=view["hook"]["id"], status=status)
    assert tried["answer"], "the answer is kept, with what is secret in it covered"
    assert planted.found_in(looked_at_by_all(octoprint, view["hook"]["id"])) == []
    result = octoprint.admin.test_hook(draft(url, **fields))
    assert result["answer"]["status"] == status
    assert planted.found_in(json.dumps(result)) == []


def test_a_receiver_that_quotes_secrets_in_its_headers(octoprint: OctoPrintServer, receiver: Receiver) -> None:
    url = address(receiver.port)
    headers = {
        "X-Key": planted.API.in_url,
        "X-Url": url,
        "X-Given": base64.b64encode(planted.HEADER.text.encode()).decode(),
    }
    receiver.answers(path_of(url), Behaviour(status=400, headers=headers))
    result = octoprint.admin.test_hook(draft(url, **secrets_of(receiver)))
    assert {"x-key", "x-url", "x-given"} <= {name for name, _ in result["answer"]["headers"]}
    assert planted.found_in(json.dumps(result)) == []


def nobody(receiver: Receiver) -> str:
    return address(closed_port())


def no_tls(receiver: Receiver) -> str:
    return address(receiver.port, scheme="https")


def no_name(receiver: Receiver) -> str:
    return address(80, host="no-such-machine.invalid")


def elsewhere(receiver: Receiver) -> str:
    url = address(receiver.port)
    receiver.answers(path_of(url), Behaviour(status=307, headers={"Location": address(closed_port())}))
    return url


def to_another_scheme(receiver: Receiver) -> str:
    url = address(receiver.port)
    receiver.answers(path_of(url), Behaviour(status=302, headers={"Location": f"ftp://{planted.API.in_url}@x/"}))
    return url


def cut(receiver: Receiver) -> str:
    url = address(receiver.port)
    receiver.answers(path_of(url), Behaviour(mode="reset"))
    return url


@pytest.mark.parametrize("where", [nobody, no_tls, no_name, elsewhere, to_another_scheme, cut])
def test_an_address_that_does_not_work(
    octoprint: OctoPrintServer, receiver: Receiver, where: Callable[[Receiver], str]
) -> None:
    url, fields = where(receiver), secrets_of(receiver)
    view = octoprint.admin.create_hook(url, **fields)
    octoprint.admin.fire(EVENT, {})
    assert an_attempt(octoprint.admin, view)["message"]
    assert planted.found_in(looked_at_by_all(octoprint, view["hook"]["id"])) == []
    result = octoprint.admin.test_hook(draft(url, **fields))
    assert result["headline"]
    assert planted.found_in(json.dumps(result)) == []


@pytest.mark.parametrize("status", [200, 400, 503])
def test_an_oauth_server_that_quotes_what_it_was_given(
    octoprint: OctoPrintServer, receiver: Receiver, status: int
) -> None:
    fields = secrets_of(receiver)
    fields["oauth"] = token_of(
        receiver, Behaviour(status=status, echo=whole, headers={"X-Given": planted.OAUTH_CLIENT.in_url})
    )
    view = octoprint.admin.create_hook(address(receiver.port), **fields)
    octoprint.admin.fire(EVENT, {})
    an_attempt(octoprint.admin, view)
    assert planted.found_in(looked_at_by_all(octoprint, view["hook"]["id"])) == []
    result = octoprint.admin.test_hook(draft(address(receiver.port), **fields))
    assert result["ok"] is False
    assert result["oauth"]["message"]
    assert planted.found_in(json.dumps(result)) == []


BROKEN = {
    "no scheme": {"url": f"127.0.0.1/{planted.PATH.in_url}"},
    "unknown scheme": {"url": f"htp://user:{planted.PASSWORD.in_url}@127.0.0.1/"},
    "slash in the password": {"url": f"http://user:{planted.PASSWORD.text}@127.0.0.1/"},
    "port": {"url": f"http://127.0.0.1:{planted.PASSWORD.in_url}/"},
    "variable in the host": {"url": f"http://@topic/{planted.PATH.in_url}"},
    "header value": {"headers": {"Authorization": f"Bearer {planted.HEADER.text}\nX: y"}},
    "header name": {"headers": {f"X {planted.HEADER.cores[0]}": "x"}},
    "headers": {"headers": f'{{"Authorization": "Bearer {planted.HEADER.cores[0]}"'},
    "data": {"data": f'{{"key": "{planted.QUERY.cores[0]}'},
    "variable": {"data": {"key": f"@nothing.{planted.QUERY.cores[0]}"}},
    "signing key": {"signing": {"keys": [planted.SIGNING_KEY.text[:-3] + "!"]}},
    "certificate": {"tls": {"client_certificate": planted.HEADER.text, "client_key": planted.CLIENT_KEY.text}},
    "authority": {"tls": {"ca": planted.HEADER.text}},
    "client key": {"tls": {"client_certificate": planted.CLIENT_CERTIFICATE, "client_key": planted.API.text}},
    "OAuth data": {"oauth": {"enabled": True, "url": "http://127.0.0.1:9/", "data": planted.OAUTH_CLIENT.text}},
    "OAuth address": {"oauth": {"enabled": True, "url": f"//{planted.OAUTH_CLIENT.in_url}", "data": "{}"}},
}
"""Hooks that cannot be sent, with a secret where they are wrong."""


@pytest.mark.parametrize("fields", BROKEN.values(), ids=BROKEN.keys())
def test_a_mistake_with_a_secret_in_it(octoprint: OctoPrintServer, receiver: Receiver, fields: dict[str, Any]) -> None:
    hook = {
        "url": address(receiver.port),
        "events": (),
        "custom_events": CUSTOM,
        "api_secret": planted.API.text,
    } | fields
    view = octoprint.admin.create_hook(**hook)
    octoprint.admin.fire(EVENT, {})
    octoprint.admin.wait_for_delivery(hook_id=view["hook"]["id"])
    viewer, remembered = octoprint.client(VIEWER), Client.remembered(octoprint.url, ADMIN)
    for client in (viewer, remembered):
        deliveries = [seen for seen in client.deliveries() if seen["hook_id"] == view["hook"]["id"]]
        assert deliveries
        assert planted.found_in(json.dumps([client.hooks(), deliveries, client.status()])) == []
    for told in (octoprint.admin.check(draft(**hook)), octoprint.admin.test_hook(draft(**hook))):
        assert planted.write_only_found_in(json.dumps(told)) == []
    octoprint.admin.request("POST", f"{API}/preview", json={"hook": draft(**hook), "event": EVENT}, expect=None)
    for whom in (viewer, remembered):
        for path in ("/preview", "/test"):
            whom.request("POST", API + path, json={"hook": draft(**hook), "event": EVENT}, expect=403)
    deliveries = [seen for seen in octoprint.admin.deliveries() if seen["hook_id"] == view["hook"]["id"]]
    assert planted.found_in(json.dumps(deliveries)) == []


def test_a_search_says_nothing_to_those_who_do_not_see_answers(octoprint: OctoPrintServer, receiver: Receiver) -> None:
    url = address(receiver.port)
    answer = f"refused: {planted.ANSWERED.text} for {planted.API.text}"
    receiver.answers(path_of(url), Behaviour(status=400, body=answer.encode()))
    view = octoprint.admin.create_hook(url, **secrets_of(receiver))
    octoprint.admin.fire(EVENT, {})
    octoprint.admin.wait_for_delivery(hook_id=view["hook"]["id"], status=400)

    # OctoPrint itself logs the addresses that it is asked for, so no secret is searched for as a whole.
    def finds(client: Client, text: str) -> bool:
        asked = {"text": text, "hook": view["hook"]["id"]}
        return bool(client.api("GET", "/deliveries", params=asked)["deliveries"])

    viewer, remembered = octoprint.client(VIEWER), Client.remembered(octoprint.url, ADMIN)
    assert finds(octoprint.admin, planted.ANSWERED.text[:-2]), "who manages hooks searches in answers"
    assert finds(viewer, "Custom"), "who looks searches in what is shown"
    for client in (viewer, remembered):
        assert not finds(client, planted.ANSWERED.text[:-2])
        for secret in planted.ALL:
            for core in secret.cores:
                for length in (4, 8, len(core) - 2):
                    assert not finds(client, core[:length]), f"{secret.name}: {core[:length]}"
    for secret in planted.ALL:
        if secret is not planted.ANSWERED:
            assert not finds(octoprint.admin, secret.cores[0][:-2]), secret.name


def test_what_browsers_are_told_and_what_is_logged_at_debug(start: Start, receiver: Receiver) -> None:
    loggers = ("octoprint.plugins.webhooks", "octoprint.plugin", "octohooks", "tornado.access")
    server = start(Setup(log_levels=dict.fromkeys(loggers, "DEBUG")))
    fields = secrets_of(receiver)
    quoting = address(receiver.port)
    receiver.answers(path_of(quoting), Behaviour(status=400, echo=whole))
    with BrowserSocket(server.url, VIEWER) as viewer, BrowserSocket(server.url, ADMIN) as manager:
        for url in (address(closed_port()), address(receiver.port, scheme="https"), quoting):
            server.admin.create_hook(url, name="planted", **fields)
        server.admin.fire(EVENT, {})
        server.admin.test_hook(draft(quoting, **fields))
        for socket in (viewer, manager):
            assert socket.wait_for_delivery(status=400)["answer"] is None
            assert planted.found_in(socket.heard()) == []
    server.stop()
    assert any(record.level == "DEBUG" for record in server.log_records())
    assert outputs.search(server.folder) == []


def test_a_proxy_that_quotes_its_password(start: Start, receiver: Receiver) -> None:
    through = f"http://user:{planted.PROXY.in_url}@127.0.0.1:{receiver.port}"
    server = start(Setup(), http_proxy=through, no_proxy="127.0.0.1,localhost")
    proxied = "http://behind-the-proxy.invalid/hook"
    receiver.answers("/hook", Behaviour(status=502, echo=whole))
    view = server.admin.create_hook(proxied, events=(), custom_events=CUSTOM)
    server.admin.fire(EVENT, {})
    assert receiver.wait_for_one("/hook").header("Proxy-Authorization"), "it went through the proxy"
    assert an_attempt(server.admin, view)["status"] == 502
    result = server.admin.test_hook(draft(proxied))
    assert planted.found_in(json.dumps(result)) == []
    server.stop()
    assert outputs.search(server.folder) == []


def test_a_proxy_that_cannot_be_reached(start: Start, once: None) -> None:
    through = f"http://user:{planted.PROXY.in_url}@127.0.0.1:{closed_port()}"
    server = start(Setup(), http_proxy=through, no_proxy="127.0.0.1,localhost")
    view = server.admin.create_hook("http://behind-the-proxy.invalid/hook", events=(), custom_events=CUSTOM)
    server.admin.fire(EVENT, {})
    assert an_attempt(server.admin, view)["message"]
    assert planted.found_in(looked_at_by_all(server, view["hook"]["id"])) == []


@pytest.mark.parametrize("secret", planted.ALL, ids=lambda secret: secret.name)
def test_the_search_finds_every_form(once: None, secret: planted.Secret, tmp_path: Path) -> None:
    for text in (secret.text, *secret.cores):
        for form, planted_form in planted.forms(text).items():
            before = b"" if form == "UTF-16" else b"something before "
            assert planted.found_in(before + planted_form + b" and after"), form
    for shift in range(3):
        around = b"x" * shift + secret.text.encode() + b" and after"
        assert planted.found_in(base64.b64encode(around)), shift
        assert planted.found_in(base64.urlsafe_b64encode(around)), shift
    assert bool(planted.write_only_found_in(secret.text)) is secret.write_only


def test_the_search_finds_what_was_put_into_each_kind_of_output(once: None, tmp_path: Path) -> None:
    secret = planted.API
    assert planted.found_in("an ordinary text with nothing in it") == []
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "octoprint.log").write_text(f"Sent to {secret.in_url}")
    state = tmp_path / "data" / "webhooks" / "state"
    state.mkdir(parents=True)
    with sqlite3.connect(state / "journal.db") as database:
        database.execute("create table log (id integer, answer text)")
        # Long enough to be in several pages of the file.
        database.execute("insert into log values (1, ?)", ["x" * 4060 + secret.text + "x" * 9000])
    database.close()
    with zipfile.ZipFile(tmp_path / "backup.zip", "w") as archive:
        archive.writestr("basedir/data/webhooks/hooks.json", secret.text)
        archive.writestr("basedir/console.log", secret.text)
    (tmp_path / "data" / "webhooks" / "hooks.json").write_text(secret.text)
    (tmp_path / "config.yaml").write_text(secret.text)
    found = {leak.partition(": ")[0].replace(str(tmp_path), "") for leak in outputs.search(tmp_path)}
    assert found == {"/logs/octoprint.log", "/data/webhooks/state/journal.db", "/backup.zip, basedir/console.log"}


def test_an_answer_with_a_secret_is_told_of(once: None) -> None:
    hook = f"{API}/hooks/some-id"
    outputs.answered("admin", True, "GET", hook, planted.HEADER.text.encode())
    outputs.answered("admin", True, "GET", f"{API}/deliveries", planted.ANSWERED.text.encode())
    assert outputs.told() == []
    for sees_all, path, secret in (
        (False, hook, planted.HEADER),
        (True, hook, planted.API),
        (True, f"{API}/hooks", planted.SIGNING_KEY),
        (True, f"{API}/status", planted.HEADER),
        (False, f"{API}/deliveries", planted.ANSWERED),
        (True, f"{API}/deliveries", planted.HEADER),
        (True, "/api/settings", planted.OLD_HEADER),
    ):
        outputs.answered(f"somebody {path}", sees_all, "GET", path, json.dumps(secret.text).encode())
        assert [leak for leak in outputs.told() if secret.name in leak], path
