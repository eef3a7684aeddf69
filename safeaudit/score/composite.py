"""Forms that lack some answers -> their composite at full weight.

What a form lacks is estimated from what it answered, by the regression of single ratings on each other: with the means
m and the covariance C of the indicators, for the answered a and the missing b of a form,

    b = m_b + C_ba C_aa^-1 (a - m_a),        left unsure: C_bb - C_ba C_aa^-1 C_ab

(the conditional normal; e.g. Little and Rubin, Statistical Analysis with Missing Data, section 11.2). Leaving b out, as
if it were like the rest, would raise the score of the places whose worst indicators nobody answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.score.equations import PRIOR_VARIANCE
from safeaudit.score.model import LEAST_VARIANCE, PRIOR_RATINGS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PRIOR_CORRELATION = 0.5
"""How far two indicators go together before anything is known."""

LEAST_KNOWN = 0.05
"""A form tells at least this part of a composite: one answer, however unlike the others, is of its place."""


@dataclass(frozen=True, slots=True)
class Completed:
    """Composites of forms.

    Attributes
    ----------
    rating
        The composite of each form at full weight, 0 to 1 but for what is estimated.
    answered
        How much of the variance of a composite each form tells, above 0; 1 where nothing is missing.
    doubt
        Variance of each indicator's mean, by its weight: common to all forms that lack it.
    prior
        Variance of a composite before anything is known.
    """

    rating: Floats
    answered: Floats
    doubt: Floats
    prior: float


def complete(ratings: Floats, weights: Floats) -> Completed:
    """Estimate what forms lack.

    Parameters
    ----------
    ratings
        Shape (forms, indicators), NaN where a form has no answer; each form and each indicator has one.
    weights
        Of the indicators; their sum is 1.

    Examples
    --------
    Of two indicators that go together, the second one of the last form is estimated near the first.

    >>> ratings = np.array([[0.0, 0.0], [1.0, 1.0]] * 20 + [[1.0, np.nan]])
    >>> found = complete(ratings, np.array([0.5, 0.5]))
    >>> found.rating[-1].round(2), found.answered[-1].round(2)
    (np.float64(0.98), np.float64(0.98))
    """
    answered = ~np.isnan(ratings)
    centre = np.nanmean(ratings, axis=0)
    away = np.where(answered, ratings - centre, 0.0)
    covariance = estimate_covariance(away, answered)
    # Forms that lack the same are alike: each pattern is solved once. What is missing takes a row of the identity, so
    # that patterns of any length are one stack of equations.
    patterns, pattern = np.unique(answered, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    both = patterns[:, :, None] & patterns[:, None, :]
    known = np.where(both, covariance, np.eye(len(weights)))
    shared = np.where(patterns, (weights * ~patterns) @ covariance, 0.0)
    slopes = np.linalg.solve(known, shared[..., None])[..., 0]
    missing = weights * ~patterns
    unsure = np.einsum("pk,kl,pl->p", missing, covariance, missing) - (shared * slopes).sum(axis=1)
    told = np.clip(1 - unsure / (weights @ covariance @ weights), LEAST_KNOWN, 1.0)
    estimated = weights * patterns + slopes
    return Completed(
        rating=centre @ weights + (away * estimated[pattern]).sum(axis=1),
        answered=np.where(patterns.all(axis=1), 1.0, told)[pattern],
        doubt=weights**2 * covariance.diagonal() / answered.sum(axis=0),
        prior=float(weights @ _prior_covariance(len(weights)) @ weights),
    )


def estimate_covariance(away: Floats, answered: NDArray[np.bool_]) -> Floats:
    """Return the covariance of single ratings between indicators, with its prior.

    Parameters
    ----------
    away
        How far each rating is from its indicator's mean, 0 where there is none; shape (forms, indicators).
    answered
        Where there is one.
    """
    prior = _prior_covariance(away.shape[1])
    # Forms that answered both, less one for the mean.
    together = answered.astype(float)
    freedom = np.maximum(together.T @ together - 1, 0)
    covariance = (PRIOR_RATINGS * prior + away.T @ away) / (PRIOR_RATINGS + freedom)
    # As every pair rests on other forms, the whole may be none that ratings can have: what is below 0, or so small that
    # a missing answer would seem known, is raised to the rounding of a rating.
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.maximum(values, LEAST_VARIANCE)) @ vectors.T


def _prior_covariance(size: int) -> Floats:
    """Return the covariance of so many indicators before anything is known."""
    return PRIOR_VARIANCE * (PRIOR_CORRELATION + (1 - PRIOR_CORRELATION) * np.eye(size))
