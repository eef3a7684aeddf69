"""A server on loopback that answers as it is told, and remembers who asked what."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer; `lacking` bytes are promised and never sent."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    lacking: int = 0


def as_json(document: object, **more: Any) -> Reply:
    """Return a document as an answer."""
    return Reply(body=json.dumps(document).encode(), **more)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Stub:
    """Answers by path, one after the other, the last one again and again; and what was asked so far."""

    address: str
    answers: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def reply(self, asked: Asked) -> Reply:
        """Return the next answer for a path."""
        self.asked.append(asked)
        left = self.answers.get(asked.path, [Reply(status=404, body=b"nothing here")])
        return left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def stub_server() -> Iterator[Stub]:
    """Give a server that runs until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(
                method=self.command, path=parts.path, query=query, headers=dict(self.headers.items()), body=body
            )
            reply = stub.reply(asked)
            time.sleep(reply.delay_s)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) + reply.lacking))
            self.end_headers()
            try:
                self.wfile.write(reply.body)
            except OSError:  # who asked has gone
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub = Stub(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
