"""A reverse proxy that puts OctoPrint under a path, as nginx or HAProxy do at people's homes; on the loopback only.

In: where OctoPrint listens, and the path. Out: an address that ends with the path. What is outside of it gets 404.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from types import TracebackType

_HEAD_ENDS = b"\r\n\r\n"
_MOST_HEAD_BYTES = 64 * 1024
_PIECE = 64 * 1024


class ReverseProxy:
    """Serves until it is left. Each request has a connection of its own; what follows it is passed on as it is."""

    def __init__(self, port: int, path: str) -> None:
        outer = self
        self.upstream = ("127.0.0.1", port)
        self.path = path
        self.strays: list[str] = []
        """Paths that were asked for outside of the proxy's own: links that forget where they stand."""

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    outer._pass_on(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{path}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True, name="reverse proxy")

    def __enter__(self) -> ReverseProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _pass_on(self, browser: socket.socket) -> None:
        browser.settimeout(60)
        received = b""
        while _HEAD_ENDS not in received:
            piece = browser.recv(_PIECE)
            if not piece or len(received) > _MOST_HEAD_BYTES:
                return
            received += piece
        head, _, body = received.partition(_HEAD_ENDS)
        first, *headers = head.decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
        if target != self.path and not target.startswith(self.path + "/"):
            self.strays.append(target)
            browser.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        is_socket = any(header.lower().startswith("upgrade:") for header in headers)
        if not is_socket:
            headers = [header for header in headers if not header.lower().startswith("connection:")]
            headers.append("Connection: close")
        headers += [f"X-Script-Name: {self.path}", "X-Scheme: http", "X-Forwarded-For: 127.0.0.1"]
        rewritten = [f"{method} {target[len(self.path) :] or '/'} {version}", *headers]
        with socket.create_connection(self.upstream, timeout=60) as upstream:
            upstream.sendall("\r\n".join(rewritten).encode("latin-1") + _HEAD_ENDS + body)
            back = threading.Thread(target=_copy, args=(browser, upstream), daemon=True)
            back.start()
            _copy(upstream, browser)


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Until the source has said all; then the target is told so."""
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
