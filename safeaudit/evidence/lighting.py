"""Evidence of light: what the map says of lamps and of `lit`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows, read_tags
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.context import Context

LAMP_REACH_M = 15.0
"""How far a lamp is taken to stand by a place: half of 30 m, a common step from lamp to lamp."""

_SURVEYED_M = 100.0
_ONE_SPOT_M = 5.0
"""Lamps nearer than this along the street face each other, and are one."""

_QUARTER = 32
"""Chords in the quarter of a disc: its area is right to 0.04 %."""

_LIT = Measure(
    name="lit",
    words=("yes", "limited", "disused", "no", "unknown"),
    of=("segment", "space", "stop"),
)
_DENSITY = Measure(name="lamps_per_100_m", unit="lamps per 100 m")
_GAP = Measure(name="longest_dark_gap_m", unit="m")
_SPACING = Measure(name="lamp_spacing_m", unit="m")
_REACH = Measure(name="lamp_reach_share", unit="0 to 1", of=("space",))
_NEAR = Measure(name="lamp_near", words=("yes", "no", "unknown"), of=("stop",))
MEASURES = (_LIT, _DENSITY, _GAP, _SPACING, _REACH, _NEAR)

_WORDS = {
    "yes": "yes",
    "24/7": "yes",
    "automatic": "yes",
    "no": "no",
    "limited": "limited",
    "interval": "limited",
    "disused": "disused",
}
_ALL_NIGHT = re.compile(r"\(?(sunset|dusk)([+-]\d\d:\d\d\))?-\(?(sunrise|dawn)([+-]\d\d:\d\d\))?")
_HOURS = re.compile(r"\d:\d\d|sunset|dusk|sunrise|dawn|\b(mo|tu|we|th|fr|sa|su)\b")


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell whether places are tagged as lit, and where lamps are mapped on them.

    - `lit`: the tag in one word (OpenStreetMap wiki, Key:lit). Lit from dusk to dawn, always or when somebody
      passes is yes; hours that are not the whole night are limited. Without a tag it is unknown, never no.
    - `lamps_per_100_m`: lamps within 15 m of a segment, times 100 over its length in metres.
    - `longest_dark_gap_m`: the segment less the discs of 15 m round all lamps; its longest stretch that is left.
    - `lamp_spacing_m`: lamps within 15 m of a segment, each at the spot of the segment that is nearest to it;
      the median of the steps from one to the next. Steps under 5 m are lamps that face each other, and no steps.
    - `lamp_reach_share`: of a space, the area within 15 m of a lamp over its area.
    - `lamp_near`: whether there is a lamp within 15 m of a stop.

    A lamp on the map may not work, and a lamp that works may not be on the map: this is no audit.

    Parameters
    ----------
    context
        Its places: segments, spaces and stops, and the features of kind lamp.

    Returns
    -------
    The table `evidence`. Coverage of `lit` is 1 where the tag tells; that of the others is 1 where any lamp is
    mapped within 100 m, so that somebody has looked. Elsewhere it is 0, and nothing is told of lamps.
    """
    places = context.places
    lamps = shapely.centroid(places.features.loc[places.features["kind"] == "lamp", "geometry"].to_numpy())
    tree = shapely.STRtree(lamps)
    tagged = [_lit(frame) for frame in (places.segments, places.spaces, places.stops)]
    on_segments = _on_segments(places.segments, tree)
    return concat_evidence([*tagged, *on_segments, _on_spaces(places.spaces, tree), _at_stops(places.stops, tree)])


def _lit(frame: GeoDataFrame) -> pd.DataFrame:
    (label,) = read_tags(frame["tags"], _lit_word)
    return evidence_rows(_LIT, frame["place_id"], label=label, coverage=label != "unknown")


def _lit_word(tags: Mapping[str, str]) -> str:
    said = tags.get("lit", "").strip().lower()
    if said in _WORDS:
        return _WORDS[said]
    if _ALL_NIGHT.fullmatch(said.replace(" ", "")):
        return "yes"
    return "limited" if _HOURS.search(said) else "unknown"


def _on_segments(segments: GeoDataFrame, tree: shapely.STRtree) -> list[pd.DataFrame]:
    lines, place_id = segments.geometry.to_numpy(), segments["place_id"]
    row, lamp = tree.query(lines, predicate="dwithin", distance=LAMP_REACH_M)
    density = 100 * np.bincount(row, minlength=len(lines)) / segments["length_m"].to_numpy()
    along = shapely.line_locate_point(lines[row], tree.geometries[lamp])
    surveyed = _surveyed(tree, lines)
    values = {_DENSITY: density, _GAP: _longest_gap(lines, tree), _SPACING: _median_step(row, along, len(lines))}
    return [
        evidence_rows(measure, place_id, value=np.where(surveyed, value, np.nan), coverage=surveyed)
        for measure, value in values.items()
    ]


def _surveyed(tree: shapely.STRtree, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which places have any lamp near them."""
    near = np.zeros(len(shapes), dtype=bool)
    near[tree.query_nearest(shapes, max_distance=_SURVEYED_M, all_matches=False)[0]] = True
    return near


def _median_step(row: NDArray[np.int64], along: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return the median step between lamps of each of n lines; NaN where there is none."""
    order = np.lexsort((along, row))
    line, step = row[order][1:], np.diff(along[order])
    real = (np.diff(row[order]) == 0) & (step >= _ONE_SPOT_M)
    return pd.Series(step[real]).groupby(line[real]).median().reindex(range(n)).to_numpy()


def _longest_gap(lines: NDArray[np.object_], tree: shapely.STRtree) -> NDArray[np.float64]:
    """Return the longest stretch of each line out of every lamp's reach, metres.

    All lines are laid end to end on one axis. What a lamp reaches is an interval on it; the ends of every line
    are intervals of no length, so that no gap goes beyond its line.
    """
    line, start, ray, length = _pieces(lines)
    at = np.cumsum(length) - length
    piece, lamp = tree.query(_as_lines(start, ray), predicate="dwithin", distance=LAMP_REACH_M)
    low, high = _reached(shapely.get_coordinates(tree.geometries)[lamp] - start[piece], ray[piece], length[piece])
    whole = np.bincount(line, weights=length, minlength=len(lines))
    end = np.cumsum(whole)
    owner = np.concatenate([line[piece], np.arange(len(lines)), np.arange(len(lines))])
    begins = np.concatenate([at[piece] + low, end - whole, end])
    order = np.lexsort((begins, owner))
    reached = np.maximum.accumulate(np.concatenate([at[piece] + high, end - whole, end])[order])
    longest = np.zeros(len(lines))
    np.maximum.at(longest, owner[order][1:], begins[order][1:] - reached[:-1])
    return np.round(longest, 3)


def _pieces(
    lines: NDArray[np.object_],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return line, start, vector to the end, and length of each straight piece."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    ray = np.diff(xy, axis=0)
    length = np.hypot(ray[:, 0], ray[:, 1])
    inner = (np.diff(line) == 0) & (length > 0)
    return line[:-1][inner], xy[:-1][inner], ray[inner], length[inner]


def _as_lines(start: NDArray[np.float64], ray: NDArray[np.float64]) -> NDArray[np.object_]:
    return shapely.linestrings(np.stack([start, start + ray], axis=1))


def _reached(
    away: NDArray[np.float64], ray: NDArray[np.float64], length: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return from where to where a lamp reaches on a piece, metres from its start: the chord of its disc."""
    foot = (away * ray).sum(axis=1) / length
    aside = (away[:, 0] * ray[:, 1] - away[:, 1] * ray[:, 0]) / length
    half = np.sqrt(np.maximum(LAMP_REACH_M**2 - aside**2, 0.0))
    return np.clip(foot - half, 0.0, length), np.clip(foot + half, 0.0, length)


def _on_spaces(spaces: GeoDataFrame, tree: shapely.STRtree) -> pd.DataFrame:
    shapes = spaces.geometry.to_numpy()
    area = shapely.area(shapes)
    told_of = _surveyed(tree, shapes) & (area > 0)
    row, lamp = tree.query(shapes, predicate="dwithin", distance=LAMP_REACH_M)
    order = np.argsort(row, kind="stable")
    near, group = np.unique(row[order], return_inverse=True)
    spots = shapely.multipoints(tree.geometries[lamp[order]], indices=group)
    discs = shapely.buffer(spots, LAMP_REACH_M, quad_segs=_QUARTER)
    reached = np.zeros(len(shapes))
    reached[near] = shapely.area(shapely.intersection(shapes[near], discs))
    share = np.divide(reached, area, out=np.full(len(shapes), np.nan), where=told_of)
    return evidence_rows(_REACH, spaces["place_id"], value=share, coverage=told_of)


def _at_stops(stops: GeoDataFrame, tree: shapely.STRtree) -> pd.DataFrame:
    points = stops.geometry.to_numpy()
    surveyed = _surveyed(tree, points)
    near = np.zeros(len(points), dtype=bool)
    near[tree.query(points, predicate="dwithin", distance=LAMP_REACH_M)[0]] = True
    label = np.select([near, surveyed], ["yes", "no"], "unknown")
    return evidence_rows(_NEAR, stops["place_id"], label=label, coverage=surveyed)
