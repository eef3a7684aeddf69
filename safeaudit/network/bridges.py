"""Streets that are the only way between two parts of the city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Bridges:
    """Which edges of a graph are bridges, and a tree in which each bridge is the only way to all below it.

    Attributes
    ----------
    is_bridge
        Whether each edge is one, shape (s,).
    below
        The end of each edge that is deeper in the tree, shape (s,).
    parent
        The node above each node; -1 at the top of each part of the graph, shape (n,).
    """

    is_bridge: NDArray[np.bool_]
    below: NDArray[np.int64]
    parent: NDArray[np.int64]


def find_bridges(n: int, start: NDArray[np.int64], end: NDArray[np.int64]) -> Bridges:
    """Find the edges whose loss would cut a part of the graph off.

    In a depth-first tree every other edge leads from a node to one above it. An edge of the tree is a bridge
    where no other edge leads from below it to above it (Tarjan, A note on finding the bridges of a graph,
    1974); here they are counted, +1 at the lower and -1 at the upper end, and summed up over all below.

    Parameters
    ----------
    n
        Number of nodes.
    start, end
        Nodes that each edge joins, shape (s,); parallel edges and loops are welcome.
    """
    # Whichever end was reached first is above. In a depth-first tree one end of every edge is an ancestor of the other.
    parent, rank = _depth_first(n, start, end)
    down = rank[start] < rank[end]
    above, below = np.where(down, start, end), np.where(down, end, start)
    # Of parallel edges to the same parent one is the tree's; the others lead round it, so that it is no bridge.
    in_tree = np.flatnonzero((parent[below] == above) & (above != below))
    in_tree = in_tree[np.unique(below[in_tree], return_index=True)[1]]
    other = np.ones(len(start), dtype=bool)
    other[in_tree] = False
    # Summed over all below the lower end of a tree edge, +1 and -1 cancel for edges that stay there: what is left are
    # those that lead past it. None left, and it is the only way. A loop counts +1 and -1 at its one node: nothing.
    past = np.bincount(below[other], minlength=n) - np.bincount(above[other], minlength=n)
    is_bridge = ~other & (sums_below(parent, past)[below] == 0)
    return Bridges(is_bridge, below, parent)


def sums_below(parent: NDArray[np.int64], values: NDArray[Any]) -> NDArray[np.float64]:
    """Return for every node of a forest the sum over itself and all nodes below it.

    Pointers are doubled: after k rounds a sum reaches 2^k nodes down.

    Parameters
    ----------
    parent
        The node above each node, -1 for none, shape (n,).
    values
        What is summed up, shape (n,).
    """
    # A node beyond the last one stands above the tops: what comes up there is thrown away, and it is its own parent, so
    # that pointers that have arrived stay. In every round each node hands its sum to the node 2^k above it: then that
    # one holds all of its descendants less than 2^(k+1) down. Long dead ends cost rounds, not loops over their nodes.
    n = len(parent)
    above = np.append(np.where(parent < 0, n, parent), n)
    sums = np.append(values, 0.0)
    while (above < n).any():
        sums += np.bincount(above, sums, minlength=n + 1)
        sums[n] = 0.0
        above = above[above]
    return sums[:n]


def _depth_first(
    n: int, start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each node's parent (-1 for none) and rank in one depth-first walk through all parts of the graph."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - a quick run needs none of it
    from scipy.sparse.csgraph import connected_components, depth_first_order  # noqa: PLC0415 - the same

    # One walk for all parts: a node n is joined to one node of each, and the walk starts there. It counts as no parent.
    edges = coo_array((np.ones(len(start)), (start, end)), shape=(n + 1, n + 1))
    part = connected_components(edges, directed=False)[1][:n]
    tops = np.unique(part, return_index=True)[1]
    tail, head = np.concatenate([start, end, np.full(len(tops), n)]), np.concatenate([end, start, tops])
    joined = coo_array((np.ones(len(tail)), (tail, head)), shape=(n + 1, n + 1))
    order, parent = depth_first_order(joined.tocsr(), n)
    rank = np.empty(n + 1, dtype=np.int64)
    rank[order] = np.arange(n + 1)
    return np.where(parent[:n] == n, -1, parent[:n]).astype(np.int64), rank[:n]
