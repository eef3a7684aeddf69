"""Ratings of one indicator, or of one composite, at the places of a pool -> the answers that the model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.score.model import Answers

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_AUDITORS = 1000
"""So many auditors, those with most forms, have an effect that is estimated; that of the others counts as noise."""

LEAST_FORMS = 2
"""Forms from which on an auditor's effect can be told from the noise of a form."""

_ONE_RATING = 1.0


def make_answers(rows: pd.DataFrame, besides: NDArray[np.float64], *, auditors: bool = True) -> Answers:
    """Return rows as the model reads them.

    An auditor who is heard once has an effect that cannot be told from noise: it is part of the noise of that row, which
    is the same model. So it is of auditors beyond `MOST_AUDITORS`, where it means that what they say at one place is not
    related to what they say at the next.

    Means of several people nobody names: how they differ averages out like noise. But they may be the same few people
    everywhere, and how strict these are together, no file can tell: it is an effect of variance q V / M that all such
    means share. M is the n of the mean that a rating is part of, in the mean over ratings.

    Parameters
    ----------
    rows
        A row for each form and place: place (codes from 0, each with a row), submission, contributor (codes), named
        (whether the auditor is known), share, many (ratings that it is the mean of), spread (NaN where unknown), rating,
        and answered: how much of what a composite asks the form tells, 1 for an indicator.
    besides
        For each place, a variance that comes from elsewhere.
    auditors
        Whether auditors differ: of a feeling nobody is wrong.

    Returns
    -------
    Rows by place and auditor.
    """
    once = _main_rows(rows)
    auditor, heard, own = _auditors(rows, once) if auditors else _nobody(len(rows))
    order = np.lexsort((rows["submission"], auditor, rows["place"]))
    share, many, known = (rows[name].to_numpy(float)[order] for name in ("share", "many", "answered"))
    square = known**2
    astray = rows.groupby(["place", "walk"])["submission"].transform("size").to_numpy()
    return Answers(
        place=rows["place"].to_numpy()[order],
        auditor=auditor[order],
        rating=rows["rating"].to_numpy(float)[order],
        on_place=known * share,
        on_auditor=known * heard[order],
        noise=np.stack(
            # A form that tells a part `known` of a composite has that part of its variance, known V. So much of it is
            # of its place and auditor, and the rest is noise: known V = known^2 V + known (1 - known) V.
            [
                square / many + known * (1 - known),
                square * (1 - share**2 - 1 / many),
                square * (own[order] - 1 / many),
                square * (1 - share**2) * (astray[order] - 1),
            ]
        ),
        once=once[order],
        within=_within(rows[once]),
        besides=besides,
    )


def _main_rows(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Return whether each row is where its form was most likely made; of two alike, the first place."""
    order = np.lexsort((rows["place"], -rows["share"], rows["submission"]))
    first = np.diff(rows["submission"].to_numpy()[order], prepend=-1) != 0
    once = np.zeros(len(rows), dtype=bool)
    once[order[first]] = True
    return once


def _auditors(
    rows: pd.DataFrame, once: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return of each row the auditor, -1 for none; how much of the effect is in it; and what is noise of its variance."""
    many = rows["many"].to_numpy(float)
    several = _are_several(rows)
    contributor = rows["contributor"].to_numpy()
    forms = np.bincount(contributor[once & ~several], minlength=contributor.max() + 1)
    # Those with most forms; of two alike, the first.
    most = np.lexsort((np.arange(len(forms)), -forms))[:MOST_AUDITORS]
    most = np.sort(most[forms[most] >= LEAST_FORMS])
    code = np.full(len(forms), -1)
    code[most] = np.arange(len(most))
    auditor = np.where(several, len(most), code[contributor])
    people = (many[several] ** 2).sum() / many[several].sum() if several.any() else 1.0
    heard = np.where(several, 1 / np.sqrt(people), auditor >= 0)
    return auditor, heard, np.where(several, 1 / many, auditor < 0)


def _nobody(size: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return that no row has an auditor's effect."""
    return np.full(size, -1), np.zeros(size), np.zeros(size)


def _are_several(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows are of several people nobody names: means, and what stands beside them."""
    means = (rows["many"] > _ONE_RATING).groupby(rows["contributor"]).transform("any")
    return ~rows["named"].to_numpy(bool) & means.to_numpy(bool)


def _within(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return sum of squares and degrees of freedom inside means of one auditor, and inside those of several."""
    told = rows[(rows["many"] > _ONE_RATING) & rows["spread"].notna()]
    freedom = told["many"].to_numpy(float) - 1
    named = told["named"].to_numpy(bool)
    squares = freedom * told["spread"].to_numpy(float) ** 2
    return np.array([[squares[of].sum(), freedom[of].sum()] for of in (named, ~named)])
