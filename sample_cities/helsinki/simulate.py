"""Simulate two campaigns of safety audits in Helsinki, on the city's own streets and lamps.

Nobody walked these streets. The same seed gives the same bytes:

    python sample_cities/helsinki/simulate.py [FOLDER]

writes `simulated_audits_before.csv` and `simulated_audits_after.csv` to FOLDER, or beside this script.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from dirt import soil
from extract import UTM, Extract, read_extract
from ratings import INDICATORS, City, describe, rate
from routes import pins, route, streets

from safeaudit.crs import to_degrees

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from shapely import LineString

HERE = Path(__file__).resolve().parent
SEED = 1_170_702
N_ROUTES = 24
SUMMER_TIME = timezone(timedelta(hours=3))
TWO_SIGMA = 2.0


@dataclass(frozen=True, slots=True)
class Campaign:
    """A round of walks: when, on which of the routes, and how late it is dark on its first and last day."""

    name: str
    first_day: datetime
    days: int
    routes: range
    paired: int
    day_only: int
    dark_minutes: tuple[int, int]
    mended: bool


CAMPAIGNS = (
    Campaign("before", datetime(2025, 9, 8, tzinfo=SUMMER_TIME), 46, range(16), 8, 2, (1275, 1145), mended=False),
    Campaign("after", datetime(2026, 4, 7, tzinfo=SUMMER_TIME), 24, range(4, 24), 10, 2, (1280, 1345), mended=True),
)


@dataclass(frozen=True, slots=True)
class Outing:
    """One walk of a group: when it started, where it went, and whether one form stood for all."""

    walk_id: str
    start: datetime
    dark: bool
    pins: NDArray[np.float64]
    auditors: pd.DataFrame
    one_form: bool


def main(folder: Path) -> None:
    """Write the audits of both campaigns to a folder."""
    extract = read_extract(HERE / "helsinki.osm.pbf")
    lines = _routes(extract)
    people = _auditors()
    for number, campaign in enumerate(CAMPAIGNS):
        rng = np.random.default_rng([SEED, 1 + number])
        city = City.of(extract, np.random.default_rng([SEED, 9]), mended=campaign.mended)
        walks = [_forms(walk, city, rng) for walk in _outings(campaign, lines, people, rng)]
        clean = pd.concat(walks, ignore_index=True).sort_values(["observed_at", "submission_id"], ignore_index=True)
        target = folder / f"simulated_audits_{campaign.name}.csv"
        soil(clean, rng).to_csv(target, index=False, lineterminator="\n")
        print(f"{target.name}: {len(walks)} walks, {target.stat().st_size} bytes")


def _routes(extract: Extract) -> Sequence[LineString]:
    rng = np.random.default_rng([SEED, 0])
    network = streets(extract.pieces)
    return [route(network, rng, length_m=rng.uniform(1300, 2100)) for _ in range(N_ROUTES)]


def _auditors() -> pd.DataFrame:
    """Return sixteen people in four walking groups, most of them women and girls, each with a habit of rating."""
    rng = np.random.default_rng([SEED, 8])
    women = [("woman", "25-39", "no")] * 3 + [("woman", "40-59", "no")]
    girls = [("woman", "15-17", "no")] * 3 + [("woman", "18-24", "no")]
    elderly = [("woman", "60-74", "no"), ("woman", "75-84", "yes"), ("man", "60-74", "no"), ("woman", "60-74", "no")]
    mixed = [("man", "25-39", "no"), ("man", "40-59", "no"), ("other", "18-24", "no"), ("woman", "40-59", "no")]
    people = pd.DataFrame([*women, *girls, *elderly, *mixed], columns=["sex", "age", "disability"])
    people.insert(0, "auditor", [f"W{group:02d}-A{member}" for group in range(1, 5) for member in range(1, 5)])
    people.insert(1, "group", np.repeat(np.arange(4), 4))
    biases = rng.normal(0, 0.28, (len(people), len(INDICATORS)))
    return people.assign(bias=list(biases))


def _outings(
    campaign: Campaign, lines: Sequence[LineString], people: pd.DataFrame, rng: np.random.Generator
) -> Iterator[Outing]:
    """Yield the walks: some routes by day and again after dark, the others once."""
    number = 0
    for turn, line in enumerate(lines[index] for index in campaign.routes):
        day = int(rng.integers(campaign.days))
        lights = (False, True) if turn < campaign.paired else (turn >= campaign.paired + campaign.day_only,)
        spots = pins(line, rng)
        auditors = _company(people, turn % 4, rng)
        one_form = turn % 7 == 5
        for dark in lights:
            number += 1
            minute = np.interp(day, (0, campaign.days), campaign.dark_minutes) if dark else rng.integers(690, 930)
            start = campaign.first_day + timedelta(days=day, minutes=int(minute))
            yield Outing(f"{campaign.name}-{number:02d}", start, dark, spots, auditors, one_form)


def _company(people: pd.DataFrame, group: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return three or four of one group, and mostly a guest of another."""
    own = people[people["group"] == group].sample(int(rng.integers(3, 5)), random_state=rng)
    guest = people[people["group"] != group].sample(int(rng.random() < 0.6), random_state=rng)
    return pd.concat([own, guest], ignore_index=True)


def _forms(walk: Outing, city: City, rng: np.random.Generator) -> pd.DataFrame:
    """Return what the forms of one walk hold, as text."""
    auditors = walk.auditors.iloc[:1] if walk.one_form else walk.auditors
    truth = describe(walk.pins, city, dark=walk.dark, rng=rng)
    pin = np.repeat(np.arange(len(walk.pins)), len(auditors))
    who = auditors.iloc[np.tile(np.arange(len(auditors)), len(walk.pins))].reset_index(drop=True)
    told = rate(truth[pin], who, dark=walk.dark, rng=rng)
    forms = pd.concat([_head(walk, pin, who, rng), _fixes(walk.pins[pin], rng), _about(walk, who), told], axis=1)
    return forms[rng.random(len(forms)) > 0.06].assign(note="")


def _head(walk: Outing, pin: NDArray[np.int64], who: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    seconds = pin * 95 + rng.integers(0, 70, len(pin))
    times = [(walk.start + timedelta(seconds=int(second))).isoformat() for second in seconds]
    ids = [f"{walk.walk_id}-{spot + 1:02d}-{auditor}" for spot, auditor in zip(pin, who["auditor"], strict=True)]
    return pd.DataFrame({"submission_id": ids, "observed_at": times})


def _fixes(spots: NDArray[np.float64], rng: np.random.Generator) -> pd.DataFrame:
    """Return where the phones thought they were, and how sure: a few badly, a few without saying."""
    accuracy = np.clip(rng.lognormal(1.7, 0.35, len(spots)), 3, 12).round(1)
    bad = rng.random(len(spots)) < 0.012
    accuracy[bad] = rng.uniform(30, 80, int(bad.sum())).round(1)
    lonlat = to_degrees(spots + rng.normal(0, 1, spots.shape) * accuracy[:, None] / TWO_SIGMA, UTM)
    said = np.char.mod("%g", accuracy).astype(object)
    silent = rng.random(len(spots))
    said[silent < 0.01] = ""
    said[silent > 0.994] = "0"
    latitude, longitude = (np.char.mod("%.6f", lonlat[:, axis]).astype(object) for axis in (1, 0))
    return pd.DataFrame({"latitude": latitude, "longitude": longitude, "accuracy_m": said})


def _about(walk: Outing, who: pd.DataFrame) -> pd.DataFrame:
    """Return the walk and the auditor; where one form stands for all, nobody in particular."""
    columns = {"auditor": "auditor", "sex": "auditor_sex", "age": "auditor_age", "disability": "auditor_disability"}
    about = who[list(columns)].rename(columns=columns).astype(object)
    if walk.one_form:
        about[:] = ""
    about.insert(0, "walk_id", walk.walk_id)
    return about.assign(group_size=str(len(walk.auditors)) if walk.one_form else "1")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
