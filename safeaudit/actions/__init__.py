"""What is to be done about every fault and place, by whom, and what became of it. Table `actions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.actions.entries import (
    ABOUT,
    ABOUT_ACTION,
    ABOUT_HALL,
    ACTIONS_NAME,
    CHOICES,
    DAYS,
    NUMBERS,
    TAKEN,
    action_ids,
    check_signs,
    latest,
    read_entries,
    write_entries,
)
from safeaudit.actions.requests import read_requests
from safeaudit.actions.rows import read_rows
from safeaudit.actions.take_in import Known, TakenIn, take_in
from safeaudit.contributors import faults_by_place
from safeaudit.coverage import quarters
from safeaudit.place_areas import list_places, ward_names
from safeaudit.tables import TABLES, validate_table

if TYPE_CHECKING:
    from safeaudit.tables import Places

__all__ = [
    "ABOUT",
    "ABOUT_ACTION",
    "ABOUT_HALL",
    "ACTIONS_NAME",
    "CHOICES",
    "DAYS",
    "NUMBERS",
    "Known",
    "TakenIn",
    "action_ids",
    "agencies_of_settings",
    "check_signs",
    "find_mended",
    "latest",
    "make_actions",
    "read_entries",
    "read_requests",
    "read_rows",
    "take_in",
    "write_entries",
]

_TOLD = ("agency", "fault", "old", "since", "last_seen", "reports")
_MENDED = "mended"


def make_actions(
    faults: pd.DataFrame, submissions: pd.DataFrame, places: Places, entries: pd.DataFrame
) -> pd.DataFrame:
    """Say what is to be done: every open fault, and every action that somebody wrote down, open or not.

    Parameters
    ----------
    faults
        The table of this name.
    submissions
        Who reported them.
    places
        The places of today.
    entries
        What was said so far, as from `read_entries`.

    Returns
    -------
    The table `actions`. An action whose place is gone stays, with the label it had. Its agency is the one that the
    office wrote down, else the one of the settings.
    """
    said = latest(entries, ABOUT_ACTION)
    told = _reported(faults, submissions)
    ids = told.index[told["fault"] != _MENDED].union(said.index)
    said, told = said.reindex(ids), told.reindex(ids)
    joined = pd.DataFrame({name: told[name].combine_first(said[name]) for name in ("place_id", "issue")}, index=ids)
    where = list_places(places, joined["place_id"])
    here = where.reindex(joined["place_id"])
    wards = ward_names(places, where.geometry).reindex(joined["place_id"])
    gone = ~joined["place_id"].isin(where.index)
    for name in ("place_code", "label"):
        joined[name] = pd.Series(here[name].to_numpy(object), index=ids, dtype="str").combine_first(said[name])
    written = {
        name: pd.to_numeric(said[name]).astype(float) if name in NUMBERS else said[name] for name in ABOUT[ABOUT_ACTION]
    }
    agency = written.pop("agency").combine_first(told["agency"])
    joined = joined.assign(**written, agency=agency, ward=wards.to_numpy(object), gone=gone)
    joined = joined.assign(**told[["fault", "since", "last_seen"]], old=told["old"].eq(other=True))
    joined = joined.assign(reports=told["reports"].fillna(0).astype("int64"), version=said["version"].fillna(0))
    reported = joined["fault"].notna()
    closed = (joined["fault"] == _MENDED) | (~reported & (joined["status"] == _MENDED))
    joined = joined.assign(closed=closed.fillna(value=False).astype(bool))
    joined = joined.astype({"version": "int64", "ward": "str"})
    signs = agency.astype("str").fillna("").map(check_signs)
    joined = joined.assign(reference=joined.index.astype("str") + "/" + joined["version"].astype("str") + "/" + signs)
    return validate_table(joined.rename_axis("action_id").reset_index()[TABLES["actions"].names], "actions")


def find_mended(entries: pd.DataFrame) -> pd.DataFrame:
    """Return which faults their agencies say they mended, and since when.

    Parameters
    ----------
    entries
        The table `action_entries`.

    Returns
    -------
    action_id, place_id, kind and day (UTC, its beginning): the day that was written beside it, else the day it was
    read first.
    """
    taken = entries[(entries["state"] == TAKEN) & (entries["about"] == ABOUT_ACTION)]
    taken = taken.astype({"action_id": "str"})
    before = taken[taken["status"].ne(_MENDED).fillna(value=True)].drop_duplicates("action_id", keep="last")
    before = before.set_index("action_id")
    # What stands since the last entry that said otherwise: a date that was there before is of an earlier decision.
    run = taken[taken["entry"] > taken["action_id"].map(before["entry"]).fillna(0)]
    now = run.drop_duplicates("action_id", keep="last").set_index("action_id")
    first = run.drop_duplicates("action_id").set_index("action_id")["day"].reindex(now.index)
    fresh = now["decided_at"].notna() & now["decided_at"].ne(before["decided_at"].reindex(now.index)).fillna(value=True)
    day = pd.to_datetime(now["decided_at"].where(fresh, first), format="%Y-%m-%d", utc=True)
    columns = {"place_id": now["place_id"], "kind": now["issue"], "day": day.astype("datetime64[us, UTC]")}
    return pd.DataFrame(columns).rename_axis("action_id").reset_index()


def agencies_of_settings(faults: pd.DataFrame) -> dict[str, str]:
    """Return whom the settings name for each fault, by action_id.

    Parameters
    ----------
    faults
        The table of this name.
    """
    named = faults.dropna(subset=["place_id", "agency"]).drop_duplicates(["place_id", "kind"])
    named = named.astype(dict.fromkeys(("place_id", "kind", "agency"), "str"))
    return dict(zip(action_ids("A", named["place_id"], named["kind"]), named["agency"], strict=True))


def _reported(faults: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Return what people reported by action_id: place_id, issue and what the faults say; mended ones with no report."""
    opened = faults_by_place(faults, submissions)
    closed = faults[(faults["status"] == _MENDED) & faults["place_id"].notna()]
    closed = closed.drop_duplicates(["place_id", "kind"]).assign(reports=0)
    every = pd.concat([opened, closed[[name for name in closed.columns if name in opened.columns]]])
    every = every.astype(dict.fromkeys(("place_id", "kind", "agency", "status"), "str"))
    every.index = pd.Index(action_ids("A", every["place_id"], every["kind"]), dtype="str")
    every = every.rename(columns={"kind": "issue", "status": "fault"})
    every = every.assign(**{name: quarters(every[name]).astype("str") for name in ("since", "last_seen")})
    return every[["place_id", "issue", *_TOLD]]
