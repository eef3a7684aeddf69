"""How far the places most in need depend on the weights of the indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.score.ratings import LIGHTS, WHEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric

WORST = 20
"""So many places most in need are looked at."""

CHANGE = 0.5
"""By how much of itself each weight in turn is made larger and smaller."""


def say_how_stable(scores: pd.DataFrame, rubric: Rubric) -> tuple[str, ...]:
    """Tell how many of the places most in need stay so when a weight is changed by half.

    Weights are a decision, not a finding. Each weight in turn is made half as large again and half as large; the places
    are those with a score, each with the weighted mean of what was estimated for its indicators.

    Parameters
    ----------
    scores
        The table of this name.
    rubric
        Indicators and weights.

    Returns
    -------
    A sentence for each light in which there are twice as many places as are looked at.
    """
    weights = rubric.weights
    if len(weights) < 2:  # noqa: PLR2004 - one weight is all there is
        return ()
    return tuple(
        f"Of the {WORST} places with the lowest score {WHEN[light]}, {_say(kept)} stay among them when one weight "
        f"is changed by half (fewest: {name})."
        for light, kept, name in _lights(scores, weights)
    )


def _lights(scores: pd.DataFrame, weights: dict[str, float]) -> Iterator[tuple[str, tuple[int, int], str]]:
    """Yield each light with the fewest and the most places that stay, and the indicator that moves most."""
    for light in LIGHTS:
        rows = scores[scores["group"] == light].astype({"place_id": "str", "indicator": "str"})
        scored = rows.loc[rows["indicator"] == "score", "place_id"]
        if len(scored) < 2 * WORST:
            continue
        wide = rows[rows["indicator"].isin(weights)].pivot_table(index="place_id", columns="indicator", values="score")
        wide = wide.reindex(scored)
        weight = np.array([weights[name] for name in wide.columns])
        kept = [_kept(wide.to_numpy(), weight, number) for number in range(len(weight))]
        fewest = int(np.argmin([min(pair) for pair in kept]))
        yield light, (min(kept[fewest]), max(max(pair) for pair in kept)), str(wide.columns[fewest])


def _kept(values: NDArray[np.float64], weight: NDArray[np.float64], which: int) -> tuple[int, int]:
    """Return how many of the worst stay when one weight is smaller, and when it is larger."""
    usual = _worst(values, weight)
    factors = np.where(np.arange(len(weight)) == which, np.array([[1 - CHANGE], [1 + CHANGE]]), 1.0)
    smaller, larger = (len(usual & _worst(values, weight * factor)) for factor in factors)
    return smaller, larger


def _worst(values: NDArray[np.float64], weight: NDArray[np.float64]) -> set[int]:
    """Return the rows with the lowest weighted mean of what they have; of two alike, the first."""
    there = ~np.isnan(values)
    mean = np.where(there, values, 0.0) @ weight / (there @ weight)
    return set(np.argsort(mean.round(9), kind="stable")[:WORST].tolist())


def _say(kept: tuple[int, int]) -> str:
    fewest, most = kept
    return str(fewest) if fewest == most else f"{fewest} to {most}"
