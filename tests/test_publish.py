"""Canaries: what is private is put in everywhere, and must be nowhere in what is let through."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from public_town import public_town
from town import NIGHT, at, box, everything, features_of, observations, result, stops_of, submissions, town

from safeaudit.config import (
    AuditConfig,
    CitySettings,
    FaultSettings,
    OwnIndicator,
    PublishSettings,
    RubricSettings,
    ScoreSettings,
)
from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows
from safeaudit.languages import read_language
from safeaudit.publish import publishable, to_public, walk_warnings
from safeaudit.publish.remarks import public_remarks
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.tables import AuditResult
    from safeaudit.tables.public import Public

USUAL = PublishSettings(lone_ends_m=0)
CANARY = "CANARY"
PRIVATE = ("people", "security", "gender_usage", "feeling", "score")
SOUTH, NORTH = {"point": at(50, 1)}, {"point": at(50, 99)}


def audited(
    rows: Mapping[str, Mapping[str, Any]],
    levels: Mapping[str, Any] | None = None,
    *reported: tuple[str, str],
    **kwargs: Any,
) -> AuditResult:
    """Return what is found out from submissions by their id; where nothing is said all is at level 2."""
    people = submissions(*({"submission_id": who, "auditor": f"by {who}", **row} for who, row in rows.items()))
    return result(people, observations(levels or {who: everything(2) for who in rows}), *reported, **kwargs)


def everything_in(public: Public) -> str:
    """Return every value of what is let through, as one text."""
    parts = []
    for part in dataclasses.fields(public):
        value = getattr(public, part.name)
        if isinstance(value, gpd.GeoDataFrame):
            parts.append(value.to_wkt().to_csv())
        else:
            parts.append(value.to_csv() if isinstance(value, pd.DataFrame) else repr(value))
    return "\n".join(parts)


def shown(public: Public) -> set[tuple[str, str]]:
    """Return place and indicator of all conditions."""
    return set(zip(public.conditions["place_id"], public.conditions["indicator"], strict=True))


def test_what_is_seen_of_a_street_is_shown() -> None:
    public = to_public(audited({"a": SOUTH}), USUAL)
    names = {"lighting", "openness", "visibility", "walk_path", "public_transport", "street_condition"}
    assert shown(public) == {("south", name) for name in names}
    assert public.indicators[0].name == "street_condition"
    row = public.conditions[public.conditions["indicator"] == "walk_path"].iloc[0]
    assert pd.isna(row["level"])  # of few people the band alone is told
    assert row.drop(["place_id", "level"]).to_dict() == {
        "indicator": "walk_path",
        "band": 2,
        "state": "few",
        "n": "1-2",
        "people": "1-2",
        "level_0": False,
        "list": "none",
        "light": "dark",
        "quarter": "2026 Q2",
    }


def test_people_security_gender_usage_feeling_and_the_score_are_never_shown_by_place() -> None:
    rows = {f"p{i}": {**SOUTH, "walk_id": f"walk-{i}"} for i in range(12)}
    found = audited(rows, {who: everything(0, but={"feeling": 0}) for who in rows})
    assert set(PRIVATE) <= set(found.scores["indicator"])
    public = to_public(found, USUAL)
    assert not set(PRIVATE) & set(public.conditions["indicator"])
    assert not set(PRIVATE) & set(public.coverage["indicator"])
    assert not set(PRIVATE) & {indicator.name for indicator in public.indicators}


def test_changing_what_is_private_changes_no_byte_of_what_is_public() -> None:
    def text(level: int) -> str:
        levels = everything(2, but={"people": level, "security": level, "gender_usage": level, "feeling": level})
        return everything_in(to_public(audited({"a": SOUTH}, {"a": levels}), USUAL))

    assert text(0) == text(3)


def test_notes_auditors_times_points_and_ids_never_leave() -> None:
    private = {
        "note": f"note {CANARY}",
        "auditor": f"auditor-{CANARY}",
        "auditor_sex": f"sex-{CANARY}",
        "auditor_age": f"age-{CANARY}",
        "auditor_disability": f"disability-{CANARY}",
        "auditor_role": f"role-{CANARY}",
        "walk_id": f"walk-{CANARY}",
        "form": f"form-{CANARY}",
        "source": f"{CANARY}.csv",
        "place_code": CANARY,
        "flags": CANARY,
        "point": at(51.2345, 1.3456),
    }
    public = to_public(audited({f"id-{CANARY}": private}), USUAL)
    assert not public.conditions.empty
    text = everything_in(public)
    assert CANARY not in text
    for trace in ("2026-05", "18:23", "257051", "51.2345", "few.csv"):
        assert trace not in text
    point = gpd.GeoSeries([private["point"]], crs=32737).to_crs(4326).iloc[0]
    assert f"{point.x:.6f}" not in text
    assert not (public.places.geometry.geom_type == "Point").any()


def test_the_map_names_its_campaign_after_the_citys_remark() -> None:
    city = CitySettings(name="Block Town", remark="Simulated audits.")
    config = AuditConfig(city=city, score=ScoreSettings(campaign="after"))
    rows = {"a": {**SOUTH, "campaign": "after"}}
    nobody = pd.Series([], dtype="str")
    assert public_remarks(audited(rows, config=config), nobody) == ("Simulated audits.", "Campaign: after")
    assert public_remarks(audited(rows, config=AuditConfig(city=city)), nobody) == ("Simulated audits.",)
    assert public_remarks(audited({"a": SOUTH}), nobody) == ()


def test_a_time_is_shown_as_its_quarter() -> None:
    rows = {"a": {**SOUTH, "observed_at": NIGHT}, "b": {**NORTH, "observed_at": pd.NaT, "light": None}}
    public = to_public(audited(rows), USUAL)
    quarters = public.conditions.groupby("place_id")["quarter"].unique()
    assert quarters["south"].tolist() == ["2026 Q2"]
    assert pd.isna(quarters["north"]).all()
    assert public.as_of == "2026 Q2"


def test_without_any_time_there_is_no_quarter() -> None:
    public = to_public(audited({"a": {**SOUTH, "observed_at": pd.NaT, "light": None}}), USUAL)
    assert public.as_of == ""
    assert public.conditions["quarter"].isna().all()


@pytest.mark.parametrize(
    ("count", "expected"), [(1, "1-2"), (2, "1-2"), (3, "3-4"), (4, "3-4"), (5, "5 or more"), (9, "5 or more")]
)
def test_numbers_are_shown_in_classes(count: int, expected: str) -> None:
    public = to_public(audited({f"p{i}": SOUTH for i in range(count)}), USUAL)
    assert public.conditions["n"].unique().tolist() == [expected]


def test_scores_are_shown_as_bands_alone() -> None:
    public = to_public(audited({"a": SOUTH, "b": NORTH}, {"a": everything(3), "b": everything(0)}), USUAL)
    found = public.conditions[public.conditions["indicator"] == "walk_path"].set_index("place_id")["band"]
    assert found.to_dict() == {"south": 2, "north": 1}  # 75 and 25
    assert not {"score", "low", "high", "contributors", "latest_at"} & set(public.conditions.columns)


def test_each_light_is_shown_apart() -> None:
    """What was seen by day is no secret because somebody came back after dark: the map would say that nobody looked."""
    found = audited({"a": SOUTH, "b": {**SOUTH, "light": "day"}}, {"a": {"walk_path": 3}, "b": {"walk_path": 0}})
    rows = to_public(found, USUAL).conditions.query("indicator == 'walk_path'")
    assert rows[["place_id", "light", "band"]].to_numpy().tolist() == [["south", "dark", 3], ["south", "day", 0]]


# --- consent --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("consent", "leaves"), [("analysis", False), ("conditions", True), ("public", True), ("none", False)]
)
def test_consent_decides_what_may_be_shown(consent: str, *, leaves: bool) -> None:
    found = audited({"a": {**SOUTH, "consent": consent}})
    assert len(publishable(found.audits.submissions)) == leaves
    assert bool(shown(to_public(found, USUAL))) is leaves


def test_a_rating_for_analysis_alone_changes_no_byte_of_what_is_public() -> None:
    open_only = audited({"a": SOUTH, "c": NORTH})
    with_private = audited(
        {"a": SOUTH, "b": {**SOUTH, "consent": "analysis"}, "c": NORTH},
        {"a": everything(2), "b": everything(0), "c": everything(2)},
    )
    assert not with_private.scores["score"].equals(open_only.scores["score"])
    assert everything_in(to_public(with_private, USUAL)) == everything_in(to_public(open_only, USUAL))


# --- walks ----------------------------------------------------------------------------------------


def test_a_street_seen_on_too_few_walks_is_held_back() -> None:
    rows = {"a": SOUTH, "b": {**SOUTH, "walk_id": "walk-2"}, "c": NORTH}
    found = audited(rows)
    assert {place for place, _ in shown(to_public(found, USUAL))} == {"south", "north"}
    assert {place for place, _ in shown(to_public(found, PublishSettings(min_walks=2, lone_ends_m=0)))} == {"south"}
    assert not shown(to_public(found, PublishSettings(min_walks=3)))


def test_what_is_held_back_is_in_no_share_either() -> None:
    rows = {"a": SOUTH, "b": {**SOUTH, "walk_id": "walk-2"}, "c": NORTH}
    public = to_public(audited(rows), PublishSettings(min_walks=2, lone_ends_m=0))
    seen = public.coverage.query("kind == 'segment'").set_index("indicator")["seen"]
    assert seen["walk_path"] == 0.25


def test_walks_that_may_not_be_shown_do_not_count_as_walks() -> None:
    rows = {"a": SOUTH, "b": {**SOUTH, "walk_id": "walk-2", "consent": "analysis"}}
    assert not shown(to_public(audited(rows), PublishSettings(min_walks=2, lone_ends_m=0)))


def test_streets_of_one_walk_are_warned_of() -> None:
    twice = {"walk_id": "walk-2"}
    rows = {"a": SOUTH, "b": NORTH, "c": {**NORTH, **twice}, "d": {"point": at(99, 50)}, "e": {"point": at(99, 50)}}
    found = audited({**rows, "f": {"point": at(1, 50)}, "g": {"point": at(1, 50), **twice}, "h": {"point": at(1, 50)}})
    (warning,) = walk_warnings(found, USUAL)
    assert warning.startswith("2 places show what one walk alone saw: ")
    assert warning.endswith("write min_walks = 2 under [publish].")
    assert warning in found.warnings
    assert walk_warnings(found, PublishSettings(min_walks=2, lone_ends_m=0)) == ()
    assert walk_warnings(audited({"a": SOUTH, "b": {**SOUTH, **twice}}), USUAL) == ()


# --- indicators -----------------------------------------------------------------------------------


def test_where_the_street_condition_lacks_the_best_answered_indicator_comes_first() -> None:
    rows = {"a": SOUTH, "b": NORTH}
    public = to_public(audited(rows, {"a": {"walk_path": 2, "openness": 1}, "b": {"walk_path": 1}}), USUAL)
    assert [indicator.name for indicator in public.indicators] == ["walk_path", "openness"]


def with_own(public: str | None) -> AuditConfig:
    """Return settings with an indicator of the city's own."""
    given = {} if public is None else {"public": public}
    own = OwnIndicator(label=f"Shade {CANARY}", question=f"Any {CANARY}?", **given)
    return AuditConfig(rubric=RubricSettings(indicators={"shade": own}))


@pytest.mark.parametrize(("public", "leaves"), [(None, False), ("never", False), ("area", False), ("place", True)])
def test_an_indicator_of_the_citys_own_is_private_unless_said(public: str | None, *, leaves: bool) -> None:
    found = audited({"a": SOUTH}, {"a": everything(2, but={"shade": 1})}, config=with_own(public))
    assert "shade" in set(found.scores["indicator"])
    view = to_public(found, USUAL)
    assert (("south", "shade") in shown(view)) is leaves
    assert (CANARY in everything_in(view)) is leaves


def test_every_place_is_on_the_map_audited_or_not_in_degrees() -> None:
    public = to_public(audited({"a": SOUTH}), USUAL)
    assert public.places["place_id"].tolist() == ["east", "north", "south", "west", "plaza"]
    assert public.places["kind"].tolist() == ["segment"] * 4 + ["space"]
    assert public.places["label"].tolist() == [
        *(f"street {name}" for name in ("east", "north", "south", "west")),
        "square plaza",
    ]
    assert public.places["label_name"].tolist() == public.places["label"].tolist()
    assert public.places.crs == "EPSG:4326"
    west, south, east, north = public.places.total_bounds
    assert 36.8 < west < east < 36.9
    assert -1.3 < south < north < -1.2


def test_coverage_says_how_much_was_not_seen() -> None:
    public = to_public(audited({"a": SOUTH}), USUAL)
    seen = public.coverage.query("kind == 'segment'").set_index("indicator")["seen"]
    assert seen["street_condition"] == 0.25


def test_what_was_seen_in_another_light_is_in_no_share_of_this_one() -> None:
    rows = {"a": {**SOUTH, "light": "dark"}, "b": {**SOUTH, "light": "day"}, "c": {**NORTH, "light": "day"}}
    public = to_public(audited(rows), USUAL)
    seen = public.coverage.query("indicator == 'walk_path' and kind == 'segment'").set_index("light")["seen"]
    assert (seen["dark"], seen["day"]) == (0.25, 0.5)  # of four streets one was seen after dark, it and another by day


def test_an_empty_result_can_be_shown() -> None:
    public = to_public(result(submissions(), observations({})), USUAL)
    assert public.conditions.empty
    assert public.as_of == ""
    assert len(public.places) == 5


def test_words_on_the_map_never_frighten() -> None:
    text = everything_in(to_public(audited({"a": SOUTH}), USUAL)).lower()
    for word in ("dangerous", "crime", "risk", "unsafe"):
        assert word not in text
    assert read_language("en")["indicator.feeling.label"].lower() not in text


# --- faults and evidence ----------------------------------------------------------------------------


def test_a_fault_is_shown_at_its_place_in_words_with_who_can_mend_it() -> None:
    config = AuditConfig(faults=FaultSettings(agencies={"lamp_out": "City power"}))
    found = audited({"a": SOUTH, "b": SOUTH}, None, ("a", "lamp_out"), ("b", "lamp_out"), config=config)
    assert to_public(found, USUAL).faults.to_dict("records") == [
        {"place_id": "south", "kind": "Lamp does not work", "agency": "City power", "n": "1-2", "quarter": "2026 Q2"}
        | {"status": "open"}
    ]


def test_faults_without_a_place_mended_ones_and_those_of_analysis_are_not_shown() -> None:
    rows = {"a": {**SOUTH, "consent": "analysis"}, "b": {"point": at(900, 900)}, "c": SOUTH}
    found = audited(rows, None, ("a", "lamp_out"), ("b", "rubbish"), ("c", "path_broken"))
    assert to_public(found, USUAL).faults["kind"].tolist() == ["Path broken or muddy"]
    mended = dataclasses.replace(found, open_faults=found.open_faults.assign(status="mended"))
    assert to_public(mended, USUAL).faults.empty


def test_faults_of_places_that_few_walks_saw_are_held_back_with_them() -> None:
    found = audited({"a": SOUTH}, None, ("a", "lamp_out"))
    assert to_public(found, PublishSettings(min_walks=2, lone_ends_m=0)).faults.empty
    assert len(to_public(found, USUAL).faults) == 1


def test_the_map_says_what_is_known_and_keeps_apart_what_is_not() -> None:
    found = audited({"a": SOUTH})
    ids = found.places.segments["place_id"]
    assert ids.tolist() == ["east", "north", "south", "west"]
    dead_end = Measure(name="dead_end")
    only_way = Measure(name="only_way")
    stop = Measure(name="stop_distance_m", unit="m")
    rows = [
        evidence_rows(dead_end, ids, label=["yes", "no", "yes", None], coverage=[1, 1, 1, 0]),
        evidence_rows(only_way, ids, label=["no", "yes", "yes", None], coverage=[1, 1, 1, 0]),
        evidence_rows(stop, ids, value=[200.0, 200.1, 5000.0, float("nan")], coverage=[1, 1, 1, 0]),
    ]
    public = to_public(dataclasses.replace(found, evidence=concat_evidence(rows)), USUAL)
    assert [layer.name for layer in public.layers] == ["ways_out", "stop_distance"]
    assert public.layers[0].steps == ("the only way through", "dead end")
    lengths = found.places.segments["length_m"]
    assert [layer.coverage for layer in public.layers] == [pytest.approx(lengths[:3].sum() / lengths.sum())] * 2
    assert public.evidence["ways_out"].tolist() == [2, 1, 2, -1]
    assert public.evidence["stop_distance"].tolist() == [1, 2, 4, -1]


def test_a_quick_run_shows_no_layers_and_no_lamps() -> None:
    public = to_public(audited({"a": SOUTH}), USUAL)
    assert public.layers == ()
    assert public.lamps.empty
    assert list(public.evidence.columns) == ["place_id"]


def test_shapes_are_shown_where_they_are_to_a_tenth_of_a_metre() -> None:
    lamp, house = at(10, 3), box(20, 20, 30, 30)
    around = features_of(("lamp", None, lamp), ("building", None, house))
    places = dataclasses.replace(town(stops=stops_of({"stop": at(5, 5)})), features=around)
    public = to_public(audited({"a": SOUTH}, places=places, quick=False), USUAL)
    drawn = (places.segments, places.spaces, places.stops)
    metres = public.places.set_index("place_id").geometry.to_crs(places.crs)
    for table in drawn:
        there = table.set_index("place_id").geometry
        assert (metres[there.index].hausdorff_distance(there) < 0.1).all()
    assert public.lamps.to_crs(places.crs).iloc[0].distance(lamp) < 0.1
    assert public.backdrop["kind"].tolist() == ["building"]
    assert public.backdrop.geometry.to_crs(places.crs).iloc[0].hausdorff_distance(house) < 0.1


def test_the_town_that_pages_are_tested_with_is_shaped_as_what_is_let_through() -> None:
    let_through, drawn = to_public(audited({"a": SOUTH}, quick=False), USUAL), public_town()
    for part in dataclasses.fields(let_through):
        real, by_hand = getattr(let_through, part.name), getattr(drawn, part.name)
        assert type(by_hand) is type(real), part.name
        if isinstance(real, pd.DataFrame) and part.name != "evidence":  # its columns are the layers that are known
            assert set(by_hand.columns) == set(real.columns), part.name
            assert getattr(by_hand, "crs", None) == getattr(real, "crs", None)
