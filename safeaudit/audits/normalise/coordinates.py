"""Text cells to coordinates: degrees as people, phones and programs write them."""

from __future__ import annotations

import math
import re

from safeaudit.audits.normalise.cells import NUMBER, Problem, read_number, simplify

_DEGREES = re.compile(
    r"""(?P<before>[NSEW]?)\ *(?P<sign>[+-]?)\ *(?P<degrees>\d+(\.\d+)?)\ *[°:d]?\ *
        ((?P<minutes>\d+(\.\d+)?)\ *[':m]?\ *)?
        ((?P<seconds>\d+(\.\d+)?)\ *("|''|s)?\ *)?
        (?P<after>[NSEW]?)""",
    re.VERBOSE,
)
_SEXAGESIMAL = 60
_AXES = ("NS", "EW")
"""Letters of a latitude and of a longitude."""
_SIGNED = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
WKT = re.compile(
    rf"(?:SRID=4326;)?\s*(?:POINT|MULTIPOINT)\s*(?:Z|M|ZM)?\s*\(+\s*(?P<lon>{_SIGNED})\s+(?P<lat>{_SIGNED})(?:\s+\S+){{0,2}}\s*\)+",
    re.IGNORECASE,
)
"""A point, or a collection of one: longitude first."""
_PAIR = re.compile(r"(.*\d.*[NS]|[NS].*\d)[,;\s]+(.*\d.*[EWO]|[EWO].*\d\S*)", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3}){2,}")
"""Degrees whose point a spreadsheet took for one between thousands."""
COORD_MISSING = Problem("COORD_MISSING", "This row has no position.")
_FORMAT = Problem("COORD_FORMAT", "{value} is no coordinate. Write degrees, as in 19.0712.")


def read_coordinate(text: str, letters: str, span: tuple[float, float] | None = None) -> tuple[float, bool] | Problem:
    """Read one coordinate.

    Parameters
    ----------
    text
        Decimal degrees, or degrees with minutes and seconds, in any script's digits.
    letters
        The two letters it may carry: "NS" for a latitude, "EW" for a longitude; west may be O there.
    span
        Lowest and highest that it can be in the city, which alone tells what 19.071.234 was before a spreadsheet took
        its point for one between thousands.

    Returns
    -------
    The number, and whether it was more than a plain number to read; or a problem.
    """
    try:
        value, reread = float(text), not text.isascii()
    except ValueError:
        value, reread = _ungrouped(text, span) if _GROUPED.fullmatch(text) else _degrees(text, letters), True
    if not text:
        return COORD_MISSING
    return (value, reread) if math.isfinite(value) and "_" not in text else _FORMAT


def read_position(text: str) -> tuple[float, float, float] | Problem:
    """Read "latitude longitude altitude accuracy", of which the last two may be missing, or a point as WKT."""
    if not text:
        return COORD_MISSING
    well_known = WKT.fullmatch(text)
    if well_known:
        return float(well_known["lat"]), float(well_known["lon"]), math.nan
    plain = simplify(text).strip("()[] ")
    pair = _PAIR.fullmatch(plain)
    if pair:
        lat, lon = (
            read_coordinate(part.strip(" ,;"), letters) for part, letters in zip(pair.groups(), _AXES, strict=True)
        )
        if not isinstance(lat, Problem) and not isinstance(lon, Problem):
            return lat[0], lon[0], math.nan
    parts = [read_number(part) for part in re.sub(r"[,;]\s", " ", plain).split()]
    if len(parts) == 1 and plain.count(",") == 1 and "." in plain:
        parts = [read_number(part) for part in plain.split(",")]
    if not 2 <= len(parts) <= 4 or not all(map(math.isfinite, parts)):  # noqa: PLR2004 - the four of a geopoint
        return Problem("COORD_FORMAT", '{value} is no position. Write "latitude longitude", as in "19.0712 72.8801".')
    return parts[0], parts[1], parts[3] if len(parts) > 3 else math.nan  # noqa: PLR2004 - accuracy is the fourth


def _ungrouped(text: str, span: tuple[float, float] | None) -> float:
    """Return the only place of the point with which a number lies in the city, NaN where there is none or several."""
    digits = text.replace(".", "")
    values = [int(digits) / 10**places for places in range(1, len(digits))]
    fitting = [value for value in values if span is not None and span[0] <= value <= span[1]]
    return fitting[0] if len(fitting) == 1 else math.nan


def _degrees(text: str, letters: str) -> float:
    """Return the degrees of a text that is no plain number, NaN where it is not understood."""
    plain = simplify(text)
    if NUMBER.fullmatch(plain):
        return float(plain)
    capitals = plain.upper().replace("O", "W") if "W" in letters else plain.upper()
    parts = _DEGREES.fullmatch(capitals.replace("D", "d").replace("M", "m").replace("''", '"'))
    if parts is None or (parts["before"] and parts["after"]) or set(plain) <= set("0123456789. +-"):
        return math.nan
    letter = parts["before"] or parts["after"]
    minutes, seconds = float(parts["minutes"] or 0), float(parts["seconds"] or 0)
    if (letter and letter not in letters) or max(minutes, seconds) >= _SEXAGESIMAL:
        return math.nan
    if (parts["minutes"] and "." in parts["degrees"]) or (parts["seconds"] and "." in parts["minutes"]):
        return math.nan
    size = float(parts["degrees"]) + minutes / 60 + seconds / 3600
    return -size if (letter in tuple("SW")) != (parts["sign"] == "-") else size
