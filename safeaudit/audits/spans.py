"""Columns of text as spans of bytes: a million cells need no million objects until somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_WORD_BYTES = 8
_BATCH = 50_000
"""Cells that are made into objects at once: what that takes on the way stays small."""
_PADDING = bytes(32)
"""Cells can be looked at as many bytes at once."""
_MASKS = np.array([(1 << 8 * length) - 1 for length in range(_WORD_BYTES + 1)], dtype=np.uint64)
"""For 0 to 8 bytes, the number that keeps as many of the lowest bytes of a word."""


def padded(text: str) -> NDArray[np.uint8]:
    """Return a text in UTF-8, followed by the zeros that `Spans` may look at."""
    return np.frombuffer(text.encode("utf-8", "surrogatepass") + _PADDING, dtype=np.uint8)


class Spans(NamedTuple):
    """A column of text.

    Attributes
    ----------
    signs
        A text in UTF-8, as `padded` gives it.
    start, stop
        Where each cell begins and ends in it, shape (n,).
    """

    signs: NDArray[np.uint8]
    start: NDArray[np.integer[Any]]
    stop: NDArray[np.integer[Any]]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Spans:
        """Return texts as spans."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        stop = np.cumsum([0, *map(len, encoded)])
        return cls(np.frombuffer(b"".join((*encoded, _PADDING)), dtype=np.uint8), stop[:-1], stop[1:])

    @classmethod
    def empty(cls, n: int) -> Spans:
        """Return n empty texts."""
        nowhere = np.zeros(n, dtype=np.int64)
        return cls(np.frombuffer(_PADDING, dtype=np.uint8), nowhere, nowhere)

    @classmethod
    def unpacked(cls, packed: bytes | bytearray, length: NDArray[np.integer[Any]]) -> Spans:
        """Return the cells that `packed` laid one after the other."""
        stop = np.cumsum(length, dtype=np.int64)
        return cls(np.frombuffer(packed + _PADDING, dtype=np.uint8), stop - length, stop)

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.start)

    @property
    def length(self) -> NDArray[np.integer[Any]]:
        """Bytes of each cell, shape (n,)."""
        return self.stop - self.start

    def at(self, rows: Any) -> Spans:
        """Return some of the cells."""
        return Spans(self.signs, self.start[rows], self.stop[rows])

    def packed(self) -> NDArray[np.uint8]:
        """Return the bytes of the cells one after the other, and nothing else."""
        # Byte k of the result, if it belongs to cell i, stands at start[i] + (k - bytes of all cells before i).
        length = self.length
        before = np.cumsum(length) - length
        return self.signs[np.repeat(self.start - before, length) + np.arange(length.sum())]

    def texts(self) -> NDArray[np.object_]:
        """Return the cells as objects, shape (n,)."""
        if not self.length.any():
            return np.full(self.size, "", dtype=object)
        batches = (self.at(slice(begin, begin + _BATCH)).split() for begin in range(0, self.size, _BATCH))
        texts: NDArray[np.object_] = np.array(list(chain.from_iterable(batches)), dtype=object)
        return texts

    def split(self) -> list[str]:
        """Return the cells as a list; `texts` does so for many."""
        # All cells are decoded in one go, with a zero behind each to split them by: one call instead of one a cell.
        # As in `packed`, but each cell takes one sign more: whatever follows it, made zero.
        ends = np.cumsum(self.length + 1)
        signs = self.signs[np.repeat(self.stop + 1 - ends, self.length + 1) + np.arange(ends[-1])]
        signs[ends - 1] = 0
        texts = signs.tobytes().decode("utf-8", "surrogatepass").split("\0")[:-1]
        if len(texts) == self.size:
            return texts
        raw = self.signs.tobytes()  # a cell holds a zero itself: one after the other
        return [raw[a:b].decode("utf-8", "surrogatepass") for a, b in zip(self.start, self.stop, strict=True)]

    def windows(self, width: int) -> NDArray[np.uint8]:
        """Return the first bytes of each cell and whatever follows them, shape (width, n); width at most 32."""
        # The bytes are seen as one overlapping item of this width at each place; of these, those where cells start.
        places = len(self.signs) - width + 1
        items = np.ndarray((places,), dtype=f"V{width}", buffer=self.signs, strides=(1,))[self.start]
        return np.ascontiguousarray(items.view(np.uint8).reshape(self.size, width).T)

    def words(self) -> NDArray[np.uint64]:
        """Return the first eight bytes of each cell as a number, zeros behind its end, shape (n,)."""
        # As in `windows`; little-endian: the first byte is the lowest, and a mask cuts off what follows the cell.
        places = len(self.signs) - _WORD_BYTES + 1
        items = np.ndarray((places,), dtype=f"V{_WORD_BYTES}", buffer=self.signs, strides=(1,))[self.start]
        return items.view("<u8") & _MASKS[np.minimum(self.length, _WORD_BYTES)]

    def starting(self, prefix: str) -> NDArray[np.bool_]:
        """Say of each cell whether it starts with up to eight letters of ASCII, shape (n,)."""
        head = self._replace(stop=np.minimum(self.stop, self.start + len(prefix)))
        return head.words() == int.from_bytes(prefix.encode(), "little")

    def without(self, prefix: str) -> Spans:
        """Return the cells without a prefix; see `starting`."""
        return self._replace(start=self.start + len(prefix) * self.starting(prefix))

    def may_be_stripped(self) -> bool:
        """Say whether a cell may begin or end with blanks: with anything else than a printed sign of ASCII."""
        # Beyond ASCII a byte alone does not tell a blank from a letter, so it may be one.
        edges = np.stack([self.signs[self.start], self.signs[self.stop - 1]])[:, self.length > 0]
        return bool(((edges < ord("!")) | (edges > ord("~"))).any())

    def hashes(self) -> NDArray[np.uint64]:
        """Return 64 bits for each cell, shape (n,), that its text alone decides; 0 for the empty text."""
        # Each turn mixes in eight bytes more of the cells that have as many; the length goes in first, for zeros stand
        # behind the end of a cell and would else be as good as those that end it.
        length = self.length
        longest = int(length.max(initial=0))
        hashes = mixed(length.astype(np.uint64))
        for done in range(0, longest, _WORD_BYTES):
            rows = np.flatnonzero(length > done) if length.min() <= done else slice(None)
            rest = Spans(self.signs, self.start[rows] + done, self.stop[rows])
            hashes[rows] = mixed(hashes[rows] ^ rest.words())
        return np.where(length == 0, np.uint64(0), hashes)

    def distinct(self) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        """Return the number of each cell's text, shape (n,), and the texts once each."""
        length = self.length
        longest = int(length.max(initial=0))
        if longest <= 1:
            # Single signs, as levels are, number themselves: an empty cell counts as sign 0.
            signs = (self.signs[self.start] * length).astype(np.intp)
            occurs = np.bincount(signs, minlength=256) > 0
            texts = np.array([chr(sign) if sign else "" for sign in np.flatnonzero(occurs)], dtype=object)
            return (np.cumsum(occurs) - 1)[signs], texts
        # Up to eight bytes are their own key; of longer cells the hash is. Two texts of one hash are not to be expected
        # among as many as a disk holds.
        codes, keys = pd.factorize(self.words() if longest <= _WORD_BYTES else self.hashes())
        # Where a place is written several times, the last writing stays: backwards, that is the first row of each text.
        first = np.zeros(len(keys), dtype=np.intp)
        first[codes[::-1]] = np.arange(self.size)[::-1]
        return codes, self.at(first).texts()


class Block(Sequence["NDArray[np.object_]"]):
    """Columns of cells in one text; as a sequence, each is made of texts when it is asked for."""

    def __init__(
        self, signs: NDArray[np.uint8], start: NDArray[np.integer[Any]], stop: NDArray[np.integer[Any]]
    ) -> None:
        """Take the spans of cells, each of shape (columns, n)."""
        self._signs, self._start, self._stop = signs, start, stop
        self._texts: dict[int, NDArray[np.object_]] = {}

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], width: int) -> Block:
        """Return rows of texts as a block."""
        cells = Spans.of(cell for row in rows for cell in row)
        return cls(cells.signs, cells.start.reshape(-1, width).T, cells.stop.reshape(-1, width).T)

    def __len__(self) -> int:
        return len(self._start)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._start.shape[1]

    @overload
    def __getitem__(self, column: int) -> NDArray[np.object_]: ...
    @overload
    def __getitem__(self, column: slice) -> list[NDArray[np.object_]]: ...
    def __getitem__(self, column: int | slice) -> NDArray[np.object_] | list[NDArray[np.object_]]:
        if isinstance(column, slice):
            return [self[at] for at in range(len(self))[column]]
        if column not in self._texts:
            self._texts[column] = self.spans(column).texts()
        return self._texts[column]

    def spans(self, column: int) -> Spans:
        """Return a column."""
        return Spans(self._signs, self._start[column], self._stop[column])

    def row(self, at: int) -> list[str]:
        """Return the texts of a row."""
        return list(Spans(self._signs, self._start[:, at], self._stop[:, at]).texts())

    def at(self, rows: Any) -> Block:
        """Return some of the rows."""
        return Block(self._signs, self._start[:, rows], self._stop[:, rows])


def mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread 64 bits over 64 bits: the finaliser of splitmix64."""
    bits = bits ^ (bits >> np.uint64(30))
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits
