"""Who is who across files, and what became of every row: for the tables, and for `check`, which needs none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.audits.normalise import reading
from safeaudit.audits.normalise.cells import Coded, objects
from safeaudit.audits.normalise.faults import by_reason
from safeaudit.audits.normalise.identity import Identity, hexadecimal, identify
from safeaudit.audits.normalise.walks import infer_walks
from safeaudit.tables import FileCount, empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from safeaudit.audits.normalise.ledger import Ledger
    from safeaudit.audits.normalise.reading import Columns, FileRows

_FLAGS = {
    reading.DATE_ONLY: ("DATE_ONLY", "say the day and not the hour: the sun cannot tell whether it was dark"),
    reading.LOW_PRECISION: ("LOW_PRECISION", "have a fix worse than 100 m"),
    reading.POSSIBLE_DUPLICATE: ("POSSIBLE_DUPLICATE", "are alike and have no id: they may be duplicates"),
    reading.UUID_CONFLICT: (
        "UUID_CONFLICT",
        "share an id with another row of other content: all are kept, as versions",
    ),
    reading.ON_HOLD: ("ON_HOLD", "are on hold or have issues, as the office says; they are used"),
    reading.LIGHT_DIFFERS: ("LIGHT_DIFFERS", "say day where the sun says dark, or the other way; the sun counts"),
    reading.FAULT_UNKNOWN: ("FAULT_UNKNOWN", "name something to be mended that is not known"),
    reading.BY_STREET: ("BY_STREET", "have no position and no code, and were placed by their street and walk"),
}
FLAG_WORDS = tuple(" ".join(name for bit, (name, _) in _FLAGS.items() if bits & bit) for bits in range(256))
"""The flags of a submission in words, by its bits."""
_ID = re.compile("[0-9a-f]{16}")


class Settled(NamedTuple):
    """Who is who among the rows of all files, the flags of each, and the count of every file."""

    identity: Identity
    flags: NDArray[np.uint8]
    counts: tuple[FileCount, ...]


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
    """

    counts: tuple[FileCount, ...]
    reasons: pd.DataFrame
    named: pd.DataFrame


def count_rows(files: Sequence[FileRows], ledger: Ledger, asked: Collection[str]) -> Tally:
    """Count the rows of files that were written down briefly; see `normalise.tally`."""
    rows = ledger.columns()
    ends = np.cumsum([file.usable for file in files], dtype=np.int64)
    names = [file.file for file in files]
    unnamed: NDArray[np.int64] = rows["unnamed_row"]
    silent = np.searchsorted(ends, unnamed, side="right")
    nowhere = Coded(np.zeros(len(silent), dtype=np.int32), ("",))
    _, begun = infer_walks(nowhere, silent, rows["unnamed_campaign"], rows["unnamed_us"], names)
    found = settle(files, rows, None, np.bincount(silent[begun], minlength=len(files)))
    ids = found.identity.submission_id
    at = np.union1d(rows["named_row"], _asked(ids, asked))
    at = at[~found.identity.duplicate[at]]
    code = pd.Series(objects(rows["place_code"].texts), dtype=object)[rows["place_code"].codes]
    named = pd.DataFrame(
        {
            "submission_id": hexadecimal(ids[at]),
            "source": objects(names)[np.searchsorted(ends, at, side="right")],
            "line": rows["line"][at],
            "place_code": code.set_axis(rows["named_row"]).reindex(at).to_numpy(),
        }
    )
    return Tally(found.counts, _reasons(files), named.sort_values("submission_id", ignore_index=True))


def _asked(ids: NDArray[np.uint64], asked: Collection[str]) -> NDArray[np.intp]:
    """Return the rows of submissions by their ids, of which some may be none."""
    wanted = np.array([int(text, 16) for text in asked if _ID.fullmatch(text)], dtype=np.uint64)
    return np.flatnonzero(np.isin(ids, wanted))


def settle(
    files: Sequence[FileRows],
    rows: Columns,
    order: NDArray[np.int64] | None,
    walks: NDArray[np.int64],
) -> Settled:
    """Tell submissions apart and count what became of every row.

    Parameters
    ----------
    files
        The files.
    rows
        Their id, form_hash, flags and line, one file after the other; the ids are taken out, the flags added to.
    order
        As for `identify`.
    walks
        Number of walks of each file that no column names.
    """
    found = identify(rows.pop("id"), rows.pop("form_hash"), order)
    flags = rows["flags"]
    flags[found.repeated] |= reading.POSSIBLE_DUPLICATE
    flags[found.conflict] |= reading.UUID_CONFLICT
    counts, begin = [], 0
    for file, inferred in zip(files, walks.tolist(), strict=True):
        mine = slice(begin, begin + file.usable)
        counts.append(_count(file, rows["line"][mine], flags[mine], found.duplicate[mine], inferred))
        begin += file.usable
    return Settled(found, flags, tuple(counts))


def _count(
    file: FileRows, line: NDArray[np.int64], flags: NDArray[np.uint8], duplicate: NDArray[np.bool_], walks: int
) -> FileCount:
    """Count what became of one file's rows, and say what is worth knowing of them."""
    duplicates = int(duplicate.sum())
    remarks = list(file.remarks)
    if duplicates:
        first = line[duplicate].min()
        remarks.append(
            f"{duplicates} rows repeat an earlier one, id and content; they count once. First: line {first}."
        )
    if walks:
        remarks.append(f"No column names the walk of some rows: {walks} walks are told by silences of over 2 hours.")
    for bit, (name, meaning) in _FLAGS.items():
        flagged = ~duplicate & ((flags & bit) > 0)
        if flagged.any():
            remarks.append(f"{int(flagged.sum())} rows {meaning} ({name}). First: line {line[flagged].min()}.")
    return FileCount(
        file=file.file,
        read=file.read,
        accepted=len(line) - duplicates,
        rejected=file.lost,
        duplicates=duplicates,
        remarks=tuple(remarks),
    )


def _reasons(files: Sequence[FileRows]) -> pd.DataFrame:
    """Return the first row of each reason over all files."""
    found = [frame for file in files for frame in file.rejected]
    first = by_reason(pd.concat(found, ignore_index=True) if found else empty_table("rejected"))
    rows = first.pop("rows").to_numpy()
    return validate_table(first, "rejected").assign(rows=rows)
