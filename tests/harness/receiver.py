"""A receiver for webhooks that remembers every byte, and that can be as rude as real ones are."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Part:
    """One part of a multipart body."""

    name: str
    filename: str | None
    content_type: str | None
    body: bytes

    @property
    def text(self) -> str:
        """The part as text."""
        return self.body.decode()


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    answered: int | None = None
    """The status of the answer, where one is given at once."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's pairs, in order, empty values included."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True, strict_parsing=True)

    def header(self, name: str) -> str | None:
        """The one value of a header; a header that came twice is an error."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def form(self) -> list[tuple[str, str]]:
        """The body as form data, in order."""
        return parse_qsl(self.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)

    def multipart(self) -> dict[str, Part]:
        """The body's parts by name."""
        content_type = self.header("Content-Type") or ""
        assert content_type.startswith("multipart/form-data"), content_type
        boundary = content_type.partition("boundary=")[2].strip('"').encode()
        assert boundary, content_type
        pieces = (b"\r\n" + self.body).split(b"\r\n--" + boundary)
        assert pieces[0] == b"", "text before the first boundary"
        assert pieces[-1].rstrip(b"\r\n") == b"--", "no closing boundary"
        parts = [_part(piece) for piece in pieces[1:-1]]
        assert len({part.name for part in parts}) == len(parts), "a part came twice"
        return {part.name: part for part in parts}


def _part(piece: bytes) -> Part:
    head, _, body = piece.lstrip(b"\r\n").partition(b"\r\n\r\n") if piece.startswith(b"\r\n") else (b"", b"", b"")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    fields = {key.lower(): value for key, value in fields.items()}
    disposition = dict(
        item.strip().split("=", 1) for item in fields["content-disposition"].split(";")[1:] if "=" in item
    )
    unquoted = {key: value.strip('"') for key, value in disposition.items()}
    return Part(unquoted["name"], unquoted.get("filename"), fields.get("content-type"), body)


@dataclass
class Behaviour:
    """How a path answers."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    mode: str = "answer"
    """`answer`, `never` (reads, stays silent), `drip` (a byte of the answer a second) or `reset` (cuts it)."""
    takes_seconds: float = 0.0
    """How long the answer takes."""
    echo: Callable[[Received], bytes] | None = None
    """Makes the answer's body of the request."""
    gate: threading.Event | None = None
    """The answer waits until this is set."""

    @classmethod
    def of_json(cls, value: Any, status: int = 200) -> Behaviour:
        """Answers JSON."""
        return cls(status=status, body=json.dumps(value).encode(), headers={"Content-Type": "application/json"})


class Receiver:
    """Listens on a free port of the loopback interface, one thread per connection, until closed."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.closing = threading.Event()
        self._changed = threading.Condition()
        self._behaviours: dict[str, list[Behaviour]] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/") -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def answers(self, path: str, *behaviours: Behaviour) -> str:
        """Sets how a path answers: each behaviour once in turn, the last one for good. Returns the path's address."""
        with self._changed:
            self._behaviours[path] = list(behaviours)
        return self.url(path)

    def behaviour(self, path: str) -> Behaviour:
        """The behaviour whose turn it is."""
        with self._changed:
            script = self._behaviours.get(path)
            if not script:
                return Behaviour()
            return script.pop(0) if len(script) > 1 else script[0]

    def record(self, request: Received) -> None:
        """Keeps a request and wakes whoever waits for it."""
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    def matching(self, path: str | None = None, where: Callable[[Received], bool] | None = None) -> list[Received]:
        """What has come so far, to one path and with one property if asked so."""
        with self._changed:
            return [seen for seen in self.requests if path in (None, seen.path) and (where is None or where(seen))]

    def wait_for(
        self,
        path: str | None = None,
        *,
        count: int = 1,
        where: Callable[[Received], bool] | None = None,
        timeout: float = 30.0,
    ) -> list[Received]:
        """Waits until `count` such requests have come and returns all; says what came instead when they do not."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while len(found := self.matching(path, where)) < count:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(
                        f"{len(found)} of {count} requests came to {path}; all that came:\n{self.summary()}"
                    )
                self._changed.wait(left)
            return found

    def wait_for_one(self, path: str | None = None, **options: Any) -> Received:
        """The first such request."""
        return self.wait_for(path, **options)[0]

    def summary(self) -> str:
        """All that came, a line each."""
        with self._changed:
            lines = [f"  {seen.method} {seen.target[:100]} {seen.body[:200]!r}" for seen in self.requests[-40:]]
        return "\n".join(lines) or "  (nothing)"

    def __iter__(self) -> Iterator[Received]:
        return iter(self.matching())


def _as_sent(value: str) -> str:
    """A header's value as UTF-8, which is what is sent; http.server reads Latin-1."""
    return value.encode("latin-1").decode(errors="replace")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    receiver: Receiver

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _Server

    def _serve(self) -> None:
        receiver = self.server.receiver
        headers = tuple((name, _as_sent(value)) for name, value in self.headers.items())
        body = self._body()
        behaviour = receiver.behaviour(urlsplit(self.path).path)
        answered = behaviour.status if behaviour.mode == "answer" else None
        request = Received(self.command, self.path, headers, body, answered)
        receiver.record(request)
        if behaviour.takes_seconds:
            receiver.closing.wait(behaviour.takes_seconds)
        if behaviour.gate is not None:
            behaviour.gate.wait(60)
        if behaviour.mode == "never":
            receiver.closing.wait(120)
            self.close_connection = True
        elif behaviour.mode == "reset":
            self._reset()
        else:
            body = behaviour.body if behaviour.echo is None else behaviour.echo(request)
            self._answer(behaviour.status, behaviour.headers, body, drips=behaviour.mode == "drip")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve  # noqa: N815 - http.server's names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, headers: dict[str, str], body: bytes, *, drips: bool) -> None:
        reason = self.responses.get(status, ("",))[0]
        head = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        answer = ("\r\n".join(head) + "\r\n\r\n").encode() + body
        if drips:
            for byte in answer:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.server.receiver.closing.wait(1):
                    break
            self.close_connection = True
        else:
            self.wfile.write(answer)
            self.wfile.flush()

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RD)
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Silent: the requests are kept, not printed."""


def closed_port() -> int:
    """A port of the loopback interface on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
