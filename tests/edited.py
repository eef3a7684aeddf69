"""An extract as it would be after somebody edited the map: seeded edits, written as a new extract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METRES_PER_DEGREE = 111_195.0
NEW_ID = 99_000_000_000


@dataclass
class Map:
    """Everything of an extract, in memory; edits change it in place."""

    nodes: dict[int, tuple[tuple[float, float], dict[str, str]]] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], dict[str, str]]] = field(default_factory=dict)
    relations: dict[int, tuple[list[Any], dict[str, str]]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Map:
        """Read an extract."""
        found = cls()
        for thing in osmium.FileProcessor(str(path)):
            tags = dict(thing.tags)
            if isinstance(thing, osmium.osm.Node):
                found.nodes[thing.id] = ((thing.lon, thing.lat), tags)
            elif isinstance(thing, osmium.osm.Way):
                found.ways[thing.id] = ([node.ref for node in thing.nodes], tags)
            elif isinstance(thing, osmium.osm.Relation):
                found.relations[thing.id] = ([(m.type, m.ref, m.role) for m in thing.members], tags)
        return found

    def write(self, path: Path) -> Path:
        """Write it as an extract."""
        make = osmium.osm.mutable
        with osmium.SimpleWriter(str(path), overwrite=True) as writer:
            for number, (spot, tags) in sorted(self.nodes.items()):
                writer.add_node(make.Node(id=number, version=1, location=spot, tags=tags))
            for number, (refs, tags) in sorted(self.ways.items()):
                writer.add_way(make.Way(id=number, version=1, nodes=refs, tags=tags))
            for number, (members, tags) in sorted(self.relations.items()):
                writer.add_relation(make.Relation(id=number, version=1, members=members, tags=tags))
        return path

    def roads(self) -> list[int]:
        """Return the ways with a highway value whose nodes are all there."""
        return [
            number
            for number, (refs, tags) in sorted(self.ways.items())
            if "highway" in tags and all(ref in self.nodes for ref in refs)
        ]

    def _some(self, rng: np.random.Generator, count: int) -> Iterator[int]:
        yield from (int(number) for number in rng.choice(self.roads(), count, replace=False))

    def split_ways(self, rng: np.random.Generator, count: int = 60) -> None:
        """Split ways at a node in their middle; the second half is a new way."""
        for number in self._some(rng, count):
            refs, tags = self.ways[number]
            if len(refs) > 2 and refs[0] != refs[-1]:
                self.ways[number] = (refs[: len(refs) // 2 + 1], tags)
                self.ways[NEW_ID + number] = (refs[len(refs) // 2 :], tags)

    def move_nodes(self, rng: np.random.Generator, count: int = 100) -> None:
        """Move nodes of roads, and of nothing else, by 2 m."""
        others = {
            ref for refs, tags in self.ways.values() if "highway" not in tags or refs[0] == refs[-1] for ref in refs
        }
        for number in self._some(rng, count):
            ref = int(rng.choice(self.ways[number][0]))
            if ref in others:
                continue
            (lon, lat), tags = self.nodes[ref]
            turn = rng.uniform(0, 2 * np.pi)
            step = 2 / METRES_PER_DEGREE
            self.nodes[ref] = ((lon + step * np.cos(turn) / np.cos(np.radians(lat)), lat + step * np.sin(turn)), tags)

    def add_tags(self, rng: np.random.Generator, count: int = 100) -> None:
        """Say of ways what their surface is, and that they are lit."""
        for number in self._some(rng, count):
            refs, tags = self.ways[number]
            self.ways[number] = (refs, {**tags, "surface": "paving_stones", "lit": "yes", "note": "seen"})

    def add_lane(self, rng: np.random.Generator) -> tuple[float, float]:
        """Join a new lane of 40 m, with a name, to a street; return where."""
        streets = [number for number in self.roads() if self.ways[number][1]["highway"] in ("residential", "tertiary")]
        ref = int(rng.choice(self.ways[int(rng.choice(streets))][0]))
        (lon, lat), _ = self.nodes[ref]
        self.nodes[NEW_ID] = ((lon + 40 / METRES_PER_DEGREE, lat + 10 / METRES_PER_DEGREE), {})
        self.ways[NEW_ID] = ([ref, NEW_ID], {"highway": "residential", "name": "New Lane"})
        return lon, lat

    def crop(self, west: float, south: float, east: float, north: float) -> None:
        """Leave out all nodes outside a box, as a simple cut does: ways still name them."""
        inside = {n for n, ((lon, lat), _) in self.nodes.items() if west <= lon <= east and south <= lat <= north}
        self.nodes = {number: node for number, node in self.nodes.items() if number in inside}
        self.ways = {n: way for n, way in self.ways.items() if any(ref in inside for ref in way[0])}
