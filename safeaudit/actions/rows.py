"""A workbook that came back -> what its rows say: whatever order its rows, columns and sheets are in now."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from safeaudit.actions.cells import UnreadableError, plain_words, read_cell
from safeaudit.actions.entries import ABOUT, ABOUT_ACTION, ABOUT_HALL, CHOICES
from safeaudit.errors import InputError, Where
from safeaudit.files.spreadsheet_text import unescape
from safeaudit.files.worksheets import read_worksheets
from safeaudit.languages import LANGUAGES, read_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from safeaudit.files.admit import Admitted
    from safeaudit.files.worksheets import Worksheet
    from safeaudit.languages import Language

_COLUMN = "mend.column."
_HEADER_ROWS, _LEAST_HEADINGS = 12, 3
_REFERENCE = re.compile(r"([AH][0-9A-Z]{8})\s*/\s*(\d{1,6})(?:\s*/\s*([0-9A-Z]{4}))?")
_OURS = ("discuss", "help")
"""Sheets of ours that nothing is read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one row says of an action, or a hall of a place.

    Attributes
    ----------
    where
        Sheet and row, for people.
    about
        action or hall.
    action_id, version
        By what it is known again, and after how many changes it was written; "" and None where the row does not say.
    signs
        Those of the agency it was written with, as from `check_signs`; "" where it does not say.
    place_code, label, issue
        What it is about, as it stands there; an issue in words that we know is its kind.
    said
        What each column says that can be read.
    unread
        The text of each cell that cannot be, with the reason.
    """

    where: str
    about: str
    action_id: str = ""
    version: int | None = None
    signs: str = ""
    place_code: str = ""
    label: str = ""
    issue: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def read_rows(file: Admitted, language: Language) -> tuple[list[Row], list[str]]:
    """Read the rows of a workbook that `safeaudit actions` wrote and people filled in.

    Parameters
    ----------
    file
        The workbook.
    language
        The city's language: its headings and words are known, as are those of every language that is shipped.

    Returns
    -------
    Its rows, and sentences on sheets and columns that are not read or not there.

    Raises
    ------
    InputError
        It is no XLSX file, or none of its sheets holds a row of ours.
    """
    if file.kind != "zip":
        hint = "Name the mend.xlsx that came back; save an .ods or .xls as XLSX first."
        raise InputError("This is no XLSX file.", hint=hint, where=Where(file.name))
    known = _Known(language)
    rows: list[Row] = []
    remarks: list[str] = []
    ours = False
    for sheet in read_worksheets(file):
        at, columns = known.header(sheet)
        about = _about(columns)
        if about is None:
            if sheet.holds_something and plain_words(sheet.name) not in known.silent:
                remarks.append(f'Sheet "{sheet.name}" is none of ours: it was not read.')
            continue
        ours = True
        remarks += _say_columns(sheet, at, columns, about, known)
        rows += _rows(sheet, at, columns, about, known)
    if not ours:
        hint = "Name a mend.xlsx that safeaudit actions wrote, with its headings."
        raise InputError("None of its sheets is a list of actions.", hint=hint, where=Where(file.name))
    return rows, remarks


class _Known:
    """The words of headings, lists and faults in every language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        spoken = [language, *map(read_language, LANGUAGES)]
        self.columns = {
            plain_words(text): key.removeprefix(_COLUMN)
            for one in reversed(spoken)
            for key, text in one.under(_COLUMN).items()
        }
        self.choices = {
            column: {plain_words(name): name for name in names}
            | {plain_words(one[f"mend.{column}.{name}"]): name for one in reversed(spoken) for name in names}
            for column, names in CHOICES.items()
        }
        self.issues = {plain_words(text): kind for one in spoken for kind, text in one.answers("faults").items()}
        self.silent = {plain_words(one[f"mend.sheet.{name}"]) for one in spoken for name in _OURS}

    def header(self, sheet: Worksheet) -> tuple[int, dict[str, int]]:
        """Return the row that holds the headings, and where each of ours stands; people write titles above it."""
        best, found = 0, dict[str, int]()
        for at, cells in enumerate(sheet.rows[:_HEADER_ROWS]):
            named = [self.columns.get(plain_words(str(cell))) for cell in cells]
            here = {name: place for place, name in reversed(list(enumerate(named))) if name is not None}
            if len(here) > len(found):
                best, found = at, here
        return best, found if len(found) >= _LEAST_HEADINGS else {}


def _about(columns: Mapping[str, int]) -> str | None:
    """Return what a sheet's rows are about; None where they are no rows of ours."""
    if "agree" in columns and "place_code" in columns:
        return ABOUT_HALL
    says = any(name in columns for name in ABOUT[ABOUT_ACTION])
    return ABOUT_ACTION if says and ("reference" in columns or {"place_code", "issue"} <= columns.keys()) else None


def _say_columns(sheet: Worksheet, at: int, columns: Mapping[str, int], about: str, known: _Known) -> Iterator[str]:
    """Say which columns are gone, and which are not ours."""
    for name in (*ABOUT[about], "reference"):
        if name not in columns:
            heading = known.language[f"{_COLUMN}{name}"]
            stays = "rows are known by code and issue alone" if name == "reference" else "what was said of it stays"
            yield f'Sheet "{sheet.name}" has no column "{heading}": {stays}.'
    for place, cell in enumerate(sheet.rows[at]):
        if str(cell).strip() and place not in columns.values():
            told = f'the column "{str(cell).strip()}" is none of ours, or stands there twice'
            yield f'Sheet "{sheet.name}": {told}: it was not read.'


def _rows(sheet: Worksheet, at: int, columns: Mapping[str, int], about: str, known: _Known) -> Iterator[Row]:
    """Yield the rows below the headings that say something."""
    for line, cells in enumerate(sheet.rows[at + 1 :], start=at + 2):
        if any(str(cell).strip() for cell in cells):
            yield _row(f'Sheet "{sheet.name}" row {line}', cells, columns, about, known)


def _row(where: str, cells: Sequence[Any], columns: Mapping[str, int], about: str, known: _Known) -> Row:
    said: dict[str, str] = {}
    unread: dict[str, tuple[str, str]] = {}
    for name in ABOUT[about]:
        if name in columns:
            cell = cells[columns[name]]
            try:
                said[name] = read_cell(name, cell, known.choices)
            except UnreadableError as error:
                unread[name] = (str(cell), str(error))
    head = {
        name: unescape(str(cells[columns[name]]).strip()) if name in columns else ""
        for name in ("reference", "place_code", "label", "issue")
    }
    reference = _REFERENCE.fullmatch(head["reference"].upper())
    return Row(
        where=where,
        about=about,
        action_id=reference[1] if reference else "",
        version=int(reference[2]) if reference else None,
        signs=(reference[3] or "") if reference else "",
        place_code=head["place_code"],
        label=head["label"],
        issue=known.issues.get(plain_words(head["issue"]), head["issue"]),
        said=said,
        unread=unread,
    )
