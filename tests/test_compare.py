"""`safeaudit compare`: two rounds of one project, two projects, and what cannot be compared."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio
import pytest
from projects import safeaudit, write_csv, write_toml
from walked import NIGHT, NOON, NORTH, SOUTH, office, round_of, row, streets, town

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from walked import Row

BOTH = [*round_of("before", 2025, 0, 8), *round_of("after", 2026, 2, 8)]
DECLARED = "[match]\nmax_distance_m = 25"


def compare(folder: Path, *words: object) -> Mapping[str, Any]:
    """Compare and return the document that the command prints."""
    said = safeaudit("compare", folder, *words, "--out", folder / "out", "--json")
    assert said.code == 0, said.stderr
    return said.document


def refused(*words: object) -> str:
    """Return the sentence with which a command refuses."""
    said = safeaudit("compare", *words)
    assert said.code == 2, said.stdout
    return said.stderr


def test_two_rounds_say_what_changed(tmp_path: Path) -> None:
    document = compare(town(tmp_path / "town", BOTH))
    assert document["places_compared"] == 2
    # Nine indicators, score and street condition, on two streets; by day nobody walked.
    assert document["tests"] == 22
    assert document["differing"] == 22
    assert document["places_differing"] == 2
    assert document["expected_by_chance"] == 1.1
    assert document["auditors"] == {"before": 8, "after": 8, "both": 0}
    assert [document[when]["name"] for when in ("before", "after")] == ["round 1", "round 2"]
    lighting = next(one for one in document["mean_changes"] if one["indicator"] == "lighting")
    assert (lighting["before"], lighting["after"], lighting["difference"]) == (0.0, 66.67, 66.67)
    assert lighting["low"] < 66.67 < lighting["high"]
    assert any("No place was seen by day in both rounds" in note for note in document["notes"])


def test_the_planning_office_gets_a_layer_with_its_style(tmp_path: Path) -> None:
    folder = town(tmp_path / "town", BOTH)
    compare(folder)
    layer = office(folder, "changes")
    assert set(layer.geom_type) == {"Point"}
    assert len(layer) == 22
    assert {"differs", "difference", "low", "high", "q", "note"} <= set(layer.columns)
    assert len(office(folder, "mean_changes")) == 11
    with closing(sqlite3.connect(folder / "out" / "office" / "planning.gpkg")) as connection:
        (style,) = connection.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'changes'").fetchone()
    assert "&quot;indicator&quot; = 'score' AND &quot;light&quot; = 'dark'" in style
    assert "Better, by more than chance" in style
    # What run writes is the same, and so is what is written twice.
    first = (folder / "out" / "office" / "planning.gpkg").read_bytes()
    assert safeaudit("run", folder, "--out", folder / "out").code == 0
    assert (folder / "out" / "office" / "planning.gpkg").read_bytes() == first


def test_on_the_screen_it_says_so_in_sentences(tmp_path: Path) -> None:
    said = safeaudit("compare", town(tmp_path / "town", BOTH), "--out", tmp_path / "out")
    assert said.code == 0
    assert "Places seen in both rounds in the same light: 2." in said.stdout
    assert "lighting, 2 segments: 0 before, 67 after, +66.7" in said.stdout
    assert "Tested: 22 differences. One by one, some 1 would seem to differ by chance alone" in said.stdout
    assert "layer changes" in said.stdout


def test_one_round_alone_is_refused(tmp_path: Path) -> None:
    folder = town(tmp_path / "town", round_of("before", 2025, 0, 8))
    assert "All forms are of one round of walks" in refused(folder, "--out", tmp_path / "out")
    assert not (tmp_path / "out" / "office").exists()
    assert safeaudit("run", folder, "--out", tmp_path / "out").code == 0


def test_a_round_that_is_not_there_is_refused_and_the_others_named(tmp_path: Path) -> None:
    said = refused(town(tmp_path / "town", BOTH), "--before", "earlier")
    assert "There is no round called earlier." in said
    assert "The rounds are: before, after." in said
    assert "Before and after are both before." in refused(tmp_path / "town", "--before", "before", "--after", "before")


def test_rounds_are_chosen_by_name_else_by_the_places_they_saw(tmp_path: Path) -> None:
    third = round_of("later", 2027, 3, 8)[::2]  # South alone
    folder = town(tmp_path / "town", [*BOTH, *third], '[score]\ncampaign = "before"')
    usual = compare(folder)
    assert (usual["before"]["since"], usual["after"]["since"]) == ("2025 Q1", "2026 Q1")
    named = compare(folder, "--before", "after", "--after", "later")
    assert (named["before"]["since"], named["after"]["since"]) == ("2026 Q1", "2027 Q1")
    assert named["places_compared"] == 1
    half = compare(folder, "--after", "later")
    assert half["after"]["since"] == "2027 Q1"


def test_rounds_that_share_no_place_are_refused_with_what_each_saw(tmp_path: Path) -> None:
    rows = [*round_of("before", 2025, 0, 6)[::2], *round_of("after", 2026, 2, 6)[1::2]]
    said = refused(town(tmp_path / "town", rows))
    assert "No place was seen in both rounds in the same light" in said
    assert "before saw 1 after dark; after saw 1 after dark" in said


def test_day_is_never_compared_with_dark(tmp_path: Path) -> None:
    noon = [one | {"observed_at": NOON} for one in round_of("after", 2026, 2, 8)]
    said = refused(town(tmp_path / "town", [*round_of("before", 2025, 0, 8), *noon]))
    assert "before saw 2 after dark; after saw 2 by day" in said


def test_rounds_by_day_alone_say_nothing_of_lighting(tmp_path: Path) -> None:
    noon = [one | {"observed_at": str(one["observed_at"]).replace("21:30", "12:30")} for one in BOTH]
    document = compare(town(tmp_path / "town", noon))
    assert "Nobody looked after dark in both rounds: nothing is said of lighting." in document["notes"]
    assert "lighting" not in {one["indicator"] for one in document["mean_changes"]}


def test_too_few_auditors_test_nothing_and_no_word_is_of_chance(tmp_path: Path) -> None:
    same = [one | {"auditor": f"A{number % 2}"} for number, one in enumerate(BOTH)]
    folder = town(tmp_path / "town", same)
    document = compare(folder)
    assert (document["tests"], document["differing"], document["expected_by_chance"]) == (0, 0, 0.0)
    said = safeaudit("compare", folder, "--out", tmp_path / "out")
    assert "Too few auditors to tell: 2 auditors, at least 6 are needed." in said.stdout
    assert "No place was tested." in said.stdout
    assert "chance" not in said.stdout


def test_rounds_on_different_scales_are_refused_and_run_goes_on(tmp_path: Path) -> None:
    folder = town(tmp_path / "town", round_of("before", 2025, 0, 6))
    rows = round_of("after", 2026, 2, 6)
    write_csv(folder / "after.csv", list(rows[0]), [list(one.values()) for one in rows])
    toml = (folder / "safeaudit.toml").read_text(encoding="utf-8")
    write_toml(folder, toml + '\n[[audits]]\nfile = "after.csv"\nscale = [1, 5]\n')
    said = refused(folder)
    assert "The rounds were rated on different scales: lighting on 0 to 3 in before and 1 to 5 in after." in said
    assert safeaudit("run", folder, "--out", tmp_path / "out").code == 0
    assert len(pyogrio.read_dataframe(tmp_path / "out" / "office" / "planning.gpkg", layer="changes")) == 0


@pytest.mark.parametrize(("people", "hidden"), [(4, {"feeling"}), (2, {"feeling", "people", "score"})])
def test_what_few_people_said_in_one_round_is_kept_from_the_office(
    tmp_path: Path, people: int, hidden: set[str]
) -> None:
    folder = town(tmp_path / "town", [*round_of("before", 2025, 0, people), *round_of("after", 2026, 2, 8)])
    compare(folder)
    layer = office(folder, "changes").set_index("indicator")
    values = ["before", "after", "difference", "low", "high", "p", "q", "detectable"]
    for name in ("feeling", "people", "score", "lighting"):
        assert layer.loc[[name], values].isna().all(axis=None) == (name in hidden), name
        withheld = layer.loc[[name], "note"].str.startswith("withheld: ")
        assert withheld.all() == (name in hidden), name
    means = office(folder, "mean_changes").set_index("indicator")
    assert means.loc[["feeling"], ["before", "after", "difference"]].isna().all(axis=None)


def test_the_offices_file_holds_no_name_of_a_cell(tmp_path: Path) -> None:
    rows = [*round_of("a canary", 2025, 0, 8), *round_of("another canary", 2026, 2, 8)]
    folder = town(tmp_path / "town", rows)
    document = compare(folder)
    assert b"canary" not in (folder / "out" / "office" / "planning.gpkg").read_bytes()
    assert "canary" not in json.dumps({name: value for name, value in document.items() if name != "outputs"})


def test_faults_are_mended_still_open_or_new(tmp_path: Path) -> None:
    def rows(campaign: str, year: int, where: tuple[float, float], faults: str, people: int = 6) -> list[Row]:
        night = NIGHT.replace("2026", str(year))
        return [
            row(
                1000 * year + 100 * (where == NORTH) + n,
                where,
                campaign=campaign,
                observed_at=night,
                walk_id=f"{campaign} {n}",
                faults=faults,
            )
            for n in range(people)
        ]

    forms = [
        *rows("before", 2025, SOUTH, "lamp_out drain_open"),
        *rows("before", 2025, NORTH, ""),
        *rows("after", 2026, SOUTH, "drain_open"),
        *rows("after", 2026, NORTH, "rubbish"),
    ]
    document = compare(town(tmp_path / "town", forms))
    known = {"mended": 1, "open": 1, "new": 1, "not_looked_again": 0, "not_looked_before": 0}
    assert document["faults"] == known
    only = [
        *rows("before", 2025, SOUTH, "lamp_out"),
        *rows("after", 2026, SOUTH, "", people=1),
        *forms[6:12],
        *forms[18:],
    ]
    assert compare(town(tmp_path / "other", only))["faults"]["mended"] == 0


def projects(folder: Path, *lines: str, later: object = None) -> tuple[Path, Path]:
    """Make two projects of the same streets, or others, a round each."""
    first = town(folder / "first", round_of("", 2025, 0, 8))
    second = town(
        folder / "second",
        round_of("", 2026, 2, 8),
        *lines,
        streets=later or streets({"South": SOUTH[0], "North": NORTH[0]}),
    )
    return first, second


def test_two_projects_are_compared_by_the_ids_of_their_places(tmp_path: Path) -> None:
    first, second = projects(tmp_path)
    document = safeaudit("compare", first, second, "--out", tmp_path / "out", "--json").document
    assert document["places_compared"] == 2
    assert document["auditors"]["both"] is None
    assert any("call auditors by different keys" in note for note in document["notes"])
    written = [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert written == ["changes.gpkg"]
    layers = {name for name, _ in pyogrio.list_layers(tmp_path / "out" / "office" / "changes.gpkg")}
    assert layers == {"changes", "mean_changes", "site_changes", "layer_styles"}


def test_projects_of_one_key_know_who_walked_in_both(tmp_path: Path) -> None:
    first, second = projects(tmp_path)
    for folder, year in ((first, 2025), (second, 2026)):
        rows = [one | {"auditor": f"A{number // 2}"} for number, one in enumerate(round_of("", year, year - 2025, 8))]
        town(folder, rows)
    safeaudit("check", first)
    safeaudit("run", first, "--quick", "--out", tmp_path / "o")
    (second / "auditors.key").write_bytes((first / "auditors.key").read_bytes())
    document = safeaudit("compare", first, second, "--out", tmp_path / "out", "--json").document
    assert document["auditors"]["both"] == 8


def test_what_changed_on_the_map_is_named_and_not_compared(tmp_path: Path) -> None:
    moved = streets({"South": SOUTH[0], "New North": NORTH[0] + 0.0003})
    first, second = projects(tmp_path, later=moved)
    document = safeaudit("compare", first, second, "--out", tmp_path / "out", "--json").document
    assert document["places_compared"] == 1
    (note,) = (one for one in document["notes"] if one.startswith("The maps differ"))
    assert "1 are not on the second map as they were" in note
    assert "North" in note
    assert "1 places are on the second map alone" in note


def test_projects_with_other_rubrics_are_refused_with_what_differs(tmp_path: Path) -> None:
    first, second = projects(tmp_path, "[rubric]\nweights = { lighting = 2 }")
    said = refused(first, second, "--out", tmp_path / "out")
    assert "The two projects have different rubrics: lighting is not the same in both." in said
    assert not (tmp_path / "out" / "office").exists()


def test_what_one_round_alone_asked_is_said(tmp_path: Path) -> None:
    rows = [one | ({"security": ""} if one["campaign"] == "before" else {}) for one in BOTH]
    document = compare(town(tmp_path / "town", rows))
    assert "One round alone rated security: that is not compared, and in no score here." in document["notes"]
    assert "security" not in set(pd.DataFrame(document["mean_changes"])["indicator"])
