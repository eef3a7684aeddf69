"""Which time zone a city is in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from safeaudit.crs import Bounds

_MONTHS = [datetime(year, month, 1, tzinfo=UTC) for year in range(2000, 2038) for month in range(1, 13)]


def find_timezones(bounds: Bounds | None) -> tuple[str, ...]:
    """Return the time zone of a city, or those that it may be in.

    Parameters
    ----------
    bounds
        West, south, east and north, degrees; None where nothing is known.

    Returns
    -------
    IANA names of the zones whose areas hold the city's middle and corners, the middle's first. Of
    zones whose clocks have agreed since 2000 the first alone is named. None at sea.
    """
    if bounds is None:
        return ()
    from tzfpy import get_tzs  # noqa: PLC0415 - its map of the world takes 30 MB: for a new project alone

    west, south, east, north = bounds
    spots = [((west + east) / 2, (south + north) / 2), *((x, y) for x in (west, east) for y in (south, north))]
    zones = dict.fromkeys(zone for spot in spots for zone in sorted(get_tzs(*spot)))
    by_clock: dict[tuple[timedelta | None, ...], str] = {}
    for zone in zones:
        if not zone.startswith("Etc/"):  # the open sea: a harbour's corner may lie there
            by_clock.setdefault(_clock(zone), zone)
    return tuple(by_clock.values())


def _clock(zone: str) -> tuple[timedelta | None, ...]:
    """Return how far a zone's clock has been from UTC, month by month."""
    clock = ZoneInfo(zone)
    return tuple(month.astimezone(clock).utcoffset() for month in _MONTHS)
