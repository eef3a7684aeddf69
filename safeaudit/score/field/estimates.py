"""What the models say of places where nobody was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from safeaudit.score.field.answers import FIELD_SHARES
from safeaudit.score.field.models import explain, make_covariance, weigh_model
from safeaudit.score.model import LEAST_DEVIATION, Estimates, normal_cdf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from safeaudit.score.field.answers import Values
    from safeaudit.score.field.models import Model
    from safeaudit.score.field.streets import Field

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

_NEGLIGIBLE = 1e-3
"""A model that is less likely than this is left out."""


@dataclass(frozen=True, slots=True)
class Known:
    """What estimates rest on: what was said, of which segments, the fields, and what the map says of all segments."""

    values: Values
    seen: Rows
    fields: Sequence[Field]
    correlations: Sequence[Floats]
    covariates: Floats

    def of_seen(self) -> Floats:
        """Return what the map says of the audited segments."""
        return self.covariates[self.seen]


def estimate_unseen(known: Known, unseen: Rows, cuts: Sequence[float]) -> Estimates:
    """Estimate places that nobody audited: the mixture of all models that the answers make likely.

    Parameters
    ----------
    known
        What it rests on.
    unseen
        Segments by their order in the table.
    cuts
        What each of them may lie below, 0 to 1.

    Returns
    -------
    As from `model.estimate`. What is left unsure is the whole rest of a rating, as far as repeats do not tell how much
    of it is noise.
    """
    found = [
        (of.model, *weigh_model(of, known.values.prior))
        for of in explain(known.values, known.correlations, known.of_seen())
    ]
    log_weight = np.array([weight for _, weight, _ in found])
    weight = np.exp(log_weight - log_weight.max())
    weight = np.where(weight < _NEGLIGIBLE * weight.max(), 0.0, weight / weight.sum())
    weight /= weight.sum()
    likely = {model.reach for (model, _, _), share in zip(found, weight, strict=True) if share > 0 and model.share}
    between = {reach: known.fields[reach].correlate(unseen, known.seen) for reach in sorted(likely)}
    first, second = np.zeros((2, len(unseen)))
    below = np.zeros((len(cuts), len(unseen)))
    for (model, _, variance), share in zip(found, weight, strict=True):
        if share > 0:
            mean, spread = _predict(known, model, unseen, between.get(model.reach), variance)
            first += share * mean
            second += share * (spread + mean**2)
            below += share * np.stack([normal_cdf((cut - mean) / np.sqrt(spread)) for cut in cuts])
    return Estimates(first, np.sqrt(np.maximum(second - first**2, LEAST_DEVIATION**2)), below)


def _predict(
    known: Known, model: Model, unseen: Rows, between: Floats | None, variance: float
) -> tuple[Floats, Floats]:
    """Return mean and variance of each place by one model: universal kriging."""
    values, share = known.values, FIELD_SHARES[model.share]
    covariance = make_covariance(values, model, known.correlations[model.reach])
    cross = np.zeros((len(unseen), len(known.seen))) if between is None else share * between
    before = np.full(len(unseen), share)
    if model.by_map:
        here, there = known.of_seen(), known.covariates[unseen]
        covariance = covariance + here @ here.T
        cross = cross + there @ here.T
        before = before + (there**2).sum(axis=1)
    root = cho_factor(covariance, lower=True)
    ones = np.ones(len(known.seen))
    of_mean = cho_solve(root, ones)
    centre = of_mean @ values.value / of_mean.sum()
    mean = centre + cross @ cho_solve(root, values.value - centre)
    solved = cho_solve(root, cross.T)
    left = before - np.einsum("mn,nm->m", cross, solved) + (1 - cross @ of_mean) ** 2 / of_mean.sum()
    # Of a place where nobody was, all that is no field is open; of a rating's noise it is no part, where that is known.
    rest = values.own[model.share] - share if values.informed else 1 - share
    return mean, np.maximum(variance * (np.maximum(left, 0.0) + rest), LEAST_DEVIATION**2)
