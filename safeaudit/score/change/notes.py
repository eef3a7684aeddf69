"""What a person must know before telling of a change, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.rubric import COMPOSITES
from safeaudit.score.ratings import LIGHTS, WHEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeaudit.tables import Places

_CITY = "city"
_DARK, _DAY = "dark", "day"


def say_notes(means: pd.DataFrame, sites: pd.DataFrame, places: Places) -> tuple[str, ...]:
    """Return what a person must know before telling of a change.

    Parameters
    ----------
    means, sites
        The tables `mean_changes` and `site_changes`.
    places
        The places, with their areas.
    """
    kinds = places.areas.set_index("area_id")["kind"].astype("str")
    of_kind = means["area_id"].astype("str").map(kinds)
    city = means[of_kind == _CITY]
    return (*_say_untested(city), *_say_lights(city), *_say_fallen(city), *_say_sites(sites, of_kind))


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


def _say_untested(city: pd.DataFrame) -> Iterator[str]:
    """Say where there are too few auditors for any test."""
    for light in LIGHTS:
        head = find_headline(city, light)
        if head is not None and str(head["note"]).startswith("too "):
            yield f"{_upper(WHEN[light])}: {head['note']}."


def _say_lights(city: pd.DataFrame) -> Iterator[str]:
    """Say whether the difference by day, where lamps change nothing, bears out that after dark."""
    there = set(city["light"].astype("str"))
    if _DARK not in there:
        yield "Nobody looked after dark in both rounds: nothing is said of lighting."
        return
    lamps = city[(city["indicator"] == "lighting").to_numpy() & (city["light"] == _DARK).to_numpy()]
    if lamps.empty:
        return
    if _DAY not in there:
        yield (
            "No place was seen by day in both rounds. A change by day, where lamps change nothing, would show what "
            "else changed: auditors, season, other works."
        )
        return
    by_day = city[(city["light"] == _DAY).to_numpy()]
    for name in ("street_condition", "openness", "visibility", "walk_path", "feeling"):
        both = [rows[(rows["indicator"] == name).to_numpy()] for rows in (city[(city["light"] == _DARK)], by_day)]
        both = [rows.sort_values("places").tail(1) for rows in both]
        if all(len(rows) for rows in both):
            dark, day = (rows.iloc[0] for rows in both)
            yield (
                f"Lamps change nothing by day: {_called(name)} changed by {_say(dark)} after dark and by {_say(day)} "
                "by day. As much of a change as there is by day too is not the lamps' doing."
            )
            return


def _say_fallen(city: pd.DataFrame) -> Iterator[str]:
    """Say where the places seen again had been worse than the others: part of their rise is chance."""
    for light in LIGHTS:
        head = find_headline(city[city["worse_again"].to_numpy(bool)], light)
        if head is not None:
            yield (
                f"{_upper(WHEN[light])} the places seen again had been worse ({head['before']:.0f} by "
                f"{_called(head['indicator'])}) than the {head['places_left']} that were not "
                f"({head['before_left']:.0f}). Of places that are chosen for being worst some were so by chance and "
                "rise by themselves (regression to the mean): part of a rise is that."
            )


def _say_sites(sites: pd.DataFrame, of_kind: pd.Series) -> Iterator[str]:
    """Say what the sites tell beside their comparison areas, and that their residents may have changed."""
    if not (of_kind == "site").any():
        return
    yield "Residents of an upgrading site may have changed: who answers after may not be who answered before."
    if sites.empty:
        yield "No comparison area was seen in both rounds: what happened everywhere is not told from the upgrading."
        return
    for light in LIGHTS:
        rows = sites[(sites["light"] == light).to_numpy() & sites["site_difference"].notna().to_numpy()]
        order = {name: rank for rank, name in enumerate(COMPOSITES)}
        rank = rows["indicator"].astype("str").map(order).fillna(len(order))
        rows = rows.assign(rank=rank, other=rows["kind"] != "segment").sort_values(["other", "rank", "indicator"])
        if len(rows):
            yield _say_of_sites(rows.iloc[0], light)


def _say_of_sites(row: pd.Series, light: str) -> str:
    changed = (
        f"{_upper(WHEN[light])} {_called(row['indicator'])} changed by {row['site_difference']:+.1f} in {row['sites']} "
        f"sites and by {row['comparison_difference']:+.1f} in comparison areas that were alike before"
    )
    if row["note"]:
        return f"{changed} ({row['note']})."
    return f"{changed}: a difference of {_say(row)} (difference-in-differences)."


def _say(row: pd.Series) -> str:
    ends = f" ({row['low']:+.1f} to {row['high']:+.1f})" if pd.notna(row["low"]) else ""
    return f"{row['difference']:+.1f}{ends}"


def _called(name: str) -> str:
    return {"score": "the audit condition index"}.get(name, str(name).replace("_", " "))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
