"""What can be mended, where, and by whom. Table `faults`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.config import FaultSettings

_BEFORE = ("segment", "space", "stop")
"""A fault is at a submission's street rather than at its space, and there rather than at its stop."""


def place_faults(reported: pd.DataFrame, matches: pd.DataFrame, settings: FaultSettings) -> pd.DataFrame:
    """Say at which place each fault is, and who can mend it.

    A fault is at the place that has the largest share of its submission: a street before a space
    before a stop, the nearest where shares are equal.

    Parameters
    ----------
    reported
        What submissions report: submission_id and kind, each pair once.
    matches
        The table of this name.
    settings
        Who mends what.

    Returns
    -------
    The table `faults`; place_id is NA where the submission belongs to no place, agency where nobody is named.
    """
    if reported.empty:
        return empty_table("faults")
    rank = matches["kind"].map({kind: order for order, kind in enumerate(_BEFORE)}).astype(int)
    ranked = matches.assign(rank=rank, share=-matches["weight"])
    first = ranked.sort_values(["submission_id", "rank", "share", "distance_m", "place_id"]).drop_duplicates(
        "submission_id"
    )
    placed = reported.merge(first[["submission_id", "place_id"]], on="submission_id", how="left")
    return validate_table(placed.assign(agency=placed["kind"].map(dict(settings.agencies)), status="open"), "faults")
