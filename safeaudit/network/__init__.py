"""The streets as a graph that people walk: built once from the links, used wherever way and distance matter."""

from __future__ import annotations

from safeaudit.network.bridges import Bridges, find_bridges, sums_below
from safeaudit.network.catchments import (
    Catchments,
    Ways,
    any_of,
    find_catchments,
    find_reached,
    join_links,
    lay_ways,
    no_draws,
    points_within,
    sum_weights,
)
from safeaudit.network.distances import nearest_m, node_distances_m, node_pairs_m, sums_within
from safeaudit.network.footfall import betweenness
from safeaudit.network.graph import Network, build_network, to_edge_m
from safeaudit.network.points import NetworkPoints, find_doors, snap_to_network

__all__ = [
    "Bridges",
    "Catchments",
    "Network",
    "NetworkPoints",
    "Ways",
    "any_of",
    "betweenness",
    "build_network",
    "find_bridges",
    "find_catchments",
    "find_doors",
    "find_reached",
    "join_links",
    "lay_ways",
    "nearest_m",
    "no_draws",
    "node_distances_m",
    "node_pairs_m",
    "points_within",
    "snap_to_network",
    "sum_weights",
    "sums_below",
    "sums_within",
    "to_edge_m",
]
