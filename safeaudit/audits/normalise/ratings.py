"""What was rated: levels of the rubric, ratings that are no level, and means with what stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit.audits.normalise import answers
from safeaudit.audits.normalise.answers import NO_LEVEL
from safeaudit.audits.normalise.cells import convert_distinct
from safeaudit.audits.normalise.coded import CodedNumbers
from safeaudit.audits.normalise.means import read_means
from safeaudit.config import COUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.audits.normalise.means import Means
    from safeaudit.config import AuditSettings
    from safeaudit.rubric import Indicator, Rubric

_RATING = [("rating", np.float64), ("level", np.int8)]


class Ratings(NamedTuple):
    """Ratings of each row, by indicator of the rubric.

    Attributes
    ----------
    levels
        Levels, `NO_LEVEL` where there is none, shape (n, indicators).
    others
        Ratings from 0 to 1 that no level says, else NaN, shape (n, indicators); (n, 0) where levels say it all.
    means
        How many ratings each stands for, and their spread; shapes (n, 0) in a file that holds no means.
    written
        Every rating by the name of its indicator, of those that have a column.
    """

    levels: NDArray[np.int8]
    others: NDArray[np.float64]
    means: Means
    written: Mapping[str, CodedNumbers]

    def any(self) -> NDArray[np.bool_]:
        """Say which rows hold a rating, shape (n,)."""
        rated: NDArray[np.bool_] = (self.levels != NO_LEVEL).any(axis=1)
        return rated | ~np.isnan(self.others).all(axis=1) if self.others.shape[1] else rated


def read_ratings(chunk: Chunk, settings: AuditSettings, rubric: Rubric) -> Ratings:
    """Read what was rated in each row; takes what is wrong."""
    shape = (chunk.n, len(rubric.indicators))
    levels = np.full(shape, NO_LEVEL, dtype=np.int8, order="F")  # it is filled column by column
    others: dict[int, NDArray[np.float64]] = {}
    written: dict[str, CodedNumbers] = {}
    for index, indicator in enumerate(rubric.indicators):
        if indicator.name not in chunk.columns:
            continue
        codes, rating, level = _read_indicator(chunk, settings, indicator)
        levels[:, index] = level[codes]
        written[indicator.name] = CodedNumbers(codes, rating)
        no_level = np.where(level == NO_LEVEL, rating, np.nan)
        if not np.isnan(no_level).all():
            others[index] = no_level[codes]
    return Ratings(levels, _side_by_side(others, shape), read_means(chunk, written, settings.scale, rubric), written)


def _read_indicator(
    chunk: Chunk, settings: AuditSettings, indicator: Indicator
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.int8]]:
    """Return the number of each row's answer, and rating and level of each distinct answer."""
    at = chunk.columns[indicator.name]
    own_words: Mapping[str, int] = settings.levels.get(indicator.name, {})
    mean = indicator.name + COUNT in chunk.columns
    parse = answers.rating_reader(indicator, own_words, settings.scale, mean=mean)
    codes, read = convert_distinct(chunk.cells.texts(at), parse, answers.UNANSWERED, _RATING)
    chunk.problems.add_unread(at, read, codes=codes)
    return codes, read.data["rating"], read.data["level"]


def _side_by_side(columns: Mapping[int, NDArray[np.float64]], shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return columns by their number as one array, NaN where there is none; of shape (n, 0) without any."""
    if not columns:
        return np.empty((shape[0], 0))
    together = np.full(shape, np.nan)
    for index, column in columns.items():
        together[:, index] = column
    return together
