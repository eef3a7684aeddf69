"""Groups that a city declares: asked for by its form, read back, told of the whole city alone, and never in public."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from projects import safeaudit
from python_calamine import CalamineWorkbook
from walked import Row, office, round_of, row, town

from safeaudit import load_config
from safeaudit import run as run_project
from safeaudit.config import FIELDS
from safeaudit.config.groups import OF_FORMS
from safeaudit.contributors import find_splits, who_alone
from safeaudit.errors import ConfigError
from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TENURE = """
[groups.tenure]
question = "How do you hold your home?"
answers = ["Owner", "No title"]
[groups.work]
question = "Do you sell in the street?"
answers = ["vendor", "no"]"""
SETTINGS = "[score]\nas_of = 2026-11-30\n[publish]\nlone_ends_m = 0" + TENURE


def people(count: int, tenure: str, first: int = 0, **said: object) -> list[Row]:
    """Return what so many people of one tenure said of both streets, each on a walk of her own."""
    rows = round_of("now", 2026, 2, first + count, feeling=1, tenure=tenure, **said)
    return rows[2 * first :]


def told(folder: Path, rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """Publish and return split, group and zone of what the office is told of the feeling of the city's own groups."""
    town(folder, rows, SETTINGS)
    said = safeaudit("publish", folder, "--out", folder / "out")
    assert said.code == 0, said.stderr
    answers = office(folder, "group_answers")
    answers = answers[(answers["indicator"] == "feeling") & (answers["note"] == "")]
    own = answers[~answers["split"].isin(["sex", "age", "disability", "role"])]
    return sorted(own[["split", "who", "zone"]].itertuples(index=False, name=None))


def test_what_a_city_asks_for_is_told_of_the_whole_city_alone(tmp_path: Path) -> None:
    rows = [*people(10, "owner"), *people(10, "no_title", 10, work="vendor")]
    rows = [{"work": "", **one} for one in rows]
    assert told(tmp_path, rows) == [
        ("tenure", "No title", "city"),
        ("tenure", "Owner", "city"),
        ("work", "vendor", "city"),
    ]
    gaps = office(tmp_path, "group_gaps")
    assert set(gaps["split"]) == {"tenure"}  # two streets are too few for a gap, and it says so
    assert gaps["difference"].isna().all()
    released = (tmp_path / "releases").iterdir()
    for file in [tmp_path / "out" / "public" / "map.html", *released]:
        assert b"No title" not in file.read_bytes()


def test_nine_of_a_group_are_not_told(tmp_path: Path) -> None:
    assert told(tmp_path, [*people(10, "Owner"), *people(9, "No title", 10)]) == [("tenure", "Owner", "city")]


def test_another_answer_is_left_out_and_told(tmp_path: Path) -> None:
    town(tmp_path, [row(1, tenure="squatter"), row(2, tenure="OWNER ")], SETTINGS)
    assert safeaudit("run", tmp_path, "--out", tmp_path / "out").code == 0
    remarks = (tmp_path / "out" / "private" / "remarks.txt").read_text(encoding="utf-8")
    assert '1 answers for tenure are none of Owner, No title, such as "squatter"; they are left out.' in remarks


def test_an_accent_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    rows = [row(1, home="Propri\u00e9taire"), row(2, home="proprie\u0301taire"), row(3, home="")]
    lines = '[groups.home]\nquestion = "Q"\nanswers = ["Propri\u00e9taire", "Locataire"]'
    result = run_project(load_config(town(tmp_path, rows, lines)), quick=True)
    assert (result.audits.submissions["own_groups"].astype("str") == "home: Propri\u00e9taire").sum() == 2


def test_a_column_may_be_named_otherwise(tmp_path: Path) -> None:
    columns = {name: name for name in ("submission_id", "latitude", "longitude", "observed_at", "lighting")}
    named = ", ".join(f'{field} = "{header}"' for field, header in {**columns, "tenure": "House"}.items())
    town(tmp_path, [row(1, House="owner")], TENURE)
    toml = tmp_path / "safeaudit.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('file = "walk.csv"', f'file = "walk.csv"\ncolumns = {{ {named} }}'), encoding="utf-8")
    said = safeaudit("run", tmp_path, "--out", tmp_path / "out", "--json")
    assert said.code == 0, said.stderr
    assert load_config(tmp_path).audits[0].columns["tenure"] == "House"
    result = run_project(load_config(tmp_path), quick=True)
    assert result.audits.submissions["own_groups"].tolist() == ["tenure: Owner"]


@pytest.mark.parametrize("header", ["tenure", "How do you hold your home?", "who/tenure"])
def test_a_group_that_is_declared_after_the_columns_were_is_read(tmp_path: Path, header: str) -> None:
    columns = ", ".join(f"{name} = '{name}'" for name in ("submission_id", "latitude", "longitude", "lighting"))
    town(tmp_path, [row(1, **{header: "owner"})], TENURE)
    toml = tmp_path / "safeaudit.toml"
    text = toml.read_text(encoding="utf-8").replace('walk.csv"', f'walk.csv"\ncolumns = {{ {columns} }}')
    toml.write_text(text, encoding="utf-8")
    result = run_project(load_config(tmp_path), quick=True)
    assert result.audits.submissions["own_groups"].tolist() == ["tenure: Owner"]


def test_the_forms_ask_for_it_and_their_answers_come_back(tmp_path: Path) -> None:
    town(tmp_path, [row(1)], TENURE)
    said = safeaudit("form", tmp_path, "--out", tmp_path / "forms", "--lang", "en,fr", "--entry")
    assert said.code == 0, said.stderr
    survey, choices = (
        CalamineWorkbook.from_path(str(tmp_path / "forms" / "form.xlsx")).get_sheet_by_name(name).to_python()
        for name in ("survey", "choices")
    )
    asked = [line for line in survey if line[1] in ("tenure", "work")]
    assert [line[:2] for line in asked] == [["select_one tenure", "tenure"], ["select_one work", "work"]]
    assert all(line[2:4] == ["How do you hold your home?"] * 2 for line in asked[:1])
    assert [line[1:] for line in choices if line[0] == "tenure"] == [
        ["owner", "Owner", "Owner"],
        ["no_title", "No title", "No title"],
    ]
    named = {line[1] for line in survey[1:] if line[0] != "end group"}
    known = {*FIELDS, *STANDARD.names, "tenure", "work"}
    assert all(name in known or OF_FORMS.fullmatch(name) for name in named)
    paper = (tmp_path / "forms" / "paper-fr.html").read_text(encoding="utf-8")
    assert "How do you hold your home?" in paper
    assert "No title</span>" in paper
    entry = CalamineWorkbook.from_path(str(tmp_path / "forms" / "entry.xlsx")).get_sheet_by_name("audits").to_python()
    assert {"tenure", "work"} <= set(entry[0])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("[groups.sex]\nquestion = 'Q'\nanswers = ['a', 'b']", 'The group "sex" cannot be a column, or is taken.'),
        ("[groups.place]\nquestion = 'Q'\nanswers = ['a', 'b']", "is taken"),
        ("[rubric.indicators.photo]\nlabel = 'Photo'", "is taken"),
        ("[groups.lighting]\nquestion = 'Q'\nanswers = ['a', 'b']", "is taken"),
        ("[groups.'My group']\nquestion = 'Q'\nanswers = ['a', 'b']", "cannot be a column"),
        ("[groups.tenure]\nquestion = 'Q'\nanswers = ['a']", "2 to 12 answers that differ"),
        ("[groups.tenure]\nquestion = 'Q'\nanswers = ['a', 'A ']", "2 to 12 answers that differ"),
        ("[groups.tenure]\nquestion = 'Q'\nanswers = ['no title', 'no_title']", "2 to 12 answers that differ"),
        ("[groups.tenure]\nquestion = 'Q'\nanswers = ['_', 'b']", "2 to 12 answers that differ"),
        *(
            (f"[groups.{name}]\nquestion = 'Q'\nanswers = ['a', 'b']", f'"{name}" cannot be a column, or is taken')
            for name in ("start", "who", "photo", "tell_intro", "lighting_levels")
        ),
        ("[groups.tenure]\nquestion = 'Q'\nanswers = ['a: b', 'c']", "no colon and no semicolon"),
        (
            "\n".join(f"[groups.g{number}]\nquestion = 'Q'\nanswers = ['a', 'b']" for number in range(7)),
            "[groups] names 7 questions; at most 6 are read.",
        ),
    ],
)
def test_a_group_that_cannot_be_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    town(tmp_path, [row(1)], lines)
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path)
    assert said in str(error.value)


def test_the_same_person_s_groups_are_read_from_one_column(tmp_path: Path) -> None:
    rows = [row(1, tenure="owner", work="Vendor"), row(2, tenure="", work="no"), row(3, tenure="No title", work="")]
    result = run_project(load_config(town(tmp_path, rows, TENURE)), quick=True)
    forms = result.audits.submissions
    said = set(forms["own_groups"].astype("str"))
    assert said == {"tenure: Owner; work: vendor", "work: no", "tenure: No title"}
    assert find_splits(forms)[-2:] == ("tenure", "work")
    assert sorted(who_alone(forms, "work").dropna()) == ["no", "vendor"]
    several = forms.assign(group_size=2)
    assert who_alone(several, "tenure").isna().all()
