"""Points on the streets: where something is, as a link and metres along it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class NetworkPoints:
    """Points on the streets.

    Attributes
    ----------
    link
        Row of the link each lies on, shape (p,).
    along_m
        Metres from the link's start, shape (p,).
    """

    link: NDArray[np.int64]
    along_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.link)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> NetworkPoints:
        """Return some of them."""
        return NetworkPoints(self.link[rows], self.along_m[rows])


def snap_to_network(
    lines: NDArray[np.object_], shapes: NDArray[np.object_], within_m: float
) -> tuple[NetworkPoints, NDArray[np.int64]]:
    """Put things on the nearest street.

    Parameters
    ----------
    lines
        Lines of the links, shape (s,).
    shapes
        Points, lines or polygons in the same CRS; of a polygon its nearest edge counts.
    within_m
        What is farther from every street is put on none.

    Returns
    -------
    The points, and the row of `shapes` each belongs to, ascending. A thing that is equally near to several
    links (one at a corner, or one that they cross) has a point on each, in their order.
    """
    shape, line = shapely.STRtree(lines).query_nearest(shapes, max_distance=within_m)
    order = np.lexsort((line, shape))
    shape, line = shape[order], line[order]
    nearest = shapely.get_point(shapely.shortest_line(lines[line], shapes[shape]), 0)
    return NetworkPoints(line, shapely.line_locate_point(lines[line], nearest)), shape


def find_doors(
    lines: NDArray[np.object_], shapes: NDArray[np.object_], beside_m: float, approach_m: float
) -> tuple[NetworkPoints, NDArray[np.int64]]:
    """Return where the streets come to things, or pass those that none comes to.

    Parameters
    ----------
    lines
        Lines of the links, shape (s,).
    shapes
        Points, lines or polygons in the same CRS.
    beside_m
        A street within this distance leads to the thing, wherever it runs so near.
    approach_m
        A thing without such a street is come to from the nearest one within this distance.

    Returns
    -------
    The points, and the row of `shapes` each belongs to. A thing may have many; one that is far from every street has
    none.
    """
    shape, link = shapely.STRtree(lines).query(shapes, predicate="dwithin", distance=beside_m)
    beside = shapely.intersection(lines[link], shapely.buffer(shapes[shape], beside_m))
    xy, row = shapely.get_coordinates(beside, return_index=True)
    along_m = shapely.line_locate_point(lines[link[row]], shapely.points(xy))
    apart = np.setdiff1d(np.arange(len(shapes)), shape)
    near, of = snap_to_network(lines, shapes[apart], approach_m)
    doors = NetworkPoints(np.concatenate([link[row], near.link]), np.concatenate([along_m, near.along_m]))
    return doors, np.concatenate([shape[row], apart[of]])
