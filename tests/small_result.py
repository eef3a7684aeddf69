"""A result small enough to check by eye: three segments, two spaces, a stop, one ward, two submissions."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from safeaudit.config import AuditConfig, CitySettings
from safeaudit.coverage import BAND_COLUMNS, bands
from safeaudit.pipeline import analyse
from safeaudit.tables import TABLES, AuditResult, Audits, Places, validate_table

METRIC = CRS.from_epsg(32737)
LATEST = pd.Timestamp("2026-05-17T18:23:47Z")
CANARIES = ("Bongani followed me", "auditor-7f3a", "2026-05-17", "18:23:47")
"""What no office file may hold: a note, an auditor, a day, a time."""

OF_ACTIONS = {"priorities", "look_first"}
"""Tables that `actions` alone makes, where a budget is set: no result holds them."""


def small_result(crs: CRS = METRIC) -> AuditResult:
    """Return the result; one street seen by day and in the dark, one only by day, one not at all.

    It is what a run makes of places and audits, but for tables that are written by hand: an output must cope
    with more than so few people can say.
    """
    config = AuditConfig(city=CitySettings(name="Small Town", remark="Simulated audits."))
    found = analyse(_places(crs), _audits(crs), config, quick=True)
    evidence = pd.DataFrame(
        [("s1", "lit", None, "yes", "", "OpenStreetMap", 1.0)],
        columns=["place_id", "name", "value", "label", "unit", "source", "coverage"],
    )
    evidence["value"] = evidence["value"].astype(float)
    summaries = pd.DataFrame(
        [("after", "ward-1", "segment", "lighting", "dark", 1200.0, 0.5, 2.0, 2, 0.5, 0.5, 0.0, 0.0)],
        columns=[
            *("campaign", "area_id", "kind", "indicator", "group", "total", "coverage", "n", "contributors"),
            *("band_1", "band_2", "band_3", "band_4"),
        ],
    )
    agreement = pd.DataFrame(
        [("after", "walk_path", "dark", 0.61, 0.4, 0.78, 70.0, 0.6, 40, 31, 6, "")],
        columns=TABLES["agreement"].names,
    )
    skill = pd.DataFrame(
        [("after", "walk_path", "dark", 0, 75, 0.21, 0.08, 0.3, 0.91, 120, 12, True, 1, "")],
        columns=TABLES["skill"].names,
    )
    calibration = pd.DataFrame(
        [("after", "walk_path", "dark", "other forms there", "1-2", 120, 12, 0.9, "")],
        columns=TABLES["calibration"].names,
    )
    stretches = pd.DataFrame(
        [("s1", "walk_path", "dark", "after", "Main St", "Main St, between A and B", 180.0, 2, "s1 s2", "S1 S2", 0.86)],
        columns=TABLES["stretches"].names,
    )
    group_answers = pd.DataFrame(
        [("after", "kind", "park", "feeling", "dark", "sex", "woman", 34.5, 28.0, 41.0, 60.5, 12, "")],
        columns=TABLES["group_answers"].names,
    )
    standardised_answers = pd.DataFrame(
        [("after", "kind", "park", "feeling", "dark", "sex", 40.0, 42.5, 36.0, 49.0, 25, "")],
        columns=TABLES["standardised_answers"].names,
    )
    group_gaps = pd.DataFrame(
        [
            (
                *("after", "segment", "feeling", "dark", "sex", "woman", 25, 40.0, 60.0, 11, 12),
                *(50.0, 34.0, -16.0, -22.0, -10.0, 0.001, 0.01, True, ""),
            ),
        ],
        columns=TABLES["group_gaps"].names,
    )
    group_spread = pd.DataFrame(
        [
            (
                *("after", "segment", "feeling", "dark", "sex", "woman", 25),
                *(12.0, 20.0, 8.0, 2.0, 14.0, 0.001, 0.01, "more", ""),
            ),
        ],
        columns=TABLES["group_spread"].names,
    )
    day_dark = pd.DataFrame(
        [
            (
                *("after", "city", "segment", "feeling", 25, 40.0, 60.0, 11, 12),
                *(60.0, 34.0, -26.0, -32.0, -20.0, 0.001, 0.01, True, ""),
            ),
        ],
        columns=TABLES["day_dark"].names,
    )
    night_reach = pd.DataFrame(
        [("after", "stop", "street_condition", "dark", 1, 1, 1, False, "people", 240.0, 120.5, 60.0, 180.0, "")],
        columns=TABLES["night_reach"].names,
    )
    reach_by_destination = pd.DataFrame(
        [
            (
                *("after", "stop", "t1", "street_condition", "dark", "Bus stop", 0.9, False),
                *("people", 240.0, 120.5, 60.0, 180.0, ""),
            ),
        ],
        columns=TABLES["reach_by_destination"].names,
    )
    feelings = pd.DataFrame(
        [("after", "feeling", "dark", "sex", "woman", 30, 12, 0.9, 0.4, 0.3, 0.2, 0.1, "")],
        columns=TABLES["feelings"].names,
    )
    matches = pd.DataFrame(
        [("a", "s1", "segment", 0.5, 3.0, True), ("a", "s2", "segment", 0.5, 4.0, True)],
        columns=["submission_id", "place_id", "kind", "weight", "distance_m", "ambiguous"],
    )
    faults = pd.DataFrame(
        [("a", "lamp_out", "s1", "City power", "open", False), ("b", "open_drain", None, None, "open", True)],
        columns=["submission_id", "kind", "place_id", "agency", "status", "old"],
    )
    faults["since"] = faults["last_seen"] = pd.Series([LATEST, None], dtype="datetime64[us, UTC]")
    return replace(
        found,
        matches=validate_table(matches, "matches"),
        faults=validate_table(faults, "faults"),
        evidence=validate_table(evidence, "evidence"),
        scores=_scores(),
        open_scores=_scores(),
        open_faults=validate_table(faults.head(1), "faults"),
        summaries=validate_table(summaries, "summaries"),
        agreement=validate_table(agreement, "agreement"),
        feelings=validate_table(feelings, "feelings"),
        skill=validate_table(skill, "skill"),
        calibration=validate_table(calibration, "calibration"),
        stretches=validate_table(stretches, "stretches"),
        group_answers=validate_table(group_answers, "group_answers"),
        standardised_answers=validate_table(standardised_answers, "standardised_answers"),
        group_gaps=validate_table(group_gaps, "group_gaps"),
        group_spread=validate_table(group_spread, "group_spread"),
        day_dark=validate_table(day_dark, "day_dark"),
        night_reach=validate_table(night_reach, "night_reach"),
        reach_by_destination=validate_table(reach_by_destination, "reach_by_destination"),
    )


def _places(crs: CRS) -> Places:
    lines = [shapely.LineString([(0, 100 * i), (90, 100 * i)]) for i in range(3)]
    segments = {
        "place_id": ["s1", "s2", "s3"],
        "place_code": ["A1", "A2", "A3"],
        "label": ['=HYPERLINK("http://x")', "<b>'; DROP TABLE segments;--", "Path near Square"],
        "label_kind": ["alone", "alone", "near"],
        "label_name": ['=HYPERLINK("http://x")', "<b>'; DROP TABLE segments;--", "path"],
        "label_from": None,
        "label_to": None,
        "label_near": [None, None, "Square"],
        "label_mark": None,
        "name": ['=HYPERLINK("http://x")', "<b>'; DROP TABLE segments;--", None],
        "highway": ["footway", "residential", None],
        "length_m": [90.0, 90.0, 90.0],
        "junction_from": ["n1", "n3", "n5"],
        "junction_to": ["n2", "n4", "n6"],
        "osm_ids": pd.Categorical(["w1", None, "w3"]),
    }
    spaces = {
        "place_id": ["p1", "p2"],
        "place_code": ["P1", "P2"],
        "label": ["Square", "Market"],
        "within": None,
        "name": ["Square", None],
        "category": pd.Categorical(["square", "market"]),
        "area_m2": [2500.0, None],
        "tags": ["{}", "{}"],
        "osm_ids": ["r1", None],
    }
    stops = {
        "place_id": ["t1"],
        "place_code": ["T1"],
        "label": ["Bus stop"],
        "name": [None],
        "category": ["bus_stop"],
        "tags": ["{}"],
        "osm_ids": [None],
    }
    areas = {"area_id": ["ward-1"], "name": ["Ward 1"], "kind": ["ward"]}
    features = {"feature_id": [], "category": None, "name": None, "kind": [], "tags": []}
    links = {
        "link_id": ["l1", "l2", "l3"],
        "segment_id": ["s1", "s2", "s3"],
        "space_id": None,
        "highway": ["footway", "residential", None],
        "length_m": [90.0, 90.0, 90.0],
        "node_from": ["n1", "n3", "n5"],
        "node_to": ["n2", "n4", "n6"],
        "tags": ["{}", "{}", "{}"],
        "osm_ids": ["w1", None, "w3"],
    }
    return Places(
        crs=crs,
        links=_layer(links, lines, crs, "links"),
        segments=_layer(segments, lines, crs, "segments"),
        spaces=_layer(spaces, [shapely.box(100, 0, 150, 50), shapely.Point(10, 10)], crs, "spaces"),
        stops=_layer(stops, [shapely.Point(5, 5)], crs, "stops"),
        areas=_layer(areas, [shapely.box(0, 0, 200, 200)], crs, "areas"),
        features=_layer(features, [], crs, "features"),
        attribution="© OpenStreetMap contributors, ODbL",
    )


def _layer(columns: dict[str, object], shapes: list[shapely.Geometry], crs: CRS, table: str) -> gpd.GeoDataFrame:
    return validate_table(gpd.GeoDataFrame(columns, geometry=shapes, crs=crs), table)


def _audits(crs: CRS) -> Audits:
    submissions = {
        "submission_id": ["a", "b"],
        "source": "walk.csv",
        "line": [2, 3],
        "form": [None, "uuid:1"],
        "version": 1,
        "flags": "",
        "campaign": "after",
        "walk_id": pd.Categorical(["w1", "w1"]),
        "observed_at": [LATEST, pd.NaT],
        "light": ["dark", None],
        "group_size": 1,
        "group_women": None,
        "group_men": None,
        "group_other": None,
        "auditor": CANARIES[1],
        "auditor_sex": "woman",
        "auditor_age": None,
        "auditor_disability": None,
        "auditor_role": None,
        "own_groups": None,
        "consent": "public",
        "accuracy_m": [4.0, None],
        "place_code": None,
        "lux": None,
        "note": [CANARIES[0], "=cmd|' /C calc'!A0"],
    }
    observations = pd.DataFrame(
        {
            "submission_id": ["a", "a", "b"],
            "indicator": pd.Categorical(["lighting", "walk_path", "lighting"]),
            "level": pd.array([0, 3, None], dtype="Int64"),
            "rating": [0.0, 1.0, 0.4],
            "n": 1,
            "spread": [None, None, 0.1],
        }
    )
    rejected = pd.DataFrame(
        {
            "file": ["walk.csv", "-evil.csv"],
            "file_sha256": ["aa", "bb"],
            "line": [4, 9],
            "column": ["lat", "@SUM(A1)"],
            "value": ["=1+1", None],
            "code": ["no_position", "level"],
            "message": ["There is no position.", "\tThis is no level."],
            "row": ['{"lat": "=1+1", "@SUM(A1)": "2.5"}', ""],
        }
    )
    return Audits(
        submissions=_layer(submissions, [shapely.Point(5, 1), None], crs, "submissions"),
        observations=validate_table(observations, "observations"),
        faults=validate_table(
            pd.DataFrame({"submission_id": ["a", "b"], "kind": ["lamp_out", "open_drain"]}), "reports"
        ),
        rejected=validate_table(rejected, "rejected"),
        counts=(),
    )


def _scores() -> pd.DataFrame:
    earlier = pd.Timestamp("2026-02-03T10:00:00Z")
    rows = [
        ("s1", "lighting", "dark", 10.0, 0.0, 30.0, 2.5, 2, LATEST, "few", 0, True),
        ("s1", "walk_path", "dark", 20.0, 5.0, 40.0, 2.0, 2, LATEST, "few", 0, True),
        ("s1", "street_condition", "dark", 15.0, 4.0, 35.0, 2.5, 2, LATEST, "few", None, True),
        ("s1", "score", "dark", 40.0, 20.0, 60.0, 2.5, 2, LATEST, "few", None, True),
        ("s1", "walk_path", "day", 99.0, 90.0, 100.0, 9.0, 5, earlier, "audited", 3, False),
        ("s2", "walk_path", "day", 60.0, 50.0, 70.0, 4.0, 3, earlier, "stale", 2, False),
        ("s2", "openness", "day", 70.0, 60.0, 80.0, 5.0, 4, None, "audited", 2, False),
        ("p1", "feeling", "unrecorded", 30.0, 10.0, 50.0, 1.0, 1, None, "few", 1, False),
    ]
    names = ["place_id", "indicator", "group", "score", "low", "high", "n", "contributors", "latest_at", "state"]
    scores = pd.DataFrame(rows, columns=[*names, "level_seen", "level_0"])
    scores["headline"] = (scores["place_id"] != "s1") | (scores["group"] == "dark")
    scores["level_seen"] = scores["level_seen"].astype("Int64")
    scores["p_below"] = (scores["score"] < 50).astype(float)
    for number, column in enumerate(BAND_COLUMNS):
        scores[column] = (bands(scores["score"]) == number).astype(float)
    scores["answers"] = scores["contributors"]
    scores["campaign"] = pd.Series("after", index=scores.index, dtype="category")
    scores["newer_at"] = pd.Series(pd.NaT, index=scores.index, dtype="datetime64[us, UTC]")
    scores["lowest_seen"] = scores["level_seen"].astype(float)
    scores["latest_at"] = pd.to_datetime(scores["latest_at"], utc=True)
    for name in ("place_id", "indicator", "group", "state"):
        scores[name] = scores[name].astype("category")
    return validate_table(scores, "scores")
