"""The commands as a person types them."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from projects import project, safeaudit, snapshot, write_csv, write_toml

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ("submission_id", "latitude", "longitude", "observed_at", "lighting", "openness", "note")
NIGHT = "2026-03-05T21:30:00+05:30"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    rows = [(f"a{i}", 19.0701 + i * 1e-4, 72.8801 + i * 1e-4, NIGHT, i % 4, 2, "private words") for i in range(20)]
    (tmp_path / "town").mkdir()
    write_csv(tmp_path / "town" / "walk.csv", HEADER, rows)
    return project(tmp_path / "town", '[[audits]]\nfile = "walk.csv"\nconsent = "conditions"')


def test_run_writes_two_folders_and_says_where(town: Path, tmp_path: Path) -> None:
    said = safeaudit("run", town, "--out", tmp_path / "out")
    assert said.code == 0
    assert "walk.csv: 20 rows read = 20 accepted + 0 rejected + 0 duplicates" in said.stdout
    assert str(tmp_path / "out" / "office" / "preview.html") in said.stdout
    assert sorted(snapshot(tmp_path / "out")) == [
        "office/places.xlsx",
        "office/planning.gpkg",
        "office/preview.html",
        "office/report.html",
        "private/remarks.txt",
        "private/result.gpkg",
        "run.json",
    ]


def test_same_input_gives_the_same_bytes_but_for_the_seconds(town: Path, tmp_path: Path) -> None:
    outs = []
    for name in ("one", "two"):
        assert safeaudit("run", town, "--out", tmp_path / name).code == 0
        files = snapshot(tmp_path / name)
        run = json.loads(files.pop("run.json"))
        assert run.pop("seconds")
        outs.append((files, run))
    assert outs[0] == outs[1]


@pytest.mark.skipif(os.name != "posix", reason="file modes mean something on POSIX systems alone")
def test_private_files_are_for_their_owner_alone(town: Path, tmp_path: Path) -> None:
    with (town / "walk.csv").open("a", encoding="utf-8") as stream:
        stream.write(f"b1,19.0705,72.8805,{NIGHT},7,2,\n")
    safeaudit("run", town, "--out", tmp_path / "out")
    files = (path for path in (tmp_path / "out" / "private").rglob("*") if path.is_file())
    modes = {path.name: path.stat().st_mode & 0o777 for path in files}
    assert modes == dict.fromkeys(("result.gpkg", "walk.csv", "remarks.txt"), 0o600)
    assert (town / "auditors.key").stat().st_mode & 0o777 == 0o600


def test_run_json_holds_the_conservation_law_and_no_secret(town: Path, tmp_path: Path) -> None:
    safeaudit("run", town, "--out", tmp_path / "out")
    text = (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
    run = json.loads(text)
    (count,) = run["audits"]
    assert count["read"] == count["accepted"] + count["rejected"] + count["duplicates"] == 20
    assert {file["file"] for file in run["inputs"]} == {"streets.geojson", "walk.csv"}
    assert (town / "auditors.key").read_text() not in text


def test_json_prints_one_document(town: Path, tmp_path: Path) -> None:
    document = safeaudit("run", town, "--out", tmp_path / "out", "--json").document
    assert document["outputs"]["preview"].endswith("preview.html")
    assert document["files"][0]["accepted"] == 20


def test_check_counts_and_names_the_first_example(town: Path) -> None:
    with (town / "walk.csv").open("a", encoding="utf-8") as stream:
        stream.write(f"b1,19.0705,72.8805,{NIGHT},7,2,\n")
    said = safeaudit("check", town)
    assert said.code == 0
    assert "walk.csv: 21 rows read = 20 accepted + 1 rejected + 0 duplicates" in said.stdout
    assert "1 x LEVEL_RANGE, first in walk.csv line 22" in said.stdout
    document = safeaudit("check", town, "--json").document
    assert {"file", "read", "accepted", "rejected", "duplicates", "replaced"} <= set(document["files"][0])
    (reason,) = document["reasons"]
    assert {name: reason[name] for name in ("code", "rows", "file", "line")} == {
        "code": "LEVEL_RANGE", "rows": 1, "file": "walk.csv", "line": 22,
    }  # fmt: skip
    assert reason["message"] in said.stdout
    assert not (town.parent / "out").exists()


def test_check_names_every_file_that_would_be_refused_and_counts_the_others(town: Path) -> None:
    for name, content in (("page.csv", "<html><body>Log in</body></html>"), ("empty.csv", "")):
        (town / name).write_text(content, encoding="utf-8")
        with (town / "safeaudit.toml").open("a", encoding="utf-8") as stream:
            stream.write(f'\n[[audits]]\nfile = "{name}"\n')
    said = safeaudit("check", town)
    assert said.code == 2
    assert "walk.csv: 20 rows read" in said.stdout
    assert "page.csv: This is an HTML page" in said.stderr
    assert "empty.csv: This file is empty" in said.stderr
    assert len(safeaudit("check", town, "--json").document["refused"]) == 2


def test_check_tells_of_place_codes_that_no_place_has(town: Path) -> None:
    write_csv(town / "paper.csv", ["place_code", "lighting"], [["S99999X", 2]])
    with (town / "safeaudit.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[[audits]]\nfile = "paper.csv"\n')
    said = safeaudit("check", town)
    assert "1 x UNKNOWN_PLACE, first in paper.csv line 2: " in said.stdout
    assert 'No place here has the code "S99999X", and this row has no position.' in said.stdout


def test_the_same_file_twice_counts_once_in_any_order(town: Path, tmp_path: Path) -> None:
    text = (town / "walk.csv").read_text(encoding="utf-8")
    without_ids = "\n".join(line.partition(",")[2] for line in text.splitlines()) + "\n"
    for name in ("one.csv", "two.csv"):
        (town / name).write_text(without_ids, encoding="utf-8")
    written = []
    for names in (["one.csv"], ["one.csv", "two.csv"], ["two.csv", "one.csv", "two.csv"]):
        project(town, *(f'[[audits]]\nfile = "{name}"\nconsent = "conditions"' for name in names))
        said = safeaudit("run", town, "--out", tmp_path / "out", "--json")
        assert [file["accepted"] for file in said.document["files"]] == [20] + [0] * (len(names) - 1)
        assert all(file["read"] == file["accepted"] + file["duplicates"] for file in said.document["files"])
        written.append((tmp_path / "out" / "office" / "preview.html").read_bytes())
    assert len(set(written)) == 1


def test_too_many_rejected_rows_end_with_1_and_still_write(town: Path, tmp_path: Path) -> None:
    with (town / "walk.csv").open("a", encoding="utf-8") as stream:
        stream.writelines(f"b{i},19.0705,72.8805,{NIGHT},7,2,\n" for i in range(2))
    assert safeaudit("run", town, "--out", tmp_path / "out").code == 1
    assert "LEVEL_RANGE" in (tmp_path / "out" / "private" / "rejected" / "walk.csv").read_text(encoding="utf-8")


def test_a_refused_input_leaves_the_earlier_outputs(town: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    safeaudit("run", town, "--out", out)
    before = snapshot(out)
    (town / "walk.csv").write_text("<html><body>Log in</body></html>", encoding="utf-8")
    said = safeaudit("run", town, "--out", out)
    assert said.code == 2
    assert said.stderr.startswith("safeaudit: walk.csv: ")
    assert "Traceback" not in said.stderr
    assert snapshot(out) == before


def test_a_missing_project_is_a_sentence(tmp_path: Path) -> None:
    said = safeaudit("run", tmp_path)
    assert (said.code, said.stdout) == (2, "")
    assert "There is no safeaudit.toml" in said.stderr
    assert "safeaudit init" in said.stderr


def test_a_typo_in_the_settings_gets_a_suggestion(tmp_path: Path) -> None:
    said = safeaudit("check", write_toml(tmp_path / "typo", "[citty]\n"))
    assert said.code == 2
    assert 'Did you mean "city"?' in said.stderr


def test_debug_shows_where_an_error_arose(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", "from safeaudit.cli import main; main()", "check", str(tmp_path), "--debug"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" in found.stderr


def test_quick_leaves_the_evidence_out(town: Path, tmp_path: Path) -> None:
    import pyogrio  # noqa: PLC0415 - the only test here that needs it

    layers = {}
    for name, flags in (("quick", ["--quick"]), ("whole", [])):
        safeaudit("run", town, "--out", tmp_path / name, *flags)
        layers[name] = set(pyogrio.list_layers(tmp_path / name / "office" / "planning.gpkg")[:, 0])
    assert layers["whole"] - layers["quick"] == {"evidence_segments"}


def test_init_says_and_writes_what_it_took_each_column_for(town: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    said = safeaudit("init", folder, "--streets", town / "streets.geojson", "--audits", town / "walk.csv")
    assert said.code == 0
    assert "latitude -> latitude" in said.stdout
    written = tomllib.loads((folder / "safeaudit.toml").read_text(encoding="utf-8"))
    assert written["city"]["timezone"] == "Asia/Kolkata"
    assert "Time zone: Asia/Kolkata, a guess by the map." in said.stdout
    assert written["audits"][0]["columns"]["lighting"] == "lighting"
    assert safeaudit("run", folder, "--out", tmp_path / "out").code == 0


def test_init_takes_the_time_zone_of_a_city_it_knows(shared: Path, tmp_path: Path) -> None:
    extract = shared / "cities" / "nairobi-cbd" / "nairobi_cbd.osm.pbf"
    said = safeaudit("init", tmp_path / "new", "--osm", extract)
    assert "Time zone: Africa/Nairobi, a guess by the map." in said.stdout
    assert 'timezone = "Africa/Nairobi"' in (tmp_path / "new" / "safeaudit.toml").read_text(encoding="utf-8")


def test_an_apostrophe_that_an_export_put_before_a_formula_is_taken_off_again(town: Path, tmp_path: Path) -> None:
    notes = ["'=1+1", "''=1+1", "'tis dark", "plain"]
    rows = [(f"a{i}", 19.0701, 72.8801, NIGHT, 1, 2, note) for i, note in enumerate(notes)]
    write_csv(town / "walk.csv", HEADER, rows)
    safeaudit("run", town, "--out", tmp_path / "out")
    with closing(sqlite3.connect(tmp_path / "out" / "private" / "result.gpkg")) as connection:
        kept = {row[0] for row in connection.execute("SELECT note FROM submissions")}
    assert kept == {"=1+1", "'=1+1", "'tis dark", "plain"}


def test_init_never_overwrites_settings(town: Path) -> None:
    before = (town / "safeaudit.toml").read_bytes()
    said = safeaudit("init", town, "--streets", town / "streets.geojson")
    assert said.code == 2
    assert "There are settings already" in said.stderr
    assert (town / "safeaudit.toml").read_bytes() == before


def test_init_takes_hostile_headers_as_text(shared: Path, town: Path, tmp_path: Path) -> None:
    audits = shared / "badinputs" / "csv" / "27_injection_in_header.csv"
    said = safeaudit("init", tmp_path / "new", "--streets", town / "streets.geojson", "--audits", audits)
    assert said.code == 0
    assert "<img src=x onerror=window.__pwn=1> -> not used" in said.stdout
    tomllib.loads((tmp_path / "new" / "safeaudit.toml").read_text(encoding="utf-8"))


def test_init_on_a_file_that_cannot_be_read_says_why_and_goes_on(town: Path, tmp_path: Path) -> None:
    audits = tmp_path / "page.csv"
    audits.write_text("<html><body>Log in</body></html>", encoding="utf-8")
    said = safeaudit("init", tmp_path / "new", "--streets", town / "streets.geojson", "--audits", audits)
    assert said.code == 1
    assert "page.csv: could not be read" in said.stdout


def test_info_lists_versions_and_tables() -> None:
    assert "geopandas" in safeaudit("info", "--json").document
    assert "submissions" in safeaudit("info", "--tables").stdout
    assert "observations" in safeaudit("info", "--tables", "--json").document


def test_the_command_is_installed() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "safeaudit", "--version"], capture_output=True, text=True, check=False
    )
    assert "0.1" in found.stdout
    assert (ROOT / "safeaudit" / "__main__.py").exists()


def test_the_program_uses_one_thread_for_linear_algebra_unless_told_otherwise() -> None:
    code = "import sys; sys.argv = ['safeaudit', '--help']; from safeaudit.__main__ import start; import os, atexit; "
    code += "atexit.register(lambda: print('threads', os.environ['OPENBLAS_NUM_THREADS'])); start()"
    for told in ({}, {"OPENBLAS_NUM_THREADS": "3"}):
        environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | told
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        assert said.stdout.endswith(f"threads {told.get('OPENBLAS_NUM_THREADS', '1')}\n")
