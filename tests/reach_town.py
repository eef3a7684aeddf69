"""A ladder of streets with a stop on it, and walks that say what each of its streets is like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from town import (
    METRIC,
    NIGHT,
    at,
    audits,
    features_of,
    line,
    links_of,
    matches_of,
    observations,
    segments_of,
    spaces_of,
    stops_of,
    submissions,
    town,
)

from safeaudit.config import ScoreSettings
from safeaudit.network import NetworkPoints, build_network
from safeaudit.rubric import STANDARD
from safeaudit.score.estimate import score
from safeaudit.score.reach import NightReach, find_night_reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import shapely

    from safeaudit.network import Network
    from safeaudit.tables import Audits, Places

NOON = NIGHT - pd.Timedelta(hours=7)
SETTINGS = ScoreSettings()
CONDITION = ("openness", "visibility", "walk_path", "public_transport")
"""What the mean of what is public by place asks, lighting apart."""

NODES = {f"{row}{x}": (100.0 * x, 100.0 * (row == "b")) for row in "ab" for x in range(4)}
LADDER = {
    **{f"{row}{x}-{row}{x + 1}": (f"{row}{x}", f"{row}{x + 1}") for row in "ab" for x in (0, 2)},
    **{f"a{x}-b{x}": (f"a{x}", f"b{x}") for x in range(4)},
    "bridge": ("a1", "a2"),
}
"""Two blocks of 100 m, and one street from the one to the other::

    b0 --- b1        b2 --- b3
    |      |         |      |
    a0 --- a1 bridge a2 --- a3
       T
"""
STOP = at(50, 2)
WEST = ("a0-a1", "a0-b0", "a1-b1", "b0-b1")
EAST = ("a2-a3", "a2-b2", "a3-b3", "b2-b3")


def ladder(
    *, stops: Mapping[str, shapely.Point] | None = None, things: Sequence[tuple[str, str, shapely.Geometry]] = ()
) -> Places:
    """Return the ladder with a stop on its first street; `things` are features."""
    segments = segments_of({name: line(NODES[one], NODES[other]) for name, (one, other) in LADDER.items()}, LADDER)
    places = town(
        segments=segments,
        links=links_of(segments).set_crs(METRIC, allow_override=True),
        spaces=spaces_of({}),
        stops=stops_of({"stop": STOP} if stops is None else stops),
    )
    return replace(places, features=features_of(*things))


def streets_of(places: Places) -> tuple[Network, NetworkPoints]:
    """Return the walking graph of segments that are one link each, and their middles on it."""
    segments = places.segments
    order = places.links.set_index("segment_id").index.get_indexer(segments["place_id"])
    return build_network(places.links), NetworkPoints(order, segments["length_m"].to_numpy(float) / 2)


def walked(
    *lights: tuple[str, Mapping[str, int]], people: int = 12, campaign: str | None = None, but: Sequence[str] = ()
) -> tuple[Audits, pd.DataFrame]:
    """Return forms by so many people at each place: of each light what level they chose; `but` was not asked."""
    forms, seen, shares = [], {}, {}
    for light, levels in lights:
        asked = [name for name in (*CONDITION, *(("lighting",) if light == "dark" else ())) if name not in but]
        for place, level in levels.items():
            for number in range(people):
                name = f"{campaign or ''}{light}-{place}-{number}"
                about = {"walk_id": f"w{number}", "auditor": f"person {number}", "campaign": campaign}
                when = NIGHT if light == "dark" else NOON
                forms.append({"submission_id": name, "light": light, "observed_at": when, **about})
                seen[name] = dict.fromkeys(asked, level)
                shares[name] = {place: 1.0}
    return audits(submissions(*forms), observations(seen)), matches_of(shares)


def found(
    places: Places,
    *rounds: tuple[Audits, pd.DataFrame],
    population: pd.DataFrame | None = None,
    settings: ScoreSettings = SETTINGS,
) -> NightReach:
    """Return night reach of some rounds of walks, each with its matches."""
    scored = [(one, score(one.submissions, one.observations, matches, STANDARD, settings)) for one, matches in rounds]
    words = dict.fromkeys(("submission_id", "place_id", "kind"), "str")
    matches = pd.concat([part.astype(words) for _, part in rounds] or [matches_of({})], ignore_index=True)
    return find_night_reach(
        scored,
        matches,
        places=places,
        streets=streets_of(places),
        population=people_at() if population is None else population,
        rubric=STANDARD,
        settings=settings,
    )


def people_at(*cells: tuple[float, float, float], sex: str = "all") -> pd.DataFrame:
    """Return cells of population: metres east and north of the town's corner, and people."""
    points = [at(x, y) for x, y, _ in cells]
    return pd.DataFrame(
        {
            "area_id": ["city"] * len(cells),
            "x": np.array([point.x for point in points], dtype=float),
            "y": np.array([point.y for point in points], dtype=float),
            "people": np.array([people for _, _, people in cells], dtype=float),
            "sex": [sex] * len(cells),
            "age": ["all"] * len(cells),
        }
    )


def row_of(table: pd.DataFrame, **wanted: str) -> dict[str, object]:
    """Return the one row with such values."""
    for name, value in wanted.items():
        table = table[table[name] == value]
    (row,) = table.to_dict("records")
    return row
