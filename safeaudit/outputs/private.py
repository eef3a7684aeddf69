"""private/: how long it is kept; rejected/: what was not accepted, by source, to be mended and handed in again."""

from __future__ import annotations

import json
import shutil
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.errors import OutputError, Where
from safeaudit.files.spreadsheet_text import protect
from safeaudit.outputs.parts.csv_file import write_csv
from safeaudit.tables import ORIGIN_FILE, ORIGIN_LINE, ORIGIN_PROBLEM

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_END = ".csv"


def delete_due(out: Path, today: date) -> bool:
    """Delete private/ where the run that wrote it says that its time is over; say whether it did.

    Parameters
    ----------
    out
        Folder of a run's outputs.
    today
        The day.
    """
    try:
        until = json.loads((out / "run.json").read_bytes()).get("private_until")
    except (OSError, ValueError, AttributeError):
        return False
    if not until or date.fromisoformat(until) >= today or not (out / "private").is_dir():
        return False
    shutil.rmtree(out / "private")
    return True


def refuse_inputs(rejected: pd.DataFrame, folder: Path, inputs: Iterable[Path]) -> None:
    """Refuse to write over, or to clear away, a file that was read.

    Parameters
    ----------
    rejected
        Table `rejected`.
    folder
        Where its files shall be, and nothing else.
    inputs
        Files that were read.

    Raises
    ------
    OutputError
        One of them is there.
    """
    read = {path.resolve() for path in inputs}
    for path in (*_targets([name for name, _ in _by_source(rejected)], folder), *sorted(folder.glob("*"))):
        if path.resolve() in read:
            hint = "Copy it to the other audit files, and name the copy in safeaudit.toml."
            raise OutputError("It is an input, and would be written over.", hint=hint, where=Where(str(path)))


def write_rejected(rejected: pd.DataFrame, folder: Path) -> list[Path]:
    """Write what was not accepted as CSV in UTF-8 with its mark, every cell quoted, none a formula or written anew.

    A file has the columns of its source that are loaded, then the source's SHA-256, the line and the problem.

    Parameters
    ----------
    rejected
        Table `rejected`.
    folder
        Where the files shall be.

    Returns
    -------
    The files, in the order of the sources.

    Raises
    ------
    OutputError
        One could not be written; an earlier one is untouched.
    """
    by_source = _by_source(rejected)
    targets = _targets([name for name, _ in by_source], folder)
    for rows, target in zip(by_source.values(), targets, strict=True):
        write_csv(_as_mended(rows), target)
    return targets


def _by_source(rejected: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    return dict(iter(rejected.groupby(["file", "file_sha256"], sort=False)))


def _targets(names: Iterable[str], folder: Path) -> list[Path]:
    """Return a path for each source, numbered where two have one name."""
    paths: list[Path] = []
    for name in names:
        stem, more = name.removesuffix(_END), 1
        while (path := folder / f"{stem}{'' if more == 1 else f'-{more}'}{_END}") in paths:
            more += 1
        paths.append(path)
    return paths


def _as_mended(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rejected rows of one source in its own columns; those of people who refused are empty."""
    cells = pd.DataFrame([json.loads(row) if row else {} for row in rows["row"]], index=rows.index, dtype="str")
    origin = {ORIGIN_FILE: rows["file_sha256"], ORIGIN_LINE: rows["line"]}
    safe = cells.fillna("").apply(lambda column: column.map(protect)).rename(columns=protect)
    return safe.assign(**origin, **{ORIGIN_PROBLEM: rows["code"] + ": " + rows["message"]})
