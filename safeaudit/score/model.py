"""Answers of auditors -> what each place is like, and how sure that is: the model behind every score.

For one kind of place in one light and round, and for one indicator or one composite by itself,

    rating = mu + place + auditor + noise        with the variances r V, q V and (1 - r - q) V.

Places and auditors are drawn from many (a crossed random-effects model; Gelman et al., Bayesian Data Analysis, 3rd ed.,
chapter 15), so that ten forms of one auditor count for less than ten people's. Neither r nor q is known. Each of them
takes the values of a grid, and every point of it counts as much as the answers make it likely:

    log weight = log prior - 1/2 log|K| - 1/2 log|S' K^-1 S + diag(0, 1/q)| - 1/2 J log q
                 - 1/2 (N - 1 + 4) log(RSS + 4 x 5/36),          V = (RSS + 4 x 5/36) / (N + 3)

for N answers of J auditors, S the columns of mu and of the auditors, and K the variance of an answer that is left when
those are known, in V. mu has a flat prior, V is held by `PRIOR_RATINGS` ratings of levels chosen at random, r has the
prior Beta(2, 2), q an even one. As places are independent, K falls into a block for each place and is inverted by hand
(below); what remains is a system of J + 1 unknowns. Means and variances are those of the mixture over the grid.

**A form that may have been made at several places** has a share w at each. Were it made here for sure, its rating would
hold the whole difference of this place. As it stands, it holds w of it: in the mean over where it may have been made,
its covariance with the place is w r V, its variance still V. So it enters as

    rating = mu + w place + auditor + noise,    noise = V (1 - r - q) + V r (1 - w^2),

what other places may have lent counting as noise. Dividing the noise by w instead would claim that half a form at each
of two streets tells as much about both as a form tells about one. Forms of one walk that are misplaced are so together:
of m of them at a place, the last part is m times as large. Of mu, auditors, r, q and V a form speaks at its main place
alone, and without that, or one form would be several.

**A mean of n ratings** has the noise V (1 - r - q) / n. Where nobody says who gave them they are several people's: each
brings an effect of his own, which averages out like noise, V (1 - r) / n, but for what all of them have in common
(`answers.py`). Their spread tells the noise by itself: its sum of squares and degrees of freedom join RSS, N and |K|.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from safeaudit.score.equations import WHOLE, Answers, Rows, at_places, lay_out, make_system

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PRIOR_RATINGS = 4.0
"""Weight of the prior variance of ratings, in ratings."""

LEAST_VARIANCE = (1 / 3) ** 2 / 12
"""Variance of rounding to a level: ratings are no finer than their scale, however well they agree."""

LEAST_DEVIATION = 0.005
"""Half a point of a hundred: nothing is surer than the figure in which it is told."""

_NEGLIGIBLE = 1e-7
"""Points of the grid that are less likely than this, beside the likeliest, are left out."""

AT_ONCE = 2_000_000
"""Numbers that are held at once, of each kind."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Shares of the variance: `own` (r, the places') by `auditors` (q), each point with its prior; shapes (r, q)."""

    own: Floats
    auditors: Floats
    prior: Floats


@dataclass(frozen=True, slots=True)
class Estimates:
    """Of each place the mean and the standard deviation, and the probability to lie below each of some values."""

    mean: Floats
    deviation: Floats
    below: Floats


def make_grid(of_auditors: Sequence[float] = (0.0, 0.2, 0.4, 0.6, 0.8)) -> Grid:
    """Return the shares that are thought possible.

    Parameters
    ----------
    of_auditors
        Parts of what is not the places' own that auditors may make up.

    Examples
    --------
    >>> grid = make_grid((0.0, 0.5))
    >>> grid.own.shape, float(grid.own[0, 0]), float(grid.auditors[0, 1])
    ((13, 2), 0.05, 0.475)
    """
    own, part = np.meshgrid(np.linspace(0.05, 0.95, 13), of_auditors, indexing="ij")
    prior = own * (1 - own)
    return Grid(own, part * (1 - own), prior / prior.sum())


def estimate(answers: Answers, values: Sequence[float], grid: Grid) -> Estimates:
    """Estimate every place.

    Parameters
    ----------
    answers
        At least one.
    values
        What each place may lie below, 0 to 1.
    grid
        The shares to integrate over.

    Returns
    -------
    Means and deviations of the mixture over the grid, neither cut to 0 and 1; `below` has the shape (values, places).
    """
    centre, every, main = lay_out_answers(answers)
    shares, variances, own, auditors = likely_points(main, grid)
    first, second = np.zeros((2, len(every.places)))
    below = np.zeros((len(values), len(every.places)))
    for points in chunks(every, len(shares)):
        mean, left = _posterior(every, main, own[points], auditors[points])
        share, spread = shares[points], variances[points][:, None] * left + answers.besides
        # Mean and variance of a mixture come from the first and the second moment.
        first += share @ mean
        second += share @ (spread + mean**2)
        deviation = np.maximum(np.sqrt(spread), LEAST_DEVIATION)
        below += np.stack([share @ normal_cdf((value - centre - mean) / deviation) for value in values])
    return Estimates(first + centre, np.sqrt(np.maximum(second - first**2, LEAST_DEVIATION**2)), below)


def draw(answers: Answers, places: NDArray[np.int64], grid: Grid, *, draws: int, seed: int) -> Floats:
    """Draw what some places may be, together: what auditors and the city's mean have in common is so in every draw.

    Parameters
    ----------
    answers
        At least one.
    places
        Codes of the places.
    grid
        The shares to integrate over.
    draws
        How often.
    seed
        Of the draws.

    Returns
    -------
    Shape (draws, places), not cut to 0 and 1.
    """
    centre, every, main = lay_out_answers(answers)
    shares, variances, own, auditors = likely_points(main, grid)
    random = np.random.default_rng(seed)
    points, counts = np.unique(random.choice(len(shares), draws, p=shares), return_counts=True)
    drawn = []
    for point, count in zip(points, counts, strict=True):
        at_point = own[[point]], auditors[[point]]
        at = at_places(every, *at_point)
        system = make_system(main, at if main is every else at_places(main, *at_point), *at_point)
        # mu and the auditors first, then, given these, each place by itself: as in `_posterior`.
        root = np.linalg.cholesky(np.linalg.inv(system.matrix[0]) * variances[point])
        unknowns = system.solve() + random.standard_normal((count, len(root))) @ root.T
        taken = (at.tables[0][places] @ unknowns.T).T
        left, of_rating = at.left[0, places], at.of_rating[0, places]
        spread = np.sqrt(variances[point] * left + answers.besides[places])
        drawn.append(unknowns[:, :1] + left * (of_rating - taken) + spread * random.standard_normal(taken.shape))
    return np.concatenate(drawn) + centre


def lay_out_answers(answers: Answers) -> tuple[float, Rows, Rows]:
    """Return the mean of all ratings, and the answers less that, laid out: all of them, and those made mainly there."""
    centre = answers.rating.mean()
    every = lay_out(replace(answers, rating=answers.rating - centre))
    main = every if answers.once.all() and not answers.noise[3].any() else lay_out(every.answers.main())
    return float(centre), every, main


def likely_points(main: Rows, grid: Grid) -> tuple[Floats, Floats, Floats, Floats]:
    """Return how likely each point of the grid is that is not negligible, V there, and its shares."""
    weight, variance = weigh(main, grid)
    kept = np.nonzero(weight)
    return weight[kept] / weight.sum(), variance[kept], grid.own[kept], grid.auditors[kept]


def normal_cdf(z: Floats) -> Floats:
    """Return the probability below z of a standard normal, to 1e-7.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17.

    Examples
    --------
    >>> normal_cdf(np.array([-1.644854, 0.0, 1.644854])).round(6).tolist()
    [0.05, 0.5, 0.95]
    """
    t = 1 / (1 + 0.2316419 * np.abs(z))
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * series
    return np.where(z > 0, 1 - tail, tail)


def chunks(rows: Rows, points: int) -> Iterator[slice]:
    """Yield the points of the grid in parts that fit into little memory at once."""
    table = min(len(rows.places) * rows.unknowns, WHOLE)
    step = max(1, AT_ONCE // max(len(rows.answers.place), table, rows.unknowns**2))
    yield from (slice(start, min(start + step, points)) for start in range(0, points, step))


def weigh(main: Rows, grid: Grid) -> tuple[Floats, Floats]:
    """Return how likely each point of the grid is, up to a factor, and V there; 0 where it is negligible."""
    log_weight, variance = np.full(grid.own.shape, -np.inf), np.full(grid.own.shape, LEAST_VARIANCE)
    # With many answers few points are likely. So a part of the grid first, and then, as long as there are any, the
    # points beside the likely ones.
    wanted, known = np.zeros((2, *grid.own.shape), dtype=bool)
    wanted[::3, ::2] = True
    while wanted.any():
        points = np.nonzero(wanted)
        log_weight[points], variance[points] = _weigh_points(main, grid.own[points], grid.auditors[points])
        log_weight[points] += np.log(grid.prior[points])
        known |= wanted
        likely = log_weight > log_weight.max() + np.log(_NEGLIGIBLE)
        wanted = _beside(likely) & ~known
    return np.where(likely, np.exp(log_weight - log_weight.max()), 0.0), np.maximum(variance, LEAST_VARIANCE)


def _beside(points: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which points of the grid are beside one of these, across corners too."""
    for axis in (0, 1):
        rolled = np.swapaxes(points, 0, axis)
        grown = rolled.copy()
        grown[1:] |= rolled[:-1]
        grown[:-1] |= rolled[1:]
        points = np.swapaxes(grown, 0, axis)
    return points


def _weigh_points(main: Rows, own: Floats, auditors: Floats) -> tuple[Floats, Floats]:
    """Return the logarithm of how likely some points are, but for their prior, and V there."""
    within = main.answers.within
    freedom = len(main.answers.rating) + within[:, 1].sum() - 1 + PRIOR_RATINGS
    rest, log_det = np.empty((2, len(own)))
    for points in chunks(main, len(own)):
        r, q = own[points], auditors[points]
        system = make_system(main, at_places(main, r, q), r, q)
        rest[points], log_det[points] = system.weigh(PRIOR_RATINGS * main.answers.prior)
    # Inside a mean of several people auditors differ too; inside one of a single auditor only the noise does.
    scales = np.stack([1 - own - auditors, 1 - own])
    rest += (within[:, :1] / scales).sum(axis=0)
    log_det += (within[:, 1:] * np.log(scales)).sum(axis=0)
    return -(log_det + freedom * np.log(rest)) / 2, rest / freedom


def _posterior(every: Rows, main: Rows, own: Floats, auditors: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance, in V, of every place at some points of the grid."""
    at = at_places(every, own, auditors)
    system = make_system(main, at if main is every else at_places(main, own, auditors), own, auditors)
    unknowns, unsure = system.solve(), np.linalg.inv(system.matrix)
    # Given mu and the auditors, the place is f (sum of l rating/d - table unknowns), unsure by f. What it takes from
    # them is e - f table, with e = 1 for mu: that carries their own doubt over.
    taken = np.stack([table @ value for table, value in zip(at.tables, unknowns, strict=True)])
    beside = np.stack([table @ matrix[:, 0] for table, matrix in zip(at.tables, unsure, strict=True)])
    squares = np.stack([_squares(table, matrix) for table, matrix in zip(at.tables, unsure, strict=True)])
    carried = unsure[:, :1, 0] - 2 * at.left * beside + at.left**2 * squares
    return unknowns[:, :1] + at.left * (at.of_rating - taken), np.maximum(at.left + carried, 0.0)


def _squares(table: Any, matrix: Floats) -> Floats:
    """Return t' matrix t for every row t of the table."""
    # In blocks of rows: the product is no longer sparse.
    step = max(1, AT_ONCE // len(matrix))
    blocks = (table[start : start + step] for start in range(0, table.shape[0], step))
    return np.concatenate([np.asarray((block * (block @ matrix)).sum(axis=1)).ravel() for block in blocks])
