"""Streets where nobody was: error beside other ways to guess, intervals and the rule in simulated towns, and time.

    python bench/field.py --towns 60

First, what the map of Helsinki says of lamps and `lit` stands in for ratings: walks see a part, the rest is guessed by
us and by others. Then towns whose truth is known: how often anything is estimated, and how often intervals hold it.
Last, the time that 10,000 segments and nine indicators take.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
import warnings
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does

import numpy as np
import pandas as pd
import shapely
from field_towns import Plan, make_town, streets_of, tables_of
from measure import KIB_PER_MIB, tell_command
from scipy.spatial import cKDTree

import safeaudit
from safeaudit.config import ScoreSettings
from safeaudit.evidence import middles, segment_links
from safeaudit.network import build_network
from safeaudit.rubric import STANDARD, Indicator, Rubric
from safeaudit.score.asked import ask
from safeaudit.score.estimate import score
from safeaudit.score.field.covariates import choose_covariates, make_covariates
from safeaudit.score.field.estimates import Known, estimate_unseen
from safeaudit.score.field.models import RANGES_M
from safeaudit.score.field.streets import build_streets, make_field
from safeaudit.score.unseen import estimate_streets
from safeaudit.tables import empty_table

try:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
except ImportError:
    GaussianProcessRegressor = None

if TYPE_CHECKING:
    from collections.abc import Iterator

    from field_towns import Town
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CITY = Path(__file__).resolve().parents[1] / "sample_cities" / "helsinki"
SETTINGS = ScoreSettings()
KINDS = {
    "a field of 800 m": Plan(walks=30),
    "a field of 300 m": Plan(walks=30, range_m=300.0),
    "no field": Plan(walks=30, field=0.0),
    "auditors 40 % of the noise": Plan(walks=30, part=0.4),
    "each walk by another auditor": Plan(walks=30, part=0.4, auditors=30),
    "noise a fifth": Plan(walks=30, own=0.8),
    "walks prefer good streets": Plan(walks=30, prefers=1.0),
    "eight walks": Plan(walks=8),
    "two hundred walks": Plan(walks=200),
}
BLOCKS = 73
"""Blocks a side of a town of 10,000 segments."""

STREETS = 10
"""Streets of a walk through Helsinki."""

NEIGHBOURS = 12
"""Values that an inverse distance takes the mean of."""


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--towns", type=int, default=20, help="towns of each kind (60 for a report)")
    parser.add_argument("--draws", type=int, default=20, help="sets of walks through Helsinki")
    parser.add_argument("--blocks", type=int, help="time a town of so many blocks a side alone (223: 100,000 segments)")
    asked = parser.parse_args()
    tell_command()
    if asked.blocks is None:
        tell_peers(asked.draws)
        tell_towns(asked.towns)
    tell_time(asked.blocks or BLOCKS)


def tell_peers(draws: int) -> None:
    """Print the error of each way to guess, beside that of the mean."""
    result = safeaudit.run(safeaudit.load_config(CITY))
    segments, evidence = result.places.segments, result.evidence
    streets = build_network(result.places.links), middles(result.places, segment_links(result.places))
    told = evidence.astype({"name": "str", "label": "str", "place_id": "str"})
    lamps = told[told["name"] == "lamps_per_100_m"].set_index("place_id")["value"]
    lit = told[told["name"] == "lit"].set_index("place_id")["label"]
    many = np.log1p(lamps.reindex(segments["place_id"]).to_numpy(float, na_value=0.0))
    stand_ins = {
        "lamps (logarithm)": np.clip(many / np.quantile(many, 0.95), 0, 1),
        "lit = yes": (lit.reindex(segments["place_id"]) == "yes").to_numpy(float),
        "nothing (mixed up)": np.random.default_rng(0).permutation(np.clip(many / np.quantile(many, 0.95), 0, 1)),
    }
    light = ["lit", "lamps_per_100_m", "longest_dark_gap_m", "lamp_spacing_m"]
    without = evidence[~told["name"].isin(light).to_numpy()]
    city = SimpleNamespace(segments=segments, streets=streets, evidence=without)
    print(f"Helsinki, {len(segments)} streets, {draws} sets of walks: error beside that of the mean\n")
    for name, truth in stand_ins.items():
        for walks in (5, 12):
            errors = defaultdict(list)
            for seed in range(draws):
                for method, squared in _guess(city, truth, walks, seed):
                    errors[method].append(squared)
            mean = np.mean(errors["mean"])
            listed = ", ".join(f"{method} {np.sqrt(np.mean(found) / mean):.3f}" for method, found in errors.items())
            print(f"{name}, {walks} walks: {listed}")


def _guess(city: SimpleNamespace, truth: Floats, walks: int, seed: int) -> Iterator[tuple[str, float]]:
    """Yield each way to guess with its mean squared error at the streets that no walk saw."""
    rng, segments = np.random.default_rng(seed), city.segments
    middle = shapely.line_interpolate_point(segments.geometry.to_numpy(), 0.5, normalized=True)
    xy = shapely.get_coordinates(middle)
    place, walk = _wander(xy, walks, rng)
    place, first = np.unique(place, return_index=True)
    tables = tables_of(segments, place, walk[first], np.arange(walks), 0.999 * truth[place])
    observations = tables[1].assign(rating=truth[place], level=pd.array([None] * len(place), dtype="Int64"))
    town = SimpleNamespace(
        segments=segments, streets=city.streets, submissions=tables[0], observations=observations, matches=tables[2]
    )
    unseen = np.setdiff1d(np.arange(len(segments)), place)
    by_map = choose_covariates(make_covariates(segments, city.evidence), place)
    ways = {
        "ours": lambda: _ours(town, by_map, unseen),
        "ours without the map": lambda: _ours(town, by_map[:, :0], unseen),
        "mean": lambda: np.full(len(unseen), truth[place].mean()),
        "nearest": lambda: truth[place][cKDTree(xy[place]).query(xy[unseen])[1]],
        "inverse distance": lambda: _inverse_distance(xy[place], truth[place], xy[unseen]),
        "kriging": lambda: _kriging(xy[place], truth[place], xy[unseen], by_map[place, :0], by_map[unseen, :0]),
        "kriging with the map": lambda: _kriging(xy[place], truth[place], xy[unseen], by_map[place], by_map[unseen]),
    }
    for method, guess in ways.items():
        found = guess()
        if found is not None:
            yield method, float(((found - truth[unseen]) ** 2).mean())


def _wander(xy: Floats, walks: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return place and walk of every form: ten streets, each one of those that are nearest to the one before."""
    near = cKDTree(xy).query(xy, k=8)[1]
    places: list[int] = []
    for _ in range(walks):
        way = [int(rng.integers(len(xy)))]
        while len(way) < STREETS:
            way.append(int(rng.choice([one for one in near[way[-1]].tolist() if one not in way] or near[way[-1]])))
        places += way
    return np.array(places), np.repeat(np.arange(walks), STREETS)


def _ours(town: SimpleNamespace, by_map: Floats, unseen: NDArray[np.int64]) -> Floats:
    """Guess by our models, whether their skill is proven or not."""
    scores = score(town.submissions, town.observations, town.matches, STANDARD, SETTINGS)
    shown = scores.astype(dict.fromkeys(("place_id", "indicator", "group", "campaign"), "str"))
    (asked,) = (one for one in ask(shown, [town], town.matches, STANDARD) if one.name == "walk_path")
    seen = pd.Index(town.segments["place_id"].astype("str")).get_indexer(asked.place_ids)
    streets = build_streets(*town.streets)
    fields = [make_field(streets, range_m) for range_m in RANGES_M]
    between = [field.correlate(seen, seen) for field in fields]
    known = Known(values=asked.said, seen=seen, fields=fields, correlations=between, covariates=by_map)
    return estimate_unseen(known, unseen, [0.5]).mean


def _inverse_distance(xy: Floats, value: Floats, at: Floats) -> Floats:
    away, which = cKDTree(xy).query(at, k=min(NEIGHBOURS, len(xy)))
    weight = 1 / np.maximum(away, 1.0) ** 2
    return (weight * value[which]).sum(axis=1) / weight.sum(axis=1)


def _kriging(xy: Floats, value: Floats, at: Floats, here: Floats, there: Floats) -> Floats | None:
    """Guess by kriging in the plane, with straight lines of what the map says; None where scikit-learn is absent."""
    if GaussianProcessRegressor is None:
        return None
    columns = np.column_stack([np.ones(len(here)), here])
    slopes = np.linalg.solve(columns.T @ columns + np.diag([0.0] + [1.0] * here.shape[1]), columns.T @ value)
    kernel = ConstantKernel(0.05) * Matern(400.0, (50.0, 5000.0), nu=0.5) + WhiteKernel(0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0).fit(xy, value - columns @ slopes)
    return fitted.predict(at) + np.column_stack([np.ones(len(there)), there]) @ slopes


def tell_towns(count: int) -> None:
    """Print for each kind of town how often anything is estimated, and how good that is."""
    print(f"\nTowns of some 620 streets and 12 forms a walk, {count} of each kind\n")
    print(
        "kind; towns with estimates; of their streets estimated; intervals that hold (fewest of a town); error / mean's"
    )
    for name, plan in KINDS.items():
        found = [_try_town(make_town(plan, seed)) for seed in range(count)]
        told = [one for one in found if one is not None]
        if not told:
            print(f"{name}: none")
            continue
        held, share, squared, of_mean = (np.array(part) for part in zip(*told, strict=True))
        error = np.sqrt((squared * share).sum() / (of_mean * share).sum())
        covered = (held * share).sum() / share.sum()
        print(f"{name}: {len(told)}; {share.mean():.2f}; {covered:.3f} ({held.min():.2f}); {error:.2f}", flush=True)


def _try_town(town: Town) -> tuple[float, float, float, float] | None:
    """Return of a town's estimates how many hold, how many there are, and both mean squared errors; None without."""
    scores = score(town.submissions, town.observations, town.matches, STANDARD, SETTINGS)
    found, _ = _estimate(town, scores, town.observations, STANDARD)
    found = found[found["indicator"] == "walk_path"]
    if found.empty:
        return None
    truth = pd.Series(100 * town.truth, town.segments["place_id"]).reindex(found["place_id"].astype(str)).to_numpy()
    mean = scores.loc[scores["indicator"] == "walk_path", "score"].mean()
    held = (found["low"] <= truth) & (truth <= found["high"])
    squared, of_mean = ((guess - truth) ** 2 for guess in (found["score"], mean))
    return float(held.mean()), len(found) / len(town.segments), float(squared.mean()), float(of_mean.mean())


def _estimate(
    town: Town, scores: pd.DataFrame, observations: pd.DataFrame, rubric: Rubric
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rounds = [SimpleNamespace(submissions=town.submissions, observations=observations)]
    return estimate_streets(
        scores,
        rounds,
        town.matches,
        segments=town.segments,
        streets=streets_of(town.segments),
        evidence=empty_table("evidence"),
        rubric=rubric,
        settings=SETTINGS,
    )


def tell_time(blocks: int) -> None:
    """Print how long a town and nine indicators take, all of them with skill."""
    town = make_town(Plan(blocks=blocks, walks=60, length=25, auditors=20, range_m=1500.0, own=0.8), 3)
    names = [f"own_{number}" for number in range(9)]
    rubric = Rubric(tuple(replace(Indicator(name=name, public="place"), weight=1.0) for name in names))
    rng, parts = np.random.default_rng(0), []
    for name in names:
        off = rng.choice([0.0, 0.0, 1 / 3, -1 / 3], len(town.observations))
        parts.append(town.observations.assign(indicator=name, rating=np.clip(town.observations["rating"] + off, 0, 1)))
    observations = pd.concat(parts).sort_values(["submission_id", "indicator"], ignore_index=True)
    scores = score(town.submissions, observations, town.matches, rubric, SETTINGS)
    since = time.perf_counter()
    found, skill = _estimate(town, scores, observations, rubric)
    seconds = time.perf_counter() - since
    streets, mib = found["place_id"].nunique(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB
    print(f"\n{len(town.segments):,} segments, nine indicators and their mean: {seconds:.0f} s, {mib:.0f} MiB in all")
    print(f"({streets:,} streets estimated, {skill['estimated'].sum()} of {len(skill)} distances)")


if __name__ == "__main__":
    main()
