"""A chunk of a file's rows while it is read: its cells, which column holds which field, what is wrong, what to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from safeaudit.audits.normalise.cells import quote, text_at
from safeaudit.audits.normalise.coded import Coded, constant, encode
from safeaudit.audits.normalise.problems import WHOLE_ROW
from safeaudit.audits.spans import Spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from safeaudit.audits.cells import Cells, Texts
    from safeaudit.audits.normalise.problems import Problems


class Remarks:
    """What people should know of a file, counted: one sentence for each kind, with the first example."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, str]] = {}

    def count(self, sentence: str, rows: NDArray[np.bool_], examples: Texts | NDArray[Any]) -> None:
        """Count the rows in a mask; `{n}` in the sentence is their number, `{first}` the first example."""
        if rows.any():
            n, first = self._counts.get(sentence, (0, quote(text_at(examples, int(rows.argmax())))))
            self._counts[sentence] = n + int(rows.sum()), first

    def sentences(self) -> tuple[str, ...]:
        """Return the sentences, in the order they were first counted."""
        return tuple(
            sentence.replace("{n}", str(n)).replace("{first}", first) for sentence, (n, first) in self._counts.items()
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of cells.

    Attributes
    ----------
    cells
        The cells.
    columns
        Number of the column that holds each field.
    problems, remarks
        Take what is wrong with rows, and what is worth knowing of them.
    """

    cells: Cells
    columns: Mapping[str, int]
    problems: Problems
    remarks: Remarks

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.cells.lines)

    def column(self, field: str) -> Texts:
        """Return the column of a field without making objects of its cells where that can be spared."""
        return self.cells.texts(self.columns[field]) if field in self.columns else Spans.empty(self.n)

    def texts(self, field: str) -> NDArray[np.object_]:
        """Return the column of a field; empty texts where there is none."""
        if field in self.columns:
            return self.cells.columns[self.columns[field]]
        return np.full(self.n, "", dtype=object)

    def coded(self, field: str) -> Coded:
        """Return the column of a field by its distinct texts, stripped; empty texts where there is none."""
        if field in self.columns:
            return encode(self.cells.texts(self.columns[field]))
        return Coded(constant(np.int32(0), self.n), ("",))

    def column_to_blame(self, *fields: str) -> int:
        """Return the column of the first of these fields that there is; the whole row where there is none."""
        return next((self.columns[field] for field in fields if field in self.columns), WHOLE_ROW)
