"""office/planning.gpkg: every place with what was seen of it and how sure that is, for the planning office."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.outputs import beside, geopackage
from safeaudit.outputs.styles import qml
from safeaudit.quarters import quarters
from safeaudit.rubric import COMPOSITES
from safeaudit.tables import TABLES, WIDE_SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.tables import AuditResult

_GEOMETRY_TYPES = {
    "segments": "LineString",
    "spaces": "MultiPolygon",
    "stops": "Point",
    "areas": "MultiPolygon",
    "evidence_segments": "LineString",
    "evidence_stops": "Point",
    "faults": "Point",
}
_STYLED = ("segments", "spaces", "stops", "areas")
_ROWS = {
    "evidence_segments": "what the map and the rasters say about a segment; never an audit",
    "evidence_spaces": "what the map and the rasters say about a space; never an audit",
    "evidence_stops": "what the map and the rasters say about a stop; never an audit",
    "measures": "what one measure of evidence is",
    "faults": "a fault that people reported at a place, drawn at the middle of the place",
}
_HEAD = {column.name: column.meaning for column in TABLES["segments"].columns[:4]}
_SUFFIXES = dict(zip(WIDE_SUFFIXES, ("score", "low", "high", "n"), strict=True))
_MEANINGS = {
    "score": "audit condition index, 0 (worst) to 100 (best), in the light of the column light; not crime risk",
    "score_low": "lower end of the interval of the score",
    "score_high": "upper end of the interval of the score",
    "state": "audited, few, stale, estimated or not_audited",
    "light": "light in which it was seen: dark where it was audited in the dark, else day",
    "n": "ratings behind it; ratings shared among places count by their share",
    "contributors": "distinct auditors behind it",
    "latest": "quarter of the latest rating",
    "level_0": "indicators for which at least half of the ratings chose level 0",
}


def write(result: AuditResult, target: Path) -> None:
    """Write the planning office's GeoPackage: places, areas and tables, with QGIS styles.

    No submission, point, note, auditor, nor time finer than the quarter goes in.

    Parameters
    ----------
    result
        What a run found out.
    target
        Where the GeoPackage shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    head = result.scores[result.scores["headline"].to_numpy(bool)]
    frames = {
        "segments": _with_values(result.places.segments, head, result.rubric),
        "spaces": _with_values(result.places.spaces, head, result.rubric),
        "stops": _with_values(result.places.stops, head, result.rubric),
        "areas": result.places.areas,
        **beside.evidence_layers(result),
        "measures": beside.measures_table(result),
        "faults": beside.faults_layer(result),
        "summaries": result.summaries,
        "access": result.access,
        "agreement": result.agreement,
        "feelings": result.feelings,
    }
    column = shown_column(head, result.rubric)
    layers = [_layer(name, frame, result, column) for name, frame in frames.items()]
    geopackage.write(target, layers, latest=result.scores["latest_at"].max())


def shown_column(head: pd.DataFrame, rubric: Rubric) -> str:
    """Return the column that colours the map: the score, else street condition, else what was answered most."""
    rated = head["indicator"][head["score"].notna()].value_counts()
    for name in COMPOSITES:
        if rated.get(name, 0):
            return name
    return max(rubric.names, key=lambda name: rated.get(name, 0))


def _layer(name: str, frame: pd.DataFrame, result: AuditResult, column: str) -> geopackage.Layer:
    """Return a layer with its words from the data dictionary, coloured by `column` where it can be drawn."""
    campaign = result.campaign and f"Campaign: {result.campaign}."
    remarks = (f"A row is {_ROWS.get(name) or TABLES[name].row}.", result.remark, campaign, result.places.attribution)
    style = "spaces_mixed" if name == "spaces" and (frame.geom_type == "Point").any() else name
    return geopackage.Layer(
        name=name,
        title=f"{result.title}: {name}",
        description=" ".join(filter(None, remarks)),
        frame=frame,
        meanings=_meanings(result, name),
        geometry_type=_GEOMETRY_TYPES.get(style, "Geometry"),
        style=qml(style, column) if name in _STYLED else "",
    )


def _with_values(places: GeoDataFrame, head: pd.DataFrame, rubric: Rubric) -> GeoDataFrame:
    """Return places with what was seen of them, side by side."""
    at = pd.Index(places["place_id"]).get_indexer(pd.Index(head["place_id"]))
    rows = head.assign(at=at)[at >= 0]
    every = pd.RangeIndex(len(places))
    seen = (_seen(rows, every, rubric), _values(rows, every, rubric))
    return pd.concat([places.reset_index(drop=True), *seen], axis=1)


def _values(rows: pd.DataFrame, every: pd.RangeIndex, rubric: Rubric) -> pd.DataFrame:
    """Return value, low, high and n of everything rated; NA where it was not seen."""
    columns: dict[str, NDArray[np.float64]] = {}
    for name in (*COMPOSITES, *rubric.names):
        rated = rows[rows["indicator"] == name]
        for suffix, source in _SUFFIXES.items():
            column = np.full(len(every), np.nan)
            column[rated["at"]] = rated[source].to_numpy(np.float64, na_value=np.nan)
            columns[f"{name}{suffix}"] = column
    columns.pop("score_n")  # that is n, or there is no score
    return pd.DataFrame(columns, index=every)


def _seen(rows: pd.DataFrame, every: pd.RangeIndex, rubric: Rubric) -> pd.DataFrame:
    """Return state, light, n, contributors, latest and level_0 of each place."""
    telling = _most_telling(rows, rubric).set_index("at").reindex(every)
    return pd.DataFrame(
        {
            "state": telling["state"].astype(object).fillna("not_audited"),
            "light": telling["group"],
            "n": telling["n"],
            "contributors": telling["contributors"].astype("Int64"),
            "latest": quarters(pd.to_datetime(rows.groupby("at")["latest_at"].max().reindex(every), utc=True)),
            "level_0": _worst_seen(rows, every, rubric),
        }
    )


def _most_telling(rows: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """Return one row per place: the score, else street condition, else what has the most ratings."""
    order = pd.Categorical(rows["indicator"], categories=(*COMPOSITES, *rubric.names)).codes
    ranked = rows.assign(whole=np.minimum(order, len(COMPOSITES)), order=order)[order >= 0]
    ranked = ranked.sort_values(["whole", "n", "order"], ascending=[True, False, True])
    return ranked.drop_duplicates("at")


def _worst_seen(rows: pd.DataFrame, every: pd.RangeIndex, rubric: Rubric) -> pd.Series:
    """Return the indicators of which level 0 was seen, as in "lighting, walk_path"; None where there are none."""
    text = np.full(len(every), "", dtype=object)
    worst = rows[rows["level_0"].to_numpy(bool)]
    for name in rubric.names:
        text[worst["at"][worst["indicator"] == name]] += f", {name}"
    listed = pd.Series(text, index=every, dtype=object).str.removeprefix(", ")
    return listed.where(listed != "", None)


def _meanings(result: AuditResult, name: str) -> dict[str, str]:
    """Return what the columns of a layer mean."""
    if name.startswith("evidence_"):
        told = {measure.name: f"{measure.meaning} {measure.unit}".strip() for measure in result.measures}
        return told | {f"{key}_coverage": f"0 to 1: how much of what {key} needs was mapped" for key in told} | _HEAD
    own = {column.name: column.meaning for column in TABLES[name].columns} if name in TABLES else {}
    return _wide_meanings(result.rubric) | own


def _wide_meanings(rubric: Rubric) -> dict[str, str]:
    """Return what the wide columns mean."""
    heads = {"street_condition": "Mean of what may be shown by place"} | {i.name: i.question for i in rubric.indicators}
    wide = {f"{name}": f"{words} 0 (worst) to 100 (best)" for name, words in heads.items()}
    ends = {
        f"{name}{suffix}": f"{words} of {name}"
        for name in heads
        for suffix, words in {"_low": "lower end of the interval", "_high": "upper end", "_n": "ratings"}.items()
    }
    return wide | ends | _MEANINGS
