"""Columns that grow chunk by chunk while files stream by: no more memory than they hold, and no copy at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from safeaudit.audits.normalise.cells import Coded, constant, is_constant, looked_up
from safeaudit.audits.spans import Spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from safeaudit.audits.normalise.reading import Columns


class Ledger:
    """Columns of any kind, by name; each grows for itself."""

    def __init__(self, no_rows: Columns, shaped: Callable[[Columns, int], Columns]) -> None:
        """Take the columns of a chunk without a row, and what is written of a chunk that n rows stand before."""
        self._rows = 0
        self._shaped = shaped
        self._columns = {name: _growing(column) for name, column in shaped(no_rows, 0).items()}

    def add(self, chunk: Columns) -> None:
        """Write a chunk down."""
        for name, column in self._shaped(chunk, self._rows).items():
            self._columns[name].add(column)
        self._rows += len(chunk["line"])

    def columns(self) -> Columns:
        """Return what was written, by name, and keep none of it."""
        return {name: self._columns.pop(name).column() for name in list(self._columns)}


class _Numbers:
    """Numbers; as long as all are the same, one of them."""

    def __init__(self, column: NDArray[Any]) -> None:
        self._kind, self._width = column.dtype, column.shape[1:]
        self._n = 0
        self._one = b""
        self._bytes = bytearray()

    def add(self, column: NDArray[Any]) -> None:
        one = column[:1].tobytes() if is_constant(column) else b""
        if one and not self._bytes and self._one in (b"", one):
            self._one = one
        else:
            self._bytes += self._one * self._n
            self._bytes += column.astype(self._kind, copy=False).tobytes()
            self._one = b""
        self._n += len(column)

    def column(self) -> NDArray[Any]:
        if self._one:
            return constant(np.frombuffer(self._one, dtype=self._kind)[0], self._n)
        return np.frombuffer(self._bytes, dtype=self._kind).reshape(self._n, *self._width)


class _Codes:
    def __init__(self, _: Coded) -> None:
        self._texts: dict[str, int] = {}
        self._codes = _Numbers(np.empty(0, dtype=np.int32))

    def add(self, column: Coded) -> None:
        known = np.array([self._texts.setdefault(text, len(self._texts)) for text in column.texts], dtype=np.int32)
        self._codes.add(looked_up(known, column.codes))

    def column(self) -> Coded:
        return Coded(self._codes.column(), tuple(self._texts))


class _Texts:
    def __init__(self, _: Spans) -> None:
        self._signs = bytearray()
        self._length = _Numbers(np.empty(0, dtype=np.int32))

    def add(self, column: Spans) -> None:
        self._signs += column.packed().tobytes()
        self._length.add(column.length)

    def column(self) -> Spans:
        return Spans.unpacked(self._signs, self._length.column())


def _growing(column: Any) -> Any:
    kind = {Coded: _Codes, Spans: _Texts}.get(type(column), _Numbers)
    return kind(column)
