"""Every place, audited or not, and what is drawn behind them: in degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from safeaudit.crs import WGS84

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from safeaudit.tables import AuditResult

_BACKDROP = ("building", "water", "green", "rail", "road")
_KINDS = {"segments": "segment", "spaces": "space", "stops": "stop"}


def public_places(result: AuditResult) -> GeoDataFrame:
    """Return every place of every kind with its code, name and category."""
    frames = []
    for table, kind in _KINDS.items():
        frame = getattr(result.places, table)
        category = frame["highway"] if kind == "segment" else frame["category"]
        columns = {"place_id": frame["place_id"], "place_code": frame["place_code"], "name": frame["name"]}
        shapes = frame.geometry.to_crs(WGS84)
        frames.append(gpd.GeoDataFrame({**columns, "kind": kind, "category": category}, geometry=shapes, crs=WGS84))
    return pd.concat(frames, ignore_index=True)


def public_backdrop(result: AuditResult) -> GeoDataFrame:
    """Return what is drawn behind the places: buildings, water, green, rails and roads."""
    features = result.places.features
    chosen = features.loc[features["kind"].isin(_BACKDROP), ["kind", "geometry"]]
    return chosen.to_crs(WGS84).reset_index(drop=True)
