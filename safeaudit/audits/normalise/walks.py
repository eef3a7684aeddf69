"""Walks that no column names: submissions of one file belong together until nobody sent one for two hours.

Who rated is left aside on purpose: a group that walks with a phone each is one walk, and two groups at
the same time in one file count as one, never one as several. What may be published rests on that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.normalise.coded import Coded
from safeaudit.audits.normalise.moments import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

GAP_US = 2 * 3_600_000_000
"""A longer silence than this ends a walk, microseconds."""


def infer_walks(
    walk: Coded, source: NDArray[np.int64], campaign: Coded, observed_us: NDArray[np.int64], files: Sequence[str]
) -> tuple[Coded, NDArray[np.int64]]:
    """Give a walk to the submissions that name none and have a time.

    Parameters
    ----------
    walk
        Walk of each submission; empty where none is named.
    source
        Number of each submission's file in `files`, shape (n,); of a mended row, of the file that it was first in.
    campaign
        Round of walks of each submission.
    observed_us
        Microseconds of Unix time, or `NO_TIME`, shape (n,).
    files
        Names of the files.

    Returns
    -------
    Walk of each submission, the new ones called by their file and their first minute, UTC; and one
    row of each new walk.
    """
    unnamed = np.flatnonzero(walk.where("") & (observed_us != NO_TIME))
    if not len(unnamed):
        return walk, unnamed
    # Files and rounds apart, in order of time: a walk begins with the first of each, and after every long silence.
    round_ = source[unnamed] * max(len(campaign.texts), 1) + campaign.codes[unnamed]
    order = np.lexsort((observed_us[unnamed], round_))
    rows, round_ = unnamed[order], round_[order]
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (np.diff(observed_us[rows]) > GAP_US) | (np.diff(round_) != 0)
    first = rows[begins]
    minutes = observed_us[first].view("datetime64[us]").astype("datetime64[m]")
    names = tuple(f"{files[file]} {minute}Z" for file, minute in zip(source[first], minutes, strict=True))
    codes = walk.codes.astype(np.int64)
    codes[rows] = len(walk.texts) - 1 + np.cumsum(begins)
    return Coded(codes, (*walk.texts, *names)), first
