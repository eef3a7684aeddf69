"""Raw rows -> submissions and observations, and what was rejected and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.audits.normalise.counting import count_rows
from safeaudit.audits.normalise.forms import Reader
from safeaudit.audits.normalise.ledger import Ledger
from safeaudit.audits.normalise.reading import read_files
from safeaudit.audits.normalise.submissions import Outlines, Submissions, outline
from safeaudit.audits.normalise.tabling import build_tables
from safeaudit.config import NO_GROUPS, Forgotten

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from safeaudit import crs
    from safeaudit.audits.cells import Cells
    from safeaudit.audits.normalise.counting import Tally
    from safeaudit.config import AuditSettings, OwnGroup
    from safeaudit.place_codes import Directory
    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits

__all__ = ["normalise", "tally"]

NOTHING_FORGOTTEN = Forgotten()


def normalise(  # noqa: PLR0913 - what the files of a city are read with
    files: Sequence[tuple[AuditSettings, Iterable[Cells]]],
    *,
    rubric: Rubric,
    timezone: str | None,
    extent: crs.Bounds | None,
    key: bytes,
    directory: Directory | None = None,
    forgotten: Forgotten = NOTHING_FORGOTTEN,
    groups: Mapping[str, OwnGroup] = NO_GROUPS,
) -> Audits:
    """Turn the cells of audit files into submissions and observations.

    Parameters
    ----------
    files
        Settings and chunks of cells of each file, as `sources.read` gives them; one that mends another's rows stands
        behind it.
    rubric
        The indicators.
    timezone
        IANA name, for times written without an offset; None where there are none.
    extent
        Bounds of the city's places, degrees: what lies more than 5 km outside is rejected.
    key
        Key of the pseudonyms, up to 64 bytes.
    directory
        The places by their codes, for rows without a position; None to take every code as it stands.
    forgotten
        What people took back.
    groups
        What the city asks people to say they are.

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
    reader = Reader(
        rubric=rubric,
        timezone=timezone,
        extent=extent,
        key=key,
        directory=directory,
        forgotten=forgotten,
        groups=groups,
    )
    ledger = Ledger(Submissions, len(rubric.indicators))
    reports = read_files(files, reader, ledger.add, brief=False)
    return build_tables(reports, ledger, rubric)


def tally(  # noqa: PLR0913 - what `normalise` takes, and one more
    files: Sequence[tuple[AuditSettings, Iterable[Cells]]],
    *,
    rubric: Rubric,
    timezone: str | None,
    extent: crs.Bounds | None,
    key: bytes,
    directory: Directory | None = None,
    forgotten: Forgotten = NOTHING_FORGOTTEN,
    groups: Mapping[str, OwnGroup] = NO_GROUPS,
    asked: Collection[str] = (),
) -> Tally:
    """Count what would become of audit files, a chunk at a time: the memory of about 20 bytes a row.

    Parameters
    ----------
    files, rubric, timezone, extent, key, directory, forgotten, groups
        As for `normalise`.
    asked
        Ids of submissions that shall be named.

    Returns
    -------
    The counts that `normalise` gives, the first row rejected for each reason, and the submissions that
    have a place code or were asked for.

    Raises
    ------
    InputError
        As `normalise` does.
    """
    reader = Reader(
        rubric=rubric,
        timezone=timezone,
        extent=extent,
        key=key,
        directory=directory,
        forgotten=forgotten,
        groups=groups,
    )
    ledger = Ledger(Outlines, len(rubric.indicators))

    def keep(submissions: Submissions) -> None:
        ledger.add(outline(submissions, ledger.rows))

    reports = read_files(files, reader, keep, brief=True)
    return count_rows(reports, ledger, asked)
