"""Where the city is, and whether a layer lies there: traps that only show beside the streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from safeaudit.crs import MAX_CITY_DEGREES, to_metres
from safeaudit.errors import InputError, Where
from safeaudit.places.layers import eastward

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from pyproj import CRS

    from safeaudit.crs import Bounds

NEAR_M = 50_000.0
"""What lies farther from the streets is not of this city."""

_HALF_TURN = 180


def bounds_of(lonlat: NDArray[np.float64]) -> Bounds:
    """Return west, south, east and north of positions (n, 2), degrees; all 0 where there are none.

    Where a city reaches over 180 degrees, east is above 180.
    """
    if not len(lonlat):
        return (0.0, 0.0, 0.0, 0.0)
    if np.ptp(lonlat[:, 0]) > _HALF_TURN and 0 < np.ptp(eastward(lonlat)[:, 0]) < MAX_CITY_DEGREES:
        lonlat = eastward(lonlat)
    west, south = lonlat.min(axis=0)
    east, north = lonlat.max(axis=0)
    return (float(west), float(south), float(east), float(north))


def in_metres(layer: pd.DataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Return a layer in degrees in the run's CRS."""
    shapes = shapely.transform(layer["geometry"].to_numpy(dtype=object), lambda lonlat: to_metres(lonlat, crs))
    return gpd.GeoDataFrame(layer.drop(columns="geometry"), geometry=shapes, crs=crs)


def near_the_city(layer: gpd.GeoDataFrame, bounds: Bounds, crs: CRS, name: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the features of a layer that lie within 50 km of the city, in metres.

    Parameters
    ----------
    layer
        A layer as `read_layer` returns it, degrees.
    bounds
        Of the city, as from `bounds_of`.
    crs
        The run's CRS.
    name
        Name of its file.

    Returns
    -------
    The features in the run's CRS, and remarks on those that were left out.

    Raises
    ------
    InputError
        None of them lies there, or they do only with latitude and longitude exchanged.
    """
    found = in_metres(layer, crs)
    near = _is_near(found, bounds, crs)
    if near.all():
        return found, []
    if near.any():
        remark = f"{name}: {int((~near).sum())} features lie more than 50 km from the streets and were left out."
        return found[near].reset_index(drop=True), [remark]
    turned = layer.set_geometry(shapely.transform(layer.geometry.to_numpy(), lambda lonlat: lonlat[:, ::-1]))
    if _is_near(in_metres(turned, crs), bounds, crs).any():
        hint = "Exchange them, in QGIS with Swap X and Y coordinates, and export it once more."
        what = "It lies on the city only with latitude and longitude exchanged."
        raise InputError(what, hint=hint, where=Where(name))
    what = f"None of its {len(layer)} features lies within 50 km of the streets."
    hint = "Check that it is of this city, and name its CRS under [places] if the file names a wrong one."
    raise InputError(what, hint=hint, where=Where(name))


def _is_near(layer: gpd.GeoDataFrame, bounds: Bounds, crs: CRS) -> NDArray[np.bool_]:
    west, south, east, north = bounds
    corners = to_metres(np.array([[west, south], [east, south], [east, north], [west, north]]), crs)
    low, high = corners.min(axis=0) - NEAR_M, corners.max(axis=0) + NEAR_M
    boxes = shapely.bounds(layer.geometry.to_numpy())
    meets = (boxes[:, :2] <= high).all(axis=1) & (boxes[:, 2:] >= low).all(axis=1)
    return meets & np.isfinite(boxes).all(axis=1)
