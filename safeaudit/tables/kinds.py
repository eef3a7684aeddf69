"""Kinds of columns: what they are made of, and how a column that holds the same is made so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["text", "category", "number", "count", "flag", "time", "geometry"]

DTYPES: Mapping[Kind, Any] = {
    "text": pd.StringDtype(na_value=np.nan),
    "category": pd.CategoricalDtype(pd.Index([], dtype="str")),
    "number": np.dtype("float64"),
    "count": pd.Int64Dtype(),
    "flag": np.dtype("bool"),
    "time": pd.DatetimeTZDtype("us", "UTC"),
    "geometry": "geometry",
}
"""What the columns of each kind are made of. A category's words are `str` too, sorted, once each: sorting by it is
sorting by word, and columns that share their words are joined by code. Words that no row holds may be among them."""

MEANINGS: Mapping[Kind, str] = {
    "text": "text, `str`",
    "category": "a word or an id that many rows hold: categorical, its words `str` and sorted",
    "number": "`float64`",
    "count": "a whole number, `Int64`",
    "flag": "yes or no, `bool`, never NA",
    "time": "`datetime64[us, UTC]`",
    "geometry": "shapes of shapely in the run's CRS",
}
"""What each kind is, for people."""


def of_kind(values: pd.Series[Any], kind: Kind) -> pd.Series[Any] | None:
    """Return a column as one of a kind.

    Parameters
    ----------
    values
        The column; it is not changed.
    kind
        The kind it shall be.

    Returns
    -------
    The column itself where it is of that kind, else one that holds the same; None where it holds something else, as
    a number where text is declared, a fraction where a count is, or a time that does not say its zone. A column
    without any value is of every kind but flag and geometry, one without rows of flag too.
    """
    if _is_of_kind(values, kind):
        return values
    if kind == "geometry" or (kind == "flag" and values.isna().any()):
        return None
    if values.isna().all():
        return pd.Series(np.nan, index=values.index, dtype=DTYPES[kind], name=values.name)
    return _MAKERS[kind](values)


def _is_of_kind(values: pd.Series[Any], kind: Kind) -> bool:
    if kind == "category" and isinstance(values.dtype, pd.CategoricalDtype):
        words = values.cat.categories
        return words.dtype == DTYPES["text"] and words.is_monotonic_increasing and not values.cat.ordered
    return values.dtype == DTYPES[kind]


def _to_text(values: pd.Series[Any]) -> pd.Series[str] | None:
    """Texts as they are: what is no text is never written as one."""
    words = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else values
    return values.astype(DTYPES["text"]) if types.infer_dtype(words, skipna=True) in {"string", "empty"} else None


def _to_category(values: pd.Series[Any]) -> pd.Series[str] | None:
    if isinstance(values.dtype, pd.CategoricalDtype):
        words = values.cat.categories
        if types.infer_dtype(words) not in {"string", "empty"}:
            return None
        # The words are sorted and not the rows: a code leads from the old place of a word to its new one.
        words = words.astype(DTYPES["text"])
        order = words.argsort()
        place = np.empty(len(order) + 1, dtype=np.int64)
        place[order], place[-1] = np.arange(len(order)), -1
        coded = pd.Categorical.from_codes(place[values.cat.codes], categories=words[order])
    else:
        text = _to_text(values)
        if text is None:
            return None
        coded = pd.Categorical(text)
    return pd.Series(coded, index=values.index, name=values.name)


def _to_number(values: pd.Series[Any]) -> pd.Series[float] | None:
    if not types.is_numeric_dtype(values.dtype) or types.is_bool_dtype(values.dtype):
        return None
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.Series(numbers, index=values.index, name=values.name)


def _to_count(values: pd.Series[Any]) -> pd.Series[int] | None:
    """Whole numbers, those that a missing one has made floats too."""
    if types.is_integer_dtype(values.dtype):
        return values.astype(DTYPES["count"])
    if not types.is_float_dtype(values.dtype) or (values.dropna() % 1 != 0).any():
        return None
    return values.astype(DTYPES["count"])


def _to_flag(values: pd.Series[Any]) -> pd.Series[bool] | None:
    return values.astype(DTYPES["flag"]) if types.is_bool_dtype(values.dtype) else None


def _to_time(values: pd.Series[Any]) -> pd.Series[Any] | None:
    if not isinstance(values.dtype, pd.DatetimeTZDtype):
        return None
    return values.dt.tz_convert("UTC").astype(DTYPES["time"])


_MAKERS: Mapping[Kind, Callable[[pd.Series[Any]], pd.Series[Any] | None]] = {
    "text": _to_text,
    "category": _to_category,
    "number": _to_number,
    "count": _to_count,
    "flag": _to_flag,
    "time": _to_time,
}
