"""What was said of the streets, by indicator and light: what estimates of the others rest on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import rounds
from safeaudit.rubric import STREET_CONDITION
from safeaudit.score.estimate import answers_of, asked_in, pools
from safeaudit.score.field.answers import sum_up
from safeaudit.score.model import make_grid
from safeaudit.score.ratings import ratings
from safeaudit.score.skill import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.score.estimate import Pool
    from safeaudit.score.field.answers import Values
    from safeaudit.tables import Audits

    Floats = NDArray[np.float64]

MOST_PLACES = 1000
"""Audited places that a model rests on; where there are more, those of walks that lots choose."""

_SEED = 20_080_613


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be estimated in one light: an indicator or the composite, with what was said of it."""

    name: str
    light: str
    campaign: str
    said: Values
    place_ids: NDArray[np.object_]
    visits: Visits


def ask(shown: pd.DataFrame, by_round: Sequence[Audits], matches: pd.DataFrame, rubric: Rubric) -> Iterator[Asked]:
    """Yield everything that can be estimated, each from the round that most segments are shown in.

    Parameters
    ----------
    shown
        Rows of the table `scores` of segments, their keys and campaign as text.
    by_round
        The audits of each round, from the earliest to the latest.
    matches
        The table of this name.
    rubric
        The indicators.
    """
    on_streets = matches[matches["kind"] == "segment"]
    known = shown.assign(campaign=shown["campaign"].fillna(""))
    parts = dict(iter(known.groupby(["indicator", "group", "campaign"])))
    names = ["".join(name or "" for name in rounds(audits.submissions)) for audits in by_round]
    for name, audits in zip(names, by_round, strict=True):
        rated = ratings(audits.submissions, audits.observations, on_streets, rubric)
        for pool in pools(rated) if len(rated.rows) else ():
            for what, weight in _names(pool, rubric).items():
                # Of two rounds that show as many, the later one.
                many = [len(parts.get((what, pool.light, of), ())) for of in names]
                most = max(range(len(names)), key=lambda number: (many[number], number))
                if names[most] == name and many[most]:
                    yield _sum_up(pool, what, weight, parts[what, pool.light, name], rubric)


def _names(pool: Pool, rubric: Rubric) -> dict[str, Floats]:
    """Return what may be estimated in a pool, and the weight of each indicator of the pool in it."""
    names = pool.rated.indicators
    public = [one.name for one in rubric.indicators if one.public == "place"]
    answered = {names[code] for code in np.unique(pool.cells["indicator"])}
    weights = asked_in(pool.light, rubric.street_condition, rubric)
    found = {name: np.array([float(name == of) for of in names]) for name in public if name in answered}
    if not answered.isdisjoint(weights):
        found[STREET_CONDITION] = np.array([weights.get(of, 0.0) for of in names])
    return found


def _sum_up(pool: Pool, what: str, weight: Floats, shown: pd.DataFrame, rubric: Rubric) -> Asked:
    """Return what was said of the segments that are shown, and by which walks."""
    answers, places = answers_of(pool, what, rubric)
    values = sum_up(answers, make_grid())
    ids = pool.rated.place_ids[places]
    kept = np.flatnonzero(pd.Index(ids).isin(shown["place_id"]))
    rows = pool.rows[weight[pool.rows["indicator"]] > 0].drop_duplicates(["place", "submission"])
    visited = rows.groupby(["place", "walk"], as_index=False)["share"].sum()
    place = pd.Index(places[kept]).get_indexer(visited["place"])
    visited, place = visited[place >= 0], place[place >= 0]
    return Asked(
        name=what,
        light=pool.light,
        campaign=shown["campaign"].iloc[0],
        said=values.take(kept),
        place_ids=ids[kept],
        visits=Visits(place, visited["walk"].to_numpy(), visited["share"].to_numpy(np.float64)),
    )


def draw_walks(asked: Asked) -> Asked:
    """Return it with no more places than a model can rest on: those of walks that lots choose.

    Parameters
    ----------
    asked
        What is to be estimated.
    """
    visits = asked.visits
    if len(asked.place_ids) <= MOST_PLACES:
        return asked
    walks, walk = np.unique(visits.walk, return_inverse=True)
    turn = np.random.default_rng(_SEED).permutation(len(walks))[walk]
    order = np.argsort(turn, kind="stable")
    _, first = np.unique(visits.place[order], return_index=True)
    new = np.zeros(len(order), dtype=bool)
    new[first] = True
    kept = np.unique(visits.place[order[np.cumsum(new) <= MOST_PLACES]])
    at = pd.Index(kept).get_indexer(visits.place)
    visit = at >= 0
    return replace(
        asked,
        said=asked.said.take(kept),
        place_ids=asked.place_ids[kept],
        visits=Visits(at[visit], visits.walk[visit], visits.forms[visit]),
    )
