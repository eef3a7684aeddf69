"""Junctions as people know them: nodes that belong together."""

from __future__ import annotations

import numpy as np

from safeaudit.places.streets.paths import Flags, Floats, Rows, best

DIAMETER_M = 60.0


def merge_close(root: Rows, xy: Floats, pairs: tuple[Rows, Rows], cost: Floats) -> Rows:
    """Join clusters of nodes along pairs of them, the cheapest first, as long as no cluster grows over 60 m.

    In each round every pair that is the best of both its clusters is joined: the order of cost, without a loop
    over pairs. A cluster's size is the diagonal of its box.

    Parameters
    ----------
    root
        Cluster of each node: the number of one of its nodes, shape (n,).
    xy
        Where nodes are, metres, shape (n, 2).
    pairs
        Nodes that may be joined.
    cost
        Of each pair.

    Returns
    -------
    The cluster of each node.
    """
    order = np.lexsort((pairs[1], pairs[0], cost))
    a, b = pairs[0][order], pairs[1][order]
    low, high = _boxes(root, xy)
    while True:
        one, other = root[a], root[b]
        fits = np.hypot(*(np.maximum(high[one], high[other]) - np.minimum(low[one], low[other])).T) <= DIAMETER_M
        keep = (one != other) & fits
        a, b, one, other = a[keep], b[keep], one[keep], other[keep]
        if not len(a):
            return root
        mutual = _first_of_both(one, other)
        into = np.arange(len(root))
        into[np.maximum(one, other)[mutual]] = np.minimum(one, other)[mutual]
        root = into[root]
        low, high = _boxes(root, xy)


def _first_of_both(one: Rows, other: Rows) -> Flags:
    """Tell which pairs come first, in the order given, for both their members."""
    rank = np.arange(len(one))
    member = np.concatenate([one, other])
    first = best(member, np.tile(rank, 2))
    times = np.bincount(first % len(one), minlength=len(one))
    return times == 2  # noqa: PLR2004 - both members


def _boxes(root: Rows, xy: Floats) -> tuple[Floats, Floats]:
    low, high = np.full(xy.shape, np.inf), np.full(xy.shape, -np.inf)
    np.fmin.at(low, root, xy)
    np.fmax.at(high, root, xy)
    return low, high
