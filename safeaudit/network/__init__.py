"""The streets as a graph that people walk: built once from the links, used wherever way and distance matter."""

from __future__ import annotations

from safeaudit.network.bridges import Bridges, find_bridges, sums_below
from safeaudit.network.distances import nearest_m, node_distances_m, node_pairs_m, sums_within
from safeaudit.network.footfall import betweenness
from safeaudit.network.graph import Network, build_network, to_edge_m
from safeaudit.network.points import NetworkPoints, snap_to_network

__all__ = [
    "Bridges",
    "Network",
    "NetworkPoints",
    "betweenness",
    "build_network",
    "find_bridges",
    "nearest_m",
    "node_distances_m",
    "node_pairs_m",
    "snap_to_network",
    "sums_below",
    "sums_within",
    "to_edge_m",
]
