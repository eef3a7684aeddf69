"""office/priorities.xlsx: what a budget would mend, who is left out and why, and where to look first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.files.spreadsheet_text import escape
from safeaudit.files.workbook import Heading, list_sheet, sheet, sheet_names, workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from safeaudit.config import PrioritySettings
    from safeaudit.files.workbook import Workbook
    from safeaudit.languages import Language

_PLACE = ("ward", "label", "place_code")
_SHARED = (*_PLACE, "measure", "cost", "reason")
"""Columns that mend.xlsx has too, under the same headings."""
_CHOSEN = (*_PLACE, "issues", "measure", "cost", "effect", "p_below", "people", "share_chosen")
_LEFT = (*_CHOSEN, "reason")
_LOOK = ("rank", *_PLACE, "why", "p_below", "people")
_NUMBERS = {"cost", "p_below", "people", "share_chosen", "rank"}
_WIDTHS = {"label": 48, "issues": 36, "measure": 28, "effect": 48, "reason": 44, "why": 28}
_DECIMALS = 2


def write(
    priorities: pd.DataFrame, look_first: pd.DataFrame, told: Sequence[str], language: Language, target: Path
) -> None:
    """Write the workbook: what is chosen, what is left out, where to look first, and what it rests on.

    Parameters
    ----------
    priorities, look_first
        The tables of these names.
    told
        Sentences that stand with it, such as from `say_spent`.
    language
        The city's language.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    names = sheet_names(language[f"priorities.sheet.{name}"] for name in ("chosen", "left", "look", "help"))
    by_share = ["share_chosen", "place_code", "measure"]
    ordered = priorities.sort_values(by_share, ascending=[False, True, True], kind="stable")
    with workbook(target) as book:
        _write(book, names[0], ordered[ordered["chosen"]], _CHOSEN, language)
        _write(book, names[1], ordered[~ordered["chosen"]], _LEFT, language)
        _write(book, names[2], look_first.sort_values("rank"), _LOOK, language)
        sheet(book, names[3], [[escape(text)] for text in told], (120,))
        for each in book.worksheets() if language.direction == "rtl" else ():
            each.right_to_left()


def say_spent(priorities: pd.DataFrame, settings: PrioritySettings, language: Language) -> tuple[str, ...]:
    """Say how much of the budget is spent under which floor, and what the proposal is and is not.

    Parameters
    ----------
    priorities
        The table of this name.
    settings
        The budget and the floor.
    language
        The city's language.
    """
    spent = priorities.loc[priorities["chosen"], "cost"].sum()
    text = language["priorities.spent"]
    for name, value in (("budget", settings.budget or 0), ("spent", spent), ("floor", settings.floor or 0)):
        text = text.replace(f"{{{name}}}", f"{value:,.0f}")
    unheld = [] if priorities["ward"].notna().any() else [language["priorities.no_wards"]]
    return (text, *unheld, language["priorities.about"])


def _write(book: Workbook, name: str, table: pd.DataFrame, columns: Sequence[str], language: Language) -> None:
    headings = [
        Heading(
            words=language[f"{'mend' if column in _SHARED else 'priorities'}.column.{column}"],
            kind="number" if column in _NUMBERS else "text",
            width=_WIDTHS.get(column, 16),
        )
        for column in columns
    ]
    list_sheet(book, name, headings, _rows(table[list(columns)], language))


def _rows(table: pd.DataFrame, language: Language) -> Iterator[list[str | float | None]]:
    """Yield the cells of each row, codes in the city's words."""
    plain = table.round(_DECIMALS).astype(object)
    for row in plain.where(plain.notna(), None).to_dict("records"):
        yield [_words(str(name), value, language) for name, value in row.items()]


def _words(column: str, value: str | float | None, language: Language) -> str | float | None:
    if not isinstance(value, str):
        return value
    match column:
        case "reason" | "why":
            return language[f"priorities.{column}.{value}"]
        case "issues":
            return ", ".join(_issue(issue, language) for issue in value.split())
    return value


def _issue(issue: str, language: Language) -> str:
    return language.get(f"fault.{issue}") or language.get(f"indicator.{issue}.label") or issue
