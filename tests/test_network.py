"""The walking graph: by hand in the town, and against networkx on random graphs with loops and parallel streets."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from town import CORNERS, EAST, METRIC, NORTH, PROPERTY, STREETS, at, box, line, links_of, segments_of, town

from safeaudit.network import (
    Network,
    NetworkPoints,
    betweenness,
    build_network,
    find_bridges,
    nearest_m,
    node_pairs_m,
    snap_to_network,
    sums_below,
    sums_within,
    to_edge_m,
)

graphs = st.integers(1, 12).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=20))
)


def random_network(seed: int, nodes: int = 25, links: int = 45) -> Network:
    """Return winding streets between random nodes, some of them loops or parallel."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 600, (nodes, 2))
    start, end = rng.integers(0, nodes, (2, links))
    straight_m = np.hypot(*(xy[start] - xy[end]).T)
    return Network(
        node_ids=np.arange(nodes).astype(object),
        xy=xy,
        start=start,
        end=end,
        length_m=straight_m * rng.uniform(1, 1.3, links) + rng.uniform(1, 30, links),
    )


def midpoints(network: Network) -> NetworkPoints:
    return NetworkPoints(np.arange(len(network.length_m)), network.length_m / 2)


def random_spots(network: Network, number: int, seed: int) -> NetworkPoints:
    rng = np.random.default_rng(seed)
    link = rng.integers(0, len(network.length_m), number)
    return NetworkPoints(link, network.length_m[link] * rng.random(number))


def drawn(network: Network, **spots: NetworkPoints) -> nx.MultiGraph:
    """Return the graph with every spot as a node of its own, named by its group and number."""
    on: dict[int, list[tuple[float, Any]]] = {}
    for group, some in spots.items():
        for number, (link, along) in enumerate(zip(some.link, some.along_m, strict=True)):
            on.setdefault(int(link), []).append((float(along), (group, number)))
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(network.node_ids)))
    for link, (start, end, length) in enumerate(zip(network.start, network.end, network.length_m, strict=True)):
        stations = [(0.0, int(start)), *sorted(on.get(link, [])), (float(length), int(end))]
        for (here, a), (there, b) in pairwise(stations):
            graph.add_edge(a, b, weight=there - here)
    return graph


def test_the_town_as_a_graph() -> None:
    lines = {name: line(*(CORNERS[node] for node in ends)) for name, ends in STREETS.items()}
    streets = links_of(segments_of(lines, STREETS))
    network = build_network(streets)
    assert network.node_ids.tolist() == ["n1", "n2", "n3", "n4"]
    assert (network.xy - (EAST, NORTH)).tolist() == [list(CORNERS[name]) for name in network.node_ids]
    named = dict(zip(streets["segment_id"], zip(network.start, network.end, strict=True), strict=True))
    assert named == {"south": (0, 1), "east": (1, 2), "north": (3, 2), "west": (0, 3)}
    assert network.length_m.tolist() == [100.0] * 4


@PROPERTY
@given(graphs)
def test_bridges_are_those_of_networkx(graph: tuple[int, list[tuple[int, int]]]) -> None:
    n, edges = graph
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    found = find_bridges(n, ends[:, 0], ends[:, 1])
    theirs = {tuple(sorted(pair)) for pair in nx.bridges(nx.MultiGraph(edges))}
    assert {tuple(sorted(pair)) for pair in ends[found.is_bridge].tolist()} == theirs
    assert found.is_bridge.sum() == len(theirs)


@PROPERTY
@given(graphs)
def test_what_lies_below_a_bridge_has_no_other_way_out(graph: tuple[int, list[tuple[int, int]]]) -> None:
    n, edges = graph
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    found = find_bridges(n, ends[:, 0], ends[:, 1])
    below = sums_below(found.parent, np.ones(n))[found.below]
    for number in np.flatnonzero(found.is_bridge):
        rest = nx.MultiGraph([edge for other, edge in enumerate(edges) if other != number])
        rest.add_nodes_from(range(n))
        assert below[number] == len(nx.node_connected_component(rest, int(found.below[number])))


def test_a_street_of_ten_thousand_pieces_has_bridges_alone() -> None:
    ends = np.arange(10_001)
    found = find_bridges(10_001, ends[:-1], ends[1:])
    assert found.is_bridge.all()
    assert sums_below(found.parent, np.ones(10_001)).max() == 10_001


def test_sums_below_a_small_tree() -> None:
    parent = np.array([-1, 0, 0, 1, 1, 4, -1])
    assert sums_below(parent, np.array([1.0, 2, 4, 8, 16, 32, 64])).tolist() == [63.0, 58.0, 4.0, 8.0, 48.0, 32.0, 64.0]


@pytest.mark.parametrize("seed", range(8))
def test_nearest_is_that_of_dijkstra_between_spots(seed: int) -> None:
    network = random_network(seed)
    origins, targets = random_spots(network, 40, seed + 100), random_spots(network, 6, seed + 200)
    graph = drawn(network, origin=origins, target=targets)
    theirs = nx.multi_source_dijkstra_path_length(graph, [("target", number) for number in range(6)])
    wanted = [theirs.get(("origin", number), np.inf) for number in range(40)]
    assert nearest_m(network, origins, targets) == pytest.approx(wanted)


@pytest.mark.parametrize("seed", range(4))
def test_distances_of_pairs_are_those_of_dijkstra(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safeaudit.network.tiles._PER_TILE", 7)
    network = random_network(seed)
    tail, head = np.random.default_rng(seed).integers(0, 25, (2, 200))
    theirs = dict(nx.all_pairs_dijkstra_path_length(drawn(network), cutoff=500))
    wanted = [theirs[a].get(b, np.inf) for a, b in zip(tail.tolist(), head.tolist(), strict=True)]
    assert 0 < np.isinf(wanted).sum() < 200
    assert node_pairs_m(network, tail, head, 500) == pytest.approx(wanted)


def test_there_is_no_way_to_nothing() -> None:
    network = random_network(1)
    none = NetworkPoints(np.zeros(0, dtype=np.int64), np.zeros(0))
    assert np.isinf(nearest_m(network, midpoints(network), none)).all()
    assert sums_within(network, midpoints(network), none, np.zeros((0, 2)), 400).tolist() == [[0.0, 0.0]] * 45


def test_spots_at_a_node_are_no_way_apart() -> None:
    network = random_network(3)
    at_start = NetworkPoints(np.arange(45), np.zeros(45))
    assert nearest_m(network, at_start, at_start).tolist() == [0.0] * 45
    assert nearest_m(network, NetworkPoints(np.arange(45), network.length_m), at_start).max() <= network.length_m.max()


@pytest.mark.parametrize("seed", range(8))
def test_sums_are_those_of_dijkstra_between_spots(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safeaudit.network.tiles._PER_TILE", 7)
    network = random_network(seed)
    origins, targets = random_spots(network, 40, seed + 300), random_spots(network, 60, seed + 400)
    weights = np.random.default_rng(seed).integers(0, 5, (60, 3)).astype(float)
    graph = drawn(network, origin=origins, target=targets)
    wanted = np.zeros((40, 3))
    for number in range(40):
        reached = nx.single_source_dijkstra_path_length(graph, ("origin", number), cutoff=300)
        near = [node[1] for node in reached if isinstance(node, tuple) and node[0] == "target"]
        wanted[number] = weights[near].sum(axis=0)
    assert 0 < wanted.sum() < 40 * weights.sum()
    assert sums_within(network, origins, targets, weights, 300).tolist() == wanted.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_betweenness_is_that_of_all_shortest_paths(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safeaudit.network.tiles._PER_TILE", 7)
    network = random_network(seed)
    weight = np.random.default_rng(seed).uniform(0.5, 2, 25)
    graph = nx.Graph()
    for number in np.argsort(-network.length_m):
        pair = int(network.start[number]), int(network.end[number])
        graph.add_edge(*pair, weight=float(network.length_m[number]), link=int(number))
    wanted, walks = np.zeros(45), 0.0
    for origin in graph:
        for target, path in nx.single_source_dijkstra_path(graph, origin, cutoff=500).items():
            if target != origin:
                walks += weight[origin] * weight[target]
                for a, b in pairwise(path):
                    wanted[graph.edges[a, b]["link"]] += weight[origin] * weight[target]
    assert betweenness(network, weight, 500) == pytest.approx(wanted / walks)


def test_betweenness_of_two_streets_in_a_row() -> None:
    xy = np.array([[0.0, 0], [100, 0], [200, 0]])
    ends, length_m = np.array([0, 1]), np.array([100.0, 100])
    network = Network(
        node_ids=np.array(["a", "b", "c"], dtype=object), xy=xy, start=ends, end=ends + 1, length_m=length_m
    )
    # a-b, b-c and a-c weigh 2, 2 and 1; each street carries its own two and the one that passes
    assert betweenness(network, np.array([1.0, 2, 1]), 800).tolist() == [0.6, 0.6]
    assert betweenness(network, np.array([1.0, 2, 1]), 150).tolist() == [0.5, 0.5]
    assert betweenness(network, np.array([1.0, 2, 1]), 50).tolist() == [0.0, 0.0]


def test_things_are_put_on_the_nearest_street() -> None:
    south, east = line((0, 0), (100, 0)), line((100, 0), (100, 100))
    shapes = [at(30, 20), at(120, 75), at(30, 51), at(110, -10), box(40, 10, 60, 30), box(70, -10, 80, 10)]
    spots, row = snap_to_network(np.array([south, east]), np.array(shapes), 50)
    found = list(zip(row.tolist(), spots.link.tolist(), spots.along_m.round(6).tolist(), strict=True))
    assert found[:4] == [(0, 0, 30.0), (1, 1, 75.0), (3, 0, 100.0), (3, 1, 0.0)]
    assert [(shape, link) for shape, link, _ in found[4:]] == [(4, 0), (5, 0)]
    assert 40 <= found[4][2] <= 60
    assert 70 <= found[5][2] <= 80


def test_the_edge_is_that_of_the_city_alone() -> None:
    places = town()
    ward = places.areas.assign(area_id="ward", kind="ward").set_geometry([box(40, 40, 60, 60)], crs=METRIC)
    areas = pd.concat([places.areas, ward], ignore_index=True)
    points = np.array([at(50, 50), at(0, 50), at(-11, 0)])
    assert to_edge_m(build_network(places.links), areas, points).tolist() == [51, 1, 10]


def test_where_streets_go_on_the_map_does_not_end_with_the_city() -> None:
    places = town()
    areas = places.areas.set_geometry([box(-1, -1, 101, 50)], crs=METRIC)
    assert to_edge_m(build_network(places.links), areas, np.array([at(50, 49), at(50, 10)])).tolist() == [49, 10]
