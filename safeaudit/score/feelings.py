"""How people felt, and how far apart they lie, by group. Table `feelings`.

A feeling is an outcome: nobody rates it wrongly, so it has no agreement, and its spread is a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import GROUP_PARTS, SPLITS, contributor_keys, count_people, light_groups, rounds
from safeaudit.rubric import LEVELS
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeaudit.rubric import Rubric

LEAST_PEOPLE = 10
"""People in every group that is told of, and in what is left of a split whose total is."""

LEAST_ANSWERS = 2
"""Forms behind every group that is told of: a group's form is one answer, whoever agreed on it."""

_SPLITS = {split: SPLITS[split] for split in ("sex", "age", "disability")}

NOT_SAID = "not said"
ALL = "all"
FEW_PEOPLE = f"fewer than {LEAST_PEOPLE} people"
ONE_FORM = "one form alone"
WITHHELD = "withheld: less the groups that are shown it would tell of few people"
WOULD_TELL_ALL = "withheld: with the other groups it would tell of all, which is withheld"
_TOLD = ["sd", *(f"share_{level}" for level in range(LEVELS))]


def feelings(submissions: pd.DataFrame, observations: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """Tell the share of each level and the spread of feelings, for all and by group, in one round of walks.

    A group of fewer than `LEAST_PEOPLE` people, or with one form alone, has a row that says why it says nothing.
    Where so few are left of a split, the total is withheld and the groups are shown; a split of one group has
    nobody left. A group that states how many women, men and others it has is an answer of each of them; one whose
    composition is not stated is mixed, and counts in the total alone.

    Parameters
    ----------
    submissions, observations
        The tables of these names, the submissions of one round.
    rubric
        The indicators; those with the rules of feeling are told of.

    Returns
    -------
    The table `feelings`, from levels of the rubric alone; where its note says why, the values are NA.
    """
    felt = [indicator.name for indicator in rubric.indicators if indicator.public == "feeling"]
    single = observations["level"].notna() & (observations["n"] == 1) & observations["indicator"].isin(felt)
    people = submissions[["submission_id", *_SPLITS.values(), *GROUP_PARTS.values()]].assign(
        group=light_groups(submissions),
        contributor=pd.factorize(contributor_keys(submissions))[0],
        people=submissions["group_size"].astype(int),
    )
    rows = observations.loc[single, ["submission_id", "indicator", "level"]].merge(people, on="submission_id")
    rows = rows.astype({"level": int, "indicator": "str", "group": "str"})
    parts = [_told(told).assign(indicator=key[0], group=key[1]) for key, told in rows.groupby(["indicator", "group"])]
    if not parts:
        return empty_table("feelings")
    (campaign,) = rounds(submissions)
    return validate_table(pd.concat(parts, ignore_index=True).assign(campaign=campaign or ""), "feelings")


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one indicator in one light: all together, then each split."""
    total = _by(rows.assign(who=ALL)).assign(split=ALL)
    groups = dict(_groups(rows))
    splits = {split: _by(members).assign(split=split) for split, members in groups.items()}
    left = {split: _left_out(groups[split], part) for split, part in splits.items()}
    if any(answers > 0 and not _enough(people, answers) for people, answers in left.values()):
        total = _silent(total, total["note"] == "", WITHHELD)
        # A split that leaves nobody out would tell the total as the sum of its groups: its smallest is withheld too.
        splits = {
            split: part if left[split][1] else _silent(part, _smallest(part), WOULD_TELL_ALL)
            for split, part in splits.items()
        }
    return pd.concat([total, *splits.values()], ignore_index=True)


def _groups(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each split that anybody answered, with who gave each answer in the column who: NA is a mixed group."""
    for split, column in _SPLITS.items():
        members = _by_composition(rows) if split == "sex" else rows
        said = members[column].astype("str")
        if said.notna().any():
            # Nothing was said: in a group's form it is mixed.
            yield split, members.assign(who=said.where(said.notna() | (members["people"] > 1), NOT_SAID))


def _by_composition(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the answers with those of groups that state their composition given once by each part of them."""
    parts = [rows.assign(auditor_sex=who, people=rows[column].fillna(0)) for who, column in GROUP_PARTS.items()]
    stated = pd.concat([part[(rows["people"] > 1) & (part["people"] > 0)] for part in parts])
    whole = rows[~rows.index.isin(stated.index)].astype({"auditor_sex": "str"})
    return pd.concat([whole, stated.astype({"people": int, "auditor_sex": "str"})], ignore_index=True)


def _by(members: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each group, silent where it is small."""
    level = members["level"].groupby(members["who"])
    share = pd.crosstab(members["who"], members["level"], normalize="index").reindex(columns=range(LEVELS))
    told = pd.DataFrame(
        {
            "n": level.size().astype("Int64"),
            "contributors": _people_by(members),
            "sd": level.std().round(4),
            **{f"share_{k}": share[k].fillna(0).round(4) for k in range(LEVELS)},
        }
    ).assign(note="")
    told = told.rename_axis("who").reset_index()
    told = _silent(told, told["n"] < LEAST_ANSWERS, ONE_FORM)
    return _silent(told, told["contributors"] < LEAST_PEOPLE, FEW_PEOPLE)


def _people_by(members: pd.DataFrame) -> pd.Series[int]:
    """Count the people of each group."""
    cell, names = pd.factorize(members["who"], sort=True)
    counted = cell >= 0
    there = members[counted]
    count = count_people(cell[counted], there["contributor"].to_numpy(), there["people"].to_numpy(), len(names))
    return pd.Series(count, index=names, dtype="Int64")


def _left_out(members: pd.DataFrame, part: pd.DataFrame) -> tuple[int, int]:
    """Return people and answers that are in the total and in no group that is shown; none where no group is."""
    shown = part.loc[part["note"] == "", "who"]
    if shown.empty:
        return LEAST_PEOPLE, LEAST_ANSWERS
    rest = members[~members["who"].isin(shown)]
    return int(_people_by(rest.assign(who=ALL)).sum()), len(rest)


def _enough(people: int, answers: int) -> bool:
    return people >= LEAST_PEOPLE and answers >= LEAST_ANSWERS


def _smallest(part: pd.DataFrame) -> pd.Series[bool]:
    """Return which row is the smallest that is shown."""
    people = part["contributors"].where(part["note"] == "")
    return pd.Series(np.arange(len(part)) == people.fillna(np.iinfo(np.int64).max).to_numpy(np.int64).argmin())


def _silent(part: pd.DataFrame, which: pd.Series[bool], note: str) -> pd.DataFrame:
    """Return rows without their values, and why."""
    values = part[_TOLD].mask(which.astype(bool))
    return part.assign(**values, note=part["note"].mask(which.astype(bool), note))
