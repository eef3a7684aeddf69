"""Ratings of one indicator, or of one composite, at the places of a pool -> the answers that the model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from safeaudit.score.equations import Answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Rows = Mapping[str, NDArray[Any]]

MOST_AUDITORS = 1000
"""So many auditors, those with most forms, have an effect that is estimated; that of the others counts as noise."""

LEAST_FORMS = 2
"""Forms from which on an auditor's effect can be told from the noise of a form."""

_ONE_RATING = 1.0


def make_answers(rows: Rows, besides: NDArray[np.float64], *, auditors: bool = True) -> Answers:
    """Return rows as the model reads them.

    An auditor who is heard once has an effect that cannot be told from noise: it is part of the noise of that row,
    which is the same model. So it is of auditors beyond `MOST_AUDITORS`, where it means that what they say at one place
    is not related to what they say at the next.

    Means of several people nobody names: how they differ averages out like noise. But they may be the same few people
    everywhere, and how strict these are together, no file can tell: it is an effect of variance q V / M that all such
    means share. M is the n of the mean that a rating is part of, in the mean over ratings.

    Parameters
    ----------
    rows
        Columns by name, a row for each form and place: place (codes from 0, each with a row), submission, contributor,
        walk (codes), named (whether the auditor is known), share, many (ratings that it is the mean of), spread (NaN
        where unknown), rating, and answered: how much of what a composite asks the form tells, 1 for an indicator.
    besides
        For each place, a variance that comes from elsewhere.
    auditors
        Whether auditors differ: of a feeling nobody is wrong.

    Returns
    -------
    Rows by place and auditor.
    """
    once = _main_rows(rows)
    auditor, heard, own = _auditors(rows, once) if auditors else _nobody(len(once))
    order = np.lexsort((rows["submission"], auditor, rows["place"]))
    share, many, known = (rows[name][order] for name in ("share", "many", "answered"))
    square, elsewhere = known**2, 1 - share**2
    return Answers(
        place=rows["place"][order],
        auditor=auditor[order],
        form=rows["submission"][order],
        rating=rows["rating"][order],
        on_place=known * share,
        on_auditor=known * heard[order],
        noise=np.stack(
            # A form that tells a part `known` of a composite has that part of its variance, known V. So much of it is
            # of its place and auditor, and the rest is noise: known V = known^2 V + known (1 - known) V.
            [
                square / many + known * (1 - known),
                square * (elsewhere - 1 / many),
                square * (own[order] - 1 / many),
                square * elsewhere * (_of_one_walk(rows)[order] - 1),
            ]
        ),
        once=once[order],
        within=_within(rows, once),
        besides=besides,
    )


def _main_rows(rows: Rows) -> NDArray[np.bool_]:
    """Return whether each row is where its form was most likely made; of two alike, the first place."""
    order = np.lexsort((rows["place"], -rows["share"], rows["submission"]))
    first = np.diff(rows["submission"][order], prepend=-1) != 0
    once = np.zeros(len(order), dtype=bool)
    once[order[first]] = True
    return once


def _of_one_walk(rows: Rows) -> NDArray[np.int64]:
    """Return of how many forms each one is that one walk made at a place: if that is wrong, it is so of all of them."""
    both = rows["place"] * (int(rows["walk"].max()) + 1) + rows["walk"]
    _, at, count = np.unique(both, return_inverse=True, return_counts=True)
    return count[at]


def _auditors(
    rows: Rows, once: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return each row's auditor, -1 for none; how much of the effect is in it; how much of its variance is noise."""
    many, contributor = rows["many"], rows["contributor"]
    several = _are_several(rows)
    forms = np.bincount(contributor[once & ~several], minlength=contributor.max() + 1)
    # Those with most forms; of two alike, the first.
    most = np.argsort(-forms, kind="stable")[:MOST_AUDITORS]
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


def _are_several(rows: Rows) -> NDArray[np.bool_]:
    """Return which rows are of several people nobody names: means, and what stands beside them."""
    means = np.zeros(rows["contributor"].max() + 1, dtype=bool)
    means[rows["contributor"][rows["many"] > _ONE_RATING]] = True
    return ~rows["named"] & means[rows["contributor"]]


def _within(rows: Rows, once: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return sum of squares and degrees of freedom inside means of one auditor, and inside those of several."""
    told = once & (rows["many"] > _ONE_RATING) & ~np.isnan(rows["spread"])
    freedom, named = rows["many"][told] - 1, rows["named"][told]
    squares = freedom * rows["spread"][told] ** 2
    return np.array([[squares[of].sum(), freedom[of].sum()] for of in (named, ~named)])
