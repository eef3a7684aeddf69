"""The form for phones: an XLSForm for KoboToolbox, ODK and what else reads it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from safeaudit.config import answer_code
from safeaudit.files.workbook import sheet, workbook
from safeaudit.form.questions import FAULTS, GROUP, MAX_GROUP, PLACE_CODE, WALK, WHO
from safeaudit.rubric import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from safeaudit.form.questions import Asked
    from safeaudit.languages import Language

Row = dict[str, str]
_AGREED = "${consent} != 'none'"
_GO_ON = f"{_AGREED} and not(${{guardian_consent}} = 'no')"
_MINOR = f"{_AGREED} and (${{auditor_age}} = 'child' or ${{auditor_age}} = 'youth')"
_ENDED = "${consent} = 'none' or ${guardian_consent} = 'no'"
_TRANSLATED = ("label", "hint", "constraint_message")
_PLAIN_COLUMNS = ("type", "name", "required", "relevant", "constraint", "appearance", "parameters", "default")
_LISTS = ("consent", "auditor_age", "guardian_consent", "auditor_sex", "auditor_disability", "auditor_role", FAULTS)


def write(asked: Sequence[Asked], city: str, slug: str, target: Path) -> None:
    """Write the XLSForm.

    Parameters
    ----------
    asked
        The questions in each language, the form's own language first.
    city
        Name of the city, for the title.
    slug
        Its name for files, for the form's id.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written.
    """
    survey, choices = _survey(asked), _choices(asked)
    first = asked[0].language
    settings: Row = {
        "form_title": _plain(first["form.title"].replace("{city}", city)),
        "form_id": f"safety_audit_{slug.replace('-', '_')}",
        "version": _version([survey, choices]),
        "default_language": _column(first),
    }
    with workbook(target) as book:
        for name, rows in (("survey", survey), ("choices", choices), ("settings", [settings])):
            header = list(dict.fromkeys(key for row in rows for key in row))
            sheet(book, name, [header, *([row.get(key, "") for key in header] for row in rows)], [24] * len(header))


def _survey(asked: Sequence[Asked]) -> list[Row]:
    languages = [each.language for each in asked]

    def ask(name: str, kind: str, **cells: str) -> Row:
        words = {
            "label": lambda language: language[f"question.{name}.label"],
            "hint": lambda language: language[f"question.{name}.hint"],
            "constraint_message": lambda language: language.get(f"question.{name}.wrong"),
        }
        return _row(languages, {"type": kind, "name": name, **cells}, words)

    def group(name: str, rows: Iterable[Row]) -> list[Row]:
        begin = {"type": "begin group", "name": name, "relevant": _GO_ON}
        label = {"label": lambda language: language[f"group.{name}"]}
        return [_row(languages, begin, label), *rows, {"type": "end group"}]

    def tell(name: str, text: Callable[[Language], str], **cells: str) -> Row:
        return _row(languages, {"type": "note", "name": name, **cells}, {"label": text})

    return [
        {"type": "start", "name": "start"},
        {"type": "end", "name": "end"},
        tell("tell_intro", _intro),
        tell("tell_privacy", lambda language: f"{language['form.privacy']}\n{language['form.privacy_why']}"),
        ask("consent", "select_one consent", required="yes"),
        ask("auditor_age", "select_one auditor_age", relevant=_AGREED, default=_last("auditor_age")),
        ask("guardian_consent", "select_one guardian_consent", required="yes", relevant=_MINOR),
        tell("tell_goodbye", lambda language: language["form.goodbye"], relevant=_ENDED),
        *group("who", [*(ask(name, _kind(name), default=_last(name)) for name in WHO), *_own_groups(asked)]),
        *group("walk", (ask(name, _kind(name), default=_last(name), **_limits(name)) for name in WALK)),
        *group(
            "place",
            [
                ask("place_code", "text", constraint=f"regex(., '^{PLACE_CODE}$')"),
                ask(
                    "position",
                    "geopoint",
                    required="${place_code} = ''",
                    parameters="capture-accuracy=10 warning-accuracy=30 allow-mock-accuracy=false",
                ),
            ],
        ),
        *group("rating", _ratings(asked)),
        *group(
            "more",
            [
                ask(FAULTS, f"select_multiple {FAULTS}"),
                ask("note", "text", appearance="multiline"),
                ask("photo", "image", parameters="max-pixels=1024"),
            ],
        ),
    ]


def _own_groups(asked: Sequence[Asked]) -> list[Row]:
    """Return what the city asks people to say they are: nobody must answer."""
    labels = [f"label::{_column(each.language)}" for each in asked]
    return [
        {"type": f"select_one {name}", "name": name, "default": _last(name)}
        | dict.fromkeys(labels, _plain(group.question))
        for name, group in asked[0].groups.items()
    ]


def _ratings(asked: Sequence[Asked]) -> list[Row]:
    rows = []
    for at, indicator in enumerate(asked[0].indicators):
        row = {"type": f"select_one {indicator.name}_levels", "name": indicator.name, "appearance": "quick"}
        for each in asked:
            worded = each.indicators[at]
            row |= {f"label::{_column(each.language)}": _plain(worded.label)}
            row |= {f"hint::{_column(each.language)}": _plain(worded.question)}
        rows.append(row)
    return rows


def _choices(asked: Sequence[Asked]) -> list[Row]:
    languages = [each.language for each in asked]
    rows = []
    for name in _LISTS:
        for choice in languages[0].answers(name):
            row = {"list_name": name, "name": choice}
            rows.append(row | {f"label::{_column(each)}": each.answers(name)[choice] for each in languages})
    for name, group in asked[0].groups.items():
        for answer in group.answers:
            row = {"list_name": name, "name": answer_code(answer)}
            rows.append(row | {f"label::{_column(each)}": _plain(answer) for each in languages})
    for at, indicator in enumerate(asked[0].indicators):
        for level in reversed(range(LEVELS)):
            row = {"list_name": f"{indicator.name}_levels", "name": str(level)}
            words = {f"label::{_column(each.language)}": _plain(each.indicators[at].levels[level]) for each in asked}
            rows.append(row | words)
    return rows


def _row(languages: Sequence[Language], cells: Row, words: dict[str, Callable[[Language], str]]) -> Row:
    """Return a row with its words in every language, in one order of columns."""
    row = {name: cells.get(name, "") for name in _PLAIN_COLUMNS[:2]}
    for kind in _TRANSLATED:
        row |= {
            f"{kind}::{_column(language)}": words[kind](language) if kind in words else "" for language in languages
        }
    return row | {name: cells.get(name, "") for name in _PLAIN_COLUMNS[2:]}


def _intro(language: Language) -> str:
    return f"{language['form.intro']}\n{language['form.draft']}" if language.draft else language["form.intro"]


def _column(language: Language) -> str:
    return f"{language.name} ({language.code})"


def _kind(name: str) -> str:
    if name in ("group_size", *GROUP):
        return "integer"
    return f"select_one {name}" if name in _LISTS else "text"


def _limits(name: str) -> Row:
    if name in GROUP:
        return {"constraint": f". >= 0 and . <= {MAX_GROUP}", "relevant": "${group_size} > 1"}
    return {"constraint": f". >= 1 and . <= {MAX_GROUP}"} if name == "group_size" else {}


def _last(name: str) -> str:
    """Return a default: what the same phone said last. On one walk it is the same from spot to spot."""
    return f"${{last-saved#{name}}}"


def _plain(text: str) -> str:
    """Return a city's own words so that they refer to no question."""
    return text.replace("${", "$ {")


def _version(tables: Sequence[Sequence[Row]]) -> str:
    """Return a version that changes with what is asked, and with nothing else."""
    return hashlib.sha256(json.dumps(tables).encode()).hexdigest()[:10]
