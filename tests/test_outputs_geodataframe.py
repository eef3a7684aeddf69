"""One wide GeoDataFrame of places: plain kinds, the headline alone, and whatever takes a GeoDataFrame takes it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import town
from small_result import small_result

import safeaudit
from safeaudit.rubric import STANDARD, Indicator, Rubric

if TYPE_CHECKING:
    from pathlib import Path

HEAD = ["place_id", "label", "code", "kind", "category", "state", "light", "score", "low", "high", "n"]


def test_every_place_has_one_row_with_what_was_seen_of_it() -> None:
    places = safeaudit.to_geodataframe(small_result())
    assert list(places.columns[: len(HEAD)]) == HEAD
    assert places["place_id"].tolist() == ["s1", "s2", "s3", "p1", "p2", "t1"]
    assert places["kind"].tolist() == ["segment"] * 3 + ["space"] * 2 + ["stop"]
    assert places["category"].fillna("").tolist() == ["footway", "residential", "", "square", "market", "bus_stop"]
    first, second, third = places.iloc[0], places.iloc[1], places.iloc[2]
    assert first[HEAD[5:]].tolist() == ["few", "dark", 40.0, 20.0, 60.0, 2.5]
    assert first[["walk_path", "walk_path_low", "walk_path_high", "walk_path_n"]].tolist() == [20.0, 5.0, 40.0, 2.0]
    assert (second["light"], second["walk_path"]) == ("day", 60.0)
    assert third["state"] == "not_audited"
    assert third[["score", "n", "light", "lighting"]].isna().all()


def test_it_is_a_frame_of_texts_and_numbers_in_metres() -> None:
    result = small_result()
    places = safeaudit.to_geodataframe(result)
    assert isinstance(places, gpd.GeoDataFrame)
    assert places.crs == result.places.crs
    assert places.geometry.tolist()[:3] == result.places.segments.geometry.tolist()
    assert list(places.index) == list(range(6))
    kinds = {str(kind) for kind in places.drop(columns="geometry").dtypes}
    assert kinds == {str(pd.Series(["a"], dtype="str").dtype), "float64"}


def test_json_and_files_take_it(tmp_path: Path) -> None:
    places = safeaudit.to_geodataframe(small_result())
    told = json.loads(places.to_json())["features"]
    assert told[0]["properties"]["lighting"] == 10.0
    assert told[2]["properties"]["score"] is None
    assert told[2]["properties"]["label"] == "Path near Square"
    for name in ("places.gpkg", "places.geojson", "places.fgb"):
        places.to_file(tmp_path / name)
        read = gpd.read_file(tmp_path / name).sort_values("place_id", ignore_index=True)
        there = places.sort_values("place_id", ignore_index=True)
        assert read["state"].tolist() == there["state"].tolist()
        assert np.allclose(read["lighting"].astype(float), there["lighting"], equal_nan=True)


def test_a_label_stands_where_a_place_has_one() -> None:
    result = small_result()
    segments = result.places.segments.assign(label=["First", "Second", "path near Square"])
    places = safeaudit.to_geodataframe(replace(result, places=replace(result.places, segments=segments)))
    assert places["label"].tolist()[:3] == ["First", "Second", "path near Square"]


def test_a_city_of_its_own_indicators_has_their_columns() -> None:
    own = Indicator(name="shade")
    places = safeaudit.to_geodataframe(replace(small_result(), rubric=Rubric((*STANDARD.indicators, own))))
    assert {"shade", "shade_low", "shade_high", "shade_n"} <= set(places.columns)


@pytest.mark.parametrize("rated", [True, False])
def test_a_town_of_streets_alone_gives_them(*, rated: bool) -> None:
    levels = {"a": town.everything(2)} if rated else {}
    people = town.submissions(*({"submission_id": name} for name in levels))
    places = safeaudit.to_geodataframe(town.result(people, town.observations(levels)))
    assert len(places) == 5
    assert (places["state"] != "not_audited").any() == rated


def test_the_result_is_not_changed() -> None:
    result, untouched = small_result(), small_result()
    safeaudit.to_geodataframe(result)
    pd.testing.assert_frame_equal(result.places.segments, untouched.places.segments)
    pd.testing.assert_frame_equal(result.scores, untouched.scores)
