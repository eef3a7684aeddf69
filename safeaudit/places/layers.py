"""The team's own layers -> places and features in degrees, with the CRS traps caught."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.crs import MAX_CITY_DEGREES, WGS84, parse_crs
from safeaudit.errors import InputError, Where
from safeaudit.places.links import Lines
from safeaudit.places.vector import read_vector

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from safeaudit.config import AreaSettings, FeatureSettings, LayerSettings
    from safeaudit.files.admit import Admitted

    AnyLayer: TypeAlias = LayerSettings | AreaSettings | FeatureSettings

_NODE_DECIMALS = 2
_HALF_TURN, _POLE = 180, 90
_M_PER_DEGREE = 111_195.0
_MAX_CROSSINGS, _SOME_EDGES = 10_000, 500
_NEIGHBOURS = 3
"""Edges that an edge of a ring meets without crossing any: the one before, the one after and itself."""
_NAMES = ("name", "Name", "NAME")
_CATEGORIES = ("highway", "category", "type", "Type", "kind")


def read_layer(file: Admitted, settings: AnyLayer, *, key: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read one layer of the team's own.

    Parameters
    ----------
    file
        GeoJSON, GeoPackage, FlatGeobuf or a Shapefile in a ZIP, told by its content.
    settings
        CRS, layer and columns, where they must be said.
    key
        Where it stands under [places]: streets, spaces, stops, lamps, areas or features.

    Returns
    -------
    One row per feature, EPSG:4326: osm_id (an id made from the geometry), kind, category, name, tags
    (JSON), geometry; and remarks on what was left out or repaired.

    Raises
    ------
    InputError
        It is no such file, holds no features that can be used, reaches over more than a city, or its
        coordinates are no degrees and no CRS is named.
    """
    kind = getattr(settings, "kind", key.removesuffix("s"))
    frame, remarks = read_vector(file, settings.layer)
    frame = _in_degrees(frame, file, settings, key)
    empty = _empty(frame.geometry.to_numpy())
    remarks += [f"{file.name}: {int(empty.sum())} features without a shape were left out."] if empty.any() else []
    frame = frame[~empty].reset_index(drop=True)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    _check_reach(shapes, file)
    shapes, repaired = _repaired(shapes, file)
    columns = {
        "osm_id": _ids(kind, shapes),
        "kind": kind,
        "category": _column(frame, getattr(settings, "category", None), _CATEGORIES, kind, file),
        "name": _column(frame, settings.name, _NAMES, None, file),
        "tags": "{}",
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns, dtype=object), geometry=shapes, crs=WGS84), [*remarks, *repaired]


def lines_from_layer(layer: gpd.GeoDataFrame) -> Lines:
    """Return a layer of streets as lines that are joined where they share a vertex.

    Vertices are shared where they agree to the centimetre. Lines that only cross are not joined.

    Parameters
    ----------
    layer
        A layer of streets in the run's CRS; shapes that are no lines are left out.
    """
    parts = layer.explode(index_parts=False, ignore_index=True)
    parts = parts[parts.geom_type == "LineString"].sort_values("osm_id", kind="stable", ignore_index=True)
    again = parts.groupby("osm_id").cumcount()
    ids = parts["osm_id"] + np.where(again > 0, "." + again.astype(str), "")
    xy, line = shapely.get_coordinates(parts.geometry.to_numpy(), return_index=True)
    names, node = _nodes(xy)
    highway = pd.Series(parts["category"], dtype=object)
    attributes = pd.DataFrame(
        {"line_id": ids, "name": parts["name"], "highway": highway, "tags": parts["tags"], "osm_ids": None},
        dtype=object,
    )
    return Lines(line=line, node=node, xy=xy, node_ids=names, attributes=attributes)


def _nodes(xy: NDArray[np.float64]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return a name for each distinct vertex, and which one each vertex is."""
    rounded = np.round(xy, _NODE_DECIMALS) + 0.0
    unique, node = np.unique(rounded, axis=0, return_inverse=True)
    names = np.array([f"{x:.2f},{y:.2f}" for x, y in unique.tolist()], dtype=object)
    return names, node.reshape(-1)


def _in_degrees(frame: gpd.GeoDataFrame, file: Admitted, settings: AnyLayer, key: str) -> gpd.GeoDataFrame:
    _check_finite(frame, file)
    if settings.crs is not None:
        frame = frame.set_crs(parse_crs(settings.crs), allow_override=True)
    if frame.crs is None:
        hint = f"Name its CRS under [places], for example {_line(key, settings, file)}."
        raise InputError("It has no CRS.", hint=hint, where=Where(file.name))
    if frame.crs.is_geographic:
        _check_degrees(frame, file, _line(key, settings, file))
    return frame.to_crs(WGS84)


def _check_degrees(frame: gpd.GeoDataFrame, file: Admitted, line: str) -> None:
    """Refuse coordinates off the globe; say what they look like."""
    west, south, east, north = frame.total_bounds
    if not (west < -_HALF_TURN or east > _HALF_TURN or south < -_POLE or north > _POLE):
        return
    what = f"Its coordinates reach from {west:.0f}, {south:.0f} to {east:.0f}, {north:.0f}: those are no degrees."
    hint = f"They look like metres: name their CRS under [places], for example {line} for UTM zone 37 south."
    if west >= -_POLE and east <= _POLE and south >= -_HALF_TURN and north <= _HALF_TURN:
        what = f"Its latitudes reach from {south:.0f} to {north:.0f}: latitude and longitude are exchanged."
        hint = "Exchange them, in QGIS with Swap X and Y coordinates, and export it once more."
    raise InputError(what, hint=hint, where=Where(file.name))


def _line(key: str, settings: AnyLayer, file: Admitted) -> str:
    """Return the line of the settings that names a CRS for this layer."""
    if kind := getattr(settings, "kind", None):
        return f'{key} = [{{ file = "{file.name}", kind = "{kind}", crs = "EPSG:32737" }}]'
    return f'{key} = {{ file = "{file.name}", crs = "EPSG:32737" }}'


def _check_reach(shapes: NDArray[np.object_], file: Admitted) -> None:
    """Refuse a shape that reaches over more than a city; one that crosses 180 degrees is measured across."""
    west, south, east, north = shapely.bounds(shapes).T
    width, height = east - west, north - south
    across = (width > _HALF_TURN) & (width < 2 * _HALF_TURN)
    width[across] = np.diff(shapely.bounds(shapely.transform(shapes[across], eastward))[:, [0, 2]]).ravel()
    widest = int(np.argmax(np.maximum(width, height))) if len(shapes) else 0
    if len(shapes) and max(width[widest], height[widest]) > MAX_CITY_DEGREES:
        what = f"A shape of it reaches over {width[widest]:.1f} x {height[widest]:.1f} degrees: more than a city."
        raise InputError(what, hint="Cut it to the city.", where=Where(file.name))


def eastward(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitudes and latitudes (n, 2), degrees, with all longitudes from 0 to 360."""
    return np.column_stack([lonlat[:, 0] % 360, lonlat[:, 1]])


def _repaired(shapes: NDArray[np.object_], file: Admitted) -> tuple[NDArray[np.object_], list[str]]:
    """Mend shapes that cross themselves; say how much ground that adds or takes."""
    invalid = ~shapely.is_valid(shapes)
    if not invalid.any():
        return shapes, []
    tangled = [at for at in np.flatnonzero(invalid).tolist() if _is_tangled(shapes[at])]
    if tangled:
        what = (
            f"{len(tangled)} shapes cross themselves more than {_MAX_CROSSINGS} times, first feature {tangled[0] + 1}."
        )
        raise InputError(what, hint="Draw them anew in QGIS, or leave them out.", where=Where(file.name))
    mended = shapes.copy()
    mended[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
    before, after = (_rough_area_m2(those[invalid]) for those in (shapes, mended))
    count = f"{int(invalid.sum())} shapes crossed themselves and were repaired"
    return mended, [f"{file.name}: {count}: their area was about {before:,} m2 and is about {after:,} m2."]


def _is_tangled(shape: shapely.Geometry) -> bool:
    """Say whether a shape crosses itself so often that nobody drew it: mending it would take for ever."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
    edges = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[ring[:-1] == ring[1:]])
    tree, found = shapely.STRtree(edges), -_NEIGHBOURS * len(edges)
    for some in np.array_split(edges, 1 + len(edges) // _SOME_EDGES):  # all at once they may be milliards of pairs
        found += tree.query(some, predicate="intersects").shape[1]
        if found > 2 * _MAX_CROSSINGS:  # each pair is found from both ends
            return True
    return False


def _rough_area_m2(shapes: NDArray[np.object_]) -> int:
    """Return the area of shapes in degrees, to about 1 %: good enough for a remark."""
    return round(float(shapely.area(shapely.transform(shapes, _rough_metres)).sum()))


def _rough_metres(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    middle = np.radians(lonlat[:, 1].mean())
    return lonlat * _M_PER_DEGREE * np.array([np.cos(middle), 1.0])


def _empty(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which shapes are missing, empty, or a line of no length."""
    lines = shapely.get_dimensions(shapes) == 1
    return shapely.is_missing(shapes) | shapely.is_empty(shapes) | (lines & (shapely.length(shapes) == 0))


def _check_finite(frame: gpd.GeoDataFrame, file: Admitted) -> None:
    shapes = frame.geometry.to_numpy()
    bad = ~np.isfinite(shapely.bounds(shapes)).all(axis=1) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    if bad.any():
        what = (
            f"{int(bad.sum())} features have a coordinate that is no number, first feature {int(np.argmax(bad)) + 1}."
        )
        raise InputError(what, hint="Repair them in QGIS and export once more.", where=Where(file.name))


def _column(
    frame: gpd.GeoDataFrame, wanted: str | None, usual: tuple[str, ...], default: str | None, file: Admitted
) -> pd.Series[str]:
    if wanted is not None and wanted not in frame.columns:
        found = ", ".join(str(name) for name in frame.columns if name != frame.geometry.name)
        raise InputError(f'It has no column "{wanted}".', hint=f"It has: {found}.", where=Where(file.name))
    name = wanted or next((name for name in usual if name in frame.columns), None)
    if name is None:
        return pd.Series([default] * len(frame), dtype="str")
    values = frame[name]
    missing = values.isna() | values.isin(("", "NA", "N/A"))
    return values.map(str).astype("str").where(~missing, default)


def _ids(kind: str, shapes: NDArray[np.object_]) -> list[str]:
    """Return ids that stay the same while the shape does, whatever its row."""
    rounded = shapely.to_wkb(shapely.set_precision(shapes, 1e-7, mode="pointwise"))
    stems = pd.Series([hashlib.blake2b(wkb, digest_size=6).hexdigest() for wkb in rounded], dtype=object)
    again = stems.groupby(stems).cumcount()
    return (kind + "-" + stems + np.where(again > 0, "." + again.astype(str), "")).tolist()
