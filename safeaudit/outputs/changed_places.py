"""private/changed_places.csv: which codes on paper are no longer true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.files.spreadsheet_text import protect, unprotect
from safeaudit.outputs.parts.csv_file import write_csv

if TYPE_CHECKING:
    from pathlib import Path


def write_changed(changed: pd.DataFrame, target: Path) -> None:
    """Write what became of places since the run before as CSV; what an earlier such file says stays while it is true.

    Parameters
    ----------
    changed
        As from `changed_places`.
    target
        Where the file shall be, or is.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    if target.is_file():
        earlier = pd.read_csv(target, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        earlier = earlier.reindex(columns=changed.columns).fillna("").map(unprotect)
        earlier = earlier[(earlier["change"] != "new") & ~earlier["place_code"].isin(changed["place_code"])]
        changed = pd.concat([changed, earlier], ignore_index=True).sort_values(["change", "kind", "place_code"])
    write_csv(changed.astype("str").fillna("").map(protect), target)
