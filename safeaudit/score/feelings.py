"""How people felt, and how far apart they lie, by group. Table `feelings`.

A feeling is an outcome: nobody rates it wrongly, so it has no agreement, and its spread is a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.contributors import contributor_keys, light_groups
from safeaudit.rubric import LEVELS
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeaudit.rubric import Rubric

LEAST_PEOPLE = 10
"""Contributors in every group that is shown, and in what is left of a split."""

SPLITS = {"sex": "auditor_sex", "age": "auditor_age", "disability": "auditor_disability"}
"""One-way splits of the auditors, and their columns."""

NOT_SAID = "not said"


def feelings(submissions: pd.DataFrame, observations: pd.DataFrame, rubric: Rubric) -> pd.DataFrame:
    """Tell the share of each level and the spread of feelings, for all and by group of auditor.

    A group of fewer than `LEAST_PEOPLE` contributors is left out, and with it the next smallest, until
    what is left out cannot be worked out from what is shown.

    Parameters
    ----------
    submissions, observations
        The tables of these names.
    rubric
        The indicators; those with the rules of feeling are told of.

    Returns
    -------
    The table `feelings`, from levels of the rubric alone.
    """
    felt = [indicator.name for indicator in rubric.indicators if indicator.public == "feeling"]
    single = observations["level"].notna() & (observations["n"] == 1) & observations["indicator"].isin(felt)
    people = submissions[["submission_id", *SPLITS.values()]].assign(
        group=light_groups(submissions), contributor=contributor_keys(submissions)
    )
    rows = observations.loc[single, ["submission_id", "indicator", "level"]].merge(people, on="submission_id")
    rows = rows.astype({"level": int})
    parts = [
        part.assign(indicator=name, group=light)
        for (name, light), told in rows.groupby(["indicator", "group"])
        for part in _splits(told)
    ]
    parts = [part for part in parts if len(part)]
    return validate_table(pd.concat(parts), "feelings") if parts else empty_table("feelings")


def _splits(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield all together, then each split."""
    yield _by(rows, pd.Series("all", index=rows.index)).assign(split="all")
    for split, column in SPLITS.items():
        who = rows[column].astype("str").fillna(NOT_SAID)
        if len(who.unique()) > 1:
            yield _by(rows, who).assign(split=split)


def _by(rows: pd.DataFrame, who: pd.Series[str]) -> pd.DataFrame:
    """Return the groups that may be shown, one row each."""
    contributors = rows.groupby(who)["contributor"].nunique()
    shown = contributors[_shown(contributors)]
    rows = rows[who.isin(shown.index)]
    level = rows["level"].groupby(who)
    share = pd.crosstab(who.loc[rows.index], rows["level"], normalize="index").reindex(columns=range(LEVELS))
    told = {
        "n": level.size().astype("Int64"),
        "contributors": shown.astype("Int64"),
        "sd": level.std().round(4),
        **{f"share_{k}": share[k].fillna(0).round(4) for k in range(LEVELS)},
    }
    return pd.DataFrame(told, index=shown.index).rename_axis("who").reset_index()


def _shown(contributors: pd.Series[int]) -> pd.Series[bool]:
    """Return which groups may be shown: none small, and none that can be told from the rest."""
    ordered = contributors.sort_values(kind="stable")
    hidden = ordered.cumsum() - ordered
    small = ordered < LEAST_PEOPLE
    completes = (hidden > 0) & (hidden < LEAST_PEOPLE)
    return ~(small | completes).reindex(contributors.index)
