"""Which place a rating speaks of: by hand in the town, then against plain loops in a random one."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise, product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from town import NIGHT, at, box, line, links_of, segments_of, spaces_of, stops_of, submissions, town

from safeaudit.config import MatchSettings
from safeaudit.match import match, unknown_codes
from safeaudit.match.fixes import normal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from safeaudit.tables import Places

USUAL = MatchSettings()


def shares(point: shapely.Point | None, places: Places, *, kind: str = "segment", **row: Any) -> dict[str, float]:
    """Return the weight of one fix at each place of a kind."""
    found = match(submissions({"submission_id": "a", "point": point, **row}), places, USUAL)
    found = found[found["kind"] == kind]
    return dict(zip(found["place_id"], found["weight"], strict=True))


def test_one_near_street_has_the_whole_rating() -> None:
    found = match(submissions({"submission_id": "a", "point": at(50, 3)}), town(), USUAL)
    row = found.iloc[0]
    assert len(found) == 1
    assert (row["place_id"], row["kind"], row["weight"], row["ambiguous"]) == ("south", "segment", 1.0, False)
    assert row["distance_m"] == pytest.approx(3.0)


def area(z: float) -> float:
    """Return the normal distribution function."""
    return (1 + math.erf(z / math.sqrt(2))) / 2


def test_a_fix_between_two_streets_is_shared_by_how_likely_it_is_along_each() -> None:
    # 3 m from the south, which begins 4 m back, and 4 m from the west, which begins 3 m back; accuracy 5 m.
    sd = 5 / 1.51
    south = math.exp(-9 / (2 * sd**2)) * (area(96 / sd) - area(-4 / sd))
    west = math.exp(-16 / (2 * sd**2)) * (area(97 / sd) - area(-3 / sd))
    found = match(submissions({"submission_id": "a", "point": at(4, 3), "accuracy_m": 5.0}), town(), USUAL)
    assert found["place_id"].tolist() == ["south", "west"]
    assert found["weight"].tolist() == pytest.approx([south / (south + west), west / (south + west)], abs=1e-6)
    assert found["distance_m"].tolist() == pytest.approx([3.0, 4.0])
    assert found["weight"].sum() == pytest.approx(1.0)
    assert found["ambiguous"].all()


def test_the_normal_distribution_function_is_as_exact_as_it_says() -> None:
    z = np.linspace(-9, 9, 20_001)
    assert np.abs(normal(z) - np.array([area(x) for x in z])).max() < 1e-7


def test_a_street_beyond_three_standard_deviations_has_no_share() -> None:
    assert shares(at(10.1, 3), town(), accuracy_m=5.0) == {"south": 1.0}


def test_what_has_less_than_a_twentieth_has_nothing_and_the_rest_is_made_whole() -> None:
    # At (8, 2) the west has exp(-64 / 22) 0.73 to exp(-4 / 22) 0.99 of the south: 4.5 %; at (7.5, 2) it has 6.4 %.
    assert shares(at(8, 2), town(), accuracy_m=5.0) == {"south": 1.0}
    assert shares(at(7.5, 2), town(), accuracy_m=5.0)["west"] == pytest.approx(0.0636, abs=1e-4)


def test_a_street_that_ends_before_the_fix_has_less_than_one_that_goes_on() -> None:
    lines = {"short": line((0, 0), (50, 0)), "long": line((0, 6), (100, 6))}
    found = shares(at(52, 3), town(segments=segments_of(lines)), accuracy_m=5.0)
    assert found["short"] == pytest.approx(area(-2 / (5 / 1.51)) / (1 + area(-2 / (5 / 1.51))), abs=1e-6)


def test_where_the_accuracy_reaches_no_street_the_nearest_has_it() -> None:
    assert shares(at(15, 12), town(), accuracy_m=5.0) == {"south": 1.0}


@pytest.mark.parametrize("unknown", [None, 0.0])
def test_an_unknown_accuracy_is_taken_as_ten_metres(unknown: float | None) -> None:
    assert shares(at(8, 7), town(), accuracy_m=unknown) == shares(at(8, 7), town(), accuracy_m=10.0)
    assert shares(at(8, 7), town(), accuracy_m=unknown) != shares(at(8, 7), town(), accuracy_m=5.0)


@pytest.mark.parametrize(("accuracy", "expected"), [(25.0, {"south": 1.0}), (25.1, {}), (4500.0, {})])
def test_a_fix_worse_than_the_limit_goes_nowhere(accuracy: float, expected: dict[str, float]) -> None:
    assert shares(at(50, 3), town(), accuracy_m=accuracy) == expected


@pytest.mark.parametrize(("y", "expected"), [(-24.9, {"south": 1.0}), (-25.1, {})])
def test_a_fix_farther_than_the_limit_has_no_street(y: float, expected: dict[str, float]) -> None:
    assert shares(at(50, y), town()) == expected


def test_the_limit_can_be_set() -> None:
    people = submissions({"submission_id": "a", "point": at(50, -60)})
    assert match(people, town(), USUAL).empty
    assert match(people, town(), MatchSettings(max_distance_m=61)).iloc[0]["place_id"] == "south"


def test_a_wide_limit_reaches_no_farther_than_the_accuracy() -> None:
    people = submissions({"submission_id": "a", "point": at(30, 20), "accuracy_m": 5.0})
    found = match(people, town(), MatchSettings(max_distance_m=200))
    assert found.loc[found["kind"] == "segment", "place_id"].tolist() == ["south"]


def test_streets_at_the_same_distance_share_alike() -> None:
    # At the crossing all streets are 0 m away; at (20, 20) two are 20 m away, beyond the accuracy.
    assert shares(at(0, 0), town()) == {"south": 0.5, "west": 0.5}
    assert shares(at(20, 20), town(), accuracy_m=5.0) == {"south": 0.5, "west": 0.5}


def test_a_crossing_of_four_is_shared_by_four() -> None:
    arms = {f"s{i}": line((0, 0), xy) for i, xy in enumerate([(50, 0), (0, 50), (-50, 0), (0, -50)])}
    assert shares(at(0, 0), town(segments=segments_of(arms))) == dict.fromkeys(arms, 0.25)


def linked(segments: Mapping[str, Sequence[shapely.LineString]], **kinds: gpd.GeoDataFrame) -> Places:
    """Return a town of segments with several links each (the first is drawn); names of spaces have their paths."""
    spaces = set(kinds["spaces"]["place_id"]) if "spaces" in kinds else set()
    places = town(
        segments=segments_of({name: lines[0] for name, lines in segments.items() if name not in spaces}), **kinds
    )
    every = [(name, shape) for name, lines in segments.items() for shape in lines]
    links = links_of(segments_of({f"{name}-{number:02d}": shape for number, (name, shape) in enumerate(every)}))
    owner = [link.rsplit("-", 2)[0] for link in links["link_id"].astype(str)]
    links["segment_id"] = [None if name in spaces else name for name in owner]
    links["space_id"] = [name if name in spaces else None for name in owner]
    ends = [[f"{x:.0f},{y:.0f}" for x, y in shape.coords] for shape in links.geometry]
    return replace(places, links=links.assign(node_from=[end[0] for end in ends], node_to=[end[-1] for end in ends]))


def test_a_street_has_the_sum_of_its_links_and_the_distance_of_the_nearest() -> None:
    places = linked({"dual": [line((0, 0), (100, 0)), line((0, 6), (100, 6))], "lane": [line((0, -6), (100, -6))]})
    found = match(submissions({"submission_id": "a", "point": at(50, -1), "accuracy_m": 10.0}), places, USUAL)
    each = {y: math.exp(-((y + 1) ** 2) / (2 * (10 / 1.51) ** 2)) for y in (0, 6, -6)}
    assert found["place_id"].tolist() == ["dual", "lane"]
    assert found["weight"].tolist()[0] == pytest.approx((each[0] + each[6]) / sum(each.values()), abs=1e-5)
    assert found["distance_m"].tolist() == pytest.approx([1.0, 5.0])


def test_links_that_lie_end_to_end_weigh_as_one() -> None:
    whole = linked({"a": [line((0, 0), (100, 0))], "b": [line((0, 9), (100, 9))]})
    parts = linked({"a": [line((x, 0), (x + 4, 0)) for x in range(0, 100, 4)], "b": [line((0, 9), (100, 9))]})
    # but for the last thousandth, which lies beyond three standard deviations
    assert shares(at(50, 4), parts) == pytest.approx(shares(at(50, 4), whole), abs=1e-3)


def park(*, y: float = 8) -> Places:
    """Return a street along a park with a path of its own, y metres from the street."""
    spaces = spaces_of({"park": box(0, 5, 100, 60)})
    return linked({"street": [line((0, 0), (100, 0))], "park": [line((0, y), (100, y))]}, spaces=spaces)


def test_what_is_likelier_on_a_path_of_a_park_is_not_the_streets() -> None:
    found = match(submissions({"submission_id": "a", "point": at(50, 6), "accuracy_m": 10.0}), park(), USUAL)
    street, path = (math.exp(-(d**2) / (2 * (10 / 1.51) ** 2)) for d in (6, 2))
    assert dict(zip(found["place_id"], found["kind"], strict=True)) == {"street": "segment", "park": "space"}
    weights = dict(zip(found["place_id"], found["weight"], strict=True))
    assert weights["street"] == pytest.approx(street / (street + path), abs=1e-6)
    assert weights["park"] == 1.0
    assert shares(at(50, 40), park(y=40), accuracy_m=5.0) == {}


def test_on_a_path_the_fix_is_the_spaces_that_the_path_belongs_to() -> None:
    # The path belongs to the park, though it runs through a playground of the same ground.
    spaces = spaces_of({"park": box(0, 5, 100, 60), "play": box(40, 30, 60, 50)})
    places = linked({"street": [line((0, 0), (100, 0))], "park": [line((0, 40), (100, 40))]}, spaces=spaces)
    assert shares(at(50, 40), places, kind="space", accuracy_m=5.0) == {"park": 1.0}
    assert shares(at(50, 31), places, kind="space", accuracy_m=2.0) == {"park": 1.0}
    assert shares(at(50, 31), town(spaces=spaces), kind="space", accuracy_m=2.0) == {"play": 1.0}


def test_a_space_inside_a_named_one_counts_for_that() -> None:
    spaces = spaces_of({"park": box(0, 5, 100, 60), "play": box(40, 30, 60, 50)})
    spaces["within"] = spaces["place_id"].map({"play": "park"})
    found = match(submissions({"submission_id": "a", "point": at(50, 45)}), town(spaces=spaces), USUAL)
    assert found.loc[found["kind"] == "space", "place_id"].tolist() == ["park"]


NESTED = {"large": box(0, 0, 100, 100), "middle": box(30, 30, 70, 70), "small": box(45, 45, 55, 55)}


@pytest.mark.parametrize(("x", "expected"), [(50, "small"), (40, "middle"), (10, "large"), (-20, "large")])
def test_inside_nested_spaces_the_smallest_has_it(x: float, expected: str) -> None:
    assert shares(at(x, 50), town(spaces=spaces_of(NESTED)), kind="space") == {expected: 1.0}


def test_inside_one_space_wins_over_near_another() -> None:
    spaces = spaces_of({"kiosk": box(61, 50, 62, 51), "plaza": box(40, 40, 60, 60)})
    assert shares(at(59.5, 50.5), town(spaces=spaces), kind="space") == {"plaza": 1.0}


def test_beside_spaces_the_nearest_has_it() -> None:
    spaces = spaces_of({"a": box(0, 0, 10, 10), "b": box(30, 0, 31, 10)})
    found = match(submissions({"submission_id": "a", "point": at(19, 5)}), town(spaces=spaces), USUAL)
    space = found[found["kind"] == "space"].iloc[0]
    assert (space["place_id"], space["weight"], space["ambiguous"]) == ("a", 1.0, False)
    assert space["distance_m"] == pytest.approx(9.0)


def test_a_space_beyond_the_limit_has_nothing() -> None:
    assert shares(at(50, 1), town(), kind="space") == {}


def test_a_space_known_as_a_point_is_found_beside() -> None:
    spaces = spaces_of({"market": at(50, 10)})
    assert shares(at(50, 1), town(spaces=spaces), kind="space") == {"market": 1.0}


@pytest.mark.parametrize("kind", ["space", "stop"])
def test_a_tie_goes_to_the_first_place_id(kind: str) -> None:
    points = {"b": at(40, 1), "a": at(60, 1)}
    places = town(spaces=spaces_of(points)) if kind == "space" else town(stops=stops_of(points))
    assert shares(at(50, 1), places, kind=kind) == {"a": 1.0}


def test_one_fix_goes_to_a_place_of_every_kind() -> None:
    places = town(spaces=spaces_of({"plaza": box(40, 0, 60, 20)}), stops=stops_of({"stop": at(50, 5)}))
    found = match(submissions({"submission_id": "a", "point": at(50, 2)}), places, USUAL)
    assert dict(zip(found["kind"], found["place_id"], strict=True)) == {
        "segment": "south",
        "space": "plaza",
        "stop": "stop",
    }
    assert found.loc[found["kind"] == "space", "distance_m"].tolist() == [0.0]


def test_a_submission_without_a_point_has_no_match() -> None:
    people = submissions({"submission_id": "a", "point": None}, {"submission_id": "b", "point": at(50, 1)})
    assert match(people, town(), USUAL)["submission_id"].tolist() == ["b"]


def test_nothing_to_match_gives_an_empty_table() -> None:
    nowhere = town(segments=segments_of({}), spaces=spaces_of({}), stops=stops_of({}))
    one = submissions({"submission_id": "a"})
    for people, places in ((submissions(), town()), (one, nowhere), (submissions(), nowhere)):
        found = match(people, places, USUAL)
        assert found.empty
        assert found.columns.tolist() == ["submission_id", "place_id", "kind", "weight", "distance_m", "ambiguous"]


def overridden(**codes: str) -> MatchSettings:
    """Return the usual settings with the places of some submissions set by hand."""
    return MatchSettings(overrides=MappingProxyType(codes))


def test_a_code_places_a_form_without_a_point() -> None:
    found = match(submissions({"submission_id": "a", "point": None, "place_code": "S-north"}), town(), USUAL)
    assert found.to_dict("records") == [
        {
            "submission_id": "a",
            "place_id": "north",
            "kind": "segment",
            "weight": 1.0,
            "distance_m": 0.0,
            "ambiguous": False,
        }
    ]


@pytest.mark.parametrize("written", ["S-north", "s-north", " S NORTH ", "SNORTH", "s\u00a0nor-th"])
def test_a_code_is_known_however_it_is_written(written: str) -> None:
    assert shares(None, town(), place_code=written) == {"north": 1.0}


@pytest.mark.parametrize(("code", "kind", "place"), [("P-plaza", "space", "plaza"), ("T-halt", "stop", "halt")])
def test_a_code_names_a_place_of_any_kind(code: str, kind: str, place: str) -> None:
    places = town(stops=stops_of({"halt": at(90, 90)}))
    found = match(submissions({"submission_id": "a", "point": None, "place_code": code}), places, USUAL)
    assert found[["kind", "place_id"]].to_numpy().tolist() == [[kind, place]]


def test_a_code_wins_over_the_fix_and_the_fix_decides_on_the_other_kinds() -> None:
    # The fix lies between the south and the west, in reach of a stop; the form names the north.
    places = town(stops=stops_of({"halt": at(8, 4)}))
    people = submissions(
        {"submission_id": "a", "point": at(4, 3), "place_code": "S-north"}, {"submission_id": "b", "point": at(4, 3)}
    )
    found = match(people, places, USUAL).set_index("submission_id")
    assert dict(zip(found.loc["a", "place_id"], found.loc["a", "weight"], strict=True)) == {"halt": 1.0, "north": 1.0}
    assert not found.loc["a", "ambiguous"].any()
    assert set(found.loc["b", "place_id"]) == {"halt", "south", "west"}
    assert unknown_codes(people, places, USUAL) == ()


def test_a_code_counts_where_the_fix_is_too_poor_to_be_used() -> None:
    assert shares(at(50, 3), town(), accuracy_m=900.0, place_code="S-east") == {"east": 1.0}


def test_an_unknown_code_is_said_and_its_form_goes_by_its_position() -> None:
    people = submissions(
        {"submission_id": "a", "point": at(50, 3), "place_code": "S-nroth", "line": 7},
        {"submission_id": "b", "point": None, "place_code": "S-nroth", "line": 8},
        {"submission_id": "c", "point": None, "place_code": "S-north"},
    )
    found = match(people, town(), USUAL)
    assert found[["submission_id", "place_id"]].to_numpy().tolist() == [["a", "south"], ["c", "north"]]
    (sentence,) = unknown_codes(people, town(), USUAL)
    assert sentence == (
        "2 submissions name a place code that no place here has (first: walk.csv line 7, "
        '"SNROTH"). They go by their position; those without one count nowhere. '
        "Look for a mistyped sign (the first may be street north, SNORTH), or name the place under [match] overrides."
    )


def test_an_override_wins_over_the_code_and_over_the_fix() -> None:
    people = submissions(
        {"submission_id": "a", "point": at(50, 3), "place_code": "S-north"},
        {"submission_id": "b", "point": at(50, 3)},
        {"submission_id": "c", "point": at(50, 3)},
    )
    found = match(people, town(), overridden(a="S-west", b="s east"))
    assert dict(zip(found["submission_id"], found["place_id"], strict=True)) == {"a": "west", "b": "east", "c": "south"}


def test_an_override_that_cannot_be_followed_is_said() -> None:
    people = submissions({"submission_id": "a", "point": at(50, 3), "place_code": "S-north"})
    settings = overridden(a="S-nowhere", z="S-north")
    assert match(people, town(), settings)["place_id"].tolist() == ["south"]
    unknown, strange = unknown_codes(people, town(), settings)
    assert unknown.startswith("1 submissions name a place code that no place here has (first: walk.csv line 2")
    assert "Look for a mistyped sign, or name" in unknown
    assert strange == (
        '[match] overrides names 1 submissions or codes that are not here (first: "z"). '
        "Take ids from private/result.gpkg, codes from the forms."
    )


def random_people(count: int, seed: int) -> gpd.GeoDataFrame:
    """Return fixes all over the random town, of every accuracy, some unknown."""
    random = np.random.default_rng(seed)
    accuracy = random.choice([3.0, 8.0, 15.0, 25.0, 40.0, np.nan], count)
    xy = random.uniform(-40, 440, (count, 2))
    return submissions(
        *(
            {"submission_id": f"p{i:03d}", "point": at(*xy[i]), "accuracy_m": None if np.isnan(a) else a}
            for i, a in enumerate(accuracy.tolist())
        )
    )


def random_town(seed: int) -> Places:
    """Return a town of crooked streets, overlapping spaces and stops."""
    random = np.random.default_rng(seed)

    def crooked() -> shapely.LineString:
        start = random.uniform(0, 400, 2)
        return line(*(tuple(start + random.normal(0, 40, 2)) for _ in range(3)))

    def patch() -> shapely.Geometry:
        west, south = random.uniform(0, 350, 2)
        return (
            at(west, south)
            if random.random() < 0.2
            else box(west, south, *(random.uniform(5, 90, 2) + np.array([west, south])))
        )

    return town(
        segments=segments_of({f"s{i:02d}": crooked() for i in range(60)}),
        spaces=spaces_of({f"x{i:02d}": patch() for i in range(15)}),
        stops=stops_of({f"t{i:02d}": at(*random.uniform(0, 400, 2)) for i in range(20)}),
    )


def slow_share(fix: shapely.Point, lines: Mapping[str, shapely.LineString], sd: float) -> dict[str, float]:
    """Return the share of each line within 3 sd, or of the nearest, by adding up the density every 2 cm."""
    apart = {name: shape.distance(fix) for name, shape in lines.items()}
    reached = [name for name, away in apart.items() if away <= 3 * sd]
    if not reached:
        return {min(apart, key=lambda name: apart[name]): 1.0}
    density = {}
    for name in reached:
        spots = lines[name].segmentize(0.02)
        xy = shapely.get_coordinates(spots)
        middle = (xy[1:] + xy[:-1]) / 2
        off = ((middle - (fix.x, fix.y)) ** 2).sum(axis=1)
        density[name] = float((np.exp(-off / (2 * sd**2)) * np.hypot(*(xy[1:] - xy[:-1]).T)).sum())
    return whole({name: amount for name, amount in whole(density).items() if amount > 0.05})


def whole(amounts: Mapping[str, float]) -> dict[str, float]:
    """Return amounts that sum to 1."""
    return {name: amount / sum(amounts.values()) for name, amount in amounts.items()}


def slow_match(people: gpd.GeoDataFrame, places: Places, limit: float = 25.0) -> dict[tuple[str, str], float]:
    """Return the weight of each submission at each place, by plain loops over everything."""
    found: dict[tuple[str, str], float] = {}
    for person in people.itertuples():
        accuracy = 10.0 if pd.isna(person.accuracy_m) else person.accuracy_m
        if accuracy > limit:
            continue
        near = {
            s.place_id: s.geometry
            for s in places.segments.itertuples()
            if s.geometry.distance(person.geometry) <= limit
        }
        if near:
            likely = slow_share(person.geometry, near, accuracy / 1.51)
            found |= {(person.submission_id, name): share for name, share in likely.items()}
        for frame in (places.spaces, places.stops):
            best = None
            for place in frame.itertuples():
                apart_m = place.geometry.distance(person.geometry)
                area = getattr(place, "area_m2", 0.0)
                order = (apart_m > 0, area if apart_m == 0 else apart_m, place.place_id)
                if apart_m <= limit and (best is None or order < best):
                    best = order
            if best:
                found[person.submission_id, best[-1]] = 1.0
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_it_agrees_with_plain_loops_in_a_random_town(seed: int) -> None:
    people, places = random_people(300, seed), random_town(seed)
    found = match(people, places, USUAL)
    weights = {(a, b): w for a, b, w in found[["submission_id", "place_id", "weight"]].itertuples(index=False)}
    slow = slow_match(people, places)
    assert len(weights) > 300
    assert weights.keys() == slow.keys()
    assert [weights[key] for key in sorted(slow)] == pytest.approx([slow[key] for key in sorted(slow)], abs=1e-4)
    sums = found.groupby(["submission_id", "kind"])["weight"].sum()
    assert sums.to_numpy() == pytest.approx(np.ones(len(sums)), abs=1e-9)
    several = found.groupby(["submission_id", "kind"])["weight"].transform("size") > 1
    assert (several == found["ambiguous"]).all()


def test_the_order_of_rows_does_not_matter_and_inputs_stay_as_they_are() -> None:
    people, places = random_people(200, 3), random_town(3)
    before = people.copy(deep=True)
    mixed = people.sample(frac=1, random_state=5)
    pd.testing.assert_frame_equal(match(people, places, USUAL), match(mixed, places, USUAL))
    pd.testing.assert_frame_equal(people, before)


def test_many_submissions_are_matched_in_parts_like_few(monkeypatch: pytest.MonkeyPatch) -> None:
    people, places = random_people(100, 4), random_town(4)
    whole = match(people, places, USUAL)
    monkeypatch.setattr("safeaudit.match._CHUNK", 7)
    monkeypatch.setattr("safeaudit.match.fixes._CHUNK", 7)
    monkeypatch.setattr("safeaudit.match.walk._PAIRS", 50)
    pd.testing.assert_frame_equal(match(people, places, USUAL), whole)


# Walks: a crossing of four arms, each of two links of 50 m; a person comes along the west arm and leaves by the east.
ARMS = {"east": (1, 0), "north": (0, 1), "west": (-1, 0), "south": (0, -1)}
CROSSING = linked(
    {
        name: [line((0, 0), (50 * x, 50 * y)), line((50 * x, 50 * y), (100 * x, 100 * y))]
        for name, (x, y) in ARMS.items()
    }
)
ROUTE = ((-45, 1), (3, 4), (40, -1))


def walk(*spots: tuple[float, float], **columns: Sequence[Any]) -> gpd.GeoDataFrame:
    """Return a person's submissions, a minute apart, and what else differs from one to the next."""
    rows = [
        {"submission_id": f"s{i}", "point": at(*xy), "accuracy_m": 10.0, "auditor": "ann"} for i, xy in enumerate(spots)
    ]
    for i, row in enumerate(rows):
        row["observed_at"] = NIGHT + pd.Timedelta(minutes=i)
        row.update({name: values[i] for name, values in columns.items()})
    return submissions(*rows)


def weights(people: gpd.GeoDataFrame, who: str = "s1", places: Places = CROSSING) -> dict[str, float]:
    """Return the weight of one submission at each segment."""
    found = match(people, places, USUAL)
    found = found[found["submission_id"] == who]
    return dict(zip(found["place_id"], found["weight"], strict=True))


ALONE = weights(walk(ROUTE[1]), "s0")


def test_where_a_person_came_from_and_went_says_which_street_it_was() -> None:
    assert ALONE["north"] > 0.3
    assert weights(walk(*ROUTE)).get("north", 0.0) < 0.8 * ALONE["north"]
    assert (
        sum(weights(walk(*ROUTE))[name] for name in ("east", "west"))
        > sum(ALONE[name] for name in ("east", "west")) + 0.1
    )


def test_the_order_is_that_of_time_not_of_rows() -> None:
    turned = walk(*ROUTE).iloc[[2, 0, 1]].reset_index(drop=True)
    assert weights(turned) == weights(walk(*ROUTE))


def test_two_forms_of_one_moment_and_fix_are_one_stop() -> None:
    first, second, third = (NIGHT + pd.Timedelta(minutes=minutes) for minutes in range(3))
    times = [first, second, second, third]
    twice = walk(ROUTE[0], ROUTE[1], ROUTE[1], ROUTE[2], observed_at=times)
    for form in ("s1", "s2"):
        assert weights(twice, form) == weights(walk(*ROUTE))
    # Elsewhere at the same moment: nobody knows where she was first, and there a chain ends.
    apart = walk(ROUTE[0], ROUTE[1], (ROUTE[1][0] + 3, ROUTE[1][1]), ROUTE[2], observed_at=times)
    assert weights(apart) != weights(walk(*ROUTE))


LATER = [NIGHT + pd.Timedelta(minutes=m) for m in (0, 16, 32)]
QUICK = [NIGHT + pd.Timedelta(seconds=s) for s in (0, 1, 2)]


@pytest.mark.parametrize(
    "people",
    [
        walk(*ROUTE, walk_id=["w1", "w2", "w3"]),
        walk(*ROUTE, walk_id=[None, None, None]),
        walk(*ROUTE, auditor=["ann", "bea", "cat"]),
        walk(*ROUTE, observed_at=[NIGHT] * 3),
        walk(*ROUTE, observed_at=[None] * 3),
        walk(*ROUTE, observed_at=LATER),
        walk((-99, 60), ROUTE[1], (99, 60)),
        walk(*ROUTE, observed_at=QUICK),
    ],
    ids=["walks", "no walk", "auditors", "one moment", "no time", "long ago", "off any street", "too fast"],
)
def test_what_is_no_step_of_one_person_says_nothing(people: gpd.GeoDataFrame) -> None:
    assert weights(people) == pytest.approx(ALONE, abs=1e-12)


def test_a_step_of_over_150_m_says_nothing() -> None:
    long = linked({name: [line((0, 0), (200 * x, 200 * y))] for name, (x, y) in ARMS.items()})
    near, far = (walk((-reach, 1), ROUTE[1], (reach, 1)) for reach in (140, 160))
    assert weights(near, places=long)["north"] < 0.8 * ALONE["north"]
    assert weights(far, places=long) == pytest.approx(ALONE, abs=1e-6)


def slow_distances(links: gpd.GeoDataFrame) -> dict[tuple[str, str], float]:
    """Return how far it is between any two nodes, by Floyd and Warshall's loops."""
    nodes = sorted({*links["node_from"], *links["node_to"]})
    far = {(a, b): 0.0 if a == b else math.inf for a, b in product(nodes, nodes)}
    for link in links.itertuples():
        far[link.node_from, link.node_to] = far[link.node_to, link.node_from] = link.length_m
    for k, i, j in product(nodes, nodes, nodes):
        far[i, j] = min(far[i, j], far[i, k] + far[k, j])
    return far


def slow_bits(fix: shapely.Point, sd: float, links: gpd.GeoDataFrame) -> list[tuple[float, Any, float]]:
    """Return likelihood, link and metres along it of each bit of 10 m within reach that is not too unlikely."""
    bits = []
    for link in links.itertuples():
        gone = 0.0
        for a, b in pairwise(link.geometry.segmentize(10.0).coords):
            xy = shapely.get_coordinates(shapely.LineString([a, b]).segmentize(0.02))
            off = (((xy[1:] + xy[:-1]) / 2 - (fix.x, fix.y)) ** 2).sum(axis=1)
            length = math.dist(a, b)
            if link.geometry.distance(fix) <= 3 * sd:
                bits.append((float(np.exp(-off / (2 * sd**2)).mean() * length), link, gone + length / 2))
            gone += length
    return [bit for bit in bits if bit[0] > 0.03 * max(amount for amount, *_ in bits)]


def slow_walk(people: gpd.GeoDataFrame, places: Places) -> list[dict[str, float]]:
    """Return the probability of each segment at each fix, by going through every sequence of bits of links."""
    far, fixes = slow_distances(places.links), people.geometry.to_list()
    states = [slow_bits(person.geometry, person.accuracy_m / 1.51, places.links) for person in people.itertuples()]
    found: list[dict[str, float]] = [{} for _ in fixes]
    for chosen in product(*states):
        chance = math.prod(bit[0] for bit in chosen)
        for (a, b), straight in zip(pairwise(chosen), [p.distance(q) for p, q in pairwise(fixes)], strict=True):
            (_, here, gone), (_, there, come) = a, b
            out = ((here.node_from, gone), (here.node_to, here.length_m - gone))
            into = ((there.node_from, come), (there.node_to, there.length_m - come))
            ways = [x + far[i, j] + y for (i, x), (j, y) in product(out, into)]
            ways += [abs(gone - come)] if here.link_id == there.link_id else []
            chance *= math.exp(-min(max(min(ways) - straight - 5, 0) / 5, 8))
        for place, bit in zip(found, chosen, strict=True):
            place[bit[1].segment_id] = place.get(bit[1].segment_id, 0.0) + chance
    return [whole({name: amount for name, amount in whole(place).items() if amount > 0.05}) for place in found]


@pytest.mark.parametrize(
    "spots", [ROUTE, ((-2, 30), (5, -6), (3, -40)), ((40, 3), (6, 3), (45, -2)), ((-9, 9), (9, -9), (9, 9))]
)
def test_a_walk_agrees_with_going_through_every_sequence(spots: tuple[tuple[float, float], ...]) -> None:
    people = walk(*spots)
    for who, slow in zip(people["submission_id"], slow_walk(people, CROSSING), strict=True):
        assert weights(people, who) == pytest.approx(slow, abs=1e-4)
