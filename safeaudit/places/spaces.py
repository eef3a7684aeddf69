"""Public spaces and stops as places. Tables `spaces` and `stops`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.place_codes import place_codes
from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AREAS = ("Polygon", "MultiPolygon")
_MOSTLY = 0.9


def spaces_from_objects(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the public spaces among objects.

    Parameters
    ----------
    objects
        osm_id, kind, category, name, tags and geometry, in the run's CRS.

    Returns
    -------
    The table `spaces`; area_m2 is NA for a space known only as a point.
    """
    chosen = _chosen(objects, "space", "P")
    shapes = _areas_or_points(chosen.geometry.to_numpy())
    area = shapely.area(shapes)
    frame = chosen.set_geometry(gpd.GeoSeries(shapes, crs=objects.crs)).assign(area_m2=np.where(area > 0, area, np.nan))
    frame = frame[~frame.geometry.is_empty].reset_index(drop=True)
    return validate_table(frame.assign(within=_within(frame), label=""), "spaces")


def stops_from_objects(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the stops of public transport among objects, as points.

    Parameters
    ----------
    objects
        osm_id, kind, category, name, tags and geometry, in the run's CRS.

    Returns
    -------
    The table `stops`. A station mapped as an area stands at a point inside it.
    """
    chosen = _chosen(objects, "stop", "T")
    points = shapely.point_on_surface(chosen.geometry.to_numpy())
    return validate_table(chosen.set_geometry(gpd.GeoSeries(points, crs=objects.crs)).assign(label=""), "stops")


def by_rank(spaces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the spaces that are areas, those that take paths and other spaces first.

    Named ones, the smallest first: a garden with a name in a park is what people say. Then those without a name, the
    largest first: not the pitch that a path happens to pass, but the green around it.
    """
    areas = spaces[spaces["area_m2"].notna()]
    unnamed = areas["name"].isna()
    rank = areas.assign(unnamed=unnamed, size=areas["area_m2"].where(~unnamed, -areas["area_m2"]))
    return areas.loc[rank.sort_values(["unnamed", "size", "place_id"]).index]


def _within(spaces: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the smallest named space that nearly all of each space without a name lies in, NA for none."""
    hosts = by_rank(spaces[spaces["name"].notna()])
    unnamed = spaces[spaces["name"].isna()]
    guest, host = shapely.STRtree(hosts.geometry.to_numpy()).query(unnamed.geometry.to_numpy(), predicate="intersects")
    shape, around = unnamed.geometry.to_numpy()[guest], hosts.geometry.to_numpy()[host]
    area = shapely.area(shape)
    inside = (area == 0) | (shapely.area(shapely.intersection(shape, around)) >= _MOSTLY * area)
    found = pd.Series(None, index=spaces.index, dtype=object)
    pairs = pd.DataFrame({"guest": guest[inside], "host": host[inside]}).sort_values(["guest", "host"])
    first = pairs.drop_duplicates("guest")
    found[unnamed.index[first["guest"]]] = hosts["place_id"].to_numpy()[first["host"]]
    return found


def _chosen(objects: gpd.GeoDataFrame, kind: str, prefix: str) -> gpd.GeoDataFrame:
    chosen = objects[objects["kind"] == kind].drop_duplicates("osm_id").drop(columns="kind").reset_index(drop=True)
    own = ~chosen["osm_id"].str.match(r"[nwr]\d")
    chosen["osm_ids"] = chosen["osm_id"].mask(own, None)
    chosen["place_code"] = place_codes(prefix, chosen["osm_id"])
    return chosen.rename(columns={"osm_id": "place_id"})


def _areas_or_points(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Mend outlines that cross themselves; of what is left keep the areas, or the points."""
    mended = shapely.make_valid(shapes)
    kinds = pd.Series(shapely.get_type_id(mended))
    mixed = kinds.isin([shapely.GeometryType.GEOMETRYCOLLECTION.value]).to_numpy()
    mended[mixed] = [_only_areas(shape) for shape in mended[mixed]]
    lines = kinds.isin([shapely.GeometryType.LINESTRING.value, shapely.GeometryType.MULTILINESTRING.value]).to_numpy()
    mended[lines] = shapely.Polygon()
    return mended


def _only_areas(collection: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all([part for part in shapely.get_parts(collection) if part.geom_type in _AREAS])
