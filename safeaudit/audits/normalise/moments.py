"""One text -> a moment: as ISO 8601, as a declared format or as a number; a zone that is written is never dropped."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.normalise.cells import Problem, read_number
from safeaudit.audits.normalise.written_times import plain_marks, plain_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NO_TIME = np.iinfo(np.int64).min
"""Microseconds that stand for no time, as in numpy's NaT."""
FIRST_YEAR, LAST_YEAR = 2000, 2090
Moment = tuple[int, bool, bool]
"""Microseconds of Unix time or `NO_TIME`; whether only the day is known; whether no zone stood there."""
EMPTY: Moment = (NO_TIME, False, False)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zones
NUMBERS = {"epoch_s": "seconds since 1970", "epoch_ms": "milliseconds since 1970", "excel": "days, as spreadsheets do"}
"""What `date_format` says of times that are numbers, and what they count."""
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{8}", re.ASCII)
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d|\d{8})(T\d{4}(\d\d)?|[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?\s?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII
)
_ISO_LIKE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_DAY_OR_MONTH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b.*")
_TWELVE = 12
_WITH_ZONE = re.compile(
    r"(?P<clock>.*\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s?[AaPp][Mm])?)\s*"
    r"(?P<word>[A-Z]{2,5}|[Zz]|utc|gmt)?\s*(?P<sign>[+-])?(?:(?<=[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?)?"
    r"(?:\s*\([^()]*\))?"
)
_FORMAT_WITH_ZONE = re.compile(r"(?P<clock>.*%[HIMSfpTXRcr])\s*(%Z|%z|[A-Z]{2,5}|Z|utc|gmt)?\s*([+-]\d\d:?\d\d)?")
_GREENWICH = ("", "UTC", "GMT", "Z")
_IMPLAUSIBLE = Problem(
    "DATE_IMPLAUSIBLE", f"{{value}} is not between {FIRST_YEAR} and {LAST_YEAR}. Check the phone's clock and calendar."
)
_NO_SUCH_DAY = Problem("DATE_IMPLAUSIBLE", "{value} is no day of the calendar. Correct it.")
_AMBIGUOUS = Problem(
    "DATE_AMBIGUOUS",
    'In {value} day and month cannot be told apart. Say which: date_format = "%d/%m/%Y" or "%m/%d/%Y", '
    "as it is written.",
)
_FORMAT = Problem(
    "DATE_FORMAT",
    '{value} is not written as 2024-03-05 18:30. Say how it is written, as in date_format = "%d.%m.%Y %H:%M".',
)
_ZONE = Problem(
    "DATE_ZONE",
    "The zone in {value} is not known: it is neither UTC nor that of the city at that time. "
    "Write an offset, as in 2024-03-05 18:30+03:00.",
)


_NO_FIT = ("time data", "unconverted data")
"""How Python begins to say that a text is not as a format says."""


def moment_reader(date_format: str | None, zone: tzinfo) -> Callable[[str], Moment | Problem]:
    """Return what reads one text.

    Parameters
    ----------
    date_format
        As for strptime, or one of `NUMBERS`; None for ISO 8601.
    zone
        For texts without a zone, and for words that name one, such as EAT, if it is called so.
    """
    if date_format is None:
        return lambda text: _read_iso(text, zone) if text else EMPTY
    if date_format in NUMBERS:
        return lambda text: _read_counted(text, date_format, zone) if text else EMPTY
    return lambda text: _read_declared(text, date_format, zone) if text else EMPTY


def guess_number_format(texts: Iterable[str]) -> str | None:
    """Return what `date_format` must say of times that are all numbers, None where they are not."""
    fitting = [{name for name in NUMBERS if _is_plausible(read_number(text), name)} for text in texts]
    common = set.intersection(*fitting) if fitting else set()
    return common.pop() if common else None  # they count from days to thousandths: no number fits two


def _read_iso(text: str, zone: tzinfo) -> Moment | Problem:
    try:
        if not _ISO.fullmatch(text):  # Python takes much else: weeks, days of the year, any letter between
            return _read_nearly_iso(text, zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _read_nearly_iso(text, zone)
    return _moment(moment, zone, date_only=bool(_ISO_DAY.fullmatch(text)))


def _read_nearly_iso(text: str, zone: tzinfo) -> Moment | Problem:
    """Read a moment as people and programs write it, where it can be but one, with its zone behind it."""
    plain = plain_moment(text)
    parts = _WITH_ZONE.fullmatch(plain)
    clock = plain if parts is None else parts["clock"]
    try:
        if not _ISO_LIKE.fullmatch(clock):
            return _why_no_time(text)
        moment = datetime.fromisoformat(clock)
    except ValueError:
        return _why_no_time(text)
    if parts is None or clock == plain:
        return _moment(moment, zone, date_only=parts is None)
    return _in_written_zone(moment, parts, zone)


def _read_declared(text: str, date_format: str, zone: tzinfo) -> Moment | Problem:
    """Read a text as it is declared; strptime takes a zone as a word and forgets it, so it is read apart."""
    text = plain_marks(text)
    declared, parts = _FORMAT_WITH_ZONE.fullmatch(date_format), _WITH_ZONE.fullmatch(text)
    no_clock = not re.search("%[HIcXsT]", date_format)
    wrong = Problem("DATE_FORMAT", f'{{value}} is not written as date_format = "{date_format}" says.')
    promised = declared is not None and date_format[declared.end("clock") :].strip() not in ("", "%z")
    written = parts is not None and text[parts.end("clock") :].strip() != ""
    try:
        if declared is None or parts is None or not (written or promised):
            return _moment(datetime.strptime(text, date_format), zone, date_only=no_clock)  # noqa: DTZ007 - as above
        if promised and not written:
            return wrong
        moment = datetime.strptime(parts["clock"], declared["clock"])  # noqa: DTZ007 - as above
    except ValueError as error:
        # What fits the format and fails all the same is a day that its month does not have.
        return wrong if str(error).startswith(_NO_FIT) else _NO_SUCH_DAY
    return _in_written_zone(moment, parts, zone)


def _read_counted(text: str, date_format: str, zone: tzinfo) -> Moment | Problem:
    """Read a number as it is declared."""
    value = read_number(text)
    if not math.isfinite(value):
        return Problem("DATE_FORMAT", f'{{value}} is no number, as date_format = "{date_format}" says.')
    if not _is_plausible(value, date_format):
        return _IMPLAUSIBLE
    if date_format == "excel":  # days are cut into parts of the last binary digit: the second is what was meant
        moment = _EXCEL_DAY_0 + timedelta(seconds=round(value * 86_400))
        return _moment(moment, zone, date_only=value.is_integer())
    return round(value * (1_000_000 if date_format == "epoch_s" else 1000)), False, False


def _is_plausible(value: float, counted: str) -> bool:
    """Say whether a number is a time of our years, if it counts this."""
    first, last = ((datetime(year, 1, 1) - _EXCEL_DAY_0).days for year in (FIRST_YEAR, LAST_YEAR + 1))  # noqa: DTZ001
    since_1970 = (_EPOCH.replace(tzinfo=None) - _EXCEL_DAY_0).days
    days = value if counted == "excel" else value / (86_400 if counted == "epoch_s" else 86_400_000) + since_1970
    return first <= days < last


def _in_written_zone(moment: datetime, parts: re.Match[str], zone: tzinfo) -> Moment | Problem:
    """Return a time whose zone stands behind it as a word, as an offset, or both."""
    word = (parts["word"] or "").upper()
    offset = timedelta(hours=int(parts["hours"] or 0), minutes=int(parts["minutes"] or 0))
    if word in _GREENWICH and abs(offset) < timedelta(days=1) and bool(parts["sign"]) == bool(parts["hours"]):
        return _moment(moment.replace(tzinfo=timezone(-offset if parts["sign"] == "-" else offset)), zone)
    if not parts["sign"] and moment.replace(tzinfo=zone).tzname() == word:
        return _moment(moment.replace(tzinfo=zone), zone)
    return _ZONE


def _moment(moment: datetime, zone: tzinfo, *, date_only: bool = False) -> Moment | Problem:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return _IMPLAUSIBLE
    naive = moment.tzinfo is None
    since = (moment.replace(tzinfo=zone) if naive else moment) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds, date_only, naive


def _why_no_time(text: str) -> Problem:
    """Say what is wrong with a text that is not ISO 8601."""
    if _ISO_LIKE.fullmatch(text) and text[10:].strip().count(" ") == 0:
        return _NO_SUCH_DAY
    parts = _DAY_OR_MONTH.fullmatch(text)
    if parts and int(parts[1]) <= _TWELVE and int(parts[2]) <= _TWELVE:
        return _AMBIGUOUS
    counted = guess_number_format([text])
    if counted:
        return Problem("DATE_FORMAT", f'{{value}} counts {NUMBERS[counted]}: write date_format = "{counted}".')
    return _FORMAT
