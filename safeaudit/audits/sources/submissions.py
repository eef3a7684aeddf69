"""JSON submissions as KoboToolbox's API gives them: keys are full paths, repeats stand inside.

Its own lists (attachments, tags, notes) are left out: they say nothing of the place.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from safeaudit.audits.cells import Cells
from safeaudit.audits.sources.records import check_size, header_of, reject, rejected_table
from safeaudit.errors import InputError, Where
from safeaudit.files.admit import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeaudit.config import AuditSettings
    from safeaudit.files.admit import Admitted

MAX_BYTES = 256 * 1024**2

_FORM_ID = "formhub/uuid"
"""The form's own id: the same in all submissions, and named like theirs."""
_POSITION = re.compile(r"\s*-?\d+\.\d+ -?\d+\.\d+( -?\d+(\.\d+)?){0,2}\s*")
_TRAIL = ""
"""Key, which no question has, of the place of a row among the repeats of its submission."""

Record = dict[str, Any]
Texts = dict[str, str]


def read(file: Admitted, settings: AuditSettings) -> Iterator[Cells]:
    """Read submissions; see `sources.read`. A row's line is the number of its submission in the file.

    Where the settings name most columns in a repeat, or name none and a repeat has a position of its own,
    each of its items is a row, with what the form says of them all; a form without items is a row too.
    """
    records = list(enumerate(_records(file), start=1))
    groups: dict[str, Texts] = {"": {}}
    for _, record in records:
        if isinstance(record, dict):
            _gather(record, "", groups)
    path = _chosen(groups, set(settings.columns.values()))
    rows = [(line, row) for line, record in records if isinstance(record, dict) for row in _submissions(record, path)]
    names = list(dict.fromkeys(name for _, row in rows for name in row))
    check_size(len(rows), len(names), file.name)
    others = [(line, json.dumps(record)) for line, record in records if not isinstance(record, dict)]
    yield Cells(
        file=file.name,
        header=header_of(names, file.name) if names else (),
        lines=np.array([line for line, _ in rows], dtype=np.int64),
        columns=tuple(np.array([row.get(name, "") for _, row in rows], dtype=object) for name in names),
        rejected=rejected_table(
            file.name,
            [reject(file.name, line, "NOT_A_SUBMISSION", "This is no submission.", [text]) for line, text in others],
        ),
        remarks=_remarks(path, groups, empty=not records),
    )


# --- repeats ---------------------------------------------------------------------------------------------------------


def _gather(record: Record, path: str, groups: dict[str, Texts]) -> None:
    """Keep the keys of a submission and of its repeats, each with its first answer, by the path of the repeat."""
    known = groups.setdefault(path, {})
    for key, value in record.items():
        if _is_repeat(key, value):
            for item in value:
                _gather(item, key, groups)
        elif not known.get(key):
            known[key] = _text(value)


def _chosen(groups: dict[str, Texts], wanted: set[str]) -> str:
    """Return the path of the repeat whose items are rows; empty where submissions are."""

    def rank(path: str) -> tuple[int, bool, bool]:
        named = sum(len(wanted & known.keys()) for other, known in groups.items() if _holds(other, path))
        placed = bool(path) and not wanted and any(map(_POSITION.fullmatch, groups[path].values()))
        return named, placed, not path

    return max(groups, key=rank)


def _submissions(record: Record, path: str) -> Iterator[Texts]:
    """Yield the rows of a submission; those of a repeat are known again by their place in it."""
    for row in _rows(record, path):
        trail = row.pop(_TRAIL, "")
        if "_uuid" in row:
            row["_uuid"] += trail
        yield row


def _rows(record: Record, path: str) -> Iterator[Texts]:
    own = {
        _text(key): _text(value)
        for key, value in record.items()
        if key not in {_FORM_ID, _TRAIL} and not isinstance(value, list)
    }
    inner = next((key for key, value in record.items() if _is_repeat(key, value) and _holds(key, path)), None)
    if inner is None:
        yield own
        return
    for number, item in enumerate(record[inner], start=1):
        for row in _rows(item, path):
            yield own | row | {_TRAIL: f"/{inner}/{number}{row.get(_TRAIL, '')}"}


def _is_repeat(key: str, value: Any) -> bool:
    """Tell whether an answer is a repeat; Kobo's own lists begin with an underscore."""
    return isinstance(value, list) and bool(value) and not key.startswith("_") and all(type(i) is dict for i in value)


def _holds(outer: str, path: str) -> bool:
    """Tell whether a group is another one, or around it."""
    return not outer or f"{path}/".startswith(f"{outer}/")


def _remarks(path: str, groups: dict[str, Texts], *, empty: bool) -> tuple[str, ...]:
    remarks = ["It holds no submissions yet."] if empty else []
    if path:
        remarks.append(f'Its rows are those of the repeat "{path}", each with what its form says of it.')
    others = ", ".join(f'"{other}"' for other in groups if not _holds(other, path))
    if others:
        remarks.append(f"Repeats were left out: {others}. To read one, name its columns under columns.")
    return tuple(remarks)


# --- JSON ------------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode()  # half a sign is none
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case {"uid": str(uid)}:  # the office's judgement, as exports name it
            return uid
    return json.dumps(value, ensure_ascii=False)


def _records(file: Admitted) -> list[Any]:
    """Return what should be submissions, numbers as text."""
    where = Where(file.name)
    with opened(file) as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        what = f"It is larger than {MAX_BYTES} bytes."
        raise InputError(what, hint="Export the audits as CSV, which has no such limit.", where=where)
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        hint = "Fetch or export it once more."
        raise InputError(f"It is cut, or no JSON: {error}.", hint=hint, where=where) from error
    match document:
        case [*records]:
            return records
        case {"results": [*records], "count": str(count)} if count == str(len(records)):
            return records
        case {"results": [*records], "count": str(count)}:
            what = f"It is one page of several: it holds {len(records)} of {count} submissions."
            raise InputError(what, hint="Let safeaudit fetch get them all, or export them as CSV.", where=where)
    raise InputError("It holds no submissions.", hint="Export the audits as CSV, XLSX or GeoJSON.", where=where)
