"""The one door to XlsxWriter: workbooks of plain text, the same bytes for the same words."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from safeaudit.files.staged import staged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


__all__ = ["Workbook", "Worksheet", "sheet", "workbook"]

_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_CREATED = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A fixed moment: the same words give the same bytes."""


@contextmanager
def workbook(target: Path) -> Iterator[Workbook]:
    """Open a new workbook that becomes `target`, whole or not at all.

    Parameters
    ----------
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written.
    """
    with staged(target) as temporary, xlsxwriter.Workbook(str(temporary), _PLAIN) as book:
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
