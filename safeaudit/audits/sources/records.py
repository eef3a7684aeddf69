"""What every container says alike: what a header is, which row is none, what a rejected record says."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.audits.marks import strip_invisible
from safeaudit.errors import InputError, Where
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLE_ROWS = 30
"""Where the names of the columns stand is told by as many rows."""
_NUMBER = re.compile(r"[+-]?\d[\d.,:/\sTZ+-]*")
MAX_COLUMNS = 16_384
"""As many as a sheet of Excel has."""
MAX_CELLS = 50_000_000
"""Cells of a file that is held whole."""
MAX_NO_ROWS = 200_000
"""Records that are no row, after which a file is no table."""
HXL_REMARK = "The second row holds HXL tags and was skipped."


def header_of(cells: Sequence[str], file: str) -> tuple[str, ...]:
    """Return the names of the columns, in one form of each letter.

    Raises
    ------
    InputError
        There are none, or more than any form has questions.
    """
    if len(cells) > MAX_COLUMNS:
        what = f"It has {len(cells)} columns; at most {MAX_COLUMNS} are read."
        hint = "It is no table of audits, or was turned on its side: export it with a row for each form."
        raise InputError(what, hint=hint, where=Where(file))
    header = tuple(strip_invisible(unicodedata.normalize("NFC", cell)) for cell in cells)
    if not any(header):
        raise InputError(
            "It has no header.", hint="Its first row must hold the names of the columns.", where=Where(file)
        )
    return header


def check_size(rows: int, columns: int, file: str) -> None:
    """Refuse a file that is held whole and whose table does not fit into memory: most of its cells are empty."""
    if rows * columns > MAX_CELLS:
        what = f"It has {rows} rows and {columns} columns, {rows * columns} cells; at most {MAX_CELLS} are read."
        hint = "Give all rows the same names, or export it as CSV, which is read in parts."
        raise InputError(what, hint=hint, where=Where(file))


def find_header(rows: Sequence[Sequence[str]]) -> tuple[int, bool]:
    """Return how many of the first rows stand above the names of the columns, and whether these take two rows.

    A title and what else stands above has less than half as many cells as the fullest row. In a header of two rows the
    upper one has gaps, as merged cells leave them, that the lower one fills. No name is a number or a date.
    """
    cells = [[strip_invisible(cell) for cell in row] for row in rows]
    filled = [sum(map(bool, row)) for row in cells]
    above = next((at for at, n in enumerate(filled) if 2 * n >= max(filled)), 0)
    above = 0 if above and _holds_numbers(cells[above]) else above
    upper, lower = [*cells[above : above + 2], (), ()][:2]
    gaps = any(below and not over for over, below in zip(upper, lower, strict=False))
    double = gaps and not _holds_numbers(lower) and not is_hxl(lower) and len(cells) > above + 2
    return above, double


def _holds_numbers(row: Sequence[str]) -> bool:
    return any(_NUMBER.fullmatch(cell) for cell in row)


def join_headers(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return the names that two rows give together, as "group/name"; a group counts up to the next one."""
    names, group = [], ""
    for over, below in zip(upper, lower, strict=True):
        group = over or group
        names.append(f"{group}/{below}" if group and below else below or over)
    return names


def say_header(above: int, *, double: bool) -> list[str]:
    """Say what was done to find the names of the columns."""
    said = [f"{above} rows above the names of the columns were left out."] if above else []
    return [*said, *(["The names of the columns stand in two rows and were joined."] if double else [])]


def is_hxl(row: Sequence[str]) -> bool:
    """Say whether a row holds tags of the Humanitarian Exchange Language, which stand below the header."""
    return any(row) and all(cell.startswith("#") for cell in row if cell)


def blank_rows(n: int) -> str:
    """Say that empty rows were left out."""
    return f"{n} empty rows were skipped."


def reject(file: str, line: int, code: str, sentence: str, row: Sequence[str]) -> tuple[int, str, str, str]:
    """Return a record that is no row as `rejected_table` takes it: line, code, sentence and the record itself."""
    raw = json.dumps([cell.encode("utf-8", "replace").decode() for cell in row], ensure_ascii=False)
    return line, code, f"{Where(file, line)}: {sentence}", raw


def rejected_table(file: str, records: Sequence[tuple[int, str, str, str]] = ()) -> pd.DataFrame:
    """Return the table `rejected` of records that are no row; its column `row` holds all their cells."""
    if not records:
        return pd.DataFrame(columns=TABLES["rejected"].names)
    frame = pd.DataFrame(list(records), columns=["line", "code", "message", "row"]).astype({"line": np.int64})
    return frame.assign(file=file, file_sha256="", column=None, value=None)[TABLES["rejected"].names]
