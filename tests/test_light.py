"""The sun's height against published values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pytest

from safeaudit.audits.normalise.light import _sine_of_elevation, light_by_sun


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def sun_elevation(lon: Any, lat: Any, at: Any) -> Any:
    """Return the height of the sun, degrees."""
    return np.degrees(np.arcsin(np.clip(_sine_of_elevation(lon, lat, at), -1, 1)))


def height(lon: float, lat: float, text: str) -> float:
    return float(sun_elevation(np.array([lon]), np.array([lat]), np.array([seconds(text)]))[0])


def words(lon: Any, lat: Any, at: Any) -> Any:
    found = light_by_sun(lon, lat, at)
    return np.array(found.texts)[found.codes]


@pytest.mark.parametrize(
    ("lon", "lat", "when", "degrees"),
    [
        # NREL's Solar Position Algorithm report, example of appendix A.5: zenith 50.11162, refraction taken out
        (-105.1786, 39.742476, "2003-10-17T12:30:30-07:00", 39.872),
        # solstices and equinoxes (astronomical almanac): the declination at that moment, seen from the pole
        (0.0, 90.0, "2024-03-20T03:06:00+00:00", 0.0),
        (0.0, 90.0, "2024-06-20T20:51:00+00:00", 23.44),
        (0.0, 90.0, "2024-09-22T12:44:00+00:00", 0.0),
        (0.0, 90.0, "2024-12-21T09:21:00+00:00", -23.44),
        # Meeus, Astronomical Algorithms, example 25.a: declination -7.785 on 1992-10-13 at 0h
        (0.0, 90.0, "1992-10-13T00:00:00+00:00", -7.785),
    ],
)
def test_height_agrees_with_the_almanac(lon: float, lat: float, when: str, degrees: float) -> None:
    assert height(lon, lat, when) == pytest.approx(degrees, abs=0.02)


def test_noon_of_the_equation_of_time() -> None:
    """On 3 November the sun is 16.4 minutes early, on 11 February 14.2 minutes late: then it stands highest."""
    for day, noon_min in (("2024-11-03", 720 - 16.4), ("2024-02-11", 720 + 14.2)):
        start = seconds(f"{day}T00:00:00+00:00")
        minutes = np.arange(600, 840, 0.1)
        heights = sun_elevation(np.zeros_like(minutes), np.full_like(minutes, 51.48), start + minutes * 60)
        assert minutes[heights.argmax()] == pytest.approx(noon_min, abs=0.5)  # the declination moves meanwhile


def test_words_change_at_sunset_and_at_six_degrees() -> None:
    minutes = np.arange(0, 1440)
    start = seconds("2024-03-20T00:00:00+00:00")
    said = words(np.zeros(1440), np.zeros(1440), start + minutes * 60.0)
    heights = sun_elevation(np.zeros(1440), np.zeros(1440), start + minutes * 60.0)
    assert set(said[heights >= -0.833]) == {"day"}
    assert set(said[(heights < -0.833) & (heights >= -6)]) == {"twilight"}
    assert set(said[heights < -6]) == {"dark"}


def test_unknown_time_or_place_has_no_light() -> None:
    nan = np.array([np.nan])
    here = np.array([0.0])
    assert words(nan, here, here).tolist() == [""]
    assert words(here, here, nan).tolist() == [""]
