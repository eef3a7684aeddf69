"""What protects people, from the cells of a file to the bytes of the public map: through the real command."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from projects import safeaudit, write_toml
from walked import BETWEEN, NIGHT, NORTH, SOUTH, Row, office, public, round_of, row, run, town

if TYPE_CHECKING:
    from pathlib import Path


def test_what_its_author_allowed_for_analysis_alone_changes_no_byte_of_the_public_map(tmp_path: Path) -> None:
    allowed = [row(1), row(2, level=1, walk_id="w2"), row(3, NORTH, faults="open_drain")]
    kept = [
        row(4, level=0, walk_id="w3", consent="analysis", faults="lamp_out"),
        row(5, NORTH, level=0, walk_id="w3", consent="analysis", faults="open_drain"),
        row(6, BETWEEN, level=0, walk_id="w4", consent="analysis"),
    ]
    warned = [run(tmp_path / name, rows)["warnings"] for name, rows in (("open", allowed), ("all", [*allowed, *kept]))]
    assert public(tmp_path / "open") == public(tmp_path / "all")
    assert warned[0] == [sentence for sentence in warned[1] if "between several" not in sentence]
    score = [office(tmp_path / name, "segments").set_index("name")["walk_path"] for name in ("open", "all")]
    assert (score[0] > score[1]).all()  # the office sees them


def test_who_said_no_colours_nothing(tmp_path: Path) -> None:
    folder = town(tmp_path / "town", [row(1), row(2, NORTH, consent="none", note="a canary")])
    said = safeaudit("run", folder, "--out", folder / "out")
    assert "2 rows read = 1 accepted + 1 rejected" in said.stdout
    assert office(folder, "segments").set_index("name").loc["North", "state"] == "not_audited"


def test_what_is_private_by_place_changes_no_byte_of_the_public_map(tmp_path: Path) -> None:
    private = ("people", "security", "gender_usage", "feeling")
    for name, level in (("low", 0), ("high", 3)):
        said: Row = {**dict.fromkeys(private, level), "note": f"note {level}"}
        run(tmp_path / name, [row(number, where, **said) for number, where in enumerate([SOUTH, SOUTH, SOUTH, NORTH])])
    assert public(tmp_path / "low") == public(tmp_path / "high")
    people = [office(tmp_path / name, "segments").set_index("name")["people"] for name in ("low", "high")]
    assert people[0]["South"] < people[1]["South"]
    assert all(pd.isna(of["North"]) for of in people)  # one person's answer


def test_where_a_newer_round_saw_all_an_earlier_one_changes_no_figure_of_it(tmp_path: Path) -> None:
    latest = round_of("after", 2026, 2, 12, lux=8)
    latest[0] |= {"walk_path": 1, "feeling": 0}
    latest[3] |= {"walk_path": 3, "feeling": 3}
    earlier = round_of("before", 2025, 0, 15, lux=1)
    named = '[score]\ncampaign = "after"'
    documents = [
        run(tmp_path / "latest", latest, named),
        run(tmp_path / "both", [*earlier, *latest]),
        run(tmp_path / "named", [*earlier, *latest], named),
    ]
    assert public(tmp_path / "latest") == public(tmp_path / "named")
    assert documents[0]["warnings"] == documents[1]["warnings"]
    assert documents[1]["scored"] == "Scored: 54 forms of two rounds; 24 of the latest."
    assert documents[2]["scored"] == "Scored: 24 forms of one round; 30 of other rounds are left out."
    assert safeaudit("check", tmp_path / "both", "--json").document["scored"] == documents[1]["scored"]
    assert safeaudit("check", tmp_path / "named", "--json").document["scored"] == documents[2]["scored"]
    for layer in ("segments", "evidence_segments"):
        tables = [office(tmp_path / name, layer) for name in ("latest", "both")]
        assert tables[0].equals(tables[1]), layer
    for layer in ("summaries", "agreement", "feelings"):
        alone, both = (office(tmp_path / name, layer) for name in ("latest", "both"))
        assert set(both["campaign"]) == {"round 1", "round 2"}  # no name of a cell
        of_latest = both[both["campaign"] == "round 2"].drop(columns="campaign").reset_index(drop=True)
        assert of_latest.equals(alone.drop(columns="campaign")), layer
    assert set(office(tmp_path / "both", "evidence_segments")["lux_mean"]) == {8.0}


def test_the_round_that_the_settings_name_is_the_one_that_is_shown(tmp_path: Path) -> None:
    rounds = [*round_of("after", 2026, 2, 1), *round_of("before", 2025, 0, 1)]
    run(tmp_path / "town", rounds, '[score]\ncampaign = "before"')
    assert office(tmp_path / "town", "segments")["latest"].tolist() == ["2025 Q1"] * 2


def test_the_places_that_one_walk_alone_has_seen_are_warned_of(tmp_path: Path) -> None:
    rows = [row(1), row(2, walk_id="w2"), row(3, walk_id="w3"), row(4, NORTH)]
    (warning,) = run(tmp_path / "town", rows)["warnings"]
    assert warning.startswith("1 places show what one walk alone saw")
    assert run(tmp_path / "held", rows, "[publish]\nmin_walks = 2")["warnings"] == []
    assert run(tmp_path / "never", rows[:3])["warnings"] == []


def test_run_and_check_tell_alike_of_codes_that_no_place_has(tmp_path: Path) -> None:
    earlier = {"campaign": "before", "observed_at": NIGHT.replace("2026", "2025")}
    rows = [row(1, campaign="after"), row(2, place_code="S99999X", **earlier)]
    (warning,) = run(tmp_path / "town", rows, "[publish]\nmin_walks = 2")["warnings"]
    assert re.match(r"1 submissions name a place code .*walk\.csv line 3.*S99999X", warning)
    said = safeaudit("check", tmp_path / "town", "--json")
    assert said.document["warnings"] == [warning]
    assert f"Note: {warning}" in safeaudit("check", tmp_path / "town").stderr


def test_run_and_check_tell_alike_what_was_left_out_of_the_places(tmp_path: Path) -> None:
    folder = town(tmp_path / "town", [row(1)], "[publish]\nmin_walks = 2\nlone_ends_m = 0")
    point = {
        "type": "Feature",
        "properties": {"name": "Ward"},
        "geometry": {"type": "Point", "coordinates": SOUTH[::-1]},
    }
    wards = {"type": "FeatureCollection", "features": [point]}
    (folder / "wards.geojson").write_text(json.dumps(wards), encoding="utf-8")
    toml = (folder / "safeaudit.toml").read_text(encoding="utf-8")
    write_toml(folder, toml.replace("[[audits]]", 'areas = [{ file = "wards.geojson" }]\n[[audits]]'))
    sentence = "1 shapes of wards or sites are no areas and were left out."
    assert safeaudit("check", folder, "--json").document["warnings"] == [sentence]
    assert safeaudit("run", folder, "--out", folder / "out", "--json").document["warnings"] == [sentence]


@pytest.mark.parametrize("quick", [True, False])
def test_the_steps_are_told_and_timed(tmp_path: Path, *, quick: bool) -> None:
    folder = town(tmp_path / "town", [row(1)])
    safeaudit("run", folder, "--out", folder / "out", *(["--quick"] if quick else []))
    steps = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))["seconds"]
    closer = (
        set()
        if quick
        else {
            "Comparing the rounds",
            "Comparing the auditors",
            "Finding the evidence",
            "Estimating streets where nobody was",
        }
    )
    reading = {"Looking at the files", "Reading the places", "Reading the audits"}
    assert set(steps) == {*reading, "Matching", "Scoring", "Summing up", *closer}
