"""Evidence of sight: how much a street sees of what lies round it, and which corners beside it hide a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows
from safeaudit.evidence.parts.sight import EAST_NORTH, blocking, edges_of, isovists
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.context import Context
    from safeaudit.evidence.parts.sight import Isovists, Points, Rows, Shapes

SIGHT_M = 100.0
"""How far sight is looked at: about a block. No standard gives a number."""
SPACING_M = 25.0
"""Viewpoints of a segment are at most this far apart: a few houses."""
BESIDE_M = 15.0
"""A corner within this distance of the line is beside it; guides name 10 to 15 m, and no source."""
HIDDEN_M = 5.0
"""A corner hides a place where sight jumps back by this: more than a bay or a stair, room for people."""

MEASURES = (
    Measure(name="visible_area_m2", unit="m²"),
    Measure(name="visible_area_min_m2", unit="m²"),
    Measure(name="visible_area_drift_m", unit="m"),
    Measure(name="blind_corners_per_100_m", unit="corners per 100 m"),
)

_INSIDE_M = 0.01
"""A viewpoint this near a building is on its outline, and counts as inside."""


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell for every segment how much is seen from it, and how many corners beside it hide a place.

    The area seen from a viewpoint is its isovist (Benedikt 1979, To take hold of space: isovists and
    isovist fields, Environment and Planning B 6): here on the flat map, all round, up to 100 m, past
    buildings, walls, fences and hedges. A fence of wire, bars or rails is seen through, a barrier tagged
    as lower than 1.5 m is seen over, a roof without walls is seen under. Viewpoints are the middles of
    equal pieces of the segment, each of 25 m at most.

    `visible_area_m2` is the mean area of the isovists, `visible_area_min_m2` the smallest: at most
    100² π = 31,416 m². `visible_area_drift_m` is the mean distance from a viewpoint to the centre of gravity
    of its isovist (Dalton and Dalton 2001, OmniVista: an application for isovist field and path
    analysis): 0 where as much is seen on one side as on the other. `blind_corners_per_100_m` counts the
    corners of buildings and barriers within 15 m of the segment past which sight jumps back by 5 m or
    more, seen from any of its viewpoints; each once, times 100 over the length in metres.

    Parameters
    ----------
    context
        Its places: segments, and the features of kinds building and barrier.

    Returns
    -------
    The table `evidence`. Coverage is the share of the viewpoints that count: those outside of buildings
    with one mapped within 100 m. Where there is none, it is unknown whether the place is open or not
    mapped. Numbers rest on the viewpoints that count, and are NA where there are none.
    """
    places = context.places
    segments = places.segments
    segment, points = _viewpoints(segments)
    buildings, barriers = blocking(places.features)
    known = _known(points, buildings)
    seen = isovists(points[known], edges_of(buildings, barriers), sight_m=SIGHT_M, least_jump_m=HIDDEN_M)
    found = pd.DataFrame({"area": seen.area_m2, "drift": seen.drift_m}).groupby(segment[known])
    rows = pd.RangeIndex(len(segments))
    mean, least = found.mean().reindex(rows), found["area"].min().reindex(rows)
    corners = (100 * _corners(segments, segment[known], seen) / segments["length_m"]).where(least.notna())
    coverage = found.size().reindex(rows, fill_value=0) / np.bincount(segment, minlength=len(segments))
    values = zip(MEASURES, (mean["area"], least, mean["drift"], corners), strict=True)
    return concat_evidence(
        [evidence_rows(measure, segments["place_id"], value=value, coverage=coverage) for measure, value in values]
    )


def _viewpoints(segments: GeoDataFrame) -> tuple[Rows, Points]:
    """Return the row of the segment of each viewpoint, and where it is."""
    pieces = np.maximum(np.ceil((segments["length_m"].to_numpy() / SPACING_M).round(6)), 1).astype(np.int64)
    segment = np.repeat(np.arange(len(segments)), pieces)
    number = np.arange(len(segment)) - (np.cumsum(pieces) - pieces)[segment]
    lines = segments.geometry.to_numpy()[segment]
    points = shapely.line_interpolate_point(lines, (number + 0.5) / pieces[segment], normalized=True)
    return segment, shapely.get_coordinates(points) @ EAST_NORTH


def _known(points: Points, buildings: Shapes) -> NDArray[np.bool_]:
    """Say which viewpoints are outside of buildings, with one in sight's reach."""
    dots = shapely.points(points.real, points.imag)
    (row, _), distance_m = shapely.STRtree(buildings).query_nearest(
        dots, max_distance=SIGHT_M, return_distance=True, all_matches=False
    )
    known = np.zeros(len(points), dtype=bool)
    known[row] = distance_m > _INSIDE_M
    return known


def _corners(segments: GeoDataFrame, segment: Rows, seen: Isovists) -> Rows:
    """Count the corners beside each segment, each once; `segment` is that of each viewpoint."""
    found = pd.DataFrame({"segment": segment[seen.corner_of], "corner": seen.corner}).drop_duplicates()
    row, corner = found["segment"].to_numpy(), found["corner"].to_numpy()
    lines = segments.geometry.to_numpy()[row]
    beside = shapely.dwithin(lines, shapely.points(corner.real, corner.imag), BESIDE_M)
    return np.bincount(row[beside], minlength=len(segments))
