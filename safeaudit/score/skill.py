"""Whether estimates are any good where nobody was: no skill, no interpolation. Table `skill`.

A whole walk is left out, with everything within a distance of it: what lies beside a walk was told by it. Then its
places are estimated from the rest, and beside that by the mean of the rest; both know how strict the auditors are
elsewhere. Skill is 1 - sum of squared errors / that of the mean, over the forms of the walks. The models are weighed
anew each time, without what is left out. This is done for each distance to the nearest place that stays, apart: what
helps at 50 m may be worthless at 400 m. As several distances are tried, one passes only where it and all nearer ones
together do.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.score.field.models import explain, leave_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from safeaudit.score.field.answers import Values
    from safeaudit.score.field.models import Left

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

BANDS_M = (0.0, 75.0, 150.0, 300.0, 600.0, np.inf)
"""Ends of the distances to the nearest audited place that are judged apart."""

LEAST_FORMS = 50
LEAST_WALKS = 8
"""Forms that were left out, and their walks, from which on a distance is judged."""

LEAST_COVERAGE = 0.84
"""So many of the intervals of 90 % must hold what was left out, by their share."""

INTERVAL = 0.9
"""Probability of the intervals that are held against what was left out, and of the interval of skill."""

LOOK_M = 5000.0
"""Distances are looked at up to here."""

FARTHEST = 0.95
"""Beyond the last but one of `BANDS_M` nothing is estimated farther away than this part of what was left out was."""

MOST_FOLDS = 40
"""Of more walks several are left out together."""

LEAST_KEPT = 10
"""Places that must stay."""

NO_SKILL = "no better than the mean"
NOT_HELD = "intervals hold too rarely"

_DRAWS = 1000
_SEED = 20_080_613


@dataclass(frozen=True, slots=True)
class Visits:
    """Which walk was at which place, and of how many forms it was there: a row for each walk and place."""

    place: Rows
    walk: Rows
    forms: Floats


@dataclass(frozen=True, slots=True)
class Skill:
    """What estimates at one distance are worth.

    Attributes
    ----------
    skill, low, high, coverage
        NaN where there are too few forms or walks.
    forms, walks
        What was left out.
    note
        Why nothing is estimated there; empty where something is.
    reach_m
        How far what was left out was from what stayed: of the last distance alone, which has no end of its own.
    """

    skill: float
    low: float
    high: float
    coverage: float
    forms: int
    walks: int
    note: str
    reach_m: float = np.inf


@dataclass(frozen=True, slots=True)
class _Fold:
    """Places that are left out for one distance; visits that are asked of, their places by order in `out`, how far."""

    band: int
    out: Rows
    visit: Rows
    asked: Rows
    away_m: Floats


@dataclass(frozen=True, slots=True)
class _Errors:
    """How far estimates and the mean were off, for visits of walks that were left out, and whether intervals held."""

    band: int
    visit: Rows
    away_m: Floats
    squared: Floats
    of_mean: Floats
    held: NDArray[np.bool_]


def measure_skill(
    values: Values, correlations: Sequence[Floats], covariates: Floats, visits: Visits, distances_m: Floats
) -> list[Skill]:
    """Tell for each distance what estimates are worth.

    Parameters
    ----------
    values, correlations, covariates
        What was said of each audited place, and as of `field.models.explain`.
    visits
        Who was where.
    distances_m
        Along the streets between the places, infinite beyond `LOOK_M`, shape (places, places).

    Returns
    -------
    One for each distance between two of `BANDS_M`.
    """
    folds = [fold for fold in _make_folds(visits, distances_m) if len(fold.visit)]
    counted = [_count(visits, [fold for fold in folds if fold.band == band]) for band in range(len(BANDS_M) - 1)]
    judged = [fold for fold in folds if _are_enough(*counted[fold.band])]
    if not judged:
        return [_few(*count) for count in counted]
    found = _leave_out(values, correlations, covariates, judged)
    return [
        _judge(visits, found, band, count) if _are_enough(*count) else _few(*count)
        for band, count in enumerate(counted)
    ]


def are_enough(visits: Visits) -> bool:
    """Say whether there are so many forms and walks that any distance can be judged.

    Parameters
    ----------
    visits
        Who was where.
    """
    return _are_enough(round(visits.forms.sum()), len(np.unique(visits.walk)))


def too_few(visits: Visits) -> list[Skill]:
    """Return the skill of each distance where there are too few forms or walks for any.

    Parameters
    ----------
    visits
        Who was where.
    """
    return [_few(round(visits.forms.sum()), len(np.unique(visits.walk)))] * (len(BANDS_M) - 1)


def _are_enough(forms: int, walks: int) -> bool:
    return forms >= LEAST_FORMS and walks >= LEAST_WALKS


def _few(forms: int, walks: int) -> Skill:
    note = f"fewer than {LEAST_FORMS} forms" if forms < LEAST_FORMS else f"fewer than {LEAST_WALKS} walks"
    return Skill(np.nan, np.nan, np.nan, np.nan, forms, walks, note)


def _count(visits: Visits, folds: Sequence[_Fold]) -> tuple[int, int]:
    """Return forms and walks of what some folds ask."""
    visit = np.concatenate([fold.visit for fold in folds]) if folds else np.zeros(0, dtype=np.int64)
    return round(visits.forms[visit].sum()), len(np.unique(visits.walk[visit]))


def _make_folds(visits: Visits, distances_m: Floats) -> Iterator[_Fold]:
    """Yield for each distance and walk what is left out: its places, and all that lies within the distance of them."""
    _, order = np.unique(visits.walk, return_inverse=True)
    fold = order % MOST_FOLDS
    for number in range(fold.max() + 1):
        visit = np.flatnonzero(fold == number)
        near = distances_m[visits.place[visit]].min(axis=0)
        for band, (beyond, within) in enumerate(pairwise(BANDS_M)):
            out = near <= beyond
            if (~out).sum() < LEAST_KEPT:
                break
            # Asked is what then lies so far from the nearest place that stays: it is of this distance and no other.
            away = distances_m[np.ix_(visits.place[visit], ~out)].min(axis=1)
            asked = (away >= beyond) & ((away < within) | (within == np.inf))
            rows = np.flatnonzero(out)
            place = visits.place[visit[asked]]
            yield _Fold(band, rows, visit[asked], np.searchsorted(rows, place), away[asked])


def _leave_out(
    values: Values, correlations: Sequence[Floats], covariates: Floats, folds: Sequence[_Fold]
) -> list[_Errors]:
    """Return the errors of each fold: those of the mixture of all models, weighed without what is left out."""
    left = [
        [leave_out(of, values.prior, fold.out, fold.asked) for fold in folds]
        for of in explain(values, correlations, covariates)
    ]
    return [_mix(fold, [of[number] for of in left]) for number, fold in enumerate(folds)]


def _mix(fold: _Fold, left: Sequence[Left]) -> _Errors:
    """Return the errors of one fold."""
    log_weight = np.array([of.log_weight for of in left])
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    error = np.stack([of.error for of in left])
    mean = weight @ error
    deviation = np.sqrt(weight @ (np.stack([of.variance for of in left]) + error**2) - mean**2)
    held = np.abs(mean) <= NormalDist().inv_cdf(0.5 + INTERVAL / 2) * deviation
    # The first model has neither field nor map: it is the mean.
    return _Errors(fold.band, fold.visit, fold.away_m, mean**2, left[0].error ** 2, held)


def _judge(visits: Visits, found: Sequence[_Errors], band: int, count: tuple[int, int]) -> Skill:
    """Return what estimates at one distance are worth."""
    here = [errors for errors in found if errors.band == band]
    skill, low, high = _with_interval(visits, here)
    so_far = _with_interval(visits, [errors for errors in found if errors.band <= band])
    held, visit, away = (np.concatenate([getattr(one, name) for one in here]) for name in ("held", "visit", "away_m"))
    coverage = float(held @ visits.forms[visit] / visits.forms[visit].sum())
    note = ""
    if min(low, so_far[1]) <= 0:
        note = NO_SKILL
    elif coverage < LEAST_COVERAGE:
        note = NOT_HELD
    last = BANDS_M[band + 1] == np.inf
    reach = min(float(np.quantile(away, FARTHEST, method="lower")), LOOK_M) if last else np.inf
    return Skill(skill, low, high, coverage, *count, note, reach)


def _with_interval(visits: Visits, found: Sequence[_Errors]) -> tuple[float, float, float]:
    """Return skill over all forms, and the ends of its interval: walks are drawn anew.

    One more walk is among them that no guess helps: eight that agree do not prove that all would.
    """
    visit = np.concatenate([errors.visit for errors in found])
    _, walk = np.unique(visits.walk[visit], return_inverse=True)
    squared, of_mean = (
        np.bincount(walk, visits.forms[visit] * np.concatenate(parts))
        for parts in ([errors.squared for errors in found], [errors.of_mean for errors in found])
    )
    skill = float(_skill(squared.sum(), of_mean.sum()))
    squared, of_mean = (np.append(sums, of_mean.mean()) for sums in (squared, of_mean))
    even = np.full(len(squared), 1 / len(squared))
    drawn = np.random.default_rng(_SEED).multinomial(len(squared), even, _DRAWS).astype(np.float64)
    low, high = np.quantile(_skill(drawn @ squared, drawn @ of_mean), [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    return skill, float(low), float(high)


def _skill(squared: Floats, of_mean: Floats) -> Floats:
    """Return 1 - sum of squared errors / that of the mean: 0 where the mean has no error."""
    return np.where(of_mean > 0, 1 - squared / np.where(of_mean > 0, of_mean, 1.0), 0.0)
