"""Every bad extract and layer: refused in words, or read as far as its README says."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from safeaudit.config import LayerSettings, PlacesSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.places import read_places
from safeaudit.places.osm import read_extract

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import Places

CUT = r"(It cannot be read: .*download it once more\.|It holds no way at all.*)"
REFUSED = {
    "pbf/bitflip.osm.pbf": CUT,
    "pbf/empty.osm.pbf": r"It is empty\. Give a \.osm.*",
    "pbf/html.osm.pbf": r"It is a web page, probably a log-in or error page\. .*",
    "pbf/hugelen.osm.pbf": r"(It is no OpenStreetMap extract\..*|It cannot be read: .*)",
    "pbf/truncated_at_blob_boundary.osm.pbf": r"It holds no way at all: .* or the file was cut after its nodes\. .*",
    "pbf/truncated_half.osm.pbf": CUT,
    "pbf/truncated_header.osm.pbf": r"(It is no OpenStreetMap extract\..*|It cannot be read: .*)",
    "pbf/truncated_last_byte.osm.pbf": CUT,
    "xml/billion_laughs.osm": r"It declares a DTD; DTDs and entities are not allowed\. .*",
    "xml/quadratic.osm": r"It declares a DTD; DTDs and entities are not allowed\. .*",
    "xml/xxe_file.osm": r"It declares a DTD; DTDs and entities are not allowed\. .*",
    "xml/truncated.osm": r"It cannot be read: .*download it once more\.",
    "xml/undeclared_entity.osm": r"It cannot be read: .*download it once more\.",
    "xml/osm_empty_city.osm": r"It holds no way at all: either nothing is mapped there, or .*",
    "xml/osm_missing_nodes.osm": r"None of its 1 streets, first w1, has two neighbouring nodes .*out geom.*",
    "xml/osm_degenerate.osm": r"None of its 3 streets, first w1, has two neighbouring nodes .*out geom.*",
}
"""The sentence after the file's name."""

READ = {
    "pbf/good.osm.pbf": [],
    "xml/good.osm": [],
    "xml/evil_tags.osm": [],
}
READ_BY_NAME = [
    pytest.param(name, marks=pytest.mark.heavy) if name == "pbf/good.osm.pbf" else name for name in sorted(READ)
]
"""One of them is a city of 270,000 segments."""
"""What is said of the extracts that are read."""


@cache
def places(shared: Path, name: str) -> Places:
    """Read the places of a bad extract, once: its good one has as many streets as a country."""
    path = shared / "badinputs" / name
    return read_places(PlacesSettings(osm=path), "auto", {path: admit(path)})


def test_every_bad_extract_has_its_test(shared: Path) -> None:
    folder = shared / "badinputs"
    there = {f"{file.parent.name}/{file.name}" for file in [*folder.glob("pbf/*"), *folder.glob("xml/*.osm")]}
    assert there == REFUSED.keys() | READ.keys()


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_it_is_refused_in_words(shared: Path, name: str) -> None:
    file = admit(shared / "badinputs" / name)
    with pytest.raises(InputError) as caught:
        read_extract(file, PlacesSettings())
    said = str(caught.value)
    assert re.fullmatch(rf"{re.escape(file.name)}: {REFUSED[name]}", said)
    assert "\n" not in said
    assert str(shared) not in said
    assert "root:" not in said


@pytest.mark.parametrize("name", READ_BY_NAME)
def test_it_is_read_and_what_was_left_out_is_counted(shared: Path, name: str) -> None:
    found = places(shared, name)
    assert list(found.remarks) == READ[name]
    assert (found.segments["length_m"] > 0).all()


def test_a_good_extract_has_its_streets(shared: Path) -> None:
    # 0.001 degrees by 0.001 degrees at 19 degrees north: 105.2 m by 110.7 m, 152.7 m, two pieces
    segments = places(shared, "xml/good.osm").segments
    assert segments["place_id"].tolist() == ["n1-n2:1/2", "n1-n2:2/2"]
    assert segments["length_m"].sum() == pytest.approx(152.7, abs=0.3)
    assert len(places(shared, "pbf/good.osm.pbf").segments) > 10


def test_hostile_names_are_kept_literally(shared: Path) -> None:
    row = places(shared, "xml/evil_tags.osm").segments.iloc[0]
    assert row["name"].startswith("<img src=x onerror=window.__pwn=1> Z{{7*7}}Z")
    assert row["highway"] == "residential;=1+1"


# --- the team's own layers: beside one street, in that part of the world -------------------------------------------

OTHER = r"It is neither GeoJSON nor GeoPackage, FlatGeobuf or a Shapefile in a ZIP\. Export it from QGIS as .*"
LAYERS_REFUSED = {
    "not_sqlite.gpkg": OTHER,
    "sqlite_not_gpkg.gpkg": OTHER,
    "ssrf_ogrvrt_named.geojson": OTHER,
    "localfile_ogrvrt_named.csv": OTHER,
    "secret_canary.csv": OTHER,
    "truncated.geojson": r"It cannot be read: Expecting ':' delimiter: line 1 column 133 .*",
    "deep_nesting.geojson": r"It cannot be read: .*recursion.*",
    "nan_coords.geojson": r"1 features have a coordinate that is no number, first feature 1\. .*",
    "wrong_crs_no_member.geojson": r"Its coordinates reach from 8113044, 2163050 .*: those are no degrees\. .*",
    "planet.geojson": r"A shape of it reaches over 360\.0 x 180\.0 degrees: more than a city\. Cut it to the city\.",
    "polar.geojson": r"A shape of it reaches over 360\.0 x 5\.0 degrees: more than a city\. Cut it to the city\.",
}
"""The sentence after the file's name."""

LAYERS_READ = {
    "bowtie.geojson": (
        1,
        r".*: 1 shapes crossed themselves and were repaired: .* about 0 m2 and .* about 58[34],... m2\.",
    ),
    "hole_outside.geojson": (1, r".*: 1 shapes crossed themselves and were repaired: .* about 0 m2 and .* 24,.*"),
    "unclosed_ring.geojson": (1, r".*: 1 shapes had a ring that was not closed, and were repaired\."),
    "empty_and_null.geojson": (0, r".*: 4 features without a shape were left out\."),  # one is a line of no length
    "crs_member_3857.geojson": (1, ""),
    "no_features.geojson": (0, ""),
    "antimeridian_taveuni.geojson": (1, ""),
}
"""How many spaces there are, and what is said of them."""

MUMBAI, TAVEUNI, GULF = (72.88, 19.07), (179.95, -16.8), (0.5, 0.5)
STREETS_AT = {"antimeridian_taveuni.geojson": TAVEUNI, "hole_outside.geojson": GULF}


def beside_a_street(shared: Path, folder: Path, name: str, *, more: str = "") -> Places:
    """Read a bad layer as public spaces beside a street, and with another, good space in the same file."""
    x, y = STREETS_AT.get(name, MUMBAI)
    street = {"type": "LineString", "coordinates": [[x, y], [x + 0.001, y]]}
    (folder / "streets.geojson").write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": street}))
    layer = shared / "badinputs" / "vector" / name
    if more:
        document = json.loads(layer.read_text())
        document["features"].append(
            {
                "type": "Feature",
                "properties": {"name": more},
                "geometry": street | {"type": "Point", "coordinates": [x, y]},
            }
        )
        layer = folder / name
        layer.write_text(json.dumps(document))
    settings = PlacesSettings(streets=LayerSettings(file=folder / "streets.geojson"), spaces=LayerSettings(file=layer))
    return read_places(settings, "auto", {file: admit(file) for file in settings.files})


def test_every_bad_layer_has_its_test(shared: Path) -> None:
    there = {file.name for file in (shared / "badinputs" / "vector").iterdir()}
    assert there == LAYERS_REFUSED.keys() | LAYERS_READ.keys()


@pytest.mark.parametrize("name", sorted(LAYERS_REFUSED))
def test_a_layer_is_refused_in_words(shared: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        beside_a_street(shared, tmp_path, name)
    said = str(caught.value)
    assert re.fullmatch(rf"{re.escape(name)}: {LAYERS_REFUSED[name]}", said)
    assert "\n" not in said
    assert str(shared) not in said
    assert "TOPSECRET-CANARY" not in said


@pytest.mark.parametrize("name", sorted(LAYERS_READ))
def test_a_layer_is_mended_and_it_is_said(shared: Path, tmp_path: Path, name: str) -> None:
    count, remark = LAYERS_READ[name]
    found = beside_a_street(shared, tmp_path, name)
    assert len(found.spaces) == count
    assert re.fullmatch(remark, "".join(found.remarks))
    assert found.spaces.geometry.is_valid.all()


@pytest.mark.parametrize(
    "name", ["bowtie.geojson", "hole_outside.geojson", "unclosed_ring.geojson", "empty_and_null.geojson"]
)
def test_the_other_features_of_a_bad_layer_go_on(shared: Path, tmp_path: Path, name: str) -> None:
    found = beside_a_street(shared, tmp_path, name, more="Maidan")
    assert len(found.spaces) == LAYERS_READ[name][0] + 1
    assert "Maidan" in found.spaces["name"].tolist()
    assert len(found.remarks) == 1


def test_an_island_on_the_antimeridian_has_its_area(shared: Path, tmp_path: Path) -> None:
    found = beside_a_street(shared, tmp_path, "antimeridian_taveuni.geojson")
    # README: 471.9 km2 on the ellipsoid, 472.7 km2 in its UTM zone
    assert found.spaces["area_m2"].tolist() == pytest.approx([472.3e6], rel=2e-3)
