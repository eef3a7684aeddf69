"""What belongs to which street where tags are silent, each rule on a drawing of its own; lengths are metres."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from drawn import Spots, Way, apart, row, sharing, streets_of, together
from town import METRIC, box

from safeaudit.config import PlacesSettings
from safeaudit.files.admit import admit
from safeaudit.places import read_places
from safeaudit.places.spaces import by_rank

ROAD = {"highway": "residential", "name": "Long Street"}
SIDE = {"highway": "residential", "name": "Side Street"}
PATH = {"highway": "footway"}
LANE = {"highway": "service"}
AISLE = {**LANE, "service": "parking_aisle"}
SAMPLES = Path(__file__).parent.parent / "sample_cities"


@pytest.mark.parametrize("tags", [LANE, AISLE, {**LANE, "covered": "yes"}, {"highway": "track"}])
@pytest.mark.parametrize("far", [60, 20])
def test_a_lane_beside_a_street_is_no_sidewalk(tags: dict[str, str], far: int) -> None:
    spots = {**row(0, 0, 200, prefix="a"), **row(8, 100, 100 + far, prefix="b")}
    assert apart(streets_of({"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1"], tags)}, spots)[1], "w1", "w2")


def test_a_lane_that_says_that_it_is_a_sidepath_belongs_to_its_street() -> None:
    spots = {**row(0, 0, 200, prefix="a"), **row(8, 0, 200, prefix="b")}
    ways: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1"], {**LANE, "street:name": "Long Street"})}
    assert together(streets_of(ways, spots)[1], "w1", "w2")


def test_a_sidewalk_belongs_to_the_street_before_a_lane_that_is_closer() -> None:
    spots = {**row(0, 0, 200, prefix="a"), **row(8, 0, 200, prefix="b"), **row(12, 0, 200, prefix="c")}
    ways: dict[str, Way] = {
        "w1": (["a0", "a1"], ROAD),
        "w2": (["c0", "c1"], LANE),
        "w3": (["b0", "b1"], {**PATH, "footway": "sidewalk"}),
    }
    assert together(streets_of(ways, spots)[1], "w1", "w3")


def test_steps_and_a_footway_end_to_end_are_one_passage() -> None:
    spots = {**row(0, 0, 50, 100, prefix="a"), **row(44, 0, 50, 100, prefix="b"), "p": (50, 10), "q": (50, 31)}
    ways: dict[str, Way] = {
        "w1": (["a0", "a1", "a2"], ROAD),
        "w2": (["b0", "b1", "b2"], SIDE),
        "w3": (["a1", "p"], PATH),
        "w4": (["p", "q"], {"highway": "steps"}),
        "w5": (["q", "b1"], PATH),
    }
    assert {"w3", "w4", "w5"} in sharing(streets_of(ways, spots)[1]).values()


def test_a_path_is_looked_at_from_fork_to_fork_however_it_is_drawn() -> None:
    spots = {**row(0, 0, 100, prefix="a"), **row(6, 0, 25, prefix="b"), "far": (25, 96)}
    away: dict[str, Way] = {"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1", "far"], PATH)}
    split = {**away, "w2": (["b0", "b1"], PATH), "w3": (["b1", "far"], {**PATH, "surface": "gravel"})}
    assert apart(streets_of(away, spots)[1], "w1", "w2")
    assert apart(streets_of(split, spots)[1], "w1", "w2")


def test_a_short_footway_belongs_to_the_street_it_crosses_not_to_the_one_it_runs_along() -> None:
    spots: Spots = {"s": (0, -100), "x": (0, 0), "y": (0, 5), "n": (0, 100), "w": (-100, 5), "e": (100, 5)}
    spots |= {"p": (-7, 0), "q": (7, 0)}
    ways: dict[str, Way] = {
        "w1": (["s", "x", "y", "n"], ROAD),
        "w2": (["w", "y", "e"], SIDE),
        "w3": (["p", "x", "q"], PATH),
    }
    _, links = streets_of(ways, spots)
    assert together(links, "w1", "w3")
    assert apart(links, "w2", "w3")


def test_a_link_between_carriageways_belongs_to_their_street_and_not_to_the_longest_at_the_junction() -> None:
    avenue = {"highway": "tertiary", "name": "Avenue", "oneway": "yes"}
    spots = {**row(0, 0, 90, 180, prefix="a"), **row(8, 0, 90, 180, prefix="b"), "s": (90, -140)}
    ways: dict[str, Way] = {
        "w1": (["a0", "a1", "a2"], avenue),
        "w2": (["b2", "b1", "b0"], avenue),
        "w3": (["a1", "b1"], {"highway": "tertiary_link"}),
        "w4": (["s", "a1"], SIDE),
    }
    _, links = streets_of(ways, spots)
    assert together(links, "w1", "w3")
    assert apart(links, "w4", "w3")


def meeting(**tags: str) -> list[set[str]]:
    """Return the nodes at the ends of the longer segments of two ways that a link of 20 m joins."""
    spots = {**row(0, 0, 60, 120, prefix="a"), **row(20, 0, 60, 120, prefix="b")}
    ways: dict[str, Way] = {
        "w1": (["a0", "a1", "a2"], tags),
        "w2": (["b0", "b1", "b2"], tags),
        "w3": (["a1", "b1"], tags),
    }
    segments, _ = streets_of(ways, spots, own=True)
    long_ = segments[segments["length_m"] > 50]
    return [set(ends) for ends in zip(long_["junction_from"], long_["junction_to"], strict=True)]


def test_footways_meet_in_a_point_and_streets_in_a_junction() -> None:
    assert {"b0", "b1"} in meeting(highway="footway")
    assert {"a1", "b0"} in meeting(highway="residential")


def test_the_smallest_named_space_has_its_paths_and_else_the_largest() -> None:
    shapes = {"park": box(0, 0, 300, 300), "garden": box(100, 100, 200, 200), "pitch": box(110, 110, 130, 130)}
    shapes["green"] = box(-50, -50, 320, 320)
    names = ["Park", "Botanical Garden", None, None]
    frame = gpd.GeoDataFrame({"place_id": list(shapes), "name": names}, geometry=list(shapes.values()), crs=METRIC)
    ranked = by_rank(frame.assign(area_m2=frame.area))
    assert ranked["place_id"].tolist() == ["garden", "park", "green", "pitch"]


@pytest.mark.parametrize("tags", [PATH, LANE, AISLE, {"highway": "steps"}, {**PATH, "footway": "crossing"}])
def test_a_city_without_any_street_has_its_paths_and_lanes(tags: dict[str, str]) -> None:
    spots = {**row(0, 0, 60, 120, prefix="a"), "n": (60, 80)}
    segments, links = streets_of({"w1": (["a0", "a1", "a2"], tags), "w2": (["a1", "n"], tags)}, spots)
    assert len(segments) in {1, 3}
    assert set(links["segment_id"]) == set(segments["place_id"])


def test_what_evidence_needs_changes_no_id() -> None:
    """Walls are read in full runs alone, so they stand between no footpath and its street in either."""
    file = SAMPLES / "helsinki" / "helsinki.osm.pbf"
    full, quick = (
        read_places(PlacesSettings(osm=file), "auto", {file: admit(file)}, evidence=e) for e in (True, False)
    )
    assert (full.features["kind"] == "barrier").any()
    for table in ("segments", "links"):
        assert (
            getattr(full, table)
            .drop(columns="tags", errors="ignore")
            .equals(getattr(quick, table).drop(columns="tags", errors="ignore"))
        )
