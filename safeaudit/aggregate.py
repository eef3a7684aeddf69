"""Scores -> what was seen of an area, with coverage. Table `summaries`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import contributor_keys
from safeaudit.coverage import coverage, place_sizes
from safeaudit.rubric import COMPOSITES
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits, Places

HEADLINE = "headline"
_KEYS = ["area_id", "kind", "indicator", "group"]


def aggregate(
    places: Places, audits: Audits, matches: pd.DataFrame, scores: pd.DataFrame, rubric: Rubric
) -> pd.DataFrame:
    """Sum up what was seen in the city, by kind of place, indicator and light.

    Shares are of length for segments, of area for spaces and of number for stops. Areas have no
    score of their own.

    Parameters
    ----------
    places
        All places, rated or not: they are the denominator.
    audits
        The submissions and observations behind the scores.
    matches, scores
        The tables of these names.
    rubric
        The indicators.

    Returns
    -------
    The table `summaries`; the group `headline` counts every place once, in its headline's light.
    """
    if scores.empty:
        return empty_table("summaries")
    headline = scores[scores["headline"]].assign(group=HEADLINE)
    rows = pd.concat([scores, headline], ignore_index=True).assign(area_id="city")
    sizes = place_sizes(places)
    summaries = coverage(rows, sizes, _KEYS)
    n = rows.merge(sizes, on="place_id").groupby(_KEYS)["n"].sum().round(3)
    summaries = summaries.merge(n.reset_index(), on=_KEYS)
    summaries["contributors"] = _contributors(summaries, _seen(scores, audits.submissions, matches), audits, rubric)
    return validate_table(summaries, "summaries")


def _seen(scores: pd.DataFrame, submissions: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Return the submissions behind the scores: row, kind, group, and whether a headline is among them."""
    lights = submissions["light"].astype(object).fillna("unrecorded")
    about = pd.DataFrame(
        {"submission_id": submissions["submission_id"], "row": range(len(submissions)), "group": lights}
    )
    scored = scores[["place_id", "group", "headline"]].drop_duplicates()
    pairs = matches[["submission_id", "place_id", "kind"]].merge(about, on="submission_id")
    pairs = pairs.merge(scored, on=["place_id", "group"])
    return pairs.groupby(["row", "kind", "group"])["headline"].max().reset_index()


def _answers(submissions: pd.DataFrame, observations: pd.DataFrame, rubric: Rubric) -> dict[str, NDArray[np.bool_]]:
    """Return for each indicator and composite which submissions answer it."""
    row = pd.Index(submissions["submission_id"]).get_indexer(observations["submission_id"])
    by_day = (submissions["light"] == "day").to_numpy(bool, na_value=False)
    answers = {}
    for indicator in rubric.indicators:
        answered = np.zeros(len(submissions), dtype=bool)
        rows = row[(observations["indicator"] == indicator.name).to_numpy() & (row >= 0)]
        answered[rows] = True
        answers[indicator.name] = answered & ~by_day if indicator.needs_dark else answered
    for name, members in zip(COMPOSITES, (rubric.weights, rubric.street_condition), strict=True):
        answers[name] = np.any([answers[member] for member in members], axis=0)
    return answers


def _contributors(summaries: pd.DataFrame, seen: pd.DataFrame, audits: Audits, rubric: Rubric) -> list[int]:
    """Count for each row the distinct contributors who rated that; a declared group counts as its size."""
    answers = _answers(audits.submissions, audits.observations, rubric)
    keys = contributor_keys(audits.submissions).to_numpy()
    people = audits.submissions["group_size"].to_numpy(dtype=np.int64)
    counts = []
    for kind, group, indicator in zip(summaries["kind"], summaries["group"], summaries["indicator"], strict=True):
        light = seen["headline"] if group == HEADLINE else seen["group"] == group
        rows = seen.loc[(seen["kind"] == kind) & light, "row"].unique()
        rows = rows[answers[indicator][rows]]
        counts.append(int(pd.Series(people[rows]).groupby(keys[rows]).max().sum()))
    return counts
