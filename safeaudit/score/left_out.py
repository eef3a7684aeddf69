"""Each form left out in turn: what the rest say it would have rated, and how sure they are of it.

For rows y with the covariance K V and the effects S of mu and the auditors,

    P = K^-1 - K^-1 S (S' K^-1 S + prior)^-1 S' K^-1.

Without row i, the rest miss it by (P y)_i / P_ii, with the variance V / P_ii (Rasmussen and Williams, Gaussian
Processes for Machine Learning, 5.4.2): no model is made anew, and of P only the diagonal is needed.
The shares of the variance, and V, are those that all answers together make likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from safeaudit.score.equations import at_places, make_system, noise_of
from safeaudit.score.model import AT_ONCE, chunks, lay_out_answers, likely_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.score.equations import Answers, Rows
    from safeaudit.score.model import Grid

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Of each form, by its main place: what it rated less what the rest say, and the standard deviation of that."""

    place: NDArray[np.int64]
    form: NDArray[np.int64]
    rating: Floats
    error: Floats
    deviation: Floats


def leave_forms_out(answers: Answers, grid: Grid) -> LeftOut:
    """Leave each form out in turn.

    Parameters
    ----------
    answers
        At least two.
    grid
        The shares to integrate over.

    Returns
    -------
    In the order of the answers' main rows; error and deviation are of the mixture over the grid.
    """
    _, _, main = lay_out_answers(answers)
    shares, variances, own, auditors = likely_points(main, grid)
    first, second = np.zeros((2, len(main.answers.place)))
    for points in chunks(main, len(shares)):
        error, variance = _left_out(main, own[points], auditors[points])
        first += shares[points] @ error
        second += shares[points] @ (variances[points][:, None] * variance + error**2)
    rows = answers if main.answers.once.all() and len(main.answers.place) == len(answers.place) else answers.main()
    return LeftOut(rows.place, rows.form, rows.rating, first, np.sqrt(second - first**2))


def _left_out(main: Rows, own: Floats, auditors: Floats) -> tuple[Floats, Floats]:
    """Return the error of each row, and its variance in V, at some points of the grid."""
    at = at_places(main, own, auditors)
    system = make_system(main, at, own, auditors)
    answers = main.answers
    noise = noise_of(answers, own, auditors)
    place = np.cumsum(np.diff(answers.place, prepend=-1) != 0) - 1
    effect = np.where(answers.auditor >= 0, np.sqrt(auditors)[:, None] * answers.on_auditor, 0.0)
    # A row of K^-1 S is s/d - c table, with c = f l/d of the row and the table of its place.
    lent = at.left[:, place] * answers.on_place / noise
    known = answers.rating / noise - lent * at.of_rating[:, place]
    certain = 1 / noise - lent * answers.on_place / noise
    solved = zip(at.tables, system.solve(), np.linalg.inv(system.matrix), strict=True)
    for point, (table, unknowns, unsure) in enumerate(solved):
        c, d, own_effect = lent[point], noise[point], effect[point]
        beside, squares = _of_places(table, unsure, place, answers.auditor, own_effect)
        alone = _alone(unsure, answers.auditor, own_effect)
        certain[point] -= alone / d**2 - 2 * c / d * beside + c**2 * squares
        said = unknowns[0] + own_effect * unknowns[answers.auditor + 1]
        known[point] -= said / d - c * (table @ unknowns)[place]
    return known / certain, 1 / certain


def _of_places(
    table: Any, unsure: Floats, place: NDArray[np.int64], auditor: NDArray[np.int64], effect: Floats
) -> tuple[Floats, Floats]:
    """Return s' unsure t and t' unsure t of each row: t is that of its place, s is 1 for mu and its effect."""
    beside, squares = np.empty((2, len(place)))
    # In blocks of places: the product is no longer sparse. Rows stand by place.
    step = max(1, AT_ONCE // len(unsure))
    for start in range(0, table.shape[0], step):
        block = table[start : start + step]
        product = np.asarray(block @ unsure)
        rows = slice(*np.searchsorted(place, [start, start + step]))
        at = place[rows] - start
        beside[rows] = product[at, 0] + effect[rows] * product[at, auditor[rows] + 1]
        squares[rows] = np.asarray((block * product).sum(axis=1)).ravel()[at]
    return beside, squares


def _alone(unsure: Floats, auditor: NDArray[np.int64], effect: Floats) -> Floats:
    """Return s' unsure s of each row."""
    at = auditor + 1
    return unsure[0, 0] + 2 * effect * unsure[0, at] + effect**2 * unsure[at, at]
