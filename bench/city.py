"""Make a synthetic city of a wanted size: an extract as OpenStreetMap would give it, and audits on its streets.

    python bench/city.py FOLDER SEGMENTS [--lighting-only]

writes city.osm.pbf, audits.csv (as many points as segments) and safeaudit.toml. The same size gives the same city.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import osmium
import pandas as pd

from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

SEED = 20_260_101
ORIGIN = (36.80, -1.30)
DEGREES_PER_M = 1 / 111_195
BLOCK_M = 90.0
FOOTPATH_SHARE = 0.10
BLOCKS_PER_STREET = 8
LAMPS_PER_JUNCTION = 0.4
USES = (
    (0.2, {"shop": "convenience", "opening_hours": "Mo-Su 08:00-22:00"}),
    (0.1, {"amenity": "restaurant"}),
    (0.05, {"entrance": "yes"}),
    (0.02, {"barrier": "gate"}),
    (0.01, {"amenity": "toilets"}),
    (0.01, {"amenity": "drinking_water"}),
    (0.01, {"amenity": "school"}),
    (0.003, {"amenity": "police"}),
    (0.003, {"amenity": "marketplace"}),
)
"""Share of the junctions beside which such a thing is."""

HIGHWAYS = ("residential", "residential", "residential", "tertiary", "secondary", "unclassified", "footway", "service")
TOML = """[city]
name = "Synthetic city"
timezone = "Africa/Nairobi"

[places]
osm = "city.osm.pbf"

[[audits]]
file = "audits.csv"
campaign = "bench"
"""


@dataclass(frozen=True, slots=True)
class Grid:
    """A jittered grid of junctions, and the pairs of them that a street piece joins."""

    lonlat: NDArray[np.float64]
    side: int
    footpaths: NDArray[np.int64]

    @property
    def ends(self) -> NDArray[np.int64]:
        """Junctions at both ends of every street piece, shape (segments, 2)."""
        index = np.arange(self.side**2).reshape(self.side, self.side)
        across = np.column_stack([index[:, :-1].ravel(), index[:, 1:].ravel()])
        along = np.column_stack([index[:-1].ravel(), index[1:].ravel()])
        return np.concatenate([across, along, self.footpaths])


def make_project(folder: Path, segments: int, *, lighting_only: bool = False, dense: bool = False) -> None:
    """Write a project of a wanted number of segments, and as many audit points, to a folder; `dense` as below."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([SEED, segments])
    grid = make_grid(segments, rng)
    write_extract(grid, folder / "city.osm.pbf", rng, dense=dense)
    starts, ends = (grid.lonlat[grid.ends[:, side]] for side in (0, 1))
    points = scatter(starts, ends, segments, rng)
    write_audits(points, folder / "audits.csv", rng, lighting_only=lighting_only)
    (folder / "safeaudit.toml").write_text(TOML, encoding="utf-8")


def make_grid(segments: int, rng: np.random.Generator) -> Grid:
    """Return a square town with footpaths across some blocks, of a wanted number of street pieces."""
    side = max(2, round((1 + np.sqrt(1 + 2 * (1 - FOOTPATH_SHARE) * segments)) / 2))
    steps = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * BLOCK_M
    metres = steps + rng.uniform(-12, 12, steps.shape)
    blocks = np.arange(side**2).reshape(side, side)[:-1, :-1].ravel()
    crossed = np.sort(rng.permutation(blocks)[: max(0, segments - 2 * side * (side - 1))])
    return Grid(np.array(ORIGIN) + metres * DEGREES_PER_M, side, np.column_stack([crossed, crossed + side + 1]))


def write_extract(grid: Grid, target: Path, rng: np.random.Generator, *, dense: bool = False) -> None:
    """Write streets, footpaths, buildings, parks, stops and lamps; ids are stable.

    A dense city has two buildings in a block, and what evidence looks for: shops, toilets, schools, gates ...
    """
    with _Extract(target) as extract:
        extract.nodes(grid.lonlat)
        extract.nodes(_beside(grid, rng, LAMPS_PER_JUNCTION, 6), {"highway": "street_lamp"})
        extract.nodes(_beside(grid, rng, 0.03, 5), {"highway": "bus_stop", "name": "Stop"})
        blocks = np.arange(grid.side**2).reshape(grid.side, grid.side)[:-1, :-1].ravel()
        green = rng.random(len(blocks)) < 0.02
        buildings = extract.squares(grid.lonlat[blocks[~green]], 20.0)
        if dense:
            buildings += extract.squares(grid.lonlat[blocks[~green]] + 35 * DEGREES_PER_M, 25.0)
            for share, tags in USES:
                extract.nodes(_beside(grid, rng, share, 25), tags)
        parks = extract.squares(grid.lonlat[blocks[green]], 60.0)
        for nodes, tags in _streets(grid, rng):
            extract.way(nodes, tags)
        for path in grid.footpaths.tolist():
            extract.way(path, {"highway": "footway", "surface": "unpaved"})
        for number, nodes in enumerate(buildings):
            extract.way(nodes, {"building": "yes", "addr:housenumber": str(number)})
        for number, nodes in enumerate(parks):
            extract.way(nodes, {"leisure": "park", "name": f"Park {number}"})


def _streets(grid: Grid, rng: np.random.Generator) -> Iterable[tuple[list[int], dict[str, str]]]:
    """Yield the streets: eight blocks each, named by their row or column, half of them saying whether they are lit."""
    index = np.arange(grid.side**2).reshape(grid.side, grid.side)
    for number, line in enumerate([*index, *index.T]):
        for start in range(0, grid.side - 1, BLOCKS_PER_STREET):
            tags = {"highway": HIGHWAYS[rng.integers(len(HIGHWAYS))], "name": f"Street {number}"}
            lit = ("", "", "yes", "no")[rng.integers(4)]
            yield line[start : start + BLOCKS_PER_STREET + 1].tolist(), tags | ({"lit": lit} if lit else {})


def _beside(grid: Grid, rng: np.random.Generator, share: float, metres: float) -> NDArray[np.float64]:
    chosen = grid.lonlat[rng.random(len(grid.lonlat)) < share]
    return chosen + rng.uniform(-metres, metres, chosen.shape) * DEGREES_PER_M


class _Extract:
    """An extract that is written: all nodes first, then all ways, numbered from 1."""

    def __init__(self, target: Path) -> None:
        target.unlink(missing_ok=True)
        self._writer = osmium.SimpleWriter(str(target))
        self._n_nodes = 0
        self._n_ways = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def nodes(self, lonlat: NDArray[np.float64], tags: Mapping[str, str] | None = None) -> None:
        """Add nodes; those of the junctions come first, so that node i is junction i - 1."""
        for place in lonlat.tolist():
            self._n_nodes += 1
            self._writer.add_node(osmium.osm.mutable.Node(id=self._n_nodes, location=tuple(place), tags=tags or {}))

    def squares(self, corners: NDArray[np.float64], side_m: float) -> list[list[int]]:
        """Add the nodes of squares inside blocks and return their rings, as numbers of nodes from 0."""
        steps = np.array([(15, 15), (15 + side_m, 15), (15 + side_m, 15 + side_m), (15, 15 + side_m)]) * DEGREES_PER_M
        first = self._n_nodes
        self.nodes((corners[:, None, :] + steps).reshape(-1, 2))
        rings = first + np.arange(4 * len(corners)).reshape(-1, 4)
        return np.column_stack([rings, rings[:, 0]]).tolist()

    def way(self, nodes: list[int], tags: Mapping[str, str]) -> None:
        """Add a way through nodes, numbered from 0."""
        self._n_ways += 1
        refs = [node + 1 for node in nodes]
        self._writer.add_way(osmium.osm.mutable.Way(id=self._n_ways, nodes=refs, tags=dict(tags)))


def scatter(
    starts: NDArray[np.float64], ends: NDArray[np.float64], n: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return n points, degrees, on straight pieces chosen evenly, with the few metres that a phone is off."""
    piece = rng.integers(len(starts), size=n)
    along = rng.random((n, 1))
    off = rng.normal(0, 4, (n, 2)) * DEGREES_PER_M
    return starts[piece] * (1 - along) + ends[piece] * along + off


def write_audits(lonlat: NDArray[np.float64], target: Path, rng: np.random.Generator, *, lighting_only: bool) -> None:
    """Write one row per point: nine indicators with walks and auditors, or latitude, longitude and lighting alone."""
    n = len(lonlat)
    table = pd.DataFrame({"latitude": lonlat[:, 1].round(6), "longitude": lonlat[:, 0].round(6)})
    if not lighting_only:
        minutes = pd.to_timedelta(rng.integers(0, 90 * 24 * 60, n), unit="min")
        table.insert(0, "submission_id", [f"s{number}" for number in range(n)])
        table["observed_at"] = (pd.Timestamp("2026-01-01T00:00+03:00") + minutes).strftime("%Y-%m-%dT%H:%M:%S%z")
        table["accuracy_m"] = rng.uniform(3, 12, n).round(1)
        table["walk_id"] = [f"w{number // 40}" for number in range(n)]
        table["auditor"] = [f"a{number}" for number in rng.integers(0, 200, n)]
    for name in ("lighting",) if lighting_only else STANDARD.names:
        table[name] = rng.integers(0, 4, n)
    table.to_csv(target, index=False, lineterminator="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("segments", type=int)
    parser.add_argument("--lighting-only", action="store_true")
    given = parser.parse_args()
    make_project(given.folder, given.segments, lighting_only=given.lighting_only)
