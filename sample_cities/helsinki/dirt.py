"""What real exports have: forms sent twice, typing errors, lost fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import numpy as np

CANARY = "note-canary-7141"
"""Stands in every note: no public file may hold it."""

NOTES = (
    f"Simulated remark ({CANARY}): the second lamp from the corner flickers.",
    f"Simulated remark ({CANARY}): roadworks, the path was blocked for a few metres.",
    f"Simulated remark ({CANARY}): music from a terrace, many families about.",
    f'Simulated remark ({CANARY}): somebody said "it was darker last year".',
)
SENT_TWICE = 12
SENT_AGAIN_CHANGED = 2


def soil(clean: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the forms with notes and with the errors that real exports have, about one row in a hundred.

    Parameters
    ----------
    clean
        The forms, all text, a row each; not changed.
    rng
        Decides which rows.
    """
    forms = clean.copy()
    rows = iter(rng.permutation(len(forms)))
    for note in NOTES * 3:
        forms.loc[next(rows), "note"] = note
    for column, typo in (("openness", "33"), ("people", "drak"), ("walk_path", "-1")):
        forms.loc[next(rows), column] = typo
    for column in ("lighting", "accuracy_m"):
        forms.loc[next(rows), column] = ""
    forms.loc[next(rows), ["latitude", "longitude"]] = "0"
    forms.loc[next(rows), ["longitude"]] = ""
    forms.loc[next(rows), "accuracy_m"] = "900"
    swapped = next(rows)
    forms.loc[swapped, ["latitude", "longitude"]] = forms.loc[swapped, ["longitude", "latitude"]].to_numpy()
    again = forms.loc[[next(rows) for _ in range(SENT_TWICE)]]
    changed = forms.loc[[next(rows) for _ in range(SENT_AGAIN_CHANGED)]].assign(
        walk_path="3", openness="0", feeling="1"
    )
    return pd.concat([forms, again, changed], ignore_index=True)
