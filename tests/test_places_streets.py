"""Each rule that makes streets of links, on a drawing of its own; lengths are metres."""

from __future__ import annotations

import pytest
import shapely
from drawn import Spots, Way, apart, row, sharing, streets_of, together

ROAD = {"highway": "residential", "name": "Long Street"}
SIDE = {"highway": "residential", "name": "Side Street"}
DUAL = {"highway": "primary", "name": "Avenue", "oneway": "yes"}
PATH = {"highway": "footway"}
LANE = {"highway": "service"}


def streets(ways: dict[str, Way], spots: Spots, **around: object) -> tuple[list[float], dict[str, set[str]]]:
    """Return the lengths of the segments, sorted, and the ways in each place."""
    segments, links = streets_of(ways, spots, limit=1000, **around)  # type: ignore[arg-type]
    return sorted(segments["length_m"].round(1)), sharing(links)


# --- breaks --------------------------------------------------------------------------------------

LINE = {**row(0, 0, 100, 200, 300, prefix="a"), "n1": (100, 80), "n2": (200, 80), "s1": (100, -80)}


def test_what_only_a_change_of_tags_divides_is_one_stretch() -> None:
    ways: dict[str, Way] = {
        "w1": (["a0", "a1"], ROAD),
        "w2": (["a1", "a2"], {**ROAD, "surface": "asphalt", "highway": "tertiary"}),
        "w3": (["a2", "a3"], {"highway": "tertiary"}),
    }
    assert streets(ways, LINE)[0] == [300]


def test_streets_break_at_streets_and_not_at_driveways_and_footpaths() -> None:
    whole: Way = (["a0", "a1", "a2", "a3"], ROAD)
    assert streets({"w1": whole, "w2": (["a1", "n1"], SIDE)}, LINE)[0] == [80, 100, 200]
    assert streets({"w1": whole, "w2": (["a1", "n1"], LANE)}, LINE)[0] == [80, 300]
    assert streets({"w1": whole, "w2": (["a1", "n1"], PATH)}, LINE)[0] == [80, 300]
    named = {**LANE, "name": "Mill Lane"}
    assert streets({"w1": whole, "w2": (["a1", "n1"], named)}, LINE)[0] == [80, 100, 200]


@pytest.mark.parametrize("door", ["Gate 1", "Exit", "Parking Entrance", "Glorietta 3 Parking", "Drop Off", "Salida"])
def test_a_gate_is_no_junction_though_it_has_a_name(door: str) -> None:
    ways: dict[str, Way] = {"w1": (["a0", "a1", "a2", "a3"], ROAD), "w2": (["a1", "n1"], {**LANE, "name": door})}
    assert streets(ways, LINE)[0] == [80, 300]


def test_two_names_are_two_streets_and_what_has_none_between_them_is_on_its_own() -> None:
    ways: dict[str, Way] = {
        "w1": (["a0", "a1"], ROAD),
        "w2": (["a1", "a2"], {"highway": "residential"}),
        "w3": (["a2", "a3"], SIDE),
    }
    assert streets(ways, LINE) == ([100, 100, 100], {"a0-a1": {"w1"}, "a1-a2": {"w2"}, "a2-a3": {"w3"}})


def test_a_long_bridge_is_a_stretch_of_its_own_and_a_short_one_is_not() -> None:
    spots = row(0, 0, 100, 135, 180, 300, prefix="a")
    short: dict[str, Way] = {
        "w1": (["a0", "a1"], ROAD),
        "w2": (["a1", "a2"], {**ROAD, "bridge": "yes"}),
        "w3": (["a2", "a4"], ROAD),
    }
    assert streets(short, spots)[0] == [300]
    long_ = {**short, "w2": (["a1", "a3"], {**ROAD, "bridge": "yes"}), "w3": (["a3", "a4"], ROAD)}
    assert streets(long_, spots)[0] == [80, 100, 120]


# --- dual roads ----------------------------------------------------------------------------------


def dual(wide: float, **tags: str) -> tuple[dict[str, Way], Spots]:
    """Return a dual road of 200 m between two cross streets."""
    spots = {
        **row(0, 0, 200, prefix="a"),
        **row(wide, 0, 200, prefix="b"),
        **row(-60, 0, 200, prefix="s"),
        **row(wide + 60, 0, 200, prefix="n"),
    }
    ways: dict[str, Way] = {
        "w1": (["a0", "a1"], {**DUAL, **tags}),
        "w2": (["b1", "b0"], {**DUAL, **tags}),
        "w3": (["s0", "a0", "b0", "n0"], {**SIDE, "name": "West Street"}),
        "w4": (["s1", "a1", "b1", "n1"], {**SIDE, "name": "East Street"}),
    }
    return ways, spots


def test_two_carriageways_are_one_street_drawn_once() -> None:
    ways, spots = dual(20)
    lengths, places = streets(ways, spots)
    assert lengths == [60, 60, 60, 60, 200]
    assert places["a0-a1"] >= {"w1", "w2"}


def test_carriageways_stay_apart_when_their_names_differ_or_they_lie_far_apart() -> None:
    ways, spots = dual(15)
    ways["w2"] = (["b1", "b0"], {**DUAL, "name": "Other Street"})
    assert not any(found >= {"w1", "w2"} for found in streets(ways, spots)[1].values())
    ways, spots = dual(80)
    assert not any(found >= {"w1", "w2"} for found in streets(ways, spots)[1].values())


def test_two_way_streets_15_m_apart_with_other_names_stay_apart() -> None:
    spots = {**row(0, 0, 200, prefix="a"), **row(15, 0, 200, prefix="b")}
    assert streets({"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1"], SIDE)}, spots)[0] == [200, 200]


def test_a_junction_on_one_carriageway_cuts_the_other_at_its_foot() -> None:
    spots = {**row(0, 0, 150, 300, prefix="a"), **row(20, 0, 300, prefix="b"), "s": (150, -80)}
    ways: dict[str, Way] = {
        "w1": (["a0", "a1", "a2"], DUAL),
        "w2": (["b1", "b0"], DUAL),
        "w3": (["s", "a1"], SIDE),
    }
    lengths, places = streets(ways, spots)
    assert lengths == [80, 150, 150]
    assert sum(found == {"w1", "w2"} for found in places.values()) == 2


# --- junctions -----------------------------------------------------------------------------------


def test_short_links_inside_a_junction_belong_to_the_street_of_their_name() -> None:
    ways, spots = dual(20)
    _, places = streets(ways, spots)
    assert sum("w3" in found for found in places.values()) == 2  # north and south of the junction, nothing between


def roundabout(radius: float) -> tuple[dict[str, Way], Spots]:
    """Return four arms of 100 m around a square ring."""
    r = radius
    spots: Spots = {"e": (r, 0), "n": (0, r), "w": (-r, 0), "s": (0, -r)}
    spots |= {"E": (r + 100, 0), "N": (0, r + 100), "W": (-r - 100, 0), "S": (0, -r - 100)}
    ring: Way = (["e", "n", "w", "s", "e"], {"highway": "residential", "junction": "roundabout"})
    arms: dict[str, Way] = {f"w{i}": ([far.lower(), far], {**SIDE, "name": far}) for i, far in enumerate("ENWS")}
    return {**arms, "ring": ring}, spots


def test_a_small_roundabout_is_a_junction_and_a_larger_one_a_place() -> None:
    assert streets(*roundabout(10))[0] == [100, 100, 100, 100]
    lengths, places = streets(*roundabout(20))
    assert lengths == [100, 100, 100, 100, 113.1]
    assert {"ring"} in places.values()


# --- what belongs to a street beside it ----------------------------------------------------------

BESIDE = {**row(0, 0, 200, prefix="a"), **row(7, 0, 200, prefix="b"), **row(12, 0, 200, prefix="c")}
BESIDE |= {**row(22, 0, 200, prefix="d"), **row(40, 0, 200, prefix="e")}


def test_a_sidewalk_belongs_to_its_street_by_its_tag_and_by_where_it_lies() -> None:
    tagged = {**PATH, "footway": "sidewalk"}
    for spots, tags, joins in (("d", tagged, True), ("d", PATH, False), ("c", PATH, True), ("e", tagged, False)):
        ways: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": ([f"{spots}0", f"{spots}1"], tags)}
        _, links = streets_of(ways, BESIDE)
        assert together(links, "w1", "w2") == joins, (spots, tags)


def test_a_path_behind_a_house_belongs_to_no_street() -> None:
    ways: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["c0", "c1"], PATH)}
    _, links = streets_of(ways, BESIDE, obstacles=[shapely.box(0, 4, 200, 9)])
    assert apart(links, "w1", "w2")


def test_a_path_beside_a_railway_is_no_sidewalk() -> None:
    rail = shapely.LineString([(0, 6), (200, 6)])
    ways: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["c0", "c1"], PATH)}
    assert apart(streets_of(ways, BESIDE, obstacles=[rail])[1], "w1", "w2")


def test_a_path_with_a_name_and_steps_are_no_sidewalks() -> None:
    for tags in ({**PATH, "name": "Canal Walk"}, {"highway": "steps"}):
        ways: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1"], tags)}
        assert apart(streets_of(ways, BESIDE)[1], "w1", "w2")


def test_a_sidewalk_goes_to_the_street_that_it_names() -> None:
    spots = {**row(0, 0, 200, prefix="a"), **row(24, 0, 200, prefix="b"), **row(8, 0, 200, prefix="c")}
    ways: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1"], SIDE)}
    said = {**PATH, "footway": "sidewalk", "street:name": "Side Street"}
    assert together(streets_of({**ways, "w3": (["c0", "c1"], said)}, spots)[1], "w2", "w3")
    plain = {**PATH, "footway": "sidewalk"}
    assert together(streets_of({**ways, "w3": (["c0", "c1"], plain)}, spots)[1], "w1", "w3")


@pytest.mark.parametrize("tags", [{"bridge": "yes"}, {"tunnel": "yes"}, {"layer": "1"}])
def test_a_bridge_over_a_street_and_a_tunnel_under_it_stay_apart(tags: dict[str, str]) -> None:
    spots = {**row(0, 0, 200, prefix="a"), "n": (100, 30), "s": (100, -30), **row(5, 0, 200, prefix="b")}
    across: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["n", "s"], {**PATH, **tags})}
    assert apart(streets_of(across, spots)[1], "w1", "w2")
    along: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1"], {**PATH, **tags})}
    assert apart(streets_of(along, spots)[1], "w1", "w2")


def test_a_passage_through_a_building_is_on_the_ground() -> None:
    ways: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1"], {**PATH, "tunnel": "building_passage"})}
    assert together(streets_of(ways, BESIDE)[1], "w1", "w2")


def test_a_crossing_belongs_to_the_street_that_it_crosses() -> None:
    spots = {**row(0, 0, 100, 200, prefix="a"), "n": (100, 9), "s": (100, -9), "p": (108, 80), "q": (108, -80)}
    ways: dict[str, Way] = {
        "w1": (["a0", "a1", "a2"], ROAD),
        "w2": (["n", "a1", "s"], {**PATH, "footway": "crossing"}),
        "w3": (["p", "q"], {**SIDE, "layer": "1"}),
    }
    assert together(streets_of(ways, spots)[1], "w1", "w2")


def test_a_sidewalk_past_a_junction_is_cut_where_its_street_changes() -> None:
    spots = {**row(0, 0, 100, 200, prefix="a"), **row(8, 0, 200, prefix="b"), "s": (100, -80)}
    ways: dict[str, Way] = {
        "w1": (["a0", "a1", "a2"], ROAD),
        "w2": (["s", "a1"], SIDE),
        "w3": (["b0", "b1"], {**PATH, "footway": "sidewalk"}),
    }
    _, links = streets_of(ways, spots)
    walk = links[links["osm_ids"] == "w3"]
    assert walk.groupby("segment_id")["length_m"].sum().round(6).to_dict() == {"a0-a1": 100, "a1-a2": 100}


def test_the_aisles_of_a_car_park_are_one_place() -> None:
    spots = {**row(100, 0, 60, prefix="a"), **row(120, 0, 60, prefix="b"), **row(140, 0, 60, prefix="c")}
    aisle = {**LANE, "service": "parking_aisle"}
    ways: dict[str, Way] = {
        "w1": (["a0", "a1", "b1", "c1"], aisle),
        "w2": (["b1", "b0"], aisle),
        "w3": (["c1", "c0"], aisle),
    }
    assert list(streets(ways, spots)[1].values()) == [{"w1", "w2", "w3"}]


# --- spaces, paths, crumbs -----------------------------------------------------------------------


def test_unnamed_paths_inside_a_space_belong_to_it() -> None:
    spots = row(0, 0, 50, 150, 200, prefix="a")
    park = {"Old Park": shapely.box(50, -50, 150, 50)}
    whole: Way = (["a0", "a1", "a2", "a3"], PATH)
    segments, links = streets_of({"w1": whole}, spots, spaces=park)
    assert links.loc[links["space_id"] == "Old Park", "length_m"].sum() == pytest.approx(100)
    assert len(segments) == 2
    named: Way = (whole[0], {**PATH, "name": "Lime Walk"})
    assert streets_of({"w1": named}, spots, spaces=park)[1]["space_id"].isna().all()


def test_crumbs_join_the_neighbour_that_goes_on_straight() -> None:
    spots = {**row(0, 0, 100, 125, 225, prefix="a"), "n": (100, 80), "m": (125, 80)}
    ways: dict[str, Way] = {
        "w1": (["a0", "a1"], ROAD),
        "w2": (["a1", "a2"], {"highway": "residential", "bridge": "no"}),
        "w3": (["a2", "a3"], SIDE),
        "w4": (["a1", "n"], {"highway": "residential", "name": "North Street"}),
    }
    lengths, places = streets(ways, spots)
    assert lengths == [80, 100, 125]
    assert any(found in ({"w2", "w3"}, {"w1", "w2"}) for found in places.values())


def test_a_crumb_with_a_name_joins_no_other_name() -> None:
    spots = row(0, 0, 100, 125, 225, prefix="a")
    ways: dict[str, Way] = {
        "w1": (["a0", "a1"], ROAD),
        "w2": (["a1", "a2"], {**ROAD, "name": "Short Street"}),
        "w3": (["a2", "a3"], SIDE),
    }
    assert streets(ways, spots)[0] == [25, 100, 100]


def test_a_short_stub_of_a_path_joins_its_street() -> None:
    spots = {**row(0, 0, 100, 200, prefix="a"), "n": (100, 11)}
    ways: dict[str, Way] = {"w1": (["a0", "a1", "a2"], ROAD), "w2": (["a1", "n"], PATH)}
    assert streets(ways, spots)[0] == [200]


# --- own layers ----------------------------------------------------------------------------------


def test_in_a_layer_of_the_teams_own_footways_are_streets() -> None:
    ways: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1"], PATH)}
    assert len(streets_of(ways, BESIDE, own=True, limit=1000)[0]) == 2
