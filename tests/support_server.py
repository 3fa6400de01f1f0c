"""A server on this machine for tests of fetching: it serves what it is told, faults included."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    form: Mapping[str, list[str]]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer, and how it goes wrong, if it does."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None  # bytes; then the connection is closed
    drip_s: float = 0.0  # from one byte to the next
    silent_s: float = 0.0  # before the first byte


PAGE = Reply(b"<!DOCTYPE html><html><body>Sign in to the proxy</body></html>")
BROKEN_JSON = Reply(b'[{"category": "robbery", ')
TOO_MANY = Reply(status=429, headers={"Retry-After": "3"})
TOO_MUCH = Reply(status=503)
TIMED_OUT = Reply(status=504)

Answer = Callable[[Asked], Reply]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking for the machine's name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])


class LocalServer:
    """Answers each request by ``answer``, after the replies in ``first`` are used up.

    ``asked`` holds all requests in the order in which they came.
    """

    def __init__(self) -> None:
        self.answer: Answer = lambda _asked: Reply(status=404)
        self.first: list[Reply] = []
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def reply_to(self, asked: Asked) -> Reply:
        """What it says to a request."""
        with self._lock:
            self.asked.append(asked)
            if self.first:
                return self.first.pop(0)
        return self.answer(asked)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(server: LocalServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            form = parse_qs(sent.decode("utf-8", "replace"))
            asked = Asked(
                self.command, parts.path, parse_qs(parts.query), form, dict(self.headers.items())
            )
            reply = server.reply_to(asked)
            time.sleep(reply.silent_s)
            try:
                self._send(reply)
            except OSError:  # the other side has gone
                self.close_connection = True

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
            if reply.drip_s:
                for at in range(len(body)):
                    self.wfile.write(body[at : at + 1])
                    self.wfile.flush()
                    time.sleep(reply.drip_s)
            else:
                self.wfile.write(body)
            if reply.cut_after is not None:
                self.wfile.flush()
                self.close_connection = True

    return Handler
