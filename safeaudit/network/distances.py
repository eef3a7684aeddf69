"""How far it is along the streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.network.graph import arcs
from safeaudit.network.tiles import tiles, within

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from safeaudit.network.graph import Network
    from safeaudit.network.points import NetworkPoints

_EXACT_M = 1e-6
"""Sums of lengths are as exact as that: what is this little beyond a limit is within it."""


def node_distances_m(network: Network, ahead_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each node is from the nearest target.

    Parameters
    ----------
    network
        The walking graph.
    ahead_m
        How far it is from each node to a target right there; infinite where there is none, shape (n,).

    Returns
    -------
    Metres, infinite where no street leads to a target, shape (n,).
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quick run needs none of it
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - the same

    # A node n more, with an arc to every node that has a target, as long as the way from there to it: the distance from
    # that one node is the distance from the nearest target, for one search instead of one for each target. Its row is
    # written straight behind the others of the sparse matrix: an arc of 0 m stays an arc.
    streets = arcs(network).matrix
    doors = np.flatnonzero(np.isfinite(ahead_m))
    n = len(ahead_m)
    from_all = csr_array(
        (
            np.concatenate([streets.data, ahead_m[doors]]),
            np.concatenate([streets.indices, doors]),
            np.append(streets.indptr, streets.nnz + len(doors)),
        ),
        shape=(n + 1, n + 1),
    )
    return dijkstra(from_all, indices=n)[:n]


def node_pairs_m(
    network: Network, tail: NDArray[np.int64], head: NDArray[np.int64], limit_m: float
) -> NDArray[np.float64]:
    """Return how far it is along the streets between the two nodes of each pair.

    Parameters
    ----------
    network
        The walking graph.
    tail, head
        Rows of both nodes, shape (n,).
    limit_m
        Longest walk that is looked for, metres.

    Returns
    -------
    Metres, infinite beyond the limit, shape (n,).
    """
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - a quick run without walks needs none of it

    streets, size = arcs(network).matrix, len(network.node_ids)
    key, pair = np.unique(np.minimum(tail, head) * size + np.maximum(tail, head), return_inverse=True)
    low, high = key // max(size, 1), key % max(size, 1)
    doors, begins = np.unique(low, return_index=True)
    ends = np.append(begins[1:], len(low))
    far = np.full(len(key), np.inf)
    for rows in tiles(network.xy[doors]):
        some = np.sort(rows)
        near = within(network.xy, network.xy[doors[some]], limit_m)
        found = dijkstra(streets[near][:, near], indices=np.searchsorted(near, doors[some]), limit=limit_m)
        many = ends[some] - begins[some]
        door = np.repeat(np.arange(len(some)), many)
        wanted = np.arange(len(door)) + (begins[some] - (np.cumsum(many) - many))[door]
        column = np.searchsorted(near, high[wanted])
        inside = (column < len(near)) & (near[np.minimum(column, len(near) - 1)] == high[wanted])
        far[wanted[inside]] = found[door[inside], column[inside]]
    return far[pair]


def nearest_m(network: Network, origins: NetworkPoints, targets: NetworkPoints) -> NDArray[np.float64]:
    """Return how far it is along the streets from each origin to the nearest target.

    Parameters
    ----------
    network
        The walking graph.
    origins, targets
        Points on it.

    Returns
    -------
    Metres, infinite where no street leads to a target, shape of the origins.
    """
    # From a target one comes to either end of its street, and from an end of the origin's street to the origin.
    ahead = np.full(len(network.node_ids), np.inf)
    np.minimum.at(ahead, network.start[targets.link], targets.along_m)
    np.minimum.at(ahead, network.end[targets.link], network.length_m[targets.link] - targets.along_m)
    by_node = node_distances_m(network, ahead)
    there = by_node[network.start[origins.link]] + origins.along_m
    back = by_node[network.end[origins.link]] + network.length_m[origins.link] - origins.along_m
    return np.minimum(np.minimum(there, back), _on_the_way_m(network, origins, targets))


def _on_the_way_m(network: Network, origins: NetworkPoints, targets: NetworkPoints) -> NDArray[np.float64]:
    """Return how far it is to the nearest target on the same link; infinite where there is none."""
    found = np.full(len(origins), np.inf)
    if not len(targets):
        return found
    # All links end to end on one axis: the nearest targets to either side of an origin are neighbours in one sorted
    # row, and count where they are on its link.
    begins = np.cumsum(network.length_m) - network.length_m
    order = np.lexsort((targets.along_m, targets.link))
    link, at = targets.link[order], (begins[targets.link] + targets.along_m)[order]
    here = begins[origins.link] + origins.along_m
    after = np.searchsorted(at, here)
    for neighbour in (np.maximum(after - 1, 0), np.minimum(after, len(at) - 1)):
        same = link[neighbour] == origins.link
        found = np.where(same, np.minimum(found, np.abs(at[neighbour] - here)), found)
    return found


def sums_within(
    network: Network, origins: NetworkPoints, targets: NetworkPoints, weights: NDArray[np.float64], limit_m: float
) -> NDArray[np.float64]:
    """Return what the targets within a walk from each origin weigh together.

    Parameters
    ----------
    network
        The walking graph.
    origins, targets
        Points on it, o and t of them.
    weights
        What each target weighs, in any number of respects, shape (t, k).
    limit_m
        Longest walk, metres.

    Returns
    -------
    Sums, shape (o, k).
    """
    streets = arcs(network).matrix
    sums = np.zeros((len(origins), weights.shape[1]))
    # Tile by tile of targets: distances from each target of a tile to the nodes around are a small dense matrix.
    for rows in tiles(network.xy[network.start[targets.link]]):
        some = targets.take(rows)
        nodes, by_node = _from_targets(network, streets, some, limit_m)
        # Where each node's column is; nodes out of reach share the last one, which is infinitely far.
        column = np.full(len(network.node_ids), len(nodes))
        column[nodes] = np.arange(len(nodes))
        start, end = column[network.start[origins.link]], column[network.end[origins.link]]
        reached = np.isin(origins.link, some.link) | (np.minimum(start, end) < len(nodes))
        found = origins.take(reached)
        rest = network.length_m[found.link] - found.along_m
        far = np.minimum(by_node[:, start[reached]] + found.along_m, by_node[:, end[reached]] + rest)
        # On one and the same link the way may lead past no node at all.
        target, origin = np.nonzero(some.link[:, None] == found.link)
        direct = np.abs(some.along_m[target] - found.along_m[origin])
        far[target, origin] = np.minimum(far[target, origin], direct)
        sums[reached] += (far <= limit_m + _EXACT_M).T.astype(np.float64) @ weights[rows]
    return sums


def distances_around(
    network: Network, doors: NetworkPoints, of: NDArray[np.int64], limit_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return how far the nodes around each destination are from the nearest of its doors.

    Parameters
    ----------
    network
        The walking graph.
    doors, of
        Points on it, and the destination that each is a door of.
    limit_m
        Longest walk, metres.

    Returns
    -------
    Destination, row of the node, and metres, for each node within the limit of a destination.
    """
    streets = arcs(network).matrix
    node = np.concatenate([network.start[doors.link], network.end[doors.link]])
    ahead_m = np.concatenate([doors.along_m, network.length_m[doors.link] - doors.along_m])
    of = np.tile(of, 2)
    order = np.lexsort((ahead_m, node, of))
    of, node, ahead_m = of[order], node[order], ahead_m[order]
    nearest = (np.diff(of, prepend=-1) != 0) | (np.diff(node, prepend=-1) != 0)
    of, node, ahead_m = of[nearest], node[nearest], ahead_m[nearest]
    destinations, first, count = np.unique(of, return_index=True, return_counts=True)
    found = []
    for rows in tiles(network.xy[node[first]]):
        some = np.sort(rows)
        ends = np.isin(of, destinations[some])
        near = within(network.xy, network.xy[node[ends]], limit_m)
        far_m = _from_groups(
            streets[near][:, near], count[some], np.searchsorted(near, node[ends]), ahead_m[ends], limit_m
        )
        row, column = np.nonzero(far_m <= limit_m)
        found.append((destinations[some][row], near[column], far_m[row, column]))
    none = np.empty(0, dtype=np.int64)
    of, node, far_m = (np.concatenate(parts) for parts in zip((none, none, np.empty(0)), *found, strict=True))
    return of, node, far_m


def _from_groups(
    streets: csr_array, count: NDArray[np.int64], node: NDArray[np.int64], ahead_m: NDArray[np.float64], limit_m: float
) -> NDArray[np.float64]:
    """Return how far each node is from the nearest of each group of nodes, so many in each, which lie so far ahead."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quick run needs none of it
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - the same

    # A node more for each group, with arcs to all of its nodes: as in `node_distances_m`.
    n, groups = streets.shape[0], len(count)
    from_all = csr_array(
        (
            np.concatenate([streets.data, ahead_m]),
            np.concatenate([streets.indices, node]),
            np.concatenate([streets.indptr, streets.nnz + np.cumsum(count)]),
        ),
        shape=(n + groups, n + groups),
    )
    return dijkstra(from_all, indices=n + np.arange(groups), limit=limit_m)[:, :n]


def _from_targets(
    network: Network, streets: csr_array, targets: NetworkPoints, limit_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nodes within the limit of any target, and their distances from each, a column of infinity behind."""
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - a quick run needs none of it

    # Searches start once from every end of a street with a target, and not once for each target; only nodes in the
    # box that the limit allows take part.
    ends = np.concatenate([network.start[targets.link], network.end[targets.link]])
    near = within(network.xy, network.xy[ends], limit_m)
    doors, door = np.unique(ends, return_inverse=True)
    far = dijkstra(streets[near][:, near], indices=np.searchsorted(near, doors), limit=limit_m)
    rest = network.length_m[targets.link] - targets.along_m
    start, end = np.split(door, 2)
    by_node = np.minimum(far[start] + targets.along_m[:, None], far[end] + rest[:, None])
    close = (by_node <= limit_m).any(axis=0)
    return near[close], np.column_stack([by_node[:, close], np.full(len(targets), np.inf)])
