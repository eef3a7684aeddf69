"""What was looked at around each destination, and so which of them can be told of: the rule of 80 %."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit.rubric import STREET_CONDITION

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.score.reach.town import Town

    Flags = NDArray[np.bool_]

LEAST_LOOKED_AT = 0.8
"""Share of the length of streets around a destination that must have been looked at in a light."""

LIGHTS = ("day", "dark")
"""The lights that are told of: at twilight, and where nobody wrote down when, it is neither."""

_EVEN = 1e-9


class View(NamedTuple):
    """One indicator in one light.

    Attributes
    ----------
    name, light
        The indicator, or `STREET_CONDITION`.
    looked_at, in_both
        Which places were looked at in this light, and which in the other too.
    told, same
        Which destinations are told of; and which of them in both lights, on what was looked at in both.
    coverage
        Around each destination the share of length that was looked at: in both lights where it is told of so.
    """

    name: str
    light: str
    looked_at: Flags
    in_both: Flags
    told: Flags
    same: Flags
    coverage: NDArray[np.float64]


def find_views(town: Town, scores: pd.DataFrame, rubric: Rubric) -> list[View]:
    """Return the mean of what is public by place in both lights, and what only the dark can tell.

    Where enough of the length was looked at in both lights, both are told of these streets alone, so that they can be
    held side by side; elsewhere each light of what was looked at in it.

    Parameters
    ----------
    town
        As from `read_town`.
    scores
        The table of this name, of one round by itself.
    rubric
        The indicators.
    """
    after_dark = [one.name for one in rubric.indicators if one.needs_dark and one.public == "place"]
    nothing = np.zeros(len(town.place_ids), dtype=bool)
    asked = [(STREET_CONDITION, light) for light in LIGHTS] + [(name, "dark") for name in after_dark]
    fresh = scores[scores["state"] != "stale"]
    seen = {(name, light): _look(fresh, town, name, light) for name, light in asked}
    views = []
    for name, light in asked:
        (other,) = (one for one in LIGHTS if one != light)
        looked_at = seen[name, light]
        in_both = looked_at & seen.get((name, other), nothing)
        own, shared = town.cover(looked_at), town.cover(in_both)
        same = shared >= LEAST_LOOKED_AT - _EVEN
        told = same | (own >= LEAST_LOOKED_AT - _EVEN)
        views.append(View(name, light, looked_at, in_both, told, same, np.where(same, shared, own)))
    return views


def _look(scores: pd.DataFrame, town: Town, name: str, light: str) -> Flags:
    """Return which places have a score of an indicator in a light."""
    rows = scores[(scores["indicator"] == name) & (scores["group"] == light)]
    return np.asarray(town.place_ids.isin(rows["place_id"]), dtype=bool)
