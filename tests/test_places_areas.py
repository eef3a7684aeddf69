"""Wards, sites and the boundary of the city; layers of features; and layers that lie elsewhere or twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from test_places_layers import STREETS, geojson, save
from town import at, box, line

from safeaudit.config import AreaSettings, FeatureSettings, LayerSettings, PlacesSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.places import read_places

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import Places


def town(folder: Path, **settings: Any) -> Places:
    """Read a town with three streets and some more layers."""
    streets = folder / "streets.geojson"
    if not streets.exists():
        save(streets, STREETS)
    places = PlacesSettings(streets=LayerSettings(file=streets), **settings)
    return read_places(places, "EPSG:32737", {file: admit(file) for file in places.files})


WARDS = [box(0, 0, 60, 60), box(60, 0, 120, 60)]


def test_wards_stand_beside_the_city(tmp_path: Path) -> None:
    path = save(tmp_path / "wards.geojson", WARDS, name=["Laini Saba", None])
    areas = town(tmp_path, areas=(AreaSettings(file=path),)).areas
    assert sorted(areas["kind"]) == ["city", "ward", "ward"]
    assert {"City", "Laini Saba"} < set(areas["name"])
    assert areas["name"].str.fullmatch(r"Ward \d").sum() == 1
    assert areas.geometry[areas["kind"] == "ward"].area.tolist() == pytest.approx([3600, 3600], rel=1e-3)
    assert areas["area_id"].is_unique


def test_ids_of_areas_rest_on_name_and_shape_alone(tmp_path: Path) -> None:
    def ids(name: str, shapes: list[shapely.Geometry], names: list[str]) -> dict[str, str]:
        path = save(tmp_path / name, shapes, name=names)
        areas = town(tmp_path, areas=(AreaSettings(file=path, kind="site"),)).areas
        return dict(zip(areas["name"], areas["area_id"], strict=True))

    one = ids("a.geojson", WARDS, ["A", "B"])
    turned = ids("b.gpkg", WARDS[::-1], ["B", "A"])
    renamed = ids("c.geojson", WARDS, ["A", "C"])
    assert one == turned
    assert renamed["A"] == one["A"]
    assert renamed["C"] != one["B"]


def test_the_boundary_of_the_city_takes_the_place_of_the_hull(tmp_path: Path) -> None:
    path = save(tmp_path / "city.geojson", [box(0, 0, 50, 50), box(50, 0, 80, 50)])
    areas = town(tmp_path, areas=(AreaSettings(file=path, kind="city"),)).areas
    assert areas["area_id"].tolist() == ["city"]
    assert areas.geometry.area.tolist() == pytest.approx([4000], rel=1e-3)
    hull = town(tmp_path).areas.geometry.iloc[0]
    assert hull.area == pytest.approx(shapely.union_all(STREETS).convex_hull.buffer(1).area, rel=1e-3)


def test_what_is_no_area_is_left_out_and_said(tmp_path: Path) -> None:
    path = save(tmp_path / "wards.geojson", [WARDS[0], at(5, 5), line((0, 0), (5, 5))], name=["A", "B", "C"])
    found = town(tmp_path, areas=(AreaSettings(file=path),))
    assert set(found.areas["name"]) == {"City", "A"}
    assert found.remarks == ("2 shapes of wards or sites are no areas and were left out.",)


def test_an_area_given_twice_is_one(tmp_path: Path) -> None:
    path = save(tmp_path / "wards.geojson", [WARDS[0]] * 3, name=["A", "A", "B"])
    assert sorted(town(tmp_path, areas=(AreaSettings(file=path),)).areas["name"]) == ["A", "B", "City"]


# --- layers of features ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kind", "category"),
    [
        ("toilet", "poi", "toilet"),
        ("market", "poi", "market"),
        ("waste", "poi", "waste"),
        ("wall", "barrier", "wall"),
        ("building", "building", "yes"),
    ],
)
def test_a_layer_of_features_is_of_the_kind_that_is_said(tmp_path: Path, given: Any, kind: str, category: str) -> None:
    path = save(tmp_path / "a.geojson", [box(0, 5, 9, 9), box(20, 5, 29, 9)])
    features = town(tmp_path, features=(FeatureSettings(file=path, kind=given),)).features
    assert features["kind"].tolist() == [kind] * 2
    assert features["category"].tolist() == [category] * 2
    assert features["feature_id"].str.startswith(f"{given}-").all()


def test_a_layer_of_stops_adds_to_the_stops(tmp_path: Path) -> None:
    path = save(tmp_path / "a.geojson", [at(0, 5)], name=["Olympic"])
    found = town(tmp_path, features=(FeatureSettings(file=path, kind="stop"),))
    assert found.stops["name"].tolist() == ["Olympic"]
    assert found.features.empty


# --- traps that show only beside the streets -------------------------------------------------------------------------


def test_two_layers_of_one_content_are_told_of_whatever_their_names_and_order(tmp_path: Path) -> None:
    points = [at(0, 5), at(50, 5), at(90, 5)]
    water = save(tmp_path / "water.geojson", points, name=["a", "b", "c"])
    waste = save(tmp_path / "waste.gpkg", points[::-1], name=["x", "y", "z"])
    other = save(tmp_path / "other.geojson", points[:2])
    layers = {"water_point": water, "waste": waste, "toilet": other}
    found = town(tmp_path, features=tuple(FeatureSettings(file=f, kind=kind) for kind, f in layers.items()))
    sentence = "water.geojson and waste.gpkg hold the same 3 shapes: one is a copy of the other. Look at both."
    assert found.remarks == (sentence,)
    assert len(found.features) == 8


def test_one_file_for_two_uses_is_no_copy(tmp_path: Path) -> None:
    path = save(tmp_path / "market.geojson", [box(0, 5, 9, 9)])
    market = FeatureSettings(file=path, kind="market")
    assert town(tmp_path, spaces=LayerSettings(file=path), features=(market,)).remarks == ()


@pytest.mark.parametrize(("x", "y"), [(36.9, -1.2), (121.0, 14.5)])
def test_a_layer_with_latitude_and_longitude_exchanged_is_found_out(tmp_path: Path, x: float, y: float) -> None:
    street = {"type": "LineString", "coordinates": [[x, y], [x + 0.001, y]]}
    geojson(tmp_path / "streets.geojson", [street])
    path = geojson(tmp_path / "a.geojson", [{"type": "Point", "coordinates": [y, x]}])
    settings = PlacesSettings(streets=LayerSettings(file=tmp_path / "streets.geojson"), stops=LayerSettings(file=path))
    with pytest.raises(
        InputError, match=r"^a\.geojson: .* latitude and longitude (are )?exchanged\. Exchange them, in QGIS"
    ):
        read_places(settings, "auto", {file: admit(file) for file in settings.files})


def test_a_layer_of_another_city_is_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", [{"type": "Point", "coordinates": [24.9, 60.2]}] * 3)
    with pytest.raises(InputError, match=r"^a\.geojson: None of its 3 features lies within 50 km of the streets\."):
        town(tmp_path, stops=LayerSettings(file=path))


def test_single_features_far_away_are_left_out_and_counted(tmp_path: Path) -> None:
    spots = [[0.0, 0.0], [180.0, 90.0], [-120.0, -60.0]]
    path = save(tmp_path / "a.geojson", [at(0, 5)])
    near = json.loads(path.read_text())["features"][0]["geometry"]["coordinates"]
    path = geojson(tmp_path / "b.geojson", [{"type": "Point", "coordinates": spot} for spot in [near, *spots]])
    found = town(tmp_path, stops=LayerSettings(file=path))
    assert len(found.stops) == 1
    assert found.remarks == ("b.geojson: 3 features lie more than 50 km from the streets and were left out.",)


def test_a_ward_that_holds_the_whole_city_is_near_it(tmp_path: Path) -> None:
    path = save(tmp_path / "a.geojson", [box(-40_000, -40_000, 40_000, 40_000)], name=["County"])
    assert "County" in town(tmp_path, areas=(AreaSettings(file=path),)).areas["name"].tolist()


def test_streets_on_both_sides_of_the_antimeridian_are_one_city(tmp_path: Path) -> None:
    lines = [[[179.99, -16.8], [180.0, -16.8]], [[-180.0, -16.8], [-179.99, -16.8]]]
    geojson(tmp_path / "streets.geojson", [{"type": "LineString", "coordinates": each} for each in lines])
    settings = PlacesSettings(streets=LayerSettings(file=tmp_path / "streets.geojson"))
    found = read_places(settings, "auto", {file: admit(file) for file in settings.files})
    # 0.01 degrees at 16.8 south are 1065.9 m on the ellipsoid; UTM is off by less than 0.1 %
    assert found.segments["place_id"].str.partition(":")[0].nunique() == 1  # they meet there: one street
    assert found.segments["length_m"].sum() == pytest.approx(2 * 1065.9, rel=2e-3)
    assert found.areas.geometry.iloc[0].length == pytest.approx(2 * 2131.8, rel=0.01)
