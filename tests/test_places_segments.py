"""Places from streets drawn by hand: their ids, pieces and codes; then random streets against what must always hold."""

from __future__ import annotations

import random

import pandas as pd
import pytest
import shapely
from drawn import Spots, Way, streets_of
from hypothesis import given
from hypothesis import strategies as st
from town import PROPERTY

from safeaudit.place_codes import ALPHABET, place_codes

STREET = {"highway": "residential"}
SPOTS: Spots = {
    "a": (0.0, 0.0),
    "b": (60.0, 0.0),
    "c": (120.0, 0.0),
    "d": (180.0, 0.0),
    "e": (240.0, 0.0),
    "u": (120.0, 60.0),
    "v": (120.0, -60.0),
}


def lengths(ways: dict[str, Way], limit: float) -> dict[str, float]:
    """Return the length of each segment by its id."""
    segments, _ = streets_of(ways, SPOTS, limit=limit)
    return dict(zip(segments["place_id"], segments["length_m"].round(6), strict=True))


def test_a_street_is_named_by_the_junctions_at_its_ends() -> None:
    assert lengths({"w1": ("abc", STREET)}, 150) == {"a-c": 120.0}


def test_a_way_that_is_split_or_reversed_is_the_same_street() -> None:
    whole = lengths({"w1": ("abcde", STREET)}, 100)
    assert whole == {"a-e:1/3": 80.0, "a-e:2/3": 80.0, "a-e:3/3": 80.0}
    assert lengths({"w1": ("abc", STREET), "w7": ("edc", STREET)}, 100) == whole


def test_pieces_are_numbered_from_the_smaller_junction() -> None:
    segments, links = streets_of({"w1": ("edcba", STREET)}, SPOTS, limit=100)
    first = segments.set_index("place_id").loc["a-e:1/3"]
    assert first.geometry.distance(shapely.Point(SPOTS["a"])) == 0
    assert (first["junction_from"], first["junction_to"]) == ("a", "a-e+1")
    assert links.groupby("segment_id")["length_m"].sum().to_numpy() == pytest.approx([80, 80, 80])


def test_a_street_as_long_as_the_limit_is_not_cut() -> None:
    assert len(lengths({"w1": ("abcde", STREET)}, 240)) == 1
    assert len(lengths({"w1": ("abcde", STREET)}, 239.99)) == 2


def test_a_bent_street_keeps_its_bends_when_cut() -> None:
    segments, _ = streets_of({"w1": ("abcu", STREET)}, SPOTS, limit=50)
    whole = shapely.LineString([SPOTS[spot] for spot in "abcu"])
    assert segments["length_m"].to_numpy() == pytest.approx([45] * 4, abs=1e-6)
    assert shapely.union_all(segments.geometry.to_numpy()).hausdorff_distance(whole) < 1e-6


def test_a_junction_makes_stretches() -> None:
    found = lengths({"w1": ("abcde", {**STREET, "name": "Long Street"}), "w2": ("uc", STREET)}, 150)
    assert set(found) == {"a-c", "c-e", "c-u"}


def test_two_streets_between_the_same_junctions_are_told_apart_by_name() -> None:
    ways = {"w1": ("bcd", {**STREET, "name": "Low Road"}), "w2": ("bud", {**STREET, "name": "High Road"})}
    more = {"w3": ("ab", STREET), "w4": ("de", STREET)}
    assert {"b-d~Low Road", "b-d~High Road"} <= set(lengths({**ways, **more}, 1000))


def test_another_street_elsewhere_changes_no_id_and_no_code() -> None:
    few, _ = streets_of({"w5": ("abc", STREET)}, SPOTS)
    more, _ = streets_of({"w1": ("uv", STREET), "w5": ("ab", STREET), "w6": ("bc", STREET)}, SPOTS)
    pairs = set(zip(more["place_id"], more["place_code"], strict=True))
    assert set(zip(few["place_id"], few["place_code"], strict=True)) <= pairs


def test_a_town_drawn_the_other_way_round_is_the_same_town() -> None:
    ways: dict[str, Way] = {
        "w1": ("abcde", {**STREET, "name": "Long Street"}),
        "w2": ("ucv", {**STREET, "name": "Cross Street"}),
        "w3": ("bud", {"highway": "footway"}),
        "w4": ("vb", {"highway": "service"}),
    }
    turned: dict[str, Way] = {name: (way[::-1], tags) for name, (way, tags) in ways.items()}
    assert lengths(turned, 100) == lengths(ways, 100)


def test_no_streets_at_all_give_empty_tables() -> None:
    segments, links = streets_of({}, SPOTS)
    assert segments.empty
    assert links.empty


# --- place codes ---------------------------------------------------------------------------------


def is_code(code: str) -> bool:
    """Check a code as a reader of paper would: the signs times 2, 3, 4 ... against the last one."""
    signs = [ALPHABET.find(sign) for sign in code]
    return min(signs) >= 0 and sum(s * (i + 2) for i, s in enumerate(signs[:-1])) % 31 == signs[-1]


CODES = place_codes("S", pd.Series([f"w{i}:n1-n2" for i in range(300)])).tolist()


def test_codes_are_short_and_end_in_a_check_sign() -> None:
    assert {len(code) for code in CODES} == {7}
    assert {code[0] for code in CODES} == {"S"}
    assert all(is_code(code) for code in CODES)
    assert not set("".join(CODES)) & set("01ILO")


def test_the_check_sign_catches_every_wrong_sign() -> None:
    for code in CODES:
        for place in range(7):
            for sign in set(ALPHABET) - {code[place]}:
                assert not is_code(code[:place] + sign + code[place + 1 :])


def test_the_check_sign_catches_every_swap_of_neighbours() -> None:
    for code in CODES:
        for place in range(6):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert swapped == code or not is_code(swapped)


def test_codes_stay_unique_in_a_large_city() -> None:
    codes = place_codes("S", pd.Series([f"w{i}" for i in range(60_000)]))
    assert codes.is_unique
    assert all(is_code(code) for code in codes.iloc[::100])


def test_a_code_depends_on_its_id_alone() -> None:
    ids = pd.Series(["w7:n1-n2", "w1:n5-n6", "w3:n8-n9"], index=[5, 1, 9])
    codes = place_codes("S", ids)
    assert codes.index.tolist() == [5, 1, 9]
    assert [place_codes("S", ids[[i]]).iloc[0] for i in ids.index] == codes.tolist()
    assert place_codes("P", ids).str[0].tolist() == ["P", "P", "P"]


PRINTED = ["SMU2DNW", "S46WRH8", "SGKK9NF"]


def test_codes_do_not_change_from_one_version_to_the_next() -> None:
    # Printed on paper once: these three must never change.
    assert place_codes("S", pd.Series(["w1:n1-n2", "w1:n1-n2:1/2", "w2:n2-n3"])).tolist() == PRINTED


# --- what must always hold -----------------------------------------------------------------------

KINDS = (
    {"highway": "residential"},
    {"highway": "residential", "name": "A"},
    {"highway": "primary", "oneway": "yes", "name": "B"},
    {"highway": "footway"},
    {"highway": "footway", "footway": "sidewalk"},
    {"highway": "footway", "footway": "crossing"},
    {"highway": "service"},
    {"highway": "service", "service": "parking_aisle"},
    {"highway": "steps"},
    {"highway": "residential", "junction": "roundabout"},
    {"highway": "residential", "bridge": "yes", "name": "A"},
    {"highway": "primary_link", "oneway": "yes"},
    {"highway": "path", "name": "P"},
    {},
)


def any_town(seed: int) -> tuple[dict[str, Way], Spots]:
    """Return a town without rhyme or reason."""
    dice = random.Random(seed)
    width = dice.choice((3, 5, 8))
    grid = [(37.0 * (i % 5), 21.0 * (i // 5)) for i in range(25)]
    spots = {
        f"g{i:02d}": grid[i] if dice.random() < 0.5 else (dice.uniform(0, 60 * width), dice.uniform(0, 40 * width))
        for i in range(25)
    }
    some = [*spots, "missing"]
    ways: dict[str, Way] = {
        f"w{i}": ([dice.choice(some) for _ in range(dice.randint(1, 6))], dict(dice.choice(KINDS)))
        for i in range(dice.randint(1, 25))
    }
    return ways, spots


@PROPERTY
@given(st.integers(0, 100_000), st.sampled_from([30.0, 150.0]))
def test_every_link_has_one_place_and_every_place_a_line(seed: int, limit: float) -> None:
    ways, spots = any_town(seed)
    around = {"obstacles": [shapely.box(50, 50, 60, 60)], "spaces": {"park": shapely.box(30, 20, 120, 70)}}
    segments, links = streets_of(ways, spots, limit=limit, **around)  # type: ignore[arg-type]
    assert segments["place_id"].is_unique
    assert segments["place_code"].is_unique
    assert (links["segment_id"].notna() ^ links["space_id"].notna()).all()
    assert set(links["segment_id"].dropna()) <= set(segments["place_id"])
    assert (segments["length_m"] <= limit + 1e-6).all()
    assert (segments["length_m"] > 0).all()
    assert segments.geometry.is_valid.all()
