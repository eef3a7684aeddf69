"""The change of each place, and how sure it is. Rows of the table `changes`.

The change is the difference of two means, of the same place in the same light. Its variance is

    noise (1/n_before + 1/n_after) + auditors sum_j (share of j after - share of j before)^2 + outings sum_w share_w^2,

so that an auditor who rated a place in both rounds with the same share takes nothing from what is known of its change,
and others do (the variances from `spread.py`; degrees of freedom by Satterthwaite from how unsure they are).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.score.change.discovery import detectable, margins, p_values
from safeaudit.score.change.pools import count_auditors, say_too_few
from safeaudit.score.change.rounds import AFTER
from safeaudit.score.change.spread import estimate_spread

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.score.change.pools import Pool

    Floats = NDArray[np.float64]

_COUNTS = [f"{name}_{when}" for name in ("n", "contributors", "answers") for when in ("before", "after")]


def change_places(pool: Pool) -> pd.DataFrame:
    """Return the change of each place of a pool, 0-100.

    Parameters
    ----------
    pool
        What both rounds saw.

    Returns
    -------
    place (code), kind, indicator, light, n, contributors and answers of each round, before, after, difference, low,
    high, p, detectable and note: a row for each place of the pool, in its order. Nothing is tested, and low, high, p
    and detectable are NaN, where there are too few auditors.
    """
    pairs = pool.pairs
    difference = (pairs["mean_after"] - pairs["mean_before"]).to_numpy()
    note = say_too_few(*count_auditors(pool), same_people=pool.same_people)
    deviation, freedom = np.full((2, len(pairs)), np.nan)
    if not note:
        deviation, freedom = _how_sure(pool)
    margin = margins(deviation, freedom)
    values = {
        "before": pairs["mean_before"],
        "after": pairs["mean_after"],
        "difference": difference,
        "low": np.maximum(difference - margin, -1),
        "high": np.minimum(difference + margin, 1),
        "detectable": detectable(deviation, freedom),
    }
    return pairs[["place", "kind", *_COUNTS]].assign(
        indicator=pool.indicator,
        light=pool.light,
        **{name: 100 * value for name, value in values.items()},
        p=p_values(difference, deviation, freedom),
        note=note,
    )


def _how_sure(pool: Pool) -> tuple[Floats, Floats]:
    """Return the standard deviation of each place's change, and its degrees of freedom."""
    rows, pairs, at = pool.rows, pool.pairs, pool.compared
    cell = 2 * rows["place"].to_numpy() + rows["round"].to_numpy()
    who, walk = rows["contributor"].to_numpy(), rows["walk"].to_numpy()
    spread = estimate_spread(cell, rows["weight"].to_numpy(), rows["rating"].to_numpy(), who, walk)
    signed = np.where(at["round"] == AFTER, 1.0, -1.0) * pool.share
    parts = np.stack(
        [
            (1 / pairs["n_before"] + 1 / pairs["n_after"]).to_numpy(),
            _squares(at["pair"], at["contributor"], signed, len(pairs)),
            _squares(at["pair"], at["walk"], signed, len(pairs)),
        ],
        axis=1,
    )
    variance, freedom = spread.variance_of(parts)
    return np.sqrt(variance), freedom


def _squares(pair: NDArray[np.int64], effect: NDArray[np.int64], signed: Floats, size: int) -> Floats:
    """Return for each pair the sum over effects of the square of what it has of each."""
    found, at = np.unique(pair * (int(effect.max()) + 1) + effect, return_inverse=True)
    summed = np.bincount(at, signed)
    squares: Floats = np.bincount(found // (int(effect.max()) + 1), summed**2, minlength=size).astype(np.float64)
    return squares
