"""How well each field explains what was said: the models that are tried, and the equations of one.

With the values y of the audited places, in V,

    K = share C + diag(own - share + noise) + q Z Z' + X X'

where C is the field's correlation, Z how much of each auditor is in a value, X what the map says (each slope with the
prior N(0, V)), and the mean has a flat prior. Of each range, share, and of X or not, P = K^-1 - K^-1 1 1'K^-1 /
1'K^-1 1 holds everything:

    log weight = log prior - 1/2 log|K| - 1/2 log 1'K^-1 1 - 1/2 (N - 1 + 4) log(y'Py + 4 x 5/36),
    V = (y'Py + 4 x 5/36) / (N + 3)

(restricted likelihood with V integrated out, as in `score/model.py`). Leaving places B out needs no second fit: their
errors are (P_BB)^-1 (P y)_B with the covariance V (P_BB)^-1, y'Py falls by (Py)_B' (P_BB)^-1 (Py)_B, and log|P_BB|
joins the determinants (the leave-out formula of kriging: Dubrule, Mathematical Geology 1983). Where more is left out
than stays, what stays is less work: its own equations say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.linalg.lapack import dpotri

from safeaudit.score.field.answers import FIELD_SHARES
from safeaudit.score.model import LEAST_VARIANCE, PRIOR_RATINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from safeaudit.score.field.answers import Values

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

RANGES_M = (150.0, 400.0, 1000.0, 2500.0)
"""Ranges of the field that are tried."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model: number of its range (of no field: 0) and of its share, whether the map counts, and its prior."""

    reach: int
    share: int
    by_map: bool
    prior: float


@dataclass(frozen=True, slots=True)
class Explained:
    """What one model makes of the values y less their mean: K, P, P y, the logarithm of its determinants, and y'Py."""

    model: Model
    apart: Floats
    covariance: Floats
    projection: Floats
    projected: Floats
    log_det: float
    squares: float


@dataclass(frozen=True, slots=True)
class Left:
    """What one model makes of places that it was not told of: errors and variances of some, log weight and V."""

    error: Floats
    variance: Floats
    log_weight: float


def make_covariance(values: Values, model: Model, correlation: Floats) -> Floats:
    """Return K without what the map says."""
    share = FIELD_SHARES[model.share]
    alone = values.own[model.share] - share + values.noise[model.share]
    of_auditors = values.strict[model.share] * (values.effects @ values.effects.T)
    return np.asarray(share * correlation + of_auditors + np.diag(alone))


def explain(values: Values, correlations: Sequence[Floats], covariates: Floats) -> Iterator[Explained]:
    """Yield what each model makes of the values.

    Parameters
    ----------
    values
        What was said of each place.
    correlations
        Of the field between these places, for each of `RANGES_M`.
    covariates
        What the map says of them, a row each; without a column, models that use the map are left out.
    """
    apart = values.value - values.value.mean()
    by_map = covariates.shape[1] > 0
    for reach in range(len(RANGES_M)):
        for share in range(len(FIELD_SHARES)):
            # Without a field the range says nothing: one model is enough.
            if share == 0 < reach:
                continue
            prior = 1 / len(FIELD_SHARES) / (len(RANGES_M) if share else 1) / (2 if by_map else 1)
            model = Model(reach, share, by_map=False, prior=prior)
            plain = _plain(model, make_covariance(values, model, correlations[reach]), apart)
            yield plain
            if by_map:
                yield _with_map(plain, covariates)


def _plain(model: Model, covariance: Floats, apart: Floats) -> Explained:
    """Invert K, and take the mean out."""
    root, _ = cho_factor(covariance, lower=True)
    half, _ = dpotri(root, lower=True)
    inverse = np.tril(half) + np.tril(half, -1).T
    of_mean = inverse.sum(axis=1)
    projection = inverse - np.outer(of_mean, of_mean) / of_mean.sum()
    log_det = 2 * np.log(np.diagonal(root)).sum() + np.log(of_mean.sum())
    projected = projection @ apart
    return Explained(model, apart, covariance, projection, projected, float(log_det), float(apart @ projected))


def _with_map(plain: Explained, covariates: Floats) -> Explained:
    """Let the map count too: P - P X (I + X'P X)^-1 X'P, and |I + X'P X| joins the determinants."""
    moved = plain.projection @ covariates
    root = cho_factor(np.eye(covariates.shape[1]) + covariates.T @ moved, lower=True)
    projection = plain.projection - moved @ cho_solve(root, moved.T)
    projected = projection @ plain.apart
    return Explained(
        model=Model(plain.model.reach, plain.model.share, by_map=True, prior=plain.model.prior),
        apart=plain.apart,
        covariance=plain.covariance + covariates @ covariates.T,
        projection=projection,
        projected=projected,
        log_det=plain.log_det + 2 * float(np.log(np.diagonal(root[0])).sum()),
        squares=float(plain.apart @ projected),
    )


def weigh_model(of: Explained, prior: float) -> tuple[float, float]:
    """Return how likely the values make a model, as a logarithm, and V.

    Parameters
    ----------
    of
        What it makes of them.
    prior
        Variance of a rating before anything is known.
    """
    return _weigh(of, prior, len(of.apart), of.squares, of.log_det)


def leave_out(of: Explained, prior: float, out: Rows, asked: Rows) -> Left:
    """Return what a model would say of places if it had not been told of them, nor of what is left out with them.

    Parameters
    ----------
    of
        What it makes of all values.
    prior
        Variance of a rating before anything is known.
    out
        Places that are left out; two at least stay.
    asked
        Those of them that are asked for, by their order in `out`.

    Examples
    --------
    Of three places with nothing but noise, the last is as far from the mean of the others as it is.

    >>> values = np.array([0.0, 0.2, 0.7])
    >>> plain = _plain(Model(0, 0, by_map=False, prior=1.0), np.eye(3), values - values.mean())
    >>> leave_out(plain, 5 / 36, np.array([2]), np.array([0])).error.round(3)
    array([0.6])
    """
    left = _by_what_is_out if 2 * len(out) <= len(of.apart) else _by_what_stays
    error, unsure, squares, log_det = left(of, out, asked)
    log_weight, variance = _weigh(of, prior, len(of.apart) - len(out), squares, log_det)
    return Left(error, variance * unsure, log_weight)


def _by_what_is_out(of: Explained, out: Rows, asked: Rows) -> tuple[Floats, Floats, float, float]:
    """Return errors, their variances in V, y'Py and the logarithm of the determinants, from P_BB."""
    right = np.zeros((len(out), len(asked) + 1))
    right[:, 0] = of.projected[out]
    right[asked, np.arange(len(asked)) + 1] = 1.0
    half, log_det = _halved(of.projection[np.ix_(out, out)], right)
    # With P_BB = L L' and h = L^-1 (P y)_B, errors are L'^-1 h, and (P y)_B' P_BB^-1 (P y)_B is h'h.
    squares = max(of.squares - float(half[:, 0] @ half[:, 0]), 0.0)
    return half[:, 1:].T @ half[:, 0], (half[:, 1:] ** 2).sum(axis=0), squares, of.log_det + log_det


def _by_what_stays(of: Explained, out: Rows, asked: Rows) -> tuple[Floats, Floats, float, float]:
    """Return the same from K of what stays: universal kriging of what is asked."""
    stays = np.ones(len(of.apart), dtype=bool)
    stays[out] = False
    kept, wanted = np.flatnonzero(stays), out[asked]
    right = np.column_stack([np.ones(len(kept)), of.apart[kept], of.covariance[np.ix_(kept, wanted)]])
    half, log_det = _halved(of.covariance[np.ix_(kept, kept)], right)
    of_mean, cross = half[:, 0], half[:, 2:]
    certain = float(of_mean @ of_mean)
    mean = float(of_mean @ half[:, 1]) / certain
    rest = half[:, 1] - mean * of_mean
    unsure = of.covariance[wanted, wanted] - (cross**2).sum(axis=0) + (1 - cross.T @ of_mean) ** 2 / certain
    return of.apart[wanted] - mean - cross.T @ rest, unsure, float(rest @ rest), log_det + np.log(certain)


def _halved(matrix: Floats, right: Floats) -> tuple[Floats, float]:
    """Return L^-1 right and the logarithm of the determinant of a matrix L L'."""
    root, _ = cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)
    half = solve_triangular(root, right, lower=True, overwrite_b=True, check_finite=False)
    return half, 2 * float(np.log(np.diagonal(root)).sum())


def _weigh(of: Explained, prior: float, count: int, squares: float, log_det: float) -> tuple[float, float]:
    rest, freedom = squares + PRIOR_RATINGS * prior, count - 1 + PRIOR_RATINGS
    log_weight = np.log(of.model.prior) - (log_det + freedom * np.log(rest)) / 2
    return float(log_weight), max(rest / freedom, LEAST_VARIANCE)
