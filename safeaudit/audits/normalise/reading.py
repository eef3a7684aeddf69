"""One file's cells -> typed columns of the rows that are fine, and the rejected ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from safeaudit.audits.cells import Cells
from safeaudit.audits.normalise import answers
from safeaudit.audits.normalise.cells import (
    Coded,
    Fault,
    Looked,
    constant,
    convert,
    convert_distinct,
    number,
    plain_numbers,
    taken,
)
from safeaudit.audits.normalise.columns import find_columns, told_columns, unheeded
from safeaudit.audits.normalise.dates import NO_TIME, moments
from safeaudit.audits.normalise.declared import read_light, with_declared
from safeaudit.audits.normalise.faults import WHOLE_ROW, Chunk, Faults, Remarks, by_reason
from safeaudit.audits.normalise.gates import consents, on_hold
from safeaudit.audits.normalise.guess import is_upload_time, positions
from safeaudit.audits.normalise.identifiers import private_remarks
from safeaudit.audits.normalise.identity import content_hash, pseudonym, submission_ids
from safeaudit.audits.normalise.light import light
from safeaudit.audits.normalise.lux import read_lux
from safeaudit.audits.normalise.means import read_means
from safeaudit.audits.normalise.placing import has_street, place
from safeaudit.audits.normalise.positions import LOW_PRECISION_M, Located, Swaps, check_positions, locate
from safeaudit.audits.normalise.reported import read_faults
from safeaudit.audits.spans import Spans
from safeaudit.config import COUNT, AuditSettings
from safeaudit.errors import Where
from safeaudit.files.spreadsheet_text import unescape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from safeaudit import crs
    from safeaudit.audits.cells import Texts
    from safeaudit.place_codes import Directory
    from safeaudit.rubric import Rubric

DATE_ONLY, LOW_PRECISION, POSSIBLE_DUPLICATE, UUID_CONFLICT = 1, 2, 4, 8
ON_HOLD, LIGHT_DIFFERS, FAULT_UNKNOWN, BY_STREET = 16, 32, 64, 128
"""Flags of a submission, as bits."""

Columns = dict[str, Any]
"""Columns by name: arrays of shape (n,) or (n, indicators); those of `CODED` are `Coded`."""

_TEXTS = ("walk_id", "campaign", "auditor_role", "place_code")
CHOICES = {
    "auditor_sex": answers.read_sex,
    "auditor_age": answers.read_age,
    "auditor_disability": answers.read_yes_no,
    "day_or_dark": read_light,
}
CODED = (*_TEXTS, "auditor_sex", "auditor_age", "auditor_disability", "auditor", "consent")
_ALL_FIELDS = (*CODED, "day_or_dark", "lux", "note")
_SAMPLE_ROWS = 200
"""What a column is, is told by as many."""
_RATING = [("rating", np.float64), ("level", np.int8)]
_NO_METRES = -np.inf
_PASSING = ("date_only", "answers", "day_or_dark")
_NO_ANSWER = Fault("NO_ANSWER", "Nothing was rated in this row.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What all files are read with; see `normalise`."""

    rubric: Rubric
    timezone: str | None
    extent: crs.Bounds | None
    key: bytes
    directory: Directory | None = None
    means: bool = False


@dataclass(slots=True)
class FileRows:
    """What one file gave beside its columns: its rows by number, what was rejected, what is worth knowing."""

    file: str
    read: int = 0
    usable: int = 0
    lost: int = 0
    rejected: list[pd.DataFrame] = field(default_factory=list)
    remarks: tuple[str, ...] = ()
    brief: bool = False

    def put(self, *frames: pd.DataFrame) -> None:
        """Add rejected rows of one chunk, by line; where brief, keep the first of each reason and their number."""
        found = [frame for frame in frames if len(frame)]
        self.lost += sum(map(len, found))
        if found:
            together = pd.concat([frame.astype({"column": object, "value": object}) for frame in found])
            self.rejected.append(together.sort_values("line", kind="stable"))
            if self.brief:
                self.rejected = [by_reason(pd.concat(map(by_reason, self.rejected)))]


def read_file(
    settings: AuditSettings, chunks: Iterable[Cells], reader: Reader, keep: Callable[[Columns], None], *, brief: bool
) -> FileRows:
    """Read all chunks of one file; the columns of each chunk are handed to `keep`.

    Raises
    ------
    InputError
        Columns are missing, times have no zone, or latitude and longitude are swapped.
    """
    rows, remarks, swaps = FileRows(settings.file.name, brief=brief), Remarks(), Swaps()
    columns: dict[str, int] = {}
    said: list[str] = []
    header: tuple[str, ...] = ()
    for cells in chunks:
        rows.file = cells.file
        rows.read += len(cells.lines) + len(cells.rejected)
        if not cells.header:  # a file that can hold no ratings, such as GPX: all is rejected already
            rows.put(cells.rejected)
            said += cells.remarks
            continue
        if not header:
            header = cells.header
            sample = cells.first(_SAMPLE_ROWS)
            columns = find_columns(sample, settings, reader.rubric)
            said = _first_remarks(sample, columns, settings)
        said += cells.remarks
        chunk = Chunk(cells, columns, Faults(cells), remarks)
        values, rejected = _read_chunk(chunk, settings, reader, swaps)
        rows.put(cells.rejected, rejected)
        rows.usable += len(values["line"])
        keep(values)
    if columns:
        swaps.check(rows.file, *(header[columns.get(name, 0)] for name in ("latitude", "longitude")))
    if header and not rows.read:
        said.append("It holds a header and no rows.")
    rows.remarks = (*said, *remarks.sentences())
    return rows


def brief_columns(columns: Columns, before: int) -> Columns:
    """Return what counting needs of a chunk that so many rows stand before: 21 bytes for most rows."""
    named = np.flatnonzero(~columns["place_code"].where(""))
    unnamed = np.flatnonzero(columns["walk_id"].where("") & (columns["observed_us"] != NO_TIME))
    return {
        **{name: columns[name] for name in ("id", "form_hash", "flags")},
        "line": columns["line"].astype(np.uint32),
        "named_row": before + named,
        "place_code": columns["place_code"].at(named),
        "unnamed_row": before + unnamed,
        "unnamed_us": columns["observed_us"][unnamed],
        "unnamed_campaign": columns["campaign"].at(unnamed),
    }


def full_columns(columns: Columns, before: int) -> Columns:
    """Return all of a chunk that so many rows stand before; ratings only where levels do not give them."""
    n, width = columns["levels"].shape
    given = columns["ratings"].shape[1] > 0
    return columns | {
        "rated_row": before + np.arange(n if given else 0),
        "ratings": columns["ratings"] if given else np.empty((0, width)),
    }


def no_rows(reader: Reader) -> Columns:
    """Return the columns that a chunk gives, without a row."""
    nothing: tuple[NDArray[np.object_], ...] = (np.empty(0, dtype=object), np.empty(0, dtype=object))
    header, lines = ("latitude", "longitude"), np.empty(0, dtype=np.int64)
    cells = Cells(file="", header=header, lines=lines, columns=nothing, rejected=pd.DataFrame())
    chunk = Chunk(cells, {"latitude": 0, "longitude": 1}, Faults(cells), Remarks())
    return _read_chunk(chunk, AuditSettings(file=Path()), reader, Swaps())[0]


def _first_remarks(cells: Cells, columns: Mapping[str, int], settings: AuditSettings) -> list[str]:
    said = unheeded(cells, columns) if settings.columns else [told_columns(cells, columns)]
    said += private_remarks(cells, columns)
    asked = () if settings.columns else positions(cells.header, cells)
    if len(asked) > 1:
        said.append(f"It holds several positions: {', '.join(asked)}. One was taken; name yours under columns.")
    if "observed_at" in columns and is_upload_time(cells.header[columns["observed_at"]]):
        name = cells.header[columns["observed_at"]]
        said.append(f'Times are from "{name}": when the form was sent, which may be later than the visit.')
    return said


def _read_chunk(chunk: Chunk, settings: AuditSettings, reader: Reader, swaps: Swaps) -> tuple[Columns, pd.DataFrame]:
    """Read a chunk and return the columns of its good rows, and the table `rejected` of the others."""
    located = _locate(chunk, settings, reader)
    check_positions(located, chunk, reader.extent, swaps)
    values: Columns = {"lon": located.lon, "lat": located.lat, "accuracy_m": _accuracy(chunk, located.accuracy_m)}
    values |= _read_time(chunk, settings, reader.timezone)
    values |= {name: chunk.coded(name) for name in _TEXTS}
    values |= {name: _read_choice(chunk, name) for name in CHOICES}
    values["note"] = _restored(chunk.column("note"))  # as it stands, spaces included
    values["auditor"] = _read_auditor(chunk, reader.key)
    values["group_size"] = _read_group_size(chunk)
    values["consent"], consent = consents(chunk, values["auditor_age"].where("child"), settings.consent)
    values["lux"] = read_lux(chunk)
    values["faults"], unknown = read_faults(chunk, settings.faults)
    values |= _read_ratings(chunk, settings, reader)
    chunk.faults.put(WHOLE_ROW, ~_answered(values), _NO_ANSWER)
    values["form"] = _form(chunk)
    values["form_hash"] = values["form"].hashes()
    content = content_hash(_content(chunk, values, reader.rubric), len(chunk.cells.lines))
    values["id"] = submission_ids(values["form_hash"], content)
    by_street = np.zeros(len(unknown), dtype=bool)
    if reader.directory is not None:
        values["place_code"], by_street = place(chunk, values, reader.directory)
    values["line"] = chunk.cells.lines
    values["light"], differ = _light(values, reader.extent)
    values["flags"] = _flags(values) + (
        ON_HOLD * on_hold(chunk) + LIGHT_DIFFERS * differ + FAULT_UNKNOWN * unknown + BY_STREET * by_street
    ).astype(np.uint8)
    values["campaign"] = values["campaign"].changed(lambda text: text or settings.campaign or "")
    values["consent"] = consent
    fine, rejected = chunk.faults.split()
    values = {name: column for name, column in values.items() if name not in _PASSING}
    return values if fine.all() else {name: kept(column, fine) for name, column in values.items()}, rejected


def _locate(chunk: Chunk, settings: AuditSettings, reader: Reader) -> Located:
    """Read where each row was made; one that names its place by a code, or by street and walk, may have no position."""
    named = ~chunk.coded("place_code").where("")
    if reader.directory is not None:
        named = named | has_street(chunk)
    return locate(chunk, settings.crs, named)


def _answered(values: Columns) -> NDArray[np.bool_]:
    """Say which rows hold anything: a rating, something to be mended, or a meter's value."""
    answered: NDArray[np.bool_] = (values["levels"] != answers.NO_LEVEL).any(axis=1)
    if values["ratings"].shape[1]:
        answered |= ~np.isnan(values["ratings"]).all(axis=1)
    if not answered.all():
        answered |= ~values["faults"].where("") | ~np.isnan(values["lux"])
    return answered


def _content(chunk: Chunk, values: Columns, rubric: Rubric) -> Columns:
    """Return what tells a submission from another, by name; what no column says is left out."""
    apart = {"date_only", "form", "form_hash", "answers", "ratings", "levels", "n", "spread"}
    unsaid = set(_ALL_FIELDS) - set(chunk.columns) - ({"auditor"} if "device" in chunk.columns else set())
    content = {name: column for name, column in values.items() if name not in apart | unsaid}
    if "street" in chunk.columns:
        content["street"] = chunk.coded("street")
    content |= values["answers"]
    for at, name in enumerate(rubric.names):
        if name + COUNT in chunk.columns:
            content |= {f"n {name}": values["n"][:, at], f"spread {name}": values["spread"][:, at]}
    return content


def _read_auditor(chunk: Chunk, key: bytes) -> Coded:
    """Return a pseudonym of who rated: the auditor where one is named, else the device."""
    auditor = chunk.coded("auditor").changed(lambda name: pseudonym(name, key))
    if "device" not in chunk.columns:
        return auditor
    return auditor.otherwise(chunk.coded("device").changed(lambda name: pseudonym(name and f"device {name}", key)))


def kept(column: Any, rows: NDArray[Any]) -> Any:
    """Return some rows of a column of any kind."""
    return taken(column, rows) if isinstance(column, np.ndarray) else column.at(rows)


def _read_time(chunk: Chunk, settings: AuditSettings, timezone: str | None) -> Columns:
    n = len(chunk.cells.lines)
    if "observed_at" not in chunk.columns:
        return {"observed_us": np.full(n, NO_TIME), "date_only": np.zeros(n, dtype=bool)}
    at = chunk.columns["observed_at"]
    header = chunk.cells.header[at]
    found = moments(
        chunk.cells.texts(at),
        date_format=settings.date_format,
        timezone="UTC" if is_upload_time(header) else timezone,
        where=Where(chunk.cells.file, column=header),
    )
    chunk.faults.put_converted(at, found)
    return {"observed_us": found.data["us"], "date_only": found.data["date_only"]}


def _read_ratings(chunk: Chunk, settings: AuditSettings, reader: Reader) -> Columns:
    """Return ratings and levels, shape (n, indicators of the rubric), and n and spread where a file holds means.

    Where levels say it all, ratings are of shape (n, 0).
    """
    shape = (len(chunk.cells.lines), len(reader.rubric.indicators))
    levels = np.full(shape, answers.NO_LEVEL, dtype=np.int8, order="F")
    others: dict[int, NDArray[np.float64]] = {}
    said: dict[str, Looked] = {}
    for index, indicator in enumerate(reader.rubric.indicators):
        if indicator.name in chunk.columns:
            at = chunk.columns[indicator.name]
            mean = indicator.name + COUNT in chunk.columns
            parse = answers.rating_reader(indicator, settings.levels.get(indicator.name, {}), settings.scale, mean=mean)
            codes, found = convert_distinct(chunk.cells.texts(at), parse, answers.UNANSWERED, _RATING)
            chunk.faults.put_converted(at, found, codes=codes)
            rating, level = found.data["rating"], found.data["level"]
            levels[:, index] = level[codes]
            if not np.isnan(rating[level == answers.NO_LEVEL]).all():
                others[index] = rating[codes]
            said[f"rating {indicator.name}"] = Looked(codes, rating)
    ratings = np.empty((shape[0], 0))
    if others or reader.means:
        ratings = answers.rating_of(levels)
        for index, rating in others.items():
            ratings[:, index] = rating
    nothing = np.empty((shape[0], 0))
    n, spread = read_means(chunk, ratings, settings.scale, reader.rubric) if reader.means else (nothing, nothing)
    return {"ratings": ratings, "levels": levels, "answers": said, "n": n, "spread": spread}


def _read_choice(chunk: Chunk, name: str) -> Coded:
    """Read one of some words; another word is not said, and counted."""
    found = chunk.coded(name).changed(CHOICES[name])
    chunk.remarks.count(
        f"{{n}} answers for {name} are not known, such as {{first}}; they are left out.",
        found.where("?"),
        chunk.column(name),
    )
    return found.changed(lambda text: "" if text == "?" else text)


def _read_group_size(chunk: Chunk) -> NDArray[np.int64]:
    if "group_size" not in chunk.columns:
        return constant(np.int64(1), len(chunk.cells.lines))
    texts = chunk.column("group_size")
    found = convert(texts, answers.read_group_size, 0, np.int64).data
    sentence = f"{{n}} group sizes are not from 1 to {answers.MAX_GROUP}, such as {{first}}; they count as 1."
    chunk.remarks.count(sentence, found == 0, texts)
    sizes: NDArray[np.int64] = np.maximum(found, 1)
    return sizes


def _accuracy(chunk: Chunk, of_position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the accuracy of the fix, metres; 0 and what is no such number mean unknown."""
    texts = chunk.column("accuracy_m")
    plain = plain_numbers(texts)
    own = convert(texts, _metres, np.nan, np.float64).data if plain is None else plain
    accuracy = np.where(np.isnan(own) | (own == _NO_METRES), of_position, own)
    odd = (own < 0) | np.isinf(own)
    chunk.remarks.count("{n} accuracies are no metres, such as {first}; they count as unknown.", odd, texts)
    return np.where((accuracy > 0) & np.isfinite(accuracy), accuracy, np.nan)


def _metres(text: str) -> float:
    """Read a number; NaN where there is nothing, `_NO_METRES` where there is something else."""
    value = number(text) if text else 0.0
    return (_NO_METRES if np.isnan(value) else value) if text else np.nan


def _form(chunk: Chunk) -> Spans:
    """Return the form's own id without what tools put before it."""
    cells = chunk.column("submission_id")
    if not isinstance(cells, Spans) or cells.may_be_stripped():
        return Spans.of(text.strip().removeprefix("uuid:") for text in chunk.texts("submission_id"))
    return cells.without("uuid:")


def _light(values: Columns, extent: crs.Bounds | None) -> tuple[Coded, NDArray[np.bool_]]:
    """Return day, twilight or dark by the sun, else as declared; and where the two differ.

    A row without a position has the sun of the city's middle: across a city it differs by seconds.
    """
    timed = (values["observed_us"] != NO_TIME) & ~values["date_only"]
    seconds = np.where(timed, values["observed_us"] / 1e6, np.nan)
    lon, lat = values["lon"], values["lat"]
    if extent is not None and np.isnan(lon).any():
        west, south, east, north = extent
        lon = np.where(np.isnan(lon), (west + east) / 2, lon)
        lat = np.where(np.isnan(lat), (south + north) / 2, lat)
    return with_declared(light(lon, lat, seconds), values["day_or_dark"])


def _flags(values: Columns) -> NDArray[np.uint8]:
    imprecise = np.nan_to_num(values["accuracy_m"]) > LOW_PRECISION_M
    flags: NDArray[np.uint8] = (DATE_ONLY * values["date_only"] + LOW_PRECISION * imprecise).astype(np.uint8)
    return flags


def _restored(cells: Texts) -> Spans:
    """Return texts without the apostrophe that an export puts before what a spreadsheet would compute."""
    if isinstance(cells, Spans):
        return cells if not cells.starting("'").any() else Spans.of(map(unescape, cells.texts()))
    return Spans.of(map(unescape, cells))
