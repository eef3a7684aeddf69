"""How far forms about one place in one round lie apart: by auditors, by outings, and by chance.

Inside a place in a round the place itself is the same, so what differs there is

    rating = (its own) + auditor + outing + noise        with the shares a, o and 1 - a - o of the variance V.

The place's own value is taken out (by weighted means), and every point of a grid of (a, o) counts as much as what is
left makes it likely (restricted likelihood; Searle, Casella and McCulloch, Variance Components, 1992, section 6.6):

    log weight = -1/2 (log|I + D'SD| + (N - C) log e + (N - C + 4) log(RSS / e + 4 V0)),       e = 1 - a - o,

for N forms in C places and rounds, S the cross products of auditors and outings, D the root of their shares over e, V0
the variance before anything is known, with the weight of four forms. Where nothing tells auditors from outings, or
either from noise, all points stay likely: the interval of a change allows for what is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.linalg import cholesky, solve_triangular

from safeaudit.score.equations import PRIOR_VARIANCE
from safeaudit.score.model import LEAST_DEVIATION, LEAST_VARIANCE, PRIOR_RATINGS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

WITHIN = PRIOR_VARIANCE / 2
"""Variance of ratings of one place before anything is known: half of that of all ratings."""

_AUDITORS = (0.0, 0.2, 0.4, 0.6)
_OUTINGS = (0.0, 0.1, 0.2, 0.4)
"""Shares of that variance that are thought possible."""

MOST_EFFECTS = 150
"""So many auditors and so many outings, those with most forms, tell how far they differ."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Variances of noise, auditors and outings: their mean, shape (3,), and how unsure they are, shape (3, 3)."""

    mean: Floats
    unsure: Floats

    def variance_of(self, parts: Floats) -> tuple[Floats, Floats]:
        """Return the variances of differences, and the degrees of freedom that they are known with (Satterthwaite).

        Parameters
        ----------
        parts
            How much of each variance is in each difference, shape (differences, 3).
        """
        variance = np.maximum(parts @ self.mean, LEAST_DEVIATION**2)
        doubt = np.einsum("ik,kl,il->i", parts, self.unsure, parts)
        return variance, 2 * variance**2 / np.maximum(doubt, 1e-300)


def estimate_spread(cell: Codes, weight: Floats, rating: Floats, auditor: Codes, outing: Codes) -> Spread:
    """Estimate how far forms about one place in one round lie apart.

    Parameters
    ----------
    cell
        Place and round of each form, as codes.
    weight
        How much of each form is this place's.
    rating
        What it says, 0 to 1.
    auditor, outing
        Who and when, as codes.

    Examples
    --------
    Two auditors, always one third apart: that is auditors, and hardly noise.

    >>> cell, who = np.repeat(np.arange(40), 2), np.tile([0, 1], 40)
    >>> found = estimate_spread(cell, np.ones(80), np.tile([1 / 3, 2 / 3], 40), who, cell // 4)
    >>> bool(found.mean[1] > 2 * found.mean[0])
    True
    """
    known = _most(auditor) & _most(outing)
    within = _take_out_cells(cell[known], weight[known], rating[known], auditor[known], outing[known])
    is_outing = np.arange(len(within.crossed)) >= len(np.unique(auditor[known]))
    shares = [(a, o) for a in _AUDITORS for o in _OUTINGS if a + o < 1]
    found = [_weigh(within, np.where(is_outing, o, a), 1 - a - o) for a, o in shares]
    logs, variances = np.array(found).T
    likely = np.exp(logs - logs.max())
    likely /= likely.sum()
    parts = np.maximum(variances, LEAST_VARIANCE)[:, None] * np.array([(1 - a - o, a, o) for a, o in shares])
    mean = likely @ parts
    second = (parts.T * (likely * (1 + 2 / (within.freedom + PRIOR_RATINGS)))) @ parts
    return Spread(mean, second - np.outer(mean, mean))


def _most(codes: Codes) -> NDArray[np.bool_]:
    """Return which rows are of the codes that have most rows."""
    counts = np.bincount(codes)
    kept = np.zeros(len(counts), dtype=bool)
    kept[np.argsort(-counts, kind="stable")[:MOST_EFFECTS]] = True
    return kept[codes]


@dataclass(frozen=True, slots=True)
class _Within:
    """S, the products of effects and ratings, the squares of ratings, and N - C: the means of cells taken out."""

    crossed: Floats
    beside: Floats
    squares: float
    freedom: int


def _take_out_cells(cell: Codes, weight: Floats, rating: Floats, auditor: Codes, outing: Codes) -> _Within:
    """Return what is left of ratings and effects when each cell's own value is taken out."""
    cells, cell = np.unique(cell, return_inverse=True)
    one = np.arange(len(cell))
    effects = sparse.hstack(
        [
            sparse.csr_matrix((np.ones(len(codes)), (one, codes)))
            for codes in (np.unique(auditor, return_inverse=True)[1], np.unique(outing, return_inverse=True)[1])
        ]
    ).tocsr()
    weights = sparse.diags(weight)
    of_cell = sparse.csr_matrix((weight, (cell, one)), shape=(len(cells), len(cell)))
    total = np.bincount(cell, weight, minlength=len(cells))
    away = rating - (of_cell @ rating / total)[cell]
    summed = of_cell @ effects
    crossed = (effects.T @ weights @ effects - summed.T @ sparse.diags(1 / total) @ summed).toarray()
    # The means of ratings are taken out, so those of effects need not be.
    beside = effects.T @ (weight * away)
    return _Within(crossed, beside, float(weight @ away**2), len(cell) - len(cells))


def _weigh(within: _Within, shares: Floats, noise: float) -> tuple[float, float]:
    """Return the logarithm of how likely one point of the grid is, up to a constant, and V there."""
    root = np.sqrt(shares / noise)
    triangle = cholesky(np.eye(len(root)) + root[:, None] * within.crossed * root, lower=True, check_finite=False)
    explained = solve_triangular(triangle, root * within.beside, lower=True, check_finite=False)
    rest = max(within.squares - float(explained @ explained), 0.0) / noise + PRIOR_RATINGS * WITHIN
    log_det = 2 * np.log(triangle.diagonal()).sum() + within.freedom * np.log(noise)
    total = within.freedom + PRIOR_RATINGS
    return -(log_det + total * np.log(rest)) / 2, rest / total
