"""What a person should know before anything leaves: whose consent is silent, and whose walk a map would tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.publish.behind import forms_behind
from safeaudit.publish.walks import hold_lone_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult, Places

_ALONE = (
    "{count:,} places show what one walk alone saw{where}: who knows who walked can read that walk's way from the map. "
    "To hold them back, write min_walks = 2 under [publish]."
)
_HELD = (
    "{count:,} places lie at the ends of walks by one person and nobody else saw them: they are held back. "
    "To show them, write lone_ends_m = 0 under [publish]."
)


def consent_warnings(submissions: pd.DataFrame, silent: Sequence[str]) -> tuple[str, ...]:
    """Say how many submissions stay in the office because nobody stated their consent.

    Parameters
    ----------
    submissions
        Those that are scored.
    silent
        The files for which neither a column nor the settings state a consent.
    """
    kept = submissions[(submissions["consent"] == "analysis") & submissions["source"].isin(list(silent))]
    if kept.empty:
        return ()
    files = ", ".join(sorted(set(kept["source"].astype("str"))))
    what = f"{len(kept):,} submissions of {files} state no consent: they are for the office alone."
    return (f'{what} Where people agreed that conditions are shown, write consent = "conditions" under [[audits]].',)


def walk_warnings(result: AuditResult, settings: PublishSettings) -> tuple[str, ...]:
    """Warn where a shown street would tell the way of one walk to whoever knows who walked.

    Parameters
    ----------
    result, settings
        As for `to_public`.

    Returns
    -------
    A sentence each for the places that are shown and for those that are held back; none where there are none.
    """
    scores = result.open_scores
    shown = set(hold_lone_ends(scores, result, settings)["place_id"].astype("str"))
    held = scores["place_id"].nunique() - len(shown)
    sentences = [_HELD.format(count=held)] if held else []
    walks = forms_behind(result, settings).groupby("place_id")["walk"].nunique()
    alone = walks.index[(walks == 1) & walks.index.isin(shown)]
    if len(alone) and settings.min_walks == 1:
        sentences.append(_ALONE.format(count=len(alone), where=_say_areas(result.places, alone)))
    return tuple(sentences)


def _say_areas(places: Places, place_ids: pd.Index[str]) -> str:
    """Say in which areas places lie, the most first; nothing where no areas are known."""
    frames = [frame[["place_id", "geometry"]] for frame in (places.segments, places.spaces, places.stops)]
    points = pd.concat([frame[frame["place_id"].isin(place_ids)] for frame in frames])
    areas = places.areas[places.areas["kind"] != "city"]
    points = points.set_geometry(points.geometry.representative_point())
    inside = points.sjoin(areas[["name", "geometry"]], predicate="within")["name"].astype("str").value_counts()
    return f" (in {', '.join(f'{name}: {count}' for name, count in inside.items())})" if len(inside) else ""
