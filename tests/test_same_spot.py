"""Which forms are about one spot: by hand in the town, then by the rule in a random crowd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from town import at, spaces_of, stops_of, submissions, town

from safeaudit.config import MatchSettings
from safeaudit.match import match
from safeaudit.score.same_spot import COMPARED, SAME_SPOT_M, group_by_spot

if TYPE_CHECKING:
    import geopandas as gpd

    from safeaudit.tables import Places


def together(people: gpd.GeoDataFrame, places: Places | None = None) -> list[list[str]]:
    """Return the ids of the forms about each spot, where there are several."""
    spot = group_by_spot(people, match(people, places or town(), MatchSettings()))
    groups = people["submission_id"].groupby(spot).apply(list)
    return sorted(group for group in groups if len(group) > 1)


def two(first: dict[str, Any], second: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return two forms by Ann and Bea on the south street, each with what differs."""
    return submissions(
        {"submission_id": "a", "auditor": "ann", "point": at(50, 1), **first},
        {"submission_id": "b", "auditor": "bea", "point": at(50, -1), **second},
    )


def test_two_auditors_at_one_spot_make_a_pair() -> None:
    assert together(two({}, {})) == [["a", "b"]]


@pytest.mark.parametrize(("x", "expected"), [(74.9, [["a", "b"]]), (75.1, [])])
def test_the_limit_is_25_metres(x: float, expected: list[list[str]]) -> None:
    assert together(two({"point": at(50, 1)}, {"point": at(x, 1)})) == expected


@pytest.mark.parametrize(
    "second",
    [
        {"auditor": "ann"},
        {"light": "day"},
        {"light": None},
        {"campaign": "after"},
        {"point": at(50, 96)},
        {"point": None},
        {"accuracy_m": 26.0},
    ],
    ids=["one auditor", "other light", "unknown light", "other round", "other street", "no place", "poor fix"],
)
def test_what_is_no_repeat(second: dict[str, Any]) -> None:
    assert together(two({}, second)) == []


def test_unknown_auditors_of_one_walk_are_one_and_of_two_walks_two() -> None:
    nobody = {"auditor": None}
    assert together(two(nobody, nobody)) == []
    assert together(two(nobody, {**nobody, "walk_id": "walk-2"})) == [["a", "b"]]


def test_two_forms_without_known_light_are_no_repeat() -> None:
    assert together(two({"light": None}, {"light": None})) == []


def test_paper_forms_that_name_one_place_are_about_it() -> None:
    paper = {"point": None, "place_code": "S-north"}
    assert together(two(paper, paper)) == [["a", "b"]]
    assert together(two(paper, {**paper, "place_code": "S-east"})) == []
    assert together(two(paper, {"point": at(50, 99)})) == []


def test_what_lies_in_a_square_is_about_the_square() -> None:
    places = town(spaces=spaces_of({"plaza": at(50, 20).buffer(19)}))
    # One nearer to the street than the other, both in the square.
    assert together(two({"point": at(50, 3)}, {"point": at(50, 24)}), places) == [["a", "b"]]


def test_a_stop_beside_a_street_does_not_part_those_on_the_street() -> None:
    places = town(stops=stops_of({"halt": at(45, 1)}))
    assert together(two({"point": at(44, 3)}, {"point": at(56, 3)}), places) == [["a", "b"]]


def test_the_nearest_join_first_and_a_chain_is_no_spot() -> None:
    people = submissions(
        *(
            {"submission_id": name, "auditor": name, "point": at(x, 1)}
            for name, x in zip("abc", (20, 40, 55), strict=True)
        )
    )
    assert together(people) == [["b", "c"]]


def test_who_comes_again_counts_again_and_never_twice_at_one_spot() -> None:
    rows = [("a1", "ann", 50), ("a2", "ann", 51), ("b1", "bea", 50), ("b2", "bea", 51)]
    people = submissions(*({"submission_id": i, "auditor": who, "point": at(x, 1)} for i, who, x in rows))
    assert together(people) == [["a1", "b1"], ["a2", "b2"]]


def crowd(count: int, seed: int) -> gpd.GeoDataFrame:
    """Return forms by a dozen people all over the block."""
    random = np.random.default_rng(seed)
    xy = random.uniform(0, 100, (count, 2))
    return submissions(
        *(
            {
                "submission_id": f"p{i:03d}",
                "auditor": f"a{random.integers(12)}",
                "light": ("day", "dark")[random.integers(2)],
                "point": at(*xy[i]),
            }
            for i in range(count)
        )
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_every_two_forms_of_a_spot_fulfil_the_rule(seed: int) -> None:
    people = crowd(400, seed)
    groups = people.groupby(group_by_spot(people, match(people, town(), MatchSettings())))
    several = [group for _, group in groups if len(group) > 1]
    assert len(several) > 30
    for group in several:
        assert group["auditor"].is_unique
        assert len(set(group["light"])) == 1
        points = group.geometry.to_numpy()
        assert max(a.distance(b) for a in points for b in points) <= SAME_SPOT_M


def test_a_crowd_at_one_place_is_compared_in_parts() -> None:
    many = 3 * COMPARED
    people = submissions(*({"submission_id": f"{i:03d}", "auditor": f"{i}", "point": at(50, 1)} for i in range(many)))
    spot = pd.Series(group_by_spot(people, match(people, town(), MatchSettings())))
    assert spot.value_counts().tolist() == [COMPARED] * 3


def test_nobody_is_on_no_spot() -> None:
    assert together(submissions()) == []
