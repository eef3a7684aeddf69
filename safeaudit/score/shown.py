"""Scores of several rounds -> those that are shown: the latest round per place, light and indicator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.score.states import mark_headlines
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.config import ScoreSettings

_KEY = ["place_id", "indicator", "group"]


def show_latest(by_round: Sequence[pd.DataFrame], settings: ScoreSettings) -> pd.DataFrame:
    """Choose the round that each place is shown in, for each indicator and light.

    It is the latest that has a value there: of a composite, the latest that alone answers enough of the
    weight. Where it has too few people and an earlier one that is not stale has more, the earlier stays in
    front and the newer is noted in `newer_at`. A newer round elsewhere, or in another light, erases nothing.

    Parameters
    ----------
    by_round
        Table `scores` of each round, from the earliest to the latest.
    settings
        How many people are few.

    Returns
    -------
    The table `scores`.
    """
    found = [part.astype(dict.fromkeys(_KEY, "str")) for part in by_round if len(part)]
    if not found:
        return empty_table("scores")
    *earlier, front = found
    for part in reversed(earlier):
        front = _behind(front, part, settings.min_contributors)
    return validate_table(front.assign(headline=mark_headlines(front)), "scores")


def _behind(front: pd.DataFrame, earlier: pd.DataFrame, enough: int) -> pd.DataFrame:
    """Return what is in front when an earlier round is put behind it."""
    newer = front.set_index(_KEY)[["contributors", "latest_at", "newer_at"]]
    there = newer.reindex(pd.MultiIndex.from_frame(earlier[_KEY])).set_index(earlier.index)
    people = there["contributors"].astype("Float64")
    more = (people < enough) & (people < earlier["contributors"]) & (earlier["state"] != "stale")
    kept = earlier[(people.isna() | more.fillna(value=False)).to_numpy(bool)]
    noted = there["newer_at"].fillna(there["latest_at"]).loc[kept.index]
    kept = kept.assign(newer_at=noted)
    covered = pd.MultiIndex.from_frame(front[_KEY]).isin(pd.MultiIndex.from_frame(kept[_KEY]))
    return pd.concat([front[~covered], kept], ignore_index=True)
