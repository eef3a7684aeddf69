"""What of a change would be one person's answer, in either round: the office does not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_SURE = ["difference", "low", "high", "p", "q"]
_VALUES = ["before", "after", *_SURE, "detectable"]
_OF_LIGHTS = ["day", "dark", *_SURE]
_OF_SITES = ["site_before", "comparison_before", "site_difference", "comparison_difference"]
_LEAST_FORMS = 2

FEW = "withheld: it would tell what few people answered in one of the rounds"


def hide_changes(changes: pd.DataFrame, needed: Mapping[str, int], members: Collection[str]) -> pd.DataFrame:
    """Return the table `changes` without what would tell an answer of few.

    Parameters
    ----------
    changes
        The table of this name.
    needed
        People that each indicator needs in each round; those that are not there need none.
    members
        Those of them that the score contains.
    """
    people = changes[["contributors_before", "contributors_after"]].min(axis=1)
    forms = changes[["answers_before", "answers_after"]].min(axis=1) >= _LEAST_FORMS
    return _hide(changes, _few(changes, people, forms, needed), members, ["place_id", "light"])


def hide_mean_changes(means: pd.DataFrame, needed: Mapping[str, int], members: Collection[str]) -> pd.DataFrame:
    """Return the table `mean_changes` without what would tell an answer of few; as for `hide_changes`."""
    people = means[["auditors_before", "auditors_after"]].min(axis=1)
    # A form counts in an area by its shares: more than one rating are two forms.
    forms = means[["n_before", "n_after"]].min(axis=1) > 1
    hidden = _hide(means, _few(means, people, forms, needed), members, ["area_id", "kind", "light"])
    left = hidden["indicator"].astype("str").isin([*needed, "score"]) & (hidden["places_left"] < _LEAST_FORMS)
    return hidden.assign(before_left=hidden["before_left"].mask(left))


def hide_day_dark(day_dark: pd.DataFrame, needed: Mapping[str, int], members: Collection[str]) -> pd.DataFrame:
    """Return the table `day_dark` without what would tell an answer of few; as for `hide_changes`."""
    people = day_dark[["auditors_day", "auditors_dark"]].min(axis=1)
    forms = day_dark[["n_day", "n_dark"]].min(axis=1) > 1
    few = _few(day_dark, people, forms, needed)
    return _hide(day_dark, few, members, ["campaign", "area_id", "kind"], _OF_LIGHTS)


def hide_site_changes(sites: pd.DataFrame, needed: Mapping[str, int]) -> pd.DataFrame:
    """Return the table `site_changes` without descriptions of what is not told by place: they may be of few people."""
    few = sites["indicator"].astype("str").isin([*needed, "score"]) & (sites["note"] != "")
    return sites.assign(**sites[_OF_SITES].mask(few), note=sites["note"].mask(few, FEW))


def _few(
    table: pd.DataFrame, people: pd.Series[int], forms: pd.Series[bool], needed: Mapping[str, int]
) -> pd.Series[bool]:
    """Return which rows are of too few people or forms for their indicator."""
    least = table["indicator"].astype("str").map(dict(needed))
    few: pd.Series[bool] = least.notna() & ((people < least.fillna(0)) | ~forms)
    return few.astype(bool)


def _hide(
    table: pd.DataFrame,
    few: pd.Series[bool],
    members: Collection[str],
    keys: list[str],
    values: Sequence[str] = tuple(_VALUES),
) -> pd.DataFrame:
    """Return a table without the values of few, and without scores that contain them."""
    name = table["indicator"].astype("str")
    asked = name[name.isin(members)].unique()
    told = table.loc[name.isin(members) & ~few, keys].astype("str").value_counts()
    # A score is told where all that is private in it is: what one round alone answered has no row here.
    enough = told.reindex(pd.MultiIndex.from_frame(table[keys].astype("str"))).fillna(0).to_numpy() == len(asked)
    hidden = few | ((name == "score") & ~enough)
    return table.assign(
        **table[list(values)].mask(hidden), differs=table["differs"] & ~hidden, note=table["note"].mask(hidden, FEW)
    )
