"""Who rated: pseudonyms of those who are named, and how many agreed on a rating."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit.audits.normalise.answers import read_people
from safeaudit.audits.normalise.cells import convert
from safeaudit.audits.normalise.choices import read_choice
from safeaudit.audits.normalise.coded import constant
from safeaudit.audits.normalise.identity import pseudonym
from safeaudit.config import MAX_GROUP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.audits.normalise.coded import Coded

_NO_SIZE = f"{{n}} group sizes are not from 1 to {MAX_GROUP}, such as {{first}}; they count as 1."
_NO_PART = f"{{n}} numbers of women, men or others are not from 0 to {MAX_GROUP}, such as {{first}}; they are left out."
_LARGER = (
    "{n} groups hold more women, men and others than their size says, such as {first}; they count as all of these."
)
PARTS = ("group_women", "group_men", "group_other")
"""Fields that say of whom a group was."""


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


class Groups(NamedTuple):
    """How many agreed on each rating, NaN where that is not said; and how many of them were of which sex."""

    size: NDArray[np.float64]
    women: NDArray[np.float64]
    men: NDArray[np.float64]
    other: NDArray[np.float64]


def read_groups(chunk: Chunk) -> Groups:
    """Read of how many people each row is: what is no number of a group counts as not said.

    Where the size is not said it is the sum of women, men and others; where it is said and smaller, the sum counts.
    """
    size = _read_people(chunk, "group_size", _NO_SIZE, least=1)
    parts = [_read_people(chunk, name, _NO_PART, least=0) for name in PARTS]
    if not any(name in chunk.columns for name in PARTS):
        return Groups(size, *parts)
    together = np.nansum(parts, axis=0)
    chunk.remarks.count(_LARGER, together > size, chunk.column("group_size"))
    return Groups(np.fmax(size, np.where(together > 0, together, np.nan)), *parts)


def _read_people(chunk: Chunk, field: str, sentence: str, *, least: int) -> NDArray[np.float64]:
    """Read a column of numbers of people; NaN where nothing is said, or no such number."""
    if field not in chunk.columns:
        return constant(np.nan, chunk.n)
    cells = chunk.column(field)
    people: NDArray[np.float64] = convert(cells, read_people, np.nan, np.float64).data
    chunk.remarks.count(sentence, people < least, cells)
    return np.where(people >= least, people, np.nan)


def _read_pseudonym(chunk: Chunk, key: bytes) -> Coded:
    """Return a pseudonym of who rated: the auditor where one is named, else the device."""
    auditor = chunk.coded("auditor").changed(lambda name: pseudonym(name, key))
    if "device" not in chunk.columns:
        return auditor
    return auditor.otherwise(chunk.coded("device").changed(lambda name: pseudonym(name and f"device {name}", key)))
