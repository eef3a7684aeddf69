"""How often a change is found that is not there, and how often intervals hold the true one: towns whose truth is known.

    nice python bench/change.py [--towns 500]

Every town has eight wards of eight streets. Each round walks every ward twice; the auditors of a walk rate each of its
streets on a form of their own, in levels. Auditors differ, every evening moves its whole walk, and with shocks every
ward moves between the rounds by itself: in the mean of many wards nothing. For a ward and its streets such a shock is
a change, so their intervals are held against it.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from measure import tell_command
from pyproj import CRS

from safeaudit.config import ScoreSettings
from safeaudit.rubric import LEVELS, STANDARD
from safeaudit.score.change import LEAST_AUDITORS, LEVEL, find_changes
from safeaudit.score.change.discovery import false_discovery_rates
from safeaudit.tables import TABLES, Audits, Places, empty_table, validate_table

WARDS, STREETS, WALKS, MEMBERS = 8, 8, 2, 4
STRICT, EVENING, NOISE = 0.12, 0.04, 0.16
"""Standard deviations of auditors, evenings and single forms, on the scale 0 to 1."""

TOWNS = ("openness", "visibility", "people", "security", "gender_usage", "feeling")
"""Six indicators that have nothing to do with each other are six towns; of no composite are they enough."""


AUDITORS = (2, 4, 6, 8, 12, 20, 40)
METRIC = CRS.from_epsg(32737)
NAMES = ("before", "after")
NIGHTS = dict(zip(NAMES, pd.to_datetime(["2025-05-01T18:00Z", "2026-05-01T18:00Z"]), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many auditors, whether they are the same in both rounds, how far wards move, and by how much all do."""

    auditors: int
    same: bool = True
    shock: float = 0.0
    truth: float = 0.0


def make_places() -> Places:
    """Return wards side by side, each with its streets."""
    lines = [
        shapely.LineString([(1000 * ward, 100 * street), (1000 * ward + 90, 100 * street)])
        for ward, street in product(range(WARDS), range(STREETS))
    ]
    ids = [f"s{number:03d}" for number in range(len(lines))]
    segments = dict.fromkeys(("place_id", "place_code", "label", "label_name", "junction_from", "junction_to"), ids)
    segments |= dict.fromkeys(("name", "label_from", "label_to", "label_near", "label_mark", "osm_ids"))
    segments |= {"label_kind": "alone", "highway": "residential", "length_m": 90.0}
    wards = [shapely.box(1000 * ward - 50, -50, 1000 * ward + 150, 1000) for ward in range(WARDS)]
    city = shapely.box(-100, -100, 1000 * WARDS, 1100)
    names = [f"ward {ward}" for ward in range(WARDS)]
    areas = {"area_id": ["city", *names], "name": ["City", *names], "kind": ["city", *["ward"] * WARDS]}
    return Places(
        crs=METRIC,
        links=_drawn(empty_table_of("links"), [], "links"),
        segments=_drawn(segments, lines, "segments"),
        spaces=_drawn(empty_table_of("spaces"), [], "spaces"),
        stops=_drawn(empty_table_of("stops"), [], "stops"),
        areas=_drawn(areas, [city, *wards], "areas"),
        features=_drawn(empty_table_of("features"), [], "features"),
        attribution="",
    )


def empty_table_of(name: str) -> dict[str, list[object]]:
    """Return no rows of a table with geometry."""
    return {column.name: [] for column in TABLES[name].columns if column.name != "geometry"}


def _drawn(columns: object, shapes: list[shapely.Geometry], name: str) -> gpd.GeoDataFrame:
    return validate_table(gpd.GeoDataFrame(columns, geometry=shapes, crs=METRIC), name)


def make_audits(plan: Plan, places: Places, seed: int) -> tuple[Audits, pd.DataFrame, np.ndarray]:
    """Return what both rounds of some towns say, where, and how each street truly changed: shape (towns, streets)."""
    rng = np.random.default_rng(seed)
    size = (len(TOWNS), WARDS, STREETS)
    of_place = rng.uniform(0.3, 0.7, (len(TOWNS), 1, 1)) + rng.normal(0, 0.18, size)
    shocks = [rng.normal(0, plan.shock, (len(TOWNS), WARDS, 1)) / np.sqrt(2) for _ in NAMES]
    truths = [of_place + number * plan.truth + shock for number, shock in enumerate(shocks)]
    rows = pd.concat([_round(plan, truth, number, seed, rng) for number, truth in enumerate(truths)], ignore_index=True)
    rows["submission_id"] = [f"f{number:06d}" for number in range(len(rows))]
    forms = {
        "source": "walk.csv",
        "line": 2,
        "version": 1,
        "flags": "",
        "group_size": 1,
        "light": "dark",
        "consent": "conditions",
        **dict.fromkeys(("form", "auditor_sex", "auditor_age", "auditor_disability", "auditor_role", "own_groups")),
        **dict.fromkeys(("place_code", "group_women", "group_men", "group_other", "accuracy_m", "lux", "note")),
    }
    people = rows[["submission_id", "campaign", "auditor", "walk_id", "observed_at"]].assign(**forms)
    seen = rows[["submission_id", *TOWNS]].melt("submission_id", var_name="indicator", value_name="level")
    seen = seen.assign(rating=seen["level"] / (LEVELS - 1), n=1, level=seen["level"].astype("Int64"), spread=np.nan)
    ids = places.segments["place_id"].to_numpy()
    where = rows[["submission_id"]].assign(place_id=ids[rows["place"]], kind="segment", weight=1.0, distance_m=1.0)
    audits = Audits(
        submissions=_drawn(people, [None] * len(people), "submissions"),
        observations=validate_table(seen, "observations"),
        faults=empty_table("reports"),
        rejected=empty_table("rejected"),
        counts=(),
    )
    changed = 100 * np.subtract(*(_expected(truth) for truth in reversed(truths)))
    return audits, validate_table(where.assign(ambiguous=False), "matches"), changed.reshape(len(TOWNS), -1)


def _expected(felt: np.ndarray) -> np.ndarray:
    """Return the mean rating that all people would give on all evenings: levels end at 0 and 3."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    spread = np.sqrt(STRICT**2 + EVENING**2 + NOISE**2)
    levels = np.clip(np.round((felt[..., None] + spread * nodes) * (LEVELS - 1)), 0, LEVELS - 1) / (LEVELS - 1)
    return levels @ weights / weights.sum()


def _round(plan: Plan, moved: np.ndarray, number: int, seed: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the forms of one round: place, auditor, walk, and a level for each town."""
    # The same people rate alike in both rounds; others are others.
    own = np.random.default_rng([seed, 0 if plan.same else number])
    strict = own.normal(0, STRICT, (len(TOWNS), plan.auditors))
    members = min(MEMBERS, plan.auditors)
    parts = []
    for walk, ward in product(range(WALKS), range(WARDS)):
        who = rng.choice(plan.auditors, members, replace=False)
        felt = moved[:, ward, None] + strict[:, who, None] + rng.normal(0, EVENING, (len(TOWNS), 1, 1))
        felt = felt + rng.normal(0, NOISE, felt.shape)
        level = np.clip(np.round(felt * (LEVELS - 1)), 0, LEVELS - 1).reshape(len(TOWNS), -1)
        place = np.tile(ward * STREETS + np.arange(STREETS), members)
        auditor = np.repeat([f"a{person if plan.same else person + 100 * number}" for person in who], STREETS)
        about = {"place": place, "auditor": auditor, "walk_id": f"{walk} {ward}"}
        parts.append(pd.DataFrame({**dict(zip(TOWNS, level, strict=True)), **about}))
    return pd.concat(parts).assign(campaign=NAMES[number], observed_at=NIGHTS[NAMES[number]])


def compare(plan: Plan, places: Places, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the rounds of some towns; return the changes of areas and of streets, with the truth `t`."""
    audits, matches, changed = make_audits(plan, places, seed)
    found = find_changes(audits, matches, places, STANDARD, ScoreSettings(), names=NAMES)
    town = pd.Index(TOWNS).get_indexer(found.places["indicator"])
    street = pd.Index(places.segments["place_id"]).get_indexer(found.places["place_id"])
    by_ward = np.column_stack([np.full(len(TOWNS), 100 * plan.truth), changed.reshape(len(TOWNS), WARDS, -1).mean(-1)])
    area = pd.Index(places.areas["area_id"]).get_indexer(found.means["area_id"])
    means = found.means.assign(t=by_ward[pd.Index(TOWNS).get_indexer(found.means["indicator"]), area], seed=seed)
    return means, found.places.assign(t=changed[town, street], seed=seed)


def measure(plan: Plan, places: Places, towns: int) -> dict[str, float]:
    """Return how often tests find something, and how often intervals hold the truth, over many towns."""
    calls = [compare(plan, places, seed) for seed in range(-(-towns // len(TOWNS)))]
    means, streets = (pd.concat(parts, ignore_index=True) for parts in zip(*calls, strict=True))
    city = means[means["area_id"] == "city"]
    by_town = streets.groupby(["seed", "indicator"], observed=True)["p"]
    told = {
        "tested": city["p"].notna().mean(),
        "city": (city["p"] < 0.05).mean(),
        "missed": _missed(city) if not plan.truth else _missed(city.assign(t=streets["t"].mean())),
        "wards": _missed(means[means["area_id"] != "city"]),
        "streets": _missed(streets),
        "any": by_town.agg(lambda p: bool((false_discovery_rates(p.to_numpy()) <= LEVEL).any())).mean(),
        "width": (city["high"] - city["low"]).mean(),
    }
    return {name: float(value) for name, value in told.items()}


def _missed(rows: pd.DataFrame) -> float:
    """Return how many of the intervals do not hold the truth."""
    tested = rows[rows["low"].notna()]
    return ((tested["low"] > tested["t"]) | (tested["high"] < tested["t"])).mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--towns", type=int, default=500, help="towns of each kind")
    parser.add_argument("--auditors", type=int, nargs="+", default=list(AUDITORS))
    given = parser.parse_args()
    tell_command()
    places = make_places()
    print("city: p < 0.05; missed: 95 % intervals without the truth, of the city, its wards and its streets;")
    print("any: towns where a street is said to differ; width: points of the city's interval")
    print(
        f"{'auditors':34}{'tested':>8}{'city':>7}{'missed':>8}{'wards':>7}{'streets':>8}{'any':>6}{'width':>7}{'s':>6}"
    )
    for shock, same, truth, auditors in product((0.0, 0.1), (True, False), (0.0, 0.1), given.auditors):
        if truth and auditors != 12:
            continue
        start = time.perf_counter()
        everybody = auditors if same else 2 * auditors
        towns = given.towns if everybody >= LEAST_AUDITORS else len(TOWNS)  # nothing is tested below
        told = measure(Plan(auditors=auditors, same=same, shock=shock, truth=truth), places, towns)
        what = f"{auditors} {'the same' if same else 'others'}, shocks {shock:g}, change {truth:g}"
        figures = "".join(f"{told[name]:{width}.3f}" for name, width in zip(told, (8, 7, 8, 7, 8, 6), strict=False))
        print(f"{what:34}{figures}{told['width']:7.1f}{time.perf_counter() - start:6.0f}", flush=True)


if __name__ == "__main__":
    main()
