"""What lies within a walk of each of many destinations, and what still reaches them where some streets do not count.

Which streets count differs from draw to draw. Draws are the bits of words of 64, so that one pass over the streets
around all destinations is a pass for 64 towns at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.network.distances import distances_around

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.network.graph import Network
    from safeaudit.network.points import NetworkPoints

    Rows = NDArray[np.int64]
    Words = NDArray[np.uint64]

_EXACT_M = 1e-6
_BITS = 64
_AT_ONCE = 20_000
"""Rows whose bits are numbers at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catchments:
    """The nodes within a walk of each destination.

    Attributes
    ----------
    network
        The walking graph.
    doors, of
        Where the streets come to destinations, and which one each door is of, shape (d,).
    limit_m
        The longest walk, metres.
    destination, node, far_m
        Each node that is within the walk of a destination, and how far it is, shape (n,).
    """

    network: Network
    doors: NetworkPoints
    of: Rows
    limit_m: float
    destination: Rows
    node: Rows
    far_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The streets around each destination in parts, each of which counts as a whole or not at all.

    Attributes
    ----------
    destination, part
        Each part that comes within the walk of a destination, sorted, shape (w,).
    door
        Whether the destination lies at it, shape (w,).
    tail, head
        Rows of two parts that meet within the walk of their destination, both ways, sorted by head, shape (a,).
    parts
        How many parts there are in the whole city.
    """

    destination: Rows
    part: Rows
    door: NDArray[np.bool_]
    tail: Rows
    head: Rows
    parts: int

    def find(self, destination: Rows, part: Rows) -> Rows:
        """Return the row of each destination and part; they must be among them."""
        return np.searchsorted(self.destination * self.parts + self.part, destination * self.parts + part)

    def take(self, rows: Rows) -> Ways:
        """Return some of them, all of each destination."""
        new = np.full(len(self.part), -1)
        new[rows] = np.arange(len(rows))
        arcs = np.flatnonzero(new[self.head] >= 0)
        return Ways(
            destination=self.destination[rows],
            part=self.part[rows],
            door=self.door[rows],
            tail=new[self.tail[arcs]],
            head=new[self.head[arcs]],
            parts=self.parts,
        )


def join_links(network: Network, place: Rows) -> Rows:
    """Return the part that each link belongs to: links of one place that hang together are one.

    Parameters
    ----------
    network
        The walking graph.
    place
        Code of the place that each link belongs to, none negative, shape (s,).
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - a quick run needs none of it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - the same

    n = len(network.node_ids)
    own, code = np.unique(np.concatenate([place * n + network.start, place * n + network.end]), return_inverse=True)
    tail, head = np.split(code, 2)
    joined = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(own), len(own)))
    return connected_components(joined, directed=False)[1][tail].astype(np.int64)


def find_catchments(network: Network, doors: NetworkPoints, of: Rows, limit_m: float) -> Catchments:
    """Find what is within a walk of each destination.

    Parameters
    ----------
    network
        The walking graph.
    doors, of
        Where the streets come to destinations, and which one each door is of.
    limit_m
        The longest walk, metres.
    """
    destination, node, far_m = distances_around(network, doors, of, limit_m)
    return Catchments(
        network=network, doors=doors, of=of, limit_m=limit_m, destination=destination, node=node, far_m=far_m
    )


def points_within(around: Catchments, points: NetworkPoints, away_m: NDArray[np.float64]) -> tuple[Rows, Rows]:
    """Return which points are within the walk of which destination.

    Parameters
    ----------
    around
        As from `find_catchments`.
    points
        Points on the streets.
    away_m
        How far something is from the street at each point; it counts.

    Returns
    -------
    Rows of the destination and of the point, sorted.
    """
    network, link = around.network, points.link
    rest_m = network.length_m[link] - points.along_m
    ends = pd.DataFrame(
        {
            "node": np.concatenate([network.start[link], network.end[link]]),
            "point": np.tile(np.arange(len(points)), 2),
            "rest_m": np.concatenate([points.along_m, rest_m]) + np.tile(away_m, 2),
        }
    )
    nodes = pd.DataFrame({"destination": around.destination, "node": around.node, "far_m": around.far_m})
    by_node = nodes.merge(ends, on="node")
    by_node = by_node[by_node["far_m"] + by_node["rest_m"] <= around.limit_m + _EXACT_M]
    # On one and the same link the way may lead past no node at all.
    doors = pd.DataFrame({"link": around.doors.link, "at_m": around.doors.along_m, "destination": around.of})
    here = pd.DataFrame({"link": link, "along_m": points.along_m, "away_m": away_m, "point": np.arange(len(points))})
    direct = doors.merge(here, on="link")
    direct = direct[np.abs(direct["at_m"] - direct["along_m"]) + direct["away_m"] <= around.limit_m + _EXACT_M]
    pair = ["destination", "point"]
    found = pd.concat([by_node[pair], direct[pair]]).drop_duplicates().sort_values(pair)
    return found["destination"].to_numpy(np.int64), found["point"].to_numpy(np.int64)


def lay_ways(around: Catchments, part: Rows) -> Ways:
    """Return the streets around each destination, and where they meet.

    Parameters
    ----------
    around
        As from `find_catchments`.
    part
        The part that each link belongs to, as from `join_links`.
    """
    network, parts = around.network, int(part.max(initial=-1)) + 1
    nodes = np.concatenate([network.start, network.end])
    at_node = pd.DataFrame({"node": nodes, "part": np.tile(part, 2)}).drop_duplicates()
    near = pd.DataFrame({"destination": around.destination, "node": around.node})
    inside = near.merge(at_node, on="node")
    at_door = around.of * parts + part[around.doors.link]
    key = np.unique(np.concatenate([inside["destination"].to_numpy() * parts + inside["part"].to_numpy(), at_door]))
    met = at_node.merge(at_node, on="node", suffixes=("_tail", "_head"))
    met = near.merge(met[met["part_tail"] != met["part_head"]], on="node")
    tail, head = (np.searchsorted(key, met["destination"] * parts + met[name]) for name in ("part_tail", "part_head"))
    arcs = np.unique(head * len(key) + tail)
    return Ways(
        destination=key // max(parts, 1),
        part=key % max(parts, 1),
        door=np.isin(key, at_door),
        tail=arcs % max(len(key), 1),
        head=arcs // max(len(key), 1),
        parts=parts,
    )


def find_reached(ways: Ways, counts: NDArray[np.bool_]) -> Words:
    """Return which streets reach their destination along streets that count.

    A part reaches it where it counts and the destination lies at it, or where it counts and meets one that reaches it.

    Parameters
    ----------
    ways
        As from `lay_ways`.
    counts
        Whether each part counts in each draw, shape (parts, draws).

    Returns
    -------
    Draws as bits, shape (w, words): as `sum_weights` reads them.
    """
    open_to = _pack(counts)[ways.part]
    reached = np.where(ways.door[:, None], open_to, np.uint64(0))
    heads, first = np.unique(ways.head, return_index=True)
    # From the doors outwards, a part farther at each turn, until nothing is new.
    while len(heads):
        beside = np.bitwise_or.reduceat(reached[ways.tail], first, axis=0) & open_to[heads]
        if not (beside & ~reached[heads]).any():
            break
        reached[heads] |= beside
    return reached


def no_draws(rows: int, draws: int) -> Words:
    """Return the bits of so many draws in which nothing is reached.

    Parameters
    ----------
    rows, draws
        How many there are.
    """
    return np.zeros((rows, -(-draws // _BITS)), dtype=np.uint64)


def any_of(reached: Words, group: Rows) -> tuple[Rows, Words]:
    """Return, for each group, in which draws any of its rows is reached.

    Parameters
    ----------
    reached
        As from `find_reached`, some rows of it.
    group
        The group of each.

    Returns
    -------
    The groups, sorted, and their bits.
    """
    order = np.argsort(group, kind="stable")
    groups, first = np.unique(group[order], return_index=True)
    return groups, np.bitwise_or.reduceat(reached[order], first, axis=0) if len(groups) else reached[:0]


def sum_weights(
    reached: Words, weight: NDArray[np.float64], group: Rows, *, groups: int, draws: int
) -> NDArray[np.float64]:
    """Return what is reached in each draw, summed up by group.

    Parameters
    ----------
    reached
        Draws as bits, a row for each thing.
    weight
        What each thing weighs.
    group
        Code of its group.
    groups, draws
        How many there are.

    Returns
    -------
    Shape (groups, draws).
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - a quick run needs none of it

    sums = np.zeros((groups, draws))
    for start in range(0, len(reached), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        there = np.unpackbits(reached[rows].view(np.uint8), axis=1, count=draws).astype(np.float64)
        summed = coo_array((weight[rows], (group[rows], np.arange(len(there)))), shape=(groups, len(there)))
        sums += summed.tocsr() @ there
    return sums


def _pack(counts: NDArray[np.bool_]) -> Words:
    """Return draws as the bits of words."""
    filled = np.pad(counts, ((0, 0), (0, -counts.shape[1] % _BITS)))
    return np.packbits(filled, axis=1).view(np.uint64)
