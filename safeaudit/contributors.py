"""What stands behind submissions: contributors, walks, rounds and light, and how many people reported a fault.

Contributors and walks are keys that nobody can be told by. Rounds, before and after, are never pooled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

UNRECORDED = "unrecorded"
"""The group of what was seen at a time that nobody wrote down."""

_REPORTS = ["place_id", "kind", "agency", "reports", "contributors", "latest_at"]


def contributor_keys(submissions: pd.DataFrame) -> pd.Series[str]:
    """Return a key for the contributor of each submission.

    A known auditor is one contributor. Unknown auditors of one walk are one; where the walk is
    unknown too, those of one file and day are one.

    Parameters
    ----------
    submissions
        Table `submissions`.

    Returns
    -------
    Keys on the same index, never NA.
    """
    auditor = submissions["auditor"].astype("str")
    return ("auditor:" + auditor).where(auditor.notna(), walk_keys(submissions))


def walk_keys(submissions: pd.DataFrame) -> pd.Series[str]:
    """Return a key for the walk of each submission: its walk_id, else its file and day.

    Parameters
    ----------
    submissions
        Table `submissions`.

    Returns
    -------
    Keys on the same index, never NA.
    """
    walk = submissions["walk_id"].astype("str")
    day = submissions["observed_at"].dt.strftime("%Y-%m-%d").fillna("")
    fallback = "file:" + submissions["source"].astype("str") + ":" + day
    return ("walk:" + walk).where(walk.notna(), fallback)


def light_groups(submissions: pd.DataFrame) -> pd.Series[str]:
    """Return the light of each submission by the names that groups of scores have.

    Parameters
    ----------
    submissions
        Table `submissions`.

    Returns
    -------
    Categorical on the same index, never NA: `UNRECORDED` where the time is unknown.
    """
    return submissions["light"].cat.add_categories(UNRECORDED).fillna(UNRECORDED)


def latest_campaign(submissions: pd.DataFrame) -> str | None:
    """Return the campaign with the latest observation, None where no submission names one.

    Parameters
    ----------
    submissions
        Table `submissions`. Campaigns without times come in the order of their names.
    """
    named = submissions[submissions["campaign"].notna()]
    if named.empty:
        return None
    latest = named.groupby("campaign")["observed_at"].max().reset_index()
    return str(latest.sort_values(["observed_at", "campaign"], na_position="first")["campaign"].iloc[-1])


def of_campaign(submissions: pd.DataFrame, campaign: str | None) -> pd.DataFrame:
    """Return the submissions of one campaign; all of them where it is None.

    Parameters
    ----------
    submissions
        Table `submissions`.
    campaign
        Its name.
    """
    if campaign is None:
        return submissions
    return submissions[submissions["campaign"] == campaign].reset_index(drop=True)


def faults_by_place(faults: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Count the reports of each fault at each place.

    Parameters
    ----------
    faults
        The table of this name; what belongs to no place is left out.
    submissions
        Table `submissions`: the reports that count.

    Returns
    -------
    place_id, kind, agency (may be NA), reports (submissions), contributors (distinct) and latest_at
    (UTC, may be NaT); a row for each place and kind that is open, sorted.
    """
    opened = faults[(faults["status"] == "open") & faults["place_id"].notna()]
    if opened.empty:
        return pd.DataFrame(columns=_REPORTS).astype({"reports": np.int64, "latest_at": "datetime64[us, UTC]"})
    about = submissions[["submission_id", "observed_at"]].assign(contributor=contributor_keys(submissions))
    return (
        opened.merge(about, on="submission_id")
        .groupby(["place_id", "kind"], observed=True)
        .agg(
            agency=("agency", "first"),
            reports=("submission_id", "size"),
            contributors=("contributor", "nunique"),
            latest_at=("observed_at", "max"),
        )
        .reset_index()
    )
