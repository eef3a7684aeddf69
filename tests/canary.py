"""A server on this machine that counts who asks it for anything: no input may make the program ask."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Canary:
    """The server's address and the paths that were asked for."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def listening(port: int = 0) -> Iterator[Canary]:
    """Run the server, on any free port unless one is named."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            canary.asked.append(self.path)
            self.send_error(404)

        do_GET = do_HEAD = do_POST = answer  # noqa: N815 - the names that the standard library calls

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    canary = Canary(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield canary
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
