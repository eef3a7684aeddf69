"""What the map says of light: tags and lamps, by hand in the town."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from town import at, line, segments_of, town

from safeaudit.evidence.lighting import lighting

if TYPE_CHECKING:
    import shapely

    from safeaudit.tables import Places


def one(places: Places, place: str, name: str) -> pd.Series[Any]:
    """Return one row of the table `evidence`."""
    found = lighting(places)
    return found[(found["place_id"] == place) & (found["name"] == name)].iloc[0]


@pytest.mark.parametrize(
    ("tags", "label"),
    [
        ('{"lit": "yes"}', "yes"),
        ('{"lit": "24/7"}', "yes"),
        ('{"lit": "sunset-sunrise"}', "yes"),
        ('{"lit": "no"}', "no"),
        ('{"lit": "limited"}', "limited"),
        ('{"lit": "interval"}', "limited"),
        ('{"lit": "disused"}', "disused"),
        ('{"lit": "<b>"}', "unknown"),
        ("{}", "unknown"),
    ],
)
def test_the_tag_in_one_word(tags: str, label: str) -> None:
    places = town(segments=segments_of({"s": line((0, 0), (100, 0))}, {"s": tags}))
    row = one(places, "s", "lit")
    assert (row["label"], row["coverage"]) == (label, 0.0 if label == "unknown" else 1.0)
    assert pd.isna(row["value"])


def lamps(*spots: shapely.Point, length: float = 100) -> pd.Series[Any]:
    """Return the row of the lamps of one street."""
    return one(town(segments=segments_of({"s": line((0, 0), (length, 0))}), lamps=spots), "s", "lamps_per_100_m")


def test_lamps_within_15_metres_are_counted_per_100_metres() -> None:
    assert lamps(at(10, 14.9), at(50, -3), at(50, 15.1))["value"] == pytest.approx(2.0)
    assert lamps(at(10, 1), at(20, 1), at(30, 1), length=50)["value"] == pytest.approx(6.0)


def test_lamps_near_but_not_on_the_street_say_that_it_was_surveyed() -> None:
    row = lamps(at(50, 99))
    assert (row["value"], row["coverage"]) == (0.0, 1.0)


def test_no_lamp_anywhere_near_is_unknown_and_never_dark() -> None:
    for row in (lamps(at(50, 101)), lamps()):
        assert pd.isna(row["value"])
        assert row["coverage"] == 0.0


def test_a_lamp_at_a_corner_lights_both_streets() -> None:
    places = town(lamps=[at(0, 0)])
    assert one(places, "south", "lamps_per_100_m")["value"] == 1.0
    assert one(places, "west", "lamps_per_100_m")["value"] == 1.0
    assert one(places, "north", "lamps_per_100_m")["value"] == 0.0


def test_every_segment_has_both_rows_and_a_city_without_streets_none() -> None:
    assert len(lighting(town())) == 8
    assert lighting(town(segments=segments_of({}))).empty
