"""Night reach in a sentence for the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safeaudit.rubric import STREET_CONDITION
from safeaudit.score.reach.tell import TOO_LITTLE
from safeaudit.score.reach.town import WALK_M
from safeaudit.score.reach.views import LEAST_LOOKED_AT, LIGHTS

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.languages import Language

_PEOPLE = "people"
_PER_KM = 1000


def say_night_reach(night_reach: pd.DataFrame, language: Language) -> str:
    """Say who reaches the destinations that most was walked around, by day and after dark; or why nobody can tell.

    Parameters
    ----------
    night_reach
        The table of this name, of one round; empty after a quick run.
    language
        In which it is said.
    """
    whole = night_reach[night_reach["indicator"] == STREET_CONDITION].astype({"group": "str", "category": "str"})
    told = whole[whole["note"] == ""].sort_values(["same", "counted", "category"], ascending=[False, False, True])
    if told.empty:
        return _say_why_not(whole, language)
    rows = {row.group: row for row in told[told["category"] == told["category"].iloc[0]].itertuples(index=False)}
    if told["same"].iloc[0]:
        day, dark = (rows[light] for light in LIGHTS)
        who = {"day": _who(day, language), "dark": _who(dark, language)}
        return language.say("console.reach.both", **_of(day, language), **who)
    lights = [light for light in LIGHTS if light in rows] + [light for light in LIGHTS if light not in rows]
    return " ".join(_say_alone(light, rows.get(light), language) for light in lights)


def _say_why_not(whole: pd.DataFrame, language: Language) -> str:
    """Say why nothing is told; empty where there is nothing to reach, or nobody asked."""
    if not (whole["note"] == TOO_LITTLE).any():
        return ""
    return language.say("console.reach.none", share=f"{100 * LEAST_LOOKED_AT:.0f}", walk=f"{WALK_M:.0f}")


def _say_alone(light: str, row: Any, language: Language) -> str:
    """Say who reaches what in one light; None for a row is a light in which too little was walked."""
    when = language[f"light.{light}"]
    if row is None:
        return language.say("console.reach.untold", light=when)
    return language.say("console.reach.one", **_of(row, language), reach=_who(row, language), light=when.lower())


def _of(row: Any, language: Language) -> dict[str, str]:
    """Return of whom and of what a row tells."""
    within = _number(row.within, row.unit)
    many = {"count": within} if row.unit == _PEOPLE else {"km": within}
    return {
        "within": language.say(f"report.reach.{'people' if row.unit == _PEOPLE else 'km'}", **many),
        "walk": f"{WALK_M:.0f}",
        "count": f"{row.counted:,}",
        "all": f"{row.destinations:,}",
        "what": language[f"report.reach.{row.category}"].lower(),
    }


def _who(row: Any, language: Language) -> str:
    reach, low, high = (_number(value, row.unit) for value in (row.reach, row.low, row.high))
    value = reach if row.unit == _PEOPLE else language.say("console.kilometres", count=reach)
    return language.say("console.between", value=value, low=low, high=high)


def _number(value: float, unit: str) -> str:
    """Return a number of people, or of kilometres."""
    return f"{value:,.0f}" if unit == _PEOPLE else f"{value / _PER_KM:,.1f}"
