"""Which place a rating speaks of: by hand in the town, then against plain loops in a random one."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from town import at, box, line, segments_of, spaces_of, stops_of, submissions, town

from safeaudit.config import MatchSettings
from safeaudit.match import match, unknown_codes

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely

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


def test_a_fix_between_two_streets_is_shared_by_how_likely_each_is() -> None:
    # 3 m from the south, 4 m from the west, accuracy 5 m: exp(-9/50) to exp(-16/50)
    south, west = math.exp(-9 / 50), math.exp(-16 / 50)
    found = match(submissions({"submission_id": "a", "point": at(4, 3), "accuracy_m": 5.0}), town(), USUAL)
    assert found["place_id"].tolist() == ["south", "west"]
    assert found["weight"].tolist() == pytest.approx([south / (south + west), west / (south + west)], abs=1e-9)
    assert found["weight"].sum() == pytest.approx(1.0)
    assert found["ambiguous"].all()


def test_a_street_beyond_the_accuracy_has_no_share() -> None:
    assert shares(at(6, 3), town(), accuracy_m=5.0) == {"south": 1.0}


def test_where_the_accuracy_reaches_no_street_the_nearest_has_it() -> None:
    assert shares(at(15, 12), town(), accuracy_m=5.0) == {"south": 1.0}


def test_an_unknown_accuracy_is_taken_as_ten_metres() -> None:
    assert shares(at(8, 7), town(), accuracy_m=None) == shares(at(8, 7), town(), accuracy_m=10.0)
    assert set(shares(at(8, 7), town(), accuracy_m=None)) == {"south", "west"}
    assert set(shares(at(11, 7), town(), accuracy_m=None)) == {"south"}


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
        "Look for a mistyped sign, or name the place under [match] overrides."
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


def slow_match(people: gpd.GeoDataFrame, places: Places, limit: float = 25.0) -> dict[tuple[str, str], float]:
    """Return the weight of each submission at each place, by plain loops over everything."""
    found: dict[tuple[str, str], float] = {}
    for person in people.itertuples():
        accuracy = 10.0 if pd.isna(person.accuracy_m) else person.accuracy_m
        if accuracy > limit:
            continue
        apart = {s.place_id: s.geometry.distance(person.geometry) for s in places.segments.itertuples()}
        near = {name: d for name, d in apart.items() if d <= limit}
        reached = {name: d for name, d in near.items() if d <= accuracy}
        if near and not reached:
            reached = {name: d for name, d in near.items() if d == min(near.values())}
        likely = {name: math.exp(-(d**2) / (2 * accuracy**2)) for name, d in reached.items()}
        found |= {(person.submission_id, name): x / sum(likely.values()) for name, x in likely.items()}
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
    assert [weights[key] for key in sorted(slow)] == pytest.approx([slow[key] for key in sorted(slow)], abs=1e-9)
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
    pd.testing.assert_frame_equal(match(people, places, USUAL), whole)
