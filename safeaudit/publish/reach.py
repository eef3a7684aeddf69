"""Who reaches a stop, toilet, school or market along streets that meet the standard: of the whole city alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.contributors import MAINLY
from safeaudit.publish.walks import about_walks, members, of_latest_round, publishable
from safeaudit.rubric import STREET_CONDITION
from safeaudit.tables.public import REACH_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.tables import AuditResult

REACH = "reach"
"""Stands where a place does among the forms behind a release."""

_PEOPLE = 10
_METRES = 100
"""What is told is rounded to so many."""

_VALUES = ["within", "reach", "low", "high"]


def public_reach(result: AuditResult) -> pd.DataFrame:
    """Return who reaches what in the latest round, by what is public by place.

    Parameters
    ----------
    result
        What the run found out; its `open_night_reach` rests on `publishable` submissions alone.

    Returns
    -------
    `reach` of `Public`: of each category by street condition, or by what there is.
    """
    rows = _told(result)
    step = (rows["unit"] == "people").map({True: _PEOPLE, False: _METRES})
    values = {name: (rows[name] / step).round() * step for name in _VALUES}
    found = rows.assign(**values, round=rows["campaign"].where(rows["campaign"].isin(result.declared), ""))
    return found[REACH_COLUMNS].sort_values(["category", "light"], ascending=[True, False], ignore_index=True)


def forms_of_reach(result: AuditResult) -> pd.DataFrame:
    """Return the forms that rated what reach is by, in the round and light of each row.

    Parameters
    ----------
    result
        As for `public_reach`.

    Returns
    -------
    place_id (`REACH`), what (as in `reach` of `Public`), submission_id, walk, contributor, people and mainly.
    """
    rows = _told(result)[["what", "indicator", "light", "campaign"]].rename(columns={"indicator": "shown"})
    about = about_walks(publishable(result.audits.submissions)).rename(columns={"group": "light"})
    mainly = result.matches.loc[result.matches["weight"] > MAINLY, "submission_id"].astype("str")
    rated = result.audits.observations[["submission_id", "indicator"]].astype("str")
    said = about.astype({"submission_id": "str"}).merge(rated, on="submission_id")
    found = said.merge(rows.merge(members(result.rubric), on="shown"), on=["indicator", "light", "campaign"])
    found = found.assign(place_id=REACH, mainly=found["submission_id"].isin(mainly))
    kept = ["place_id", "what", "submission_id"]
    return found[[*kept, "walk", "contributor", "people", "mainly"]].drop_duplicates(kept).reset_index(drop=True)


def _told(result: AuditResult) -> pd.DataFrame:
    """Return the rows that tell something, of the latest round that does; both lights of a category have one name."""
    rows = result.open_night_reach.rename(columns={"group": "light"})
    rows = rows.astype(dict.fromkeys(["campaign", "category", "indicator", "light", "unit"], "str"))
    rows = rows[rows["reach"].notna() & rows["indicator"].isin([STREET_CONDITION, *result.rubric.street_condition])]
    rows = of_latest_round(rows, "category", publishable(result.audits.submissions))
    of_whole = rows["indicator"] == STREET_CONDITION
    rows = rows[of_whole | ~rows["category"].isin(rows.loc[of_whole, "category"])]
    return rows.assign(what="reach of " + rows["category"] + " by " + rows["indicator"])
