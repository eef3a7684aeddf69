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
of two streets tells as much about both as a form tells about one. It speaks of mu, auditors, r, q and V at its main
place alone, or one form would be several.

**A mean of n ratings** has the noise V (1 - r - q) / n. Where nobody says who gave them they are several people's: each
brings an effect of his own, which averages out like noise, V (1 - r) / n. Their spread tells the noise by itself: its
sum of squares and degrees of freedom join RSS, N and |K|.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PRIOR_VARIANCE = 5 / 36
"""Variance of the ratings 0, 1/3, 2/3 and 1 when each is as likely."""

PRIOR_RATINGS = 4.0
"""Weight of `PRIOR_VARIANCE`, in ratings."""

LEAST_VARIANCE = (1 / 3) ** 2 / 12
"""Variance of rounding to a level: ratings are no finer than their scale, however well they agree."""

LEAST_DEVIATION = 0.005
"""Half a point of a hundred: nothing is surer than the figure in which it is told."""

_NEGLIGIBLE = 1e-9
"""Points of the grid that are less likely than this, beside the likeliest, are left out."""

_WHOLE = 100_000
"""Cells of a table of places by auditors up to which it is held whole: beyond that almost all of them are empty."""

_AT_ONCE = 2_000_000
"""Numbers that are held at once, of each kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was answered at places that share a mean: a row per form and place, by place and then by auditor.

    Attributes
    ----------
    place, auditor
        Codes: of places from 0, each with a row; of auditors from 0, -1 where the effect is part of the noise.
    rating
        0 to 1.
    on_place, on_auditor
        How much of the difference of the place, and of the auditor, is in it.
    noise
        Variance of the rest: `noise[0] + noise[1] r + noise[2] q`, in V; shape (3, rows).
    once
        Whether the row is its form's main one.
    within
        Sum of squares and degrees of freedom inside means of one auditor, and inside those of several; shape (2, 2).
    besides
        Variance of each place that comes from elsewhere.
    prior
        Variance of a rating before anything is known: `PRIOR_VARIANCE`, of a composite less.
    """

    place: NDArray[np.int64]
    auditor: NDArray[np.int64]
    rating: Floats
    on_place: Floats
    on_auditor: Floats
    noise: Floats
    once: NDArray[np.bool_]
    within: Floats
    besides: Floats
    prior: float = PRIOR_VARIANCE

    def main(self) -> Answers:
        """Return the main row of every form."""
        kept = self.once
        names = ("place", "auditor", "rating", "on_place", "on_auditor", "once")
        noise = self.noise[:, kept] * np.array([[1.0], [1.0], [1.0], [0.0]])
        return replace(self, noise=noise, **{name: getattr(self, name)[kept] for name in names})


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
    centre = answers.rating.mean()
    every = _lay_out(replace(answers, rating=answers.rating - centre))
    main = every if answers.once.all() and not answers.noise[3].any() else _lay_out(every.answers.main())
    weight, variance = _weigh(main, grid)
    kept = np.nonzero(weight)
    shares, variances = weight[kept] / weight.sum(), variance[kept]
    own, auditors = grid.own[kept], grid.auditors[kept]
    first, second = np.zeros((2, len(every.places)))
    below = np.zeros((len(values), len(every.places)))
    for points in _chunks(every, len(shares)):
        mean, left = _posterior(every, main, own[points], auditors[points])
        share, spread = shares[points], variances[points][:, None] * left + answers.besides
        # Mean and variance of a mixture come from the first and the second moment.
        first += share @ mean
        second += share @ (spread + mean**2)
        deviation = np.maximum(np.sqrt(spread), LEAST_DEVIATION)
        below += np.stack([share @ normal_cdf((value - centre - mean) / deviation) for value in values])
    return Estimates(first + centre, np.sqrt(np.maximum(second - first**2, LEAST_DEVIATION**2)), below)


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


@dataclass(frozen=True, slots=True)
class _AtPlaces:
    """What the answers at each place add up to, at some points of the grid.

    With l how much of the place is in a row and d its noise, a block of K is r l l' + diag(d), and its inverse
    (Sherman and Morrison) D^-1 - f D^-1 l l' D^-1, where f = 1 / (1/r + sum l^2/d) is what is left of the variance of
    the place. So K is known from f, from the sums of l rating/d, and from the table of the sums of l s/d, of places by
    unknowns: s is 1 for mu, and sqrt(q) on_auditor for an auditor, who is counted in units of sqrt(q): q may be 0.
    """

    left: Floats
    of_rating: Floats
    tables: list[Any]


@dataclass(frozen=True, slots=True)
class _System:
    """The equations for mu and the auditors once the places are taken out; points of the grid first.

    `squares` are those of the ratings, `log_det` is of K alone.
    """

    matrix: Floats
    right: Floats
    squares: Floats
    log_det: Floats

    def weigh(self, prior: float) -> tuple[Floats, Floats]:
        """Return RSS with the squares of the prior added, and the logarithm of all determinants."""
        # The root of the matrix with `right` beside and below it ends in the root of squares - right' matrix^-1 right.
        size = self.matrix.shape[1]
        whole = np.empty((len(self.matrix), size + 1, size + 1))
        whole[:, :size, :size] = self.matrix
        whole[:, :size, size] = whole[:, size, :size] = self.right
        whole[:, size, size] = self.squares + prior
        roots = np.diagonal(np.linalg.cholesky(whole), axis1=1, axis2=2)
        return roots[:, size] ** 2, self.log_det + 2 * np.log(roots[:, :size]).sum(axis=1)

    def solve(self) -> Floats:
        """Return mu and the auditors, these in units of sqrt(q)."""
        return np.asarray(np.linalg.solve(self.matrix, self.right[..., None])[..., 0], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Answers, and where what is summed up begins: rows of one place, rows of one place and auditor, ..."""

    answers: Answers
    places: NDArray[np.int64]
    pairs: NDArray[np.int64]
    named: NDArray[np.bool_]
    cell: tuple[NDArray[np.int64], NDArray[np.int64]]
    by_auditor: NDArray[np.int64]
    auditors: NDArray[np.int64]

    @property
    def unknowns(self) -> int:
        """How many: mu and the auditors."""
        return len(self.auditors) + 1


def _lay_out(answers: Answers) -> _Rows:
    """Find out once what every point of the grid needs."""
    pairs = _starts(answers.place, answers.auditor)
    named = answers.auditor[pairs] >= 0
    place = np.cumsum(np.diff(answers.place, prepend=-1) != 0) - 1
    order = np.argsort(answers.auditor, kind="stable")
    order = order[np.searchsorted(answers.auditor[order], 0) :]
    return _Rows(
        answers=answers,
        places=_starts(answers.place),
        pairs=pairs,
        named=named,
        cell=(place[pairs][named], answers.auditor[pairs][named] + 1),
        by_auditor=order,
        auditors=_starts(answers.auditor[order]),
    )


def _chunks(rows: _Rows, points: int) -> Iterator[slice]:
    """Yield the points of the grid in parts that fit into little memory at once."""
    table = min(len(rows.places) * rows.unknowns, _WHOLE)
    step = max(1, _AT_ONCE // max(len(rows.answers.place), table, rows.unknowns**2))
    yield from (slice(start, min(start + step, points)) for start in range(0, points, step))


def _weigh(main: _Rows, grid: Grid) -> tuple[Floats, Floats]:
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


def _weigh_points(main: _Rows, own: Floats, auditors: Floats) -> tuple[Floats, Floats]:
    """Return the logarithm of how likely some points are, but for their prior, and V there."""
    within = main.answers.within
    freedom = len(main.answers.rating) + within[:, 1].sum() - 1 + PRIOR_RATINGS
    rest, log_det = np.empty((2, len(own)))
    for points in _chunks(main, len(own)):
        r, q = own[points], auditors[points]
        system = _system(main, _at_places(main, r, q), r, q)
        rest[points], log_det[points] = system.weigh(PRIOR_RATINGS * main.answers.prior)
    # Inside a mean of several people auditors differ too; inside one of a single auditor only the noise does.
    scales = np.stack([1 - own - auditors, 1 - own])
    rest += (within[:, :1] / scales).sum(axis=0)
    log_det += (within[:, 1:] * np.log(scales)).sum(axis=0)
    return -(log_det + freedom * np.log(rest)) / 2, rest / freedom


def _posterior(every: _Rows, main: _Rows, own: Floats, auditors: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance, in V, of every place at some points of the grid."""
    at = _at_places(every, own, auditors)
    system = _system(main, at if main is every else _at_places(main, own, auditors), own, auditors)
    unknowns, unsure = system.solve(), np.linalg.inv(system.matrix)
    # Given mu and the auditors, the place is f (sum of l rating/d - table unknowns), unsure by f. What it takes from
    # them is e - f table, with e = 1 for mu: that carries their own doubt over.
    taken = np.stack([table @ value for table, value in zip(at.tables, unknowns, strict=True)])
    beside = np.stack([table @ matrix[:, 0] for table, matrix in zip(at.tables, unsure, strict=True)])
    squares = np.stack([_squares(table, matrix) for table, matrix in zip(at.tables, unsure, strict=True)])
    carried = unsure[:, :1, 0] - 2 * at.left * beside + at.left**2 * squares
    return unknowns[:, :1] + at.left * (at.of_rating - taken), at.left + carried


def _noise(answers: Answers, own: Floats, auditors: Floats) -> Floats:
    alone, with_own, with_auditors, together = answers.noise
    return alone + own[:, None] * (with_own + together) + auditors[:, None] * with_auditors


def _at_places(rows: _Rows, own: Floats, auditors: Floats) -> _AtPlaces:
    """Sum up what stands at each place."""
    answers = rows.answers
    heard = answers.on_place / _noise(answers, own, auditors)
    of_place = np.add.reduceat(heard * answers.on_place, rows.places, axis=1)
    return _AtPlaces(
        left=1 / (1 / own[:, None] + of_place),
        of_rating=np.add.reduceat(heard * answers.rating, rows.places, axis=1),
        tables=_tables(rows, heard, np.sqrt(auditors)[:, None]),
    )


def _tables(rows: _Rows, heard: Floats, effect: Floats) -> list[Any]:
    """Return for each point of the grid the table of places by unknowns; sparse where it is large."""
    of_mean = np.add.reduceat(heard, rows.places, axis=1)
    of_pair = effect * np.add.reduceat(heard * rows.answers.on_auditor, rows.pairs, axis=1)[:, rows.named]
    shape = (len(rows.places), rows.unknowns)
    if shape[0] * shape[1] <= _WHOLE:
        table = np.zeros((len(effect), *shape))
        table[:, :, 0] = of_mean
        table[:, *rows.cell] = of_pair
        return list(table)
    from scipy.sparse import csr_array  # noqa: PLC0415 - few cities have so many places and auditors

    every, mean = np.arange(shape[0]), np.zeros(shape[0], dtype=np.int64)
    cell = np.append(every, rows.cell[0]), np.append(mean, rows.cell[1])
    values = np.concatenate([of_mean, of_pair], axis=1)
    return [csr_array((value, cell), shape=shape) for value in values]


def _system(rows: _Rows, at: _AtPlaces, own: Floats, auditors: Floats) -> _System:
    """Return the equations for mu and the auditors: sums over rows less what the places explain."""
    noise = _noise(rows.answers, own, auditors)
    matrix, right = _over_rows(rows, 1 / noise, np.sqrt(auditors)[:, None])
    for point, (table, left) in enumerate(zip(at.tables, at.left, strict=True)):
        matrix[point] -= _whole(table.T @ _scaled(table, left))
    right -= np.stack([table.T @ row for table, row in zip(at.tables, at.left * at.of_rating, strict=True)])
    squares = (rows.answers.rating**2 / noise).sum(axis=1) - (at.left * at.of_rating**2).sum(axis=1)
    log_det = np.log(noise).sum(axis=1) - np.log(at.left / own[:, None]).sum(axis=1)
    return _System(matrix, right, squares, log_det)


def _over_rows(rows: _Rows, certain: Floats, effect: Floats) -> tuple[Floats, Floats]:
    """Return S' D^-1 S + diag(0, 1) and S' D^-1 rating, where D is the noise alone."""
    answers, auditors = rows.answers, np.arange(1, rows.unknowns)
    matrix = np.zeros((len(certain), rows.unknowns, rows.unknowns))
    right = np.empty(matrix.shape[:2])
    heard = effect * certain * answers.on_auditor
    matrix[:, 0, 0] = certain.sum(axis=1)
    matrix[:, 0, 1:] = matrix[:, 1:, 0] = _of_auditors(rows, heard)
    matrix[:, auditors, auditors] = 1 + _of_auditors(rows, effect * heard * answers.on_auditor)
    right[:, 0] = (certain * answers.rating).sum(axis=1)
    right[:, 1:] = _of_auditors(rows, heard * answers.rating)
    return matrix, right


def _of_auditors(rows: _Rows, values: Floats) -> Floats:
    """Sum up rows by auditor; those whose auditor is part of the noise are left out."""
    if not len(rows.auditors):
        return np.zeros((len(values), 0))
    return np.add.reduceat(values[:, rows.by_auditor], rows.auditors, axis=1)


def _starts(*codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where runs of rows with the same codes begin."""
    steps = [np.diff(code, prepend=-2) != 0 for code in codes]
    return np.flatnonzero(np.logical_or.reduce(steps))


def _scaled(table: Any, left: Floats) -> Any:
    return table * left[:, None] if isinstance(table, np.ndarray) else table.multiply(left[:, None]).tocsr()


def _whole(table: Any) -> Floats:
    return table if isinstance(table, np.ndarray) else table.toarray()


def _squares(table: Any, matrix: Floats) -> Floats:
    """Return t' matrix t for every row t of the table."""
    # In blocks of rows: the product is no longer sparse.
    step = max(1, _AT_ONCE // len(matrix))
    blocks = (table[start : start + step] for start in range(0, table.shape[0], step))
    return np.concatenate([np.asarray((block * (block @ matrix)).sum(axis=1)).ravel() for block in blocks])
