"""The links of a course with their ends: what all the rules for streets work on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.places.links import cut_course
from safeaudit.places.streets.paths import NONE, Bits, Chains, Flags, Floats, Rows, best, bits_of, components

if TYPE_CHECKING:
    from safeaudit.places.links import Course
    from safeaudit.places.streets.classes import Kinds

SHORT_LAYER_M = 40.0
"""A bridge or a tunnel no longer than that is a part of the street on it."""

_SHORT_RUN_M = 15.0


@dataclass(frozen=True, slots=True)
class Net:
    """Links, what they are, and the nodes where they start and end.

    Attributes
    ----------
    course
        The lines, cut where links end.
    of_line
        What each line is.
    known
        How many nodes the source names: what is cut has larger numbers.
    kinds
        What each link is, shape (l,); `level` is its layer without short bridges.
    start, end
        Nodes, shape (l,).
    length_m
        Shape (l,).
    bits
        The links in short bits.
    """

    course: Course
    of_line: Kinds
    known: int
    kinds: Kinds
    start: Rows
    end: Rows
    length_m: Floats
    level: Rows
    bits: Bits

    @property
    def nodes(self) -> int:
        """One more than the largest number of a node."""
        return max(self.known, int(self.course.node.max(initial=-1)) + 1)

    def xy(self) -> Floats:
        """Return where each node is, metres, shape (nodes, 2)."""
        found = np.full((self.nodes, 2), np.nan)
        found[self.course.node] = self.course.xy
        return found


@dataclass(frozen=True, slots=True)
class Units:
    """Chains of links that may become segments, shape (u,).

    Attributes
    ----------
    first, last
        Node where each starts and ends.
    length_m
        Their length.
    name, level, highway, ref, class_
        Of the unit: its one name, and the layer, kinds and class of most of its length.
    oneway
        Whether all of it is.
    """

    first: Rows
    last: Rows
    length_m: Floats
    name: Rows
    level: Rows
    highway: Rows
    ref: Rows
    class_: Rows
    oneway: Flags

    def __len__(self) -> int:
        return len(self.first)

    def and_(self, others: Units) -> Units:
        """Return both."""
        pairs = {name: (getattr(self, name), getattr(others, name)) for name in self.__slots__}
        return Units(**{name: np.concatenate(pair) for name, pair in pairs.items()})


def net_of(course: Course, of_line: Kinds, known: int) -> Net:
    """Return the links of a course, of whose nodes so many are known to the source."""
    first, last = course.spans
    along = course.along
    kinds = of_line.take(course.line[first])
    start, end, length_m = course.node[first], course.node[last], along[last] - along[first]
    net = Net(course, of_line, known, kinds, start, end, length_m, kinds.layer, bits_of(course))
    return replace(net, level=_levels(net))


def cut_net(net: Net, at: Floats, node: Rows) -> Net:
    """Return the links with more cuts, given as for `cut_course`."""
    return net_of(cut_course(net.course, at, node), net.of_line, net.known)


def cut_by(net: Net, label: Rows) -> tuple[Net, Rows, Rows]:
    """Cut links where the label of their bits changes; runs under 15 m take their longer neighbour's first.

    Parameters
    ----------
    net
        The links.
    label
        One for each bit.

    Returns
    -------
    The links that come of it, the label of each, and the link that each was part of.
    """
    bits = net.bits
    label = _without_short_runs(bits, label)
    change = np.flatnonzero((label[1:] != label[:-1]) & (bits.link[1:] == bits.link[:-1])) + 1
    cut = cut_net(net, bits.along[change], net.nodes + np.arange(len(change)))
    first, last = cut.course.spans
    along = cut.course.along
    middle = (along[first] + along[last]) / 2
    bit = np.searchsorted(bits.along, middle, side="right") - 1
    return cut, label[bit], bits.link[bit]


def units_of(net: Net, rows: Rows, chains: Chains) -> Units:
    """Return chains of some links as units."""
    length = np.bincount(chains.chain, net.length_m[rows], minlength=len(chains.first)).astype(np.float64)
    longest = rows[best(chains.chain, -net.length_m[rows], rows)]
    name = np.full(len(length), NONE)
    np.maximum.at(name, chains.chain, net.kinds.name[rows])
    oneway = np.ones(len(length), dtype=bool)
    np.logical_and.at(oneway, chains.chain, net.kinds.oneway[rows])
    kinds = net.kinds.take(longest)
    level = net.level[longest]
    return Units(chains.first, chains.last, length, name, level, kinds.highway, kinds.ref, kinds.class_, oneway)


def _levels(net: Net) -> Rows:
    """Put short bridges and tunnels on the ground: what hangs together on one layer and has at most 40 m in all."""
    level = net.kinds.layer.copy()
    rows = np.flatnonzero(level != 0)
    ends = np.column_stack([np.concatenate([net.start[rows], net.end[rows]]), np.tile(level[rows], 2)])
    found, node = np.unique(ends, axis=0, return_inverse=True)
    node = node.reshape(-1)
    of_link = components(len(found), node[: len(rows)], node[len(rows) :])[node[: len(rows)]]
    whole = np.bincount(of_link, net.length_m[rows], minlength=len(found))
    level[rows[whole[of_link] <= SHORT_LAYER_M]] = 0
    return level


def _without_short_runs(bits: Bits, label: Rows) -> Rows:
    """Give runs of bits under 15 m the label of their longer neighbour on the same link."""
    for _ in range(2):
        starts = np.flatnonzero((np.diff(label, prepend=label[:1]) != 0) | (np.diff(bits.link, prepend=NONE) != 0))
        run = np.cumsum(np.bincount(starts, minlength=len(label))) - 1
        length = np.bincount(run, bits.length_m, minlength=len(starts))
        link = bits.link[starts]
        before, after = np.full(len(starts), -1.0), np.full(len(starts), -1.0)
        same = link[1:] == link[:-1]
        before[1:][same], after[:-1][same] = length[:-1][same], length[1:][same]
        short = (length < _SHORT_RUN_M) & ((before >= 0) | (after >= 0)) & (length <= np.maximum(before, after))
        taken = np.arange(len(starts)) + np.where(short, np.where(before >= after, -1, 1), 0)
        label = label[starts][taken][run]
    return label
