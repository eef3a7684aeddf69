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
_AREAS = ("ward", "site")
_KINDS = {"segments": "segment", "spaces": "space", "stops": "stop"}
_HEAD = ["place_id", "place_code", "label", "name"]
_PARTS = ["label_kind", "label_name", "label_from", "label_to", "label_near", "label_mark"]


def public_places(result: AuditResult) -> GeoDataFrame:
    """Return every place of every kind with its code, label, name and category: words of the map, nobody's own."""
    frames = []
    for table, kind in _KINDS.items():
        frame = getattr(result.places, table)
        category = frame["highway"] if kind == "segment" else frame["category"]
        columns = frame[_HEAD].assign(kind=kind, category=category.astype("str"), **_label_parts(frame))
        frames.append(gpd.GeoDataFrame(columns, geometry=frame.geometry.to_crs(WGS84), crs=WGS84))
    return pd.concat(frames, ignore_index=True)


def _label_parts(places: GeoDataFrame) -> dict[str, pd.Series[str]]:
    """Return the parts of labels; of a space or a stop the label is its only part."""
    if "label_kind" in places:
        return {part: places[part].astype("str") for part in _PARTS}
    nothing = pd.Series(None, index=places.index, dtype="str")
    parts = {**dict.fromkeys(_PARTS, nothing), "label_name": places["label"]}
    return parts | {"label_kind": pd.Series("alone", index=places.index, dtype="str")}


def public_areas(result: AuditResult) -> GeoDataFrame:
    """Return wards and sites with their ids, names and outlines."""
    areas = result.places.areas
    chosen = areas.loc[areas["kind"].isin(_AREAS), ["area_id", "name", "kind", "geometry"]]
    worded = chosen.astype({"area_id": "str", "name": "str", "kind": "str"})
    return worded.to_crs(WGS84).sort_values(["name", "kind"], ignore_index=True)


def public_localities(result: AuditResult) -> GeoDataFrame:
    """Return the names of the parts of the city, as the map has them, and where they are written."""
    features = result.places.features
    named = (features["kind"] == "locality") & features["name"].notna()
    chosen = features.loc[named, ["name", "category", "geometry"]].astype({"category": "str"})
    return chosen.to_crs(WGS84).sort_values(["category", "name"], ignore_index=True)


def public_backdrop(result: AuditResult) -> GeoDataFrame:
    """Return what is drawn behind the places: buildings, water, green, rails and roads."""
    features = result.places.features
    chosen = features.loc[features["kind"].isin(_BACKDROP), ["kind", "geometry"]]
    return chosen.to_crs(WGS84).reset_index(drop=True)
