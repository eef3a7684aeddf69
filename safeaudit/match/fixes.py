"""How likely each link is under a fix: its normal distribution integrated along the link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

PER_AXIS = 1.51
"""sqrt(-2 ln 0.32): the radius that holds 68 % of fixes, in standard deviations along one axis."""

_CHUNK = 50_000
_REACH_SD = 3.0
_SERIES = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
_PACE = 0.3275911


@dataclass(frozen=True, slots=True)
class Fixes:
    """Fixes: positions (m, 2), and standard deviations along one axis (m,), metres."""

    xy: NDArray[np.float64]
    sd_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reached:
    """What each fix reaches, sorted: number of the fix and of the link, distance in metres, likelihood.

    Likelihoods compare the links of one fix; those of two fixes do not compare.
    """

    fix: NDArray[np.int64]
    link: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    likelihood: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Straights:
    """Lines cut into straight pieces.

    Attributes
    ----------
    start, step
        Where each straight piece starts and how far it goes, metres, shape (p, 2).
    length_m
        Its length, shape (p,).
    first, count
        First piece of each line and how many it has, shape (n,).
    """

    start: NDArray[np.float64]
    step: NDArray[np.float64]
    length_m: NDArray[np.float64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]

    def of(self, line: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return all pieces of some lines: which of those it belongs to, and its own number."""
        count = self.count[line]
        each = np.repeat(np.arange(len(line)), count)
        begins = np.cumsum(count) - count
        return each, np.arange(len(each)) + (self.first[line] - begins)[each]


def straights(lines: NDArray[np.object_]) -> Straights:
    """Cut lines (n,), metres, into their straight pieces."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    count = np.bincount(line, minlength=len(lines)) - 1
    inner = np.flatnonzero(line[1:] == line[:-1])
    step = xy[inner + 1] - xy[inner]
    return Straights(xy[inner], step, np.hypot(step[:, 0], step[:, 1]), np.cumsum(count) - count, count)


def reach(
    lines: NDArray[np.object_], points: NDArray[np.object_], accuracy_m: NDArray[np.float64], limit_m: float
) -> tuple[Fixes, Reached]:
    """Integrate the likelihood of each fix along every link it reaches.

    Errors are normal and alike in all directions; their standard deviation sd along one axis is the accuracy / 1.51.
    A fix reaches what lies within 3 sd and within the limit. Where no link does, the accuracy is too good for
    somebody on a street: the fix reaches the nearest within the limit, and sd is a third of that distance.

    Parameters
    ----------
    lines
        One line per link, metres, shape (n,).
    points
        Fixes, shape (m,).
    accuracy_m
        Their 68 % radii, metres, shape (m,).
    limit_m
        Nothing farther than that is reached.

    Returns
    -------
    The fixes, and what they reach.
    """
    tree, pieces = shapely.STRtree(lines), straights(lines)
    fixes = Fixes(shapely.get_coordinates(points), accuracy_m / PER_AXIS)
    none = np.zeros(0, dtype=np.int64)
    parts = [(none, none, np.zeros(0), np.zeros(0))]
    for start in range(0, len(points), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(points)))
        fix, link = _near(tree, points, fixes, rows, limit_m)
        parts.append(_integrate(fixes, fix, link, pieces))
    return fixes, Reached(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _near(
    tree: shapely.STRtree, points: NDArray[np.object_], fixes: Fixes, rows: NDArray[np.int64], limit_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of a fix and a link in its reach, sorted; a fix far from all links has its sd set by the nearest."""
    radius = np.minimum(limit_m, _REACH_SD * fixes.sd_m[rows])
    fix, link = tree.query(points[rows], predicate="dwithin", distance=radius)
    alone = np.flatnonzero(np.bincount(fix, minlength=len(rows)) == 0)
    (lone, far), apart = tree.query_nearest(points[rows[alone]], max_distance=limit_m, return_distance=True)
    fixes.sd_m[rows[alone[lone]]] = apart / _REACH_SD
    fix, link = np.concatenate([rows[fix], rows[alone[lone]]]), np.concatenate([link, far])
    order = np.lexsort((link, fix))
    return fix[order], link[order]


def _integrate(
    fixes: Fixes, fix: NDArray[np.int64], link: NDArray[np.int64], pieces: Straights
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    pair, piece = pieces.of(link)
    away, likelihood = likelihoods(fixes, fix[pair], pieces, piece)
    begins = np.searchsorted(pair, np.arange(len(link)))
    if not len(begins):
        return fix, link, away, likelihood
    return fix, link, np.minimum.reduceat(away, begins), np.add.reduceat(likelihood, begins)


def likelihoods(
    fixes: Fixes, fix: NDArray[np.int64], pieces: Straights, piece: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return distance and likelihood of each pair of a fix and a straight piece, shape (k,).

    For a piece at distance d from the fix, measured across it, that reaches from a to b along it, the integral of
    the normal density is, but for a factor that all pieces share, exp(-d^2 / 2 sd^2) (F(b / sd) - F(a / sd)), F the
    normal distribution function.
    """
    length, sd = pieces.length_m[piece], fixes.sd_m[fix]
    unit = pieces.step[piece] / np.where(length > 0, length, 1.0)[:, None]
    off = fixes.xy[fix] - pieces.start[piece]
    along = off[:, 0] * unit[:, 0] + off[:, 1] * unit[:, 1]
    across = off[:, 0] * unit[:, 1] - off[:, 1] * unit[:, 0]
    away = np.hypot(across, along - np.clip(along, 0.0, length))
    density = np.exp(-(across**2) / (2 * sd**2))
    return away, density * (normal((length - along) / sd) - normal(-along / sd))


def normal(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal distribution function, wrong by at most 1e-7 (Abramowitz and Stegun, 7.1.26)."""
    t = 1.0 / (1.0 + _PACE * np.abs(z) / np.sqrt(2.0))
    series = np.zeros_like(t)
    for term in reversed(_SERIES):
        series = (series + term) * t
    tail = 0.5 * series * np.exp(-(z**2) / 2.0)
    return np.where(z > 0, 1.0 - tail, tail)
