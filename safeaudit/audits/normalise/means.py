"""Files whose rows are averages already: how many ratings stand behind each, and how far they lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit.audits.normalise.cells import Problem, convert, read_number
from safeaudit.config import COUNT, SPREAD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.audits.normalise.coded import CodedNumbers
    from safeaudit.rubric import Rubric

_COUNT = Problem("COUNT", "{value} is no number of ratings. Write how many the mean stands for: 1 or more.")


class Means(NamedTuple):
    """How many ratings each rating stands for, and their standard deviation from 0 to 1; shape (n, indicators)."""

    n: NDArray[np.int32]
    spread: NDArray[np.float32]


def read_means(chunk: Chunk, ratings: Mapping[str, CodedNumbers], scale: tuple[float, ...], rubric: Rubric) -> Means:
    """Read what stands beside means.

    Parameters
    ----------
    chunk
        Rows with a column such as "lighting_n" beside "lighting", and perhaps "lighting_spread"; takes what is wrong.
    ratings
        By indicator, of those that have a column: from 0 to 1, NaN where not answered.
    scale
        Lowest and highest rating of the file.
    rubric
        The indicators.

    Returns
    -------
    One rating and no spread where nothing says more; shapes (n, 0) where no indicator is a mean.
    """
    averaged = [(at, name) for at, name in enumerate(rubric.names) if name + COUNT in chunk.columns]
    shape = (chunk.n, len(rubric.names) if averaged else 0)
    means = Means(np.ones(shape, dtype=np.int32), np.full(shape, np.nan, dtype=np.float32))
    wide = scale[1] - scale[0]
    for at, name in averaged:
        answered = _is_answered(ratings.get(name), chunk.n)
        count, spread = _numbers(chunk, name + COUNT), _numbers(chunk, name + SPREAD)
        whole = (count >= 1) & (count <= np.iinfo(np.int32).max) & (count == np.floor(count))
        chunk.problems.add(chunk.column_to_blame(name + COUNT), answered & ~whole, _COUNT)
        odd = answered & ~chunk.coded(name + SPREAD).where("") & ~((spread >= 0) & (spread <= wide))
        chunk.problems.add(chunk.column_to_blame(name + SPREAD), odd, _wrong_spread(wide))
        means.n[:, at] = np.where(answered & whole, count, 1)
        means.spread[:, at] = spread / wide
    return means


def _is_answered(ratings: CodedNumbers | None, n: int) -> NDArray[np.bool_]:
    return np.zeros(n, dtype=bool) if ratings is None else ~np.isnan(ratings.values)[ratings.codes]


def _numbers(chunk: Chunk, name: str) -> NDArray[np.float64]:
    data: NDArray[np.float64] = convert(chunk.texts(name), read_number, np.nan, np.float64).data
    return data


def _wrong_spread(wide: float) -> Problem:
    return Problem("SPREAD", f"{{value}} is no standard deviation of ratings: it must be from 0 to {wide:g}.")
