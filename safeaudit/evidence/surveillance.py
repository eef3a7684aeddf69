"""Evidence of eyes on the street: buildings that line it, and doors and shops that look onto it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows
from safeaudit.evidence.parts.sight import EAST_NORTH, blocking
from safeaudit.tables import Measure

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.context import Context
    from safeaudit.evidence.parts.sight import Points, Shapes

    Floats = NDArray[np.float64]

BESIDE_M = 20.0
"""What lies within this distance of the line looks onto the street: half a wide street and a front yard."""
_STEP_M = 5.0
"""The sides of a street are looked at this often at least: less than the front of a small house."""
_ON_FACE_M = 0.1
_BUILDINGS_MAPPED_M = 100.0
_DOORS_MAPPED_M = 300.0
"""Where one is mapped this near, doors (or shops) are mapped there: few are, and those of one block together."""

_FRONTAGE = Measure(name="frontage_share", unit="0 to 1")
_ENTRANCES = Measure(name="entrances_per_100_m", unit="entrances per 100 m")
_SHOPS = Measure(
    name="shops_per_100_m",
    unit="shops per 100 m",
)
MEASURES = (_FRONTAGE, _ENTRANCES, _SHOPS)

_BATCH = 4096
"""Segments whose sides are looked at a time: bounds the memory."""
_UNUSED_DOORS = ("emergency", "garage")
_WITH_EYES = ("shop", "food", "market", "lodging")


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell for every segment what looks onto it, as far as the map knows.

    - `frontage_share`: the segment is cut into equal pieces of 5 m at most. From the middle of each, a line
      goes out at right angles to each side, for 20 m or up to a wall, fence or hedge that blocks sight; the
      share is (lines that meet a building) / (all lines). Nothing is known of windows.
    - `entrances_per_100_m`, `shops_per_100_m`: of entrances (not emergency exits and garages), and of shops,
      markets, places to eat and to stay, those within 20 m of the segment and of no other one nearer; times
      100 over the length in metres. Of segments equally near, the first by place_id has it.

    Parameters
    ----------
    context
        Its places: segments, and the features of kinds building, barrier, entrance and poi.

    Returns
    -------
    The table `evidence`. Coverage of the frontage is 1 where a building is mapped within 100 m, that of the
    entrances where any entrance is within 300 m, that of the shops where any point of interest is. Elsewhere
    it is 0, and nothing is told.
    """
    segments, features = context.places.segments, context.places.features
    shapes, kind, category = features.geometry.to_numpy(), features["kind"], features["category"]
    buildings, barriers = blocking(features)
    doors, pois = kind == "entrance", kind == "poi"
    frontage = _frontage(segments, shapely.STRtree(buildings), shapely.STRtree(barriers))
    entrances = _per_100_m(segments, shapes[doors & ~category.isin(_UNUSED_DOORS)])
    shops = _per_100_m(segments, shapes[pois & category.isin(_WITH_EYES)])
    return concat_evidence(
        [
            _rows(_FRONTAGE, segments, frontage, _mapped(segments, buildings, _BUILDINGS_MAPPED_M)),
            _rows(_ENTRANCES, segments, entrances, _mapped(segments, shapes[doors], _DOORS_MAPPED_M)),
            _rows(_SHOPS, segments, shops, _mapped(segments, shapes[pois], _DOORS_MAPPED_M)),
        ]
    )


def _rows(measure: Measure, segments: GeoDataFrame, value: Floats, mapped: NDArray[np.bool_]) -> pd.DataFrame:
    return evidence_rows(measure, segments["place_id"], value=np.where(mapped, value, np.nan), coverage=mapped)


def _mapped(segments: GeoDataFrame, shapes: Shapes, distance_m: float) -> NDArray[np.bool_]:
    """Say which segments have any of the shapes within a distance."""
    found = shapely.STRtree(shapes).query_nearest(segments.geometry.to_numpy(), max_distance=distance_m)
    return np.bincount(found[0], minlength=len(segments)) > 0


def _per_100_m(segments: GeoDataFrame, shapes: Shapes) -> Floats:
    """Count the shapes beside each segment that are beside no nearer one, on 100 m of it."""
    tree = shapely.STRtree(segments.geometry.to_numpy())
    shape, segment = tree.query_nearest(shapes, max_distance=BESIDE_M)
    first = np.full(len(shapes), len(segments))
    np.minimum.at(first, shape, segment)
    count = np.bincount(first[first < len(segments)], minlength=len(segments))
    return 100 * count / segments["length_m"].to_numpy()


def _frontage(segments: GeoDataFrame, buildings: shapely.STRtree, barriers: shapely.STRtree) -> Floats:
    """Return the share of the lines at right angles that meet a building."""
    lines, length_m = segments.geometry.to_numpy(), segments["length_m"].to_numpy()
    batches = [slice(i, i + _BATCH) for i in range(0, len(lines), _BATCH)]
    return np.concatenate([np.empty(0), *(_lined(lines[one], length_m[one], buildings, barriers) for one in batches)])


def _lined(lines: Shapes, length_m: Floats, buildings: shapely.STRtree, barriers: shapely.STRtree) -> Floats:
    pieces = np.maximum(np.ceil((length_m / _STEP_M).round(6)), 1).astype(np.int64)
    row = np.repeat(np.arange(len(lines)), pieces)
    number = np.arange(len(row)) - (np.cumsum(pieces) - pieces)[row]
    begin, middle, end = (_along(lines[row], (number + part) / pieces[row]) for part in (0, 0.5, 1))
    to_left = 1j * (end - begin) / np.maximum(abs(end - begin), np.finfo(float).tiny)
    origin, across = np.tile(middle, 2), np.concatenate([to_left, -to_left])
    reach_m = _free_m(origin, across, barriers)
    met = np.unique(buildings.query(_lines(origin, origin + reach_m * across), "intersects")[0])
    return np.bincount(np.tile(row, 2)[met], minlength=len(lines)) / (2 * pieces)


def _free_m(origin: Points, across: Points, barriers: shapely.STRtree) -> Floats:
    """Return how far lines go before they meet a barrier; one that stands on a building's face does not hide it."""
    lines = _lines(origin, origin + BESIDE_M * across)
    line, barrier = barriers.query(lines, "intersects")
    met = shapely.intersection(lines[line], barriers.geometries[barrier])
    free_m = np.full(len(lines), BESIDE_M)
    np.minimum.at(free_m, line, shapely.distance(shapely.get_point(lines[line], 0), met) + _ON_FACE_M)
    return free_m


def _along(lines: Shapes, share: Floats) -> Points:
    """Return the points at a share of each line."""
    return shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True)) @ EAST_NORTH


def _lines(start: Points, end: Points) -> Shapes:
    ends = np.column_stack([start, end])
    return shapely.linestrings(np.stack([ends.real, ends.imag], axis=-1))
