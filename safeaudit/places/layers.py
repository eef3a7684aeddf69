"""The team's own layers (GeoJSON, GeoPackage) -> places in degrees, with the CRS traps caught."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.crs import WGS84, parse_crs
from safeaudit.errors import InputError, Where
from safeaudit.places.segments import Lines

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from safeaudit.config import LayerSettings
    from safeaudit.files import Admitted

_NODE_DECIMALS = 2
_NAMES = ("name", "Name", "NAME")
_CATEGORIES = ("highway", "category", "type", "Type", "kind")


def read_layer(file: Admitted, settings: LayerSettings, *, kind: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read one layer of the team's own.

    Parameters
    ----------
    file
        GeoJSON or GeoPackage, told by its content.
    settings
        CRS, layer and columns, where they must be said.
    kind
        What it holds: street, space, stop or lamp.

    Returns
    -------
    One row per feature, EPSG:4326: osm_id (an id made from the geometry), kind, category, name, tags
    (JSON), geometry; and remarks on what was left out.

    Raises
    ------
    InputError
        It is no such file, holds no features that can be used, or its coordinates are no degrees and
        no CRS is named.
    """
    frame = _read(file, settings)
    frame = _in_degrees(frame, file, settings, kind)
    empty = _empty(frame.geometry.to_numpy())
    remarks = [f"{file.name}: {int(empty.sum())} features without a shape were left out."] if empty.any() else []
    frame = frame[~empty].reset_index(drop=True)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        shapes[invalid] = shapely.make_valid(shapes[invalid])
        remarks.append(f"{file.name}: {int(invalid.sum())} shapes crossed themselves and were repaired.")
    columns = {
        "osm_id": _ids(kind, shapes),
        "kind": kind,
        "category": _column(frame, settings.category, _CATEGORIES, kind, file),
        "name": _column(frame, settings.name, _NAMES, None, file),
        "tags": "{}",
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns, dtype=object), geometry=shapes, crs=WGS84), remarks


def lines_from_layer(layer: gpd.GeoDataFrame, crs: CRS) -> Lines:
    """Return a layer of streets as lines that are joined where they share a vertex.

    Vertices are shared where they agree to the centimetre. Lines that only cross are not joined.

    Parameters
    ----------
    layer
        A layer of streets as `read_layer` returns it; shapes that are no lines are left out.
    crs
        The run's CRS, metres.
    """
    parts = layer.to_crs(crs).explode(index_parts=False, ignore_index=True)
    parts = parts[parts.geom_type == "LineString"].reset_index(drop=True)
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


def _read(file: Admitted, settings: LayerSettings) -> gpd.GeoDataFrame:
    import pyogrio  # noqa: PLC0415 - GDAL takes 30 MB, and a run from an extract needs none of it

    prefix = {"json": "GeoJSON:", "gpkg": ""}.get(file.kind)
    where = Where(file.name)
    if prefix is None or file.packing:
        hint = "Export it from QGIS as GeoJSON or GeoPackage."
        raise InputError("It is neither GeoJSON nor a GeoPackage.", hint=hint, where=where)
    try:
        layers = [str(name) for name in pyogrio.list_layers(f"{prefix}{file.path}")[:, 0]]
        if len(layers) > 1 and settings.layer is None:
            hint = f'Name one, as in layer = "{layers[0]}"; it has: {", ".join(layers)}.'
            raise InputError(f"It has {len(layers)} layers.", hint=hint, where=where)
        frame = pyogrio.read_dataframe(f"{prefix}{file.path}", layer=settings.layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.GEOSException, ValueError) as error:
        hint = "Open it in QGIS, repair it and export it once more."
        raise InputError(f"It cannot be read: {error}.", hint=hint, where=where) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("It holds no shapes.", hint="Name the right layer.", where=where)
    return frame


def _in_degrees(frame: gpd.GeoDataFrame, file: Admitted, settings: LayerSettings, kind: str) -> gpd.GeoDataFrame:
    _check_finite(frame, file)
    if settings.crs is not None:
        frame = frame.set_crs(parse_crs(settings.crs), allow_override=True)
    if frame.crs is None:
        hint = f'Name its CRS under [places], for example {kind}s = {{ file = ..., crs = "EPSG:32737" }}.'
        raise InputError("It has no CRS.", hint=hint, where=Where(file.name))
    if frame.crs.is_geographic:
        _check_degrees(frame, file, kind)
    return frame.to_crs(WGS84)


def _check_degrees(frame: gpd.GeoDataFrame, file: Admitted, kind: str) -> None:
    west, south, east, north = frame.total_bounds
    outside = west < -180 or east > 180 or south < -90 or north > 90  # noqa: PLR2004 - the ends of the globe
    if outside:
        what = f"Its coordinates reach from {west:.0f}, {south:.0f} to {east:.0f}, {north:.0f}: those are no degrees."
        hint = (
            "They look like metres: name their CRS under [places], "
            f'for example {kind}s = {{ file = "{file.name}", crs = "EPSG:32737" }} for UTM zone 37 south.'
        )
        raise InputError(what, hint=hint, where=Where(file.name))


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
        return pd.Series([default] * len(frame), dtype=object)
    text = frame[name].astype(object)
    missing = text.isna() | text.isin(("", "NA", "N/A"))
    return text.where(~missing, default).map(lambda value: value if value is None else str(value))


def _ids(kind: str, shapes: NDArray[np.object_]) -> list[str]:
    """Return ids that stay the same while the shape does, whatever its row."""
    rounded = shapely.to_wkb(shapely.set_precision(shapes, 1e-7, mode="pointwise"))
    stems = pd.Series([hashlib.blake2b(wkb, digest_size=6).hexdigest() for wkb in rounded], dtype=object)
    again = stems.groupby(stems).cumcount()
    return (kind + "-" + stems + np.where(again > 0, "." + again.astype(str), "")).tolist()
