"""Who rated: pseudonyms of those who are named, and how many agreed on a rating."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit.audits.normalise.answers import MAX_GROUP, read_group_size
from safeaudit.audits.normalise.cells import convert
from safeaudit.audits.normalise.choices import read_choice
from safeaudit.audits.normalise.coded import constant
from safeaudit.audits.normalise.identity import pseudonym

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.audits.normalise.coded import Coded

_NO_SIZE = f"{{n}} group sizes are not from 1 to {MAX_GROUP}, such as {{first}}; they count as 1."


class Auditors(NamedTuple):
    """Who made each row: a keyed pseudonym, and what they say of themselves; empty where nothing is said."""

    pseudonym: Coded
    sex: Coded
    age: Coded
    disability: Coded
    role: Coded


def read_auditors(chunk: Chunk, key: bytes) -> Auditors:
    """Read who made each row."""
    return Auditors(
        pseudonym=_read_pseudonym(chunk, key),
        sex=read_choice(chunk, "auditor_sex"),
        age=read_choice(chunk, "auditor_age"),
        disability=read_choice(chunk, "auditor_disability"),
        role=chunk.coded("auditor_role"),
    )


def read_group_sizes(chunk: Chunk) -> NDArray[np.int64]:
    """Return how many agreed on each rating; 1 where that is not said, or is no such number."""
    if "group_size" not in chunk.columns:
        return constant(np.int64(1), chunk.n)
    cells = chunk.column("group_size")
    sizes: NDArray[np.int64] = convert(cells, read_group_size, 0, np.int64).data
    chunk.remarks.count(_NO_SIZE, sizes == 0, cells)
    return np.maximum(sizes, 1)


def _read_pseudonym(chunk: Chunk, key: bytes) -> Coded:
    """Return a pseudonym of who rated: the auditor where one is named, else the device."""
    auditor = chunk.coded("auditor").changed(lambda name: pseudonym(name, key))
    if "device" not in chunk.columns:
        return auditor
    return auditor.otherwise(chunk.coded("device").changed(lambda name: pseudonym(name and f"device {name}", key)))
