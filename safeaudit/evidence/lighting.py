"""Evidence of light: what the map says of lamps and of `lit`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows, read_tags
from safeaudit.evidence.parts.per_segment import UNKNOWN, known_share, stretches_of, word_of_most
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.context import Context
    from safeaudit.evidence.parts.segment_links import SegmentLinks
    from safeaudit.tables import Places

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Shapes = NDArray[np.object_]

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
      passes is yes; hours that are not the whole night are limited. Without a tag it is unknown, never no. Of a
      segment the word that holds for most of the known length of its main line.
    - `lamps_per_100_m`: lamps within 15 m of any link of a segment, each once, times 100 over the length of its
      main line in metres.
    - `longest_dark_gap_m`: the main line less what lamps reach: the discs of 15 m round all lamps, and what lies
      beside the parts of its other links (sidewalks, the other carriageway) that are in such a disc; its longest
      stretch that is left.
    - `lamp_spacing_m`: lamps within 15 m of any link of a segment, each at the spot of the main line that is
      nearest to it; the median of the steps from one to the next. Steps under 5 m are lamps that face each other,
      and no steps.
    - `lamp_reach_share`: of a space, the area within 15 m of a lamp over its area.
    - `lamp_near`: whether there is a lamp within 15 m of a stop.

    A lamp on the map may not work, and a lamp that works may not be on the map: this is no audit.

    Parameters
    ----------
    context
        Its places: links, segments, spaces and stops, and the features of kind lamp; and how links lie along
        segments.

    Returns
    -------
    The table `evidence`. Coverage of `lit` is 1 where the tag tells, and of a segment the share of the main line's
    length whose tag does; that of the others is 1 where any lamp is
    mapped within 100 m, so that somebody has looked. Elsewhere it is 0, and nothing is told of lamps.
    """
    places = context.places
    lamps = shapely.centroid(places.features.loc[places.features["kind"] == "lamp", "geometry"].to_numpy())
    tree = shapely.STRtree(lamps)
    tagged = [_lit_segments(places, context.segment_links), *(_lit(frame) for frame in (places.spaces, places.stops))]
    on_segments = _on_segments(places, context.segment_links, tree)
    return concat_evidence([*tagged, *on_segments, _on_spaces(places.spaces, tree), _at_stops(places.stops, tree)])


def _lit(frame: GeoDataFrame) -> pd.DataFrame:
    (label,) = read_tags(frame["tags"], _lit_word)
    return evidence_rows(_LIT, frame["place_id"], label=label, coverage=label != "unknown")


def _lit_segments(places: Places, links: SegmentLinks) -> pd.DataFrame:
    main = links.main
    (said,) = read_tags(places.links["tags"].iloc[main.link], _lit_word)
    of = stretches_of(main)
    label = word_of_most(of, said, _LIT.words[:-1])
    return evidence_rows(_LIT, places.segments["place_id"], label=label, coverage=known_share(of, said != UNKNOWN))


def _lit_word(tags: Mapping[str, str]) -> str:
    said = tags.get("lit", "").strip().lower()
    if said in _WORDS:
        return _WORDS[said]
    if _ALL_NIGHT.fullmatch(said.replace(" ", "")):
        return "yes"
    return "limited" if _HOURS.search(said) else "unknown"


def _on_segments(places: Places, links: SegmentLinks, tree: shapely.STRtree) -> list[pd.DataFrame]:
    main_lines, place_id = places.segments.geometry.to_numpy(), places.segments["place_id"]
    lines = places.links.geometry.to_numpy()[links.link]
    row, lamp = _lamps_of(lines, links, tree)
    density = 100 * np.bincount(row, minlength=len(main_lines)) / places.segments["length_m"].to_numpy()
    along = shapely.line_locate_point(main_lines[row], tree.geometries[lamp])
    beside = lines[~links.on_line], links.beside.segment
    values = {
        _DENSITY: density,
        _GAP: _longest_gap(main_lines, beside, tree),
        _SPACING: _median_step(row, along, len(main_lines)),
    }
    surveyed = _surveyed(tree, main_lines)
    return [
        evidence_rows(measure, place_id, value=np.where(surveyed, value, np.nan), coverage=surveyed)
        for measure, value in values.items()
    ]


def _lamps_of(lines: Shapes, links: SegmentLinks, tree: shapely.STRtree) -> tuple[Rows, Rows]:
    """Return the lamps of each segment: those within reach of any of its links, once each."""
    link, lamp = tree.query(lines, predicate="dwithin", distance=LAMP_REACH_M)
    row, lamp = np.unique(np.stack([links.segment[link], lamp]), axis=1)
    return row, lamp


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


def _longest_gap(main_lines: Shapes, beside: tuple[Shapes, Rows], tree: shapely.STRtree) -> Floats:
    """Return the longest stretch of each main line out of every lamp's reach, also on what lies beside it, metres.

    All main lines are laid end to end on one axis. What a lamp reaches is an interval on it; the ends of every line
    are intervals of no length, so that no gap goes beyond its line.
    """
    whole = shapely.length(main_lines)
    end = np.cumsum(whole)
    line, low, high = _reached_on(main_lines, tree)
    other, from_, to = _reached_beside(*beside, main_lines, tree)
    rows = np.arange(len(main_lines))
    owner = np.concatenate([line, other, rows, rows])
    start = end - whole
    begins = np.concatenate([start[line] + low, start[other] + from_, start, end])
    order = np.lexsort((begins, owner))
    reached = np.maximum.accumulate(np.concatenate([start[line] + high, start[other] + to, start, end])[order])
    longest = np.zeros(len(main_lines))
    np.maximum.at(longest, owner[order][1:], begins[order][1:] - reached[:-1])
    return np.round(longest, 3)


def _reached_on(lines: Shapes, tree: shapely.STRtree) -> tuple[Rows, Floats, Floats]:
    """Return what lamps reach of lines: row of the line, and from where to where, metres from its start."""
    line, start, ray, length = _pieces(lines)
    before = np.cumsum(length) - length
    first = np.flatnonzero(np.diff(line, prepend=-1))
    before -= np.repeat(before[first], np.diff(np.append(first, len(line))))
    piece, lamp = tree.query(_as_lines(start, ray), predicate="dwithin", distance=LAMP_REACH_M)
    low, high = _reached(shapely.get_coordinates(tree.geometries)[lamp] - start[piece], ray[piece], length[piece])
    return line[piece], before[piece] + low, before[piece] + high


def _reached_beside(
    lines: Shapes, segment: Rows, main_lines: Shapes, tree: shapely.STRtree
) -> tuple[Rows, Floats, Floats]:
    """Return what lies beside what lamps reach of other links: row of the main line, and from where to where."""
    line, *reached = _reached_on(lines, tree)
    owner = segment[line]
    foot = [
        shapely.line_locate_point(main_lines[owner], shapely.line_interpolate_point(lines[line], at)) for at in reached
    ]
    return owner, np.minimum(*foot), np.maximum(*foot)


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
