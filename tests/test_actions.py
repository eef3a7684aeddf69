"""What is to be done: the table, its file, and what an agency's word closes; through the whole run."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from decoded import everything_in
from projects import safeaudit
from walked import NIGHT, NORTH, office, row, town

import safeaudit as library
from safeaudit.actions import action_ids, read_entries, write_entries
from safeaudit.files.admit import admit
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

OPEN_ENDS = "[publish]\nlone_ends_m = 0"
POWER = '[faults]\nagencies = { lamp_out = "Power" }'
LATER = NIGHT.replace("2026-03-05", "2026-03-20")
"""A look that does not name the lamp."""


def entry(place: pd.Series, **said: str) -> dict[str, str]:
    """Return a line of actions.csv about the lamp of a place."""
    about = {"state": "taken", "day": "2026-03-10", "about": "action", "issue": "lamp_out", "read_sha256": "ab" * 32}
    where = {name: place[name] for name in ("place_id", "place_code", "label")}
    (found,) = action_ids("A", [place["place_id"]], ["lamp_out"])
    return {"action_id": found, **about, **where, **said}


def write_lines(folder: Path, *lines: dict[str, str]) -> None:
    names = TABLES["action_entries"].names[1:]
    with (folder / "actions.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, restval="")
        writer.writeheader()
        writer.writerows(lines)


def walked(folder: Path, *later: dict[str, object]) -> pd.Series:
    """Make a town with a lamp out in South on the 5th of March; return that place."""
    rows = [row(1, faults="lamp_out", walk_id="w1"), row(2, NORTH, walk_id="w2", faults="")]
    town(folder, [*rows, *later], OPEN_ENDS, POWER)
    result = library.run(library.load_config(folder), quick=True)
    return result.places.segments.set_index("name", drop=False).loc["South"]


def status(folder: Path) -> str:
    said = safeaudit("run", folder, "--out", folder / "out", "--quick", "--json")
    assert said.code == 0, said.stderr
    faults = office(folder, "faults")
    return "mended" if faults.empty else str(faults["status"].iloc[0])


def test_an_agencys_word_alone_closes_nothing_and_with_one_look_it_does(tmp_path: Path) -> None:
    look = row(3, observed_at=LATER, walk_id="w3")
    for name, later, says, expected in (
        ("nobody", [], False, "open"),
        ("word", [], True, "agency_says_mended"),
        ("look", [look], False, "not_seen_again"),
        ("both", [look], True, "mended"),
    ):
        south = walked(tmp_path / name, *later)
        if says:
            write_lines(tmp_path / name, entry(south, status="mended"))
        assert status(tmp_path / name) == expected, name
    page = everything_in(tmp_path / "word" / "out" / "office" / "preview.html")
    assert "its agency says it is mended: please look" in page


def test_who_reports_it_again_on_a_later_day_takes_the_agencys_word_away(tmp_path: Path) -> None:
    again = row(3, observed_at=LATER, walk_id="w3", faults="lamp_out")
    south = walked(tmp_path / "town", again)
    write_lines(tmp_path / "town", entry(south, status="mended"))
    assert status(tmp_path / "town") == "open"
    write_lines(tmp_path / "town", entry(south, status="mended", decided_at="2026-03-20"))
    assert status(tmp_path / "town") == "agency_says_mended"
    write_lines(
        tmp_path / "town", entry(south, status="mended", decided_at="2026-03-20"), entry(south, status="planned")
    )
    assert status(tmp_path / "town") == "open"


def test_the_day_of_an_agencys_word_is_not_that_of_an_earlier_decision(tmp_path: Path) -> None:
    again = row(3, observed_at=LATER, walk_id="w3", faults="lamp_out")
    south = walked(tmp_path / "town", again)
    accepted = entry(south, status="planned", decided_at="2026-03-07")
    mended = entry(south, status="mended", decided_at="2026-03-07", day="2026-04-01")
    write_lines(tmp_path / "town", accepted, mended, mended | {"measure": "New bulb", "day": "2026-05-01"})
    assert status(tmp_path / "town") == "agency_says_mended"
    write_lines(tmp_path / "town", accepted, mended | {"decided_at": "2026-03-08"})
    assert status(tmp_path / "town") == "open"


def test_the_table_joins_what_is_reported_with_what_was_said(tmp_path: Path) -> None:
    south = walked(tmp_path / "town")
    gone = entry(south, issue="benches", status="planned") | {"place_id": "gone", "label": "Old Lane"}
    gone["action_id"] = "AOLD"
    write_lines(
        tmp_path / "town",
        entry(south, measure="New lamp", cost="1200.5", decision="accepted"),
        entry(south, measure="Two new lamps", cost="2400", decision="accepted", agency="Council"),
        entry(south, measure="Nothing", state="not_taken"),
        gone,
    )
    status(tmp_path / "town")
    table = office(tmp_path / "town", "actions").set_index("issue")
    lamp, bench = table.loc["lamp_out"], table.loc["benches"]
    assert (lamp["agency"], lamp["measure"], lamp["cost"], lamp["version"]) == ("Council", "Two new lamps", 2400, 2)
    assert (lamp["reports"], lamp["since"], lamp["fault"], bool(lamp["gone"])) == (1, "2026 Q1", "open", False)
    assert (bench["label"], bool(bench["gone"]), bench["reports"], bench["status"]) == ("Old Lane", True, 0, "planned")
    inputs = json.loads((tmp_path / "town" / "out" / "run.json").read_text(encoding="utf-8"))["inputs"]
    assert "actions.csv" in {file["file"] for file in inputs}
    back = library.read_result(tmp_path / "town" / "out" / "private" / "result.gpkg")
    assert len(back.action_entries) == 4


def test_an_open_fault_has_an_action_before_anybody_says_anything(tmp_path: Path) -> None:
    walked(tmp_path / "town")
    status(tmp_path / "town")
    (action,) = office(tmp_path / "town", "actions").to_dict("records")
    assert (action["agency"], action["version"], action["action_id"][0]) == ("Power", 0, "A")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"state": "perhaps"}, 'actions.csv line 2, column "state": "perhaps" cannot stand in the column state.'),
        ({"status": "done"}, '"done" cannot stand in the column status'),
        ({"cost": "much"}, '"much" cannot stand in the column cost'),
        ({"due": "soon"}, '"soon" cannot stand in the column due'),
        ({"label": ""}, '"" cannot stand in the column label'),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_refused(tmp_path: Path, change: dict[str, str], expected: str) -> None:
    south = walked(tmp_path / "town")
    write_lines(tmp_path / "town", entry(south, **change))
    said = safeaudit("run", tmp_path / "town", "--out", tmp_path / "out")
    assert (said.code, expected in said.stderr) == (2, True), said.stderr
    assert safeaudit("check", tmp_path / "town").code == 2


def test_what_is_written_is_read_back_and_no_cell_is_a_formula(tmp_path: Path) -> None:
    south = walked(tmp_path / "town")
    nasty = {"reason": "=1+1", "measure": "'=x", "asset_id": "00012", "budget_line": "3-4", "due": "2026-04-01"}
    write_lines(tmp_path / "town", entry(south))
    file = tmp_path / "town" / "actions.csv"
    entries = read_entries(admit(file)).assign(**{name: pd.Series([text], dtype="str") for name, text in nasty.items()})
    write_entries(entries, file)
    assert read_entries(admit(file)).equals(entries)
    cells = next(iter(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())))
    assert not [cell for cell in cells.values() if cell.startswith(("=", "+", "-", "@"))]
    file.write_text(file.read_text(encoding="utf-8-sig").replace('","', '";"'), encoding="utf-8")  # Excel
    assert read_entries(admit(file)).equals(entries)


def test_vendors_and_residents_are_never_faults(tmp_path: Path) -> None:
    rows = [row(1, faults="vendors rubbish"), row(2, NORTH, faults="Ladrones", walk_id="w2")]
    town(tmp_path / "town", rows, OPEN_ENDS)
    toml = (tmp_path / "town" / "safeaudit.toml").read_text(encoding="utf-8")
    toml = toml.replace('file = "walk.csv"', 'file = "walk.csv"\nfaults = { "Ladrones" = "to_discuss" }')
    (tmp_path / "town" / "safeaudit.toml").write_text(toml, encoding="utf-8")
    said = safeaudit("run", tmp_path / "town", "--out", tmp_path / "town" / "out", "--quick")
    assert "Rubbish (1)" in said.stdout
    assert "not known" not in (tmp_path / "town" / "out" / "private" / "remarks.txt").read_text(encoding="utf-8")
    assert office(tmp_path / "town", "faults")["kind"].tolist() == ["rubbish"]
    back = library.read_result(tmp_path / "town" / "out" / "private" / "result.gpkg")
    assert back.discussions["place_id"].notna().tolist() == [True, True]
    assert set(back.faults["kind"]) == {"rubbish"}
