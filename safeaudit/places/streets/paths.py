"""Small tools on graphs and on short bits of links, in plain numpy: a quick run needs no scipy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from safeaudit.places.links import expand

if TYPE_CHECKING:
    from safeaudit.places.links import Course

Rows: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

BIT_M = 10.0
_MOST_BITS = 2_000_000
_TWO = 2
NONE = -1


@dataclass(frozen=True, slots=True)
class Bits:
    """Links in short, nearly straight bits of equal length, link after link.

    Attributes
    ----------
    link
        Row of the link, ascending, shape (b,).
    start, end
        Where it starts and ends, metres, shape (b, 2).
    along
        Metres along its start as in `Course.along`, shape (b,).
    length_m
        Length along the link, shape (b,).
    """

    link: Rows
    start: Floats
    end: Floats
    along: Floats
    length_m: Floats

    @property
    def middle(self) -> Floats:
        """Middle of each bit, shape (b, 2)."""
        return (self.start + self.end) / 2

    def take(self, rows: Rows | Flags) -> Bits:
        """Return some of them."""
        return Bits(self.link[rows], self.start[rows], self.end[rows], self.along[rows], self.length_m[rows])


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs of a bit and another one close by.

    Attributes
    ----------
    row, host
        The bit that asks, and the other one.
    distance_m
        From the middle of the one to the other.
    aside_m
        The part of it across the other's direction: the distance from the endless line through it.
    angle
        Between their directions, degrees, 0 to 90.
    """

    row: Rows
    host: Rows
    distance_m: Floats
    aside_m: Floats
    angle: Floats

    def take(self, rows: Rows | Flags) -> Near:
        """Return some of them."""
        return Near(self.row[rows], self.host[rows], self.distance_m[rows], self.aside_m[rows], self.angle[rows])

    def and_(self, others: Near) -> Near:
        """Return both."""
        return Near(*(np.concatenate([getattr(self, name), getattr(others, name)]) for name in self.__slots__))

    @property
    def alongside(self) -> Flags:
        """Whether the one lies beside the other, not before or behind it."""
        return np.square(self.distance_m) - np.square(self.aside_m) < BIT_M


@dataclass(frozen=True, slots=True)
class Chains:
    """Edges in a row, end to end.

    Attributes
    ----------
    chain
        Number of the chain of each edge, shape (e,).
    place
        Its number in the chain, from 0, shape (e,).
    turned
        Whether the chain passes it from its end to its start, shape (e,).
    first, last
        Node where each chain starts and ends, shape (c,).
    """

    chain: Rows
    place: Rows
    turned: Flags
    first: Rows
    last: Rows

    def edges(self) -> tuple[Rows, Rows]:
        """Return the first and the last edge of each chain."""
        order = np.lexsort((self.place, self.chain))
        heads = np.flatnonzero(np.diff(self.chain[order], prepend=NONE))
        return order[heads], order[np.append(heads[1:], len(order)) - 1] if len(heads) else order


def components(count: int, a: Rows, b: Rows) -> Rows:
    """Return the smallest member of each node's connected component, shape (count,)."""
    root = np.arange(count)
    while True:
        one, other = root[a], root[b]
        if (one == other).all():
            return root
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while (root != (further := root[root])).any():
            root = further


def bits_of(course: Course) -> Bits:
    """Return the links of a course in bits of at most 10 m, longer ones where there would be millions."""
    first, last = course.spans
    along = course.along
    length = along[last] - along[first]
    # A city has some 10,000 km of ways. What has a hundred times as much is no city, and gets longer bits, not more.
    most_m = max(BIT_M, float(length.sum()) / _MOST_BITS)
    sizes = np.maximum(1, np.ceil(length / most_m - 1e-9)).astype(np.int64)
    nth, link = expand(np.zeros(len(first), dtype=np.int64), sizes)
    step = length[link] / sizes[link]
    start, end = along[first][link] + nth * step, along[first][link] + (nth + 1) * step
    return Bits(link, position(course, start), position(course, end), start, step)


def position(course: Course, along: Floats) -> Floats:
    """Return where points lie that are so many metres along a course, shape (n, 2)."""
    known = course.along
    if not len(known):
        return np.zeros((len(along), 2))
    return np.column_stack([np.interp(along, known, course.xy[:, axis]) for axis in (0, 1)])


def near(bits: Bits, rows: Rows, hosts: Rows, within_m: float) -> Near:
    """Return which bits lie within a distance of the middles of others.

    Parameters
    ----------
    bits
        All bits.
    rows, hosts
        Rows of the bits that ask, and of those that are looked for.
    within_m
        Largest distance from the middle of the one to the line of the other, metres.
    """
    middle = bits.middle
    asked, found = _neighbours(middle[rows], middle[hosts], within_m + BIT_M / 2)
    row, host = rows[asked], hosts[found]
    far, aside = _from_line(middle[row], bits.start[host], bits.end[host])
    turn = heading(bits.start[row], bits.end[row]) - heading(bits.start[host], bits.end[host])
    return Near(row, host, far, aside, np.abs((turn + 90) % 180 - 90)).take(far <= within_m)


def heading(start: Floats, end: Floats) -> Floats:
    """Return the direction from one point to another, degrees from east, counter-clockwise."""
    return np.degrees(np.arctan2(end[:, 1] - start[:, 1], end[:, 0] - start[:, 0]))


def best(group: Rows, *by: NDArray[np.generic]) -> Rows:
    """Return the rows that come first in each group by the values given, the first of them deciding first."""
    order = np.lexsort((*reversed(by), group))
    return order[np.flatnonzero(np.diff(group[order], prepend=NONE))]


def chain_up(u: Rows, v: Rows, passes: Flags) -> Chains:
    """Join edges at the nodes that are passed and where just two of their ends meet.

    Parameters
    ----------
    u, v
        Node where each edge starts and ends, shape (e,).
    passes
        Whether a chain may go on at a node, by its number.

    Returns
    -------
    The chains. One starts at the end whose node has the smaller number; a ring is opened at its smallest node.
    """
    count = len(u)
    node = np.column_stack([u, v]).ravel()  # end 2e is the start of edge e, end 2e + 1 its end
    partner = _partners(node, passes)
    chain_of = components(count, np.flatnonzero(partner >= 0) // 2, partner[partner >= 0] // 2)
    _open_rings(node, partner, chain_of)
    return _in_order(node, partner, chain_of)


def _partners(node: Rows, passes: Flags) -> Rows:
    """Return the other end at the node of each end, where a chain goes on there."""
    order = np.argsort(node, kind="stable")
    two = np.flatnonzero((np.bincount(node, minlength=len(passes)) == _TWO) & passes)
    first = np.searchsorted(node[order], two)
    one, other = order[first], order[first + 1] if len(first) else order[first]
    apart = one // 2 != other // 2
    partner = np.full(len(node), NONE)
    partner[one[apart]], partner[other[apart]] = other[apart], one[apart]
    return partner


def _open_rings(node: Rows, partner: Rows, chain_of: Rows) -> None:
    """Take one joint out of each chain that has no end."""
    of_end = np.repeat(chain_of, 2)
    ended = np.zeros(len(chain_of), dtype=bool)
    ended[of_end[partner < 0]] = True
    ring = np.flatnonzero(~ended[of_end])
    opened = ring[best(of_end[ring], node[ring])]
    partner[partner[opened]] = NONE
    partner[opened] = NONE


def _in_order(node: Rows, partner: Rows, chain_of: Rows) -> Chains:
    """Walk all chains at once: from each end of an edge to the next edge's, by steps that double."""
    ends = np.arange(len(node))
    follow = partner[ends ^ 1]  # who enters an edge at x leaves it at x ^ 1
    final = np.where(follow < 0, ends, follow)
    steps = (follow >= 0).astype(np.int64)
    while (final != (further := final[final])).any():
        steps += steps[final]
        final = further
    of_end = np.repeat(chain_of, 2)
    open_ends = np.flatnonzero(partner < 0)
    begin = open_ends[best(of_end[open_ends], node[open_ends])]
    names = of_end[begin]  # ascending
    start = np.zeros(len(chain_of), dtype=np.int64)
    start[names] = begin
    chain = np.searchsorted(names, chain_of)
    turned = final[0::2] != final[start[chain_of]]
    entered = 2 * np.arange(len(chain_of)) + turned
    place = steps[start[chain_of]] - steps[entered]
    return Chains(chain, place, turned, node[begin], node[final[begin] ^ 1])


def _neighbours(asking: Floats, others: Floats, within_m: float) -> tuple[Rows, Rows]:
    """Return pairs of points that lie in neighbouring squares of a grid as wide as the distance."""
    if not len(asking) or not len(others):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    corner = np.minimum(asking.min(axis=0), others.min(axis=0)) - 2 * within_m
    ask, other = (((xy - corner) // within_m).astype(np.int64) for xy in (asking, others))
    width = int(max(ask[:, 1].max(), other[:, 1].max())) + 3
    key = other[:, 0] * width + other[:, 1]
    order = np.argsort(key, kind="stable")
    key = key[order]
    pairs = []
    for east in (-1, 0, 1):  # three squares above each other follow each other in the order
        low = (ask[:, 0] + east) * width + ask[:, 1] - 1
        first = np.searchsorted(key, low)
        found, asked = expand(first, np.searchsorted(key, low + 2, side="right") - first)
        close = (np.square(asking[asked] - others[order[found]]).sum(axis=1)) <= within_m**2
        pairs.append((asked[close], order[found[close]]))
    asked, found = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return asked, found


def _from_line(point: Floats, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Return the distance of points from straight lines, and from the endless lines through them, metres."""
    way, to = end - start, point - start
    span = np.maximum(np.square(way).sum(axis=1), 1e-12)
    share = np.clip((to * way).sum(axis=1) / span, 0, 1)
    aside = np.abs(to[:, 0] * way[:, 1] - to[:, 1] * way[:, 0]) / np.sqrt(span)
    far = np.hypot(*(to - share[:, None] * way).T)
    return far, np.minimum(aside, far)
