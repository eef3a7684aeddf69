"""What is told of each destination and of each category: means and intervals over the draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.network import any_of, sum_weights
from safeaudit.score.reach.town import CATEGORIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.score.reach.town import Town
    from safeaudit.score.reach.views import View

    Words = NDArray[np.uint64]
    Floats = NDArray[np.float64]

DRAWS = 256
"""How many towns are drawn."""

TOO_LITTLE = "too little walked"
NOT_MAPPED = "none on the map"
NO_STREET = "no street near it"


def tell_destinations(town: Town, view: View, reached: Words, settings: ScoreSettings) -> pd.DataFrame:
    """Return a row for each destination; none where nobody looked at anything in this light."""
    if not view.looked_at.any():
        return pd.DataFrame()
    count, weight = len(town.destinations), town.weight[town.home]
    within = np.bincount(town.to, weight, minlength=count).round(1)
    told = np.flatnonzero(view.told[town.to])
    sums = sum_weights(reached[town.way[told]], weight[told], town.to[told], groups=count, draws=2 * DRAWS)
    values = {name: np.where(view.told, value, np.nan) for name, value in _summarise(sums, settings.interval).items()}
    note = np.select([view.told, np.isnan(view.coverage)], ["", NO_STREET], default=TOO_LITTLE)
    return town.destinations.assign(coverage=view.coverage.round(4), same=view.same, within=within, note=note, **values)


def tell_categories(town: Town, view: View, reached: Words, settings: ScoreSettings) -> pd.DataFrame:
    """Return a row for each category: who reaches any destination of it, each person counted once."""
    of = town.destinations["category"].to_numpy()
    return pd.DataFrame([_tell_category(town, view, reached, of == name, settings) for name in CATEGORIES]).assign(
        category=CATEGORIES
    )


def _tell_category(
    town: Town, view: View, reached: Words, which: NDArray[np.bool_], settings: ScoreSettings
) -> dict[str, object]:
    """Return who reaches any of some destinations: of those told of in both lights where there are any."""
    same = bool((view.same & which).any())
    counted = which & (view.same if same else view.told)
    pairs = np.flatnonzero(counted[town.to])
    home, bits = any_of(reached[town.way[pairs]], town.home[pairs])
    weight = town.weight[home]
    sums = sum_weights(bits, weight, np.zeros(len(home), dtype=np.int64), groups=1, draws=2 * DRAWS)
    values = _summarise(sums, settings.interval)
    return {
        "destinations": int(which.sum()),
        "walked": int((which & view.told).sum()),
        "counted": int(counted.sum()),
        "same": same,
        "within": weight.sum().round(1) if counted.any() else np.nan,
        "note": "" if counted.any() else TOO_LITTLE if which.any() else NOT_MAPPED,
        **{name: value[0] if counted.any() else np.nan for name, value in values.items()},
    }


def _summarise(sums: Floats, interval: float) -> dict[str, Floats]:
    """Return the mean of what is at least reached, and the interval that holds whatever nobody looked at is like."""
    least, most = np.split(sums, 2, axis=1)
    edge = (1 - interval) / 2
    mean = least.mean(axis=1)
    # Where a few draws alone differ, the mean lies beyond a quantile: the interval is made to hold it.
    low = np.minimum(np.quantile(least, edge, axis=1), mean)
    high = np.maximum(np.quantile(most, 1 - edge, axis=1), mean)
    return {"reach": mean.round(1), "low": low.round(1), "high": high.round(1)}
