"""Access to public space: walks that can be added up by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely
from town import EAST, NORTH, box, line, segments_of, spaces_of, town

from safeaudit.evidence.access import find_access
from safeaudit.network import build_network
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from safeaudit.tables import Places


def road(*joints: float) -> gpd.GeoDataFrame:
    """Return a road due east along y = 0, cut at these metres."""
    pieces = list(pairwise(joints))
    nodes = {f"s{i}": (f"n{start}", f"n{end}") for i, (start, end) in enumerate(pieces)}
    return segments_of({f"s{i}": line((start, 0), (end, 0)) for i, (start, end) in enumerate(pieces)}, nodes)


ROAD = road(0, 100, 200, 300, 400, 500, 600)
PARK = spaces_of({"park": box(-50, -10, -15, 10)})
"""Fifteen metres before the road's start: it is entered there."""


def people(*where: tuple[float, float], count: float = 10.0, **more: object) -> pd.DataFrame:
    """Return cells of population at metres east and north of the road's start."""
    row = {"area_id": "city", "people": count, "sex": "all", "age": "all", "source": "people.tif", "coverage": 1.0}
    return pd.DataFrame([{**row, "x": EAST + x, "y": NORTH + y, **more} for x, y in where])


def told(
    cells: pd.DataFrame, *, segments: gpd.GeoDataFrame = ROAD, spaces: gpd.GeoDataFrame = PARK
) -> Mapping[str, object]:
    """Return the one row that cells give."""
    return find_access(*with_network(town(segments=segments, spaces=spaces)), cells).iloc[0]


def with_network(places: Places) -> tuple[Places, object]:
    """Return places and their walking graph."""
    return places, build_network(places.links)


@pytest.mark.parametrize(
    ("x", "y", "served"),
    [
        (399, 0, True),
        (400, 0, True),
        (401, 0, False),
        (300, 100, True),  # 100 m to the street, 300 m along it
        (300, 101, False),
        (0, 399, True),  # straight to the street's start, where the park is
        (250, 260, False),
    ],
)
def test_the_way_counts_from_the_cell_to_the_street_and_along_it(x: float, y: float, *, served: bool) -> None:
    row = told(people((x, y)))
    assert (row["population"], row["within_400_m"], row["share"]) == (10.0, 10.0 * served, float(served))


def test_a_share_is_of_people_and_not_of_cells() -> None:
    cells = pd.concat([people((100, 0), count=30.0), people((500, 0), (590, 0), count=5.0)])
    row = told(cells)
    assert (row["population"], row["within_400_m"], row["share"]) == (40.0, 30.0, 0.75)


def test_the_way_is_along_the_streets_and_not_as_the_crow_flies() -> None:
    lines = {"out": line((0, 0), (300, 0)), "turn": line((300, 0), (300, 50)), "back": line((300, 50), (0, 50))}
    segments = segments_of(lines, {"out": ("a", "b"), "turn": ("b", "c"), "back": ("c", "d")})
    # 50 m from the park's door, and 350 + 300 m along the streets
    assert told(people((0, 51)), segments=segments)["share"] == 0.0
    assert told(people((251, 51)), segments=segments)["share"] == 1.0  # 1 + 49 + 50 + 300


def test_a_street_along_a_space_leads_into_it_everywhere() -> None:
    beside = spaces_of({"strip": box(0, 5, 100, 30)})
    # the strip ends at 100 m, streets within 15 m of it lead in: up to 100 + sqrt(15^2 - 5^2) = 114.14 m
    assert told(people((514, 0)), spaces=beside)["share"] == 1.0
    assert told(people((515, 0)), spaces=beside)["share"] == 0.0
    # 60 m off the street, in the middle of a long segment
    assert told(people((50, -399)), segments=road(0, 100), spaces=beside)["share"] == 1.0


def test_spaces_apart_from_streets_and_points_are_entered_from_the_nearest() -> None:
    point = spaces_of({"square": shapely.Point(EAST, NORTH - 60)})
    assert told(people((400, 0)), spaces=point)["share"] == 1.0
    assert told(people((401, 0)), spaces=point)["share"] == 0.0
    far = spaces_of({"meadow": box(0, -300, 100, -101)})
    assert told(people((0, 0)), spaces=far)["share"] == 0.0


@pytest.mark.parametrize(
    ("tags", "counts"),
    [
        ("{}", True),
        ('{"access": "yes"}', True),
        ('{"access": "permissive", "fee": "no"}', True),
        ('{"access": "private"}', False),
        ('{"access": "customers"}', False),
        ('{"fee": "yes"}', False),
        ('{"fee": "500 FBu"}', False),
    ],
)
def test_only_spaces_that_may_be_open_to_all_count(tags: str, *, counts: bool) -> None:
    both = pd.concat([PARK.assign(tags=tags), spaces_of({"other": box(5000, 0, 5010, 10)})], ignore_index=True)
    assert told(people((0, 0)), spaces=both)["share"] == float(counts)


def test_without_a_mapped_space_nothing_is_known() -> None:
    for spaces in (spaces_of({}), PARK.assign(tags='{"access": "no"}')):
        row = told(people((0, 0)), spaces=spaces)
        assert row["population"] == 10.0
        assert np.isnan([row["within_400_m"], row["share"]]).all()


def test_without_people_or_streets() -> None:
    assert list(find_access(*with_network(town()), people()).columns) == TABLES["access"].names
    row = told(people((0, 0), count=0.0))
    assert row["within_400_m"] == 0.0
    assert np.isnan(row["share"])
    assert told(people((0, 0)), segments=ROAD.iloc[:0])["share"] == 0.0


def test_by_area_sex_and_age() -> None:
    cells = pd.concat(
        [
            people((0, 0), (500, 0), sex="woman"),
            people((0, 0), (500, 0), sex="woman", count=5.0, source="more.tif", coverage=0.5),
            people((0, 0), sex="man", age="elderly", area_id="ward"),
        ]
    )
    table = find_access(*with_network(town(segments=ROAD, spaces=PARK)), cells)
    assert table[["area_id", "sex", "age"]].to_numpy().tolist() == [
        ["city", "woman", "all"],
        ["ward", "man", "elderly"],
    ]
    assert table["population"].tolist() == [30.0, 10.0]
    assert table["share"].tolist() == [0.5, 1.0]
    assert table["source"].tolist() == ["people.tif, more.tif", "people.tif"]
    assert table["coverage"].tolist() == [0.5, 1.0]


def test_it_agrees_with_a_slow_walk_over_a_street_of_points() -> None:
    rng = np.random.default_rng(11)
    where = np.column_stack([rng.uniform(-100, 700, 200), rng.uniform(-450, 450, 200)])
    table = find_access(*with_network(town(segments=ROAD, spaces=PARK)), people(*where, count=1.0))
    nearest = np.clip(where[:, 0], 0, 600)
    way = np.hypot(where[:, 0] - nearest, where[:, 1]) + nearest
    assert table["within_400_m"][0] == (way <= 400).sum()


def test_inputs_are_not_changed() -> None:
    cells, places = people((0, 0)), town(segments=ROAD, spaces=PARK)
    before = cells.copy(), replace(places).spaces.copy()
    find_access(*with_network(places), cells)
    pd.testing.assert_frame_equal(cells, before[0])
    pd.testing.assert_frame_equal(places.spaces, before[1])
