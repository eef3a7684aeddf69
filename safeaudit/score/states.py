"""Who looked at a place, how long ago, and in which light it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.score.ratings import LIGHTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings

_EVEN = 1e-9
"""Two numbers closer than this are even."""


def find_states(scores: pd.DataFrame, submissions: pd.DataFrame, settings: ScoreSettings) -> NDArray[np.str_]:
    """Return audited, few or stale; stale wins over few. A group that agreed is as many people as it has."""
    as_of = pd.Timestamp(settings.as_of) if settings.as_of else submissions["observed_at"].max()
    as_of = as_of if as_of.tzinfo else as_of.tz_localize("UTC")
    few = (scores["n"] < settings.min_ratings - _EVEN) | (scores["contributors"] < settings.min_contributors)
    oldest = as_of - pd.DateOffset(months=settings.stale_months)
    stale = (scores["latest_at"] < oldest).fillna(value=False)
    return np.select([stale.to_numpy(bool), few.to_numpy(bool)], ["stale", "few"], default="audited")


def mark_headlines(scores: pd.DataFrame) -> pd.Series[bool]:
    """Return whether each row is in the light that its place is shown in: the first of `LIGHTS` that it has."""
    order = pd.Series(pd.Categorical(scores["group"], LIGHTS).codes, index=scores.index)
    return order == order.groupby(scores["place_id"].astype("str")).transform("min")


def between_streets(matches: pd.DataFrame, scores: pd.DataFrame) -> tuple[str, ...]:
    """Tell how many submissions fell between several streets, none of which got half a rating.

    Parameters
    ----------
    matches, scores
        The tables of these names, of the submissions that were scored.

    Returns
    -------
    One sentence, or none where every submission counts somewhere.
    """
    on_streets = matches[matches["kind"] == "segment"]
    counts = on_streets["place_id"].isin(scores["place_id"]).groupby(on_streets["submission_id"]).max()
    lost = int((~counts).sum())
    if not lost:
        return ()
    return (f"{lost} submissions lie between several streets, none of which got half a rating: they colour none.",)
