"""Ids and codes of streets that nobody touched survive edits of the map: seeded edits of two real cities.

Untouched is a street whose whole stretch between junctions is (a piece of a cut stretch goes with the stretch), and
beside which no public space was cut: a space takes the paths inside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from edited import Map

from safeaudit.config import PlacesSettings
from safeaudit.files import admit
from safeaudit.places import read_places

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from safeaudit.tables import Places

HELSINKI = Path(__file__).resolve().parents[1] / "sample_cities" / "helsinki" / "helsinki.osm.pbf"


def places_of(path: Path) -> Places:
    """Read the places of an extract, in one CRS whatever a cut left."""
    crs = "EPSG:32651" if path.name.startswith("makati") else "EPSG:32635"
    return read_places(PlacesSettings(osm=path), crs, {path: admit(path)})


@pytest.fixture(params=["makati", "helsinki"], scope="module")
def city(request: pytest.FixtureRequest, shared: Path) -> tuple[Path, Places]:
    path = HELSINKI if request.param == "helsinki" else shared / "cities" / "makati" / "makati.osm.pbf"
    return path, places_of(path)


def whole_of(ids: pd.Series[str]) -> pd.Series[str]:
    """Return the id of the stretch that each piece was cut from."""
    return ids.str.replace(r":\d+/\d+$", "", regex=True)


def kept(before: Places, after: Places, untouched: NDArray[np.bool_] | None = None) -> float:
    """Return the share of untouched segments whose id and code are both still there."""
    pairs = before.segments if untouched is None else before.segments[untouched]
    now = set(zip(after.segments["place_id"], after.segments["place_code"], strict=True))
    return float(np.mean([pair in now for pair in zip(pairs["place_id"], pairs["place_code"], strict=True)]))


def edited(path: Path, folder: Path, edit: Callable[[Map], object]) -> tuple[Places, object]:
    """Return the places after an edit, and what the edit said."""
    drawn = Map.read(path)
    said = edit(drawn)
    return places_of(drawn.write(folder / path.name)), said


def test_nothing_done_changes_nothing(city: tuple[Path, Places], tmp_path: Path) -> None:
    path, before = city
    after, _ = edited(path, tmp_path, lambda _: None)
    for table in ("links", "segments", "spaces", "stops"):
        pd.testing.assert_frame_equal(pd.DataFrame(getattr(before, table)), pd.DataFrame(getattr(after, table)))


@pytest.mark.parametrize("edit", [Map.split_ways, Map.move_nodes, Map.add_tags])
@pytest.mark.parametrize("seed", [1, 2])
def test_small_edits_keep_ids_and_codes(
    city: tuple[Path, Places], tmp_path: Path, edit: Callable[..., None], seed: int
) -> None:
    path, before = city
    after, _ = edited(path, tmp_path, lambda drawn: edit(drawn, np.random.default_rng(seed)))
    assert kept(before, after) >= 0.98


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_new_lane_leaves_streets_300_m_away_alone(city: tuple[Path, Places], tmp_path: Path, seed: int) -> None:
    path, before = city
    after, spot = edited(path, tmp_path, lambda drawn: drawn.add_lane(np.random.default_rng(seed)))
    assert isinstance(spot, tuple)
    lane = gpd.GeoSeries([shapely.Point(spot)], crs=4326).to_crs(before.crs).iloc[0]
    far = (before.segments.distance(lane) > 300).to_numpy()
    assert far.sum() > 100
    assert kept(before, after, far) >= 0.98
    assert kept(before, after) >= 0.98  # and of the others nearly all


def test_a_smaller_extract_keeps_what_lies_50_m_inside_it(city: tuple[Path, Places], tmp_path: Path) -> None:
    path, before = city
    segments = before.segments
    west, south, east, north = segments.to_crs(4326).total_bounds
    x, y = (east - west) * 0.15, (north - south) * 0.15
    box = (west + x, south + y, east - x, north - y)
    after, _ = edited(path, tmp_path, lambda drawn: drawn.crop(*box))
    stretch = segments.dissolve(whole_of(segments["place_id"])).to_crs(4326)
    inner = shapely.box(*box).buffer(-50 / 111_195)
    inside = whole_of(segments["place_id"]).isin(stretch.index[stretch.within(inner)]).to_numpy()
    lost = before.spaces[~before.spaces["place_id"].isin(after.spaces["place_id"])].union_all()
    inside = inside & (segments.distance(lost) > 60).to_numpy()
    assert inside.sum() > 100
    assert kept(before, after, inside) >= 0.98
