"""What a second round of walks changed: places, and areas. Tables `changes` and `mean_changes`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.place_areas import area_numbers, find_areas, list_places, middles
from safeaudit.score.change.choose import choose_rounds, refuse_other_scales, say_no_overlap
from safeaudit.score.change.discovery import LEVEL, false_discovery_rates
from safeaudit.score.change.means import Members, change_means, describe_left
from safeaudit.score.change.places import change_places
from safeaudit.score.change.pools import LEAST_AUDITORS, pools
from safeaudit.score.change.rounds import put_side_by_side
from safeaudit.score.change.sites import change_sites
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.rubric import Rubric
    from safeaudit.score.change.pools import Pool
    from safeaudit.tables import Audits, Places

__all__ = [
    "LEAST_AUDITORS",
    "LEVEL",
    "Changes",
    "choose_rounds",
    "find_changes",
    "keep_indicators",
    "refuse_other_scales",
    "say_no_overlap",
]

NEIGHBOURHOOD_M = 500.0
"""Side of the squares that stand for neighbourhoods where no ward says which they are."""

_OF_SITES = ("site_before", "comparison_before", "site_difference", "comparison_difference")
_DIGITS = {
    2: ("before", "after", "difference", "low", "high", "detectable", "before_left", *_OF_SITES),
    3: ("n_before", "n_after"),
    6: ("p", "q"),
}


@dataclass(frozen=True, slots=True)
class Changes:
    """What a second round changed.

    Attributes
    ----------
    places, means, sites
        The tables `changes`, `mean_changes` and `site_changes`.
    """

    places: pd.DataFrame
    means: pd.DataFrame
    sites: pd.DataFrame


def find_changes(  # noqa: PLR0913 - tables, settings and which rounds: each is another thing
    audits: Audits,
    matches: pd.DataFrame,
    places: Places,
    rubric: Rubric,
    settings: ScoreSettings,
    *,
    names: tuple[str, str],
    same_people: bool = True,
) -> Changes:
    """Compare two rounds of walks: each place that both saw in the same light, and the mean of each area's.

    Day and dark, and kinds of places, are never mixed. `before`, `after` and `difference` are plain means of what was
    answered, 0-100: no estimate, as that would be pulled to the middle and hide what changed. The composites are of
    what both rounds asked; feeling is in none. With fewer than `LEAST_AUDITORS` auditors nothing is tested.

    Parameters
    ----------
    audits
        Submissions and observations of these two rounds, and of no other.
    matches
        The table of this name.
    places
        The places, with the areas.
    rubric
        The indicators.
    settings
        How much of a composite must be answered.
    names
        The two rounds, the first one first; "" is that of forms without a campaign.
    same_people
        Whether auditors of one round are known again in the other.

    Examples
    --------
    As if the walks of kibera had been two rounds:

    >>> from dataclasses import replace
    >>> import safeaudit
    >>> from safeaudit.score.change import find_changes
    >>> config = safeaudit.load_config("kibera")
    >>> result = safeaudit.run(config, quick=True)
    >>> forms = result.audits.submissions
    >>> audits = replace(result.audits, submissions=forms.assign(campaign=forms["walk_id"]))
    >>> tables = result.matches, result.places, result.rubric, config.score
    >>> found = find_changes(audits, *tables, names=("w1", "w2"))
    >>> found.places[["label", "indicator", "before", "after"]]
                                         label  indicator  before  after
    0  Kibera Drive, between ...
    """
    rounds = put_side_by_side(audits, matches, rubric, settings, names)
    every = list(pools(rounds, same_people=same_people))
    if not every:
        return Changes(*(empty_table(name) for name in ("changes", "mean_changes", "site_changes")))
    at = _Where(places, rounds.rated.place_ids)
    campaigns = {"campaign_before": names[0], "campaign_after": names[1]}
    changes = pd.concat([change_places(pool) for pool in every], ignore_index=True)
    changes = changes.assign(**campaigns, **at.head(changes.pop("place").to_numpy()))
    means = pd.concat([_mean_of(pool, at) for pool in every], ignore_index=True)
    means = means.assign(**campaigns, area_id=at.area_ids[means.pop("area").to_numpy()])
    sites = [change_sites(pool, at.members(pool.pairs), at.area_kinds) for pool in every]
    found = pd.concat(sites, ignore_index=True)
    return Changes(
        places=_finished(changes, "changes"),
        means=_finished(means, "mean_changes"),
        sites=validate_table(_rounded(found), "site_changes") if len(found) else empty_table("site_changes"),
    )


def keep_indicators(found: Changes, names: Collection[str]) -> Changes:
    """Return what changed in some indicators alone, as if nobody had asked for the others: `q` and `differs` too.

    Parameters
    ----------
    found
        What changed.
    names
        Indicators and composites.
    """
    tables = []
    for table in (found.places, found.means):
        kept = table[table["indicator"].isin(list(names))].reset_index(drop=True)
        q = false_discovery_rates(kept["p"].to_numpy()).round(6)
        tables.append(kept.assign(q=q, differs=q <= LEVEL))
    return replace(found, places=tables[0], means=tables[1])


def _mean_of(pool: Pool, at: _Where) -> pd.DataFrame:
    """Return the mean changes of a pool, with what the first round saw of places that the second did not."""
    found = change_means(pool, at.members(pool.pairs), at.neighbourhoods(pool))
    chosen = np.repeat([1, 0], [len(pool.pairs), len(pool.once)])
    mean = np.concatenate([pool.pairs["mean_before"], pool.once["mean"]])
    first = pd.concat([pool.pairs[["place"]], pool.once[["place"]]])
    left = describe_left(at.members(first), mean, chosen)
    return found.join(left, on="area")


def _finished(found: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table with what all of its tests together say."""
    found = found.assign(q=false_discovery_rates(found["p"].to_numpy()))
    return validate_table(_rounded(found).assign(differs=found["q"] <= LEVEL), name)


def _rounded(found: pd.DataFrame) -> pd.DataFrame:
    """Return a table rounded, with what is even but for the computer's last digits falling alike on every computer."""
    digits = {column: digits for digits, columns in _DIGITS.items() for column in columns if column in found}
    return found.round({column: more + 6 for column, more in digits.items()}).round(digits)


class _Where:
    """Where the rated places are: what they are called, in which areas, in which neighbourhood."""

    def __init__(self, places: Places, place_ids: NDArray[np.object_]) -> None:
        listed = list_places(places, place_ids.astype(object)).reindex(place_ids.astype(object))
        self._ids = place_ids.astype(object)
        self._codes, self._labels = (listed[name].to_numpy(object) for name in ("place_code", "label"))
        areas = places.areas
        self.area_ids, self.area_kinds = areas["area_id"].to_numpy(object), areas["kind"].astype("str").to_numpy(object)
        self._place, self._area = area_numbers(places, self._ids)
        self._neighbourhood = _find_neighbourhoods(places, listed, middles(listed.geometry.to_numpy()))

    def head(self, place: NDArray[np.int64]) -> dict[str, NDArray[np.object_]]:
        """Return id, code and label of places."""
        return {"place_id": self._ids[place], "place_code": self._codes[place], "label": self._labels[place]}

    def members(self, of: pd.DataFrame) -> Members:
        """Return which of some places (column place) lie in which areas."""
        number = np.full(len(self._ids), -1)
        number[of["place"]] = np.arange(len(of))
        pair = number[self._place]
        return Members(pair[pair >= 0], self._area[pair >= 0])

    def neighbourhoods(self, pool: Pool) -> NDArray[np.int64]:
        """Return the neighbourhood of each place of a pool, as codes."""
        return self._neighbourhood[pool.pairs["place"]]


def _find_neighbourhoods(places: Places, listed: pd.DataFrame, points: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the ward, else the site, of each place, or the square it lies in where wards do not tell most apart."""
    squares = np.floor(shapely.get_coordinates(points) / NEIGHBOURHOOD_M).astype(np.int64)
    square = pd.Series([f"{x} {y}" for x, y in squares], index=listed.index)
    ward = find_areas(places, listed.geometry).drop_duplicates("place_id").set_index("place_id")["area"]
    known = ward.reindex(listed.index)
    names = known.fillna(square) if len(known.dropna().unique()) > 1 else square
    codes: NDArray[np.int64] = pd.factorize(names, sort=True)[0]
    return codes
