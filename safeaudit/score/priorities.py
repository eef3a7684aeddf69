"""What a budget mends first, for the office alone. Tables `priorities` and `look_first`.

A problem is an open fault that somebody named, or an indicator of an audited place that is more likely than not below
its standard. Of all sets of measures within the budget that one is chosen that reaches most: the sum over the problems
it mends of the walks that pass, times how likely the problem is there. In each ward a number of problems that the city
sets is mended whatever that sum is, as it alone would mend main roads. It is a maximal covering problem under a budget
(Church and ReVelle, The maximal covering location problem, Papers of the Regional Science Association 32, 1974;
Khuller, Moss and Naor, The budgeted maximum coverage problem, Inf. Process. Lett. 70, 1999). Nothing is said of crime.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from safeaudit.errors import ConfigError
from safeaudit.place_areas import list_places, ward_names
from safeaudit.rubric import COMPOSITES
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.config import MeasureSettings, PrioritySettings
    from safeaudit.tables import Places

PASSING = "betweenness"
"""Evidence of how many people pass: walks of 10,000."""

PEOPLE_FACTOR = 2.0
"""With 90 % probability the walks that pass are known to this factor: an assumption, as nobody counted them."""

LEAST_LIKELY = 0.5
LOOK_FIRST = 20
DRAWS = 100

_BESIDE_M = 50.0
_PER_M = 100.0
_Z = 1.645
_SEED = 19_740_101
_GAP = 1e-4
_NO_MEASURE = "no_measure"
_NO_LENGTH = "no_length"
_NO_PEOPLE = "no_people"
_OTHERS = "others_reach_more"
_NOBODY, _FEW, _UNSURE = "nobody", "few", "unsure"


class Choices(NamedTuple):
    """What can be bought: problems, options of place and measure, and which option (row) mends which problem (column).

    `problems` has place_id, issue, p_below, people and ward; `options` place_id, measure, cost and ward.
    """

    problems: pd.DataFrame
    options: pd.DataFrame
    mends: NDArray[np.bool_]


def find_problems(scores: pd.DataFrame, faults: pd.DataFrame, evidence: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Return what is wrong where, with how many people pass.

    Parameters
    ----------
    scores
        The table of this name as the office may see it: what is withheld from it is no problem here.
    faults, evidence
        The tables of these names.
    places
        The places of the city.

    Returns
    -------
    place_id, issue, p_below (1 for a fault that somebody named), people (walks of 10,000 that pass; NA where not known)
    and ward (NA where the place lies in none); sorted, with a fresh index.
    """
    sure = scores["headline"] & (scores["state"] == "audited") & (scores["p_below"] >= LEAST_LIKELY)
    sure &= ~scores["indicator"].isin((*COMPOSITES, "feeling"))
    rated = scores.loc[sure, ["place_id", "indicator", "p_below"]].rename(columns={"indicator": "issue"})
    still = faults["place_id"].notna() & (faults["status"] != "mended")
    named = faults.loc[still, ["place_id", "kind"]].rename(columns={"kind": "issue"}).assign(p_below=1.0)
    parts = [part.astype({"place_id": "str", "issue": "str"}) for part in (rated, named)]
    found = pd.concat(parts).drop_duplicates(["place_id", "issue"], keep="last")
    found = found[found["place_id"].isin(list_places(places, found["place_id"]).index)]
    found = found.sort_values(["place_id", "issue"], ignore_index=True)
    return found.assign(**_about(places, found["place_id"], evidence))


def choose_measures(problems: pd.DataFrame, places: Places, settings: PrioritySettings) -> pd.DataFrame:
    """Choose what the budget is spent on.

    Parameters
    ----------
    problems
        As from `find_problems`.
    places
        The places of the city.
    settings
        The budget, the floor and the measures.

    Returns
    -------
    The table `priorities`: what is chosen, and what is left out with the reason.

    Raises
    ------
    ConfigError
        The budget cannot mend so many problems in each ward.
    """
    if settings.budget is None or problems.empty:
        return empty_table("priorities")
    problems = problems.sort_values(["place_id", "issue"], ignore_index=True)  # draws go by row
    offered = _offer(problems, places, settings.measures)
    known = offered["reason"].isna()
    choices = _lay_out(problems, offered[known])
    weight = (choices.problems["people"].fillna(0) * choices.problems["p_below"]).to_numpy(np.float64)
    chosen = np.zeros(len(choices.options), dtype=bool)
    share = np.zeros(len(choices.options))
    if len(chosen):
        chosen = solve(choices, weight, settings)
        share = np.mean([solve(choices, drawn, settings) for drawn in _draw(choices.problems)], axis=0)
    reason = pd.Series(_OTHERS, choices.options.index).where(choices.options["people"].notna(), _NO_PEOPLE)
    rows = choices.options.assign(chosen=chosen, share_chosen=share, reason=reason.mask(chosen))
    left = _group(offered[~known]).assign(chosen=False, share_chosen=0.0)
    every = pd.concat([part for part in (rows, left) if len(part)])
    return validate_table(_named(every, places), "priorities")


def solve(choices: Choices, weight: NDArray[np.float64], settings: PrioritySettings) -> NDArray[np.bool_]:
    """Return which options are chosen, shape (options,).

    Parameters
    ----------
    choices
        What can be bought.
    weight
        What each problem counts, shape (problems,), none negative.
    settings
        The budget and the floor.

    Raises
    ------
    ConfigError
        The budget cannot keep the floor.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - loaded where a budget is set
    from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack  # noqa: PLC0415

    cost = choices.options["cost"].to_numpy(np.float64)
    n, k = choices.mends.shape
    budget = float(settings.budget or 0)
    wards = pd.Categorical(choices.problems["ward"])
    inside = np.flatnonzero(wards.codes >= 0)
    in_ward = coo_array((np.ones(len(inside)), (wards.codes[inside], inside)), shape=(len(wards.categories), k))
    # A problem is mended only where an option against it is bought: mended <= sum of these.
    option, problem = np.nonzero(choices.mends)
    covers = hstack([coo_array((np.full(len(option), -1.0), (problem, option)), shape=(k, n)), eye_array(k)])
    spent = csr_array(np.append(cost / (budget or 1.0), np.zeros(k))[None, :])
    floors = hstack([csr_array((len(wards.categories), n)), in_ward])
    least = np.minimum(settings.floor or 0, in_ward.sum(axis=1))
    rules = vstack([covers, spent, floors]).tocsr()
    low = np.concatenate([np.full(k, -np.inf), [-np.inf], least])
    high = np.concatenate([np.zeros(k), [float(budget > 0)], np.full(len(least), np.inf)])
    # A little for money left: of two sets that reach as much, the cheaper one.
    largest = float(weight.max(initial=0)) or 1.0
    saved = 1e-4 * cost / cost.sum()
    found = milp(
        np.concatenate([saved, -weight / largest]),
        integrality=np.append(np.ones(n), np.zeros(k)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rules, low, high),
        options={"mip_rel_gap": _GAP},
    )
    if found.x is None:
        what = f"A budget of {budget:g} cannot mend {settings.floor} problems in each ward, or all that are there."
        raise ConfigError(what, hint="Raise budget, or lower floor, under [priorities].")
    return np.asarray(found.x[:n] > LEAST_LIKELY, dtype=bool)


def look_first(scores: pd.DataFrame, evidence: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Return where a look would tell most: many people pass, and whether the street is as it should be is not known.

    The order is by p (1 - p) times the walks that pass, with p how likely the condition of the street is below its
    standard, and a half where nobody looked.

    Parameters
    ----------
    scores, evidence, places
        As for `find_problems`.

    Returns
    -------
    The table `look_first`: at most 20 segments.
    """
    whole = scores[scores["headline"] & (scores["indicator"] == "street_condition")].set_index("place_id")
    streets = places.segments["place_id"].astype("str")
    seen = whole[["p_below", "state"]].rename(index=str).reindex(streets)
    p_below, state = seen["p_below"], seen["state"].astype("str").fillna("estimated")
    unsure = state.map({"estimated": _NOBODY, "few": _FEW, "stale": _FEW}).fillna(_UNSURE)
    rows = pd.DataFrame({"place_id": streets.to_numpy(), "p_below": p_below.to_numpy(), "why": unsure.to_numpy()})
    rows = rows.assign(p_below=rows["p_below"].mask(rows["why"] == _NOBODY), **_about(places, streets, evidence))
    p = rows["p_below"].fillna(0.5)
    rows = rows.assign(worth=(rows["people"] * p * (1 - p)).round(6))
    rows = rows[rows["worth"] > 0].sort_values(["worth", "place_id"], ascending=[False, True]).head(LOOK_FIRST)
    if rows.empty:
        return empty_table("look_first")
    return validate_table(
        _named(rows.assign(rank=np.arange(1, len(rows) + 1)).drop(columns="worth"), places), "look_first"
    )


def _about(places: Places, place_ids: pd.Series[str], evidence: pd.DataFrame) -> dict[str, NDArray[np.object_]]:
    """Return how many people pass each place, and its ward; of a space or stop, what passes in streets beside it."""
    passing = evidence[evidence["name"] == PASSING].set_index("place_id")["value"].rename(index=str)
    where = list_places(places, place_ids)
    people = passing.reindex(where.index)
    others = where[where["kind"] != "segment"]
    if len(others) and len(passing):
        streets = places.segments
        at, street = streets.sindex.query(others.geometry.to_numpy(), predicate="dwithin", distance=_BESIDE_M)
        beside = passing.reindex(streets["place_id"].to_numpy()[street])
        most = pd.Series(beside.to_numpy(), index=others.index.to_numpy()[at]).groupby(level=0).max()
        people = people.fillna(most.reindex(people.index))
    wards = ward_names(places, where.geometry)
    return {"people": people.reindex(place_ids).to_numpy(np.float64), "ward": wards.reindex(place_ids).to_numpy(object)}


def _offer(problems: pd.DataFrame, places: Places, measures: tuple[MeasureSettings, ...]) -> pd.DataFrame:
    """Return every measure against every problem, with its cost, or the reason why there is none."""
    length = places.segments.set_index("place_id")["length_m"].rename(index=str)
    metres = problems["place_id"].map(length)
    offers = [problems.assign(measure="", effect=None, cost=np.nan, reason=_NO_MEASURE)]
    for measure in measures:
        cost = measure.cost * metres / _PER_M if measure.per == "100 m" else pd.Series(measure.cost, problems.index)
        priced = problems.assign(measure=measure.name, effect=measure.effect or None, cost=cost)
        reason = pd.Series(_NO_LENGTH, problems.index).where(cost.isna())
        offers.append(priced.assign(reason=reason)[problems["issue"].isin(measure.against)])
    against = {issue for measure in measures for issue in measure.against}
    offers[0] = offers[0][~problems["issue"].isin(against)]
    every = pd.concat([offer.astype({"reason": object, "effect": object}) for offer in offers if len(offer)])
    return every.sort_values(["place_id", "measure", "issue"], ignore_index=True)


def _lay_out(problems: pd.DataFrame, offered: pd.DataFrame) -> Choices:
    """Return the options, one for each place and measure, and what each mends."""
    options = _group(offered)
    row = pd.MultiIndex.from_frame(options[["place_id", "measure"]]).get_indexer(
        pd.MultiIndex.from_frame(offered[["place_id", "measure"]])
    )
    key = ["place_id", "issue"]
    some = problems[pd.MultiIndex.from_frame(problems[key]).isin(pd.MultiIndex.from_frame(offered[key]))].reset_index(
        drop=True
    )
    column = pd.MultiIndex.from_frame(some[key]).get_indexer(pd.MultiIndex.from_frame(offered[key]))
    mends = np.zeros((len(options), len(some)), dtype=bool)
    mends[row, column] = True
    return Choices(some, options, mends)


def _group(offered: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each place and measure, with all that it is against there."""
    kept = {name: (name, "first") for name in ("people", "ward", "effect", "cost", "reason")}
    found = offered.groupby(["place_id", "measure"], sort=True, dropna=False)
    return found.agg(issues=("issue", " ".join), p_below=("p_below", "max"), **kept).reset_index()


def _draw(problems: pd.DataFrame) -> NDArray[np.float64]:
    """Draw what each problem counts, shape (draws, problems): whether it is there, and how many people pass.

    Each problem is drawn by itself: what its auditors have in common with others is not drawn.
    """
    random = np.random.default_rng(_SEED)
    there = random.random((DRAWS, len(problems))) < problems["p_below"].to_numpy()
    code, _ = pd.factorize(problems["place_id"])
    factor = np.exp(random.standard_normal((DRAWS, code.max(initial=-1) + 1)) * np.log(PEOPLE_FACTOR) / _Z)
    return np.asarray(there * problems["people"].fillna(0).to_numpy(np.float64) * factor[:, code], dtype=np.float64)


def _named(rows: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Return rows with the code and label of their places."""
    where = list_places(places, rows["place_id"]).reindex(rows["place_id"])
    return rows.assign(place_code=where["place_code"].to_numpy(), label=where["label"].to_numpy())
