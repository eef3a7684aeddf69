"""What women, men, age bands, people with a disability and roles who walked said. Table `group_answers`.

Said of the whole city, of each ward (else site) and of each kind of place, and never where few people stand behind a
row, or behind what is left when it is taken off another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from safeaudit.contributors import SPLITS, count_people, find_splits, rounds, walk_keys, who_alone
from safeaudit.place_areas import find_areas, list_places
from safeaudit.score.feelings import LEAST_PEOPLE
from safeaudit.score.ratings import LIGHTS, order_of_forms, ratings
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits, Places

LEAST_WALKS = 3
"""Walks, beside `LEAST_PEOPLE`, behind every row that is told, and behind what is left when others are taken off it."""

FEW_PEOPLE = f"fewer than {LEAST_PEOPLE} people, or {LEAST_WALKS} walks"
WITHHELD = "withheld: less others that are shown, it would tell of few people"
CITY = "city"

_INTERVAL = 0.9
_CELL = ["zone", "indicator", "group", "split", "who"]
_ASKED = ["indicator", "group", "split", "who"]
_VALUES = ["score", "low", "high"]


def answer_by_group(audits: Audits, matches: pd.DataFrame, places: Places, rubric: Rubric) -> pd.DataFrame:
    """Tell what groups of people who walked said of the city, of its wards and of kinds of places, in one round.

    Groups of the city's own are told of in the whole city alone.

    A mean of answers, each counted by the share that it has in a place; its interval of 90 % is a jackknife over those
    who walked: a group that agreed is one of them. Nothing is estimated, and no place is told of.

    Parameters
    ----------
    audits
        Of one round.
    matches, places
        The tables of these names.
    rubric
        The indicators.

    Returns
    -------
    The table `group_answers`: a row that tells nothing says why in `note`.
    """
    rated = ratings(audits.submissions, audits.observations, matches, rubric)
    if rated.rows.empty:
        return empty_table("group_answers")
    walk = pd.factorize(walk_keys(audits.submissions))[0]
    forms = audits.submissions.assign(walk=walk).iloc[order_of_forms(audits.submissions)].reset_index(drop=True)
    parts = [part for split in find_splits(forms) for part in _answers_of(split, forms, rated.rows)]
    if not parts:
        return empty_table("group_answers")
    names = {"indicator": np.array(rated.indicators, dtype=object), "group": np.array(LIGHTS, dtype=object)}
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.assign(**{name: of[rows[name]] for name, of in names.items()}, place_id=rated.place_ids[rows["place"]])
    zones = _zones(places, rated.place_ids)
    told = _summed(rows.merge(zones, on="place_id"))
    # Whom a city asks people to say they are is told of the whole city alone: who is where is nobody's business.
    told = told[told["split"].isin(list(SPLITS)) | (told["zone_kind"] == CITY)].reset_index(drop=True)
    told = _protected(told, rows, zones)
    (campaign,) = rounds(audits.submissions)
    return validate_table(told.assign(campaign=campaign or ""), "group_answers")


def _answers_of(split: str, forms: pd.DataFrame, rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the ratings of those who said something of themselves, with what they said."""
    who = who_alone(forms, split).to_numpy(object)[rows["submission"]]
    there = pd.notna(who)
    if there.any():
        part = rows.loc[there, ["place", "indicator", "group", "contributor", "people", "weight", "rating"]]
        walk = forms["walk"].to_numpy()[rows["submission"]]
        yield part.assign(split=split, who=who[there], walk=walk[there], submission=rows["submission"][there])


def _zones(places: Places, place_ids: NDArray[np.object_]) -> pd.DataFrame:
    """Return in which zones places lie: the city, a ward (else a site), and their kind."""
    listed = list_places(places, place_ids)
    areas = find_areas(places, listed.geometry)
    first = next((kind for kind in ("ward", "site") if (areas["kind"] == kind).any()), None)
    here = areas[areas["kind"] == first]
    kind = listed["kind"].where(listed["kind"] != "space", listed["category"])
    every = [
        pd.DataFrame({"place_id": listed.index, "zone_kind": CITY, "zone": CITY}),
        pd.DataFrame({"place_id": here["place_id"], "zone_kind": here["kind"], "zone": here["area"]}),
        pd.DataFrame({"place_id": listed.index, "zone_kind": "kind", "zone": kind.to_numpy()}),
    ]
    return pd.concat(every, ignore_index=True).astype("str")


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean, interval and what stands behind them, for each zone and group."""
    by = ["zone_kind", *_CELL]
    rows = rows.assign(rated=rows["weight"] * rows["rating"])
    each = rows.groupby([*by, "contributor"], observed=True).agg(
        weight=("weight", "sum"), rated=("rated", "sum"), people=("people", "max")
    )
    cells = each.groupby(level=by, observed=True)
    whole = cells.transform("sum")
    mean = whole["rated"] / whole["weight"]
    left = whole["weight"] - each["weight"]
    without = ((whole["rated"] - each["rated"]) / left).where(left > 0)
    each = each.assign(away=(without - mean) ** 2, squares=each["weight"] ** 2)
    found = each.groupby(level=by, observed=True).agg(
        n=("weight", "sum"),
        rated=("rated", "sum"),
        contributors=("people", "sum"),
        clusters=("weight", "size"),
        away=("away", "sum"),
        squares=("squares", "sum"),
    )
    found["walks"] = rows.groupby(by, observed=True)["walk"].nunique()
    score = 100 * found["rated"] / found["n"]
    # As many people of one weight as tell as much: one who did half of it is no crowd.
    freedom = found["n"] ** 2 / found["squares"] - 1
    deviation = 100 * np.sqrt((found["clusters"] - 1) / found["clusters"] * found["away"])
    margin = pd.Series(stdtrit(freedom.clip(lower=1.0), 0.5 + _INTERVAL / 2), index=found.index) * deviation
    margin = margin.where((freedom >= 1) & (found["clusters"] > 1))
    low, high = (score - margin).clip(lower=0.0), (score + margin).clip(upper=100.0)
    told = found[["n", "contributors", "walks"]].assign(score=score, low=low, high=high)
    return told.round({"n": 3, "score": 2, "low": 2, "high": 2}).reset_index()


def _protected(told: pd.DataFrame, rows: pd.DataFrame, zones: pd.DataFrame) -> pd.DataFrame:
    """Return rows with what few people said withheld, and what would tell it by taking one row off another."""
    few = (told["contributors"] < LEAST_PEOPLE) | (told["walks"] < LEAST_WALKS)
    note = pd.Series(np.where(few, FEW_PEOPLE, ""), index=told.index)
    members = zones.groupby(["zone_kind", "zone"])["place_id"].agg(set)
    by_asked = dict(iter(rows.groupby(_ASKED, observed=True)))
    for key, part in told.groupby(_ASKED, observed=True):
        shown = part[note[part.index] == ""].sort_values(["contributors", "n", "zone_kind", "zone"], kind="stable")
        asked = by_asked[key]
        inside = [
            asked["place_id"].isin(members[zone]).to_numpy()
            for zone in shown[["zone_kind", "zone"]].itertuples(index=False)
        ]
        withheld = _telling(
            _Said.of(asked), np.array(inside).reshape(len(shown), len(asked)), shown["zone_kind"].to_numpy(object)
        )
        note[shown.index[withheld]] = WITHHELD
    hidden = note != ""
    return told.assign(**told[_VALUES].mask(hidden), note=note).drop(columns="walks")


class _Said(NamedTuple):
    """Who gave each answer of one group, on which walk, and how many people agreed on it."""

    contributor: NDArray[np.int64]
    walk: NDArray[np.int64]
    people: NDArray[np.int64]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Said:
        contributor, walk = (pd.factorize(rows[name])[0].astype(np.int64) for name in ("contributor", "walk"))
        return cls(contributor, walk, rows["people"].to_numpy(np.int64))

    def is_enough_or_nothing(self, which: NDArray[np.bool_]) -> bool:
        """Say whether some answers are of nobody, or of enough people on enough walks."""
        if not which.any():
            return True
        cell = np.zeros(int(which.sum()), dtype=np.int64)
        people = count_people(cell, self.contributor[which], self.people[which], 1)[0]
        return bool(people >= LEAST_PEOPLE) and len(np.unique(self.walk[which])) >= LEAST_WALKS


def _telling(said: _Said, inside: NDArray[np.bool_], kinds: NDArray[np.object_]) -> list[int]:
    """Return which zones, the smallest first, must be withheld until nothing that is left tells of few.

    Parameters
    ----------
    said
        The answers of one group.
    inside
        Which of them lie in each zone that is shown, the smallest zone first, shape (zones, answers).
    kinds
        Kind of each zone.
    """
    left = list(range(len(inside)))
    withheld: list[int] = []
    while (out := next((at for at in left if _tells(at, left, said, inside, kinds)), None)) is not None:
        left.remove(out)
        withheld.append(out)
    return withheld


def _tells(at: int, left: list[int], said: _Said, inside: NDArray[np.bool_], kinds: NDArray[np.object_]) -> bool:
    """Say whether a zone taken off a larger one, or all of its kind off the city, leaves what few people said."""
    for other in left:
        larger = other != at and not (inside[at] & ~inside[other]).any()
        if larger and not said.is_enough_or_nothing(inside[other] & ~inside[at]):
            return True
    city = [other for other in left if kinds[other] == CITY]
    if kinds[at] == CITY or not city:
        return False
    alike = np.any([inside[other] for other in left if kinds[other] == kinds[at]], axis=0)
    return not said.is_enough_or_nothing(inside[city[0]] & ~alike)
