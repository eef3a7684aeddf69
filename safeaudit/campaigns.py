"""Which round of walks is looked at: before and after are never pooled."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


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
    latest = named.groupby(named["campaign"].astype(str))["observed_at"].max().reset_index()
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
