"""Which time zone a city is in."""

from __future__ import annotations

import re
from importlib.resources import files as package_files
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.errors import ConfigError

if TYPE_CHECKING:
    from safeaudit.crs import Bounds

_EARTH_KM = 6371.0
_SURE_KM = 100.0


def timezones_near(bounds: Bounds | None) -> tuple[str, ...]:
    """Return the time zone of a place, or several that it may be in.

    A place within 100 km of the principal place of a zone is in it, nearly always; elsewhere the six
    nearest are named, and a person must say.

    Parameters
    ----------
    bounds
        West, south, east and north, degrees; None where nothing is known.
    """
    if bounds is None:
        return ()
    table = (package_files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    latitude, longitude = np.radians(np.array([_iso6709(row[1]) for row in rows])).T
    x, y = np.radians([(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2])
    cosine = np.sin(y) * np.sin(latitude) + np.cos(y) * np.cos(latitude) * np.cos(longitude - x)
    km = _EARTH_KM * np.arccos(np.clip(cosine, -1, 1))
    nearest = np.argsort(km, kind="stable")[:6]
    sure = km[nearest[0]] <= _SURE_KM
    return tuple(rows[row][2] for row in (nearest[:1] if sure else nearest))


def _iso6709(text: str) -> tuple[float, float]:
    """Return latitude and longitude from a text such as -0117+03649."""
    found = re.fullmatch(r"([+-])(\d\d)(\d\d)(?:\d\d)?([+-])(\d{3})(\d\d)(?:\d\d)?", text)
    if found is None:
        raise ConfigError(f"The time zone list is damaged at {text}.", hint="Install tzdata once more.")
    ns, degrees_n, minutes_n, we, degrees_e, minutes_e = found.groups()
    north, east = int(degrees_n) + int(minutes_n) / 60, int(degrees_e) + int(minutes_e) / 60
    return (north if ns == "+" else -north), (east if we == "+" else -east)
