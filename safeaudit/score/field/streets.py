"""The streets as a graph, and a random field on it.

The field is the one of Whittle and Matern with alpha = 1 on the streets themselves, not on the plane: (kappa^2 -
d^2/ds^2)^(1/2) u = white noise along every street, with the flows at each junction summing to 0 (Bolin, Simas and
Wallin, Gaussian Whittle-Matern fields on metric graphs, Bernoulli 2024). Two places are alike where many short ways
join them; a river without a bridge keeps them apart. Of its values at the ends of a street of length l the inverse
covariance is known exactly,

    kappa coth(kappa l) at both, -kappa / sinh(kappa l) between them,

summed over the streets: kappa^2 C + G of the finite elements is what that is for short streets. As it is exact, where a
street is cut changes nothing. On a long road the correlation at distance h is exp(-kappa h); kappa = 2 / range. Ends of
dead ends vary more than crossings, so the field is divided by its own standard deviation: it is 1 everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from safeaudit.network import Network, NetworkPoints

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

LEAST_LENGTH_M = 0.1
"""No piece of a street is taken as shorter: the digits of a computer end."""

_AT_ONCE = 4_000_000
"""Distances of one block."""

_COLUMNS = 8
"""Columns of the inverse that are solved for at once: so many stay near the processor, 30 times as fast as 256."""


@dataclass(frozen=True, slots=True)
class Streets:
    """The graph: crossings and ends of streets, and the middle of each segment.

    Attributes
    ----------
    size
        Number of nodes.
    tail, head, length_m
        The two ends of each stretch between them, and its length.
    middles
        Node of the middle of each segment, in the order of the table.
    """

    size: int
    tail: Rows
    head: Rows
    length_m: Floats
    middles: Rows


def build_streets(network: Network, middles: NetworkPoints) -> Streets:
    """Build the graph.

    Parameters
    ----------
    network
        The walking graph of the links.
    middles
        Where the middle of each segment lies on it.
    """
    nodes, count = len(network.node_ids), len(middles)
    links = np.arange(len(network.length_m))
    # Every link is a row of spots: its start, the middles on it, its end; from each spot a piece leads to the next.
    link = np.concatenate([links, middles.link, links])
    along = np.concatenate([np.zeros(len(links)), middles.along_m, network.length_m])
    node = np.concatenate([network.start, nodes + np.arange(count), network.end])
    turn = np.repeat([0, 1, 2], [len(links), count, len(links)])
    order = np.lexsort((along, turn, link))
    link, node, along = link[order], node[order], along[order]
    on = link[1:] == link[:-1]
    length_m = np.maximum(np.diff(along)[on], LEAST_LENGTH_M)
    kept = np.zeros(nodes + count, dtype=bool)
    kept[nodes:] = True
    return _join(Streets(nodes + count, node[:-1][on], node[1:][on], length_m, nodes + np.arange(count)), kept)


def _join(streets: Streets, kept: NDArray[np.bool_]) -> Streets:
    """Return the graph without nodes at which a street just goes on: where it is cut changes nothing."""
    degree = np.bincount(np.append(streets.tail, streets.head), minlength=streets.size)
    kept = kept | (degree != 2)  # noqa: PLR2004 - one way in and one out
    inside = ~kept[streets.tail] & ~kept[streets.head]
    shape = (streets.size, streets.size)
    joined = csr_array((np.ones(inside.sum()), (streets.tail[inside], streets.head[inside])), shape=shape)
    _, chain = connected_components(joined, directed=False)
    whole = kept[streets.tail] & kept[streets.head]
    of = chain[np.where(kept[streets.tail], streets.head, streets.tail)]
    length_m = np.bincount(of[~whole], streets.length_m[~whole], minlength=chain.max(initial=0) + 1)
    # What a chain begins and ends at: of its pieces just two have an end that stays, or none where it is a ring.
    ends = [(kept[one] & ~kept[other], one, other) for one, other in _both_ways(streets)]
    stays = np.concatenate([one[which] for which, one, _ in ends])
    own = chain[np.concatenate([other[which] for which, _, other in ends])]
    order = np.argsort(own, kind="stable")
    first, last = stays[order][::2], stays[order][1::2]
    number = np.cumsum(kept) - 1
    return Streets(
        size=int(kept.sum()),
        tail=number[np.append(streets.tail[whole], first)],
        head=number[np.append(streets.head[whole], last)],
        length_m=np.append(streets.length_m[whole], length_m[own[order][::2]]),
        middles=number[streets.middles],
    )


def _both_ways(streets: Streets) -> tuple[tuple[Rows, Rows], tuple[Rows, Rows]]:
    return (streets.tail, streets.head), (streets.head, streets.tail)


def make_precision(streets: Streets, range_m: float) -> csc_array:
    """Return the inverse covariance of the field at all nodes, before it is divided by its standard deviation.

    Parameters
    ----------
    streets
        The graph.
    range_m
        Distance at which little of the correlation is left: exp(-2) on a long road.
    """
    kappa = 2 / range_m
    own, between = kappa / np.tanh(kappa * streets.length_m), -kappa / np.sinh(kappa * streets.length_m)
    row = np.concatenate([streets.tail, streets.head, streets.tail, streets.head])
    column = np.concatenate([streets.tail, streets.head, streets.head, streets.tail])
    values = np.concatenate([own, own, between, between])
    return csc_array(coo_array((values, (row, column)), shape=(streets.size, streets.size)))


@dataclass(frozen=True, slots=True)
class Field:
    """The field of one range, ready to be asked for covariances; `variance` is NaN where it was not asked for yet."""

    streets: Streets
    solver: Any
    variance: Floats

    def correlate(self, rows: Rows, columns: Rows) -> Floats:
        """Return the covariance of the field, of variance 1, between segments.

        Parameters
        ----------
        rows, columns
            Segments by their order in the table.

        Returns
        -------
        Shape (rows, columns).
        """
        between = np.empty((len(rows), len(columns)))
        for part, block in self._columns(columns):
            between[:, part] = block[self.streets.middles[rows]]
            self.variance[columns[part]] = _diagonal(block, self.streets.middles[columns[part]])
        return np.asarray(between / np.sqrt(np.outer(self.variances(rows), self.variances(columns))))

    def variances(self, of: Rows) -> Floats:
        """Return the variance of the field at segments, before it is divided: entries of the columns of the inverse."""
        missing = of[np.isnan(self.variance[of])]
        for part, block in self._columns(missing):
            self.variance[missing[part]] = _diagonal(block, self.streets.middles[missing[part]])
        return self.variance[of]

    def _columns(self, of: Rows) -> Iterator[tuple[slice, Floats]]:
        """Yield the columns of the inverse at some segments, a few at once."""
        for start in range(0, len(of), _COLUMNS):
            part = slice(start, min(start + _COLUMNS, len(of)))
            nodes = self.streets.middles[of[part]]
            right = np.zeros((self.streets.size, len(nodes)), order="F")
            right[nodes, np.arange(len(nodes))] = 1.0
            yield part, self.solver.solve(right)


def _diagonal(block: Floats, nodes: Rows) -> Floats:
    return np.asarray(block[nodes, np.arange(len(nodes))])


def make_field(streets: Streets, range_m: float) -> Field:
    """Factorise the field of one range.

    Parameters
    ----------
    streets, range_m
        As of `make_precision`.

    Examples
    --------
    Two dead ends of 100 m that meet; by hand it is cosh(50 kappa) / cosh(150 kappa) between their middles.

    >>> streets = Streets(5, np.array([0, 1, 1, 2]), np.array([3, 3, 4, 4]), np.full(4, 50.0), np.array([3, 4]))
    >>> make_field(streets, 400.0).correlate(np.array([0]), np.array([0, 1])).round(3).tolist()
    [[1.0, 0.797]]
    """
    # A symmetric matrix with a dominant diagonal needs no pivots, and the order that keeps it sparse is that of its
    # own graph.
    solver = splu(
        make_precision(streets, range_m),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    return Field(streets, solver, np.full(len(streets.middles), np.nan))


def distances_m(streets: Streets, of: Rows, limit_m: float) -> Floats:
    """Return how far it is along the streets between the middles of segments.

    Parameters
    ----------
    streets
        The graph.
    of
        Segments by their order in the table.
    limit_m
        What lies farther counts as infinitely far.

    Returns
    -------
    Metres, shape (of, of).
    """
    graph, step = _lengths(streets), max(1, _AT_ONCE // streets.size)
    nodes = streets.middles[of]
    blocks = [
        dijkstra(graph, directed=False, indices=nodes[start : start + step], limit=limit_m)[:, nodes]
        for start in range(0, len(nodes), step)
    ]
    return np.concatenate(blocks) if blocks else np.zeros((0, 0))


def nearest_m(streets: Streets, to: Rows) -> Floats:
    """Return how far the middle of each segment is from the nearest of some segments' middles.

    Parameters
    ----------
    streets
        The graph.
    to
        Segments by their order in the table, at least one.

    Returns
    -------
    Metres, infinite where no street leads there.
    """
    found = dijkstra(_lengths(streets), directed=False, indices=streets.middles[to], min_only=True)
    return np.asarray(found[streets.middles], dtype=np.float64)


def _lengths(streets: Streets) -> csr_array:
    """Return the lengths of the stretches by their ends; of those that run side by side the shortest."""
    tail, head = np.minimum(streets.tail, streets.head), np.maximum(streets.tail, streets.head)
    order = np.lexsort((streets.length_m, head, tail))
    order = order[tail[order] != head[order]]
    _, first = np.unique(tail[order] * streets.size + head[order], return_index=True)
    first = order[first]
    shape = (streets.size, streets.size)
    return csr_array((streets.length_m[first], (streets.tail[first], streets.head[first])), shape=shape)
