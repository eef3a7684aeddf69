"""Metres or an error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from town import PROPERTY

from safeaudit.crs import metric_crs, parse_crs, require_metres, to_degrees, to_metres
from safeaudit.errors import CrsError

NAIROBI = (36.80, -1.30, 36.84, -1.27)


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        (NAIROBI, 32737),
        ((24.9, 60.1, 25.0, 60.2), 32635),
        ((-46.7, -23.6, -46.6, -23.5), 32723),
        ((121.0, 14.5, 121.1, 14.6), 32651),
        ((-180.0, -18.0, -179.9, -17.9), 32701),
        ((179.9, -18.0, 180.0, -17.9), 32760),
        ((5.9, 0.0, 6.1, 0.1), 32632),
        ((15.0, 85.0, 16.0, 86.0), 5041),
        ((15.0, -86.0, 16.0, -85.0), 5042),
    ],
)
def test_the_metres_of_a_city_are_those_of_its_zone(bounds: tuple[float, float, float, float], code: int) -> None:
    assert metric_crs(bounds).to_epsg() == code


@pytest.mark.parametrize("bounds", [(-180.0, -18.0, 180.0, -17.0), (10.0, 0.0, 15.1, 1.0), (10.0, 0.0, 11.0, 5.1)])
def test_more_than_a_city_is_refused(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(CrsError, match=r"degrees: more than a city\. Cut the extract to the city\."):
        metric_crs(bounds)


def test_a_wanted_crs_is_taken() -> None:
    assert metric_crs(NAIROBI, "EPSG:21037").to_epsg() == 21037


@pytest.mark.parametrize("wanted", ["EPSG:4326", "EPSG:2263", "EPSG:4978"])
def test_degrees_and_feet_are_refused(wanted: str) -> None:
    with pytest.raises(CrsError, match=r'does not measure in metres\. Take a UTM zone, as in "EPSG:32737"\.'):
        metric_crs(NAIROBI, wanted)


@pytest.mark.parametrize("wanted", ["EPSG:3857", "EPSG:3395"])
def test_metres_of_a_world_map_are_no_metres(wanted: str) -> None:
    # At Helsinki a "metre" of EPSG:3857 is half a metre: every limit and length would be wrong.
    with pytest.raises(CrsError):
        metric_crs((24.9, 60.1, 25.0, 60.2), wanted)


def test_a_crs_of_another_part_of_the_world_is_refused() -> None:
    with pytest.raises(CrsError):
        metric_crs(NAIROBI, "EPSG:32601")


@pytest.mark.parametrize("wanted", ["EPSG:1", "UTM 37 south", "", "file:///etc/passwd"])
def test_a_crs_that_nobody_knows_is_said(wanted: str) -> None:
    with pytest.raises(CrsError, match=r'is no CRS that is known\. Write it as in "EPSG:32737"\.'):
        parse_crs(wanted)


def test_no_crs_at_all_is_said() -> None:
    with pytest.raises(CrsError, match=r'The layer has no CRS\. Name it, as in crs = "EPSG:32737"\.'):
        require_metres(None)


def test_metres_are_metres() -> None:
    # 0.01 degrees north at the equator are 1105.7 m on the ellipsoid; UTM makes 0.9996 of it at the middle.
    xy = to_metres(np.array([[39.0, -0.01], [39.0, 0.0]]), CRS.from_epsg(32737))
    assert xy[1] == pytest.approx([500_000, 10_000_000], abs=1e-3)
    assert xy[1, 1] - xy[0, 1] == pytest.approx(0.9996 * 1105.74, abs=0.05)


def test_no_points_give_no_points() -> None:
    assert to_metres(np.zeros((0, 2)), CRS.from_epsg(32737)).shape == (0, 2)


@PROPERTY
@given(st.floats(33.1, 40.9), st.floats(-10, -0.1))
def test_there_and_back_is_where_it_was(longitude: float, latitude: float) -> None:
    crs = metric_crs((longitude, latitude, longitude, latitude))
    there = to_metres(np.array([[longitude, latitude]]), crs)
    assert to_degrees(there, crs)[0] == pytest.approx([longitude, latitude], abs=1e-8)
