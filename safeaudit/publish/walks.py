"""Whose submissions may be shown, and whose walk a place that is shown would tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.contributors import MAINLY, contributor_keys, light_groups, rounds, walk_keys
from safeaudit.rubric import COMPOSITES

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from safeaudit.config import PublishSettings
    from safeaudit.rubric import Rubric
    from safeaudit.tables import AuditResult

_ROUND = ["place_id", "group", "campaign"]
_ROW = ["place_id", "indicator", "group", "campaign"]


def publishable(submissions: GeoDataFrame) -> GeoDataFrame:
    """Return the submissions whose consent lets their conditions be shown.

    Parameters
    ----------
    submissions
        Table `submissions`; consent is analysis, conditions or public.
    """
    return submissions[submissions["consent"].isin(("conditions", "public"))].reset_index(drop=True)


def on_enough_walks(rows: pd.DataFrame, result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the rows of scores that enough walks by different people stand behind.

    They are counted for each indicator and light over the ratings of the row's own round that were made mainly
    there; of a composite, the indicator with the fewest counts.
    """
    if settings.min_walks == 1 or rows.empty:
        return rows
    rated = _ratings(result)
    every = members(result.rubric).merge(keyed_rows(rows).rename(columns={"indicator": "shown"}), on="shown")
    answered = every.merge(rated, on=_ROW)
    walks = _count_walks(answered, ["shown", *_ROW]).reset_index()
    fewest = walks.groupby(["shown", *_ROUND])["walks"].min()
    wanted = pd.MultiIndex.from_frame(keyed_rows(rows).rename(columns={"indicator": "shown"})[["shown", *_ROUND]])
    return rows[(fewest.reindex(wanted).fillna(0) >= settings.min_walks).to_numpy()]


def reported_on_enough_walks(faults: pd.DataFrame, result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the rows of table `faults` whose fault enough walks by different people reported, and not at lone ends."""
    if faults.empty:
        return faults
    where = ["place_id", "kind"]
    about = about_walks(publishable(result.audits.submissions))
    walks = _count_walks(faults.astype(dict.fromkeys(where, "str")).merge(about, on="submission_id"), where)
    index = pd.MultiIndex.from_frame(faults[where].astype("str"))
    enough = (walks.reindex(index).fillna(0) >= settings.min_walks).to_numpy()
    held = _places_at_lone_ends(result, settings, ["place_id"])
    return faults[enough & ~faults["place_id"].astype("str").isin(held.get_level_values(0))]


def hold_lone_ends(rows: pd.DataFrame, result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the rows without the places at the ends of one person's walk that nobody else saw in that light."""
    if rows.empty:
        return rows
    held = _places_at_lone_ends(result, settings, _ROUND)
    return rows[~pd.MultiIndex.from_frame(keyed_rows(rows)[_ROUND]).isin(held)]


def _places_at_lone_ends(result: AuditResult, settings: PublishSettings, key: list[str]) -> pd.MultiIndex:
    """Return the keys that hold an end of a lone walk, and no form of anybody else made mainly there."""
    submissions = publishable(result.audits.submissions)
    about = about_walks(submissions).assign(end=lone_ends(submissions, settings.lone_ends_m))
    pairs = result.matches[["submission_id", "place_id", "weight"]].merge(about, on="submission_id")
    pairs = pairs.astype({"place_id": "str"})
    who = pairs[pairs["weight"] > MAINLY].groupby(key)["contributor"].agg(["min", "max"])
    ends = pairs[pairs["end"]]
    index = pd.MultiIndex.from_frame(ends[key])
    mainly = who.reindex(index if len(key) > 1 else index.get_level_values(0)).to_numpy()
    # Of codes from smallest to largest, one differs from this person's where either end of their range does.
    mine = ends["contributor"].to_numpy()[:, None]
    others = ((mainly != mine) & ~np.isnan(mainly)).any(axis=1)
    return index[~others].unique()


def lone_ends(submissions: GeoDataFrame, metres: float) -> pd.Series[bool]:
    """Return which submissions lie within so many metres of an end of a walk by one person, along its way."""
    about = about_walks(submissions)
    walks = pd.DataFrame({"walk": walk_keys(submissions), "who": about["contributor"], "people": about["people"]})
    by_walk = walks.groupby("walk")
    lone = (by_walk["who"].transform("nunique") == 1) & (by_walk["people"].transform("max") == 1)
    points = submissions.geometry.to_numpy()
    frame = pd.DataFrame({"x": shapely.get_x(points), "y": shapely.get_y(points), "walk": walks["walk"]})
    order = pd.DataFrame({"walk": walks["walk"], "at": submissions["observed_at"], "line": submissions["line"]})
    frame = frame.loc[order.sort_values(["walk", "at", "line"], kind="stable").index]
    # A form without a fix of its own, placed by a code, stands where the one before it did.
    xy = frame.groupby("walk")[["x", "y"]].ffill()
    steps = np.hypot(*xy.groupby(frame["walk"]).diff().to_numpy().T)
    along = pd.Series(np.nan_to_num(steps), index=frame.index).groupby(frame["walk"]).cumsum()
    left = along.groupby(frame["walk"]).transform("max") - along
    near = (np.minimum(along, left) < metres).reindex(submissions.index)
    return lone & near


def about_walks(submissions: pd.DataFrame) -> pd.DataFrame:
    """Return what a walk must know of its submissions."""
    return pd.DataFrame(
        {
            "submission_id": submissions["submission_id"],
            "walk": walk_keys(submissions),
            "contributor": pd.factorize(contributor_keys(submissions))[0],
            "people": submissions["group_size"].astype(int),
            "group": light_groups(submissions).astype("str"),
            "campaign": submissions["campaign"].astype("str").fillna(""),
        },
        index=submissions.index,
    )


def keyed_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of rows of scores with their round, as plain text."""
    return rows[_ROW].astype("str").fillna({"campaign": ""})


def _ratings(result: AuditResult) -> pd.DataFrame:
    """Return the ratings that may be shown and were made mainly at a place: its key, walk and contributor."""
    here = result.matches.loc[result.matches["weight"] > MAINLY, ["submission_id", "place_id"]]
    pairs = here.merge(about_walks(publishable(result.audits.submissions)), on="submission_id")
    return answers(pairs.astype({"place_id": "str", "submission_id": "str"}), result)


def answers(pairs: pd.DataFrame, result: AuditResult) -> pd.DataFrame:
    """Return forms at places with each indicator that they rated; what needs the dark is no answer by day."""
    rated = result.audits.observations[["submission_id", "indicator"]].astype("str")
    found = pairs.merge(rated, on="submission_id")
    blind = [indicator.name for indicator in result.rubric.indicators if indicator.needs_dark]
    return found[~(found["indicator"].isin(blind) & (found["group"] == "day"))]


def of_latest_round(rows: pd.DataFrame, by: str, submissions: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the latest round (`campaign`, as text) that each value of a column has."""
    order = {name or "": number for number, name in enumerate(rounds(submissions))}
    number = rows["campaign"].map(order)
    return rows[number == number.groupby(rows[by]).transform("max")]


def members(rubric: Rubric) -> pd.DataFrame:
    """Return the indicators that each row of scores is made of: shown, indicator."""
    parts = {name: [name] for name in rubric.names}
    parts |= dict(zip(COMPOSITES, ([*rubric.weights], [*rubric.street_condition]), strict=True))
    return pd.DataFrame({"shown": list(parts), "indicator": list(parts.values())}).explode("indicator")


def _count_walks(rows: pd.DataFrame, key: list[str]) -> pd.Series[int]:
    """Count walks by different people: several walks of one person are one, and so are several people of one walk."""
    counted = rows.groupby(key)[["walk", "contributor"]].nunique()
    return counted.min(axis=1).rename("walks")
