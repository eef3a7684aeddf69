"""The audit files of a project, each content read once, whatever names it comes under."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from safeaudit.audits.normalise import normalise, tally
from safeaudit.audits.normalise.taken_back import find_asked
from safeaudit.audits.sources import read
from safeaudit.errors import InputError, Where
from safeaudit.place_codes import Directory
from safeaudit.tables import FileCount

__all__ = ["find_asked", "read_audits", "tally_audits"]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from safeaudit.audits.cells import Cells
    from safeaudit.audits.normalise.counting import Tally
    from safeaudit.config import AuditConfig, AuditSettings
    from safeaudit.files.admit import Admitted
    from safeaudit.tables import Audits, Places

    Files = Mapping[Path, Admitted]


def read_audits(config: AuditConfig, files: Files, places: Places) -> Audits:
    """Read the audit files.

    Parameters
    ----------
    config
        The settings of the project.
    files
        The admitted file of each path in the settings.
    places
        The places that audits can be of.

    Returns
    -------
    Audits in the run's CRS, with the count of every file.

    Raises
    ------
    InputError
        A file as a whole cannot be used.
    """
    first = _settings_by_content(config, files)
    audits = normalise(_read_contents(first, files), **_read_with(config, places))
    counts = _count_files(audits.counts, first, config, files)
    return replace(audits, submissions=audits.submissions.to_crs(places.crs), counts=counts)


def tally_audits(config: AuditConfig, files: Files, places: Places) -> tuple[Tally, tuple[InputError, ...]]:
    """Count what would become of the rows of the audit files, and keep nothing of them.

    Parameters
    ----------
    config, files, places
        As for `read_audits`.

    Returns
    -------
    What became of the rows of the files that can be used, and why the others cannot.
    """
    try:
        return _tally(config, files, places), ()
    except InputError:
        refused = _find_refused(config, files, places)
        usable = tuple(audit for audit in config.audits if audit.file not in refused)
        return _tally(replace(config, audits=usable), files, places), tuple(refused.values())


def _tally(config: AuditConfig, files: Files, places: Places) -> Tally:
    """Count the rows of the audit files."""
    first = _settings_by_content(config, files)
    tallied = tally(_read_contents(first, files), **_read_with(config, places), asked=config.match.overrides)
    return tallied._replace(counts=_count_files(tallied.counts, first, config, files))


def _find_refused(config: AuditConfig, files: Files, places: Places) -> dict[Path, InputError]:
    """Read each audit file by itself and keep why it cannot be used."""
    refused: dict[Path, InputError] = {}
    by_file = {audit.file: audit for audit in config.audits}
    mends = {audit.file: audit.mends for audit in config.audits}
    for audit in sorted(config.audits, key=lambda one: _count_mended(one.file, mends)):
        needed = [audit]
        while mended := needed[-1].mends:
            needed.append(by_file[mended])
        if lost := next((one for one in needed if one.file in refused), None):
            what = f"It mends {lost.file.name}, which cannot be used."
            refused[audit.file] = InputError(what, hint="Mend that first.", where=Where(audit.file.name))
            continue
        try:
            _tally(replace(config, audits=tuple(needed)), files, places)
        except InputError as error:
            refused[audit.file] = error
    return {audit.file: refused[audit.file] for audit in config.audits if audit.file in refused}


def _settings_by_content(config: AuditConfig, files: Files) -> dict[str, AuditSettings]:
    """Return each content once, whatever names it comes under: settings of the first file that holds it, by hash."""
    mends = {settings.file: settings.mends for settings in config.audits}
    first: dict[str, AuditSettings] = {}
    # A file of mended rows comes after what it mends, which may itself be one.
    for settings in sorted(config.audits, key=lambda one: _count_mended(one.file, mends)):
        first.setdefault(files[settings.file].sha256, settings)
    return first


def _count_mended(file: Path, mends: Mapping[Path, Path | None]) -> int:
    """Count the files that a file mends, one through the other."""
    mended = mends[file]
    return 0 if mended is None else 1 + _count_mended(mended, mends)


def _read_contents(first: Mapping[str, AuditSettings], files: Files) -> list[tuple[AuditSettings, Iterator[Cells]]]:
    named = (
        replace(settings, mends=first[files[settings.mends].sha256].file) if settings.mends else settings
        for settings in first.values()
    )
    return [(settings, read(files[settings.file], settings)) for settings in named]


def _read_with(config: AuditConfig, places: Places) -> dict[str, Any]:
    """Return what cells are read with."""
    return {
        "rubric": config.indicators,
        "timezone": config.city.timezone,
        "extent": places.extent,
        "key": config.key,
        "forgotten": config.forgotten,
        "groups": config.groups,
        "directory": Directory(places=places, overrides=config.match.overrides),
    }


def _count_files(
    contents: Sequence[FileCount],
    first: Mapping[str, AuditSettings],
    config: AuditConfig,
    files: Files,
) -> tuple[FileCount, ...]:
    """Return the counts of contents as counts of files."""
    counts = dict(zip(first, contents, strict=True))
    admitted = [(settings, files[settings.file]) for settings in config.audits]
    return tuple(
        _count_file(file, counts[file.sha256], again=first[file.sha256] is not said) for said, file in admitted
    )


def _count_file(file: Admitted, count: FileCount, *, again: bool) -> FileCount:
    """Return the count of a file; one that was read under another name before holds duplicates alone."""
    if not again:
        return count
    remark = f"It is the same file as {count.file}: its rows count once."
    return FileCount(file=file.name, read=count.read, accepted=0, rejected=0, duplicates=count.read, remarks=(remark,))
