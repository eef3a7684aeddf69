"""The proportional-odds model: an answer in ordered levels, explained by what else was said.

P(level <= j) = 1 / (1 + exp(x slopes - threshold_j)) (McCullagh 1980, Regression models for ordinal data). By maximum
likelihood, with each slope held by a normal prior of `PRIOR_DEVIATION` so wide that it matters only where a slope has
no end: where one answer tells the level without fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PRIOR_DEVIATION = 10.0


def fit(x: Floats, level: NDArray[np.int64], start: Floats | None = None) -> Floats:
    """Return the first threshold, the logarithms of the steps to the next ones, and the slopes.

    Parameters
    ----------
    x
        What explains, shape (answers, columns).
    level
        From 0 on, each of them there.
    start
        What an earlier fit returned, of almost the same answers.
    """
    steps = int(level.max())
    if start is None:
        share = np.cumsum(np.bincount(level))[:-1] / len(level)
        odds = np.log(share / (1 - share))
        start = np.concatenate([odds[:1], np.log(np.maximum(np.diff(odds), 1e-3)), np.zeros(x.shape[1])])
    found = minimize(_misfit, start, args=(x, level, steps), jac=True, method="L-BFGS-B", options=_LIMITS)
    return np.asarray(found.x, dtype=np.float64)


_LIMITS = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7}


def _misfit(values: Floats, x: Floats, level: NDArray[np.int64], steps: int) -> tuple[float, Floats]:
    """Return the negative logarithm of the posterior, and its gradient."""
    ends, slopes = values[:steps], values[steps:]
    thresholds = np.cumsum(np.concatenate([ends[:1], np.exp(ends[1:])]))
    said = x @ slopes
    upper, lower = np.append(thresholds, np.inf)[level] - said, np.insert(thresholds, 0, -np.inf)[level] - said
    above, below = _logistic(upper), _logistic(lower)
    chance = np.maximum(above - below, 1e-300)
    of_upper, of_lower = above * (1 - above) / chance, below * (1 - below) / chance
    gradient = np.empty_like(values)
    # A threshold is the upper end of its level and the lower end of the next one.
    of_threshold = np.bincount(level, of_upper, steps + 1)[:steps] - np.bincount(level, of_lower, steps + 1)[1:]
    after = np.cumsum(of_threshold[::-1])[::-1]
    gradient[0] = -after[0]
    gradient[1:steps] = -np.exp(ends[1:]) * after[1:]
    gradient[steps:] = x.T @ (of_upper - of_lower) + slopes / PRIOR_DEVIATION**2
    return float(-np.log(chance).sum() + (slopes**2).sum() / (2 * PRIOR_DEVIATION**2)), gradient


def _logistic(values: Floats) -> Floats:
    return 0.5 * (1 + np.tanh(values / 2))
