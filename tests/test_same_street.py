"""Pairs of ways that people call one street, or two, as marked by hand before the segments were made.

For each city 60 pairs were drawn by seed from strata (the halves of dual roads, sidewalks, crossings, consecutive ways,
cross streets, bridges and tunnels, paths in parks and beside railways, parallel streets) and looked at on a map with
their tags. Pairs on which two people could differ were left out. A way of Kibera is a row of its layer, from 0.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from safeaudit.config import LayerSettings, PlacesSettings
from safeaudit.files.admit import admit
from safeaudit.places import read_places

if TYPE_CHECKING:
    from safeaudit.tables import Places

HERE = Path(__file__).parent
PAIRS = HERE / "same_street"
CITIES = {
    "helsinki": HERE.parent / "sample_cities" / "helsinki" / "helsinki.osm.pbf",
    "makati": Path("cities", "makati", "makati.osm.pbf"),
    "nairobi": Path("cities", "nairobi-cbd", "nairobi_cbd.osm.pbf"),
    "kibera": Path("cities", "kibera", "kibera_roads_2013_utm_unlabelled.geojson"),
}
MAX_FALSE, MAX_MISSED = 0.02, 0.15


def stretch_of(links: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the street of each link, its pieces of 150 m taken together, or its space."""
    stretch = links["segment_id"].astype(object).str.replace(r"\W\d+/\d+$", "", regex=True)
    return stretch.fillna(links["space_id"].astype(object))


def metres_by_way(links: gpd.GeoDataFrame) -> dict[str, Counter[str]]:
    """Return how many metres of each way belong to which stretch."""
    found: dict[str, Counter[str]] = {}
    for ways, stretch, metres in zip(links["osm_ids"], stretch_of(links), links["length_m"], strict=True):
        for way in str(ways).split():
            found.setdefault(way, Counter())[str(stretch)] += metres
    return found


def metres_by_row(links: gpd.GeoDataFrame, rows: gpd.GeoSeries) -> dict[str, Counter[str]]:
    """Return the same for the rows of a layer, by the link under every second metre of a row."""
    tree, stretch = shapely.STRtree(links.geometry.to_numpy()), stretch_of(links).to_numpy()
    found = {}
    for row, shape in rows.items():
        spots = shapely.line_interpolate_point(shape, np.arange(1, max(shape.length, 2), 2))
        spot, link = tree.query_nearest(spots, max_distance=1, all_matches=False)
        found[str(row)] = Counter({str(name): 2.0 * n for name, n in Counter(stretch[link]).items()})
        assert len(spot) == len(spots)
    return found


def joined(one: Counter[str], other: Counter[str]) -> bool:
    """Tell whether at least half of the shorter way is of the other's street."""
    shared = sum(min(metres, other[stretch]) for stretch, metres in one.items())
    return shared >= min(one.total(), other.total()) / 2


def read(name: str, shared: Path) -> tuple[Places, Path]:
    file = shared / CITIES[name]
    layer = file.suffix == ".geojson"
    settings = PlacesSettings(streets=LayerSettings(file=file, crs="EPSG:32737")) if layer else PlacesSettings(osm=file)
    return read_places(settings, "auto", {file: admit(file)}), file


@pytest.fixture(scope="module")
def wrong(shared: Path) -> dict[str, pd.DataFrame]:
    """Return, for each city, the pairs that its places do not treat as they were marked."""
    found = {}
    for name in CITIES:
        pairs = pd.read_csv(PAIRS / f"{name}.csv", dtype=str)
        places, file = read(name, shared)
        if file.suffix == ".geojson":
            metres = metres_by_row(places.links, gpd.read_file(file).geometry.explode().groupby(level=0).first())
        else:
            metres = metres_by_way(places.links)
        is_one = [joined(metres[a], metres[b]) for a, b in zip(pairs["way_a"], pairs["way_b"], strict=True)]
        found[name] = pairs[(pairs["same"] == "yes") != is_one]
    return found


@pytest.mark.parametrize("name", CITIES)
def test_what_people_call_one_street_is_one_place(name: str, wrong: dict[str, pd.DataFrame]) -> None:
    pairs = pd.read_csv(PAIRS / f"{name}.csv", dtype=str)
    assert len(pairs) == 60
    assert 24 <= (pairs["same"] == "yes").sum() <= 36
    missed = wrong[name][wrong[name]["same"] == "yes"]
    assert len(missed) <= MAX_MISSED * (pairs["same"] == "yes").sum(), f"apart, and are one street:\n{missed}"


@pytest.mark.parametrize("name", CITIES)
def test_what_people_call_two_streets_is_not_one_place(name: str, wrong: dict[str, pd.DataFrame]) -> None:
    false = wrong[name][wrong[name]["same"] == "no"]
    assert len(false) <= MAX_FALSE * 60, f"joined, and are two streets:\n{false}"


def test_false_joins_are_rare_over_all_cities(wrong: dict[str, pd.DataFrame]) -> None:
    marked = pd.concat([pd.read_csv(PAIRS / f"{name}.csv", dtype=str) for name in CITIES])
    false = pd.concat(wrong)
    false = false[false["same"] == "no"]
    assert len(false) <= MAX_FALSE * (marked["same"] == "no").sum(), f"joined, and are two streets:\n{false}"
