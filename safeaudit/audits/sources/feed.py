"""A text by blocks of whole lines, or line by line."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

BLOCK_CHARACTERS = 8_000_000
_BATCH_LINES = 20_000


class Feed:
    """Gives a text by blocks of whole lines, or by lines, and takes lines of the record at hand back if it breaks.

    A block is looked at first (`block`); who can use all of it at once skips it (`skip`), and who cannot asks for its
    lines one by one. Lines that were asked for and not used yet are part of the next block.
    """

    def __init__(self, text: TextIO, newline: str) -> None:
        self.pending: list[str] = []
        self.ended = False
        self.newline = newline
        self._text = text
        self._blocks: deque[str] = deque()
        self._lines: deque[str] = deque()

    def __iter__(self) -> Feed:
        return self

    def __next__(self) -> str:
        if not self._lines:
            self._lines.extend(split_lines(self.block(), self.newline))
            self.skip()
        if not self._lines:
            self.ended = True
            raise StopIteration
        self.pending.append(self._lines.popleft())
        return self.pending[-1]

    def block(self) -> str:
        """Return the next lines as one text, without giving them; empty at the end."""
        # Lines that nobody took go back in front, joined a batch at a time: one join would hold all of them twice.
        untaken = deque[str]()
        while self._lines:
            untaken.append("".join(self._lines.popleft() for _ in range(min(len(self._lines), _BATCH_LINES))))
        self._blocks.extendleft(reversed(untaken))
        if not self._blocks:
            self._blocks.append(self._text.read(BLOCK_CHARACTERS) + self._text.readline())
        return self._blocks[0]

    def skip(self) -> None:
        """Leave out the block that was looked at."""
        self._blocks.popleft()

    def take_back(self) -> None:
        """Keep the first line of the record at hand as pending and give the others once more."""
        self._lines.extendleft(reversed(self.pending[1:]))
        del self.pending[1:]
        self.ended = False


def split_lines(text: str, newline: str, most: int = -1) -> list[str]:
    """Return the lines of a text with their ends, or the first of them."""
    parts = text.split(newline, most)
    last = parts.pop()
    return [part + newline for part in parts] + ([last] if last and most < 0 else [])
