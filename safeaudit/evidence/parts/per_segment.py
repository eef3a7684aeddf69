"""From links to segments: the rules by which what is known of links is told of the street.

Every measure that rests on links names one of them. They look at the main line alone, once along it: a street does not
count three times because its sidewalks are drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from safeaudit.evidence.parts.segment_links import SegmentLinks

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Words = NDArray[np.object_]

UNKNOWN = "unknown"

_DIGITS = 6
"""Metres and shares are as exact as that: lengths that were added up in another order are the same."""


class Stretches(NamedTuple):
    """Parts of main lines, of which something is said.

    Attributes
    ----------
    segment
        Row of the segment of each, shape (k,).
    length_m
        Its length, shape (k,).
    whole_m
        Length of the main line of every segment, shape (s,).
    """

    segment: Rows
    length_m: Floats
    whole_m: Floats


def stretches_of(links: SegmentLinks) -> Stretches:
    """Return links of main lines as stretches."""
    return Stretches(links.segment, links.length_m, links.whole_m)


def known_share(of: Stretches, known: NDArray[np.bool_]) -> Floats:
    """Return the share of every main line's length that is known, shape (s,)."""
    known_m = np.bincount(of.segment, of.length_m * known, minlength=len(of.whole_m))
    return np.minimum(known_m / of.whole_m, 1.0).round(_DIGITS)


def word_of_most(of: Stretches, said: Words, words: Sequence[str]) -> Words:
    """Return the word that holds for most of the known length of every main line, shape (s,).

    Parameters
    ----------
    of
        The stretches.
    said
        What is said of each; unknown where nothing is, shape (k,).
    words
        All words; of two that hold for the same length the one that stands first is told.
    """
    code, n = _codes(said, words), len(of.whole_m)
    known = code >= 0
    cell = of.segment[known] * len(words) + code[known]
    total = np.bincount(cell, of.length_m[known], minlength=n * len(words))
    total_m = total.astype(np.float64).reshape(n, len(words)).round(_DIGITS)
    most = np.asarray(words, dtype=object)[total_m.argmax(axis=1)]
    return np.where(total_m.max(axis=1) > 0, most, UNKNOWN)


def worst_word(of: Stretches, said: Words, words: Sequence[str]) -> Words:
    """Return the worst word that holds anywhere on every main line, shape (s,).

    Parameters
    ----------
    of
        The stretches.
    said
        What is said of each; unknown where nothing is, shape (k,).
    words
        All words, from the best to the worst.
    """
    worst = np.full(len(of.whole_m), -1)
    np.maximum.at(worst, of.segment, _codes(said, words))
    return np.append(np.asarray(words, dtype=object), [UNKNOWN])[worst]


def mean_by_length(of: Stretches, value: Floats) -> Floats:
    """Return the mean over the known length of every main line, shape (s,); NaN where nothing is known."""
    known = ~np.isnan(value)
    of = Stretches(of.segment[known], of.length_m[known], of.whole_m)
    n = len(of.whole_m)
    total, length_m = (np.bincount(of.segment, weights, minlength=n) for weights in (value[known] * of.length_m, of[1]))
    return np.divide(total, length_m, out=np.full(n, np.nan), where=length_m > 0)


def highest(of: Stretches, value: Floats) -> Floats:
    """Return the highest value anywhere on every main line, shape (s,); NaN where nothing is known."""
    found = np.full(len(of.whole_m), np.nan)
    np.fmax.at(found, of.segment, value)
    return found


def _codes(said: Words, words: Sequence[str]) -> Rows:
    """Return the number of each word; -1 for unknown."""
    code = pd.Index(words, dtype=object).get_indexer(said)
    return np.where(said == UNKNOWN, -1, code)
