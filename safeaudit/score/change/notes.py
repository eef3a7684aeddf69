"""What a person must know before telling of a change, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.rubric import COMPOSITES
from safeaudit.score.ratings import LIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeaudit.languages import Language
    from safeaudit.rubric import Rubric
    from safeaudit.tables import Places

_CITY = "city"
_DARK, _DAY = "dark", "day"
_UNTOLD = "console.untold."
"""Where the notes of tables stand in the catalogue."""


def say_notes(
    means: pd.DataFrame, sites: pd.DataFrame, places: Places, rubric: Rubric, language: Language
) -> tuple[str, ...]:
    """Return what a person must know before telling of a change.

    Parameters
    ----------
    means, sites
        The tables `mean_changes` and `site_changes`.
    places
        The places, with their areas.
    rubric
        Whose words the indicators have.
    language
        In which it is said.
    """
    kinds = places.areas.set_index("area_id")["kind"].astype("str")
    of_kind = means["area_id"].astype("str").map(kinds)
    city = means[of_kind == _CITY]
    return (
        *_say_untested(city, language),
        *_say_lights(city, rubric, language),
        *_say_fallen(city, rubric, language),
        *_say_sites(sites, of_kind, rubric, language),
    )


def retell_note(note: str, language: Language) -> str:
    """Return the note of a row, which says in English why nothing is told, in a language."""
    return language.retell(note, _UNTOLD)


def find_headline(city: pd.DataFrame, light: str) -> pd.Series | None:
    """Return the mean change of the whole city that tells most in a light, None where nothing was compared in it.

    It is of streets where there are any, of the score, else street condition, else what most places answered.
    """
    rows = city[(city["light"] == light).to_numpy()]
    if rows.empty:
        return None
    order = {name: rank for rank, name in enumerate(COMPOSITES)}
    ranked = rows.assign(
        whole=rows["indicator"].astype("str").map(order).fillna(len(order)), street=(rows["kind"] != "segment")
    )
    return ranked.sort_values(["street", "whole", "places"], ascending=[True, True, False]).iloc[0]


def _say_untested(city: pd.DataFrame, language: Language) -> Iterator[str]:
    """Say where there are too few auditors for any test."""
    for light in LIGHTS:
        head = find_headline(city, light)
        if head is not None and str(head["note"]).startswith("too "):
            note = retell_note(str(head["note"]), language)
            yield language.say("console.sentence", text=f"{language[f'light.{light}']}: {note}")


def _say_lights(city: pd.DataFrame, rubric: Rubric, language: Language) -> Iterator[str]:
    """Say whether the difference by day, where lamps change nothing, bears out that after dark."""
    there = set(city["light"].astype("str"))
    if _DARK not in there:
        yield language["console.known.no_dark"]
        return
    lamps = city[(city["indicator"] == "lighting").to_numpy() & (city["light"] == _DARK).to_numpy()]
    if lamps.empty:
        return
    if _DAY not in there:
        yield language["console.known.no_day"]
        return
    by_day = city[(city["light"] == _DAY).to_numpy()]
    for name in ("street_condition", "openness", "visibility", "walk_path", "feeling"):
        both = [rows[(rows["indicator"] == name).to_numpy()] for rows in (city[(city["light"] == _DARK)], by_day)]
        both = [rows.sort_values("places").tail(1) for rows in both]
        if all(len(rows) for rows in both):
            dark, day = (_say(rows.iloc[0], language) for rows in both)
            called = _called(name, rubric, language)
            yield language.say("console.known.lamps", indicator=called, dark=dark, day=day)
            return


def _say_fallen(city: pd.DataFrame, rubric: Rubric, language: Language) -> Iterator[str]:
    """Say where the places seen again had been worse than the others: part of their rise is chance."""
    for light in LIGHTS:
        head = find_headline(city[city["worse_again"].to_numpy(bool)], light)
        if head is not None:
            yield language.say(
                "console.known.fallen",
                light=language[f"light.{light}"],
                indicator=_called(head["indicator"], rubric, language),
                before=f"{head['before']:.0f}",
                left=head["places_left"],
                before_left=f"{head['before_left']:.0f}",
            )


def _say_sites(sites: pd.DataFrame, of_kind: pd.Series, rubric: Rubric, language: Language) -> Iterator[str]:
    """Say what the sites tell beside their comparison areas, and that their residents may have changed."""
    if not (of_kind == "site").any():
        return
    yield language["console.known.residents"]
    if sites.empty:
        yield language["console.known.no_comparison"]
        return
    for light in LIGHTS:
        rows = sites[(sites["light"] == light).to_numpy() & sites["site_difference"].notna().to_numpy()]
        order = {name: rank for rank, name in enumerate(COMPOSITES)}
        rank = rows["indicator"].astype("str").map(order).fillna(len(order))
        rows = rows.assign(rank=rank, other=rows["kind"] != "segment").sort_values(["other", "rank", "indicator"])
        if len(rows):
            yield _say_of_sites(rows.iloc[0], light, rubric, language)


def _say_of_sites(row: pd.Series, light: str, rubric: Rubric, language: Language) -> str:
    values = {
        "light": language[f"light.{light}"],
        "indicator": _called(row["indicator"], rubric, language),
        "sites": row["sites"],
        "site": f"{row['site_difference']:+.1f}",
        "comparison": f"{row['comparison_difference']:+.1f}",
    }
    if row["note"]:
        return language.say("console.known.described", note=retell_note(row["note"], language), **values)
    return language.say("console.known.sites", difference=_say(row, language), **values)


def _say(row: pd.Series, language: Language) -> str:
    value = f"{row['difference']:+.1f}"
    if pd.isna(row["low"]):
        return value
    return language.say("console.between", value=value, low=f"{row['low']:+.1f}", high=f"{row['high']:+.1f}")


def _called(name: str, rubric: Rubric, language: Language) -> str:
    return language["console.known.score"] if name == "score" else language.label(name, rubric).lower()
