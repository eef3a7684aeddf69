"""What is wrong with rows: gathered column by column, told once per row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.audits.normalise.cells import Coded, Fault, coded, constant, shown, text_at
from safeaudit.audits.spans import Spans
from safeaudit.errors import Where
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from safeaudit.audits.cells import Cells, Texts
    from safeaudit.audits.normalise.cells import Converted

WHOLE_ROW = 1_000_000
"""Stands for a column after all others: the row as a whole is at fault."""
CONSENT = Fault("CONSENT_NONE", "Consent was not given, or not understood: nothing of this row is kept.")
GUARDIAN = Fault("NO_GUARDIAN_CONSENT", "No guardian agreed for somebody under age: nothing of this row is kept.")
_UNWANTED = (CONSENT.code, GUARDIAN.code)


class _Entry(NamedTuple):
    column: int
    mask: NDArray[np.bool_]
    fault: Fault
    detail: NDArray[np.object_] | None


class Faults:
    """The faults of one chunk of cells. Of several in one row the first column's wins, consent before all."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._found: list[_Entry] = []

    def put(
        self, column: int, mask: NDArray[np.bool_], fault: Fault, detail: NDArray[np.object_] | None = None
    ) -> None:
        """Add a fault of the rows in `mask`, shape (n,); `detail` replaces `{detail}` in its sentence."""
        if mask.any():
            self._found.append(_Entry(column, mask, fault, detail))

    def put_converted(
        self,
        column: int,
        converted: Converted,
        spared: NDArray[np.bool_] | None = None,
        codes: NDArray[np.intp] | None = None,
    ) -> None:
        """Add what could not be read in a column, by distinct texts where codes are given; spare some rows."""
        for index, fault in enumerate(converted.faults):
            mask = converted.fault == index if codes is None else (converted.fault == index)[codes]
            self.put(column, mask if spared is None else mask & ~spared, fault)

    def split(self) -> tuple[NDArray[np.bool_], pd.DataFrame]:
        """Return which rows are fine, shape (n,), and the table `rejected` of the others."""
        if not self._found:
            return np.ones(len(self._cells.lines), dtype=bool), pd.DataFrame(columns=TABLES["rejected"].names)
        entries = sorted(self._found, key=lambda entry: (entry.fault.code not in _UNWANTED, entry.column))
        winner = np.full(len(self._cells.lines), -1)
        for index, entry in enumerate(entries):
            winner[entry.mask & (winner < 0)] = index
        rows = [self._row(int(row), entries[winner[row]]) for row in np.flatnonzero(winner >= 0)]
        return winner < 0, pd.DataFrame(rows, columns=TABLES["rejected"].names)

    def _row(self, row: int, entry: _Entry) -> dict[str, Any]:
        cells, fault = self._cells, entry.fault
        column = None if entry.column == WHOLE_ROW else cells.header[entry.column]
        hidden = fault.code in _UNWANTED
        value = "" if column is None or hidden else cells.row(row)[entry.column]
        sentence = fault.sentence.replace("{detail}", "" if entry.detail is None else str(entry.detail[row]))
        sentence = sentence.replace("{value}", shown(value))  # last: what stands in a cell is not searched
        line = int(cells.lines[row])
        raw = "" if hidden else json.dumps(cells.row(row), ensure_ascii=False)
        return {
            "file": cells.file,
            "line": line,
            "column": column,
            "value": None if column is None or hidden else value,
            "code": fault.code,
            "message": f"{Where(cells.file, line, column)}: {sentence}",
            "row": raw,
        }


def by_reason(rejected: pd.DataFrame) -> pd.DataFrame:
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


class Remarks:
    """What people should know of a file, counted: one sentence for each kind, with the first example."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[int, str]] = {}

    def count(self, sentence: str, mask: NDArray[np.bool_], examples: Texts | NDArray[Any]) -> None:
        """Count rows; `{n}` in the sentence is their number, `{first}` the first example."""
        if mask.any():
            n, first = self._said.get(sentence, (0, shown(text_at(examples, int(mask.argmax())))))
            self._said[sentence] = n + int(mask.sum()), first

    def sentences(self) -> tuple[str, ...]:
        """Return the sentences, in the order they were first said."""
        return tuple(said.replace("{n}", str(n)).replace("{first}", first) for said, (n, first) in self._said.items())


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of cells, which column holds which field, and what is found wrong or worth knowing in it."""

    cells: Cells
    columns: Mapping[str, int]
    faults: Faults
    remarks: Remarks

    def column(self, field: str) -> Texts:
        """Return the column of a field without making objects of its cells where that can be spared."""
        if field in self.columns:
            return self.cells.texts(self.columns[field])
        return Spans.empty(len(self.cells.lines))

    def texts(self, field: str) -> NDArray[np.object_]:
        """Return the column of a field; empty texts where there is none."""
        if field in self.columns:
            return self.cells.columns[self.columns[field]]
        return np.full(len(self.cells.lines), "", dtype=object)

    def coded(self, field: str) -> Coded:
        """Return the column of a field by its distinct texts, stripped; empty texts where there is none."""
        if field in self.columns:
            return coded(self.cells.texts(self.columns[field]))
        return Coded(constant(np.int32(0), len(self.cells.lines)), ("",))

    def spot(self, *fields: str) -> int:
        """Return the column of the first of these fields that there is; the whole row where there is none."""
        return next((self.columns[field] for field in fields if field in self.columns), WHOLE_ROW)
