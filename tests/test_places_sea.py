"""The sea: to the right of the coastlines, where they say so, and nowhere else."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from safeaudit.places.sea import sea_of

FRAME = np.array([0.0, 0.0, 100.0, 100.0])
NORTHWARD = shapely.LineString([[50, -20], [50, 120]])
ISLAND = shapely.LinearRing([[70, 40], [80, 40], [80, 50], [70, 50]])  # land on its left: inside


def sea(*shores: shapely.Geometry, frame: np.ndarray = FRAME) -> list[shapely.Geometry]:
    tags = ['{"natural": "coastline"}'] * len(shores)
    ids = [f"w{number}" for number in range(len(shores))]
    objects = gpd.GeoDataFrame(
        {"osm_id": ids, "kind": "water", "category": "water", "name": None, "tags": tags},
        geometry=[shapely.LineString(shapely.get_coordinates(shore)) for shore in shores],
        crs="EPSG:32635",
    )
    return sea_of(objects.astype({"tags": "str"}), frame).geometry.tolist()


def test_the_sea_lies_to_the_right_of_its_shore() -> None:
    assert [shape.bounds for shape in sea(NORTHWARD)] == [(50, 0, 100, 100)]
    assert [shape.bounds for shape in sea(shapely.reverse(NORTHWARD))] == [(0, 0, 50, 100)]


def test_an_island_is_land_and_a_shore_in_two_pieces_is_one() -> None:
    south, north = shapely.LineString([[50, -20], [50, 30]]), shapely.LineString([[50, 30], [50, 120]])
    (found,) = sea(south, north, ISLAND)
    assert found.area == 50 * 100 - 10 * 10
    assert not found.contains(shapely.Point(75, 45))


@pytest.mark.parametrize(
    "shores",
    [
        (shapely.LineString([[50, -20], [50, 60]]),),  # it ends on land: which side is water, nobody can tell
        (NORTHWARD, shapely.LineString([[80, -20], [80, 120]])),  # the strip between them is land, says the second
    ],
)
def test_what_is_not_said_or_contradicted_is_no_sea(shores: tuple[shapely.Geometry, ...]) -> None:
    assert not any(shape.contains(shapely.Point(65, 50)) for shape in sea(*shores))


def test_no_shore_and_no_street_is_no_sea() -> None:
    assert sea() == []
    assert sea(NORTHWARD, frame=np.full(4, np.nan)) == []
