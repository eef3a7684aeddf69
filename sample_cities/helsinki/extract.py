"""What the simulation needs of the extract, read on its own: the audits must not change when safeaudit does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import osmium
import shapely
from pyproj import CRS

from safeaudit.crs import to_metres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

UTM = CRS.from_epsg(32635)
SPACES = {"park", "garden", "playground", "pitch", "square", "marketplace", "pedestrian"}
STOPS = {"bus_stop", "tram_stop", "platform", "station"}

Tags = dict[str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of street between two junctions, metres."""

    ends: tuple[int, int]
    line: NDArray[np.float64]
    tags: Tags
    way: int


@dataclass(frozen=True, slots=True)
class Extract:
    """Streets, and what stands around them, metres."""

    pieces: list[Piece]
    lamps: shapely.STRtree
    buildings: shapely.STRtree
    stops: shapely.STRtree
    stations: shapely.STRtree
    spaces: shapely.STRtree


def read_extract(path: Path) -> Extract:
    """Read an extract; streets that leave it, and tunnels, are left out."""
    wkb = osmium.geom.WKBFactory()
    found: dict[str, list[str]] = {kind: [] for kind in ("lamp", "building", "stop", "station", "space")}
    ways: list[tuple[list[tuple[int, float, float]], Tags, int]] = []
    for entity in osmium.FileProcessor(str(path)).with_areas().with_filter(osmium.filter.EmptyTagFilter()):
        tags = {tag.k: tag.v for tag in entity.tags}
        if entity.is_node():
            for kind in _kinds(tags):
                found[kind].append(wkb.create_point(entity))
        elif entity.is_area():
            kind = "building" if "building" in tags else "space" if SPACES & set(tags.values()) else ""
            if kind:
                found[kind].append(wkb.create_multipolygon(entity))
        elif entity.is_way() and "highway" in tags and "tunnel" not in tags and tags.get("area") != "yes":
            nodes = [(node.ref, node.lon, node.lat) for node in entity.nodes if node.location.valid()]
            if len(nodes) == len(entity.nodes):
                ways.append((nodes, tags, entity.id))
    trees = {f"{kind}s": _tree(shapes) for kind, shapes in found.items()}
    return Extract(pieces=list(_pieces(ways)), **trees)


def _kinds(tags: Tags) -> Iterator[str]:
    told = {tags.get(key) for key in ("highway", "railway", "public_transport", "amenity")}
    if "street_lamp" in told:
        yield "lamp"
    if told & STOPS:
        yield "stop"
    if "station" in told:
        yield "station"


def _tree(shapes: list[str]) -> shapely.STRtree:
    degrees = shapely.from_wkb(np.array(shapes, dtype=object))
    return shapely.STRtree(shapely.transform(degrees, lambda lonlat: to_metres(lonlat, UTM)))


def _pieces(ways: list[tuple[list[tuple[int, float, float]], Tags, int]]) -> Iterator[Piece]:
    """Yield the ways cut where they meet."""
    used = Counter(ref for nodes, _, _ in ways for ref, _, _ in nodes)
    for nodes, tags, way in ways:
        xy = to_metres(np.array(nodes)[:, 1:], UTM)
        cuts = [0, *(i for i in range(1, len(nodes) - 1) if used[nodes[i][0]] > 1), len(nodes) - 1]
        for start, end in pairwise(cuts):
            if end > start:
                yield Piece((nodes[start][0], nodes[end][0]), xy[start : end + 1], tags, way)
