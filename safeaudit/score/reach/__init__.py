"""Night reach: who reaches a stop, toilet, school or market along streets that meet the standard, by day and dark.

Tables `night_reach` and `reach_by_destination`. Around each destination lie the streets within 400 m of it. A street
reaches it where streets that all meet the standard lead there without leaving these. Which streets meet it is drawn
from the posterior, together (`model.draw`): what auditors and the city have in common is so in every draw. What nobody
looked at counts as not meeting it; in the upper end of an interval, as meeting it. No route is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.contributors import rounds
from safeaudit.network import find_reached, no_draws
from safeaudit.score.ratings import ratings
from safeaudit.score.reach.say import say_night_reach
from safeaudit.score.reach.standing import draw_standing
from safeaudit.score.reach.tell import DRAWS, NO_STREET, NOT_MAPPED, TOO_LITTLE, tell_categories, tell_destinations
from safeaudit.score.reach.town import read_town
from safeaudit.score.reach.views import find_views
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.network import Network, NetworkPoints
    from safeaudit.rubric import Rubric
    from safeaudit.score.ratings import Ratings
    from safeaudit.score.reach.town import Town
    from safeaudit.score.reach.views import View
    from safeaudit.tables import Audits, Places

    Words = NDArray[np.uint64]

__all__ = ["NOT_MAPPED", "NO_STREET", "TOO_LITTLE", "NightReach", "find_night_reach", "say_night_reach"]


class NightReach(NamedTuple):
    """The tables `night_reach` and `reach_by_destination`."""

    categories: pd.DataFrame
    destinations: pd.DataFrame


def find_night_reach(  # noqa: PLR0913 - the map, the people and the settings are keywords
    scored: Sequence[tuple[Audits, pd.DataFrame]],
    matches: pd.DataFrame,
    *,
    places: Places,
    streets: tuple[Network, NetworkPoints],
    population: pd.DataFrame,
    rubric: Rubric,
    settings: ScoreSettings,
) -> NightReach:
    """Tell who reaches each destination, and any of its category, along streets that meet the standard.

    Parameters
    ----------
    scored
        The audits of each round, and the table `scores` of it by itself.
    matches, places
        What belongs where, and the city, read with what evidence needs.
    streets
        The walking graph, and where the middle of each segment lies on it.
    population
        One row per cell, area and raster: area_id, x, y (metres), people, sex, age. Where none of them counts
        everybody, the length of streets stands for people.
    rubric, settings
        The indicators; the standard, and the interval's probability.

    Returns
    -------
    Both tables, empty where nobody walked. A round is told of by itself: none fills what another lacks. Where 80 % of
    the length around a destination was not looked at in a light, its values are NA.
    """
    if not scored:
        return NightReach(empty_table("night_reach"), empty_table("reach_by_destination"))
    town = read_town(places, streets, population)
    told = [
        table
        for audits, scores in scored
        for table in _of_round(town, audits, scores, matches=matches, rubric=rubric, settings=settings)
    ]
    return NightReach(
        _join([one.categories for one in told], "night_reach"),
        _join([one.destinations for one in told], "reach_by_destination"),
    )


def _join(parts: Sequence[pd.DataFrame], name: str) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return validate_table(pd.concat(filled, ignore_index=True), name) if filled else empty_table(name)


def _of_round(  # noqa: PLR0913 - what belongs where, and the settings, are keywords
    town: Town, audits: Audits, scores: pd.DataFrame, *, matches: pd.DataFrame, rubric: Rubric, settings: ScoreSettings
) -> Iterator[NightReach]:
    """Yield the rows of one round, indicator by indicator and light by light."""
    (campaign,) = rounds(audits.submissions)
    views = find_views(town, scores, rubric)
    # Where too little was walked around everything, nothing is drawn.
    enough = any(view.told.any() for view in views)
    rated = ratings(audits.submissions, audits.observations, matches, rubric) if enough else None
    for view in views:
        reached = _reach(town, view, rated, rubric, settings)
        about = {"campaign": campaign or "", "indicator": view.name, "group": view.light, "unit": town.unit}
        tables = tell_categories(town, view, reached, settings), tell_destinations(town, view, reached, settings)
        yield NightReach(*(table.assign(**about) for table in tables))


def _reach(town: Town, view: View, rated: Ratings | None, rubric: Rubric, settings: ScoreSettings) -> Words:
    """Return for each way in which draws it reaches its destination: first what is at least so, then at most."""
    ways = town.ways
    reached = no_draws(len(ways.part), 2 * DRAWS)
    if rated is None or not view.told.any():
        return reached
    meets = np.zeros((len(town.place_ids), DRAWS), dtype=bool)
    meets[view.looked_at] = draw_standing(
        rated,
        view.name,
        view.light,
        town.place_ids[view.looked_at],
        rubric=rubric,
        settings=settings,
        draws=DRAWS,
    )
    for which, looked_at in ((view.same, view.in_both), (view.told & ~view.same, view.looked_at)):
        rows = np.flatnonzero(which[ways.destination])
        least, most = meets & looked_at[:, None], meets | ~looked_at[:, None]
        reached[rows] = find_reached(ways.take(rows), np.hstack([least, most])[town.place])
    return reached
