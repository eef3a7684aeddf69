"""Who is who across files, and what became of every row: for the tables, and for `check`, which needs none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.normalise import reading
from safeaudit.normalise.cells import Coded
from safeaudit.normalise.faults import by_reason
from safeaudit.normalise.identity import Identity, hexadecimal, identify
from safeaudit.normalise.walks import infer_walks
from safeaudit.spans import Spans
from safeaudit.tables import FileCount, empty_table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from safeaudit.normalise.reading import Columns, FileRows

_FLAGS = {
    reading.DATE_ONLY: ("DATE_ONLY", "say the day and not the hour: whether it was dark is unknown"),
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
_HEXADECIMAL = re.compile("[0-9a-f]{1,16}")


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


def count_rows(files: Sequence[FileRows], no_rows: Columns, asked: Collection[str]) -> Tally:
    """Count the rows of files that were read briefly; see `normalise.tally`."""
    silent = np.repeat(np.arange(len(files)), sizes(files, "unnamed_us"))
    n = sizes(files, "line")
    rows = joined(files, no_rows)
    us, campaign = rows.pop("unnamed_us"), rows.pop("unnamed_campaign")
    nowhere = Coded(np.zeros(len(us), dtype=np.int32), ("",))
    _, begun = infer_walks(nowhere, silent, campaign, us, [file.file for file in files])
    found = settle(files, n, rows, None, np.bincount(silent[begun], minlength=len(files)))
    return Tally(found.counts, _reasons(files), _named(files, n, rows, found.identity, asked))


def settle(
    files: Sequence[FileRows],
    n: Sequence[int],
    rows: Columns,
    order: NDArray[np.int64] | None,
    walks: NDArray[np.int64],
) -> Settled:
    """Tell submissions apart and count what became of every row.

    Parameters
    ----------
    files
        The files.
    n
        Rows of each that can be used.
    rows
        Their id, form_hash, flags and line, one file after the other; the first two are taken out.
    order
        As for `identify`.
    walks
        Number of walks of each file that no column names.
    """
    found = identify(rows.pop("id"), rows.pop("form_hash"), order)
    flags = rows["flags"] | (reading.POSSIBLE_DUPLICATE * found.repeated).astype(np.uint8)
    flags |= (reading.UUID_CONFLICT * found.conflict).astype(np.uint8)
    ends = np.cumsum([0, *n]).tolist()
    counts = []
    for file, begin, end, inferred in zip(files, ends, ends[1:], walks.tolist(), strict=False):
        mine = slice(begin, end)
        counts.append(_count(file, rows["line"][mine], flags[mine], found.duplicate[mine], inferred))
    return Settled(found, flags, tuple(counts))


def sizes(files: Sequence[FileRows], name: str) -> list[int]:
    """Return the length of a column in each file."""
    return [sum(len(chunk[name]) for chunk in file.chunks) for file in files]


def joined(files: Sequence[FileRows], no_rows: Columns) -> Columns:
    """Return the columns of all chunks, one after the other; the files are left without."""
    chunks = [no_rows, *(chunk for file in files for chunk in file.chunks)]
    for file in files:
        file.chunks.clear()
    return {name: one_column([chunk.pop(name) for chunk in chunks]) for name in list(no_rows)}


def one_column(parts: Sequence[Any]) -> Any:
    """Join the parts of a column; the texts of a coded one are sorted, and stand once each."""
    if isinstance(parts[0], Spans):
        return Spans.joined(parts)
    if not isinstance(parts[0], Coded):
        return np.concatenate(parts)
    texts = tuple(sorted({text for part in parts for text in part.texts}))
    if len(texts) == 1:
        return Coded(np.broadcast_to(np.int32(0), sum(len(part.codes) for part in parts)), texts)
    place = {text: code for code, text in enumerate(texts)}
    codes = [np.array([place[text] for text in part.texts], dtype=np.int32)[part.codes] for part in parts]
    return Coded(np.concatenate(codes), texts)


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
    return by_reason(pd.concat(found, ignore_index=True) if found else empty_table("rejected"))


def _named(
    files: Sequence[FileRows], n: Sequence[int], rows: Columns, found: Identity, asked: Collection[str]
) -> pd.DataFrame:
    """Return the submissions with a place code, and those that were asked for, sorted by id."""
    wanted = np.array([int(text, 16) for text in asked if _HEXADECIMAL.fullmatch(text)], dtype=np.uint64)
    named = ~rows["place_code"].where("") | np.isin(found.submission_id, wanted)
    kept = np.flatnonzero(named & ~found.duplicate)
    kept = kept[np.argsort(found.submission_id[kept])]
    source = np.searchsorted(np.cumsum(n), kept, side="right")
    codes = np.array([text or None for text in rows["place_code"].texts], dtype=object)
    return pd.DataFrame(
        {
            "submission_id": hexadecimal(found.submission_id[kept]),
            "source": np.array([file.file for file in files], dtype=object)[source],
            "line": rows["line"][kept],
            "place_code": codes[rows["place_code"].codes[kept]],
        }
    )
