"""The equations of the model for given shares r and q: sums of rows by place and by auditor.

Everything is in units of V, and stands for several points of the grid at once: they are the first axis.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PRIOR_VARIANCE = 5 / 36
"""Variance of the ratings 0, 1/3, 2/3 and 1 when each is as likely."""

WHOLE = 400_000
"""Cells of a table of places by auditors up to which it is held whole: beyond that almost all of them are empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was answered at places that share a mean: a row per form and place, by place and then by auditor.

    Attributes
    ----------
    place, auditor, form
        Codes: of places from 0, each with a row; of auditors from 0, -1 where the effect is part of the noise; of
        forms.
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
    form: NDArray[np.int64]
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
        names = ("place", "auditor", "form", "rating", "on_place", "on_auditor", "once")
        noise = self.noise[:, kept] * np.array([[1.0], [1.0], [1.0], [0.0]])
        return replace(self, noise=noise, **{name: getattr(self, name)[kept] for name in names})


@dataclass(frozen=True, slots=True)
class Rows:
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


def lay_out(answers: Answers) -> Rows:
    """Find out once what every point of the grid needs."""
    pairs = _starts(answers.place, answers.auditor)
    named = answers.auditor[pairs] >= 0
    place = np.cumsum(np.diff(answers.place, prepend=-1) != 0) - 1
    order = np.argsort(answers.auditor, kind="stable")
    order = order[np.searchsorted(answers.auditor[order], 0) :]
    return Rows(
        answers=answers,
        places=_starts(answers.place),
        pairs=pairs,
        named=named,
        cell=(place[pairs][named], answers.auditor[pairs][named] + 1),
        by_auditor=order,
        auditors=_starts(answers.auditor[order]),
    )


@dataclass(frozen=True, slots=True)
class AtPlaces:
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
class System:
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


def at_places(rows: Rows, own: Floats, auditors: Floats) -> AtPlaces:
    """Sum up what stands at each place."""
    answers = rows.answers
    heard = answers.on_place / noise_of(answers, own, auditors)
    of_place = np.add.reduceat(heard * answers.on_place, rows.places, axis=1)
    return AtPlaces(
        left=1 / (1 / own[:, None] + of_place),
        of_rating=np.add.reduceat(heard * answers.rating, rows.places, axis=1),
        tables=_tables(rows, heard, np.sqrt(auditors)[:, None]),
    )


def make_system(rows: Rows, at: AtPlaces, own: Floats, auditors: Floats) -> System:
    """Return the equations for mu and the auditors: sums over rows less what the places explain."""
    noise = noise_of(rows.answers, own, auditors)
    matrix, right = _over_rows(rows, 1 / noise, np.sqrt(auditors)[:, None])
    for point, (table, left) in enumerate(zip(at.tables, np.sqrt(at.left), strict=True)):
        half = _scaled(table, left)
        matrix[point] -= _whole(half.T @ half)
    right -= np.stack([table.T @ row for table, row in zip(at.tables, at.left * at.of_rating, strict=True)])
    squares = (rows.answers.rating**2 / noise).sum(axis=1) - (at.left * at.of_rating**2).sum(axis=1)
    log_det = np.log(noise).sum(axis=1) - np.log(at.left / own[:, None]).sum(axis=1)
    return System(matrix, right, squares, log_det)


def noise_of(answers: Answers, own: Floats, auditors: Floats) -> Floats:
    """Return the variance of each row, in V, that neither place nor auditor explain, at some points of the grid."""
    alone, with_own, with_auditors, together = answers.noise
    return alone + own[:, None] * (with_own + together) + auditors[:, None] * with_auditors


def _tables(rows: Rows, heard: Floats, effect: Floats) -> list[Any]:
    """Return for each point of the grid the table of places by unknowns; sparse where it is large."""
    of_mean = np.add.reduceat(heard, rows.places, axis=1)
    of_pair = effect * np.add.reduceat(heard * rows.answers.on_auditor, rows.pairs, axis=1)[:, rows.named]
    shape = (len(rows.places), rows.unknowns)
    if shape[0] * shape[1] <= WHOLE:
        table = np.zeros((len(effect), *shape))
        table[:, :, 0] = of_mean
        table[:, *rows.cell] = of_pair
        return list(table)
    from scipy.sparse import csr_array  # noqa: PLC0415 - few cities have so many places and auditors

    every, mean = np.arange(shape[0]), np.zeros(shape[0], dtype=np.int64)
    cell = np.append(every, rows.cell[0]), np.append(mean, rows.cell[1])
    values = np.concatenate([of_mean, of_pair], axis=1)
    return [csr_array((value, cell), shape=shape) for value in values]


def _over_rows(rows: Rows, certain: Floats, effect: Floats) -> tuple[Floats, Floats]:
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


def _of_auditors(rows: Rows, values: Floats) -> Floats:
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
