"""What real exports have: forms sent twice, words nobody agreed on, lost fixes, impossible days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import numpy as np

CANARY = "note-canary-2574"
"""Stands in every remark: no public file may hold it."""

REMARKS = (
    f"Remarque simulée ({CANARY}) : la lampe du coin clignote.",
    f"Remarque simulée ({CANARY}) : beaucoup d'eau sur la route après la pluie.",
    f"Remarque simulée ({CANARY}) : le marché était déjà fermé.",
)
SENT_TWICE = 9


def soil(clean: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the forms with remarks and with the errors that real exports have.

    Parameters
    ----------
    clean
        The forms, all text, a row each; not changed.
    rng
        Decides which rows.
    """
    forms = clean.copy()
    rows = iter(rng.permutation(len(forms)))
    for remark in REMARKS * 4:
        forms.loc[next(rows), "Remarque"] = remark
    for column, word in (("Trottoir", "Moyenn"), ("Abantu", "Benci"), ("Espace ouvert", "?")):
        forms.loc[next(rows), column] = word
    forms.loc[next(rows), ["Latitude", "Longitude"]] = "0"
    forms.loc[next(rows), "Longitude"] = ""
    forms.loc[next(rows), "Précision (m)"] = "850,0"
    forms.loc[next(rows), "Date"] = "31/06/2025 19:10"
    swapped = next(rows)
    forms.loc[swapped, ["Latitude", "Longitude"]] = forms.loc[swapped, ["Longitude", "Latitude"]].to_numpy()
    again = forms.loc[[next(rows) for _ in range(SENT_TWICE)]]
    return pd.concat([forms, again], ignore_index=True)
