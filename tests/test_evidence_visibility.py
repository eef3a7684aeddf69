"""What is seen from a street, and the corners beside it: by hand in the town."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from evidence_context import context_of
from town import at, box, features_of, line, segments_of, town

from safeaudit.evidence.visibility import MEASURES, find_evidence

if TYPE_CHECKING:
    import shapely

    from safeaudit.tables import Places

DISC = np.pi * 100**2
FAR = box(0, 95, 1, 96)
"""A shed small and far enough to hide next to nothing: somebody has mapped buildings here."""


def street(*things: tuple[str, str | None, shapely.Geometry], length: float = 20) -> Places:
    """Return a town of one street, from its corner to the east."""
    segments = segments_of({"s": line((0, 0), (length, 0))})
    return replace(town(segments=segments), features=features_of(*things))


def told(places: Places, place: str = "s") -> pd.DataFrame:
    """Return what is told of a segment, by name."""
    found = find_evidence(context_of(places))
    return found[found["place_id"] == place].set_index("name")


def canyon(half: float) -> float:
    """Return the area of the disc between two parallels as far from its centre."""
    return 2 * (half * np.sqrt(100**2 - half**2) + 100**2 * np.arcsin(half / 100))


def test_a_street_between_long_rows() -> None:
    rows = told(street(("building", "yes", box(-500, 10, 500, 30)), ("building", "yes", box(-500, -30, 500, -10))))
    assert rows.loc["visible_area_m2", "value"] == pytest.approx(canyon(10), rel=1e-6)
    assert rows.loc["visible_area_min_m2", "value"] == pytest.approx(canyon(10), rel=1e-6)
    assert rows.loc["visible_area_drift_m", "value"] == pytest.approx(0, abs=1e-6)
    assert rows.loc["blind_corners_per_100_m", "value"] == 0
    assert (rows["coverage"] == 1).all()


def test_mean_and_least_are_over_the_middles_of_pieces_of_25_m_at_most() -> None:
    rows = told(
        street(("building", "yes", box(-500, 10, 500, 30)), ("barrier", "wall", line((25, -90), (25, 9))), length=50)
    )
    views = [told(street(*_one_wall(x)))["value"] for x in (12.5, -12.5)]
    areas = [one["visible_area_m2"] for one in views]
    assert rows.loc["visible_area_m2", "value"] == pytest.approx(np.mean(areas))
    assert rows.loc["visible_area_min_m2", "value"] == pytest.approx(min(areas))
    drifts = [one["visible_area_drift_m"] for one in views]
    assert rows.loc["visible_area_drift_m", "value"] == pytest.approx(np.mean(drifts))


def _one_wall(away: float) -> list[tuple[str, str | None, shapely.Geometry]]:
    """Return a row of houses and a wall, as a viewpoint 10 m along sees them that is so far away from the wall."""
    return [("building", "yes", box(-500, 10, 500, 30)), ("barrier", "wall", line((10 + away, -90), (10 + away, 9)))]


def test_a_corner_is_counted_once_however_many_viewpoints_see_it() -> None:
    lane = (("building", "yes", box(-300, 4, 40, 300)), ("building", "yes", box(46, 4, 400, 300)))
    rows = told(street(*lane, length=86))
    assert rows.loc["blind_corners_per_100_m", "value"] == pytest.approx(2 * 100 / 86)


@pytest.mark.parametrize(("off", "corners"), [(14.9, 2), (15.1, 0)])
def test_a_corner_counts_within_15_m_of_the_street(off: float, corners: int) -> None:
    rows = told(street(("building", "yes", box(0, off, 20, off + 40))))
    assert rows.loc["blind_corners_per_100_m", "value"] == pytest.approx(corners * 5)


def test_a_viewpoint_in_a_building_does_not_count() -> None:
    rows = told(street(("building", "yes", box(40, -5, 60, 5)), ("building", "yes", FAR), length=75))
    assert rows["coverage"].tolist() == pytest.approx([1] * 4)
    rows = told(street(("building", "yes", box(30, -5, 60, 5)), ("building", "yes", FAR), length=75))
    assert rows["coverage"].tolist() == pytest.approx([2 / 3] * 4)
    assert rows["value"].notna().all()
    rows = told(street(("building", "yes", box(-5, 0, 60, 5)), length=20))
    assert rows["coverage"].tolist() == [0] * 4
    assert rows["value"].isna().all()


def test_where_no_building_is_mapped_it_is_unknown_and_not_open() -> None:
    nothing, walls = street(), street(("barrier", "wall", line((0, 5), (20, 5))))
    far = street(("building", "yes", box(0, 101, 9, 110)))
    for places in (nothing, walls, far):
        rows = told(places)
        assert rows["value"].isna().all()
        assert (rows["coverage"] == 0).all()


def test_under_a_roof_without_walls_and_past_a_wire_fence_all_is_seen() -> None:
    things = [("building", "roof", box(-5, -5, 25, 5)), ("barrier", "fence", line((0, 3), (20, 3)))]
    features = features_of(*things, ("building", "yes", FAR), tags={1: '{"fence_type": "wire"}'})
    area = told(replace(street(), features=features)).loc["visible_area_m2", "value"]
    assert DISC * 0.995 < area < DISC
    assert area == told(street(("building", "yes", FAR))).loc["visible_area_m2", "value"]


def test_every_segment_of_the_town_has_all_rows_and_inputs_stay_as_they_are() -> None:
    places = replace(town(), features=features_of(("building", "yes", box(40, 40, 60, 60)), ("lamp", None, at(0, 0))))
    before = places.segments.copy(), places.features.copy()
    found = find_evidence(context_of(places))
    assert (
        found.astype({"name": str}).groupby("place_id", observed=True)["name"].agg(set).tolist()
        == [{m.name for m in MEASURES}] * 4
    )
    areas = found.loc[found["name"] == "visible_area_m2", "value"].tolist()
    assert areas == pytest.approx([areas[0]] * 4)
    pd.testing.assert_frame_equal(places.segments, before[0])
    pd.testing.assert_frame_equal(places.features, before[1])


def test_a_city_without_streets_has_no_rows() -> None:
    assert find_evidence(context_of(town(segments=segments_of({})))).empty
