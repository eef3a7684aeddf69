"""What placing is measured against: the pieces of the map itself, a nearest-line join, and a blind grid."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.special import ndtr
from shapely.ops import substring

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from placing_walks import Ways

LIMIT_M = 25.0
PIECE_M = 150.0


@dataclass(frozen=True, slots=True)
class Pieces:
    """Ways cut at every node that two share, then into equal parts of at most 150 m."""

    way: NDArray[np.int64]
    line: NDArray[np.object_]


def pieces_of(ways: Ways) -> Pieces:
    """Cut the ways as safeaudit 0.1 did."""
    edges = np.flatnonzero(np.append(ways.way[1:] != ways.way[:-1], True))
    met = np.bincount(ways.node)
    starts = np.append(0, edges[:-1] + 1)
    way, line = [], []
    for start, end in zip(starts[starts < edges], edges[starts < edges], strict=True):
        cuts = [start, *(start + 1 + np.flatnonzero(met[ways.node[start + 1 : end]] > 1)), end]
        for one, other in pairwise(cuts):
            whole = shapely.LineString(ways.xy[one : other + 1])
            parts = max(1, int(np.ceil(whole.length / PIECE_M - 1e-9)))
            line += [substring(whole, i / parts, (i + 1) / parts, normalized=True) for i in range(parts)]
            way += [ways.way[start]] * parts
    lines = np.array(line, dtype=object)
    real = shapely.length(lines) > 0
    return Pieces(np.array(way)[real], lines[real])


def true_line(way: NDArray[np.int64], points: NDArray[np.object_], of: Pieces) -> NDArray[np.int64]:
    """Return the piece of its own way that each point stands on."""
    point, piece = shapely.STRtree(of.line).query(points, predicate="dwithin", distance=0.5)
    same = of.way[piece] == way[point]
    pairs = pd.DataFrame({"point": point[same], "piece": piece[same]})
    pairs["away"] = shapely.distance(points[pairs["point"]], of.line[pairs["piece"]])
    best = pairs.sort_values(["point", "away", "piece"]).drop_duplicates("point").set_index("point")["piece"]
    return best.reindex(np.arange(len(points)), fill_value=-1).to_numpy()


def nearest(lines: NDArray[np.object_], points: NDArray[np.object_]) -> pd.DataFrame:
    """Give each point wholly to the nearest line: what a spatial join does."""
    row, place = shapely.STRtree(lines).query_nearest(points, max_distance=LIMIT_M, all_matches=False)
    return pd.DataFrame({"row": row, "place": place, "weight": 1.0})


def shared(lines: NDArray[np.object_], points: NDArray[np.object_], accuracy: NDArray[np.float64]) -> pd.DataFrame:
    """Share each point by exp(-d^2 / 2a^2) among the lines within its accuracy, as safeaudit 0.1 did."""
    row, place = shapely.STRtree(lines).query(points, predicate="dwithin", distance=LIMIT_M)
    away = shapely.distance(points[row], lines[place])
    pairs = pd.DataFrame({"row": row, "place": place, "away": away})
    least = pairs.groupby("row")["away"].transform("min")
    pairs["weight"] = np.exp((least**2 - pairs["away"] ** 2) / (2 * accuracy[row] ** 2))
    pairs = pairs[pairs["away"] <= np.maximum(accuracy[pairs["row"]], least) + 1e-6]
    return pairs.assign(weight=pairs["weight"] / pairs.groupby("row")["weight"].transform("sum"))


@dataclass(frozen=True, slots=True)
class Grid:
    """A blind grid of squares."""

    side_m: float
    corner: NDArray[np.float64]

    def cell(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the number of the square that each position lies in."""
        column, row = np.floor((xy - self.corner) / self.side_m).astype(np.int64).T
        return row * 1_000_000 + column

    def shares(self, points: NDArray[np.object_], sd_m: float) -> pd.DataFrame:
        """Return how much of each fix's normal distribution lies in the squares around it."""
        xy = (shapely.get_coordinates(points) - self.corner) / self.side_m
        base, sd = np.floor(xy), sd_m / self.side_m
        found = []
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                step = np.array([dx, dy])
                low = base + step - xy
                weight = np.prod(ndtr((low + 1) / sd) - ndtr(low / sd), axis=1)
                column, row = (base + step).astype(np.int64).T
                place = row * 1_000_000 + column
                found.append(pd.DataFrame({"row": np.arange(len(xy)), "place": place, "weight": weight}))
        return pd.concat(found, ignore_index=True)


def grid_of(spots: NDArray[np.float64], cells: int) -> Grid:
    """Return the grid of which as many squares as wanted hold one of the spots, which lie along all streets."""
    small, large = 5.0, 2_000.0
    corner = spots.min(axis=0) - 1
    for _ in range(40):
        side = (small + large) / 2
        many = len(np.unique(Grid(side, corner).cell(spots)))
        small, large = (side, large) if many > cells else (small, side)
    return Grid((small + large) / 2, corner)
