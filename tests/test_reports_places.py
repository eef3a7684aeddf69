"""Extracts as they come: order, ids, versions and damage that real use met, and others of each kind."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import osmium
import pytest
from osmium.osm.mutable import Node, Relation, Way
from projects import safeaudit

from safeaudit.config import PlacesSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.places import read_places
from safeaudit.places.osm import read_extract

if TYPE_CHECKING:
    from pathlib import Path

    from projects import Said

    from safeaudit.places.osm import Extract
    from safeaudit.tables import Places

SPOTS = {1: (36.820, -1.29), 2: (36.821, -1.29), 3: (36.822, -1.29), 4: (36.822, -1.291), 5: (36.821, -1.291)}
STREET = {"highway": "residential"}
PARK = {"leisure": "park"}


def places(path: Path) -> Places:
    return read_places(PlacesSettings(osm=path), "auto", {path: admit(path)})


def extract(path: Path) -> Extract:
    return read_extract(admit(path), PlacesSettings(osm=path))


def refused(path: Path) -> str:
    with pytest.raises(InputError) as found:
        extract(path)
    return str(found.value)


def nodes(*, sign: int = 1) -> list[Node]:
    return [Node(id=sign * number, location=spot, version=1) for number, spot in SPOTS.items()]


def street(number: int, *refs: int, version: int = 1, **more: bool) -> Way:
    return Way(id=number, nodes=list(refs), tags=STREET, version=version, **more)


def write(path: Path, *objects: Node | Way | Relation, options: str = "") -> Path:
    """Write objects in the order in which they are given."""
    with osmium.SimpleWriter(osmium.io.File(str(path), options)) as writer:
        for one in objects:
            writer.add(one)
    return path


def xml(path: Path, body: str) -> Path:
    path.write_text(f"<osm version='0.6'>{body}</osm>", encoding="utf-8")
    return path


XML_NODES = "".join(f"<node id='{n}' lat='{y}' lon='{x}'/>" for n, (x, y) in SPOTS.items())
XML_STREET = "<way id='7'><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way>"


@pytest.mark.parametrize(
    "name",
    ["overpass_xml_ways_first", "overpass_out_geom", "drawn_by_hand_negative_ids", "outline_crosses_itself"],
)
def test_the_streets_of_a_report_are_there(shared: Path, name: str) -> None:
    found = places(shared / "reports" / name / "extract.osm").segments
    assert len(found) == 10
    assert set(found["name"]) == {"South Street", "East Street", "North Street", "West Street", "Middle Path"}


@pytest.mark.parametrize("name", ["city.osm", "city.osm.gz", "city.osm.pbf"])
@pytest.mark.parametrize("order", [[5, 6, 0, 1, 2, 3, 4], [0, 1, 5, 2, 3, 4, 6], [4, 3, 2, 1, 0, 6, 5]])
def test_objects_may_stand_in_any_order(tmp_path: Path, name: str, order: list[int]) -> None:
    objects = [*nodes(), street(10, 1, 2, 3), street(11, 3, 4)]
    sorted_city, other = (
        write(tmp_path / "sorted.osm.pbf", *objects),
        write(tmp_path / name, *[objects[i] for i in order]),
    )
    assert extract(other).streets.lonlat.tolist() == extract(sorted_city).streets.lonlat.tolist()


@pytest.mark.parametrize("name", ["city.osm", "city.osm.pbf"])
def test_ids_below_zero_are_read_and_kept(tmp_path: Path, name: str) -> None:
    lamp = Node(id=-20, location=(36.8205, -1.29), tags={"highway": "street_lamp"}, version=1)
    park = Way(id=-30, nodes=[-1, -2, -5, -1], tags=PARK, version=1)
    found = extract(write(tmp_path / name, *nodes(sign=-1), lamp, street(-10, -1, -2, -3), park))
    assert found.streets.ways["line_id"].tolist() == ["w-10"]
    assert found.streets.ref.tolist() == [-1, -2, -3]
    assert found.streets.lonlat.tolist() == [list(SPOTS[n]) for n in (1, 2, 3)]
    assert found.objects[["osm_id", "kind"]].to_numpy().tolist() == [["n-20", "lamp"], ["w-30", "space"]]


def test_a_drawing_that_says_it_is_sorted_may_have_ids_below_zero(tmp_path: Path) -> None:
    path = tmp_path / "city.osm.pbf"
    header = osmium.io.Header()
    header.set("sorting", "Type_then_ID")
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for one in [*nodes(sign=-1), street(-10, -1, -2, -3)]:
            writer.add(one)
    assert len(extract(path).streets.ways) == 1


def test_new_and_old_ids_meet_at_their_nodes(tmp_path: Path) -> None:
    new = Node(id=-1, location=(36.820, -1.291), version=1)
    found = places(write(tmp_path / "city.osm", new, *nodes(), street(-10, -1, 2), street(10, 1, 2, 3)))
    assert not any("outside the extract" in remark for remark in found.remarks)
    assert len(found.segments) >= 3


@pytest.mark.parametrize("options", ["", "pbf,locations_on_ways=true"])
def test_positions_may_stand_inside_ways(tmp_path: Path, options: str) -> None:
    path = tmp_path / "city.osm.pbf"
    if options:
        plain = write(tmp_path / "plain.osm.pbf", *nodes(), street(10, 1, 2, 3))
        with osmium.SimpleWriter(osmium.io.File(str(path), options)) as writer:
            for entity in osmium.FileProcessor(str(plain)).with_locations():
                if entity.is_way():
                    writer.add(entity)
    else:
        inside = "".join(f"<nd ref='{n}' lat='{SPOTS[n][1]}' lon='{SPOTS[n][0]}'/>" for n in (1, 2, 3))
        path = xml(tmp_path / "city.osm", f"<way id='10'>{inside}<tag k='highway' v='path'/></way>")
    assert extract(path).streets.lonlat.tolist() == [list(SPOTS[n]) for n in (1, 2, 3)]


@pytest.mark.parametrize("name", ["city.osm", "city.osm.pbf"])
def test_of_several_versions_the_newest_counts(tmp_path: Path, name: str) -> None:
    versions = [street(10, 1, 2, version=1), street(10, 1, 2, 3, version=3), street(10, 2, 3, version=2)]
    found = extract(write(tmp_path / name, *nodes(), *versions))
    assert found.streets.ref.tolist() == [1, 2, 3]


@pytest.mark.parametrize("name", ["city.osm", "city.osm.pbf"])
def test_deleted_objects_are_not_there(tmp_path: Path, name: str) -> None:
    options = "pbf,history=true" if name.endswith("pbf") else "osm,force_visible_flag=true"
    gone = [street(10, 1, 2, version=1), street(10, version=2, visible=False)]
    path = tmp_path / name
    found = extract(write(path, *nodes(), *gone, street(11, 2, 3), options=options))
    assert found.streets.ways["line_id"].tolist() == ["w11"]


def test_what_an_editor_deleted_is_not_there(tmp_path: Path) -> None:
    gone = "<way id='6' action='delete' visible='true'><nd ref='2'/><nd ref='3'/><tag k='highway' v='path'/></way>"
    lamp = "<node id='9' lat='-1.29' lon='36.82' visible='true' action='delete'/>"
    found = extract(xml(tmp_path / "city.osm", XML_NODES + lamp + gone + XML_STREET))
    assert found.streets.ways["line_id"].tolist() == ["w7"]


def test_an_object_that_comes_with_and_without_its_tags_keeps_them(tmp_path: Path) -> None:
    lamp = "<node id='1' lat='-1.29' lon='36.82'><tag k='highway' v='street_lamp'/></node>"
    for body in (lamp + XML_STREET + XML_NODES, XML_NODES + XML_STREET + lamp):
        assert extract(xml(tmp_path / "city.osm", body)).objects["osm_id"].tolist() == ["n1"]


def test_a_position_inside_a_way_takes_no_tag_from_its_node(tmp_path: Path) -> None:
    lamp = "<node id='1' version='1' lat='-1.29' lon='36.82'><tag k='highway' v='street_lamp'/></node>"
    way = "<way id='7' version='9'><nd ref='1' lat='-1.29' lon='36.82'/><nd ref='2' lat='-1.29' lon='36.821'/>"
    found = extract(xml(tmp_path / "city.osm", f"{lamp}{way}<tag k='highway' v='path'/></way>"))
    assert found.objects["osm_id"].tolist() == ["n1"]


def test_an_extract_in_order_is_read_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safeaudit.places.in_order.as_opl", lambda *_: pytest.fail("it was put in order"))
    monkeypatch.setattr("safeaudit.places.in_order._CHUNK_BYTES", 50)
    body = (XML_NODES + XML_STREET).encode()
    path = tmp_path / "city.osm.gz"
    path.write_bytes(gzip.compress(b"<osm version='0.6'>" + body + b"</osm>"))
    assert len(extract(path).streets.ways) == 1
    assert len(extract(write(tmp_path / "city.osm.pbf", *nodes(), street(10, 1, 2))).streets.ways) == 1


def test_order_is_seen_across_the_parts_in_which_a_file_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safeaudit.places.in_order._CHUNK_BYTES", 7)
    assert len(places(xml(tmp_path / "city.osm", XML_STREET + XML_NODES)).segments) == 1


def test_damaged_areas_are_left_out_one_by_one(tmp_path: Path) -> None:
    crossing = Way(id=20, nodes=[1, 4, 2, 5, 1], tags=PARK, version=1)
    flat = Way(id=21, nodes=[1, 2, 3, 1], tags=PARK, version=1)
    good = Way(id=22, nodes=[2, 3, 4, 5, 2], tags=PARK, version=1)
    side = Way(id=23, nodes=[1, 2, 3], version=1)
    still_open = Relation(id=1, tags={"type": "multipolygon", **PARK}, members=[("w", 23, "outer")], version=1)
    found = extract(write(tmp_path / "c.osm", *nodes(), street(10, 1, 2), crossing, flat, good, side, still_open))
    assert found.objects["osm_id"].tolist() == ["w22"]
    assert found.remarks == ("3 areas, first w20, have no valid outline and were left out: look at it in JOSM.",)


def test_streets_without_their_nodes_are_refused_with_what_to_ask_for(tmp_path: Path) -> None:
    said = refused(write(tmp_path / "city.osm", street(10, 1, 2, 3), street(11, 3, 4)))
    assert said == (
        "city.osm: None of its 2 streets, first w10, has two neighbouring nodes whose positions are known. Ask"
        ' for their nodes too: Overpass with "out geom;" or "(._;>;); out body;", osmium extract with --strategy'
        " complete_ways."
    )


def test_streets_on_which_nobody_may_walk_are_refused_with_what_closes_them(tmp_path: Path) -> None:
    barred = [{"highway": "motorway"}, {"highway": "service", "access": "private"}, {"highway": "motorway"}]
    ways = [Way(id=10 + i, nodes=[1, 2], tags=tags, version=1) for i, tags in enumerate(barred)]
    said = refused(write(tmp_path / "city.osm", *nodes(), *ways))
    assert (
        "Nobody may walk along any of its 3 ways with a highway tag: 1 are closed by access, foot or motorroad, 2"
        in said
    )
    assert "change exclude_highway or exclude_access under [places]" in said


def test_an_extract_beside_the_teams_own_streets_needs_none(tmp_path: Path, shared: Path) -> None:
    from safeaudit.config import LayerSettings  # noqa: PLC0415 - here alone

    osm = write(tmp_path / "city.osm", *nodes(), Way(id=10, nodes=[1, 2], tags={"highway": "motorway"}, version=1))
    streets = LayerSettings(file=shared / "reports" / "minus_sign_lost" / "streets.geojson")
    assert read_extract(admit(osm), PlacesSettings(osm=osm, streets=streets)).streets.ways.empty


def check(shared: Path, name: str, tmp_path: Path) -> Said:
    folder = tmp_path / name
    folder.mkdir()
    for file in (shared / "reports" / name).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return safeaudit("check", folder)


def test_streets_with_latitude_first_are_named_beside_the_audits(shared: Path, tmp_path: Path) -> None:
    said = check(shared, "streets_latitude_first", tmp_path)
    assert said.code == 2
    assert "the middle of the places at latitude 36.8228, longitude -1.2912" in said.stderr
    assert "If where the points are, swap the places" in said.stderr


def test_the_coordinate_that_lost_its_minus_sign_is_named(shared: Path, tmp_path: Path) -> None:
    said = check(shared, "minus_sign_lost", tmp_path)
    assert 'audit.csv line 4, column "Longitude": The point lies in the city with the other sign' in said.stdout
