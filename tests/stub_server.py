"""A server on loopback that answers as it is told, and remembers who asked what."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from loopback import Handler, serving

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

    class Answering(Handler):
        def answer(self) -> None:
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

    with serving(Answering) as address:
        stub = Stub(address)
        yield stub
