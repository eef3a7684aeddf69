"""The team's own layers: read, joined at shared vertices, refused where their CRS is a trap."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from town import METRIC, at, box, line

from safeaudit.config import LayerSettings, PlacesSettings
from safeaudit.errors import CrsError, InputError
from safeaudit.files.admit import admit
from safeaudit.places import read_places
from safeaudit.places.layers import lines_from_layer, read_layer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from safeaudit.tables import Places


def save(path: Path, shapes: Sequence[shapely.Geometry | None], crs: Any = 4326, **columns: Any) -> Path:
    """Write shapes of the town to GeoJSON or GeoPackage, in another CRS where one is named."""
    frame = gpd.GeoDataFrame({"id": range(len(shapes)), **columns}, geometry=list(shapes), crs=METRIC)
    frame.to_crs(crs).to_file(path, engine="pyogrio")
    return path


def geojson(path: Path, shapes: Sequence[Any], crs: str | None = None, **properties: Any) -> Path:
    """Write GeoJSON by hand, coordinates as they come."""
    member = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    features = [{"type": "Feature", "properties": properties, "geometry": shape} for shape in shapes]
    path.write_text(json.dumps({"type": "FeatureCollection", **member, "features": features}))
    return path


def layer(path: Path, *, kind: str = "street", **settings: Any) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read one layer."""
    return read_layer(admit(path), LayerSettings(file=path, **settings), key=f"{kind}s")


def places(**layers: LayerSettings) -> Places:
    """Read the places of some layers."""
    return read_places(
        PlacesSettings(**layers), "EPSG:32737", {given.file: admit(given.file) for given in layers.values()}
    )


STREETS = [line((0, 0), (50, 0), (100, 0)), line((50, 0), (50, 80)), line((20, -40), (20, 40))]


@pytest.mark.parametrize("name", ["streets.geojson", "streets.gpkg"])
def test_streets_are_joined_at_shared_vertices_and_never_at_bare_crossings(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name, STREETS)
    found = places(streets=LayerSettings(file=path))
    segments, links = found.segments, found.links
    # The first is split where the second begins; the third crosses the first and is joined to nothing.
    assert sorted(segments["length_m"].round(2)) == [50.0, 50.0, 80.0, 80.0]
    met = pd.concat([links["node_from"], links["node_to"]]).value_counts()
    assert sorted(met) == [1, 1, 1, 1, 1, 3]
    assert segments["osm_ids"].isna().all()
    assert segments["place_code"].is_unique


def test_vertices_join_where_they_agree_to_the_centimetre(tmp_path: Path) -> None:
    close = [line((0, 0), (50, 0)), line((50.001, 0.001), (90, 0)), line((90.2, 0), (140, 0))]
    links = places(streets=LayerSettings(file=save(tmp_path / "s.gpkg", close, METRIC))).links
    met = pd.concat([links["node_from"], links["node_to"]]).value_counts()
    assert sorted(met) == [1, 1, 1, 1, 2]


def test_the_order_of_features_changes_no_id(tmp_path: Path) -> None:
    one = places(streets=LayerSettings(file=save(tmp_path / "a.gpkg", STREETS))).segments
    two = places(streets=LayerSettings(file=save(tmp_path / "b.gpkg", STREETS[::-1]))).segments
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two))


def test_geojson_and_geopackage_give_the_same_ids(tmp_path: Path) -> None:
    one = places(streets=LayerSettings(file=save(tmp_path / "a.gpkg", STREETS))).segments
    two = places(streets=LayerSettings(file=save(tmp_path / "b.geojson", STREETS))).segments
    assert one["place_id"].str.partition(":")[0].tolist() == two["place_id"].str.partition(":")[0].tolist()


def test_a_line_given_twice_counts_once_and_is_said(tmp_path: Path) -> None:
    turned = shapely.reverse(STREETS[1])
    found = places(streets=LayerSettings(file=save(tmp_path / "a.gpkg", [STREETS[1], STREETS[1], turned])))
    assert found.segments["length_m"].round(2).tolist() == [80.0]
    assert any(remark.startswith("2 streets are drawn twice and count once, first street-") for remark in found.remarks)


def test_a_multiline_is_its_lines(tmp_path: Path) -> None:
    both = shapely.MultiLineString([STREETS[1], STREETS[2]])
    segments = places(streets=LayerSettings(file=save(tmp_path / "a.gpkg", [both]))).segments
    assert segments["length_m"].round(2).tolist() == [80.0, 80.0]


def test_shapes_that_are_no_lines_are_no_streets(tmp_path: Path) -> None:
    frame, _ = layer(save(tmp_path / "a.geojson", [at(0, 0), box(0, 0, 9, 9), STREETS[1]]))
    assert len(lines_from_layer(frame).attributes) == 1


METRES = {"type": "LineString", "coordinates": [[257000, 9857000], [257100, 9857000]]}


@pytest.mark.parametrize("crs", [None, "urn:ogc:def:crs:OGC:1.3:CRS84"])
def test_metres_without_a_crs_are_refused_with_the_line_that_mends_it(tmp_path: Path, crs: str | None) -> None:
    path = geojson(tmp_path / "roads.geojson", [METRES], crs)
    sentence = (
        r"roads\.geojson: Its coordinates reach from 257000, 9857000 to 257100, 9857000: those are no degrees\. "
        r"They look like metres: name their CRS under \[places\], "
        r'for example streets = \{ file = "roads\.geojson", crs = "EPSG:32737" \} for UTM zone 37 south\.'
    )
    with pytest.raises(InputError, match=sentence):
        layer(path)


def test_the_line_that_was_told_mends_it(tmp_path: Path) -> None:
    frame, remarks = layer(geojson(tmp_path / "roads.geojson", [METRES]), crs="EPSG:32737")
    assert frame.total_bounds[:2] == pytest.approx([36.8167, -1.2930], abs=2e-3)
    assert remarks == []


def test_a_crs_member_is_honoured(tmp_path: Path) -> None:
    shape = {"type": "Point", "coordinates": [4098000, -144000]}
    frame, _ = layer(geojson(tmp_path / "a.geojson", [shape], "urn:ogc:def:crs:EPSG::3857"), kind="space")
    assert frame.total_bounds[:2] == pytest.approx([36.8130, -1.2935], abs=1e-3)


def test_a_named_crs_wins_over_the_files_own(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", [METRES], "urn:ogc:def:crs:EPSG::3857")
    frame, _ = layer(path, crs="EPSG:32737")
    assert frame.total_bounds[0] == pytest.approx(36.8167, abs=2e-3)


def test_a_geopackage_without_a_crs_is_refused(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": [1]}, geometry=[STREETS[0]])
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    with pytest.raises(InputError, match=r'CRS.* crs = "EPSG:32737"'):
        layer(tmp_path / "a.gpkg")
    assert len(layer(tmp_path / "a.gpkg", crs="EPSG:32737")[0]) == 1


def test_a_crs_that_nobody_knows_is_said(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match=r'"EPSG:99999999" is no CRS that is known\.'):
        layer(geojson(tmp_path / "a.geojson", [METRES]), crs="EPSG:99999999")


def test_features_without_a_shape_are_counted(tmp_path: Path) -> None:
    shapes = [None, {"type": "Point", "coordinates": [36.8, -1.3]}, {"type": "Polygon", "coordinates": []}]
    frame, remarks = layer(geojson(tmp_path / "a.geojson", shapes), kind="space")
    assert len(frame) == 1
    assert remarks == ["a.geojson: 2 features without a shape were left out."]


def test_a_shape_that_crosses_itself_is_repaired_and_said(tmp_path: Path) -> None:
    ring = [[36.8, -1.3], [36.801, -1.299], [36.801, -1.3], [36.8, -1.299], [36.8, -1.3]]
    path = geojson(tmp_path / "a.geojson", [{"type": "Polygon", "coordinates": [ring]}])
    frame, remarks = layer(path, kind="space")
    assert frame.geometry.is_valid.all()
    # Two triangles of half of 111.2 m by 55.6 m each: half the square.
    (remark,) = remarks
    assert remark.startswith("a.geojson: 1 shapes crossed themselves and were repaired: their area was about 0 m2")
    assert float(remark.split()[-2].replace(",", "")) == pytest.approx(111.2 * 111.2 / 2, rel=0.01)
    assert (places(spaces=LayerSettings(file=path)).spaces["area_m2"] > 0).all()


def test_heights_are_dropped(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", [{"type": "Point", "coordinates": [36.8, -1.3, 1700]}])
    assert not layer(path, kind="space")[0].geometry.has_z.any()


def test_names_and_kinds_come_from_the_usual_columns_or_the_named_ones(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.geojson", [at(0, 0), at(9, 9)], name=["Soko", "N/A"], category=["market", None], jina=["x", "y"]
    )
    frame, _ = layer(path, kind="space")
    assert frame["name"].tolist()[0] == "Soko"
    assert pd.isna(frame["name"].tolist()[1])
    assert frame["category"].tolist() == ["market", "space"]
    assert layer(path, kind="space", name="jina")[0]["name"].tolist() == ["x", "y"]
    with pytest.raises(InputError, match=r'a\.geojson: It has no column "nmae"\. It has: id, name, category, jina\.'):
        layer(path, kind="space", name="nmae")


def test_a_geopackage_of_several_layers_reads_the_named_one(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    for name, point in (("first", at(0, 0)), ("second", at(50, 0))):
        gpd.GeoDataFrame({"name": [name]}, geometry=[point], crs=METRIC).to_file(path, layer=name, engine="pyogrio")
    assert layer(path, layer="second", kind="space")[0]["name"].tolist() == ["second"]
    with pytest.raises(InputError, match="It cannot be read"):
        layer(path, layer="third", kind="space")


def test_a_geopackage_of_several_layers_asks_which(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    for name, point in (("first", at(0, 0)), ("second", at(50, 0))):
        gpd.GeoDataFrame({"name": [name]}, geometry=[point], crs=METRIC).to_file(path, layer=name, engine="pyogrio")
    with pytest.raises(InputError, match="first"):
        layer(path, kind="space")


def test_layers_add_to_an_extract_and_lamps_are_features(tmp_path: Path) -> None:
    found = places(
        streets=LayerSettings(file=save(tmp_path / "s.geojson", STREETS)),
        spaces=LayerSettings(file=save(tmp_path / "p.geojson", [box(0, 0, 20, 20)], name=["Plaza"])),
        stops=LayerSettings(file=save(tmp_path / "t.geojson", [at(50, 0)])),
        lamps=LayerSettings(file=save(tmp_path / "l.geojson", [at(5, 5), at(9, 9)])),
    )
    assert found.spaces["name"].tolist() == ["Plaza"]
    assert found.spaces["area_m2"].iloc[0] == pytest.approx(400, rel=0.01)
    assert len(found.stops) == 1
    assert (found.features["kind"] == "lamp").sum() == 2
    assert found.attribution == ""
