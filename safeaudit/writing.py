"""A result -> the folders of a run, and a release: all files of it, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from safeaudit import publish
from safeaudit.config import AuditConfig
from safeaudit.errors import ConfigError, InputError
from safeaudit.files.staged import write_whole
from safeaudit.files.together import together
from safeaudit.languages import Language
from safeaudit.outputs import (
    places_sheet,
    planning,
    private,
    provenance,
    release_record,
    remarks,
    report,
    result_file,
    webmap,
)
from safeaudit.outputs.changed_places import write_changed
from safeaudit.places.changed import changed_places, say_changed
from safeaudit.tables import AuditResult
from safeaudit.tables.public import Release, ReleaseRecord

if TYPE_CHECKING:
    import folium

RELEASES = "releases"
"""Folder of a project that remembers its releases."""

_WRITTEN = {
    "preview": "office/preview.html",
    "planning": "office/planning.gpkg",
    "places": "office/places.xlsx",
    "report": "office/report.html",
    "result": "private/result.gpkg",
    "rejected": "private/rejected",
    "remarks": "private/remarks.txt",
    "run": "run.json",
}
_RELEASED = {"map": "public/map.html", "manifest": "public/manifest.json"}
"""What a run writes, and a release besides."""


def release_day(config: AuditConfig) -> date:
    """Return as of which day a release is true: what is older than `stale_months` before it is stale.

    Parameters
    ----------
    config
        The settings.

    Raises
    ------
    ConfigError
        They do not say so.
    """
    if config.score.as_of is None:
        hint = "Write as_of = 2026-11-30 under [score], or add --as-of 2026-11-30."
        raise ConfigError("As of which day is this release true?", hint=hint)
    return config.score.as_of


def make_release(result: AuditResult, config: AuditConfig) -> Release:
    """Check what may be shown against all earlier releases of the project, and make the next one of it.

    Parameters
    ----------
    result
        As from `run`.
    config
        The settings it was run with; what is remembered of releases lies in the folder releases/ of the project.

    Returns
    -------
    What would be shown; nothing is written. `write` takes it.

    Raises
    ------
    InputError
        What is remembered of a release is missing or damaged.

    Examples
    --------
    >>> import safeaudit
    >>> config = safeaudit.load_config("kibera")
    >>> release = safeaudit.make_release(safeaudit.run(config), config)
    >>> release.before is None, release.public.conditions["place_id"].nunique()
    (True, 2)
    """
    records = release_record.read_records(config.folder / RELEASES)
    return publish.make_release(result, publish.to_public(result, config.publish), config.publish, records)


def write(  # noqa: PLR0913 - a result, its settings and a folder; the rest are keywords that are rarely given
    result: AuditResult,
    config: AuditConfig,
    out: str | Path,
    *,
    draft: Release | None = None,
    release: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Path]:
    """Write the folders of a run: all files of it, or none.

    Parameters
    ----------
    result
        As from `run`.
    config
        The settings it was run with.
    out
        Folder for office/, private/ and run.json, and for public/ where it is a release.
    draft
        As from `make_release`, where it is at hand.
    release
        Make a release of it: `public/` with its manifest, checked against all earlier ones, which are remembered in the
        folder releases/ of the project. Otherwise office/preview.html shows what a release would, and public/ stays as
        it is.
    tell
        Called with a sentence where an earlier run into `out` knew other places: codes on paper may be out of date;
        and where `public/` holds a release that nothing is remembered of.

    Returns
    -------
    The path of each output by its name; rejected is a folder, with a file for each audit file that has such rows.
    Which places changed stands in private/changed_places.csv.

    Raises
    ------
    ConfigError
        It is to be a release, and the settings do not say as of which day it is true.

    Examples
    --------
    >>> import safeaudit
    >>> config = safeaudit.load_config("kibera")
    >>> files = safeaudit.write(safeaudit.run(config), config, "maps/kibera")
    >>> for name, path in files.items():
    ...     print(name, path.as_posix())
    preview maps/kibera/office/preview.html
    planning maps/kibera/office/planning.gpkg
    places maps/kibera/office/places.xlsx
    report maps/kibera/office/report.html
    result maps/kibera/private/result.gpkg
    rejected maps/kibera/private/rejected
    remarks maps/kibera/private/remarks.txt
    run maps/kibera/run.json
    """
    if release:
        release_day(config)
    out = Path(out)
    draft = draft or make_release(result, config)
    paths = {**_RELEASED, **_WRITTEN} if release else _WRITTEN
    private.refuse_inputs(result.audits.rejected, out / _WRITTEN["rejected"], [file.path for file in result.inputs])
    with together(out, whole=[_WRITTEN["rejected"]]) as aside:
        to = {name: aside / path for name, path in paths.items()}
        webmap.write(publish.as_draft(draft.public), to["preview"], config.catalogues)
        office = publish.to_office(result)
        planning.write(office, config.language, to["planning"])
        places_sheet.write(office, config.language, to["places"])
        told = publish.to_report(result, office, draft.public, config.publish)
        report.write(told, draft.public, result.rubric, config.language, to["report"])
        changed = to["result"].with_name("changed_places.csv")
        if said := _write_changed(result, out / _WRITTEN["result"], changed, config.language):
            tell(said)
        result_file.write(result, to["result"])
        private.write_rejected(result.audits.rejected, to["rejected"])
        remarks.write_remarks(result, to["remarks"])
        described = provenance.describe_run(result, config)
        provenance.write(described, to["run"])
        if release:
            _write_release(draft, result, config, to, described["run"])
            if draft.before is None and _differs(out / _RELEASED["manifest"], to["manifest"]):
                tell(config.language["console.unremembered"])
    return {name: out / path for name, path in paths.items()}


def _differs(earlier: Path, now: Path) -> bool:
    return earlier.is_file() and earlier.read_bytes() != now.read_bytes()


def _write_release(
    draft: Release, result: AuditResult, config: AuditConfig, to: Mapping[str, Path], run_id: str
) -> None:
    """Write a release and what is to be remembered of it: no release must go out unremembered."""
    page = webmap.render(draft.public, config.catalogues)
    manifest = publish.describe_release(draft, result, config, {"map.html": sha256(page).hexdigest()}, run_id)
    write_whole(to["map"], page)
    provenance.write(manifest, to["manifest"])
    record = ReleaseRecord(
        number=manifest["release"],
        manifest=manifest,
        conditions=draft.public.conditions,
        faults=draft.public.faults,
        changes=draft.public.changes,
        groups=draft.public.groups,
        reach=draft.public.reach,
        behind=draft.behind,
    )
    if draft.before is None or record.number != draft.before.number:
        release_record.write_record(record, config.folder / RELEASES)


def _write_changed(result: AuditResult, earlier: Path, target: Path, language: Language) -> str:
    """Write what became of the places of an earlier run; return a sentence, empty for no change."""
    if not earlier.is_file():
        return ""
    try:
        changed = changed_places(result_file.read_places_of(earlier), result.places)
    except InputError as error:
        return str(error)
    if len(changed):
        write_changed(changed, target, earlier=earlier.with_name(target.name))
    return say_changed(changed, language)


def to_folium(result: AuditResult, config: AuditConfig) -> folium.Map:
    """Return the public map for a notebook: what a first release would put into map.html.

    Parameters
    ----------
    result
        As from `run`.
    config
        The settings it was run with.

    Examples
    --------
    >>> import safeaudit
    >>> config = safeaudit.load_config("kibera")
    >>> safeaudit.to_folium(safeaudit.run(config), config)
    <folium.folium.Map object at ...>
    """
    from safeaudit.outputs import notebook  # noqa: PLC0415 - folium is heavy, and a run needs none of it

    first = publish.make_release(result, publish.to_public(result, config.publish), config.publish, [])
    return notebook.to_folium(first.public)
