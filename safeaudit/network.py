"""The streets as a graph that people walk: built once from the segments, used wherever way and distance matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The walking graph: every segment is an edge that can be walked both ways.

    Attributes
    ----------
    node_ids
        Names of the nodes, sorted, shape (n,).
    xy
        Where they are, metres, shape (n, 2).
    start, end
        Row of the node where each segment starts and ends, shape (s,), in the order of the table `segments`.
    length_m
        Length of each segment, shape (s,).
    """

    node_ids: NDArray[np.object_]
    xy: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    length_m: NDArray[np.float64]


def street_network(segments: GeoDataFrame) -> Network:
    """Build the walking graph.

    Parameters
    ----------
    segments
        The table of this name.
    """
    names = np.concatenate([segments["node_from"].to_numpy(dtype=object), segments["node_to"].to_numpy(dtype=object)])
    codes, node_ids = pd.factorize(names, sort=True)
    lines = segments.geometry.to_numpy()
    xy = np.zeros((len(node_ids), 2))
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    xy[codes] = shapely.get_coordinates(ends)
    return Network(
        node_ids=np.asarray(node_ids, dtype=object),
        xy=xy,
        start=codes[: len(segments)].astype(np.int64),
        end=codes[len(segments) :].astype(np.int64),
        length_m=segments["length_m"].to_numpy(dtype=np.float64),
    )
