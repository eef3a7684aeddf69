"""Submissions -> places: which street, space and stop a rating speaks of. Table `matches`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.config import MatchSettings
    from safeaudit.tables import Places

_CHUNK = 50_000
_SAME_M = 1e-6


def match(submissions: GeoDataFrame, places: Places, settings: MatchSettings) -> pd.DataFrame:
    """Match submissions to the places of each kind.

    A submission goes to places of every kind, and kinds are never summed:

    - *segments*: where the accuracy of the fix reaches several, its weight is shared among them in
      proportion to exp(-d^2 / 2a^2), the likelihood of a fix at distance d with accuracy a; it is
      counted once, and it is ambiguous. Where it reaches none, it goes to the nearest within the limit.
    - *spaces*: the smallest that contains the point, else the nearest within the limit.
    - *stops*: the nearest within the limit.

    Segments at the same distance share; spaces and stops at the same distance go by place_id. A fix
    whose accuracy is worse than the limit goes nowhere: it could be on any street.

    Parameters
    ----------
    submissions
        Table `submissions` in the run's CRS; one without a point has no match.
    places
        Segments, spaces and stops in the same CRS.
    settings
        The limit and the accuracy taken where none is known, metres.

    Returns
    -------
    The table `matches`: for each submission and kind the weights sum to 1.
    """
    points = submissions.geometry.to_numpy()
    accuracy = submissions["accuracy_m"].astype(float).fillna(settings.default_accuracy_m).to_numpy()
    sharp = ~shapely.is_missing(points) & (accuracy <= settings.max_distance_m)
    rows = np.flatnonzero(sharp)
    found = [
        _of_kind(kind, frame, points[rows], accuracy[rows], settings.max_distance_m)
        for kind, frame in (("segment", places.segments), ("space", places.spaces), ("stop", places.stops))
    ]
    matches = pd.concat(found, ignore_index=True)
    matches["submission_id"] = submissions["submission_id"].to_numpy()[rows[matches.pop("row")]]
    return validate_table(matches, "matches")


def _of_kind(
    kind: str, frame: GeoDataFrame, points: NDArray[np.object_], accuracy: NDArray[np.float64], limit_m: float
) -> pd.DataFrame:
    shapes = frame.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    found = []
    for start in range(0, len(points), _CHUNK):
        chunk = points[start : start + _CHUNK]
        row, place = tree.query(chunk, predicate="dwithin", distance=limit_m)
        distance = shapely.distance(chunk[row], shapes[place])
        pairs = pd.DataFrame({"row": row + start, "place": place, "distance_m": distance})
        found.append(_shared(pairs, accuracy) if kind == "segment" else _one(pairs, frame))
    columns = ["row", "place", "distance_m", "weight", "ambiguous"]
    matches = pd.concat(found) if found else pd.DataFrame(columns=columns).astype({"row": int, "place": int})
    matches["place_id"] = frame["place_id"].to_numpy()[matches.pop("place")]
    return matches.assign(kind=kind)


def _shared(pairs: pd.DataFrame, accuracy: NDArray[np.float64]) -> pd.DataFrame:
    """Share each fix among the segments that its accuracy reaches, or give it to the nearest."""
    row, distance = pairs["row"].to_numpy(), pairs["distance_m"].to_numpy()
    nearest = np.full(len(accuracy), np.inf)
    np.minimum.at(nearest, row, distance)
    reached = distance <= np.maximum(accuracy[row], nearest[row]) + _SAME_M
    pairs, row, distance = pairs[reached], row[reached], distance[reached]
    likelihood = np.exp((nearest[row] ** 2 - distance**2) / (2 * accuracy[row] ** 2))
    total = np.bincount(row, weights=likelihood, minlength=len(accuracy))
    several = np.bincount(row, minlength=len(accuracy)) > 1
    return pairs.assign(weight=likelihood / total[row], ambiguous=several[row])


def _one(pairs: pd.DataFrame, frame: GeoDataFrame) -> pd.DataFrame:
    """Give each fix to one place: inside before beside, then small before large, near before far."""
    area = frame["area_m2"].to_numpy() if "area_m2" in frame else np.zeros(len(frame))
    inside = pairs["distance_m"].to_numpy() == 0
    order = pairs.assign(
        size=np.where(inside, np.nan_to_num(area[pairs["place"]]), np.inf),
        rounded=pairs["distance_m"].round(6),
    ).sort_values(["row", "size", "rounded", "place"], kind="stable")
    first = order.drop_duplicates("row").drop(columns=["size", "rounded"])
    return first.assign(weight=1.0, ambiguous=False)
