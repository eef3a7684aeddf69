"""An extract or the team's own layers -> segments, spaces, stops, areas and features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.crs import metric_crs, to_metres
from safeaudit.places.layers import lines_from_layer, read_layer
from safeaudit.places.osm import Extract, read_extract
from safeaudit.places.segments import Lines, segments_from_lines
from safeaudit.places.spaces import spaces_from_objects, stops_from_objects
from safeaudit.tables import Places, validate_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pyproj import CRS

    from safeaudit.config import PlacesSettings
    from safeaudit.crs import Bounds
    from safeaudit.files import Admitted

_LAYERS = {"streets": "street", "spaces": "space", "stops": "stop", "lamps": "lamp"}
_BACKDROP = ("building", "water", "green", "rail", "road", "lamp")
_OBJECT_COLUMNS = ("osm_id", "kind", "category", "name", "tags")
OSM_ATTRIBUTION = "© OpenStreetMap contributors"


def read_places(settings: PlacesSettings, wanted_crs: str, files: Mapping[Path, Admitted]) -> Places:
    """Read the places of a city from local files.

    Parameters
    ----------
    settings
        Which extract and layers, and what is left out.
    wanted_crs
        Metric CRS of the run, or "auto".
    files
        The admitted file of each path in `settings`.

    Returns
    -------
    All places in one CRS in metres.

    Raises
    ------
    InputError
        A file was refused.
    CrsError
        The wanted CRS does not measure in metres, or the places reach over more than a city.
    """
    extract = read_extract(files[settings.osm], settings) if settings.osm else None
    layers, remarks = _read_layers(settings, files)
    if extract is not None:
        remarks = [*extract.remarks, *remarks]
    crs = metric_crs(_bounds(extract, layers), wanted_crs)
    lines = lines_from_layer(layers["streets"], crs) if "streets" in layers else _lines_from_extract(extract, crs)
    segments, lost = segments_from_lines(lines, crs, max_segment_m=settings.max_segment_m)
    objects = _objects(extract, layers, crs)
    return Places(
        crs=crs,
        segments=segments,
        spaces=spaces_from_objects(objects),
        stops=stops_from_objects(objects),
        areas=_city(segments, objects, crs),
        features=_features(objects),
        attribution=_attribution(extract),
        remarks=(*remarks, *lost),
    )


def _read_layers(
    settings: PlacesSettings, files: Mapping[Path, Admitted]
) -> tuple[dict[str, gpd.GeoDataFrame], list[str]]:
    layers: dict[str, gpd.GeoDataFrame] = {}
    remarks: list[str] = []
    for name, kind in _LAYERS.items():
        layer = getattr(settings, name)
        if layer is not None:
            layers[name], said = read_layer(files[layer.file], layer, kind=kind)
            remarks += said
    return layers, remarks


def _bounds(extract: Extract | None, layers: Mapping[str, gpd.GeoDataFrame]) -> Bounds:
    """Return west, south, east and north of what is known; all 0 where nothing has a position."""
    boxes = [layer.total_bounds for layer in layers.values() if len(layer)]
    if extract is not None:
        lonlat = extract.streets.lonlat
        known = lonlat[~np.isnan(lonlat[:, 0])]
        points = known if len(known) else shapely.get_coordinates(extract.objects["geometry"].to_numpy())
        boxes += [np.concatenate([points.min(axis=0), points.max(axis=0)])] if len(points) else []
    if not boxes:
        return (0.0, 0.0, 0.0, 0.0)
    stack = np.array(boxes)
    west, south = stack[:, :2].min(axis=0)
    east, north = stack[:, 2:].max(axis=0)
    return (float(west), float(south), float(east), float(north))


def _lines_from_extract(extract: Extract | None, crs: CRS) -> Lines:
    if extract is None:
        none = np.zeros(0, dtype=np.int64)
        attributes = pd.DataFrame(columns=["line_id", "name", "highway", "tags", "osm_ids"], dtype=object)
        return Lines(line=none, node=none, xy=np.zeros((0, 2)), node_ids=none.astype(object), attributes=attributes)
    streets = extract.streets
    xy = np.full(streets.lonlat.shape, np.nan)
    known = ~np.isnan(streets.lonlat[:, 0])
    xy[known] = to_metres(streets.lonlat[known], crs)
    refs, node = np.unique(streets.ref, return_inverse=True)
    names = np.array([f"n{ref}" for ref in refs.tolist()], dtype=object)
    return Lines(line=streets.way, node=node, xy=xy, node_ids=names, attributes=streets.ways)


def _objects(extract: Extract | None, layers: Mapping[str, gpd.GeoDataFrame], crs: CRS) -> gpd.GeoDataFrame:
    """Return everything but streets, from the extract and from the layers, in metres."""
    frames = [layer for name, layer in layers.items() if name != "streets"]
    if extract is not None:
        frames.insert(0, extract.objects)
    columns = [*_OBJECT_COLUMNS, "geometry"]
    joined = pd.concat([pd.DataFrame(frame)[columns] for frame in frames]) if frames else pd.DataFrame(columns=columns)
    shapes = shapely.transform(joined["geometry"].to_numpy(dtype=object), lambda lonlat: to_metres(lonlat, crs))
    table = joined.drop(columns="geometry").reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs)


def _features(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    chosen = objects[objects["kind"].isin(_BACKDROP)].drop_duplicates("osm_id")
    return validate_table(
        chosen.rename(columns={"osm_id": "feature_id"})[["feature_id", "kind", "category", "tags", "geometry"]],
        "features",
    )


def _city(segments: gpd.GeoDataFrame, objects: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Return the one area that is always there: the hull of all places."""
    places = objects[objects["kind"].isin(("space", "stop"))]
    points = np.concatenate([shapely.get_coordinates(frame.geometry.to_numpy()) for frame in (segments, places)])
    thread = shapely.linestrings(np.concatenate([points, points[:1]])) if len(points) else shapely.Polygon()
    hull = shapely.convex_hull(thread).buffer(1.0)
    row = {"area_id": ["city"], "name": ["City"], "kind": ["city"]}
    return validate_table(gpd.GeoDataFrame(row, geometry=[hull], crs=crs), "areas")


def _attribution(extract: Extract | None) -> str:
    if extract is None:
        return ""
    return f"{OSM_ATTRIBUTION}, {extract.dated}" if extract.dated else OSM_ATTRIBUTION
