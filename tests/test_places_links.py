"""Streets drawn by hand, split into links by hand; then random ones against what must always hold.

A row of nodes 60 m apart and one across the middle; z lies outside the extract::

             u
             |
     a---b---c---d---e
             |
             v
"""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from town import METRIC, PROPERTY

from safeaudit.places.links import Lines, course_of, cut_course, links_table

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


def links_of(lines: Lines, cuts: Sequence[float] = ()) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the links of lines, and the remarks; cut so many metres along the course."""
    course, remarks = course_of(lines)
    numbers = len(lines.node_ids) + np.arange(len(cuts))
    course = cut_course(course, course.along[:1].repeat(len(cuts)) + np.array(cuts, dtype=float), numbers)
    nothing = np.full(len(course.spans[0]), None, dtype=object)
    links, lost = links_table(lines, course, (nothing, nothing), METRIC)
    return links, [*remarks, *lost]


def split(ways: Mapping[str, Sequence[str]], *, cuts: Sequence[float] = (), **kwargs: Any) -> gpd.GeoDataFrame:
    """Return the links of ways."""
    return links_of(lines_of(ways, **kwargs), cuts)[0]


def ends(links: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return the two nodes of each link, in order of the alphabet."""
    return sorted(tuple(sorted(pair)) for pair in zip(links["node_from"], links["node_to"], strict=True))


def shapes_by_id(links: gpd.GeoDataFrame) -> dict[str, str]:
    """Return each link's line, whichever way it runs, to the millimetre."""
    lines = shapely.set_precision(links.geometry.to_numpy(), 1e-3)
    both = np.sort([shapely.to_wkt(lines), shapely.to_wkt(shapely.reverse(lines))], axis=0)  # a ring has no first end
    return dict(zip(links["link_id"], both[0], strict=True))


def test_a_street_without_neighbours_is_one_link() -> None:
    links = split({"w1": "abc"})
    assert ends(links) == [("a", "c")]
    assert links["length_m"].tolist() == [120.0]
    assert links["link_id"].tolist() == ["w1:a-c"]


def test_a_t_junction_splits_the_street_that_goes_on() -> None:
    assert ends(split({"w1": "abcde", "w2": "uc"})) == [("a", "c"), ("c", "e"), ("c", "u")]


def test_a_crossing_without_a_shared_node_joins_nothing() -> None:
    assert ends(split({"w1": "bd", "w2": "uv"})) == [("b", "d"), ("u", "v")]


def test_a_node_shared_in_the_middle_of_both_splits_both() -> None:
    assert ends(split({"w1": "bcd", "w2": "ucv"})) == [("b", "c"), ("c", "d"), ("c", "u"), ("c", "v")]


def test_two_ways_that_go_on_into_each_other_meet_in_one_node() -> None:
    assert ends(split({"w1": "abc", "w2": "cd"})) == [("a", "c"), ("c", "d")]


def test_a_closed_loop_starts_and_ends_in_its_node() -> None:
    links = split({"w1": "bcub"})
    assert ends(links) == [("b", "b")]
    assert links["length_m"].iloc[0] == pytest.approx(60 + 60 + np.hypot(60, 60))


def test_a_lollipop_is_a_stick_and_a_loop() -> None:
    links = split({"w1": "abcub"})
    assert ends(links) == [("a", "b"), ("b", "b")]


def test_a_node_that_one_way_passes_twice_is_a_junction() -> None:
    # a-b-c, up to u, back to c by no other node, then on to d.
    links = split({"w1": ["a", "c", "u", "c", "d"]})
    assert ends(links) == [("a", "c"), ("c", "c"), ("c", "d")]
    assert sorted(links["length_m"]) == [60.0, 120.0, 120.0]


def test_a_way_there_and_back_between_two_nodes_keeps_both_pieces_apart() -> None:
    links = split({"w1": ["b", "u", "d", "v", "b"], "w2": "bd"})
    assert ends(links) == [("b", "d"), ("b", "d"), ("b", "d")]
    assert links["link_id"].is_unique


def test_missing_nodes_leave_the_known_parts_and_are_counted() -> None:
    links, remarks = links_of(lines_of({"w1": "abzde"}))
    assert ends(links) == [("a", "b"), ("d", "e")]
    assert remarks == ["1 streets refer to nodes outside the extract; their known parts were kept."]


def test_a_street_with_one_known_node_is_left_out_and_counted() -> None:
    links, remarks = links_of(lines_of({"w1": "az", "w2": "a", "w3": "bc"}))
    assert ends(links) == [("b", "c")]
    assert remarks[-1] == "2 streets have fewer than two known nodes and were left out."


def test_a_street_of_no_length_is_left_out_and_counted() -> None:
    nodes = {**NODES, "a2": NODES["a"]}
    lines = lines_of({"w1": ["a", "a2"], "w2": ["b", "c"], "w3": ["a", "a"]}, nodes)
    links, remarks = links_of(lines)
    assert ends(links) == [("b", "c")]
    assert "1 street pieces of no length were left out." in remarks


def test_no_streets_at_all_give_an_empty_table() -> None:
    links, remarks = links_of(lines_of({}))
    assert links.empty
    assert remarks == []
    assert links.crs == METRIC


def test_another_way_elsewhere_changes_no_id_and_no_code() -> None:
    few = split({"w5": "abc"})
    more = split({"w1": ["u", "v"], "w5": "abc", "w9": "de"})
    kept = more[more["link_id"].isin(few["link_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.DataFrame(kept), pd.DataFrame(few))


def test_the_order_of_ways_in_the_file_changes_nothing() -> None:
    ways = {"w1": "abcde", "w2": "ucv", "w3": "bud"}
    turned = dict(reversed(ways.items()))
    pd.testing.assert_frame_equal(pd.DataFrame(split(turned)), pd.DataFrame(split(ways)))


def test_what_the_source_says_stays_with_each_link() -> None:
    lines = lines_of({"w1": "abcde", "w2": "ucv"})
    lines.attributes["highway"] = ["residential", "steps"]
    links, _ = links_of(lines)
    of_way = links["link_id"].str[:2]
    assert links.loc[of_way == "w2", "highway"].unique().tolist() == ["steps"]
    assert (links["osm_ids"] == of_way).all()


def test_a_cut_makes_two_links_that_join_up() -> None:
    links = split({"w1": "abcde"}, cuts=[30, 100]).sort_values("link_id")
    assert links["link_id"].tolist() == ["w1:a-e:1/3", "w1:a-e:2/3", "w1:a-e:3/3"]
    assert links["length_m"].to_numpy() == pytest.approx([30, 70, 140], abs=1e-6)
    assert links["node_to"].tolist()[:-1] == links["node_from"].tolist()[1:]


def test_a_line_drawn_twice_counts_once_and_is_said() -> None:
    lines = lines_of({"w1": "abc", "w2": "cba", "w3": "ucv"})
    lines.attributes["name"] = [None, "Long Street", None]
    links, remarks = links_of(lines)
    assert set(links["osm_ids"]) == {"w2", "w3"}  # the one with a name
    assert links["length_m"].sum() == 240.0
    assert remarks == ["1 streets are drawn twice and count once, first w1."]


def test_lines_that_share_some_steps_are_not_the_same_line() -> None:
    assert set(split({"w1": "abc", "w2": "abcd"})["osm_ids"]) == {"w1", "w2"}


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
@given(st.lists(WAY, min_size=0, max_size=6))
def test_length_is_kept_and_junctions_are_ends(ways: list[list[str]]) -> None:
    links, remarks = links_of(lines_of({f"w{i}": way for i, way in enumerate(ways)}, GRID))
    steps = [np.hypot(*np.subtract(GRID[a], GRID[b])) for way in ways for a, b in known_steps(way)]
    if not any("twice" in remark for remark in remarks):
        assert links["length_m"].sum() == pytest.approx(sum(steps), abs=1e-6)
        assert junctions_are_ends(links, ways)


def junctions_are_ends(links: gpd.GeoDataFrame, ways: list[list[str]]) -> bool:
    """Check that links end at all junctions and pass none."""
    junctions = {node for node, count in visits(ways).items() if count > 1}
    spots = {GRID[node] for node in junctions}
    for shape in links.geometry:
        inner = {tuple(xy) for xy in shapely.get_coordinates(shape)[1:-1].tolist()}
        assert not inner & spots
    named = set(links["node_from"]) | set(links["node_to"])
    return {node for node in named if node in GRID} == junctions


@PROPERTY
@given(st.lists(WAY, min_size=1, max_size=5), st.randoms())
@example([["g0", "g1", "g2", "g0"]], Random(2))  # a ring, turned
@example([["g0"], ["g0", "g1"], ["g0"], ["g0", "g1"]], Random(2))  # drawn twice, in the other order
def test_neither_order_nor_direction_of_ways_matters_to_ids(ways: list[list[str]], random: Any) -> None:
    named = {f"w{i}": way for i, way in enumerate(ways)}
    turned = [(name, way[::-1] if random.random() < 0.5 else way) for name, way in named.items()]
    random.shuffle(turned)
    before, after = (split(dict(some), nodes=GRID) for some in (named.items(), turned))
    assert set(before["link_id"]) == set(after["link_id"])
    assert sorted(shapes_by_id(before).values()) == sorted(shapes_by_id(after).values())
