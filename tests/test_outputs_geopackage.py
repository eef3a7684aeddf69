"""office/planning.gpkg and the writer below it: right, described, styled, repeatable, and never half-written."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import CRS
from small_result import CANARIES, LATEST, small_result

from safeaudit.errors import OutputError
from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows
from safeaudit.files.admit import admit
from safeaudit.languages import read_language
from safeaudit.outputs import planning, result_file
from safeaudit.outputs.parts import geopackage
from safeaudit.outputs.parts.styles import qml
from safeaudit.rubric import BAND_CUTS, STANDARD, Indicator, IndicatorWords, Rubric
from safeaudit.tables import TABLES, Measure

NO_RIGHTS = pytest.mark.skipif(os.name != "posix", reason="this system has no file modes")

ENGLISH = read_language("en")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("office") / "planning.gpkg"
    planning.write(small_result(), ENGLISH, target)
    return target


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def write_both_ways(frame: pd.DataFrame, target: Path) -> None:
    """Write a table as plain `things`, and with points as `spots`: the one by SQLite, the other by GDAL."""
    spots = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy([0] * len(frame), [0] * len(frame)), crs="EPSG:32737")
    layers = [
        geopackage.Layer(name="spots", title="Spots", description="A spot.", frame=spots, geometry_type="Point"),
        geopackage.Layer(name="things", title="Things", description="A thing.", frame=frame),
    ]
    geopackage.write(target, layers, latest=pd.NaT)


def test_planning_has_the_layers_of_the_contract(written: Path) -> None:
    layers = dict(pyogrio.list_layers(written))
    assert layers == {
        "segments": "LineString",
        "spaces": "Unknown",  # one is a polygon, one a point
        "stops": "Point",
        "areas": "MultiPolygon",
        "evidence_segments": "LineString",
        "measures": None,
        "actions": None,
        "faults": "Point",
        "summaries": None,
        "access": None,
        "agreement": None,
        "skill": None,
        "stretches": "MultiLineString",
        "feelings": None,
        "group_answers": None,
        "standardised_answers": None,
        "calibration": None,
        "group_spread": None,
        "group_gaps": None,
        "day_dark": None,
        "night_reach": None,
        "reach_by_destination": "Point",
        "changes": "Point",
        "mean_changes": None,
        "site_changes": None,
        "layer_styles": None,
    }
    assert admit(written).kind == "gpkg"
    assert gpd.read_file(written, layer="segments").crs.to_epsg() == 32737


def test_dark_heads_a_place_and_is_never_pooled_with_day(written: Path) -> None:
    query = "SELECT light, walk_path, walk_path_low, walk_path_high, walk_path_n FROM segments ORDER BY place_id"
    assert rows(written, query) == [
        ("dark", 20.0, 5.0, 40.0, 2.0),
        ("day", 60.0, 50.0, 70.0, 4.0),
        (None, None, None, None, None),
    ]


def test_a_place_says_what_it_rests_on(written: Path) -> None:
    query = "SELECT state, n, contributors, latest, level_0, score, score_low, score_high FROM segments"
    assert rows(written, f"{query} ORDER BY place_id") == [
        ("few", 2.5, 2, "2026 Q2", "lighting, walk_path", 40.0, 20.0, 60.0),
        ("audited", 5.0, 4, "2026 Q1", None, None, None, None),
        ("not_audited", None, None, None, None, None, None, None),
    ]


def test_every_indicator_has_its_interval_and_its_n(written: Path) -> None:
    names = list(pyogrio.read_info(written, layer="stops")["fields"])
    for name in (*STANDARD.names, "street_condition"):
        assert {name, f"{name}_low", f"{name}_high", f"{name}_n"} <= set(names)


def test_faults_stand_at_the_middle_of_their_place_with_who_can_mend_them(written: Path) -> None:
    query = "SELECT place_id, place_code, kind, agency, reports, contributors, last_seen FROM faults"
    assert rows(written, query) == [("s1", "A1", "lamp_out", "City power", 1, 1, "2026 Q2")]
    labels = rows(written, "SELECT place_id, label FROM segments")
    assert set(rows(written, "SELECT place_id, label FROM faults")) <= set(labels)
    assert gpd.read_file(written, layer="faults").geometry.tolist() == [shapely.Point(45, 0)]


def test_a_mended_fault_is_not_shown(tmp_path: Path) -> None:
    result = small_result()
    planning.write(replace(result, faults=result.faults.assign(status="mended")), ENGLISH, tmp_path / "planning.gpkg")
    assert rows(tmp_path / "planning.gpkg", "SELECT * FROM faults") == []


def test_evidence_stands_beside_its_place_with_its_coverage(tmp_path: Path) -> None:
    lamps = Measure(name="lamps_per_100_m", unit="lamps per 100 m")
    lit = Measure(name="lit")
    ids = pd.Series(["s1", "s2", "s3"])
    told_of = [
        evidence_rows(lamps, ids, value=[2.0, 0.0, np.nan], coverage=[1.0, 1.0, 0.0]),
        evidence_rows(lit, ids, label=["yes", "unknown", None]),
    ]
    result = replace(small_result(), evidence=concat_evidence(told_of), measures=(lamps, lit))
    planning.write(result, ENGLISH, tmp_path / "planning.gpkg")
    assert all(label for (label,) in rows(tmp_path / "planning.gpkg", "SELECT label FROM evidence_segments"))
    query = "SELECT place_id, lit, lamps_per_100_m, lamps_per_100_m_coverage FROM evidence_segments ORDER BY place_id"
    assert rows(tmp_path / "planning.gpkg", query) == [
        ("s1", "yes", 2.0, 1.0),
        ("s2", "unknown", 0.0, 1.0),
        ("s3", None, None, 0.0),
    ]
    columns = pyogrio.read_info(tmp_path / "planning.gpkg", layer="evidence_segments")["fields"]
    assert "lit_coverage" not in columns  # it is the same everywhere: `measures` has it
    told_table = rows(tmp_path / "planning.gpkg", "SELECT name, meaning, unit, coverage FROM measures")
    assert told_table == [
        ("lamps_per_100_m", ENGLISH["measure.lamps_per_100_m"], "lamps per 100 m", pytest.approx(2 / 3)),
        ("lit", ENGLISH["measure.lit"], "", 1.0),
    ]


def test_the_legend_and_the_measures_are_in_the_language_of_the_city(tmp_path: Path) -> None:
    arabic = read_language("ar")
    lit = Measure(name="lit")
    told = evidence_rows(lit, pd.Series(["s1"]), label=["yes"])
    result = replace(small_result(), evidence=concat_evidence([told]), measures=(lit,))
    planning.write(result, arabic, tmp_path / "planning.gpkg")
    (style,) = rows(tmp_path / "planning.gpkg", "SELECT styleQML FROM layer_styles WHERE f_table_name = 'segments'")
    assert [text for text in (*arabic.bands, arabic["qgis.not_audited"]) if text not in style[0]] == []
    assert [text for key, text in ENGLISH.under("band.", "qgis.").items() if f'label="{text}"' in style[0]] == []
    assert rows(tmp_path / "planning.gpkg", "SELECT meaning FROM measures") == [(arabic["measure.lit"],)]


def test_what_is_private_is_in_no_byte(written: Path, tmp_path: Path) -> None:
    content = written.read_bytes()
    for canary in CANARIES:
        assert canary.encode() not in content
    result = small_result()
    result.audits.submissions["note"] = "canary"
    planning.write(result, ENGLISH, tmp_path / "planning.gpkg")
    assert (tmp_path / "planning.gpkg").read_bytes() == content


def test_the_file_bears_the_quarter_and_no_finer_date(written: Path) -> None:
    dates = rows(written, "SELECT last_change FROM gpkg_contents UNION SELECT update_time FROM layer_styles")
    assert dates == [("2026-04-01T00:00:00.000Z",)]


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from small_result import small_result;"
        "from safeaudit.languages import read_language; from safeaudit.outputs import planning, result_file;"
        "out = Path(sys.argv[1]); result = small_result();"
        "planning.write(result, read_language('ar'), out / 'planning.gpkg');"
        "result_file.write(result, out / 'result.gpkg')"
    )
    hashes = []
    for run in ("one", "two"):
        time.sleep(1.1 if hashes else 0)  # GDAL's clock shall show another second
        path = os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[1])))
        environment = {**os.environ, "PYTHONPATH": path}
        subprocess.run([sys.executable, "-c", script, str(tmp_path / run)], check=True, env=environment)
        hashes.append([hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted((tmp_path / run).iterdir())])
    assert len(hashes[0]) == 2
    assert hashes[0] == hashes[1]


def test_layers_and_columns_are_described(written: Path) -> None:
    [(title, description)] = rows(
        written, "SELECT identifier, description FROM gpkg_contents WHERE table_name = 'segments'"
    )
    assert title == "Small Town: segments"
    assert TABLES["segments"].row in description
    assert "Simulated audits. Campaign: after. " in description
    assert "© OpenStreetMap contributors, ODbL" in description
    described = dict(
        rows(written, "SELECT column_name, description FROM gpkg_data_columns WHERE table_name='segments'")
    )
    assert described["length_m"] == "length of its main line, metres"
    assert "not crime risk" in described["score"]
    fields = set(pyogrio.read_info(written, layer="segments")["fields"])
    assert set(described) == fields


def test_hostile_names_are_only_text(written: Path) -> None:
    names = rows(written, "SELECT name FROM segments ORDER BY place_id")
    assert names == [('=HYPERLINK("http://x")',), ("<b>'; DROP TABLE segments;--",), (None,)]


def test_polygons_become_multipolygons_as_the_layer_says(tmp_path: Path) -> None:
    result = small_result()
    places = dataclasses.replace(result.places, spaces=result.places.spaces.iloc[:1])
    planning.write(dataclasses.replace(result, places=places), ENGLISH, tmp_path / "planning.gpkg")
    assert dict(pyogrio.list_layers(tmp_path / "planning.gpkg"))["spaces"] == "MultiPolygon"
    assert gpd.read_file(tmp_path / "planning.gpkg", layer="spaces").geom_type.tolist() == ["MultiPolygon"]


def test_a_city_without_audits_is_all_not_audited(tmp_path: Path) -> None:
    result = small_result()
    places = dataclasses.replace(
        result.places, areas=result.places.areas.iloc[:0], spaces=result.places.spaces.iloc[:0]
    )
    empty = dataclasses.replace(
        result,
        places=places,
        scores=result.scores.iloc[:0],
        evidence=result.evidence.iloc[:0],
        summaries=result.summaries.iloc[:0],
    )
    target = tmp_path / "planning.gpkg"
    planning.write(empty, ENGLISH, target)
    assert rows(target, "SELECT DISTINCT state, score FROM segments") == [("not_audited", None)]
    assert rows(target, "SELECT DISTINCT last_change FROM gpkg_contents") == [("2000-01-01T00:00:00.000Z",)]


def test_scores_in_another_order_and_as_plain_text_give_the_same_bytes(written: Path, tmp_path: Path) -> None:
    result = small_result()
    shuffled = result.scores.sample(frac=1, random_state=3)
    shuffled[["place_id", "indicator", "group", "state"]] = shuffled[
        ["place_id", "indicator", "group", "state"]
    ].astype(object)
    planning.write(dataclasses.replace(result, scores=shuffled), ENGLISH, tmp_path / "planning.gpkg")
    assert (tmp_path / "planning.gpkg").read_bytes() == written.read_bytes()


def test_inputs_are_not_changed(tmp_path: Path) -> None:
    result, untouched = small_result(), small_result()
    planning.write(result, ENGLISH, tmp_path / "planning.gpkg")
    pd.testing.assert_frame_equal(result.scores, untouched.scores)
    pd.testing.assert_frame_equal(result.places.segments, untouched.places.segments)


@pytest.mark.parametrize(
    ("without", "shown"),
    [
        ((), "score"),
        (("score",), "street_condition"),
        (("score", "street_condition"), "walk_path"),  # seen in two places
        (("score", "street_condition", "walk_path"), "lighting"),  # the first of those seen in one
    ],
)
def test_the_map_opens_on_what_was_answered(without: tuple[str, ...], shown: str) -> None:
    scores = small_result().scores
    head = scores[scores["headline"] & ~scores["indicator"].isin(without)]
    assert planning.shown_column(head, STANDARD) == shown


@pytest.mark.parametrize("name", ["segments", "spaces", "spaces_mixed", "stops"])
def test_styles_show_bands_states_and_width(name: str) -> None:
    style = ET.fromstring(qml(name, "walk_path", ENGLISH, STANDARD))  # noqa: S314 -- our own template
    filters = " ".join(rule.get("filter", "") for rule in style.iter("rule"))
    labels = [rule.get("label") for rule in style.iter("rule")]
    assert set(ENGLISH.bands) <= set(labels)
    assert {float(cut) for cut in re.findall(r'"walk_path" (?:<|>=) ([0-9.]+)', filters)} == set(BAND_CUTS)
    for state in ("audited", "few", "stale", "not_audited"):
        assert f"'{state}'" in filters
    assert ("'estimated'" in filters) == (name == "segments")  # spaces and stops never are
    text = qml(name, "walk_path", ENGLISH, STANDARD)
    for colour in ("68,1,84", "65,68,135", "43,117,142", "32,164,134", "185,180,168"):
        assert f"{colour}," in text
    widths = [
        float(w) for w in re.findall(r'name="(?:line_width|outline_width|size)" type="QString" value="([\d.]+)"', text)
    ]
    assert len(set(widths)) > 4


def test_every_rule_has_its_symbol() -> None:
    for name in ("segments", "spaces", "spaces_mixed", "stops"):
        style = ET.fromstring(qml(name, "score", ENGLISH, STANDARD))  # noqa: S314 -- our own template
        symbols = {symbol.get("name") for symbol in style.findall("renderer-v2/symbols/symbol")}
        assert {rule.get("symbol") for rule in style.iter("rule") if rule.get("symbol")} == symbols


def test_qgis_finds_a_default_style_for_what_can_be_drawn(written: Path) -> None:
    found = rows(written, "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles")
    assert [row[:3] for row in found] == [(name, "geom", 1) for name in ("segments", "spaces", "stops", "areas")]
    assert found[0][3] == qml("segments", "score", ENGLISH, STANDARD)
    assert found[1][3] == qml("spaces_mixed", "score", ENGLISH, STANDARD)


def test_a_city_of_its_own_indicators(tmp_path: Path) -> None:
    words = IndicatorWords(label="Shade", question="Is there shade?", levels=("0", "1", "2", "3"))
    own = Indicator(name="shade", own_words=words)
    result = dataclasses.replace(small_result(), rubric=Rubric((*STANDARD.indicators, own)))
    planning.write(result, ENGLISH, tmp_path / "planning.gpkg")
    assert rows(tmp_path / "planning.gpkg", "SELECT shade, shade_n FROM stops") == [(None, None)]


def test_a_crs_without_a_number_is_kept(tmp_path: Path) -> None:
    crs = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=36.8 +k=1 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m +no_defs")
    planning.write(small_result(crs), ENGLISH, tmp_path / "planning.gpkg")
    kept = gpd.read_file(tmp_path / "planning.gpkg", layer="segments").crs
    assert {p.name: p.value for p in kept.coordinate_operation.params}["Longitude of natural origin"] == 36.8


def test_values_keep_their_kind(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "category": pd.Categorical(["a", None]),
            "nothing": pd.Categorical([None, None]),
            "text": pd.Series(["", None], dtype="str"),
            "count": pd.array([3, None], dtype="Int64"),
            "flag": [True, False],
            "number": np.array([0.0, np.nan]),
            "time": [LATEST, pd.NaT],
        }
    )
    write_both_ways(frame, tmp_path / "a.gpkg")
    names = ", ".join(f'"{name}"' for name in frame.columns)
    for table in ("spots", "things"):
        assert rows(tmp_path / "a.gpkg", f"SELECT {names} FROM {table}") == [  # noqa: S608
            ("a", None, "", 3, 1, 0.0, "2026-05-17T18:23:47.000Z"),
            (None, None, None, None, 0, None, None),
        ]
        types = {row[1]: row[2] for row in rows(tmp_path / "a.gpkg", f"PRAGMA table_info({table})")}
        assert [types[name] for name in ("nothing", "flag", "number", "time")] == [
            "TEXT",
            "BOOLEAN",
            "REAL",
            "DATETIME",
        ]


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_characters_that_no_database_holds_are_replaced_and_the_text_stays(text: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": pd.Series([text, None, "c"], dtype=object)})
    write_both_ways(frame, tmp_path / "a.gpkg")
    for table in ("spots", "things"):
        written = rows(tmp_path / "a.gpkg", f"SELECT text FROM {table}")  # noqa: S608
        assert written == [("a\ufffdb",), (None,), ("c",)]


@pytest.mark.parametrize("step", ["_create", "_fill", "_register"])
@pytest.mark.parametrize("failing_call", [1, 2, 3])
def test_a_failure_anywhere_leaves_the_earlier_file_and_nothing_else(
    step: str, failing_call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "planning.gpkg"
    target.write_bytes(b"earlier")
    calls = []
    real = getattr(geopackage, step)

    def failing(*arguments: object) -> None:
        calls.append(step)
        if len(calls) == failing_call:
            raise sqlite3.OperationalError("disk full")
        real(*arguments)

    monkeypatch.setattr(geopackage, step, failing)
    with pytest.raises(OutputError, match=r"It could not be written: disk full\. Free some space"):
        planning.write(small_result(), ENGLISH, target)
    assert len(calls) == failing_call
    assert target.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [target]


def test_an_unforeseen_exception_leaves_nothing_behind_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(geopackage, "_register", broken)
    with pytest.raises(KeyboardInterrupt):
        planning.write(small_result(), ENGLISH, tmp_path / "planning.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_rows_that_got_lost_on_the_way_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = geopackage._fill
    short = lambda layer, to: real(replace(layer, frame=layer.frame.iloc[:-1]), to)  # noqa: E731 - it stands in for one
    monkeypatch.setattr(geopackage, "_fill", short)
    with pytest.raises(OutputError, match="segments has 2 rows of 3"):
        planning.write(small_result(), ENGLISH, tmp_path / "planning.gpkg")
    assert list(tmp_path.iterdir()) == []


@NO_RIGHTS
def test_only_private_files_are_closed_to_others_and_from_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    real = geopackage._write

    def watching(path: Path, *rest: object) -> None:
        real(path, *rest)
        modes.append(path.stat().st_mode & 0o777)

    monkeypatch.setattr(geopackage, "_write", watching)
    result_file.write(small_result(), tmp_path / "private.gpkg")
    assert modes == [0o600]
    assert (tmp_path / "private.gpkg").stat().st_mode & 0o777 == 0o600
    planning.write(small_result(), ENGLISH, tmp_path / "office.gpkg")
    assert (tmp_path / "office.gpkg").stat().st_mode & 0o777 == 0o644
