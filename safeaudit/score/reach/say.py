"""Night reach in a sentence for the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safeaudit.rubric import STREET_CONDITION
from safeaudit.score.ratings import WHEN
from safeaudit.score.reach.tell import TOO_LITTLE
from safeaudit.score.reach.town import WALK_M
from safeaudit.score.reach.views import LEAST_LOOKED_AT, LIGHTS

if TYPE_CHECKING:
    import pandas as pd

_CATEGORIES = {"stop": "stops", "toilet": "toilets", "school": "schools", "market": "markets"}
_PEOPLE = "people"
_PER_KM = 1000


def say_night_reach(night_reach: pd.DataFrame) -> str:
    """Say who reaches the destinations that most was walked around, by day and after dark; or why nobody can tell.

    Parameters
    ----------
    night_reach
        The table of this name, of one round; empty after a quick run.
    """
    whole = night_reach[night_reach["indicator"] == STREET_CONDITION].astype({"group": "str", "category": "str"})
    told = whole[whole["note"] == ""].sort_values(["same", "counted", "category"], ascending=[False, False, True])
    if told.empty:
        return _say_why_not(whole)
    rows = {row.group: row for row in told[told["category"] == told["category"].iloc[0]].itertuples(index=False)}
    if told["same"].iloc[0]:
        by_day, after_dark = (rows[light] for light in LIGHTS)
        return f"{_say(by_day)}, {_who(after_dark)} {WHEN['dark']}."
    others = [f"{WHEN[light].capitalize()}: {TOO_LITTLE} to tell." for light in LIGHTS if light not in rows]
    return " ".join([*(f"{_say(rows[light])}." for light in LIGHTS if light in rows), *others])


def _say_why_not(whole: pd.DataFrame) -> str:
    """Say why nothing is told; empty where there is nothing to reach, or nobody asked."""
    if not (whole["note"] == TOO_LITTLE).any():
        return ""
    least = f"{100 * LEAST_LOOKED_AT:.0f} %"
    return (
        f"Who reaches a stop, toilet, school or market along streets that meet the standard: {TOO_LITTLE} to tell. "
        f"Around none of them was {least} of the streets within {WALK_M:.0f} m looked at in one light."
    )


def _say(row: Any) -> str:
    of = f"{row.counted:,} of {row.destinations:,} {_CATEGORIES[row.category]}"
    some = "people" if row.unit == _PEOPLE else "km of streets"
    return (
        f"Of {_number(row.within, row.unit)} {some} within {WALK_M:.0f} m of {of}, {_who(row)} reach one "
        f"{WHEN[row.group]} along streets that meet the standard"
    )


def _who(row: Any) -> str:
    reach, low, high = (_number(value, row.unit) for value in (row.reach, row.low, row.high))
    return f"{reach}{'' if row.unit == _PEOPLE else ' km'} ({low} to {high})"


def _number(value: float, unit: str) -> str:
    """Return a number of people, or of kilometres."""
    return f"{value:,.0f}" if unit == _PEOPLE else f"{value / _PER_KM:,.1f}"
