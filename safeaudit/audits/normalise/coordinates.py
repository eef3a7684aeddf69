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
COORD_MISSING = Problem("COORD_MISSING", "This row has no position.")
_FORMAT = Problem("COORD_FORMAT", "{value} is no coordinate. Write degrees, as in 19.0712.")


def read_coordinate(text: str, letters: str) -> tuple[float, bool] | Problem:
    """Read one coordinate.

    Parameters
    ----------
    text
        Decimal degrees, or degrees with minutes and seconds, in any script's digits.
    letters
        The two letters it may carry: "NS" for a latitude, "EW" for a longitude.

    Returns
    -------
    The number, and whether it was more than a plain number to read; or a problem.
    """
    try:
        value, reread = float(text), not text.isascii()
    except ValueError:
        value, reread = _degrees(text, letters), True
    if not text:
        return COORD_MISSING
    return (value, reread) if math.isfinite(value) and "_" not in text else _FORMAT


def read_position(text: str) -> tuple[float, float, float] | Problem:
    """Read "latitude longitude altitude accuracy", of which the last two may be missing."""
    if not text:
        return COORD_MISSING
    parts = [read_number(part) for part in text.replace(", ", " ").split()]
    if not 2 <= len(parts) <= 4 or not all(map(math.isfinite, parts)):  # noqa: PLR2004 - the four of a geopoint
        return Problem("COORD_FORMAT", '{value} is no position. Write "latitude longitude", as in "19.0712 72.8801".')
    return parts[0], parts[1], parts[3] if len(parts) > 3 else math.nan  # noqa: PLR2004 - accuracy is the fourth


def _degrees(text: str, letters: str) -> float:
    """Return the degrees of a text that is no plain number, NaN where it is not understood."""
    plain = simplify(text)
    if NUMBER.fullmatch(plain):
        return float(plain)
    parts = _DEGREES.fullmatch(plain.upper().replace("D", "d").replace("M", "m").replace("''", '"'))
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
