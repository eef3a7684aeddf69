"""Private files for the team itself: what was not accepted, to mend; remarks on the data; codes that changed."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.files.spreadsheet_text import escape, unescape
from safeaudit.files.staged import staged, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import AuditResult


def write_rejected(rejected: pd.DataFrame, target: Path) -> None:
    """Write what was not accepted as CSV in UTF-8, every cell quoted, no cell a formula.

    Parameters
    ----------
    rejected
        Table `rejected`.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    _write(rejected, target)


def write_changed(changed: pd.DataFrame, target: Path) -> None:
    """Write what became of places since the run before as CSV; what an earlier such file says stays while it is true.

    Parameters
    ----------
    changed
        As from `changed_places`.
    target
        Where the file shall be, or is.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    if target.is_file():
        earlier = pd.read_csv(target, dtype=str, keep_default_na=False).reindex(columns=changed.columns)
        earlier = earlier.map(unescape)
        earlier = earlier[(earlier["change"] != "new") & ~earlier["place_code"].isin(changed["place_code"])]
        changed = pd.concat([changed, earlier], ignore_index=True).sort_values(["change", "kind", "place_code"])
    _write(changed.fillna(""), target)


def _write(table: pd.DataFrame, target: Path) -> None:
    safe = table.apply(_defused).rename(columns=escape)
    with staged(target, private=True, verify=lambda path: _verify(path, len(safe))) as path:
        safe.to_csv(path, index=False, quoting=csv.QUOTE_ALL, lineterminator="\n", errors="backslashreplace")


def write_remarks(result: AuditResult, target: Path) -> None:
    """Write what was said of every file and of the result: these sentences quote cells as examples.

    Parameters
    ----------
    result
        What a run found out.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    of_files = [f"{count.file}: {remark}" for count in result.audits.counts for remark in count.remarks]
    lines = "".join(f"{line}\n" for line in (*of_files, *result.warnings))
    write_whole(target, lines.encode(errors="backslashreplace"), private=True)


def _defused(values: pd.Series) -> pd.Series:
    """Return texts with what a spreadsheet would run made harmless; numbers as they are."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    return values.map(escape, na_action="ignore")


def _verify(path: Path, count: int) -> None:
    try:
        written = len(pd.read_csv(path, dtype=str, keep_default_na=False))
    except ValueError as error:
        raise OSError(f"what was written cannot be read: {error}") from error
    if written != count:
        raise OSError(f"{written} rows of {count} were written")
