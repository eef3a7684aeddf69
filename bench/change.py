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
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from measure import tell_command
from pyproj import CRS

from safeaudit.config import ScoreSettings
from safeaudit.rubric import LEVELS, STANDARD
from safeaudit.score.change import find_changes
from safeaudit.tables import TABLES, Audits, Places, empty_table, validate_table

if TYPE_CHECKING:
    from safeaudit.score.change import Changes

WARDS, STREETS, WALKS, MEMBERS = 8, 8, 2, 4
STRICT, EVENING, NOISE = 0.12, 0.04, 0.16
"""Standard deviations of auditors, evenings and single forms, on the scale 0 to 1."""

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
    town: int = 0


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
    """Return what a town's two rounds say of one indicator after dark, where, and how each street truly changed."""
    rng = np.random.default_rng(seed)
    of_place = rng.uniform(0.3, 0.7) + rng.normal(0, 0.18, (WARDS, STREETS))
    shocks = [rng.normal(0, plan.shock, (WARDS, 1)) / np.sqrt(2) for _ in NAMES]
    truths = [of_place + number * plan.truth + shock for number, shock in enumerate(shocks)]
    rows = pd.concat([_round(plan, truth, number, rng) for number, truth in enumerate(truths)], ignore_index=True)
    changed = np.subtract(*(_expected(truth) for truth in reversed(truths)))
    rows["submission_id"] = [f"f{number:06d}" for number in range(len(rows))]
    forms = {
        "source": "walk.csv",
        "line": 2,
        "version": 1,
        "flags": "",
        "group_size": 1,
        "light": "dark",
        "consent": "conditions",
        **dict.fromkeys(("form", "auditor_sex", "auditor_age", "auditor_disability", "auditor_role", "place_code")),
        **dict.fromkeys(("group_women", "group_men", "group_other", "accuracy_m", "lux", "note")),
    }
    people = rows[["submission_id", "campaign", "auditor", "walk_id", "observed_at"]].assign(**forms)
    level = rows["level"].astype("Int64")
    seen = rows[["submission_id"]].assign(indicator="walk_path", level=level, rating=rows["level"] / (LEVELS - 1), n=1)
    ids = places.segments["place_id"].to_numpy()
    where = rows[["submission_id"]].assign(place_id=ids[rows["place"]], kind="segment", weight=1.0, distance_m=1.0)
    audits = Audits(
        submissions=_drawn(people, [None] * len(people), "submissions"),
        observations=validate_table(seen.assign(spread=np.nan), "observations"),
        faults=empty_table("reports"),
        rejected=empty_table("rejected"),
        counts=(),
    )
    return audits, validate_table(where.assign(ambiguous=False), "matches"), 100 * changed.ravel()


def _expected(felt: np.ndarray) -> np.ndarray:
    """Return the mean rating that all people would give on all evenings: levels end at 0 and 3."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    spread = np.sqrt(STRICT**2 + EVENING**2 + NOISE**2)
    levels = np.clip(np.round((felt[..., None] + spread * nodes) * (LEVELS - 1)), 0, LEVELS - 1) / (LEVELS - 1)
    return levels @ weights / weights.sum()


def _round(plan: Plan, moved: np.ndarray, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the forms of one round: level, place, auditor, walk."""
    # The same people rate alike in both rounds; others are others.
    own = np.random.default_rng([plan.town, 0 if plan.same else number])
    strict = own.normal(0, STRICT, plan.auditors)
    members = min(MEMBERS, plan.auditors)
    parts = []
    for walk, ward in product(range(WALKS), range(WARDS)):
        who = rng.choice(plan.auditors, members, replace=False)
        felt = moved[ward] + strict[who][:, None] + rng.normal(0, EVENING)
        felt = felt + rng.normal(0, NOISE, felt.shape)
        place = np.tile(ward * STREETS + np.arange(STREETS), members)
        level = np.clip(np.round(felt.ravel() * (LEVELS - 1)), 0, LEVELS - 1)
        auditor = np.repeat([f"a{person if plan.same else person + 100 * number}" for person in who], STREETS)
        parts.append(pd.DataFrame({"level": level, "place": place, "auditor": auditor, "walk_id": f"{walk} {ward}"}))
    return pd.concat(parts).assign(campaign=NAMES[number], observed_at=NIGHTS[NAMES[number]])


def compare(plan: Plan, places: Places, town: int) -> tuple[Changes, np.ndarray]:
    """Compare the rounds of one town; return how each street truly changed too."""
    audits, matches, changed = make_audits(replace(plan, town=town), places, town)
    return find_changes(audits, matches, places, STANDARD, ScoreSettings(), names=NAMES), changed


def measure(plan: Plan, places: Places, towns: int) -> dict[str, float]:
    """Return how often tests find something, and how often intervals hold the truth, over many towns."""
    found = [compare(plan, places, town) for town in range(towns)]
    city = pd.concat([one.means[one.means["area_id"] == "city"] for one, _ in found])
    wards = pd.concat([one.means[one.means["area_id"] != "city"].assign(t=_by_ward(t)) for one, t in found])
    streets = pd.concat([one.places.assign(t=t) for one, t in found])
    truth = np.mean([t.mean() for _, t in found])
    told = {
        "tested": city["p"].notna().mean(),
        "city": (city["p"] < 0.05).mean(),
        "missed": _missed(city.assign(t=truth)),
        "wards": _missed(wards),
        "streets": _missed(streets),
        "any": np.mean([bool(one.places["differs"].any()) for one, _ in found]),
        "width": (city["high"] - city["low"]).mean(),
    }
    return {name: float(value) for name, value in told.items()}


def _by_ward(changed: np.ndarray) -> np.ndarray:
    return changed.reshape(WARDS, STREETS).mean(axis=1)


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
        told = measure(Plan(auditors=auditors, same=same, shock=shock, truth=truth), places, given.towns)
        what = f"{auditors} {'the same' if same else 'others'}, shocks {shock:g}, change {truth:g}"
        figures = "".join(f"{told[name]:{width}.3f}" for name, width in zip(told, (8, 7, 8, 7, 8, 6), strict=False))
        print(f"{what:34}{figures}{told['width']:7.1f}{time.perf_counter() - start:6.0f}", flush=True)


if __name__ == "__main__":
    main()
