"""How often a gap between groups, or between day and dark, is found that is not there, and how often intervals hold.

    nice python bench/groups.py [--towns 500]

The towns of `change.py`: eight wards of eight streets, two walks of four people through each. Half of the people are
women and half men, and nothing else differs between them; or the first round is by day and the second after dark,
which moves every street by so much.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import pandas as pd
from change import METRIC, TOWNS, Plan, _expected, make_audits, make_places
from measure import tell_command

from safeaudit.config import ScoreSettings
from safeaudit.rubric import STANDARD
from safeaudit.score.group_answers import answer_by_group
from safeaudit.score.sides import compare_lights, find_gaps
from safeaudit.score.spread import find_spread
from safeaudit.tables import Audits, Places, validate_table

PEOPLE = (20, 24, 40)
DARKER = -0.1


def of_groups(people: int, places: Places, seed: int) -> pd.DataFrame:
    """Return the gaps of towns without any, and what women said with the truth `t`."""
    said, matches, felt = _towns(Plan(auditors=people), places, seed)
    first = said.keep(said.submissions[said.submissions["campaign"] == "before"].reset_index(drop=True))
    number = first.submissions["auditor"].astype("str").str.removeprefix("a").astype(int)
    sex = np.where(number % 2 == 0, "woman", "man")
    first = replace(first, submissions=_again(first.submissions.assign(auditor_sex=sex)))
    gaps = find_gaps(first, matches, places, STANDARD, ScoreSettings()).assign(t=0.0, what="gap")
    spread = find_spread(_as_feeling(first), matches, STANDARD).assign(t=0.0, what="spread")
    spread["differs"] = spread["apart"].isin(["more", "less"])
    women = answer_by_group(first, matches, places, STANDARD)
    women = women[(women["zone"] == "city") & (women["who"] == "woman")]
    town = pd.Index(TOWNS).get_indexer(women["indicator"])
    return pd.concat([gaps, spread, women.assign(t=100 * felt[town], what="mean of women")], ignore_index=True)


def _as_feeling(said: Audits) -> Audits:
    """Return what was said of the first town as what was felt there."""
    first = said.observations[said.observations["indicator"].astype("str") == TOWNS[0]].reset_index(drop=True)
    return replace(said, observations=validate_table(first.assign(indicator="feeling"), "observations"))


def of_lights(people: int, places: Places, seed: int, darker: float) -> pd.DataFrame:
    """Return what differs after dark in towns where everything does by as much."""
    said, matches, _ = _towns(Plan(auditors=people, truth=darker), places, seed)
    light = said.submissions["campaign"].astype("str").map({"before": "day", "after": "dark"})
    said = replace(said, submissions=_again(said.submissions.assign(light=light, campaign=None)))
    found = compare_lights(said, matches, places, STANDARD, ScoreSettings())
    city = found[found["area_id"] == "city"]
    # What levels can show of it: they end at 0 and 3, so it is asked of the same streets by simulation.
    return city.assign(t=_shown(Plan(auditors=people, truth=darker), places, seed, city), what=f"dark, {darker:+.1f}")


def _shown(plan: Plan, places: Places, seed: int, rows: pd.DataFrame) -> np.ndarray:
    changed = make_audits(plan, places, seed)[2].mean(axis=1)
    return changed[pd.Index(TOWNS).get_indexer(rows["indicator"])]


def _towns(plan: Plan, places: Places, seed: int) -> tuple[Audits, pd.DataFrame, np.ndarray]:
    """Return what is said of some towns, where, and what all people would say of the first round on all evenings."""
    said, matches, _ = make_audits(plan, places, seed)
    rng = np.random.default_rng(seed)
    size = (len(TOWNS), 8, 8)
    of_place = rng.uniform(0.3, 0.7, (len(TOWNS), 1, 1)) + rng.normal(0, 0.18, size)
    shock = rng.normal(0, plan.shock, (len(TOWNS), 8, 1)) / np.sqrt(2)
    return said, matches, _expected(of_place + shock).reshape(len(TOWNS), -1).mean(axis=1)


def _again(submissions: pd.DataFrame) -> pd.DataFrame:
    return validate_table(submissions.set_crs(METRIC, allow_override=True), "submissions")


def main() -> None:
    """Print, for each number of people, how often something is found and how often intervals hold the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--towns", type=int, default=500, help="towns of each kind")
    parser.add_argument("--people", type=int, nargs="+", default=list(PEOPLE))
    given = parser.parse_args()
    tell_command()
    places = make_places()
    print(f"{'people':>7}  {'what':16}{'told':>7}{'p < 0.05':>10}{'differs':>9}{'held':>7}")
    for people in given.people:
        calls = range(-(-given.towns // len(TOWNS)))
        found = [of_groups(people, places, seed) for seed in calls]
        found += [of_lights(people, places, seed, darker) for darker in (0.0, DARKER) for seed in calls]
        for what, rows in pd.concat(found, ignore_index=True).groupby("what", sort=False):
            told = rows[rows["low"].notna()]
            held = ((told["low"] <= told["t"]) & (told["t"] <= told["high"])).mean()
            tested = told["p"].notna().any()
            sure = [f"{(told['p'] < 0.05).mean():10.3f}", f"{told['differs'].astype(float).mean():9.3f}"]
            print(f"{people:7}  {what:16}{len(told):7}{''.join(sure) if tested else '':19}{held:7.3f}")


if __name__ == "__main__":
    main()
