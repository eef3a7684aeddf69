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
_SLACK_M = 1e-6
_SERIES = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
_PACE = 0.3275911


@dataclass(frozen=True, slots=True)
class Fixes:
    """Fixes that reach a street: position, standard deviation along one axis, and distance of the nearest link, metres.

    `row` is where each stood among those that were looked at, in rising order.
    """

    row: NDArray[np.int64]
    xy: NDArray[np.float64]
    sd_m: NDArray[np.float64]
    apart_m: NDArray[np.float64]


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
    A fix reaches what lies within 3 sd and within the limit. Where the nearest link is farther than 3 sd, the
    accuracy is too good for somebody on a street, and sd is a third of that distance.

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
    The fixes that reach a link, and what they reach.
    """
    tree, pieces = shapely.STRtree(lines), straights(lines)
    (row, _), apart = tree.query_nearest(points, max_distance=limit_m, all_matches=False, return_distance=True)
    sd = np.maximum(accuracy_m[row] / PER_AXIS, apart / _REACH_SD)
    fixes = Fixes(row, shapely.get_coordinates(points[row]), sd, apart)
    radius = np.minimum(limit_m, _REACH_SD * sd) + _SLACK_M
    parts = []
    for start in range(0, len(row), _CHUNK):
        some = slice(start, start + _CHUNK)
        near, link = tree.query(points[row[some]], predicate="dwithin", distance=radius[some])
        order = np.lexsort((link, near))
        parts.append(_integrate(fixes, near[order] + start, link[order], pieces))
    none = np.zeros(0, dtype=np.int64)
    return fixes, Reached(*(np.concatenate(each) for each in zip((none, none, none * 1.0, none * 1.0), *parts, strict=True)))


def _integrate(
    fixes: Fixes, fix: NDArray[np.int64], link: NDArray[np.int64], pieces: Straights
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    pair, piece = pieces.of(link)
    away, likelihood = likelihoods(fixes, fix[pair], pieces, piece)
    begins = np.searchsorted(pair, np.arange(len(link)))
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
    density = np.exp((fixes.apart_m[fix] ** 2 - across**2) / (2 * sd**2))
    return away, density * (normal((length - along) / sd) - normal(-along / sd))


def normal(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal distribution function, wrong by at most 1e-7 (Abramowitz and Stegun, 7.1.26)."""
    t = 1.0 / (1.0 + _PACE * np.abs(z) / np.sqrt(2.0))
    series = np.zeros_like(t)
    for term in reversed(_SERIES):
        series = (series + term) * t
    tail = 0.5 * series * np.exp(-(z**2) / 2.0)
    return np.where(z > 0, 1.0 - tail, tail)
