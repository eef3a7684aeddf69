"""The catalogues of words: complete in English, told apart in every language, and a team's own beside them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from projects import project, safeaudit

from safeaudit import languages
from safeaudit.audits.normalise.answers import read_age, read_consent, read_sex
from safeaudit.audits.normalise.cells import words
from safeaudit.errors import ConfigError
from safeaudit.evidence import MEASURES
from safeaudit.rubric import LEVELS, STANDARD

if TYPE_CHECKING:
    from pathlib import Path

ENGLISH = languages.read_language("en").own
OTHERS = languages.LANGUAGES[1:]
FORM = ("indicator.", "form.", "group.", "question.", "answer.", "fault.", "paper.", "entry.")


def filled(folder: Path, **changes: object) -> Path:
    """Fill a team's language with English backwards; `changes` are made to its file."""
    file, _, _ = languages.offer_translation("rn", "Ikirundi", folder)
    document = json.loads(file.read_text(encoding="utf-8"))
    for key, text in document["words"].items():
        text["text"] = text["english"] if "{" in text["english"] else f"{text['english'][::-1]} {key}"
    file.write_text(json.dumps(document | changes), encoding="utf-8")
    return file


def change(file: Path, key: str, text: str) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    document["words"][key] = text
    file.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_in_every_language_and_none_too_many(code: str) -> None:
    language = languages.read_language(code)
    assert language.missing() == []
    assert list(language.own) == list(ENGLISH)  # in its order: what belongs together is read together
    assert [key for key, text in language.own.items() if not text or text != text.strip()] == []


def test_english_has_every_text() -> None:
    assert languages.read_language("en").missing() == []
    assert [key for key, text in ENGLISH.items() if not text or text != text.strip()] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_shipped_language_is_offered_whole(code: str, tmp_path: Path) -> None:
    _, filled, texts = languages.offer_translation(code, None, tmp_path)
    assert (filled, texts) == (len(ENGLISH), len(ENGLISH))


def test_what_a_language_lacks_is_english_and_is_counted(tmp_path: Path) -> None:
    file, _, _ = languages.offer_translation("fr", None, tmp_path)
    change(file, "page.subtitle", "")
    language = languages.read_language("fr", tmp_path)
    assert language.missing() == ["page.subtitle"]
    assert language["page.subtitle"] == ENGLISH["page.subtitle"]
    _, filled, texts = languages.offer_translation("fr", None, tmp_path)
    assert (filled, texts) == (len(ENGLISH) - 1, len(ENGLISH))
    with pytest.raises(KeyError):
        language["page.nothing"]


def test_every_measure_and_every_standard_indicator_has_its_words() -> None:
    assert {measure.key for measure in MEASURES} == {key for key in ENGLISH if key.startswith("measure.")}
    heads = {key.split(".")[1] for key in ENGLISH if key.startswith("indicator.")}
    assert heads == set(STANDARD.names)
    for indicator in STANDARD.indicators:
        assert len(languages.read_language("en").indicator_words(indicator).levels) == LEVELS


def test_no_word_on_a_map_frightens() -> None:
    parts = ("page.", "band.", "layer.", "qgis.", "state.", "street_condition.", "fault.")
    said = " ".join(text for key, text in ENGLISH.items() if key.startswith(parts)).lower()
    assert [word for word in ("danger", "crime", "risk", "unsafe") if word in said] == []


@pytest.mark.parametrize(
    ("code", "frightening"),
    [
        ("fr", "danger insécur"),
        ("es", "peligr insegur"),
        ("pt", "perig insegur"),
        ("sw", "hatari"),
        ("ar", "خطر خطير"),
        ("hi", "ख़तर खतर असुरक्ष"),
        ("bn", "বিপদ বিপজ্জ ঝুঁকি"),
    ],
)
def test_no_word_in_any_language_calls_a_place_dangerous(code: str, frightening: str) -> None:
    own = languages.read_language(code).own
    assert [key for key, text in own.items() for stem in frightening.split() if stem in text.casefold()] == []


@pytest.mark.parametrize("code", languages.LANGUAGES)
def test_sheets_can_bear_their_names_and_headings_are_told_apart(code: str) -> None:
    """A workbook refuses a sheet's name of more than 31 signs; what comes back is known by its headings."""
    language = languages.read_language(code)
    for part in ("mend", "priorities", "places"):
        sheets = list(language.under(f"{part}.sheet.").values())
        assert len({name.casefold() for name in sheets}) == len(sheets)
        assert [
            name for name in sheets if len(name) > 31 or set(name) & set("[]:*?/\\") or name.strip("'") != name
        ] == []
        headings = [words(text) for text in language.under(f"{part}.column.").values()]
        assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("code", OTHERS)
def test_placeholders_are_those_of_english(code: str) -> None:
    texts = languages.read_language(code)
    named = re.compile(r"{\w*}")  # in the order that the language wants them
    assert [key for key in ENGLISH if sorted(named.findall(texts[key])) != sorted(named.findall(ENGLISH[key]))] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_says_of_itself_what_it_is(code: str) -> None:
    language = languages.read_language(code)
    assert language.code == code
    assert language.direction == ("rtl" if code == "ar" else "ltr")
    assert language.draft
    assert "draft translation" in language["form.draft"]


def test_english_is_no_draft() -> None:
    assert not languages.read_language("en").draft


@pytest.mark.parametrize("indicator", STANDARD.names)
def test_no_word_for_a_level_is_another_level_in_any_language(indicator: str) -> None:
    known: dict[str, int] = {}
    for code in languages.LANGUAGES:
        for level in range(4):
            text = languages.read_language(code)[f"indicator.{indicator}.{level}"]
            for form in (text, text.partition(":")[0]):
                assert known.setdefault(words(form), level) == level, (code, text)
    assert {words(text): level for text, level in languages.level_labels(indicator).items()} == known


@pytest.mark.parametrize("field", ["consent", "auditor_age", "auditor_sex", "auditor_disability", "guardian_consent"])
def test_no_answer_is_another_answer_in_any_language(field: str) -> None:
    known: dict[str, str] = {}
    for code in languages.LANGUAGES:
        for name, text in languages.read_language(code).answers(field).items():
            assert known.setdefault(words(text), name) == name, (code, text)


@pytest.mark.parametrize("code", languages.LANGUAGES)
def test_what_auditors_say_of_themselves_is_read_in_every_language(code: str) -> None:
    language = languages.read_language(code)
    for field, read in (("consent", read_consent), ("auditor_age", read_age), ("auditor_sex", read_sex)):
        assert {name: read(text) for name, text in language.answers(field).items()} == {
            name: name for name in language.answers(field)
        }


def test_headings_are_told_apart() -> None:
    headings = languages.question_labels()
    assert set(STANDARD.names) < set(headings)
    assert len(headings["lighting"]) == len(languages.LANGUAGES)
    every = [(words(text), name) for name, texts in headings.items() for text in texts]
    assert len({text for text, _ in every}) == len(set(every))


def test_unknown_languages_and_codes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'no words in the language "rn".*safeaudit translate DIR --lang rn'):
        languages.read_language("rn")
    with pytest.raises(ConfigError, match="no code of a language"):
        languages.read_language("../en", tmp_path)


def test_translate_writes_english_beside_and_keeps_what_is_filled(tmp_path: Path) -> None:
    said = safeaudit("translate", tmp_path, "--lang", "rn", "--name", "Ikirundi")
    assert said.code == 0
    assert f"0 of {len(ENGLISH)} texts are filled" in said.stdout
    file = tmp_path / "locale" / "rn.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["name"] == "Ikirundi"
    assert document["words"]["form.title"] == {"english": ENGLISH["form.title"], "text": ""}
    change(file, "form.title", "Isuzuma rya {city}")
    again = safeaudit("translate", tmp_path, "--lang", "rn", "--json").document
    assert again == {"file": str(file), "filled": 1, "texts": len(ENGLISH)}
    assert json.loads(file.read_text(encoding="utf-8"))["words"]["form.title"]["text"] == "Isuzuma rya {city}"


def test_a_shipped_language_is_offered_filled_to_be_signed(tmp_path: Path) -> None:
    file, _, _ = languages.offer_translation("ar", None, tmp_path)
    document = json.loads(file.read_text(encoding="utf-8"))
    assert (document["direction"], document["name"]) == ("rtl", "العربية")
    file.write_text(json.dumps(document | {"signed_by": "A. B.", "signed_on": "2026-03-05"}), encoding="utf-8")
    assert not languages.read_language("ar", tmp_path).draft
    assert languages.read_language("ar").draft


def test_a_form_is_in_one_language_or_refused(tmp_path: Path) -> None:
    folder = project(tmp_path)
    languages.offer_translation("rn", "Ikirundi", folder)
    assert languages.read_language("rn", folder)["page.subtitle"] == ENGLISH["page.subtitle"]
    every = len([key for key in ENGLISH if key.startswith(FORM)])
    said = safeaudit("form", folder, "--lang", "rn", "--out", tmp_path / "out")
    assert said.code == 2
    assert (
        f"{every} of {every} texts of the forms are missing in rn; the first is indicator.lighting.label" in said.stderr
    )
    file = filled(folder)
    change(file, "page.subtitle", "")
    assert languages.read_language("rn", folder).missing() == ["page.subtitle"]
    assert safeaudit("form", folder, "--lang", "rn", "--out", tmp_path / "out").code == 0


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("form.title", "no city", r"form.title must hold \{city\}"),
        ("question.consent.hint", "for {name}", "question.consent.hint must hold no braces"),
        ("question.consent.hnt", "text", "1 texts are not known; the first is question.consent.hnt"),
        ("indicator.feeling.0", "gnithgirF indicator.feeling.1", ""),
    ],
)
def test_what_is_wrong_in_a_language_is_said(tmp_path: Path, key: str, text: str, sentence: str) -> None:
    file = filled(tmp_path)
    change(file, key, text)
    if key.endswith("feeling.0"):
        change(file, "indicator.feeling.1", text)
        sentence = "Two levels of feeling have the same words"
    with pytest.raises(ConfigError, match=sentence):
        languages.read_language("rn", tmp_path)


def test_a_language_with_no_direction_is_refused(tmp_path: Path) -> None:
    filled(tmp_path, direction="up")
    with pytest.raises(ConfigError, match='direction must be "ltr" or "rtl"'):
        languages.read_language("rn", tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"words": 1}'])
def test_a_damaged_file_is_refused_in_words(tmp_path: Path, text: str) -> None:
    folder = project(tmp_path)
    (folder / "locale").mkdir()
    (folder / "locale" / "rn.json").write_text(text, encoding="utf-8")
    said = safeaudit("form", folder, "--lang", "rn", "--out", tmp_path / "out")
    assert said.code == 2
    assert "rn.json" in said.stderr
    assert not (tmp_path / "out").exists()
