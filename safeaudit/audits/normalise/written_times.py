"""Dates and times as people, phones and spreadsheets write them, made plain: only what can mean one moment alone.

Digits of any script, halves of the day and months by their names in the languages that are shipped, the year in front
with whatever between. Which of two numbers is the day is never decided here.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from safeaudit.audits.normalise import people_words
from safeaudit.audits.normalise.people_words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

_TWELVE = 12
_DAYS_IN_MONTH = 31
_LETTERS = r"[^\s\d,.:/+-]+\.?"
_NAME = rf"(?P<month>{_LETTERS}(?:\s(?!de\s){_LETTERS})?)"
_WEEKDAY = rf"(?:{_LETTERS},?\s)?"
_CLOCK = (
    r"(?P<hour>\d{1,2})\s?[:.hH]\s?(?P<minute>\d\d)(?:\s?[:.m]\s?(?P<second>\d\d(?:[.,]\d+)?)s?)?"
    r"(?:\s?(?P<half>AM|PM))?(?P<zone>(?:\s?(?:[A-Z]{1,5}|[Zz]|utc|gmt)?\s?(?:[+-]\d\d?(?::?\d\d)?)?(?:\s\([^()]*\))?)?)"
)
_THEN = rf"(?:(?:,?\s(?:-\s|à\s|às\s|a\slas\s|at\s|الساعة\s)?|T|_){_CLOCK})?"
_DAY_NAME_YEAR = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})[\s.-]+(?:de\s)?{_NAME}[\s-]+(?:de\s)?(?P<year>\d{{4}}){_THEN}"
)
_NAME_DAY_YEAR = re.compile(rf"{_WEEKDAY}{_NAME}\s(?P<day>\d{{1,2}}),?\s(?P<year>\d{{4}}){_THEN}")
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})(?P<by>[-/.:])(?P<month>\d{{1,2}})(?P=by)(?P<day>\d{{1,2}}){_THEN}")
_TOGETHER = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[_\s-](?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?"
)
_FORMS = (_YEAR_FIRST, _DAY_NAME_YEAR, _NAME_DAY_YEAR, _TOGETHER)
_HALF = re.compile(r"(?<=\d)\s?([^\W\d_][^\d:+-]{0,9})$")
_NUMBERED = re.compile(
    r"(?P<first>\d{1,2})(?P<by>[/.-])(?P<second>\d{1,2})(?P=by)(?P<year>\d{4}|\d\d)"
    r"(?:(?P<between>,?\s)(?P<hour>\d{1,2})(?P<colon>[:.])\d\d(?P<seconds>(?P=colon)\d\d)?(?P<half>\sAM|\sPM|AM|PM)?)?"
)


def plain_marks(text: str) -> str:
    """Return a date or time in digits of ASCII, with single spaces, and AM or PM for the half of the day."""
    plain = text if text.isascii() else "".join(map(_digit, text))
    plain = " ".join(plain.split())
    half = _HALF.search(plain)
    known = half and people_words.halves_of_day().get(fold(half[1]))
    return f"{plain[: half.start(1)]}{known.upper()}" if half and known else plain


def plain_moment(text: str) -> str:
    """Return a moment as ISO 8601 with what stands behind its clock; another text as it is."""
    plain = plain_marks(text)
    parts = next((parts for form in _FORMS if (parts := form.fullmatch(plain))), None)
    if parts is None:
        return text
    given = parts.groupdict()
    month = (
        people_words.months().get(fold(given["month"]), 0) if not given["month"].isdecimal() else int(given["month"])
    )
    hour = _hour(given.get("hour"), given.get("half"))
    if not month or hour is None:
        return text
    day = f"{given['year']}-{month:02}-{int(given['day']):02}"
    if not given.get("hour"):
        return day
    second = (given.get("second") or "00").replace(",", ".")
    return f"{day} {hour:02}:{given['minute']}:{second}{given.get('zone') or ''}"


def guess_date_format(texts: Iterable[str], *, day_first: bool | None) -> str | None:
    """Return how dates in numbers are written, as for strptime; None where they are not all alike, or it stays open.

    Parameters
    ----------
    texts
        The dates.
    day_first
        Which comes first where no number says it; None where nobody knows.
    """
    found = [_NUMBERED.fullmatch(plain_marks(text)) for text in texts]
    if not found or not all(found):
        return None
    dates = [parts for parts in found if parts]
    shapes = {_shape(parts) for parts in dates}
    over = {name for parts in dates for name in ("first", "second") if int(parts[name]) > _TWELVE}
    if len(shapes) > 1 or len(over) > 1 or any(int(parts["first"]) > _DAYS_IN_MONTH for parts in dates):
        return None
    first = "first" in over if over else day_first
    return None if first is None else shapes.pop().format(*("dm" if first else "md"))


def _shape(parts: re.Match[str]) -> str:
    year = "%Y" if len(parts["year"]) > 2 else "%y"  # noqa: PLR2004 - of two digits or four
    by, colon = parts["by"], parts["colon"]
    day = f"%{{}}{by}%{{}}{by}{year}"
    if not parts["hour"]:
        return day
    half = (parts["half"] or "").replace("AM", "%p").replace("PM", "%p")
    return f"{day}{parts['between']}{'%I' if half else '%H'}{colon}%M{f'{colon}%S' if parts['seconds'] else ''}{half}"


def _hour(hour: str | None, half: str | None) -> int | None:
    """Return an hour of 24; None where it is none of the half that it is said to be of."""
    value = int(hour or 0)
    if not half:
        return value
    return value % _TWELVE + _TWELVE * (half == "PM") if 1 <= value <= _TWELVE else None


def _digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
