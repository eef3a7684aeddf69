"""Columns that repeat themselves: each distinct value stands once, and rows say which; of one value, rows say nothing.

A column of a million rows holds some hundred auditors, and one campaign or none. Kept like this it takes four bytes a
row or none, and whatever is done to its texts is done some hundred times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.audits.marks import strip_invisible
from safeaudit.audits.spans import Spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from safeaudit.audits.cells import Texts


def constant(value: Any, n: int) -> NDArray[Any]:
    """Return an array of one value that takes the memory of one, shape (n,)."""
    return np.broadcast_to(np.asarray(value), n)


def is_constant(column: NDArray[Any]) -> bool:
    """Say whether a column was made by `constant`."""
    # From one row to the next such an array moves on by no byte: all rows are the same place in memory.
    # A column without rows says nothing, and has no first value to go by.
    return len(column) > 0 and column.strides == (0,)


def look_up(table: NDArray[Any], codes: NDArray[np.integer[Any]]) -> NDArray[Any]:
    """Return what stands in a table at the place of each row; of a constant column a constant one."""
    return constant(table[codes[0]], len(codes)) if is_constant(codes) else table[codes]


def select(column: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Return some rows, told by numbers or by a mask; of a constant column a constant one."""
    if not is_constant(column):
        return column[rows]
    return constant(column[0], int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows))


class Coded(NamedTuple):
    """A column of text: the number of each row's text in `texts`, where a text may stand more than once."""

    codes: NDArray[np.integer[Any]]
    texts: tuple[str, ...]

    def at(self, rows: NDArray[Any]) -> Coded:
        """Return some of the rows."""
        return Coded(select(self.codes, rows), self.texts)

    def in_order(self) -> Coded:
        """Return the column with its texts sorted, once each."""
        texts = tuple(sorted(set(self.texts)))
        place = {text: code for code, text in enumerate(texts)}
        ranks = np.array([place[text] for text in self.texts], dtype=np.int32)
        return Coded(look_up(ranks, self.codes), texts)

    def changed(self, change: Callable[[str], str]) -> Coded:
        """Return the column with each text changed."""
        return Coded(self.codes, tuple(map(change, self.texts)))

    def where(self, *wanted: str) -> NDArray[np.bool_]:
        """Say of each row whether its text is one of these."""
        matches = np.array([text in wanted for text in self.texts], dtype=bool)
        return look_up(matches, self.codes) if matches.any() else np.zeros(len(self.codes), dtype=bool)

    def otherwise(self, other: Coded) -> Coded:
        """Return the column with another's texts where its own are empty."""
        # The other's texts are put behind the own ones, so its codes move up by as many.
        codes = np.where(self.where(""), len(self.texts) + other.codes, self.codes)
        return Coded(codes, (*self.texts, *other.texts))


class CodedNumbers(NamedTuple):
    """A column of numbers: the place of each row's number in `values`, where a number may stand more than once."""

    codes: NDArray[np.intp]
    values: NDArray[np.float64]


def encode(cells: Texts) -> Coded:
    """Return a column of text, stripped, by its distinct texts."""
    codes, texts = distinct(cells)
    return Coded(codes.astype(np.int32), tuple(map(strip_invisible, texts)))


def distinct(cells: Texts) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Return the number of each row's text, shape (n,), and the texts once each."""
    return cells.distinct() if isinstance(cells, Spans) else pd.factorize(cells)


def objects(values: Iterable[Any]) -> NDArray[np.object_]:
    """Return values as an array of objects, shape (n,)."""
    items = list(values)
    array: NDArray[np.object_] = np.empty(len(items), dtype=object)
    array[:] = items
    return array
