"""What stands beside the scores in planning.gpkg: evidence and faults, drawn where the places are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.contributors import faults_by_place
from safeaudit.coverage import quarters
from safeaudit.destinations import list_destinations
from safeaudit.place_areas import middles
from safeaudit.rubric import COMPOSITES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.languages import Language
    from safeaudit.tables import AuditResult

LIGHTS_SHOWN = ("dark", "day", "twilight", "unrecorded")
"""In which light what changed is drawn first."""

_HEAD = ["place_id", "place_code", "label", "name", "geometry"]


def evidence_layers(result: AuditResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the evidence of each kind of place side by side: a row per place, columns for each measure.

    A measure has a column of its name, and `<name>_coverage` where coverage differs from place to place.
    """
    places = {"segments": result.places.segments, "spaces": result.places.spaces, "stops": result.places.stops}
    wide = {f"evidence_{name}": _side_by_side(frame, result.evidence) for name, frame in places.items()}
    return {name: frame for name, frame in wide.items() if len(frame.columns) > len(_HEAD)}


def measures_table(result: AuditResult, words: Language) -> pd.DataFrame:
    """Return what each measure is, and how much of what it needs was mapped, on average."""
    told = result.evidence.groupby("name", observed=True)["coverage"].mean()
    rows = [
        (measure.name, words[measure.key], measure.unit, float(told[measure.name]))
        for measure in result.measures
        if measure.name in told.index
    ]
    return pd.DataFrame(rows, columns=["name", "meaning", "unit", "coverage"])


def faults_layer(result: AuditResult) -> gpd.GeoDataFrame:
    """Return the open faults by place, at the place's middle: never where somebody stood."""
    counted = faults_by_place(result.faults, result.audits.submissions)
    frames = (result.places.segments, result.places.spaces, result.places.stops)
    every = pd.concat([frame[_HEAD] for frame in frames], ignore_index=True).set_index("place_id")
    there = every.loc[counted["place_id"]]
    for column in ("place_code", "label", "name"):
        counted[column] = there[column].to_numpy()
    for name in ("since", "last_seen"):
        counted[name] = quarters(counted[name])
    return gpd.GeoDataFrame(counted, geometry=middles(there["geometry"].to_numpy()), crs=result.places.crs)


def stretches_layer(result: AuditResult) -> gpd.GeoDataFrame:
    """Return the stretches, each as the lines of its segments: a row for each, indicator and light."""
    stretches = result.stretches.reset_index(drop=True)
    parts = stretches["place_ids"].str.split().explode()
    lines = result.places.segments.set_index("place_id").geometry.reindex(parts.to_numpy()).to_numpy()
    shapes = shapely.multilinestrings(lines, indices=parts.index.to_numpy()) if len(lines) else []
    return gpd.GeoDataFrame(stretches, geometry=shapes, crs=result.places.crs)


def destinations_layer(result: AuditResult) -> gpd.GeoDataFrame:
    """Return who reaches each destination, at its middle: a row for each, indicator and light."""
    reached = result.reach_by_destination.reset_index(drop=True)
    shapes = list_destinations(result.places).drop_duplicates(["category", "destination_id"])
    where = shapes.set_index(["category", "destination_id"])["geometry"]
    key = pd.MultiIndex.from_frame(reached[["category", "destination_id"]].astype("str"))
    return gpd.GeoDataFrame(reached, geometry=middles(where.reindex(key).to_numpy()), crs=result.places.crs)


def changes_layer(result: AuditResult) -> gpd.GeoDataFrame:
    """Return what changed between two rounds, each at the place's middle: a row for each place, indicator and light."""
    frames = (result.places.segments, result.places.spaces, result.places.stops)
    every = pd.concat([frame[["place_id", "geometry"]] for frame in frames], ignore_index=True).set_index("place_id")
    at = every["geometry"].reindex(result.changes["place_id"].astype("str")).to_numpy()
    return gpd.GeoDataFrame(result.changes, geometry=middles(at), crs=result.places.crs)


def shown_changes(changes: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the lights of which a change is known, dark before day, each with what is drawn in it.

    That is the composite of most, else what most places have.
    """
    shown = []
    for light in LIGHTS_SHOWN:
        places = changes.loc[changes["light"] == light, "indicator"].astype("str").value_counts()
        for name in (*COMPOSITES, *places.index[:1]):
            if places.get(name, 0):
                shown.append((light, str(name)))
                break
    return shown


def _side_by_side(places: gpd.GeoDataFrame, evidence: pd.DataFrame) -> gpd.GeoDataFrame:
    at = pd.Index(places["place_id"]).get_indexer(pd.Index(evidence["place_id"]))
    mine = evidence[at >= 0].assign(at=at[at >= 0])
    columns: dict[str, NDArray[Any]] = {}
    for name, rows in mine.groupby("name", observed=True):
        at, coverage = rows["at"].to_numpy(), rows["coverage"].to_numpy()
        columns[str(name)] = _column(len(places), at, _values(rows))
        if (coverage != coverage[0]).any():
            columns[f"{name}_coverage"] = _column(len(places), at, coverage)
    return pd.concat([places[_HEAD].reset_index(drop=True), pd.DataFrame(columns)], axis=1)


def _values(rows: pd.DataFrame) -> NDArray[Any]:
    """Return the words of a measure where it has any, else its numbers."""
    words = rows["label"].notna().any()
    return rows["label"].to_numpy(dtype=object, na_value=None) if words else rows["value"].to_numpy()


def _column(n: int, at: NDArray[np.int64], values: NDArray[Any]) -> NDArray[Any]:
    """Return values at their rows; None or NaN in the others."""
    column = np.full(n, None if values.dtype == object else np.nan, dtype=values.dtype)
    column[at] = values
    return column
