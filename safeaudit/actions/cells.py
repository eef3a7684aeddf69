"""What people and spreadsheets write into the cells of actions -> text that is the same whoever wrote it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from safeaudit.actions.entries import CHOICES, DAYS, NUMBERS
from safeaudit.files.spreadsheet_text import unescape

if TYPE_CHECKING:
    from collections.abc import Mapping

_SERIALS = range(20_000, 80_000)
"""Days since 1899-12-30 that a spreadsheet shows as a number where the cell has lost its format: 1954 to 2119."""
_ZERO = date(1899, 12, 30)
_SURE_DIGITS = 1e15
"""A spreadsheet keeps fifteen digits of a number: of a longer id the rest is gone."""

_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[T ]\d.*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})(?: \d.*)?")
_NAMED = re.compile(r"(\d{1,2})[-/. ]+([a-z]{3})[a-z]*\.?[-/., ]+(\d{4}|\d{2})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS_A_YEAR, _CENTURY = 12, 100
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_MARKED = re.compile(r"[-+]?\d{1,3}(?:([.,'])\d{3})(?:\1\d{3})*")
_BLANKS = re.compile(r"[\s\u00a0\u202f]+")


class UnreadableError(Exception):
    """A cell whose meaning nobody can tell; its text says why."""


def read_cell(field: str, cell: Any, words: Mapping[str, Mapping[str, str]]) -> str:
    """Return what a cell says, as it is kept: days as 2026-11-30, numbers with a point, choices by their names.

    Parameters
    ----------
    field
        The column's name.
    cell
        The cell as a spreadsheet keeps it: text, number, truth, day or time; "" or None for nothing.
    words
        For each column that is chosen from a list, the name of each word.

    Raises
    ------
    UnreadableError
        It is no day, no number, or stands in no list; or the spreadsheet changed it.

    Examples
    --------
    >>> read_cell("due", 46356.0, {}), read_cell("due", "30.11.2026", {}), read_cell("cost", "1 200,50", {})
    ('2026-11-30', '2026-11-30', '1200.5')
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return ""
    if field in DAYS:
        return _read_day(cell)
    if field in NUMBERS:
        return _read_number(cell)
    text = _read_text(cell)
    if field not in CHOICES:
        return text
    plain = plain_words(text)
    if plain not in words[field]:
        raise UnreadableError(f"it is none of {', '.join(CHOICES[field])}")
    return words[field][plain]


def plain_words(text: str) -> str:
    """Return words as they are compared: whatever their case and the blanks about them."""
    return " ".join(text.replace("_", " ").split()).casefold()


def _read_text(cell: Any) -> str:
    match cell:
        case str():
            return unescape(cell.strip())
        case bool():
            return "true" if cell else "false"
        case datetime() | date() | time():
            raise UnreadableError("the spreadsheet made a day or time of it; format the cell as text, and type it anew")
        case float() | int() if abs(cell) >= _SURE_DIGITS:
            raise UnreadableError(
                "the spreadsheet made a number of it, and lost digits; format the cell as text, and type it anew"
            )
        case float() if cell.is_integer():
            return str(int(cell))
    return str(cell)


def _read_number(cell: Any) -> str:
    if isinstance(cell, (bool, datetime, date, time)):
        raise UnreadableError("it is no number")
    if isinstance(cell, str):
        cell = _number_of(_BLANKS.sub("", unescape(cell.strip())))
    value = float(cell)
    return str(int(value)) if value.is_integer() else repr(value)


def _number_of(text: str) -> float:
    """Return the number a text holds, with a point or a comma before decimals; raise where it may be two numbers."""
    if marked := _MARKED.fullmatch(text):
        if text.count(marked[1]) == 1 and marked[1] != "'":
            raise UnreadableError("it may be thousands or decimals; write it without the mark")
        return float(text.replace(marked[1], ""))
    last = max(text.rfind("."), text.rfind(","))
    whole, decimals = (text[:last], text[last + 1 :]) if last >= 0 else (text, "")
    plain = re.sub(r"[.,']", "", whole) + (f".{decimals}" if decimals else "")
    if not _NUMBER.fullmatch(plain):
        raise UnreadableError("it is no number")
    return float(plain)


def _read_day(cell: Any) -> str:
    match cell:
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case float() | int() if not isinstance(cell, bool) and int(cell) in _SERIALS:
            return (_ZERO + timedelta(days=int(cell))).isoformat()
        case str():
            return _day_of(unescape(cell.strip()))
    raise UnreadableError("it is no day; write it as 2026-11-30")


def _day_of(text: str) -> str:
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _NAMED.fullmatch(text):
        if found[2].lower() not in _MONTHS:
            raise UnreadableError("it is no day; write it as 2026-11-30")
        year, month, day = _year(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1])
    elif found := _YEAR_LAST.fullmatch(text):
        day, month, year = int(found[1]), int(found[3]), _year(found[4])
        if found[2] != "." and day <= _MONTHS_A_YEAR and month <= _MONTHS_A_YEAR and day != month:
            raise UnreadableError("day and month cannot be told apart; write it as 2026-11-30")
        if month > _MONTHS_A_YEAR:
            day, month = month, day
    else:
        raise UnreadableError("it is no day; write it as 2026-11-30")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise UnreadableError("there is no such day; write it as 2026-11-30") from None


def _year(text: str) -> int:
    return int(text) if int(text) >= _CENTURY else 2000 + int(text)
