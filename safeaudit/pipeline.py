"""The story of a run: which stage hands what to which. No algorithm lives here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from safeaudit import publish
from safeaudit.actions import ACTIONS_NAME, find_mended, make_actions, read_entries
from safeaudit.aggregate import aggregate
from safeaudit.audits import find_asked, read_audits, tally_audits
from safeaudit.config import AuditConfig, RasterSettings, write_forgotten
from safeaudit.contributors import of_latest_round, of_round, of_rounds, say_scored, split_rounds
from safeaudit.errors import ConfigError, InputError, Where
from safeaudit.faults import place_discussions, place_faults, say_idle_rules
from safeaudit.files.admit import Admitted, admit
from safeaudit.files.staged import write_whole
from safeaudit.files.together import together
from safeaudit.match import match, unknown_codes
from safeaudit.network import Network, NetworkPoints
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
from safeaudit.places import read_places
from safeaudit.places.changed import changed_places, say_changed
from safeaudit.rubric import STREET_CONDITION
from safeaudit.score.agreement import agreement
from safeaudit.score.estimate import score
from safeaudit.score.feelings import feelings
from safeaudit.score.separable import not_separable
from safeaudit.score.shown import show_latest
from safeaudit.score.states import between_streets
from safeaudit.score.weights import say_how_stable
from safeaudit.tables import AuditResult, Audits, FileCount, Places, empty_table, join_tables
from safeaudit.tables.public import Release, ReleaseRecord

if TYPE_CHECKING:
    import folium

    from safeaudit.score.change import Changes

_LEFT_OUT = (
    "--quick left out: how far auditors agree, what groups said, stretches, who reaches what, what changed, "
    "the evidence, and estimates."
)

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

Rasters = Sequence[tuple[RasterSettings, Admitted]]
Streets = tuple[Network, NetworkPoints]
"""The walking graph, and the middle of each segment on it."""

RoundNames = tuple[str | None, str | None]
"""Which rounds are to be compared, before and after; None where it is the one that saw most places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What `check` found: the places and the audits as they would be used, nothing computed.

    Attributes
    ----------
    places
        All places.
    counts, reasons
        What became of the rows of the files that can be used, and the first one rejected for each reason, with
        their number in the column `rows`.
    refused
        Why the other files cannot be used.
    warnings
        What a person should know before running it.
    scored
        Which forms would be scored, as a sentence.
    """

    places: Places
    counts: tuple[FileCount, ...]
    reasons: pd.DataFrame
    refused: tuple[InputError, ...]
    warnings: tuple[str, ...]
    scored: str


def run(
    config: AuditConfig,
    *,
    quick: bool = False,
    rounds: RoundNames | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> AuditResult:
    """Read a city and its audits, and score every place.

    Parameters
    ----------
    config
        The settings, as from `load_config`.
    quick
        Leave evidence, estimates, the agreement between auditors and what changed between rounds out.
    rounds
        Which rounds are to be compared: refused where they cannot be. Where not given, those that saw most places are,
        if they can be.
    tell
        Called with the name of each step as it begins.

    Returns
    -------
    All tables. Nothing is written.

    Raises
    ------
    SafeauditError
        An input was refused, or the settings cannot be used.

    Examples
    --------
    >>> import safeaudit
    >>> result = safeaudit.run(safeaudit.load_config("kibera"))
    >>> lighting = result.scores.query("indicator == 'lighting' and headline").sort_values("high", ignore_index=True)
    >>> lighting[["group", "score", "low", "high", "n"]].round()
      group  score   low   high    n
    0  dark   27.0   0.0   56.0  2.0
    1  dark   66.0  39.0   93.0  2.0
    2  dark   84.0  47.0  100.0  1.0
    """
    clock = _Clock(tell)
    files = _admit(config)
    clock.step("Reading the places")
    places = read_places(config.places, config.city.crs, files, evidence=not quick, language=config.language)
    clock.step("Reading the audits")
    audits = read_audits(config, files, places)
    entries = read_entries(files.get(Path(ACTIONS_NAME)))
    result = analyse(
        places,
        audits,
        config,
        rasters=_rasters(config, files),
        entries=entries,
        quick=quick,
        rounds=rounds,
        tell=clock.step,
    )
    return replace(result, inputs=tuple(files.values()), seconds=clock.stop())


def analyse(  # noqa: PLR0913 - two tables and the settings; the rest are keywords that are rarely given
    places: Places,
    audits: Audits,
    config: AuditConfig,
    *,
    rasters: Rasters = (),
    entries: pd.DataFrame | None = None,
    quick: bool = False,
    rounds: RoundNames | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> AuditResult:
    """Score every place from tables that were read before: what `run` does once it has read its files.

    Parameters
    ----------
    places
        All places, as from `read_places`.
    audits
        Submissions of all campaigns, in the CRS of the places, with what they rated and reported.
    config
        The settings; the files that they name are not read.
    rasters
        Each raster with its settings.
    entries
        What was said of actions so far: the table `action_entries`.
    quick
        Leave evidence, estimates, the agreement between auditors and what changed between rounds out.
    rounds
        Which rounds are to be compared: refused where they cannot be.
    tell
        Called with the name of each step as it begins.

    Returns
    -------
    All tables, and what a person should know before using them; `inputs` and `seconds` are empty.

    Raises
    ------
    SafeauditError
        A raster was refused, or the settings cannot be used.

    Examples
    --------
    What if a fix could be off by 5 m at most?

    >>> from dataclasses import replace
    >>> import safeaudit
    >>> config = safeaudit.load_config("kibera")
    >>> result = safeaudit.run(config, quick=True)
    >>> strict = replace(config, match=replace(config.match, max_distance_m=5.0, default_accuracy_m=5.0))
    >>> again = safeaudit.analyse(result.places, result.audits, strict, quick=True)
    >>> len(result.matches), len(again.matches)
    (5, 4)
    """
    tell("Matching")
    matches = match(audits.submissions, places, config.match)
    current = audits if config.score.campaign is None else of_round(audits, config.score.campaign)
    allowed = current.keep(publish.publishable(current.submissions))
    everything = len(allowed.submissions) == len(current.submissions)
    said = empty_table("action_entries") if entries is None else entries
    faults = find_faults(current, matches, places, config, said)
    tell("Scoring")
    by_round = split_rounds(current)
    scored = _score_rounds(current, matches, config)
    scores = show_latest(scored, config.score)
    tell("Summing up")
    summed = [
        aggregate(places, part, matches, own, config.indicators)
        for part, own in zip(by_round.values(), scored, strict=True)
    ]
    result = AuditResult(
        title=config.city.name,
        slug=config.city.slug,
        remark=config.city.remark,
        campaign=next(iter(by_round)) if len(by_round) == 1 else None,
        declared=_declared(config),
        rubric=config.indicators,
        places=places,
        audits=audits,
        matches=matches,
        faults=faults,
        discussions=place_discussions(current, matches),
        actions=make_actions(faults, audits.submissions, places, said),
        action_entries=said,
        evidence=empty_table("evidence"),
        access=empty_table("access"),
        scores=scores,
        open_scores=scores if everything else show_latest(_score_rounds(allowed, matches, config), config.score),
        open_faults=faults if everything else find_faults(allowed, matches, places, config, said),
        summaries=join_tables(summed, "summaries"),
        agreement=empty_table("agreement"),
        feelings=empty_table("feelings"),
        group_answers=empty_table("group_answers"),
        open_group_answers=empty_table("group_answers"),
        group_gaps=empty_table("group_gaps"),
        day_dark=empty_table("day_dark"),
        skill=empty_table("skill"),
        stretches=empty_table("stretches"),
        night_reach=empty_table("night_reach"),
        reach_by_destination=empty_table("reach_by_destination"),
        changes=empty_table("changes"),
        mean_changes=empty_table("mean_changes"),
        open_changes=empty_table("changes"),
        open_mean_changes=empty_table("mean_changes"),
        site_changes=empty_table("site_changes"),
    )
    streets: Streets | None = None
    if not quick:
        tell("Comparing the rounds")
        result = _with_changes(result, current if rounds is None else audits, config, rounds)
        rated = list(zip(by_round.values(), scored, strict=True))
        result, streets = _look_closer(result, rated, config, rasters, tell)
    result = replace(result, warnings=_warnings(result, current, config, quick=quick))
    # Last of all: whatever was counted, summed up or listed before knows of no estimated place.
    if streets is None or not config.score.estimate:
        return result
    return _estimate(result, streets, list(by_round.values()), config, tell)


def check(config: AuditConfig) -> Checked:
    """Read the places and the audits as `run` would, and compute nothing.

    Parameters
    ----------
    config
        The settings, as from `load_config`.

    Returns
    -------
    What would be used, and every audit file that would be refused: `run` stops at the first.

    Raises
    ------
    SafeauditError
        The places were refused, or the settings cannot be used.

    Examples
    --------
    >>> import safeaudit
    >>> checked = safeaudit.check(safeaudit.load_config("kibera"))
    >>> count = checked.counts[0]
    >>> count.read, count.accepted, count.rejected, count.duplicates
    (6, 5, 1, 0)
    >>> checked.reasons[["line", "code"]]
       line           code
    0     7  COORD_MISSING
    """
    files = _admit(config)
    read_entries(files.get(Path(ACTIONS_NAME)))
    places = read_places(config.places, config.city.crs, files, language=config.language)
    if config.evidence.rasters:
        from safeaudit.evidence.raster import check_rasters  # noqa: PLC0415 - loaded where there are any

        check_rasters(places, _rasters(config, files))
    found, refused = tally_audits(config, files, places)
    return Checked(
        places=places,
        counts=found.counts,
        reasons=found.reasons,
        refused=refused,
        warnings=(
            *places.remarks,
            *unknown_codes(found.named, places, config.match),
            *say_idle_rules(places, config.faults),
        ),
        scored=say_scored(found.rounds, config.score.campaign),
    )


def say_used(result: AuditResult, config: AuditConfig) -> str:
    """Say which forms a result rests on: of how many rounds, and how many of the latest.

    Parameters
    ----------
    result
        As from `run`.
    config
        The settings it was run with.
    """
    forms = {name: len(part.submissions) for name, part in split_rounds(result.audits).items()}
    return say_scored(forms, config.score.campaign)


def say_more(result: AuditResult) -> tuple[str, ...]:
    """Say which stretches are below the standard, how the same streets differ after dark, who reaches what, and gaps.

    Parameters
    ----------
    result
        As from `run`; of a quick one nothing is known of these. Of several rounds the latest is told of.
    """
    if all(table.empty for table in (result.stretches, result.day_dark, result.night_reach, result.group_gaps)):
        return ()
    from safeaudit.score.reach import say_night_reach  # noqa: PLC0415 - a quick run needs none of it
    from safeaudit.score.sides import say_day_dark, say_gaps  # noqa: PLC0415
    from safeaudit.score.stretches import say_stretches  # noqa: PLC0415

    office = publish.to_office(result)
    latest = publish.round_names(result).get(next(reversed(split_rounds(result.audits))) or "", "")
    day_dark, reached, gaps = (
        table[table["campaign"] == latest] for table in (office.day_dark, office.night_reach, office.group_gaps)
    )
    said = say_stretches(office.stretches), say_day_dark(day_dark), say_night_reach(reached), say_gaps(gaps)
    return tuple(filter(None, said))


def say_estimated(result: AuditResult) -> str:
    """Say how many streets where nobody was are estimated, and why no more; empty where nothing was tried.

    Parameters
    ----------
    result
        As from `run`.
    """
    if result.skill.empty:
        return ""
    from safeaudit.score.unseen import say_skill  # noqa: PLC0415 - a quick run needs none of it

    return say_skill(result.skill, result.scores)


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
    public = publish.to_public(result, config.publish)
    return publish.make_release(result, public, config.publish, records[-1] if records else None)


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
        planning.write(office, to["planning"])
        places_sheet.write(office, config.language, to["places"])
        told = publish.to_report(result, office, draft.public, config.publish)
        report.write(told, draft.public, result.rubric, config.language, to["report"])
        if said := _write_changed(result, out / _WRITTEN["result"], to["result"].with_name("changed_places.csv")):
            tell(said)
        result_file.write(result, to["result"])
        private.write_rejected(result.audits.rejected, to["rejected"])
        remarks.write_remarks(result, to["remarks"])
        described = provenance.describe_run(result, config)
        provenance.write(described, to["run"])
        if release:
            _write_release(draft, result, config, to, described["run"])
            if draft.before is None and _differs(out / _RELEASED["manifest"], to["manifest"]):
                tell("Here lay a release of which nothing is remembered: what differs from it was not checked.")
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
        behind=draft.behind,
    )
    if draft.before is None or record.number != draft.before.number:
        release_record.write_record(record, config.folder / RELEASES)


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
    files = _admit(config)
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

    return notebook.to_folium(publish.to_public(result, config.publish))


def _write_changed(result: AuditResult, earlier: Path, target: Path) -> str:
    """Write what became of the places of an earlier run; return a sentence, empty for no change."""
    if not earlier.is_file():
        return ""
    try:
        changed = changed_places(result_file.read_places_of(earlier), result.places)
    except InputError as error:
        return str(error)
    if len(changed):
        write_changed(changed, target, earlier=earlier.with_name(target.name))
    return say_changed(changed)


def _declared(config: AuditConfig) -> tuple[str, ...]:
    """Return the rounds that the settings name."""
    named = {config.score.campaign, *(audit.campaign for audit in config.audits)}
    return tuple(sorted(name for name in named if name))


def _score_rounds(audits: Audits, matches: pd.DataFrame, config: AuditConfig) -> list[pd.DataFrame]:
    """Score each round by itself; the same day for all of them is what their age is counted back from."""
    settings = config.score.dated(audits.submissions["observed_at"].max())
    return [
        score(part.submissions, part.observations, matches, config.indicators, settings)
        for part in split_rounds(audits).values()
    ]


def find_faults(
    audits: Audits, matches: pd.DataFrame, places: Places, config: AuditConfig, entries: pd.DataFrame
) -> pd.DataFrame:
    """Return the faults; what was last seen as long before `as_of` as makes a place stale is an old report.

    Parameters
    ----------
    audits, matches, places
        What was reported, where it belongs, and the places.
    config
        The settings.
    entries
        What was said of actions so far.
    """
    settings = config.score.dated(audits.submissions["observed_at"].max())
    as_of = pd.to_datetime(settings.as_of, utc=True)  # NaT where no time is known: then nothing is old
    old_before = as_of - pd.DateOffset(months=settings.stale_months)
    return place_faults(audits, matches, places, config.faults, old_before=old_before, mended=find_mended(entries))


def _with_changes(result: AuditResult, audits: Audits, config: AuditConfig, rounds: RoundNames | None) -> AuditResult:
    """Return the result with what a second round changed: by all that was loaded, and by what may be shown."""
    from safeaudit.score.change import find_changes, keep_indicators  # noqa: PLC0415 - a quick run needs none of it

    found = _compare_rounds(audits, result.matches, result.places, config, rounds)
    shown = found
    allowed = publish.publishable(audits.submissions)
    if len(found.places) and len(allowed) < len(audits.submissions):
        first = found.places.iloc[0]
        names = str(first["campaign_before"]), str(first["campaign_after"])
        both = of_rounds(audits.keep(allowed), names)
        shown = find_changes(both, result.matches, result.places, config.indicators, config.score, names=names)
    shown = keep_indicators(shown, [STREET_CONDITION, *config.indicators.street_condition])
    return replace(
        result,
        changes=found.places,
        mean_changes=found.means,
        site_changes=found.sites,
        open_changes=shown.places,
        open_mean_changes=shown.means,
    )


def _compare_rounds(
    audits: Audits, matches: pd.DataFrame, places: Places, config: AuditConfig, rounds: RoundNames | None
) -> Changes:
    """Return what a second round changed; refused where that was asked for and cannot be told, else empty."""
    from safeaudit.score import change  # noqa: PLC0415 - a quick run needs none of it

    try:
        names = change.choose_rounds(audits.submissions, matches, *(rounds or (None, None)))
        both = of_rounds(audits, names)
        scales = {audit.file.name: audit.scale for audit in config.audits}
        change.refuse_other_scales(both, config.indicators, names, scales)
    except InputError:
        if rounds is not None:
            raise
        return change.Changes(*(empty_table(name) for name in ("changes", "mean_changes", "site_changes")))
    found = change.find_changes(both, matches, places, config.indicators, config.score, names=names)
    if rounds is not None and found.places.empty:
        raise InputError(change.say_no_overlap(both, names, matches), hint="Walk some of the same places again.")
    return found


def _answers_by_group(
    by_round: Sequence[Audits], matches: pd.DataFrame, places: Places, config: AuditConfig
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what groups said in each round: by all that was loaded, and by what may be shown."""
    from safeaudit.score.group_answers import answer_by_group  # noqa: PLC0415 - a quick run needs none of it

    def answered(parts: Sequence[Audits]) -> pd.DataFrame:
        tables = [answer_by_group(part, matches, places, config.indicators) for part in parts]
        return join_tables(tables, "group_answers")

    allowed = [part.keep(publish.publishable(part.submissions)) for part in by_round]
    everything = all(len(a.submissions) == len(b.submissions) for a, b in zip(allowed, by_round, strict=True))
    found = answered(by_round)
    return found, found if everything else answered(allowed)


def _look_closer(
    result: AuditResult,
    scored: Sequence[tuple[Audits, pd.DataFrame]],
    config: AuditConfig,
    rasters: Rasters,
    tell: Callable[[str], None],
) -> tuple[AuditResult, Streets]:
    """Return the result with how auditors agree, what they feel, and the evidence; and the streets to walk on.

    `scored` are the audits of each round, with what they were scored.
    """
    from safeaudit import evidence, network  # noqa: PLC0415 - a quick run needs none of it
    from safeaudit.score.reach import find_night_reach  # noqa: PLC0415
    from safeaudit.score.sides import compare_lights, find_gaps  # noqa: PLC0415
    from safeaudit.score.stretches import find_stretches  # noqa: PLC0415

    places, matches = result.places, result.matches
    by_round = [audits for audits, _ in scored]
    tell("Comparing the auditors")
    agreed = [
        agreement(part.submissions, part.observations, matches, config.indicators, config.score) for part in by_round
    ]
    felt = [feelings(part.submissions, part.observations, config.indicators) for part in by_round]
    answered, opened = _answers_by_group(by_round, matches, places, config)
    of = matches, places, config.indicators, config.score
    submissions = result.audits.submissions
    measured = submissions["lux"].notna() & submissions["submission_id"].isin(
        [name for part in by_round for name in part.submissions["submission_id"]]
    )
    readings = submissions[measured].reset_index(drop=True)
    tell("Finding the evidence")
    context = evidence.Context(
        places=places,
        network=network.build_network(places.links),
        segment_links=evidence.segment_links(places),
        submissions=readings,
        matches=of_latest_round(matches, readings),
        rasters=tuple(rasters),
        settings=config.evidence,
    )
    streets = context.network, evidence.middles(places, context.segment_links)
    population = evidence.population_cells(context)
    reached = find_night_reach(
        scored,
        matches,
        places=places,
        streets=streets,
        population=population,
        rubric=result.rubric,
        settings=config.score,
    )
    result = replace(
        result,
        agreement=join_tables(agreed, "agreement"),
        feelings=join_tables(felt, "feelings"),
        group_answers=answered,
        open_group_answers=opened,
        group_gaps=join_tables([find_gaps(part, *of) for part in by_round], "group_gaps"),
        day_dark=join_tables([compare_lights(part, *of) for part in by_round], "day_dark"),
        stretches=find_stretches(
            result.scores,
            by_round,
            matches,
            segments=places.segments,
            rubric=result.rubric,
            settings=config.score,
            language=config.language,
        ),
        evidence=evidence.find_evidence(context),
        access=evidence.find_access(context, population),
        night_reach=reached.categories,
        reach_by_destination=reached.destinations,
        measures=evidence.MEASURES,
    )
    return result, streets


def _estimate(
    result: AuditResult,
    streets: Streets,
    by_round: Sequence[Audits],
    config: AuditConfig,
    tell: Callable[[str], None],
) -> AuditResult:
    """Return the result with estimates of streets where nobody was, and how far such estimates can be trusted."""
    from safeaudit.score.unseen import estimate_streets  # noqa: PLC0415 - a quick run needs none of it

    tell("Estimating streets where nobody was")
    estimated, skill = estimate_streets(
        result.scores,
        by_round,
        result.matches,
        segments=result.places.segments,
        streets=streets,
        evidence=result.evidence,
        rubric=result.rubric,
        settings=config.score,
    )
    return replace(result, scores=join_tables([result.scores, estimated], "scores"), skill=skill)


def _warnings(result: AuditResult, current: Audits, config: AuditConfig, *, quick: bool) -> tuple[str, ...]:
    """Return all that a person should know before using a result, as sentences."""
    of_current = result.matches["submission_id"].isin(current.submissions["submission_id"])
    return (
        *result.places.remarks,
        *between_streets(result.matches[of_current], result.scores),
        *not_separable(list(split_rounds(current).values()), result.matches),
        *say_how_stable(result.scores, result.rubric),
        *unknown_codes(result.audits.submissions, result.places, config.match),
        *say_idle_rules(result.places, config.faults),
        *publish.walk_warnings(result, config.publish),
        *publish.consent_warnings(current.submissions, _silent_files(result.audits.counts, config)),
        *((_LEFT_OUT,) if quick else ()),
    )


def _silent_files(counts: Sequence[FileCount], config: AuditConfig) -> tuple[str, ...]:
    """Return the audit files for which neither a column nor the settings state a consent."""
    stated = {audit.file.name for audit in config.audits if audit.consent is not None}
    return tuple(count.file for count in counts if not count.asks_consent and count.file not in stated)


def _rasters(config: AuditConfig, files: Mapping[Path, Admitted]) -> Rasters:
    return [(raster, files[raster.file]) for raster in config.evidence.rasters]


def _admit(config: AuditConfig) -> dict[Path, Admitted]:
    """Look at every input before any is read: its kind, size and hash, by its path in the settings."""
    places = config.places
    rasters = (raster.file for raster in config.evidence.rasters)
    paths = [*places.files, *rasters, *(audit.file for audit in config.audits)]
    if not places.osm and not places.streets:
        hint = 'Write osm = "city.osm.pbf" or streets = { file = "streets.geojson" } under [places].'
        raise ConfigError("No places are named.", hint=hint)
    remote = {audit.file for audit in config.audits if audit.remote and not config.path(audit.file).exists()}
    if remote:
        hint = f"Get it from its server first: safeaudit fetch {config.folder}"
        raise InputError("There is no such file yet.", hint=hint, where=Where(str(min(remote))))
    said = [Path(ACTIONS_NAME)] if config.path(Path(ACTIONS_NAME)).exists() else []
    return {path: admit(config.path(path)) for path in (*paths, *said)}


class _Clock:
    """Tells of each step as it begins, and keeps how long it took."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._name = "Looking at the files"
        self._since = time.perf_counter()
        self._seconds: dict[str, float] = {}

    def step(self, name: str) -> None:
        """End the step that runs and begin the next."""
        now = time.perf_counter()
        self._seconds[self._name] = round(now - self._since, 3)
        self._name, self._since = name, now
        if name:
            self._tell(name)

    def stop(self) -> dict[str, float]:
        """End the last step and return the seconds of each."""
        self.step("")
        return self._seconds
