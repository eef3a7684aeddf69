"""The story of a run: which stage hands what to which. No algorithm lives here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from safeaudit import publish
from safeaudit.actions import ACTIONS_NAME, find_mended, make_actions, read_entries
from safeaudit.aggregate import aggregate
from safeaudit.audits import read_audits, tally_audits
from safeaudit.config import AuditConfig, RasterSettings
from safeaudit.contributors import of_latest_round, of_round, of_rounds, say_scored, split_rounds
from safeaudit.errors import ConfigError, InputError, Where
from safeaudit.faults import place_discussions, place_faults, say_idle_rules
from safeaudit.files.admit import Admitted, admit
from safeaudit.match import match, unknown_codes
from safeaudit.network import Network, NetworkPoints
from safeaudit.places import read_places
from safeaudit.rubric import STREET_CONDITION
from safeaudit.score.agreement import agreement
from safeaudit.score.estimate import score
from safeaudit.score.feelings import feelings
from safeaudit.score.separable import not_separable
from safeaudit.score.shown import show_latest
from safeaudit.score.states import between_streets
from safeaudit.score.weights import say_how_stable
from safeaudit.tables import AuditResult, Audits, FileCount, Places, empty_table, join_tables

if TYPE_CHECKING:
    from safeaudit.score.change import Changes

_LEFT_OUT = (
    "--quick left out: how far auditors agree, what groups said, stretches, who reaches what, what changed, "
    "the evidence, and estimates."
)

Rasters = Sequence[tuple[RasterSettings, Admitted]]
Streets = tuple[Network, NetworkPoints]
"""The walking graph, and the middle of each segment on it."""

Scored = Sequence[tuple[Audits, pd.DataFrame]]
"""The audits of each round, with what they were scored."""

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
        Which forms would be scored, as a sentence in the city's language.
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
    files = admit_files(config)
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
    rated = _score_rounds(current, matches, config)
    # What was scored, and what of it may be shown, where that is not all of it.
    views = [rated] if everything else [rated, _score_rounds(allowed, matches, config)]
    scores = [show_latest([own for _, own in view], config.score) for view in views]
    tell("Summing up")
    summed = [aggregate(places, part, matches, own, config.indicators) for part, own in rated]
    by_round = split_rounds(current)
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
        scores=scores[0],
        open_scores=scores[-1],
        open_faults=faults if everything else find_faults(allowed, matches, places, config, said),
        summaries=join_tables(summed, "summaries"),
        agreement=empty_table("agreement"),
        feelings=empty_table("feelings"),
        group_answers=empty_table("group_answers"),
        open_group_answers=empty_table("group_answers"),
        standardised_answers=empty_table("standardised_answers"),
        group_gaps=empty_table("group_gaps"),
        group_spread=empty_table("group_spread"),
        day_dark=empty_table("day_dark"),
        skill=empty_table("skill"),
        calibration=empty_table("calibration"),
        stretches=empty_table("stretches"),
        night_reach=empty_table("night_reach"),
        open_night_reach=empty_table("night_reach"),
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
        result, streets = _look_closer(result, views, config, rasters, tell)
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
    files = admit_files(config)
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
        scored=say_scored(found.rounds, config.score.campaign, config.language),
    )


def _declared(config: AuditConfig) -> tuple[str, ...]:
    """Return the rounds that the settings name."""
    named = {config.score.campaign, *(audit.campaign for audit in config.audits)}
    return tuple(sorted(name for name in named if name))


def _score_rounds(audits: Audits, matches: pd.DataFrame, config: AuditConfig) -> list[tuple[Audits, pd.DataFrame]]:
    """Score each round by itself; the same day for all of them is what their age is counted back from."""
    settings = config.score.dated(audits.submissions["observed_at"].max())
    return [
        (part, score(part.submissions, part.observations, matches, config.indicators, settings))
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


def _look_closer(
    result: AuditResult,
    views: Sequence[Scored],
    config: AuditConfig,
    rasters: Rasters,
    tell: Callable[[str], None],
) -> tuple[AuditResult, Streets]:
    """Return the result with how auditors agree, what they feel, and the evidence; and the streets to walk on.

    `views` are what was scored, and what of it may be shown, where that is not all of it.
    """
    from safeaudit import evidence, network  # noqa: PLC0415 - a quick run needs none of it
    from safeaudit.score.calibration import measure_calibration  # noqa: PLC0415 - the same
    from safeaudit.score.group_answers import answer_by_group  # noqa: PLC0415 - the same
    from safeaudit.score.reach import find_night_reach  # noqa: PLC0415 - the same
    from safeaudit.score.sides import compare_lights, find_gaps  # noqa: PLC0415 - the same
    from safeaudit.score.spread import find_spread  # noqa: PLC0415 - the same
    from safeaudit.score.standardise import standardise  # noqa: PLC0415 - the same
    from safeaudit.score.stretches import find_stretches  # noqa: PLC0415 - the same

    places, matches = result.places, result.matches
    by_round = [audits for audits, _ in views[0]]
    tell("Comparing the auditors")
    agreed = [
        agreement(part.submissions, part.observations, matches, config.indicators, config.score) for part in by_round
    ]
    felt = [feelings(part.submissions, part.observations, config.indicators) for part in by_round]
    of = matches, places, config.indicators, config.score
    answered = [
        join_tables([answer_by_group(part, *of[:3]) for part, _ in rounds], "group_answers") for rounds in views
    ]
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
    reached = [
        find_night_reach(
            rounds,
            matches,
            places=places,
            streets=streets,
            population=population,
            rubric=result.rubric,
            settings=config.score,
        )
        for rounds in views
    ]
    result = replace(
        result,
        agreement=join_tables(agreed, "agreement"),
        feelings=join_tables(felt, "feelings"),
        group_answers=answered[0],
        open_group_answers=answered[-1],
        standardised_answers=standardise(answered[0]),
        group_gaps=join_tables([find_gaps(part, *of) for part in by_round], "group_gaps"),
        group_spread=join_tables([find_spread(part, matches, config.indicators) for part in by_round], "group_spread"),
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
        night_reach=reached[0].categories,
        open_night_reach=reached[-1].categories,
        reach_by_destination=reached[0].destinations,
        measures=evidence.MEASURES,
    )
    held = [measure_calibration(part, matches, places, result.evidence, config.indicators) for part in by_round]
    return replace(result, calibration=join_tables(held, "calibration")), streets


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


def admit_files(config: AuditConfig) -> dict[Path, Admitted]:
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
