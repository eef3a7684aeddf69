"""Answers of auditors -> what was said of each place, how noisy that is, and how strict auditors are in it.

For given shares r and q the rows of a place add up to one value: with l how much of the place is in a row and d its
noise, value = sum l rating / d / sum l^2/d, its noise is 1 / sum l^2/d, and each auditor's effect is in it by sum l /
d / sum l^2/d of the own rows, in V (`score/equations.py`). r and q are those of the audited model, in the mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.score.equations import at_places, lay_out, make_system
from safeaudit.score.model import weigh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from safeaudit.score.equations import Answers
    from safeaudit.score.model import Grid

    Floats = NDArray[np.float64]

FIELD_SHARES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8)
"""Shares of the variance of a rating that the field may have."""

INFORMED = 0.5
"""Repeats tell the share of the places from the noise where they leave this part of what the prior leaves open."""

_PRIOR_DEVIATION = 1 / np.sqrt(20)
"""Standard deviation of Beta(2, 2)."""


@dataclass(frozen=True, slots=True)
class Values:
    """What was said of each place of a pool.

    Attributes
    ----------
    value
        0 to 1, shape (places,).
    noise
        Variance of it around the truth, in V, for each of `FIELD_SHARES`; shape (shares, places).
    effects
        How much of each auditor is in it, in units of the effects' deviation, shape (places, auditors).
    strict
        Variance of these effects, beside what `effects` is in units of, for each of the shares.
    own
        Part of V that is the places' own, for each of them: at least the field's. Shape (shares,).
    informed
        Whether repeats tell it from the noise of a rating.
    prior
        Variance of a rating before anything is known.
    """

    value: Floats
    noise: Floats
    effects: Floats
    strict: Floats
    own: Floats
    informed: bool
    prior: float

    def take(self, places: NDArray[np.int64]) -> Values:
        """Return what was said of some of the places."""
        value, noise, effects = self.value[places], self.noise[:, places], self.effects[places]
        return replace(self, value=value, noise=noise, effects=effects)


def sum_up(answers: Answers, grid: Grid, shares: Sequence[float] = FIELD_SHARES) -> Values:
    """Sum answers up by place.

    Parameters
    ----------
    answers
        At least one.
    grid
        The shares r and q that the audited model integrates over.
    shares
        Of the field.

    Returns
    -------
    Values in the order of the places' codes.
    """
    centre = answers.rating.mean()
    every = lay_out(replace(answers, rating=answers.rating - centre))
    main = lay_out(every.answers.main())
    weight, variance = weigh(main, grid)
    weight = weight / weight.sum()
    own = float((weight * grid.own).sum())
    part = float((weight * grid.auditors / (1 - grid.own)).sum())
    spread = np.sqrt(max(float((weight * (grid.own - own) ** 2).sum()), 0.0))
    # The first point is that of the audited model; then one for each share of the field.
    points = np.maximum(own, [own, *shares])
    auditors = part * (1 - points)
    mean = make_system(main, at_places(main, points[:1], auditors[:1]), points[:1], auditors[:1]).solve()[0, 0]
    at = at_places(every, points, auditors)
    certain = 1 / at.left - 1 / points[:, None]
    table = at.tables[0] if isinstance(at.tables[0], np.ndarray) else at.tables[0].toarray()
    besides = answers.besides / float((weight * variance).sum())
    return Values(
        value=centre + mean + (at.of_rating[0] - table[:, 0] * mean) / certain[0],
        noise=1 / certain[1:] + besides,
        effects=table[:, 1:] / certain[0][:, None],
        strict=(1 - points[1:]) / (1 - own),
        own=points[1:],
        informed=bool(spread < INFORMED * _PRIOR_DEVIATION),
        prior=answers.prior,
    )
