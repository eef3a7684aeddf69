"""The tables that stages exchange: declared once, checked here, documented from here.

Every table is a plain (Geo)DataFrame with its keys as columns, sorted by key. Lengths are metres in
the run's one CRS, times UTC, missing values NA.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from safeaudit.crs import WGS84
from safeaudit.errors import TableError
from safeaudit.spans import Block, Spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS

    from safeaudit.crs import Bounds
    from safeaudit.files import Admitted
    from safeaudit.measures import Measure
    from safeaudit.rubric import Rubric

Texts = Spans | np.ndarray[tuple[int], np.dtype[np.object_]]
"""A column of text: spans, or objects of shape (n,)."""
Kind = Literal["text", "number", "count", "flag", "time", "geometry"]
_DTYPES = {"number": "float64", "count": "Int64", "flag": "bool", "time": "datetime64[us, UTC]"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it holds and whether it may be NA."""

    name: str
    kind: Kind
    meaning: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, what a row is, its key and its columns."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return [column.name for column in self.columns]

    @property
    def geometry(self) -> str | None:
        """Name of the geometry column, None for a plain table."""
        return next((c.name for c in self.columns if c.kind == "geometry"), None)


def _text(name: str, meaning: str) -> Column:
    return Column(name.rstrip("?"), "text", meaning, name.endswith("?"))


def _number(name: str, meaning: str) -> Column:
    return Column(name.rstrip("?"), "number", meaning, name.endswith("?"))


def _count(name: str, meaning: str) -> Column:
    return Column(name.rstrip("?"), "count", meaning, name.endswith("?"))


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "flag", meaning)


def _time(name: str, meaning: str) -> Column:
    return Column(name.rstrip("?"), "time", meaning, name.endswith("?"))


def _geometry(name: str, meaning: str) -> Column:
    return Column("geometry", "geometry", meaning, name.endswith("?"))


_LABELLED = (
    _text("place_id", "stable id of the place, from its source"),
    _text("place_code", "short stable code of the place, as printed on paper"),
    _text("label", "what people recognise it by, no two places alike"),
    _text("name?", "name, as the source writes it"),
)
_SOURCE = (
    _text("tags", "what the source says about it, JSON with sorted keys"),
    _text("osm_ids?", "OpenStreetMap objects it comes from, such as w123"),
)

_DECLARED = (
    Table(
        "links",
        "the finest piece of the walking network, between two nodes",
        ("link_id",),
        (
            _text("link_id", "id of the link, from its line and its two nodes"),
            _text("segment_id?", "the segment it belongs to; NA for a path of a public space"),
            _text("space_id?", "the public space it belongs to, where it is a path of one"),
            _text("highway?", "kind of street: the OpenStreetMap highway value"),
            _number("length_m", "length, metres"),
            _text("node_from", "id of the node where the line starts"),
            _text("node_to", "id of the node where the line ends"),
            *_SOURCE,
            _geometry("line", "line"),
        ),
    ),
    Table(
        "segments",
        "a stretch of street between two junctions, or an equal piece of it of at most 150 m",
        ("place_id",),
        (
            *_LABELLED,
            _text("label_kind", "how the label is made: between, to_end, near, alone; way_... where it has no name"),
            _text("label_name", "the name in it, or the word for the kind of way"),
            _text("label_from?", "the street or space at one end"),
            _text("label_to?", "the street or space at the other end"),
            _text("label_near?", "what is near, where nothing at its ends has a name"),
            _text(
                "label_mark?", "what tells it from its like: its number such as 1/3, a side of the compass, its code"
            ),
            _text("highway?", "kind of street: the OpenStreetMap highway value"),
            _number("length_m", "length of its main line, metres"),
            _text("junction_from", "smallest node of the junction where the line starts"),
            _text("junction_to", "smallest node of the junction where the line ends"),
            _text("osm_ids?", "OpenStreetMap objects it comes from, such as w123 w124"),
            _geometry("line", "main line, drawn once"),
        ),
    ),
    Table(
        "spaces",
        "a public space: park, square, market, pitch, playground ...",
        ("place_id",),
        (
            *_LABELLED,
            _text("category", "park, square, market, pitch, playground, garden, cemetery, beach ..."),
            _text("within?", "the named space that this one without a name lies in"),
            _number("area_m2?", "area, square metres; NA for a space known only as a point"),
            *_SOURCE,
            _geometry("shape", "polygon, multipolygon or point"),
        ),
    ),
    Table(
        "stops",
        "a stop or station of public transport",
        ("place_id",),
        (
            *_LABELLED,
            _text("category", "bus_stop, station, halt, tram_stop, ferry_terminal ..."),
            *_SOURCE,
            _geometry("point", "point"),
        ),
    ),
    Table(
        "areas",
        "an area that places are summed up over",
        ("area_id",),
        (
            _text("area_id", "stable id of the area"),
            _text("name", "name, as people know it"),
            _text("kind", "city, ward, site or comparison"),
            _geometry("shape", "polygon"),
        ),
    ),
    Table(
        "features",
        "something else on the map: backdrop and evidence",
        ("feature_id",),
        (
            _text("feature_id", "stable id, from its source"),
            _text("kind", "building, water, green, rail, road, lamp, poi, entrance, barrier or gate"),
            _text("category?", "what it is among its kind, such as toilet, police, school, market, water_point, wall"),
            _text("tags", "what the source says about it, JSON with sorted keys"),
            _geometry("shape", "point, line or polygon"),
        ),
    ),
    Table(
        "submissions",
        "what one form held",
        ("submission_id",),
        (
            _text("submission_id", "stable id, from the form's own id and its content"),
            _text("source", "file it was read from"),
            _count("line", "line of the file where it starts"),
            _text("form?", "the form's own id, such as _uuid"),
            _count("version", "1, or more where one form id came with other content"),
            _text("flags", "remarks of the import, joined by spaces; empty where none"),
            _text("campaign?", "round of walks it belongs to"),
            _text("walk_id?", "outing it was made on"),
            _time("observed_at?", "when it was seen, UTC"),
            _text("light?", "day, twilight or dark, from the sun; NA where the time is unknown"),
            _count("group_size", "people who agreed on this rating, 1 where not said"),
            _text("auditor?", "keyed pseudonym of who rated"),
            _text("auditor_sex?", "woman, man or other, as declared"),
            _text("auditor_age?", "child, youth, adult or elderly, as declared"),
            _text("auditor_disability?", "yes or no, as declared"),
            _text("auditor_role?", "role, as declared"),
            _text("consent", "none, analysis, conditions or public"),
            _number("accuracy_m?", "accuracy of the fix, metres; NA where unknown"),
            _text("place_code?", "place, where the form names it"),
            _number("lux?", "illuminance a meter showed, lux; NA where none was read"),
            _text("note?", "free text, never public"),
            _geometry("point?", "where it was made"),
        ),
    ),
    Table(
        "observations",
        "a submission's rating of one indicator",
        ("submission_id", "indicator"),
        (
            _text("submission_id", "the submission"),
            _text("indicator", "name of the indicator"),
            _count("level?", "level chosen, 0 to 3; NA on other scales"),
            _number("rating", "0 (worst) to 1 (best)"),
            _count("n", "ratings it stands for: 1, more where the file holds means"),
            _number("spread?", "standard deviation of those ratings, where the file holds means"),
        ),
    ),
    Table(
        "faults",
        "something that can be mended, as one submission saw it",
        ("submission_id", "kind"),
        (
            _text("submission_id", "the submission"),
            _text("kind", "what is wrong, such as lamp_out: one of the choices of the form"),
            _text("place_id?", "the place it is at; NA where the submission belongs to none"),
            _text("agency?", "who can mend it, as the settings say"),
            _text("status", "open or mended"),
        ),
    ),
    Table(
        "rejected",
        "a row that was read and not accepted, with the reason",
        (),
        (
            _text("file", "file it was read from"),
            _count("line", "line of the file where it starts"),
            _text("column?", "column at fault; NA where the whole row is"),
            _text("value?", "what stands there"),
            _text("code", "reason, one word"),
            _text("message", "reason, one sentence"),
            _text("row", "the raw row as JSON; empty where consent was refused"),
        ),
    ),
    Table(
        "matches",
        "a submission's share in one place",
        ("submission_id", "place_id"),
        (
            _text("submission_id", "the submission"),
            _text("place_id", "the place"),
            _text("kind", "segment, space or stop"),
            _number("weight", "share, above 0; those of a submission and kind sum to 1, or less beside a path of a space"),
            _number("distance_m", "from the fix to the place, metres; 0 inside a space"),
            _flag("ambiguous", "whether the fix may have been made on several streets or paths of spaces"),
        ),
    ),
    Table(
        "evidence",
        "what the map or a raster says about one place; never an audit",
        ("place_id", "name"),
        (
            _text("place_id", "the place"),
            _text("name", "what is told, such as lit or lamps_per_100_m"),
            _number("value?", "the number, where it is one"),
            _text("label?", "the word, where it is one"),
            _text("unit", "unit of the number; empty for a word"),
            _text("source", "where it comes from"),
            _number("coverage", "0 to 1: how much of what it needs was mapped"),
        ),
    ),
    Table(
        "scores",
        "a place's value for one indicator in one light; sparse",
        ("place_id", "indicator", "group"),
        (
            _text("place_id", "the place"),
            _text("indicator", "an indicator, or score, or street_condition"),
            _text("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _flag("headline", "whether the place is shown in this light: dark before day before the others"),
            _number("score", "0 (worst) to 100 (best)"),
            _number("low", "lower end of the interval"),
            _number("high", "upper end of the interval"),
            _number("n", "ratings it rests on; shared ratings count by their share"),
            _count("contributors", "distinct auditors behind them"),
            _time("latest_at?", "the latest of them, UTC"),
            _text("state", "audited, few, stale or estimated"),
            _count("level_seen?", "the middle level that was chosen, 0 to 3"),
            _flag("level_0", "whether at least half of the ratings chose level 0, for it or for one of its indicators"),
        ),
    ),
    Table(
        "summaries",
        "what was seen of one kind of place in one area",
        ("area_id", "kind", "indicator", "group"),
        (
            _text("area_id", "the area"),
            _text("kind", "segment, space or stop"),
            _text("indicator", "an indicator, or score, or street_condition"),
            _text("group", "dark, day, twilight, unrecorded, or headline"),
            _number("total", "metres of streets, square metres of spaces (or how many points), number of stops"),
            _number("coverage", "0 to 1: share of that length, area or number with a rating"),
            _number("n", "ratings; those of a place that lies in the area in part count by that part"),
            _count("contributors", "distinct auditors"),
            _number("band_1?", "share of what was rated in the worst band, 0 to 1; NA where nothing was rated"),
            _number("band_2?", "share in the second band"),
            _number("band_3?", "share in the third band"),
            _number("band_4?", "share in the best band"),
        ),
    ),
    Table(
        "access",
        "who lives within 400 m of a public space along the streets, in one area",
        ("area_id", "sex", "age"),
        (
            _text("area_id", "the area"),
            _text("sex", "woman, man or all, as the raster says"),
            _text("age", "child, youth, adult, elderly or all, as the raster says"),
            _number("population", "people living there"),
            _number("within_400_m?", "those within 400 m of a potential open public space along the streets"),
            _number("share?", "their share, 0 to 1, as SDG 11.7.1 counts access; the spaces are not verified"),
            _text("source", "where the population comes from"),
            _number("coverage", "0 to 1: share of the area for which the population is known"),
        ),
    ),
    Table(
        "agreement",
        "how far independent forms about the same spot agree on one indicator in one light",
        ("indicator", "group"),
        (
            _text("indicator", "an indicator; feelings have a table of their own"),
            _text("group", "light: dark, day or twilight; unrecorded where times are missing: never compared"),
            _number("alpha?", "Krippendorff's alpha for ordered levels: 1 full agreement, 0 as by chance"),
            _number("low?", "lower end of the interval of alpha"),
            _number("high?", "upper end of the interval of alpha"),
            _number("percent?", "pairs of forms that chose the same level, percent"),
            _number("kappa?", "kappa of the pairs, quadratic weights: 1 full agreement, 0 as by chance"),
            _count("pairs", "pairs of forms by different contributors about one spot"),
            _count("spots", "spots with such a pair"),
            _count("contributors", "distinct auditors behind them"),
            _text("note", "why a value is missing: fewer than 30 pairs, fewer than 10 spots, no variation; else empty"),
        ),
    ),
    Table(
        "feelings",
        "how one group of at least 10 auditors felt in one light, and how far apart they lie",
        ("indicator", "group", "split", "who"),
        (
            _text("indicator", "feeling, or an indicator of the city's own with its rules"),
            _text("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _text("split", "all, sex, age or disability"),
            _text("who", "the group, as declared; not said; or all"),
            _count("n", "ratings"),
            _count("contributors", "distinct auditors, 10 or more"),
            _number("sd", "standard deviation of the levels"),
            _number("share_0", "share of the ratings with level 0, 0 to 1"),
            _number("share_1", "share with level 1"),
            _number("share_2", "share with level 2"),
            _number("share_3", "share with level 3"),
        ),
    ),
)

WIDE_COLUMNS = ("fid", "geom", "light", "state", "n", "contributors", "latest", "level_0")
"""Columns that the planning office's places carry beside their values."""

WIDE_SUFFIXES = ("", "_low", "_high", "_n")
"""Columns of each indicator there: its value, the ends of the interval, the ratings."""

TABLES: Mapping[str, Table] = {table.name: table for table in _DECLARED}
"""Every table by name: the data dictionary."""


def empty_table(name: str) -> pd.DataFrame:
    """Return a declared table without rows, every column of its kind.

    Parameters
    ----------
    name
        A name in `TABLES`, of a table without geometry.
    """
    return pd.DataFrame({c.name: pd.Series(dtype=_DTYPES.get(c.kind, "object")) for c in TABLES[name].columns})


def validate_table(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the table in its declared columns and order, or say what is wrong with it.

    Parameters
    ----------
    frame
        The table as a stage made it; it is not changed.
    name
        A name in `TABLES`.

    Returns
    -------
    The declared columns, sorted by key, with a fresh index.

    Raises
    ------
    TableError
        A column is missing or too many, a key is not unique, or a value that must be there is NA.
    """
    table = TABLES[name]
    _check_columns(frame, table)
    if table.key and not _is_in_order(frame, table.key):
        frame = frame.sort_values(list(table.key), kind="stable")
        if frame.duplicated(list(table.key)).any():
            first = frame.loc[frame.duplicated(list(table.key)), list(table.key)].iloc[0].tolist()
            raise _fault(table, f"has the key {first} twice")
    for column in table.columns:
        missing = 0 if column.optional else int(frame[column.name].isna().sum())
        if missing:
            raise _fault(table, f"has {missing} empty values in {column.name}")
    in_order = list(frame.columns) == table.names
    return (frame if in_order else frame[table.names]).reset_index(drop=True)


def _is_in_order(frame: pd.DataFrame, key: tuple[str, ...]) -> bool:
    """Say whether every row's key is greater than that of the row before; False where that is not quickly known."""
    increased = np.zeros(max(len(frame) - 1, 0), dtype=bool)
    equal = ~increased
    for name in key:
        column = frame[name]
        rank = column.array.codes if isinstance(column.array, pd.Categorical) else None
        if rank is None or (rank < 0).any():
            return False
        increased |= equal & (rank[1:] > rank[:-1])
        equal &= rank[1:] == rank[:-1]
    return bool(increased.all())


def _check_columns(frame: pd.DataFrame, table: Table) -> None:
    missing = [name for name in table.names if name not in frame.columns]
    unknown = [str(name) for name in frame.columns if name not in table.names]
    if missing or unknown:
        raise _fault(table, f"lacks {missing} and has unknown {unknown}")


def _fault(table: Table, what: str) -> TableError:
    return TableError(f"The table {table.name} {what}.", hint="This is a fault of safeaudit: report it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Cells of one input file as text, in the order of the file: what `sources` hand on.

    Attributes
    ----------
    file
        The file's name, for people.
    header
        Column names as they stand in the file.
    lines
        Line of the file where each record starts, shape (n,).
    columns
        One array of str per column, each of shape (n,); of a large text a `Block`, which makes them when asked.
    rejected
        Records that could not be read as a row (table `rejected`).
    remarks
        What was detected and taken for granted, as sentences.
    """

    file: str
    header: tuple[str, ...]
    lines: NDArray[np.int64]
    columns: Sequence[NDArray[np.object_]]
    rejected: pd.DataFrame
    remarks: tuple[str, ...] = ()

    def first(self, n: int) -> Cells:
        """Return the first records, without remarks."""
        few = self.columns.at(slice(n)) if isinstance(self.columns, Block) else [cells[:n] for cells in self.columns]
        return Cells(file=self.file, header=self.header, lines=self.lines[:n], columns=few, rejected=self.rejected)

    def texts(self, at: int) -> Texts:
        """Return a column without making objects of its cells where that can be spared."""
        return self.columns.spans(at) if isinstance(self.columns, Block) else self.columns[at]

    def row(self, at: int) -> list[str]:
        """Return the cells of one record."""
        return self.columns.row(at) if isinstance(self.columns, Block) else [str(cells[at]) for cells in self.columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCount:
    """The conservation law of one audit file: read = accepted + rejected + duplicates."""

    file: str
    read: int
    accepted: int
    rejected: int
    duplicates: int
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.read != self.accepted + self.rejected + self.duplicates:
            message = (
                f"Rows were lost: {self.read} read, {self.accepted} accepted, "
                f"{self.rejected} rejected, {self.duplicates} duplicates."
            )
            raise TableError(message, hint="This is a fault of safeaudit: report it.")


@dataclass(frozen=True, slots=True, kw_only=True)
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

    @property
    def extent(self) -> Bounds | None:
        """West, south, east and north of all places, degrees; None where there are none."""
        hull = self.areas.to_crs(WGS84)
        if hull.geometry.is_empty.all():
            return None
        west, south, east, north = (float(edge) for edge in hull.total_bounds)
        return west, south, east, north


@dataclass(frozen=True, slots=True, kw_only=True)
class Audits:
    """What came out of the audit files; `faults` are rows of submission_id and kind, their places not yet known."""

    submissions: GeoDataFrame
    observations: pd.DataFrame
    faults: pd.DataFrame
    rejected: pd.DataFrame
    counts: tuple[FileCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResult:
    """Everything one run found out: private as a whole until `publish` has let a part of it through.

    Attributes
    ----------
    title, slug
        Name of the city, for people and for files.
    remark
        A sentence that must stand on everything, such as "Simulated audits".
    campaign
        The round of walks that the scores rest on; None where rounds are not named.
    rubric
        The indicators that were rated.
    places
        Segments, spaces, stops, areas and features, in the run's CRS.
    audits
        Submissions (in the run's CRS), observations, what was rejected, and the counts.
    matches, faults, scores, summaries
        The tables of these names.
    evidence, access, agreement, feelings
        The tables of these names: empty after a quick run.
    measures
        What the evidence can say, as a dictionary.
    open_scores
        Table `scores` from those submissions alone whose consent lets their conditions be shown.
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
    rubric: Rubric
    places: Places
    audits: Audits
    matches: pd.DataFrame
    faults: pd.DataFrame
    evidence: pd.DataFrame
    access: pd.DataFrame
    scores: pd.DataFrame
    open_scores: pd.DataFrame
    summaries: pd.DataFrame
    agreement: pd.DataFrame
    feelings: pd.DataFrame
    measures: tuple[Measure, ...] = ()
    inputs: tuple[Admitted, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
