"""Rows without a position: placed by their code, else by the name of their street and the order of their walk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from safeaudit.audits.normalise.cells import Coded, Fault, objects, words
from safeaudit.audits.normalise.dates import NO_TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.faults import Chunk
    from safeaudit.place_codes import Directory

BESIDE_M = 150.0
"""A street lies beside a spot of the walk if it comes as near as this."""

_METRES_PER_DEGREE = 111_195.0
_UNKNOWN_PLACE = Fault(
    "UNKNOWN_PLACE",
    "No place here has the code {value}, and this row has no position. Look for a mistyped sign, or say which place "
    'it is under [match]: overrides = {{value} = "S7K2QX4"}.',
)
_UNKNOWN_STREET = Fault(
    "UNKNOWN_STREET",
    "This row has no position and no place code, and no street {value} lies beside the spots before and after it on "
    "its walk. Write its place code.",
)
_SEVERAL_PIECES = Fault(
    "SEVERAL_PIECES",
    "This row has no position and no place code, and {detail} pieces of {value} lie beside the spots before and after "
    "it on its walk. Write the place code of the right one.",
)


def has_street(chunk: Chunk) -> NDArray[np.bool_]:
    """Say which rows name their street and their walk, shape (n,)."""
    if "street" not in chunk.columns or "walk_id" not in chunk.columns:
        return np.zeros(len(chunk.cells.lines), dtype=bool)
    return ~chunk.coded("street").where("") & ~chunk.coded("walk_id").where("")


def place(chunk: Chunk, values: dict[str, Any], directory: Directory) -> tuple[Coded, NDArray[np.bool_]]:
    """Give the rows without a position their place, and put a fault where that cannot be.

    A row with a code has its place if a place has that code. A row with the name of a street alone has it if
    one piece of a street of that name, and no other, lies beside the spots before and after it on its walk.

    Parameters
    ----------
    chunk
        The rows.
    values
        Their lon, lat (degrees, NaN where there is none), place_code, walk_id and observed_us.
    directory
        The places by their codes.

    Returns
    -------
    Place code of each row, and which of them were placed by their street.
    """
    code: Coded = values["place_code"]
    lost = np.isnan(values["lon"])
    if not lost.any():
        return code, lost
    plain = directory.codes(pd.Series(objects(code.texts))).to_numpy()
    known = np.isin(plain, directory.known.index.to_numpy(dtype=object)) & (plain != "")
    written = lost & ~code.where("")
    chunk.faults.put(chunk.spot("place_code"), written & ~known[code.codes], _UNKNOWN_PLACE)
    asked = lost & code.where("") & has_street(chunk)
    if not asked.any():
        return code, asked
    spots = directory.middles.reindex(np.where(known, plain, None))[["lon", "lat"]].to_numpy()[code.codes]
    found = _fitting(_beside(values, spots, chunk), np.flatnonzero(asked), chunk.texts("street"), directory)
    return _placed(chunk, code, asked, found)


def _beside(values: dict[str, Any], spots: NDArray[np.float64], chunk: Chunk) -> pd.DataFrame:
    """Return the position of the spots before and after each row on its walk, degrees; NaN where there is none."""
    walk = values["walk_id"].codes
    timed = pd.Series(values["observed_us"]).groupby(walk).transform("min").to_numpy() != NO_TIME
    order = np.lexsort((chunk.cells.lines, np.where(timed, values["observed_us"], 0), walk))
    own = np.isfinite(values["lon"])
    position = np.where(own[:, None], np.column_stack([values["lon"], values["lat"]]), spots)
    by_walk = pd.DataFrame(position, columns=["lon", "lat"]).iloc[order].groupby(walk[order])
    return by_walk.ffill().add_prefix("before_").join(by_walk.bfill().add_prefix("after_")).sort_index()


def _fitting(
    beside: pd.DataFrame, rows: NDArray[np.int64], streets: NDArray[np.object_], directory: Directory
) -> pd.DataFrame:
    """Return row and code of each piece of a row's street that lies beside both its neighbours, where it has two."""
    segments = directory.middles.dropna(subset=["half_m", "name"])
    segments = segments.assign(code=segments.index, name=segments["name"].map(words))
    named = pd.DataFrame({"row": rows, "name": [words(text.partition(",")[0]) for text in streets[rows]]})
    pairs = named.merge(segments, on="name")
    gaps = []
    for side in ("before", "after"):
        there = beside.iloc[pairs["row"]]
        north = there[f"{side}_lat"].to_numpy() - pairs["lat"].to_numpy()
        east = (there[f"{side}_lon"].to_numpy() - pairs["lon"].to_numpy()) * np.cos(np.radians(pairs["lat"].to_numpy()))
        gaps.append(np.hypot(north, east) * _METRES_PER_DEGREE - pairs["half_m"].to_numpy())
    near = ~(np.fmax(*gaps) > BESIDE_M) & np.isfinite(np.fmin(*gaps))
    return pairs.loc[near, ["row", "code"]]


def _placed(
    chunk: Chunk, code: Coded, asked: NDArray[np.bool_], found: pd.DataFrame
) -> tuple[Coded, NDArray[np.bool_]]:
    """Return the codes of rows with one fitting piece, and put a fault on those with none or several."""
    pieces = np.bincount(found["row"], minlength=len(asked))
    at = chunk.spot("street")
    chunk.faults.put(at, asked & (pieces == 0), _UNKNOWN_STREET)
    chunk.faults.put(at, asked & (pieces > 1), _SEVERAL_PIECES, objects(pieces.tolist()))
    one = found[(pieces == 1)[found["row"]]]
    codes = code.codes.copy()
    codes[one["row"]] = len(code.texts) + np.arange(len(one))
    return Coded(codes, (*code.texts, *one["code"])), asked & (pieces == 1)
