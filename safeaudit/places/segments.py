"""Streets -> segments: split at junctions, long ones cut into equal pieces. Table `segments`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.place_codes import place_codes
from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines as flat arrays, vertex after vertex, line after line.

    Attributes
    ----------
    line
        Row of `attributes` that each vertex belongs to, ascending, shape (n,).
    node
        Row of `node_ids` for each vertex, shape (n,). Lines are joined where they share a node.
    xy
        Coordinates, metres, shape (n, 2); NaN where the source does not hold the node.
    node_ids
        Id of each node as text.
    attributes
        One row per line: line_id, name, highway, tags (JSON), osm_ids.
    """

    line: NDArray[np.int64]
    node: NDArray[np.int64]
    xy: NDArray[np.float64]
    node_ids: NDArray[np.object_]
    attributes: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Chain:
    """Vertices of unbroken parts of lines; `cut` marks where a segment ends and the next starts."""

    part: NDArray[np.int64]
    line: NDArray[np.int64]
    node: NDArray[np.int64]
    xy: NDArray[np.float64]
    cut: NDArray[np.bool_]

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> _Chain:
        return _Chain(self.part[index], self.line[index], self.node[index], self.xy[index], self.cut[index])


def segments_from_lines(lines: Lines, crs: CRS, *, max_segment_m: float) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Split lines at their junctions and cut long pieces.

    A junction is a vertex that two lines share, that one line passes twice, or where a line ends.
    Between two junctions a piece longer than `max_segment_m` is cut into equal pieces no longer
    than that. Lines with missing nodes are kept in their known parts.

    Parameters
    ----------
    lines
        The lines, in metres of `crs`.
    crs
        The run's CRS.
    max_segment_m
        Longest piece, metres.

    Returns
    -------
    The table `segments`, and remarks on what was dropped or kept in part.
    """
    chain, remarks = _known_parts(lines)
    chain = _cut_long(_cut_at_junctions(chain), max_segment_m)
    first, last, geometry = _linestrings(chain)
    frame = _table(lines, chain, first, last, geometry)
    flat = frame["length_m"] == 0
    if flat.any():
        remarks.append(f"{int(flat.sum())} street pieces of no length were left out.")
    frame = frame[~flat & ~frame.duplicated("place_id")]
    frame["place_code"] = place_codes("S", frame["place_id"])
    return validate_table(gpd.GeoDataFrame(frame, geometry="geometry", crs=crs), "segments"), remarks


def _known_parts(lines: Lines) -> tuple[_Chain, list[str]]:
    """Break lines where nodes are missing; leave out repeated vertices and parts of one vertex."""
    known = ~np.isnan(lines.xy[:, 0])
    follows = np.zeros(len(known), dtype=bool)
    follows[1:] = (lines.line[1:] == lines.line[:-1]) & known[1:] & known[:-1]
    repeated = np.zeros(len(known), dtype=bool)
    repeated[1:] = follows[1:] & (lines.node[1:] == lines.node[:-1])
    keep = known & ~repeated
    part = np.cumsum(~follows)[keep]
    chain = _Chain(part, lines.line[keep], lines.node[keep], lines.xy[keep], np.zeros(keep.sum(), dtype=bool))
    alone = np.bincount(part, minlength=1)[part] == 1 if len(part) else np.zeros(0, dtype=bool)
    remarks = []
    broken = len(np.unique(lines.line[~known]))
    if broken:
        remarks.append(f"{broken} streets refer to nodes outside the extract; their known parts were kept.")
    lost = len(lines.attributes) - len(np.unique(chain.line[~alone]))
    if lost:
        remarks.append(f"{lost} streets have fewer than two known nodes and were left out.")
    return chain.take(~alone), remarks


def _cut_at_junctions(chain: _Chain) -> _Chain:
    ends = np.ones(len(chain.part), dtype=bool)
    inner = chain.part[1:] == chain.part[:-1]
    ends[1:-1] = ~(inner[:-1] & inner[1:])
    shared = np.bincount(chain.node, minlength=1)[chain.node] > 1 if len(chain.node) else ends
    return _Chain(chain.part, chain.line, chain.node, chain.xy, ends | shared)


def _cut_long(chain: _Chain, max_segment_m: float) -> _Chain:
    """Insert cutting vertices so that no segment is longer than the limit."""
    starts, lengths, along = _measure(chain)
    pieces = np.maximum(1, np.ceil(lengths / max_segment_m - 1e-9)).astype(np.int64)
    cuts = pieces - 1
    segment = np.repeat(np.arange(len(pieces)), cuts)
    nth = np.arange(len(segment)) - np.repeat(np.cumsum(cuts) - cuts, cuts) + 1
    at = along[starts[segment]] + lengths[segment] * nth / pieces[segment]
    after = np.searchsorted(along, at, side="right")
    before = after - 1
    share = (at - along[before]) / (along[after] - along[before])
    xy = chain.xy[before] + share[:, None] * (chain.xy[after] - chain.xy[before])
    return _Chain(
        np.insert(chain.part, after, chain.part[before]),
        np.insert(chain.line, after, chain.line[before]),
        np.insert(chain.node, after, -1),
        np.insert(chain.xy, after, xy, axis=0),
        np.insert(chain.cut, after, values=True),
    )


def _measure(chain: _Chain) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return each segment's first vertex and length, and the distance along at each vertex."""
    step = np.zeros(len(chain.part))
    inner = chain.part[1:] == chain.part[:-1]
    step[1:] = np.where(inner, np.hypot(*(chain.xy[1:] - chain.xy[:-1]).T), 0.0)
    along = np.cumsum(step)
    begins = chain.cut.copy()
    begins[:-1] &= inner
    begins[-1:] = False
    starts = np.flatnonzero(begins)
    cuts = np.flatnonzero(chain.cut)
    ends = cuts[np.searchsorted(cuts, starts) + 1] if len(starts) else starts
    return starts, along[ends] - along[starts], along


def _linestrings(chain: _Chain) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.object_]]:
    """Return first vertex, last vertex and line of each segment; a cut vertex ends one and starts one."""
    starts, _, _ = _measure(chain)
    cuts = np.flatnonzero(chain.cut)
    ends = cuts[np.searchsorted(cuts, starts) + 1] if len(starts) else starts
    sizes = ends - starts + 1
    segment = np.repeat(np.arange(len(starts)), sizes)
    vertex = np.arange(len(segment)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + starts[segment]
    return starts, ends, shapely.linestrings(chain.xy[vertex], indices=segment)


def _table(
    lines: Lines,
    chain: _Chain,
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    geometry: NDArray[np.object_],
) -> pd.DataFrame:
    frame = lines.attributes.iloc[chain.line[first]].reset_index(drop=True)
    street, piece, pieces, start, end = _pieces(chain, first, last)
    ends, turned, tie = _canonical(lines, chain, start, end)
    whole = frame.pop("line_id").to_numpy()[np.flatnonzero(piece == 1)] + ":" + ends
    again = pd.DataFrame({"whole": whole, "tie": tie}).sort_values(["whole", "tie"], kind="stable")
    again = again.groupby("whole", sort=False).cumcount().sort_index().to_numpy()
    named = np.where(again > 0, whole + "#" + again.astype(str).astype(object), whole)[street]
    number = np.where(turned[street], pieces + 1 - piece, piece)
    cut = np.where(pieces > 1, ":" + number.astype(str).astype(object) + "/" + pieces.astype(str).astype(object), "")
    frame["place_id"] = named + cut
    here = named + "+" + (number - 1).astype(str).astype(object)
    there = named + "+" + number.astype(str).astype(object)
    back = turned[street]
    frame["node_from"] = np.where(piece == 1, lines.node_ids[chain.node[start]][street], np.where(back, there, here))
    frame["node_to"] = np.where(piece == pieces, lines.node_ids[chain.node[end]][street], np.where(back, here, there))
    frame["place_code"] = ""
    frame["length_m"] = shapely.length(geometry)
    frame["geometry"] = geometry
    return frame


def _pieces(
    chain: _Chain, first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each piece's street, number from 1 and count, and each street's first and last vertex."""
    heads = chain.node[first] >= 0
    street = np.cumsum(heads) - 1
    start = np.flatnonzero(heads)
    counts = np.bincount(street, minlength=len(start)) if len(street) else street
    piece = np.arange(len(first)) - start[street] + 1
    return street, piece, counts[street], first[start], last[start + counts - 1]


def _canonical(
    lines: Lines, chain: _Chain, start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.bool_], NDArray[np.object_]]:
    """Return each street's two nodes in order, whether it runs against that order, and what tells it from its like."""
    real = np.flatnonzero(chain.node >= 0)
    second = real[np.searchsorted(real, start, side="right")] if len(start) else start
    before = real[np.searchsorted(real, end, side="left") - 1] if len(start) else end
    a, b, c, d = (lines.node_ids[chain.node[row]] for row in (start, end, second, before))
    turned = np.asarray((a > b) | ((a == b) & (c > d)), dtype=bool)
    return np.where(turned, b + "-" + a, a + "-" + b), turned, np.where(turned, d + "-" + c, c + "-" + d)
