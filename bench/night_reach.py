"""Who reaches what: how often intervals hold the truth in simulated towns, and how long a large town takes.

    nice python bench/night_reach.py [--towns 500]

The towns of `field_towns.py`: a grid of streets of 80 m, of which a tenth is missing, walks of twelve forms about
lighting after dark, and a true value for every street, walked or not. Eight stops lie on streets by lot. Who truly
reaches a stop is what streets lead to whose true value is at least the standard.
"""

from __future__ import annotations

import argparse
import os
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from field_towns import Plan, make_streets, make_town, streets_of
from measure import tell_command

from safeaudit.config import ScoreSettings
from safeaudit.network import any_of, find_reached, sum_weights
from safeaudit.rubric import STANDARD
from safeaudit.score.estimate import score
from safeaudit.score.reach import find_night_reach
from safeaudit.score.reach.town import read_town

if TYPE_CHECKING:
    from field_towns import Town
    from numpy.typing import NDArray

    from safeaudit.score.reach import NightReach

SETTINGS = ScoreSettings()
STOPS = 8
KINDS = {
    "many forms": Plan(blocks=8, walks=120, field=0.0),
    "a few forms, some streets not looked at": Plan(blocks=8, walks=40, field=0.0),
    "fewer, an eighth not looked at": Plan(blocks=8, walks=20, field=0.0),
    "a few, streets like their neighbours": Plan(blocks=8, walks=40),
    "the same, auditors 40 % of the noise": Plan(blocks=8, walks=40, part=0.4),
    "the same, each walk by another auditor": Plan(blocks=8, walks=40, part=0.4, auditors=40),
    "the same, noise four fifths": Plan(blocks=8, walks=40, own=0.2),
    "the same, walks prefer good streets": Plan(blocks=8, walks=60, prefers=1.0),
}
NOBODY = pd.DataFrame({name: [] for name in ("area_id", "x", "y", "people", "sex", "age")})


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--towns", type=int, default=60, help="towns of each kind (500 for a report)")
    given = parser.parse_args()
    tell_command()
    print(f"{'':40} {'told':>6} {'seen':>5} {'hold':>5} {'all stops':>9} {'width':>6} {'too high':>8}")
    for name, plan in KINDS.items():
        found = [row for number in range(given.towns) for row in compare(plan, seed=1000 * number + plan.walks)]
        _tell(name, pd.DataFrame(found))
    tell_time()


def _tell(name: str, found: pd.DataFrame) -> None:
    """Print how much is told, how often intervals hold, how wide they are, and how far the mean is too high."""
    one, whole = found[found["what"] == "one"], found[found["what"] == "all"]
    seen, hold, together = one["coverage"].mean(), one["holds"].mean(), whole["holds"].mean()
    width, bias = (
        ((one["high"] - one["low"]) / one["within"]).mean(),
        ((one["reach"] - one["t"]) / one["within"]).mean(),
    )
    print(f"{name:40} {len(one):6} {seen:5.2f} {hold:5.3f} {together:9.3f} {width:6.2f} {bias:+8.3f}")


def compare(plan: Plan, seed: int) -> list[dict[str, object]]:
    """Return for each stop that is told of, and for all of them together, what is told beside what is true."""
    town = make_town(plan, seed)
    places = places_of(town.segments, STOPS, seed)
    told = reach_of(town, places)
    of_stops, of_all = _true_reach(town, places, told)
    rows = told.destinations[told.destinations["indicator"] == "lighting"].assign(t=of_stops, what="one")
    whole = told.categories[(told.categories["indicator"] == "lighting") & (told.categories["category"] == "stop")]
    every = pd.concat([rows, whole.assign(t=of_all, what="all")])
    every = every[every["note"] == ""]
    holds = (every["low"] - 0.1 <= every["t"]) & (every["t"] <= every["high"] + 0.1)
    return every.assign(holds=holds).to_dict("records")


def reach_of(town: Town, places: SimpleNamespace) -> NightReach:
    """Return what is told of a town."""
    seen = town.observations.assign(indicator="lighting")
    audits = SimpleNamespace(submissions=town.submissions, observations=seen)
    scores = score(town.submissions, seen, town.matches, STANDARD, SETTINGS)
    return find_night_reach(
        [(audits, scores)],
        town.matches,
        places=places,
        streets=streets_of(town.segments),
        population=NOBODY,
        rubric=STANDARD,
        settings=SETTINGS,
    )


def _true_reach(town: Town, places: SimpleNamespace, told: NightReach) -> tuple[NDArray[np.float64], float]:
    """Return who truly reaches each stop, and any of those that are told of."""
    known = read_town(places, streets_of(town.segments), NOBODY)
    good = np.append(town.truth >= 0.5, False)[known.place][:, None]
    reached = find_reached(known.ways, good)[known.way]
    weight, count = known.weight[known.home], len(known.destinations)
    each = sum_weights(reached, weight, known.to, groups=count, draws=1)[:, 0]
    rows = told.destinations[told.destinations["indicator"] == "lighting"]
    pairs = np.flatnonzero((rows["note"] == "").to_numpy()[known.to])
    home, bits = any_of(reached[pairs], known.home[pairs])
    whole = sum_weights(bits, known.weight[home], np.zeros(len(home), dtype=np.int64), groups=1, draws=1)
    return each, float(whole[0, 0])


def places_of(segments: gpd.GeoDataFrame, stops: int, seed: int) -> SimpleNamespace:
    """Return the places of a town: stops at the middles of streets by lot."""
    chosen = np.random.default_rng(seed).choice(len(segments), stops, replace=False)
    middle = shapely.line_interpolate_point(segments.geometry.to_numpy()[chosen], 0.5, normalized=True)
    ids = [f"t{number:04d}" for number in range(stops)]
    columns = {"place_id": ids, "label": ids, "category": "bus_stop", "tags": "{}"}
    nothing = gpd.GeoDataFrame({"place_id": [], "label": [], "category": [], "tags": []}, geometry=[], crs=segments.crs)
    features = nothing.rename(columns={"place_id": "feature_id"}).assign(kind=[], name=[])
    links = segments.rename(columns={"junction_from": "node_from", "junction_to": "node_to"})
    return SimpleNamespace(
        segments=segments.assign(label=segments["place_id"]),
        links=links.assign(segment_id=links["place_id"], space_id=None),
        spaces=nothing.astype({"place_id": "str"}),
        stops=gpd.GeoDataFrame(columns, geometry=middle, crs=segments.crs),
        areas=pd.DataFrame({"area_id": ["city"], "kind": ["city"]}),
        features=features.astype({"feature_id": "str"}),
    )


def tell_time() -> None:
    """Print how long some 10,000 streets with 400 stops take that were all looked at a few times."""
    plan = Plan(blocks=73, walks=4000)
    segments = make_streets(plan.blocks, np.random.default_rng(0))
    town = make_town(plan, 0, segments)
    places = places_of(segments, 400, 0)
    started = time.perf_counter()
    told = reach_of(town, places)
    seconds = time.perf_counter() - started
    count = int((told.destinations["note"] == "").sum())
    size = f"{len(segments):,} streets, {len(town.submissions):,} forms, {count} stops told of"
    print(f"{size}: {seconds:.1f} s, scores included")


if __name__ == "__main__":
    main()
