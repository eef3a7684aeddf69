"""Simulated towns with known truth in every street, walked or not: a grid of streets, a field on it, walks, levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from towns_made import BEGUN

from safeaudit.network import NetworkPoints, build_network
from safeaudit.rubric import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from safeaudit.network import Network

    Floats = NDArray[np.float64]

EDGE_M = 80.0
_WAVES = 4000
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a town is like.

    Attributes
    ----------
    blocks
        Of the grid, on a side: 2 blocks (blocks + 1) streets.
    range_m, field
        Range of the field, and its share of what is the places' own.
    own, part
        Share of the variance of a rating that is the places', and of the rest that is the auditors'.
    walks, length, auditors
        Number of walks, streets of each, and people.
    prefers
        How strongly walks go to good streets: 0 is not at all.
    """

    blocks: int = 18
    range_m: float = 800.0
    field: float = 0.7
    own: float = 0.5
    part: float = 0.2
    walks: int = 20
    length: int = 12
    auditors: int = 10
    prefers: float = 0.0


@dataclass(frozen=True, slots=True)
class Town:
    """The tables that estimates are made of, and the true value of every street, 0 to 1."""

    segments: gpd.GeoDataFrame
    submissions: pd.DataFrame
    observations: pd.DataFrame
    matches: pd.DataFrame
    truth: Floats


def make_streets(blocks: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return a grid of streets, a tenth of them missing."""
    at = np.arange(blocks + 1)
    x, y = (side.ravel() for side in np.meshgrid(at, at))
    east, north = np.flatnonzero(x < blocks), np.flatnonzero(y < blocks)
    tail = np.concatenate([east, north])
    head = np.concatenate([east + 1, north + blocks + 1])
    kept = rng.random(len(tail)) > 0.1
    tail, head = tail[kept], head[kept]
    xy = EDGE_M * np.column_stack([x, y]) + rng.normal(0, 15, (len(x), 2))
    lines = shapely.linestrings(np.stack([xy[tail], xy[head]], axis=1))
    ids = [f"p{number:05d}" for number in range(len(lines))]
    columns = {
        "place_id": ids,
        "highway": pd.Categorical(rng.choice(["residential", "footway", "secondary"], len(ids), p=[0.6, 0.25, 0.15])),
        "length_m": shapely.length(lines),
        "junction_from": [f"n{node}" for node in tail],
        "junction_to": [f"n{node}" for node in head],
    }
    return gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:32737")


def streets_of(segments: gpd.GeoDataFrame) -> tuple[Network, NetworkPoints]:
    """Return the walking graph of segments that are one link each, and their middles on it."""
    links = segments.rename(columns={"junction_from": "node_from", "junction_to": "node_to"})
    return build_network(links), NetworkPoints(np.arange(len(links)), links["length_m"].to_numpy() / 2)


def make_town(plan: Plan, seed: int, segments: gpd.GeoDataFrame | None = None) -> Town:
    """Make one town: its truth, who walks where, and what they answer."""
    rng = np.random.default_rng(seed)
    if segments is None:
        segments = make_streets(plan.blocks, rng)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(segments.geometry.to_numpy(), 0.5, normalized=True))
    own = np.sqrt(plan.field) * draw_field(middle, plan.range_m, rng)
    own += np.sqrt(1 - plan.field) * rng.standard_normal(len(middle))
    unit, mean, auditors = rng.uniform(0.25, 0.38), rng.uniform(0.35, 0.65), plan.part * (1 - plan.own)
    place, walk = walk_about(segments, plan, own, rng)
    who = np.arange(plan.walks) % plan.auditors
    strict = np.sqrt(auditors) * rng.standard_normal(plan.auditors)
    noise = np.sqrt(1 - plan.own - auditors)
    felt = mean + unit * (np.sqrt(plan.own) * own[place] + strict[who[walk]] + noise * rng.standard_normal(len(place)))
    truth = _expected(mean + unit * np.sqrt(plan.own) * own, unit * np.hypot(np.sqrt(auditors), noise))
    return Town(segments, *tables_of(segments, place, walk, who, felt), truth)


def draw_field(xy: Floats, range_m: float, rng: np.random.Generator) -> Floats:
    """Return a Gaussian field in the plane with the covariance exp(-2 h / range): not the one that is fitted.

    It is a sum of waves, whose frequencies are those of this covariance: Cauchy in the plane.
    """
    frequency = 2 / range_m * rng.standard_normal((2, _WAVES)) / np.abs(rng.standard_normal(_WAVES))
    phase = rng.uniform(0, 2 * np.pi, _WAVES)
    waves = [np.cos(part @ frequency + phase).sum(axis=1) for part in np.array_split(xy, len(xy) // 500 + 1)]
    return np.sqrt(2 / _WAVES) * np.concatenate(waves)


def walk_about(
    segments: gpd.GeoDataFrame, plan: Plan, own: Floats, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return place and walk of every form: each walk goes on from street to street."""
    ends = np.concatenate([segments["junction_from"], segments["junction_to"]])
    junction, _ = pd.factorize(ends)
    first, last = np.split(junction, 2)
    at: dict[int, list[int]] = {}
    for number, (one, other) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        at.setdefault(one, []).append(number)
        at.setdefault(other, []).append(number)
    places: list[int] = []
    for _ in range(plan.walks):
        here, seen = int(rng.choice(junction)), set()
        for _ in range(plan.length):
            ways = np.array([way for way in at[here] if way not in seen] or at[here])
            liking = np.exp(plan.prefers * own[ways])
            way = int(rng.choice(ways, p=liking / liking.sum()))
            seen.add(way)
            places.append(way)
            here = int(last[way] if first[way] == here else first[way])
    return np.array(places), np.repeat(np.arange(plan.walks), plan.length)


def tables_of(
    segments: gpd.GeoDataFrame, place: NDArray[np.int64], walk: NDArray[np.int64], who: Sequence[int], felt: Floats
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the tables that hold what was answered: one indicator, walk_path, after dark."""
    ids = [f"s{number:06d}" for number in range(len(place))]
    level = np.clip(np.round(felt * (LEVELS - 1)), 0, LEVELS - 1)
    walks = pd.Series(walk)
    submissions = gpd.GeoDataFrame(
        {
            "submission_id": ids,
            "source": pd.Categorical(["walk.csv"] * len(ids)),
            "walk_id": "w" + walks.astype(str).str.zfill(4),
            "auditor": [f"a{who[number]:03d}" for number in walk],
            "campaign": pd.Series([None] * len(ids), dtype="str"),
            "light": pd.Categorical(["dark"] * len(ids), ["day", "twilight", "dark"]),
            "group_size": pd.array([1] * len(ids), dtype="Int64"),
            "observed_at": pd.Series(BEGUN + pd.to_timedelta(walks * 4, unit="h")).astype("datetime64[us, UTC]"),
        },
        geometry=gpd.points_from_xy(place, np.zeros(len(ids))),
    )
    observations = pd.DataFrame(
        {
            "submission_id": ids,
            "indicator": "walk_path",
            "level": pd.array(level.astype(int), dtype="Int64"),
            "rating": level / (LEVELS - 1),
            "n": pd.array([1] * len(ids), dtype="Int64"),
            "spread": pd.array([None] * len(ids), dtype="Float64"),
        }
    )
    matches = pd.DataFrame({"submission_id": ids, "place_id": segments["place_id"].to_numpy()[place], "weight": 1.0})
    return submissions, observations, matches.assign(distance_m=1.0, kind="segment")


def _expected(centre: Floats, spread: float) -> Floats:
    """Return the mean rating that all people would give: levels end at 0 and 3."""
    levels = np.clip(np.round((centre[..., None] + spread * _NODES) * (LEVELS - 1)), 0, LEVELS - 1) / (LEVELS - 1)
    return np.asarray(levels @ _WEIGHTS / _WEIGHTS.sum())
