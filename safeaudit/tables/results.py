"""What a run reads and returns: places, audits, and the result with all its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame
from pyproj import CRS

from safeaudit.crs import WGS84, Bounds
from safeaudit.errors import TableError
from safeaudit.files.admit import Admitted
from safeaudit.rubric import Rubric
from safeaudit.tables.schema import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCount:
    """The conservation law of one audit file, and what its columns ask.

    Rows read = accepted + rejected + duplicates + replaced + forgotten. A row is replaced where another file holds it
    mended: it counts there. It is forgotten where somebody took it back.
    """

    file: str
    read: int
    accepted: int
    rejected: int
    duplicates: int
    replaced: int = 0
    forgotten: int = 0
    remarks: tuple[str, ...] = ()
    asks_faults: bool = False
    asks_consent: bool = False

    def __post_init__(self) -> None:
        told = self.accepted + self.rejected + self.duplicates + self.replaced + self.forgotten
        if self.read != told:
            message = (
                f"Rows were lost: {self.read} read, {self.accepted} accepted, {self.rejected} rejected, "
                f"{self.duplicates} duplicates, {self.replaced} replaced, {self.forgotten} forgotten."
            )
            raise TableError(message, hint="This is a fault of safeaudit: report it.")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Places:
    """The places of one city and what else the map shows, in the run's CRS."""

    crs: CRS
    links: GeoDataFrame
    segments: GeoDataFrame
    spaces: GeoDataFrame
    stops: GeoDataFrame
    areas: GeoDataFrame
    features: GeoDataFrame
    attribution: str
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return _listed(self, f"Places in {self.crs.name}")

    @property
    def extent(self) -> Bounds | None:
        """West, south, east and north of all places, degrees; None where there are none."""
        hull = self.areas.to_crs(WGS84)
        if hull.geometry.is_empty.all():
            return None
        west, south, east, north = (float(edge) for edge in hull.total_bounds)
        return west, south, east, north


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Audits:
    """What came out of the audit files; `faults` are rows of submission_id and kind, their places not yet known."""

    submissions: GeoDataFrame
    observations: pd.DataFrame
    faults: pd.DataFrame = field(metadata={"layer": "reports"})
    rejected: pd.DataFrame
    counts: tuple[FileCount, ...]

    def __repr__(self) -> str:
        return _listed(self, f"Audits from {len(self.counts)} files")

    def keep(self, submissions: GeoDataFrame) -> Audits:
        """Return the audits of some of the submissions, with what these reported; observations are left as they are."""
        reports = self.faults[self.faults["submission_id"].isin(submissions["submission_id"])]
        return replace(self, submissions=submissions, faults=reports.reset_index(drop=True))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditResult:
    """Everything one run found out: private as a whole until `publish` has let a part of it through.

    Attributes
    ----------
    title, slug
        Name of the city, for people and for files.
    remark
        A sentence that must stand on everything, such as "Simulated audits".
    campaign
        The one round of walks that all rests on; None where it has no name, or each place is shown in its latest.
    declared
        Rounds whose names the settings declare: no other name may leave, as it is the text of somebody's cell.
    rubric
        The indicators that were rated.
    places
        Segments, spaces, stops, areas and features, in the run's CRS.
    audits
        Submissions (in the run's CRS), observations, what was rejected, and the counts.
    matches, faults, scores, summaries
        The tables of these names.
    discussions
        The table of this name: what is to be talked about, never mended.
    actions, action_entries
        The tables of these names: what is to be done, and what DIR/actions.csv says of it.
    evidence, access, agreement, feelings, group_answers, standardised_answers, group_gaps, group_spread, day_dark,
    skill, calibration, stretches
        The tables of these names: empty after a quick run.
    night_reach, reach_by_destination
        The tables of these names: empty after a quick run.
    changes, mean_changes, site_changes
        The tables of these names, of the two rounds that saw most places: empty where there is one round, where they
        cannot be compared, and after a quick run.
    measures
        What the evidence can say, as a dictionary.
    open_scores
        Table `scores` from those submissions alone whose consent lets their conditions be shown.
    open_faults, open_group_answers, open_night_reach, open_changes, open_mean_changes
        Tables `faults`, `group_answers`, `night_reach`, `changes` and `mean_changes` from the same; of changes, what is
        public by place alone.
    inputs
        The files it rests on.
    warnings
        What a person should know before using it, as sentences.
    seconds
        How long each step took.
    """

    title: str
    slug: str
    remark: str
    campaign: str | None
    declared: tuple[str, ...]
    rubric: Rubric
    places: Places
    audits: Audits
    matches: pd.DataFrame
    faults: pd.DataFrame
    discussions: pd.DataFrame
    actions: pd.DataFrame
    action_entries: pd.DataFrame
    evidence: pd.DataFrame
    access: pd.DataFrame
    scores: pd.DataFrame
    open_scores: pd.DataFrame = field(metadata={"table": "scores"})
    open_faults: pd.DataFrame = field(metadata={"table": "faults"})
    summaries: pd.DataFrame
    agreement: pd.DataFrame
    feelings: pd.DataFrame
    group_answers: pd.DataFrame
    open_group_answers: pd.DataFrame = field(metadata={"table": "group_answers"})
    standardised_answers: pd.DataFrame
    group_gaps: pd.DataFrame
    group_spread: pd.DataFrame
    day_dark: pd.DataFrame
    skill: pd.DataFrame
    calibration: pd.DataFrame
    stretches: pd.DataFrame
    night_reach: pd.DataFrame
    open_night_reach: pd.DataFrame = field(metadata={"table": "night_reach"})
    reach_by_destination: pd.DataFrame
    changes: pd.DataFrame
    mean_changes: pd.DataFrame
    open_changes: pd.DataFrame = field(metadata={"table": "changes"})
    open_mean_changes: pd.DataFrame = field(metadata={"table": "mean_changes"})
    site_changes: pd.DataFrame
    measures: tuple[Measure, ...] = ()
    inputs: tuple[Admitted, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        campaign = self.campaign and f", campaign {self.campaign}"
        return _listed(self, f"AuditResult of {self.title}{campaign or ''}")


def _listed(thing: Any, head: str) -> str:
    """Return a screen of what a result holds: each table with its rows; what stands in them is private."""
    return "\n".join([head, *(f"  {name:20} {rows:>9,} rows" for name, rows in _sizes(thing, "").items())])


def _sizes(thing: Any, path: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for declared in fields(thing):
        value = getattr(thing, declared.name)
        # A table from those alone who let their conditions be shown is of no other kind than its whole.
        if "table" in declared.metadata:
            continue
        if isinstance(value, pd.DataFrame):
            sizes[f"{path}{declared.name}"] = len(value)
        elif is_dataclass(value):
            sizes |= _sizes(value, f"{path}{declared.name}.")
    return sizes
