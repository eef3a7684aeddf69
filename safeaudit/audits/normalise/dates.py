"""A column of times to moments: ISO 8601 or one declared format, never a guess that depends on other rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from safeaudit.audits.normalise.cells import Converted, convert, text_at
from safeaudit.audits.normalise.moments import EMPTY, FIRST_YEAR, LAST_YEAR, moment_reader
from safeaudit.audits.spans import Spans
from safeaudit.errors import InputError, Where

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.cells import Texts

_KIND = [("us", np.int64), ("date_only", np.bool_), ("naive", np.bool_)]
_TWELVE = 12
_SECOND = 19
_SIGNS = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":"}
"""Where the signs of 2024-03-05T18:30:00 stand; `_SECOND` is its length."""
_MONTH_STARTS = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-02", dtype="datetime64[M]").astype("datetime64[D]")
_FIRST_DAY = _MONTH_STARTS.astype(np.int64)
"""Days since 1970 at the first of every month that may be."""
_QUARTER_US = 900_000_000


def read_moments(cells: Texts, *, date_format: str | None, timezone: str | None, where: Where) -> Converted:
    """Read a column of dates and times.

    Parameters
    ----------
    cells
        The texts, shape (n,).
    date_format
        How they are written, as for strptime, or what they count (`moments.NUMBERS`); None for ISO 8601.
    timezone
        IANA name, for times without an offset.
    where
        File and column, for the error.

    Returns
    -------
    Values with `us`, microseconds of Unix time or `NO_TIME`; `date_only`, whether only the day is
    known (`us` is then the start of that day); `naive`, whether no offset stood there.

    Raises
    ------
    InputError
        A time stands without an offset, and there is no time zone.
    """
    zone = UTC if timezone is None else ZoneInfo(timezone)
    moments = None if date_format else _uniform(cells, zone)
    if moments is None:
        moments = convert(cells, moment_reader(date_format, zone), EMPTY, _KIND)
    naive = moments.data["naive"] & ~moments.data["date_only"]
    if timezone is None and naive.any():
        first = text_at(cells, int(naive.argmax()))
        what = f'{int(naive.sum())} times stand without an offset from UTC; the first is "{first}".'
        raise InputError(what, hint='Set timezone = "Africa/Nairobi" (yours) under [city].', where=where)
    return moments


def _uniform(cells: Texts, zone: tzinfo) -> Converted | None:
    """Read times that are all written as 2024-03-05T18:30:00 and an offset, at once; None where one is not."""
    spans = cells if isinstance(cells, Spans) else Spans.of(cells)
    if spans.length.min(initial=_SECOND) < _SECOND:
        return None
    us = _to_the_second(spans.windows(_SECOND))
    if us is None:
        return None
    # What follows the seconds, such as +05:30, is one of a few texts: each is read once, by Python.
    which, endings = Spans(spans.signs, spans.start + _SECOND, spans.stop).distinct()
    try:
        read = [datetime.fromisoformat("2000-01-01T00:00:00" + ending) for ending in endings]
    except ValueError:
        return None
    naive = np.array([ending.tzinfo is None for ending in read], dtype=bool)[which]
    extra = np.array([ending.microsecond - _microseconds(ending.utcoffset()) for ending in read], dtype=np.int64)
    us += extra[which]  # fractions of the second, less the offset
    if naive.any():
        us[naive] -= _offsets(us[naive], zone)
    values = np.zeros(len(us), dtype=_KIND)
    values["us"], values["naive"] = us, naive
    return Converted(values, np.full(len(us), -1), ())


def _to_the_second(signs: NDArray[np.uint8]) -> NDArray[np.int64] | None:
    """Read 2024-03-05T18:30:00, bytes of shape (19, n), as microseconds; None where one is no such time."""
    for at, wanted in _SIGNS.items():
        if (signs[at] != ord(wanted)).any() and (signs[at] != ord(wanted.replace("T", " "))).any():
            return None
    digit = (signs - np.uint8(ord("0"))).astype(np.int32)
    if any((digit[at] > 9).any() for at in range(_SECOND) if at not in _SIGNS):  # noqa: PLR2004 - of ten digits
        return None
    month, day, hour, minute, second = (digit[at] * 10 + digit[at + 1] for at in (5, 8, 11, 14, 17))
    year = digit[0] * 1000 + digit[1] * 100 + digit[2] * 10 + digit[3]
    since = (year - FIRST_YEAR) * _TWELVE + month - 1
    known = (month >= 1) & (month <= _TWELVE) & (since >= 0) & (since < len(_FIRST_DAY) - 1)
    known &= (hour < 24) & (minute < 60) & (second < 60) & (day >= 1)  # noqa: PLR2004 - of the clock
    if not known.all() or (day > np.diff(_FIRST_DAY)[since]).any():
        return None
    seconds = (_FIRST_DAY[since] + (day - 1)) * 86_400 + (hour * 3600 + minute * 60 + second)
    us: NDArray[np.int64] = seconds * 1_000_000
    return us


def _offsets(us: NDArray[np.int64], zone: tzinfo) -> NDArray[np.int64]:
    """Return a zone's offsets at times of its own clock; they change at quarters of an hour alone."""
    quarters, which = np.unique(us // _QUARTER_US, return_inverse=True)
    clocks = (datetime.fromtimestamp(int(quarter) * 900, UTC).replace(tzinfo=zone) for quarter in quarters)
    return np.array([_microseconds(clock.utcoffset()) for clock in clocks], dtype=np.int64)[which]


def _microseconds(span: timedelta | None) -> int:
    return 0 if span is None else span // timedelta(microseconds=1)
