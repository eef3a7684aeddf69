"""One file's cells -> typed columns of the rows that are fine, and the rejected ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from safeaudit.config import AuditSettings
from safeaudit.errors import Where
from safeaudit.formulas import unescape
from safeaudit.normalise import answers
from safeaudit.normalise.cells import Coded, Fault, convert, number, plain_numbers
from safeaudit.normalise.columns import find_columns, told_columns
from safeaudit.normalise.dates import NO_TIME, moments
from safeaudit.normalise.faults import CONSENT, WHOLE_ROW, Chunk, Faults, Remarks
from safeaudit.normalise.guess import is_upload_time, positions
from safeaudit.normalise.identity import content_hash, pseudonym
from safeaudit.normalise.positions import LOW_PRECISION_M, Swaps, check_positions, locate
from safeaudit.tables import Cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from safeaudit import crs
    from safeaudit.rubric import Rubric

DATE_ONLY, LOW_PRECISION, POSSIBLE_DUPLICATE, UUID_CONFLICT = 1, 2, 4, 8
"""Flags of a submission, as bits."""

Columns = dict[str, Any]
"""Columns by name: arrays of shape (n,) or (n, indicators); those of `CODED` are `Coded`."""

_TEXTS = ("walk_id", "campaign", "auditor_role", "place_code")
CHOICES = {
    "auditor_sex": answers.read_sex,
    "auditor_age": answers.read_age,
    "auditor_disability": answers.read_yes_no,
}
CODED = (*_TEXTS, *CHOICES, "auditor", "consent")
_ALL_FIELDS = (*CODED, "note")
_RATING = [("rating", np.float64), ("level", np.int8)]
_NO_ANSWER = Fault("NO_ANSWER", "Nothing was rated in this row.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What all files are read with; see `normalise`."""

    rubric: Rubric
    timezone: str | None
    extent: crs.Bounds | None
    key: bytes


@dataclass(slots=True)
class FileRows:
    """What one file gave: chunks of typed columns, what was rejected, what is worth knowing."""

    file: str
    read: int = 0
    chunks: list[Columns] = field(default_factory=list)
    rejected: list[pd.DataFrame] = field(default_factory=list)
    remarks: tuple[str, ...] = ()


def read_file(settings: AuditSettings, chunks: Iterable[Cells], reader: Reader) -> FileRows:
    """Read all chunks of one file.

    Raises
    ------
    InputError
        Columns are missing, times have no zone, or latitude and longitude are swapped.
    """
    rows, remarks, swaps = FileRows(settings.file.name), Remarks(), Swaps()
    columns: dict[str, int] = {}
    said: list[str] = []
    header: tuple[str, ...] = ()
    for cells in chunks:
        rows.file = cells.file
        rows.read += len(cells.lines) + len(cells.rejected)
        rows.rejected.append(cells.rejected)
        if not cells.header:  # a file that can hold no ratings, such as GPX: all is rejected already
            said += cells.remarks
            continue
        if not header:
            header = cells.header
            columns = find_columns(cells, settings, reader.rubric)
            said = _first_remarks(cells, columns, settings)
        said += cells.remarks
        chunk = Chunk(cells, columns, Faults(cells), remarks)
        rows.chunks.append(_read_chunk(chunk, settings, reader, swaps, rows))
    if columns:
        swaps.check(rows.file, *(header[columns.get(name, 0)] for name in ("latitude", "longitude")))
    if header and not rows.read:
        said.append("It holds a header and no rows.")
    rows.remarks = (*said, *remarks.sentences())
    return rows


def no_rows(reader: Reader) -> Columns:
    """Return the columns that a chunk gives, without a row."""
    nothing: tuple[NDArray[np.object_], ...] = (np.empty(0, dtype=object), np.empty(0, dtype=object))
    header, lines = ("latitude", "longitude"), np.empty(0, dtype=np.int64)
    cells = Cells(file="", header=header, lines=lines, columns=nothing, rejected=pd.DataFrame())
    chunk = Chunk(cells, {"latitude": 0, "longitude": 1}, Faults(cells), Remarks())
    return _read_chunk(chunk, AuditSettings(file=Path()), reader, Swaps(), FileRows(""))


def _first_remarks(cells: Cells, columns: Mapping[str, int], settings: AuditSettings) -> list[str]:
    said = [] if settings.columns else [told_columns(cells, columns)]
    asked = () if settings.columns else positions(cells.header, cells)
    if len(asked) > 1:
        said.append(f"It holds several positions: {', '.join(asked)}. One was taken; name yours under columns.")
    if "observed_at" in columns and is_upload_time(cells.header[columns["observed_at"]]):
        name = cells.header[columns["observed_at"]]
        said.append(f'Times are from "{name}": when the form was sent, which may be later than the visit.')
    return said


def _read_chunk(chunk: Chunk, settings: AuditSettings, reader: Reader, swaps: Swaps, rows: FileRows) -> Columns:
    """Read a chunk and return the columns of its good rows; put the others in `rows.rejected`."""
    located = locate(chunk, settings.crs)
    check_positions(located, chunk, reader.extent, swaps)
    values: Columns = {"lon": located.lon, "lat": located.lat, "accuracy_m": _accuracy(chunk, located.accuracy_m)}
    values |= _read_time(chunk, settings, reader.timezone)
    values |= {name: chunk.coded(name) for name in _TEXTS}
    values |= {name: _read_choice(chunk, name) for name in CHOICES}
    values["note"] = _restored(chunk.texts("note"))  # as it stands, spaces included
    values["auditor"] = chunk.coded("auditor").changed(lambda name: pseudonym(name, reader.key))
    values["group_size"] = _read_group_size(chunk)
    values["consent"] = _read_consent(chunk)
    ratings, levels = _read_ratings(chunk, settings, reader.rubric)
    content = {name: column for name, column in values.items() if name not in _ALL_FIELDS or name in chunk.columns}
    del content["date_only"]
    answered = (
        (f"rating {name}", ratings[:, i]) for i, name in enumerate(reader.rubric.names) if name in chunk.columns
    )
    content |= dict(answered)
    values["content"] = content_hash(content, len(chunk.cells.lines))
    values |= {"ratings": ratings, "levels": levels, "line": chunk.cells.lines, "form": _form(chunk)}
    values["flags"] = _flags(values)
    values["campaign"] = values["campaign"].changed(lambda text: text or settings.campaign or "")
    values["consent"] = values["consent"].changed(lambda text: text or settings.consent)
    fine, rejected = chunk.faults.split()
    rows.rejected.append(rejected)
    del values["date_only"]
    return {name: _kept(column, fine) for name, column in values.items()}


def _kept(column: Any, fine: NDArray[np.bool_]) -> Any:
    return column._replace(codes=column.codes[fine]) if isinstance(column, Coded) else column[fine]


def _read_time(chunk: Chunk, settings: AuditSettings, timezone: str | None) -> Columns:
    n = len(chunk.cells.lines)
    if "observed_at" not in chunk.columns:
        return {"observed_us": np.full(n, NO_TIME), "date_only": np.zeros(n, dtype=bool)}
    at = chunk.columns["observed_at"]
    header = chunk.cells.header[at]
    found = moments(
        chunk.cells.columns[at],
        date_format=settings.date_format,
        timezone="UTC" if is_upload_time(header) else timezone,
        where=Where(chunk.cells.file, column=header),
    )
    chunk.faults.put_converted(at, found)
    return {"observed_us": found.data["us"], "date_only": found.data["date_only"]}


def _read_ratings(
    chunk: Chunk, settings: AuditSettings, rubric: Rubric
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Return ratings and levels, each of shape (n, indicators of the rubric)."""
    shape = (len(chunk.cells.lines), len(rubric.indicators))
    ratings, levels = np.full(shape, np.nan), np.full(shape, answers.NO_LEVEL, dtype=np.int8)
    for index, indicator in enumerate(rubric.indicators):
        if indicator.name in chunk.columns:
            at = chunk.columns[indicator.name]
            parse = answers.rating_reader(indicator, settings.levels.get(indicator.name, {}), settings.scale)
            found = convert(chunk.cells.columns[at], parse, answers.UNANSWERED, _RATING)
            chunk.faults.put_converted(at, found)
            ratings[:, index], levels[:, index] = found.data["rating"], found.data["level"]
    chunk.faults.put(WHOLE_ROW, np.isnan(ratings).all(axis=1), _NO_ANSWER)
    return ratings, levels


def _read_choice(chunk: Chunk, name: str) -> Coded:
    """Read one of some words; another word is not said, and counted."""
    found = chunk.coded(name).changed(CHOICES[name])
    chunk.remarks.count(
        f"{{n}} answers for {name} are not known, such as {{first}}; they are left out.",
        found.where("?"),
        chunk.texts(name),
    )
    return found.changed(lambda text: "" if text == "?" else text)


def _read_consent(chunk: Chunk) -> Coded:
    found = chunk.coded("consent").changed(answers.read_consent)
    chunk.faults.put(chunk.spot("consent"), found.where("none", "?"), CONSENT)
    return found


def _read_group_size(chunk: Chunk) -> NDArray[np.int64]:
    texts = chunk.texts("group_size")
    found = convert(texts, answers.read_group_size, 0, np.int64).data
    sentence = f"{{n}} group sizes are not from 1 to {answers.MAX_GROUP}, such as {{first}}; they count as 1."
    chunk.remarks.count(sentence, found == 0, texts)
    sizes: NDArray[np.int64] = np.maximum(found, 1)
    return sizes


def _accuracy(chunk: Chunk, of_position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the accuracy of the fix, metres; 0 and what is no such number mean unknown."""
    texts = chunk.texts("accuracy_m")
    own = plain_numbers(texts)
    if own is None:
        own = convert(texts, lambda text: number(text) if text else np.nan, np.nan, np.float64).data
    accuracy = np.where(np.isnan(own), of_position, own)
    odd = (np.isnan(own) & (texts != "")) | (own < 0) | np.isinf(own)
    chunk.remarks.count("{n} accuracies are no metres, such as {first}; they count as unknown.", odd, texts)
    return np.where((accuracy > 0) & np.isfinite(accuracy), accuracy, np.nan)


def _form(chunk: Chunk) -> NDArray[np.object_]:
    """Return the form's own id without what tools put before it."""
    return np.array([text.strip().removeprefix("uuid:") for text in chunk.texts("submission_id")], dtype=object)


def _flags(values: Columns) -> NDArray[np.uint8]:
    imprecise = np.nan_to_num(values["accuracy_m"]) > LOW_PRECISION_M
    flags: NDArray[np.uint8] = (DATE_ONLY * values["date_only"] + LOW_PRECISION * imprecise).astype(np.uint8)
    return flags


def _restored(texts: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return texts without the apostrophe that an export puts before what a spreadsheet would compute."""
    quoted = pd.Series(texts, dtype=object).str.startswith("'").to_numpy(bool, na_value=False)
    if quoted.any():
        texts = texts.copy()
        texts[quoted] = [unescape(text) for text in texts[quoted]]
    return texts
