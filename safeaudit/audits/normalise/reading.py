"""One file's cells -> records of the submissions that are fine, and the rejected rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.audits.normalise import flags
from safeaudit.audits.normalise.cells import Problem
from safeaudit.audits.normalise.chunk import Chunk, Remarks
from safeaudit.audits.normalise.coded import constant, is_constant
from safeaudit.audits.normalise.columns import FAULT, find_columns, name_columns, say_columns, say_unheeded
from safeaudit.audits.normalise.forms import content_of, read_forms
from safeaudit.audits.normalise.guess import is_upload_time, positions
from safeaudit.audits.normalise.identifiers import private_remarks
from safeaudit.audits.normalise.identity import content_hash, submission_ids
from safeaudit.audits.normalise.light import tell_light
from safeaudit.audits.normalise.mending import ORIGIN, Mending, read_as
from safeaudit.audits.normalise.moments import NO_TIME
from safeaudit.audits.normalise.placing import Clues, Placed, find_places
from safeaudit.audits.normalise.positions import LOW_PRECISION_M, Swaps
from safeaudit.audits.normalise.problems import FORGOTTEN, WHOLE_ROW, Problems, count_by_reason, keep_loaded
from safeaudit.audits.normalise.submissions import Submissions
from safeaudit.audits.normalise.taken_back import drop_taken_back, find_taken_back
from safeaudit.tables import empty_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from safeaudit.audits.cells import Cells
    from safeaudit.audits.normalise.coded import Coded
    from safeaudit.audits.normalise.forms import Forms, Reader
    from safeaudit.config import AuditSettings

_SAMPLE_ROWS = 200
"""What a column is, is told by as many."""
_NO_ANSWER = Problem("NO_ANSWER", "Nothing was rated in this row.")


@dataclass(slots=True)
class FileReport:
    """What became of one file's rows: how many were read, how many are usable, which were rejected, what to say.

    `latest` is the latest time of each round of walks, microseconds.

    Where it is brief, rejected rows are kept as the first of each reason and their number. Its origin is the number of
    the file that its rows were first in: another's, where they are mended rows of that one.
    """

    settings: AuditSettings
    file: str
    brief: bool
    origin: int
    sha256: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    read: int = 0
    usable: int = 0
    lost: int = 0
    replaced: int = 0
    forgotten: int = 0
    rejected: list[pd.DataFrame] = field(default_factory=list)
    remarks: tuple[str, ...] = ()
    asks_faults: bool = False
    asks_consent: bool = False
    latest: dict[str, int] = field(default_factory=dict)

    def add_times(self, submissions: Submissions) -> None:
        """Add the times of one chunk to those of its rounds."""
        campaign = submissions.campaign
        latest = np.full(len(campaign.texts), NO_TIME)
        np.maximum.at(latest, campaign.codes, submissions.observed_us)
        for name, time in zip(campaign.texts, latest.tolist(), strict=True):
            self.latest[name] = max(time, self.latest.get(name, NO_TIME))

    def add_rejected(self, *frames: pd.DataFrame) -> None:
        """Add the rejected rows of one chunk, by line."""
        filled = [frame for frame in frames if len(frame)]
        self.lost += sum(map(len, filled))
        if filled:
            together = pd.concat([frame.astype({"column": object, "value": object}) for frame in filled])
            self.rejected.append(together.sort_values("line", kind="stable"))
            if self.brief:
                self.rejected = [count_by_reason(pd.concat(map(count_by_reason, self.rejected)))]

    def count_forgotten(self, rejected: pd.DataFrame) -> pd.DataFrame:
        """Count the rows that somebody took back, and return the others."""
        left = rejected[rejected["code"] != FORGOTTEN.code]
        self.forgotten += len(rejected) - len(left)
        return left

    def rejected_rows(self) -> pd.DataFrame:
        """Return the rejected rows as one table."""
        return pd.concat(self.rejected, ignore_index=True) if self.rejected else empty_table("rejected")

    def replace(self, left: pd.DataFrame) -> None:
        """Take note of which rejected rows are left, the others being mended elsewhere."""
        self.replaced += self.lost - len(left)
        self.lost = len(left)
        self.rejected = [left] if len(left) else []


def read_files(
    files: Iterable[tuple[AuditSettings, Iterable[Cells]]],
    reader: Reader,
    keep: Callable[[Submissions], None],
    *,
    brief: bool,
) -> list[FileReport]:
    """Read all files, one after the other; the submissions of each chunk are handed to `keep`.

    A file of mended rows comes after the one that it mends, and is read with its settings and columns.

    Raises
    ------
    InputError
        Columns are missing, times have no zone, or latitude and longitude are swapped.
    """
    files = list(files)
    waited_for = {settings.mends for settings, _ in files}
    reports: dict[Path, FileReport] = {}
    for number, (settings, chunks) in enumerate(files):
        report = FileReport(settings, settings.file.name, brief and settings.file not in waited_for, number)
        reports[settings.file] = report
        mended = reports[settings.mends] if settings.mends else None
        if mended is None:
            _read_file(report, chunks, reader, keep)
            continue
        report.origin, report.settings = mended.origin, read_as(settings, mended.settings, mended.columns)
        mending = Mending(mended.sha256, mended.rejected_rows())
        _read_file(report, chunks, reader, keep, mending)
        mended.replace(mending.left())
    return list(reports.values())


def _read_file(
    report: FileReport,
    chunks: Iterable[Cells],
    reader: Reader,
    keep: Callable[[Submissions], None],
    mending: Mending | None = None,
) -> None:
    """Read all chunks of one file."""
    settings, remarks, swaps = report.settings, Remarks(), Swaps()
    columns: dict[str, int] = {}
    sentences: list[str] = []
    header: tuple[str, ...] = ()
    for cells in chunks:
        report.file = cells.file
        report.read += len(cells.lines) + len(cells.rejected)
        if cells.header and not header:
            header = cells.header
            sample = cells.first(_SAMPLE_ROWS)
            report.sha256, report.columns = cells.sha256, name_columns(sample, settings, reader.rubric, reader.groups)
            columns = find_columns(sample, report.columns, reader.rubric)
            sentences = _say_first(sample, columns, settings)
            report.asks_consent = "consent" in columns
            report.asks_faults = any(name == "faults" or name.startswith(FAULT) for name in columns)
        sentences += cells.remarks
        if not cells.header:  # a file that can hold no ratings, such as GPX: all is rejected already
            report.add_rejected(keep_loaded(cells, cells.rejected, ()))
            continue
        loaded = {at for name, at in columns.items() if name not in ORIGIN}
        chunk = Chunk(cells, columns, Problems(cells, loaded), remarks)
        if mending is not None:
            mending.match(chunk)
        submissions, rejected = read_chunk(chunk, settings, reader, swaps)
        records = drop_taken_back(cells.rejected, columns, reader)
        report.forgotten += len(cells.rejected) - len(records)
        report.add_rejected(keep_loaded(cells, records, loaded), report.count_forgotten(rejected))
        report.usable += len(submissions.line)
        report.add_times(submissions)
        keep(submissions)
    if columns:
        swaps.check(report.file, *(header[columns.get(name, 0)] for name in ("latitude", "longitude")))
    if header and not report.read:
        sentences.append("It holds a header and no rows.")
    report.remarks = (*sentences, *remarks.sentences())


def read_chunk(chunk: Chunk, settings: AuditSettings, reader: Reader, swaps: Swaps) -> tuple[Submissions, pd.DataFrame]:
    """Return the good rows of a chunk as submissions, and the table `rejected` of the others."""
    forms = read_forms(chunk, settings, reader, swaps)
    chunk.problems.add(WHOLE_ROW, ~forms.say_something(), _NO_ANSWER)
    placed = find_places(chunk, _clues(forms), reader.directory)
    lon, lat, _ = forms.located
    light, light_differs = tell_light(lon, lat, forms.times.seconds, forms.day_or_dark, reader.extent)
    form_hash = forms.form.hashes()
    ids = submission_ids(form_hash, content_hash(content_of(forms, chunk, reader), chunk.n))
    chunk.problems.add(WHOLE_ROW, find_taken_back(forms, ids, chunk, reader), FORGOTTEN)
    submissions = Submissions(
        line=chunk.cells.lines,
        submission_id=ids,
        form=forms.form,
        form_hash=form_hash,
        flags=_flags(forms, placed, light_differs),
        lon=lon,
        lat=lat,
        accuracy_m=forms.accuracy_m,
        observed_us=forms.times.observed_us,
        light=light,
        walk_id=forms.walk_id,
        campaign=_campaign(forms, settings),
        place_code=placed.code,
        auditor=forms.auditors.pseudonym,
        auditor_sex=forms.auditors.sex.changed(lambda text: text or settings.auditor_sex or ""),
        auditor_age=forms.auditors.age,
        auditor_disability=forms.auditors.disability,
        auditor_role=forms.auditors.role,
        own_groups=forms.own_groups,
        group_size=_group_size(forms, settings),
        group_women=forms.groups.women,
        group_men=forms.groups.men,
        group_other=forms.groups.other,
        consent=forms.consents.counts,
        lux=forms.lux,
        note=forms.note,
        faults=forms.faults.kinds,
        levels=forms.ratings.levels,
        ratings=forms.ratings.others,
        n=forms.ratings.means.n,
        spread=forms.ratings.means.spread,
    )
    fine, rejected = chunk.problems.split()
    return submissions if fine.all() else submissions.at(fine), rejected


def _clues(forms: Forms) -> Clues:
    return Clues(
        lon=forms.located.lon,
        lat=forms.located.lat,
        place_code=forms.place_code,
        street=forms.street,
        walk=forms.walk_id,
        observed_us=forms.times.observed_us,
    )


def _campaign(forms: Forms, settings: AuditSettings) -> Coded:
    """Return the round of walks, as the row says or else as the settings do."""
    return forms.campaign.changed(lambda text: text or settings.campaign or "")


def _group_size(forms: Forms, settings: AuditSettings) -> NDArray[np.int64]:
    """Return how many people each row is of, as the row says or else as the settings do; 1 where nothing does."""
    size, otherwise = forms.groups.size, np.int64(settings.group_size or 1)
    if is_constant(size):
        return constant(otherwise, len(size))
    return np.where(np.isnan(size), otherwise, np.nan_to_num(size)).astype(np.int64)


def _flags(forms: Forms, placed: Placed, light_differs: NDArray[np.bool_]) -> NDArray[np.uint8]:
    bits = (
        flags.DATE_ONLY * forms.times.date_only
        + flags.LOW_PRECISION * (np.nan_to_num(forms.accuracy_m) > LOW_PRECISION_M)
        + flags.ON_HOLD * forms.on_hold
        + flags.LIGHT_DIFFERS * light_differs
        + flags.FAULT_UNKNOWN * forms.faults.unknown
        + flags.BY_STREET * placed.by_street
    )
    return bits.astype(np.uint8)


def _say_first(sample: Cells, columns: Mapping[str, int], settings: AuditSettings) -> list[str]:
    """Return what is to be said of a file before its rows are read."""
    sentences = say_unheeded(sample, columns) if settings.columns else [say_columns(sample, columns)]
    sentences += private_remarks(sample, columns)
    asked = () if settings.columns else positions(sample.header, sample)
    if len(asked) > 1:
        sentences.append(f"It holds several positions: {', '.join(asked)}. One was taken; name yours under columns.")
    if "observed_at" in columns and is_upload_time(sample.header[columns["observed_at"]], sample.header):
        name = sample.header[columns["observed_at"]]
        sentences.append(f'Times are from "{name}": when the form was sent, which may be later than the visit.')
    return sentences
