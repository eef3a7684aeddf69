"""Ratings -> scores with intervals: the audit condition index. Table `scores`.

Every kind of place in every light is a pool of its own, and in it every indicator and composite is estimated by itself,
by the model of `model.py`. A composite is a weighted mean of indicators: of what each form answered, completed at full
weight (`composite.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from safeaudit.contributors import rounds
from safeaudit.coverage import BAND_COLUMNS
from safeaudit.rubric import BAND_CUTS, COMPOSITES, STREET_CONDITION
from safeaudit.score.answers import make_answers
from safeaudit.score.composite import complete
from safeaudit.score.model import estimate, make_grid
from safeaudit.score.ratings import LIGHTS, Ratings, cells, forms_of, latest, people_of, ratings
from safeaudit.score.states import find_states, mark_headlines
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.rubric import Indicator, Rubric
    from safeaudit.score.equations import Answers
    from safeaudit.score.model import Estimates, Grid

STANDARD_SCORE = 50.0
"""The standard where the city sets none."""

_READ = ["place", "submission", "contributor", "walk", "named", "share", "many", "rating", "spread"]
_SEEN = ["contributors", "answers", "latest", "level_seen", "lowest", "level_0"]
_EVEN = 1e-9
"""Two numbers closer than this are even."""


def score(
    submissions: pd.DataFrame,
    observations: pd.DataFrame,
    matches: pd.DataFrame,
    rubric: Rubric,
    settings: ScoreSettings,
) -> pd.DataFrame:
    """Estimate every rated place's value for each indicator, and its two composites, from one round of walks.

    `score` is the weighted mean over all indicators that have a weight, `street_condition` over those
    that are public by place; each needs answers for `settings.min_share` of the weight. Feeling is
    estimated like an indicator and is part of neither.

    Parameters
    ----------
    submissions, observations, matches
        The tables of these names; the submissions of one round: rounds are never pooled in one number.
    rubric
        Indicators and weights.
    settings
        Limits for the states, the standard, and the interval's probability.

    Returns
    -------
    The table `scores`, 0-100, sparse: places without ratings have no row.

    Examples
    --------
    What if nothing but the women's answers were there?

    >>> import safeaudit
    >>> from safeaudit.score.estimate import score
    >>> config = safeaudit.load_config("kibera")
    >>> result = safeaudit.run(config, quick=True)
    >>> women = result.audits.submissions.query("auditor_sex == 'woman'")
    >>> scores = score(women, result.audits.observations, result.matches, result.rubric, config.score)
    >>> lighting = scores.query("indicator == 'lighting'").sort_values("score", ignore_index=True)
    >>> lighting[["group", "score", "n", "contributors"]].round()
      group  score    n  contributors
    0  dark   21.0  1.0             1
    1  dark   64.0  2.0             2
    2  dark   83.0  1.0             1
    """
    rated = ratings(submissions, observations, matches, rubric)
    if rated.rows.empty:
        return empty_table("scores")
    (campaign,) = rounds(submissions)
    parts = [part.assign(group=pool.light) for pool in pools(rated) for part in _of_pool(pool, rubric, settings)]
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty_table("scores")
    scores = pd.concat(parts, ignore_index=True).astype({"level_seen": "Int64"})
    scores = scores.rename(columns={"latest": "latest_at", "lowest": "lowest_seen"}).assign(n=scores["n"].round(3))
    scores["latest_at"] = pd.to_datetime(scores["latest_at"].to_numpy().view("datetime64[us]"), utc=True)
    scores["state"] = find_states(scores, submissions, settings)
    scores["campaign"] = pd.Series(campaign, index=scores.index, dtype="category")
    scores["newer_at"] = pd.Series(pd.NaT, index=scores.index, dtype="datetime64[us, UTC]")
    return validate_table(scores.assign(headline=mark_headlines(scores)), "scores")


@dataclass(frozen=True, slots=True)
class Pool:
    """All places of one kind in one light: they share a mean and a variance."""

    rated: Ratings
    rows: pd.DataFrame
    cells: pd.DataFrame
    light: str

    def columns(self, which: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        """Return some rows as the model reads them: columns by name."""
        return {name: self.rows[name].to_numpy()[which] for name in _READ}


def pools(rated: Ratings) -> Iterator[Pool]:
    """Yield each kind of place in each light; those without a rating are left out."""
    summed = cells(rated)
    for kind in np.unique(rated.kinds):
        of_kind = rated.kinds == kind
        for group, light in enumerate(LIGHTS):
            own = summed[of_kind[summed["place"]] & (summed["group"] == group)]
            if len(own):
                rows = rated.rows[of_kind[rated.rows["place"]] & (rated.rows["group"] == group)]
                yield Pool(rated, rows, own, light)


def _of_pool(pool: Pool, rubric: Rubric, settings: ScoreSettings) -> Iterator[pd.DataFrame]:
    """Yield the estimates of each indicator that was answered, and of the composites."""
    answered = {pool.rated.indicators[code]: code for code in np.unique(pool.cells["indicator"])}
    for name in answered:
        yield _of_indicator(pool, rubric[name], settings)
    for name, weights in zip(COMPOSITES, (rubric.weights, rubric.street_condition), strict=True):
        asked = asked_in(pool.light, weights, rubric)
        if not answered.keys().isdisjoint(asked):
            yield _of_composite(pool, name, asked, settings)


def asked_in(light: str, weights: Mapping[str, float], rubric: Rubric) -> dict[str, float]:
    """Return the weights of what is asked in a light: by day lighting is never an answer."""
    return {of: weight for of, weight in weights.items() if light != "day" or not rubric[of].needs_dark}


def _of_indicator(pool: Pool, indicator: Indicator, settings: ScoreSettings) -> pd.DataFrame:
    """Estimate one indicator at every place where it was seen."""
    code = pool.rated.indicators.index(indicator.name)
    part = pool.cells[pool.cells["indicator"] == code].reset_index(drop=True)
    answers, places = answers_of_indicator(pool, indicator)
    shown = np.searchsorted(places, part["place"])
    described = part[["n", *_SEEN]].assign(place_id=pool.rated.place_ids[part["place"]], indicator=indicator.name)
    found = estimate(answers, cuts_of(indicator.name, settings), grid_of(indicator))
    return described.assign(**in_columns(found, shown, indicator.name, settings))


def answers_of_indicator(pool: Pool, indicator: Indicator) -> tuple[Answers, NDArray[np.int64]]:
    """Return the answers to one indicator as the model reads them, and the code of each of its places.

    Parameters
    ----------
    pool, indicator
        Where it was answered.
    """
    rows = pool.columns(pool.rows["indicator"].to_numpy() == pool.rated.indicators.index(indicator.name))
    places, place = np.unique(rows["place"], return_inverse=True)
    rows |= {"place": place, "answered": np.ones(len(place))}
    return make_answers(rows, np.zeros(len(places)), auditors=_may_err(indicator)), places


def answers_of(pool: Pool, name: str, rubric: Rubric) -> tuple[Answers, NDArray[np.int64]]:
    """Return the answers to an indicator, or to a composite, and its places' codes.

    Parameters
    ----------
    pool
        Where it was answered.
    name
        An indicator, or one of `COMPOSITES`.
    rubric
        The indicators.
    """
    if name not in COMPOSITES:
        return answers_of_indicator(pool, rubric[name])
    weights = rubric.street_condition if name == STREET_CONDITION else rubric.weights
    asked = asked_in(pool.light, weights, rubric)
    return answers_of_composite(pool, np.array([asked.get(of, 0.0) for of in pool.rated.indicators]))


def grid_of(indicator: Indicator) -> Grid:
    """Return the shares that are thought possible of an indicator.

    Parameters
    ----------
    indicator
        Of a feeling auditors make up no part.
    """
    return make_grid() if _may_err(indicator) else make_grid((0.0,))


def _may_err(indicator: Indicator) -> bool:
    """Say whether auditors may be wrong: about a lamp they may, about a feeling nobody is."""
    return indicator.public != "feeling"


def _of_composite(pool: Pool, name: str, asked: Mapping[str, float], settings: ScoreSettings) -> pd.DataFrame:
    """Estimate the weighted mean of some indicators at every place that answers enough of their weight."""
    weight = np.array([asked.get(of, 0.0) for of in pool.rated.indicators])
    part = pool.cells[weight[pool.cells["indicator"]] > 0]
    place, places = pd.factorize(part["place"], sort=True)
    answered = np.bincount(place, weight[part["indicator"]])
    enough = answered >= settings.min_share * weight.sum() - _EVEN
    # The harmonic mean of the n of its indicators, as variances go by 1/n: one that was seen once keeps all unsure.
    n = answered / np.bincount(place, weight[part["indicator"]] / part["n"])
    answers, there = answers_of_composite(pool, weight)
    shown = np.searchsorted(there, places[enough])
    described = _described(pool, part, place, places)[enough].assign(n=n[enough], indicator=name)
    found = estimate(answers, cuts_of(name, settings), make_grid())
    return described.assign(**in_columns(found, shown, name, settings))


def answers_of_composite(pool: Pool, weight: NDArray[np.float64]) -> tuple[Answers, NDArray[np.int64]]:
    """Return the composite of each form at its places as the model reads it, and the code of each place.

    Parameters
    ----------
    pool
        Where it was answered.
    weight
        Of each of its indicators; 0 for those that are no part of it.
    """
    indicator = pool.rows["indicator"].to_numpy()
    asks = weight[indicator] > 0
    rows = pool.columns(asks)
    # What nobody answers here is no part of the composite: it is the same for all places of the pool.
    indicators, asked = np.unique(indicator[asks], return_inverse=True)
    forms, form = np.unique(rows["submission"], return_inverse=True)
    shares = weight[indicators] / weight[indicators].sum()
    table, fewness = np.full((len(forms), len(indicators)), np.nan), np.zeros((len(forms), len(indicators)))
    table[form, asked], fewness[form, asked] = rows["rating"], 1 / rows["many"]
    completed, there = complete(table, shares), ~np.isnan(table)
    many = (there @ shares) / (fewness @ shares)
    # One row for each form and place: rows of both stand together.
    first = np.flatnonzero((np.diff(rows["place"], prepend=-1) != 0) | (np.diff(form, prepend=-1) != 0))
    places, place = np.unique(rows["place"][first], return_inverse=True)
    form = form[first]
    whole = {name: column[first] for name, column in rows.items()}
    whole |= {"place": place, "rating": completed.rating[form], "answered": completed.answered[form]}
    whole |= {"many": many[form], "spread": np.full(len(form), np.nan)}
    answers = make_answers(whole, _doubt(place, whole["share"], ~there[form], completed.doubt))
    return replace(answers, prior=completed.prior), places


def _doubt(
    place: NDArray[np.int64], share: NDArray[np.float64], lacks: NDArray[np.bool_], doubt: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return for each place the doubt of the means of what its forms lack: it is common to them, more do not help."""
    lacking = np.zeros((place.max() + 1, lacks.shape[1]))
    np.add.at(lacking, place, share[:, None] * lacks)
    unsure: NDArray[np.float64] = (lacking / np.bincount(place, share)[:, None]) ** 2 @ doubt
    return unsure


def cuts_of(name: str, settings: ScoreSettings) -> list[float]:
    """Return the ends of the bands, and the standard of an indicator or composite, 0 to 1."""
    return [cut / 100 for cut in (*BAND_CUTS, settings.standard.get(name, STANDARD_SCORE))]


def in_columns(
    found: Estimates, shown: NDArray[np.int64], name: str, settings: ScoreSettings
) -> dict[str, NDArray[np.float64]]:
    """Return the columns of scores that a model gives.

    Parameters
    ----------
    found
        Estimates, `below` for `cuts_of` the name.
    shown
        Those that are shown.
    name, settings
        An indicator or composite, and what its interval and standard are.
    """
    mean, below = found.mean[shown], found.below[:, shown]
    margin = NormalDist().inv_cdf(0.5 + settings.interval / 2) * found.deviation[shown]
    # A score is from 0 to 100, and what the model holds for possible beyond counts at the end: for what lies below a
    # value within, nothing changes; below 0 lies nothing.
    values = {"score": mean, "low": mean - margin, "high": mean + margin}
    below = _rounded(below, 4)
    of_band = np.diff(below[:-1], axis=0, prepend=0.0, append=1.0)
    return {
        **{column: _rounded(100 * np.clip(value, 0, 1), 2) for column, value in values.items()},
        "p_below": below[-1] * (settings.standard.get(name, STANDARD_SCORE) > 0),
        **dict(zip(BAND_COLUMNS, of_band.round(4), strict=True)),
    }


def _rounded(values: NDArray[np.float64], digits: int) -> NDArray[np.float64]:
    """Round, with what is even but for the computer's last digits falling the same way on every computer."""
    return np.round(np.round(values, digits + 6), digits)


def _described(pool: Pool, part: pd.DataFrame, place: NDArray[np.int64], places: NDArray[np.int64]) -> pd.DataFrame:
    """Return what is not estimated: people, answers, latest time, levels seen."""
    level_0 = np.zeros(len(places), dtype=bool)
    np.logical_or.at(level_0, place, part["level_0"].to_numpy())
    # Of one indicator everything stands in its cell. Of several, a person who answered two of them is one person, and
    # there is no level that was chosen.
    indicators = part["indicator"].unique()
    if len(indicators) == 1:
        people, answers = part["contributors"].to_numpy(), part["answers"].to_numpy()
        level = part["level_seen"].to_numpy()
    else:
        rows = pool.rows[pool.rows["indicator"].isin(indicators)]
        at, size = rows["place"].to_numpy(), len(pool.rated.place_ids)
        people, answers = people_of(at, rows, size)[places], forms_of(at, rows, size)[places]
        level = np.full(len(places), np.nan)
    return pd.DataFrame(
        {
            "place_id": pool.rated.place_ids[places],
            "contributors": people,
            "answers": answers,
            "latest": latest(place, part["latest"].to_numpy(), len(places)),
            "level_seen": level,
            "lowest": part["lowest"].groupby(place).min().to_numpy(),
            "level_0": level_0,
        }
    )
