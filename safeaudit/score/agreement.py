"""How far auditors agree who rated the same spot independently. Table `agreement`.

For one indicator in one light let c_uk be how many forms about spot u chose level k, and m_u their
sum. The coincidences o_kl = sum over u of (c_uk c_ul - [k = l] c_uk) / (m_u - 1) have the margins n_k
and the sum n. Krippendorff's alpha is 1 - (n - 1) sum(o_kl d_kl) / sum(n_k n_l d_kl) with the ordinal
difference d_kl = (n_k / 2 + n_(k+1) + ... + n_l / 2)^2 (Krippendorff, Computing Krippendorff's
Alpha-Reliability, 2011): 1 is full agreement, 0 what chance would give.

The interval comes from drawing whole spots anew. One spot that agrees as chance would is among them:
thirty pairs that agree do not prove that all would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from safeaudit.contributors import contributor_keys, light_groups, rounds
from safeaudit.rubric import LEVELS
from safeaudit.score.same_spot import group_by_spot
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.rubric import Rubric

LEAST_PAIRS = 30
"""Pairs of forms below which nothing is said."""

LEAST_SPOTS = 10
"""Spots below which nothing is said: many forms about one spot tell nothing of the others."""

_VALUES = ("alpha", "low", "high", "percent", "kappa")
_COUNTS = ("pairs", "spots", "contributors")
_DRAWS = 1000
_SEED = 20_080_613


def agreement(
    submissions: gpd.GeoDataFrame,
    observations: pd.DataFrame,
    matches: pd.DataFrame,
    rubric: Rubric,
    settings: ScoreSettings,
) -> pd.DataFrame:
    """Tell how far independent forms about the same spot agree, for each indicator in each light.

    Only levels of the rubric are compared, and each form counts once, whatever its group's size: means
    and other scales are left out, and so is a lighting level given by day. Feelings are nobody's error:
    they have the table `feelings` instead.

    Parameters
    ----------
    submissions, observations, matches
        The tables of these names; the submissions of one round.
    rubric
        The indicators.
    settings
        The interval's probability.

    Returns
    -------
    The table `agreement`; where its note says why, the values are NA.
    """
    rated = _rated(_in_order(submissions), observations, matches, rubric)
    rows = [
        {"indicator": name, "group": light, **_agreed(forms, settings.interval)}
        for (name, light), forms in rated.groupby(["indicator", "group"], observed=True)
    ]
    if not rows:
        return empty_table("agreement")
    (campaign,) = rounds(submissions)
    kinds = {**dict.fromkeys(_VALUES, "float64"), **dict.fromkeys(_COUNTS, "Int64")}
    return validate_table(pd.DataFrame(rows).assign(campaign=campaign or "").astype(kinds), "agreement")


def coincidences(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how often two levels meet at each spot, each form counting once.

    Parameters
    ----------
    counts
        Forms that chose each level, shape (spots, levels); at least two at each spot.

    Returns
    -------
    Shape (spots, levels, levels), symmetric; each spot sums to its number of forms.
    """
    return _meetings(counts) / (counts.sum(axis=1) - 1)[:, None, None]


def ordinal_alpha(together: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Krippendorff's alpha for ordered levels.

    Parameters
    ----------
    together
        Coincidences, summed up over spots, shape (..., levels, levels).

    Returns
    -------
    Shape (...); NaN where only one level was chosen.
    """
    n = together.sum(axis=-1)
    middle = n.cumsum(axis=-1) - n / 2
    apart = (middle[..., :, None] - middle[..., None, :]) ** 2
    observed = (together * apart).sum(axis=(-2, -1))
    by_chance = (n[..., :, None] * n[..., None, :] * apart).sum(axis=(-2, -1))
    varies = by_chance > 0
    share = np.divide((n.sum(axis=-1) - 1) * observed, by_chance, out=np.full(by_chance.shape, np.nan), where=varies)
    return 1 - share


def _in_order(submissions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return submissions in the order of where and when: lots that follow it rest on no project's key, as ids do."""
    place = submissions.geometry.get_coordinates().reindex(submissions.index)
    order = pd.DataFrame({"x": place["x"], "y": place["y"]}).join(submissions[["observed_at", "submission_id"]])
    return submissions.loc[order.sort_values(list(order)).index]


def _rated(
    submissions: pd.DataFrame, observations: pd.DataFrame, matches: pd.DataFrame, rubric: Rubric
) -> pd.DataFrame:
    """Return the levels that can be compared: indicator, group, spot, contributor, level."""
    about = pd.DataFrame(
        {
            "submission_id": submissions["submission_id"],
            "group": light_groups(submissions),
            "spot": group_by_spot(submissions, matches),
            "contributor": pd.factorize(contributor_keys(submissions))[0],
        }
    )
    compared = [indicator.name for indicator in rubric.indicators if indicator.public != "feeling"]
    single = observations["level"].notna() & (observations["n"] == 1) & observations["indicator"].isin(compared)
    rows = observations.loc[single, ["submission_id", "indicator", "level"]].merge(about, on="submission_id")
    blind = rows["indicator"].isin([name for name in compared if rubric[name].needs_dark]) & (rows["group"] == "day")
    return rows[~blind].astype({"level": int})


def _agreed(forms: pd.DataFrame, interval: float) -> dict[str, Any]:
    """Return the row of one indicator in one light."""
    repeated = forms[forms.duplicated("spot", keep=False)]
    spot, found = pd.factorize(repeated["spot"])
    cells = spot * LEVELS + repeated["level"].to_numpy()
    counts = np.bincount(cells, minlength=len(found) * LEVELS).reshape(-1, LEVELS)
    pairs = int(_meetings(counts).sum()) // 2
    about = dict(zip(_COUNTS, (pairs, len(found), repeated["contributor"].nunique()), strict=True))
    silent = dict.fromkeys(_VALUES)
    if pairs < LEAST_PAIRS:
        return {**silent, **about, "note": f"fewer than {LEAST_PAIRS} pairs"}
    if len(found) < LEAST_SPOTS:
        return {**silent, **about, "note": f"fewer than {LEAST_SPOTS} spots"}
    if np.count_nonzero(counts.sum(axis=0)) == 1:
        return {**silent, **about, "percent": 100.0, "note": "no variation"}
    return {**dict(_values(counts, interval)), **about, "note": ""}


def _values(counts: NDArray[np.int64], interval: float) -> Iterator[tuple[str, float]]:
    """Yield alpha with its interval, and how pairs agree, each pair counted in both orders."""
    kinds, often = np.unique(counts, axis=0, return_counts=True)
    together = coincidences(kinds)
    alpha = float(ordinal_alpha(np.tensordot(often, together, 1)))
    low, high = _interval(together, often, interval)
    meetings = np.tensordot(often, _meetings(kinds), 1)
    shares = meetings / meetings.sum()
    chosen, level = shares.sum(axis=1), np.arange(LEVELS)
    apart = (level[:, None] - level) ** 2
    yield "alpha", round(alpha, 4)
    yield "low", round(min(low, alpha), 4)
    yield "high", round(max(high, alpha), 4)
    yield "percent", round(100 * float(np.trace(shares)), 2)
    yield "kappa", round(1 - float((shares * apart).sum() / (np.outer(chosen, chosen) * apart).sum()), 4)


def _interval(together: NDArray[np.float64], often: NDArray[np.int64], interval: float) -> tuple[float, float]:
    """Return the ends that enclose alpha in so many draws of spots; like spots are drawn as one."""
    chosen = np.tensordot(often, together, 1).sum(axis=1)
    by_chance = 2 * np.outer(chosen, chosen) / chosen.sum() ** 2
    weights = np.append(often, 1)
    draws = np.random.default_rng(_SEED).multinomial(weights.sum(), weights / weights.sum(), _DRAWS)
    alphas = ordinal_alpha(np.tensordot(draws, np.concatenate([together, by_chance[None]]), 1))
    low, high = np.nanquantile(alphas, [(1 - interval) / 2, (1 + interval) / 2])
    return float(low), float(high)


def _meetings(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many pairs of forms chose two levels at each spot, in both orders."""
    return counts[:, :, None] * (counts[:, None, :] - np.eye(counts.shape[1], dtype=np.int64))
