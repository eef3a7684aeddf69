"""private/result.gpkg: whole, closed to others, and read back as the result that was written."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import fields, is_dataclass, make_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
import town
from conftest import ROOT
from pyproj import CRS
from small_result import CANARIES, LATEST, OF_ACTIONS, small_result

import safeaudit
from safeaudit.errors import InputError
from safeaudit.files.admit import Admitted
from safeaudit.languages import read_language
from safeaudit.outputs import planning, result_file
from safeaudit.rubric import Indicator, IndicatorWords, Rubric
from safeaudit.tables import SCHEMA_VERSION, TABLES, AuditResult, FileCount, Measure, Table

if TYPE_CHECKING:
    from collections.abc import Callable

DTYPES = {"number": "float64", "count": "Int64", "flag": "bool", "time": "datetime64[us, UTC]"}


def whole_result() -> AuditResult:
    """Return the small result with something in everything that is no table."""
    words = IndicatorWords(label="Shade", question="Ombre ?", levels=("none", "a little", "some", "much"))
    own = Indicator(name="shade", weight=0.5, public="place", needs_dark=True, own_words=words)
    result = small_result()
    result = replace(result, rubric=Rubric((*result.rubric.indicators, own)))
    count = FileCount(file="w\udcffalk.csv", read=4, accepted=2, rejected=2, duplicates=0, remarks=("One was late.",))
    file = Admitted(path=Path("/home/ana/walk.csv"), kind="text", packing="", size=9, sha256="ab", head=b"lat,lon")
    return replace(
        result,
        audits=replace(result.audits, counts=(count,)),
        measures=(Measure(name="lit", words=("yes", "no"), of=("segment", "stop"), variant_of="light"),),
        inputs=(file,),
        warnings=("Look here.", "And there: é."),
        seconds={"Matching": 0.1},
    )


def assert_same(read: Any, written: Any, path: str = "result") -> None:
    """Compare a result with another, table by table and value by value."""
    assert type(read) is type(written), path
    if isinstance(written, pd.DataFrame):
        assert_same_table(read, written, path)
    elif is_dataclass(written):
        for declared in fields(written):
            inner = f"{path}.{declared.name}"
            assert_same(getattr(read, declared.name), getattr(written, declared.name), inner)
    elif isinstance(written, tuple):
        assert len(read) == len(written), path
        for number, pair in enumerate(zip(read, written, strict=True)):
            assert_same(*pair, f"{path}[{number}]")
    else:
        assert read == written, path


def assert_same_table(read: pd.DataFrame, written: pd.DataFrame, path: str) -> None:
    name = path.rpartition(".")[2]
    table = TABLES[
        {
            "result.audits.faults": "reports",
            "result.open_scores": "scores",
            "result.open_faults": "faults",
            "result.open_changes": "changes",
            "result.open_night_reach": "night_reach",
            "result.open_group_answers": "group_answers",
            "result.open_mean_changes": "mean_changes",
        }.get(path, name)
    ]
    assert list(read.columns) == table.names
    assert getattr(read, "crs", None) == getattr(written, "crs", None)
    for column in table.columns:
        left, right = read[column.name], written[column.name]
        if column.kind == "geometry":
            left, right = pd.Series(left.to_wkb()), pd.Series(right.to_wkb())
        elif column.kind in DTYPES:
            right = right.astype(DTYPES[column.kind])
        else:  # words are compared as words: `validate_table` says what they are made of
            left, right = (pd.Series(values.to_numpy(dtype=object, na_value=None)) for values in (left, right))
        pd.testing.assert_series_equal(left, right, check_exact=True, obj=f"{path}.{column.name}")


def expected(written: AuditResult) -> AuditResult:
    """Return a result without what no file holds: seconds, and the folders and first bytes of inputs."""
    inputs = tuple(replace(file, path=Path(file.name), head=b"") for file in written.inputs)
    return replace(written, inputs=inputs, seconds={})


def edit(path: Path, statement: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    result_file.write(whole_result(), tmp_path / "result.gpkg")
    return tmp_path / "result.gpkg"


def test_a_result_is_read_back_as_it_was(file: Path) -> None:
    assert_same(safeaudit.read_result(file), expected(whole_result()))
    assert_same(safeaudit.read_result(str(file)), expected(whole_result()))


def test_a_result_of_the_stages_is_read_back_as_it_was(tmp_path: Path) -> None:
    people = town.submissions(
        {"submission_id": "a", "auditor": "x", "note": "dark ☾"},
        {"submission_id": "b", "observed_at": pd.Timestamp("2026-05-18T18:23:47.123456Z"), "consent": "analysis"},
        {"submission_id": "c", "point": None, "observed_at": pd.NaT, "light": None, "accuracy_m": 0.1 + 0.2},
    )
    levels = {"a": town.everything(2), "b": town.everything(0, but={"feeling": 3}), "c": {"lighting": 1}}
    result = town.result(people, town.observations(levels))
    result_file.write(result, tmp_path / "result.gpkg")
    read = safeaudit.read_result(tmp_path / "result.gpkg")
    assert read.audits.submissions["accuracy_m"].tolist()[2] == 0.1 + 0.2
    assert_same(read, expected(result))


def test_a_sample_city_is_read_back_as_it_was_and_gives_the_same_outputs(tmp_path: Path) -> None:
    config = safeaudit.load_config(ROOT / "sample_cities" / "bujumbura")
    result = safeaudit.run(config)
    written = safeaudit.write(result, config, tmp_path / "first")
    read = safeaudit.read_result(written["result"])
    assert_same(read, expected(result))
    safeaudit.write(read, config, tmp_path / "again")
    files = sorted(path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*") if path.is_file())
    changed = [
        file for file in files if (tmp_path / "again" / file).read_bytes() != (tmp_path / "first" / file).read_bytes()
    ]
    assert changed == [Path("run.json")]  # it has the seconds


def test_a_result_without_a_row_is_read_back(tmp_path: Path) -> None:
    def emptied(thing: Any) -> Any:
        inner = {f.name: getattr(thing, f.name) for f in fields(thing)}
        less = {n: v.iloc[:0].reset_index(drop=True) for n, v in inner.items() if isinstance(v, pd.DataFrame)}
        return replace(thing, **less)

    result = small_result()
    result = emptied(replace(result, places=emptied(result.places), audits=emptied(result.audits), campaign=None))
    result_file.write(result, tmp_path / "result.gpkg")
    assert_same(safeaudit.read_result(tmp_path / "result.gpkg"), expected(result))


def test_a_crs_without_a_number_is_kept(tmp_path: Path) -> None:
    crs = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=36.8 +k=1 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m +no_defs")
    result_file.write(small_result(crs), tmp_path / "result.gpkg")
    assert safeaudit.read_result(tmp_path / "result.gpkg").places.crs == crs


def test_a_table_that_is_declared_tomorrow_is_written_and_read_with_no_change_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which tables there are is declared in one place: here one is added to it, as an issue to come will."""
    stops = TABLES["stops"]
    richer = make_dataclass(
        "Richer",
        [("shelters", gpd.GeoDataFrame), ("mayor", str)],
        bases=(AuditResult,),
        namespace={"__module__": AuditResult.__module__},
        frozen=True,
        kw_only=True,
    )
    monkeypatch.setitem(TABLES, "shelters", Table("shelters", "a shelter", stops.key, stops.columns))
    monkeypatch.setattr(result_file, "AuditResult", richer)
    small = small_result()
    given = {f.name: getattr(small, f.name) for f in fields(small)}
    result_file.write(richer(**given, shelters=small.places.stops, mayor="Ana"), tmp_path / "result.gpkg")
    read: Any = result_file.read_result(tmp_path / "result.gpkg")
    assert read.mayor == "Ana"
    assert read.shelters["place_id"].tolist() == ["t1"]


def test_every_table_says_that_it_is_private_and_what_its_columns_mean(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        words = connection.execute("SELECT table_name, identifier, description FROM gpkg_contents").fetchall()
        described = connection.execute("SELECT table_name, column_name FROM gpkg_data_columns").fetchall()
    names = {name for name, _, _ in words}
    held = {name: table for name, table in TABLES.items() if name not in OF_ACTIONS}
    assert names == {
        *held,
        "open_scores",
        "open_night_reach",
        "open_faults",
        "open_changes",
        "open_group_answers",
        "open_mean_changes",
        "result",
    }
    for _, title, description in words:
        assert title.startswith("PRIVATE ")
        assert description.startswith("PRIVATE, not to be handed on.")
    for name, table in held.items():
        plain = {column.name for column in table.columns if column.kind != "geometry"}
        assert {column for of, column in described if of == name} == plain


def test_gdal_reads_it(file: Path) -> None:
    points = gpd.read_file(file, layer="submissions")
    assert points["note"].tolist() == [CANARIES[0], "=cmd|' /C calc'!A0"]
    assert points["observed_at"][0] == LATEST
    assert points.geometry.isna().tolist() == [False, True]
    assert points.crs.to_epsg() == 32737
    assert dict(pyogrio.list_layers(file))["segments"] == "LineString"


def test_scores_that_are_the_open_ones_are_written_once(tmp_path: Path) -> None:
    result = small_result()
    result_file.write(replace(result, open_scores=result.scores), tmp_path / "result.gpkg")
    assert "open_scores" not in dict(pyogrio.list_layers(tmp_path / "result.gpkg"))
    read = safeaudit.read_result(tmp_path / "result.gpkg")
    assert read.open_scores is read.scores


def test_it_tells_nothing_of_the_machine_or_the_clock(file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    assert b"/home/ana" not in content
    assert b"lat,lon" not in content
    result_file.write(replace(whole_result(), seconds={"Matching": 9.9}), tmp_path / "again.gpkg")
    assert (tmp_path / "again.gpkg").read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="this system has no file modes")
def test_it_is_closed_to_others(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_gdal_wrote_again_is_read_too(file: Path) -> None:
    """An edit by QGIS may leave geometries without bounds: points have none."""
    moved = gpd.read_file(file, layer="submissions").iloc[:1].set_geometry([shapely.Point(7, 8)], crs="EPSG:32737")
    edit(file, "DELETE FROM submissions")
    pyogrio.write_dataframe(moved, file, layer="submissions", append=True)
    assert safeaudit.read_result(file).audits.submissions.geometry.tolist() == [shapely.Point(7, 8)]


def test_another_version_is_refused_with_what_to_do(file: Path) -> None:
    edit(file, "UPDATE result SET value = '99' WHERE name = 'schema_version'")
    with pytest.raises(InputError) as caught:
        safeaudit.read_result(file)
    assert str(caught.value) == (
        f"result.gpkg: Its tables are of version 99; this safeaudit reads version {SCHEMA_VERSION}. Run the project "
        "again: safeaudit run DIR writes it anew. Or read it with the safeaudit that wrote it."
    )


def not_a_result(path: Path) -> Path:
    planning.write(small_result(), read_language("en"), path)
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path, "There is no such file."),
        (lambda path: path.write_text("lat,lon") and path, "This is no GeoPackage. Name the private/result.gpkg"),
        (not_a_result, "It holds no result. Name the private/result.gpkg of a run."),
    ],
)
def test_what_is_no_result_is_refused(make: Callable[[Path], Path], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"other.gpkg: {said}"):
        safeaudit.read_result(make(tmp_path / "other.gpkg"))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE observations", "no such table: observations"),
        ("ALTER TABLE scores DROP COLUMN low", "no such column: scores.low"),
        ("UPDATE scores SET low = 'much'", "could not convert"),
        ("UPDATE scores SET low = NULL", "empty values in low"),
        (("INSERT INTO matches SELECT 99, submission_id, place_id, kind, weight, distance_m, ambiguous FROM matches "
         "LIMIT 1"), r"has the key \['a', 's1'\] twice"),
        ("UPDATE submissions SET geom = x'4750' WHERE geom NOTNULL", "It is not whole"),
        ("UPDATE submissions SET observed_at = 'noon'", "It is not whole"),
        ("DELETE FROM result WHERE name = 'rubric'", "It is not whole"),
        ("UPDATE result SET value = '[' WHERE name = 'rubric'", "It is not whole"),
        ("""UPDATE result SET value = '[{"unit": "m"}]' WHERE name = 'measures'""", "It is not whole"),
    ],
)  # fmt: skip
def test_what_was_changed_is_refused_and_never_read_in_part(statement: str, said: str, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for trigger in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger[0]}")
        connection.commit()
    edit(file, statement)
    with pytest.raises(InputError, match=said) as caught:
        safeaudit.read_result(file)
    assert "Run the project again: safeaudit run DIR writes it anew." in str(caught.value)


def test_a_cut_file_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(InputError, match="It is not whole"):
        safeaudit.read_result(file)
