"""Upgrading sites beside comparison areas: difference-in-differences, or a description. Rows of `site_changes`.

Each site is matched with the comparison area whose mean in the first round is nearest, so that all together are nearest
and none is taken twice (linear assignment). The difference of the mean changes of both is told with an interval from
five pairs and ten auditors on: it is made anew without each pair, and without each auditor, as in `means.py`, and both
variances are added. Below that sites and comparison areas are described, and nothing is said of what made the
difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.languages import REFERENCE, read_language
from safeaudit.score.change.discovery import margins, p_values
from safeaudit.score.change.means import LOPSIDED, LeftOut, Members, jackknife, leave_out, mean_differences

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.score.change.pools import Pool

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

LEAST_SITES = 5
LEAST_AUDITORS_OF_SITES = 10


def change_sites(pool: Pool, members: Members, kinds: NDArray[np.object_]) -> pd.DataFrame:
    """Return one row of `site_changes`; none where there is no site or no comparison area.

    Parameters
    ----------
    pool
        What both rounds saw.
    members
        Its places, by area.
    kinds
        The kind of each area.
    """
    count = np.bincount(members.area, minlength=len(kinds))
    sites, comparisons = (np.flatnonzero((kinds == kind) & (count > 0)) for kind in ("site", "comparison"))
    if not len(sites) or not len(comparisons):
        return pd.DataFrame()
    first = np.bincount(members.area, pool.pairs["mean_before"].to_numpy()[members.pair], minlength=len(kinds))
    baseline = first / np.maximum(count, 1)
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - it takes long to load, and few have such areas

    row, column = linear_sum_assignment(np.abs(baseline[sites][:, None] - baseline[comparisons]))
    pairs = sites[row], comparisons[column]
    within = np.isin(members.area, np.concatenate([sites, comparisons]))
    there = np.isin(pool.compared["pair"], members.pair[within])
    auditors = len(np.unique(pool.compared["contributor"][there]))
    mean = mean_differences(pool, Members(members.pair, members.area))
    told = {
        "sites": len(sites),
        "comparisons": len(comparisons),
        "auditors": auditors,
        "site_before": 100 * baseline[sites].mean(),
        "comparison_before": 100 * baseline[pairs[1]].mean(),
        "site_difference": 100 * mean[sites].mean(),
        "comparison_difference": 100 * mean[pairs[1]].mean(),
        **dict.fromkeys(("difference", "low", "high", "p"), np.nan),
        "note": _say_why_described(len(sites), len(comparisons), auditors),
    }
    if not told["note"]:
        difference, deviation, freedom = _difference(pool, members, mean, pairs)
        told["note"] = LOPSIDED if np.isnan(deviation[0]) else ""
        margin = margins(deviation, freedom)[0]
        p = p_values(np.array([difference]), deviation, freedom)[0]
        told |= {"difference": 100 * difference, "p": p}
        told |= {"low": 100 * (difference - margin), "high": 100 * (difference + margin)}
    return pd.DataFrame([{"kind": pool.kind, "indicator": pool.indicator, "light": pool.light, **told}])


def _say_why_described(sites: int, comparisons: int, auditors: int) -> str:
    """Return why nothing but a description is given; empty where more is."""
    if min(sites, comparisons) >= LEAST_SITES and auditors >= LEAST_AUDITORS_OF_SITES:
        return ""
    there = {"sites": sites, "comparisons": comparisons, "people": auditors}
    needed = {"least": LEAST_SITES, "needed": LEAST_AUDITORS_OF_SITES}
    return read_language(REFERENCE).say("console.untold.sites", **there, **needed)


def _difference(pool: Pool, members: Members, mean: Floats, pairs: tuple[Codes, Codes]) -> tuple[float, Floats, Floats]:
    """Return the mean difference of matched pairs, with its deviation and degrees of freedom, each of shape (1,)."""
    apart = mean[pairs[0]] - mean[pairs[1]]
    size = len(apart)
    one = np.zeros(size, dtype=np.int64)
    without = (apart.sum() - apart) / (size - 1)
    by_pairs = jackknife(LeftOut(np.arange(size), one, without, np.ones(size), np.ones(size)), np.array([apart.mean()]))
    by_auditors = jackknife(_without_auditors(pool, members, mean, pairs), np.array([apart.mean()]))
    variances = np.array([by_pairs[0], by_auditors[0]]) ** 2
    freedoms = np.array([by_pairs[1], by_auditors[1]])
    together = variances.sum(axis=0)
    return float(apart.mean()), np.sqrt(together), together**2 / (variances**2 / freedoms).sum(axis=0)


def _without_auditors(pool: Pool, members: Members, mean: Floats, pairs: tuple[Codes, Codes]) -> LeftOut:
    """Return the mean difference of the pairs without each auditor; pairs that have nobody left are left out too."""
    left = leave_out(pool, members, pool.compared["contributor"])
    auditors, auditor = np.unique(left.cluster, return_inverse=True)
    means = np.tile(mean, (len(auditors), 1))
    means[auditor, left.area] = left.mean
    before, after = np.zeros((2, *means.shape))
    before[auditor, left.area], after[auditor, left.area] = left.before, left.after
    matched = np.concatenate(pairs)
    there = (before + after)[:, matched].any(axis=1)
    differences = means[there][:, pairs[0]] - means[there][:, pairs[1]]
    known = ~np.isnan(differences)
    count = known.sum(axis=1)
    total = np.where(known, differences, 0.0).sum(axis=1)
    apart = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    one = np.zeros(len(apart), dtype=np.int64)
    shares = (side[there][:, matched].sum(axis=1) / len(matched) for side in (before, after))
    return LeftOut(np.arange(len(apart)), one, apart, *shares)
