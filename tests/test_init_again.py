"""`init`: what it writes can be uncommented as it stands; with --again a person's changes stay."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from projects import project, safeaudit, write_csv

from safeaudit.config import config_from_dict
from safeaudit.start.again import merge

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ("lat", "lon", "when", "iluminación", "P4", "problemas")
ROWS = [
    ("19.0701", "72.8801", "2026-03-05 18:30", "Mucha", "3", "hoyo"),
    ("19.0702", "72.8802", "2026-03-05 18:40", "Poca", "0", "hoyo"),
    ("19.0703", "72.8803", "2026-03-05 18:50", "quién sabe", "2", ""),
]


def begin(folder: Path, *more: str) -> str:
    if not (folder / "streets.geojson").exists():
        project(folder)
        (folder / "safeaudit.toml").unlink()
        write_csv(folder / "a.csv", HEADER, ROWS)
    audits = [word for name in ("a.csv", *more) for word in ("--audits", folder / name)]
    said = safeaudit("init", folder, "--streets", folder / "streets.geojson", *audits)
    assert said.code == 0
    return said.stdout


def written(folder: Path) -> str:
    return (folder / "safeaudit.toml").read_text(encoding="utf-8")


def settings(folder: Path) -> dict[str, Any]:
    return tomllib.loads(written(folder))


def edit(folder: Path, old: str, new: str) -> None:
    text = written(folder)
    assert old in text
    (folder / "safeaudit.toml").write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_is_asked_can_be_uncommented_as_it_stands(tmp_path: Path) -> None:
    said = begin(tmp_path)
    text = written(tmp_path)
    assert "# lighting" not in text
    assert '# openness = "P4"  # or visibility, people' in text
    assert "? group_size = 8" in said
    answered = re.sub(r"^# (?=\w+ = |\[|\")", "", text, flags=re.MULTILINE)
    assert answered != text
    (audit,) = config_from_dict(tomllib.loads(answered), folder=tmp_path).audits
    assert audit.columns["openness"] == "P4"
    assert audit.levels["lighting"] == {"Mucha": 3, "Poca": 1, "quién sabe": 0}
    assert audit.faults == {"hoyo": "none"}
    assert (audit.group_size, audit.auditor_sex, audit.consent) == (8, "woman", "public")
    assert settings(tmp_path)["audits"][0]["levels"]["lighting"] == {"Mucha": 3, "Poca": 1}


def test_the_campaign_is_asked_for_where_several_files_come(tmp_path: Path) -> None:
    begin(tmp_path)
    assert "# campaign" not in written(tmp_path)
    (tmp_path / "safeaudit.toml").unlink()
    write_csv(tmp_path / "b.csv", HEADER, ROWS[:1])
    begin(tmp_path, "b.csv")
    assert written(tmp_path).count('# campaign = "before"') == 2


def test_again_writes_guesses_anew_and_keeps_what_a_person_changed(tmp_path: Path) -> None:
    begin(tmp_path)
    edit(tmp_path, '"Poca" = 1', '"Poca" = 2')
    edit(tmp_path, "# group_size = 8", "group_size = 5")
    edit(tmp_path, '# "hoyo" = "none"', '# ours\n# "hoyo" = "none"')
    with (tmp_path / "safeaudit.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n[score]\nmin_ratings = 4\n")
    write_csv(tmp_path / "a.csv", (*HEADER, "gente", "sexo"), [(*row, "1", "F") for row in ROWS])
    said = safeaudit("init", tmp_path, "--again")
    assert said.code == 0, said.stderr
    (audit,) = settings(tmp_path)["audits"]
    assert (audit["columns"]["people"], audit["columns"]["auditor_sex"]) == ("gente", "sexo")
    assert audit["levels"]["lighting"] == {"Mucha": 3, "Poca": 2}
    assert audit["group_size"] == 5
    assert "# auditor_sex" not in written(tmp_path)
    assert "# ours\n" in written(tmp_path)
    assert settings(tmp_path)["score"] == {"min_ratings": 4}
    before = written(tmp_path)
    assert safeaudit("init", tmp_path, "--again").code == 0
    assert written(tmp_path) == before


def test_again_takes_a_new_file_in(tmp_path: Path) -> None:
    begin(tmp_path)
    edit(tmp_path, '"Poca" = 1', '"Poca" = 2')
    write_csv(tmp_path / "b.csv", HEADER, ROWS[:1])
    assert safeaudit("init", tmp_path, "--again", "--audits", tmp_path / "b.csv").code == 0
    first, second = settings(tmp_path)["audits"]
    assert (first["file"], second["file"]) == ("a.csv", "b.csv")
    assert first["levels"]["lighting"]["Poca"] == 2


def test_again_needs_what_was_written_first_and_settings_that_fit(tmp_path: Path) -> None:
    assert "There is no" in safeaudit("init", tmp_path, "--again").stderr
    begin(tmp_path)
    assert "There are settings already" in safeaudit("init", tmp_path).stderr
    (tmp_path / "safeaudit.init.toml").rename(tmp_path / "kept")
    said = safeaudit("init", tmp_path, "--again")
    assert (said.code, "There is no safeaudit.init.toml" in said.stderr) == (2, True)
    (tmp_path / "kept").rename(tmp_path / "safeaudit.init.toml")
    edit(tmp_path, 'observed_at = "when"', 'people = "P4"\nobserved_at = "when"')
    write_csv(tmp_path / "a.csv", (*HEADER, "gente"), [(*row, "1") for row in ROWS])
    before = written(tmp_path)
    said = safeaudit("init", tmp_path, "--again")
    assert (said.code, "do not fit together" in said.stderr) == (2, True)
    assert written(tmp_path) == before


@pytest.mark.parametrize(
    ("first", "changed", "anew", "merged"),
    [
        ("abc", "abc", "axc", "axc"),
        ("abc", "ayc", "abc", "ayc"),
        ("abc", "ayc", "axc", "ayc"),
        ("abc", "yabc", "abcx", "yabcx"),
        ("abc", "abcy", "abcx", "abcy"),
        ("abc", "ac", "xbc", "xc"),
        ("", "y", "x", "y"),
        ("abcd", "ad", "axcd", "ad"),
    ],
)
def test_a_persons_lines_stand_where_both_changed(first: str, changed: str, anew: str, merged: str) -> None:
    assert "".join(merge(list(first), list(changed), list(anew))) == merged
