"""Simulate a round of safety audits in Bujumbura, on the city's own streets, night lights and people.

Nobody walked these streets. The same seed gives the same bytes:

    python sample_cities/bujumbura/simulate.py [FOLDER]

writes `simulated_audits.csv` to FOLDER, or beside this script, as teams write: French headers and answers, how many
people there are in Kirundi, semicolons and decimal commas, the encoding of an old Excel, the day before the month.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import rasterio
import shapely
from dirt import soil
from pyproj import CRS
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from safeaudit.config import LayerSettings, PlacesSettings
from safeaudit.crs import to_degrees, to_metres
from safeaudit.files.admit import admit
from safeaudit.places import read_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
ROADS, NIGHT, PEOPLE = (HERE / name for name in ("roads.geojson", "night_radiance.tif", "population.tif"))
SEED = 257
UTM = CRS.from_epsg(32735)
N_ROUTES, N_ALSO_BY_DAY = 15, 9
FIRST_DAY = datetime(2025, 6, 2)  # noqa: DTZ001 - the clocks of the phones, as the form holds it
DAYS = 40
WALK_M = (1200.0, 2000.0)
PAPER_WALK = "BJM-24"
LIT_MIDDLE_NW, FULL_PER_HA, CELL_HA = 2.5, 200.0, 6.25

ANSWERS = {
    "Eclairage": ("Aucun", "Faible", "Suffisant", "Fort"),
    "Espace ouvert": ("Fermé", "En partie", "Plutôt ouvert", "Ouvert"),
    "Yeux sur la rue": ("Aucun", "Peu", "Quelques-uns", "Beaucoup"),
    "Abantu": ("Ntawe", "Bake", "Benshi", "Benshi cane"),
    "Sécurité": ("Personne", "Garde loin", "Garde proche", "Police proche"),
    "Trottoir": ("Aucun", "Mauvais", "Moyen", "Bon"),
    "Bus": ("Aucun à 10 min", "Moins de 10 min", "2 à 5 min", "Moins de 2 min"),
    "Femmes et enfants": ("Aucun", "Très peu", "Quelques-uns", "Autant que d'hommes"),
    "Ressenti": ("Effrayant", "Mal à l'aise", "Acceptable", "À l'aise"),
}
"""Each question and its answers, worst first, in the order of the rubric."""

PATH = {"primary": 2.3, "secondary": 2.1, "tertiary": 1.8, "residential": 1.5, "unclassified": 1.3, "footway": 1.5}
BUSY = {"primary": 1.0, "secondary": 0.8, "tertiary": 0.6}


@dataclass(frozen=True, slots=True)
class Streets:
    """The streets as vertices and the pieces between them: metres, and of each piece its kind and its line."""

    xy: NDArray[np.float64]
    graph: csr_array
    pieces: shapely.STRtree
    kind: NDArray[np.object_]
    line: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outing:
    """One walk of a group: its number, its spots and whether it was after dark."""

    number: int
    spots: NDArray[np.float64]
    dark: bool


def main(folder: Path) -> None:
    """Write the audits to a folder."""
    rng = np.random.default_rng(SEED)
    streets = read_streets(ROADS)
    crowd = auditors(rng)
    walks = [forms(outing, crowd, streets, rng) for outing in outings(streets, rng)]
    target = folder / "simulated_audits.csv"
    soil(on_paper(pd.concat(walks, ignore_index=True)), rng).to_csv(
        target, index=False, sep=";", encoding="cp1252", lineterminator="\r\n"
    )
    print(f"{target.name}: {len(walks)} walks, {target.stat().st_size} bytes")


def read_streets(file: Path) -> Streets:
    """Read the streets; those that share a vertex are joined there."""
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    lines = [np.array(feature["geometry"]["coordinates"]) for feature in features]
    number = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    lonlat, node = np.unique(np.concatenate(lines), axis=0, return_inverse=True)
    xy, node = to_metres(lonlat, UTM), node.reshape(-1)
    inner = np.diff(number) == 0
    tail, head, line = node[:-1][inner], node[1:][inner], number[:-1][inner]
    length = np.hypot(*(xy[head] - xy[tail]).T)
    graph = csr_array((length, (tail, head)), shape=(len(xy), len(xy)))
    kind = np.array([feature["properties"]["highway"] for feature in features], dtype=object)[line]
    return Streets(xy, graph, shapely.STRtree(shapely.linestrings(np.stack([xy[tail], xy[head]], axis=1))), kind, line)


def outings(streets: Streets, rng: np.random.Generator) -> Iterator[Outing]:
    """Yield the walks: all routes after dark, and some of them also by day."""
    lines = list(routes(streets, rng))
    for number, spots in enumerate(lines, start=1):
        yield Outing(number, spots, dark=True)
    for number, spots in enumerate(lines[:N_ALSO_BY_DAY], start=len(lines) + 1):
        yield Outing(number, spots, dark=False)


def routes(streets: Streets, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield the spots of each route, 30 to 60 m apart: shortest ways between two corners where people live."""
    people = sampled(PEOPLE, streets.xy)
    chance = people / people.sum()
    number = 0
    while number < N_ROUTES:
        start = int(rng.choice(len(streets.xy), p=chance))
        far_m, before = dijkstra(
            streets.graph, directed=False, indices=start, limit=WALK_M[1], return_predecessors=True
        )
        ends = np.flatnonzero((far_m > WALK_M[0]) & np.isfinite(far_m))
        if not len(ends):
            continue
        way = [int(rng.choice(ends))]
        while way[-1] != start:
            way.append(int(before[way[-1]]))
        line = shapely.LineString(streets.xy[way[::-1]])
        steps = np.cumsum(rng.uniform(30, 60, int(line.length // 30) + 1))
        yield shapely.get_coordinates(shapely.line_interpolate_point(line, steps[steps < line.length]))
        number += 1


def sampled(file: Path, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cells of a raster that spots lie in; 0 where it does not know."""
    with rasterio.open(file) as raster:
        there = to_metres(to_degrees(xy, UTM), CRS.from_wkt(raster.crs.to_wkt()))
        values = np.array([cell[0] for cell in raster.sample(there, masked=True)])
    return np.ma.filled(values, 0.0).astype(float)


def auditors(rng: np.random.Generator) -> pd.DataFrame:
    """Return twelve people in three groups, most of them women and girls, each with a habit of rating."""
    groups = {
        "A": [("Femme", 34), ("Femme", 41), ("Femme", 27), ("Homme", 38)],
        "B": [("Femme", 19), ("Femme", 17), ("Femme", 22), ("Homme", 20)],
        "C": [("Femme", 63), ("Femme", 52), ("Homme", 66), ("Femme", 45)],
    }
    rows = [(group, f"{group}{i + 1}", *who) for group, members in groups.items() for i, who in enumerate(members)]
    people = pd.DataFrame(rows, columns=["group", "Enquêtrice", "Sexe", "Age"])
    return people.assign(habit=list(rng.normal(0, 0.25, (len(people), len(ANSWERS)))))


def truth(spots: NDArray[np.float64], streets: Streets, rng: np.random.Generator, *, dark: bool) -> pd.DataFrame:
    """Return how good each spot is, on the rubric's scale before rounding, from what the map and rasters hold."""
    piece = streets.pieces.nearest(shapely.points(spots))
    own = np.random.default_rng(SEED + 1).normal(0, 0.75, (streets.line.max() + 1, 4))[streets.line[piece]]
    now = rng.normal(0, 0.4, (len(spots), 2))
    light = np.log2(np.maximum(sampled(NIGHT, spots), 0.1) / LIT_MIDDLE_NW)
    homes = sampled(PEOPLE, spots) / CELL_HA / FULL_PER_HA
    kind = pd.Series(streets.kind[piece])
    path, busy = (kind.map(known).fillna(0.8 if known is PATH else 0.0).to_numpy() for known in (PATH, BUSY))
    people = 0.9 + 1.2 * np.minimum(homes, 1.5) + busy + now[:, 0] - 0.8 * dark
    eyes = 0.7 + 1.3 * np.minimum(homes, 1.5) + own[:, 0] - 0.4 * dark
    lighting = 1.3 + 0.8 * light + own[:, 1]
    seen = lighting if dark else 2.4
    usage = 0.4 + 0.7 * people - 0.3 * dark + now[:, 1]
    feeling = 0.3 + 0.4 * seen + 0.25 * people + 0.2 * eyes
    security = 0.2 + 0.6 * busy + 0.3 * now[:, 1]
    columns = [lighting, 1.7 + own[:, 2], eyes, people, security, path + own[:, 3], 1.2 + 1.5 * busy, usage, feeling]
    return pd.DataFrame(np.column_stack(columns), columns=list(ANSWERS))


def forms(walk: Outing, crowd: pd.DataFrame, streets: Streets, rng: np.random.Generator) -> pd.DataFrame:
    """Return what the forms of one walk hold, as text."""
    number, spots, dark = walk.number, walk.spots, walk.dark
    group = crowd[crowd["group"] == "ABC"[number % 3]].sample(3, random_state=rng)
    day = FIRST_DAY + timedelta(days=int(rng.integers(DAYS)), minutes=int(rng.integers(1125, 1170) if dark else 570))
    spot = np.repeat(np.arange(len(spots)), len(group))
    who = group.iloc[np.tile(np.arange(len(group)), len(spots))].reset_index(drop=True)
    good = truth(spots, streets, rng, dark=dark).to_numpy()[spot]
    level = np.clip(np.rint(good + np.stack(who["habit"].to_list()) + rng.normal(0, 0.35, good.shape)), 0, 3)
    fix = to_degrees(spots[spot] + rng.normal(0, 3, (len(spot), 2)), UTM)
    times = [day + timedelta(seconds=int(second)) for second in spot * 90 + rng.integers(0, 60, len(spot))]
    head = {
        "Fiche": [f"BJM-{number:02d}-{at + 1:02d}-{name}" for at, name in zip(spot, who["Enquêtrice"], strict=True)],
        "Date": [time.strftime("%d/%m/%Y %H:%M") for time in times],
        "Latitude": comma(fix[:, 1], 6),
        "Longitude": comma(fix[:, 0], 6),
        "Précision (m)": comma(np.clip(rng.lognormal(1.8, 0.4, len(spot)), 3, 40), 1),
        "Marche": f"BJM-{number:02d}",
        **{name: who[name].astype(str) for name in ("Enquêtrice", "Sexe", "Age")},
    }
    told = {
        name: np.array(words, dtype=object)[level[:, i].astype(int)] for i, (name, words) in enumerate(ANSWERS.items())
    }
    if not dark:
        told["Eclairage"] = np.full(len(spot), "", dtype=object)
    return pd.DataFrame(
        {**head, **told, "Problème": problems(level, rng, dark=dark), "Code du lieu": "", "Remarque": ""}
    )


def on_paper(told: pd.DataFrame) -> pd.DataFrame:
    """Return the forms, one walk of which was made without a phone: its forms name the code on the printed map."""
    settings = PlacesSettings(streets=LayerSettings(file=ROADS))
    segments = read_places(settings, "auto", {ROADS: admit(ROADS)}).segments
    rows = told["Marche"] == PAPER_WALK
    degrees = told.loc[rows, ["Longitude", "Latitude"]].apply(lambda column: column.str.replace(",", ".")).astype(float)
    points = shapely.points(to_metres(degrees.to_numpy(), CRS.from_wkt(segments.crs.to_wkt())))
    near = shapely.STRtree(segments.geometry.to_numpy()).nearest(points)
    codes = segments["place_code"].astype(object).to_numpy()[near]
    written = told.copy()
    written.loc[rows, ["Latitude", "Longitude", "Précision (m)"]] = ""
    written.loc[rows, "Code du lieu"] = codes
    return written


def problems(level: NDArray[np.float64], rng: np.random.Generator, *, dark: bool) -> NDArray[np.object_]:
    """Return what is to be mended: lamps where it is dark, paths and drains where the path is bad."""
    lamp = np.where(rng.random(len(level)) < 0.5, "Lampe éteinte", "Pas de lampe")
    path = np.where(rng.random(len(level)) < 0.5, "Caniveau ouvert", "Trottoir cassé")
    seen = rng.random(len(level)) < 0.35
    return np.select([dark & (level[:, 0] == 0) & seen, (level[:, 5] <= 0) & seen, ~seen], [lamp, path, ""], "Rien")


def comma(numbers: NDArray[np.float64], decimals: int) -> list[str]:
    """Return numbers as they are written in French."""
    return [f"{number:.{decimals}f}".replace(".", ",") for number in numbers.tolist()]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
