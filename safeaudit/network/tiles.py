"""Work in neighbourhoods: walks of a limited length need no more than the streets around."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_PER_TILE = 250


def tiles(xy: NDArray[np.float64]) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of points in compact groups of a few hundred: strips from west to east, cut from south to north.

    Groups of equal number, and not of equal size, keep a sparse country as cheap as a dense town.
    """
    side = max(1, int(np.ceil(np.sqrt(len(xy) / _PER_TILE))))
    for strip in np.array_split(np.argsort(xy[:, 0], kind="stable"), side):
        northward = strip[np.argsort(xy[strip, 1], kind="stable")]
        yield from (rows for rows in np.array_split(northward, side) if len(rows))


def within(xy: NDArray[np.float64], box_of: NDArray[np.float64], reach_m: float) -> NDArray[np.int64]:
    """Return the rows of points no farther than the reach from the box around others."""
    low, high = box_of.min(axis=0) - reach_m, box_of.max(axis=0) + reach_m
    return np.flatnonzero(((xy >= low) & (xy <= high)).all(axis=1))
