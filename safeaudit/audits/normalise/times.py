"""When each submission was made."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit.audits.normalise.coded import objects
from safeaudit.audits.normalise.dates import read_moments
from safeaudit.audits.normalise.guess import is_upload_time
from safeaudit.audits.normalise.moments import NO_TIME
from safeaudit.audits.normalise.written_times import plain_marks
from safeaudit.errors import Where

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.cells import Texts
    from safeaudit.audits.normalise.chunk import Chunk

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})[:.hH](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?(?P<zone>.*)"
)
_MIDNIGHT = re.compile(r"[T ]00:00(:00)?")


class Times(NamedTuple):
    """Microseconds of Unix time, or `NO_TIME`; and whether only the day is known; each of shape (n,)."""

    observed_us: NDArray[np.int64]
    date_only: NDArray[np.bool_]

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Seconds of Unix time; NaN where the hour is not known."""
        return np.where((self.observed_us != NO_TIME) & ~self.date_only, self.observed_us / 1e6, np.nan)


def read_times(chunk: Chunk, date_format: str | None, timezone: str | None) -> Times:
    """Read when each row was made; see `dates.read_moments`. Servers write the time of an upload in UTC."""
    if "observed_at" not in chunk.columns:
        return Times(np.full(chunk.n, NO_TIME), np.zeros(chunk.n, dtype=bool))
    at = chunk.columns["observed_at"]
    header = chunk.cells.header[at]
    cells = chunk.cells.texts(at)
    if "time_of_day" in chunk.columns:
        cells, date_format = _join_times(chunk, date_format)
    moments = read_moments(
        cells,
        date_format=date_format,
        timezone="UTC" if is_upload_time(header, chunk.cells.header) else timezone,
        where=Where(chunk.cells.file, column=header),
    )
    chunk.problems.add_unread(at, moments)
    return Times(moments.data["us"], moments.data["date_only"])


def _join_times(chunk: Chunk, date_format: str | None) -> tuple[Texts, str | None]:
    """Return day and time of day as one text, each distinct pair joined once, and how these are written."""
    days, clocks = chunk.coded("observed_at"), chunk.coded("time_of_day")
    n = len(clocks.texts)
    pairs, which = np.unique(days.codes.astype(np.int64) * n + clocks.codes, return_inverse=True)
    has_clock = bool(date_format and re.search("%[HIcXsT]", date_format))
    texts = [
        f"{days.texts[pair // n]} {clocks.texts[pair % n]}".strip()
        if has_clock
        else _join_time(days.texts[pair // n], clocks.texts[pair % n], date_format)
        for pair in pairs.tolist()
    ]
    return objects(texts)[which], date_format if has_clock else None


def _join_time(day: str, clock: str, date_format: str | None) -> str:
    """Return day and time as ISO 8601; what is no day or no time stands as it is written, and is told as a problem."""
    day, clock = plain_marks(day), plain_marks(clock)
    if date_format:
        try:
            day = datetime.strptime(day, date_format).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            return f"{day} {clock}".strip()
    # A spreadsheet knows no days and no times alone: a day is its midnight, a time is one of the first day it counts.
    day = _MIDNIGHT.sub("", day)
    parts = _CLOCK.fullmatch(clock.rpartition("T")[2])
    if not clock or parts is None:
        return f"{day} {clock}".strip()
    hour, half = int(parts["hour"]), (parts["half"] or "").casefold()[:1]
    if half and 1 <= hour <= 12:  # noqa: PLR2004 - of the clock
        hour = hour % 12 + 12 * (half == "p")
    return f"{day} {hour:02}:{parts['minute']}:{parts['second'] or '00'}{parts['zone']}"
