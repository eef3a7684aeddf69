"""The one door to XlsxWriter: workbooks of plain text, the same bytes for the same words."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from safeaudit.files.spreadsheet_text import escape
from safeaudit.files.staged import staged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


__all__ = ["Heading", "Workbook", "Worksheet", "list_sheet", "sheet", "sheet_names", "workbook"]

_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_CREATED = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A fixed moment: the same words give the same bytes."""

_SPARE_ROWS = 500
"""Rows below a list that may be filled in with its lists to choose from."""

_NAME_SIGNS, _TITLE_SIGNS, _MESSAGE_SIGNS = 31, 32, 255
"""What Excel takes at most."""
_NO_NAME = str.maketrans("[]:*?/\\", "       ")
_KEPT = {"history"}
"""Names that Excel keeps for itself."""

Cell = str | float | date | None


@contextmanager
def workbook(target: Path, *, in_order: bool = False) -> Iterator[Workbook]:
    """Open a new workbook that becomes `target`, whole or not at all.

    Parameters
    ----------
    target
        Where the file shall be.
    in_order
        Every sheet is written row by row and never gone back to: as many rows as there are take no more memory.

    Raises
    ------
    OutputError
        It could not be written.
    """
    how = _PLAIN | {"constant_memory": True} if in_order else _PLAIN
    with staged(target) as temporary, xlsxwriter.Workbook(str(temporary), how) as book:
        book.set_properties({"created": _CREATED})
        yield book


def sheet(book: Workbook, name: str, rows: Iterable[Sequence[str]], widths: Sequence[int] = ()) -> Worksheet:
    """Add a sheet of text whose first row is its heading.

    Parameters
    ----------
    book
        The workbook.
    name
        Name of the sheet, up to 31 signs.
    rows
        Texts, row by row.
    widths
        Widths of the columns, in signs.
    """
    bold, text = book.add_format({"bold": True, "num_format": "@"}), book.add_format({"num_format": "@"})
    added = book.add_worksheet(name)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell:
                added.write_string(row, column, cell, text if row else bold)
    for column, width in enumerate(widths):
        added.set_column(column, column, width, text)
    added.freeze_panes(1, 0)
    return added


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column of a list: its heading, what its cells hold, and what may be chosen there.

    Attributes
    ----------
    words
        The heading.
    kind
        text (which Excel leaves as it is: no id becomes a number), number or day.
    width
        In signs.
    choices
        What may be chosen, where it is chosen.
    wrong
        What is said where something else is typed.
    """

    words: str
    kind: Literal["text", "number", "day"] = "text"
    width: int = 16
    choices: tuple[str, ...] = ()
    wrong: str = ""


def list_sheet(book: Workbook, name: str, headings: Sequence[Heading], rows: Iterable[Sequence[Cell]]) -> Worksheet:
    """Add a sheet that is a list to be sorted, filtered and filled in; no text in it can be computed.

    Parameters
    ----------
    book
        The workbook.
    name
        Name of the sheet, as from `sheet_names`.
    headings
        The columns.
    rows
        Cells, row by row; None for nothing.
    """
    formats = {
        "text": book.add_format({"num_format": "@"}),
        "number": book.add_format(),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    head = book.add_format({"bold": True, "num_format": "@", "text_wrap": True, "bottom": 1})
    added, last = book.add_worksheet(name), 0
    for at, heading in enumerate(headings):
        added.set_column(at, at, heading.width, formats[heading.kind])
        added.write_string(0, at, heading.words, head)
    for last, cells in enumerate(rows, start=1):
        for at, (heading, cell) in enumerate(zip(headings, cells, strict=True)):
            _write_cell(added, last, at, cell, formats[heading.kind])
    for at, heading in enumerate(headings):
        if heading.choices:
            said = {"error_title": heading.words[:_TITLE_SIGNS], "error_message": heading.wrong[:_MESSAGE_SIGNS]}
            listed = {"validate": "list", "source": list(heading.choices), **said}
            added.data_validation(1, at, last + _SPARE_ROWS, at, listed)
    added.freeze_panes(1, 0)
    added.autofilter(0, 0, max(last, 1), len(headings) - 1)
    return added


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Return names that Excel takes for sheets, no two alike whatever their case.

    Examples
    --------
    >>> sheet_names(["Roads/Drains", "roads drains", "History", ""])
    ['Roads Drains', 'roads drains 2', 'History 2', 'Sheet']
    """
    names: list[str] = []
    for text in wanted:
        plain = " ".join("".join(sign for sign in text if sign.isprintable()).translate(_NO_NAME).split()).strip("'")
        stem, number = plain[:_NAME_SIGNS].strip() or "Sheet", 1
        name = stem
        while name.casefold() in _KEPT | {other.casefold() for other in names}:
            number += 1
            name = f"{stem[: _NAME_SIGNS - len(f' {number}')]} {number}"
        names.append(name)
    return names


def _write_cell(added: Worksheet, row: int, column: int, cell: Cell, form: object) -> None:
    match cell:
        case None | "":
            return
        case str():
            added.write_string(row, column, escape(cell), form)
        case date():
            added.write_datetime(row, column, cell, form)
        case _:
            added.write_number(row, column, cell, form)
