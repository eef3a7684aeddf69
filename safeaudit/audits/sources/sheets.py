"""XLSX: cells of the sheet that holds the audits, with what its form says of a repeat group's rows."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from safeaudit import languages
from safeaudit.audits.cells import Cells
from safeaudit.audits.sources.records import (
    HXL_REMARK,
    SAMPLE_ROWS,
    blank_rows,
    find_header,
    header_of,
    is_hxl,
    join_headers,
    rejected_table,
    say_header,
)
from safeaudit.errors import InputError, Where
from safeaudit.files.worksheets import read_worksheets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from safeaudit.config import AuditSettings
    from safeaudit.files.admit import Admitted
    from safeaudit.files.worksheets import MergedCells

_LATITUDE = re.compile(r"(.*[_/-])?lat(itude)?", re.IGNORECASE)
_INDEX, _PARENT, _PARENT_NAME = "_index", "_parent_index", "_parent_table_name"
_WHOLE = 1e15


class _Sheet(NamedTuple):
    """One sheet: its header, the row where each record stands, its columns of text."""

    name: str
    header: tuple[str, ...]
    lines: NDArray[np.int64]
    columns: tuple[NDArray[np.object_], ...]
    remarks: tuple[str, ...] = ()

    def column(self, name: str) -> NDArray[np.object_]:
        return self.columns[self.header.index(name)]


def read(file: Admitted, settings: AuditSettings) -> Iterator[Cells]:
    """Read the sheet that holds the audits; see `sources.read`.

    It is the one with most of the columns that the settings name; else the first group that was
    asked place by place; else the sheet with most of our form's names; else that with most cells.
    """
    sheets = _sheets(file)
    wanted = set(settings.columns.values())
    sheet = max(sheets, key=lambda sheet: _rank(sheet, _parents(sheet, sheets), wanted))
    parents = _parents(sheet, sheets)
    remarks = list(sheet.remarks)
    for parent in parents:
        remarks.append(f'Its rows are those of the group "{sheet.name}", each with what "{parent.name}" says of it.')
        sheet = _joined(sheet, parent)
    others = [other.name for other in sheets if other.name not in {sheet.name, *(one.name for one in parents)}]
    if others:
        remarks.append(f'Sheet "{sheet.name}" was read. To read {_listed(others)}, name its columns under columns.')
    yield Cells(
        file=file.name,
        header=sheet.header,
        lines=sheet.lines,
        columns=sheet.columns,
        rejected=rejected_table(file.name),
        remarks=tuple(remarks),
    )


def _rank(sheet: _Sheet, parents: Sequence[_Sheet], wanted: set[str]) -> tuple[int, bool, bool, int, int]:
    names = {*sheet.header, *(name for parent in parents for name in parent.header)}
    by_place = bool(parents) and not wanted and any(map(_LATITUDE.fullmatch, sheet.header))
    asked = len(names & languages.question_labels().keys())  # an entry sheet stands beside longer lists
    return len(wanted & names), by_place, not parents, asked, len(sheet.lines) * len(sheet.header)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


# --- repeat groups ---------------------------------------------------------------------------------------------------


def _parents(sheet: _Sheet, sheets: Sequence[_Sheet]) -> tuple[_Sheet, ...]:
    """Return the sheets whose rows hold those of a repeat group, the nearest first; they stand before it."""
    if _PARENT not in sheet.header or not len(sheet.lines):
        return ()
    before = [other for other in sheets[: sheets.index(sheet)] if _INDEX in other.header]
    name = sheet.column(_PARENT_NAME)[0] if _PARENT_NAME in sheet.header else ""
    parent = next((other for other in before if other.name == name), before[0] if before else None)
    return (parent, *_parents(parent, sheets)) if parent else ()


def _joined(sheet: _Sheet, parent: _Sheet) -> _Sheet:
    """Return the rows of a repeat group with their parent's cells, and parents that have none with their own."""
    at = {index: row for row, index in reversed(list(enumerate(parent.column(_INDEX))))}
    of_row = np.array([at.get(index, -1) for index in sheet.column(_PARENT)], dtype=np.int64)
    childless = np.setdiff1d(np.arange(len(parent.lines)), of_row)
    nothing = np.full(len(childless), "", dtype=object)
    own = dict(zip(sheet.header, (np.concatenate([column, nothing]) for column in sheet.columns), strict=True))
    where = np.concatenate([of_row, childless])
    theirs = {
        name: np.where(where < 0, "", column[where])
        for name, column in zip(parent.header, parent.columns, strict=True)
        if name not in own or name == _PARENT
    }
    if "_uuid" in theirs:  # each row is a submission of its own, known again by its place in its form
        number = own[_INDEX] if _INDEX in own else np.arange(len(where)).astype(str).astype(object)
        theirs["_uuid"] = np.where(own[_PARENT] == "", theirs["_uuid"], theirs["_uuid"] + f"/{sheet.name}/" + number)
    both = own | theirs
    lines = np.concatenate([sheet.lines, parent.lines[childless]])
    return _Sheet(sheet.name, tuple(both), lines, tuple(both.values()), sheet.remarks)


# --- cells -----------------------------------------------------------------------------------------------------------


def _sheets(file: Admitted) -> list[_Sheet]:
    """Return all sheets that hold something."""
    sheets = [_sheet(one.name, one.rows, one.merged, file.name) for one in read_worksheets(file) if one.holds_something]
    if not sheets:
        raise InputError("All its sheets are empty.", hint="Export it once more.", where=Where(file.name))
    return sheets


def _sheet(name: str, rows: Sequence[Sequence[Any]], merged: Sequence[MergedCells], file: str) -> _Sheet:
    """Return a sheet as text; line numbers are its row numbers."""
    columns = [np.array(_texts(column), dtype=object) for column in zip(*rows, strict=True)]
    filled = np.flatnonzero(np.any([column != "" for column in columns], axis=0))
    above, double = find_header([[column[row] for column in columns] for row in filled[:SAMPLE_ROWS]])
    filled = filled[above:]
    blank, remarks = int(filled[-1] - filled[0] + 1 - len(filled)), say_header(above, double=double)
    names = [[column[row] for column in columns] for row in filled[:2]]
    header = header_of(join_headers(*names) if double else names[0], file)
    records = filled[2:] if double else filled[1:]
    if len(records) and is_hxl([column[records[0]] for column in columns]):
        records = records[1:]
        remarks.append(HXL_REMARK)
    remarks += _fill_merged(columns, merged, records)
    if blank:
        remarks.append(blank_rows(blank))
    return _Sheet(name, header, records + 1, tuple(column[records] for column in columns), tuple(remarks))


def _fill_merged(
    columns: Sequence[NDArray[np.object_]], merged: Sequence[MergedCells], rows: NDArray[np.int64]
) -> list[str]:
    """Write what stands in a cell that was merged over several rows into all of them, and say so.

    Only the rows of the table are filled, in the first column of the merged cell: of a cell merged over several
    columns nobody can say what the others hold.
    """
    cells = 0
    for (top, left), (bottom, _) in merged:
        below = rows[(rows > top) & (rows <= bottom)]
        if top in rows and len(below):
            columns[left][below] = columns[left][top]
            cells += 1
    sentence = f"{cells} cells are merged over several rows: what stands there counts for each of these rows."
    return [sentence] if cells else []


def _texts(column: Sequence[Any]) -> Sequence[str]:
    """Return a column as text, each distinct value once; True is another value than 1, though Python says equal."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return column
    if bool in kinds:
        return [_text(value) for value in column]
    known = {value: _text(value) for value in set(column)}
    return [known[value] for value in column]


def _text(value: Any) -> str:
    """Return a cell as people would write it in a CSV: 2 and not 2.0, times as ISO 8601."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < _WHOLE:
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)
