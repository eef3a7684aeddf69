"""What draws people near a street: distances, uses, hours and footfall, by hand in a small town."""

from __future__ import annotations

import json
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from evidence_context import context_of
from town import CORNERS, METRIC, STREETS, at, box, line, segments_of, spaces_of, stops_of, town

from safeaudit.evidence.activity import MEASURES, USES, find_evidence
from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeaudit.tables import Places

LINES = {name: line(*(CORNERS[node] for node in ends)) for name, ends in STREETS.items()}
Poi = tuple[str, shapely.Geometry] | tuple[str, shapely.Geometry, str]


def city(
    *pois: Poi,
    lane: Sequence[tuple[float, float]] = ((100, 0), (200, 0)),
    stops: Mapping[str, shapely.Point] | None = None,
    spaces: Mapping[str, shapely.Geometry] | None = None,
    ids: Sequence[str] = (),
    edge: tuple[float, float, float, float] = (-10_000, -10_000, 10_000, 10_000),
) -> Places:
    """Return the block of the town with a lane off its corner n2, points of interest, stops and markets."""
    segments = segments_of({**LINES, "lane": line(*lane)}, {**STREETS, "lane": ("n2", "n5")})
    places = town(segments=segments, spaces=spaces_of(spaces or {}), stops=stops_of(stops or {}))
    rows = [
        (name, "poi", category, json.dumps({"opening_hours": hours[0]} if hours else {}))
        for name, (category, _, *hours) in zip(ids or [f"n{number}" for number in range(len(pois))], pois, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["feature_id", "kind", "category", "tags"]).assign(name=None)
    return replace(
        places,
        areas=places.areas.set_geometry([box(*edge)], crs=METRIC),
        spaces=places.spaces.assign(category="market"),
        features=validate_table(gpd.GeoDataFrame(frame, geometry=[poi[1] for poi in pois], crs=METRIC), "features"),
    )


def found(places: Places, name: str, column: str = "value") -> dict[str, Any]:
    rows = find_evidence(context_of(places))
    rows = rows[rows["name"] == name]
    return {place: None if pd.isna(one) else one for place, one in zip(rows["place_id"], rows[column], strict=True)}


def test_it_is_as_far_as_the_streets_are_long() -> None:
    places = city(stops={"stop": at(200, 20)})
    # from the middle of the lane 50 m; of south 50 + 100, of north over n3 50 + 100 + 100
    want = {"lane": 50.0, "south": 150.0, "east": 150.0, "north": 250.0, "west": 250.0}
    assert found(places, "stop_distance_m") == want
    assert set(found(places, "stop_distance_m", "coverage").values()) == {1.0}


def test_metres_count_at_both_ends_and_on_the_street_itself() -> None:
    places = city(("toilet", at(130, 10)))
    assert found(places, "toilet_distance_m") == {
        "lane": 20.0,
        "south": 80.0,
        "east": 80.0,
        "north": 180.0,
        "west": 180.0,
    }


def test_the_nearer_of_two() -> None:
    places = city(("school", at(190, 0)), ("school", at(0, 40)))
    assert found(places, "school_distance_m") == {
        "lane": 40.0,
        "south": 90.0,
        "east": 140.0,
        "north": 110.0,
        "west": 10.0,
    }


def test_an_area_lies_at_its_nearest_edge_on_every_street_it_touches() -> None:
    touching = city(("police", box(90, -50, 110, 0)))
    assert found(touching, "police_distance_m")["lane"] <= 50.0
    beside = city(("police", box(160, 10, 190, 60)))
    assert 10.0 <= found(beside, "police_distance_m")["lane"] <= 40.0


def test_markets_are_spaces_too_and_count_once() -> None:
    by_hand = city(spaces={"own": at(200, 0)})
    assert found(by_hand, "market_distance_m")["lane"] == 50.0
    assert found(by_hand, "uses_400_m")["lane"] == 1.0
    area = box(199, -1, 201, 1)
    twice = city(("market", area), spaces={"w1": area}, ids=["w1:poi"])
    assert found(twice, "uses_400_m")["lane"] == 1.0


def test_what_is_not_mapped_in_the_city_is_not_far() -> None:
    places = city(("shop", at(200, 0)), ("toilet", at(251, 0)))
    for name in ("water_point_distance_m", "toilet_distance_m", "stop_distance_m"):
        assert set(found(places, name).values()) == {None}
        assert set(found(places, name, "coverage").values()) == {0.0}


def test_where_no_street_leads_nothing_is_known() -> None:
    places = city(("toilet", at(0, 0)))
    links = places.links
    links["node_from"] = links["node_from"].where(links["segment_id"] != "lane", "alone")
    assert found(places, "toilet_distance_m")["lane"] is None
    assert found(places, "toilet_distance_m", "coverage")["lane"] == 0.0
    assert found(places, "toilet_distance_m")["south"] == 50.0


def test_what_is_right_there_is_no_way_off() -> None:
    places = city(("toilet", at(150, 0)))
    assert found(places, "toilet_distance_m")["lane"] == 0.0
    assert found(places, "toilet_distance_m", "coverage")["lane"] == 1.0


def test_distances_end_at_5_km() -> None:
    places = city(("toilet", at(9_000, 0)), lane=((100, 0), (9_000, 0)))
    told = found(places, "toilet_distance_m")
    assert (told["lane"], told["south"]) == (4_450.0, 5_000.0)


def test_near_the_edge_of_the_map_something_nearer_may_lie_outside() -> None:
    places = city(("toilet", at(200, 0)), edge=(-1000, -20, 1000, 1000))
    coverage = found(places, "toilet_distance_m", "coverage")
    # 20 m from the edge, and the toilet 50 m from the lane's middle, 150 m from that of south
    assert coverage["lane"] == pytest.approx(20 / 50)
    assert coverage["south"] == pytest.approx(20 / 150)
    assert found(places, "uses_400_m", "coverage")["lane"] == pytest.approx(20 / 400)
    assert found(places, "betweenness", "coverage")["lane"] == pytest.approx(20 / 800)


def test_uses_within_400_m() -> None:
    lane = ((100, 0), (700, 0))
    places = city(("shop", at(100, 0)), ("food", at(450, 5)), ("food", at(700, 0)), ("waste", at(400, 0)), lane=lane)
    # middle of the lane: 300 m to the shop, 50 and 300 m to the food; of south 50, 400 and 650 m; of north 450 m on
    assert found(places, "uses_400_m") == {"lane": 3.0, "south": 2.0, "east": 2.0, "north": 1.0, "west": 1.0}


def test_a_use_at_a_corner_counts_once() -> None:
    assert set(found(city(("shop", at(100, 0))), "uses_400_m").values()) == {1.0}


def test_the_mix_of_uses() -> None:
    places = city(("shop", at(110, 0)), ("shop", at(120, 0)), ("food", at(130, 0)), ("food", at(140, 0)))
    assert found(places, "use_mix_400_m")["lane"] == pytest.approx(log(2) / log(len(USES)))
    three_to_one = city(*[("shop", at(110 + x, 0)) for x in (0, 10, 20)], ("food", at(140, 0)))
    want = -(0.75 * log(0.75) + 0.25 * log(0.25)) / log(len(USES))
    assert found(three_to_one, "use_mix_400_m")["lane"] == pytest.approx(want)
    assert found(city(("shop", at(110, 0))), "use_mix_400_m")["lane"] == 0.0
    of_each = city(*[(use, at(110 + number, 0)) for number, use in enumerate(USES)])
    assert found(of_each, "use_mix_400_m")["lane"] == pytest.approx(1.0)


def test_without_a_use_near_there_is_no_mix() -> None:
    places = city(("shop", at(900, 0)), lane=((100, 0), (900, 0)))
    assert found(places, "uses_400_m") == {"lane": 1.0, "south": 0.0, "east": 0.0, "north": 0.0, "west": 0.0}
    assert found(places, "use_mix_400_m") == {"lane": 0.0, "south": None, "east": None, "north": None, "west": None}


def test_without_any_use_on_the_map_none_is_known() -> None:
    for name in ("uses_400_m", "open_late_400_m", "use_mix_400_m"):
        assert set(found(city(), name).values()) == {None}
        assert set(found(city(), name, "coverage").values()) == {0.0}


@pytest.mark.parametrize(
    ("hours", "late"),
    [
        ("24/7", 1),
        ("Mo-Su 00:00-24:00", 1),
        ("Mo-Sa 09:00-17:00", 0),
        ("Mo-Su 10:00-21:00", 0),
        ("Mo-Su 10:00-21:01", 1),
        ("Mo-Fr 08:00-17:00; Sa 08:00-23:00", 1),
        ("Mo-Sa 17:00-00:00", 1),
        ("19:00-02:00", 1),
        ("15:00 - 2:00", 1),
        ("06:00-10:30,11:30-14:30,18:30-23:00", 1),
        ("Sa 20:00-26:00", 1),
        ("8.30\u201322.00", 1),
        ("Mo-Fr 09:00-16:00; Sa off", 0),
        ("sunrise-sunset", None),
        ("by appointment", None),
        ("", None),
    ],
)
def test_who_is_open_late(hours: str, late: int | None) -> None:
    assert found(city(("food", at(150, 0), hours)), "open_late_400_m")["lane"] == late


def test_hours_that_nobody_mapped_are_not_counted() -> None:
    places = city(("food", at(150, 0), "24/7"), ("shop", at(150, 0), "08:00-17:00"), *[("shop", at(150, 0))] * 2)
    assert found(places, "open_late_400_m")["lane"] == 1.0
    assert found(places, "open_late_400_m", "coverage")["lane"] == 0.5


def test_where_nothing_is_near_nothing_is_open_late() -> None:
    places = city(("shop", at(900, 0)), lane=((100, 0), (900, 0)))
    assert found(places, "open_late_400_m")["south"] == 0.0
    assert found(places, "open_late_400_m", "coverage") == {
        "lane": 0.0,
        "south": 1.0,
        "east": 1.0,
        "north": 1.0,
        "west": 1.0,
    }


def test_footfall_of_two_streets_in_a_row() -> None:
    lines = {"a": line((0, 0), (100, 0)), "b": line((100, 0), (200, 0))}
    places = town(segments=segments_of(lines, {"a": ("1", "2"), "b": ("2", "3")}))
    # the nodes weigh 50, 100 and 50: 1-2 and 2-3 make 5000 walks each, 1-3 makes 2500
    told = found(places, "betweenness")
    assert told == pytest.approx({"a": 6_000.0, "b": 6_000.0})


def test_every_row_is_of_a_declared_measure() -> None:
    places = city(("shop", at(110, 0)), ("toilet", at(130, 0)))
    rows = find_evidence(context_of(places))
    assert len(rows) == len(MEASURES) * 5
    assert {(name, unit) for name, unit in zip(rows["name"], rows["unit"], strict=True)} == {
        (measure.name, measure.unit) for measure in MEASURES
    }


def test_a_city_without_streets_has_no_rows() -> None:
    places = town(segments=segments_of({}), spaces=spaces_of({}))
    assert find_evidence(context_of(places)).empty


def test_the_order_of_what_is_mapped_does_not_matter() -> None:
    pois: list[Poi] = [("shop", at(100, 0)), ("food", at(150, 5), "24/7"), ("toilet", at(0, 60)), ("food", at(0, 0))]
    one, other = (find_evidence(context_of(p)) for p in (city(*pois), city(*pois[::-1])))
    pd.testing.assert_frame_equal(one, other)
