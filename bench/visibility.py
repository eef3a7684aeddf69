"""Visible area from random points of the streets of Makati: how right it is, and how fast.

Right: against the disc of sight less the shadow of every edge, one after the other, in shapely alone. Fast: against
pysovist, the fastest library we found that returns the same area, exactly. It is given, for each viewpoint, only what
lies around it: so it is quickest. VisiLibity and CGAL (pyvispoly) took two to three times as long on the same points,
and so did cityseer, which counts the cells of a raster: at 1 m it is off by percents. Ours and pysovist start from the
same edges, and each makes an index of them.
"""

from __future__ import annotations

import argparse
import importlib.util
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from measure import best, tell, tell_command

from safeaudit.config import PlacesSettings
from safeaudit.evidence.parts.sight import EAST_NORTH, blocking, edges_of, isovists
from safeaudit.evidence.visibility import HIDDEN_M, SIGHT_M
from safeaudit.files.admit import admit
from safeaudit.places import read_places

if TYPE_CHECKING:
    from safeaudit.evidence.parts.sight import Floats, Points, Shapes
    from safeaudit.tables import Places

MAKATI = Path(__file__).resolve().parents[2] / "shared" / "cities" / "makati" / "makati.osm.pbf"
SEED = 20_260_101


def main() -> None:
    """Print the largest difference, and the time per point of ours and of the peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pbf", type=Path, default=MAKATI)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    tell_command()
    places = read_places(PlacesSettings(osm=given.pbf), "auto", {given.pbf: admit(given.pbf)}, evidence=True)
    buildings, barriers = blocking(places.features)
    points, edges = draw(places, buildings, given.points), edges_of(buildings, barriers)
    ours, seconds = best(lambda: _ours(points, edges), given.runs)
    exact = np.array([slowly(point, buildings, barriers) for point in points.tolist()])
    _tell_difference("shadows in shapely", ours, exact)
    if importlib.util.find_spec("pysovist") is None:
        print('no peer: pip install -e ".[bench]" brings pysovist')
        return
    peer, peer_seconds = best(lambda: _pysovist(points, edges), given.runs)
    _tell_difference("pysovist", ours, peer)
    per_point = 1e6 / len(points)
    tell("visible area, per point", seconds * per_point, peer_seconds * per_point, "us", "wanted: under 2")


def draw(places: Places, buildings: Shapes, n: int) -> Points:
    """Return random points of random segments, outside of buildings."""
    rng = np.random.default_rng(SEED)
    lines = places.segments.geometry.to_numpy()[rng.integers(len(places.segments), size=3 * n)]
    points = shapely.line_interpolate_point(lines, rng.random(3 * n), normalized=True)
    inside, _ = shapely.STRtree(buildings).query(points, "dwithin", 0.01)
    return (shapely.get_coordinates(np.delete(points, inside)) @ EAST_NORTH)[:n]


def slowly(point: complex, buildings: Shapes, barriers: Shapes) -> float:
    """Return the visible area from one point: the disc less buildings and the shadow of every edge."""
    here = shapely.Point(point.real, point.imag)
    near = [shape for shape in (*buildings, *barriers) if shape.distance(here) < SIGHT_M]
    rings = [line for shape in near for line in shapely.get_parts(shape.boundary if shape.area else shape)]
    corners = [shapely.get_coordinates(line) @ EAST_NORTH for line in rings]
    shadows = [_shadow(point, start, end) for line in corners for start, end in pairwise(line.tolist())]
    disc = here.buffer(SIGHT_M, quad_segs=256)
    return (disc - shapely.union_all([*shadows, *(shape for shape in near if shape.area)])).area


def _shadow(point: complex, start: complex, end: complex) -> shapely.Geometry:
    far = [point + 100 * SIGHT_M * (corner - point) / abs(corner - point) for corner in (start, end)]
    return shapely.MultiPoint([(corner.real, corner.imag) for corner in (start, end, *far)]).convex_hull


def _ours(points: Points, edges: Points) -> Floats:
    return isovists(points, edges, sight_m=SIGHT_M, least_jump_m=HIDDEN_M).area_m2


def _pysovist(points: Points, edges: Points) -> Floats:
    import pysovist  # noqa: PLC0415 - the peer may not be there

    walls = np.stack([edges.real, edges.imag], axis=-1)
    tree = shapely.STRtree(shapely.linestrings(walls))
    x, y = points.real, points.imag
    view, edge = tree.query(shapely.box(x - SIGHT_M, y - SIGHT_M, x + SIGHT_M, y + SIGHT_M))
    around = np.split(walls[edge], np.searchsorted(view, np.arange(1, len(points))))
    seen = zip(around, np.column_stack([x, y]), strict=True)
    return np.array([pysovist.isovist(pysovist.Plan(w), at, max_distance=SIGHT_M).metrics["area"] for w, at in seen])


def _tell_difference(peer: str, ours: Floats, theirs: Floats) -> None:
    difference = np.abs(ours / theirs - 1).max()
    print(f"largest difference from {peer}, {len(ours)} points: {difference:.2e}  wanted: under 1e-2", flush=True)


if __name__ == "__main__":
    main()
