"""What the rest of a walk says about each of its fixes: people come from where they were, along the streets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.match.fixes import Fixes, Reached, likelihoods, straights
from safeaudit.network import node_pairs_m, street_network

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
_CLOCK_S = 60.0
_FREE_M = 5.0
_DETOUR_M = 5.0
_MOST = 8.0
_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Steps:
    """From one fix of a walk to the next: numbers of both, the straight distance, and the how manieth of its chain."""

    earlier: NDArray[np.int64]
    later: NDArray[np.int64]
    straight_m: NDArray[np.float64]
    turn: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Steps:
        """Return some of the steps."""
        return Steps(self.earlier[rows], self.later[rows], self.straight_m[rows], self.turn[rows])


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


def steps_of(submissions: pd.DataFrame, fixes: Fixes) -> Steps:
    """Return the steps of walks that tell something.

    Fixes of one walk and one auditor follow each other in time. A step of over 150 m or 15 minutes says nothing of
    the way, and nobody walks faster than 2.5 m/s (a clock may be a minute off): there a chain ends.

    Parameters
    ----------
    submissions
        The table of this name, or some of its rows; `fixes.row` says which of them a fix is of.
    fixes
        Fixes that reach a street.
    """
    rows = submissions.iloc[fixes.row]
    rows, number = rows[["walk_id", "auditor", "observed_at"]], np.arange(len(rows))
    known = (rows["walk_id"].notna() & rows["observed_at"].notna()).to_numpy()
    rows, number = rows[known], number[known]
    who = [pd.factorize(rows[name].astype(object))[0] for name in ("walk_id", "auditor")]
    seconds = rows["observed_at"].to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6
    order = np.lexsort((*fixes.xy[number].T, seconds, *who))
    one, other = order[:-1], order[1:]
    straight = np.hypot(*(fixes.xy[number[other]] - fixes.xy[number[one]]).T)
    gap = seconds[other] - seconds[one]
    telling = (who[0][one] == who[0][other]) & (who[1][one] == who[1][other]) & (gap <= _MAX_GAP_S)
    telling &= straight <= np.minimum(_MAX_STEP_M, _MAX_SPEED_M_PER_S * (gap + _CLOCK_S))
    at = np.flatnonzero(telling)
    count = np.arange(len(at))
    turn = count - np.maximum.accumulate(np.where(np.diff(at, prepend=-2) > 1, count, 0))
    return Steps(number[one[at]], number[other[at]], straight[at], turn)


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
    network = street_network(links)
    probability = np.zeros(len(bits.link))
    for some in _batches(steps, bits):
        before, after = _pass(some, bits, network)
        probability += np.bincount(bits.group, before * bits.likelihood * after, len(bits.link))
    fix = np.repeat(np.arange(len(bits.first_group) - 1), np.diff(bits.first_group))
    key = reached.fix * len(links) + reached.link
    likelihood = np.where(np.isin(reached.fix, bits.fix), 0.0, reached.likelihood)
    likelihood[np.searchsorted(key, fix * len(links) + bits.link)] = probability
    return replace(reached, likelihood=likelihood)


def _bits(reached: Reached, fixes: Fixes, lines: NDArray[np.object_], chained: NDArray[np.int64]) -> _Bits:
    """Cut what some fixes reach into bits, and leave out those that are far less likely than the fix's likeliest."""
    own = np.isin(reached.fix, chained)
    used, line = np.unique(reached.link[own], return_inverse=True)
    pieces = straights(shapely.segmentize(lines[used], _BIT_M))
    pair, piece = pieces.of(line)
    fix, link = reached.fix[own][pair], reached.link[own][pair]
    likelihood = likelihoods(fixes, fix, pieces, piece)[1]
    most = np.zeros(len(fixes.row))
    np.maximum.at(most, fix, likelihood)
    kept = likelihood > _LEAST_LIKELY * most[fix]
    fix, link, piece = fix[kept], link[kept], piece[kept]
    group = np.cumsum(np.diff(fix * len(lines) + link, prepend=-1) != 0) - 1
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    ends = np.cumsum(pieces.length_m)
    whole = (ends[pieces.first + pieces.count - 1] - ends[pieces.first] + pieces.length_m[pieces.first])[line][pair][kept]
    before = (ends - pieces.length_m / 2)[piece] - (ends - pieces.length_m)[pieces.first][line][pair][kept]
    every = np.arange(len(fixes.row) + 1)
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


def _pass(steps: Steps, bits: _Bits, network: Network) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what the fixes before and after say of each bit; 0 for bits that no step of these touches."""
    step, one, other = _product(bits.first, steps)
    chance = _chances(steps, bits, network, step, one, other)
    before, after = (np.zeros(len(bits.fix)) for _ in range(2))
    before[one] = after[other] = 1.0
    before[other] = after[one] = 0.0
    turns = np.split(np.arange(len(step)), np.searchsorted(steps.turn[step], np.arange(1, steps.turn[-1] + 1)))
    for rows in turns:
        _spread(before, bits, other[rows], chance[rows] * (before * bits.likelihood)[one[rows]])
    for rows in reversed(turns):
        _spread(after, bits, one[rows], chance[rows] * (after * bits.likelihood)[other[rows]])
    return before, after


def _spread(said: NDArray[np.float64], bits: _Bits, to: NDArray[np.int64], weight: NDArray[np.float64]) -> None:
    """Add weights to bits, so that those of each fix sum to 1."""
    total = np.bincount(bits.fix[to], weight)
    np.add.at(said, to, weight / total[bits.fix[to]])


def _chances(
    steps: Steps,
    bits: _Bits,
    network: Network,
    step: NDArray[np.int64],
    one: NDArray[np.int64],
    other: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return how likely it is to go from one bit to another, by the detour along the streets."""
    _, left, right = _product(bits.first_group, steps)
    left, right = bits.link[left], bits.link[right]
    sizes = np.diff(bits.first_group)
    begins = np.cumsum(sizes[steps.earlier] * sizes[steps.later]) - sizes[steps.earlier] * sizes[steps.later]
    row = bits.group[one] - bits.first_group[steps.earlier][step]
    column = bits.group[other] - bits.first_group[steps.later][step]
    pair = begins[step] + row * sizes[steps.later][step] + column
    limit = _MAX_STEP_M + _FREE_M + _MOST * _DETOUR_M
    far = np.where((left == right)[pair], np.abs(bits.before_m[one] - bits.before_m[other]), np.inf)
    for tail, from_one in ((network.start, bits.before_m), (network.end, bits.after_m)):
        for head, to_other in ((network.start, bits.before_m), (network.end, bits.after_m)):
            between = node_pairs_m(network, tail[left], head[right], limit)[pair]
            far = np.minimum(far, from_one[one] + between + to_other[other])
    detour = np.maximum(far - steps.straight_m[step] - _FREE_M, 0.0)
    return np.exp(-np.minimum(detour / _DETOUR_M, _MOST))


def _product(
    first: NDArray[np.int64], steps: Steps
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return, for each step, every pair of one thing of its earlier and one of its later fix: step and both things."""
    many = np.diff(first)
    size = many[steps.earlier] * many[steps.later]
    step = np.repeat(np.arange(len(size)), size)
    nth = np.arange(len(step)) - (np.cumsum(size) - size)[step]
    wide = many[steps.later][step]
    return step, first[steps.earlier][step] + nth // wide, first[steps.later][step] + nth % wide
