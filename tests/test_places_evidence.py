"""What an extract holds for evidence, points of interest to barriers; and nothing of it in a quick run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from test_places_osm import CITY, POINTS, RING, STREET, write

from safeaudit.config import PlacesSettings
from safeaudit.files.admit import admit
from safeaudit.places import read_places

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import Places

EVIDENCE = ["poi", "entrance", "gate", "barrier"]


def places(path: Path, *, evidence: bool = True) -> Places:
    return read_places(PlacesSettings(osm=path), "auto", {path: admit(path)}, evidence=evidence)


def features(found: Places) -> dict[str, tuple[str, str]]:
    """Return kind and category of every feature by its id."""
    rows = found.features[["feature_id", "kind", "category"]].itertuples(index=False)
    return {name: (kind, category) for name, kind, category in rows}


@pytest.mark.parametrize(
    ("tags", "kind", "category"),
    [
        ({"amenity": "toilets"}, "poi", "toilet"),
        ({"amenity": "drinking_water"}, "poi", "water_point"),
        ({"man_made": "water_tap"}, "poi", "water_point"),
        ({"amenity": "police"}, "poi", "police"),
        ({"amenity": "kindergarten"}, "poi", "school"),
        ({"healthcare": "midwife"}, "poi", "health"),
        ({"amenity": "place_of_worship"}, "poi", "worship"),
        ({"amenity": "community_centre"}, "poi", "community"),
        ({"office": "ngo"}, "poi", "office"),
        ({"shop": "kiosk"}, "poi", "shop"),
        ({"craft": "tailor"}, "poi", "shop"),
        ({"amenity": "bar"}, "poi", "food"),
        ({"amenity": "mobile_money_agent"}, "poi", "finance"),
        ({"tourism": "hostel"}, "poi", "lodging"),
        ({"tourism": "museum"}, "poi", "culture"),
        ({"amenity": "waste_basket"}, "poi", "waste"),
        ({"entrance": "main"}, "entrance", "main"),
        ({"barrier": "gate"}, "gate", "gate"),
        ({"barrier": "kissing_gate"}, "gate", "kissing_gate"),
    ],
)
def test_what_a_point_is_as_evidence(tmp_path: Path, tags: dict[str, str], kind: str, category: str) -> None:
    path = write(tmp_path / "city.osm", {1: ([1, 2], STREET)}, points={4: tags})
    assert features(places(path)) == {"n4": (kind, category)}
    assert places(path, evidence=False).features.empty


@pytest.mark.parametrize(
    "tags", [{"shop": "vacant"}, {"shop": "no"}, {"barrier": "bollard"}, {"entrance": "no"}, {"amenity": "bench"}]
)
def test_what_is_no_evidence(tmp_path: Path, tags: dict[str, str]) -> None:
    assert places(write(tmp_path / "city.osm", {1: ([1, 2], STREET)}, points={4: tags})).features.empty


def test_a_building_that_is_a_school_stands_there_twice(tmp_path: Path) -> None:
    tags = {"building": "school", "amenity": "school", "name": "Olympic", "opening_hours": "Mo-Fr 08:00-16:00"}
    path = write(tmp_path / "city.osm", {1: ([2, 3], STREET), 7: (RING, tags)})
    found = places(path)
    assert features(found) == {"w7": ("building", "school"), "w7:poi": ("poi", "school")}
    kept = found.features.set_index("feature_id")["tags"]
    assert json.loads(kept["w7:poi"])["opening_hours"] == "Mo-Fr 08:00-16:00"
    assert "name" not in json.loads(kept["w7:poi"])
    assert features(places(path, evidence=False)) == {"w7": ("building", "school")}


def test_a_market_is_a_space_and_a_point_of_interest(tmp_path: Path) -> None:
    found = places(write(tmp_path / "city.osm", CITY, points=POINTS))
    assert found.spaces["place_id"].tolist() == ["n9"]
    assert features(found)["n9:poi"] == ("poi", "market")


def test_one_point_may_be_several_things(tmp_path: Path) -> None:
    tags = {"shop": "kiosk", "entrance": "yes", "barrier": "gate", "access": "private", "locked": "yes"}
    found = places(write(tmp_path / "city.osm", {1: ([1, 2], STREET)}, points={4: tags}))
    assert features(found) == {
        "n4:entrance": ("entrance", "yes"),
        "n4:gate": ("gate", "gate"),
        "n4:poi": ("poi", "shop"),
    }
    assert json.loads(found.features["tags"].iloc[1])["locked"] == "yes"


def test_walls_and_fences_are_lines_and_a_fenced_school_is_both(tmp_path: Path) -> None:
    ways = {
        1: ([2, 3], STREET),
        2: ([5, 6, 7], {"barrier": "wall"}),
        3: (RING, {"barrier": "fence", "amenity": "school"}),
        4: ([9, 10, 11, 12, 9], {"barrier": "hedge", "area": "yes"}),
        5: ([3, 7], {"barrier": "guard_rail"}),
    }
    found = places(write(tmp_path / "city.osm", ways))
    assert features(found) == {
        "w2": ("barrier", "wall"),
        "w3:barrier": ("barrier", "fence"),
        "w3:poi": ("poi", "school"),
        "w4": ("barrier", "hedge"),
    }
    shapes = found.features.set_index("feature_id").geometry.geom_type
    assert shapes["w3:barrier"] == "LineString"
    assert shapes["w4"] == "MultiPolygon"


def test_streets_and_spaces_keep_more_of_their_tags(tmp_path: Path) -> None:
    tags = {"highway": "residential", "sidewalk:left": "yes", "step_count": "12", "lit:perceived": "poor"}
    path = write(tmp_path / "city.osm", {1: ([2, 3], tags), 2: (RING, {"leisure": "park", "toilets": "yes"})})
    assert json.loads(places(path).links["tags"].iloc[0]) == tags
    assert json.loads(places(path).spaces["tags"].iloc[0])["toilets"] == "yes"
    assert json.loads(places(path, evidence=False).links["tags"].iloc[0]) == {"highway": "residential"}


@pytest.mark.parametrize("name", ["makati/makati.osm.pbf", "nairobi-cbd/nairobi_cbd.osm.pbf"])
def test_a_quick_run_has_the_same_places_and_backdrop(shared: Path, name: str) -> None:
    path = shared / "cities" / name
    quick, whole = (places(path, evidence=evidence) for evidence in (False, True))
    for table in ("segments", "spaces", "stops", "areas"):
        columns = [column for column in getattr(quick, table).columns if column not in ("tags", "geometry")]
        pd.testing.assert_frame_equal(getattr(quick, table)[columns], getattr(whole, table)[columns])
        assert getattr(quick, table).geom_equals(getattr(whole, table)).all()
    backdrop = whole.features[~whole.features["kind"].isin(EVIDENCE)].reset_index(drop=True)
    assert backdrop["feature_id"].tolist() == quick.features["feature_id"].tolist()
    assert backdrop.geom_equals(quick.features).all()
