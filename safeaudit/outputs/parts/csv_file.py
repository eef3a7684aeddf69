"""Private tables as CSV: UTF-8 with its mark, every cell quoted; written whole and read back."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.files.staged import staged

if TYPE_CHECKING:
    from pathlib import Path


def write_csv(table: pd.DataFrame, target: Path) -> None:
    """Write a private table whose texts are protected already.

    Parameters
    ----------
    table
        Any table.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    with staged(target, private=True, verify=lambda path: _verify(path, len(table))) as path:
        how = {"quoting": csv.QUOTE_ALL, "lineterminator": "\n", "errors": "backslashreplace", "encoding": "utf-8-sig"}
        table.to_csv(path, index=False, **how)


def _verify(path: Path, count: int) -> None:
    try:
        written = len(pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig"))
    except ValueError as error:
        raise OSError(f"what was written cannot be read: {error}") from error
    if written != count:
        raise OSError(f"{written} rows of {count} were written")
