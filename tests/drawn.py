"""Streets drawn by hand: ways by their id over named spots in metres, and what is made of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from town import METRIC

from safeaudit.places.links import Lines
from safeaudit.places.segments import segments_from_lines
from safeaudit.places.streets import Ground

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import shapely

Spots = dict[str, tuple[float, float]]
Way = tuple["Sequence[str]", dict[str, str]]


def lines_of(ways: Mapping[str, Way], spots: Spots, *, own: bool = False) -> Lines:
    """Return lines by their id, each a row of spots and its tags; a spot without a position is outside the extract."""
    names = sorted({spot for way, _ in ways.values() for spot in way})
    flat = [spot for way, _ in ways.values() for spot in way]
    tags = [said for _, said in ways.values()]
    told = [json.dumps({k: v for k, v in sorted(said.items()) if k != "name"}) for said in tags]
    columns = {
        "line_id": list(ways),
        "name": [said.get("name") for said in tags],
        "highway": [said.get("highway") for said in tags],
        "tags": told,
        "osm_ids": None if own else list(ways),
    }
    return Lines(
        line=np.repeat(np.arange(len(ways)), [len(way) for way, _ in ways.values()]),
        node=np.array([names.index(spot) for spot in flat], dtype=np.int64),
        xy=np.array([spots.get(spot, (np.nan, np.nan)) for spot in flat], dtype=float).reshape(-1, 2),
        node_ids=np.array(names, dtype=object),
        attributes=pd.DataFrame(columns, dtype=object),
    )


def streets_of(  # noqa: PLR0913 - what may be drawn
    ways: Mapping[str, Way],
    spots: Spots,
    *,
    limit: float = 150.0,
    obstacles: Sequence[shapely.Geometry] = (),
    spaces: Mapping[str, shapely.Geometry] | None = None,
    own: bool = False,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return segments and links of what is drawn; the spaces have their id for a name."""
    around = spaces or {}
    columns = {"place_id": list(around), "name": list(around)}
    shapes = gpd.GeoDataFrame(columns, geometry=list(around.values()), crs=METRIC)
    ground = Ground(np.array(obstacles, dtype=object), shapes.geometry.to_numpy())
    lines = lines_of(ways, spots, own=own)
    segments, links, _ = segments_from_lines(lines, METRIC, ground, shapes, max_segment_m=limit)
    return segments, links


def sharing(links: gpd.GeoDataFrame) -> dict[str, set[str]]:
    """Return the ways that have links in each segment or space, by its id."""
    place = links["segment_id"].fillna(links["space_id"])
    return {name: set(group) for name, group in links["osm_ids"].groupby(place)}


def together(links: gpd.GeoDataFrame, *ways: str) -> bool:
    """Tell whether one segment has links of all these ways."""
    return any(set(ways) <= found for found in sharing(links).values())


def apart(links: gpd.GeoDataFrame, one: str, other: str) -> bool:
    """Tell whether no segment has links of both ways."""
    return not together(links, one, other)


def row(y: float, *xs: float, prefix: str) -> dict[str, Any]:
    """Return spots in a row from west to east: prefix0, prefix1 ..."""
    return {f"{prefix}{i}": (x, y) for i, x in enumerate(xs)}
