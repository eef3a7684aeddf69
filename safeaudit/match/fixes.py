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

_REACH_SD = 3.0
_SLACK_M = 1e-6
_BEGINS = (0.3275911, 0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


@dataclass(frozen=True, slots=True)
class Reached:
    """What each fix reaches: row of the fix and of the link, distance in metres, likelihood (unscaled within a fix)."""

    fix: NDArray[np.int64]
    link: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    likelihood: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Straights:
    """The links of a city cut into straight pieces, to be found by an index of the links.

    Attributes
    ----------
    tree
        Index of the links.
    start, step
        Where each straight piece starts and how far it goes, metres, shape (p, 2).
    length_m
        Its length, shape (p,).
    first, count
        First piece of each link and how many it has, shape (n,).
    """

    tree: shapely.STRtree
    start: NDArray[np.float64]
    step: NDArray[np.float64]
    length_m: NDArray[np.float64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]


def straights(lines: NDArray[np.object_]) -> Straights:
    """Cut links into their straight pieces.

    Parameters
    ----------
    lines
        One line per link, metres, shape (n,).
    """
    xy, line = shapely.get_coordinates(lines, return_index=True)
    count = np.bincount(line, minlength=len(lines)) - 1
    inner = np.flatnonzero(line[1:] == line[:-1])
    step = xy[inner + 1] - xy[inner]
    return Straights(
        tree=shapely.STRtree(lines),
        start=xy[inner],
        step=step,
        length_m=np.hypot(step[:, 0], step[:, 1]),
        first=np.cumsum(count) - count,
        count=count,
    )


def reach(
    links: Straights, points: NDArray[np.object_], accuracy_m: NDArray[np.float64], limit_m: float
) -> Reached:
    """Integrate the likelihood of each fix along every link it reaches.

    Errors are normal and alike in all directions, with a standard deviation sd along one axis of the accuracy /
    1.51. For a straight piece at distance d from the fix, measured across it, that reaches from a to b
    along it, the integral is exp(-d^2 / 2 sd^2) (F(b / sd) - F(a / sd)), F the normal distribution function;
    a link has the sum over its pieces. A fix reaches what lies within 3 sd and the limit. Where the nearest link
    is farther than 3 sd, the accuracy is too good to be true for a person on a street, and sd is a third of
    that distance.

    Parameters
    ----------
    links
        The links, as pieces.
    points
        Fixes, shape (m,).
    accuracy_m
        Their 68 % radii, metres, shape (m,).
    limit_m
        Nothing farther than that is reached.

    Returns
    -------
    Pairs of fix and link, sorted by fix, then link. Likelihoods are relative to the fix's nearest link.
    """
    (fix, _), apart = links.tree.query_nearest(points, max_distance=limit_m, all_matches=False, return_distance=True)
    sd = np.maximum(accuracy_m[fix] / PER_AXIS, apart / _REACH_SD)
    radius = np.minimum(limit_m, _REACH_SD * sd) + _SLACK_M
    near, link = links.tree.query(points[fix], predicate="dwithin", distance=radius)
    order = np.lexsort((link, near))
    near, link = near[order], link[order]
    away, likelihood = _along(links, shapely.get_coordinates(points[fix])[near], link, sd[near], apart[near])
    return Reached(fix[near], link, away, likelihood)


def _along(
    links: Straights,
    at: NDArray[np.float64],
    link: NDArray[np.int64],
    sd: NDArray[np.float64],
    apart: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return distance and likelihood of each pair of a position and a link, piece by piece."""
    count = links.count[link]
    pair = np.repeat(np.arange(len(link)), count)
    begins = np.cumsum(count) - count
    piece = np.arange(len(pair)) + (links.first[link] - begins)[pair]
    length = links.length_m[piece]
    unit = links.step[piece] / np.where(length > 0, length, 1.0)[:, None]
    off = at[pair] - links.start[piece]
    along = off[:, 0] * unit[:, 0] + off[:, 1] * unit[:, 1]
    across = off[:, 0] * unit[:, 1] - off[:, 1] * unit[:, 0]
    away = np.hypot(across, along - np.clip(along, 0.0, length))
    scale = sd[pair]
    weight = np.exp((apart[pair] ** 2 - across**2) / (2 * scale**2))
    weight *= normal((length - along) / scale) - normal(-along / scale)
    if not len(link):
        return away, weight
    return np.minimum.reduceat(away, begins), np.add.reduceat(weight, begins)


def normal(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal distribution function, wrong by at most 1e-7 (Abramowitz and Stegun, 7.1.26)."""
    p, *terms = _BEGINS
    t = 1.0 / (1.0 + p * np.abs(z) / np.sqrt(2.0))
    series = np.zeros_like(t)
    for term in reversed(terms):
        series = (series + term) * t
    tail = 0.5 * series * np.exp(-(z**2) / 2.0)
    return np.where(z > 0, 1.0 - tail, tail)
