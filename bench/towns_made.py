"""Simulated towns with known truth: walks on Makati's streets, auditors of several strictness, ratings in levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from placing import DEFAULT_M, city_of
from placing_walks import fixes

from safeaudit.config import MatchSettings
from safeaudit.match import match
from safeaudit.rubric import LEVELS, STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MEMBERS = 5
"""Phones of a group: each with errors of its own."""

NAMES = tuple(STANDARD.weights)
BEGUN = pd.Timestamp("2026-03-02T15:00Z")
TOGETHER = 0.5
"""How far the indicators of one place, of one auditor and of one form go together."""

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a town is like: ratings, auditors, their part of the noise, whether they walk in groups, and the fixes."""

    ratings: int
    auditors: int
    part: float
    groups: bool
    radius_m: float
    means: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """Walks that towns are made of: the walk and true place of each position, and where a group's phones put it."""

    walk: NDArray[np.int64]
    place: NDArray[np.int64]
    names: NDArray[np.object_]
    matches: dict[float, list[pd.DataFrame]]


@dataclass(frozen=True, slots=True)
class Town:
    """The tables that `score` reads, and the true value of each place: a column per indicator, and score."""

    submissions: gpd.GeoDataFrame
    observations: pd.DataFrame
    matches: pd.DataFrame
    truth: pd.DataFrame
    unseen: Unseen


@dataclass(frozen=True, slots=True)
class Unseen:
    """What no method can know: where each form was truly made, its auditor and unrounded mean, and the shares."""

    place: NDArray[np.int64]
    auditor: NDArray[np.int64]
    felt: Floats
    own: float
    auditors: float


def make_pool(radii: tuple[float, ...], walks: int = 400) -> Pool:
    """Walk through Makati and match what phones say: what is made mainly on streets."""
    city = city_of("Makati", walks)
    on_street = np.isin(city.place, city.places.segments["place_id"].astype(object))
    place, names = pd.factorize(np.where(on_street, city.place, None))
    matches = {
        radius: [_placed(city.true, radius, phone, city.places) for phone in range(MEMBERS if radius else 1)]
        for radius in radii
    }
    return Pool(city.true["walk"].to_numpy(), place, np.asarray(names), matches)


def _placed(true: gpd.GeoDataFrame, radius: float, phone: int, places: object) -> pd.DataFrame:
    """Return row, place_id and weight of what one phone says; with no error, of what is true."""
    said = fixes(true, max(radius, 0.1), seed=100 + phone, correlated=True).set_crs(true.crs)
    found = match(said, places, MatchSettings(default_accuracy_m=DEFAULT_M))
    found = found[found["kind"] == "segment"].astype({"submission_id": str, "place_id": str})
    return found.assign(row=found["submission_id"].str[1:].astype(int))[["row", "place_id", "weight", "distance_m"]]


def make_town(pool: Pool, plan: Plan, seed: int) -> Town:
    """Make one town: its truth, who walks where, and what they answer."""
    rng = np.random.default_rng(seed)
    row, phone, auditor = _who_walks_where(pool, plan, rng)
    own, mean = rng.beta(2.5, 3), rng.uniform(0.35, 0.65, len(NAMES))
    unit = rng.uniform(0.25, 0.38)
    auditors = plan.part * (1 - own)
    at_place = unit * np.sqrt(own) * _together(rng, len(pool.names))
    of_auditor = unit * np.sqrt(auditors) * _together(rng, plan.auditors)
    noise = unit * np.sqrt(1 - own - auditors)
    many = rng.integers(2, 9, len(row)) if plan.means else np.ones(len(row), dtype=int)
    form = np.repeat(np.arange(len(row)), many)
    # Whose mean it is nobody knows: each of its ratings is by anybody.
    who = rng.integers(plan.auditors, size=len(form)) if plan.means else auditor
    felt = mean + at_place[pool.place[row[form]]] + of_auditor[who] + noise * _together(rng, len(form))
    rating = np.clip(np.round(felt * (LEVELS - 1)), 0, LEVELS - 1) / (LEVELS - 1)
    truth = _expected(mean + at_place, np.hypot(unit * np.sqrt(auditors), noise))
    table = pd.DataFrame(truth, columns=NAMES, index=pool.names).assign(score=truth.mean(axis=1))
    people = _submissions(pool, row, None if plan.means else auditor)
    unseen = Unseen(pool.place[row[form]], who, (felt - mean).mean(axis=1), own, auditors)
    return Town(people, _observations(rating, form, many), _matches(pool, plan, row, phone), table, unseen)


def _who_walks_where(
    pool: Pool, plan: Plan, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return for each form its position, its phone and its auditor: walks of up to 25 positions."""
    size = min(MEMBERS, plan.auditors) if plan.groups else 1
    walks = max(int(np.ceil(plan.ratings / (25 * size))), int(np.ceil(plan.auditors / size)))
    each = max(1, round(plan.ratings / (walks * size)))
    rows, phones, who = [], [], []
    usable = np.flatnonzero(pool.place >= 0)
    for number, walk in enumerate(rng.permutation(pool.walk.max() + 1)):
        there = usable[pool.walk[usable] == walk][:each]
        if sum(map(len, rows)) >= plan.ratings:
            break
        # In turn first, so that everybody walks; then by lot.
        first = np.arange(number * size, (number + 1) * size) % plan.auditors
        people = first if number < walks else rng.choice(plan.auditors, size, replace=False)
        rows.append(np.repeat(there, size))
        phones.append(np.tile(np.arange(size), len(there)))
        who.append(np.tile(people, len(there)))
    return np.concatenate(rows), np.concatenate(phones), np.concatenate(who)


def _together(rng: np.random.Generator, size: int) -> Floats:
    """Return standard normals by indicator that go together."""
    common, own = rng.standard_normal((size, 1)), rng.standard_normal((size, len(NAMES)))
    return np.sqrt(TOGETHER) * common + np.sqrt(1 - TOGETHER) * own


def _expected(centre: Floats, spread: float) -> Floats:
    """Return the mean rating that all people would give: levels end at 0 and 3."""
    levels = np.clip(np.round((centre[..., None] + spread * _NODES) * (LEVELS - 1)), 0, LEVELS - 1) / (LEVELS - 1)
    return levels @ _WEIGHTS / _WEIGHTS.sum()


def _submissions(pool: Pool, row: NDArray[np.int64], auditor: NDArray[np.int64] | None) -> gpd.GeoDataFrame:
    walk = pd.Series(pool.walk[row])
    named = [None] * len(row) if auditor is None else [f"a{who:03d}" for who in auditor]
    return gpd.GeoDataFrame(
        {
            "submission_id": [f"s{number:06d}" for number in range(len(row))],
            "source": pd.Categorical(["walk.csv"] * len(row)),
            "walk_id": "w" + walk.astype(str),
            "auditor": pd.Series(named, dtype="str"),
            "campaign": pd.Series([None] * len(row), dtype="str"),
            "light": pd.Categorical(["dark"] * len(row), ["day", "twilight", "dark"]),
            "group_size": pd.array([1] * len(row), dtype="Int64"),
            "observed_at": pd.Series(BEGUN + pd.to_timedelta(walk * 4, unit="h")).astype("datetime64[us, UTC]"),
        },
        geometry=gpd.points_from_xy(row, np.zeros(len(row))),
    )


def _observations(rating: Floats, form: NDArray[np.int64], many: NDArray[np.int64]) -> pd.DataFrame:
    """Return what each form holds: a level, or a mean with n and spread."""
    count = len(many)
    mean = np.stack([np.bincount(form, column) / many for column in rating.T], axis=1)
    squares = np.stack([np.bincount(form, column**2) for column in rating.T], axis=1) - many[:, None] * mean**2
    spread = np.sqrt(np.maximum(squares, 0) / np.maximum(many - 1, 1)[:, None])
    single = (many == 1)[:, None] & np.ones(len(NAMES), dtype=bool)
    level = np.where(single, mean * (LEVELS - 1), np.nan).round()
    return pd.DataFrame(
        {
            "submission_id": np.repeat([f"s{number:06d}" for number in range(count)], len(NAMES)),
            "indicator": np.tile(NAMES, count),
            "level": pd.array(level.ravel(), dtype="Float64").astype("Int64"),
            "rating": mean.ravel(),
            "n": pd.array(np.repeat(many, len(NAMES)), dtype="Int64"),
            "spread": pd.array(np.where(single, np.nan, spread).ravel(), dtype="Float64"),
        }
    )


def _matches(pool: Pool, plan: Plan, row: NDArray[np.int64], phone: NDArray[np.int64]) -> pd.DataFrame:
    phones = pool.matches[plan.radius_m]
    asked = pd.DataFrame({"row": row, "phone": phone % len(phones), "number": np.arange(len(row))})
    found = pd.concat([asked[asked["phone"] == one].merge(said, on="row") for one, said in enumerate(phones)])
    found["submission_id"] = [f"s{number:06d}" for number in found["number"]]
    return found[["submission_id", "place_id", "weight", "distance_m"]].assign(kind="segment")


def towns(pool: Pool, plan: Plan, count: int) -> Iterator[Town]:
    """Make towns: the same for the same plan."""
    for number in range(count):
        yield make_town(pool, plan, seed=1000 * number + plan.ratings)
