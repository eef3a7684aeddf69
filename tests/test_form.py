"""The forms: accepted by what reads XLSForms, the same bytes twice, and what comes back loads without settings."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from projects import project, safeaudit, snapshot, write_csv
from python_calamine import CalamineWorkbook
from pyxform.xls2xform import convert

from safeaudit import languages, load_config, run
from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

OWN = """
[rubric.indicators.shade]
label = "Shade"
question = "Is there shade?"
levels = ["Bare", "Poor", "Fair", "Full"]"""
EVERY = ",".join(languages.LANGUAGES)
WHO = {"auditor_age": "elderly", "auditor_sex": "woman", "auditor_disability": "yes", "auditor_role": "worker"}
SAID = WHO | {"consent": "public", "auditor": "7", "walk_id": "3", "group_size": "4", "note": "The lamp is out."}
NAMES = (*STANDARD.names, "shade")
FAULTS = ("lamp_out", "drain_open")


@dataclass(frozen=True)
class Question:
    """A row of a form's survey sheet: in which group, of which type, and its name."""

    group: str
    kind: str
    name: str


def rows_of(file: Path, sheet: str) -> list[dict[str, str]]:
    header, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_name(sheet).to_python()
    return [dict(zip(map(str, header), map(str, row), strict=True)) for row in rows]


def questions(form: Path) -> list[Question]:
    """Return what a form holds that gives an answer, in order."""
    found, group = [], ""
    for row in rows_of(form, "survey"):
        if row["type"] == "begin group":
            group = row["name"]
        elif row["type"] == "end group":
            group = ""
        elif row["type"] != "note":
            found.append(Question(group, row["type"], row["name"]))
    return found


def words_of(entry: Path) -> dict[str, list[str]]:
    """Return what may be chosen in each column of an entry sheet."""
    book = CalamineWorkbook.from_path(str(entry))
    (header,), (_, *rows) = (book.get_sheet_by_name(name).to_python() for name in ("audits", "words"))
    columns = zip(*rows, strict=True)
    return {str(name): [str(cell) for cell in column if cell] for name, column in zip(header, columns, strict=True)}


def words_for(form: Path, column: str) -> dict[tuple[str, str], str]:
    """Return the text of each choice, by its list and name."""
    return {(row["list_name"], row["name"]): row[column] for row in rows_of(form, "choices")}


def answer(question: Question, level: int, words: dict[tuple[str, str], str] | None) -> str:
    """Return what stands in an export's cell: by name, or in the words of a language."""
    kind, _, choices = question.kind.partition(" ")
    if kind == "select_multiple":
        return " ".join(words[choices, name] for name in FAULTS) if words else " ".join(FAULTS)
    if kind == "select_one":
        name = str(level) if choices.endswith("_levels") else SAID.get(question.name, "")
        return words[choices, name] if words and name else name
    times = {"start": f"2026-03-05T20:3{level}:00.000+05:30", "end": f"2026-03-05T20:4{level}:00.000+05:30"}
    return times.get(question.name, SAID.get(question.name, ""))


def kobo(form: Path, file: Path, words: dict[tuple[str, str], str], heads: dict[str, str] | None = None) -> Path:
    """Write what Kobo exports of a form: groups joined by slashes, answers as labels, headers too if they are given.

    Of a question with several answers it writes one column with all of them and a column for each.
    """
    header, rows = [], [[] for _ in range(4)]
    for question in questions(form):
        name, group = ((heads or {}).get(text, text) for text in (question.name, question.group))
        path = "/".join(filter(None, (group, name)))
        if question.kind == "geopoint":
            header += [
                name,
                *(f"{group}/_{name}_{part}" for part in ("latitude", "longitude", "altitude", "precision")),
            ]
            for level, row in enumerate(rows):
                row += [f"19.070{level} 72.880{level} 0 4.5", f"19.070{level}", f"72.880{level}", "0", "4.5"]
            continue
        header.append(path)
        for level, row in enumerate(rows):
            row.append(answer(question, level, words))
        if heads and question.kind.startswith("select_multiple"):
            choices = {choice: text for (asked, choice), text in words.items() if asked == question.name}
            header += [f"{path}/{text}" for text in choices.values()]
            for row in rows:
                row += [str(int(choice in FAULTS)) for choice in choices]
    header += ["_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "_index"]
    for level, row in enumerate(rows):
        row += [f"{level}", f"u{level}", "2026-03-06T09:00:00", "", "", "submitted_via_web", "", f"{level + 1}"]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerows([header, *rows])
    return file


def central(form: Path, file: Path) -> Path:
    """Write what ODK Central exports of a form: groups joined by hyphens, answers as names."""
    header: list[str] = ["SubmissionDate"]
    rows: list[list[str]] = [["2026-03-06T09:00:00.000Z"] for _ in range(4)]
    for question in questions(form):
        path = "-".join(filter(None, (question.group, question.name)))
        parts = [f"{path}-{part}" for part in ("Latitude", "Longitude", "Altitude", "Accuracy")]
        header += parts if question.kind == "geopoint" else [path]
        for level, row in enumerate(rows):
            place = [f"19.070{level}", f"72.880{level}", "0", "4.5"]
            row.extend(place if question.kind == "geopoint" else [answer(question, level, None)])
    header += [
        "meta-instanceID",
        "KEY",
        "SubmitterID",
        "SubmitterName",
        "Status",
        "ReviewState",
        "DeviceID",
        "FormVersion",
    ]
    for level, row in enumerate(rows):
        row += [f"uuid:{level}", f"uuid:{level}", "12", "app user", "", "", "", "1"]
    return write_csv(file, header, rows)


def city(folder: Path, *lines: str) -> Path:
    return project(folder, OWN, *lines)


def loaded(folder: Path, file: Path) -> tuple[Any, Any]:
    """Load a file without a word on its columns; return submissions by line, and levels by line and indicator."""
    config = folder / "safeaudit.toml"
    config.write_text(f'{config.read_text(encoding="utf-8")}\n[[audits]]\nfile = "{file.name}"\n', encoding="utf-8")
    said = safeaudit("check", folder, "--json")
    assert [(f["read"], f["accepted"], f["rejected"]) for f in said.document["files"]] == [(4, 4, 0)]
    audits = run(load_config(folder), quick=True).audits
    submissions = audits.submissions.sort_values("line").reset_index(drop=True)
    kinds = audits.faults.astype({"kind": str}).groupby("submission_id", observed=True)["kind"].agg(set)
    submissions["faults"] = submissions["submission_id"].astype(str).map(kinds)
    levels = audits.observations.pivot_table(index="submission_id", columns="indicator", values="level", observed=True)
    return submissions, levels.loc[submissions["submission_id"].astype(str), list(NAMES)].to_numpy()


def write_forms(folder: Path, *options: str) -> Path:
    out = folder / "forms"
    said = safeaudit("form", folder, "--out", out, *options)
    assert said.code == 0, said.stderr
    return out


def check_answers(submissions: Any, levels: Any, faults: Iterable[str] = FAULTS) -> None:
    assert levels.tolist() == [[level] * len(NAMES) for level in range(4)]
    assert submissions["faults"].tolist() == [set(faults)] * 4
    for name in ("auditor_age", "auditor_sex", "auditor_disability"):
        assert set(submissions[name].astype(str)) == {SAID[name]}
    assert set(submissions["consent"].astype(str)) == {"public"}
    assert set(submissions["walk_id"].astype(str)) == {"3"}
    assert set(submissions["group_size"]) == {4}
    assert submissions["auditor"].nunique() == 1


@pytest.mark.parametrize("validated", [False, True])
def test_the_form_is_accepted_with_no_word_of_warning(tmp_path: Path, *, validated: bool) -> None:
    if validated and not shutil.which("java"):
        pytest.skip("the full validation of XLSForms needs Java")
    out = write_forms(city(tmp_path), "--lang", EVERY)
    warnings: list[str] = []
    found = convert(xlsform=out / "form.xlsx", warnings=warnings, validate=validated)
    assert warnings == []
    assert all(f'lang="{languages.read_language(code).name} ({code})"' in found.xform for code in languages.LANGUAGES)


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("code", languages.LANGUAGES)
def test_what_kobo_gives_back_loads_in_the_words_of_every_language(
    tmp_path: Path, code: str, *, labelled: bool
) -> None:
    folder = city(tmp_path)
    form = write_forms(folder, "--lang", code) / "form.xlsx"
    column = f"label::{languages.read_language(code).name} ({code})"
    heads = {row["name"]: row[column] for row in rows_of(form, "survey") if row["name"] and row[column]}
    exported = kobo(form, folder / "kobo.csv", words_for(form, column), heads if labelled else None)
    submissions, levels = loaded(folder, exported)
    check_answers(submissions, levels)
    assert set(submissions["accuracy_m"]) == {4.5}
    assert set(submissions["light"].astype(str)) == {"dark"}


def test_what_init_writes_of_it_loads_the_same(tmp_path: Path) -> None:
    folder, again = city(tmp_path / "a"), tmp_path / "b"
    form = write_forms(folder, "--lang", "fr") / "form.xlsx"
    column = "label::Français (fr)"
    heads = {row["name"]: row[column] for row in rows_of(form, "survey") if row["name"] and row[column]}
    file = kobo(form, tmp_path / "kobo.csv", words_for(form, column), heads)
    said = safeaudit("init", again, "--streets", folder / "streets.geojson", "--audits", file)
    assert said.code == 0
    found = run(load_config(again), quick=True).audits
    assert found.counts[0].accepted == 4
    assert set(found.faults["kind"]) == set(FAULTS)
    assert set(found.observations["indicator"]) == set(STANDARD.names)
    assert set(found.submissions["consent"]) == {"public"}


def test_what_odk_central_gives_back_loads(tmp_path: Path) -> None:
    folder = city(tmp_path)
    form = write_forms(folder) / "form.xlsx"
    submissions, levels = loaded(folder, central(form, folder / "central.csv"))
    check_answers(submissions, levels)
    assert set(submissions["accuracy_m"]) == {4.5}
    assert set(submissions["light"].astype(str)) == {"dark"}


@pytest.mark.parametrize("code", languages.LANGUAGES)
def test_an_entry_sheet_loads_in_the_words_of_every_language(tmp_path: Path, code: str) -> None:
    folder = city(tmp_path)
    entry = write_forms(folder, "--lang", code, "--entry") / "entry.xlsx"
    book = CalamineWorkbook.from_path(str(entry))
    (header,) = book.get_sheet_by_name("audits").to_python()
    choices = words_of(entry)
    known = languages.read_language(code)
    place = rows_of(entry, "places")[0]["place_code"]

    def cell(name: str, level: int) -> str:
        if name in NAMES:
            return choices[name][3 - level]  # the best level stands first
        text = known.answers(name).get(SAID.get(name, ""), "")
        assert not text or text in choices[name]
        typed = {"place_code": place, "observed_at": f"2026-03-05 20:3{level}", "faults/lamp_out": "1"}
        return typed.get(name) or text or SAID.get(name, "")

    rows: Iterable[list[str]] = ([cell(name, level) for name in map(str, header)] for level in range(4))
    submissions, levels = loaded(folder, write_csv(folder / "entry.csv", list(map(str, header)), rows))
    check_answers(submissions, levels, ["lamp_out"])
    assert set(submissions["place_code"].astype(str)) == {place}


def test_an_entry_sheet_loads_as_it_was_saved(tmp_path: Path) -> None:
    folder = city(tmp_path)
    entry = write_forms(folder, "--lang", "ar", "--entry") / "entry.xlsx"
    words, place = words_of(entry), rows_of(entry, "places")[0]["place_code"]
    book = openpyxl.load_workbook(entry)
    for level in range(4):
        typed = {
            "place_code": place,
            "observed_at": f"2026-03-05 20:3{level}",
            **{n: words[n][3 - level] for n in NAMES},
        }
        book["audits"].append([typed.get(cell.value) for cell in book["audits"][1]])
    book.save(folder / "entry.xlsx")
    _, levels = loaded(folder, folder / "entry.xlsx")
    assert levels.tolist() == [[level] * len(NAMES) for level in range(4)]


def test_after_no_nothing_more_is_asked_and_nothing_is_kept(tmp_path: Path) -> None:
    folder = city(tmp_path)
    form = write_forms(folder) / "form.xlsx"
    asked = {row["name"]: row for row in rows_of(form, "survey") if row["name"]}
    for name in ("who", "walk", "place", "rating", "more"):
        assert asked[name]["relevant"] == "${consent} != 'none' and not(${guardian_consent} = 'no')"
    write_csv(folder / "no.csv", ["consent", "latitude", "longitude", "lighting"], [["No", "19.07", "72.88", "2"]])
    toml = folder / "safeaudit.toml"
    toml.write_text(f'{toml.read_text(encoding="utf-8")}\n[[audits]]\nfile = "no.csv"\n', encoding="utf-8")
    document = safeaudit("check", folder, "--json").document
    assert [(file["accepted"], file["rejected"]) for file in document["files"]] == [(0, 1)]


def test_the_form_says_what_not_to_write_and_why(tmp_path: Path) -> None:
    out = write_forms(city(tmp_path), "--lang", "en,fr", "--entry")
    survey = {row["name"]: row for row in rows_of(out / "form.xlsx", "survey")}
    for code, name in (("en", "English"), ("fr", "Français")):
        words = languages.read_language(code)
        said = survey["tell_privacy"][f"label::{name} ({code})"]
        assert words["form.privacy"] in said
        assert words["form.privacy_why"] in said
        assert survey["note"][f"hint::{name} ({code})"] == words["question.note.hint"]
    assert survey["photo"]["parameters"] == "max-pixels=1024"
    assert survey["position"]["parameters"].startswith("capture-accuracy=10 warning-accuracy=30")


def test_drafts_say_so_until_they_are_signed(tmp_path: Path) -> None:
    folder = city(tmp_path)
    file, _, _ = languages.offer_translation("fr", None, folder)

    def marked() -> list[bool]:
        out = write_forms(folder, "--lang", "fr,en", "--entry")
        intro = next(row for row in rows_of(out / "form.xlsx", "survey") if row["name"] == "tell_intro")
        helped = json.dumps(rows_of(out / "entry.xlsx", "help"))
        papers = [(out / name).read_text(encoding="utf-8") for name in ("paper.html", "paper-en.html")]
        texts = [intro["label::Français (fr)"], helped, papers[0], intro["label::English (en)"], papers[1]]
        return ["raft translation" in text for text in texts]

    assert marked() == [True, True, True, False, False]
    document = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(document | {"signed_by": "A. B.", "signed_on": "2026-03-05"}), encoding="utf-8")
    assert marked() == [False] * 5


def test_the_same_settings_give_the_same_bytes(tmp_path: Path) -> None:
    folder = city(tmp_path)
    first = snapshot(write_forms(folder, "--lang", "fr,ar", "--entry"))
    shutil.rmtree(folder / "forms")
    assert snapshot(write_forms(folder, "--lang", "fr,ar", "--entry")) == first
    assert set(first) == {
        "form.xlsx", "paper.html", "paper-ar.html", "entry.xlsx", "entry-ar.xlsx",
    }  # fmt: skip


def test_languages_are_those_of_the_settings(tmp_path: Path) -> None:
    folder = project(tmp_path)
    toml = folder / "safeaudit.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("[places]", 'languages = ["ar", "en"]\n[places]'))
    out = write_forms(folder)
    (settings,) = rows_of(out / "form.xlsx", "settings")
    assert settings["default_language"] == "العربية (ar)"
    assert '<html lang="ar" dir="rtl">' in (out / "paper.html").read_text(encoding="utf-8")
    assert '<html lang="en" dir="ltr">' in (out / "paper-en.html").read_text(encoding="utf-8")


def test_a_version_changes_with_what_is_asked(tmp_path: Path) -> None:
    versions = set()
    for name, lines in (("plain", ()), ("same", ()), ("own", (OWN,))):
        (settings,) = rows_of(write_forms(project(tmp_path / name, *lines)) / "form.xlsx", "settings")
        versions.add(settings["version"])
    assert len(versions) == 2


def test_hostile_words_are_text_everywhere(tmp_path: Path) -> None:
    evil = "=1+1<script>alert(1)</script>${consent}{{7*7}}"
    folder = project(tmp_path, f'[rubric.indicators.evil]\nlabel = "{evil}"\nlevels = ["{evil}", "b", "c", "d"]')
    toml = folder / "safeaudit.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"Town"', f'"{evil}"'), encoding="utf-8")
    out = write_forms(folder, "--entry")
    page = (out / "paper.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert page.count("=1+1&lt;script&gt;alert(1)&lt;/script&gt;${consent}{{7*7}}") >= 4
    convert(xlsform=out / "form.xlsx", warnings=(warnings := []), validate=False)
    assert warnings == []
    for name in ("form.xlsx", "entry.xlsx"):
        assert b"<f>" not in (out / name).read_bytes()
        book = CalamineWorkbook.from_path(str(out / name))
        cells = [
            cell for sheet in book.sheet_names for row in book.get_sheet_by_name(sheet).to_python() for cell in row
        ]
        assert any(str(cell).startswith("=1+1<script>") for cell in cells)


def test_the_papers_boxes_are_as_many_as_the_answers(tmp_path: Path) -> None:
    page = (write_forms(city(tmp_path), "--lang", "ar") / "paper.html").read_text(encoding="utf-8")
    language = languages.read_language("ar")
    spot = 4 * len(NAMES) + len(language.answers("faults")) + len(language.answers("day_or_dark"))
    fields = ("consent", "auditor_age", "guardian_consent", "auditor_sex", "auditor_disability", "auditor_role")
    assert page.count('class="box"') == 2 * spot + sum(len(language.answers(field)) for field in fields)
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert "https://" not in page


def test_places_to_choose_from_are_the_citys(tmp_path: Path) -> None:
    folder = city(tmp_path)
    places = rows_of(write_forms(folder, "--entry") / "entry.xlsx", "places")
    codes = run(load_config(folder), quick=True).places.segments["place_code"].astype(str)
    assert {row["place_code"] for row in places} == set(codes)
    assert {(row["name"], row["kind"]) for row in places} == {("Main St", "street")}


def test_no_places_and_no_languages(tmp_path: Path) -> None:
    (tmp_path / "safeaudit.toml").write_text('[city]\nname = "Town"\n', encoding="utf-8")
    assert rows_of(write_forms(tmp_path, "--entry") / "entry.xlsx", "places") == []
    (tmp_path / "safeaudit.toml").write_text("[city]\nlanguages = []\n", encoding="utf-8")
    said = safeaudit("form", tmp_path)
    assert said.code == 2
    assert "No language is named" in said.stderr


def test_the_levels_of_a_language_that_is_not_shipped_are_numbers(tmp_path: Path) -> None:
    folder = city(tmp_path)
    file, _, _ = languages.offer_translation("rn", "Ikirundi", folder)
    document = json.loads(file.read_text(encoding="utf-8"))
    for text in document["words"].values():
        text["text"] = f"{text['english']} ."
    file.write_text(json.dumps(document), encoding="utf-8")
    words = words_of(write_forms(folder, "--lang", "rn", "--entry") / "entry.xlsx")
    assert words["lighting"] == ["3", "2", "1", "0"]
    assert words["shade"] == ["Full", "Fair", "Poor", "Bare"]
    assert words["consent"] == ["none", "analysis", "public"]
