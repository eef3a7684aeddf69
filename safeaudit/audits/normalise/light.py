"""Day, twilight or dark: how high the sun stands at a place and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.normalise.coded import Coded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit import crs

SUNRISE_DEGREES = -0.833
"""Height of the sun's middle when its upper edge is seen at the horizon, through air that bends light."""
CIVIL_TWILIGHT_DEGREES = -6.0

_J2000_SECONDS = 946_728_000.0  # 2000-01-01 12:00 UTC, in seconds of Unix time
_SECONDS_PER_CENTURY = 36_525 * 86_400.0
_STEP_SECONDS = 21_600.0
"""Between such steps, a straight line follows the sun to 0.0001 degree."""


def light_by_sun(lon: NDArray[np.float64], lat: NDArray[np.float64], seconds: NDArray[np.float64]) -> Coded:
    """Say by the sun whether it was day, twilight or dark.

    Parameters
    ----------
    lon, lat
        Where, degrees, shape (n,).
    seconds
        When, seconds of Unix time, shape (n,).

    Returns
    -------
    Per place and time "day" (the sun is up), "twilight" (civil: down to 6 degrees below the
    horizon) or "dark"; empty where place or time is NaN.
    """
    height = _sine_of_elevation(lon, lat, seconds)
    sunrise, twilight = np.sin(np.radians([SUNRISE_DEGREES, CIVIL_TWILIGHT_DEGREES]))
    codes = (height < sunrise).astype(np.int8) + (height < twilight)
    codes[np.isnan(height)] = 3
    return Coded(codes, ("day", "twilight", "dark", ""))


def tell_light(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    seconds: NDArray[np.float64],
    declared: Coded,
    extent: crs.Bounds | None,
) -> tuple[Coded, NDArray[np.bool_]]:
    """Say by the sun whether it was day, twilight or dark, and go by the auditors where it cannot tell.

    Parameters
    ----------
    lon, lat, seconds
        As for `light_by_sun`. A row without a position has the sun of the city's middle: across a city it
        differs by seconds.
    declared
        What the auditors said; empty where they did not.
    extent
        Bounds of the city, degrees.

    Returns
    -------
    Light of each row, and whether one of sun and auditor says day and the other dark.
    """
    if extent is not None and np.isnan(lon).any():
        west, south, east, north = extent
        lon = np.where(np.isnan(lon), (west + east) / 2, lon)
        lat = np.where(np.isnan(lat), (south + north) / 2, lat)
    sun = light_by_sun(lon, lat, seconds)
    if not any(declared.texts):
        return sun, np.zeros(len(sun.codes), dtype=bool)
    differ = (sun.where("day") & declared.where("dark")) | (sun.where("dark") & declared.where("day"))
    return sun.otherwise(declared), differ


def _sine_of_elevation(
    lon: NDArray[np.float64], lat: NDArray[np.float64], seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the sine of the height of the sun's middle above the horizon, without refraction; NaN where an input is.

    The formulas of NOAA's solar calculator, after Meeus, Astronomical Algorithms: within 0.1 degree from 1900 to 2100.
    """
    sine, cosine, equation_of_time_min = _sun_near(seconds)
    utc_min = np.mod(seconds, 86_400.0) / 60
    hour_angle = np.radians((utc_min + equation_of_time_min + 4 * lon) / 4 - 180)
    latitude = np.radians(lat)
    height: NDArray[np.float64] = np.sin(latitude) * sine + np.cos(latitude) * cosine * np.cos(hour_angle)
    return height


def _sun_near(
    seconds: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return sine and cosine of the declination and the equation of time, minutes, from a table of fixed steps."""
    steps = seconds / _STEP_SECONDS
    known = np.isfinite(steps)
    if not known.any():
        return steps, steps, steps
    whole = np.floor(np.where(known, steps, steps[known.argmax()]))
    first, last = int(whole.min()), int(whole.max())
    table_seconds = np.arange(first, last + 2, dtype=np.float64) * _STEP_SECONDS
    declination, equation = _sun(table_seconds)
    at, share = whole.astype(np.int64) - first, steps - whole
    columns = (np.sin(declination), np.cos(declination), equation)
    sine, cosine, minutes = (column[at] * (1 - share) + column[at + 1] * share for column in columns)
    return sine, cosine, minutes


def _sun(seconds: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sun's declination, radians, and the equation of time, minutes."""
    t = (seconds - _J2000_SECONDS) / _SECONDS_PER_CENTURY
    mean_longitude = np.radians(np.mod(280.46646 + t * (36_000.76983 + t * 0.0003032), 360))
    anomaly = np.radians(357.52911 + t * (35_999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = (
        np.sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * t)
        + np.sin(3 * anomaly) * 0.000289
    )
    node = np.radians(125.04 - 1934.136 * t)
    longitude = mean_longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    obliquity = np.radians(23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60) / 60)
    obliquity = obliquity + np.radians(0.00256 * np.cos(node))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    y = np.tan(obliquity / 2) ** 2
    equation = (
        y * np.sin(2 * mean_longitude)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * mean_longitude)
        - 0.5 * y**2 * np.sin(4 * mean_longitude)
        - 1.25 * eccentricity**2 * np.sin(2 * anomaly)
    )
    return declination, 4 * np.degrees(equation)
