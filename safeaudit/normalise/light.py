"""Day, twilight or dark: how high the sun stands at a place and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.normalise.cells import objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUNRISE_DEGREES = -0.833
"""Height of the sun's middle when its upper edge is seen at the horizon, through air that bends light."""
CIVIL_TWILIGHT_DEGREES = -6.0

_J2000_SECONDS = 946_728_000.0  # 2000-01-01 12:00 UTC, in seconds of Unix time
_SECONDS_PER_CENTURY = 36_525 * 86_400.0


def light(lon: NDArray[np.float64], lat: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.object_]:
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
    horizon) or "dark"; None where place or time is NaN.
    """
    height = sun_elevation(lon, lat, seconds)
    known = np.select(
        [height >= SUNRISE_DEGREES, height >= CIVIL_TWILIGHT_DEGREES, height < CIVIL_TWILIGHT_DEGREES],
        [0, 1, 2],
        default=3,
    )
    names: NDArray[np.object_] = objects(["day", "twilight", "dark", None])[known]
    return names


def sun_elevation(
    lon: NDArray[np.float64], lat: NDArray[np.float64], seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the height of the sun's middle above the horizon, degrees, without refraction.

    The formulas of NOAA's solar calculator, after Meeus, Astronomical Algorithms: within 0.1 degree
    from 1900 to 2100.

    Parameters
    ----------
    lon, lat
        Where, degrees, shape (n,).
    seconds
        When, seconds of Unix time, shape (n,).

    Returns
    -------
    Degrees, shape (n,); NaN where an input is NaN.
    """
    declination, equation_of_time_min = _sun(seconds)
    utc_min = np.mod(seconds, 86_400.0) / 60
    hour_angle = np.radians((utc_min + equation_of_time_min + 4 * lon) / 4 - 180)
    latitude = np.radians(lat)
    sine = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    height: NDArray[np.float64] = np.degrees(np.arcsin(np.clip(sine, -1, 1)))
    return height


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
