"""The places of real cities, against what their SOURCE.md counts and a slow reading of our own."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import osmium
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from safeaudit.config import AreaSettings, FeatureSettings, LayerSettings, PlacesSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.places import read_places

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import Places

TABLES = ("links", "segments", "spaces", "stops", "areas", "features")


def city(path: Path) -> Places:
    """Read the places of an extract with the usual settings."""
    return read_places(PlacesSettings(osm=path), "auto", {path: admit(path)})


@pytest.fixture(scope="module")
def makati(shared: Path) -> Places:
    return city(shared / "cities" / "makati" / "makati.osm.pbf")


@pytest.fixture(scope="module")
def nairobi(shared: Path) -> Places:
    return city(shared / "cities" / "nairobi-cbd" / "nairobi_cbd.osm.pbf")


# Not for people on foot; written down here once more, so that a slip in the settings shows.
NO_STREET = (
    "motorway motorway_link trunk_link construction proposed planned abandoned razed raceway bus_guideway busway "
    "escape corridor elevator platform rest_area services no"
)


def slow_streets(path: Path, crs: str) -> tuple[float, Counter[str], int]:
    """Return total length, how often each node is met, and the number of streets, by plain Python."""
    to_metres = Transformer.from_crs(4326, crs, always_xy=True)
    length, met, count = 0.0, Counter[str](), 0
    for way in osmium.FileProcessor(str(path)).with_locations():
        if not way.is_way() or "highway" not in way.tags or "building" in way.tags:
            continue
        tags = dict(way.tags)
        if tags["highway"] in NO_STREET.split() or tags.get("area") == "yes" or tags.get("place") == "square":
            continue
        if tags.get("foot", tags.get("access")) in ("no", "private", "use_sidepath"):
            continue
        count += 1
        spots = [to_metres.transform(node.lon, node.lat) for node in way.nodes]
        names = [f"n{node.ref}" for node in way.nodes]
        for (x1, y1), (x2, y2) in pairwise(spots):
            length += ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        met.update(name for i, name in enumerate(names) if i == 0 or names[i - 1] != name)
        met.update({names[0], names[-1]})  # an end counts twice: it is a junction whatever else is there
    return length, met, count


@pytest.mark.parametrize(
    ("name", "crs"), [("makati/makati.osm.pbf", "EPSG:32651"), ("nairobi-cbd/nairobi_cbd.osm.pbf", "EPSG:32737")]
)
def test_length_and_junctions_agree_with_a_slow_reading(
    shared: Path, makati: Places, nairobi: Places, name: str, crs: str
) -> None:
    length, met, count = slow_streets(shared / "cities" / name, crs)
    found = makati if name.startswith("makati") else nairobi
    links = found.links
    assert found.crs.to_string() == crs
    assert links["length_m"].sum() == pytest.approx(length, abs=1e-3)
    assert links["osm_ids"].nunique() == count
    ends = {node for node in [*links["node_from"], *links["node_to"]] if "+" not in node}
    assert ends == {node for node, times in met.items() if times > 1}


def test_makati_is_the_same_from_pbf_and_from_xml(shared: Path, makati: Places) -> None:
    packed = city(shared / "cities" / "makati" / "osm_bbox.osm.gz")
    for table in TABLES:
        pd.testing.assert_frame_equal(pd.DataFrame(getattr(makati, table)), pd.DataFrame(getattr(packed, table)))


def test_makati_is_what_its_source_counts(makati: Places) -> None:
    # SOURCE.md: 1,561 highway ways (101 km), 18 parks, 6 bus stops, no street lamp, 1,274 buildings, no
    # way refers to a missing node. 226 ways (28 km) are closed to people, 5 are ramps (1.1 km).
    assert makati.links["length_m"].sum() == pytest.approx(101_000 - 28_000 - 1_100, rel=0.01)
    assert makati.links["osm_ids"].nunique() == 1561 - 226 - 5
    assert (makati.stops["category"] == "bus_stop").sum() == 6
    assert (makati.spaces["category"] == "park").sum() <= 18
    assert (makati.spaces["category"] == "park").sum() >= 15
    assert (makati.features["kind"] == "lamp").sum() == 0
    assert (makati.features["kind"] == "building").sum() == pytest.approx(1274, rel=0.03)
    assert not any("outside the extract" in remark for remark in makati.remarks)


def test_nairobi_is_what_its_source_counts(nairobi: Places) -> None:
    # SOURCE.md: 469 highway ways (52 km), 2 street lamps, 1,221 buildings, 41 bus stations, 3 parks, 1 market.
    assert nairobi.links["osm_ids"].nunique() <= 469
    assert 45_000 < nairobi.links["length_m"].sum() <= 52_500
    assert (nairobi.features["kind"] == "lamp").sum() == 2
    assert (nairobi.features["kind"] == "building").sum() == pytest.approx(1221, rel=0.03)
    assert (nairobi.stops["category"] == "bus_station").sum() == pytest.approx(41, abs=2)
    assert (nairobi.spaces["category"] == "market").sum() == 1


@pytest.mark.parametrize("name", ["makati", "nairobi"])
def test_what_must_hold_of_any_city(request: pytest.FixtureRequest, name: str) -> None:
    found: Places = request.getfixturevalue(name)
    segments = found.segments
    assert (segments["length_m"] <= 150 + 1e-6).all()
    assert (segments["length_m"] > 0).all()
    for frame in (segments, found.spaces, found.stops):
        assert frame["place_id"].is_unique
        assert frame["place_code"].is_unique
        assert frame.geometry.is_valid.all()
        assert frame.crs == found.crs
    assert found.areas.geometry.iloc[0].buffer(1e-6).covers(shapely.union_all(segments.geometry.to_numpy()))
    labels = pd.concat([frame["label"] for frame in (segments, found.spaces, found.stops)])
    assert labels.is_unique
    assert not labels.str.contains("unnamed", case=False).any()
    pieces = segments[segments["place_id"].str.contains("/")]
    of_street = pieces.groupby(pieces["place_id"].str.rpartition(":")[0])["length_m"]
    assert (of_street.max() - of_street.min() < 1e-6).all()
    met = pd.concat([found.links["node_from"], found.links["node_to"]]).value_counts()
    assert (met[met.index.str.contains("+", regex=False)] == 2).all()


# What a point of interest is, written down once more: tag -> category. Everything with shop, office, craft or
# healthcare is one too.
POIS = {
    "toilet": "amenity=toilets",
    "water_point": "amenity=drinking_water amenity=water_point man_made=water_tap man_made=water_well",
    "police": "amenity=police",
    "school": "amenity=school amenity=kindergarten amenity=college amenity=university",
    "market": "amenity=marketplace",
    "worship": "amenity=place_of_worship",
    "community": "amenity=community_centre amenity=social_centre amenity=social_facility",
    "lodging": "tourism=hotel tourism=hostel tourism=guest_house tourism=motel",
    "finance": "amenity=bank amenity=atm amenity=bureau_de_change amenity=money_transfer amenity=mobile_money_agent",
}


def slow_counts(path: Path) -> Counter[tuple[str, str]]:
    """Count points and closed ways by what their tags make them, by plain Python."""
    found = Counter[tuple[str, str]]()
    for thing in osmium.FileProcessor(str(path)).with_areas():
        if not (thing.is_node() or thing.is_area()):
            if thing.is_way() and "highway" not in thing.tags and thing.tags.get("area") != "yes":
                barrier = thing.tags.get("barrier") if thing.tags.get("building", "no") == "no" else None
                found["barrier", barrier or ""] += barrier in ("wall", "fence", "hedge", "retaining_wall", "city_wall")
            continue
        tags = dict(thing.tags)
        for category, words in POIS.items():
            found["poi", category] += any(tags.get(k) == v for k, v in (word.split("=") for word in words.split()))
        if thing.is_node():
            gates = ("gate", "lift_gate", "swing_gate", "kissing_gate", "turnstile", "stile")
            found["gate", tags.get("barrier", "")] += tags.get("barrier") in gates
            found["entrance", tags.get("entrance", "")] += tags.get("entrance", "no") != "no"
    return +found


@pytest.mark.parametrize("name", ["makati/makati.osm.pbf", "nairobi-cbd/nairobi_cbd.osm.pbf"])
def test_evidence_agrees_with_a_slow_reading_of_the_tags(shared: Path, name: str) -> None:
    path = shared / "cities" / name
    features = read_places(PlacesSettings(osm=path), "auto", {path: admit(path)}, evidence=True).features
    counts = features.groupby(["kind", "category"]).size()
    wanted = slow_counts(path)
    assert len(wanted) > 10
    kinds = counts[[kind in ("entrance", "gate", "barrier") or cat in POIS for kind, cat in counts.index]]
    assert {key: int(count) for key, count in kinds.items() if key[0] != "building"} == dict(wanted)
    assert features["feature_id"].is_unique


def kibera(shared: Path, **layers: Any) -> Places:
    """Read Kibera from the team's own layers."""
    folder = shared / "cities" / "kibera"
    settings = PlacesSettings(**layers)
    return read_places(settings, "auto", {file: admit(folder / file) for file in settings.files})


@pytest.fixture
def layer(shared: Path) -> dict[str, Path]:
    """Return the layers of Kibera by a short name."""
    folder = shared / "cities" / "kibera"
    return {
        "roads": folder / "kibera_roads_2013_utm_unlabelled.geojson",
        "degrees": folder / "kibera_roads_2013_wgs84_reprojected_here.geojson",
        "spaces": folder / "Public_Spaces.geojson",
        "lights": folder / "Flood_Lights.geojson",
        "stops": folder / "Transport_Stops.geojson",
    }


def test_kiberas_roads_are_refused_with_the_sentence_that_names_the_fix(shared: Path, layer: dict[str, Path]) -> None:
    sentence = (
        r"kibera_roads_2013_utm_unlabelled\.geojson: Its coordinates reach from .*: those are no degrees\. "
        r'.*streets = \{ file = "kibera_roads_2013_utm_unlabelled\.geojson", crs = "EPSG:32737" \}'
    )
    with pytest.raises(InputError, match=sentence):
        kibera(shared, streets=LayerSettings(file=layer["roads"]))


def test_kibera_runs_from_its_own_layers(shared: Path, layer: dict[str, Path]) -> None:
    found = kibera(
        shared,
        streets=LayerSettings(file=layer["roads"], crs="EPSG:32737"),
        spaces=LayerSettings(file=layer["spaces"]),
        stops=LayerSettings(file=layer["stops"]),
        lamps=LayerSettings(file=layer["lights"]),
    )
    # SOURCE.md: 561 lines (211 footway), 33 public spaces, 33 stops and 62 lights, all in EPSG:3857;
    # the roads' bounds are 36.7276, -1.3266, 36.8096, -1.2980.
    assert found.crs.to_epsg() == 32737
    lines = found.links["link_id"].str.partition(":")[0].nunique()
    assert lines == 561 - 2  # two are drawn twice
    assert len(found.spaces) == 33
    assert found.spaces["area_m2"].isna().all()
    assert len(found.stops) == 33
    assert (found.features["kind"] == "lamp").sum() == 62
    bounds = found.segments.to_crs(4326).total_bounds
    assert bounds == pytest.approx([36.7276, -1.3266, 36.8096, -1.2980], abs=1e-4)
    assert shapely.box(*bounds).covers(found.spaces.to_crs(4326).union_all())
    assert (found.segments["highway"] == "footway").any()
    assert found.attribution == ""


FACILITIES: tuple[tuple[str, Any], ...] = (
    ("Community_Centers", "community"),
    ("Education", "school"),
    ("Health", "health"),
    ("Local_Admin_Offices", "office"),
    ("Local__NGO", "office"),
    ("Markets", "market"),
    ("Police_Stations", "police"),
    ("Religious", "worship"),
    ("Sanitation", "toilet"),
    ("Hand_Washing", "water_point"),
    ("Water_Points", "water_point"),
    ("Waste_Points", "waste"),
)


def test_kibera_with_all_of_its_layers(shared: Path, layer: dict[str, Path]) -> None:
    folder = shared / "cities" / "kibera"
    found = kibera(
        shared,
        streets=LayerSettings(file=layer["roads"], crs="EPSG:32737"),
        spaces=LayerSettings(file=layer["spaces"]),
        stops=LayerSettings(file=layer["stops"]),
        lamps=LayerSettings(file=layer["lights"]),
        areas=(AreaSettings(file=folder / "Kibera_Settlement_Boundary.geojson", kind="site"),),
        features=tuple(FeatureSettings(file=folder / f"{name}.geojson", kind=kind) for name, kind in FACILITIES),
    )
    # SOURCE.md: Water_Points.geojson is a copy of Waste_Points.geojson, a real error of its publisher.
    copy = "Water_Points.geojson and Waste_Points.geojson hold the same 72 shapes: one is a copy of the other."
    twice = "2 streets are drawn twice and count once, first street-bf755cd9f54f.1."
    assert found.remarks == (f"{copy} Look at both.", twice)
    counts = found.features["category"].value_counts()
    wanted = Counter[str]()
    for name, kind in FACILITIES:
        wanted[kind] += len(json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))["features"])
    assert {**counts} == {**wanted, "lamp": 62}
    assert (counts["toilet"], counts["police"], counts["waste"]) == (310, 6, 72)
    site = found.areas[found.areas["kind"] == "site"]
    assert len(site) == 1
    assert site.to_crs(4326).total_bounds == pytest.approx([36.7718, -1.3192, 36.8092, -1.3058], abs=1e-4)
    # 339 of the 561 lines meet the boundary, two of them given twice; 42 of the 62 lights lie inside it.
    lines = found.links.dissolve(found.links["link_id"].str.partition(":")[0])
    assert lines.intersects(site.geometry.iloc[0]).sum() == 337
    lamps = found.features[found.features["kind"] == "lamp"]
    assert lamps.within(site.geometry.iloc[0]).sum() == 42


def test_kibera_is_the_same_in_metres_and_in_degrees(shared: Path, layer: dict[str, Path]) -> None:
    metres = kibera(shared, streets=LayerSettings(file=layer["roads"], crs="EPSG:32737")).segments
    degrees = kibera(shared, streets=LayerSettings(file=layer["degrees"])).segments
    assert degrees["length_m"].sum() == pytest.approx(metres["length_m"].sum(), rel=1e-4)
    assert len(degrees) == pytest.approx(len(metres), abs=5)
