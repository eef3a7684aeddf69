"""Where submissions were made: from text to degrees, and whether that can be true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit import crs
from safeaudit.audits.normalise.cells import Converted, Problem, convert, plain_numbers, read_number
from safeaudit.audits.normalise.coordinates import COORD_MISSING, read_coordinate, read_position
from safeaudit.errors import InputError, Where

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk

MARGIN_KM = 5.0
"""A point may lie this far outside the city's places."""
MARGIN_DEGREES = 0.05
"""About as much, where a number alone must tell what it was."""
NULL_ISLAND_DEGREES = 1e-6
LOW_PRECISION_M = 100.0

_EARTH_KM = 6371.0
_POLE, _DATE_LINE = 90.0, 180.0
_FAR_BEYOND = 360.0
_NO_METRES = -np.inf
_KIND = [("degrees", np.float64), ("reread", np.bool_)]
_POSITION = [("lat", np.float64), ("lon", np.float64), ("accuracy_m", np.float64)]
_NOWHERE = (np.nan, np.nan, np.nan)
_NO_PLACE = Problem(
    COORD_MISSING.code, "This row does not say where it was: write its place code, or its street and its walk."
)
_NULL_ISLAND = Problem("NULL_ISLAND", "The position is 0, 0: the phone had no fix.")
_METRES = Problem(
    "COORD_RANGE",
    '{value} is no degree. It looks like metres of a map grid: set crs = "EPSG:..." under this file\'s [[audits]].',
)
_LATITUDE = Problem("COORD_RANGE", "{value} is no latitude: it must be from -90 to 90.")
_LONGITUDE = Problem("COORD_RANGE", "{value} is no longitude: it must be from -180 to 180.")
_SWAPPED = Problem(
    "OUTSIDE_AREA",
    "The point lies {detail} km outside the city's places, and inside with latitude and longitude swapped. Swap them.",
)
_OUTSIDE = Problem("OUTSIDE_AREA", "The point lies {detail} km outside the city's places. Check the position.")
_LONGITUDE_SIGN, _LATITUDE_SIGN = (
    Problem(
        "OUTSIDE_AREA",
        f"The point lies in the city with the other sign of its {name}: a minus sign was lost or added in {{value}}.",
    )
    for name in ("longitude", "latitude")
)


class Located(NamedTuple):
    """Degrees and, from a position, its accuracy in metres; NaN where unknown; each of shape (n,)."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]


@dataclass(slots=True)
class Swaps:
    """Counts points that fall in the city only when latitude and longitude are swapped."""

    points: int = 0
    swapped: int = 0
    example: tuple[float, float] = (np.nan, np.nan)
    middle: tuple[float, float] = (np.nan, np.nan)

    def add(
        self, swapped: NDArray[np.bool_], lon: NDArray[np.float64], lat: NDArray[np.float64], city: crs.Bounds
    ) -> None:
        """Count the points in a mask; remember where the first of them lies, and where the city does."""
        if swapped.any() and not self.swapped:
            first = int(np.argmax(swapped))
            self.example = float(lat[first]), float(lon[first])
            self.middle = (city[1] + city[3]) / 2, (city[0] + city[2]) / 2
        self.swapped += int(swapped.sum())

    def check(self, file: str, latitude: str, longitude: str) -> None:
        """Refuse a file most of whose points do.

        Raises
        ------
        InputError
            More than half of the points fall in the city when swapped, and not as they are.
        """
        if not self.swapped or self.swapped * 2 <= self.points:
            return
        some = f"All {self.points}" if self.swapped == self.points else f"{self.swapped} of {self.points}"
        points, places = ("latitude {:.4f}, longitude {:.4f}".format(*spot) for spot in (self.example, self.middle))
        what = (
            f"{some} points fall in the city when latitude and longitude are swapped: the first is at {points}, the"
            f" middle of the places at {places}. The city lies at one of the two."
        )
        hint = (
            f'If where the places are, swap the points: columns = {{ latitude = "{longitude}",'
            f' longitude = "{latitude}", ... }}. If where the points are, swap the places: in QGIS with Swap X and Y'
            " coordinates, and export them once more."
        )
        raise InputError(what, hint=hint, where=Where(file))


def locate(chunk: Chunk, grid: str | None, named: NDArray[np.bool_], extent: crs.Bounds | None) -> Located:
    """Read where each row was made.

    Parameters
    ----------
    chunk
        Rows with a latitude and a longitude, or a position, or a place code; takes what is wrong.
    grid
        CRS of latitude and longitude, None for degrees.
    named
        Which rows need no position, since they name their place, shape (n,).
    extent
        Bounds of the city, degrees; None where they are not known.

    Returns
    -------
    Degrees per row; NaN where there is a problem or the row names its place alone.
    """
    n = chunk.n
    located = Located(*(np.full(n, np.nan) for _ in range(3)))
    paired = "latitude" in chunk.columns and "longitude" in chunk.columns
    if "position" in chunk.columns:
        located = _from_position(chunk, excused=named | paired)
    if paired:
        located = _from_pair(chunk, located, named, grid, extent)
    if not paired and "position" not in chunk.columns:
        chunk.problems.add(chunk.column_to_blame("place_code"), ~named, _NO_PLACE)
    # Forms that ask for a position write 0 0 where none was taken: beside a place that is named it says nothing.
    unset = named & _is_null(located.lon, located.lat)
    return Located(*(np.where(unset, np.nan, column) for column in located)) if unset.any() else located


def check_positions(located: Located, chunk: Chunk, extent: crs.Bounds | None, swaps: Swaps) -> None:
    """Put a problem where a position cannot be true: beyond the poles, at 0, 0, or far outside the city."""
    lon, lat, _ = located
    problems = chunk.problems
    at_lat = chunk.column_to_blame("latitude", "position")
    at_lon = chunk.column_to_blame("longitude", "position")
    problems.add(at_lat, np.abs(lat) > _FAR_BEYOND, _METRES)
    problems.add(at_lat, np.abs(lat) > _POLE, _LATITUDE)
    problems.add(at_lon, np.abs(lon) > _FAR_BEYOND, _METRES)
    problems.add(at_lon, np.abs(lon) > _DATE_LINE, _LONGITUDE)
    null = _is_null(lon, lat)
    problems.add(at_lat, null, _NULL_ISLAND)
    if extent is not None:
        _check_distance(chunk, located, ~null, extent, swaps)


def read_accuracy(chunk: Chunk, located: Located) -> NDArray[np.float64]:
    """Return the accuracy of the fix, metres; 0 and what is no such number mean unknown.

    A column of its own comes before what stands beside a position.
    """
    cells = chunk.column("accuracy_m")
    plain = plain_numbers(cells)
    own = convert(cells, _read_metres, np.nan, np.float64).data if plain is None else plain
    accuracy = np.where(np.isnan(own) | (own == _NO_METRES), located.accuracy_m, own)
    odd = (own < 0) | np.isinf(own)
    chunk.remarks.count("{n} accuracies are no metres, such as {first}; they count as unknown.", odd, cells)
    return np.where((accuracy > 0) & np.isfinite(accuracy), accuracy, np.nan)


def _read_metres(text: str) -> float:
    """Read a number; NaN where there is nothing, `_NO_METRES` where there is something else."""
    value = read_number(text) if text else 0.0
    return (_NO_METRES if np.isnan(value) else value) if text else np.nan


def _check_distance(
    chunk: Chunk, located: Located, plausible: NDArray[np.bool_], extent: crs.Bounds, swaps: Swaps
) -> None:
    """Put a problem where a position is far outside the city, and count those that swapped would not be."""
    lon, lat, _ = located
    read = np.isfinite(lon) & np.isfinite(lat) & plausible
    swaps.points += int(read.sum())
    outside = np.flatnonzero(read & ~_within(lon, lat, extent))
    if not len(outside):
        return
    distance_km = np.zeros(len(lon))
    distance_km[outside] = km_outside(lon[outside], lat[outside], extent)
    beyond = distance_km > MARGIN_KM
    swapped = beyond & (km_outside(lat, lon, extent) <= MARGIN_KM)
    swaps.add(swapped, lon, lat, extent)
    # What is no degree at all has its problem already, and no distance.
    beyond &= (np.abs(lat) <= _POLE) & (np.abs(lon) <= _DATE_LINE)
    for name, x, y, problem in (("longitude", -lon, lat, _LONGITUDE_SIGN), ("latitude", lon, -lat, _LATITUDE_SIGN)):
        turned = beyond & (km_outside(x, y, extent) <= MARGIN_KM)
        chunk.problems.add(chunk.column_to_blame(name, "position"), turned, problem)
        beyond &= ~turned
    rounded = np.where(beyond, distance_km, 0).round().astype(np.int64).astype(object)
    for which, problem in ((beyond & swapped, _SWAPPED), (beyond & ~swapped, _OUTSIDE)):
        chunk.problems.add(chunk.column_to_blame("latitude", "position"), which, problem, rounded)


def _is_null(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (np.abs(lon) <= NULL_ISLAND_DEGREES) & (np.abs(lat) <= NULL_ISLAND_DEGREES)


def _within(lon: NDArray[np.float64], lat: NDArray[np.float64], bounds: crs.Bounds) -> NDArray[np.bool_]:
    west, south, east, north = bounds
    within: NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return within


def km_outside(lon: NDArray[np.float64], lat: NDArray[np.float64], bounds: crs.Bounds) -> NDArray[np.float64]:
    """Return how far points lie outside a box of degrees, kilometres; 0 inside, NaN where they are NaN."""
    west, south, east, north = bounds
    off_centre = np.mod(lon - (west + east) / 2 + 180, 360) - 180
    d_lon = np.radians(np.maximum(np.abs(off_centre) - (east - west) / 2, 0))
    nearest = np.clip(lat, south, north)
    d_lat = np.radians(lat - nearest)
    chord = np.sin(d_lat / 2) ** 2 + np.cos(np.radians(lat)) * np.cos(np.radians(nearest)) * np.sin(d_lon / 2) ** 2
    distance_km: NDArray[np.float64] = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
    return distance_km


def _from_position(chunk: Chunk, excused: NDArray[np.bool_]) -> Located:
    at = chunk.columns["position"]
    converted = convert(chunk.cells.texts(at), read_position, _NOWHERE, _POSITION)
    missing = converted.has(COORD_MISSING.code)
    chunk.problems.add_unread(at, converted, spared=missing & excused)
    return Located(converted.data["lon"], converted.data["lat"], converted.data["accuracy_m"])


def _from_pair(
    chunk: Chunk, position_: Located, named: NDArray[np.bool_], grid: str | None, extent: crs.Bounds | None
) -> Located:
    """Read latitude and longitude; where both are empty, the position stands."""
    lat = _degrees(chunk, "latitude", "" if grid else "NS", extent and (extent[1], extent[3]))
    lon = _degrees(chunk, "longitude", "" if grid else "EW", extent and (extent[0], extent[2]))
    excused = lat.has(COORD_MISSING.code) & lon.has(COORD_MISSING.code) & (named | np.isfinite(position_.lon))
    for name, converted in (("latitude", lat), ("longitude", lon)):
        chunk.problems.add_unread(chunk.columns[name], converted, spared=excused)
    lonlat = np.column_stack([lon.data, lat.data])
    if grid is not None:
        lonlat = crs.to_degrees(lonlat, crs.parse_crs(grid))
    return Located(
        np.where(excused, position_.lon, lonlat[:, 0]),
        np.where(excused, position_.lat, lonlat[:, 1]),
        position_.accuracy_m,
    )


def _degrees(chunk: Chunk, name: str, letters: str, city: tuple[float, float] | None) -> Converted:
    """Read one of the two coordinates, which lies in or near the city; a grid's are plain numbers, without letters."""
    cells = chunk.column(name)
    plain = plain_numbers(cells)
    if plain is not None and not np.isnan(plain).any():
        return Converted(plain, np.full(len(plain), -1), ())
    span = (city[0] - MARGIN_DEGREES, city[1] + MARGIN_DEGREES) if city and letters else None
    converted = convert(cells, lambda text: read_coordinate(text, letters, span), (np.nan, False), _KIND)
    header = chunk.cells.header[chunk.columns[name]]
    sentence = f'{{n}} values of "{header}" are not plain numbers, such as {{first}}; they were read as degrees.'
    chunk.remarks.count(sentence, converted.data["reread"], cells)
    return converted._replace(data=converted.data["degrees"])
