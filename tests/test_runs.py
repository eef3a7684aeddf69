"""Whole runs: every bad input through the real command, and the real cities from file to map."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pytest
import shapely
from projects import project, safeaudit, snapshot, write_csv, write_toml
from test_badinputs import CSV
from test_badinputs_places import READ, REFUSED

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = "2026-03-05T21:30:00Z"


def audits_of(file: Path, name: str) -> str:
    scale = CSV[name].settings.get("scale")
    return f"[[audits]]\nfile = '{file}'\n" + (f"scale = {list(scale)}\n" if scale else "")


@pytest.mark.parametrize("name", sorted(CSV))
def test_each_csv_ends_as_it_must(shared: Path, tmp_path: Path, name: str) -> None:
    expected = CSV[name]
    town = project(tmp_path / "town", audits_of(shared / "badinputs" / "csv" / name, name))
    said = safeaudit("check", town, "--json")
    if expected.refused:
        assert said.code == 2
        assert [expected.refused in sentence for sentence in said.document["refused"]] == [True]
        return
    (count,) = said.document["files"]
    assert count["read"] == count["accepted"] + count["rejected"] + count["duplicates"]
    assert (count["accepted"], count["duplicates"]) == (expected.accepted, expected.duplicates)
    assert count["rejected"] == len(expected.rejected)
    assert said.code == (1 if count["rejected"] > 0.05 * count["read"] else 0)


@pytest.mark.parametrize("name", [name for name, expected in sorted(CSV.items()) if expected.refused])
def test_a_refused_csv_leaves_an_earlier_run_as_it_was(shared: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    (out / "office").mkdir(parents=True)
    (out / "office" / "preview.html").write_text("the map of last week", encoding="utf-8")
    before = snapshot(out)
    town = project(tmp_path / "town", audits_of(shared / "badinputs" / "csv" / name, name))
    assert safeaudit("run", town, "--out", out).code == 2
    assert snapshot(out) == before


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_bad_extract_is_refused_and_nothing_is_written(shared: Path, tmp_path: Path, name: str) -> None:
    town = write_toml(tmp_path / "town", f"[places]\nosm = '{shared / 'badinputs' / name}'\n")
    said = safeaudit("run", town, "--out", tmp_path / "out")
    assert said.code == 2
    assert said.stderr.startswith(f"safeaudit: {name.rpartition('/')[2]}: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", sorted(READ.keys() - {"pbf/good.osm.pbf"}))  # which lacks nothing, and is vast
def test_an_extract_that_lacks_much_still_makes_a_map(shared: Path, tmp_path: Path, name: str) -> None:
    town = write_toml(tmp_path / "town", f"[places]\nosm = '{shared / 'badinputs' / name}'\n")
    said = safeaudit("run", town, "--quick", "--out", tmp_path / "out", "--json")
    assert said.code == 0
    assert (tmp_path / "out" / "office" / "preview.html").stat().st_size > 10_000


def test_headers_without_rows_make_a_valid_empty_map(shared: Path, tmp_path: Path) -> None:
    town = project(tmp_path / "town", f"[[audits]]\nfile = '{shared / 'badinputs' / 'csv' / '22_header_only.csv'}'")
    said = safeaudit("run", town, "--out", tmp_path / "out")
    assert said.code == 0
    assert "0 rows read" in said.stdout
    assert "Nothing was rated that may be shown." in said.stdout
    assert "It holds a header and no rows." in safeaudit("check", town).stderr
    layer = pyogrio.read_dataframe(tmp_path / "out" / "office" / "planning.gpkg", layer="segments")
    assert set(layer["state"]) == {"not_audited"}


# --- real cities: audits made on their own streets, seeded ---------------------------------------------------------


def on_streets(city: Path, file: Path) -> Path:
    """Run a city without audits, and write audits on its streets."""
    safeaudit("run", city, "--out", city / "empty", "--quick")
    planning = city / "empty" / "office" / "planning.gpkg"
    lines = pyogrio.read_dataframe(planning, layer="segments").to_crs("EPSG:4326").geometry.to_numpy()
    random = np.random.default_rng(7)
    points = shapely.line_interpolate_point(random.choice(lines, 300), random.random(300), normalized=True)
    levels = random.integers(0, 4, (300, 5))
    header = ["latitude", "longitude", "observed_at", "auditor"]
    indicators = ["lighting", "openness", "visibility", "walk_path", "public_transport"]
    rows = [
        [point.y, point.x, NIGHT, f"A{number % 4}", *row]
        for number, (point, row) in enumerate(zip(points, levels.tolist(), strict=True))
    ]
    return write_csv(file, [*header, *indicators], rows)


@pytest.mark.parametrize(
    "extract", ["makati/makati.osm.pbf", "makati/osm_bbox.osm.gz", "nairobi-cbd/nairobi_cbd.osm.pbf"]
)
def test_a_real_extract_runs_from_file_to_map(shared: Path, tmp_path: Path, extract: str) -> None:
    toml = f"[city]\nname = 'Real'\n[places]\nosm = '{shared / 'cities' / extract}'\n"
    city = write_toml(tmp_path / "city", toml)
    on_streets(city, city / "walk.csv")
    write_toml(city, toml + "[[audits]]\nfile = 'walk.csv'\n")
    said = safeaudit("run", city, "--out", tmp_path / "out", "--json")
    assert said.code == 0
    assert said.document["files"][0]["accepted"] == 300
    segments = pyogrio.read_dataframe(tmp_path / "out" / "office" / "planning.gpkg", layer="segments")
    seen = segments[segments["state"] != "not_audited"]
    assert len(seen) > 50
    assert ((seen["score_low"] < seen["score_high"]) | seen["score"].isna()).all()
    assert segments.loc[segments["state"] == "not_audited", "street_condition"].isna().all()


def test_the_two_forms_of_makati_give_the_same_tables(shared: Path, tmp_path: Path) -> None:
    tables = []
    for extract in ("makati.osm.pbf", "osm_bbox.osm.gz"):
        city = write_toml(tmp_path / extract, f"[places]\nosm = '{shared / 'cities' / 'makati' / extract}'\n")
        assert safeaudit("run", city, "--out", tmp_path / extract / "out").code == 0
        tables.append((tmp_path / extract / "out" / "office" / "planning.gpkg").read_bytes())
    assert tables[0] == tables[1]


def test_kibera_runs_from_the_teams_own_layers_to_the_map(shared: Path, tmp_path: Path) -> None:
    folder = shared / "cities" / "kibera"
    layers = f"""
        spaces = {{ file = '{folder / "Public_Spaces.geojson"}' }}
        stops = {{ file = '{folder / "Transport_Stops.geojson"}' }}
        lamps = {{ file = '{folder / "Flood_Lights.geojson"}' }}
    """
    roads = folder / "kibera_roads_2013_utm_unlabelled.geojson"
    refused = write_toml(tmp_path / "refused", f"[places]\nstreets = {{ file = '{roads}' }}\n{layers}")
    said = safeaudit("run", refused, "--out", tmp_path / "out")
    assert said.code == 2
    assert 'crs = "EPSG:32737"' in said.stderr
    toml = f"[city]\nname = 'Kibera'\n[places]\nstreets = {{ file = '{roads}', crs = 'EPSG:32737' }}\n{layers}"
    city = write_toml(tmp_path / "kibera", toml)
    on_streets(city, city / "walk.csv")
    write_toml(city, toml + "[[audits]]\nfile = 'walk.csv'\n")
    said = safeaudit("run", city, "--out", tmp_path / "out", "--json")
    assert said.code == 0
    counts = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["counts"]
    assert (counts["spaces"], counts["stops"]) == (33, 33)
    assert counts["segments"] > 561
    evidence = pyogrio.read_dataframe(tmp_path / "out" / "office" / "planning.gpkg", layer="evidence_segments")
    assert (evidence["lamps_per_100_m"] > 0).any()
