"""What a light meter showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.normalise.cells import Problem, convert, read_number
from safeaudit.audits.normalise.coded import constant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk

MAX_LUX = 200_000
"""More than the sun gives."""

_FORMAT = Problem("LUX", "{value} is no number of lux. Leave it empty where nothing was measured.")
_RANGE = Problem("LUX", f"{{value}} is no illuminance: it must be from 0 to {MAX_LUX} lux.")


def read_lux(chunk: Chunk) -> NDArray[np.float64]:
    """Return what was measured in each row, lux; NaN where nothing was."""
    if "lux" not in chunk.columns:
        return constant(np.nan, chunk.n)
    at = chunk.columns["lux"]
    converted = convert(chunk.cells.texts(at), _read_lux, np.nan, np.float64)
    chunk.problems.add_unread(at, converted)
    lux: NDArray[np.float64] = converted.data
    return lux


def _read_lux(text: str) -> float | Problem:
    value = read_number(text)
    if text and not 0 <= value <= MAX_LUX:
        return _FORMAT if np.isnan(value) else _RANGE
    return value
