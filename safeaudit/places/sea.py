"""The sea: what lies to the right of the coastlines, as OpenStreetMap draws them, within the streets' reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COASTLINE = '"natural": "coastline"'
_ASIDE_M = 0.05
"""How far beside the middle of a stretch of coast it is asked what lies there."""


def sea_of(objects: gpd.GeoDataFrame, frame: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Return the sea as areas of water.

    Extracts draw no sea: its shores are lines with the land on their left, which end where the extract was cut. The
    frame is cut along them; a piece is sea where every shore that it lies at says so. What no shore speaks of, and
    what two contradict each other about, is left as it is: it may be land.

    Parameters
    ----------
    objects
        osm_id, kind, tags and geometry of what was read, in metres; shores are of kind water.
    frame
        West, south, east and north of the streets, metres: NaN where there are none. Further out, shores may be
        missing.

    Returns
    -------
    osm_id (`sea-1` and on, from the west), kind, category, name, tags and geometry, in metres.
    """
    shores = objects[(objects["kind"] == "water") & objects["tags"].str.contains(_COASTLINE, regex=False)]
    lines = shores.geometry.to_numpy()
    if not len(lines) or np.isnan(frame).any():
        return gpd.GeoDataFrame(objects.iloc[:0])
    window = shapely.box(*frame)
    pieces = shapely.get_parts(shapely.polygonize([shapely.union(shapely.union_all(lines), window.exterior)]))
    inside = pieces[shapely.contains_properly(window, shapely.point_on_surface(pieces))]
    seas = inside[_at_sea(inside, shapely.intersection(lines, window))]
    seas = seas[np.lexsort(shapely.bounds(seas).T[::-1])]
    ids = [f"sea-{number}" for number in range(1, len(seas) + 1)]
    words = {"kind": "water", "category": "sea", "name": None, "tags": "{}"}
    return gpd.GeoDataFrame({"osm_id": ids, **words}, geometry=list(seas), crs=objects.crs)


def _at_sea(pieces: NDArray[np.object_], shores: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell of each piece whether all shores that part it from another one have it on their right."""
    xy, line = shapely.get_coordinates(shapely.get_parts(shores), return_index=True)
    same = line[1:] == line[:-1]
    start, along = xy[:-1][same], np.diff(xy, axis=0)[same]
    length = np.hypot(*along.T)
    start, along, length = start[length > 0], along[length > 0], length[length > 0]
    middle, right = start + along / 2, np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None]
    sea, land = (_piece_at(pieces, middle + aside * right) for aside in (_ASIDE_M, -_ASIDE_M))
    parts = sea != land  # a shore that ends within a piece has it on both sides, and parts nothing
    wet, dry = np.zeros(len(pieces) + 1, dtype=bool), np.zeros(len(pieces) + 1, dtype=bool)
    wet[sea[parts]] = True
    dry[land[parts]] = True
    return (wet & ~dry)[:-1]


def _piece_at(pieces: NDArray[np.object_], xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the piece that each position lies in, -1 for none."""
    at = np.full(len(xy), -1)
    position, piece = shapely.STRtree(pieces).query(shapely.points(xy), predicate="within")
    at[position] = piece
    return at
