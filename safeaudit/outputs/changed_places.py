"""private/changed_places.csv: which codes on paper are no longer true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.files.spreadsheet_text import protect, unprotect
from safeaudit.outputs.parts.csv_file import write_csv

if TYPE_CHECKING:
    from pathlib import Path


def write_changed(changed: pd.DataFrame, target: Path, *, earlier: Path) -> None:
    """Write what became of places since the run before as CSV; what an earlier such file says stays while it is true.

    Parameters
    ----------
    changed
        As from `changed_places`.
    target
        Where the file shall be.
    earlier
        Where such a file of an earlier run is, if there is one.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    if earlier.is_file():
        before = pd.read_csv(earlier, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        before = before.reindex(columns=changed.columns).fillna("").map(unprotect)
        before = before[(before["change"] != "new") & ~before["place_code"].isin(changed["place_code"])]
        changed = pd.concat([changed, before], ignore_index=True).sort_values(["change", "kind", "place_code"])
    write_csv(changed.astype("str").fillna("").map(protect), target)
