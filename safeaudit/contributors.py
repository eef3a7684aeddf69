"""Who stands behind a submission: contributors and walks, as keys that nobody can be told by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


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
    auditor = submissions["auditor"].astype(object)
    return ("auditor:" + auditor.astype(str)).where(auditor.notna(), walk_keys(submissions))


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
    walk = submissions["walk_id"].astype(object)
    day = submissions["observed_at"].dt.strftime("%Y-%m-%d").astype(object).fillna("")
    fallback = "file:" + submissions["source"].astype(object) + ":" + day
    return ("walk:" + walk.astype(str)).where(walk.notna(), fallback)
