"""The entry sheet: paper forms are typed into it, with lists to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safeaudit import languages
from safeaudit.files.workbook import sheet, workbook
from safeaudit.form.questions import FAULTS, GROUP, MAX_GROUP, WALK, WHO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from safeaudit.files.workbook import Workbook, Worksheet
    from safeaudit.form.questions import Asked, Worded
    from safeaudit.languages import Language

ROWS = 2000
"""Rows with lists to choose from."""

_TITLE_SIGNS, _MESSAGE_SIGNS = 32, 255
"""What Excel takes at most."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: its name, its words, what may be chosen, and what else the cell must be."""

    name: str
    label: str
    hint: str
    choices: tuple[str, ...] = ()
    wrong: str = ""


def write(asked: Asked, places: Sequence[tuple[str, str, str]], target: Path) -> None:
    """Write the entry sheet.

    Parameters
    ----------
    asked
        The questions in one language.
    places
        Code, label and kind of each place; empty where none are known.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written.
    """
    columns, language = _columns(asked), asked.language
    with workbook(target) as book:
        audits = sheet(book, "audits", [[column.name for column in columns]], [18] * len(columns))
        sheets = [audits, *_reference_sheets(book, columns, language, places)]
        for at, column in enumerate(columns):
            audits.data_validation(1, at, ROWS, at, _validation(column, at, language, len(places)))
        for each in sheets if language.direction == "rtl" else ():
            each.right_to_left()


def _reference_sheets(
    book: Workbook, columns: Sequence[_Column], language: Language, places: Sequence[tuple[str, str, str]]
) -> list[Worksheet]:
    """Add the sheets that the first one is filled from: places, words to choose, and what columns mean."""
    longest = max(len(column.choices) for column in columns)
    words = [[c.choices[row] if row < len(c.choices) else "" for c in columns] for row in range(longest)]
    told = [language["form.draft"]] if language.draft else []
    told += [language[key] for key in ("entry.help", "form.privacy", "form.privacy_why")]
    help_rows = [["safeaudit"], *([text] for text in told), [""], *([c.name, c.label, c.hint] for c in columns)]
    return [
        sheet(book, "places", [("place_code", "label", "kind"), *places], (14, 72, 16)),
        sheet(book, "words", [[column.label for column in columns], *words], [24] * len(columns)),
        sheet(book, "help", help_rows, (24, 40, 80)),
    ]


def _columns(asked: Asked) -> list[_Column]:
    language = asked.language
    faults = language.answers(FAULTS)
    return [
        _question(language, "place_code"),
        _Column("street", language["paper.street"], ""),
        *(_question(language, name) for name in ("observed_at", "day_or_dark", *WALK, "auditor_age")),
        *(_question(language, name) for name in ("guardian_consent", *WHO)),
        *(_Column(name, group.question, "", group.answers) for name, group in asked.groups.items()),
        _question(language, "consent"),
        *(_Column(i.name, i.label, i.question, _level_words(i)) for i in asked.indicators),
        *(
            _Column(f"{FAULTS}/{name}", label, language[f"question.{FAULTS}.label"], ("1",))
            for name, label in faults.items()
        ),
        _question(language, "note"),
    ]


def _question(language: Language, name: str) -> _Column:
    known = languages.answer_labels(name)
    choices = tuple(text if known.get(text) == choice else choice for choice, text in language.answers(name).items())
    hint, wrong = (language.get(f"question.{name}.{kind}") for kind in ("hint", "wrong"))
    return _Column(name, language[f"question.{name}.label"], hint, choices, wrong)


def _level_words(indicator: Worded) -> tuple[str, ...]:
    """Return the words for the levels, best first; a number where reading would not know the word."""
    known = languages.level_labels(indicator.name) or {text: level for level, text in enumerate(indicator.levels)}
    words = [text if known.get(text) == level else str(level) for level, text in enumerate(indicator.levels)]
    return tuple(reversed(words))


def _validation(column: _Column, at: int, language: Language, places: int) -> dict[str, object]:
    """Return what a column's cells may hold, and what is said beside them."""
    said = {"input_title": column.label[:_TITLE_SIGNS], "input_message": column.hint[:_MESSAGE_SIGNS]}
    wrong = {"error_title": said["input_title"], "error_message": (column.wrong or language["entry.unlisted"])}
    if column.name == "place_code" and places:
        return {"validate": "list", "source": f"=places!$A$2:$A${places + 1}", **said, **wrong}
    if column.choices:
        letter = _letter(at)
        return {
            "validate": "list",
            "source": f"=words!${letter}$2:${letter}${len(column.choices) + 1}",
            **said,
            **wrong,
        }
    if column.name in ("group_size", *GROUP):
        least = int(column.name not in GROUP)
        whole = f"=AND(VALUE({_letter(at)}2)>={least},VALUE({_letter(at)}2)<={MAX_GROUP})"
        return {"validate": "custom", "value": whole, **said, **wrong}
    if column.name == "observed_at":
        wrong = {**wrong, "error_message": column.hint[:_MESSAGE_SIGNS]}
        return {"validate": "custom", "value": _iso(f"{_letter(at)}2"), **said, **wrong}
    return {"validate": "any", **said}


def _iso(cell: str) -> str:
    """Return a formula that is true of 2026-03-05 and 2026-03-05 18:30, in every language of the office."""
    day = f'MID({cell},5,1)&MID({cell},8,1)="--",ISNUMBER(DATEVALUE(LEFT({cell},10)))'
    clock = f'OR(LEN({cell})=10,AND(LEN({cell})=16,MID({cell},11,1)=" ",ISNUMBER(TIMEVALUE(MID({cell},12,5)))))'
    return f"=AND({day},{clock})"


def _letter(at: int) -> str:
    """Return the letters of a column, counted from 0."""
    first, last = divmod(at, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)
