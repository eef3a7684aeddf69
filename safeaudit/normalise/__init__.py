"""Raw rows -> submissions and observations, and what was rejected and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.normalise.reading import Reader, no_rows, read_file
from safeaudit.normalise.tabling import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from safeaudit import crs
    from safeaudit.config import AuditSettings
    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits, Cells

__all__ = ["normalise"]


def normalise(
    files: Sequence[tuple[AuditSettings, Iterable[Cells]]],
    *,
    rubric: Rubric,
    timezone: str | None,
    extent: crs.Bounds | None,
    key: bytes,
) -> Audits:
    """Turn the cells of audit files into submissions and observations.

    Parameters
    ----------
    files
        Settings and chunks of cells of each file, as `sources.read` gives them.
    rubric
        The indicators.
    timezone
        IANA name, for times written without an offset; None where there are none.
    extent
        Bounds of the city's places, degrees: what lies more than 5 km outside is rejected.
    key
        Key of the pseudonyms, up to 64 bytes.

    Returns
    -------
    Submissions (points in EPSG:4326) and observations in the columns of `tables.py`, the rows that
    were rejected, and for each file what became of its rows. Ids depend on what a submission holds
    alone, not on the order of rows or files.

    Raises
    ------
    InputError
        A file as a whole cannot be used; the sentence says why and what to do.
    """
    reader = Reader(rubric=rubric, timezone=timezone, extent=extent, key=key)
    rows = [read_file(settings, chunks, reader) for settings, chunks in files]
    return tables(rows, no_rows(reader), rubric)
