"""Observations and matches -> ratings of places, summed up per place, indicator and light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.contributors import MAINLY, UNRECORDED, contributor_keys, count_people, light_groups, walk_keys

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric

LEAST_N = 0.5
"""Ratings that a place must have got, shares summed up, to count as seen."""

_EVEN = 1e-9
"""Two numbers closer than this are even."""

NEVER = np.iinfo(np.int64).min
"""The time that is not known: what numpy calls NaT."""

LIGHTS = ("dark", "day", "twilight", UNRECORDED)
"""Groups of scores; of those that a place has, the first is its headline."""

WHEN = {"dark": "after dark", "day": "by day", "twilight": "at twilight", UNRECORDED: "at times nobody wrote down"}
"""How a sentence says each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """One row per submission, place and indicator, with the codes of its place, group and contributor.

    Attributes
    ----------
    rows
        place, submission, indicator, group, contributor, walk (codes; by the first three), named (whether the auditor
        is known), people, share (of the form that is this place's), many (ratings that it stands for), weight (share
        times many), rating, spread (NaN where unknown), level, lowest (the rating on the scale 0-3, NaN where the form
        was not made mainly there), latest (microseconds).
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
            "walk": rows["walk"],
            "named": rows["named"],
            "people": rows["group_size"],
            "share": rows["weight"],
            "many": rows["n"].astype(float),
            "weight": rows["weight"] * rows["n"].astype(float),
            "rating": rows["rating"],
            "spread": rows["spread"].astype(float),
            "level": rows["level"].astype(float),
            "lowest": (3 * rows["rating"]).where(rows["weight"] > MAINLY).round(6),
            "latest": rows["latest"],
        }
    )
    # One order whatever that of the tables was: sums of the same rows in another order differ in their last digits.
    coded = coded.sort_values(["place", "submission", "indicator"], ignore_index=True)
    ids = np.asarray(place_ids, dtype=object)
    return Ratings(rows=coded, place_ids=ids, kinds=kinds, indicators=names)


def order_of_forms(submissions: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the rows of submissions in the order in which their forms are numbered: by time, place, and then id.

    Ids and people's keys are made with a project's secret: in their order the last digits, and whatever is drawn, would
    be other ones in another project of the same forms.

    Parameters
    ----------
    submissions
        The table of this name, in any order of its rows.
    """
    ids = pd.factorize(submissions["submission_id"].astype("str"), sort=True)[0]
    moment = submissions["observed_at"].to_numpy("datetime64[us]").astype(np.int64)
    points = submissions.geometry.to_numpy()
    return np.lexsort((ids, shapely.get_y(points), shapely.get_x(points), moment))


def _about(submissions: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return what a rating must know of its submission: light, who, how many people, when."""
    order = order_of_forms(submissions)
    number, who = np.empty((2, len(order)), dtype=np.int64)
    number[order] = np.arange(len(order))
    who[order] = pd.factorize(contributor_keys(submissions).to_numpy(object)[order])[0]
    return pd.DataFrame(
        {
            "submission_id": submissions["submission_id"],
            "submission": number,
            "group": light_groups(submissions),
            "contributor": who,
            "walk": pd.factorize(walk_keys(submissions), sort=True)[0],
            "named": submissions["auditor"].notna(),
            "group_size": submissions["group_size"].astype(int),
            "latest": submissions["observed_at"].to_numpy("datetime64[us]").astype(np.int64),
        }
    )


def cells(of: Ratings) -> pd.DataFrame:
    """Sum ratings up per place, indicator and group.

    A place that got less than half a rating in all is left out: what was seen was more likely seen
    elsewhere.

    Returns
    -------
    place, indicator, group (codes; sorted by them), n (sum of weights), mean, contributors (people), answers (forms),
    lowest (NaN where no form was made mainly there), latest (microseconds, `NEVER` where unknown), level_seen (the
    lower middle level by weight, NaN on other scales), level_0 (whether at least half of the weight chose the lowest
    rating).
    """
    rows = of.rows
    shape = (len(of.place_ids), len(of.indicators), len(LIGHTS))
    key = np.ravel_multi_index((rows["place"], rows["indicator"], rows["group"]), shape)
    found, cell = np.unique(key, return_inverse=True)
    place, indicator, group = np.unravel_index(found, shape)
    weight, rating = rows["weight"].to_numpy(), rows["rating"].to_numpy()
    n = np.bincount(cell, weight)
    summed = pd.DataFrame(
        {
            "place": place,
            "indicator": indicator,
            "group": group,
            "n": n,
            "mean": np.bincount(cell, weight * rating) / n,
            "contributors": people_of(cell, rows, len(found)),
            "answers": forms_of(cell, rows, len(found)),
            "lowest": rows["lowest"].groupby(cell).min().to_numpy(),
            "latest": latest(cell, rows["latest"].to_numpy(), len(found)),
            "level_seen": _middle_level(cell, rows, len(found)),
            "level_0": np.bincount(cell, weight * (rating == 0)) >= n / 2 - _EVEN,
        }
    )
    return summed[n >= LEAST_N - _EVEN].reset_index(drop=True)


def people_of(cell: NDArray[np.int64], rows: pd.DataFrame, size: int) -> NDArray[np.int64]:
    """Count the people behind each of `size` cells."""
    return count_people(cell, rows["contributor"].to_numpy(), rows["people"].to_numpy(), size)


def forms_of(cell: NDArray[np.int64], rows: pd.DataFrame, size: int) -> NDArray[np.int64]:
    """Count the forms behind each of `size` cells."""
    return count_people(cell, rows["submission"].to_numpy(), np.ones(len(rows), dtype=np.int64), size)


def latest(cell: NDArray[np.int64], times: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return the latest time of each of `size` cells, `NEVER` where none is known."""
    found = np.full(size, NEVER)
    np.maximum.at(found, cell, times)
    return found


def _middle_level(cell: NDArray[np.int64], rows: pd.DataFrame, size: int) -> NDArray[np.float64]:
    """Return for each cell the lowest level with at least half of the weight at or below it."""
    level = rows["level"].to_numpy()
    order = np.lexsort((level, cell))
    order = order[~np.isnan(level[order])]
    cell, level, weight = cell[order], level[order], rows["weight"].to_numpy()[order]
    total = np.bincount(cell, weight, minlength=size)
    within = np.cumsum(weight) - (np.cumsum(total) - total)[cell]
    reached = np.flatnonzero(within >= total[cell] / 2 - _EVEN)
    which, first = np.unique(cell[reached], return_index=True)
    middle = np.full(size, np.nan)
    middle[which] = level[reached[first]]
    return middle
