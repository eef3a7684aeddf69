"""Whether strict auditors can be told from bad places at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.contributors import MAINLY, contributor_keys, light_groups
from safeaudit.score.ratings import LIGHTS, WHEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.tables import Audits


def not_separable(by_round: Sequence[Audits], matches: pd.DataFrame) -> tuple[str, ...]:
    """Tell of lights in which no place was rated by two auditors.

    Where each place has one auditor, a low rating may be a bad place or a strict person: what the model then says of
    auditors rests on how much places are thought to differ, and intervals are wide for that.

    Parameters
    ----------
    by_round
        The audits of each round.
    matches
        The table of this name.

    Returns
    -------
    A sentence, or none where some place has two auditors in every light.
    """
    alone = {light for audits in by_round for light in _alone(audits.submissions, matches)}
    if not alone:
        return ()
    when = ", ".join(WHEN[light] for light in LIGHTS if light in alone)
    what = f"No place was rated by two auditors {when}: strict auditors cannot be told from bad places there, and the"
    return (
        f"{what} intervals allow for it. Let two people rate some of the same places, each on a form of their own.",
    )


def _alone(submissions: pd.DataFrame, matches: pd.DataFrame) -> list[str]:
    """Return the lights of one round in which there are several places and none that two contributors rated."""
    about = pd.DataFrame(
        {
            "submission_id": submissions["submission_id"].astype("str"),
            "who": contributor_keys(submissions),
            "light": light_groups(submissions).astype("str"),
        }
    )
    main = matches.loc[matches["weight"] > MAINLY, ["submission_id", "place_id"]].astype("str")
    people = main.merge(about, on="submission_id").groupby(["light", "place_id"])["who"].nunique()
    places = people.groupby("light").agg(["max", "size"])
    return places.index[(places["max"] == 1) & (places["size"] > 1)].tolist()
