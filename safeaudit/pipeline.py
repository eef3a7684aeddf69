"""The story of a run: which stage hands what to which. No algorithm lives here."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from safeaudit import publish
from safeaudit.aggregate import aggregate
from safeaudit.campaigns import latest_campaign, of_campaign
from safeaudit.errors import ConfigError, InputError, Where
from safeaudit.faults import place_faults
from safeaudit.files import admit
from safeaudit.intake import read_audits, tally_audits
from safeaudit.match import match, unknown_codes
from safeaudit.outputs import planning, private, provenance, webmap
from safeaudit.places import read_places
from safeaudit.score.agreement import agreement
from safeaudit.score.estimate import between_streets, score
from safeaudit.score.feelings import feelings
from safeaudit.tables import AuditResult, FileCount, Places, empty_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import folium
    import pandas as pd

    from safeaudit.config import AuditConfig, RasterSettings
    from safeaudit.files import Admitted
    from safeaudit.measures import Measure


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
    """

    places: Places
    counts: tuple[FileCount, ...]
    reasons: pd.DataFrame
    refused: tuple[InputError, ...]
    warnings: tuple[str, ...]


def run(config: AuditConfig, *, quick: bool = False, tell: Callable[[str], None] = lambda _: None) -> AuditResult:
    """Read a city and its audits, and score every place.

    Parameters
    ----------
    config
        The settings, as from `load_config`.
    quick
        Leave evidence and the agreement between auditors out.
    tell
        Called with the name of each step as it begins.

    Returns
    -------
    All tables. Nothing is written.

    Raises
    ------
    SafeauditError
        An input was refused, or the settings cannot be used.
    """
    clock = _Clock(tell)
    files = _admit(config)
    clock.step("Reading the places")
    places = read_places(config.places, config.city.crs, files, evidence=not quick)
    clock.step("Reading the audits")
    audits = read_audits(config, files, places)
    clock.step("Matching")
    matches = match(audits.submissions, places, config.match)
    faults = place_faults(audits.faults, matches, config.faults)
    clock.step("Scoring")
    campaign = config.score.campaign or latest_campaign(audits.submissions)
    current = of_campaign(audits.submissions, campaign)
    scores = score(current, audits.observations, matches, config.indicators, config.score)
    allowed = publish.publishable(current)
    open_scores = scores
    if len(allowed) < len(current):
        open_scores = score(allowed, audits.observations, matches, config.indicators, config.score)
    agreed, felt, evidence, access = (empty_table(n) for n in ("agreement", "feelings", "evidence", "access"))
    measures: tuple[Measure, ...] = ()
    if not quick:
        clock.step("Comparing the auditors")
        agreed = agreement(current, audits.observations, matches, config.indicators, config.score)
        felt = feelings(current, audits.observations, config.indicators)
        clock.step("Finding the evidence")
        evidence, access, measures = _look_around(config, files, places, (current, matches))
    clock.step("Summing up")
    summaries = aggregate(places, replace(audits, submissions=current), matches, scores, config.indicators)
    result = AuditResult(
        title=config.city.name,
        slug=config.city.slug,
        remark=config.city.remark,
        campaign=campaign,
        rubric=config.indicators,
        places=places,
        audits=audits,
        matches=matches,
        faults=faults,
        evidence=evidence,
        access=access,
        scores=scores,
        open_scores=open_scores,
        summaries=summaries,
        agreement=agreed,
        feelings=felt,
        measures=measures,
        inputs=tuple(files.values()),
        seconds=clock.stop(),
    )
    lost = between_streets(matches[matches["submission_id"].isin(current["submission_id"])], scores)
    lost += unknown_codes(audits.submissions, places, config.match)
    return replace(result, warnings=(*places.remarks, *lost, *publish.walk_warnings(result, config.publish)))


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
    """
    files = _admit(config)
    places = read_places(config.places, config.city.crs, files)
    if config.evidence.rasters:
        from safeaudit.evidence.raster import check_rasters  # noqa: PLC0415 - loaded where there are any

        check_rasters(places, _rasters(config, files))
    found, refused = tally_audits(config, files, places)
    return Checked(
        places=places,
        counts=found.counts,
        reasons=found.reasons,
        refused=refused,
        warnings=(*places.remarks, *unknown_codes(found.named, places, config.match)),
    )


def write(result: AuditResult, config: AuditConfig, out: Path) -> dict[str, Path]:
    """Write the three folders of a run: each file whole or not at all.

    Parameters
    ----------
    result
        As from `run`.
    config
        The settings it was run with.
    out
        Folder for public/, office/, private/ and run.json.

    Returns
    -------
    The path of each output by its name.
    """
    targets = {
        "map": out / "public" / "map.html",
        "planning": out / "office" / "planning.gpkg",
        "submissions": out / "private" / "submissions.gpkg",
        "rejected": out / "private" / "rejected.csv",
        "run": out / "run.json",
    }
    webmap.write(publish.to_public(result, config.publish), targets["map"])
    planning.write(result, targets["planning"])
    private.write_submissions(result, targets["submissions"])
    private.write_rejected(result.audits.rejected, targets["rejected"])
    provenance.write(_provenance(result, config), targets["run"])
    return targets


def to_folium(result: AuditResult, config: AuditConfig) -> folium.Map:
    """Return the public map for a notebook: what `write` would put into map.html.

    Parameters
    ----------
    result
        As from `run`.
    config
        The settings it was run with.
    """
    from safeaudit.outputs import notebook  # noqa: PLC0415 - folium is heavy, and a run needs none of it

    return notebook.to_folium(publish.to_public(result, config.publish))


def _look_around(
    config: AuditConfig, files: Mapping[Path, Admitted], places: Places, audited: tuple[pd.DataFrame, pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Measure, ...]]:
    """Return evidence, access to public space, and what the evidence means."""
    from safeaudit import evidence, network  # noqa: PLC0415 - a quick run needs none of it

    rasters = _rasters(config, files)
    places = _as_one_line_each(places)
    streets = network.street_network(places.segments)
    found = evidence.find_evidence(places, streets, audited, rasters, config.evidence)
    return found, evidence.find_access(places, streets, rasters), evidence.MEASURES


def _as_one_line_each(places: Places) -> Places:
    """Give each segment the nodes at its ends and the tags of its longest link, until evidence looks at links."""
    longest = places.links.sort_values(["length_m", "link_id"], ascending=[False, True]).drop_duplicates("segment_id")
    tags = longest.set_index("segment_id")["tags"].reindex(places.segments["place_id"]).fillna("{}").to_numpy()
    ends = {"node_from": places.segments["junction_from"], "node_to": places.segments["junction_to"]}
    return replace(places, segments=places.segments.assign(tags=tags, **ends))


def _rasters(config: AuditConfig, files: Mapping[Path, Admitted]) -> list[tuple[RasterSettings, Admitted]]:
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
    return {path: admit(config.path(path)) for path in paths}


def _provenance(result: AuditResult, config: AuditConfig) -> dict[str, Any]:
    places, audits = result.places, result.audits
    return {
        "safeaudit": version("safeaudit"),
        "settings": _plain(config),
        "inputs": [{"file": file.name, "bytes": file.size, "sha256": file.sha256} for file in result.inputs],
        "audits": [_plain(count) for count in audits.counts],
        "campaign": result.campaign,
        "crs": places.crs.to_string(),
        "counts": {
            "segments": len(places.segments),
            "spaces": len(places.spaces),
            "stops": len(places.stops),
            "submissions": len(audits.submissions),
            "observations": len(audits.observations),
            "matched": int(result.matches["submission_id"].nunique()),
        },
        "warnings": list(result.warnings),
        "seconds": dict(result.seconds),
    }


def _plain(value: Any) -> Any:
    """Return settings as plain values that JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name != "key"}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "items"):
        return {key: _plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


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
