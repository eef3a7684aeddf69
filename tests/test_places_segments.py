"""Streets drawn by hand, split by hand; then random ones against what must always hold.

A row of nodes 60 m apart and one across the middle; z lies outside the extract::

             u
             |
     a---b---c---d---e
             |
             v
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from town import METRIC, PROPERTY

from safeaudit.place_codes import ALPHABET, place_codes
from safeaudit.places.segments import Lines, segments_from_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

NODES = {
    "a": (0.0, 0.0),
    "b": (60.0, 0.0),
    "c": (120.0, 0.0),
    "d": (180.0, 0.0),
    "e": (240.0, 0.0),
    "u": (120.0, 60.0),
    "v": (120.0, -60.0),
}


def lines_of(ways: Mapping[str, Sequence[str]], nodes: Mapping[str, tuple[float, float]] | None = None) -> Lines:
    """Return lines by their id, each a list of nodes; a node without a position is outside the extract."""
    known = NODES if nodes is None else nodes
    names = sorted({node for way in ways.values() for node in way})
    flat = [node for way in ways.values() for node in way]
    return Lines(
        line=np.repeat(np.arange(len(ways)), [len(way) for way in ways.values()]),
        node=np.array([names.index(node) for node in flat], dtype=np.int64),
        xy=np.array([known.get(node, (np.nan, np.nan)) for node in flat], dtype=float).reshape(-1, 2),
        node_ids=np.array(names, dtype=object),
        attributes=pd.DataFrame(
            {"line_id": list(ways), "name": None, "highway": "path", "tags": "{}", "osm_ids": list(ways)}, dtype=object
        ),
    )


def split(ways: Mapping[str, Sequence[str]], *, limit: float = 150.0, **kwargs: Any) -> gpd.GeoDataFrame:
    """Return the segments of ways."""
    return segments_from_lines(lines_of(ways, **kwargs), METRIC, max_segment_m=limit)[0]


def ends(segments: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return the two nodes of each segment, in order of the alphabet."""
    return sorted(tuple(sorted(pair)) for pair in zip(segments["node_from"], segments["node_to"], strict=True))


def shapes_by_id(segments: gpd.GeoDataFrame) -> dict[str, str]:
    """Return each segment's line, whichever way it runs, to the millimetre."""
    lines = shapely.normalize(shapely.set_precision(segments.geometry.to_numpy(), 1e-3))
    return dict(zip(segments["place_id"], shapely.to_wkt(lines), strict=True))


def test_a_street_without_neighbours_is_one_segment() -> None:
    segments = split({"w1": "abc"})
    assert ends(segments) == [("a", "c")]
    assert segments["length_m"].tolist() == [120.0]
    assert segments["place_id"].tolist() == ["w1:a-c"]


def test_a_t_junction_splits_the_street_that_goes_on() -> None:
    assert ends(split({"w1": "abcde", "w2": "uc"}, limit=1000)) == [("a", "c"), ("c", "e"), ("c", "u")]


def test_a_crossing_without_a_shared_node_joins_nothing() -> None:
    assert ends(split({"w1": "bd", "w2": "uv"})) == [("b", "d"), ("u", "v")]


def test_a_node_shared_in_the_middle_of_both_splits_both() -> None:
    assert ends(split({"w1": "bcd", "w2": "ucv"})) == [("b", "c"), ("c", "d"), ("c", "u"), ("c", "v")]


def test_two_ways_that_go_on_into_each_other_meet_in_one_node() -> None:
    assert ends(split({"w1": "abc", "w2": "cd"})) == [("a", "c"), ("c", "d")]


def test_a_closed_loop_starts_and_ends_in_its_node() -> None:
    segments = split({"w1": "bcub"}, limit=1000)
    assert ends(segments) == [("b", "b")]
    assert segments["length_m"].iloc[0] == pytest.approx(60 + 60 + np.hypot(60, 60))


def test_a_lollipop_is_a_stick_and_a_loop() -> None:
    segments = split({"w1": "abcub"}, limit=1000)
    assert ends(segments) == [("a", "b"), ("b", "b")]


def test_a_node_that_one_way_passes_twice_is_a_junction() -> None:
    # a-b-c, up to u, back to c by no other node, then on to d.
    segments = split({"w1": ["a", "c", "u", "c", "d"]}, limit=1000)
    assert ends(segments) == [("a", "c"), ("c", "c"), ("c", "d")]
    assert sorted(segments["length_m"]) == [60.0, 120.0, 120.0]


def test_a_way_there_and_back_between_two_nodes_keeps_both_pieces_apart() -> None:
    segments = split({"w1": ["b", "u", "d", "v", "b"], "w2": "bd"}, limit=1000)
    assert ends(segments) == [("b", "d"), ("b", "d"), ("b", "d")]
    assert segments["place_id"].is_unique
    assert segments["place_code"].is_unique


def test_missing_nodes_leave_the_known_parts_and_are_counted() -> None:
    segments, remarks = segments_from_lines(lines_of({"w1": "abzde"}), METRIC, max_segment_m=150)
    assert ends(segments) == [("a", "b"), ("d", "e")]
    assert remarks == ["1 streets refer to nodes outside the extract; their known parts were kept."]


def test_a_street_with_one_known_node_is_left_out_and_counted() -> None:
    segments, remarks = segments_from_lines(lines_of({"w1": "az", "w2": "a", "w3": "bc"}), METRIC, max_segment_m=150)
    assert ends(segments) == [("b", "c")]
    assert remarks[-1] == "2 streets have fewer than two known nodes and were left out."


def test_a_street_of_no_length_is_left_out_and_counted() -> None:
    nodes = {**NODES, "a2": NODES["a"]}
    lines = lines_of({"w1": ["a", "a2"], "w2": ["b", "c"], "w3": ["a", "a"]}, nodes)
    segments, remarks = segments_from_lines(lines, METRIC, max_segment_m=150)
    assert ends(segments) == [("b", "c")]
    assert "1 street pieces of no length were left out." in remarks


def test_no_streets_at_all_give_an_empty_table() -> None:
    segments, remarks = segments_from_lines(lines_of({}), METRIC, max_segment_m=150)
    assert segments.empty
    assert remarks == []
    assert segments.crs == METRIC


def test_a_long_street_is_cut_into_equal_pieces_that_chain() -> None:
    segments = split({"w1": "abcde"}, limit=100).sort_values("place_id")
    assert segments["place_id"].tolist() == ["w1:a-e:1/3", "w1:a-e:2/3", "w1:a-e:3/3"]
    assert segments["length_m"].to_numpy() == pytest.approx([80, 80, 80], abs=1e-6)
    assert segments["node_from"].iloc[0] == "a"
    assert segments["node_to"].iloc[-1] == "e"
    assert segments["node_to"].tolist()[:-1] == segments["node_from"].tolist()[1:]


def test_a_street_as_long_as_the_limit_is_not_cut() -> None:
    assert len(split({"w1": "abcde"}, limit=240)) == 1
    assert len(split({"w1": "abcde"}, limit=239.99)) == 2


def test_a_cut_that_falls_on_a_vertex_loses_nothing() -> None:
    segments = split({"w1": "abcde"}, limit=120)
    assert segments["length_m"].tolist() == [120.0, 120.0]
    assert shapely.length(segments.geometry.to_numpy()).sum() == 240.0


def test_a_bent_street_keeps_its_bends_when_cut() -> None:
    segments = split({"w1": "abcu"}, limit=50)
    assert segments["length_m"].to_numpy() == pytest.approx([45] * 4, abs=1e-6)
    whole = shapely.LineString([NODES[node] for node in "abcu"])
    assert shapely.line_merge(shapely.union_all(segments.geometry.to_numpy())).length == pytest.approx(whole.length)
    assert shapely.union_all(segments.geometry.to_numpy()).hausdorff_distance(whole) < 1e-6


@pytest.mark.parametrize(
    "ways",
    [
        {"w1": "abc", "w2": "ucv"},
        {"w1": "abcub"},
        {"w1": ["b", "u", "d", "v", "b"], "w2": ["b", "d"]},
    ],
    ids=["crossing", "lollipop", "two ways round"],
)
def test_a_reversed_way_keeps_ids_and_lines(ways: dict[str, Sequence[str]]) -> None:
    turned = {name: list(reversed(way)) for name, way in ways.items()}
    assert shapes_by_id(split(turned, limit=1000)) == shapes_by_id(split(ways, limit=1000))


def test_a_reversed_way_keeps_the_ids_of_its_cut_pieces() -> None:
    assert shapes_by_id(split({"w1": "edcba"}, limit=100)) == shapes_by_id(split({"w1": "abcde"}, limit=100))


def test_the_pieces_of_two_streets_between_the_same_nodes_chain_each_for_itself() -> None:
    # One way goes a-b and comes back by u: 60 m in 2 pieces, then 60 + 134.2 m in 5.
    segments = split({"w1": ["a", "b", "u", "a"], "w2": "bc"}, limit=45)
    met = pd.concat([segments["node_from"], segments["node_to"]]).value_counts()
    assert met[met.index.str.contains("+", regex=False)].unique().tolist() == [2]


def test_a_reversed_loop_keeps_the_ids_of_its_cut_pieces() -> None:
    assert shapes_by_id(split({"w1": "bucb"}, limit=100)) == shapes_by_id(split({"w1": "bcub"}, limit=100))


def test_another_way_elsewhere_changes_no_id_and_no_code() -> None:
    few = split({"w5": "abc"})
    more = split({"w1": ["u", "v"], "w5": "abc", "w9": "de"})
    kept = more[more["place_id"].isin(few["place_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.DataFrame(kept), pd.DataFrame(few))


def test_the_order_of_ways_in_the_file_changes_nothing() -> None:
    ways = {"w1": "abcde", "w2": "ucv", "w3": "bud"}
    turned = dict(reversed(ways.items()))
    pd.testing.assert_frame_equal(pd.DataFrame(split(turned)), pd.DataFrame(split(ways)))


def test_what_the_source_says_stays_with_each_piece() -> None:
    lines = lines_of({"w1": "abcde", "w2": "ucv"})
    lines.attributes["name"] = ["Long Street", None]
    lines.attributes["highway"] = ["residential", "steps"]
    segments, _ = segments_from_lines(lines, METRIC, max_segment_m=50)
    of_way = segments["place_id"].str[:2]
    assert segments.loc[of_way == "w1", "name"].unique().tolist() == ["Long Street"]
    assert segments.loc[of_way == "w2", "name"].isna().all()
    assert segments.loc[of_way == "w2", "highway"].unique().tolist() == ["steps"]
    assert (segments["osm_ids"] == of_way).all()


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

GRID = {f"g{i}": (float(37 * (i % 5)), float(53 * (i // 5))) for i in range(15)}
WAY = st.lists(st.sampled_from([*GRID, "missing"]), min_size=1, max_size=8)


def known_steps(way: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of known neighbours of a way, by plain Python."""
    pairs = pairwise(way)
    return [(a, b) for a, b in pairs if a in GRID and b in GRID and a != b]


def visits(ways: Sequence[Sequence[str]]) -> dict[str, int]:
    """Count at how many steps each node is met, by plain Python: 2 is a street that goes on or two ends."""
    seen: dict[str, int] = {}
    for way in ways:
        part: list[str] = []
        for node in [*way, "missing"]:
            if node in GRID:
                part += [] if part and part[-1] == node else [node]
                continue
            for passed in part if len(part) > 1 else []:
                seen[passed] = seen.get(passed, 0) + 1
            for end in {part[0], part[-1]} if len(part) > 1 else set():
                seen[end] = max(seen[end], 2)
            part = []
    return seen


@PROPERTY
@given(st.lists(WAY, min_size=0, max_size=6), st.sampled_from([20.0, 45.0, 150.0, 1e6]))
def test_length_is_kept_pieces_are_short_and_junctions_are_ends(ways: list[list[str]], limit: float) -> None:
    segments = split({f"w{i}": way for i, way in enumerate(ways)}, nodes=GRID, limit=limit)
    steps = [np.hypot(*np.subtract(GRID[a], GRID[b])) for way in ways for a, b in known_steps(way)]
    assert segments["length_m"].sum() == pytest.approx(sum(steps), abs=1e-6)
    assert shapely.length(segments.geometry.to_numpy()) == pytest.approx(segments["length_m"].to_numpy(), abs=1e-9)
    assert (segments["length_m"] <= limit + 1e-6).all()
    assert segments["place_code"].is_unique

    junctions = {node for node, count in visits(ways).items() if count > 1}
    spots = {GRID[node] for node in junctions}
    for shape in segments.geometry:
        inner = {tuple(xy) for xy in shapely.get_coordinates(shape)[1:-1].tolist()}
        assert not inner & spots
    named = set(segments["node_from"]) | set(segments["node_to"])
    assert {node for node in named if node in GRID} == junctions


@PROPERTY
@given(st.lists(WAY, min_size=1, max_size=6), st.sampled_from([20.0, 45.0, 1e6]))
def test_a_node_id_is_one_spot_and_pieces_join_up(ways: list[list[str]], limit: float) -> None:
    segments = split({f"w{i}": way for i, way in enumerate(ways)}, nodes=GRID, limit=limit)
    spot: dict[str, tuple[float, float]] = dict(GRID)
    met: dict[str, int] = {}
    for row in segments.itertuples():
        xy = shapely.get_coordinates(row.geometry)
        for node, where in ((row.node_from, xy[0]), (row.node_to, xy[-1])):
            assert tuple(where) == pytest.approx(spot.setdefault(node, tuple(where)), abs=1e-6)
            met[node] = met.get(node, 0) + 1
    assert all(met[node] == 2 for node in met if node not in GRID)  # a cut joins two pieces


@PROPERTY
@given(st.lists(WAY, min_size=1, max_size=5), st.randoms())
def test_neither_order_nor_direction_of_ways_matters_to_ids(ways: list[list[str]], random: Any) -> None:
    named = {f"w{i}": way for i, way in enumerate(ways)}
    turned = [(name, way[::-1] if random.random() < 0.5 else way) for name, way in named.items()]
    random.shuffle(turned)
    before, after = (split(dict(some), nodes=GRID, limit=1e6) for some in (named.items(), turned))
    assert set(before["place_id"]) == set(after["place_id"])
    assert sorted(shapes_by_id(before).values()) == sorted(shapes_by_id(after).values())
