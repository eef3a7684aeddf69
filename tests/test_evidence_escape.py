"""How one gets away from a street: by hand in small towns, and against networkx on random ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from evidence_context import context_of
from hypothesis import given
from hypothesis import strategies as st
from town import CORNERS, METRIC, PROPERTY, STREETS, at, box, line, links_of, segments_of, spaces_of, town

from safeaudit.evidence.escape import MEASURES, find_evidence
from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import shapely

    from safeaudit.tables import Places

FAR = (-1000.0, -1000.0, 1000.0, 1000.0)
"""A city whose edge is far from every street of these towns."""

LANE = {"lane": ("n2", "n5"), "close": ("n5", "n6")}
NODES = {**CORNERS, "n5": (200.0, 0.0), "n6": (300.0, 0.0)}


def city(
    streets: Mapping[str, tuple[str, str]],
    nodes: Mapping[str, tuple[float, float]] = NODES,
    *,
    edge: tuple[float, float, float, float] = FAR,
    tags: Mapping[str, Mapping[str, str]] | None = None,
    features: Mapping[str, tuple[str, Mapping[str, str], shapely.Geometry]] | None = None,
) -> Places:
    """Return straight streets between named nodes in a city with an edge, and features by their id."""
    said = {name: json.dumps(words) for name, words in (tags or {}).items()}
    segments = segments_of({name: line(nodes[a], nodes[b]) for name, (a, b) in streets.items()}, streets)
    segments["highway"] = [(tags or {}).get(name, {}).get("highway", "residential") for name in segments["place_id"]]
    places = town(segments=segments, links=links_of(segments, said), spaces=spaces_of({}))
    rows = [(name, kind, None, json.dumps(words)) for name, (kind, words, _) in (features or {}).items()]
    frame = pd.DataFrame(rows, columns=["feature_id", "kind", "category", "tags"]).assign(name=None)
    shapes = [shape for _, _, shape in (features or {}).values()]
    return replace(
        places,
        areas=places.areas.set_geometry([box(*edge)], crs=METRIC),
        features=validate_table(gpd.GeoDataFrame(frame, geometry=shapes, crs=METRIC), "features"),
    )


def found(places: Places, name: str) -> dict[str, Any]:
    """Return what is told of every segment under one name: a word or a number, None where it is not known."""
    rows = find_evidence(context_of(places))
    rows = rows[rows["name"] == name]
    told = rows["value"].astype(object).where(rows["value"].notna(), rows["label"].astype(object))
    return {place: None if pd.isna(one) else one for place, one in zip(rows["place_id"], told, strict=True)}


def covered(places: Places, name: str) -> dict[str, float]:
    rows = find_evidence(context_of(places))
    rows = rows[rows["name"] == name]
    return dict(zip(rows["place_id"], rows["coverage"], strict=True))


def test_a_lane_off_a_block_is_a_dead_end() -> None:
    places = city(STREETS | LANE)
    want = dict.fromkeys(STREETS, "no") | dict.fromkeys(LANE, "yes")
    assert found(places, "dead_end") == want
    assert found(places, "only_way") == want
    assert set(covered(places, "dead_end").values()) == {1.0}


def test_a_street_between_two_blocks_is_the_only_way_and_no_dead_end() -> None:
    nodes = {**NODES, "n7": (300.0, 100.0), "n8": (200.0, 100.0)}
    second = {"a": ("n5", "n6"), "b": ("n6", "n7"), "c": ("n7", "n8"), "d": ("n8", "n5")}
    places = city(STREETS | {"link": ("n2", "n5")} | second, nodes)
    assert set(found(places, "dead_end").values()) == {"no"}
    assert [name for name, said in found(places, "only_way").items() if said == "yes"] == ["link"]


def test_a_turning_circle_is_no_way_out() -> None:
    nodes = {**NODES, "n7": (230.0, 20.0), "n8": (230.0, -20.0)}
    circle = {"a": ("n5", "n7"), "b": ("n7", "n8"), "c": ("n8", "n5")}
    places = city(STREETS | {"lane": ("n2", "n5")} | circle, nodes)
    assert found(places, "dead_end") == dict.fromkeys(STREETS, "no") | dict.fromkeys(("lane", "a", "b", "c"), "yes")
    assert [name for name, said in found(places, "only_way").items() if said == "yes"] == ["lane"]


def test_an_island_in_the_way_between_two_blocks_is_no_dead_end() -> None:
    nodes = {
        **NODES,
        "i": (130.0, 0.0),
        "j": (150.0, 9.0),
        "k": (150.0, -9.0),
        "n7": (300.0, 100.0),
        "n8": (200.0, 100.0),
    }
    island = {"in": ("n2", "i"), "up": ("i", "j"), "down": ("i", "k"), "across": ("j", "k"), "out": ("j", "n5")}
    second = {"a": ("n5", "n6"), "b": ("n6", "n7"), "c": ("n7", "n8"), "d": ("n8", "n5")}
    places = city(STREETS | island | second, nodes)
    assert set(found(places, "dead_end").values()) == {"no"}


def test_streets_without_any_round_way_are_dead_ends() -> None:
    assert set(found(city(LANE), "dead_end").values()) == {"yes"}


def test_the_edge_of_the_map_is_no_dead_end() -> None:
    places = city(STREETS | LANE, edge=(-1000, -1000, 350, 1000))
    assert found(places, "dead_end") == dict.fromkeys(STREETS, "no") | dict.fromkeys(LANE, "unknown")
    assert covered(places, "dead_end") == dict.fromkeys(STREETS, 1.0) | dict.fromkeys(LANE, 0.0)
    # it leads out of the map, and nothing else does: whatever lies outside hangs on it
    assert found(places, "only_way")["lane"] == "yes"


def test_two_streets_that_leave_the_map_may_meet_outside() -> None:
    west = {"far": ("n1", "n7"), "end": ("n7", "n8")}
    places = city(STREETS | LANE | west, {**NODES, "n7": (-100, 0), "n8": (-200, 0)}, edge=(-250, -1000, 350, 1000))
    assert {found(places, "only_way")[name] for name in (*LANE, *west)} == {"unknown"}
    assert {found(places, "only_way")[name] for name in STREETS} == {"no"}


@PROPERTY
@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]), min_size=1))
def test_dead_ends_are_what_lies_outside_the_2_core(pairs: set[tuple[int, int]]) -> None:
    rng = np.random.default_rng(1)
    nodes = {str(number): tuple(rng.uniform(-900, 900, 2)) for number in range(10)}
    streets = {f"{a}-{b}": (str(a), str(b)) for a, b in pairs}
    places = city(streets, nodes)
    core = nx.k_core(nx.Graph([(str(a), str(b)) for a, b in pairs]), 2)
    want = {name: "no" if core.has_edge(*ends) else "yes" for name, ends in streets.items()}
    assert found(places, "dead_end") == want


def test_the_way_to_a_junction_is_that_from_the_worst_point() -> None:
    # n2 alone joins three streets; n4 is 200 m from it both ways round
    want = {"south": 100.0, "west": 200.0, "north": 200.0, "east": 100.0, "lane": 100.0, "close": 200.0}
    assert found(city(STREETS | LANE), "junction_distance_m") == want


def test_between_two_junctions_the_worst_point_is_the_middle() -> None:
    nodes = {**NODES, "n7": (200.0, 80.0), "n8": (100.0, -80.0)}
    places = city(
        {"lane": ("n2", "n5"), "a": ("n5", "n6"), "b": ("n5", "n7"), "south": ("n1", "n2"), "c": ("n2", "n8")}, nodes
    )
    assert found(places, "junction_distance_m") == {"lane": 50.0, "a": 100.0, "b": 80.0, "south": 100.0, "c": 80.0}


def test_no_junction_is_not_known_to_be_far() -> None:
    places = city(LANE)
    assert found(places, "junction_distance_m") == {"lane": None, "close": None}
    assert set(covered(places, "junction_distance_m").values()) == {0.0}


def test_a_junction_may_lie_beyond_the_edge() -> None:
    places = city(STREETS | LANE, edge=(-1000, -1000, 350, 1000))
    told = found(places, "junction_distance_m")
    assert (told["lane"], told["close"], told["east"]) == (100.0, None, 100.0)


@pytest.mark.parametrize(
    ("tags", "word"),
    [
        ({"highway": "residential"}, "open"),
        ({"highway": "residential", "tunnel": "yes"}, "tunnel"),
        ({"highway": "footway", "tunnel": "yes", "layer": "-1"}, "underpass"),
        ({"highway": "steps", "tunnel": "yes", "covered": "yes"}, "underpass"),
        ({"highway": "footway", "tunnel": "building_passage"}, "covered"),
        ({"highway": "footway", "covered": "arcade"}, "covered"),
        ({"highway": "footway", "covered": "no"}, "open"),
        ({"highway": "footway", "bridge": "yes"}, "bridge"),
        ({"highway": "footway", "bridge": "yes", "covered": "yes"}, "covered"),
        ({"highway": "residential", "tunnel": "no", "bridge": "no"}, "open"),
    ],
)
def test_what_is_around_a_street(tags: dict[str, str], word: str) -> None:
    assert found(city(LANE, tags={"lane": tags}), "enclosure")["lane"] == word


def test_steps() -> None:
    assert found(city(LANE, tags={"lane": {"highway": "steps"}}), "steps") == {"lane": "yes", "close": "no"}


def test_a_layer_that_says_nothing_of_steps_or_cover_leaves_them_unknown() -> None:
    places = city(LANE)
    assert set(found(places, "enclosure").values()) == {"unknown"}
    places.links["highway"] = None
    assert set(found(places, "steps").values()) == {"unknown"}
    assert set(covered(places, "steps").values()) == set(covered(places, "enclosure").values()) == {0.0}


def test_gates_on_a_street_and_at_its_end() -> None:
    gates = {"g1": ("gate", {}, at(150, 1)), "g2": ("gate", {}, at(200, 0)), "g3": ("gate", {}, at(150, 2.5))}
    places = city(STREETS | LANE, features=gates)
    assert found(places, "gates") == dict.fromkeys(STREETS, 0.0) | {"lane": 2.0, "close": 1.0}


def test_where_nobody_mapped_gates_there_are_not_none() -> None:
    places = city(STREETS | LANE, features={"w": ("barrier", {}, line((300, 150), (400, 150)))})
    # the wall's end is 180 m from the lane, and 206 m from the block
    assert found(places, "gates") == dict.fromkeys(STREETS, None) | dict.fromkeys(LANE, 0.0)
    assert covered(places, "gates")["south"] == 0.0


@pytest.mark.parametrize(
    ("tags", "gate", "word"),
    [
        ({}, None, "unknown"),
        ({"access": "yes"}, None, "open"),
        ({"access": "destination"}, None, "open"),
        ({"access": "customers"}, None, "restricted"),
        ({"access": "customers", "foot": "yes"}, None, "open"),
        ({"access": "yes", "foot": "private"}, None, "restricted"),
        ({}, {}, "gated"),
        ({"foot": "yes"}, {"access": "private"}, "gated"),
        ({"access": "permit"}, {}, "restricted"),
        ({}, {"access": "yes"}, "unknown"),
        ({}, {"access": "yes", "locked": "yes"}, "gated"),
        ({}, {"access": "yes", "locked": "no"}, "unknown"),
    ],
)
def test_who_may_pass(tags: dict[str, str], gate: dict[str, str] | None, word: str) -> None:
    features = {} if gate is None else {"g": ("gate", gate, at(150, 0))}
    places = city(LANE, tags={"lane": tags}, features=features)
    assert found(places, "closed_access") == {"lane": word, "close": "unknown"}
    assert covered(places, "closed_access")["lane"] == float(word != "unknown")


def test_every_row_is_of_a_declared_measure() -> None:
    places = city(STREETS | LANE, features={"g": ("gate", {}, at(150, 0))})
    rows = find_evidence(context_of(places))
    assert len(rows) == len(MEASURES) * 6
    for measure in MEASURES:
        some = rows[rows["name"] == measure.name]
        assert set(some["unit"]) == {measure.unit}
        assert set(some["label"].dropna()) <= set(measure.words)


def test_a_city_without_streets_has_no_rows() -> None:
    places = town(segments=segments_of({}), spaces=spaces_of({}))
    assert find_evidence(context_of(places)).empty


def test_the_tables_are_left_as_they_are() -> None:
    places = city(STREETS | LANE, features={"g": ("gate", {}, at(150, 0))})
    before = places.links.copy(), places.segments.copy(), places.features.copy()
    find_evidence(context_of(places))
    for table, copy in zip((places.links, places.segments, places.features), before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(copy))
