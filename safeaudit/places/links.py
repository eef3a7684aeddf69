"""Lines as they are drawn, split at their junctions: the finest pieces of the walking network. Table `links`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

NO_NODE = -1
"""The node of a vertex where a line was cut and nothing else ends."""


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
class Course:
    """Vertices of unbroken parts of lines; `cut` marks where a link ends and the next starts.

    A node from `len(node_ids)` on is one that no source holds: a place where a link was cut.
    """

    part: NDArray[np.int64]
    line: NDArray[np.int64]
    node: NDArray[np.int64]
    xy: NDArray[np.float64]
    cut: NDArray[np.bool_]

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Course:
        """Return some of the vertices."""
        return Course(self.part[index], self.line[index], self.node[index], self.xy[index], self.cut[index])

    @property
    def along(self) -> NDArray[np.float64]:
        """Metres along at each vertex; between two parts lies one metre, so that no two parts share a number."""
        step = np.zeros(len(self.part))
        inner = self.part[1:] == self.part[:-1]
        step[1:] = np.where(inner, np.hypot(*(self.xy[1:] - self.xy[:-1]).T), 1.0)
        return np.cumsum(step)

    @property
    def spans(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and last vertex of each link; a cut vertex ends one and starts one."""
        inner = self.part[1:] == self.part[:-1]
        begins = self.cut.copy()
        begins[:-1] &= inner
        begins[-1:] = False
        first = np.flatnonzero(begins)
        cuts = np.flatnonzero(self.cut)
        return first, cuts[np.searchsorted(cuts, first) + 1] if len(first) else first

    def shapes(self) -> NDArray[np.object_]:
        """Return the line of each link."""
        first, last = self.spans
        vertex, link = expand(first, last - first + 1)
        return shapely.linestrings(self.xy[vertex], indices=link)


def expand(first: NDArray[np.int64], sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers first, first + 1 ... of each run, and the run that each belongs to."""
    run = np.repeat(np.arange(len(first)), sizes)
    return np.arange(len(run)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[run], run


def course_of(lines: Lines) -> tuple[Course, list[str]]:
    """Return lines in their known parts, cut at their junctions; a line that is drawn twice counts once.

    A junction is a vertex that two lines share, that one line passes twice, or where a line ends.

    Parameters
    ----------
    lines
        The lines, metres.

    Returns
    -------
    The course of the lines, and remarks on what was dropped or kept in part.
    """
    twice, remarks = _drawn_twice(lines)
    course, said = _known_parts(lines, twice)
    ends = np.ones(len(course.part), dtype=bool)
    inner = course.part[1:] == course.part[:-1]
    ends[1:-1] = ~(inner[:-1] & inner[1:])
    shared = np.bincount(course.node, minlength=1)[course.node] > 1 if len(course.node) else ends
    flat = Course(course.part, course.line, course.node, course.xy, ends | shared)
    return flat, [*remarks, *said]


def cut_course(course: Course, at: NDArray[np.float64], node: NDArray[np.int64]) -> Course:
    """Return the course with more cuts.

    Parameters
    ----------
    course
        The course.
    at
        Where to cut, metres along as in `Course.along`, inside links, shape (c,).
    node
        Number of the node that each cut makes, shape (c,).
    """
    order = np.argsort(at, kind="stable")
    at, node, along = at[order], node[order], course.along
    after = np.searchsorted(along, at, side="right")
    before = after - 1
    share = (at - along[before]) / (along[after] - along[before])
    xy = course.xy[before] + share[:, None] * (course.xy[after] - course.xy[before])
    return Course(
        np.insert(course.part, after, course.part[before]),
        np.insert(course.line, after, course.line[before]),
        np.insert(course.node, after, node),
        np.insert(course.xy, after, xy, axis=0),
        np.insert(course.cut, after, values=True),
    )


def links_table(
    lines: Lines,
    course: Course,
    owner: tuple[NDArray[np.object_], NDArray[np.object_]],
    crs: CRS,
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the table `links`.

    Parameters
    ----------
    lines
        The lines that were drawn.
    course
        Their course, cut where links end.
    owner
        Segment and space of each link, None where it has none.
    crs
        The run's CRS.

    Returns
    -------
    The table, and a remark on links of no length, which are left out.
    """
    known = np.where(course.node < len(lines.node_ids), course.node, NO_NODE)
    course = Course(course.part, course.line, known, course.xy, course.cut)
    first, last = course.spans
    frame = _described(lines, course, first, last).assign(segment_id=owner[0], space_id=owner[1])
    frame["geometry"] = course.shapes()
    frame["length_m"] = shapely.length(frame["geometry"].to_numpy())
    flat = (frame["length_m"] == 0).to_numpy()
    remarks = [f"{int(flat.sum())} street pieces of no length were left out."] if flat.any() else []
    frame = frame[~flat & ~frame.duplicated("link_id").to_numpy()]
    return validate_table(gpd.GeoDataFrame(frame, geometry="geometry", crs=crs), "links"), remarks


def _drawn_twice(lines: Lines) -> tuple[NDArray[np.bool_], list[str]]:
    """Tell which lines have the very steps of another, whichever way; of such the first id that has a name stays."""
    count = len(lines.attributes)
    inner = lines.line[1:] == lines.line[:-1]
    steps = np.sort(np.stack([lines.node[1:], lines.node[:-1]]), axis=0)[:, inner & (lines.node[1:] != lines.node[:-1])]
    of_line = lines.line[1:][inner & (lines.node[1:] != lines.node[:-1])]
    sums = [np.zeros(count, dtype=np.uint64) for _ in range(2)]
    for seed, total in enumerate(sums, start=1):
        np.add.at(total, of_line, _mixed(steps[0].astype(np.uint64) * np.uint64(1 << 31), steps[1], seed))
    named = {"unnamed": lines.attributes["name"].isna().to_numpy(), "line_id": lines.attributes["line_id"].to_numpy()}
    frame = pd.DataFrame({"a": sums[0], "b": sums[1], **named})
    frame = frame[np.bincount(of_line, minlength=count) > 0]
    again = frame.sort_values(list(named)).duplicated(["a", "b"])
    twice = np.zeros(count, dtype=bool)
    twice[again.index[again.to_numpy()]] = True
    if not twice.any():
        return twice, []
    first = lines.attributes["line_id"].iloc[int(np.argmax(twice))]
    return twice, [f"{int(twice.sum())} streets are drawn twice and count once, first {first}."]


def _mixed(high: NDArray[np.uint64], low: NDArray[np.int64], seed: int) -> NDArray[np.uint64]:
    """Return numbers that spread pairs evenly (splitmix64), so that sums of them tell sets of steps apart."""
    with np.errstate(over="ignore"):
        mixed = (high + low.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def _known_parts(lines: Lines, twice: NDArray[np.bool_]) -> tuple[Course, list[str]]:
    """Break lines where nodes are missing; leave out repeated vertices and parts of one vertex."""
    known = ~np.isnan(lines.xy[:, 0])
    follows = np.zeros(len(known), dtype=bool)
    follows[1:] = (lines.line[1:] == lines.line[:-1]) & known[1:] & known[:-1]
    repeated = np.zeros(len(known), dtype=bool)
    repeated[1:] = follows[1:] & (lines.node[1:] == lines.node[:-1])
    keep = known & ~repeated & ~twice[lines.line]
    part = np.cumsum(~follows)[keep]
    course = Course(part, lines.line[keep], lines.node[keep], lines.xy[keep], np.zeros(keep.sum(), dtype=bool))
    alone = np.bincount(part, minlength=1)[part] == 1 if len(part) else np.zeros(0, dtype=bool)
    remarks = []
    broken = len(np.unique(lines.line[~known]))
    if broken:
        remarks.append(f"{broken} streets refer to nodes outside the extract; their known parts were kept.")
    lost = len(lines.attributes) - int(twice.sum()) - len(np.unique(course.line[~alone]))
    if lost:
        remarks.append(f"{lost} streets have fewer than two known nodes and were left out.")
    return course.take(~alone), remarks


def _described(lines: Lines, course: Course, first: NDArray[np.int64], last: NDArray[np.int64]) -> pd.DataFrame:
    """Return id, nodes and what the source says of each link; ids name the line and its two real nodes."""
    frame = lines.attributes.iloc[course.line[first]].reset_index(drop=True).drop(columns="name")
    street, piece, pieces, start, end = _pieces(course, first, last)
    ends, turned, tie = _canonical(lines, course, start, end)
    whole = frame.pop("line_id").to_numpy()[np.flatnonzero(piece == 1)] + ":" + ends
    again = pd.DataFrame({"whole": whole, "tie": tie}).sort_values(["whole", "tie"], kind="stable")
    again = again.groupby("whole", sort=False).cumcount().sort_index().to_numpy()
    named = np.where(again > 0, whole + "#" + again.astype(str).astype(object), whole)[street]
    number = np.where(turned[street], pieces + 1 - piece, piece)
    cut = np.where(pieces > 1, ":" + number.astype(str).astype(object) + "/" + pieces.astype(str).astype(object), "")
    frame["link_id"] = named + cut
    here = named + "+" + (number - 1).astype(str).astype(object)
    there = named + "+" + number.astype(str).astype(object)
    back = turned[street]
    frame["node_from"] = np.where(piece == 1, lines.node_ids[course.node[start]][street], np.where(back, there, here))
    frame["node_to"] = np.where(piece == pieces, lines.node_ids[course.node[end]][street], np.where(back, here, there))
    return frame


def _pieces(
    course: Course, first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each piece's stretch between real nodes, number from 1 and count, and each stretch's ends."""
    heads = course.node[first] >= 0
    street = np.cumsum(heads) - 1
    start = np.flatnonzero(heads)
    counts = np.bincount(street, minlength=len(start)) if len(street) else street
    piece = np.arange(len(first)) - start[street] + 1
    return street, piece, counts[street], first[start], last[start + counts - 1]


def _canonical(
    lines: Lines, course: Course, start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.bool_], NDArray[np.object_]]:
    """Return each stretch's two nodes in order, whether it runs against that, and what tells it from its like."""
    real = np.flatnonzero(course.node >= 0)
    second = real[np.searchsorted(real, start, side="right")] if len(start) else start
    before = real[np.searchsorted(real, end, side="left") - 1] if len(start) else end
    a, b, c, d = (lines.node_ids[course.node[row]] for row in (start, end, second, before))
    turned = np.asarray((a > b) | ((a == b) & (c > d)), dtype=bool)
    return np.where(turned, b + "-" + a, a + "-" + b), turned, np.where(turned, d + "-" + c, c + "-" + d)
