"""Rows of a text found all at once: where each cell begins and ends, without looking at one line after the other.

That is possible where every line is a row. Quotes may stand around whole cells; what is odder than that, such as a line
end within quotes that leaves too few cells, or a quote within a cell, is left to the parser that goes record by record.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.sources.survey import ESCAPED_BYTE
from safeaudit.audits.spans import Block, padded

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_QUOTE, _END = ord('"'), ord("\n")
_FIRST_PRINTED, _LAST_PRINTED = ord("!"), ord("~")
"""Of ASCII; a sign outside may be a blank."""


def split_plain_rows(text: str, delimiter: str, width: int, *, suspect: bool) -> Block | None:
    """Find the cells of a text.

    Parameters
    ----------
    text
        Whole lines.
    delimiter
        What stands between cells.
    width
        Cells of each row.
    suspect
        Whether characters may be damaged: then it is looked for them.

    Returns
    -------
    The cells; None where a line is no row of this width, or holds what only the slow way can judge.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")
    damaged = suspect and (ESCAPED_BYTE.search(text) or CONTROL_CHARACTER.search(text))
    if "\r" in text or damaged or not delimiter.isascii():
        return None
    # UTF-8 writes no part of a longer character as a byte of ASCII: a byte that looks like a delimiter is one.
    signs = padded(text if text.endswith("\n") or not text else text + "\n")
    is_end = signs == _END
    rows = np.count_nonzero(is_end)
    is_end |= signs == ord(delimiter)
    if quoted := '"' in text:
        # After an odd number of quotes one is open, and what looks like an end belongs to the cell.
        is_end &= ~np.logical_xor.accumulate(signs == _QUOTE)
    ends = np.flatnonzero(is_end)
    # Every row has as many ends as cells, and the last of each is the end of its line. Were one line a cell short and
    # the next a cell longer, the number of ends alone would not tell.
    if len(ends) != rows * width or (signs[ends[width - 1 :: width]] != _END).any():
        return None
    stop = np.ascontiguousarray(ends.reshape(rows, width).T, dtype=np.int32)
    return _unquote(signs, _starts(stop), stop) if quoted else Block(signs, _starts(stop), stop)


def find_blank_rows(block: Block) -> NDArray[np.int64]:
    """Return the numbers of the rows that hold nothing but blanks."""
    # A row with a printed sign at the start of a cell is not blank: after a column or two hardly one is left.
    rows = np.arange(block.rows)
    for column in range(len(block)):
        cells = block.spans(column).at(rows)
        first = cells.signs[cells.start]
        rows = rows[(cells.length == 0) | (first < _FIRST_PRINTED) | (first > _LAST_PRINTED)]
    return np.array([row for row in rows.tolist() if not "".join(block.row(row)).strip()], dtype=np.int64)


def _starts(stop: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return where cells begin, shape (columns, n): one sign after the end of the cell before."""
    before = np.empty_like(stop)
    before[1:] = stop[:-1]
    before[0, :1], before[0, 1:] = -1, stop[-1, :-1]  # a row begins where the one before ends, the first at 0
    return before + 1


def _unquote(signs: NDArray[np.uint8], start: NDArray[np.int32], stop: NDArray[np.int32]) -> Block | None:
    """Return cells without the quotes around them; None where a quote stands elsewhere."""
    opened, closed = signs[start] == _QUOTE, signs[stop - 1] == _QUOTE
    whole = opened & closed & (stop - start > 1)
    if 2 * np.count_nonzero(whole) != np.count_nonzero(signs == _QUOTE):
        return None
    return Block(signs, start + whole, stop - whole)
