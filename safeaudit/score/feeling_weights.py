"""What feeling goes with: weights that the city's own answers would give its indicators, on request alone.

Weights are a decision. Answers can tell how far feeling goes up with each indicator, the others held alike; not what
makes people feel so, and who feels unsafe may rate all else lower too. So nothing here ever changes a score by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from safeaudit.contributors import contributor_keys, light_groups
from safeaudit.errors import InputError
from safeaudit.score.ordered_logit import fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits

    Floats = NDArray[np.float64]

LEAST_PEOPLE = 10
LEAST_FORMS = 200
"""Contributors and whole forms from which on weights are told."""

MOST_PARTS = 50
"""Of more contributors several are left out together."""

LIGHT = "dark"
"""By day lighting is no answer, and the two are never pooled."""

_FEELING = "feeling"
_INTERVAL = 0.9


class FeelingWeights(NamedTuple):
    """What feeling goes with after dark: the weights, and what they rest on.

    `weights` has a row for each indicator: indicator, weight (their mean is 1; below 0 where feeling goes down with
    it), low and high (of an interval of 90 %).
    """

    weights: pd.DataFrame
    forms: int
    people: int


def weigh_by_feeling(audits: Audits, rubric: Rubric) -> FeelingWeights:
    """Find the weights that what people felt after dark would give the indicators.

    An ordered logit of feeling on all indicators that have a weight, over the forms that answered all of them. As one
    person fills in many forms, the interval is the jackknife over people: each is left out in turn.

    Parameters
    ----------
    audits
        Of one round.
    rubric
        The indicators.

    Raises
    ------
    InputError
        Too few people, or forms that answered everything, or all felt the same, but for one person perhaps.
    """
    names = list(rubric.weights)
    table, who = _whole_forms(audits, names)
    people = len(np.unique(who))
    level = np.unique(table[_FEELING], return_inverse=True)[1]
    part = who % MOST_PARTS
    if people < LEAST_PEOPLE or len(table) < LEAST_FORMS or not _differ_without(level, part):
        what = f"{len(table)} forms of {people} people say after dark how they felt and rate all of {', '.join(names)}."
        needed = f"at least {LEAST_FORMS} forms of {LEAST_PEOPLE} people are needed"
        differ = "and not all of one feeling, whoever is left out"
        raise InputError(what, hint=f"Keep the weights as they are: {needed}, {differ}.")
    x = table[names].to_numpy(np.float64)
    every = fit(x, level)
    if every[-len(names) :].sum() <= 0:
        what = "Feeling goes up with the indicators no more than it goes down with them."
        raise InputError(what, hint="Keep the weights as they are.")
    weight = _weights(every, len(names))
    parts = np.unique(part)
    without = np.stack([_weights(_fit_without(x, level, part == one, every), len(names)) for one in parts])
    deviation = np.sqrt((len(parts) - 1) * without.var(axis=0))
    margin = stdtrit(len(parts) - 1, 0.5 + _INTERVAL / 2) * deviation
    columns = {"indicator": names, "weight": weight, "low": weight - margin, "high": weight + margin}
    return FeelingWeights(pd.DataFrame(columns).round(2), len(table), people)


def _whole_forms(audits: Audits, names: list[str]) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the forms after dark that rated everything, and who filled in each."""
    forms = audits.submissions[(light_groups(audits.submissions) == LIGHT).to_numpy()]
    rows = audits.observations.astype({"submission_id": "str", "indicator": "str"})
    rows = rows[rows["indicator"].isin([*names, _FEELING])]
    wide = rows.pivot_table(index="submission_id", columns="indicator", values="rating")
    wide = wide.reindex(index=forms["submission_id"].astype("str"), columns=[*names, _FEELING])
    whole = wide.notna().all(axis=1).to_numpy()
    return wide[whole], pd.factorize(contributor_keys(forms)[whole])[0]


def _differ_without(level: NDArray[np.int64], part: NDArray[np.int64]) -> bool:
    """Say whether feelings differ whoever is left out: by what one person alone felt, no weights can be told."""
    return all(len(np.unique(level[part != one])) > 1 for one in np.unique(part))


def _fit_without(x: Floats, level: NDArray[np.int64], out: NDArray[np.bool_], every: Floats) -> Floats:
    """Fit what is left; where a level is gone with them, from the beginning."""
    left = np.unique(level[~out], return_inverse=True)[1]
    return fit(x[~out], left, every if left.max() == level.max() else None)


def _weights(fitted: Floats, count: int) -> Floats:
    """Return slopes as weights whose mean is 1: below 0 where feeling goes down with an indicator.

    Were those cut off here, what goes with nothing would count by its chance alone, and always for something.
    """
    slopes = fitted[-count:]
    weights: Floats = slopes / slopes.mean()
    return weights
