"""Places with what was seen of them, side by side: one row per place, in the light it is shown in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.coverage import quarters
from safeaudit.rubric import COMPOSITES
from safeaudit.tables import WIDE_SUFFIXES

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.tables import AuditResult

_SUFFIXES = dict(zip(WIDE_SUFFIXES, ("score", "low", "high", "n"), strict=True))


def headline(result: AuditResult) -> pd.DataFrame:
    """Return the rows of `scores` in the light that each place is shown in, those that are estimated too."""
    return result.scores[result.scores["headline"].to_numpy(bool)]


def seen_alone(head: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of places that somebody looked at: what is counted, listed or summed up is of these."""
    return head[head["state"] != "estimated"]


def with_values(places: GeoDataFrame, head: pd.DataFrame, rubric: Rubric) -> GeoDataFrame:
    """Return places with what was seen of them, side by side.

    Parameters
    ----------
    places
        Table `segments`, `spaces` or `stops`.
    head
        As from `headline`.
    rubric
        The indicators that have columns.

    Returns
    -------
    The columns of the places, then state, light, n, contributors, latest and newer (quarters), level_0, and value, low,
    high and n of each composite and indicator; NA where it was not seen.
    """
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
    """Return state, light, n, contributors, latest, newer and level_0 of each place."""
    telling = _most_telling(rows, rubric).set_index("at").reindex(every)
    return pd.DataFrame(
        {
            "state": telling["state"].astype("str").fillna("not_audited"),
            "light": telling["group"],
            "n": telling["n"],
            "contributors": telling["contributors"].astype("Int64"),
            "latest": quarters(pd.to_datetime(rows.groupby("at")["latest_at"].max().reindex(every), utc=True)),
            "newer": quarters(pd.to_datetime(rows.groupby("at")["newer_at"].max().reindex(every), utc=True)),
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
