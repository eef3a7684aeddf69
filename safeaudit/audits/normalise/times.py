"""When each submission was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit.audits.normalise.dates import NO_TIME, read_moments
from safeaudit.audits.normalise.guess import is_upload_time
from safeaudit.errors import Where

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk


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
    moments = read_moments(
        chunk.cells.texts(at),
        date_format=date_format,
        timezone="UTC" if is_upload_time(header) else timezone,
        where=Where(chunk.cells.file, column=header),
    )
    chunk.problems.add_unread(at, moments)
    return Times(moments.data["us"], moments.data["date_only"])
