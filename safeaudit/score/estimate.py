"""Ratings -> scores with intervals: the audit condition index. Table `scores`.

For one kind of place and one light, let y be the mean rating of a place by n ratings, mu the mean of
the city, and v the variance of single ratings around mu. Part of v is the places' own difference
(tau^2 = r v), the rest is how raters and moments differ (sigma^2 = (1 - r) v). Without repeated
ratings the two cannot be told apart, so r is not estimated but stated, as anywhere between 0.3 and
0.7 alike, and integrated over. For a given r the normal-normal model gives

    w = tau^2 / (tau^2 + sigma^2 / n) = r n / (r n + 1 - r)
    mean = mu + w (y - mu)
    variance = tau^2 (1 - w) + (1 - w)^2 v / N,  N = ratings behind mu

and the score is the mean of that mixture over r, with an interval from its variance. (Shrinkage: e.g.
Gelman et al., Bayesian Data Analysis, 3rd ed., section 5.4.) v is itself pulled towards the variance
of levels chosen at random, by as much as `PRIOR_RATINGS` ratings: so a single rating never looks sure.
A weighted mean of indicators is estimated the same way, as one rating: its v comes from the covariance
of the indicators, its n is the harmonic mean of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import rounds
from safeaudit.score.ratings import LIGHTS, Ratings, cells, forms_of, latest, people_of, ratings
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.rubric import Rubric

OWN_SHARE = (0.3, 0.7)
"""Ends of r: the share of the residual variance that is the places' own."""

PRIOR_VARIANCE = 5 / 36
"""Variance of the ratings 0, 1/3, 2/3 and 1 when each is as likely."""

PRIOR_RATINGS = 4.0
"""Weight of `PRIOR_VARIANCE`, in ratings."""

STANDARD_SCORE = 50.0
"""The standard where the city sets none."""

LEAST_VARIANCE = (1 / 3) ** 2 / 12
"""Variance of rounding to a level: no rating is surer than its scale."""

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
    0  dark   28.0  1.0             1
    1  dark   63.0  2.0             2
    2  dark   78.0  1.0             1
    """
    rated = ratings(submissions, observations, matches, rubric)
    if rated.rows.empty:
        return empty_table("scores")
    (campaign,) = rounds(submissions)
    parts = [part.assign(group=light) for light, pool in _pools(rated) for part in _of_pool(pool, rubric, settings)]
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty_table("scores")
    scores = pd.concat(parts, ignore_index=True).astype({"level_seen": "Int64"})
    scores["latest_at"] = pd.to_datetime(scores["latest_at"].to_numpy().view("datetime64[us]"), utc=True)
    scores["state"] = _states(scores, submissions, settings)
    scores["campaign"] = pd.Series(campaign, index=scores.index, dtype="category")
    scores["newer_at"] = pd.Series(pd.NaT, index=scores.index, dtype="datetime64[us, UTC]")
    return validate_table(scores.assign(headline=mark_headlines(scores)), "scores")


def mark_headlines(scores: pd.DataFrame) -> pd.Series[bool]:
    """Return whether each row is in the light that its place is shown in: the first of `LIGHTS` that it has."""
    order = pd.Series(pd.Categorical(scores["group"], LIGHTS).codes, index=scores.index)
    return order == order.groupby(scores["place_id"].astype("str")).transform("min")


def between_streets(matches: pd.DataFrame, scores: pd.DataFrame) -> tuple[str, ...]:
    """Tell how many submissions fell between several streets, none of which got half a rating.

    Parameters
    ----------
    matches, scores
        The tables of these names, of the submissions that were scored.

    Returns
    -------
    One sentence, or none where every submission counts somewhere.
    """
    on_streets = matches[matches["kind"] == "segment"]
    counts = on_streets["place_id"].isin(scores["place_id"]).groupby(on_streets["submission_id"]).max()
    lost = int((~counts).sum())
    if not lost:
        return ()
    return (f"{lost} submissions lie between several streets, none of which got half a rating: they colour none.",)


def shrink(
    mean: NDArray[np.float64],
    n: NDArray[np.float64],
    city: NDArray[np.float64],
    variance: NDArray[np.float64],
    ratings_behind_city: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the estimate and its standard deviation by the model at the head of this file.

    Parameters
    ----------
    mean, n
        Mean rating of each place and the number of ratings behind it.
    city, variance, ratings_behind_city
        Mean of the city, variance of single ratings around it, and the ratings behind that mean.
    """
    # r is not known but spread evenly over OWN_SHARE: five points of Gauss and Legendre integrate over it as good as
    # exactly, as all that depends on r is smooth. Columns below are those points.
    nodes, weights = np.polynomial.legendre.leggauss(5)
    low, high = OWN_SHARE
    own = (low + high) / 2 + nodes * (high - low) / 2
    weights = weights / weights.sum()
    pull = own * n[:, None] / (own * n[:, None] + 1 - own)
    estimates = city[:, None] + pull * (mean - city)[:, None]
    within = own * variance[:, None] * (1 - pull) + (1 - pull) ** 2 * (variance / ratings_behind_city)[:, None]
    # Mean and variance of a mixture: the mean of the variances, and how far the means lie apart.
    estimate = estimates @ weights
    spread = within @ weights + ((estimates - estimate[:, None]) ** 2) @ weights
    return estimate, np.sqrt(spread)


def normal_cdf(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability below z of a standard normal, to 1e-7.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17. The estimate's normal is cut at 0 and 100 as its
    interval is: what lies beyond counts at the end, so that for a standard within, nothing changes.
    """
    t = 1 / (1 + 0.2316419 * np.abs(z))
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * series
    return np.where(z > 0, 1 - tail, tail)


@dataclass(frozen=True, slots=True)
class _Pool:
    """All places of one kind in one light: they share a mean and a variance."""

    rated: Ratings
    rows: pd.DataFrame
    cells: pd.DataFrame
    city: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @property
    def size(self) -> int:
        return len(self.rated.indicators)


def _pools(rated: Ratings) -> Iterator[tuple[str, _Pool]]:
    """Yield each pool with the name of its light; empty ones are left out."""
    summed = cells(rated)
    size = len(rated.indicators)
    for kind in np.unique(rated.kinds):
        of_kind = rated.kinds == kind
        for group, light in enumerate(LIGHTS):
            own = summed[of_kind[summed["place"]] & (summed["group"] == group)]
            if len(own):
                rows = rated.rows[of_kind[rated.rows["place"]] & (rated.rows["group"] == group)]
                city = _city_means(own, size)
                yield light, _Pool(rated, rows, own, city, _covariance(rows, city, size))


def _of_pool(pool: _Pool, rubric: Rubric, settings: ScoreSettings) -> Iterator[pd.DataFrame]:
    """Yield the estimates of each indicator that was answered, and of the composites."""
    names = [pool.rated.indicators[code] for code in np.unique(pool.cells["indicator"])]
    wanted = {**{name: {name: 1.0} for name in names}, "score": rubric.weights}
    for name, weights in {**wanted, "street_condition": rubric.street_condition}.items():
        standard = settings.standard.get(name, STANDARD_SCORE) / 100
        yield _weighted(pool, weights, settings, standard).assign(indicator=name)


def _city_means(pool: pd.DataFrame, size: int) -> NDArray[np.float64]:
    """Return each indicator's mean over places, weighted as the model does at an equal share."""
    # w = r n / (r n + 1 - r) at r = 1/2 is n / (n + 1): a place seen ten times counts twice as much as one seen once,
    # not ten times. Twice that, so that one rating weighs 1.
    weight = 2 * pool["n"] / (pool["n"] + 1)
    total = np.bincount(pool["indicator"], weights=weight * pool["mean"], minlength=size)
    return total / np.maximum(np.bincount(pool["indicator"], weights=weight, minlength=size), _EVEN)


def _covariance(rows: pd.DataFrame, city: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the covariance of single ratings between indicators, with its prior."""
    # A submission shared among places stands here once, or a vague fix would count as several opinions.
    once = rows.drop_duplicates(["submission", "indicator"])
    submission, _ = pd.factorize(once["submission"])
    table = np.zeros((submission.max() + 1, size))
    answered = np.zeros_like(table)
    table[submission, once["indicator"]] = once["rating"] - city[once["indicator"]]
    answered[submission, once["indicator"]] = 1.0
    # Submissions that answered both, less one for the mean; the prior is like PRIOR_RATINGS submissions whose answers
    # go together entirely, which never makes a composite look surer than its indicators.
    freedom = np.maximum(answered.T @ answered - 1, 0)
    return (PRIOR_RATINGS * PRIOR_VARIANCE + table.T @ table) / (PRIOR_RATINGS + freedom)


def _weighted(pool: _Pool, weights: Mapping[str, float], settings: ScoreSettings, standard: float) -> pd.DataFrame:
    """Estimate the weighted mean of some indicators at every place that answers enough of them."""
    # Dense tables of places by indicators: an indicator that a place lacks has share, mean and fewness 0.
    codes = [pool.rated.indicators.index(name) for name in weights]
    part = pool.cells[pool.cells["indicator"].isin(codes)]
    full = np.bincount(codes, weights=list(weights.values()), minlength=pool.size)
    place, places = pd.factorize(part["place"], sort=True)
    share, mean, fewness = (np.zeros((len(places), pool.size)) for _ in range(3))
    share[place, part["indicator"]] = full[part["indicator"]]
    mean[place, part["indicator"]] = part["mean"]
    fewness[place, part["indicator"]] = 1 / part["n"]
    # What is missing is left out and the rest takes its weight, where it is enough.
    enough = share.sum(axis=1) >= settings.min_share * full.sum() - _EVEN
    share = share[enough] / share[enough].sum(axis=1, keepdims=True)
    # Variance of the weighted mean of one rating each: share' C share. Its n is the harmonic mean of theirs, as
    # variances go by 1/n: one indicator seen once keeps the whole unsure. The ratings behind the city's mean likewise.
    variance = np.maximum(np.einsum("pk,kl,pl->p", share, pool.covariance, share), LEAST_VARIANCE)
    n = 1 / (share * fewness[enough]).sum(axis=1)
    behind = np.bincount(part["indicator"], weights=part["n"], minlength=pool.size)
    behind_city = 1 / (share / np.maximum(behind, _EVEN)).sum(axis=1)
    estimate, deviation = shrink((share * mean[enough]).sum(axis=1), n, share @ pool.city, variance, behind_city)
    margin = NormalDist().inv_cdf(0.5 + settings.interval / 2) * deviation
    return _described(pool, part, place, places)[enough].assign(
        score=np.round(100 * estimate, 2),
        low=np.round(100 * np.clip(estimate - margin, 0, 1), 2),
        high=np.round(100 * np.clip(estimate + margin, 0, 1), 2),
        n=np.round(n, 3),
        p_below=np.round(normal_cdf((standard - estimate) / deviation), 4),
    )


def _described(pool: _Pool, part: pd.DataFrame, place: NDArray[np.int64], places: NDArray[np.int64]) -> pd.DataFrame:
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
            "latest_at": latest(place, part["latest"].to_numpy(), len(places)),
            "level_seen": level,
            "lowest_seen": part["lowest"].groupby(place).min().to_numpy(),
            "level_0": level_0,
        }
    )


def _states(scores: pd.DataFrame, submissions: pd.DataFrame, settings: ScoreSettings) -> NDArray[np.str_]:
    """Return audited, few or stale; stale wins over few. A group that agreed is as many people as it has."""
    as_of = pd.Timestamp(settings.as_of) if settings.as_of else submissions["observed_at"].max()
    as_of = as_of if as_of.tzinfo else as_of.tz_localize("UTC")
    few = (scores["n"] < settings.min_ratings - _EVEN) | (scores["contributors"] < settings.min_contributors)
    oldest = as_of - pd.DateOffset(months=settings.stale_months)
    stale = (scores["latest_at"] < oldest).fillna(value=False)
    return np.select([stale.to_numpy(bool), few.to_numpy(bool)], ["stale", "few"], default="audited")
