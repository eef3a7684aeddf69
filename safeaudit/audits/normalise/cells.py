"""Text cells to values: each distinct text is read once, and what cannot be read says why."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from safeaudit.audits.marks import strip_invisible
from safeaudit.audits.normalise.coded import distinct
from safeaudit.audits.normalise.digits import decimals
from safeaudit.audits.spans import Spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from safeaudit.audits.cells import Texts

QUOTED_LENGTH = 60

_SIGNS = str.maketrans(
    {
        "\u2212": "-",  # minus
        "\u2013": "-",  # en dash
        "\u066b": ".",  # Arabic decimal separator
        "\u00ba": "\u00b0",  # ordinal sign used as degrees
        "\u2032": "'",
        "\u2019": "'",
        "\u00b4": "'",
        "\u2033": '"',
        "\u201d": '"',
        "\u201c": '"',
    }
)
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")


class Problem(NamedTuple):
    """Why a cell cannot be read or used: one word, and a sentence in which `{value}` stands for the cell."""

    code: str
    sentence: str


class Converted(NamedTuple):
    """What became of a column: its data, and per row the number of its problem in `problems`, -1 where fine."""

    data: NDArray[Any]
    problem: NDArray[np.int64]
    problems: tuple[Problem, ...]

    def has(self, code: str) -> NDArray[np.bool_]:
        """Say of each row whether its problem has this code."""
        wanted = [index for index, problem in enumerate(self.problems) if problem.code == code]
        return np.isin(self.problem, wanted) if wanted else np.zeros(len(self.problem), dtype=bool)

    def by_row(self, codes: NDArray[np.intp]) -> Converted:
        """Return what became of rows, where this is what became of the distinct texts."""
        return Converted(self.data[codes], self.problem[codes], self.problems)


def convert(cells: Texts, parse: Callable[[str], Any], empty: Any, dtype: Any) -> Converted:
    """Read a column of text, each distinct text once.

    Parameters
    ----------
    cells
        The texts, shape (n,).
    parse
        Takes a stripped text; returns its value or a `Problem`.
    empty
        Value that stands where there is a problem.
    dtype
        Type of the values; a structured one where `parse` returns tuples.

    Returns
    -------
    The values and problems, per row.
    """
    codes, of_texts = convert_distinct(cells, parse, empty, dtype)
    return of_texts.by_row(codes)


def convert_distinct(
    cells: Texts, parse: Callable[[str], Any], empty: Any, dtype: Any
) -> tuple[NDArray[np.intp], Converted]:
    """Return the number of each row's text, and what became of the distinct texts; see `convert`."""
    codes, texts = distinct(cells)
    parsed = [parse(strip_invisible(text)) for text in texts]
    problems = tuple(dict.fromkeys(value for value in parsed if isinstance(value, Problem)))
    if problems:
        number_of = {problem: index for index, problem in enumerate(problems)}
        problem = np.array([number_of[value] if isinstance(value, Problem) else -1 for value in parsed], dtype=np.int64)
        parsed = [empty if isinstance(value, Problem) else value for value in parsed]
    else:
        problem = np.full(len(parsed), -1, dtype=np.int64)
    return codes, Converted(np.array(parsed, dtype=dtype), problem, problems)


def text_at(cells: Texts, row: int) -> str:
    """Return the text of one row."""
    return str(cells.at([row]).texts()[0] if isinstance(cells, Spans) else cells[row])


def plain_numbers(cells: Texts) -> NDArray[np.float64] | None:
    """Return a column whose cells are plain decimal numbers or empty (NaN), shape (n,); None where one is not."""
    return decimals(cells if isinstance(cells, Spans) else Spans.of(cells))


def words(text: str) -> str:
    """Return a text as it is compared: one form of each letter, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def quote(text: str) -> str:
    """Return a text as it is quoted in a sentence: on one line, and not longer than 60 characters."""
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= QUOTED_LENGTH else f'"{line[: QUOTED_LENGTH - 1]}…"'


def read_number(text: str) -> float:
    """Return the number a text holds, in any script's digits, with a point or a comma; NaN where it holds none."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        plain = simplify(text)
    return float(plain) if NUMBER.fullmatch(plain) else math.nan


def simplify(text: str) -> str:
    """Return a text with plain signs and spaces, and a decimal comma as a point."""
    plain = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).strip()
    return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
