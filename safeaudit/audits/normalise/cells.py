"""Text cells to numbers: each distinct text is read once, and what cannot be read says why."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.audits.normalise.digits import decimals
from safeaudit.audits.spans import Spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from safeaudit.audits.cells import Texts

SHOWN_LENGTH = 60


class Fault(NamedTuple):
    """Why a cell cannot be taken: one word, and a sentence in which `{value}` stands for the cell."""

    code: str
    sentence: str


COORD_MISSING = Fault("COORD_MISSING", "This row has no position.")


class Converted(NamedTuple):
    """What became of a column: its data, and per row the number of its fault in `faults`, -1 where fine."""

    data: NDArray[Any]
    fault: NDArray[np.int64]
    faults: tuple[Fault, ...]

    def has(self, code: str) -> NDArray[np.bool_]:
        """Say of each row whether its fault has this code."""
        wanted = [index for index, fault in enumerate(self.faults) if fault.code == code]
        return np.isin(self.fault, wanted) if wanted else np.zeros(len(self.fault), dtype=bool)

    def of(self, codes: NDArray[np.intp]) -> Converted:
        """Return what became of rows, where this is what became of the distinct texts."""
        return Converted(self.data[codes], self.fault[codes], self.faults)


def convert(cells: Texts, parse: Callable[[str], Any], empty: Any, dtype: Any) -> Converted:
    """Read a column of text, each distinct text once.

    Parameters
    ----------
    cells
        The texts, shape (n,).
    parse
        Takes a stripped text; returns its value or a `Fault`.
    empty
        Value that stands where there is a fault.
    dtype
        Type of the values; a structured one where `parse` returns tuples.

    Returns
    -------
    The values and faults, per row.
    """
    codes, found = convert_distinct(cells, parse, empty, dtype)
    return found.of(codes)


def convert_distinct(
    cells: Texts, parse: Callable[[str], Any], empty: Any, dtype: Any
) -> tuple[NDArray[np.intp], Converted]:
    """Return the number of each row's text, and what became of the distinct texts; see `convert`."""
    codes, texts = _distinct(cells)
    parsed = [parse(text.strip()) for text in texts]
    faults = tuple(dict.fromkeys(value for value in parsed if isinstance(value, Fault)))
    if faults:
        number = {fault: index for index, fault in enumerate(faults)}
        fault = np.array([number[value] if isinstance(value, Fault) else -1 for value in parsed], dtype=np.int64)
        parsed = [empty if isinstance(value, Fault) else value for value in parsed]
    else:
        fault = np.full(len(parsed), -1, dtype=np.int64)
    return codes, Converted(np.array(parsed, dtype=dtype), fault, faults)


def _distinct(cells: Texts) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    return cells.distinct() if isinstance(cells, Spans) else pd.factorize(cells)


def constant(value: Any, n: int) -> NDArray[Any]:
    """Return an array of one value that takes the memory of one, shape (n,)."""
    return np.broadcast_to(np.asarray(value), n)


def is_constant(column: NDArray[Any]) -> bool:
    """Say whether a column was made by `constant`."""
    return len(column) > 0 and column.strides == (0,)


def looked_up(table: NDArray[Any], codes: NDArray[np.integer[Any]]) -> NDArray[Any]:
    """Return what stands in a table at the place of each row; of a constant column a constant one."""
    return constant(table[codes[0]], len(codes)) if is_constant(codes) else table[codes]


def taken(column: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Return some rows, told by numbers or by a mask; of a constant column a constant one."""
    if not is_constant(column):
        return column[rows]
    return constant(column[0], int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows))


class Coded(NamedTuple):
    """A column of text: the number of each row's text in `texts`, where a text may stand more than once."""

    codes: NDArray[np.integer[Any]]
    texts: tuple[str, ...]

    def at(self, rows: NDArray[Any]) -> Coded:
        """Return some of the rows."""
        return Coded(taken(self.codes, rows), self.texts)

    def in_order(self) -> Coded:
        """Return the column with its texts sorted, once each."""
        texts = tuple(sorted(set(self.texts)))
        place = {text: code for code, text in enumerate(texts)}
        ranks = np.array([place[text] for text in self.texts], dtype=np.int32)
        return Coded(looked_up(ranks, self.codes), texts)

    def changed(self, change: Callable[[str], str]) -> Coded:
        """Return the column with each text changed."""
        return Coded(self.codes, tuple(map(change, self.texts)))

    def where(self, *wanted: str) -> NDArray[np.bool_]:
        """Say of each row whether its text is one of these."""
        found = np.array([text in wanted for text in self.texts], dtype=bool)
        return looked_up(found, self.codes) if found.any() else np.zeros(len(self.codes), dtype=bool)

    def otherwise(self, other: Coded) -> Coded:
        """Return the column with another's texts where its own are empty."""
        codes = np.where(self.where(""), len(self.texts) + other.codes, self.codes)
        return Coded(codes, (*self.texts, *other.texts))


class Looked(NamedTuple):
    """A column of numbers: the place of each row's number in `values`, where a number may stand more than once."""

    codes: NDArray[np.intp]
    values: NDArray[np.float64]


def coded(cells: Texts) -> Coded:
    """Return a column of text, stripped, by its distinct texts."""
    codes, texts = _distinct(cells)
    return Coded(codes.astype(np.int32), tuple(text.strip() for text in texts))


def text_at(cells: Texts, row: int) -> str:
    """Return the text of one row."""
    return str(cells.at([row]).texts()[0] if isinstance(cells, Spans) else cells[row])


def plain_numbers(cells: Texts) -> NDArray[np.float64] | None:
    """Return a column whose cells are plain decimal numbers or empty (NaN), shape (n,); None where one is not."""
    return decimals(cells if isinstance(cells, Spans) else Spans.of(cells))


def objects(values: Iterable[Any]) -> NDArray[np.object_]:
    """Return values as an array of objects, shape (n,)."""
    items = list(values)
    array: NDArray[np.object_] = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def words(text: str) -> str:
    """Return a text as it is compared: one form of each letter, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def shown(text: str) -> str:
    """Return a text as it is quoted in a sentence: on one line, and not longer than 60 characters."""
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= SHOWN_LENGTH else f'"{line[: SHOWN_LENGTH - 1]}…"'


def number(text: str) -> float:
    """Return the number a text holds, in any script's digits, with a point or a comma; NaN where it holds none."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        plain = _simplified(text)
    return float(plain) if _NUMBER.fullmatch(plain) else math.nan


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
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_DEGREES = re.compile(
    r"""(?P<before>[NSEW]?)\ *(?P<sign>[+-]?)\ *(?P<degrees>\d+(\.\d+)?)\ *[°:d]?\ *
        ((?P<minutes>\d+(\.\d+)?)\ *[':m]?\ *)?
        ((?P<seconds>\d+(\.\d+)?)\ *("|''|s)?\ *)?
        (?P<after>[NSEW]?)""",
    re.VERBOSE,
)
_SEXAGESIMAL = 60
_FORMAT = Fault("COORD_FORMAT", "{value} is no coordinate. Write degrees, as in 19.0712.")


def coordinate(text: str, letters: str) -> tuple[float, bool] | Fault:
    """Read one coordinate.

    Parameters
    ----------
    text
        Decimal degrees, or degrees with minutes and seconds, in any script's digits.
    letters
        The two letters it may carry: "NS" for a latitude, "EW" for a longitude.

    Returns
    -------
    The number, and whether it was more than a plain number to read; or a fault.
    """
    try:
        value, reread = float(text), not text.isascii()
    except ValueError:
        value, reread = _degrees(text, letters), True
    if not text:
        return COORD_MISSING
    return (value, reread) if math.isfinite(value) and "_" not in text else _FORMAT


def position(text: str) -> tuple[float, float, float] | Fault:
    """Read "latitude longitude altitude accuracy", of which the last two may be missing."""
    if not text:
        return COORD_MISSING
    parts = [number(part) for part in text.replace(", ", " ").split()]
    if not 2 <= len(parts) <= 4 or not all(map(math.isfinite, parts)):  # noqa: PLR2004 - the four of a geopoint
        return Fault("COORD_FORMAT", '{value} is no position. Write "latitude longitude", as in "19.0712 72.8801".')
    return parts[0], parts[1], parts[3] if len(parts) > 3 else math.nan  # noqa: PLR2004 - accuracy is the fourth


def _simplified(text: str) -> str:
    """Return a text with plain signs and spaces, and a decimal comma as a point."""
    plain = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).strip()
    return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain


def _degrees(text: str, letters: str) -> float:
    """Return the degrees of a text that is no plain number, NaN where it is not understood."""
    plain = _simplified(text)
    if _NUMBER.fullmatch(plain):
        return float(plain)
    found = _DEGREES.fullmatch(plain.upper().replace("D", "d").replace("M", "m").replace("''", '"'))
    if found is None or (found["before"] and found["after"]) or set(plain) <= set("0123456789. +-"):
        return math.nan
    letter = found["before"] or found["after"]
    minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
    if (letter and letter not in letters) or max(minutes, seconds) >= _SEXAGESIMAL:
        return math.nan
    if (found["minutes"] and "." in found["degrees"]) or (found["seconds"] and "." in found["minutes"]):
        return math.nan
    size = float(found["degrees"]) + minutes / 60 + seconds / 3600
    return -size if (letter in tuple("SW")) != (found["sign"] == "-") else size
