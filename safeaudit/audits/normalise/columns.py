"""Which column of a file holds which field: as the settings say, or as guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.audits.normalise.guess import guess, plain_header, several
from safeaudit.audits.normalise.identifiers import identifying
from safeaudit.errors import InputError, Where
from safeaudit.rubric import Rubric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.audits.cells import Cells
    from safeaudit.config import AuditSettings, OwnGroup


def name_columns(
    cells: Cells, settings: AuditSettings, rubric: Rubric, groups: Mapping[str, OwnGroup]
) -> Mapping[str, str]:
    """Return the header of each field and indicator: as the settings say, or as it is guessed.

    What holds direct identifiers is never guessed: that only a person can want. A group of the city's own that the
    settings name no column for is found by its name or question: `init` wrote them before there was a group.

    Parameters
    ----------
    cells
        The first chunk of the file.
    settings
        What the TOML says of the file.
    rubric, groups
        The indicators, and the questions of the city's own, that columns can be.
    """
    named = settings.columns
    if named and groups.keys() <= named.keys():
        return named
    guessed = guess(cells.header, cells, rubric, groups)
    found = {field: header for field, header in guessed.items() if field not in identifying(guessed, cells)}
    if not named:
        return found
    own = {name: found[name] for name in groups if name in found and found[name] not in named.values()}
    return {**own, **named}


def find_columns(cells: Cells, wanted: Mapping[str, str], rubric: Rubric) -> dict[str, int]:
    """Return the column of each field and indicator; of faults one for each answer where there are such.

    Parameters
    ----------
    cells
        The first chunk of the file.
    wanted
        Header of each field.
    rubric
        The indicators that columns can be.

    Raises
    ------
    InputError
        A column is not there or is there twice, or there is no position, or nothing that was rated.
    """
    at = {plain_header(name): index for index, name in enumerate(cells.header)}
    columns: dict[str, int] = {}
    for field, header in wanted.items():
        if field == "faults" and (answers := several(cells.header, header)):
            columns |= {FAULT + answer: index for answer, index in answers.items()}
            continue
        if plain_header(header) not in at:
            what = f'It has no column "{header}" for {field}; found: {_listed(cells)}.'
            raise InputError(what, hint="Correct columns under its [[audits]].", where=Where(cells.file))
        columns[field] = at[plain_header(header)]
        if sum(plain_header(header) == plain_header(name) for name in cells.header) > 1:
            what = f"Column {header} appears twice."
            raise InputError(what, hint="Rename or delete one of them.", where=Where(cells.file))
    _require(columns, cells, rubric)
    return columns


_GATES = ("consent", "guardian_consent", "review")
FAULT = "faults/"
"""Stands before the answer in the name of a column that holds one answer on what is to be mended."""


def say_columns(cells: Cells, columns: Mapping[str, int]) -> str:
    """Say which column was taken for what."""
    several = sum(field.startswith(FAULT) for field in columns)
    pairs = [f'{field} from "{cells.header[at]}"' for field, at in columns.items() if not field.startswith(FAULT)]
    pairs += [f"faults from {several} columns"] if several else []
    return f"Columns were found by their names: {', '.join(pairs)}."


def say_unheeded(cells: Cells, columns: Mapping[str, int]) -> list[str]:
    """Say which columns ask whether a row may be used, and are not named."""
    guessed = guess(cells.header, None, Rubric(()))
    gates = {field: header for field, header in guessed.items() if field in _GATES and field not in columns}
    return [
        f'"{header}" looks like {field} and is not named under columns: what it says is not heeded.'
        for field, header in gates.items()
    ]


def _require(columns: Mapping[str, int], cells: Cells, rubric: Rubric) -> None:
    placed = {"latitude", "longitude"} <= set(columns) or "position" in columns or "place_code" in columns
    if not placed:
        what = f"It has no latitude/longitude column; found: {_listed(cells)}."
        hint = (
            'Name them: columns = { latitude = "...", longitude = "...", lighting = "..." }. '
            "If a title stands above the names of the columns, delete it."
        )
        raise InputError(what, hint=hint, where=Where(cells.file))
    if not any(field in (*rubric.names, "faults", "lux") or field.startswith(FAULT) for field in columns):
        what = f"It has no column with ratings; found: {_listed(cells)}."
        hint = f'Name one or more of {", ".join(rubric.names)}, as in columns = {{ lighting = "..." }}.'
        raise InputError(what, hint=hint, where=Where(cells.file))


def _listed(cells: Cells) -> str:
    return ", ".join(cells.header)
