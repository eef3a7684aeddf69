"""Who is who across files, and what became of every row: for the tables, and for `check`, which needs none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.audits.normalise import flags
from safeaudit.audits.normalise.coded import Coded, objects
from safeaudit.audits.normalise.identity import Identity, hexadecimal, identify
from safeaudit.audits.normalise.moments import NO_TIME
from safeaudit.audits.normalise.problems import count_by_reason
from safeaudit.audits.normalise.walks import infer_walks
from safeaudit.tables import FileCount, empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from safeaudit.audits.normalise.ledger import Ledger
    from safeaudit.audits.normalise.reading import FileReport
    from safeaudit.audits.normalise.submissions import Outlines, Submissions

_ID = re.compile("[0-9a-f]{16}")


class Settled(NamedTuple):
    """Who is who among the rows of all files, and the flags of each."""

    identity: Identity
    flags: NDArray[np.uint8]


class Tally(NamedTuple):
    """What became of audit files, without the tables.

    Attributes
    ----------
    counts
        What became of the rows of each file.
    reasons
        The first row rejected for each reason, in the columns of the table `rejected`, and `rows`, their number.
    named
        submission_id, source, line and place_code of the submissions that have a place code or whose
        ids were asked for, sorted by id.
    rounds
        Number of forms of each round of walks, from the earliest to the latest; None is that of forms without one.
    """

    counts: tuple[FileCount, ...]
    reasons: pd.DataFrame
    named: pd.DataFrame
    rounds: Mapping[str | None, int]


def count_rows(reports: Sequence[FileReport], ledger: Ledger[Outlines], asked: Collection[str]) -> Tally:
    """Count the rows of files that were written down briefly; see `normalise.tally`."""
    rows = ledger.close()
    ends = np.cumsum([report.usable for report in reports], dtype=np.int64)
    names = [report.file for report in reports]
    settled = settle(rows, None)
    walks = _count_walks(rows, np.searchsorted(ends, rows.unnamed_row, side="right"), reports)
    ids, duplicate = settled.identity.submission_id, settled.identity.duplicate
    at = np.union1d(rows.coded_row, _find_asked(ids, asked))
    at = at[~duplicate[at]]
    code = pd.Series(objects(rows.place_code.texts), dtype=object)[rows.place_code.codes]
    named = pd.DataFrame(
        {
            "submission_id": hexadecimal(ids[at]),
            "source": objects(names)[np.searchsorted(ends, at, side="right")],
            "line": rows.line[at],
            "place_code": code.set_axis(rows.coded_row).reindex(at).to_numpy(),
        }
    )
    counts = count_files(reports, rows.line, settled, walks)
    forms = _count_rounds(rows.campaign.at(np.flatnonzero(~duplicate)), reports)
    return Tally(counts, _first_of_each_reason(reports), named.sort_values("submission_id", ignore_index=True), forms)


def _count_rounds(campaign: Coded, reports: Sequence[FileReport]) -> dict[str | None, int]:
    """Count the forms of each round, in the order of their latest times, then of their names."""
    latest: dict[str, int] = {}
    for report in reports:
        latest |= {name: max(time, latest.get(name, NO_TIME)) for name, time in report.latest.items()}
    forms = dict(zip(campaign.texts, np.bincount(campaign.codes, minlength=len(campaign.texts)).tolist(), strict=True))
    there = sorted((name for name in forms if forms[name]), key=lambda name: (latest.get(name, NO_TIME), name))
    return {name or None: forms[name] for name in there}


def _count_walks(rows: Outlines, source: NDArray[np.int64], reports: Sequence[FileReport]) -> NDArray[np.int64]:
    """Count the walks of each file that no column names; the rows at hand are those alone."""
    origin = np.array([report.origin for report in reports], dtype=np.int64)[source]
    unnamed = Coded(np.zeros(len(source), dtype=np.int32), ("",))
    names = [report.file for report in reports]
    _, begun = infer_walks(unnamed, origin, rows.unnamed_campaign, rows.unnamed_us, names)
    return np.bincount(source[begun], minlength=len(reports))


def _find_asked(ids: NDArray[np.uint64], asked: Collection[str]) -> NDArray[np.intp]:
    """Return the rows of submissions by their ids, of which some may be none."""
    wanted = np.array([int(text, 16) for text in asked if _ID.fullmatch(text)], dtype=np.uint64)
    return np.flatnonzero(np.isin(ids, wanted))


def settle(rows: Submissions | Outlines, order: NDArray[np.int64] | None) -> Settled:
    """Tell submissions apart, and flag those that are told from others by little.

    Parameters
    ----------
    rows
        Submissions of all files, one file after the other.
    order
        As for `identify`.
    """
    identity = identify(rows.submission_id, rows.form_hash, order)
    bits = rows.flags.copy()
    bits[identity.repeated] |= flags.POSSIBLE_DUPLICATE
    bits[identity.conflict] |= flags.UUID_CONFLICT
    return Settled(identity, bits)


def count_files(
    reports: Sequence[FileReport], line: NDArray[np.integer[Any]], settled: Settled, walks: NDArray[np.int64]
) -> tuple[FileCount, ...]:
    """Count what became of every row of every file.

    Parameters
    ----------
    reports
        The files.
    line
        Line of each submission, one file after the other.
    settled
        Which submissions are duplicates, and their flags.
    walks
        Number of walks of each file that no column names.
    """
    counts, begin = [], 0
    for report, inferred in zip(reports, walks.tolist(), strict=True):
        mine = slice(begin, begin + report.usable)
        counts.append(_count(report, line[mine], settled.flags[mine], settled.identity.duplicate[mine], inferred))
        begin += report.usable
    return tuple(counts)


def _count(
    report: FileReport,
    line: NDArray[np.integer[Any]],
    bits: NDArray[np.uint8],
    duplicate: NDArray[np.bool_],
    walks: int,
) -> FileCount:
    """Count what became of one file's rows, and say what is worth knowing of them."""
    duplicates = int(duplicate.sum())
    remarks = list(report.remarks)
    if duplicates:
        first = line[duplicate].min()
        remarks.append(
            f"{duplicates} rows repeat an earlier one, id and content; they count once. First: line {first}."
        )
    if walks:
        remarks.append(f"No column names the walk of some rows: {walks} walks are told by silences of over 2 hours.")
    for bit, (name, meaning) in flags.MEANINGS.items():
        flagged = ~duplicate & ((bits & bit) > 0)
        if flagged.any():
            remarks.append(f"{int(flagged.sum())} rows {meaning} ({name}). First: line {line[flagged].min()}.")
    return FileCount(
        file=report.file,
        read=report.read,
        accepted=len(line) - duplicates,
        rejected=report.lost,
        duplicates=duplicates,
        replaced=report.replaced,
        forgotten=report.forgotten,
        remarks=tuple(remarks),
        asks_faults=report.asks_faults,
        asks_consent=report.asks_consent,
    )


def _first_of_each_reason(reports: Sequence[FileReport]) -> pd.DataFrame:
    """Return the first row of each reason over all files."""
    frames = [count_by_reason(frame) for report in reports for frame in report.rejected]
    first = count_by_reason(pd.concat(frames, ignore_index=True) if frames else empty_table("rejected"))
    rows = first.pop("rows").to_numpy()
    return validate_table(first, "rejected").assign(rows=rows)
