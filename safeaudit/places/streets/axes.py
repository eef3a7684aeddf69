"""The main line of each place, drawn once, and its equal pieces: what becomes a segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from safeaudit.places.links import Course, cut_course, expand
from safeaudit.places.streets.crumbs import order_spines
from safeaudit.places.streets.net import Net, cut_by, cut_net
from safeaudit.places.streets.paths import NONE, Flags, Floats, Rows

if TYPE_CHECKING:
    from safeaudit.places.streets.carriageways import Laid


@dataclass(frozen=True, slots=True)
class Axes:
    """Main lines, from the end with the smaller junction to the other.

    Attributes
    ----------
    place
        Unit whose place each is of, ascending, shape (a,).
    first, last
        Junction at both ends, shape (a,).
    course
        The lines, one part each, uncut.
    source
        Metres along the course of the links at each vertex, shape (v,).
    link
        Link of each vertex, shape (v,).
    """

    place: Rows
    first: Rows
    last: Rows
    course: Course
    source: Floats
    link: Rows


@dataclass(frozen=True, slots=True)
class Pieces:
    """Main lines in equal pieces, and the links that belong to each.

    Attributes
    ----------
    axis, number, of
        Row of the axis of each piece, its number from 1 and their count, shape (p,).
    shape
        Its line.
    net
        The links, cut where their piece changes.
    piece
        Piece of each link; -1 for none, -2 - row of the space for a path that a space took.
    """

    axis: Rows
    number: Rows
    of: Rows
    shape: np.ndarray[tuple[int], np.dtype[np.object_]]
    net: Net
    piece: Rows


def axes_of(laid: Laid, into: Rows, spine: Flags, clusters: Rows) -> Axes:
    """Return the main line of each place.

    Parameters
    ----------
    laid
        What is laid.
    into, spine
        As from `join_crumbs`.
    clusters
        Junction of each node.
    """
    units = laid.units
    rows = np.flatnonzero(spine)
    row = order_spines(units.first[rows], units.last[rows], into[rows], clusters)
    head, tail = row.edges()
    first = np.where(row.turned[head], units.last[rows[head]], units.first[rows[head]])
    last = np.where(row.turned[tail], units.first[rows[tail]], units.last[rows[tail]])
    ends = clusters[first], clusters[last]
    back = ends[0] > ends[1]
    of_unit, position, turned = (np.zeros(len(units), dtype=np.int64) for _ in range(3))
    of_unit[rows], turned[rows] = into[rows], row.turned ^ back[row.chain]
    position[rows] = np.where(back[row.chain], -row.place, row.place)
    place, at = np.unique(into[rows[head]], return_index=True)
    links = np.flatnonzero(np.append(spine, [False])[laid.unit])
    unit = laid.unit[links]
    step = np.where(turned[unit] == 1, -laid.order[links], laid.order[links])
    order = np.lexsort((step, position[unit], of_unit[unit]))
    links, unit = links[order], unit[order]
    reverse = laid.turned[links] ^ (turned[unit] == 1)
    course, source, link = _joined(laid.net.course, links, reverse, of_unit[unit])
    return Axes(place, np.minimum(*ends)[at], np.maximum(*ends)[at], course, source, link)


def cut_axes(net: Net, axes: Axes, place: Rows, max_m: float) -> Pieces:
    """Cut main lines into equal pieces, and give each link the piece that it lies beside.

    Parameters
    ----------
    net
        The links.
    axes
        The main lines.
    place
        Place of each link, as in `Axes.place`; below 0 for none.
    max_m
        Longest piece, metres.
    """
    along = axes.course.along
    first, last = axes.course.spans
    length = along[last] - along[first]
    count = np.maximum(1, np.ceil(length / max_m - 1e-9)).astype(np.int64)
    number, axis = expand(np.ones(len(count), dtype=np.int64), count)
    inner = number > 1
    at = along[first][axis[inner]] + length[axis[inner]] * (number[inner] - 1) / count[axis[inner]]
    lines = axes.course.shapes()
    shapes = cut_course(axes.course, at, np.full(len(at), NONE)).shapes()
    net, origin = _cut_links(net, axes, at)
    label = _beside(net, place[origin], axes, lines, count)
    net, piece, _ = cut_by(net, label)
    return Pieces(axis, number, count[axis], shapes, net, piece)


def _joined(course: Course, links: Rows, reverse: Flags, place: Rows) -> tuple[Course, Floats, Rows]:
    """Draw links one after the other as one line for each place."""
    first, last = course.spans
    first, last = first[links], last[links]
    step, which = expand(np.zeros(len(links), dtype=np.int64), last - first + 1)
    vertex = np.where(reverse[which], last[which] - step, first[which] + step)
    xy, of = course.xy[vertex], place[which]
    repeated = np.zeros(len(vertex), dtype=bool)
    repeated[1:] = (of[1:] == of[:-1]) & (xy[1:] == xy[:-1]).all(axis=1) & (step[1:] == 0)
    heads = np.diff(of, prepend=NONE) != 0
    ends = heads.copy()
    ends[:-1] |= heads[1:]
    ends[-1:] = True
    drawn = Course(of, which, course.node[vertex], xy, ends)
    return drawn.take(~repeated | ends), course.along[vertex][~repeated | ends], links[which][~repeated | ends]


def _cut_links(net: Net, axes: Axes, at: Floats) -> tuple[Net, Rows]:
    """Cut the links under the cuts of main lines, where a link lies there; return the link each was part of."""
    along = axes.course.along
    after = np.searchsorted(along, at, side="right")
    before = after - 1
    share = (at - along[before]) / (along[after] - along[before])
    source = axes.source[before] + share * (axes.source[after] - axes.source[before])
    on_link = axes.link[before] == axes.link[after]
    link = axes.link[before]
    first, last = net.course.spans
    known = net.course.along
    inside = (source > known[first[link]] + 1e-6) & (source < known[last[link]] - 1e-6) & on_link
    found = cut_net(net, source[inside], net.nodes + np.arange(inside.sum()))
    middle = found.course.along
    first_new, last_new = found.course.spans
    middle = (middle[first_new] + middle[last_new]) / 2
    return found, np.searchsorted(known[first], middle, side="right") - 1


def _beside(
    net: Net, place: Rows, axes: Axes, lines: np.ndarray[tuple[int], np.dtype[np.object_]], count: Rows
) -> Rows:
    """Return the piece of each bit: the one of its place that its middle lies beside."""
    of_bit = place[net.bits.link]
    axis = np.searchsorted(axes.place, of_bit)
    base = np.cumsum(count) - count
    label = np.where(of_bit >= 0, base[np.minimum(axis, len(base) - 1)], of_bit) if len(base) else of_bit
    long_ = np.flatnonzero((of_bit >= 0) & (count[np.minimum(axis, len(base) - 1)] > 1)) if len(base) else of_bit[:0]
    middle = shapely.points(net.bits.middle[long_])
    line = lines[axis[long_]]
    share = shapely.line_locate_point(line, middle) / shapely.length(line)
    size = count[axis[long_]]
    label[long_] += np.minimum((share * size).astype(np.int64), size - 1)
    return label
