"""What the map says of light: tags and lamps, by hand in the town."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely
from evidence_context import context_of
from hypothesis import given
from hypothesis import strategies as st
from town import PROPERTY, at, box, line, links_of, segments_of, spaces_of, stops_of, town

from safeaudit.evidence.lighting import MEASURES, find_evidence

if TYPE_CHECKING:
    from safeaudit.tables import Places


def one(places: Places, place: str, name: str) -> pd.Series[Any]:
    """Return one row of the table `evidence`."""
    found = find_evidence(context_of(places))
    return found[(found["place_id"] == place) & (found["name"] == name)].iloc[0]


def on_street(
    name: str, *lamps: tuple[float, float], along: tuple[tuple[float, float], ...] = ((0, 0), (100, 0))
) -> pd.Series[Any]:
    """Return what is told of one street with lamps."""
    return one(town(segments=segments_of({"s": line(*along)}), lamps=[at(*lamp) for lamp in lamps]), "s", name)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("yes", "yes"),
        ("Yes ", "yes"),
        ("24/7", "yes"),
        ("automatic", "yes"),
        ("sunset-sunrise", "yes"),
        ("dusk - dawn", "yes"),
        ("(sunset+00:30)-(sunrise-00:30)", "yes"),
        ("no", "no"),
        ("limited", "limited"),
        ("interval", "limited"),
        ("Mo-Fr 05:00-07:45", "limited"),
        ("sunset-23:00", "limited"),
        ("sunset-23:00,05:00-sunrise", "limited"),
        ("Sa,Su", "limited"),
        ("disused", "disused"),
        ("<b>", "unknown"),
        ("yes;no", "unknown"),
        ("moderate", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_tag_in_one_word(said: str, label: str) -> None:
    segments = segments_of({"s": line((0, 0), (100, 0))})
    places = town(segments=segments, links=links_of(segments, {"s": f'{{"lit": "{said}"}}'}))
    row = one(places, "s", "lit")
    assert (row["label"], row["coverage"]) == (label, 0.0 if label == "unknown" else 1.0)
    assert pd.isna(row["value"])


def test_no_tag_is_unknown_and_spaces_and_stops_have_theirs() -> None:
    spaces, stops = spaces_of({"p": box(40, 40, 60, 60)}), stops_of({"t": at(0, 0)})
    spaces["tags"], stops["tags"] = '{"lit": "yes"}', '{"lit": "no"}'
    places = town(spaces=spaces, stops=stops)
    assert [one(places, place, "lit")["label"] for place in ("south", "p", "t")] == ["unknown", "yes", "no"]


def test_lamps_within_15_metres_are_counted_per_100_metres() -> None:
    assert on_street("lamps_per_100_m", (10, 14.9), (50, -3), (50, 15.1))["value"] == pytest.approx(2)
    short = on_street("lamps_per_100_m", (10, 1), (20, 1), (30, 1), along=((0, 0), (50, 0)))
    assert short["value"] == pytest.approx(6)


def test_lamps_near_but_not_on_the_street_say_that_it_was_surveyed() -> None:
    row = on_street("lamps_per_100_m", (50, 99))
    assert (row["value"], row["coverage"]) == (0, 1)


@pytest.mark.parametrize("name", ["lamps_per_100_m", "longest_dark_gap_m", "lamp_spacing_m"])
def test_no_lamp_anywhere_near_is_unknown_and_never_dark(name: str) -> None:
    for row in (on_street(name, (50, 101)), on_street(name)):
        assert pd.isna(row["value"])
        assert row["coverage"] == 0


def test_a_lamp_at_a_corner_lights_both_streets() -> None:
    places = town(lamps=[at(0, 0)])
    values = {name: one(places, name, "lamps_per_100_m")["value"] for name in ("south", "west", "north")}
    assert values == {"south": 1, "west": 1, "north": 0}


@pytest.mark.parametrize(
    ("lamps", "gap"),
    [
        ([(50, 9)], 38),  # half a chord: sqrt(15^2 - 9^2) = 12
        ([(20, 0), (80, 0)], 30),
        ([(20, 0), (35, 5), (80, 0)], 65 - (35 + math.sqrt(200))),
        ([(-5, 0)], 90),  # beyond the end it still reaches 10 m
        ([(15, 0), (45, 0), (85, 0)], 10),
        ([(15, 0), (45, 0), (75, 0), (95, 0)], 0),
        ([(50, 40)], 100),  # surveyed, and no lamp on it
    ],
)
def test_the_longest_stretch_out_of_every_lamps_reach(lamps: list[tuple[float, float]], gap: float) -> None:
    assert on_street("longest_dark_gap_m", *lamps)["value"] == pytest.approx(gap, abs=1e-3)


def test_a_dark_gap_goes_round_a_bend_and_ends_with_its_street() -> None:
    bend = ((0, 0), (100, 0), (100, 0), (100, 100))
    assert on_street("longest_dark_gap_m", (100, 0), along=bend)["value"] == 85
    assert on_street("longest_dark_gap_m", (20, 0), (100, 90), along=bend)["value"] == pytest.approx(140)
    row = segments_of({"a": line((0, 0), (50, 0)), "b": line((50, 0), (100, 0))})
    places = town(segments=row, lamps=[at(10, 0), at(90, 0)])
    assert [one(places, name, "longest_dark_gap_m")["value"] for name in "ab"] == [25, 25]


@PROPERTY
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=2, max_size=6, unique=True),
    st.lists(st.tuples(st.integers(-20, 220), st.integers(-20, 220)), min_size=1, max_size=8),
)
def test_the_gap_is_what_is_left_of_the_street_without_the_discs(
    corners: list[tuple[int, int]], lamps: list[tuple[int, int]]
) -> None:
    street = line(*corners)
    if not street.is_simple:
        return
    found = on_street("longest_dark_gap_m", *lamps, along=tuple(corners))
    if found["coverage"]:
        discs = shapely.union_all([at(*lamp).buffer(15, quad_segs=400) for lamp in lamps])
        left = shapely.line_merge(street.difference(discs))
        longest = max((part.length for part in shapely.get_parts(left)), default=0)
        assert found["value"] == pytest.approx(longest, abs=0.05)


@pytest.mark.parametrize(
    ("lamps", "spacing"),
    [
        ([(80, 3), (10, -3), (40, 0)], 35),  # steps of 30 and 40
        ([(10, 5), (12, -5), (42, 5), (44, -5)], 30),  # they face each other
        ([(10, 0)], None),
        ([(10, 0), (14, 0)], None),
    ],
)
def test_the_median_step_from_lamp_to_lamp(lamps: list[tuple[float, float]], spacing: float | None) -> None:
    row = on_street("lamp_spacing_m", *lamps)
    assert row["coverage"] == 1
    assert pd.isna(row["value"]) if spacing is None else row["value"] == pytest.approx(spacing)


def test_the_share_of_a_square_within_reach_of_a_lamp() -> None:
    places = town(lamps=[at(40, 40), at(60, 60)])
    both = 2 * 15**2 * math.acos(math.hypot(20, 20) / 30) - math.hypot(20, 20) / 2 * math.sqrt(900 - 800)
    reached = 2 * math.pi * 15**2 / 4 - both
    assert one(places, "plaza", "lamp_reach_share")["value"] == pytest.approx(reached / 400, rel=0.001)
    assert one(town(lamps=[at(40, 80)]), "plaza", "lamp_reach_share")["value"] == 0
    for nothing in (one(town(), "plaza", "lamp_reach_share"), _of_point_space()):
        assert pd.isna(nothing["value"])
        assert nothing["coverage"] == 0


def _of_point_space() -> pd.Series[Any]:
    return one(town(spaces=spaces_of({"p": at(50, 50)}), lamps=[at(50, 50)]), "p", "lamp_reach_share")


def test_whether_a_lamp_stands_by_the_stop() -> None:
    stops = stops_of({"by": at(0, 0), "off": at(0, 50), "far": at(0, 500)})
    places = town(stops=stops, lamps=[at(15, 0)])
    rows = [one(places, name, "lamp_near") for name in ("by", "off", "far")]
    assert [(row["label"], row["coverage"]) for row in rows] == [("yes", 1), ("no", 1), ("unknown", 0)]


def test_every_place_has_its_rows_and_a_city_without_places_none() -> None:
    found = find_evidence(context_of(town(stops=stops_of({"t": at(0, 0)}))))
    assert len(found) == 4 * 4 + 2 + 2
    assert set(found["name"]) == {measure.name for measure in MEASURES}
    assert find_evidence(context_of(town(segments=segments_of({}), spaces=spaces_of({})))).empty
