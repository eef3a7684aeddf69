"""The graph itself: nodes, and the links between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from scipy.sparse import csr_array


_BEYOND = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The walking graph: every link is an edge that can be walked both ways.

    Attributes
    ----------
    node_ids
        Names of the nodes, sorted, shape (n,).
    xy
        Where they are, metres, shape (n, 2).
    start, end
        Row of the node where each link starts and ends, shape (s,), in the order of the table `links`.
    length_m
        Length of each link, shape (s,).
    """

    node_ids: NDArray[np.object_]
    xy: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    length_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arcs:
    """Every link as two arcs, there and back; of parallel ones the shortest alone, and no loops.

    `matrix` holds their lengths by tail and head, `key` and `link` the same entries in the same order.
    """

    matrix: csr_array
    key: NDArray[np.int64]
    link: NDArray[np.int64]

    def joining(self, tail: NDArray[np.int64], head: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the link between each two neighbours."""
        return self.link[np.searchsorted(self.key, tail * self.matrix.shape[0] + head)]


def build_network(links: GeoDataFrame) -> Network:
    """Build the walking graph.

    Parameters
    ----------
    links
        The table of this name.
    """
    names = np.concatenate([links["node_from"].to_numpy(dtype=object), links["node_to"].to_numpy(dtype=object)])
    codes, node_ids = pd.factorize(names, sort=True)
    lines = links.geometry.to_numpy()
    xy = np.zeros((len(node_ids), 2))
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    xy[codes] = shapely.get_coordinates(ends)
    return Network(
        node_ids=np.asarray(node_ids, dtype=object),
        xy=xy,
        start=codes[: len(links)].astype(np.int64),
        end=codes[len(links) :].astype(np.int64),
        length_m=links["length_m"].to_numpy(dtype=np.float64),
    )


def arcs(network: Network) -> Arcs:
    """Return the arcs of the walking graph."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quick run needs none of it

    n = len(network.node_ids)
    tail = np.concatenate([network.start, network.end])
    head = np.concatenate([network.end, network.start])
    link = np.tile(np.arange(len(network.start)), 2)
    order = np.lexsort((network.length_m[link], head, tail))
    order = order[tail[order] != head[order]]
    key, first = np.unique(tail[order] * n + head[order], return_index=True)
    link = link[order][first]
    pointers = np.searchsorted(key, np.arange(n + 1) * n)
    return Arcs(csr_array((network.length_m[link], key % max(n, 1), pointers), shape=(n, n)), key, link)


def to_edge_m(network: Network, areas: GeoDataFrame, points: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return how far points are from the edge of what is mapped.

    Parameters
    ----------
    network
        The walking graph.
    areas
        The table of this name. The outline of its areas of kind city is the edge; where more than 5 % of
        the nodes lie beyond it the map does not end there, and the hull of the nodes is the edge.
    points
        Points in the run's CRS, shape (p,).

    Returns
    -------
    Metres, shape (p,).
    """
    city = shapely.union_all(areas.geometry.to_numpy()[(areas["kind"] == "city").to_numpy()])
    shapely.prepare(city)
    beyond = ~shapely.intersects_xy(city, network.xy)
    if beyond.sum() > _BEYOND * len(beyond):
        city = shapely.convex_hull(shapely.multipoints(network.xy))
    edge = shapely.boundary(city)
    shapely.prepare(edge)
    return shapely.distance(points, edge)
