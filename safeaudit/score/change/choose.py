"""Which two rounds are compared, and whether they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import light_groups, rounds
from safeaudit.errors import InputError
from safeaudit.rubric import LEVELS
from safeaudit.score.ratings import LIGHTS, WHEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits

Scale = tuple[float, ...]
_LEVELS: Scale = (0.0, float(LEVELS - 1))


def choose_rounds(
    submissions: pd.DataFrame, matches: pd.DataFrame, before: str | None = None, after: str | None = None
) -> tuple[str, str]:
    """Choose the rounds to compare: those named, else the two that saw most places, the earlier one first.

    Parameters
    ----------
    submissions, matches
        The tables of these names.
    before, after
        Names of rounds; "" is that of forms without a campaign.

    Raises
    ------
    InputError
        There is one round alone, or none of that name.
    """
    there = [name or "" for name in rounds(submissions)]
    for name in (before, after):
        if name is not None and name not in there:
            hint = f"The rounds are: {', '.join(map(_called, there)) or 'none'}."
            raise InputError(f"There is no round called {name}.", hint=hint)
    if len(there) < len(("before", "after")):
        what = "All forms are of one round of walks: there is nothing to compare it with."
        hint = 'Write campaign = "before" under [[audits]]; or name a second project: safeaudit compare DIR DIR2'
        raise InputError(what, hint=hint)
    if before is not None and before == after:
        raise InputError(f"Before and after are both {_called(before)}.", hint="Name two rounds.")
    free = [name for name in _by_places(submissions, matches) if name not in {before, after}]
    named = [name for name in (before, after) if name is not None]
    first, second = sorted([*named, *free][:2], key=there.index)
    if before is not None:
        return before, second if first == before else first
    return (first if second == after else second, after) if after is not None else (first, second)


def _called(name: str) -> str:
    return name or "(forms without a campaign)"


def _by_places(submissions: pd.DataFrame, matches: pd.DataFrame) -> list[str]:
    """Return the rounds by the number of places they saw, most first; of two alike, the later."""
    names = [name or "" for name in rounds(submissions)]
    campaign = pd.Series(submissions["campaign"].astype("str").fillna("").to_numpy(object))
    campaign.index = submissions["submission_id"].astype("str")
    seen = campaign.reindex(matches["submission_id"].astype("str")).to_numpy()
    places = pd.Series(matches["place_id"].astype("str").to_numpy(object)).groupby(seen).nunique()
    return sorted(names, key=lambda name: (-int(places.get(name, 0)), -names.index(name)))


def refuse_other_scales(
    audits: Audits, rubric: Rubric, names: tuple[str, str], scales: Mapping[str, Scale] | None = None
) -> None:
    """Refuse rounds that were rated on different scales: a difference would be one of the instrument.

    Parameters
    ----------
    audits
        The two rounds.
    rubric
        The indicators.
    names
        The rounds.
    scales
        Lowest and highest rating of each audit file that does not use the levels 0 to 3.

    Raises
    ------
    InputError
        They were.
    """
    about = audits.submissions[["submission_id", "source", "campaign"]].astype("str").fillna({"campaign": ""})
    seen = audits.observations[["submission_id", "indicator"]].astype("str")
    seen = seen.assign(levels=audits.observations["level"].notna().to_numpy(bool)).merge(about, on="submission_id")
    of_file = seen["source"].map(dict(scales or {}))
    used = pd.Series(np.where(seen["levels"] | of_file.isna(), str(_LEVELS), of_file.astype("str")))
    by = used.groupby([seen["indicator"].to_numpy(), seen["campaign"].to_numpy()]).agg(
        lambda one: tuple(sorted(set(one)))
    )
    for name in rubric.names:
        first, second = (by.get((name, campaign)) for campaign in names)
        if first and second and first != second:
            told = " and ".join(
                f"{_say(scale)} in {_called(of)}" for of, scale in zip(names, (first, second), strict=True)
            )
            what = f"The rounds were rated on different scales: {name} on {told}."
            raise InputError(what, hint="What differs would be the scale. Compare rounds that used the same one.")


def _say(scales: tuple[str, ...]) -> str:
    return " and ".join(" to ".join(f"{float(end):g}" for end in scale.strip("()").split(", ")) for scale in scales)


def say_no_overlap(audits: Audits, names: tuple[str, str], matches: pd.DataFrame) -> str:
    """Return a sentence on how many places each round saw in which light, none of which is the same."""
    about = (
        audits.submissions[["submission_id"]]
        .astype("str")
        .assign(
            campaign=audits.submissions["campaign"].astype("str").fillna("").to_numpy(object),
            light=light_groups(audits.submissions).astype("str").to_numpy(object),
        )
    )
    seen = matches[["submission_id", "place_id"]].astype("str").merge(about, on="submission_id")
    counts = seen.groupby(["campaign", "light"])["place_id"].nunique()
    told = (
        f"{_called(name)} saw "
        + (", ".join(f"{counts[name, light]} {WHEN[light]}" for light in LIGHTS if (name, light) in counts) or "none")
        for name in names
    )
    return f"No place was seen in both rounds in the same light: {'; '.join(told)}."
