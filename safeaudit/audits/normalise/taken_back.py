"""What somebody took back: which rows that is, of which nothing is kept, and what stands for it without a name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.normalise.identity import hexadecimal, pseudonym
from safeaudit.config import Forgotten, hash_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.audits.normalise.forms import Forms, Reader


def find_taken_back(forms: Forms, ids: NDArray[np.uint64], chunk: Chunk, reader: Reader) -> NDArray[np.bool_]:
    """Say which rows of a chunk somebody took back: by who made them, by their walk, by the form's id or their own."""
    gone = np.zeros(chunk.n, dtype=bool)
    taken = reader.forgotten
    if not taken:
        return gone
    walks = forms.walk_id.changed(lambda name: hash_name(name, reader.key))
    gone |= forms.auditors.pseudonym.where(*taken.auditor) | walks.where(*taken.walk)
    if taken.form:
        gone |= [hash_name(name, reader.key) in taken.form for name in forms.form.texts()]
    return gone | np.isin(hexadecimal(ids), list(taken.submission)) if taken.submission else gone


def drop_taken_back(records: pd.DataFrame, columns: Mapping[str, int], reader: Reader) -> pd.DataFrame:
    """Return records that were no row, without those that somebody took back, as far as their cells tell."""
    if not reader.forgotten or records.empty:
        return records
    return records[[not _is_taken_back(json.loads(row), columns, reader) for row in records["row"]]]


def _is_taken_back(cells: Sequence[str], columns: Mapping[str, int], reader: Reader) -> bool:
    taken, key = reader.forgotten, reader.key
    said = {name: cells[at] for name, at in columns.items() if at < len(cells)}
    person = said.get("auditor") or (f"device {said['device']}" if said.get("device") else "")
    return (
        pseudonym(person, key) in taken.auditor
        or hash_name(said.get("walk_id", ""), key) in taken.walk
        or hash_name(said.get("submission_id", "").removeprefix("uuid:"), key) in taken.form
    )


def find_asked(
    submissions: pd.DataFrame, ids: Sequence[str], auditors: Sequence[str], walks: Sequence[str], key: bytes
) -> Forgotten:
    """Return what stands for the forms, people and walks that are named.

    Parameters
    ----------
    submissions
        Table `submissions`: walks that no column names are known by it alone.
    ids
        Ids of submissions, or forms' own ids.
    auditors
        Names as they stand in the files, or pseudonyms.
    walks
        Names of walks, as in the files or as they were inferred.
    key
        The project's key.
    """
    own = set(submissions["submission_id"].astype("str"))
    known = set(submissions["auditor"].dropna().astype("str"))
    of_walks = submissions.loc[submissions["walk_id"].astype("str").isin(list(walks)), "submission_id"].astype("str")
    return Forgotten(
        auditor=frozenset(name if name in known else pseudonym(name, key) for name in auditors),
        walk=frozenset(hash_name(name, key) for name in walks),
        form=frozenset(hash_name(name.removeprefix("uuid:"), key) for name in ids if name not in own),
        submission=frozenset({*ids} & own | set(of_walks)),
    )
