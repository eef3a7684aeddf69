"""What a zone would say if the same mix of people had walked everywhere. Table `standardised_answers`.

Where more women walked in one ward than in another, the two differ by who walked as well as by what there is. Direct
standardisation weighs what each group said by one fixed mix, that of the city over all rounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.score.group_answers import CITY
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    import pandas as pd

NOT_EVERY = "a group that the city has is of too few here"

_CELL = ["campaign", "zone_kind", "zone", "indicator", "group", "split"]
_VALUES = ["score", "standardised", "low", "high"]


def standardise(group_answers: pd.DataFrame) -> pd.DataFrame:
    """Return what zones say by the mix of people that the whole city has.

    Parameters
    ----------
    group_answers
        The table of this name, of all rounds: what is told of no group is in no figure here either.

    Returns
    -------
    The table `standardised_answers`, by the formula of direct standardisation: the sum over groups of the group's share
    in the city times its mean in the zone. Groups are of different people, so their intervals add up as squares. A
    split of which the city tells one group alone has no row.
    """
    keys = [*_CELL, "who"]
    every = group_answers.astype(dict.fromkeys(keys, "str"))
    told = every[every["note"] == ""]
    shares = _shares(told)
    rows = told.merge(shares, on=["split", "who"])
    if rows.empty:
        return empty_table("standardised_answers")
    half = np.maximum(rows["score"] - rows["low"], rows["high"] - rows["score"])
    rows = rows.assign(
        standardised=rows["share"] * rows["score"],
        squares=(rows["share"] * half) ** 2,
        said=rows["n"] * rows["score"],
    )
    found = rows.groupby(_CELL).agg(
        share=("share", "sum"),
        n=("n", "sum"),
        said=("said", "sum"),
        standardised=("standardised", "sum"),
        squares=("squares", lambda squares: squares.sum(skipna=False)),
        contributors=("contributors", "sum"),
    )
    margin = np.sqrt(found["squares"])
    found = found.assign(
        score=found["said"] / found["n"],
        low=(found["standardised"] - margin).clip(lower=0.0),
        high=(found["standardised"] + margin).clip(upper=100.0),
        note=np.where(np.isclose(found["share"], 1.0), "", NOT_EVERY),
    )
    hidden = found["note"] != ""
    found = found.assign(**found[_VALUES].mask(hidden).round(2), contributors=found["contributors"].mask(hidden, 0))
    return validate_table(found[[*_VALUES, "contributors", "note"]].reset_index(), "standardised_answers")


def _shares(told: pd.DataFrame) -> pd.DataFrame:
    """Return split, who and share: of the people of each group in the city, counted once a round."""
    city = told[told["zone_kind"] == CITY]
    people = city.groupby(["campaign", "split", "who"])["contributors"].max().groupby(["split", "who"]).sum()
    by_split = people.groupby("split")
    share = (people / by_split.transform("sum"))[by_split.transform("size") > 1]
    return share.rename("share").reset_index()
