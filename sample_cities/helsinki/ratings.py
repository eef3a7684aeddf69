"""What auditors would say of a spot: its surroundings, the truth made of them, and answers with human error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from extract import Extract
    from numpy.typing import NDArray

INDICATORS = STANDARD.names
PATH = {
    "pedestrian": 2.7,
    "footway": 2.4,
    "cycleway": 2.3,
    "residential": 2.1,
    "path": 1.4,
    "service": 1.4,
    "steps": 1.1,
}
SURFACE = {"asphalt": 0.3, "paved": 0.3, "cobblestone": -0.4, "sett": -0.4, "compacted": -0.5, "unpaved": -1.0}
LIT = {"yes": 0.6, "24/7": 0.6, "no": -1.0}
BUSY = {"primary": 0.9, "secondary": 0.7, "pedestrian": 1.0, "unclassified": 0.3, "residential": 0.2}
LAMP_REACH_M = 15.0
LAMPS_OUT_SHARE = 0.30
MENDED_SHARE = 0.7
DAYLIGHT = 2.4
DETOUR = 1.6
"""How much longer the walk to a stop is than the straight line."""


@dataclass(frozen=True, slots=True)
class City:
    """What lies around the spots, and what was drawn once for each street (its name, or its way)."""

    around: Extract
    streets: pd.DataFrame
    lines: shapely.STRtree

    @classmethod
    def of(cls, extract: Extract, rng: np.random.Generator, *, mended: bool) -> City:
        """Return the city before or after its lamps were mended; the same draws for both."""
        lines = shapely.STRtree([shapely.LineString(piece.line) for piece in extract.pieces])
        return cls(extract, _streets(extract, rng, mended=mended), lines)


def _streets(extract: Extract, rng: np.random.Generator, *, mended: bool) -> pd.DataFrame:
    tags = pd.DataFrame([piece.tags for piece in extract.pieces])
    code, keys = pd.factorize(tags["name"].fillna(pd.Series([str(piece.way) for piece in extract.pieces])))
    well_kept = 1.3 * rng.normal(0, 1, (len(keys), 1))
    own = rng.normal(0, 1, (len(keys), 5)) + well_kept
    lamps = rng.random(len(keys))
    out = (lamps < LAMPS_OUT_SHARE) & ~(mended & (lamps < LAMPS_OUT_SHARE * MENDED_SHARE))
    lit, surface, busy = (
        tags[key].map(known).fillna(0.0) for key, known in (("lit", LIT), ("surface", SURFACE), ("highway", BUSY))
    )
    return pd.DataFrame(
        {
            "light": lit - 2.1 * out[code] + 0.4 * own[code, 0],
            "path": tags["highway"].map(PATH).fillna(2.2) + surface + 0.4 * own[code, 1] - 0.5,
            "open": 0.4 * own[code, 2],
            "eyes": 0.45 * own[code, 3],
            "busy": busy + 0.35 * own[code, 4],
        }
    )


def describe(spots: NDArray[np.float64], city: City, *, dark: bool, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how good each spot is on that outing, shape (n, 9), on the rubric's scale before rounding."""
    points, around = shapely.points(spots), city.around
    street = city.streets.iloc[city.lines.nearest(points)].reset_index(drop=True)
    lamps = _count(around.lamps, points, LAMP_REACH_M)
    in_space = _count(around.spaces, points, 1.0) > 0
    clear_m = around.buildings.query_nearest(points, return_distance=True, all_matches=False)[1]
    stop_m = around.stops.query_nearest(points, return_distance=True, all_matches=False)[1]
    now = rng.normal(0, 1, (len(spots), 2))
    people = 0.3 + _count(around.stops, points, 150) / 7 + street["busy"] - 0.7 * dark + 0.4 * now[:, 0]
    lighting = 1.05 + 0.4 * np.minimum(lamps, 3) + street["light"]
    openness = 0.65 + clear_m / 13 + 0.5 * in_space + street["open"]
    eyes = 0.55 + 0.36 * _count(around.buildings, points, 30) + street["eyes"] - 0.5 * in_space - 0.3 * dark
    security = 0.1 + 0.9 * (_count(around.stations, points, 180) > 0) + 0.3 * now[:, 1]
    transport = 3.0 - np.searchsorted([150.0, 400.0, 800.0], DETOUR * stop_m)
    usage = 0.6 + 0.6 * np.clip(people, 0, 3) - 0.2 * dark + 0.2 * now[:, 1]
    seen_by = lighting if dark else np.full(len(spots), DAYLIGHT)
    good = np.clip(np.column_stack([seen_by, openness, eyes, people, usage]), 0, 3)
    feeling = good @ np.array([0.32, 0.18, 0.14, 0.22, 0.14]) + 0.25
    ordered = [lighting, openness, eyes, people, security, street["path"], transport, usage, feeling]
    return np.clip(np.column_stack(ordered), -0.4, 3.4)


def rate(truth: NDArray[np.float64], who: pd.DataFrame, *, dark: bool, rng: np.random.Generator) -> pd.DataFrame:
    """Return levels 0 to 3 as text: the truth, each auditor's habit and feelings, and chance; a few unanswered."""
    error = rng.normal(0, 0.36, truth.shape) + np.stack(who["bias"].to_list())
    error[:, INDICATORS.index("public_transport")] *= 0.5
    told = truth + error
    told[:, INDICATORS.index("feeling")] += _ease(who, dark=dark)
    levels = np.clip(np.rint(told), 0, 3).astype(int).astype(str).astype(object)
    levels[rng.random(levels.shape) < 0.008] = ""
    if not dark:
        # some answer the question about lighting by day too; it is no answer
        levels[rng.random(len(levels)) < 0.6, INDICATORS.index("lighting")] = ""
    return pd.DataFrame(levels, columns=list(INDICATORS))


def _ease(who: pd.DataFrame, *, dark: bool) -> NDArray[np.float64]:
    """Return how much better or worse a group feels at the same spot."""
    fear = (
        0.35 * (who["sex"] != "man") + 0.3 * who["age"].str[:2].isin(("60", "75")) + 0.25 * (who["disability"] == "yes")
    )
    return (0.15 - fear * (1.0 if dark else 0.3)).to_numpy()


def _count(tree: shapely.STRtree, points: NDArray[np.object_], reach_m: float) -> NDArray[np.int64]:
    return np.bincount(tree.query(points, predicate="dwithin", distance=reach_m)[0], minlength=len(points))
