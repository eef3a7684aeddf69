"""Distances, sums and footfall on the network against pandana and cityseer, and how our time and memory grow.

The peers start from arrays or a graph that is ready, we from the table `links`; what each then sets up is in its
time, and told beside it: who asks many questions sets up once. Both are AGPL and no part of safeaudit: `pip install
pandana cityseer`. cityseer lets walks of nearly the same length share (networkx, to the last bit, agrees with us): its
betweenness has the same mean, and differs a little from node to node.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import logging
import os
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from city import make_project
from measure import cost, tell, tell_command

from safeaudit.config import PlacesSettings
from safeaudit.files.admit import admit
from safeaudit.network import NetworkPoints, betweenness, build_network, nearest_m, sums_within
from safeaudit.places import read_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from safeaudit.network import Network
    from safeaudit.tables import Places

FARTHEST_M, NEAR_M, WALK_M = 5000, 400, 800
NOTABLE = 0.01
SIZES = (10_000, 30_000, 100_000)
CATEGORIES = ("shop", "food", "finance", "school", "toilet", "water_point", "market", "police", "worship", "health")
HOURS = ("{}", '{"opening_hours": "Mo-Sa 08:00-18:00"}', '{"opening_hours": "10:00-23:00"}')
_GROWTH = """
import json, resource, sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from network import city
from safeaudit.config import EvidenceSettings
from safeaudit.evidence import Context, activity, escape, segment_links
from safeaudit.tables import empty_table
from safeaudit.network import build_network
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
places = city(Path(sys.argv[1]))
before, times = peak(), []
for _ in range(3):
    started = time.perf_counter()
    network = build_network(places.links)
    context = Context(places=places, network=network, segment_links=segment_links(places), submissions=None,
                      matches=empty_table("matches"), rasters=(), settings=EvidenceSettings())
    escape.find_evidence(context)
    escaped = time.perf_counter()
    activity.find_evidence(context)
    times.append((time.perf_counter() - started, escaped - started))
seconds, escape_s = min(times)
print(json.dumps([len(places.segments), seconds, escape_s, peak() - before]))
"""


def city(folder: Path) -> Places:
    """Return the places of a synthetic city, with a point of interest on every third segment."""
    extract = folder / "city.osm.pbf"
    places = read_places(PlacesSettings(osm=extract), "auto", {extract: admit(extract)}, evidence=True)
    rng = np.random.default_rng(1)
    lines = rng.choice(places.segments.geometry.to_numpy(), len(places.segments) // 3)
    points = shapely.line_interpolate_point(lines, rng.random(len(lines)), normalized=True)
    table = {
        "feature_id": [f"p{number}" for number in range(len(lines))],
        "kind": "poi",
        "category": rng.choice(CATEGORIES, len(lines)),
        "name": None,
        "tags": rng.choice(HOURS, len(lines)),
    }
    pois = gpd.GeoDataFrame(table, geometry=points, crs=places.crs)
    features = pd.concat([places.features, pois], ignore_index=True)
    return replace(places, features=features)


def main() -> None:
    """Print the comparison with each peer that is installed, and the growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name:
        make_project(Path(name), given.segments)
        places = city(Path(name))
    for peer, compare in (("pandana", with_pandana), ("cityseer", with_cityseer)):
        if importlib.util.find_spec(peer):
            compare(places, given.runs)
        else:
            print(f"{peer} is not installed: pip install {peer}")
    growth(given.sizes)


def with_pandana(places: Places, runs: int) -> None:
    """Compare distances to the nearest and sums within 400 m, all from nodes to nodes."""
    import pandana  # noqa: PLC0415 - a peer that may not be there

    network, nodes, chosen = _nodes(places)
    x, y = (pd.Series(network.xy[:, side]) for side in (0, 1))
    ends = pd.Series(network.start), pd.Series(network.end)

    def graph() -> Any:
        return pandana.Network(x, y, *ends, pd.DataFrame({"m": network.length_m}))

    def nearest(found: Any) -> NDArray[np.float64]:
        found.set_pois("poi", FARTHEST_M, 1, x[chosen], y[chosen])
        return found.nearest_pois(FARTHEST_M, "poi")[1].to_numpy()

    def sums(found: Any) -> NDArray[np.float64]:
        found.set(pd.Series(chosen), pd.Series(np.ones(len(chosen))), "uses")
        return found.aggregate(NEAR_M, type="sum", decay="flat", name="uses").to_numpy()

    _compare("nearest, pandana", lambda: _our_nearest(places, nodes, chosen), graph, nearest, runs)
    _compare("400 m sums, pandana", lambda: _our_sums(places, nodes, chosen), graph, sums, runs)


def with_cityseer(places: Places, runs: int) -> None:
    """Compare distances up to 800 m, sums within 400 m and betweenness within 800 m, all from nodes to nodes."""
    from cityseer.metrics import layers, networks  # noqa: PLC0415 - a peer that may not be there
    from cityseer.tools import io  # noqa: PLC0415 - the same

    logging.disable()
    network, nodes, chosen = _nodes(places)
    graph = _as_multigraph(network, places.crs.to_string())
    uses = gpd.GeoDataFrame(
        {"kind": ["use"] * len(chosen)}, geometry=shapely.points(network.xy[chosen]), crs=places.crs
    )

    def structure() -> Any:
        frame, _, built = io.network_structure_from_nx(graph)
        return frame, built

    def access(found: Any, distance_m: int, column: str) -> NDArray[np.float64]:
        table = layers.compute_accessibilities(uses, "kind", ["use"], *found, distances=[distance_m], decay_fn="1")
        return table[column].to_numpy()

    def footfall(found: Any) -> NDArray[np.float64]:
        return networks.betweenness_shortest(found[1], found[0], distances=[WALK_M])["cc_betweenness_800"].to_numpy()

    nearest = partial(access, distance_m=WALK_M, column="cc_use_nearest_max_800")
    sums = partial(access, distance_m=NEAR_M, column="cc_use_400")
    _compare("nearest within 800 m, cityseer", lambda: _our_nearest(places, nodes, chosen), structure, nearest, runs)
    _compare("400 m sums, cityseer", lambda: _our_sums(places, nodes, chosen), structure, sums, runs)
    _compare(
        "betweenness 800 m, cityseer",
        lambda: betweenness(build_network(places.links), np.ones(len(nodes)), WALK_M),
        structure,
        footfall,
        runs,
        lambda share: _of_nodes(places, nodes, share),
    )


def _as_multigraph(network: Network, crs: str) -> nx.MultiGraph:
    """Return the streets as cityseer takes them: straight from node to node."""
    graph = nx.MultiGraph(crs=crs)
    graph.add_nodes_from((str(row), {"x": x, "y": y, "live": True}) for row, (x, y) in enumerate(network.xy.tolist()))
    lines = shapely.linestrings(np.stack([network.xy[network.start], network.xy[network.end]], axis=1))
    ends = zip(network.start.tolist(), network.end.tolist(), lines, strict=True)
    graph.add_edges_from((str(a), str(b), {"geom": line}) for a, b, line in ends)
    return graph


def _nodes(places: Places) -> tuple[Network, NetworkPoints, NDArray[np.int64]]:
    """Return the network, every node as a spot on one of its links, and a fifth of them by chance, for targets."""
    network = build_network(places.links)
    link = np.zeros(len(network.xy), dtype=np.int64)
    link[network.end] = np.arange(len(network.end))
    along = network.length_m[link]
    link[network.start] = np.arange(len(network.start))
    along[network.start] = 0.0
    chosen = np.random.default_rng(2).permutation(len(link))[: len(link) // 5]
    return network, NetworkPoints(link, along), np.sort(chosen)


def _our_nearest(places: Places, nodes: NetworkPoints, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.minimum(nearest_m(build_network(places.links), nodes, nodes.take(chosen)), FARTHEST_M)


def _our_sums(places: Places, nodes: NetworkPoints, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    network = build_network(places.links)
    return sums_within(network, nodes, nodes.take(chosen), np.ones((len(chosen), 1)), NEAR_M)[:, 0]


def _of_nodes(places: Places, nodes: NetworkPoints, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return betweenness of nodes, walks each way as one: who passes a node is on two of its links."""
    network = build_network(places.links)
    n = len(nodes)
    reached = sums_within(network, nodes, nodes, np.ones((n, 1)), WALK_M)[:, 0] - 1
    ends = np.concatenate([network.start, network.end])
    passing = np.bincount(ends, np.tile(share, 2), minlength=n) * reached.sum() / 2
    return (passing - reached) / 2


def _compare(  # noqa: PLR0913, PLR0917 - what is compared, and how
    what: str,
    ours: Callable[[], NDArray[np.float64]],
    set_up: Callable[[], Any],
    theirs: Callable[[Any], NDArray[np.float64]],
    runs: int,
    translated: Callable[[NDArray[np.float64]], NDArray[np.float64]] = lambda found: found,
) -> None:
    """Print median times of runs in turns, their ratio, and how far the values differ where the peer has one."""
    seconds = []
    for _ in range(runs):
        with _quiet():
            moments = [time.perf_counter()]
            mine = ours()
            moments.append(time.perf_counter())
            ready = set_up()
            moments.append(time.perf_counter())
            peer = theirs(ready)
            seconds.append(np.diff([*moments, time.perf_counter()]))
    us, getting_ready, answering = np.median(seconds, axis=0)
    tell(what, us, getting_ready + answering, "s", f"wanted: at most 1 (peer's set-up {getting_ready:.3f} s)")
    mine = translated(mine)
    both = np.isfinite(mine) & np.isfinite(peer)
    off = np.abs(mine - peer)[both]
    figures = (
        f"{both.sum()} values differ by at most {off.max():.6f}, {(off > NOTABLE).mean():.1%} by more than {NOTABLE}"
    )
    print(f"{'':34} {figures}; means {mine[both].mean():.3f} and {peer[both].mean():.3f}", flush=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the peers' compiled parts print off the screen."""
    kept = [os.dup(1), os.dup(2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for one in (*kept, nowhere):
            os.close(one)


def growth(sizes: list[int]) -> None:
    """Print what all evidence from the network takes in cities of growing size."""
    print(f"{'segments':>9} {'seconds':>8} {'escape':>8} {'us/segment':>11} {'MiB more than the places':>25}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            make_project(Path(name), size)
            process = cost([sys.executable, "-c", _GROWTH, name, Path(__file__).parent])
        segments, seconds, escape_s, more = json.loads(process.said.splitlines()[-1])
        print(f"{segments:9} {seconds:8.2f} {escape_s:8.2f} {1e6 * seconds / segments:11.1f} {more:25.0f}", flush=True)


if __name__ == "__main__":
    main()
