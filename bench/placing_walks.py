"""Seeded walks on the ways of a city: where a pedestrian truly was, and what a phone says."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from safeaudit.crs import to_metres
from safeaudit.places.layers import lines_from_layer, read_layer
from safeaudit.places.osm import read_streets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from safeaudit.config import PlacesSettings
    from safeaudit.files import Admitted

STRAIGHT = ((600.0, 1500.0),)
ROUND = ((150.0, 400.0),) * 4
STEP_M = (30.0, 60.0)
SPEED_M_PER_S = (0.9, 1.4)
FORM_S = (20.0, 120.0)
PER_AXIS = 1.51
"""The radius that holds 68 % of fixes, in standard deviations along one axis."""

KEPT = 0.7
"""How much of a fix's error is still there at the next submission, where errors are correlated."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Every way that is walked on, vertex by vertex: its row in `table`, its node and its position in metres."""

    way: NDArray[np.int64]
    node: NDArray[np.int64]
    xy: NDArray[np.float64]
    table: pd.DataFrame

    @property
    def edges(self) -> pd.DataFrame:
        """One row for each two vertices in turn: way, tail, head, their rows and the length."""
        first = np.flatnonzero(self.way[1:] == self.way[:-1])
        length = np.hypot(*(self.xy[first + 1] - self.xy[first]).T)
        columns = {"way": self.way[first], "tail": self.node[first], "head": self.node[first + 1]}
        edges = pd.DataFrame({**columns, "first": first, "last": first + 1, "length_m": length})
        return edges[(edges["tail"] != edges["head"]) & (edges["length_m"] > 0)]


def ways_of(settings: PlacesSettings, file: Admitted, crs: CRS) -> Ways:
    """Read the ways of an extract, or of a layer of the team's own; a layer's have no osm_ids."""
    if settings.osm is None:
        frame, _ = read_layer(file, settings.streets, key="streets")
        lines = lines_from_layer(frame.to_crs(crs))
        return Ways(lines.line, lines.node, lines.xy, lines.attributes.reset_index(drop=True))
    streets = read_streets(file, settings)
    known = ~np.isnan(streets.lonlat[:, 0])
    node = np.unique(streets.ref[known], return_inverse=True)[1]
    return Ways(streets.way[known], node, to_metres(streets.lonlat[known], crs), streets.ways.reset_index(drop=True))


def walks(ways: Ways, count: int, seed: int) -> gpd.GeoDataFrame:
    """Return submissions every 30 to 60 m of walks: walk, way, seconds, point.

    Every other walk is the shortest way between two nodes 600 to 1,500 m apart; the others, as a group that looks at a
    quarter, go to four nodes in turn, each 150 to 400 m from the last, and turn about where that is shortest.
    """
    rng = np.random.default_rng(seed)
    there = ways.edges
    both = pd.concat([there, there.rename(columns={"tail": "head", "head": "tail", "first": "last", "last": "first"})])
    both = both.sort_values("length_m", kind="stable").drop_duplicates(["tail", "head"]).set_index(["tail", "head"])
    n = int(ways.node.max()) + 1
    tail, head = (both.index.get_level_values(side).to_numpy() for side in (0, 1))
    graph = csr_array((both["length_m"].to_numpy(), (tail, head)), shape=(n, n))
    rows: list[pd.DataFrame] = []
    while len(rows) < count:
        path = _legs(graph, int(rng.choice(ways.node)), STRAIGHT if len(rows) % 2 else ROUND, rng)
        if path:
            rows.append(_submissions(ways, both.loc[list(pairwise(path))], rng, len(rows)))
    found = pd.concat(rows, ignore_index=True)
    return gpd.GeoDataFrame(found.drop(columns=["x", "y"]), geometry=shapely.points(found[["x", "y"]].to_numpy()))


def _legs(graph: csr_array, start: int, legs: Sequence[tuple[float, float]], rng: np.random.Generator) -> list[int]:
    """Return the nodes of a walk of shortest legs, each of a length between two; empty where it leads nowhere."""
    path = [start]
    for least, most in legs:
        far, before = dijkstra(graph, indices=path[-1], limit=most, return_predecessors=True)
        ends = np.flatnonzero((far >= least) & (far <= most))
        if not len(ends):
            return []
        leg = [int(rng.choice(ends))]
        while before[leg[-1]] >= 0:
            leg.append(int(before[leg[-1]]))
        path += leg[-2::-1]
    return path


def _submissions(ways: Ways, route: pd.DataFrame, rng: np.random.Generator, walk: int) -> pd.DataFrame:
    """Return where on a route of edges a person stopped to answer, and when."""
    ends = route["length_m"].cumsum().to_numpy()
    at = np.cumsum(rng.uniform(*STEP_M, int(ends[-1] / STEP_M[0]) + 1))
    at = at[at < ends[-1]]
    edge = np.searchsorted(ends, at)
    share = 1 - (ends[edge] - at) / route["length_m"].to_numpy()[edge]
    one, other = (ways.xy[route[side].to_numpy()[edge]] for side in ("first", "last"))
    xy = one + share[:, None] * (other - one)
    walked_s = np.diff(at, prepend=0.0) / rng.uniform(*SPEED_M_PER_S, len(at))
    seconds = np.cumsum(walked_s + rng.uniform(*FORM_S, len(at)))
    return pd.DataFrame(
        {"walk": walk, "way": route["way"].to_numpy()[edge], "s": seconds, "x": xy[:, 0], "y": xy[:, 1]}
    )


def fixes(true: gpd.GeoDataFrame, radius_m: float, seed: int, *, correlated: bool) -> gpd.GeoDataFrame:
    """Return the columns of `submissions` that placing reads: what phones say whose 68 % radius is as given."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((len(true), 2))
    if correlated:
        begins = true["walk"].to_numpy() != np.roll(true["walk"].to_numpy(), 1)
        for row in range(1, len(noise)):
            if not begins[row]:
                noise[row] = KEPT * noise[row - 1] + np.sqrt(1 - KEPT**2) * noise[row]
    xy = shapely.get_coordinates(true.geometry.to_numpy()) + noise * radius_m / PER_AXIS
    begun = pd.Timestamp("2026-03-02T15:00Z") + pd.to_timedelta(true["walk"] * 4, unit="h")
    columns = {
        "submission_id": [f"s{row:06d}" for row in range(len(true))],
        "walk_id": "w" + true["walk"].astype(str),
        "auditor": None,
        "observed_at": (begun + pd.to_timedelta(true["s"], unit="s")).astype("datetime64[us, UTC]"),
        "accuracy_m": radius_m,
        "place_code": None,
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.points(xy))
