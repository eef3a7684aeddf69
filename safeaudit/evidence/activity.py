"""Evidence of activity: what draws people near, how far it is on foot, and which streets walks lead along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from safeaudit.destinations import list_destinations
from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows, read_tags
from safeaudit.evidence.parts.segment_links import middles
from safeaudit.network import betweenness, nearest_m, snap_to_network, sums_within, to_edge_m
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.context import Context
    from safeaudit.network import Network, NetworkPoints

SNAP_M = 50.0
"""What is farther than that from every link cannot be walked to."""

FARTHEST_M = 5_000.0
"""Distances end here: the number stands for itself and all beyond."""

USES_M = 400.0
"""Uses within this walk are near: about five minutes."""

WALK_M = 800.0
"""The longest walk that footfall is expected from: about ten minutes."""

LATE_MINUTE = 21 * 60
"""What is open after that, in minutes of the day, is open late."""

WALKS = 10_000
"""The number of walks that betweenness is told for: shares of a whole city are small."""

USES = (
    *("community", "culture", "finance", "food", "health", "lodging", "market", "office", "police", "school", "shop"),
    *("toilet", "water_point", "worship"),
)
"""Categories of uses: where people go, so that others are about."""

_NEAREST = ("stop", "police", "school", "market", "water_point", "toilet")

DISTANCES = {
    category: Measure(
        name=f"{category}_distance_m",
        unit="m",
    )
    for category in _NEAREST
}
USES_NEAR = Measure(name="uses_400_m", unit="uses")
OPEN_LATE = Measure(name="open_late_400_m", unit="uses")
USE_MIX = Measure(name="use_mix_400_m", unit="0 to 1")
BETWEENNESS = Measure(
    name="betweenness",
    unit="walks per 10,000",
)

MEASURES = (*DISTANCES.values(), USES_NEAR, OPEN_LATE, USE_MIX, BETWEENNESS)

_TIMES = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-\u2013]\s*(\d{1,2})[:.](\d{2})")


class _Asked(NamedTuple):
    """The streets that are asked about: their ids, where their middles are, and how far those are from the edge."""

    place_id: pd.Series[str]
    network: Network
    middle: NetworkPoints
    edge_m: NDArray[np.float64]


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell for every segment what draws people there.

    - `<category>_distance_m`: from the middle of the main line along the links to the nearest one of the
      category. Each is put on the nearest link within 50 m (a polygon by its nearest edge), and the metres
      along that link and the own one count.
    - `uses_400_m`: uses within 400 m along the streets from the middle, counted likewise.
    - `open_late_400_m`: those of them whose opening hours say that they are open after 21:00 on some day.
    - `use_mix_400_m`: Shannon's entropy of their categories, -sum(p ln p) / ln k, with p the share of a
      category and k the number of categories in `USES`, mapped here or not (as in Frank et al., Linking
      objectively measured physical activity with objectively measured urban form, Am J Prev Med 28,
      2005).
    - `betweenness`: 10,000 times the share of shortest walks of up to 800 m that lead along the street
      (Freeman 1977, localised: see `network.betweenness`). They start and end at nodes, each weighing
      half the length of the main lines and paths of spaces that end there: it matters little how finely
      streets are cut, and nothing whether their sidewalks are drawn. Walks on all links that run along the
      main line count, on either sidewalk too; the mean of its cross-sections is told: the sum of walks x
      metres beside the main line, over its length. What crosses it is not along it. It compares streets of
      one city: in a city twice as large the shares are half.

    Parameters
    ----------
    context
        Its places: links, segments, stops, spaces of category market, areas, and the features of kind poi; its
        network; and how links lie along segments.

    Returns
    -------
    The table `evidence`. A distance is NA, with coverage 0, where no street leads to any. Else coverage
    tells how much of the way around is on the map: with e the distance from the main line's middle to the
    edge of the map as the crow flies, it is min(1, e / distance), and for the others min(1, e / 400) or
    min(1, e / 800). For `open_late_400_m` that is multiplied by the share of the uses near whose hours can
    be read; where none can, it is NA. Without a use near there is no mix; without any in the city, no use
    is known, and all three are NA with coverage 0.
    """
    places, network = context.places, context.network
    targets = list_destinations(places)
    spots, row = snap_to_network(places.links.geometry.to_numpy(), targets.geometry.to_numpy(), SNAP_M)
    category = targets["category"].to_numpy(dtype=object)[row]
    middle = middles(places, context.segment_links)
    points = shapely.line_interpolate_point(places.links.geometry.to_numpy()[middle.link], middle.along_m)
    edge_m = to_edge_m(network, places.areas, points)
    asked = _Asked(places.segments["place_id"], network, middle, edge_m)
    once = np.append(True, row[1:] != row[:-1])[: len(row)] & np.isin(category, USES)
    uses = targets.iloc[row[once]]
    return concat_evidence(
        [
            *(_distance(kind, spots.take(category == kind), asked) for kind in DISTANCES),
            *_uses(spots.take(once), uses, asked),
            _footfall(context, asked),
        ]
    )


def _distance(category: str, targets: NetworkPoints, asked: _Asked) -> pd.DataFrame:
    far_m = nearest_m(asked.network, asked.middle, targets)
    known = np.isfinite(far_m)
    value = np.where(known, np.minimum(far_m, FARTHEST_M), np.nan)
    return evidence_rows(DISTANCES[category], asked.place_id, value=value, coverage=known * _seen(asked.edge_m, value))


def _uses(spots: NetworkPoints, uses: gpd.GeoDataFrame, asked: _Asked) -> list[pd.DataFrame]:
    """Tell of the uses near: how many, how many open late, how mixed."""
    (hours,) = read_tags(uses["tags"], _open_late)
    of_category = uses["category"].to_numpy(dtype=object)[:, None] == np.array(USES, dtype=object)
    weights = np.column_stack([of_category, hours == "late", hours != ""]).astype(np.float64)
    sums = sums_within(asked.network, asked.middle, spots, weights, USES_M)
    by_category, open_late, with_hours = sums[:, :-2], sums[:, -2], sums[:, -1]
    count = by_category.sum(axis=1)
    mapped = _seen(asked.edge_m, USES_M) * (len(uses) > 0)
    told_of = np.divide(with_hours, count, out=np.ones_like(count), where=count > 0) * mapped
    place_id = asked.place_id
    return [
        evidence_rows(USES_NEAR, place_id, value=np.where(mapped > 0, count, np.nan), coverage=mapped),
        evidence_rows(OPEN_LATE, place_id, value=np.where(told_of > 0, open_late, np.nan), coverage=told_of),
        evidence_rows(USE_MIX, place_id, value=_mix(by_category), coverage=mapped),
    ]


def _open_late(tags: Mapping[str, str]) -> str:
    """Return late or early from the opening hours; empty where there are none that can be read.

    Late is 24/7, or a span of times such as 18:00-23:30 or 17:00-02:00 that ends after 21:00 or past
    midnight, on any day. Seasons, holidays and times told by the sun are not looked at.
    """
    hours = tags.get("opening_hours", "")
    if "24/7" in hours:
        return "late"
    spans = np.array(_TIMES.findall(hours), dtype=np.int64).reshape(-1, 4) @ [[60, 0], [1, 0], [0, 60], [0, 1]]
    if not len(spans):
        return ""
    return "late" if ((spans[:, 1] > LATE_MINUTE) | (spans[:, 1] <= spans[:, 0])).any() else "early"


def _mix(by_category: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the entropy of the categories, 0 to 1; NaN where there is no use."""
    count = by_category.sum(axis=1, keepdims=True)
    share = np.divide(by_category, count, out=np.full_like(by_category, np.nan), where=count > 0)
    logarithm = np.log(share, out=np.zeros_like(share), where=share > 0)
    return np.abs((share * logarithm).sum(axis=1)) / np.log(len(USES))


def _footfall(context: Context, asked: _Asked) -> pd.DataFrame:
    network, links = context.network, context.segment_links
    weighs = np.ones(len(network.length_m), dtype=bool)
    weighs[links.beside.link] = False
    ends, half_m = np.concatenate([network.start, network.end]), np.tile(network.length_m * weighs / 2, 2)
    weight = np.bincount(ends, half_m, minlength=len(network.node_ids)).astype(np.float64)
    share = betweenness(network, weight, WALK_M)[links.link]
    value = WALKS * np.bincount(links.segment, share * links.beside_m, minlength=len(links.whole_m)) / links.whole_m
    return evidence_rows(BETWEENNESS, asked.place_id, value=value, coverage=_seen(asked.edge_m, WALK_M))


def _seen(edge_m: NDArray[np.float64], far_m: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return how much of the way around is on the map: min(1, edge / far)."""
    return np.divide(edge_m, far_m, out=np.ones_like(edge_m), where=edge_m < far_m)
