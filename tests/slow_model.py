"""The model of a score once more, slowly: full covariances, loops and dictionaries, nothing of the product."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

GRID = [
    (r, part * (1 - r), r * (1 - r))
    for r in (0.05 + 0.075 * step for step in range(13))
    for part in (0.0, 0.2, 0.4, 0.6, 0.8)
]
"""r, q and the prior of both, up to a factor."""

OF_FEELINGS = [point for point in GRID if point[1] == 0]


@dataclass(frozen=True, slots=True)
class Row:
    """What one form says of one place; `many` ratings are in it, and `known` of what a composite asks."""

    place: str
    form: str
    who: str
    walk: str
    rating: float
    share: float = 1.0
    many: float = 1.0
    known: float = 1.0


@dataclass(frozen=True, slots=True)
class Slow:
    """Mean and deviation of each place."""

    mean: dict[str, float]
    deviation: dict[str, float]


def estimate_slowly(
    rows: Sequence[Row], grid: Sequence[tuple[float, float, float]] = tuple(GRID), prior: float = 5 / 36
) -> Slow:
    """Integrate over the grid, each point by the full covariance of all rows."""
    first = [row for row in rows if row is _main_row(rows, row.form)]
    log_weights, moments = [], []
    for r, q, likely in grid:
        log_weight, unit = _evidence(first, r, q, prior)
        log_weights.append(log_weight + np.log(likely))
        moments.append(_places(rows, first, r, q, max(unit, 1 / 108)))
    weights = np.exp(np.array(log_weights) - max(log_weights))
    weights /= weights.sum()
    mean, deviation = {}, {}
    for place in sorted({row.place for row in rows}):
        parts = [moment[place] for moment in moments]
        mean[place] = sum(w * m for w, (m, _) in zip(weights, parts, strict=True))
        second = sum(w * (v + m * m) for w, (m, v) in zip(weights, parts, strict=True))
        deviation[place] = (second - mean[place] ** 2) ** 0.5
    return Slow(mean, deviation)


def _main_row(rows: Sequence[Row], form: str) -> Row:
    return min((row for row in rows if row.form == form), key=lambda row: (-row.share, row.place))


def _heard(first: Sequence[Row]) -> list[str]:
    """Return who is heard more than once: the others cannot be told from noise."""
    return [who for who, forms in sorted(Counter(row.who for row in first).items()) if forms > 1]


def _noise(row: Row, r: float, q: float, *, alone: bool, astray: int) -> float:
    """Return the variance of a row that neither its place nor its auditor explains, in V."""
    elsewhere = r * (1 - row.share**2) * astray
    whole = elsewhere + (1 - r - q) / row.many + (q if alone else 0.0)
    return row.known**2 * whole + row.known * (1 - row.known)


def _tables(
    rows: Sequence[Row], first: Sequence[Row], r: float, q: float, *, together: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Return the loadings on places and on auditors, the noise, and the places."""
    heard, places = _heard(first), sorted({row.place for row in rows})
    walks = Counter((row.walk, row.place) for row in rows)
    on_place, on_auditor = np.zeros((len(rows), len(places))), np.zeros((len(rows), len(heard)))
    noise = np.zeros(len(rows))
    for i, row in enumerate(rows):
        on_place[i, places.index(row.place)] = row.known * row.share
        if row.who in heard:
            on_auditor[i, heard.index(row.who)] = row.known
        astray = walks[row.walk, row.place] if together else 1
        noise[i] = _noise(row, r, q, alone=row.who not in heard, astray=astray)
    return on_place, on_auditor, noise, places


def _evidence(first: Sequence[Row], r: float, q: float, prior: float) -> tuple[float, float]:
    """Return the logarithm of the likelihood, V integrated out, and V: by the covariance of all answers."""
    on_place, on_auditor, noise, _ = _tables(first, first, r, q, together=False)
    whole = r * on_place @ on_place.T + q * on_auditor @ on_auditor.T + np.diag(noise)
    inverse, ones = np.linalg.inv(whole), np.ones(len(first))
    rating = np.array([row.rating for row in first])
    mean = (ones @ inverse @ rating) / (ones @ inverse @ ones)
    rest = (rating - mean) @ inverse @ (rating - mean) + 4 * prior
    freedom = len(first) - 1 + 4
    log_det = np.linalg.slogdet(whole)[1] + np.log(ones @ inverse @ ones)
    return float(-(log_det + freedom * np.log(rest)) / 2), float(rest / freedom)


def _places(
    rows: Sequence[Row], first: Sequence[Row], r: float, q: float, unit: float
) -> dict[str, tuple[float, float]]:
    """Return mean and variance of each place: mu and the auditors from the main rows, then the places from all."""
    on_place, on_auditor, noise, _ = _tables(first, first, r, q, together=False)
    auditors = on_auditor.shape[1] if q else 0
    design = np.hstack([np.ones((len(first), 1)), on_auditor[:, :auditors]])
    inverse = np.linalg.inv(r * on_place @ on_place.T + np.diag(noise))
    unsure = np.linalg.inv(design.T @ inverse @ design + np.diag([0.0, *[1 / q if q else 0.0] * auditors]))
    unknowns = unsure @ design.T @ inverse @ np.array([row.rating for row in first])
    on_place, on_auditor, noise, places = _tables(rows, first, r, q, together=True)
    design = np.hstack([np.ones((len(rows), 1)), on_auditor[:, :auditors]])
    whole = np.linalg.inv(r * on_place @ on_place.T + np.diag(noise))
    left = np.array([row.rating for row in rows]) - design @ unknowns
    found = {}
    for number, place in enumerate(places):
        pull = r * on_place[:, number] @ whole
        taken = np.eye(1 + auditors)[0] - pull @ design
        variance = r - r * pull @ on_place[:, number] + taken @ unsure @ taken
        found[place] = (float(unknowns[0] + pull @ left), float(unit * variance))
    return found


def leave_out_slowly(rows: Sequence[Row], prior: float = 5 / 36) -> dict[str, tuple[float, float]]:
    """Return error and deviation of each form, predicted from all the others by their covariance."""
    first = [row for row in rows if row is _main_row(rows, row.form)]
    rating = np.array([row.rating for row in first])
    log_weights, moments = [], []
    for r, q, likely in GRID:
        log_weight, unit = _evidence(first, r, q, prior)
        log_weights.append(log_weight + np.log(likely))
        on_place, on_auditor, noise, _ = _tables(first, first, r, q, together=False)
        whole = r * on_place @ on_place.T + q * on_auditor @ on_auditor.T + np.diag(noise)
        moments.append([_predict(whole, rating, i, max(unit, 1 / 108)) for i in range(len(first))])
    weights = np.exp(np.array(log_weights) - max(log_weights))
    mean, variance = np.average(np.array(moments), axis=0, weights=weights).T
    deviation = np.sqrt(variance - mean**2)
    return {row.form: (float(m), float(d)) for row, m, d in zip(first, mean, deviation, strict=True)}


def _predict(whole: NDArray[np.float64], rating: NDArray[np.float64], i: int, unit: float) -> tuple[float, float]:
    """Return the error of row i, and error^2 + variance, where the others alone are known."""
    others = np.arange(len(rating)) != i
    inverse, ones = np.linalg.inv(whole[np.ix_(others, others)]), np.ones(len(rating) - 1)
    mean = (ones @ inverse @ rating[others]) / (ones @ inverse @ ones)
    pull = whole[i, others] @ inverse
    error = rating[i] - mean - pull @ (rating[others] - mean)
    carried = (1 - pull @ ones) ** 2 / (ones @ inverse @ ones)
    return error, error**2 + unit * (whole[i, i] - pull @ whole[others, i] + carried)


def complete_slowly(
    answers: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]
) -> tuple[dict[str, tuple[float, float]], dict[str, float], float]:
    """Return the composite of each form and how much of it is known; the doubt of each indicator; the prior."""
    names = [name for name in weights if any(name in given for given in answers.values())]
    weight = np.array([weights[name] for name in names]) / sum(weights[name] for name in names)
    prior = 5 / 36 * (0.5 + 0.5 * np.eye(len(names)))
    mean = {name: np.mean([given[name] for given in answers.values() if name in given]) for name in names}
    spread = np.zeros((len(names), len(names)))
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            both = [given for given in answers.values() if a in given and b in given]
            products = [(given[a] - mean[a]) * (given[b] - mean[b]) for given in both]
            spread[i, j] = (4 * prior[i, j] + sum(products)) / (4 + max(len(products) - 1, 0))
    values, vectors = np.linalg.eigh(spread)
    spread = vectors @ np.diag(np.maximum(values, 1 / 108)) @ vectors.T
    centre = np.array([mean[name] for name in names])
    forms = dict(_completed(answers, names, weight, centre, spread))
    seen = Counter(name for given in answers.values() for name in given)
    doubt = {name: weight[i] ** 2 * spread[i, i] / seen[name] for i, name in enumerate(names)}
    return forms, doubt, float(weight @ prior @ weight)


def _completed(
    answers: Mapping[str, Mapping[str, float]],
    names: Sequence[str],
    weight: NDArray[np.float64],
    centre: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> Iterator[tuple[str, tuple[float, float]]]:
    for form, given in answers.items():
        there = np.array([name in given for name in names])
        if not there.any():
            continue
        away = np.array([given[name] for name in names if name in given]) - centre[there]
        slopes = spread[np.ix_(~there, there)] @ np.linalg.inv(spread[np.ix_(there, there)])
        filled = centre.copy()
        filled[there] += away
        filled[~there] += slopes @ away
        unsure = spread[np.ix_(~there, ~there)] - slopes @ spread[np.ix_(there, ~there)]
        lost = weight[~there] @ unsure @ weight[~there] / (weight @ spread @ weight)
        yield form, (float(weight @ filled), float(max(1 - lost, 0.05)))
