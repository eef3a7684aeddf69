"""What is wrong with rows: gathered column by column, told once per row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.audits.normalise.cells import Problem, quote
from safeaudit.errors import Where
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from safeaudit.audits.cells import Cells
    from safeaudit.audits.normalise.cells import Converted

WHOLE_ROW = 1_000_000
"""Stands for a column after all others: the problem is the row as a whole."""
CONSENT = Problem("CONSENT_NONE", "Consent was not given, or not understood: nothing of this row is kept.")
GUARDIAN = Problem("NO_GUARDIAN_CONSENT", "No guardian agreed for somebody under age: nothing of this row is kept.")
FORGOTTEN = Problem("FORGOTTEN", "Somebody took this back: nothing of this row is kept.")
UNWANTED = (CONSENT.code, GUARDIAN.code, FORGOTTEN.code)
"""Reasons for which nothing of a row is kept, and nobody mends it."""


class _Entry(NamedTuple):
    column: int
    rows: NDArray[np.bool_]
    problem: Problem
    detail: NDArray[np.object_] | None


class Problems:
    """The problems of one chunk of cells. In a row the first column's wins; before all, what may not be kept."""

    def __init__(self, cells: Cells, loaded: Iterable[int]) -> None:
        """Take the cells, and which of their columns are loaded: of the others a rejected row keeps nothing."""
        self._cells = cells
        self._loaded = sorted(set(loaded))
        self._entries: list[_Entry] = []

    def add(
        self, column: int, rows: NDArray[np.bool_], problem: Problem, detail: NDArray[np.object_] | None = None
    ) -> None:
        """Add a problem of the rows in a mask, shape (n,); `detail` replaces `{detail}` in its sentence."""
        if rows.any():
            self._entries.append(_Entry(column, rows, problem, detail))

    def add_unread(
        self,
        column: int,
        converted: Converted,
        spared: NDArray[np.bool_] | None = None,
        codes: NDArray[np.intp] | None = None,
    ) -> None:
        """Add what could not be read in a column, by distinct texts where codes are given; spare some rows."""
        for index, problem in enumerate(converted.problems):
            rows = converted.problem == index if codes is None else (converted.problem == index)[codes]
            self.add(column, rows if spared is None else rows & ~spared, problem)

    def split(self) -> tuple[NDArray[np.bool_], pd.DataFrame]:
        """Return which rows are fine, shape (n,), and the table `rejected` of the others."""
        if not self._entries:
            return np.ones(len(self._cells.lines), dtype=bool), pd.DataFrame(columns=TABLES["rejected"].names)
        # One row is told once: it goes to the first of the ordered entries that names it.
        entries = sorted(self._entries, key=_precedence)
        winner = np.full(len(self._cells.lines), -1)
        for index, entry in enumerate(entries):
            winner[entry.rows & (winner < 0)] = index
        told = [self._tell(int(row), entries[winner[row]]) for row in np.flatnonzero(winner >= 0)]
        return winner < 0, pd.DataFrame(told, columns=TABLES["rejected"].names)

    def _tell(self, row: int, entry: _Entry) -> dict[str, Any]:
        """Return the row of the table `rejected`; of somebody who did not agree it holds no cell."""
        cells, problem = self._cells, entry.problem
        column = None if entry.column == WHOLE_ROW else cells.header[entry.column]
        hidden = problem.code in UNWANTED
        value = "" if column is None or hidden else cells.row(row)[entry.column]
        sentence = problem.sentence.replace("{detail}", "" if entry.detail is None else str(entry.detail[row]))
        sentence = sentence.replace("{value}", quote(value))  # last: what stands in a cell is not searched
        line = int(cells.lines[row])
        return {
            "file": cells.file,
            "file_sha256": cells.sha256,
            "line": line,
            "column": column,
            "value": None if column is None or hidden else value,
            "code": problem.code,
            "message": f"{Where(cells.file, line, column)}: {sentence}",
            "row": "" if hidden else _as_json(cells.header, cells.row(row), self._loaded),
        }


def _precedence(entry: _Entry) -> tuple[bool, bool, int]:
    """Return what orders the problems of a row: what was taken back, then what may not be kept, then by column."""
    code = entry.problem.code
    return code != FORGOTTEN.code, code not in UNWANTED, entry.column


def keep_loaded(cells: Cells, records: pd.DataFrame, loaded: Iterable[int]) -> pd.DataFrame:
    """Return records that were no row, by the columns that are loaded; empty cells where none can be told."""
    at, width = sorted(set(loaded)), len(cells.header)
    given = [json.loads(row) for row in records["row"]]
    rows = [_as_json(cells.header, row if len(row) == width else [""] * width, at) for row in given]
    return records.assign(file_sha256=cells.sha256, row=rows)


def _as_json(header: Sequence[str], row: Sequence[str], loaded: Iterable[int]) -> str:
    return json.dumps({header[at]: row[at] for at in loaded}, ensure_ascii=False)


def count_by_reason(rejected: pd.DataFrame) -> pd.DataFrame:
    """Return the first row of each reason, and in the column `rows` how many there are.

    Parameters
    ----------
    rejected
        The table `rejected`, or several of what this returns one below the other.
    """
    counted = rejected if "rows" in rejected else rejected.assign(rows=1)
    first = counted.drop_duplicates("code")
    n = counted.groupby("code", sort=False)["rows"].sum()
    return first.assign(rows=n.to_numpy()).reset_index(drop=True)
