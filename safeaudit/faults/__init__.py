"""What can be mended, where, by whom, and whether later walks still saw it. Table `faults`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.config import TO_DISCUSS
from safeaudit.faults.agencies import name_agencies, say_idle_rules
from safeaudit.faults.between import FATES, compare_faults
from safeaudit.faults.looks import can_be_seen, find_looks
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from safeaudit.config import FaultSettings
    from safeaudit.tables import Audits, Places

__all__ = ["FATES", "compare_faults", "place_discussions", "place_faults", "say_idle_rules"]

_BEFORE = ("segment", "space", "stop")
"""A fault is at a submission's street rather than at its space, and there rather than at its stop."""

_CLOSING_WALKS = 2
_AT = ["place_id", "kind"]


def place_faults(  # noqa: PLR0913 - tables and settings; the rest are keywords
    audits: Audits,
    matches: pd.DataFrame,
    places: Places,
    settings: FaultSettings,
    *,
    old_before: pd.Timestamp,
    mended: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say at which place each fault is, who can mend it, and whether later walks still saw it.

    A fault is at the place that has the largest share of its submission: a street before a space
    before a stop, the nearest where shares are equal. It is mended when forms of two different walks were
    made mainly there after its last report, were asked for faults and do not name it; after one it is
    not seen again. Of lamps only forms made after dark say so. Where its agency says that it is mended, one such walk
    is enough; an agency's word alone is "agency says mended", and none where somebody reported it again on a later day.

    Parameters
    ----------
    audits
        Submissions and what they report, of all rounds that count.
    matches
        The table of this name.
    places
        The places of the city, with its areas.
    settings
        Who mends what.
    old_before
        What was last seen before is an old report.
    mended
        What agencies say they mended: place_id, kind and day (UTC).

    Returns
    -------
    The table `faults`, without what names people; place_id is NA where the submission belongs to no place, agency
    where nobody is named.
    """
    times = audits.submissions[["submission_id", "observed_at"]]
    reported = audits.faults.merge(times, on="submission_id")
    reported = reported[reported["kind"] != TO_DISCUSS]
    if reported.empty:
        return empty_table("faults")
    placed = reported.merge(_main_places(matches), on="submission_id", how="left")
    known = placed.dropna(subset="place_id").astype(dict.fromkeys(_AT, "str"))
    seen = known.groupby(_AT)["observed_at"].agg(since="min", last_seen="max").reset_index()
    seen = seen.assign(walks=_walks_since(seen, audits, matches))
    seen = seen.assign(word=_agency_says(seen, mended))
    placed = placed.astype(dict.fromkeys(_AT, "str")).merge(seen, on=_AT, how="left")
    for name in ("since", "last_seen"):
        placed[name] = placed[name].fillna(placed["observed_at"])
    walks, word = placed.pop("walks").fillna(0), placed.pop("word").eq(other=True)
    closed = (walks >= _CLOSING_WALKS) | (word & (walks > 0))
    status = np.select([closed, word, walks > 0], ["mended", "agency_says_mended", "not_seen_again"], "open")
    placed = placed.drop(columns="observed_at").assign(status=status, old=placed["last_seen"] < old_before)
    return validate_table(placed.assign(agency=name_agencies(placed, places, settings)), "faults")


def place_discussions(audits: Audits, matches: pd.DataFrame) -> pd.DataFrame:
    """Say at which place each submission is that names vendors or residents: people are never faults.

    Parameters
    ----------
    audits, matches
        As for `place_faults`.

    Returns
    -------
    The table `discussions`.
    """
    named = audits.faults.loc[audits.faults["kind"] == TO_DISCUSS, ["submission_id"]]
    if named.empty:
        return empty_table("discussions")
    return validate_table(named.merge(_main_places(matches), on="submission_id", how="left"), "discussions")


def _agency_says(seen: pd.DataFrame, mended: pd.DataFrame | None) -> pd.Series[bool]:
    """Return which faults their agency says it mended, on the day of the last report or later."""
    if mended is None or mended.empty:
        return pd.Series(data=False, index=seen.index)
    said = mended.groupby(_AT)["day"].max().reindex(pd.MultiIndex.from_frame(seen[_AT])).reset_index(drop=True)
    return said.notna() & ~(seen["last_seen"].dt.normalize() > said)


def _main_places(matches: pd.DataFrame) -> pd.DataFrame:
    """Return the place of what each submission reports."""
    rank = matches["kind"].map({kind: order for order, kind in enumerate(_BEFORE)}).astype(int)
    ranked = matches.assign(rank=rank, share=-matches["weight"])
    ranked = ranked.sort_values(["submission_id", "rank", "share", "distance_m", "place_id"])
    return ranked.drop_duplicates("submission_id")[["submission_id", "place_id"]]


def _walks_since(seen: pd.DataFrame, audits: Audits, matches: pd.DataFrame) -> pd.Series[int]:
    """Count for each fault the walks that looked at its place after its last report and do not name it."""
    pairs = seen.reset_index(names="fault").merge(find_looks(audits, matches), on="place_id")
    pairs = pairs[(pairs["observed_at"] > pairs["last_seen"]) & can_be_seen(pairs["kind"], pairs["light"])]
    named = audits.faults.astype("str").assign(names=True)
    pairs = pairs.astype({"submission_id": "str"}).merge(named, on=["submission_id", "kind"], how="left")
    return pairs[pairs["names"].isna()].groupby("fault")["walk"].nunique().reindex(seen.index, fill_value=0)
