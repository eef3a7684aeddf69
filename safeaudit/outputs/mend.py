"""office/mend.xlsx: what each agency is to mend, a sheet for each; filled in there, it is read back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from safeaudit.files.spreadsheet_text import escape
from safeaudit.files.workbook import Heading, list_sheet, sheet, sheet_names, workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from safeaudit.files.workbook import Workbook
    from safeaudit.languages import Language
    from safeaudit.tables.public import ToMend

_ABOUT = ("ward", "label", "place_code", "issue", "near", "since", "reports", "fault")
_FILLED = (
    *("agency", "measure", "quantity", "unit", "cost", "running_cost", "budget_line", "asset_id", "decision", "reason"),
    *("due", "status", "decided_at", "verified_on"),
)
_HALL = ("place_code", "label", "agree", "correction", "votes", "met_on")
_DISCUSS = ("ward", "label", "place_code", "reports")
_NUMBERS = {"reports", "quantity", "cost", "running_cost", "votes"}
_DAYS = {"due", "decided_at", "verified_on", "met_on"}
_CHOSEN = ("decision", "status", "agree")
_WIDTHS = {"label": 48, "issue": 26, "near": 40, "fault": 30, "measure": 28, "reason": 28, "correction": 36}
_HELP = ("fill", "read", "mended", "discuss", "hall")


def write(to_mend: ToMend, language: Language, target: Path) -> None:
    """Write the workbook: a sheet for each agency, those without an owner, what to discuss, the hall, and help.

    Parameters
    ----------
    to_mend
        What agencies are handed, as `publish.to_agencies` lets it through.
    language
        The city's language.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    by_agency = dict(iter(to_mend.actions.groupby("agency", observed=True, sort=True)))
    fixed = [language[f"mend.sheet.{name}"] for name in ("nobody", "discuss", "hall", "help")]
    names = sheet_names([*fixed, *map(str, by_agency)])  # those that are always there keep their names
    with workbook(target) as book:
        for name, rows in zip(names[len(fixed) :], by_agency.values(), strict=True):
            _write_actions(book, name, rows, language)
        _write_actions(book, names[0], to_mend.actions[to_mend.actions["agency"].isna()], language)
        discussed = [[_cell(row, name) for name in _DISCUSS] for row in _records(to_mend.discussions)]
        list_sheet(book, names[1], _headings(_DISCUSS, language), discussed)
        said = [[_chosen(row, name, language) for name in (*_HALL, "reference")] for row in _records(to_mend.hall)]
        list_sheet(book, names[2], _headings((*_HALL, "reference"), language), said)
        told = [*(language[f"mend.help.{name}"] for name in _HELP), *to_mend.remarks]
        sheet(book, names[3], [[escape(text)] for text in (to_mend.title, *told)], (120,))
        for each in book.worksheets() if language.direction == "rtl" else ():
            each.right_to_left()


def _write_actions(book: Workbook, name: str, actions: pd.DataFrame, language: Language) -> None:
    columns = (*_ABOUT, *_FILLED, "reference")
    ordered = actions.sort_values(["ward", "label", "issue"], na_position="last", kind="stable")
    rows = ([_action_cell(row, column, language) for column in columns] for row in _records(ordered))
    list_sheet(book, name, _headings(columns, language), rows)


def _headings(columns: Sequence[str], language: Language) -> list[Heading]:
    return [
        Heading(
            words=language[f"mend.column.{name}"],
            kind="number" if name in _NUMBERS else "day" if name in _DAYS else "text",
            width=_WIDTHS.get(name, 16),
            choices=tuple(language.under(f"mend.{name}.").values()) if name in _CHOSEN else (),
            wrong=language["mend.unlisted"],
        )
        for name in columns
    ]


def _records(table: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield rows with None for what is missing."""
    plain = table.astype(object)
    for row in plain.where(plain.notna(), None).to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def _action_cell(row: dict[str, object], column: str, language: Language) -> str | float | date | None:
    """Return what stands in one cell of an action."""
    match column:
        case "issue":
            return language.get(f"fault.{row[column]}") or str(row[column])
        case "near" if row["gone"]:
            return language["mend.gone"]
        case "near" if row["near"]:
            words = language["mend.near"].replace("{metres}", f"{row['near_m']:.0f}")
            return words.replace("{street}", str(row["near"]))
        case "fault" if row[column]:
            status = "old" if row["old"] and row[column] != "agency_says_mended" else row[column]
            return language[f"page.mend.status.{status}"]
    return _chosen(row, column, language)


def _chosen(row: dict[str, object], column: str, language: Language) -> str | float | date | None:
    """Return a cell in words where it is chosen from a list."""
    if column in _CHOSEN and row[column]:
        return language[f"mend.{column}.{row[column]}"]
    return _cell(row, column)


def _cell(row: dict[str, object], column: str) -> str | float | date | None:
    value = row[column]
    if value is None:
        return None
    if column in _DAYS:
        return date.fromisoformat(str(value))
    return float(str(value)) if column in _NUMBERS else str(value)
