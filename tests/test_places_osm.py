"""Small extracts written here, in four packings; what must be read from them, and what is refused."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import osmium
import pandas as pd
import pytest
import shapely

from safeaudit.config import PlacesSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.places import read_places
from safeaudit.places.osm import read_extract

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from safeaudit.places.osm import Extract
    from safeaudit.tables import Places

Tags = dict[str, str]

# Nodes 1 to 12 stand 0.001 degrees apart in rows of four; 21 to 24 are a small square in the large
# square 31 to 34; 99 is in no extract.
SPOTS = {i: (36.82 + 0.001 * (i % 4), -1.28 - 0.001 * (i // 4)) for i in range(1, 13)}
OUTER = dict(zip(range(31, 35), [(36.83, -1.29), (36.834, -1.29), (36.834, -1.286), (36.83, -1.286)], strict=True))
INNER = dict(zip(range(21, 25), [(36.831, -1.289), (36.832, -1.289), (36.832, -1.288), (36.831, -1.288)], strict=True))
STREET = {"highway": "residential"}


def write(
    path: Path,
    ways: Mapping[int, tuple[list[int], Tags]],
    *,
    points: Mapping[int, Tags] | None = None,
    relations: Iterable[Any] = (),
    without: Iterable[int] = (),
) -> Path:
    """Write an extract; the end of its name says the packing."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, spot in sorted({**SPOTS, **OUTER, **INNER}.items()):
            if number not in set(without):
                tags = (points or {}).get(number, {})
                writer.add_node(osmium.osm.mutable.Node(id=number, location=spot, tags=tags, version=1))
        for number, (nodes, tags) in ways.items():
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags, version=1))
        for relation in relations:
            writer.add_relation(relation)
    return path


def extract(path: Path, **settings: Any) -> Extract:
    """Read an extract as the places stage does."""
    return read_extract(admit(path), PlacesSettings(osm=path, **settings))


def places(path: Path, **settings: Any) -> Places:
    """Read the places of an extract."""
    return read_places(PlacesSettings(osm=path, **settings), "auto", {path: admit(path)})


def streets(found: Extract) -> set[str]:
    """Return the ids of the streets of an extract."""
    return set(found.streets.ways["line_id"])


def objects(found: Extract) -> dict[str, tuple[str, str]]:
    """Return kind and category of everything else by its id."""
    rows = found.objects[["osm_id", "kind", "category"]].itertuples(index=False)
    return {name: (kind, category) for name, kind, category in rows}


PARK = osmium.osm.mutable.Relation(
    id=1,
    tags={"type": "multipolygon", "leisure": "park", "name": "Uhuru"},
    members=[("w", 51, "outer"), ("w", 52, "inner")],
    version=1,
)
CITY = {
    1: ([1, 2, 3], {"highway": "residential", "name": "Main Street", "lit": "yes"}),
    2: ([2, 6], {"highway": "footway"}),
    3: ([5, 6, 7], {"highway": "motorway"}),
    51: ([31, 32, 33, 34, 31], {}),
    52: ([21, 22, 23, 24, 21], {}),
}
POINTS = {4: {"highway": "street_lamp"}, 8: {"highway": "bus_stop"}, 9: {"amenity": "marketplace", "name": "Soko"}}


@pytest.mark.parametrize("packing", [".osm.pbf", ".osm.gz", ".osm.bz2"])
def test_every_packing_gives_the_same_tables(tmp_path: Path, packing: str) -> None:
    plain = places(write(tmp_path / "city.osm", CITY, points=POINTS, relations=[PARK]))
    packed = places(write(tmp_path / f"city{packing}", CITY, points=POINTS, relations=[PARK]))
    assert len(plain.segments) == 3
    for table in ("segments", "spaces", "stops", "areas", "features"):
        pd.testing.assert_frame_equal(pd.DataFrame(getattr(plain, table)), pd.DataFrame(getattr(packed, table)))


def test_the_name_of_the_file_does_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "city.osm.pbf", CITY).rename(tmp_path / "city.osm")
    assert streets(extract(path)) == {"w1", "w2"}


def test_a_park_with_a_hole_is_one_space_without_the_hole(tmp_path: Path) -> None:
    spaces = places(write(tmp_path / "city.osm", CITY, points=POINTS, relations=[PARK])).spaces
    park = spaces[spaces["place_id"] == "r1"].iloc[0]
    assert (park["category"], park["name"], park["osm_ids"]) == ("park", "Uhuru", "r1")
    # 0.004 x 0.004 degrees less 0.001 x 0.001 at 1.288 degrees south: 15/16 of 445.26 m by 442.3 m
    assert park["area_m2"] == pytest.approx(15 / 16 * 445.26 * 442.3, rel=0.003)
    assert shapely.get_num_interior_rings(shapely.get_geometry(park["geometry"], 0)) == 1


def test_points_are_lamps_stops_and_spaces(tmp_path: Path) -> None:
    found = places(write(tmp_path / "city.osm", CITY, points=POINTS))
    assert found.stops[["place_id", "category"]].to_numpy().tolist() == [["n8", "bus_stop"]]
    market = found.spaces.iloc[0]
    assert (market["place_id"], market["category"], market["name"]) == ("n9", "market", "Soko")
    assert pd.isna(market["area_m2"])
    assert found.features.loc[found.features["kind"] == "lamp", "feature_id"].tolist() == ["n4"]
    assert found.attribution.startswith("© OpenStreetMap contributors")


def test_parts_of_the_city_have_their_names(tmp_path: Path) -> None:
    named = {4: {"place": "suburb", "name": "Kibera"}, 8: {"place": "square", "name": "Soko"}}
    found = places(write(tmp_path / "city.osm", CITY, points=named)).features
    chosen = found.loc[found["kind"] == "locality", ["feature_id", "category", "name"]]
    assert chosen.to_numpy().tolist() == [["n4", "suburb", "Kibera"]]


def test_tags_are_json_with_sorted_keys_and_the_name_apart(tmp_path: Path) -> None:
    found = places(write(tmp_path / "city.osm", CITY))
    segments, links = found.segments, found.links
    main = segments[segments["osm_ids"] == "w1"]
    assert links.loc[links["osm_ids"] == "w1", "tags"].unique().tolist() == ['{"highway": "residential", "lit": "yes"}']
    assert main["name"].unique().tolist() == ["Main Street"]
    assert segments.loc[segments["osm_ids"] == "w2", "name"].isna().all()
    assert main["highway"].unique().tolist() == ["residential"]


def test_hostile_names_and_tags_are_kept_as_they_are(tmp_path: Path) -> None:
    evil = "<img src=x onerror=1> {{7*7}} ${1} \"'`"
    path = write(tmp_path / "city.osm", {1: ([1, 2], {"highway": evil, "name": evil, "surface": evil})})
    found = places(path)
    assert found.segments["name"].tolist() == [evil]
    assert json.loads(found.links["tags"].iloc[0]) == {"highway": evil, "surface": evil}


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "trunk"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "yes"}, False),
        ({"highway": "motorway_link"}, False),
        ({"highway": "demolished"}, False),
        ({"highway": "disused"}, False),
        ({"highway": "trunk", "motorroad": "yes"}, False),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, True),
        ({"highway": "service", "access": "private;no"}, False),
        ({"highway": "service", "access": "no; private"}, False),
        ({"highway": "service", "access": "private;permissive"}, True),
        ({"highway": "service", "access": "no", "foot": "designated;yes"}, True),
        ({"highway": "construction"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "no"}, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "residential", "foot": "no"}, False),
        ({"highway": "cycleway", "foot": "use_sidepath"}, False),
        ({"highway": "residential", "access": "destination"}, True),
        ({"highway": "residential", "access": "permissive", "foot": "private"}, False),
    ],
)
def test_which_ways_are_walkable_streets(tmp_path: Path, tags: Tags, *, walkable: bool) -> None:
    found = extract(write(tmp_path / "city.osm", {1: ([1, 2], tags), 2: ([2, 3], STREET)}))
    assert ("w1" in streets(found)) is walkable
    assert (objects(found).get("w1") == ("road", "road")) is not walkable


def test_a_settings_file_may_change_what_is_left_out(tmp_path: Path) -> None:
    ways = {1: ([1, 2], {"highway": "motorway"}), 2: ([2, 3], {"highway": "steps"}), 3: ([3, 4], STREET)}
    path = write(tmp_path / "city.osm", {**ways, 4: ([4, 5], {"highway": "path", "access": "permit"})})
    assert streets(extract(path)) == {"w2", "w3", "w4"}
    assert streets(extract(path, exclude_highway=("steps",))) == {"w1", "w3", "w4"}
    assert streets(extract(path, exclude_access=("permit",))) == {"w2", "w3"}


RING = [1, 2, 6, 5, 1]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"leisure": "park"}, ("space", "park")),
        ({"leisure": "park", "access": "private"}, None),
        ({"leisure": "playground"}, ("space", "playground")),
        ({"leisure": "pitch"}, ("space", "pitch")),
        ({"leisure": "garden"}, ("space", "garden")),
        ({"leisure": "garden", "garden:type": "residential"}, None),
        ({"landuse": "cemetery"}, ("space", "cemetery")),
        ({"natural": "beach"}, ("space", "beach")),
        ({"place": "square"}, ("space", "square")),
        ({"amenity": "marketplace"}, ("space", "market")),
        ({"amenity": "marketplace", "building": "yes"}, ("space", "market")),
        ({"highway": "pedestrian", "area": "yes"}, ("space", "pedestrian")),
        ({"highway": "pedestrian", "area": "yes", "foot": "no"}, None),
        ({"highway": "pedestrian", "place": "square"}, ("space", "square")),
        ({"amenity": "bus_station"}, ("stop", "bus_station")),
        ({"building": "yes"}, ("building", "yes")),
        ({"building": "house"}, ("building", "house")),
        ({"building": "no"}, None),
        ({"natural": "water"}, ("water", "water")),
        ({"landuse": "grass"}, ("green", "green")),
        ({"landuse": "industrial"}, None),
    ],
)
def test_what_a_closed_way_is(tmp_path: Path, tags: Tags, expected: tuple[str, str] | None) -> None:
    found = extract(write(tmp_path / "city.osm", {1: (RING, tags), 2: ([2, 3], STREET)}))
    assert objects(found).get("w1") == expected
    assert streets(found) == {"w2"}


def test_a_pedestrian_ring_that_is_no_area_is_a_street(tmp_path: Path) -> None:
    found = extract(write(tmp_path / "city.osm", {1: (RING, {"highway": "pedestrian"})}))
    assert streets(found) == {"w1"}
    assert not objects(found)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"railway": "rail"}, "rail"),
        ({"railway": "subway", "tunnel": "yes"}, None),
        ({"railway": "abandoned"}, None),
        ({"waterway": "river"}, "water"),
        ({"natural": "coastline"}, "water"),
    ],
)
def test_what_an_open_way_is(tmp_path: Path, tags: Tags, expected: str | None) -> None:
    found = extract(write(tmp_path / "city.osm", {1: ([1, 2], tags), 2: ([2, 3], STREET)}))
    assert objects(found).get("w1", (None,))[0] == expected


def test_a_station_mapped_as_an_area_stands_inside_it(tmp_path: Path) -> None:
    found = places(write(tmp_path / "city.osm", {1: (RING, {"railway": "station"}), 2: ([2, 3], STREET)}))
    assert found.stops["place_id"].tolist() == ["w1"]
    assert found.stops.geometry.geom_type.tolist() == ["Point"]


def test_a_street_over_the_edge_is_kept_in_its_known_parts_and_counted(tmp_path: Path) -> None:
    ways = {1: ([1, 2, 99, 5, 6], STREET), 2: ([7, 99], STREET), 3: ([9, 10], STREET)}
    found = places(write(tmp_path / "cut.osm.pbf", ways))
    assert found.links["link_id"].tolist() == ["w1:n1-n2", "w1:n5-n6", "w3:n10-n9"]
    assert found.segments["place_id"].tolist() == ["n1-n2", "n10-n9", "n5-n6"]
    assert "2 streets refer to nodes outside the extract; their known parts were kept." in found.remarks
    assert "1 streets have fewer than two known nodes and were left out." in found.remarks


def test_a_park_over_the_edge_is_left_out_and_counted(tmp_path: Path) -> None:
    ways = {1: ([1, 2, 99, 5, 1], {"leisure": "park"}), 2: ([6, 7], STREET)}
    found = places(write(tmp_path / "cut.osm", ways))
    assert found.spaces.empty
    assert any("area" in remark and "left out" in remark for remark in found.remarks)


def test_an_extract_without_any_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^city\.osm: It holds no way at all: .* the file was cut after its nodes\."):
        extract(write(tmp_path / "city.osm", {}, points=POINTS))


def test_an_extract_with_ways_but_no_streets_is_an_empty_city(tmp_path: Path) -> None:
    found = places(write(tmp_path / "city.osm", {1: (RING, {"leisure": "park"})}))
    assert found.segments.empty
    assert found.spaces["place_id"].tolist() == ["w1"]


def test_ways_of_other_kinds_are_ways_too(tmp_path: Path) -> None:
    # It does hold a way: saying "no way at all" would be untrue.
    assert streets(extract(write(tmp_path / "city.osm", {1: ([1, 2], {"barrier": "fence"})}))) == set()


@pytest.mark.parametrize("packing", [".osm", ".osm.pbf", ".osm.gz", ".osm.bz2"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_file_is_refused_whatever_its_packing(tmp_path: Path, packing: str, share: float) -> None:
    ways = {i: ([1 + i % 11, 2 + i % 11], {"highway": "path", "name": f"Street {i * 7919}"}) for i in range(1, 3000)}
    path = write(tmp_path / f"city{packing}", ways)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match="download it once more"):
        extract(path)


def test_a_sidecar_md5_that_agrees_is_fine(tmp_path: Path) -> None:
    path = write(tmp_path / "city.osm.pbf", CITY)
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    (tmp_path / "city.osm.pbf.md5").write_text(f"{digest}  city.osm.pbf\n")
    assert streets(extract(path)) == {"w1", "w2"}


def test_a_sidecar_md5_that_disagrees_refuses_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "city.osm.pbf", CITY)
    (tmp_path / "city.osm.pbf.md5").write_text("0" * 32 + "  city.osm.pbf\n")
    with pytest.raises(InputError, match=r"It does not agree with city\.osm\.pbf\.md5: it was cut or damaged\."):
        extract(path)


def test_a_sha256_in_the_settings_is_checked(tmp_path: Path) -> None:
    path = write(tmp_path / "city.osm", CITY)
    right = hashlib.sha256(path.read_bytes()).hexdigest()
    assert streets(extract(path, sha256=right.upper())) == {"w1", "w2"}
    with pytest.raises(InputError, match=r"It is not the file that safeaudit\.toml names by its sha256"):
        extract(path, sha256="0" * 64)


DTD = b'<!DOCTYPE osm [<!ENTITY a "aaaa">]>'
BODY = (
    b'<osm version="0.6"><node id="1" lat="1" lon="2" version="1"/><node id="2" lat="1.001" lon="2" version="1"/>'
    b'<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way></osm>'
)
HEAD = b'<?xml version="1.0"?>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.osm", HEAD + DTD + BODY),
        ("packed.osm.gz", gzip.compress(HEAD + DTD + BODY, mtime=0)),
        ("packed.osm.bz2", bz2.compress(HEAD + DTD + BODY)),
        ("late.osm", HEAD + b"<!--" + b" " * 9000 + b"-->" + DTD + BODY),
    ],
)
def test_a_dtd_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=r"DTD|entit"):
        extract(tmp_path / name)


def test_the_same_without_a_dtd_is_read(tmp_path: Path) -> None:
    (tmp_path / "plain.osm").write_bytes(HEAD + BODY)
    assert streets(extract(tmp_path / "plain.osm")) == {"w1"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", r"It is empty\."),
        (b"<html><body>Please log in</body></html>", r"It is a web page, probably a log-in or error page\."),
        (b"PK\x03\x04....", r"It is a ZIP archive\."),
        (b"id,lat,lon\n1,2,3\n", r"It is no OpenStreetMap extract\."),
    ],
)
def test_other_files_are_refused_by_what_they_are(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "city.osm.pbf").write_bytes(content)
    with pytest.raises(InputError, match=sentence + r" Give a \.osm, \.osm\.gz, \.osm\.bz2 or \.osm\.pbf file\."):
        extract(tmp_path / "city.osm.pbf")


def test_xml_that_is_no_extract_is_refused(tmp_path: Path) -> None:
    (tmp_path / "city.osm").write_bytes(HEAD + b'<gpx version="1.1"><trk/></gpx>')
    with pytest.raises(InputError, match="no OpenStreetMap data"):
        extract(tmp_path / "city.osm")


def test_places_farther_apart_than_a_city_are_refused(tmp_path: Path) -> None:
    far = b'<node id="3" lat="60" lon="24" version="1"/><way id="1"'
    way = BODY.replace(b'<way id="1"', far).replace(b'<nd ref="2"/>', b'<nd ref="2"/><nd ref="3"/>')
    (tmp_path / "planet.osm").write_bytes(HEAD + way)
    with pytest.raises(Exception, match=r"more than a city\. Cut the extract to the city\."):
        places(tmp_path / "planet.osm")


XML = "<osm version='0.6' generator='own'>{}</osm>"
NODES_XML = "<node id='1' version='1' lat='1' lon='1'/><node id='2' version='1' lat='1.001' lon='1'/>"


def way_xml(number: int, rest: str, highway: str = "residential") -> str:
    return f"<way id='{number}' {rest}><nd ref='1'/><nd ref='2'/><tag k='highway' v='{highway}'/></way>"


@pytest.mark.parametrize("gone", ["version='1' visible='false'", "version='1' action='delete'"])
def test_what_the_file_marks_as_deleted_is_not_there(tmp_path: Path, gone: str) -> None:
    path = tmp_path / "town.osm"
    path.write_text(XML.format(NODES_XML + way_xml(1, "version='1'") + way_xml(2, gone)), encoding="utf-8")
    assert streets(extract(path)) == {"w1"}


def test_only_the_newest_version_of_an_object_counts(tmp_path: Path) -> None:
    path = tmp_path / "town.osm"
    ways = way_xml(1, "version='1'") + way_xml(1, "version='2'", "construction") + way_xml(2, "version='1'", "proposed")
    ways += way_xml(2, "version='2'")
    path.write_text(XML.format(NODES_XML + ways), encoding="utf-8")
    assert streets(extract(path)) == {"w2"}


def test_a_history_in_pbf_counts_as_it_is_now(tmp_path: Path) -> None:
    path = tmp_path / "town.osh.pbf"
    make = osmium.osm.mutable
    with osmium.SimpleWriter(str(path)) as writer:
        for number in (1, 2):
            writer.add_node(make.Node(id=number, version=1, location=SPOTS[number]))
        writer.add_way(make.Way(id=5, version=1, nodes=[1, 2], tags={"highway": "proposed"}))
        writer.add_way(make.Way(id=5, version=2, nodes=[1, 2], tags={"highway": "residential"}))
        writer.add_way(make.Way(id=6, version=1, nodes=[1, 2], tags={"highway": "residential"}))
        writer.add_way(make.Way(id=6, version=2, visible=False, nodes=[], tags={}))
    assert streets(extract(path)) == {"w5"}
