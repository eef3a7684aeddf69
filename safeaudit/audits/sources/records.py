"""What every container says alike: what a header is, which row is none, what a rejected record says."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.audits.marks import strip_invisible
from safeaudit.errors import InputError, Where
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

HXL_REMARK = "The second row holds HXL tags and was skipped."


def header_of(cells: Sequence[str], file: str) -> tuple[str, ...]:
    """Return the names of the columns, in one form of each letter.

    Raises
    ------
    InputError
        There are none.
    """
    header = tuple(strip_invisible(unicodedata.normalize("NFC", cell)) for cell in cells)
    if not any(header):
        raise InputError(
            "It has no header.", hint="Its first row must hold the names of the columns.", where=Where(file)
        )
    return header


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
