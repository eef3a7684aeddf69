"""What commands say they found is in the language of the city; figures and names of files are as in English."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

import pytest
from projects import safeaudit, write_toml
from walked import round_of, town

from safeaudit.contributors import say_scored
from safeaudit.languages import LANGUAGES, read_language
from safeaudit.rubric import STANDARD
from safeaudit.score.change.means import LOPSIDED
from safeaudit.score.change.notes import retell_note
from safeaudit.score.change.pools import say_too_few

if TYPE_CHECKING:
    from pathlib import Path

ENGLISH = read_language("en")
OTHERS = LANGUAGES[1:]
SAID = (
    "console.",
    "band.",
    "light.",
    "fault.",
    "indicator.",
    "street_condition.",
    "report.nobody",
    "mend.sheet.nobody",
)
"""What a command may say of what it found."""


def words_of(text: str) -> set[str]:
    """Return the words in Latin letters: neither braces nor names of files, tables and settings."""
    plain = re.sub(r"\{\w*\}|\[\w+\]|\S*[/_.]\w\S*", " ", text)
    return {word.casefold() for word in re.findall(r"[A-Za-z]{2,}", plain)}


def speaking(folder: Path, code: str) -> Path:
    """Make a town that two rounds walked, with faults, whose first language is this."""
    before, after = (round_of(name, year, level, 8, faults=fault) for name, year, level, fault in ROUNDS)
    town(folder, [*before, *after])
    text = (folder / "safeaudit.toml").read_text(encoding="utf-8")
    return write_toml(folder, text.replace("[city]\n", f'[city]\nlanguages = ["{code}", "en"]\n'))


ROUNDS = (("before", 2025, 0, "lamp_out"), ("after", 2026, 1, "drain_open"))
COMMANDS = (
    ("check",),
    ("run", "--out", "out"),
    ("publish", "--as-of", "2026-06-01", "--out", "out"),
    ("run", "--quick", "--out", "out"),
    ("compare", "--out", "out"),
    ("actions", "--out", "out"),
    ("form", "--entry", "--out", "forms"),
)


def test_in_arabic_no_word_of_it_is_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, arabic = speaking(tmp_path / "town", "ar"), read_language("ar")
    monkeypatch.chdir(tmp_path)
    said = []
    for name, *more in COMMANDS:
        found = safeaudit(name, folder, *more)
        assert found.code == 0, found.stderr
        said.append(found.stdout)
    notes = safeaudit("compare", folder, "--out", "out", "--json").document["notes"]
    spoken = words_of(" ".join([*said, *notes]))
    english = words_of(" ".join(ENGLISH.under(*SAID).values())) - words_of(" ".join(arabic.under(*SAID).values()))
    assert spoken & english == set()
    assert {"south", "north"} <= spoken  # the streets are called as the map calls them
    for key in ("console.seen.surest", "console.where.map", "console.compared", "console.do"):
        start = arabic[key].partition("{")[0].strip()
        assert start in " ".join(said), key


def test_in_english_every_sentence_is_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = safeaudit("run", speaking(tmp_path / "town", "en"), "--out", out).stdout
    for sentence in (
        "walk.csv: 32 rows read = 32 accepted + 0 rejected + 0 duplicates\n",
        "Scored: 32 forms of two rounds; 16 of the latest.\n",
        "Street condition after dark: 0.2 of 0.2 km of streets seen (100 %).\n",
        "  needs attention first 0.0 km; needs attention 0.2 km; fair 0.0 km; good 0.0 km.\n",
        "  Likely below the standard: 2 (2 places seen, 0 of them by too few people to judge). To go and look at: 0.\n",
        "To be mended, by nobody yet named: Open drain or hole (2).\n",
        f"Preview:          {out / 'office' / 'preview.html'}  (a draft; to release it: safeaudit publish)\n",
        f"Private:          {out / 'private'}  (what was said of every file: remarks.txt)\n",
    ):
        assert sentence in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_can_be_filled(code: str) -> None:
    language = read_language(code)
    for key, english in ENGLISH.under("console.").items():
        names = {name for _, name, _, _ in string.Formatter().parse(english) if name}
        said = language.say(key, **{name: f"<{name}>" for name in names})
        assert {name for name in names if f"<{name}>" not in said} == set()
        assert "{" not in said
        assert "dangerous" not in said


@pytest.mark.parametrize("code", OTHERS)
def test_what_tables_say_in_english_is_retold(code: str) -> None:
    language = read_language(code)
    few = [say_too_few(*people, same_people=True) for people in ((1, 1, 1), (2, 3, 5), (1, 9, 10))]
    for note in (*few, LOPSIDED):
        told = retell_note(note, language)
        assert re.findall(r"\d+", told) == re.findall(r"\d+", note)
        assert told != note
    assert retell_note("fewer than 20 places that both saw", language) == "fewer than 20 places that both saw"
    assert language.retell(ENGLISH["fault.rubbish"], "fault.") == language["fault.rubbish"]
    assert language.retell("a city's own kind", "fault.") == "a city's own kind"


def test_rounds_are_counted_in_words_as_far_as_there_are_any() -> None:
    french = read_language("fr")
    assert "deux campagnes ; 2 de la" in say_scored({"a": 1, "b": 2}, None, french)
    assert "12 campagnes" in say_scored({str(number): 1 for number in range(12)}, None, french)


def test_a_composite_and_an_indicator_have_their_labels() -> None:
    french = read_language("fr")
    assert french.label("street_condition", STANDARD) == french["street_condition.label"]
    assert french.label("score", STANDARD) == french["places.column.score"]
    assert french.label("lighting", STANDARD) == french["indicator.lighting.label"]
