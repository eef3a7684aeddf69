"""DIR/actions.csv: every change of an action as it was read, a line each; nothing in it is ever changed or removed."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.errors import InputError, Where
from safeaudit.files.admit import opened
from safeaudit.files.spreadsheet_text import protect, unprotect
from safeaudit.files.staged import write_whole
from safeaudit.place_codes import ALPHABET
from safeaudit.tables import TABLES, empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from safeaudit.files.admit import Admitted

ACTIONS_NAME = "actions.csv"

ABOUT_ACTION, ABOUT_HALL = "action", "hall"
TAKEN, NOT_TAKEN = "taken", "not_taken"

ABOUT = {
    ABOUT_ACTION: (
        *("agency", "measure", "quantity", "unit", "cost", "running_cost", "budget_line", "asset_id", "decision"),
        *("reason", "due", "status", "decided_at", "verified_on"),
    ),
    ABOUT_HALL: ("agree", "correction", "votes", "met_on"),
}
"""What may be said of an action, and what a hall may say of a place."""

CHOICES = {
    "decision": ("accepted", "refused"),
    "status": ("planned", "under_way", "mended", "cannot"),
    "agree": ("agree", "disagree"),
}
"""Columns that are chosen from a list."""
NUMBERS = ("quantity", "cost", "running_cost", "votes")
DAYS = ("due", "decided_at", "verified_on", "met_on")

_TABLE = "action_entries"
_MAX_BYTES = 64 * 1024**2
_SIGNS, _CHECK_SIGNS = 8, 4
_HINT = "Put it back as safeaudit actions wrote it, from a copy of the project."


def action_ids(letter: str, *parts: Iterable[str]) -> list[str]:
    """Return an id for each row that depends on its parts alone: the letter and eight signs.

    Examples
    --------
    >>> action_ids("A", ["w1-0"], ["lamp_out"])
    ['AU8Y93M7G']
    """
    return [letter + _signs("\n".join(row)) for row in zip(*parts, strict=True)]


def check_signs(agency: str) -> str:
    """Return four signs by which it is known again whether somebody wrote another agency into a sheet."""
    return _signs(agency.strip())[:_CHECK_SIGNS]


def _signs(text: str) -> str:
    number = int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest(), "big")
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(_SIGNS))


def read_entries(file: Admitted | None) -> pd.DataFrame:
    """Read what was said of actions so far.

    Parameters
    ----------
    file
        DIR/actions.csv; None where there is none.

    Returns
    -------
    The table `action_entries`.

    Raises
    ------
    InputError
        It is not as `write_entries` wrote it, or as a spreadsheet saved that: nothing of it is used.
    """
    if file is None:
        return empty_table(_TABLE)
    names = TABLES[_TABLE].names[1:]
    header, rows = _cells(file)
    if missing := [name for name in names if name not in header]:
        raise InputError(f"It lacks the column {missing[0]}.", hint=_HINT, where=Where(file.name, 1))
    for line, row in rows:
        if len(row) != len(header):
            what = f"This line has {len(row)} cells, and the first one {len(header)}."
            raise InputError(what, hint=_HINT, where=Where(file.name, line))
    cells = pd.DataFrame([row for _, row in rows], columns=header, dtype="str")[names]
    cells = cells.apply(lambda column: column.map(unprotect)) if len(cells) else cells
    _check(cells, [line for line, _ in rows], file.name)
    return validate_table(cells.replace("", np.nan).assign(entry=range(1, len(cells) + 1)), _TABLE)


def write_entries(entries: pd.DataFrame, target: Path) -> None:
    """Write all entries: those that stood there first, as they stood.

    Parameters
    ----------
    entries
        The table `action_entries`.
    target
        DIR/actions.csv.

    Raises
    ------
    OutputError
        It could not be written; what stood there is untouched.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    names = TABLES[_TABLE].names[1:]
    writer.writerow(names)
    texts = entries[names].astype(object).where(entries[names].notna(), "")
    writer.writerows([[protect(cell) for cell in row] for row in texts.itertuples(index=False, name=None)])
    write_whole(target, stream.getvalue().encode("utf-8-sig", errors="backslashreplace"))


def latest(entries: pd.DataFrame, about: str) -> pd.DataFrame:
    """Return how each action, or each word of a hall, stands: by its id, with how many changes were taken.

    Parameters
    ----------
    entries
        The table `action_entries`.
    about
        action or hall.

    Returns
    -------
    The last entry that was taken of each action_id (the index), and its version.
    """
    taken = entries[(entries["state"] == TAKEN) & (entries["about"] == about)]
    counts = taken["action_id"].value_counts()
    last = taken.drop_duplicates("action_id", keep="last").set_index("action_id")
    return last.assign(version=counts.reindex(last.index))


def _cells(file: Admitted) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header and the rows that hold something, each with its line."""
    if file.kind not in ("text", "empty") or file.size > _MAX_BYTES:
        raise InputError("It is no CSV of actions.", hint=_HINT, where=Where(file.name))
    with opened(file) as stream:
        content = stream.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "Save it as CSV UTF-8."
        raise InputError("It is not in UTF-8.", hint=hint, where=Where(file.name)) from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error as error:
        raise InputError(f"It cannot be read: {error}.", hint=_HINT, where=Where(file.name, reader.line_num)) from error
    return (rows[0][1], rows[1:]) if rows else ([], [])


def _check(cells: pd.DataFrame, lines: list[int], file: str) -> None:
    """Refuse what stands in no list, and an entry that says of nothing that something is so."""
    known = {"state": (TAKEN, NOT_TAKEN), "about": tuple(ABOUT)}
    needed = ["day", "action_id", "read_sha256"]
    wrong = {name: ~cells[name].isin(words) for name, words in known.items()} | {n: cells[n] == "" for n in needed}
    taken = cells["state"] == TAKEN
    wrong |= {name: taken & ~cells[name].isin(("", *words)) for name, words in CHOICES.items()}
    wrong |= {name: taken & (cells[name] == "") for name in ("place_id", "place_code", "label")}
    wrong["issue"] = taken & (cells["about"] == ABOUT_ACTION) & (cells["issue"] == "")
    numbers = {name: pd.to_numeric(cells[name].replace("", "0"), errors="coerce").isna() for name in NUMBERS}
    wrong |= {name: taken & bad for name, bad in numbers.items()}
    days = {name: pd.to_datetime(cells[name], format="%Y-%m-%d", errors="coerce").isna() for name in (*DAYS, "day")}
    wrong |= {name: taken & (cells[name] != "") & bad for name, bad in days.items()}
    for name, where in wrong.items():
        if where.any():
            at = int(np.flatnonzero(where)[0])
            what = f'"{cells[name].iloc[at]}" cannot stand in the column {name}.'
            raise InputError(what, hint=_HINT, where=Where(file, lines[at], name))
