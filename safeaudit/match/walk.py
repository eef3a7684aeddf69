"""What the rest of a walk says about each of its fixes: people come from where they were, along the streets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.match.fixes import Fixes, Reached, likelihoods, straights
from safeaudit.network import build_network, node_pairs_m

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.network import Network

_BIT_M = 10.0
_LEAST_LIKELY = 0.03
_MAX_STEP_M = 150.0
_MAX_GAP_S = 900.0
_MAX_SPEED_M_PER_S = 2.5
_CLOCK_S = 10.0
_FREE_M = 5.0
_DETOUR_M = 5.0
_MOST = 8.0
_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Steps:
    """From one fix of a walk to the next: numbers of both, the straight distance, and the how manieth of its chain.

    `stop` is, of each fix, the number of the one that stands for it in the steps: itself, or one of the same walk,
    moment and place.
    """

    earlier: NDArray[np.int64]
    later: NDArray[np.int64]
    straight_m: NDArray[np.float64]
    turn: NDArray[np.int64]
    stop: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Steps:
        """Return some of the steps."""
        return Steps(self.earlier[rows], self.later[rows], self.straight_m[rows], self.turn[rows], self.stop)


@dataclass(frozen=True, slots=True)
class _Bits:
    """Where the person may have been: bits of links, at most 10 m long, sorted by fix, then link.

    Attributes
    ----------
    fix, likelihood
        Whose they are, and of that fix along the bit, shape (b,).
    group
        The pair of fix and link that each belongs to, shape (b,).
    before_m, after_m
        From the link's start to the middle of the bit, and from there to its end, shape (b,).
    link
        Link of each group, shape (g,).
    first, first_group
        First bit and group of each fix, and behind it how many there are, shape (f + 1,).
    """

    fix: NDArray[np.int64]
    likelihood: NDArray[np.float64]
    group: NDArray[np.int64]
    before_m: NDArray[np.float64]
    after_m: NDArray[np.float64]
    link: NDArray[np.int64]
    first: NDArray[np.int64]
    first_group: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Apart:
    """Metres between pairs of links, shape (4, k): from start, then end, of the one to start and end of the other."""

    n_links: int
    key: NDArray[np.int64]
    far_m: NDArray[np.float64]

    def between(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the metres between the ends of some pairs, shape (4, p)."""
        return self.far_m[:, np.searchsorted(self.key, one * self.n_links + other)]


def steps_of(submissions: pd.DataFrame, fixes: Fixes, reached: Reached) -> Steps:
    """Return the steps of walks that tell something.

    Fixes of one walk and one auditor follow each other in time; two of the same moment have no order, but where they
    are one and the same fix they are one stop. A step of over 150 m or 15 minutes says nothing of the way, and nobody
    walks faster than 2.5 m/s (clocks may be 10 s off): there a chain ends.

    Parameters
    ----------
    submissions
        Rows of the table of this name.
    fixes
        Their fixes, shape (m,).
    reached
        What those reach; a fix that reaches nothing is in no step.
    """
    rows = submissions[["walk_id", "auditor", "observed_at"]]
    telling = np.zeros(len(rows), dtype=bool)
    telling[reached.fix] = True
    number = np.flatnonzero(telling & rows["walk_id"].notna().to_numpy() & rows["observed_at"].notna().to_numpy())
    rows = rows.iloc[number]
    who = [pd.factorize(rows[name])[0] for name in ("walk_id", "auditor")]
    seconds = rows["observed_at"].to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6
    order = np.lexsort((fixes.sd_m[number], *fixes.xy[number].T, seconds, *who))
    stop = np.arange(len(fixes.xy))
    again = _are_again(np.column_stack([*who, seconds, fixes.xy[number], fixes.sd_m[number]])[order])
    stop[number[order]] = number[order[~again][np.cumsum(~again) - 1]]
    order = order[~again]
    one, other = order[:-1], order[1:]
    straight = np.hypot(*(fixes.xy[number[other]] - fixes.xy[number[one]]).T)
    gap = seconds[other] - seconds[one]
    telling = (who[0][one] == who[0][other]) & (who[1][one] == who[1][other])
    telling &= (gap > 0) & (gap <= _MAX_GAP_S)
    telling &= straight <= np.minimum(_MAX_STEP_M, _MAX_SPEED_M_PER_S * (gap + _CLOCK_S))
    at = np.flatnonzero(telling)
    count = np.arange(len(at))
    turn = count - np.maximum.accumulate(np.where(np.diff(at, prepend=-2) > 1, count, 0))
    return Steps(number[one[at]], number[other[at]], straight[at], turn, stop)


def _are_again(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows are the same as the one above."""
    again = np.zeros(len(rows), dtype=bool)
    again[1:] = (rows[1:] == rows[:-1]).all(axis=1)
    return again


def with_walk(reached: Reached, fixes: Fixes, links: GeoDataFrame, steps: Steps) -> Reached:
    """Weigh what each fix reaches by what the fixes before and after it reach.

    A forward-backward pass over a hidden Markov chain whose states are bits of links, after Newson and Krumm (2009).
    From one fix to the next, a way along the streets that is longer than the straight line between the fixes by
    more than 5 m is the less likely the longer: exp(-(detour - 5) / 5), and never under exp(-8), as people
    cross where no map says so.

    Parameters
    ----------
    reached, fixes
        What each fix reaches by itself.
    links
        The table of this name.
    steps
        Steps between fixes.

    Returns
    -------
    The same pairs, with their probability instead of their likelihood where a fix has a step.
    """
    if not len(steps.earlier):
        return reached
    bits = _bits(reached, fixes, links.geometry.to_numpy(), np.union1d(steps.earlier, steps.later))
    apart = _apart(build_network(links), bits, steps)
    probability = np.zeros(len(bits.link))
    for some in _batches(steps, bits):
        before, after = _pass(some, bits, apart)
        probability += np.bincount(bits.group, before * bits.likelihood * after, len(bits.link))
    fix = np.repeat(np.arange(len(bits.first_group) - 1), np.diff(bits.first_group))
    key = reached.fix * len(links) + reached.link
    likelihood = np.where(np.isin(reached.fix, bits.fix), 0.0, reached.likelihood)
    likelihood[np.searchsorted(key, fix * len(links) + bits.link)] = probability
    # Fixes that are one stop reach the same links: each has what was found for the one that stands for it.
    likelihood = likelihood[np.searchsorted(key, steps.stop[reached.fix] * len(links) + reached.link)]
    return replace(reached, likelihood=likelihood)


def _bits(reached: Reached, fixes: Fixes, lines: NDArray[np.object_], chained: NDArray[np.int64]) -> _Bits:
    """Cut what some fixes reach into bits, and leave out those that are far less likely than the fix's likeliest."""
    own = np.isin(reached.fix, chained)
    used, line = np.unique(reached.link[own], return_inverse=True)
    pieces = straights(shapely.segmentize(lines[used], _BIT_M))
    pair, piece = pieces.of(line)
    fix, link = reached.fix[own][pair], reached.link[own][pair]
    likelihood = likelihoods(fixes, fix, pieces, piece)[1]
    most = np.zeros(len(fixes.xy))
    np.maximum.at(most, fix, likelihood)
    kept = likelihood > _LEAST_LIKELY * most[fix]
    fix, link, piece = fix[kept], link[kept], piece[kept]
    group = np.cumsum(np.diff(fix * len(lines) + link, prepend=-1) != 0) - 1
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    ends = np.cumsum(pieces.length_m)
    whole = (ends[pieces.first + pieces.count - 1] - ends[pieces.first] + pieces.length_m[pieces.first])[line][pair][
        kept
    ]
    before = (ends - pieces.length_m / 2)[piece] - (ends - pieces.length_m)[pieces.first][line][pair][kept]
    every = np.arange(len(fixes.xy) + 1)
    first, first_group = np.searchsorted(fix, every), np.searchsorted(fix[begins], every)
    return _Bits(fix, likelihood[kept], group, before, whole - before, link[begins], first, first_group)


def _batches(steps: Steps, bits: _Bits) -> Iterator[Steps]:
    """Yield whole chains, as many as have about a million pairs of bits, and their steps by turn."""
    count = np.diff(bits.first)
    pairs = np.cumsum(count[steps.earlier] * count[steps.later])
    begins = np.flatnonzero(steps.turn == 0)
    batch = np.repeat(pairs[begins] // _PAIRS, np.diff(begins, append=len(pairs)))
    for one in np.unique(batch):
        rows = np.flatnonzero(batch == one)
        yield steps.take(rows[np.argsort(steps.turn[rows], kind="stable")])


def _apart(network: Network, bits: _Bits, steps: Steps) -> _Apart:
    """Measure once how far it is between the ends of every two links that a step may lead between."""
    _, one, other = _product(bits.first_group, steps)
    key = np.sort(bits.link[one] * len(network.start) + bits.link[other])
    key = key[np.diff(key, prepend=-1) > 0]
    left, right = key // len(network.start), key % len(network.start)
    tails = np.concatenate([network.start[left], network.start[left], network.end[left], network.end[left]])
    heads = np.concatenate([network.start[right], network.end[right], network.start[right], network.end[right]])
    limit = _MAX_STEP_M + _FREE_M + _MOST * _DETOUR_M
    return _Apart(len(network.start), key, node_pairs_m(network, tails, heads, limit).reshape(4, -1))


def _pass(steps: Steps, bits: _Bits, apart: _Apart) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what the fixes before and after say of each bit; 0 for bits that no step of these touches."""
    step, one, other = _product(bits.first, steps)
    chance = _chances(steps, bits, apart, (step, one, other))
    before, after = (np.zeros(len(bits.fix)) for _ in range(2))
    before[one] = after[other] = 1.0
    before[other] = after[one] = 0.0
    ends = np.searchsorted(steps.turn[step], np.arange(steps.turn[-1] + 2))
    turns = [slice(*each) for each in pairwise(ends)]
    for rows in turns:
        _spread(before, bits, other[rows], chance[rows] * (before[one[rows]] * bits.likelihood[one[rows]]))
    for rows in reversed(turns):
        _spread(after, bits, one[rows], chance[rows] * (after[other[rows]] * bits.likelihood[other[rows]]))
    return before, after


def _spread(said: NDArray[np.float64], bits: _Bits, to: NDArray[np.int64], weight: NDArray[np.float64]) -> None:
    """Add weights to bits, so that those of each fix sum to 1."""
    fix = bits.fix[to]
    np.add.at(said, to, weight / np.bincount(fix, weight)[fix])


def _chances(
    steps: Steps, bits: _Bits, apart: _Apart, pairs: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Return how likely it is to go from one bit to another, by the detour along the streets."""
    step, one, other = pairs
    _, left, right = _product(bits.first_group, steps)
    sizes = np.diff(bits.first_group)
    wide = sizes[steps.later]
    begins = np.cumsum(sizes[steps.earlier] * wide) - sizes[steps.earlier] * wide
    row = (bits.group - bits.first_group[bits.fix])[one]
    pair = begins[step] + row * wide[step] + (bits.group - bits.first_group[bits.fix])[other]
    far = np.where(
        (bits.link[left] == bits.link[right])[pair], np.abs(bits.before_m[one] - bits.before_m[other]), np.inf
    )
    ends = apart.between(bits.link[left], bits.link[right])
    ways = [
        (from_one, to_other) for from_one in (bits.before_m, bits.after_m) for to_other in (bits.before_m, bits.after_m)
    ]
    for between, (from_one, to_other) in zip(ends, ways, strict=True):
        far = np.minimum(far, from_one[one] + between[pair] + to_other[other])
    detour = np.maximum(far - steps.straight_m[step] - _FREE_M, 0.0)
    return np.exp(-np.minimum(detour / _DETOUR_M, _MOST))


def _product(first: NDArray[np.int64], steps: Steps) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return, for each step, every pair of one thing of its earlier and one of its later fix: step and both things."""
    many = np.diff(first)
    size = many[steps.earlier] * many[steps.later]
    step = np.repeat(np.arange(len(size)), size)
    nth = np.arange(len(step)) - (np.cumsum(size) - size)[step]
    wide = many[steps.later][step]
    return step, first[steps.earlier][step] + nth // wide, first[steps.later][step] + nth % wide
