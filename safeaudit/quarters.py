"""Times as they may be told: by quarter, so that nobody learns when somebody walked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def quarters(times: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    """Return times as in "2026 Q2".

    Parameters
    ----------
    times
        Times, UTC; NaT where unknown.

    Returns
    -------
    Texts on the same index, NA where the time is unknown.
    """
    when = times.dt
    return when.year.astype("Int64").astype("string") + " Q" + when.quarter.astype("Int64").astype("string")
