"""Rejected rows that people mended: each stands for the row of the file and line that it names."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.audits.normalise.cells import Problem, convert, read_number
from safeaudit.audits.normalise.problems import CONSENT, UNWANTED
from safeaudit.tables import ORIGIN_FILE, ORIGIN_LINE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.config import AuditSettings

ORIGIN: Mapping[str, str] = {name: name for name in (ORIGIN_FILE, ORIGIN_LINE)}
"""Columns by which a mended row says which row it stands for."""
_MENDS_NOTHING = Problem(
    "MENDS_NOTHING",
    "No row that was rejected stands there now, or an earlier row of this file mends it already. If the file that this "
    "one mends was exported anew, take its rejected rows from the next run.",
)


class Mending:
    """The rejected rows of one file, and which of them another file mends.

    Several rows may start in one line, as those of a repeat do: as many rows of that line may be mended.
    """

    def __init__(self, sha256: str, rejected: pd.DataFrame) -> None:
        """Take the hash of a file and its rejected rows."""
        self._sha256 = sha256
        self._rejected = rejected
        self._open = rejected["line"].value_counts()
        self._refused = set(rejected.loc[rejected["code"].isin(UNWANTED), "line"])
        self._mended = pd.Series(dtype=np.int64)

    def match(self, chunk: Chunk) -> None:
        """Find the row that each row mends; put a problem where there is none, and where somebody refused."""
        given = convert(chunk.column(ORIGIN_LINE), read_number, np.nan, np.float64).data
        mine = chunk.coded(ORIGIN_FILE).where(self._sha256)
        line = pd.Series(np.where(mine & np.isfinite(given), given, -1)).astype(np.int64)
        before = line.groupby(line).cumcount() + line.map(self._mended.value_counts()).fillna(0)
        fits = (before < line.map(self._open).fillna(0)).to_numpy()
        self._mended = pd.concat([self._mended, line[fits]])
        chunk.problems.add(chunk.columns[ORIGIN_LINE], ~fits, _MENDS_NOTHING)
        chunk.problems.add(chunk.columns[ORIGIN_LINE], fits & line.isin(self._refused).to_numpy(), CONSENT)

    def left(self) -> pd.DataFrame:
        """Return the rejected rows that nothing mends."""
        rank = self._rejected.groupby("line").cumcount()
        return self._rejected[rank >= self._rejected["line"].map(self._mended.value_counts()).fillna(0)]


def read_as(settings: AuditSettings, mended: AuditSettings, columns: Mapping[str, str]) -> AuditSettings:
    """Return the settings that a file of mended rows is read with: those of what it mends, but for its own text."""
    return replace(
        mended,
        file=settings.file,
        mends=settings.mends,
        encoding=settings.encoding,
        delimiter=settings.delimiter,
        columns=MappingProxyType({**columns, **ORIGIN}),
    )
