"""Cells of an input file as text: what `sources` hand on and `normalise` makes rows of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.spans import Block, Spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

Texts = Spans | np.ndarray[tuple[int], np.dtype[np.object_]]
"""A column of text: spans, or objects of shape (n,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Cells of one input file as text, in the order of the file: what `sources` hand on.

    Attributes
    ----------
    file
        The file's name, for people.
    header
        Column names as they stand in the file.
    lines
        Line of the file where each record starts, shape (n,).
    columns
        One array of str per column, each of shape (n,); of a large text a `Block`, which makes them when asked.
    rejected
        Records that could not be read as a row (table `rejected`).
    remarks
        What was detected and taken for granted, as sentences.
    sha256
        SHA-256 of the file, hexadecimal.
    """

    file: str
    header: tuple[str, ...]
    lines: NDArray[np.int64]
    columns: Sequence[NDArray[np.object_]]
    rejected: pd.DataFrame
    remarks: tuple[str, ...] = ()
    sha256: str = ""

    def first(self, n: int) -> Cells:
        """Return the first records, without remarks."""
        few = self.columns.at(slice(n)) if isinstance(self.columns, Block) else [cells[:n] for cells in self.columns]
        return replace(self, lines=self.lines[:n], columns=few, remarks=())

    def texts(self, at: int) -> Texts:
        """Return a column without making objects of its cells where that can be spared."""
        return self.columns.spans(at) if isinstance(self.columns, Block) else self.columns[at]

    def row(self, at: int) -> list[str]:
        """Return the cells of one record."""
        return self.columns.row(at) if isinstance(self.columns, Block) else [str(cells[at]) for cells in self.columns]
