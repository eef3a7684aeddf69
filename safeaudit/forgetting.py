"""What people take back: it counts no more from the next run on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from safeaudit.audits import find_asked, read_audits
from safeaudit.config import AuditConfig, write_forgotten
from safeaudit.errors import InputError
from safeaudit.outputs import release_record
from safeaudit.pipeline import admit_files
from safeaudit.places import read_places
from safeaudit.writing import RELEASES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgot:
    """What `forget` did.

    Attributes
    ----------
    counts
        Rows that are forgotten now, by file.
    lines
        Lines in which accepted ones of them still stand, by file: only a person can delete them there.
    releases
        Numbers of the releases that were made with them, and the day of each.
    """

    counts: Mapping[str, int]
    lines: Mapping[str, tuple[int, ...]]
    releases: tuple[tuple[int, str], ...]


def forget(
    config: AuditConfig, *, ids: Sequence[str] = (), auditors: Sequence[str] = (), walks: Sequence[str] = ()
) -> Forgot:
    """Forget what people take back: from the next run on it counts in no file, no store and no rejected row.

    Parameters
    ----------
    config
        The settings.
    ids, auditors, walks
        Whose: ids of forms or submissions, names of people or their pseudonyms, names of walks.

    Returns
    -------
    What is forgotten, and where it still stands.

    Raises
    ------
    InputError
        Nothing in the project is by that name.
    """
    files = admit_files(config)
    places = read_places(config.places, config.city.crs, files, evidence=False, language=config.language)
    before = read_audits(config, files, places)
    asked = find_asked(before.submissions, ids, auditors, walks, config.key)
    after = read_audits(replace(config, forgotten=config.forgotten | asked), files, places)
    counts = {now.file: now.forgotten - was.forgotten for was, now in zip(before.counts, after.counts, strict=True)}
    counts = {file: rows for file, rows in counts.items() if rows}
    if not counts:
        raise InputError("Nothing in the audit files is by that name.", hint="Write it as it stands in the file.")
    write_forgotten(config.forgotten | asked, config.folder)
    left = before.submissions["submission_id"].isin(after.submissions["submission_id"])
    gone = before.submissions[~left]
    records = release_record.read_records(config.folder / RELEASES)
    used = (one for one in records if one.behind["submission_id"].isin(gone["submission_id"]).any())
    return Forgot(
        counts=counts,
        lines={str(file): tuple(sorted(rows["line"].tolist())) for file, rows in gone.groupby("source", observed=True)},
        releases=tuple((record.number, record.manifest["as_of"]) for record in used),
    )
