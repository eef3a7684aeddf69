"""private/: what only the team itself may read, submissions.gpkg and rejected.csv."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.files.spreadsheet_text import escape
from safeaudit.files.staged import staged
from safeaudit.outputs.parts import geopackage
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import AuditResult


def write_submissions(result: AuditResult, target: Path) -> None:
    """Write submissions, observations, matches and scores, as they are, for the team alone.

    Parameters
    ----------
    result
        What a run found out.
    target
        Where the GeoPackage shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    submissions = result.audits.submissions
    frames = {
        "submissions": submissions,
        "observations": result.audits.observations,
        "matches": result.matches,
        "scores": result.scores,
    }
    layers = [_layer(name, frame, result.remark) for name, frame in frames.items()]
    geopackage.write(target, layers, latest=submissions["observed_at"].max(), private=True)


def _layer(name: str, frame: pd.DataFrame, remark: str) -> geopackage.Layer:
    table = TABLES[name]
    return geopackage.Layer(
        name=name,
        title=f"PRIVATE {name}",
        description=f"PRIVATE, not to be handed on. A row is {table.row}. {remark}".strip(),
        frame=frame,
        meanings={column.name: column.meaning for column in table.columns},
        geometry_type="Point",
    )


def write_rejected(rejected: pd.DataFrame, target: Path) -> None:
    """Write what was not accepted as CSV in UTF-8, every cell quoted, no cell a formula.

    Parameters
    ----------
    rejected
        Table `rejected`.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    safe = rejected.apply(_defused).rename(columns=escape)
    with staged(target, private=True, verify=lambda path: _verify(path, len(safe))) as path:
        safe.to_csv(path, index=False, quoting=csv.QUOTE_ALL, lineterminator="\n", errors="backslashreplace")


def _defused(values: pd.Series) -> pd.Series:
    """Return texts with what a spreadsheet would run made harmless; numbers as they are."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    return values.map(escape, na_action="ignore")


def _verify(path: Path, count: int) -> None:
    try:
        written = len(pd.read_csv(path, dtype=str, keep_default_na=False))
    except ValueError as error:
        raise OSError(f"what was written cannot be read: {error}") from error
    if written != count:
        raise OSError(f"{written} rows of {count} were written")
