"""Two sides of the same places: day and dark, and what a group says beside the rest. Tables `day_dark`, `group_gaps`.

Both are differences within places, and so they are worked out as those of two rounds are (`change/`): each side stands
for a round, and what holds there holds here: the jackknife by auditors, no test below six of them, false discoveries.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import (
    SPLITS,
    contributor_keys,
    count_people,
    find_splits,
    people_by,
    rounds,
    walk_keys,
    who_alone,
)
from safeaudit.score.change import LEVEL, find_changes
from safeaudit.score.change.discovery import false_discovery_rates
from safeaudit.score.feelings import LEAST_PEOPLE
from safeaudit.score.group_answers import FEW_PEOPLE, LEAST_WALKS
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeaudit.config import ScoreSettings
    from safeaudit.languages import Language
    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits, Places

LEAST_PLACES = 20
"""Places that both sides saw, from which on a gap is told."""

FEW_PLACES = f"fewer than {LEAST_PLACES} places that both saw"

_SIDES = ("rest", "said")
_ROUND_WORDS = "one of the rounds"
_ENDS = {"before": "day", "after": "dark"}
_VALUES = ["rest", "said", "difference", "low", "high", "p"]


def compare_lights(
    audits: Audits, matches: pd.DataFrame, places: Places, rubric: Rubric, settings: ScoreSettings
) -> pd.DataFrame:
    """Tell how places differ after dark from by day: those that one round saw in both lights.

    Parameters
    ----------
    audits
        Of one round.
    matches, places
        The tables of these names.
    rubric
        The indicators; what cannot be seen by day is compared in none, and is in no composite here.
    settings
        How much of a composite must be answered.

    Returns
    -------
    The table `day_dark`; empty where no place was seen in both.
    """
    light = audits.submissions["light"].astype("str")
    both = _with_sides(audits, light.where(light.isin(list(_ENDS.values()))))
    only_dark = [one.name for one in rubric.indicators if one.needs_dark]
    seen = both.observations[~both.observations["indicator"].isin(only_dark)].reset_index(drop=True)
    # One light for all, so that the two stand side by side; what needs the dark is gone: by day it is no answer.
    dark = pd.Categorical(["dark"] * len(both.submissions))
    both = replace(both, submissions=both.submissions.assign(light=dark), observations=seen)
    found = _differences(both, matches, places=places, rubric=rubric, settings=settings, names=("day", "dark"))
    if found.empty:
        return empty_table("day_dark")
    named = {f"{name}_{side}": f"{name}_{light}" for side, light in _ENDS.items() for name in ("n", "auditors")} | _ENDS
    (campaign,) = rounds(audits.submissions)
    found = found.rename(columns=named).assign(
        campaign=campaign or "", note=found["note"].str.replace(_ROUND_WORDS, "one of the lights")
    )
    return validate_table(found.drop(columns=["light", "differs", "q"]).pipe(_discovered), "day_dark")


def find_gaps(
    audits: Audits, matches: pd.DataFrame, places: Places, rubric: Rubric, settings: ScoreSettings
) -> pd.DataFrame:
    """Tell how what one group said of places differs from what the rest said of the same places, in the same light.

    A group is those who said so of themselves, alone or in a group that is all of it; the rest are those who said
    something else. Where either is fewer than ten people, or on fewer than three walks, nothing is told; nor below
    twenty places that both saw.

    Parameters
    ----------
    audits
        Of one round.
    matches, places, rubric, settings
        As for `compare_lights`.

    Returns
    -------
    The table `group_gaps`; of two groups that are each other's rest, the first by name.
    """
    parts = [
        _gap(audits, side, matches, places=places, rubric=rubric, settings=settings).assign(split=split, who=who)
        for split, who, side in sides_of_groups(audits.submissions)
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty_table("group_gaps")
    (campaign,) = rounds(audits.submissions)
    found = pd.concat(parts, ignore_index=True).assign(campaign=campaign or "")
    return validate_table(_discovered(found), "group_gaps")


def say_day_dark(day_dark: pd.DataFrame, rubric: Rubric, language: Language) -> str:
    """Say in one sentence how the streets of the city differ after dark, empty where there is nothing to compare.

    Parameters
    ----------
    day_dark
        The table of this name, of one round, as the office may see it.
    rubric
        Whose words the indicators have.
    language
        In which it is said.
    """
    rows = day_dark[(day_dark["area_id"] == "city") & (day_dark["indicator"] == "feeling") & day_dark["low"].notna()]
    rows = rows[rows["kind"] == "segment"]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    values = {name: f"{row[name]:.0f}" for name in ("day", "dark")}
    values |= {name: f"{row[name]:+.0f}" for name in ("difference", "low", "high")}
    label = language.label("feeling", rubric)
    return language.say("console.day_dark", indicator=label, places=row["places"], **values)


def say_gaps(gaps: pd.DataFrame, rubric: Rubric, language: Language) -> str:
    """Say in one sentence what differs between groups; empty where nothing was compared.

    Parameters
    ----------
    gaps
        The table `group_gaps`, of one round.
    rubric
        Whose words the indicators have.
    language
        In which it is said.
    """
    tested = gaps[gaps["p"].notna()]
    if tested.empty:
        return ""
    differ = tested[tested["differs"]]
    if differ.empty:
        return language.say("console.groups.none", tests=len(tested))
    row = differ.loc[differ["difference"].abs().idxmax()]
    values = {
        "indicator": language.label(row["indicator"], rubric).lower(),
        "light": language[f"light.{row['group']}"].lower(),
        "group": say_group(row["split"], row["who"], language),
        "said": f"{row['said']:.0f}",
        "rest": f"{row['rest']:.0f}",
    }
    return language.say("console.groups", differing=len(differ), tests=len(tested), places=row["places"], **values)


def say_group(split: str, who: str, language: Language) -> str:
    """Say who a group is; one of the city's own in the city's words.

    Parameters
    ----------
    split, who
        As in the tables of groups.
    language
        In which it is said.
    """
    field = SPLITS.get(split)
    if field is None:
        return f"{split}: {who}"
    return f"{language[f'question.{field}.label']}: {language[f'answer.{field}.{who}']}"


def sides_of_groups(submissions: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series[str]]]:
    """Yield each split and group of ten people on three walks, as the rest is, with the side of each form.

    A side is "said" for the group, "rest" for who said something else of themselves, and NA for who said nothing. Of
    two groups that are each other's rest, the first by name.
    """
    for split in find_splits(submissions):
        said = who_alone(submissions, split)
        groups = sorted(said.dropna().unique())
        for who in groups[:-1] if len(groups) == 2 else groups if len(groups) > 2 else ():  # noqa: PLR2004
            side = said.where(said.isna(), "rest").mask(said == who, "said")
            if _are_enough(submissions, side):
                yield split, who, side


def _are_enough(submissions: pd.DataFrame, side: pd.Series[str]) -> bool:
    """Say whether both sides are ten people on three walks."""
    for name in _SIDES:
        forms = submissions[side == name]
        who = pd.factorize(contributor_keys(forms))[0].astype(np.int64)
        cell = np.zeros(len(forms), dtype=np.int64)
        people = int(count_people(cell, who, forms["group_size"].to_numpy(np.int64), 1)[0])
        if people < LEAST_PEOPLE or walk_keys(forms).nunique() < LEAST_WALKS:
            return False
    return True


def _gap(  # noqa: PLR0913 - the sides beside what all comparisons take
    audits: Audits,
    side: pd.Series[str],
    matches: pd.DataFrame,
    *,
    places: Places,
    rubric: Rubric,
    settings: ScoreSettings,
) -> pd.DataFrame:
    """Return the differences of one group from the rest, over the whole city."""
    two = _with_sides(audits, side)
    found = _differences(two, matches, places=places, rubric=rubric, settings=settings, names=_SIDES)
    if found.empty:
        return found
    city = places.areas.loc[places.areas["kind"] == "city", "area_id"]
    found = found[found["area_id"].isin(city)].rename(
        columns={"light": "group", "before": "rest", "after": "said", "n_before": "n_rest", "n_after": "n_said"}
    )
    few_people = _few_people(two, found)
    note = found["note"].str.replace(_ROUND_WORDS, "one of the sides")
    note = note.mask(found["places"] < LEAST_PLACES, FEW_PLACES).mask(few_people, FEW_PEOPLE)
    hidden = (found["places"] < LEAST_PLACES) | few_people
    return found.assign(**found[_VALUES].mask(hidden), note=note).drop(columns="area_id")


def _few_people(two: Audits, found: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows rest on fewer than ten people or three walks on either side: asked of few, in that light."""
    forms = two.submissions
    about = pd.DataFrame(
        {
            "submission_id": forms["submission_id"].astype("str"),
            "side": forms["campaign"].astype("str"),
            "group": forms["light"].astype("str"),
            "key": contributor_keys(forms),
            "walk": walk_keys(forms),
            "people": forms["group_size"].astype(int),
        }
    )
    rows = two.observations[["submission_id", "indicator"]].astype("str").merge(about, on="submission_id")
    by = ["indicator", "group", "side"]
    people = people_by(rows, by, "key")
    walks = rows.groupby(by)["walk"].nunique()
    sides = (people >= LEAST_PEOPLE) & (walks >= LEAST_WALKS)
    enough = sides.groupby(["indicator", "group"]).sum() == len(_SIDES)
    # Of a composite each of its indicators has its own row: it is told where any one of them is.
    light = enough.groupby("group").any()
    key = pd.MultiIndex.from_frame(found[["indicator", "group"]].astype("str"))
    known = [enough.get(of) for of in key]
    return pd.Series(
        [
            not (bool(light.get(group, False)) if one is None else one)
            for one, (_, group) in zip(known, key, strict=True)
        ],
        index=found.index,
    )


def _with_sides(audits: Audits, side: pd.Series[str]) -> Audits:
    """Return the forms of either side, which stands where the round did."""
    there = side.notna()
    named = audits.submissions.assign(campaign=pd.Categorical(side))[there].reset_index(drop=True)
    return audits.keep(named)


def _differences(  # noqa: PLR0913 - the names of the sides beside what all comparisons take
    audits: Audits,
    matches: pd.DataFrame,
    *,
    places: Places,
    rubric: Rubric,
    settings: ScoreSettings,
    names: tuple[str, str],
) -> pd.DataFrame:
    """Return the mean differences of areas between two sides; empty where no place has both."""
    if audits.submissions["campaign"].nunique() < len(names):
        return pd.DataFrame()
    found = find_changes(audits, matches, places, rubric, settings, names=names).means
    texts = dict.fromkeys(("area_id", "kind", "indicator", "light"), "str")
    return found.astype(texts).drop(
        columns=["campaign_before", "campaign_after", "detectable", "places_left", "before_left", "worse_again"]
    )


def _discovered(found: pd.DataFrame) -> pd.DataFrame:
    """Return rows with what all tests of the table together say."""
    q = false_discovery_rates(found["p"].to_numpy(float)).round(6)
    return found.assign(q=q, differs=q <= LEVEL)
