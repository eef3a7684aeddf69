"""Which streets short walks lead along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.network.bridges import sums_below
from safeaudit.network.graph import Arcs, arcs
from safeaudit.network.tiles import tiles, within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.network.graph import Network


def betweenness(network: Network, weight: NDArray[np.float64], limit_m: float) -> NDArray[np.float64]:
    """Return the share of short walks that lead along each link.

    Betweenness of edges, localised: the sum over ordered pairs of nodes o, t no farther apart than the limit
    of w(o) w(t) where their shortest walk passes along the link, over the sum of w(o) w(t) of all such
    pairs (Freeman, A set of measures of centrality based on betweenness, Sociometry 40, 1977). Of equally
    short walks one is taken.

    Parameters
    ----------
    network
        The walking graph.
    weight
        What each node weighs as an origin and as a destination, shape (n,).
    limit_m
        Longest walk, metres.

    Returns
    -------
    Shares 0 to 1, shape (s,). They sum to the number of links of the mean walk; all are 0 where there is
    no walk.
    """
    joined = arcs(network)
    # Origins tile by tile: no walk of theirs leaves the nodes within the limit, so that each search is small.
    along, walks = np.zeros(len(network.length_m)), 0.0
    for rows in tiles(network.xy):
        origins = np.sort(rows)
        near = within(network.xy, network.xy[origins], limit_m)
        link, passing, number = _walks(joined, origins, near, weight, limit_m)
        along += np.bincount(link, passing, minlength=len(along))
        walks += number
    return along / walks if walks else along


def _walks(
    joined: Arcs, origins: NDArray[np.int64], near: NDArray[np.int64], weight: NDArray[np.float64], limit_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Return the last link of every walk from some nodes, what passes there on its way, and all walks' weight."""
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - a quick run needs none of it

    # `before` holds the last node but one of the shortest walk from each origin to each node: a tree for each origin.
    streets = joined.matrix[near][:, near]
    rows = np.searchsorted(near, origins)
    _, before = dijkstra(streets, indices=rows, limit=limit_m, return_predecessors=True)
    origin, node = np.nonzero(before >= 0)
    last = before[origin, node]
    # A walk is a number; the walk that it prolongs by its last link is its parent (-1: it begins there). What passes
    # along that last link is the walk itself and all that prolong it: a sum over a forest (Brandes, A faster
    # algorithm for betweenness centrality, 2001, sums the same way, node by node). A link gets what all walks that
    # end on it hand over.
    walk = np.full(before.shape, -1)
    walk[origin, node] = np.arange(len(node))
    weights = weight[origins[origin]] * weight[near[node]]
    passing = sums_below(walk[origin, last], weights)
    return joined.joining(near[last], near[node]), passing, float(weights.sum())
