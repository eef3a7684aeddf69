"""A server on this machine that counts who asks it for anything: no input may make the program ask."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loopback import Handler, serving

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

    class Noting(Handler):
        def answer(self) -> None:
            canary.asked.append(self.path)
            self.send_error(404)

    with serving(Noting, port) as address:
        canary = Canary(address)
        yield canary
