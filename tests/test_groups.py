"""What groups said, how it differs from the rest, and day beside dark; and that it tells of no few people."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from grid_town import grid
from hypothesis import given
from hypothesis import strategies as st
from town import METRIC, PROPERTY, audits, line, links_of, matches_of, observations, segments_of, submissions, town

from safeaudit.config import ScoreSettings
from safeaudit.languages import read_language
from safeaudit.rubric import STANDARD
from safeaudit.score.group_answers import FEW_PEOPLE, LEAST_PEOPLE, WITHHELD, answer_by_group
from safeaudit.score.sides import FEW_PLACES, compare_lights, find_gaps, say_day_dark, say_gaps
from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.tables import Audits, Places

Form = tuple[str, str, str, str, int]
"""Place, auditor, sex, walk and level of feeling."""

SETTINGS = ScoreSettings()
ENGLISH = read_language("en")


def walked(
    forms: Sequence[Form], light: str = "dark", indicator: str = "feeling", kind: str = "segment"
) -> tuple[Audits, pd.DataFrame]:
    """Return audits and matches of forms, each made at one place."""
    names = [f"{kind}{light}{number:04d}" for number in range(len(forms))]
    about = [
        {"submission_id": name, "auditor": who, "auditor_sex": sex, "walk_id": walk, "light": light}
        for name, (_, who, sex, walk, _) in zip(names, forms, strict=True)
    ]
    seen = {name: {indicator: form[4]} for name, form in zip(names, forms, strict=True)}
    places = {name: {form[0]: 1.0} for name, form in zip(names, forms, strict=True)}
    return audits(submissions(*about), observations(seen)), matches_of(places, kind)


def both(*parts: tuple[Audits, pd.DataFrame]) -> tuple[Audits, pd.DataFrame]:
    """Return several walks as one."""
    first = parts[0][0]
    forms = pd.concat([said.submissions for said, _ in parts], ignore_index=True)
    forms["light"] = pd.Categorical(forms["light"].astype("str"))
    said = replace(
        first,
        submissions=validate_table(forms, "submissions"),
        observations=validate_table(pd.concat([s.observations for s, _ in parts], ignore_index=True), "observations"),
    )
    return said, validate_table(pd.concat([matches for _, matches in parts], ignore_index=True), "matches")


def wards(sizes: Sequence[int]) -> Places:
    """Return a town of streets side by side, so many in each ward."""
    lines = {f"s{number}": line((0, 10 * number), (90, 10 * number)) for number in range(sum(sizes))}
    segments = segments_of(lines)
    ends = np.cumsum([0, *sizes])
    shapes = [
        gpd.GeoSeries([shape], crs=METRIC).iloc[0]
        for shape in (
            segments.geometry.iloc[start:end].union_all().buffer(4).convex_hull for start, end in pairwise(ends)
        )
    ]
    places = town(segments=segments, links=links_of(segments))
    named = gpd.GeoDataFrame(
        {
            "area_id": ["city", *(f"w{number}" for number in range(len(sizes)))],
            "name": ["City", *(f"Ward {number}" for number in range(len(sizes)))],
            "kind": ["city", *["ward"] * len(sizes)],
        },
        geometry=[segments.union_all().buffer(50).convex_hull, *shapes],
        crs=METRIC,
    )
    return replace(places, areas=validate_table(named, "areas"))


def women(place: str, first: int, count: int, level: int = 1) -> list[Form]:
    """Return a form by each of so many women at a place, on three walks."""
    return [(place, f"woman {number}", "woman", f"walk {number % 3}", level) for number in range(first, first + count)]


def answered(places: Places, forms: Sequence[Form]) -> pd.DataFrame:
    said, matches = walked(forms)
    return answer_by_group(said, matches, places, STANDARD)


def test_what_women_said_of_the_city_and_of_kinds_of_places_by_hand() -> None:
    forms = [*women("s0", 0, 6, level=0), *women("s0", 6, 6, level=3), ("s0", "a man", "man", "walk 0", 3)]
    found = answered(wards([2]), forms).set_index(["zone_kind", "zone", "who"])
    said = found.loc[("city", "city", "woman")]
    assert (said["score"], said["n"], said["contributors"], said["note"]) == (50.0, 12.0, 12, "")
    # Twelve answers of 0 and 100: t(11) at 95 % is 1.7959, and the deviation of their mean 52.223 / sqrt(12).
    assert said["low"] == pytest.approx(50 - 1.7959 * 52.223 / 12**0.5, abs=0.02)
    assert said["high"] == pytest.approx(50 + 1.7959 * 52.223 / 12**0.5, abs=0.02)
    few = found.loc[("city", "city", "man")]
    assert (few["contributors"], few["note"], bool(pd.isna(few["score"]))) == (1, FEW_PEOPLE, True)
    assert found.loc[("kind", "segment", "woman"), "score"] == 50.0


def test_a_ward_whose_rest_is_few_people_is_withheld() -> None:
    forms = [*women("s0", 0, 12), *women("s1", 8, 4)]  # 12 women in one ward, 4 of them and no more in the other
    found = answered(wards([1, 1]), forms).set_index("zone")
    assert found.loc["Ward 1", "note"] == FEW_PEOPLE
    shown = set(found.index[found["note"] == ""])
    assert not {"city", "Ward 0"} <= shown  # the one less the other would tell the four
    assert found.loc["Ward 0", "note"] == WITHHELD


def test_a_ward_that_lies_in_a_kind_of_place_is_not_shown_beside_it_where_few_are_left() -> None:
    places = wards([1, 1])  # the second street is in no ward, and many women are in the square
    places = replace(places, areas=places.areas[places.areas["area_id"] != "w1"].reset_index(drop=True))
    streets = walked([*women("s0", 0, 12), *women("s1", 8, 4)])
    said, matches = both(streets, walked(women("plaza", 0, 12), kind="space"))
    found = answer_by_group(said, matches, places, STANDARD).set_index("zone")
    shown = set(found.index[found["note"] == ""])
    assert {"city", "square"} <= shown
    assert not {"segment", "Ward 0"} <= shown  # all streets less those of the ward would tell the four


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30), st.integers(0, 5)), min_size=1, max_size=120))
@PROPERTY
def test_nothing_that_is_shown_tells_of_few_people_by_subtraction(said: list[tuple[int, int, int]]) -> None:
    forms = [(f"s{place}", f"woman {who}", "woman", f"walk {walk}", 1) for place, who, walk in said]
    places = wards([1, 2, 2])
    found = answered(places, forms)
    where = {"city": {0, 1, 2, 3, 4}, "Ward 0": {0}, "Ward 1": {1, 2}, "Ward 2": {3, 4}, "segment": {0, 1, 2, 3, 4}}
    shown = {zone: where[zone] for zone in found.loc[found["note"] == "", "zone"]}

    def enough(streets: set[int]) -> bool:
        here = [(who, walk) for place, who, walk in said if place in streets]
        return not here or (len({who for who, _ in here}) >= LEAST_PEOPLE and len({walk for _, walk in here}) >= 3)

    parts = [zone for zone in shown if zone.startswith("Ward")]
    assert all(enough(streets) for streets in shown.values())
    for one, other in combinations(shown.values(), 2):
        if one < other or other < one:
            assert enough(one ^ other)
    for size in range(1, len(parts) + 1):
        for some in combinations(parts, size):
            if "city" in shown and len(some) == len(parts):
                assert enough(shown["city"] - set().union(*(shown[zone] for zone in some)))


def streets_and(count: int, sex: str, level: int, first: int = 0) -> list[Form]:
    """Return a form of each of twelve people at some of the streets of a grid."""
    ids = grid(4)["place_id"].tolist()[:count]
    return [
        (place, f"{sex} {who}", sex, f"{sex} walk {who % 4}", (level + (number + who) % 2))
        for number, place in enumerate(ids)
        for who in range(first + number % 3, first + 12, 3)
    ]


def test_a_gap_is_a_difference_within_places() -> None:
    places = town(segments=grid(4), links=links_of(grid(4)))
    said, matches = walked([*streets_and(30, "woman", 0), *streets_and(30, "man", 1)])
    gap = find_gaps(said, matches, places, STANDARD, SETTINGS).set_index("indicator").loc["feeling"]
    assert (gap["who"], gap["split"], gap["places"]) == ("man", "sex", 30)  # the first of two by name
    assert gap["difference"] == pytest.approx(100 / 3, abs=0.01)
    assert gap["low"] < gap["difference"] < gap["high"]
    assert gap["differs"]
    table = find_gaps(said, matches, places, STANDARD, SETTINGS)
    assert "those who walked (Sex: Man) said" in say_gaps(table, STANDARD, ENGLISH)


@pytest.mark.parametrize(("count", "men", "note"), [(10, 12, FEW_PLACES), (30, 5, None)])
def test_few_places_or_few_people_are_no_gap(count: int, men: int, note: str | None) -> None:
    places = town(segments=grid(4), links=links_of(grid(4)))
    forms = [form for form in streets_and(count, "man", 1) if int(form[1].split()[1]) < men]
    said, matches = walked([*streets_and(count, "woman", 0), *forms])
    found = find_gaps(said, matches, places, STANDARD, SETTINGS)
    assert (found["note"] == note).all() if note else found.empty
    assert found["difference"].isna().all()
    assert say_gaps(found, STANDARD, ENGLISH) == ""


def test_day_and_dark_are_compared_at_the_same_places_and_lighting_never() -> None:
    places = town(segments=grid(4), links=links_of(grid(4)))
    forms = streets_and(30, "woman", 1)
    darker = [(place, who, sex, walk, level - 1) for place, who, sex, walk, level in forms]
    said, matches = both(walked(forms, "day"), walked(darker))
    found = compare_lights(said, matches, places, STANDARD, SETTINGS)
    row = found[(found["indicator"] == "feeling") & (found["area_id"] == "city")].iloc[0]
    assert (row["places"], row["auditors_day"], row["auditors_dark"]) == (30, 12, 12)
    assert row["difference"] == pytest.approx(-100 / 3, abs=0.01)
    assert row["differs"]
    assert "Feeling on the same 30 streets" in say_day_dark(found, STANDARD, ENGLISH)


def test_one_light_alone_is_nothing_to_compare() -> None:
    places = town(segments=grid(4), links=links_of(grid(4)))
    said, matches = walked(streets_and(30, "woman", 1))
    assert compare_lights(said, matches, places, STANDARD, SETTINGS).empty
    lit, at = walked(streets_and(30, "woman", 1), "dark", "lighting")
    by_day, also = walked(streets_and(30, "woman", 1), "day", "lighting")
    assert compare_lights(*both((lit, at), (by_day, also)), places, STANDARD, SETTINGS).empty


def test_the_order_of_rows_changes_nothing() -> None:
    places = wards([1, 1])
    said, matches = walked([*women("s0", 0, 12), *women("s1", 0, 11, level=2)])
    turned = replace(said, submissions=said.submissions[::-1].reset_index(drop=True))
    found = answer_by_group(said, matches, places, STANDARD)
    pd.testing.assert_frame_equal(
        found, answer_by_group(turned, matches[::-1].reset_index(drop=True), places, STANDARD)
    )
    assert set(found["note"]) == {""}


def test_a_role_that_the_form_does_not_know_is_no_group() -> None:
    said, matches = walked(women("s0", 0, 12))
    for role, rows in (("resident", 1), ("Aunt Rose's shop", 0)):
        forms = said.submissions.assign(auditor_sex=None, auditor_role=role)
        forms = validate_table(forms, "submissions")
        found = answer_by_group(replace(said, submissions=forms), matches, wards([1]), STANDARD)
        assert (len(found) > 0) == rows


def test_nobody_who_said_who_they_are_is_an_empty_table() -> None:
    said, matches = walked([("s0", "a", "woman", "w", 1)])
    nameless = replace(said, submissions=said.submissions.assign(auditor_sex=None))
    forms = validate_table(nameless.submissions, "submissions")
    assert answer_by_group(replace(said, submissions=forms), matches, wards([1]), STANDARD).empty
