"""Two rounds of walks -> their ratings side by side, with the composites of each form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import contributor_keys, walk_keys
from safeaudit.rubric import COMPOSITES
from safeaudit.score.composite import complete
from safeaudit.score.ratings import LIGHTS, Ratings, cells, order_of_forms, ratings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits

BEFORE, AFTER = 0, 1
_KNOWN = ("auditor:", "team:")
"""Contributors who are known again in another round; an unknown one of a walk is somebody else each time."""

_EVEN = 1e-9
_CELL = ["place", "indicator", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoRounds:
    """The ratings of two rounds, and the places that both saw.

    Attributes
    ----------
    rated
        Ratings of both; `rows` has the column `round` too (0 before, 1 after), and rows of the composites of each form.
        What one round alone asked in a light is not among them.
    pairs
        A row for each place, indicator and group (codes) that both rounds saw: n, mean, contributors and answers, with
        the suffixes _before and _after.
    once
        Means of what the first round alone saw: place, indicator, group, mean.
    """

    rated: Ratings
    pairs: pd.DataFrame
    once: pd.DataFrame


def put_side_by_side(
    audits: Audits, matches: pd.DataFrame, rubric: Rubric, settings: ScoreSettings, names: tuple[str, str]
) -> TwoRounds:
    """Put the ratings of two rounds side by side, place by place, in each light.

    A composite is of what both rounds asked in that light, where that is `settings.min_share` of its weight; of a place
    where each round answered as much.

    Parameters
    ----------
    audits
        Submissions and observations of the two rounds, and of no other.
    matches
        The table of this name.
    rubric
        The indicators.
    settings
        How much of a composite must be answered.
    names
        The two rounds, the earlier first; "" is that of forms without a campaign.
    """
    rated = ratings(audits.submissions, audits.observations, matches, rubric)
    rows = _asked_in_both(_with_rounds(rated.rows, audits.submissions, names))
    whole = [part for name in COMPOSITES for part in _composites(name, rows, rubric, settings)]
    rated = replace(
        rated,
        rows=pd.concat([rows, *whole], ignore_index=True) if whole else rows,
        indicators=(*rated.indicators, *COMPOSITES),
    )
    before, after = (_cells(rated, number, rubric, settings) for number in (BEFORE, AFTER))
    pairs = before.merge(after, on=_CELL, suffixes=("_before", "_after"))
    both = before.merge(after[_CELL], on=_CELL, how="left", indicator="there")
    once = both.loc[both["there"] == "left_only", [*_CELL, "mean"]].reset_index(drop=True)
    return TwoRounds(rated=rated, pairs=pairs.sort_values(_CELL, ignore_index=True), once=once)


def _with_rounds(rows: pd.DataFrame, submissions: pd.DataFrame, names: tuple[str, str]) -> pd.DataFrame:
    """Return rows with their round, and with contributors and walks that are told apart across rounds."""
    order = order_of_forms(submissions)
    campaign = submissions["campaign"].astype("str").fillna("").to_numpy(object)[order]
    keys = contributor_keys(submissions).to_numpy(object)[order]
    walks = walk_keys(submissions).to_numpy(object)[order]
    known = np.array([str(key).startswith(_KNOWN) for key in keys], dtype=bool)
    here = "|" + campaign
    who = pd.factorize(np.where(known, keys, keys + here))[0]
    walk = pd.factorize(walks + here, sort=True)[0]
    number = pd.Index(names).get_indexer(campaign)
    of = rows["submission"].to_numpy()
    return rows.assign(round=number[of], contributor=who[of], walk=walk[of])


def _asked_in_both(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of indicators that both rounds answered in that light."""
    asked = rows.groupby(["indicator", "group"])["round"].transform("nunique")
    return rows[asked == len((BEFORE, AFTER))]


def _composites(name: str, rows: pd.DataFrame, rubric: Rubric, settings: ScoreSettings) -> Iterator[pd.DataFrame]:
    """Yield the composite of each form in each light, at each of its places, as rows of an indicator of its own."""
    weights = _weights(rubric)[name]
    for group in np.unique(rows["group"]):
        part = rows[(rows["group"] == group) & (weights[rows["indicator"]] > 0)]
        indicators, column = np.unique(part["indicator"], return_inverse=True)
        asked = _asked(weights, rubric, group)
        if len(part) and weights[indicators].sum() >= settings.min_share * asked - _EVEN:
            forms, form = np.unique(part["submission"], return_inverse=True)
            table = np.full((len(forms), len(indicators)), np.nan)
            table[form, column] = part["rating"]
            completed = complete(table, weights[indicators] / weights[indicators].sum())
            first = ~part.duplicated(["place", "submission"]).to_numpy()
            own, form = part[first], form[first]
            yield own.assign(
                indicator=len(rubric.names) + COMPOSITES.index(name),
                rating=completed.rating[form],
                weight=own["weight"] * completed.answered[form],
                **dict.fromkeys(("level", "lowest", "spread"), np.nan),
            )


def _weights(rubric: Rubric) -> Mapping[str, NDArray[np.float64]]:
    """Return the weight of each indicator in each composite, in the order of the rubric."""
    of = zip(COMPOSITES, (rubric.weights, rubric.street_condition), strict=True)
    return {name: np.array([weights.get(indicator, 0.0) for indicator in rubric.names]) for name, weights in of}


def _asked(weights: NDArray[np.float64], rubric: Rubric, group: int) -> float:
    """Return the weight of all that a composite asks in a light: by day, nothing that needs the dark."""
    dark = np.array([rubric[name].needs_dark for name in rubric.names])
    return float(weights[~dark].sum() if LIGHTS[group] == "day" else weights.sum())


def _cells(rated: Ratings, number: int, rubric: Rubric, settings: ScoreSettings) -> pd.DataFrame:
    """Return what one round saw of each place, composites where enough of them was answered."""
    of_round = rated.rows[rated.rows["round"] == number]
    found = cells(replace(rated, rows=of_round))[[*_CELL, "n", "mean", "contributors", "answers"]]
    single = found[found["indicator"] < len(rubric.names)]
    kept = [single]
    for code, (_, weights) in enumerate(_weights(rubric).items(), start=len(rubric.names)):
        answered = single.assign(weight=weights[single["indicator"]]).groupby(["place", "group"])["weight"].sum()
        part = found[found["indicator"] == code]
        share = answered.reindex(pd.MultiIndex.from_frame(part[["place", "group"]])).fillna(0).to_numpy()
        asked = np.array([_asked(weights, rubric, group) for group in range(len(LIGHTS))])[part["group"]]
        kept.append(part[share >= settings.min_share * asked - _EVEN])
    return pd.concat(kept, ignore_index=True)
