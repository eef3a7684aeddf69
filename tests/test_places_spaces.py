"""Objects -> public spaces and stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from town import METRIC, at, box, line

from safeaudit.places.spaces import spaces_from_objects, stops_from_objects

if TYPE_CHECKING:
    from collections.abc import Sequence


def objects(*rows: tuple[str, str, shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return objects by id, kind and shape."""
    columns = {"osm_id": [row[0] for row in rows], "kind": [row[1] for row in rows]}
    frame = {**columns, "category": "park", "name": None, "tags": "{}"}
    return gpd.GeoDataFrame(frame, geometry=[row[2] for row in rows], crs=METRIC)


def areas(*shapes: shapely.Geometry) -> list[float | None]:
    """Return the area of spaces of these shapes."""
    found = spaces_from_objects(objects(*((f"w{i}", "space", shape) for i, shape in enumerate(shapes))))
    return [None if pd.isna(area) else area for area in found["area_m2"]]


def test_each_kind_goes_to_its_table() -> None:
    found = objects(("w1", "space", box(0, 0, 9, 9)), ("n2", "stop", at(5, 5)), ("w3", "building", box(0, 0, 5, 5)))
    assert spaces_from_objects(found)["place_id"].tolist() == ["w1"]
    assert stops_from_objects(found)["place_id"].tolist() == ["n2"]


def test_an_area_has_its_square_metres_and_a_point_none() -> None:
    assert areas(box(0, 0, 20, 30), at(5, 5)) == [600.0, None]


def test_an_outline_that_crosses_itself_is_mended() -> None:
    bowtie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert areas(bowtie) == [50.0]


def test_a_collection_keeps_its_areas() -> None:
    mixed = shapely.GeometryCollection([box(0, 0, 10, 10), line((0, 0), (50, 50)), at(90, 90)])
    assert areas(mixed) == [100.0]


def test_a_space_known_as_several_points_has_no_area() -> None:
    assert areas(shapely.MultiPoint([at(0, 0), at(5, 5)])) == [None]


def test_a_line_is_no_space() -> None:
    assert areas(line((0, 0), (9, 9)), box(0, 0, 1, 1)) == [1.0]


def test_a_flat_outline_is_no_space() -> None:
    assert areas(shapely.Polygon([(0, 0), (10, 0), (20, 0)])) == []


def test_an_object_that_comes_twice_is_one_place() -> None:
    found = objects(("w1", "space", box(0, 0, 9, 9)), ("w1", "space", box(0, 0, 9, 9)))
    assert len(spaces_from_objects(found)) == 1


@pytest.mark.parametrize(("name", "osm"), [("w1", "w1"), ("r12", "r12"), ("n3", "n3"), ("space-0af3", None)])
def test_only_what_comes_from_openstreetmap_says_so(name: str, osm: str | None) -> None:
    found = spaces_from_objects(objects((name, "space", box(0, 0, 9, 9))))["osm_ids"].iloc[0]
    assert found == osm if osm else pd.isna(found)


def test_a_station_stands_at_a_point_inside_it() -> None:
    ring = shapely.Polygon(shapely.get_coordinates(box(0, 0, 90, 90)), [shapely.get_coordinates(box(5, 5, 85, 85))])
    point = stops_from_objects(objects(("w1", "stop", ring))).geometry.iloc[0]
    assert point.geom_type == "Point"
    assert ring.contains(point)


def test_codes_tell_the_kind() -> None:
    found = objects(("w1", "space", box(0, 0, 9, 9)), ("n2", "stop", at(5, 5)))
    assert spaces_from_objects(found)["place_code"].str[0].tolist() == ["P"]
    assert stops_from_objects(found)["place_code"].str[0].tolist() == ["T"]


@pytest.mark.parametrize("rows", [[], [("w1", "building", box(0, 0, 1, 1))]], ids=["nothing", "others only"])
def test_no_objects_give_empty_tables(rows: Sequence[tuple[str, str, shapely.Geometry]]) -> None:
    found = objects(*rows).astype({"osm_id": object, "kind": object})
    assert spaces_from_objects(found).empty
    assert stops_from_objects(found).empty
