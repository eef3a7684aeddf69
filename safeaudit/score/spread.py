"""How far people of a group lie apart in what they felt at the same places, beside the rest. Table `group_spread`.

Some groups are of one mind and others are not: women may differ more among themselves than men do, at the very same
places. A mean hides that, and nobody's feeling is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import MAINLY, people_by, rounds
from safeaudit.score.change import LEAST_AUDITORS, LEVEL
from safeaudit.score.change.discovery import false_discovery_rates, margins, p_values
from safeaudit.score.feelings import LEAST_PEOPLE
from safeaudit.score.group_answers import FEW_PEOPLE, LEAST_WALKS
from safeaudit.score.ratings import LIGHTS, order_of_forms, ratings
from safeaudit.score.sides import FEW_PLACES, LEAST_PLACES, say_group, sides_of_groups
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from safeaudit.languages import Language
    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits

FEELING = "feeling"
ALIKE = "no variation"
FEW_AUDITORS = f"too few auditors to tell: at least {LEAST_AUDITORS} are needed on either side"

_MORE, _LESS = "more", "less"
_SIDES = ("rest", "said")
_CELL = ["kind", "group"]
_AT = [*_CELL, "place"]
_VALUES = ["rest", "said", "difference"]
_TESTED = ["low", "high", "p"]


def find_spread(audits: Audits, matches: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """Tell how far the people of each group lie apart, and the rest, at places that two and more of both saw.

    At each place stands the variance of its people's ratings, each person once; the places weigh as the product over
    the sum of both sides' degrees of freedom there, so that both sides rest on the same places. Its root is told. The
    interval of the difference is a jackknife by auditors, of each side by itself.

    Parameters
    ----------
    audits
        Of one round.
    matches
        The table of this name.
    rubric
        The indicators.

    Returns
    -------
    The table `group_spread`; of two groups that are each other's rest, the first by name.
    """
    if FEELING not in rubric.names:
        return empty_table("group_spread")
    felt = _felt(audits, matches, rubric)
    parts = [
        _of_sides(felt.assign(side=side.to_numpy(object)[felt["submission"]])).assign(split=split, who=who)
        for split, who, side in sides_of_groups(audits.submissions)
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty_table("group_spread")
    (campaign,) = rounds(audits.submissions)
    found = pd.concat(parts, ignore_index=True)
    q = false_discovery_rates(found["p"].to_numpy(float)).round(6)
    words = np.where(found["difference"] > 0, _MORE, _LESS)
    apart = pd.Series(np.where(q <= LEVEL, words, "may be chance"), index=found.index).where(found["p"].notna(), "")
    found = found.assign(campaign=campaign or "", indicator=FEELING, q=q, apart=apart)
    return validate_table(found, "group_spread")


def say_spread(spread: pd.DataFrame, language: Language) -> str:
    """Say in one sentence which group differs most from the rest in how far its people lie apart; empty for none.

    Parameters
    ----------
    spread
        The table `group_spread`, of one round.
    language
        In which it is said.
    """
    differ = spread[spread["apart"].isin([_MORE, _LESS])]
    if differ.empty:
        return ""
    row = differ.loc[differ["difference"].abs().idxmax()]
    values = {name: f"{row[name]:.0f}" for name in _SIDES}
    light = language[f"light.{row['group']}"].lower()
    group = say_group(row["split"], row["who"], language)
    return language.say(f"console.spread.{row['apart']}", group=group, light=light, places=row["places"], **values)


def _felt(audits: Audits, matches: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """Return what was felt mainly at each place: kind, group, place, submission, contributor, walk, people, rating."""
    rated = ratings(audits.submissions, audits.observations, matches, rubric)
    rows = rated.rows
    if FEELING not in rated.indicators:
        return rows.iloc[:0].assign(kind="", group="")
    here = (rows["indicator"] == rated.indicators.index(FEELING)) & (rows["share"] > MAINLY)
    rows = rows[here]
    kinds, lights = rated.kinds[rows["place"]], np.array(LIGHTS, dtype=object)[rows["group"]]
    # Ratings number forms in an order of their own, by time and place.
    form = order_of_forms(audits.submissions)[rows["submission"]]
    return rows.assign(kind=kinds, group=lights, submission=form)


def _of_sides(felt: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each kind of place and light in which both sides were at one place."""
    felt = felt[pd.notna(felt["side"])]
    people = felt.groupby([*_AT, "side", "contributor"])["rating"].mean().rename("felt").reset_index()
    both = _at_both(people)
    if both.empty:
        return pd.DataFrame()
    found = both.groupby(_CELL).agg(
        places=("weight", "size"), weight=("weight", "sum"), rest=("rest", "sum"), said=("said", "sum")
    )
    away = _left_out(people, both, found)
    spread = 100 * np.sqrt(found[[*_SIDES]].div(found["weight"], axis=0))
    told = found[["places"]].assign(**spread, difference=spread["said"] - spread["rest"])
    told = told.join(_tested(away, told["difference"]))
    enough = told["auditors"] >= LEAST_AUDITORS
    told[_TESTED] = told[_TESTED].where(enough)
    few_people = _few_people(felt).reindex(told.index)
    note = pd.Series("", index=told.index).mask(told["p"].isna(), ALIKE).where(enough, FEW_AUDITORS)
    note = note.mask(told["places"] < LEAST_PLACES, FEW_PLACES).mask(few_people, FEW_PEOPLE)
    hidden = note.isin([FEW_PLACES, FEW_PEOPLE])
    told[[*_VALUES, *_TESTED]] = told[[*_VALUES, *_TESTED]].mask(hidden).round({**dict.fromkeys(_VALUES, 2), "p": 6})
    return told.assign(note=note).drop(columns="auditors").reset_index()


def _at_both(people: pd.DataFrame) -> pd.DataFrame:
    """Return the places that two and more of either side saw: weight, and each side's variance times it."""
    at = people.pivot_table(index=_AT, columns="side", values="felt", aggfunc=["size", "var"])
    at = at.reindex(columns=pd.MultiIndex.from_product([["size", "var"], _SIDES])).dropna()
    freedom = at["size"] - 1
    weight = _weights(freedom["rest"], freedom["said"])
    there = weight > 0
    values = at["var"].mul(weight, axis=0).assign(weight=weight, n_rest=freedom["rest"] + 1, n_said=freedom["said"] + 1)
    return values[there]


def _weights(one: pd.Series[float], other: pd.Series[float]) -> pd.Series[float]:
    """Return how much a place counts: its variances are of so many degrees of freedom, on either side."""
    return (one * other / (one + other).where(one + other > 0)).fillna(0.0)


def _left_out(people: pd.DataFrame, both: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return the difference of spread without each person: kind, group, side, away.

    One person's rating leaves its side's variance at a place by the downdate (S - n / (n - 1) (x - mean)^2) / (n - 2).
    """
    every = people.merge(both.reset_index(), on=_AT)
    at = every.groupby([*_AT, "side"])["felt"]
    n, mean, squares = at.transform("size"), at.transform("mean"), at.transform("var") * (at.transform("size") - 1)
    taken_off = squares - n / (n - 1) * (every["felt"] - mean) ** 2
    left = taken_off.clip(lower=0.0) / (n - 2).where(n > 2)  # noqa: PLR2004 - who is left alone has no variance
    said = every["side"] == "said"
    other_n = every["n_rest"].where(said, every["n_said"])
    weight = _weights(n - 2.0, other_n - 1.0)
    other = every["rest"].where(said, every["said"]) / every["weight"]
    ours, theirs = (weight * left).fillna(0.0), weight * other
    change = pd.DataFrame(
        {
            "weight": weight - every["weight"],
            "rest": theirs.where(said, ours) - every["rest"],
            "said": ours.where(said, theirs) - every["said"],
        }
    )
    by = [*_CELL, "side", "contributor"]
    moved = pd.concat([every[by], change], axis=1).groupby(by).sum()
    without = moved + found[["weight", "rest", "said"]].reindex(moved.droplevel([2, 3]).index).to_numpy()
    spread = 100 * np.sqrt(without[[*_SIDES]].div(without["weight"].where(without["weight"] > 0), axis=0))
    return (spread["said"] - spread["rest"]).rename("away").reset_index()


def _tested(away: pd.DataFrame, difference: pd.Series[float]) -> pd.DataFrame:
    """Return low, high, p and auditors (of the side with fewer): the two sides' jackknives add up, as people differ."""
    by_side = away.groupby([*_CELL, "side"])["away"]
    many = by_side.size()
    variance = (by_side.var(ddof=0) * (many - 1)).groupby(_CELL).sum()
    fewest = many.groupby(_CELL).min()
    deviation, freedom = np.sqrt(variance.to_numpy(float)), (fewest - 1).to_numpy(float)
    of = difference.reindex(fewest.index).to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, half = p_values(of, deviation, freedom), margins(deviation, freedom)
    values = {"low": (of - half).round(2), "high": (of + half).round(2), "p": p, "auditors": fewest}
    return pd.DataFrame(values, index=fewest.index)


def _few_people(felt: pd.DataFrame) -> pd.Series[bool]:
    """Return for each kind of place and light whether either side is fewer than ten people or three walks."""
    by = [*_CELL, "side"]
    people = people_by(felt, by)
    enough = (people >= LEAST_PEOPLE) & (felt.groupby(by)["walk"].nunique() >= LEAST_WALKS)
    return enough.groupby(_CELL).sum() < len(_SIDES)
