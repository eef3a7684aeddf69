"""Ratings of two rounds, by pool: one kind of place, one indicator or composite, one light."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from safeaudit.languages import REFERENCE, read_language
from safeaudit.score.change.rounds import AFTER, BEFORE, TwoRounds
from safeaudit.score.ratings import LIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

LEAST_AUDITORS = 6
"""Below so many no design reaches 5 %: of five auditors, one of 2 x 2 x 2 x 2 x 2 = 32 signs is 3 %, two are 6 %."""

_LEAST_IN_A_ROUND = 2


@dataclass(frozen=True)
class Pool:
    """The places of one kind that both rounds rated for one indicator, or composite, in one light.

    Attributes
    ----------
    kind, indicator, light
        Words of what it is.
    pairs
        The rows of `TwoRounds.pairs`.
    once
        The rows of `TwoRounds.once`: what the first round alone saw.
    rows
        All ratings, of places that one round alone saw too, with their `pair`: the number of its row in pairs, -1 for
        none.
    same_people
        Whether an auditor of one round is known again in the other.
    """

    kind: str
    indicator: str
    light: str
    pairs: pd.DataFrame
    once: pd.DataFrame
    rows: pd.DataFrame
    same_people: bool

    @cached_property
    def compared(self) -> dict[str, NDArray[Any]]:
        """Ratings of the places that are compared: pair, round, contributor, walk, weight and rating as arrays."""
        names = ("pair", "round", "contributor", "walk", "weight", "rating")
        there = (self.rows["pair"] >= 0).to_numpy()
        return {name: self.rows[name].to_numpy()[there] for name in names}

    @cached_property
    def share(self) -> Floats:
        """Share that each rating of `compared` has in the mean of its place and round."""
        total = self.pairs[["n_before", "n_after"]].to_numpy()
        at = self.compared
        share: Floats = at["weight"] / total[at["pair"], at["round"]]
        return share


def pools(rounds: TwoRounds, *, same_people: bool) -> Iterator[Pool]:
    """Yield each pool that has a place which both rounds saw.

    Parameters
    ----------
    rounds
        The ratings of two rounds.
    same_people
        Whether an auditor of one round is known again in the other.
    """
    rated = rounds.rated
    of = rated.kinds.astype("str")
    rows = rated.rows.assign(kind=of[rated.rows["place"]])
    grouped = dict(tuple(rows.groupby(["kind", "indicator", "group"])))
    pairs, once = (frame.assign(kind=of[frame["place"]]) for frame in (rounds.pairs, rounds.once))
    alone = dict(tuple(once.groupby(["kind", "indicator", "group"])))
    for key, found in pairs.groupby(["kind", "indicator", "group"]):
        (kind, indicator, group), part = key, found.reset_index(drop=True)
        number = np.full(len(rated.place_ids), -1)
        number[part["place"]] = np.arange(len(part))
        own = grouped[key]
        own = own.assign(pair=number[own["place"]])
        yield Pool(
            str(kind), rated.indicators[indicator], LIGHTS[group], part, alone.get(key, once.iloc[:0]), own, same_people
        )


def say_too_few(before: int, after: int, every: int, *, same_people: bool) -> str:
    """Return why nothing can be tested, empty where it can.

    Parameters
    ----------
    before, after, every
        Auditors of the first round, the second, and of both together.
    same_people
        Whether an auditor of one round is known again in the other; where not, the larger round is how many they are.
    """
    people = every if same_people else max(before, after)
    if people < LEAST_AUDITORS:
        which = "one" if people == 1 else "few"
        return read_language(REFERENCE).say(f"console.untold.{which}", people=people, needed=LEAST_AUDITORS)
    if min(before, after) < _LEAST_IN_A_ROUND:
        return read_language(REFERENCE).say("console.untold.round", needed=_LEAST_IN_A_ROUND)
    return ""


def count_auditors(pool: Pool) -> tuple[int, int, int]:
    """Count the auditors of a pool's compared places: in the first round, in the second, in both together."""
    who, number = pool.compared["contributor"], pool.compared["round"]
    return len(np.unique(who[number == BEFORE])), len(np.unique(who[number == AFTER])), len(np.unique(who))
