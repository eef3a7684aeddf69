"""XLSX as it comes in: the cells of its sheets as they are, laid out only where that takes no more than it may."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from safeaudit.errors import InputError, Where
from safeaudit.files.archive import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeaudit.files.admit import Admitted

MAX_CELLS = 20_000_000
"""A sheet is laid out in memory from its first cell to its last, empty ones included."""

MAX_WORDS_BYTES = 64 * 1024**2
"""The texts of all sheets stand in one place, and take some seven times as much in memory."""

_WORDS = "xl/sharedstrings.xml"
_BLOCK_BYTES = 8 * 1024**2
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)""")
_KNOWN = {
    ".kml": ("This is a KMZ: places without ratings.", "Export the audits as CSV, XLSX or GeoJSON."),
    ".csv": ("This is a zip archive of CSV files.", "Unpack it, and name the file with the audits."),
    "content.xml": ("This is an OpenDocument sheet.", "Save it as XLSX, or as CSV UTF-8."),
}

MergedCells = tuple[tuple[int, int], tuple[int, int]]
"""Row and column, from 0, of the first and the last of merged cells."""


class Worksheet(NamedTuple):
    """One sheet: its rows from the first of all, each as wide as the others, and which cells are merged."""

    name: str
    rows: Sequence[Sequence[Any]]
    merged: Sequence[MergedCells]

    @property
    def holds_something(self) -> bool:
        """Whether any cell does."""
        return any(map(any, self.rows))


def read_worksheets(file: Admitted) -> list[Worksheet]:
    """Read the cells of all sheets of an XLSX file: text, numbers, truths, dates and times; "" for nothing.

    Raises
    ------
    InputError
        It is no XLSX file, is damaged, or would take more memory than it may.
    """
    entries = unpacked(file, lambda names: _check_kind(names, file.name), _is_needed)
    for name, content in entries.items():
        if name.startswith("xl/worksheets/"):
            _check_extent(content, file.name)
    again = packed(entries)
    entries.clear()
    try:
        book = CalamineWorkbook.from_filelike(again)
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        given = {name: book.get_sheet_by_name(name) for name in names}
        return [
            Worksheet(name, sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or [])
            for name, sheet in given.items()
        ]
    except CalamineError as error:
        hint = "Open it, and save it once more as XLSX or as CSV UTF-8."
        raise InputError(f"It is a damaged XLSX file: {error}.", hint=hint, where=Where(file.name)) from error


def _is_needed(name: str) -> bool:
    return name.endswith((".xml", ".rels")) and "/media/" not in name


def _check_kind(names: Mapping[str, int], file: str) -> None:
    size = sum(size for name, size in names.items() if name.lower() == _WORDS)
    if size > MAX_WORDS_BYTES:
        what = f"Its texts take {size} bytes; at most {MAX_WORDS_BYTES} are read."
        raise InputError(what, hint="Export the audits as CSV, which has no such limit.", where=Where(file))
    if "xl/workbook.xml" in names:
        return
    known = (words for end, words in _KNOWN.items() if any(name.lower().endswith(end) for name in names))
    other = ("This is a zip archive, not an XLSX file.", "Unpack it, and name the file with the audits.")
    what, hint = next(known, other)
    raise InputError(what, hint=hint, where=Where(file))


def _check_extent(content: bytes, file: str) -> None:
    """Refuse a sheet with a few cells that lie so far apart that it could not be laid out."""
    letters, height, start = {b"A"}, 1, 0
    while 0 <= start < len(content):  # a block at a time: a list of all references would be larger than the sheet
        end = content.find(b"<", start + _BLOCK_BYTES)
        references = _REFERENCE.findall(content, start, len(content) if end < 0 else end)
        letters |= {letter for letter, _ in references}
        height = max(height, *(int(row) for row in {row for _, row in references}), 1)
        start = end
    width = max(map(_number_of_column, letters))
    if height * width > MAX_CELLS:
        what = f"A sheet has {height} rows and {width} columns; at most {MAX_CELLS} cells are read."
        raise InputError(what, hint="Delete what stands far below or beside the table.", where=Where(file))


def _number_of_column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number
