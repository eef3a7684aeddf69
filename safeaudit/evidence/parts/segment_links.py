"""How the links of a segment lie along its main line: which are the main line, and which run beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.network import NetworkPoints

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.tables import Places

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

ON_LINE_M = 1.0
"""A link that leaves the main line by more than this is not part of it."""

_ALONG = 0.5
_LOOKED_AT = np.array([1e-8, 0.25, 0.5, 0.75, 1 - 1e-8])
"""Shares of a link at which it is held against the main line. Its ends are looked at a hair inside, because the end of
a main line that is a ring lies at its start too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLinks:
    """Links that belong to a segment, k of them, and where they lie along its main line.

    Attributes
    ----------
    link, segment
        Row of each in the tables `links` and `segments`, shape (k,).
    length_m
        Its length, shape (k,).
    from_m, to_m
        Where on the main line its first and its last point are, metres from the line's start, shape (k,).
    low_m, high_m
        The stretch of the main line that it lies on or beside, shape (k,).
    on_line
        Whether it is part of the main line, shape (k,): all of it within 1 m of the line, and running along it. What
        runs beside it (sidewalks, the other carriageway) and what crosses it is not.
    whole_m
        Length of the main line of every segment, shape (s,).
    """

    link: Rows
    segment: Rows
    length_m: Floats
    from_m: Floats
    to_m: Floats
    low_m: Floats
    high_m: Floats
    on_line: NDArray[np.bool_]
    whole_m: Floats

    def take(self, rows: Rows | NDArray[np.bool_]) -> SegmentLinks:
        """Return some of the links."""
        return SegmentLinks(
            link=self.link[rows],
            segment=self.segment[rows],
            length_m=self.length_m[rows],
            from_m=self.from_m[rows],
            to_m=self.to_m[rows],
            low_m=self.low_m[rows],
            high_m=self.high_m[rows],
            on_line=self.on_line[rows],
            whole_m=self.whole_m,
        )

    @property
    def main(self) -> SegmentLinks:
        """The links of the main lines."""
        return self.take(self.on_line)

    @property
    def beside(self) -> SegmentLinks:
        """All others."""
        return self.take(~self.on_line)

    @property
    def beside_m(self) -> Floats:
        """How far each runs along the main line, shape (k,); nothing of what rather crosses it."""
        along_m = self.high_m - self.low_m
        return np.where(along_m >= _ALONG * self.length_m, along_m, 0.0)


def segment_links(places: Places) -> SegmentLinks:
    """Return how links lie along the segments that they belong to.

    Parameters
    ----------
    places
        Links and segments.
    """
    segment = pd.Index(places.segments["place_id"]).get_indexer(places.links["segment_id"].astype(object))
    link = np.flatnonzero(segment >= 0)
    segment = segment[link].astype(np.int64)
    length_m = places.links["length_m"].to_numpy(dtype=np.float64)[link]
    lines = places.links.geometry.to_numpy()[link]
    main_lines = places.segments.geometry.to_numpy()[segment][:, None]
    points = shapely.line_interpolate_point(lines[:, None], _LOOKED_AT, normalized=True)
    at_m = shapely.line_locate_point(main_lines, points).reshape(-1, len(_LOOKED_AT))
    off_m = shapely.distance(main_lines, points).reshape(-1, len(_LOOKED_AT))
    # A link across the line, short enough to stay within 1 m of it, goes no way along it.
    runs_along = np.abs(np.diff(at_m, axis=1)).sum(axis=1) >= _ALONG * length_m
    return SegmentLinks(
        link=link,
        segment=segment,
        length_m=length_m,
        from_m=at_m[:, 0],
        to_m=at_m[:, -1],
        low_m=at_m.min(axis=1),
        high_m=at_m.max(axis=1),
        on_line=(off_m <= ON_LINE_M).all(axis=1) & runs_along,
        whole_m=shapely.length(places.segments.geometry.to_numpy()),
    )


def covered_m(links: SegmentLinks, by: SegmentLinks) -> Floats:
    """Return how many metres of each link have one of others beside them, which count once where they overlap.

    Parameters
    ----------
    links
        Links, l of them.
    by
        Those that may lie beside them.

    Returns
    -------
    Metres along the main line, shape (l,).
    """
    # All main lines are laid end to end on one axis, on which the stretches of the others are joined to gaps and no
    # gaps: then the metres covered up to any spot are a line that rises where something is beside and else is level.
    begins = np.cumsum(links.whole_m) - links.whole_m
    low, high = begins[by.segment] + by.low_m, begins[by.segment] + by.high_m
    order = np.argsort(low, kind="stable")
    low, high = low[order], np.maximum.accumulate(high[order])
    low = np.maximum(low, np.append(-np.inf, high[:-1])[: len(low)])
    new = high > low
    low, high = low[new], high[new]
    spots = np.append(0.0, np.column_stack([low, high]).ravel())
    so_far = np.append(0.0, np.cumsum(np.column_stack([np.zeros(len(low)), high - low]).ravel()))
    ends = (np.interp(begins[links.segment] + at, spots, so_far) for at in (links.high_m, links.low_m))
    return np.subtract(*ends)


def middles(places: Places, links: SegmentLinks) -> NetworkPoints:
    """Return the middle of every main line, as a point of the network: on the nearest link of the segment.

    Parameters
    ----------
    places
        Links and segments.
    links
        As from `segment_links`.
    """
    middle = shapely.line_interpolate_point(places.segments.geometry.to_numpy(), 0.5, normalized=True)
    lines = places.links.geometry.to_numpy()[links.link]
    away_m = shapely.distance(lines, middle[links.segment]).round(6)
    order = np.lexsort((links.link, ~links.on_line, away_m, links.segment))
    nearest = order[np.unique(links.segment[order], return_index=True)[1]]
    return NetworkPoints(links.link[nearest], shapely.line_locate_point(lines[nearest], middle))
