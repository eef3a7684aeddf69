"""What night reach is worked out on in every round: destinations, the streets around them, and who is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from safeaudit.destinations import list_destinations
from safeaudit.network import (
    NetworkPoints,
    find_catchments,
    find_doors,
    join_links,
    lay_ways,
    points_within,
    snap_to_network,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from safeaudit.network import Network, Ways
    from safeaudit.tables import Places

    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

CATEGORIES = ("market", "school", "stop", "toilet")
"""What people must be able to reach."""

WALK_M = 400.0
"""The longest walk: five minutes, as SDG 11.7.1 counts it."""

BESIDE_M = 15.0
"""A street within this distance of a destination leads to it."""

APPROACH_M = 50.0
"""A destination without such a street is come to from the nearest one within this distance."""

_EVERYBODY = "all"


class _Homes(NamedTuple):
    """Who is where: cells of population, or the length of segments, each with its point on the streets."""

    points: NetworkPoints
    away_m: Floats
    weight: Floats
    unit: str


class Town(NamedTuple):
    """What is the same in every round.

    Attributes
    ----------
    destinations
        destination_id, category and label of every destination, by category and id.
    place_ids
        Segments in the order of their table, spaces, and last an empty one for links that belong to neither.
    length_m
        Of each segment.
    near, segment
        Rows of a destination and of a segment within a walk of it.
    ways, place
        The streets around each destination in parts, and the row in `place_ids` of each part.
    weight, unit
        What counts: people of each cell, or metres of each segment.
    to, home, way
        Rows of a destination, of who is within a walk of it (in `weight`), and of the way that they are on.
    """

    destinations: pd.DataFrame
    place_ids: pd.Index
    length_m: Floats
    near: Rows
    segment: Rows
    ways: Ways
    place: Rows
    weight: Floats
    unit: str
    to: Rows
    home: Rows
    way: Rows

    def cover(self, looked_at: Flags) -> Floats:
        """Return the share of the length around each destination that lies on such places; NaN without a street."""
        count, length_m = len(self.destinations), self.length_m[self.segment]
        whole = np.bincount(self.near, length_m, minlength=count)
        seen = np.bincount(self.near, length_m * looked_at[self.segment], minlength=count)
        return np.divide(seen, whole, out=np.full(count, np.nan), where=whole > 0)


def read_town(places: Places, streets: tuple[Network, NetworkPoints], population: pd.DataFrame) -> Town:
    """Find the destinations, the streets within a walk of each, and who is there.

    Parameters
    ----------
    places
        The city, read with what evidence needs.
    streets
        The walking graph, and where the middle of each segment lies on it.
    population
        As for `find_night_reach`.
    """
    network, middles = streets
    links, segments = places.links, places.segments
    destinations = list_destinations(places)
    destinations = destinations[destinations["category"].isin(CATEGORIES)]
    destinations = destinations.sort_values(["category", "destination_id"], ignore_index=True)
    doors, of = find_doors(links.geometry.to_numpy(), destinations.geometry.to_numpy(), BESIDE_M, APPROACH_M)
    around = find_catchments(network, doors, of, WALK_M)
    place_ids = pd.Index([*segments["place_id"], *places.spaces["place_id"], ""], dtype=object)
    place = place_ids.get_indexer(links["segment_id"].fillna(links["space_id"]).fillna("").astype(object))
    # A street counts as a whole. Paths of a space lead where they lead, link by link: a park may be large.
    alone = links["segment_id"].isna().to_numpy()
    part = join_links(network, np.where(alone, len(place_ids) + np.arange(len(place)), place))
    of_part = np.zeros(part.max(initial=-1) + 1, dtype=np.int64)
    of_part[part] = place
    ways = lay_ways(around, part)
    near, segment = points_within(around, middles, np.zeros(len(middles)))
    homes = _find_homes(places, middles, population)
    to, home = points_within(around, homes.points, homes.away_m)
    return Town(
        destinations=_label(destinations, segments),
        place_ids=place_ids,
        length_m=segments["length_m"].to_numpy(np.float64),
        near=near,
        segment=segment,
        ways=ways,
        place=of_part,
        weight=homes.weight,
        unit=homes.unit,
        to=to,
        home=home,
        way=ways.find(to, part[homes.points.link[home]]),
    )


def _find_homes(places: Places, middles: NetworkPoints, population: pd.DataFrame) -> _Homes:
    """Return the cells of the rasters that count everybody; without any, the segments by their length."""
    city = places.areas.loc[places.areas["kind"] == "city", "area_id"]
    everybody = (population["sex"] == _EVERYBODY) & (population["age"] == _EVERYBODY)
    cells = population[everybody & population["area_id"].isin(city) & (population["people"] > 0)]
    if cells.empty:
        return _Homes(middles, np.zeros(len(middles)), places.segments["length_m"].to_numpy(np.float64), "m")
    streets = np.flatnonzero(places.links["segment_id"].notna())
    lines = places.links.geometry.to_numpy()[streets]
    spots = shapely.points(cells[["x", "y"]].to_numpy(np.float64))
    points, cell = snap_to_network(lines, spots, WALK_M)
    # At a corner: on the first of the streets that are equally near.
    first = np.flatnonzero(np.diff(cell, prepend=-1))
    points, cell = points.take(first), cell[first]
    away_m = shapely.distance(spots[cell], shapely.line_interpolate_point(lines[points.link], points.along_m))
    on_links = NetworkPoints(streets[points.link], points.along_m)
    return _Homes(on_links, away_m, cells["people"].to_numpy(np.float64)[cell], "people")


def _label(destinations: gpd.GeoDataFrame, segments: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the destinations with what people know them by: their name, else the street that they lie at."""
    row, street = segments.sindex.nearest(destinations.geometry.to_numpy(), return_all=False)
    label = destinations["name"].to_numpy(object).copy()
    nameless = pd.isna(label[row])
    label[row[nameless]] = segments["label"].to_numpy(object)[street[nameless]]
    return destinations[["destination_id", "category"]].assign(label=label)
