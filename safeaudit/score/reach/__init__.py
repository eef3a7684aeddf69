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
from safeaudit.network import any_of, find_reached, sum_weights
from safeaudit.score.ratings import ratings
from safeaudit.score.reach.say import NOT_MAPPED, TOO_LITTLE, say_night_reach
from safeaudit.score.reach.standing import draw_standing
from safeaudit.score.reach.town import CATEGORIES, read_town
from safeaudit.score.reach.views import find_views
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.network import Network, NetworkPoints
    from safeaudit.rubric import Rubric
    from safeaudit.score.ratings import Ratings
    from safeaudit.score.reach.town import Town
    from safeaudit.score.reach.views import View
    from safeaudit.tables import Audits, Places

    Words = NDArray[np.uint64]
    Floats = NDArray[np.float64]

__all__ = ["NOT_MAPPED", "NO_STREET", "TOO_LITTLE", "NightReach", "find_night_reach", "say_night_reach"]

NO_STREET = "no street near it"

_DRAWS = 256


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
    categories, destinations = [], []
    for audits, scores in scored:
        (campaign,) = rounds(audits.submissions)
        rated = ratings(audits.submissions, audits.observations, matches, rubric)
        for view in find_views(town, scores, rubric):
            reached = _reach(town, view, rated, rubric, settings)
            about = {"campaign": campaign or "", "indicator": view.name, "group": view.light, "unit": town.unit}
            categories.append(_tell_categories(town, view, reached, settings.interval).assign(**about))
            destinations.append(_tell_destinations(town, view, reached, settings.interval).assign(**about))
    found = pd.concat(destinations, ignore_index=True)
    return NightReach(
        validate_table(pd.concat(categories, ignore_index=True), "night_reach"),
        validate_table(found, "reach_by_destination") if len(found) else empty_table("reach_by_destination"),
    )


def _reach(town: Town, view: View, rated: Ratings, rubric: Rubric, settings: ScoreSettings) -> Words:
    """Return for each way in which draws it reaches its destination: first what is at least so, then at most."""
    ways = town.ways
    reached = np.zeros((len(ways.part), 2 * _DRAWS // 64), dtype=np.uint64)
    if not view.told.any():
        return reached
    meets = np.zeros((len(town.place_ids), _DRAWS), dtype=bool)
    meets[view.looked_at] = draw_standing(
        rated,
        view.name,
        view.light,
        town.place_ids[view.looked_at],
        rubric=rubric,
        settings=settings,
        draws=_DRAWS,
    )
    for which, looked_at in ((view.same, view.in_both), (view.told & ~view.same, view.looked_at)):
        rows = np.flatnonzero(which[ways.destination])
        least, most = meets & looked_at[:, None], meets | ~looked_at[:, None]
        reached[rows] = find_reached(ways.take(rows), np.hstack([least, most])[town.place])
    return reached


def _tell_destinations(town: Town, view: View, reached: Words, interval: float) -> pd.DataFrame:
    """Return a row for each destination; none where nobody looked at anything in this light."""
    if not view.looked_at.any():
        return pd.DataFrame()
    count = len(town.destinations)
    weight = town.weight[town.home]
    sums = sum_weights(reached[town.way], weight, town.at, groups=count, draws=2 * _DRAWS)
    within = np.bincount(town.at, weight, minlength=count).round(1)
    values = {name: np.where(view.told, value, np.nan) for name, value in _summarise(sums, interval).items()}
    note = np.select([view.told, np.isnan(view.coverage)], ["", NO_STREET], default=TOO_LITTLE)
    return town.destinations.assign(coverage=view.coverage.round(4), same=view.same, within=within, note=note, **values)


def _tell_categories(town: Town, view: View, reached: Words, interval: float) -> pd.DataFrame:
    """Return a row for each category: who reaches any destination of it, each person counted once."""
    of = town.destinations["category"].to_numpy()
    return pd.DataFrame([_tell_category(town, view, reached, interval, of == name) for name in CATEGORIES]).assign(
        category=CATEGORIES
    )


def _tell_category(
    town: Town, view: View, reached: Words, interval: float, which: NDArray[np.bool_]
) -> dict[str, object]:
    """Return who reaches any of some destinations: of those told of in both lights where there are any."""
    same = bool((view.same & which).any())
    counted = which & (view.same if same else view.told)
    pairs = np.flatnonzero(counted[town.at])
    home, bits = any_of(reached[town.way[pairs]], town.home[pairs])
    weight = town.weight[home]
    sums = sum_weights(bits, weight, np.zeros(len(home), dtype=np.int64), groups=1, draws=2 * _DRAWS)
    values = {name: value[0] if counted.any() else np.nan for name, value in _summarise(sums, interval).items()}
    return {
        "destinations": int(which.sum()),
        "walked": int((which & view.told).sum()),
        "counted": int(counted.sum()),
        "same": same,
        "within": weight.sum().round(1) if counted.any() else np.nan,
        "note": "" if counted.any() else TOO_LITTLE if which.any() else NOT_MAPPED,
        **values,
    }


def _summarise(sums: Floats, interval: float) -> dict[str, Floats]:
    """Return the mean of what is at least reached, and the interval that holds whatever nobody looked at is like."""
    least, most = np.split(sums, 2, axis=1)
    edge = (1 - interval) / 2
    mean = least.mean(axis=1)
    # Few people near and few draws apart, a mean can lie beyond a quantile: the interval is then made wider.
    low = np.minimum(np.quantile(least, edge, axis=1), mean)
    high = np.maximum(np.quantile(most, 1 - edge, axis=1), mean)
    return {"reach": mean.round(1), "low": low.round(1), "high": high.round(1)}
