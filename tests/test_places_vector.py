"""Which files the team's layers may be, told by content; and that none of them leads elsewhere."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
from canary import Canary, listening
from test_places_layers import STREETS, geojson, layer, places, save
from town import METRIC, at

from safeaudit.config import LayerSettings
from safeaudit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SHAPEFILE = (".shp", ".dbf", ".shx", ".prj", ".cpg")


@pytest.fixture
def canary() -> Iterator[Canary]:
    with listening() as server:
        yield server


def shapefile(folder: Path, name: str = "roads", crs: Any = 4326) -> dict[str, bytes]:
    """Return the parts of a Shapefile of the town's streets by their names."""
    made = folder / "made"
    made.mkdir(exist_ok=True)
    save(made / f"{name}.shp", STREETS, crs, name=["Main", "Second", "Third"])
    return {f"{name}{suffix}": (made / f"{name}{suffix}").read_bytes() for suffix in SHAPEFILE}


def zipped(path: Path, entries: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("ending", ["gpkg", "fgb", "zip", "geojson"])
def test_every_format_gives_the_same_streets(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"streets.{ending}"
    if ending == "zip":
        zipped(path, shapefile(tmp_path))
    else:
        save(path, STREETS, name=["Main", "Second", "Third"])
    segments = places(streets=LayerSettings(file=path)).segments
    assert sorted(segments["length_m"].round(1)) == [50.0, 50.0, 80.0, 80.0]
    assert set(segments["name"]) == {"Main", "Second", "Third"}


@pytest.mark.parametrize("ending", ["gpkg", "fgb", "zip", "geojson"])
def test_the_name_of_the_file_does_not_matter(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"made.{ending}"
    if ending == "zip":
        zipped(path, shapefile(tmp_path))
    else:
        save(path, STREETS)
    renamed = path.rename(tmp_path / "streets.vrt")
    assert len(layer(renamed)[0]) == 3


def test_a_shapefile_in_metres_is_read_by_its_prj(tmp_path: Path) -> None:
    frame, _ = layer(zipped(tmp_path / "a.zip", shapefile(tmp_path, crs=METRIC)))
    degrees, _ = layer(save(tmp_path / "a.geojson", STREETS))
    assert frame.total_bounds == pytest.approx(degrees.total_bounds, abs=1e-6)


def test_a_shapefile_in_a_folder_of_the_archive_is_found_whatever_the_case(tmp_path: Path) -> None:
    entries = {f"Export/{name.upper()}": content for name, content in shapefile(tmp_path).items()}
    shadows = {"__MACOSX/Export/._ROADS.SHP": b"x", "Export/readme.txt": b"hello"}
    assert len(layer(zipped(tmp_path / "a.zip", {**entries, **shadows}))[0]) == 3


def test_a_shapefile_without_prj_has_no_crs(tmp_path: Path) -> None:
    entries = shapefile(tmp_path)
    del entries["roads.prj"]
    with pytest.raises(
        InputError, match=r'a\.zip: It has no CRS\. .*streets = \{ file = "a\.zip", crs = "EPSG:32737" \}'
    ):
        layer(zipped(tmp_path / "a.zip", entries))


def test_a_prj_that_lies_is_found_out(tmp_path: Path) -> None:
    metres, degrees = shapefile(tmp_path, crs=METRIC), shapefile(tmp_path, "other")
    lying = {**metres, "roads.prj": degrees["other.prj"]}
    with pytest.raises(InputError, match=r"a\.zip: Its coordinates reach from .* those are no degrees\. .*like metres"):
        layer(zipped(tmp_path / "a.zip", lying))
    assert len(layer(zipped(tmp_path / "b.zip", lying), crs="EPSG:32737")[0]) == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"second.shp": b"x"}, r"It holds 2 Shapefiles\. Give each Shapefile a ZIP of its own"),
        ({"../../evil.shp": b"x"}, r'It holds a file whose name leads elsewhere: "\.\./\.\./evil\.shp"'),
        ({"/etc/evil.dbf": b"x"}, r'It holds a file whose name leads elsewhere: "/etc/evil\.dbf"'),
        ({"inner.zip": b"x"}, r"It is an archive that holds another one"),
        ({"roads.dbf": b"\0" * 40_000_000}, r"It would unpack to 400\d+ bytes"),
        ({"roads.shp": b"<OGRVRTDataSource/>"}, r"What it holds is no Shapefile"),
        ({"roads.shp": b"\x00\x00\x27\x0a"}, r"It cannot be read"),
    ],
)
def test_a_bad_archive_is_refused(tmp_path: Path, change: dict[str, bytes], sentence: str) -> None:
    path = zipped(tmp_path / "a.zip", {**shapefile(tmp_path), **change})
    with pytest.raises(InputError, match=rf"^a\.zip: {sentence}"):
        layer(path)


def test_an_archive_without_a_shapefile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"It is a ZIP that holds no Shapefile\."):
        layer(zipped(tmp_path / "a.zip", {"doc.kml": b"<kml/>"}))


@pytest.mark.parametrize("ending", ["fgb", "gpkg", "geojson", "zip"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_cut_layer_is_refused(tmp_path: Path, ending: str, share: float) -> None:
    path = tmp_path / f"a.{ending}"
    if ending == "zip":
        zipped(path, shapefile(tmp_path))
    else:
        save(path, STREETS * 40)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match=rf"^a\.{ending}: "):
        layer(path)


@pytest.mark.parametrize("content", [b"<kml xmlns='x'/>", b"<gml/>", b"<?xml version='1.0'?><OGRVRTDataSource/>"])
def test_xml_of_any_kind_is_not_offered(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.kml").write_bytes(content)
    with pytest.raises(InputError, match=r"It is neither GeoJSON nor GeoPackage, FlatGeobuf or a Shapefile in a ZIP\."):
        layer(tmp_path / "a.kml")


# --- nothing leads elsewhere: a server on this machine counts who asks ----------------------------------------------

POINT = {"type": "Point", "coordinates": [36.8, -1.3]}


@pytest.mark.parametrize("kind", ["link", "LINK", "url", r"\u006cink"])
@pytest.mark.parametrize("key", ["href", "url"])
def test_a_linked_crs_is_refused_and_never_asked_for(tmp_path: Path, canary: Canary, kind: str, key: str) -> None:
    path = geojson(tmp_path / "a.geojson", [POINT])
    linked = f'"CRS": {{"type": "name", "Type": "{kind}", "properties": {{"{key}": "{canary.address}/crs"}}}}'
    path.write_text(f"{path.read_text()[:-1]}, {linked}}}")
    with pytest.raises(InputError, match=r"^a\.geojson: Its CRS is a link to somewhere else\."):
        layer(path, kind="space")
    assert canary.asked == []


def test_a_column_that_says_link_is_no_link(tmp_path: Path) -> None:
    assert len(layer(geojson(tmp_path / "a.geojson", [POINT], type="link"), kind="space")[0]) == 1


def test_a_crs_by_a_name_that_is_an_address_is_never_asked_for(tmp_path: Path, canary: Canary) -> None:
    layer(geojson(tmp_path / "a.geojson", [POINT], crs=f"{canary.address}/crs"), kind="space", crs="EPSG:4326")
    assert canary.asked == []


def test_text_that_pretends_to_be_a_geopackage_is_refused(tmp_path: Path, canary: Canary) -> None:
    head = "<OGRVRTDataSource><!--".ljust(68, "-") + "GPKG -->"
    source = f"<SrcDataSource>/vsicurl/{canary.address}/x.geojson</SrcDataSource>"
    (tmp_path / "a.gpkg").write_text(f'{head}<OGRVRTLayer name="a">{source}</OGRVRTLayer></OGRVRTDataSource>')
    with pytest.raises(InputError, match=r"It is neither GeoJSON nor GeoPackage"):
        layer(tmp_path / "a.gpkg")
    assert canary.asked == []


def test_a_geopackage_whose_view_asks_an_address_is_refused(tmp_path: Path, canary: Canary) -> None:
    path = save(tmp_path / "a.gpkg", [at(0, 0)])
    call = f"ogr_geocode('x', 'geometry', 'QUERY_TEMPLATE={canary.address}/?q=%s')"
    view = f"CREATE VIEW evil AS SELECT fid, geom, {call} AS name FROM a;"  # noqa: S608 - the canary's own
    contents = "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('evil', 'features', 4326);"
    shapes = "INSERT INTO gpkg_geometry_columns VALUES ('evil', 'geom', 'POINT', 4326, 0, 0);"
    database = sqlite3.connect(path)
    database.executescript(view + contents + shapes)
    database.close()
    with pytest.raises(InputError, match="It cannot be read"):
        layer(path, layer="evil", kind="space")
    assert canary.asked == []


def test_a_secret_beside_a_layer_stays_there(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\nTOPSECRET-CANARY\n")
    save(tmp_path / "a.gpkg", [at(0, 0)])
    shutil.copy(tmp_path / "secret.csv", tmp_path / "a.csv")
    frame, remarks = layer(tmp_path / "a.gpkg", kind="space")
    assert "TOPSECRET" not in json.dumps([frame.drop(columns="geometry").to_dict(), remarks])


def test_layers_of_a_geopackage_are_read_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    for name, point in (("first", at(0, 0)), ("second", at(50, 0))):
        gpd.GeoDataFrame({"name": [name]}, geometry=[point], crs=METRIC).to_file(path, layer=name, engine="pyogrio")
    assert layer(path, layer="second", kind="space")[0]["name"].tolist() == ["second"]
