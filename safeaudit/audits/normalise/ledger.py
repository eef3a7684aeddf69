"""Records that grow chunk by chunk while files stream by: no more memory than they hold, and no copy at the end.

Every column grows in a buffer of bytes of its own. At the end the columns are made to look into these buffers, which
costs nothing; a list of chunks would have to be copied into one, and need twice the memory while it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_type_hints

import numpy as np

from safeaudit.audits.normalise.coded import Coded, constant, is_constant, look_up
from safeaudit.audits.normalise.submissions import Numbers, Outlines, Submissions
from safeaudit.audits.spans import Spans

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

Record = TypeVar("Record", Submissions, Outlines)


class Ledger(Generic[Record]):
    """Records of one type, one below the other."""

    def __init__(self, record: type[Record], indicators: int) -> None:
        """Take the type of the records, whose columns say how they are kept, and the number of indicators."""
        self.rows = 0
        self._record: type[Record] = record
        declared = get_type_hints(record, include_extras=True)
        self._columns = {name: _growing(column, indicators) for name, column in declared.items()}

    def add(self, record: Record) -> None:
        """Write a record down."""
        for name, column in self._columns.items():
            column.add(getattr(record, name))
        self.rows += len(record.line)

    def close(self) -> Record:
        """Return all that was written, and keep none of it."""
        columns: dict[str, Any] = {name: self._columns.pop(name).column() for name in list(self._columns)}
        return self._record(**columns)


class _Numbers:
    """Numbers of shape (n,); as long as all are the same, one of them."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._n = 0
        self._repeated = b""
        self._bytes = bytearray()

    def add(self, column: NDArray[Any]) -> None:
        value = column[:1].astype(self._dtype).tobytes() if is_constant(column) else b""
        if value and not self._bytes and self._repeated in (b"", value):
            self._repeated = value
        else:
            # The first other value: from here on each row is written, those that came before included.
            self._bytes += self._repeated * self._n
            self._bytes += column.astype(self._dtype, copy=False).tobytes()
            self._repeated = b""
        self._n += len(column)

    def column(self) -> NDArray[Any]:
        if self._repeated:
            return constant(np.frombuffer(self._repeated, dtype=self._dtype)[0], self._n)
        return np.frombuffer(self._bytes, dtype=self._dtype)


class _NumbersByIndicator:
    """Numbers of shape (n, indicators), of which a chunk may have none: shape (n, 0)."""

    def __init__(self, kind: Numbers, indicators: int) -> None:
        self._kind = kind
        self._indicators = indicators
        self._n = 0
        self._filled: list[slice] = []
        self._bytes = bytearray()

    def add(self, column: NDArray[Any]) -> None:
        if column.shape[1]:
            self._filled.append(slice(self._n, self._n + len(column)))
            self._bytes += column.astype(self._kind.dtype, copy=False).tobytes()
        self._n += len(column)

    def column(self) -> NDArray[Any]:
        """Return all rows; the default stands in those of chunks that had none, where others had some."""
        given = np.frombuffer(self._bytes, dtype=self._kind.dtype).reshape(-1, self._indicators)
        if len(given) == self._n:
            return given
        if not len(given):
            return np.empty((self._n, 0), dtype=self._kind.dtype)
        column = np.full((self._n, self._indicators), self._kind.default, dtype=self._kind.dtype)
        taken = 0
        for rows in self._filled:
            column[rows] = given[taken : taken + rows.stop - rows.start]
            taken += rows.stop - rows.start
        return column


class _Codes:
    def __init__(self) -> None:
        self._codes_of: dict[str, int] = {}
        self._codes = _Numbers(np.int32)

    def add(self, column: Coded) -> None:
        # Each chunk numbers its texts by itself: they are numbered anew, as they first came in any chunk.
        codes = [self._codes_of.setdefault(text, len(self._codes_of)) for text in column.texts]
        self._codes.add(look_up(np.array(codes, dtype=np.int32), column.codes))

    def column(self) -> Coded:
        return Coded(self._codes.column(), tuple(self._codes_of))


class _Texts:
    def __init__(self) -> None:
        self._bytes = bytearray()
        self._length = _Numbers(np.int32)

    def add(self, column: Spans) -> None:
        # The text of a chunk holds all its cells; only those of this column are kept, one after the other.
        self._bytes += column.packed().tobytes()
        self._length.add(column.length)

    def column(self) -> Spans:
        return Spans.unpacked(self._bytes, self._length.column())


def _growing(declared: Any, indicators: int) -> _Numbers | _NumbersByIndicator | _Codes | _Texts:
    """Return what grows as a column that is declared so in its record."""
    if declared is Coded:
        return _Codes()
    if declared is Spans:
        return _Texts()
    (kind,) = declared.__metadata__
    return _NumbersByIndicator(kind, indicators) if kind.by_indicator else _Numbers(kind.dtype)
