"""Which faults a place has, and how many people reported each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from safeaudit.contributors import contributor_keys

_COLUMNS = ["place_id", "kind", "agency", "reports", "contributors", "latest_at"]


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
    opened = faults[(faults["status"] == "open") & faults["place_id"].notna()].astype({"submission_id": object})
    if opened.empty:
        return pd.DataFrame(columns=_COLUMNS).astype({"reports": np.int64, "latest_at": "datetime64[us, UTC]"})
    about = submissions[["submission_id", "observed_at"]].assign(contributor=contributor_keys(submissions))
    about["submission_id"] = about["submission_id"].astype(object)
    seen = opened.merge(about, on="submission_id").astype({"place_id": object, "kind": object})
    return (
        seen.groupby(["place_id", "kind"], observed=True)
        .agg(
            agency=("agency", "first"),
            reports=("submission_id", "size"),
            contributors=("contributor", "nunique"),
            latest_at=("observed_at", "max"),
        )
        .reset_index()
    )
