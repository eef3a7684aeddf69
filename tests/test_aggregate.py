"""Summaries of the town: shares of length, of area and of number, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from town import (
    METRIC,
    at,
    audits,
    box,
    everything,
    line,
    observations,
    result,
    segments_of,
    spaces_of,
    stops_of,
    submissions,
    town,
)

from safeaudit.aggregate import aggregate
from safeaudit.rubric import STANDARD
from safeaudit.tables import empty_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import shapely


def areas_of(shapes: Mapping[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return the table `areas`: each shape is an area of its name."""
    columns = {
        "area_id": list(shapes),
        "name": list(shapes),
        "kind": ["city" if n == "city" else "ward" for n in shapes],
    }
    return gpd.GeoDataFrame(columns, geometry=list(shapes.values()), crs=METRIC)


def summary(
    rows: Mapping[str, Mapping[str, Any]],
    levels: Mapping[str, Any],
    wards: Mapping[str, shapely.Geometry] | None = None,
    **places: Any,
) -> pd.DataFrame:
    """Return the table `summaries` of submissions by their id; the city is all there is, and has wards."""
    people = submissions(*({"submission_id": who, "auditor": f"by {who}", **row} for who, row in rows.items()))
    areas = areas_of({"city": box(-1, -1, 1000, 1000), **(wards or {})})
    return result(people, observations(levels), places=replace(town(**places), areas=areas)).summaries


def one(
    summaries: pd.DataFrame, kind: str, indicator: str, group: str = "headline", area: str = "city"
) -> pd.Series[Any]:
    """Return one row of the table `summaries`."""
    wanted = {"area_id": area, "kind": kind, "indicator": indicator, "group": group}
    rows = summaries[(summaries[list(wanted)] == pd.Series(wanted)).all(axis=1)]
    assert len(rows) == 1
    return rows.iloc[0]


SOUTH, NORTH, PLAZA = {"point": at(50, 1)}, {"point": at(50, 99)}, {"point": at(50, 50)}


BANDS = ["band_1", "band_2", "band_3", "band_4"]


def test_coverage_is_the_share_of_length() -> None:
    # Two of four streets of 100 m: 0.5.
    summaries = summary({"a": SOUTH, "b": NORTH}, {"a": {"walk_path": 3}, "b": {"walk_path": 0}})
    row = one(summaries, "segment", "walk_path")
    assert (row["total"], row["coverage"], row["n"], row["contributors"]) == (400.0, 0.5, 2.0, 2)


def test_bands_are_how_much_of_what_was_seen_is_to_be_expected_in_each() -> None:
    # Walk path 1 and 0 are estimated as 75 and 25: of neither the likeliest band is the worst or the best, and yet one
    # of the two streets may well be in it.
    rows = {"a": SOUTH, "b": NORTH}
    people = submissions(*({"submission_id": who, "auditor": who, **row} for who, row in rows.items()))
    found = result(people, observations({"a": {"walk_path": 3}, "b": {"walk_path": 0}}))
    row = one(found.summaries, "segment", "walk_path", area="city")
    scores = found.scores[found.scores["indicator"] == "walk_path"]
    assert scores["score"].tolist() == [25.0, 75.0]
    assert row[BANDS].tolist() == pytest.approx(scores[BANDS].mean().tolist())
    assert row["band_1"] == pytest.approx(row["band_4"])
    assert row["band_1"] > 0.1
    assert row[BANDS].sum() == pytest.approx(1)


def test_a_long_street_weighs_more_than_a_short_one() -> None:
    lines = {"long": line((0, 0), (90, 0)), "short": line((0, 50), (10, 50))}
    people = submissions({"submission_id": "a", "point": at(50, 1)}, {"submission_id": "b", "point": at(5, 51)})
    seen = observations({"a": {"walk_path": 3}, "b": {"walk_path": 0}})
    found = result(people, seen, places=town(segments=segments_of(lines), spaces=spaces_of({})))
    long, short = (found.scores.set_index(["place_id", "indicator"]).loc[(name, "walk_path"), BANDS] for name in lines)
    row = one(found.summaries, "segment", "walk_path", area="city")
    assert row["coverage"] == 1.0
    assert row[BANDS].astype(float).tolist() == pytest.approx((0.9 * long + 0.1 * short).astype(float).tolist())


def test_the_bands_of_day_and_dark_are_never_mixed() -> None:
    rows = {"a": SOUTH, "b": {**NORTH, "light": "day"}}
    summaries = summary(rows, {who: {"walk_path": 2} for who in rows})
    assert one(summaries, "segment", "walk_path")["coverage"] == 0.5
    assert one(summaries, "segment", "walk_path")[BANDS].isna().all()
    assert one(summaries, "segment", "walk_path", "day")[BANDS].notna().all()
    alone = summary({"a": SOUTH}, {"a": {"walk_path": 2}})
    assert one(alone, "segment", "walk_path")[BANDS].notna().all()


def test_spaces_weigh_by_area_and_stops_by_number() -> None:
    spaces = {"plaza": box(40, 40, 60, 60), "lawn": box(200, 200, 220, 260), "kiosk": at(400, 400)}
    stops = {"one": at(50, 50), "two": at(500, 500), "three": at(600, 600), "four": at(700, 700)}
    summaries = summary({"a": PLAZA}, {"a": {"walk_path": 2}}, spaces=spaces_of(spaces), stops=stops_of(stops))
    # 400 of 400 + 1200 + 800 square metres: a space known as a point weighs like the middle one
    assert one(summaries, "space", "walk_path")["coverage"] == pytest.approx(400 / 2400)
    assert one(summaries, "stop", "walk_path")["coverage"] == 0.25


def test_kinds_are_never_summed() -> None:
    stops = stops_of({"stop": at(50, 5)})
    summaries = summary({"a": SOUTH}, {"a": {"walk_path": 2}}, stops=stops)
    assert sorted(summaries.loc[summaries["group"] == "headline", "kind"]) == ["segment", "stop"]


def test_every_light_has_its_row_and_the_headline_counts_each_place_once() -> None:
    rows = {"a": SOUTH, "b": {**SOUTH, "light": "day"}, "c": {**NORTH, "light": "day"}}
    summaries = summary(rows, {who: {"walk_path": 2} for who in rows})
    found = {group: one(summaries, "segment", "walk_path", group) for group in ("dark", "day", "headline")}
    assert [found[group]["coverage"] for group in found] == [0.25, 0.5, 0.5]
    assert [found[group]["n"] for group in found] == [1.0, 2.0, 2.0]


def test_contributors_are_those_who_rated_that_indicator() -> None:
    rows = dict.fromkeys("abc", SOUTH)
    levels = {"a": {"walk_path": 2, "feeling": 1}, "b": {"walk_path": 2}, "c": {"walk_path": 2}}
    summaries = summary(rows, levels)
    assert one(summaries, "segment", "walk_path")["contributors"] == 3
    assert one(summaries, "segment", "feeling")["contributors"] == 1


def test_contributors_by_day_are_not_those_of_the_dark_headline() -> None:
    rows = {"a": SOUTH, "b": {**SOUTH, "light": "day"}}
    summaries = summary(rows, {who: {"walk_path": 2} for who in rows})
    assert one(summaries, "segment", "walk_path", "dark")["contributors"] == 1
    assert one(summaries, "segment", "walk_path", "headline")["contributors"] == 1


def test_who_rated_lighting_by_day_is_no_contributor_to_it() -> None:
    # The headline of the south street is dark, of the north street day: lighting by day is kept, and is no answer.
    # Where the light is not known, it was not rated by day for sure, and is one.
    east = {"point": at(99, 50), "light": None}
    rows = {"a": SOUTH, "b": {**NORTH, "light": "day"}, "c": {**NORTH, "light": "day"}, "d": east}
    summaries = summary(rows, {who: {"walk_path": 2, "lighting": 1} for who in rows})
    assert one(summaries, "segment", "walk_path")["contributors"] == 4
    assert one(summaries, "segment", "lighting")["contributors"] == 2
    assert one(summaries, "segment", "lighting", "unrecorded")["contributors"] == 1


def test_who_told_a_feeling_alone_is_no_contributor_to_a_score() -> None:
    summaries = summary(dict.fromkeys("ab", SOUTH), {"a": everything(2), "b": {"feeling": 1}})
    assert one(summaries, "segment", "score")["contributors"] == 1
    assert one(summaries, "segment", "street_condition")["contributors"] == 1
    assert one(summaries, "segment", "feeling")["contributors"] == 1


def test_figures_of_areas_never_mix_rounds() -> None:
    rows = {"a": {**SOUTH, "campaign": "after"}, "b": {**SOUTH, "campaign": "before", "observed_at": "2025-05-17"}}
    summaries = summary(rows, {who: {"walk_path": 2} for who in rows})
    for campaign in ("before", "after"):
        row = one(summaries[summaries["campaign"] == campaign], "segment", "walk_path")
        assert (row["n"], row["contributors"]) == (1.0, 1)


def test_a_contributor_on_two_streets_is_one() -> None:
    rows = {"a": {**SOUTH, "auditor": "x"}, "b": {**NORTH, "auditor": "x"}, "c": {**NORTH, "auditor": "y"}}
    summaries = summary(rows, {who: everything(2) for who in rows})
    assert one(summaries, "segment", "score")["contributors"] == 2


def test_places_that_nobody_rated_stay_in_the_denominator() -> None:
    summaries = summary({"a": SOUTH}, {"a": {"walk_path": 2}})
    assert one(summaries, "segment", "walk_path")["coverage"] == 0.25
    assert summaries.loc[summaries["kind"] == "space"].empty


def test_nothing_rated_gives_an_empty_table() -> None:
    summaries = aggregate(
        town(), audits(submissions(), observations({})), empty_table("matches"), empty_table("scores"), STANDARD
    )
    assert summaries.empty
    assert "coverage" in summaries.columns


def test_contributors_are_those_who_rated_that_indicator_in_that_light() -> None:
    day = "2026-05-17T09:00:00Z"
    rows = {"a": SOUTH, "b": SOUTH, "c": SOUTH, "d": {**NORTH, "observed_at": day, "light": "day"}}
    levels = {"a": {"walk_path": 3, "feeling": 1}, "b": {"walk_path": 2}, "c": {"walk_path": 1}, "d": {"walk_path": 0}}
    summaries = summary(rows, levels)
    assert one(summaries, "segment", "feeling")["contributors"] == 1
    assert one(summaries, "segment", "walk_path", "dark")["contributors"] == 3
    assert one(summaries, "segment", "walk_path", "day")["contributors"] == 1
    assert one(summaries, "segment", "walk_path")["contributors"] == 4


def test_the_headline_counts_who_rated_in_the_light_that_is_shown() -> None:
    rows = {"a": SOUTH, "b": {**SOUTH, "observed_at": "2026-05-17T09:00:00Z", "light": "day"}}
    row = one(summary(rows, {"a": {"walk_path": 3}, "b": {"walk_path": 0}}), "segment", "walk_path")
    assert row["contributors"] == 1


# --- areas: the town's streets run round a block of 100 m; its plaza covers 40 to 60 --------------------------------

EVERYWHERE = {"a": SOUTH, "b": NORTH, "c": PLAZA}
WALKED = {"a": {"walk_path": 3}, "b": {"walk_path": 0}, "c": {"walk_path": 2}}


def test_a_street_counts_in_an_area_by_its_length_inside() -> None:
    # The ward takes the western 30 m: 30 m of the south and north streets, all of the west street.
    summaries = summary(EVERYWHERE, WALKED, {"west": box(-5, -5, 30, 105)})
    row = one(summaries, "segment", "walk_path", area="west")
    assert row["total"] == pytest.approx(160.0)
    assert row["coverage"] == pytest.approx(60 / 160)
    assert row["n"] == pytest.approx(2 * 0.3)
    assert row["contributors"] == 2
    # The two are as far above the middle as below it.
    assert row["band_1"] == pytest.approx(row["band_4"])
    assert row["band_2"] == pytest.approx(row["band_3"])
    assert one(summaries, "segment", "walk_path")["total"] == 400.0


def test_a_space_counts_by_its_area_and_a_stop_where_it_stands() -> None:
    stops = stops_of({"in": at(45, 45), "out": at(55, 55)})
    rows = {"a": {"point": at(45, 45)}, "b": {"point": at(55, 55)}}
    wards = {"low": box(0, 0, 100, 45), "lower": box(0, 0, 45.1, 45.1)}
    summaries = summary(rows, {"a": {"walk_path": 3}, "b": {"walk_path": 3}}, wards, stops=stops)
    plaza = one(summaries, "space", "walk_path", area="low")
    assert (plaza["total"], plaza["coverage"], plaza["n"]) == (pytest.approx(20 * 5), 1.0, pytest.approx(2 * 0.25))
    assert plaza["contributors"] == 2
    stop = one(summaries, "stop", "walk_path", area="lower")
    assert (stop["total"], stop["coverage"], stop["contributors"]) == (1.0, 1.0, 1)


def test_a_street_along_a_border_is_in_the_areas_on_both_sides() -> None:
    wards = {"south": box(-5, -50, 105, 0), "north": box(-5, 0, 105, 50)}
    summaries = summary({"a": SOUTH}, {"a": {"walk_path": 3}}, wards)
    assert one(summaries, "segment", "walk_path", area="south")["total"] == 100.0
    assert one(summaries, "segment", "walk_path", area="north")["total"] == 200.0  # and 50 m of two more


def test_an_area_where_nothing_was_rated_has_its_denominator_and_no_bands() -> None:
    summaries = summary({"a": SOUTH}, {"a": {"walk_path": 3}}, {"north": box(-5, 95, 105, 105)})
    row = one(summaries, "segment", "walk_path", area="north")
    assert (row["total"], row["coverage"], row["n"], row["contributors"]) == (pytest.approx(110.0), 0.0, 0.0, 0)
    assert row[BANDS].isna().all()


def test_an_area_without_places_has_no_row() -> None:
    summaries = summary({"a": SOUTH}, {"a": {"walk_path": 3}}, {"lake": box(500, 500, 600, 600)})
    assert set(summaries["area_id"]) == {"city"}


def test_a_boundary_of_the_city_leaves_out_what_lies_beyond() -> None:
    people = submissions({"submission_id": "a", **SOUTH}, {"submission_id": "b", **NORTH})
    places = replace(town(), areas=areas_of({"city": box(-5, -5, 105, 50)}))
    seen = observations({"a": {"walk_path": 3}, "b": {"walk_path": 0}})
    row = one(result(people, seen, places=places).summaries, "segment", "walk_path")
    assert (row["total"], row["coverage"], row["n"]) == (200.0, 0.5, 1.0)
    assert row["contributors"] == 1


def test_wards_that_share_the_city_out_sum_up_to_it() -> None:
    wards = {f"{x}-{y}": box(x, y, x + 34, y + 51) for x in (-1, 33, 67) for y in (-1, 50)}
    summaries = summary(EVERYWHERE, WALKED, wards)
    parts = summaries[summaries["area_id"] != "city"]
    for kind in ("segment", "space"):
        rows = parts[(parts["kind"] == kind) & (parts["indicator"] == "walk_path") & (parts["group"] == "dark")]
        whole = one(summaries, kind, "walk_path", "dark")
        assert rows["total"].sum() == pytest.approx(whole["total"])
        assert (rows["total"] * rows["coverage"]).sum() == pytest.approx(whole["total"] * whole["coverage"])
        assert rows["n"].sum() == pytest.approx(whole["n"], abs=0.01)
        assert rows["contributors"].max() <= whole["contributors"]
