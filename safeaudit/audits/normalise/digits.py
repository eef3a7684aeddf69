"""Plain decimal numbers out of bytes, a whole column at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.spans import Spans

_WIDEST = 17
_DIGITS = 15
"""A whole number of 15 digits and a power of ten up to the 15th are exact: so is what Python reads, rounded once."""
_POWERS = 10.0 ** np.arange(_WIDEST)


def decimals(cells: Spans) -> NDArray[np.float64] | None:
    """Read cells such as 19.0712 or -3, as Python would.

    Returns
    -------
    Numbers, shape (n,), NaN for an empty cell; None where a cell holds anything else, or over 15 digits.
    """
    length = cells.length
    width = int(length.max(initial=0))
    if not 0 < width <= _WIDEST:
        return None if width else np.full(cells.size, np.nan)
    # All first signs, then all second ones, and so on: what follows the end of a cell is left out by `inside`.
    signs = cells.windows(width)
    inside = np.arange(width)[:, None] < length
    digit = signs - np.uint8(ord("0"))  # without a sign: what stands before "0" wraps to above 9
    is_digit, is_point = inside & (digit <= 9), inside & (signs == ord("."))  # noqa: PLR2004 - of ten digits
    negative = inside[0] & (signs[0] == ord("-"))
    digits, points = (found.sum(axis=0, dtype=np.uint8) for found in (is_digit, is_point))
    plain = (digits + points + negative == length) & (points <= 1) & (digits <= _DIGITS) & (digits >= (length > 0))
    if not plain.all():
        return None
    # The digits are read as a whole number, the point passed over, and then divided by ten for each digit behind it.
    value = np.zeros(cells.size)
    for more, each in zip(is_digit, digit, strict=True):  # sign by sign, not row by row
        if more.all():
            value *= 10
            value += each
        elif more.any():
            value = np.where(more, value * 10 + each, value)
    value /= _POWERS[np.where(points, length - 1 - is_point.argmax(axis=0), 0)]
    value[negative] *= -1
    value[length == 0] = np.nan
    return value
