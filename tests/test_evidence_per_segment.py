"""What is known of links, told of the street: three links in a row, a dual road with sidewalks, dead ends; by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from evidence_context import context_of
from town import CORNERS, METRIC, STREETS, at, box, features_of, line, links_like, segments_of, spaces_of, town

from safeaudit.evidence import activity, escape, lighting, open_space, segment_links, walk_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    import shapely

    from safeaudit.tables import Places

Link = tuple[str | None, tuple[str, str], "shapely.LineString", "Mapping[str, str]"]

FAR = (-1000.0, -1000.0, 1000.0, 1000.0)
SIDEWALK = {"highway": "footway", "footway": "sidewalk"}
CROSSING = {"highway": "footway", "footway": "crossing"}
NODES = {
    **CORNERS,
    "m": (160.0, 0.0),
    "c": (200.0, 0.0),
    "a2": (100.0, 10.0),
    "c2": (200.0, 10.0),
    "p": (100.0, -6.0),
    "q": (150.0, -6.0),
    "r": (200.0, -6.0),
    "u": (100.0, 16.0),
    "v": (150.0, 16.0),
    "w": (200.0, 16.0),
    "far": (300.0, 0.0),
    "side": (160.0, 80.0),
}
"""The lane runs from n2 over m to c, its other carriageway from c2 to a2, its sidewalks over p, q, r and u, v, w."""


def link(owner: str, a: str, b: str, **tags: str) -> Link:
    """Return a straight link between two nodes."""
    return owner, (a, b), line(NODES[a], NODES[b]), tags


def dual_road(**main: str) -> list[Link]:
    """Return the links of a dual road off the block's corner n2, 100 m long: its main line has the tags."""
    ends = [("n2", "p"), ("n2", "a2"), ("a2", "u"), ("c", "r"), ("c", "c2"), ("c2", "w")]
    return [
        link("lane", "n2", "m", **main),
        link("lane", "m", "c", **main),
        link("lane", "c2", "a2", lit="no", surface="gravel", width="9"),
        *(link("lane", a, b, **SIDEWALK) for a, b in (("p", "q"), ("q", "r"), ("u", "v"), ("v", "w"))),
        *(link("lane", a, b, **CROSSING) for a, b in (*ends, ("q", "v"))),
    ]


def city(*links: Link, more: Mapping[str, tuple[str, str]] | None = None, lamps: Any = ()) -> Places:
    """Return the block of the town, a lane due east from its corner n2 with these links, and more straight streets."""
    streets = {**STREETS, **(more or {})}
    lines = {name: line(*(NODES[node] for node in ends)) for name, ends in streets.items()}
    segments = segments_of({**lines, "lane": line(NODES["n2"], NODES["c"])}, {**streets, "lane": ("n2", "c")})
    others = [link(name, *ends) for name, ends in streets.items()]
    places = town(segments=segments, links=links_like(*others, *links), spaces=spaces_of({}), lamps=lamps)
    return replace(places, areas=places.areas.set_geometry([box(*FAR)], crs=METRIC))


def told(kind: ModuleType, places: Places, name: str, place: str = "lane") -> tuple[Any, float]:
    """Return value or label, and coverage, of one measure of one segment."""
    rows = kind.find_evidence(context_of(places))
    row = rows[(rows["place_id"] == place) & (rows["name"] == name)].iloc[0]
    return (row["value"] if pd.isna(row["label"]) else row["label"]), row["coverage"]


def three(*tags: Mapping[str, str]) -> Places:
    """Return a street of 50, 30 and 20 m with these tags."""
    spots = [(100.0, 0.0), (150.0, 0.0), (180.0, 0.0), (200.0, 0.0)]
    nodes = ["n2", "x", "y", "c"]
    row = zip(nodes[:-1], nodes[1:], spots[:-1], spots[1:], tags, strict=True)
    return city(*(("lane", (a, b), line(here, there), said) for a, b, here, there, said in row))


def test_the_word_of_most_of_the_known_length() -> None:
    places = three({"lit": "no", "surface": "dirt"}, {"lit": "yes"}, {"lit": "24/7", "surface": "asphalt"})
    assert told(lighting, places, "lit") == ("yes", 1.0)  # 30 + 20 m as much as 50 m: the first of the words
    assert told(walk_path, places, "surface") == ("unpaved", 0.7)
    assert told(lighting, three({}, {"lit": "no"}, {"lit": "yes"}), "lit") == ("no", 0.5)
    assert told(lighting, three({}, {}, {}), "lit") == ("unknown", 0.0)


def test_means_and_worst_spots_of_three_links() -> None:
    places = three({"width": "6", "incline": "2%"}, {"width": "2", "incline": "-9%"}, {"wheelchair": "yes"})
    assert told(walk_path, places, "width_m") == (pytest.approx((50 * 6 + 30 * 2) / 80), 0.8)
    assert told(walk_path, places, "incline_percent") == (9.0, 0.8)
    assert told(walk_path, places, "wheelchair") == ("yes", 0.2)
    blocked = three({"wheelchair": "yes"}, {"wheelchair": "limited"}, {"wheelchair": "no"})
    assert told(walk_path, blocked, "wheelchair") == ("no", 1.0)
    rough = three({"smoothness": "good"}, {"smoothness": "bad"}, {"smoothness": "bad"})
    assert told(walk_path, rough, "smoothness") == ("good", 1.0)


def test_steps_covers_and_closed_access_count_wherever_they_are() -> None:
    road, few = {"highway": "residential"}, {"highway": "steps", "access": "private", "tunnel": "building_passage"}
    places = three(road, road | {"bridge": "yes", "access": "yes"}, few)
    assert told(escape, places, "steps") == ("yes", 1.0)
    assert told(escape, places, "enclosure") == ("covered", 1.0)
    assert told(escape, places, "closed_access") == ("restricted", 0.5)
    over = three(road, road | {"bridge": "yes"}, road)
    assert told(escape, over, "enclosure") == ("open", 1.0)  # a short bridge is no bridge of a street


def test_the_main_line_is_neither_twin_nor_sidewalk_nor_crossing() -> None:
    places = city(*dual_road())
    found = segment_links(places)
    lane = places.segments["place_id"].tolist().index("lane")
    main = found.main
    assert sorted(main.length_m[main.segment == lane]) == [40.0, 60.0]
    beside = found.beside
    assert sorted(beside.beside_m) == pytest.approx([0.0] * 7 + [50.0] * 4 + [100.0], abs=1e-5)


def test_tags_of_the_other_carriageway_and_of_sidewalks_are_not_the_streets() -> None:
    places = city(*dual_road(lit="yes", surface="asphalt", width="6"))
    assert told(lighting, places, "lit") == ("yes", 1.0)
    assert told(walk_path, places, "surface") == ("paved", 1.0)
    assert told(walk_path, places, "width_m") == (6.0, 1.0)


def test_sidewalks_that_are_ways_of_their_own() -> None:
    assert told(walk_path, city(*dual_road()), "sidewalk") == ("separate", 1.0)
    assert told(walk_path, city(*dual_road(sidewalk="no")), "sidewalk") == ("no", 1.0)
    road = [link("lane", "n2", "m", sidewalk="no"), link("lane", "m", "c")]
    half = [*road, link("lane", "q", "r", **SIDEWALK)]
    assert told(walk_path, city(*half), "sidewalk") == ("no", 1.0)
    one = [link("lane", "n2", "c"), link("lane", "p", "q", **SIDEWALK), link("lane", "u", "v", **SIDEWALK)]
    assert told(walk_path, city(*one), "sidewalk") == ("separate", 0.5)  # both lie beside the same half
    path = [link("lane", "n2", "c"), link("lane", "p", "q", highway="footway")]
    assert told(walk_path, city(*path), "sidewalk") == ("unknown", 0.0)


def test_lamps_of_a_dual_road_count_once_on_its_main_line() -> None:
    places = city(*dual_road(), lamps=[at(120, 16), at(160, -3)])
    assert told(lighting, places, "lamps_per_100_m") == (pytest.approx(2.0), 1)
    assert told(lighting, places, "lamp_spacing_m") == (pytest.approx(40.0), 1)
    # the first is 16 m from the main line, and lights 15 m of its sidewalk to either side; the second sqrt(15^2 - 3^2)
    gap = 200 - (160 + np.sqrt(15**2 - 3**2))
    assert told(lighting, places, "longest_dark_gap_m") == (pytest.approx(gap, abs=1e-3), 1)
    alone = city(*dual_road(), lamps=[at(120, 16)])
    assert told(lighting, alone, "longest_dark_gap_m") == (pytest.approx(65.0, abs=1e-3), 1)
    bare = city(link("lane", "n2", "c"), lamps=[at(120, 16)])
    assert told(lighting, bare, "longest_dark_gap_m") == (pytest.approx(100.0), 1)


def test_the_own_sidewalks_of_a_dead_end_are_no_way_out() -> None:
    places = city(*dual_road())
    assert told(escape, places, "dead_end") == ("yes", 1.0)
    assert told(escape, places, "only_way") == ("yes", 1.0)
    assert told(escape, places, "junction_distance_m") == (100.0, 1.0)
    assert [told(escape, places, name, "south")[0] for name in ("dead_end", "only_way")] == ["no", "no"]


def test_a_dead_end_with_a_stub_is_one_and_with_a_way_on_is_none() -> None:
    lane = [link("lane", "n2", "m"), link("lane", "m", "c")]
    stub = city(*lane, more={"stub": ("m", "side")})
    assert [told(escape, stub, "dead_end", place)[0] for place in ("lane", "stub")] == ["yes", "yes"]
    way_on = city(*lane, more={"path": ("m", "side"), "back": ("side", "n3")})
    assert told(escape, way_on, "dead_end") == ("no", 1.0)  # from its first 60 m there are two ways
    assert told(escape, way_on, "only_way") == ("yes", 1.0)  # its last 40 m hang on it
    at_its_end = city(*lane, more={"path": ("c", "side"), "back": ("side", "n3")})
    assert [told(escape, at_its_end, name)[0] for name in ("dead_end", "only_way")] == ["no", "no"]


def test_a_way_on_from_a_sidewalk_is_one_from_the_street() -> None:
    on = {"path": ("w", "side"), "back": ("side", "n3")}
    assert [told(escape, city(*dual_road(), more=on), name)[0] for name in ("dead_end", "only_way")] == ["no", "no"]


def test_a_side_street_makes_a_junction_and_a_driveway_none() -> None:
    lane = [link("lane", "n2", "m"), link("lane", "m", "c")]
    side = city(*lane, more={"stub": ("m", "side")})
    assert told(escape, side, "junction_distance_m") == (40.0, 1.0)  # between the two 30 m, from the end 40 m
    assert told(escape, side, "junction_distance_m", "stub") == (80.0, 1.0)
    side.links.loc[side.links["segment_id"] == "stub", "tags"] = '{"service": "driveway"}'
    assert told(escape, side, "junction_distance_m") == (100.0, 1.0)


def test_distances_are_from_the_middle_of_the_main_line_on_links_of_spaces_too() -> None:
    path = [
        link("lane", "n2", "m"),
        link("lane", "m", "c"),
        link("park", "c", "far"),
        link("lane", "p", "q", **SIDEWALK),
    ]
    places = city(*path)
    places.links["space_id"] = places.links["segment_id"].where(places.links["segment_id"] == "park", None)
    places.links["segment_id"] = places.links["segment_id"].where(places.links["segment_id"] != "park", None)
    places = replace(places, features=features_of(("poi", "toilet", at(280, 0))))
    assert told(activity, places, "toilet_distance_m")[0] == 130.0
    assert told(activity, places, "toilet_distance_m", "south")[0] == 230.0


def test_walks_on_the_sidewalk_are_walks_along_the_street() -> None:
    bent = line((0, 0), (50, 10), (100, 0))
    lines = {"a": bent, "b": line((100, 0), (200, 0))}
    links = links_like(
        ("a", ("1", "2"), bent, {}),
        ("a", ("1", "2"), line((0, 0), (100, 0)), SIDEWALK),
        ("b", ("2", "3"), lines["b"], {}),
    )
    places = town(segments=segments_of(lines, {"a": ("1", "2"), "b": ("2", "3")}), links=links)
    # nodes weigh half of the main lines alone; every walk along a takes its shorter sidewalk
    one, two, three_ = bent.length / 2, bent.length / 2 + 50, 50
    pairs = {"12": one * two, "23": two * three_, "13": one * three_}
    share = 10_000 / sum(pairs.values())
    rows = activity.find_evidence(context_of(places))
    rows = rows[rows["name"] == "betweenness"].set_index("place_id")["value"]
    assert rows["a"] == pytest.approx(share * (pairs["12"] + pairs["13"]))
    assert rows["b"] == pytest.approx(share * (pairs["23"] + pairs["13"]))


def test_a_street_comes_into_a_space_once_with_its_sidewalks() -> None:
    places = city(link("lane", "n2", "c"), link("lane", "p", "q", **SIDEWALK), link("lane", "q", "r", **SIDEWALK))
    places = replace(places, spaces=spaces_of({"plaza": box(190, -20, 240, 30)}))
    rows = open_space.find_evidence(context_of(places)).set_index("name")
    assert rows.loc["entrances", "value"] == 1
