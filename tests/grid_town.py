"""A town of straight streets in a grid, and walks through it: large enough for streets where nobody was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from town import audits, line, links_of, matches_of, observations, segments_of, submissions

from safeaudit.config import ScoreSettings
from safeaudit.network import Network, NetworkPoints, build_network
from safeaudit.rubric import STANDARD
from safeaudit.score.estimate import score
from safeaudit.score.unseen import estimate_streets
from safeaudit.tables import empty_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.tables import Audits

    Floats = NDArray[np.float64]

EDGE_M = 100.0
SETTINGS = ScoreSettings()


def grid(blocks: int) -> gpd.GeoDataFrame:
    """Return the table `segments` of a grid with so many blocks on a side."""
    lines, ends = {}, {}
    for x in range(blocks + 1):
        for y in range(blocks + 1):
            for name, (east, north) in {"e": (x + 1, y), "n": (x, y + 1)}.items():
                if max(east, north) <= blocks:
                    street = f"{x:02d}-{y:02d}-{name}"
                    lines[street] = line((EDGE_M * x, EDGE_M * y), (EDGE_M * east, EDGE_M * north))
                    ends[street] = (f"n{x:02d}-{y:02d}", f"n{east:02d}-{north:02d}")
    return segments_of(lines, ends)


def streets_of(segments: gpd.GeoDataFrame) -> tuple[Network, NetworkPoints]:
    """Return the walking graph of segments that are one link each, and their middles on it."""
    links = links_of(segments)
    order = links.set_index("segment_id").index.get_indexer(segments["place_id"])
    return build_network(links), NetworkPoints(order, segments["length_m"].to_numpy(float) / 2)


def middles(segments: gpd.GeoDataFrame) -> Floats:
    """Return the middle of each segment."""
    return shapely.get_coordinates(shapely.centroid(segments.geometry.to_numpy()))


def wander(segments: gpd.GeoDataFrame, walks: int, length: int, rng: np.random.Generator) -> list[list[str]]:
    """Return the places of each walk: it goes on from street to street."""
    ends = {row.place_id: (row.junction_from, row.junction_to) for row in segments.itertuples()}
    at: dict[str, list[str]] = {}
    for name, pair in ends.items():
        for end in pair:
            at.setdefault(end, []).append(name)
    found = []
    for _ in range(walks):
        here, way = str(rng.choice(sorted(at))), []
        for _ in range(length):
            name = str(rng.choice([one for one in at[here] if one not in way] or at[here]))
            way.append(name)
            here = next(end for end in ends[name] if end != here)
        found.append(way)
    return found


def walked(
    ways: Sequence[Sequence[str]],
    level: Mapping[str, float],
    rng: np.random.Generator,
    *,
    spread: float = 0.6,
    also: Sequence[str] = (),
) -> tuple[Audits, pd.DataFrame]:
    """Return audits and matches: of each walk a form at each of its places, its level rounded, with noise."""
    people, seen, shares = [], {}, {}
    for number, way in enumerate(ways):
        for step, place in enumerate(way):
            name = f"s{number:03d}-{step:02d}"
            people.append({"submission_id": name, "walk_id": f"w{number:03d}", "auditor": f"a{number % 6}"})
            said = int(np.clip(round(level[place] + spread * rng.standard_normal()), 0, 3))
            seen[name] = dict.fromkeys(("walk_path", *also), said)
            shares[name] = {place: 1.0}
    return audits(submissions(*people), observations(seen)), matches_of(shares)


def smooth(segments: gpd.GeoDataFrame, seed: int, *, range_m: float = 700.0) -> dict[str, float]:
    """Return a level for each place, nearly alike where they are near each other."""
    xy = middles(segments)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    root = np.linalg.cholesky(np.exp(-2 * apart / range_m) + 1e-9 * np.eye(len(xy)))
    level = 1.5 + 1.1 * (root @ np.random.default_rng(seed).standard_normal(len(xy)))
    return dict(zip(segments["place_id"], level.tolist(), strict=True))


def estimated(
    segments: gpd.GeoDataFrame, said: Audits, matches: pd.DataFrame, evidence: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return scores, estimates and the table `skill` of a town."""
    scores = score(said.submissions, said.observations, matches, STANDARD, SETTINGS)
    told = empty_table("evidence") if evidence is None else evidence
    found = estimate_streets(
        scores,
        [said],
        matches,
        segments=segments,
        streets=streets_of(segments),
        evidence=told,
        rubric=STANDARD,
        settings=SETTINGS,
    )
    return scores, *found
