"""Scores -> what was seen of an area, with coverage. Table `summaries`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.contributors import contributor_keys
from safeaudit.coverage import coverage, place_sizes
from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from safeaudit.tables import Places

HEADLINE = "headline"
_KEYS = ["area_id", "kind", "indicator", "group"]


def aggregate(places: Places, scores: pd.DataFrame, submissions: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Sum up what was seen in the city, by kind of place, indicator and light.

    Shares are of length for segments, of area for spaces and of number for stops. Areas have no
    score of their own.

    Parameters
    ----------
    places
        All places, rated or not: they are the denominator.
    scores, submissions, matches
        The tables of these names.

    Returns
    -------
    The table `summaries`; the group `headline` counts every place once, in its headline's light.
    """
    headline = scores[scores["headline"]].assign(group=HEADLINE)
    rows = pd.concat([scores, headline], ignore_index=True).assign(area_id="city")
    sizes = place_sizes(places)
    summaries = coverage(rows, sizes, _KEYS)
    n = rows.merge(sizes, on="place_id").groupby(_KEYS)["n"].sum().round(3)
    people = _people(submissions, matches)
    summaries = summaries.merge(n.reset_index(), on=_KEYS).merge(people, on=["kind", "group"], how="left")
    return validate_table(summaries, "summaries")


def _people(submissions: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Count distinct contributors by kind of place and light, and by kind alone as the headline's."""
    about = pd.DataFrame(
        {
            "submission_id": submissions["submission_id"],
            "contributor": contributor_keys(submissions),
            "people": submissions["group_size"].astype(int),
            "group": submissions["light"].astype(object).fillna("unrecorded"),
        }
    )
    seen = matches[["submission_id", "kind"]].drop_duplicates().merge(about, on="submission_id")
    seen = pd.concat([seen, seen.assign(group=HEADLINE)])
    each = seen.groupby(["kind", "group", "contributor"])["people"].max()
    return each.groupby(level=["kind", "group"]).sum().rename("contributors").reset_index()
