"""Observations and matches -> ratings of places, summed up per place, indicator and light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import contributor_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric

LEAST_N = 0.5
"""Ratings that a place must have got, shares summed up, to count as seen."""

_EVEN = 1e-9
"""Two numbers closer than this are even."""

UNRECORDED = "unrecorded"
LIGHTS = ("dark", "day", "twilight", UNRECORDED)
"""Groups of scores; of those that a place has, the first is its headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """One row per submission, place and indicator, with the codes of its place, group and contributor.

    Attributes
    ----------
    rows
        submission, place, indicator, group, contributor (codes), people, weight, rating, level, time.
    place_ids, kinds
        Id and kind of each place code.
    indicators
        Name of each indicator code.
    """

    rows: pd.DataFrame
    place_ids: NDArray[np.object_]
    kinds: NDArray[np.object_]
    indicators: tuple[str, ...]


def ratings(submissions: pd.DataFrame, observations: pd.DataFrame, matches: pd.DataFrame, rubric: Rubric) -> Ratings:
    """Join what was rated with where it belongs; a rating that is no answer is left out.

    Lighting rated by day is no answer: it cannot be seen then.

    Parameters
    ----------
    submissions, observations, matches
        The tables of these names.
    rubric
        The indicators.
    """
    names = rubric.names
    about = _about(submissions)
    rows = observations.merge(matches[["submission_id", "place_id", "kind", "weight"]], on="submission_id")
    rows = rows.merge(about, on="submission_id")
    blind = rows["indicator"].isin([name for name in names if rubric[name].needs_dark]) & (rows["group"] == "day")
    rows = rows[~blind & rows["indicator"].isin(names)]
    place, place_ids = pd.factorize(rows["place_id"], sort=True)
    kinds = rows["kind"].to_numpy()[np.unique(place, return_index=True)[1]]
    coded = pd.DataFrame(
        {
            "submission": rows["submission"],
            "place": place,
            "indicator": pd.Categorical(rows["indicator"], names).codes,
            "group": pd.Categorical(rows["group"], LIGHTS).codes,
            "contributor": rows["contributor"],
            "people": rows["group_size"],
            "weight": rows["weight"] * rows["n"].astype(float),
            "rating": rows["rating"],
            "level": rows["level"].astype(float),
            "time": rows["observed_at"],
        }
    )
    ids = np.asarray(place_ids, dtype=object)
    return Ratings(rows=coded.reset_index(drop=True), place_ids=ids, kinds=kinds, indicators=names)


def _about(submissions: pd.DataFrame) -> pd.DataFrame:
    """Return what a rating must know of its submission: light, who, how many people, when."""
    return pd.DataFrame(
        {
            "submission_id": submissions["submission_id"],
            "submission": np.arange(len(submissions)),
            "group": submissions["light"].astype(object).fillna(UNRECORDED),
            "contributor": pd.factorize(contributor_keys(submissions))[0],
            "group_size": submissions["group_size"].astype(int),
            "observed_at": submissions["observed_at"],
        }
    )


def cells(of: Ratings) -> pd.DataFrame:
    """Sum ratings up per place, indicator and group.

    A place that got less than half a rating in all is left out: what was seen was more likely seen
    elsewhere.

    Returns
    -------
    place, indicator, group (codes), n (sum of weights), mean, contributors, latest_at (NaT where
    unknown), level_seen (the lower middle level by weight, NaN on other scales), level_0 (whether at
    least half of the weight chose the lowest rating).
    """
    keys = ["place", "indicator", "group"]
    weight = of.rows["weight"]
    rows = of.rows.assign(weighted=weight * of.rows["rating"], lowest=weight * (of.rows["rating"] == 0))
    summed = rows.groupby(keys, sort=True).agg(
        n=("weight", "sum"), total=("weighted", "sum"), latest_at=("time", "max"), lowest=("lowest", "sum")
    )
    summed["mean"] = summed.pop("total") / summed["n"]
    summed["level_0"] = summed.pop("lowest") >= summed["n"] / 2 - _EVEN
    summed["contributors"] = count_people(rows, keys)
    summed["level_seen"] = _middle_level(rows, keys)
    return summed[summed["n"] >= LEAST_N - _EVEN].reset_index()


def count_people(rows: pd.DataFrame, keys: list[str]) -> pd.Series[int]:
    """Count distinct contributors; a declared group counts as its size, once."""
    each = rows.groupby([*keys, "contributor"], sort=False)["people"].max()
    return each.groupby(level=keys, sort=True).sum()


def _middle_level(rows: pd.DataFrame, keys: list[str]) -> pd.Series[float]:
    """Return the lowest level with at least half of the weight at or below it."""
    known = rows[rows["level"].notna()].sort_values([*keys, "level"], kind="stable")
    grouped = known.groupby(keys, sort=False)["weight"]
    reached = grouped.cumsum() >= grouped.transform("sum") / 2 - _EVEN
    return known[reached].groupby(keys, sort=False)["level"].first()
