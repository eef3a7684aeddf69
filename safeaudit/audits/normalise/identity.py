"""Who is who: content hashes, duplicates, versions of one form, and keyed pseudonyms.

A submission's content is the sum, modulo 2**64, of one hash for each of its values. So it depends
neither on the order of columns or rows nor on columns that are empty, nor on the file.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.audits.normalise.cells import words
from safeaudit.audits.normalise.coded import Coded, CodedNumbers, constant, is_constant, look_up
from safeaudit.audits.spans import Spans, mixed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Column = (
        NDArray[np.int32] | NDArray[np.float32] | NDArray[np.float64] | NDArray[np.int64] | Spans | Coded | CodedNumbers
    )

_PSEUDONYM_BYTES = 6


class Identity(NamedTuple):
    """What `identify` found, per row: submissions that stay, and what is said of them."""

    submission_id: NDArray[np.uint64]
    duplicate: NDArray[np.bool_]
    version: NDArray[np.int64]
    conflict: NDArray[np.bool_]
    repeated: NDArray[np.bool_]


def pseudonym(name: str, key: bytes) -> str:
    """Return a keyed pseudonym of 12 hexadecimal digits; empty where there is no name."""
    if not name:
        return ""
    return hashlib.blake2b(words(name).encode(), key=key, digest_size=_PSEUDONYM_BYTES).hexdigest()


def content_hash(values: Mapping[str, Column], n: int) -> NDArray[np.uint64]:
    """Hash what each row holds.

    Parameters
    ----------
    values
        Columns by name: numbers, where NaN is nothing, or texts, where the empty text is nothing;
        each of shape (n,).
    n
        Rows.

    Returns
    -------
    64 bits per row, shape (n,), the same for the same values everywhere.
    """
    total = np.zeros(n, dtype=np.uint64)
    for name, column in values.items():
        total += _column_hash(name, column)
    return total


def identify(ids: NDArray[np.uint64], form: NDArray[np.uint64], order: NDArray[np.int64] | None) -> Identity:
    """Tell duplicates, versions and repeated rows apart.

    Parameters
    ----------
    ids
        What `submission_ids` gives, shape (n,).
    form
        Hash of the form's own id, 0 where there is none, shape (n,).
    order
        When each was made; sorts the versions of one form, the id breaks ties. None where versions do not matter.

    Returns
    -------
    Per row: the submission's id; whether it repeats an earlier row with the same form id and
    content; its version among the contents of its form; whether its form has several contents;
    whether rows without a form id are alike.
    """
    # Most rows share neither id nor form with another: only those that do are looked at.
    duplicate, repeated, conflict = (np.zeros(len(ids), dtype=bool) for _ in range(3))
    # Alike in all they say: with a form's id it is the same form again, without one it may be two people's.
    alike = _shared(ids)
    named, before = form[alike] != 0, _count_before(ids[alike])
    duplicate[alike] = named & (before > 0)
    repeated[alike] = ~named
    # One form's id with several contents: the form was corrected, or its id was given twice. Each is a version.
    several = _shared(form)
    several = several[~duplicate[several]]
    several = several[_shared(form[several])]
    conflict[several] = True
    version = constant(np.int64(1), len(ids))
    if order is not None and len(several):
        version = version.copy()
        several = several[np.lexsort((ids[several], order[several], form[several]))]
        version[several] += _count_before(form[several])
    # Rows that are alike and nameless are kept, each with an id of its own.
    again = ~named & (before > 0)
    if again.any():
        ids = ids.copy()
        ids[alike[again]] = mixed(ids[alike[again]] + before[again].astype(np.uint64))
    return Identity(ids, duplicate, version, conflict, repeated)


def submission_ids(form: NDArray[np.uint64], content: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the id of each submission by the hashes of its form's id and its content: rows that are alike share it."""
    return mixed(content + np.where(form == 0, form, mixed(form)))


def _shared(numbers: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows whose number, other than 0, is that of other rows too."""
    in_order = np.sort(numbers)
    wanted = in_order[1:][(in_order[1:] == in_order[:-1]) & (in_order[1:] != 0)]
    return np.flatnonzero(np.isin(numbers, wanted)) if len(wanted) else np.empty(0, dtype=np.intp)


def _count_before(numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how many rows before have the same number."""
    return pd.Series(numbers).groupby(numbers).cumcount().to_numpy(np.int64)


def hexadecimal(numbers: NDArray[np.uint64]) -> NDArray[np.object_]:
    """Return numbers of 64 bits as texts of 16 hexadecimal digits, shape (n,); they sort as the numbers do."""
    return np.array(numbers.astype(">u8").tobytes().hex(" ", 8).split(), dtype=object)


def _column_hash(name: str, column: Column) -> NDArray[np.uint64]:
    if isinstance(column, Coded):
        return look_up(_column_hash(name, Spans.of(column.texts)), column.codes)
    if isinstance(column, CodedNumbers):
        return _column_hash(name, column.values)[column.codes]
    seed = np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big"))
    if isinstance(column, Spans):
        texts = column.hashes()
        return np.where(texts == 0, texts, mixed(texts ^ seed))
    if is_constant(column):
        return constant(_column_hash(name, column[:1].copy())[0], len(column))
    numbers = column.astype(np.float64) + 0.0  # makes -0.0 and 0.0 one
    return np.where(np.isnan(numbers), np.uint64(0), mixed(numbers.view(np.uint64) ^ seed))
