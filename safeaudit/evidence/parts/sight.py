"""What blocks sight on the flat map, and what is seen from a point of it: its isovist, exact, for many at once.

Points and directions are complex numbers: metres east + metres north i.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from safeaudit.evidence.parts.measures import read_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Points = NDArray[np.complex128]
    Rows = NDArray[np.int64]
    Shapes = NDArray[np.object_]

EAST_NORTH = np.array([1, 1j])
"""Coordinates times this are points."""
EYE_M = 1.5
"""A barrier that is tagged as lower is seen over."""

_NO_WALLS = ("roof", "carport")
_WIRE = ("chain_link", "wire", "wire_mesh", "barbed_wire", "electric", "net")
_RAILS = ("bars", "metal_bars", "railing", "pole", "post_and_rail", "split_rail", "roundpole")
_SEEN_THROUGH = frozenset((*_WIRE, *_RAILS))
_BATCH = 256
"""Viewpoints worked out at a time: bounds the memory, and stays in a processor's cache."""
_SECTORS = 128
"""Pieces of the turn in which faces that nearer ones hide are found."""
_SPANNED_M2 = 1e-6
"""An edge that spans less than this with the viewpoint is seen end-on, or stood on: it hides nothing."""
_TURN = 2 * np.pi


@dataclass(frozen=True, slots=True, kw_only=True)
class Isovists:
    """What is seen from n viewpoints.

    Attributes
    ----------
    area_m2
        Area within sight, shape (n,).
    drift_m
        Distance from the viewpoint to the centre of gravity of that area, shape (n,).
    corner_of
        Viewpoint of each corner past which sight jumps back, shape (c,).
    corner
        Where that corner is, shape (c,).
    """

    area_m2: Floats
    drift_m: Floats
    corner_of: Rows
    corner: Points


class _Faces(NamedTuple):
    """Edges that turn their face to a viewpoint, as far as they are within sight; one row each."""

    view: Rows
    edge: Rows
    right: Points  # its ends, from the viewpoint
    left: Points
    nearest_m: Floats
    closeness: Points  # its dot product with a direction of length 1 is 1 / distance of the edge there

    def only(self, kept: NDArray[np.bool_]) -> _Faces:
        """Return the faces that are kept."""
        ends = self.right[kept], self.left[kept]
        return _Faces(self.view[kept], self.edge[kept], *ends, self.nearest_m[kept], self.closeness[kept])


class _Wedges(NamedTuple):
    """The turn round each viewpoint, cut at the ends of its faces: by viewpoint and angle."""

    first: Rows  # of each viewpoint: its first wedge, and how many it has
    number: Rows
    begin: Rows  # of each face: its first wedge, and the one after its last
    stop: Rows
    before: Rows  # of each wedge: the one to its right
    right: Points  # directions of its sides, of length 1
    left: Points
    angle: Floats


def blocking(features: GeoDataFrame) -> tuple[Shapes, Shapes]:
    """Return the buildings, and the barriers, that block sight.

    A roof without walls does not, nor does a fence of wire, bars or rails, nor a barrier that is tagged as
    lower than 1.5 m. Walls, hedges and all other fences do.

    Parameters
    ----------
    features
        The table of this name.
    """
    shapes, kind = features.geometry.to_numpy(), features["kind"]
    (hiding,) = read_tags(features["tags"], _hides)
    buildings = shapes[(kind == "building") & ~features["category"].isin(_NO_WALLS)]
    return buildings, shapes[(kind == "barrier") & hiding.astype(bool)]


def _hides(tags: Mapping[str, str]) -> bool:
    height = re.match(r"\d+(\.\d+)?", tags.get("height", ""))
    low = height is not None and float(height[0]) < EYE_M
    return not low and tags.get("fence_type") not in _SEEN_THROUGH


def edges_of(buildings: Shapes, barriers: Shapes) -> Points:
    """Return the straight edges of what blocks sight, from end to end, shape (m, 2).

    Buildings that touch become one, and barriers end where a building begins: no edge crosses another.
    Edges of buildings block sight from outside; barriers stand there twice, once for each side.

    Parameters
    ----------
    buildings, barriers
        As from `blocking`.
    """
    # Where buildings share a wall nobody looks out: merged, their edges meet and never cross, which the wedges need.
    solid = shapely.disjoint_subset_union_all(shapely.make_valid(buildings))
    lines = np.where(shapely.get_dimensions(barriers) > 1, shapely.boundary(barriers), barriers)
    walls = _pieces(shapely.get_parts(shapely.difference(shapely.union_all(lines), solid)))
    # Rings of solids run clockwise, so that the outside is to the left of every edge: the side it blocks from.
    faces = _pieces(shapely.get_rings(shapely.get_parts(shapely.orient_polygons(solid, exterior_cw=True))))
    return np.concatenate([faces, walls, walls[:, ::-1]])


def _pieces(lines: Shapes) -> Points:
    """Return the straight pieces of lines, shape (m, 2)."""
    line = np.repeat(np.arange(len(lines)), shapely.get_num_coordinates(lines))
    points, same = shapely.get_coordinates(lines) @ EAST_NORTH, line[1:] == line[:-1]
    return np.column_stack([points[:-1][same], points[1:][same]])


def isovists(points: Points, edges: Points, *, sight_m: float, least_jump_m: float) -> Isovists:
    """Return what is seen from each viewpoint, all round, up to a distance.

    The ends of the edges cut the turn round a viewpoint into wedges, in each of which one edge, or the
    circle of sight, is the nearest all through. So a wedge is a triangle or a sector, and area and centre
    of gravity are sums over wedges.

    Parameters
    ----------
    points
        Viewpoints, shape (n,).
    edges
        As from `edges_of`, shape (m, 2). They may touch, and must not cross. An edge blocks sight from its
        left alone, looking from its first end to its second.
    sight_m
        How far sight goes.
    least_jump_m
        Corners past which sight jumps back by less are left out.
    """
    tree = shapely.STRtree(shapely.linestrings(np.stack([edges.real, edges.imag], axis=-1)))
    batches = [points[i : i + _BATCH] for i in range(0, max(len(points), 1), _BATCH)]
    seen = [_isovists(batch, edges, tree, sight_m, least_jump_m) for batch in batches]
    return Isovists(
        area_m2=np.concatenate([one.area_m2 for one in seen]),
        drift_m=np.concatenate([one.drift_m for one in seen]),
        corner_of=np.concatenate([i * _BATCH + one.corner_of for i, one in enumerate(seen)]),
        corner=np.concatenate([one.corner for one in seen]),
    )


def _isovists(points: Points, edges: Points, tree: shapely.STRtree, sight_m: float, least_jump_m: float) -> Isovists:
    faces = _unhidden(_faces(points, edges, tree, sight_m), len(points))
    wedges = _wedges(faces, len(points))
    nearest = _nearest(faces, wedges)
    # How far sight goes at either side of a wedge: to its nearest face, or to the circle of sight. A wedge without a
    # face has nearest -1, and reads the closeness 0 behind all others.
    closeness = np.append(faces.closeness, 0)[nearest]
    right_m, left_m = (1 / np.maximum(_dot(closeness, side), 1 / sight_m) for side in (wedges.right, wedges.left))

    # A wedge that ends at a face is a triangle: area (right x left) / 2, centre (right + left) / 3. One that ends at
    # the circle is a sector: area r^2 angle / 2; the integral of the position over it is r^2 (left - right) / 3i, left
    # and right being r long. Sums over the wedges of a viewpoint are its area and, over
    # that, its centre of gravity.
    right, left, sector = right_m * wedges.right, left_m * wedges.left, nearest < 0
    area = np.where(sector, sight_m**2 * wedges.angle, _cross(right, left)) / 2
    moment = np.where(sector, sight_m**2 * (left - right) / 1j, area * (right + left)) / 3
    whole = np.add.reduceat(area, wedges.first)
    drift = abs(np.add.reduceat(moment, wedges.first)) / whole

    # Where a wedge ends nearer or farther than its neighbour to the right begins, sight passes a corner. The nearer
    # of the two faces hides what is behind it, and the corner is its end there: its left end (1) where the near face is
    # to the right of the jump, else its right end (0).
    before_m = left_m[wedges.before]
    jumps = np.flatnonzero(abs(right_m - before_m) >= least_jump_m)
    back = before_m[jumps] < right_m[jumps]
    hiding = faces.edge[nearest[np.where(back, wedges.before[jumps], jumps)]]
    corner_of = np.searchsorted(wedges.first, jumps, side="right") - 1
    return Isovists(area_m2=whole, drift_m=drift, corner_of=corner_of, corner=edges[hiding, back.astype(np.int64)])


def _faces(points: Points, edges: Points, tree: shapely.STRtree, sight_m: float) -> _Faces:
    """Return the edges that turn their face to each viewpoint, within sight."""
    # All edges in the square round the circle of sight, as seen from the viewpoint: it is the origin from here on.
    east, north = points.real, points.imag
    view, edge = tree.query(shapely.box(east - sight_m, north - sight_m, east + sight_m, north + sight_m))
    right, left = (edges[edge] - points[view, None]).T
    # Twice the area of the triangle with the viewpoint: positive where the edge runs to the left, that is where it
    # turns the side to the viewpoint that blocks; next to nothing where it is seen end-on.
    spanned = _cross(right, left)
    facing = np.flatnonzero(spanned > _SPANNED_M2)
    view, edge, spanned = view[facing], edge[facing], spanned[facing]
    right, left = right[facing], left[facing]
    # On the edge's line, in lengths of the edge from its right end: the point nearest to the viewpoint (foot), and half
    # of what the circle of sight cuts out. The height of the triangle, spanned / length, is the distance of the line.
    along = left - right
    length = abs(along)
    foot = -_dot(right, along) / length**2
    half = np.sqrt(np.maximum(sight_m**2 - (spanned / length) ** 2, 0)) / length
    begin, stop = foot - half, foot + half
    # A line at distance h is met in direction u at h / (u . n), n being its unit normal: the closeness is n / h,
    # so that 1 / distance is one dot product. along / 1j is the normal, length long.
    faces = _Faces(
        view=view,
        edge=edge,
        right=np.where(begin > 0, right + begin * along, right),
        left=np.where(stop < 1, right + stop * along, left),
        nearest_m=abs(right + np.clip(foot, 0, 1) * along),
        closeness=along / (1j * spanned),
    )
    return faces.only((half > 0) & (begin < 1) & (stop > 0))


def _unhidden(faces: _Faces, n: int) -> _Faces:
    """Leave out faces that nearer ones hide, where that is quickly seen: most of them where houses stand close.

    A face that spans a whole sector hides what lies in that sector behind its farther end.
    """
    # From angles to sectors, in parts of one; what begins before the west and ends behind it runs past the last.
    begin = np.angle(faces.right) * _SECTORS / _TURN
    stop = begin + np.angle(faces.left * faces.right.conj()) * _SECTORS / _TURN
    screen_m = np.full(n * _SECTORS, np.inf)
    # Sectors that a face spans from side to side: it hides there all that is farther than its own farther end.
    face, sector = _ranges(np.ceil(begin), np.floor(stop))
    farthest_m = np.maximum(abs(faces.right), abs(faces.left))
    np.minimum.at(screen_m, faces.view[face] * _SECTORS + sector % _SECTORS, farthest_m[face])
    # Sectors that a face lies in at all: it stays if it may be seen in one of them.
    face, sector = _ranges(np.floor(begin), np.floor(stop) + 1)
    seen = faces.nearest_m[face] < screen_m[faces.view[face] * _SECTORS + sector % _SECTORS]
    return faces.only(np.bincount(face[seen], minlength=len(begin)) > 0)


def _ranges(begin: NDArray[np.number], stop: NDArray[np.number]) -> tuple[Rows, Rows]:
    """Return the whole numbers from each begin to before its stop, behind the row they belong to."""
    # Numbers run on over all rows; from each is taken what had been counted before its row began.
    lengths = np.maximum(stop - begin, 0).astype(np.int64)
    row = np.repeat(np.arange(len(lengths)), lengths)
    return row, np.arange(len(row)) + (begin.astype(np.int64) - np.cumsum(lengths) + lengths)[row]


def _wedges(faces: _Faces, n: int) -> _Wedges:
    """Cut the turn round n viewpoints at the ends of their faces, and to the east."""
    # Both ends of every face and one cut to the east, so that a viewpoint with nothing round it has a wedge too. Angles
    # of all viewpoints are sorted at once: shifted by two turns each, they do not meet.
    view = np.concatenate([faces.view, faces.view, np.arange(n)])
    direction = np.concatenate([faces.right, faces.left, np.ones(n)])
    turned = np.angle(direction) + 2 * _TURN * view
    order = np.argsort(turned)
    # Ends at the same angle are one cut. A cut's wedge is the one to its left: cut and wedge have the same number.
    new = np.diff(turned[order], prepend=-np.inf) > 0
    wedge = np.empty_like(order)
    wedge[order] = np.cumsum(new) - 1
    cut = order[new]
    count = np.bincount(view[cut], minlength=n)
    # The wedges of a viewpoint are a ring: after its last one comes its first.
    first, last = np.cumsum(count) - count, np.cumsum(count) - 1
    after = np.arange(1, len(cut) + 1)
    after[last] = first
    before = np.arange(-1, len(cut) - 1)
    before[first] = last
    right = direction[cut] / abs(direction[cut])
    angle = turned[cut][after] - turned[cut]
    angle[last] += _TURN
    begin, stop = wedge[: 2 * len(faces.view)].reshape(2, -1)
    return _Wedges(first, count, begin, stop, before, right, right[after], angle)


def _nearest(faces: _Faces, wedges: _Wedges) -> Rows:
    """Return the nearest face of each wedge; -1 where there is none."""
    # The wedges that each face spans, from its right end to its left; those past the ring's end go on at its beginning.
    count = wedges.number[faces.view]
    face, wedge = _ranges(wedges.begin, wedges.begin + (wedges.stop - wedges.begin) % count)
    wedge -= np.where(wedge >= (wedges.first[faces.view] + count)[face], count[face], 0)
    # Faces do not cross, and none ends within a wedge: the nearest in its middle is the nearest all through. Right plus
    # left points to the middle; its length is the same for all faces of a wedge, and does not matter.
    closeness = _dot(faces.closeness[face], (wedges.right + wedges.left)[wedge])
    closest = np.zeros(len(wedges.angle))
    np.maximum.at(closest, wedge, closeness)
    hit = closeness == closest[wedge]
    nearest = np.full(len(closest), -1)
    nearest[wedge[hit]] = face[hit]
    return nearest


def _dot(a: Points, b: Points) -> Floats:
    return a.real * b.real + a.imag * b.imag


def _cross(a: Points, b: Points) -> Floats:
    return a.real * b.imag - a.imag * b.real
