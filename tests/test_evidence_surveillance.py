"""What looks onto a street: by hand in the town."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from evidence_context import context_of
from hypothesis import given
from hypothesis import strategies as st
from town import PROPERTY, at, box, features_of, line, segments_of, town

from safeaudit.evidence.surveillance import MEASURES, find_evidence

if TYPE_CHECKING:
    from safeaudit.tables import Places

    Thing = tuple[str, str | None, shapely.Geometry]


def street(*things: Thing) -> Places:
    """Return a town of one street of 100 m, from its corner to the east."""
    return replace(town(segments=segments_of({"s": line((0, 0), (100, 0))})), features=features_of(*things))


def one(places: Places, name: str, place: str = "s") -> pd.Series[Any]:
    """Return one row of the table `evidence`."""
    found = find_evidence(context_of(places))
    return found[(found["place_id"] == place) & (found["name"] == name)].iloc[0]


def house(west: float, south: float, east: float, north: float) -> Thing:
    """Return a house."""
    return "building", "house", box(west, south, east, north)


@pytest.mark.parametrize(
    ("things", "share"),
    [
        ([house(0, 10, 100, 20)], 0.5),
        ([house(0, 10, 100, 20), house(0, -20, 50, -10)], 0.75),
        ([house(0, 10, 100, 20), house(0, 30, 100, 40)], 0.5),
        ([house(0, 19.9, 40, 30)], 0.2),
        ([house(0, 20.1, 40, 30)], 0.0),
        ([house(-20, -5, 0, 5)], 0.0),
        ([("building", "roof", box(0, 5, 100, 9)), house(0, 50, 9, 59)], 0.0),
    ],
)
def test_the_share_of_both_sides_that_buildings_line(things: list[Thing], share: float) -> None:
    row = one(street(*things), "frontage_share")
    assert (row["value"], row["coverage"]) == (pytest.approx(share), 1)


@pytest.mark.parametrize(
    ("barrier", "share"),
    [(line((50, 5), (100, 5)), 0.25), (line((0, 12), (100, 12)), 0.5), (line((0, 10), (100, 10)), 0.5)],
)
def test_a_house_behind_a_wall_does_not_line_the_street(barrier: shapely.LineString, share: float) -> None:
    places = street(house(0, 10, 100, 20), ("barrier", "wall", barrier))
    assert one(places, "frontage_share")["value"] == pytest.approx(share)


def test_a_street_with_a_bend_has_its_sides_at_right_angles() -> None:
    bent = segments_of({"s": line((0, 0), (50, 0), (50, 50))})
    places = replace(town(segments=bent), features=features_of(house(55, 0, 60, 50), house(0, -10, 50, -5)))
    assert one(places, "frontage_share")["value"] == pytest.approx(0.5)


def test_buildings_100_m_away_say_that_they_are_mapped_and_farther_ones_nothing() -> None:
    row = one(street(house(0, 99, 9, 110)), "frontage_share")
    assert (row["value"], row["coverage"]) == (0, 1)
    for places in (street(house(0, 101, 9, 110)), street()):
        row = one(places, "frontage_share")
        assert pd.isna(row["value"])
        assert row["coverage"] == 0


def test_doors_and_shops_within_20_m_are_counted_per_100_m() -> None:
    short = replace(street(), segments=segments_of({"s": line((0, 0), (50, 0))}))
    doors = [("entrance", "main", at(10, 5)), ("entrance", "yes", at(20, -19.9)), ("entrance", "yes", at(20, 20.1))]
    shops = [("poi", "shop", at(10, 5)), ("poi", "food", box(20, 15, 30, 25)), ("poi", "market", at(60, 0))]
    places = replace(short, features=features_of(*doors, *shops, ("poi", "lodging", at(0, 40))))
    assert one(places, "entrances_per_100_m")["value"] == pytest.approx(4)
    assert one(places, "shops_per_100_m")["value"] == pytest.approx(6)


def test_doors_that_nobody_uses_and_places_without_eyes_do_not_count() -> None:
    things = [("entrance", "emergency", at(10, 5)), ("entrance", "garage", at(20, 5))]
    things += [("poi", category, at(10, 5)) for category in ("waste", "toilet", "finance")]
    for name in ("entrances_per_100_m", "shops_per_100_m"):
        row = one(street(*things), name)
        assert (row["value"], row["coverage"]) == (0, 1)


def test_a_door_looks_onto_the_nearest_street_and_of_two_as_near_onto_the_first() -> None:
    doors = [("entrance", "yes", at(50, 8)), ("entrance", "yes", at(0, 0)), ("entrance", "yes", at(-3, -3))]
    places = replace(town(), features=features_of(*doors, ("entrance", "yes", at(95, 10))))
    values = {place: one(places, "entrances_per_100_m", place)["value"] for place in ("east", "north", "south", "west")}
    assert values == {"east": pytest.approx(1), "north": 0, "south": pytest.approx(3), "west": 0}


@pytest.mark.parametrize(("kind", "name"), [("entrance", "entrances_per_100_m"), ("poi", "shops_per_100_m")])
def test_where_none_is_mapped_within_300_m_it_is_unknown(kind: str, name: str) -> None:
    row = one(street((kind, "school", at(0, 299))), name)
    assert (row["value"], row["coverage"]) == (0, 1)
    for places in (street((kind, "shop", at(0, 301))), street()):
        row = one(places, name)
        assert pd.isna(row["value"])
        assert row["coverage"] == 0


def test_every_segment_has_all_rows_and_a_city_without_streets_none() -> None:
    places = replace(town(), features=features_of(house(40, 5, 60, 20), ("poi", "shop", at(50, 3))))
    before = places.segments.copy(), places.features.copy()
    found = find_evidence(context_of(places))
    assert (
        found.astype({"name": str}).groupby("place_id", observed=True)["name"].agg(set).tolist()
        == [{m.name for m in MEASURES}] * 4
    )
    pd.testing.assert_frame_equal(places.segments, before[0])
    pd.testing.assert_frame_equal(places.features, before[1])
    assert find_evidence(context_of(town(segments=segments_of({})))).empty


@PROPERTY
@given(st.floats(0, 2 * np.pi), st.floats(-500, 500), st.floats(-500, 500))
def test_nothing_depends_on_where_north_is(turn: float, east: float, north: float) -> None:
    things = [house(3, 7, 41, 15), house(52, -18, 73, -6), ("barrier", "wall", line((60, -3), (99, -5)))]
    things += [("entrance", "yes", at(20, 7)), ("poi", "food", at(60, -6))]
    before = find_evidence(context_of(street(*things)))
    moved = [(kind, category, _moved(shape, turn, east, north)) for kind, category, shape in things]
    segments = segments_of({"s": _moved(line((0, 0), (100, 0)), turn, east, north)})
    after = find_evidence(context_of(replace(street(*moved), segments=segments)))
    assert after["value"].tolist() == pytest.approx(before["value"].tolist())


def _moved(shape: shapely.Geometry, turn: float, east: float, north: float) -> shapely.Geometry:
    spun = shapely.affinity.rotate(shape, turn, origin=at(0, 0).coords[0], use_radians=True)
    return shapely.affinity.translate(spun, east, north)
