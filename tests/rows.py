"""Rows of an audit file for tests: one good row near 19.07, 72.88, changed at will, and read as a team's file is."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from safeaudit.audits.cells import Cells
from safeaudit.audits.normalise import normalise
from safeaudit.config import AuditSettings
from safeaudit.rubric import STANDARD
from safeaudit.tables import TABLES, validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.place_codes import Directory
    from safeaudit.tables import Audits

MUMBAI = (72.8, 19.0, 72.95, 19.2)
HEADER = ("_uuid", "start", "latitude", "longitude", "lighting", "feeling")
GOOD = ("uuid:1", "2024-03-05T21:30:00+05:30", "19.07", "72.88", "1", "2")


def cells(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER, file: str = "walk.csv") -> Cells:
    """Return rows as `sources` give them, the first in line 2."""
    columns = tuple(np.array([row[i] for row in rows], dtype=object) for i in range(len(header)))
    return Cells(
        file=file,
        header=tuple(header),
        lines=np.arange(2, len(rows) + 2),
        columns=columns,
        rejected=pd.DataFrame(columns=TABLES["rejected"].names),
    )


def audits(
    *chunks: Cells,
    timezone: str | None = "Asia/Kolkata",
    extent: Any = MUMBAI,
    directory: Directory | None = None,
    **given_: Any,
) -> Audits:
    """Normalise each chunk as a file of its own."""
    from_toml = {name: MappingProxyType(value) if isinstance(value, dict) else value for name, value in given_.items()}
    files = [(AuditSettings(file=Path(chunk.file), **from_toml), [chunk]) for chunk in chunks]
    found = normalise(files, rubric=STANDARD, timezone=timezone, extent=extent, key=b"key", directory=directory)
    for name in ("submissions", "observations", "rejected"):
        validate_table(getattr(found, name), name)
    assert sum(count.accepted for count in found.counts) == len(found.submissions)
    return found


def one(extra: dict[str, str], **given_: Any) -> Audits:
    """Normalise one good row with some cells changed or added."""
    row = dict(zip(HEADER, GOOD, strict=True)) | extra
    return audits(cells([list(row.values())], list(row)), **given_)


def problem(extra: dict[str, str], **given_: Any) -> tuple[str, str]:
    """Return code and message of the row's one rejection."""
    found = one(extra, **given_)
    assert len(found.submissions) == 0
    assert len(found.rejected) == 1
    return found.rejected["code"][0], found.rejected["message"][0]
