"""Tests: p values of differences, and which of many hold when all are taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.05
"""False positives that are borne: of a test by itself, or as a share of what is said to differ (false discoveries)."""

_POWER = 0.8
_MOST_FREEDOM = 1e6
"""So many degrees of freedom are a normal."""


def p_values(difference: Floats, deviation: Floats, freedom: Floats) -> Floats:
    """Return the probability of a difference at least as large by chance, two-sided; NaN where a number is.

    Examples
    --------
    >>> p_values(np.array([2.776445]), np.array([1.0]), np.array([4.0])).round(4)
    array([0.05])
    """
    result: Floats = 2 * stdtr(np.minimum(freedom, _MOST_FREEDOM), -np.abs(difference) / deviation)
    return result


def margins(deviation: Floats, freedom: Floats) -> Floats:
    """Return half the width of the interval that leaves 0 out where a test at `LEVEL` finds a difference."""
    result: Floats = stdtrit(np.minimum(freedom, _MOST_FREEDOM), 1 - LEVEL / 2) * deviation
    return result


def detectable(deviation: Floats, freedom: Floats) -> Floats:
    """Return the smallest true difference that a test at `LEVEL` finds four times in five."""
    freedom = np.minimum(freedom, _MOST_FREEDOM)
    result: Floats = (stdtrit(freedom, 1 - LEVEL / 2) + stdtrit(freedom, _POWER)) * deviation
    return result


def false_discovery_rates(p: Floats) -> Floats:
    """Return for each p value the least share of false ones among all that are as small (Benjamini and Hochberg 1995).

    Parameters
    ----------
    p
        p values of all that is tested; NaN where nothing was tested, which counts as no test.

    Examples
    --------
    >>> false_discovery_rates(np.array([0.01, 0.04, np.nan, 0.03])).round(3)
    array([0.03, 0.04,  nan, 0.04])
    """
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    rank = np.arange(1, len(order) + 1)
    rates = np.full(len(p), np.nan)
    rates[order] = np.minimum.accumulate((p[order] * len(order) / rank)[::-1])[::-1]
    return np.minimum(rates, 1.0)
