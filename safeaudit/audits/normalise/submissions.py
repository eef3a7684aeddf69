"""The record that reading fills chunk by chunk: what is kept of a submission, and of which type, is declared here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from safeaudit.audits.normalise.answers import NO_LEVEL
from safeaudit.audits.normalise.coded import Coded, select
from safeaudit.audits.normalise.moments import NO_TIME
from safeaudit.audits.spans import Spans

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class Numbers(NamedTuple):
    """How a column of numbers is kept.

    Attributes
    ----------
    dtype
        Its type.
    by_indicator
        Whether its shape is (n, indicators); else it is (n,).
    default
        Of a column by indicator, what stands in a chunk that has none and gives it in shape (n, 0).
    """

    dtype: DTypeLike
    by_indicator: bool = False
    default: float = np.nan


Flags = Annotated[NDArray[np.uint8], Numbers(np.uint8)]
Line = Annotated[NDArray[np.uint32], Numbers(np.uint32)]
Int64 = Annotated[NDArray[np.int64], Numbers(np.int64)]
Hash = Annotated[NDArray[np.uint64], Numbers(np.uint64)]
Float64 = Annotated[NDArray[np.float64], Numbers(np.float64)]
Levels = Annotated[NDArray[np.int8], Numbers(np.int8, by_indicator=True, default=NO_LEVEL)]
Ratings = Annotated[NDArray[np.float64], Numbers(np.float64, by_indicator=True)]
Counts = Annotated[NDArray[np.int32], Numbers(np.int32, by_indicator=True, default=1)]
Spreads = Annotated[NDArray[np.float32], Numbers(np.float32, by_indicator=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submissions:
    """Submissions of one chunk, or of all files: one a row, in the order of the file.

    Attributes
    ----------
    line
        Line of the file where it starts.
    submission_id
        64 bits from the form's id and all it says; those that are alike share it.
    form, form_hash
        The form's own id, and 64 bits of it; 0 where it has none.
    flags
        Bits; see `flags`.
    lon, lat, accuracy_m
        Position in degrees and its accuracy in metres; NaN where unknown.
    observed_us
        Microseconds of Unix time, or `NO_TIME`.
    light
        day, twilight or dark; empty where unknown.
    levels
        Level of each indicator, `NO_LEVEL` where it has none.
    ratings
        Ratings from 0 to 1 that no level says; else NaN. Shape (n, 0) where levels say it all.
    n, spread
        How many ratings a mean stands for, and their standard deviation; shape (n, 0) where none is a mean.
    faults
        Kinds of what is to be mended, sorted and joined by spaces.
    walk_id, campaign, place_code, auditor, auditor_sex, auditor_age, auditor_disability, auditor_role, own_groups,
    group_size, group_women, group_men, group_other, consent, lux, note
        As in the table `submissions`; texts empty and numbers NaN where unknown.
    """

    line: Int64
    submission_id: Hash
    form: Spans
    form_hash: Hash
    flags: Flags
    lon: Float64
    lat: Float64
    accuracy_m: Float64
    observed_us: Int64
    light: Coded
    walk_id: Coded
    campaign: Coded
    place_code: Coded
    auditor: Coded
    auditor_sex: Coded
    auditor_age: Coded
    auditor_disability: Coded
    auditor_role: Coded
    own_groups: Coded
    group_size: Int64
    group_women: Float64
    group_men: Float64
    group_other: Float64
    consent: Coded
    lux: Float64
    note: Spans
    faults: Coded
    levels: Levels
    ratings: Ratings
    n: Counts
    spread: Spreads

    def at(self, rows: NDArray[Any]) -> Submissions:
        """Return some of the submissions, told by numbers or by a mask."""
        columns = [column.name for column in fields(self)]
        selected: dict[str, Any] = {name: _select(getattr(self, name), rows) for name in columns}
        return Submissions(**selected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """What counting needs of submissions: 21 bytes for most of them.

    Attributes
    ----------
    line, submission_id, form_hash, flags
        As in `Submissions`.
    coded_row, place_code
        Number among all rows of those with a place code, and the codes.
    unnamed_row, unnamed_us, unnamed_campaign
        Number among all rows of those with a time whose walk no column names, their times and campaigns.
    campaign
        Round of walks of every row.
    """

    line: Line
    submission_id: Hash
    form_hash: Hash
    flags: Flags
    coded_row: Int64
    place_code: Coded
    unnamed_row: Int64
    unnamed_us: Int64
    unnamed_campaign: Coded
    campaign: Coded


def outline(submissions: Submissions, before: int) -> Outlines:
    """Return what counting needs of submissions that so many rows stand before."""
    with_code = np.flatnonzero(~submissions.place_code.where(""))
    unnamed = np.flatnonzero(submissions.walk_id.where("") & (submissions.observed_us != NO_TIME))
    return Outlines(
        line=submissions.line.astype(np.uint32),
        submission_id=submissions.submission_id,
        form_hash=submissions.form_hash,
        flags=submissions.flags,
        coded_row=before + with_code,
        place_code=submissions.place_code.at(with_code),
        unnamed_row=before + unnamed,
        unnamed_us=submissions.observed_us[unnamed],
        unnamed_campaign=submissions.campaign.at(unnamed),
        campaign=submissions.campaign,
    )


def _select(column: NDArray[Any] | Coded | Spans, rows: NDArray[Any]) -> NDArray[Any] | Coded | Spans:
    return column.at(rows) if isinstance(column, Coded | Spans) else select(column, rows)
