"""The streets as a graph of main lines: what is a way out of a street, and what is only its own sidewalk.

In the network of links a cul-de-sac with a sidewalk is a ring, and a street with two sidewalks three ways. Here each
segment is one line: all nodes of its links stand on it, at their foot on the main line, and the pieces between one and
the next are the edges. So connections are those of the links, and none leads round by the same street.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.segment_links import SegmentLinks
    from safeaudit.network import Network
    from safeaudit.tables import Places

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

JUNCTION_M = 20.0
"""What stands on a main line this near to its end stands in the junction there, which takes a third of it at most."""

_ONE_SPOT_M = 0.01
_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MainLineGraph:
    """Pieces of main lines, and the paths of spaces, as edges.

    Attributes
    ----------
    start, end
        Node at both ends of each piece, shape (p,).
    length_m
        Its length, shape (p,).
    segment
        Row of its segment; -1 for a path of a space, shape (p,).
    node
        Node of this graph that each node of the network is part of, shape (n,).
    to_end_m
        How far each node of the network is from the end of a main line, if it stands in the junction there, along the
        line; else 0; infinite for nodes of paths of spaces alone, shape (n,).
    """

    start: Rows
    end: Rows
    length_m: Floats
    segment: Rows
    node: Rows
    to_end_m: Floats


@dataclass(frozen=True, slots=True)
class _Stations:
    """Nodes of the network as they stand on main lines, one after the other, segment after segment."""

    segment: Rows
    at_m: Floats
    node: Rows


def main_line_graph(places: Places, network: Network, links: SegmentLinks) -> MainLineGraph:
    """Build the graph.

    Parameters
    ----------
    places
        Links and segments.
    network
        The graph of the links.
    links
        As from `segment_links`.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - a quick run needs none of it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - the same

    n = len(network.node_ids)
    stations, to_end_m = _stations(places, network, links)
    path = np.setdiff1d(np.arange(len(network.start)), links.link)
    next_one = np.flatnonzero(np.diff(stations.segment) == 0)
    start = np.concatenate([stations.node[next_one], network.start[path]])
    end = np.concatenate([stations.node[next_one + 1], network.end[path]])
    length_m = np.concatenate([np.diff(stations.at_m)[next_one], network.length_m[path]])
    segment = np.concatenate([stations.segment[next_one], np.full(len(path), -1)])
    one_spot = length_m <= _ONE_SPOT_M
    joined = coo_array((np.ones(one_spot.sum()), (start[one_spot], end[one_spot])), shape=(n, n))
    node = connected_components(joined, directed=False)[1].astype(np.int64)
    return MainLineGraph(
        start=node[start[~one_spot]],
        end=node[end[~one_spot]],
        length_m=length_m[~one_spot],
        segment=segment[~one_spot],
        node=node,
        to_end_m=to_end_m,
    )


def _stations(places: Places, network: Network, links: SegmentLinks) -> tuple[_Stations, Floats]:
    """Return the nodes along every main line, those in a junction at its end; and how far they really are from it."""
    node = np.concatenate([network.start[links.link], network.end[links.link]])
    segment, at_m = np.tile(links.segment, 2), np.concatenate([links.from_m, links.to_m])
    rest_m = links.whole_m[segment] - at_m
    reach_m = np.minimum(JUNCTION_M, links.whole_m[segment] / 3)
    near_start, near_end = at_m <= reach_m, rest_m <= reach_m
    to_end_m = np.full(len(network.node_ids), np.inf)
    np.minimum.at(to_end_m, node, np.select([near_start, near_end], [at_m, rest_m], 0.0).round(_DIGITS))
    at_m = np.select([near_start, near_end], [0.0, links.whole_m[segment]], at_m)
    # A main line reaches from end to end, also where it is a ring or no link of its own comes near its end.
    row = np.arange(len(links.whole_m))
    ends = [_nearest(places, network, segment, node, which) for which in (0, -1)]
    segment = np.concatenate([segment, row, row])
    at_m = np.concatenate([at_m, np.zeros(len(row)), links.whole_m])
    node = np.concatenate([node, *ends])
    order = np.lexsort((node, at_m, segment))
    return _Stations(segment[order], at_m[order], node[order]), to_end_m


def _nearest(places: Places, network: Network, segment: Rows, node: Rows, which: int) -> Rows:
    """Return the node of its links that is nearest to one end of every main line."""
    end = shapely.get_coordinates(shapely.get_point(places.segments.geometry.to_numpy(), which))
    away_m = np.hypot(*(network.xy[node] - end[segment]).T).round(6)
    order = np.lexsort((node, away_m, segment))
    return node[order[np.unique(segment[order], return_index=True)[1]]]
