"""Who is who: content hashes, duplicates, versions of one form, and keyed pseudonyms.

A submission's content is the sum, modulo 2**64, of one hash for each of its values. So it depends
neither on the order of columns or rows nor on columns that are empty, nor on the file.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.normalise.cells import Coded, objects, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

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


def content_hash(
    values: Mapping[str, NDArray[np.float64] | NDArray[np.int64] | NDArray[np.object_] | Coded], n: int
) -> NDArray[np.uint64]:
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


def identify(form: NDArray[np.object_], content: NDArray[np.uint64], order: NDArray[np.int64]) -> Identity:
    """Tell duplicates, versions and repeated rows apart.

    Parameters
    ----------
    form
        The form's own id, empty where there is none, shape (n,).
    content
        Hash of the content, shape (n,).
    order
        When each was made; sorts the versions of one form, the content breaks ties.

    Returns
    -------
    Per row: the submission's id; whether it repeats an earlier row with the same form id and
    content; its version among the contents of its form; whether its form has several contents;
    whether rows without a form id are alike.
    """
    named = form != ""
    ids = pd.util.hash_array(form)
    rows = pd.DataFrame({"form": np.where(named, ids, np.uint64(0)), "content": content, "order": order})
    alike = rows.duplicated(["form", "content"]).to_numpy()
    duplicate = named & alike
    occurrence = _occurrence(rows, alike & ~named)
    several = rows[named & ~duplicate]
    several = several[several.duplicated("form", keep=False)].sort_values(["form", "order", "content"])
    version = pd.Series(1, index=rows.index, dtype=np.int64)
    version.loc[several.index] = several.groupby("form", sort=False).cumcount() + 1
    conflict = named & rows["form"].isin(several["form"]).to_numpy()
    repeated = ~named & rows[~named].duplicated("content", keep=False).reindex(rows.index, fill_value=False).to_numpy()
    return Identity(
        submission_id=_mixed(content + np.where(named, _mixed(ids), occurrence)),
        duplicate=duplicate,
        version=version.to_numpy(),
        conflict=conflict,
        repeated=repeated,
    )


def _occurrence(rows: pd.DataFrame, repeats: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return the number of each row among rows without a form id that are alike; 0 for the first."""
    occurrence = np.zeros(len(rows), dtype=np.uint64)
    if repeats.any():
        unnamed = rows[rows["form"] == 0]
        occurrence[unnamed.index] = unnamed.groupby("content", sort=False).cumcount().to_numpy(dtype=np.uint64)
    return occurrence


def hexadecimal(numbers: NDArray[np.uint64]) -> NDArray[np.object_]:
    """Return numbers of 64 bits as texts of 16 hexadecimal digits, shape (n,); they sort as the numbers do."""
    digits = numbers.astype(">u8").tobytes().hex().encode()
    return np.frombuffer(digits, dtype="S16").astype("U16").astype(object)


def _column_hash(
    name: str, column: NDArray[np.float64] | NDArray[np.int64] | NDArray[np.object_] | Coded
) -> NDArray[np.uint64]:
    if isinstance(column, Coded):
        return _column_hash(name, objects(column.texts))[column.codes]
    seed = np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big"))
    if column.dtype == object:
        return np.where(column == "", np.uint64(0), _mixed(pd.util.hash_array(column) ^ seed))
    numbers = column.astype(np.float64) + 0.0  # makes -0.0 and 0.0 one
    return np.where(np.isnan(numbers), np.uint64(0), _mixed(numbers.view(np.uint64) ^ seed))


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread 64 bits over 64 bits: the finaliser of splitmix64."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
