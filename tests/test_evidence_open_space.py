"""What the map says of public spaces: drawn cases whose numbers can be done by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from evidence_context import context_of
from town import METRIC, at, box, line, links_of, segments_of, spaces_of, town

from safeaudit.evidence.open_space import MEASURES, find_evidence
from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from safeaudit.tables import Places


def square(
    *streets: shapely.LineString,
    buildings: tuple[shapely.Geometry, ...] = (),
    walls: tuple[shapely.Geometry, ...] = (),
    space: shapely.Geometry | None = None,
    tags: tuple[str, ...] = (),
) -> Places:
    """Return a town with one space, the plaza of 20 x 20 m where none is given, and these streets round it."""
    lines = {f"s{i}": street for i, street in enumerate(streets)}
    said = {f"s{i}": text for i, text in enumerate(tags)}
    segments, spaces = segments_of(lines), spaces_of({"p": space or box(40, 40, 60, 60)})
    places = town(segments=segments, links=links_of(segments, said), spaces=spaces)
    shapes = [*buildings, *walls]
    columns = {
        "feature_id": [f"f{i}" for i in range(len(shapes))],
        "kind": ["building"] * len(buildings) + ["barrier"] * len(walls),
        "category": None,
        "name": None,
        "tags": "{}",
    }
    features = validate_table(gpd.GeoDataFrame(columns, geometry=shapes, crs=METRIC), "features")
    return replace(places, features=features)


def told(places: Places, name: str) -> tuple[Any, float]:
    """Return value or label, and coverage, of one measure of the space."""
    row = find_evidence(context_of(places)).set_index("name").loc[name]
    return (row["value"] if pd.isna(row["label"]) else row["label"]), row["coverage"]


@pytest.mark.parametrize(
    ("tags", "label", "coverage"),
    [
        ({}, "unknown", 0),
        ({"access": "yes"}, "yes", 1 / 3),
        ({"access": "permissive", "fee": "no", "opening_hours": "24/7"}, "yes", 1),
        ({"fee": "no"}, "yes", 1 / 3),
        ({"access": "yes", "fee": "yes"}, "conditions", 2 / 3),
        ({"fee": "KES 50"}, "conditions", 1 / 3),
        ({"access": "yes", "opening_hours": "Mo-Su 06:00-18:00"}, "conditions", 2 / 3),
        ({"access": "customers"}, "conditions", 1 / 3),
        ({"access": "private", "fee": "no"}, "no", 2 / 3),
        ({"access": "no"}, "no", 1 / 3),
        ({"access": "unknown"}, "unknown", 0),
    ],
)
def test_open_to_all_or_not(tags: dict[str, str], label: str, coverage: float) -> None:
    places = town()
    places.spaces["tags"] = json.dumps(tags)
    assert told(places, "open_to_all") == (label, pytest.approx(coverage))


def test_area_in_hectares() -> None:
    assert told(square(), "area_ha") == (0.04, 1)


@pytest.mark.parametrize(
    ("streets", "entrances"),
    [
        ([], 0),
        ([line((50, 0), (50, 50))], 1),  # crosses the edge
        ([line((50, 0), (50, 100))], 2),  # crosses it twice
        ([line((50, 0), (50, 40))], 1),  # ends on it
        ([line((50, 0), (50, 38.5))], 1),  # ends within 2 m
        ([line((50, 0), (50, 37))], 0),
        ([line((45, 45), (55, 55))], 0),  # within it
        ([line((50, 0), (50, 50)), line((57, 0), (57, 50))], 1),  # 7 m apart: one
        ([line((43, 0), (43, 50)), line((57, 0), (57, 50))], 2),
        ([line((43, 0), (43, 50)), line((50, 0), (50, 50)), line((57, 0), (57, 50))], 1),  # a chain of them
        ([line((40, 40), (60, 40))], 0),  # runs on the edge
        ([line((0, 40), (40, 40)), line((40, 40), (60, 40)), line((60, 40), (100, 40))], 2),  # its ends lead there
        ([line((0, 30), (100, 30))], 0),  # beside it
        ([line((40, 40), (50, 40), (50, 60), (50, 100))], 1),  # runs on one side and leaves by another
    ],
)
def test_spots_where_streets_come_in(streets: list[shapely.LineString], entrances: int) -> None:
    assert told(square(*streets), "entrances") == (entrances, 1)


def test_tunnels_and_bridges_lead_nowhere() -> None:
    street = line((50, 0), (50, 50))
    assert told(square(street, tags=('{"tunnel": "yes"}',)), "entrances")[0] == 0
    assert told(square(street, tags=('{"bridge": "yes"}',)), "entrances")[0] == 0
    for passable in ("no", "building_passage"):
        assert told(square(street, tags=(f'{{"tunnel": "{passable}"}}',)), "entrances")[0] == 1


@pytest.mark.parametrize(
    ("streets", "share"),
    [
        ([], 0),
        ([line((0, 26), (100, 26))], 0.25),  # 14 m south of it
        ([line((0, 24), (100, 24))], 0),  # 16 m
        ([line((0, 40), (100, 40))], 0.25),  # on its edge
        ([line((0, 44), (100, 44))], 0),  # within it
        ([line((50, 0), (50, 39))], 0),  # leads to it
        ([line((0, 30), (100, 30)), line((70, 0), (70, 100))], 0.5),
        ([line((0, 34), (100, 34)), line((0, 30), (100, 30))], 0.25),  # two along one side
        ([line((50, 26), (53, 29.6))], 0),  # more than 45 degrees askew
    ],
)
def test_the_share_of_the_edge_along_a_street(streets: list[shapely.LineString], share: float) -> None:
    assert told(square(*streets), "edge_street_share") == (pytest.approx(share), 1)


@pytest.mark.parametrize(
    ("buildings", "share"),
    [
        ([box(0, 10, 100, 25)], (20 + 2 * 5) / 80),  # 15 m off; 17.5 m from the middle of the first 5 m of both sides
        ([box(0, 0, 100, 19)], 0),  # 21 m
        ([box(0, 61, 100, 70), box(0, 30, 100, 39)], 1.0),
        ([box(48, 48, 52, 52)], 1.0),  # a kiosk in the middle
    ],
)
def test_the_share_of_the_edge_that_buildings_face(buildings: list[shapely.Polygon], share: float) -> None:
    value, coverage = told(square(buildings=tuple(buildings)), "edge_watched_share")
    assert (value, coverage) == (pytest.approx(share), 1)


def test_a_wall_between_leaves_the_edge_blind() -> None:
    house = box(0, 30, 100, 38)
    south = (20 + 2 * 4 * 5) / 80
    assert told(square(buildings=(house,)), "edge_watched_share")[0] == pytest.approx(south)
    wall = line((0, 39), (50, 39))
    assert told(square(buildings=(house,), walls=(wall,)), "edge_watched_share")[0] == pytest.approx(south / 2)
    fence = line((40, 40), (60, 40), (60, 60), (40, 60), (40, 40))
    assert told(square(buildings=(house,), walls=(fence,)), "edge_watched_share")[0] == 0


def test_no_building_near_is_unknown_and_never_blind() -> None:
    for buildings in ((), (box(0, 161, 100, 170),)):
        value, coverage = told(square(buildings=buildings), "edge_watched_share")
        assert pd.isna(value)
        assert coverage == 0
    assert told(square(buildings=(box(0, 159, 100, 170),)), "edge_watched_share") == (0, 1)


def test_holes_are_no_edge_and_every_part_has_one() -> None:
    pond = box(40, 40, 60, 60).difference(box(45, 45, 55, 55))
    assert told(square(line((0, 30), (100, 30)), space=pond), "edge_street_share")[0] == pytest.approx(0.25)
    two = shapely.union(box(40, 40, 60, 60), box(100, 40, 120, 60))
    assert told(square(line((0, 30), (70, 30)), space=two), "edge_street_share")[0] == pytest.approx(0.125)
    assert told(square(line((50, 0), (50, 50)), line((110, 0), (110, 50)), space=two), "entrances")[0] == 2


def test_the_direction_an_edge_was_drawn_in_does_not_matter() -> None:
    for ring in (shapely.box(40, 40, 60, 60).exterior.coords, shapely.box(40, 40, 60, 60).exterior.coords[::-1]):
        space = shapely.Polygon([(at(x, y).x, at(x, y).y) for x, y in ring])
        assert told(square(line((0, 30), (100, 30)), space=space), "edge_street_share")[0] == pytest.approx(0.25)


def test_a_space_known_as_a_point_has_no_edge() -> None:
    places = square(line((0, 50), (100, 50)), buildings=(box(0, 51, 9, 60),), space=at(50, 50))
    found = find_evidence(context_of(places))
    measured = found[found["name"] != "open_to_all"]
    assert measured["value"].isna().all()
    assert (measured["coverage"] == 0).all()


def test_every_space_has_every_row_and_a_city_without_spaces_none() -> None:
    found = find_evidence(context_of(town(spaces=spaces_of({"a": box(40, 40, 60, 60), "b": box(0, 0, 20, 20)}))))
    assert list(found["name"]) == sorted(measure.name for measure in MEASURES) * 2
    assert find_evidence(context_of(town(spaces=spaces_of({})))).empty
    assert find_evidence(context_of(town(segments=segments_of({}), spaces=spaces_of({})))).empty
