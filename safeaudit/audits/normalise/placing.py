"""Rows without a position: placed by their code, else by the name of their street and the order of their walk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.audits.normalise.cells import Problem, words
from safeaudit.audits.normalise.coded import Coded, objects
from safeaudit.audits.normalise.moments import NO_TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.place_codes import Directory

BESIDE_M = 150.0
"""A street lies beside a spot of the walk if it comes as near as this."""

_METRES_PER_DEGREE = 111_195.0
_UNKNOWN_PLACE = Problem(
    "UNKNOWN_PLACE",
    "No place here has the code {value}, and this row has no position. Look for a mistyped sign, or say which place "
    'it is under [match]: overrides = {{value} = "S7K2QX4"}.',
)
_UNKNOWN_STREET = Problem(
    "UNKNOWN_STREET",
    "This row has no position and no place code, and no street {value} lies beside the spots before and after it on "
    "its walk. Write its place code.",
)
_SEVERAL_PIECES = Problem(
    "SEVERAL_PIECES",
    "This row has no position and no place code, and {detail} pieces of {value} lie beside the spots before and after "
    "it on its walk. Write the place code of the right one.",
)


def has_street(street: Coded, walk: Coded) -> NDArray[np.bool_]:
    """Say which rows name their street and their walk, shape (n,)."""
    return ~street.where("") & ~walk.where("")


class Clues(NamedTuple):
    """What says where rows were made: positions (NaN where there is none), codes, streets, and order on a walk."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    place_code: Coded
    street: Coded
    walk: Coded
    observed_us: NDArray[np.int64]


class Placed(NamedTuple):
    """Place code of each row, and which of them were placed by their street, shape (n,)."""

    code: Coded
    by_street: NDArray[np.bool_]


def find_places(chunk: Chunk, clues: Clues, directory: Directory | None) -> Placed:
    """Give the rows without a position their place, and put a problem where that cannot be.

    A row with a code has its place if a place has that code. A row with the name of a street alone has it if
    one piece of a street of that name, and no other, lies beside the stops before and after it on its walk.

    Parameters
    ----------
    chunk
        Takes what is wrong.
    clues
        What says where each row was made.
    directory
        The places by their codes; None to take every code as it stands.
    """
    code = clues.place_code
    lost = np.isnan(clues.lon)
    if directory is None or not lost.any():
        return Placed(code, np.zeros(chunk.n, dtype=bool))
    plain = directory.codes(pd.Series(objects(code.texts))).to_numpy()
    known = np.isin(plain, directory.known.index.to_numpy(dtype=object)) & (plain != "")
    unknown = lost & ~code.where("") & ~known[code.codes]
    chunk.problems.add(chunk.column_to_blame("place_code"), unknown, _UNKNOWN_PLACE)
    asked = lost & code.where("") & has_street(clues.street, clues.walk)
    if not asked.any():
        return Placed(code, asked)
    # A row that names its place by a code stands in its walk as one with a position does: in that place's middle.
    middles = directory.middles.reindex(np.where(known, plain, None))[["lon", "lat"]].to_numpy()[code.codes]
    beside = _find_neighbours(clues, middles, chunk.cells.lines)
    return _place_by_street(chunk, code, asked, _find_pieces(beside, np.flatnonzero(asked), clues.street, directory))


def _find_neighbours(clues: Clues, middles: NDArray[np.float64], lines: NDArray[np.int64]) -> pd.DataFrame:
    """Return the position of the stops before and after each row on its walk, degrees; NaN where there is none."""
    walk = clues.walk.codes
    # A walk goes by its times; where a row of it has none, by the lines of the file: one order for all of it.
    timed = pd.Series(clues.observed_us).groupby(walk).transform("min").to_numpy() != NO_TIME
    order = np.lexsort((lines, np.where(timed, clues.observed_us, 0), walk))
    own = np.isfinite(clues.lon)
    position = np.where(own[:, None], np.column_stack([clues.lon, clues.lat]), middles)
    by_walk = pd.DataFrame(position, columns=["lon", "lat"]).iloc[order].groupby(walk[order])
    return by_walk.ffill().add_prefix("before_").join(by_walk.bfill().add_prefix("after_")).sort_index()


def _find_pieces(beside: pd.DataFrame, rows: NDArray[np.int64], street: Coded, directory: Directory) -> pd.DataFrame:
    """Return row and code of each piece of a row's street that lies beside both its neighbours, where it has two."""
    segments = directory.middles.dropna(subset=["half_m", "name"])
    segments = segments.assign(code=segments.index, name=segments["name"].map(words))
    streets = street.changed(lambda text: words(text.partition(",")[0])).at(rows)  # as in "Main Road, by the well"
    named = pd.DataFrame({"row": rows, "name": objects(streets.texts)[streets.codes]})
    pairs = named.merge(segments, on="name")
    gaps = []  # metres from the neighbour to the nearer end of the piece, as if it were straight
    for side in ("before", "after"):
        there = beside.iloc[pairs["row"]]
        north = there[f"{side}_lat"].to_numpy() - pairs["lat"].to_numpy()
        east = (there[f"{side}_lon"].to_numpy() - pairs["lon"].to_numpy()) * np.cos(np.radians(pairs["lat"].to_numpy()))
        gaps.append(np.hypot(north, east) * _METRES_PER_DEGREE - pairs["half_m"].to_numpy())
    # Near both neighbours, or near the only one: fmax and fmin pass over a side that has none.
    near = ~(np.fmax(*gaps) > BESIDE_M) & np.isfinite(np.fmin(*gaps))
    return pairs.loc[near, ["row", "code"]]


def _place_by_street(chunk: Chunk, code: Coded, asked: NDArray[np.bool_], pieces: pd.DataFrame) -> Placed:
    """Give rows with one fitting piece its code, and put a problem on those with none or several."""
    n = np.bincount(pieces["row"], minlength=len(asked))
    at = chunk.column_to_blame("street")
    chunk.problems.add(at, asked & (n == 0), _UNKNOWN_STREET)
    chunk.problems.add(at, asked & (n > 1), _SEVERAL_PIECES, objects(n.tolist()))
    only = pieces[(n == 1)[pieces["row"]]]
    codes = code.codes.copy()
    codes[only["row"]] = len(code.texts) + np.arange(len(only))
    return Placed(Coded(codes, (*code.texts, *only["code"])), asked & (n == 1))
