"""Evidence of public spaces: open to all or not, ways in, and edges that are watched or blind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows, read_tags
from safeaudit.evidence.parts.sight import blocking
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.context import Context

    Shapes = NDArray[np.object_]
    Rows = NDArray[np.int64]

WATCHED_M = 20.0
"""A building farther than this from an edge does not watch it."""

STREET_M = 15.0
"""A street farther than this from an edge does not run along it."""

_STEP_M = 5.0
_TOUCH_M = 2.0
_ONE_WAY_IN_M = 10.0
_SURVEYED_M = 100.0
_PARALLEL = np.cos(np.radians(45))
_M2_PER_HA = 10_000
_SPACE = ("space",)
_OPEN = Measure(
    name="open_to_all",
    words=("yes", "conditions", "no", "unknown"),
    of=_SPACE,
)
_AREA = Measure(name="area_ha", unit="ha", of=_SPACE)
_ENTRANCES = Measure(name="entrances", unit="spots", of=_SPACE)
_WATCHED = Measure(
    name="edge_watched_share",
    unit="0 to 1",
    of=_SPACE,
)
_STREET = Measure(name="edge_street_share", unit="0 to 1", of=_SPACE)
MEASURES = (_OPEN, _AREA, _ENTRANCES, _WATCHED, _STREET)

_ANYBODY = {
    "access": ("yes", "public", "foot", "designated", "permissive"),
    "fee": ("no",),
    "opening_hours": ("24/7",),
}
_NOBODY = ("no", "private")


@dataclass(frozen=True, slots=True)
class _Edge:
    """The outer edges of spaces, cut into straight stretches of at most 5 m.

    `space` is the row of each stretch's space, `xy` its middle, `length` its metres, and `along` its direction
    (a unit vector, the space to its left).
    """

    space: Rows
    xy: NDArray[np.float64]
    along: NDArray[np.float64]
    length: NDArray[np.float64]

    def share(self, chosen: NDArray[np.bool_], n: int) -> NDArray[np.float64]:
        """Return the share of each of n spaces' edges that is chosen; NaN where a space has no edge."""
        whole = np.bincount(self.space, weights=self.length, minlength=n)
        part = np.bincount(self.space, weights=self.length * chosen, minlength=n)
        return np.divide(part, whole, out=np.full(n, np.nan), where=whole > 0)


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell for every public space who may enter, by how many ways, and what its edge is like.

    - `open_to_all`: from `access`, `fee` and `opening_hours`: no where access is no or private; yes where all that
      are tagged let anybody in at any hour without charge (a `permissive` access does); else on conditions. A
      space with a fee is no open public space by SDG 11.7.1.
    - `area_ha`: area in hectares.
    - `entrances`: spots where a link crosses its edge, or ends within 2 m of it; spots within 10 m of each other
      are one, so that a street and its sidewalks are one; the ends of links that run on the edge are none.
    - `edge_watched_share`: its outer edge in stretches of at most 5 m; the share of its length from whose middle
      the nearest building is within 20 m, with no wall, fence or hedge between. Whether the building has windows
      there is for an audit to say.
    - `edge_street_share`: the share of that length with a link of a segment within 15 m that runs along it: outside
      or on it, and at most 45 degrees askew. A path of the space itself is no street.

    Tunnels and bridges are left out. OpenStreetMap's spaces are potential open public spaces until somebody has
    looked.

    Parameters
    ----------
    context
        Its places: spaces, links, and features of the kinds building and barrier.

    Returns
    -------
    The table `evidence`. Coverage of `open_to_all` is the share of the three tags that are there; that of
    `edge_watched_share` is 1 where any building is mapped within 100 m, else 0 and the share is NA; that of the
    rest is 1. Of a space known only as a point all but `open_to_all` is NA, with coverage 0.
    """
    places = context.places
    spaces, place_id = places.spaces, places.spaces["place_id"]
    shapes, n = spaces.geometry.to_numpy(), len(spaces)
    rings, space = _rings(shapes)
    edge, ways = _edge(rings, space), _on_ground(places.links)
    streets = ways[ways["segment_id"].notna()]
    buildings, barriers = blocking(places.features)
    drawn = np.bincount(space, minlength=n) > 0
    built = drawn & _any_near(shapes, buildings)
    numbers = {
        _AREA: (spaces["area_m2"] / _M2_PER_HA, drawn),
        _ENTRANCES: (_ways_in(rings, space, ways.geometry.to_numpy(), n), drawn),
        _WATCHED: (edge.share(_is_watched(edge, buildings, barriers), n), built),
        _STREET: (edge.share(_has_street(edge, streets.geometry.to_numpy()), n), drawn),
    }
    openness, tagged = read_tags(spaces["tags"], _open_to_all, _tagged_share)
    rows = [
        evidence_rows(measure, place_id, value=np.where(known, value, np.nan), coverage=known)
        for measure, (value, known) in numbers.items()
    ]
    return concat_evidence([evidence_rows(_OPEN, place_id, label=openness, coverage=tagged), *rows])


def _said(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: tags[key].strip().lower() for key in _ANYBODY if tags.get(key, "unknown") != "unknown"}


def _open_to_all(tags: Mapping[str, str]) -> str:
    said = _said(tags)
    if not said:
        return "unknown"
    if said.get("access") in _NOBODY:
        return "no"
    return "yes" if all(value in _ANYBODY[key] for key, value in said.items()) else "conditions"


def _tagged_share(tags: Mapping[str, str]) -> float:
    return len(_said(tags)) / len(_ANYBODY)


def _on_ground(links: GeoDataFrame) -> GeoDataFrame:
    """Return the links that lie on the ground."""
    (ground,) = read_tags(links["tags"], _is_on_ground)
    return links[ground.astype(bool)]


def _is_on_ground(tags: Mapping[str, str]) -> bool:
    return tags.get("tunnel", "no") in ("no", "building_passage") and tags.get("bridge", "no") == "no"


def _rings(shapes: Shapes) -> tuple[Shapes, Rows]:
    """Return the outer rings of all polygons, the inside to their left, and the row of each."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return shapely.get_exterior_ring(shapely.orient_polygons(parts[areas])), row[areas]


def _edge(rings: Shapes, space: Rows) -> _Edge:
    xy, ring = shapely.get_coordinates(shapely.segmentize(rings, _STEP_M), return_index=True)
    ray = np.diff(xy, axis=0)
    length = np.hypot(ray[:, 0], ray[:, 1])
    inner = (np.diff(ring) == 0) & (length > 0)
    xy, ray, length = xy[:-1][inner], ray[inner], length[inner]
    return _Edge(space[ring[:-1][inner]], xy + ray / 2, ray / length[:, None], length)


def _any_near(shapes: Shapes, buildings: Shapes) -> NDArray[np.bool_]:
    nearest = shapely.STRtree(buildings).query_nearest(shapes, max_distance=_SURVEYED_M, all_matches=False)
    return np.isin(np.arange(len(shapes)), nearest[0])


def _is_watched(edge: _Edge, buildings: Shapes, barriers: Shapes) -> NDArray[np.bool_]:
    """Tell which stretches have a building near them and nothing between."""
    points = shapely.points(edge.xy)
    near, building = shapely.STRtree(buildings).query_nearest(points, max_distance=WATCHED_M, all_matches=False)
    sights = shapely.shortest_line(points[near], buildings[building])
    blocked, _ = shapely.STRtree(barriers).query(sights, predicate="intersects")
    watched = np.zeros(len(points), dtype=bool)
    watched[near] = True
    watched[near[blocked]] = False
    return watched


def _has_street(edge: _Edge, streets: Shapes) -> NDArray[np.bool_]:
    """Tell which stretches have a street along them."""
    points = shapely.points(edge.xy)
    row, street = shapely.STRtree(streets).query(points, predicate="dwithin", distance=STREET_M)
    lines, along = streets[street], edge.along[row]
    at = shapely.line_locate_point(lines, points[row])
    ray = _at(lines, at + 1) - _at(lines, np.maximum(at - 1, 0))
    away = _at(lines, at) - edge.xy[row]
    parallel = np.abs((ray * along).sum(axis=1)) >= _PARALLEL * np.hypot(ray[:, 0], ray[:, 1])
    outside = along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0] <= _TOUCH_M
    return np.isin(np.arange(len(points)), row[parallel & outside])


def _at(lines: Shapes, distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
    return shapely.get_coordinates(shapely.line_interpolate_point(lines, distance_m))


def _ways_in(rings: Shapes, space: Rows, streets: Shapes, n: int) -> Rows:
    """Return the number of spots where streets reach the edge of each of n spaces."""
    ring, points = _touches(rings, streets)
    order = np.argsort(space[ring], kind="stable")
    reached, group = np.unique(space[ring][order], return_inverse=True)
    spots = shapely.buffer(shapely.multipoints(points[order], indices=group), _ONE_WAY_IN_M / 2)
    count = np.zeros(n, dtype=np.int64)
    count[reached] = shapely.get_num_geometries(spots)
    return count


def _touches(rings: Shapes, streets: Shapes) -> tuple[Rows, Shapes]:
    """Return the points where streets cross a ring or end on it, and the ring of each."""
    ring, street = shapely.STRtree(streets).query(rings, predicate="dwithin", distance=_TOUCH_M)
    met = shapely.intersection(rings[ring], streets[street])
    parts, pair = shapely.get_parts(met, return_index=True)
    crossing = (shapely.get_type_id(parts) == shapely.GeometryType.POINT) & ~shapely.is_empty(parts)
    off = np.tile(shapely.length(met) == 0, 2)
    ends, of_end = np.concatenate([shapely.get_point(streets[street], end) for end in (0, -1)]), np.tile(ring, 2)
    ending = off & (shapely.distance(ends, rings[of_end]) <= _TOUCH_M)
    return np.concatenate([ring[pair[crossing]], of_end[ending]]), np.concatenate([parts[crossing], ends[ending]])
