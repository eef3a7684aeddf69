"""Metres or an error: which CRS a run computes in, and how coordinates get there."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError

from safeaudit.errors import CrsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

WGS84 = "EPSG:4326"
MAX_CITY_DEGREES = 5.0
MAX_SCALE_ERROR = 0.01
_UTM_MAX_LATITUDE = 84.0
_UTM_MIN_LATITUDE = -80.0

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""


def metric_crs(bounds: Bounds, wanted: str = "auto") -> CRS:
    """Return the CRS that a city's metres are measured in.

    Parameters
    ----------
    bounds
        West, south, east and north of the places, degrees.
    wanted
        A CRS in metres such as "EPSG:32737"; "auto" takes the UTM zone of the middle, or the polar
        stereographic grid (UPS) beyond 84 degrees north and 80 degrees south.

    Raises
    ------
    CrsError
        The wanted CRS is unknown, not in metres or off by more than 1 % here, or the places reach over
        more than a city.
    """
    west, south, east, north = bounds
    if wanted != "auto":
        crs = require_metres(parse_crs(wanted))
        _check_scale(crs, (west + east) / 2, (south + north) / 2)
        return crs
    if east - west > MAX_CITY_DEGREES or north - south > MAX_CITY_DEGREES:
        raise CrsError(
            f"The places reach over {east - west:.1f} x {north - south:.1f} degrees: more than a city.",
            hint="Cut the extract to the city.",
        )
    longitude, latitude = (west + east) / 2, (south + north) / 2
    if latitude > _UTM_MAX_LATITUDE:
        return CRS.from_epsg(5041)
    if latitude < _UTM_MIN_LATITUDE:
        return CRS.from_epsg(5042)
    zone = int((longitude + 180) // 6) % 60 + 1
    return CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


def parse_crs(wanted: str) -> CRS:
    """Return a CRS by its name.

    Raises
    ------
    CrsError
        The name is unknown.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # what pyproj says to who writes "+init=..."
            return CRS.from_user_input(wanted)
    except CRSError as error:
        raise CrsError(f'"{wanted}" is no CRS that is known.', hint='Write it as in "EPSG:32737".') from error


def require_metres(crs: CRS | None) -> CRS:
    """Return a CRS as it is, if it measures in metres.

    Raises
    ------
    CrsError
        There is none, or it measures in degrees or feet.
    """
    if crs is None:
        raise CrsError("The layer has no CRS.", hint='Name it, as in crs = "EPSG:32737".')
    units = {axis.unit_name for axis in crs.axis_info}
    if not crs.is_projected or units != {"metre"}:
        raise CrsError(f"{crs.name} does not measure in metres.", hint='Take a UTM zone, as in "EPSG:32737".')
    return crs


def _check_scale(crs: CRS, longitude: float, latitude: float) -> None:
    """Compare a short line at a place with its length on the ellipsoid; a map of the world stretches it."""
    ends = np.array([[longitude, latitude], [longitude + 1e-3, latitude], [longitude, latitude + 1e-3]])
    true = np.array([Geod(ellps="WGS84").inv(*ends[0], *end)[2] for end in ends[1:]])
    xy = to_metres(ends, crs)
    off = np.abs(np.hypot(*(xy[1:] - xy[0]).T) / true - 1).max()
    if not off <= MAX_SCALE_ERROR:
        what = (
            f"Metres of {crs.name} are off by {off:.0%} here."
            if np.isfinite(off)
            else f"{crs.name} does not reach here."
        )
        raise CrsError(what, hint='Take the UTM zone of the city, or crs = "auto".')


def to_metres(lonlat: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Return longitudes and latitudes (n, 2), degrees, as coordinates of a CRS (n, 2), metres."""
    return np.column_stack(_transformer(WGS84, crs.to_wkt()).transform(lonlat[:, 0], lonlat[:, 1]))


def to_degrees(xy: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Return coordinates of a CRS (n, 2), metres, as longitudes and latitudes (n, 2), degrees."""
    return np.column_stack(_transformer(crs.to_wkt(), WGS84).transform(xy[:, 0], xy[:, 1]))


@lru_cache(maxsize=8)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
