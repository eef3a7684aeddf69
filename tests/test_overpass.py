"""A place by its name, from a stub of Overpass and Nominatim on loopback; and Overpass's JSON as an extract."""

from __future__ import annotations

import json
import os
import re
import socket
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import osmnx
import pytest
from projects import safeaudit, snapshot
from stub_server import Reply, Stub, as_json, stub_server

from safeaudit.config import PlacesSettings
from safeaudit.errors import ConfigError, InputError
from safeaudit.fetch import fetch_place, overpass, servers
from safeaudit.fetch.overpass import MapServers
from safeaudit.files.admit import admit
from safeaudit.places import osmjson, read_places
from safeaudit.places.osm import read_extract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEARCH, INTERPRETER = "/search", "/api/interpreter"
WEST, SOUTH, EAST, NORTH = 36.78, -1.315, 36.80, -1.300
KIBERA = {
    "lat": "-1.31", "lon": "36.79", "importance": 0.5, "display_name": "Kibera, Nairobi, Kenya",
    "boundingbox": [str(SOUTH), str(NORTH), str(WEST), str(EAST)],
    "geojson": {
        "type": "Polygon",
        "coordinates": [[[WEST, SOUTH], [EAST, SOUTH], [EAST, NORTH], [WEST, NORTH], [WEST, SOUTH]]],
    },
}  # fmt: skip


def node(number: int, x: float, y: float, **tags: str) -> dict[str, Any]:
    return {"type": "node", "id": number, "lat": SOUTH + y, "lon": WEST + x, **({"tags": tags} if tags else {})}


def way(number: int, nodes: list[int], **tags: str) -> dict[str, Any]:
    return {"type": "way", "id": number, "nodes": nodes, **({"tags": tags} if tags else {})}


RINGS = {100: (0.004, 0.002), 110: (0.005, 0.001)}
"""The park is a square with a square hole: corners from the first, side lengths below."""
ELEMENTS = [
    way(1, [1, 2, 3], highway="residential", name="Kibera Drive", lit="yes"),
    way(2, [2, 4], highway="steps"),
    way(10, [100, 101, 102, 103, 100]),
    way(11, [110, 111, 112, 113, 110]),
    way(20, [5, 6, 7, 5], building="yes"),
    way(21, [6, 8], barrier="wall"),
    {"type": "relation", "id": 7, "tags": {"type": "multipolygon", "leisure": "park", "name": "The Park"},
     "members": [{"type": "way", "ref": 10, "role": "outer"}, {"type": "way", "ref": 11, "role": "inner"}]},
    node(1, 0, 0), node(2, 0.001, 0), node(3, 0.002, 0), node(4, 0.001, 0.001, highway="street_lamp"),
    node(5, 0.003, 0), node(6, 0.0032, 0, entrance="yes"), node(7, 0.0032, 0.0002), node(8, 0.0034, 0.001),
    node(9, 0.0015, 0, highway="bus_stop", name="Stage"), node(2, 0.001, 0),
    *(node(first + i, x + dx * side, x + dy * side)
      for first, (x, side) in zip(RINGS, ((0.004, 0.004), (0.005, 0.001)), strict=True)
      for i, (dx, dy) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1)))),
]  # fmt: skip
ANSWER = {"version": 0.6, "osm3s": {"timestamp_osm_base": "2026-05-17T10:00:00Z"}, "elements": ELEMENTS}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setattr(servers, "WAITS_S", (0.01, 0.01))
    monkeypatch.setattr(servers, "MAX_WAIT_S", 0.02)
    monkeypatch.setattr("osmnx._nominatim.time", SimpleNamespace(sleep=lambda _: None))
    with stub_server() as stub:
        stub.answers = {SEARCH: [as_json([KIBERA])], INTERPRETER: [as_json(ANSWER)]}
        yield stub


def servers_of(stub: Stub) -> MapServers:
    return MapServers(overpass=f"{stub.address}/api", nominatim=stub.address, contact="team@example.org")


def fetched(stub: Stub, folder: Path, place: str = "Kibera, Nairobi") -> Path:
    return fetch_place(place, folder, servers=servers_of(stub)).file


def refusal(stub: Stub, folder: Path, place: str = "Kibera, Nairobi") -> str:
    """Return why a place was not fetched, after a look that nothing was written but answers."""
    with pytest.raises(InputError) as caught:
        fetched(stub, folder, place)
    assert [name for name in snapshot(folder) if not name.startswith("cache")] == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_place_becomes_an_extract_that_reads_back(stub: Stub, tmp_path: Path) -> None:
    file = fetched(stub, tmp_path)
    assert file.name == "kibera-nairobi.osm.pbf"
    places = read_places(PlacesSettings(osm=file), "auto", {file: admit(file)}, evidence=True)
    # way 1 is cut at node 2, where the steps begin; steps end no street, and 223 m are two equal pieces
    assert {link.partition(":")[0] for link in places.links["link_id"]} == {"w1", "w2"}
    assert places.segments["place_id"].tolist() == ["n1-n3:1/2", "n1-n3:2/2", "n2-n4"]
    # 0.001 degrees of longitude here are 111.3 m
    assert places.segments["length_m"].to_numpy()[:2] == pytest.approx(111.3, abs=0.2)
    park = places.spaces.iloc[0]
    # the multipolygon keeps its hole: 15 squares of 0.001 degrees, 111.3 m by 110.6 m
    assert park["name"] == "The Park"
    assert park["area_m2"] == pytest.approx(15 * 111.3 * 110.6, rel=0.003)
    assert places.stops["name"].tolist() == ["Stage"]
    assert {"building", "lamp", "entrance", "barrier"} <= set(places.features["kind"])
    assert places.attribution == "© OpenStreetMap contributors, 2026-05-17"


def test_who_asks_is_said_and_each_question_is_put_once(stub: Stub, tmp_path: Path) -> None:
    fetched(stub, tmp_path)
    assert [asked.path for asked in stub.asked] == [SEARCH, INTERPRETER]
    for asked in stub.asked:
        assert re.fullmatch(r"safeaudit/\d\S* \(team@example\.org\)", asked.headers["User-Agent"])
        assert "OSMnx" not in str(asked.headers)
    query = stub.asked[1].body.decode()
    for key in ("highway", "building", "barrier", "entrance", "amenity", "shop", "leisure", "public_transport"):
        assert f"%5B%27{key}%27%5D" in query


def test_fetched_again_it_needs_no_network_and_is_the_same(stub: Stub, tmp_path: Path) -> None:
    fetched(stub, tmp_path)
    before = snapshot(tmp_path)
    stub.answers = {}
    fetched(stub, tmp_path)
    assert snapshot(tmp_path) == before
    assert len(stub.asked) == 2


def test_the_note_says_what_was_asked_and_is_the_outline(stub: Stub, tmp_path: Path) -> None:
    file = fetched(stub, tmp_path)
    (feature,) = json.loads((tmp_path / "kibera-nairobi.outline.geojson").read_text(encoding="utf-8"))["features"]
    assert feature["geometry"]["coordinates"] == KIBERA["geojson"]["coordinates"]
    said = feature["properties"]
    assert said["place"] == "Kibera, Nairobi, Kenya"
    assert said["data_of"] == "2026-05-17"
    assert said["overpass"] == f"{stub.address}/api"
    assert said["sha256"] == admit(file).sha256
    assert "ODbL" in said["licence"]
    assert "highway" in said["keys"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", said["asked_at"])


def test_osmnx_and_the_socket_module_are_as_before(stub: Stub, tmp_path: Path) -> None:
    before = {name: getattr(osmnx.settings, name) for name in dir(osmnx.settings) if name[0] != "_"}
    lookup = socket.getaddrinfo
    fetched(stub, tmp_path)
    stub.answers[INTERPRETER] = [Reply(status=400)]
    (tmp_path / "again").mkdir()
    refusal(stub, tmp_path / "again")
    assert {name: getattr(osmnx.settings, name) for name in before} == before
    assert socket.getaddrinfo is lookup


def test_an_outline_in_a_file_needs_no_geocoder(stub: Stub, tmp_path: Path) -> None:
    outline = tmp_path / "my area.geojson"
    outline.write_text(json.dumps(KIBERA["geojson"]), encoding="utf-8")
    assert fetched(stub, tmp_path, str(outline)).name == "my-area.osm.pbf"
    assert [asked.path for asked in stub.asked] == [INTERPRETER]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(stub: Stub, tmp_path: Path, status: int) -> None:
    busy = Reply(status=status, body=b"<html>busy</html>", headers={"Retry-After": "7"})
    stub.answers[SEARCH].insert(0, busy)
    stub.answers[INTERPRETER] = [busy, busy, as_json(ANSWER)]
    assert fetched(stub, tmp_path).exists()
    assert [asked.path for asked in stub.asked] == [SEARCH] * 2 + [INTERPRETER] * 3


def test_a_busy_server_is_left_alone_as_long_as_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(servers.time, "sleep", slept.append)
    waits = iter([7.0, 0.0, 9_999.0])

    def ask() -> str:
        wait_s = next(waits, None)
        if wait_s is None:
            return "here"
        raise servers.BusyError("Busy.", hint="Later.", where=servers.Where("x"), wait_s=wait_s)

    assert servers.patiently(ask) == "here"
    assert slept == [7.0, 20.0, 300.0]


def test_a_server_that_stays_busy_gives_the_way_out(stub: Stub, tmp_path: Path) -> None:
    stub.answers[INTERPRETER] = [Reply(status=504, body=b"<html>busy</html>")]
    said = refusal(stub, tmp_path)
    assert said == (
        "127.0.0.1: It is busy or out of order (status 504). Try again later. "
        "An extract in .osm.pbf, such as a city extract, does instead: use it with --osm."
    )
    assert len(stub.asked) == 1 + 3


REFUSED = {
    "unknown program": (Reply(status=406), r"It does not serve a program .* \(status 406\)\. Say who asks: .*--cont"),
    "bad request": (Reply(status=400, body=b"<html>"), r"It refuses \(status 400\)"),
    "log-in page": (Reply(body=b"<!DOCTYPE html><html>Log in"), r"It answers with a web page\."),
    "cut": (Reply(body=json.dumps(ANSWER).encode()[:400]), r"Its answer is cut\."),
    "cut on the way": (Reply(body=json.dumps(ANSWER).encode(), lacking=9), r"Its answer is cut\."),
    "remark": (
        as_json({"elements": [], "remark": 'runtime error: Query timed out in "query"\nat line 3.'}),
        r"The server says: runtime error: Query timed out in \"query\" at line 3\. Ask for a smaller area",
    ),
    "slow": (Reply(body=b"{}", delay_s=0.9), r"It did not answer within 0\.3 seconds\. Ask for a smaller area\."),
    "no objects": (as_json({"elements": 3}), r"it has no list of elements"),
    "odd object": (as_json({"elements": [{"type": "way", "id": 1}]}), r"Element 1 is not as Overpass writes it\."),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_an_answer_that_is_none_is_refused_in_words(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(overpass, "TIMEOUT_S", 0.3)
    stub.answers[INTERPRETER], sentence = [REFUSED[kind][0]], REFUSED[kind][1]
    assert re.search(sentence, refusal(stub, tmp_path))


def test_a_refused_answer_is_asked_for_again_next_time(stub: Stub, tmp_path: Path) -> None:
    stub.answers[INTERPRETER] = [REFUSED["remark"][0], as_json(ANSWER)]
    refusal(stub, tmp_path)
    assert fetched(stub, tmp_path).exists()


def test_an_area_without_streets_is_no_error_of_the_server(stub: Stub, tmp_path: Path) -> None:
    stub.answers[INTERPRETER] = [as_json({"elements": []})]
    said = refusal(stub, tmp_path)
    assert said.startswith('OpenStreetMap has no street in "Kibera, Nairobi, Kenya". The server answered in full:')


@pytest.mark.usefixtures("stub")
def test_without_network_the_way_out_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    gone = MapServers(overpass=f"http://127.0.0.1:{port}/api", nominatim=f"http://127.0.0.1:{port}")
    with pytest.raises(InputError, match=r"It cannot be reached\. Check the connection .*\.osm\.pbf.*--osm") as caught:
        fetch_place("Kibera", tmp_path, servers=gone)
    assert str(caught.value).startswith("127.0.0.1: ")


def test_places_that_no_geocoder_knows(stub: Stub, tmp_path: Path) -> None:
    stub.answers[SEARCH] = [as_json([])]
    assert refusal(stub, tmp_path, "Nowhere").startswith('No place is known as "Nowhere".')
    stub.answers[SEARCH] = [as_json([{**KIBERA, "geojson": {"type": "Point", "coordinates": [36.79, -1.31]}}])]
    assert "is known as a point only" in refusal(stub, tmp_path, "A point")
    assert INTERPRETER not in {asked.path for asked in stub.asked}


def test_a_country_is_not_asked_for(stub: Stub, tmp_path: Path) -> None:
    ring = [[34, -4], [41, -4], [41, 4], [34, 4], [34, -4]]
    stub.answers[SEARCH] = [as_json([{**KIBERA, "geojson": {"type": "Polygon", "coordinates": [ring]}}])]
    # 7 by 8 degrees at the equator: about 779 km by 885 km
    assert re.search(r"covers 6[89]\d,\d{3} km2; at most 2,500", refusal(stub, tmp_path))
    assert INTERPRETER not in {asked.path for asked in stub.asked}


def test_a_damaged_answer_in_the_cache_is_named(stub: Stub, tmp_path: Path) -> None:
    fetched(stub, tmp_path)
    for kept in (tmp_path / "cache").glob("*/*.json"):
        kept.write_text('{"elements": [', encoding="utf-8")
    with pytest.raises(InputError, match=r"cache.*: An answer that was kept is damaged\. Remove that folder"):
        fetched(stub, tmp_path)


@pytest.mark.parametrize("address", ["ftp://x", "x", "http://", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused_before_anything_is_asked(address: str) -> None:
    with pytest.raises(ConfigError, match="is no address of a server"):
        MapServers(overpass=address)
    with pytest.raises(ConfigError, match="The contact is no plain text"):
        MapServers(contact="a\r\nX-Evil: 1")


# --- the commands ----------------------------------------------------------------------------------------------------


def test_fetch_says_what_it_wrote(stub: Stub, tmp_path: Path) -> None:
    flags = ("--overpass", f"{stub.address}/api", "--nominatim", stub.address)
    said = safeaudit("fetch", "Kibera, Nairobi", tmp_path, *flags)
    assert said.code == 0
    assert "Kibera, Nairobi, Kenya: 2 streets and paths." in said.stdout
    assert f"--osm {tmp_path / 'kibera-nairobi.osm.pbf'}" in said.stdout
    document = safeaudit("fetch", "Kibera, Nairobi", tmp_path, *flags, "--json").document
    assert document["streets"] == 2
    assert safeaudit("fetch", "Kibera", "Nairobi", tmp_path).code == 2


def test_init_with_a_place_makes_a_project_that_runs_without_network(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(osmnx.settings, "overpass_url", f"{stub.address}/api")
    monkeypatch.setattr(osmnx.settings, "nominatim_url", stub.address)
    (tmp_path / "walk.csv").write_text(
        "latitude,longitude,observed_at,lighting\n"
        + "".join(f"{SOUTH},{WEST + 0.0001 * i},2026-03-05T21:30:00+03:00,{i % 4}\n" for i in range(8)),
        encoding="utf-8",
    )
    project = tmp_path / "kibera"
    said = safeaudit("init", project, "--place", "Kibera, Nairobi", "--audits", tmp_path / "walk.csv")
    assert said.code == 0
    assert "Time zone: Africa/Nairobi, a guess by the map." in said.stdout
    asked = len(stub.asked)
    assert safeaudit("run", project, "--out", tmp_path / "out").code == 0
    assert len(stub.asked) == asked
    assert "There are settings already" in safeaudit("init", project, "--place", "Elsewhere").stderr
    assert len(stub.asked) == asked
    for layer in ("--osm", "--streets"):
        said = safeaudit("init", tmp_path / "x", "--place", "Kibera", layer, tmp_path / "walk.csv")
        assert (said.code, "give neither --osm nor --streets beside it" in said.stderr) == (2, True)
    assert len(stub.asked) == asked


# --- JSON as an extract ----------------------------------------------------------------------------------------------


def export(folder: Path, document: object) -> Path:
    path = folder / "export.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_an_export_is_an_extract(tmp_path: Path) -> None:
    found = read_extract(admit(export(tmp_path, ANSWER)), PlacesSettings())
    assert found.streets.ways["name"].tolist() == ["Kibera Drive", None]
    assert found.dated == "2026-05-17"
    assert found.streets.lonlat[0].tolist() == [WEST, SOUTH]


def test_an_export_with_the_geometry_inside_is_one_too(tmp_path: Path) -> None:
    spots = [{"lat": -1.3, "lon": 36.8}, None, {"lat": -1.3, "lon": 36.802}, {"lat": -1.3, "lon": 36.803}]
    document = {"elements": [{**way(5, [1, 2, 3, 4], highway="footway"), "geometry": spots}]}
    streets = read_extract(admit(export(tmp_path, document)), PlacesSettings()).streets
    assert streets.ref.tolist() == [1, 2, 3, 4]
    assert streets.lonlat[[0, 2]].tolist() == [[36.8, -1.3], [36.802, -1.3]]


def test_every_sign_of_a_tag_survives(tmp_path: Path) -> None:
    name = "a b,c=d@e%f\n\t<img src=x onerror=1> Z{{7*7}}Z São Paulo 東京 \u0947 \U0001f3d9 'x'; DROP TABLE t;--"
    document = {"elements": [*ELEMENTS, way(30, [1, 4], highway="path", name=name)]}
    ways = read_extract(admit(export(tmp_path, document)), PlacesSettings()).streets.ways
    assert ways["name"].tolist()[-1] == name


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_what_no_text_may_hold_is_replaced(tmp_path: Path, name: str) -> None:
    document = {"elements": [*ELEMENTS, way(30, [1, 4], highway="path", name=name)]}
    ways = read_extract(admit(export(tmp_path, document)), PlacesSettings()).streets.ways
    assert re.fullmatch("a[?\ufffd]b", ways["name"].tolist()[-1])


@pytest.mark.parametrize(
    "element",
    [
        {**node(1, 0, 0), "lat": "0 y1 Tname=x\nw9"},
        {**node(1, 0, 0), "lat": float("nan")},
        {**node(1, 0, 0), "lon": 1e300},
        {**node(1, 0, 0), "id": "1"},
        {**node(1, 0, 0), "id": 10**30},
        {**node(1, 0, 0), "tags": {"a": 1}},
        {**node(1, 0, 0), "tags": ["a"]},
        {"type": "count", "id": 1},
        {**way(1, [1]), "nodes": ["1\nn2"]},
        {**way(1, [1]), "tags": {"a": "x" * 5000}},
        7,
        None,
    ],
)
def test_an_object_that_is_none_is_refused(tmp_path: Path, element: object) -> None:
    path = export(tmp_path, {"elements": [*ELEMENTS, element]})
    with pytest.raises(InputError, match=r"export\.json: (Element \d+ is not as Overpass writes it|It cannot be read)"):
        read_extract(admit(path), PlacesSettings())


def test_bad_answers_are_refused_as_their_readme_says(shared: Path) -> None:
    folder = shared / "badinputs" / "osmjson"
    refused = {
        "overpass_timeout.json": r'The server says: runtime error: Query timed out in "query" at line 3 after 181',
        "overpass_truncated.json": r"It is cut, or no JSON",
    }
    assert {path.name for path in folder.iterdir()} == refused.keys()
    for name, sentence in refused.items():
        with pytest.raises(InputError, match=sentence):
            read_extract(admit(folder / name), PlacesSettings())


def test_a_whole_export_of_nothing_says_that_nothing_is_mapped(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"It holds no way at all: nothing is mapped there\."):
        read_extract(admit(export(tmp_path, {"elements": []})), PlacesSettings())
    with pytest.raises(InputError, match=r"it has no list of elements\. Ask with \[out:json\]"):
        read_extract(admit(export(tmp_path, {"type": "FeatureCollection", "features": []})), PlacesSettings())
    (tmp_path / "deep.json").write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(InputError, match="It is cut, or no JSON"):
        read_extract(admit(tmp_path / "deep.json"), PlacesSettings())


def test_a_huge_answer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osmjson, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="It is larger than 100 bytes"):
        read_extract(admit(export(tmp_path, ANSWER)), PlacesSettings())


# --- hostile names ---------------------------------------------------------------------------------------------------


def hostile_names(shared: Path) -> list[str]:
    text = (shared / "badinputs" / "names" / "README_names.txt").read_text(encoding="utf-8")
    names: list[str] = [
        str(json.loads(f'"{quoted}"')) * (int(times) if times else 1)
        for quoted, times in re.findall(r'"([^"]*)"(?:\*(\d+))?', text)
    ]
    assert len(names) == 15
    return names


def test_hostile_names_of_places_are_only_names(shared: Path, stub: Stub, tmp_path: Path) -> None:
    for number, name in enumerate(hostile_names(shared)):
        folder = tmp_path / str(number)
        if os.path.isfile(name):  # noqa: PTH113 - as the product asks: such a path is a file to be read
            continue
        file = fetched(stub, folder, name)
        assert re.fullmatch(r"[a-z0-9-]{1,60}\.osm\.pbf", file.name)
        assert file.parent == folder
    searched = [asked.query["q"] for asked in stub.asked if asked.path == SEARCH]
    assert set(searched) <= set(hostile_names(shared))
    assert {asked.path for asked in stub.asked} == {SEARCH, INTERPRETER}


def test_hostile_names_of_files_and_layers_are_refused_or_taken(shared: Path, tmp_path: Path) -> None:
    with stub_server() as canary:
        for name in hostile_names(shared):
            hostile = name.replace("http://127.0.0.1:18765", canary.address)
            quoted = json.dumps(hostile)
            for line in (f"osm = {quoted}", f"streets = {{ file = {quoted} }}"):
                (tmp_path / "safeaudit.toml").write_text(f"[city]\nname = {quoted}\n[places]\n{line}\n", "utf-8")
                said = safeaudit("check", tmp_path)
                assert said.code == 2
                assert said.stderr.startswith("safeaudit: ")
                assert "root:" not in said.stderr
        assert canary.asked == []
    assert sorted(snapshot(tmp_path)) == ["safeaudit.toml"]
