"""Files whose rows are averages already: how many ratings stand behind each, and how far they lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit.audits.normalise.cells import Fault, convert, number
from safeaudit.config import COUNT, SPREAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.faults import Chunk
    from safeaudit.rubric import Rubric

_COUNT = Fault("COUNT", "{value} is no number of ratings. Write how many the mean stands for: 1 or more.")


class Means(NamedTuple):
    """How many ratings each rating stands for, and their standard deviation from 0 to 1; shape (n, indicators)."""

    n: NDArray[np.int32]
    spread: NDArray[np.float32]


def read_means(chunk: Chunk, ratings: NDArray[np.float64], scale: tuple[float, ...], rubric: Rubric) -> Means:
    """Read what stands beside means; one rating and no spread where nothing does.

    Parameters
    ----------
    chunk
        Rows with a column such as "lighting_n" beside "lighting", and perhaps "lighting_spread"; takes what is wrong.
    ratings
        From 0 to 1, NaN where not answered, shape (n, indicators).
    scale
        Lowest and highest rating of the file.
    rubric
        The indicators.
    """
    found = Means(np.ones(ratings.shape, dtype=np.int32), np.full(ratings.shape, np.nan, dtype=np.float32))
    wide = scale[1] - scale[0]
    for at, name in enumerate(rubric.names):
        if name + COUNT not in chunk.columns:
            continue
        answered = ~np.isnan(ratings[:, at])
        count, spread = _numbers(chunk, name + COUNT), _numbers(chunk, name + SPREAD)
        whole = (count >= 1) & (count <= np.iinfo(np.int32).max) & (count == np.floor(count))
        chunk.faults.put(chunk.spot(name + COUNT), answered & ~whole, _COUNT)
        odd = answered & ~chunk.coded(name + SPREAD).where("") & ~((spread >= 0) & (spread <= wide))
        chunk.faults.put(chunk.spot(name + SPREAD), odd, _wrong_spread(wide))
        found.n[:, at] = np.where(answered & whole, count, 1)
        found.spread[:, at] = spread / wide
    return found


def _numbers(chunk: Chunk, name: str) -> NDArray[np.float64]:
    data: NDArray[np.float64] = convert(chunk.texts(name), number, np.nan, np.float64).data
    return data


def _wrong_spread(wide: float) -> Fault:
    return Fault("SPREAD", f"{{value}} is no standard deviation of ratings: it must be from 0 to {wide:g}.")
