"""office/planning.gpkg: every place with what was seen of it and how sure that is, for the planning office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from safeaudit.outputs import geopackage
from safeaudit.outputs.styles import qml
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.tables import AuditResult

PlaceLayer = Literal["segments", "spaces", "stops"]

LIGHTS = ("dark", "day", "twilight", "unrecorded")
"""Lights in the order in which they head a place: never pooled."""

_WHOLE = ("score", "street_condition")
_SUFFIXES = {"": "score", "_low": "low", "_high": "high", "_n": "n"}
_MEANINGS = {
    "score": "audit condition index, 0 (worst) to 100 (best), in the light of the column light; not crime risk",
    "score_low": "lower end of the interval of the score",
    "score_high": "upper end of the interval of the score",
    "state": "audited, few, stale, estimated or not_audited",
    "light": "light in which it was seen: dark where it was audited in the dark, else day",
    "n": "ratings behind it; ratings shared among places count by their share",
    "contributors": "distinct auditors behind it",
    "latest": "quarter of the latest rating",
    "level_0": "indicators of which the worst level was seen",
}


def write(result: AuditResult, target: Path) -> None:
    """Write the planning office's GeoPackage: places, areas, evidence and summaries, with QGIS styles.

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
        It could not be written, or an indicator's name cannot be a column; an earlier file is untouched.
    """
    head = headline(result.scores)
    column = shown_column(head, result.rubric)
    layers = (
        _place_layer("segments", result, head, column),
        _place_layer("spaces", result, head, column),
        _place_layer("stops", result, head, column),
        _layer("areas", result, result.places.areas, geometry_type="MultiPolygon", style=qml("areas", column)),
        _layer("evidence", result, result.evidence),
        _layer("summaries", result, result.summaries),
    )
    geopackage.write(target, layers, latest=result.scores["latest_at"].max())


def headline(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `scores` in the light that heads their place: dark, else day, twilight, unrecorded."""
    rank = pd.Series(pd.Categorical(scores["group"], categories=LIGHTS).codes, index=scores.index)
    known = scores[rank >= 0]
    best = rank[rank >= 0].groupby(known["place_id"], observed=True).transform("min")
    return known[rank[rank >= 0] == best]


def shown_column(head: pd.DataFrame, rubric: Rubric) -> str:
    """Return the column that colours the map: the score, else street condition, else what was answered most."""
    rated = head["indicator"][head["score"].notna()].value_counts()
    for name in _WHOLE:
        if rated.get(name, 0):
            return name
    return max(rubric.names, key=lambda name: rated.get(name, 0))


def _place_layer(name: PlaceLayer, result: AuditResult, head: pd.DataFrame, column: str) -> geopackage.Layer:
    places: GeoDataFrame = getattr(result.places, name)
    rubric = result.rubric
    wide = pd.concat([places, _seen(places, head, rubric), _values(places, head, rubric)], axis=1)
    kinds = {"segments": "LineString", "stops": "Point", "spaces": _space_type(places)}
    return _layer(name, result, wide, geometry_type=kinds[name], style=qml(name, column), meanings=_meanings(rubric))


def _layer(
    name: str,
    result: AuditResult,
    frame: pd.DataFrame,
    *,
    geometry_type: str = "Unknown",
    style: str = "",
    meanings: dict[str, str] | None = None,
) -> geopackage.Layer:
    """Return a layer with its words from the data dictionary."""
    table = TABLES[name]
    declared = {column.name: column.meaning for column in table.columns}
    return geopackage.Layer(
        name=name,
        title=f"{result.title}: {name}",
        description=f"A row is {table.row}. {result.remark} {result.places.attribution}".strip(),
        frame=frame,
        meanings=declared | (meanings or {}),
        geometry_type=geometry_type,
        style=style,
    )


def _space_type(spaces: GeoDataFrame) -> str:
    """Return MultiPolygon, unless some spaces are known only as points."""
    return "Unknown" if (spaces.geom_type == "Point").any() else "MultiPolygon"


def _values(places: pd.DataFrame, head: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """Return value, low, high and n of everything rated, side by side; NA where it was not seen."""
    columns: dict[str, NDArray[np.float64]] = {}
    for name, rows in _by_indicator(head, (*_WHOLE, *rubric.names)):
        at, inside = _positions(places, rows)
        for suffix, source in _SUFFIXES.items():
            column = np.full(len(places), np.nan)
            column[at] = rows[source].to_numpy(np.float64, na_value=np.nan)[inside]
            columns[f"{name}{suffix}"] = column
    columns.pop("score_n")
    return pd.DataFrame(columns, index=places.index)


def _seen(places: pd.DataFrame, head: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """Return state, light, n, contributors, latest and level_0 of each place, from its most telling row."""
    telling = _most_telling(head, rubric)
    at, inside = _positions(places, telling)
    seen = telling[inside][["state", "group", "n", "contributors"]].set_index(places.index[at]).reindex(places.index)
    latest = head.groupby("place_id", observed=True)["latest_at"].max().reindex(places["place_id"].astype(object))
    return pd.DataFrame(
        {
            "state": seen["state"].astype(object).fillna("not_audited"),
            "light": seen["group"],
            "n": seen["n"],
            "contributors": seen["contributors"].astype("Int64"),
            "latest": _quarter(latest).to_numpy(object),
            "level_0": _worst_seen(places, head, rubric),
        },
        index=places.index,
    )


def _most_telling(head: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """Return one row per place: the score, else street condition, else what has the most ratings."""
    order = pd.Series(pd.Categorical(head["indicator"], categories=(*_WHOLE, *rubric.names)).codes, index=head.index)
    first = order.clip(upper=len(_WHOLE))
    ranked = head.assign(_first=first, _order=order)[order >= 0]
    ranked = ranked.sort_values(["_first", "n", "_order"], ascending=[True, False, True], kind="stable")
    return ranked.drop_duplicates("place_id")


def _worst_seen(places: pd.DataFrame, head: pd.DataFrame, rubric: Rubric) -> NDArray[np.object_]:
    """Return the names of indicators at level 0 as in "lighting, walk_path"; None where there is none."""
    text = np.full(len(places), "", dtype=object)
    for name, rows in _by_indicator(head[head["level_0"].astype(bool)], rubric.names):
        at, _ = _positions(places, rows)
        text[at] += f", {name}"
    return np.where(text == "", None, pd.Series(text).str.removeprefix(", ").astype(object))


def _quarter(times: pd.Series) -> pd.Series:
    """Return times as in "2026 Q2"; NA stays NA."""
    text = times.dt.year.astype("Int64").astype(str) + " Q" + times.dt.quarter.astype("Int64").astype(str)
    return text.astype(object).where(times.notna(), None)


def _by_indicator(head: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    return [(name, head[head["indicator"] == name]) for name in names]


def _positions(places: pd.DataFrame, rows: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return where in `places` the rows belong, and which of them belong there."""
    at = pd.Index(places["place_id"]).get_indexer(pd.Index(rows["place_id"]))
    return at[at >= 0], at >= 0


def _meanings(rubric: Rubric) -> dict[str, str]:
    """Return what the wide columns mean."""
    heads = {"street_condition": "Mean of what may be shown by place"} | {i.name: i.question for i in rubric.indicators}
    wide = {f"{name}": f"{words} 0 (worst) to 100 (best)" for name, words in heads.items()}
    ends = {
        f"{name}{suffix}": f"{words} of {name}"
        for name in heads
        for suffix, words in {"_low": "lower end of the interval", "_high": "upper end", "_n": "ratings"}.items()
    }
    return wide | ends | _MEANINGS
