"""The city, its wards, sites to be upgraded and comparison areas. Table `areas`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_AREA = 2
CITY = "city"


def areas_from_objects(
    objects: gpd.GeoDataFrame, places: Sequence[gpd.GeoDataFrame]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the areas that places are summed up over.

    Parameters
    ----------
    objects
        osm_id, kind (city, ward, site or comparison), name and geometry of the team's own areas, in the run's CRS.
    places
        Tables of all places: the city is their hull where no layer holds its boundary.

    Returns
    -------
    The table `areas`, in which the area "city" always is, and remarks on what was left out.
    """
    flat = shapely.get_dimensions(objects.geometry.to_numpy()) == _AREA
    polygons = objects[flat]
    remarks = [] if flat.all() else [f"{int((~flat).sum())} shapes of wards or sites are no areas and were left out."]
    of_city = polygons["kind"] == CITY
    boundary = polygons.geometry[of_city].to_numpy()
    city = shapely.union_all(boundary) if len(boundary) else _hull(places)
    others = polygons[~of_city].assign(area_id=_ids).drop_duplicates("area_id").sort_values("area_id")
    number = (others.groupby("kind").cumcount() + 1).astype(str)
    names = others["name"].where(others["name"].notna(), others["kind"].str.capitalize() + " " + number)
    columns = {"area_id": [CITY, *others["area_id"]], "name": ["City", *names], "kind": [CITY, *others["kind"]]}
    shapes = shapely.make_valid(np.array([city, *others.geometry], dtype=object))
    return validate_table(gpd.GeoDataFrame(columns, geometry=shapes, crs=objects.crs), "areas"), remarks


def _ids(areas: pd.DataFrame) -> list[str]:
    """Return ids that stay the same while kind, name and shape do."""
    texts = areas["osm_id"].str.replace(r"\..*", "", regex=True) + "\n" + areas["name"].fillna("")
    digests = (hashlib.blake2b(text.encode(), digest_size=6).hexdigest() for text in texts)
    return [f"{kind}-{digest}" for kind, digest in zip(areas["kind"], digests, strict=True)]


def _hull(places: Sequence[gpd.GeoDataFrame]) -> shapely.Geometry:
    points = np.concatenate([shapely.get_coordinates(table.geometry.to_numpy()) for table in places])
    thread = shapely.linestrings(np.concatenate([points, points[:1]])) if len(points) else shapely.Polygon()
    return shapely.convex_hull(thread).buffer(1.0)
