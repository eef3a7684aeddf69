"""Codes on paper: a register keeps them when the map changes, and what is no longer true is said. The whole run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio
import pytest
from projects import project, safeaudit, snapshot, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from projects import Said

WEST, EAST, SOUTH = 72.88, 72.881, 19.07  # about 105 m apart
AUDITS = '[[audits]]\nfile = "walk.csv"\nconsent = "public"'


def street(name: str, *spots: tuple[float, float]) -> dict[str, Any]:
    """Return a street through spots, in degrees."""
    return {
        "type": "Feature",
        "properties": {"name": name, "highway": "residential"},
        "geometry": {"type": "LineString", "coordinates": [list(spot) for spot in spots]},
    }


LONG = street("Long Street", (WEST, SOUTH), (EAST, SOUTH))
REDRAWN = street("Long Street", (WEST + 2e-5, SOUTH + 2e-5), (EAST - 2e-5, SOUTH + 2e-5))  # another node at each end
NORTH = street("North Street", (WEST, SOUTH + 2e-3), (EAST, SOUTH + 2e-3))
SHORTER = street("North Street", (WEST, SOUTH + 2e-3), (EAST - 7e-4, SOUTH + 2e-3))


def city(folder: Path, *streets: object, places: str = "") -> Path:
    """Make a project with these streets and one form; `places` are more settings of its places."""
    drawn = {"type": "FeatureCollection", "features": list(streets)}
    project(folder, places, AUDITS, streets=drawn)
    write_csv(folder / "walk.csv", ["latitude", "longitude", "lighting"], [(SOUTH, WEST + 5e-4, 2)])
    return folder


def run(folder: Path, out: Path) -> Said:
    said = safeaudit("run", folder, "--out", out, "--quick")
    assert said.code == 0, said.stderr
    return said


def codes(out: Path) -> dict[str, str]:
    """Return the code of each street by its name."""
    found = pyogrio.read_dataframe(out / "office" / "planning.gpkg", layer="segments", read_geometry=False)
    return dict(zip(found["name"], found["place_code"], strict=True))


def changed(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "private" / "changed_places.csv", dtype=str, keep_default_na=False)


def test_what_changed_since_the_run_before_is_said_with_code_label_and_what_became_of_it(tmp_path: Path) -> None:
    folder, out = city(tmp_path / "town", LONG, NORTH), tmp_path / "out"
    assert "no longer true" not in run(folder, out).stdout
    before = codes(out)
    assert not (out / "private" / "changed_places.csv").exists()
    said = run(city(folder, REDRAWN, SHORTER), out)
    after, told = codes(out), changed(out).set_index(["change", "place_code"])
    assert set(before.values()).isdisjoint(after.values())
    gone = told.loc["gone"].loc[before["Long Street"]]
    assert (gone["label"], gone["now_code"]) == ("Long Street, near North Street", after["Long Street"])
    assert told.loc["gone"].loc[before["North Street"], "now_code"] == after["North Street"]
    assert set(told.loc["new"]["now_code"]) == set(after.values())
    assert "2 codes on paper are no longer true, first S" in said.stdout
    assert "changed_places.csv" in said.stdout


def test_a_street_that_is_gone_is_told_to_be_nowhere(tmp_path: Path) -> None:
    folder, out = city(tmp_path / "town", LONG, NORTH), tmp_path / "out"
    run(folder, out)
    before = codes(out)["North Street"]
    said = safeaudit("run", city(folder, LONG), "--out", out, "--quick", "--json").document
    (sentence,) = said["changed"]
    assert f"first {before} (North Street, near Long Street): nothing is there now" in sentence
    assert changed(out)["change"].tolist() == ["gone"]


def test_a_code_that_stands_for_another_street_is_told(tmp_path: Path) -> None:
    folder, out = city(tmp_path / "town", LONG, NORTH), tmp_path / "out"
    run(folder, out)
    detour = street("Long Street", (WEST, SOUTH), (WEST, SOUTH - 1e-3), (EAST, SOUTH - 1e-3), (EAST, SOUTH))
    settings = "max_segment_m = 1000.0"
    run(city(folder, detour, NORTH, places=settings), out)
    (row,) = changed(out).itertuples(index=False)
    assert (row.change, row.place_code, row.now_code) == ("elsewhere", *[codes(out)["Long Street"]] * 2)


def test_what_was_said_stays_until_it_is_true_again(tmp_path: Path) -> None:
    folder, out = city(tmp_path / "town", LONG, NORTH), tmp_path / "out"
    run(folder, out)
    run(city(folder, LONG), out)
    told = (out / "private" / "changed_places.csv").read_bytes()
    run(folder, out)
    assert (out / "private" / "changed_places.csv").read_bytes() == told
    run(city(folder, LONG, NORTH), out)
    assert changed(out)["change"].tolist() == ["new"]


def test_the_folder_of_outputs_changes_no_id(tmp_path: Path) -> None:
    folder, out = city(tmp_path / "town", LONG, NORTH), tmp_path / "out"
    run(folder, out)
    run(city(folder, REDRAWN, SHORTER), out)
    run(folder, tmp_path / "fresh")
    used, fresh = (snapshot(each) for each in (out, tmp_path / "fresh"))
    assert used.pop("private/changed_places.csv")
    for each in (used, fresh):
        each.pop("run.json")  # it holds how long steps took
    assert used == fresh


def test_an_earlier_result_that_cannot_be_read_is_said_and_written_anew(tmp_path: Path) -> None:
    folder, out = city(tmp_path / "town", LONG), tmp_path / "out"
    run(folder, out)
    (out / "private" / "result.gpkg").write_bytes(b"no result")
    assert "The places of the run before cannot be read" in run(folder, out).stdout
    assert "cannot be read" not in run(folder, out).stdout


@pytest.mark.parametrize("again", [False, True])
def test_a_register_that_form_wrote_keeps_codes_when_the_map_changes(tmp_path: Path, *, again: bool) -> None:
    folder, out = city(tmp_path / "town", LONG, NORTH), tmp_path / "out"
    said = safeaudit("form", folder, "--entry", "--out", folder / "forms")
    assert 'write under [places] in safeaudit.toml: register = "forms/register.geojson"' in said.stdout
    run(folder, out)
    before = codes(out)
    city(folder, REDRAWN, NORTH, places='register = "forms/register.geojson"')
    if again:  # the register is written anew from itself
        said = safeaudit("form", folder, "--entry", "--out", folder / "forms")
        assert "write under [places]" not in said.stdout
    said = run(folder, out)
    assert codes(out) == before
    assert "no longer true" not in said.stdout


def test_a_code_that_stands_on_paper_stays_in_the_register_when_its_street_is_gone(tmp_path: Path) -> None:
    folder = city(tmp_path / "town", LONG, NORTH)
    safeaudit("form", folder, "--entry", "--out", folder / "forms")
    file = folder / "forms" / "register.geojson"
    before = [
        feature["properties"]["place_code"] for feature in json.loads(file.read_text(encoding="utf-8"))["features"]
    ]
    city(folder, LONG, places='register = "forms/register.geojson"')
    safeaudit("form", folder, "--entry", "--out", folder / "forms")
    after = [
        feature["properties"]["place_code"] for feature in json.loads(file.read_text(encoding="utf-8"))["features"]
    ]
    assert after == before


def test_without_entry_sheets_no_register_is_written(tmp_path: Path) -> None:
    said = safeaudit("form", city(tmp_path / "town", LONG), "--out", tmp_path / "forms")
    assert not (tmp_path / "forms" / "register.geojson").exists()
    assert "register" not in said.stdout


def test_places_are_called_so_in_the_first_language_of_the_city(tmp_path: Path) -> None:
    folder = city(tmp_path / "town", LONG, NORTH)
    toml = (folder / "safeaudit.toml").read_text(encoding="utf-8")
    (folder / "safeaudit.toml").write_text(
        toml.replace("[places]", 'languages = ["fr", "en"]\n[places]'), encoding="utf-8"
    )
    run(folder, tmp_path / "out")
    found = pyogrio.read_dataframe(tmp_path / "out" / "office" / "planning.gpkg", layer="segments")
    assert sorted(found["label"]) == ["Long Street, près de North Street", "North Street, près de Long Street"]
