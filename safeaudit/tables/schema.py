"""The tables that stages exchange: declared once, checked here, documented from here.

Every table is a plain (Geo)DataFrame with its keys as columns, sorted by key. Lengths are metres in
the run's one CRS, times UTC, missing values NA. Every column is of the one dtype of its kind, see `DTYPES`:
what passes `validate_table` needs no second look at what its columns are made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.errors import TableError
from safeaudit.tables.kinds import DTYPES, of_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeaudit.tables.kinds import Kind


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that evidence says of places; declared in the file that finds it out.

    Attributes
    ----------
    name
        Its name in the table `evidence`; what it is, in one line, stands in the catalogues of words.
    unit
        Unit of its number; empty where it is a word.
    words
        The words it can be, where it is a word; empty where they come from the data.
    of
        Kinds of places it is told of.
    variant_of
        Name of the measure that it is a part of, whose line in the catalogues is its own too; empty for others.
    """

    name: str
    unit: str = ""
    words: tuple[str, ...] = ()
    of: tuple[str, ...] = ("segment",)
    variant_of: str = ""

    @property
    def key(self) -> str:
        """Where the catalogues of words say what it is."""
        return f"measure.{self.variant_of or self.name}"


def _text(name: str, meaning: str) -> Column:
    return Column(name.rstrip("?"), "text", meaning, name.endswith("?"))


def _category(name: str, meaning: str) -> Column:
    return Column(name.rstrip("?"), "category", meaning, name.endswith("?"))


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

_SAID = {
    "agency": "who can mend it",
    "measure": "what is to be done",
    "quantity": "how much of it",
    "unit": "unit of the quantity",
    "cost": "what it costs",
    "running_cost": "what it costs each year afterwards",
    "budget_line": "which budget pays",
    "asset_id": "the agency's own number",
    "decision": "accepted or refused",
    "reason": "why",
    "due": "day it is to be done by",
    "status": "planned, under_way, mended or cannot",
    "verified_on": "day the community saw that it is mended",
    "decided_at": "day of the decision or status",
    "agree": "agree or disagree: what the hall said of what was found",
    "correction": "what the hall says instead",
    "votes": "how many said so",
    "met_on": "day of the meeting",
}
"""What an office or a hall may say, each as text."""

_DECLARED = (
    Table(
        "links",
        "the finest piece of the walking network, between two nodes",
        ("link_id",),
        (
            _text("link_id", "id of the link, from its line and its two nodes"),
            _text("segment_id?", "the segment it belongs to; NA for a path of a public space"),
            _text("space_id?", "the public space it belongs to, where it is a path of one"),
            _category("highway?", "kind of street: the OpenStreetMap highway value"),
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
            _category(
                "label_kind", "how the label is made: between, to_end, near, alone; way_... where it has no name"
            ),
            _text("label_name", "the name in it; without one what the way is: path, lane, steps, street ..."),
            _text("label_from?", "the street or space at one end"),
            _text("label_to?", "the street or space at the other end"),
            _text("label_near?", "what is near, where nothing at its ends has a name"),
            _text("label_mark?", "what tells it from its like: its number such as 1/3, north, both, or its code"),
            _category("highway?", "kind of street: the OpenStreetMap highway value"),
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
            _category("category", "park, square, market, pitch, playground, garden, cemetery, beach ..."),
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
            _category("category", "bus_stop, station, halt, tram_stop, ferry_terminal ..."),
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
            _category("kind", "city, ward, site or comparison"),
            _geometry("shape", "polygon"),
        ),
    ),
    Table(
        "features",
        "something else on the map: backdrop and evidence",
        ("feature_id",),
        (
            _text("feature_id", "stable id, from its source"),
            _category("kind", "building, water, green, rail, road, lamp, locality, poi, entrance, barrier or gate"),
            _category(
                "category?", "what it is among its kind, such as toilet, police, school, market, water_point, wall, sea"
            ),
            _text("name?", "its name on the map"),
            _text("tags", "what the source says about it, JSON with sorted keys"),
            _geometry("shape", "point, line or polygon"),
        ),
    ),
    Table(
        "submissions",
        "what one form held",
        ("submission_id",),
        (
            _category("submission_id", "stable id, from the form's own id and its content"),
            _category("source", "file it was read from"),
            _count("line", "line of the file where it starts"),
            _text("form?", "the form's own id, such as _uuid"),
            _count("version", "1, or more where one form id came with other content"),
            _category("flags", "remarks of the import, joined by spaces; empty where none"),
            _category("campaign?", "round of walks it belongs to"),
            _category("walk_id?", "outing it was made on"),
            _time("observed_at?", "when it was seen, UTC"),
            _category("light?", "day, twilight or dark, from the sun; NA where the time is unknown"),
            _count("group_size", "people who agreed on this rating, 1 where not said"),
            _count("group_women?", "how many of them are women or girls, as declared"),
            _count("group_men?", "how many of them are men or boys, as declared"),
            _count("group_other?", "how many of them are of another sex, as declared"),
            _category("auditor?", "keyed pseudonym of who rated"),
            _category("auditor_sex?", "woman, man or other, as declared"),
            _category("auditor_age?", "child, youth, adult or elderly, as declared"),
            _category("auditor_disability?", "yes or no, as declared"),
            _category("auditor_role?", "role, as declared"),
            _category("own_groups?", "answers to the city's own questions, as tenure: owner; work: vendor"),
            _category("consent", "none, analysis, conditions or public"),
            _number("accuracy_m?", "accuracy of the fix, metres; NA where unknown"),
            _category("place_code?", "place, where the form names it"),
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
            _category("submission_id", "the submission"),
            _category("indicator", "name of the indicator"),
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
            _category("submission_id", "the submission"),
            _category("kind", "what is wrong, such as lamp_out: one of the choices of the form"),
            _category("place_id?", "the place it is at; NA where the submission belongs to none"),
            _category("agency?", "who can mend it, as the settings say"),
            _category(
                "status",
                "open, not_seen_again (one later walk does not name it), agency_says_mended, or mended (two walks do "
                "not name it, or its agency says so and one walk does not)",
            ),
            _flag("old", "whether it was last seen so long ago that it is an old report"),
            _time("since?", "when somebody first reported it there, UTC"),
            _time("last_seen?", "when somebody last reported it there, UTC"),
        ),
    ),
    Table(
        "reports",
        "a fault as one submission reports it, its place not yet known",
        ("submission_id", "kind"),
        (
            _category("submission_id", "the submission"),
            _category("kind", "what is wrong, such as lamp_out: one of the choices of the form"),
        ),
    ),
    Table(
        "discussions",
        "a submission that names vendors or residents where it was asked for faults: to be talked about, never mended",
        ("submission_id",),
        (
            _category("submission_id", "the submission"),
            _category("place_id?", "the place it is at; NA where the submission belongs to none"),
        ),
    ),
    Table(
        "actions",
        "what is to be done about a fault or a place, by whom; an open fault nobody decided about has one too",
        ("action_id",),
        (
            _text("action_id", "stable id, from the place and the issue"),
            _text("place_id", "the place"),
            _text("place_code", "its code"),
            _text("label", "its label; where it is gone, as it was called"),
            _text("ward?", "the ward, else the site, that its middle lies in"),
            _text("issue", "what is wrong: a kind of fault, or the office's own words"),
            _text("agency?", "who can mend it: as the office says, else as the settings do"),
            _text("measure?", "what is to be done"),
            _number("quantity?", "how much of it"),
            _text("unit?", "unit of the quantity"),
            _number("cost?", "what it costs, in the city's money"),
            _number("running_cost?", "what it costs each year afterwards"),
            _text("budget_line?", "which budget pays"),
            _text("asset_id?", "the agency's own number of the lamp, drain or street"),
            _category("decision?", "accepted or refused"),
            _text("reason?", "why"),
            _text("due?", "day it is to be done by, as in 2026-11-30"),
            _category("status?", "planned, under_way, mended or cannot"),
            _text("verified_on?", "day the community saw that it is mended; no look of a form"),
            _text("decided_at?", "day of the latest decision or status"),
            _category("fault?", "status of the fault, as in the table faults; NA where nobody reported it"),
            _flag("old", "whether the fault is an old report"),
            _text("since?", "quarter of the first report"),
            _text("last_seen?", "quarter of the latest report"),
            _count("reports", "submissions that report it"),
            _flag("gone", "whether the place is no longer on the map"),
            _flag("closed", "whether nothing is left to do: the fault is mended, or else what nobody reported"),
            _count("version", "how many changes of it were read so far"),
            _text("reference", "by what its row in a sheet is known again: its id, version and signs of its agency"),
        ),
    ),
    Table(
        "action_entries",
        "a change of an action, or what a hall said of a place, as it was read on one day: a line of actions.csv",
        ("entry",),
        (
            _count("entry", "number of the line, from 1"),
            _category("state", "taken, or not_taken: kept, and not counted"),
            _text("why?", "why it was not taken"),
            _text("day", "day it was read on, as in 2026-11-30"),
            _category("about", "action or hall"),
            _text("action_id", "id of the action, or of what the hall said"),
            _text("place_id?", "the place"),
            _text("place_code?", "its code"),
            _text("label?", "what it was called"),
            _text("issue?", "what is wrong"),
            *(_text(f"{name}?", meaning) for name, meaning in _SAID.items()),
            _text("read_sha256", "SHA-256 of the file it was read from"),
        ),
    ),
    Table(
        "rejected",
        "a row that was read and not accepted, with the reason",
        (),
        (
            _text("file", "file it was read from"),
            _text("file_sha256", "SHA-256 of that file"),
            _count("line", "line of the file where it starts"),
            _text("column?", "column at fault; NA where the whole row is"),
            _text("value?", "what stands there"),
            _text("code", "reason, one word"),
            _text("message", "reason, one sentence"),
            _text("row", "its cells as JSON, by the columns that are loaded; empty where consent was refused"),
        ),
    ),
    Table(
        "matches",
        "a submission's share in one place",
        ("submission_id", "place_id"),
        (
            _category("submission_id", "the submission"),
            _category("place_id", "the place"),
            _category("kind", "segment, space or stop"),
            _number(
                "weight", "share, above 0; those of a submission and kind sum to 1, or less beside a path of a space"
            ),
            _number("distance_m", "from the fix to the place, metres; 0 inside a space"),
            _flag("ambiguous", "whether the fix may have been made on several streets or paths of spaces"),
        ),
    ),
    Table(
        "evidence",
        "what the map or a raster says about one place; never an audit",
        ("place_id", "name"),
        (
            _category("place_id", "the place"),
            _category("name", "what is told, such as lit or lamps_per_100_m"),
            _number("value?", "the number, where it is one"),
            _category("label?", "the word, where it is one"),
            _category("unit", "unit of the number; empty for a word"),
            _category("source", "where it comes from"),
            _number("coverage", "0 to 1: how much of what it needs was mapped"),
        ),
    ),
    Table(
        "scores",
        "a place's value for one indicator in one light; sparse",
        ("place_id", "indicator", "group"),
        (
            _category("place_id", "the place"),
            _category("indicator", "an indicator, or score, or street_condition"),
            _category("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _flag("headline", "whether the place is shown in this light: dark before day before the others"),
            _number("score", "0 (worst) to 100 (best)"),
            _number("low", "lower end of the interval"),
            _number("high", "upper end of the interval"),
            _number("p_below", "0 to 1: how likely it is below the standard"),
            _number("band_1", "0 to 1: how likely it is in the worst band"),
            _number("band_2", "how likely it is in the second band"),
            _number("band_3", "how likely it is in the third band"),
            _number("band_4", "how likely it is in the best band"),
            _number("n", "ratings it rests on; shared ratings count by their share"),
            _count("contributors", "people behind them: distinct auditors, a group that agreed as its people"),
            _count("answers", "forms behind them: a group's form is one"),
            _category("campaign?", "the round of walks it is from; NA where forms name none"),
            _time("latest_at?", "the latest of them, UTC"),
            _time("newer_at?", "the latest rating of a newer round that too few people made to be shown"),
            _category("state", "audited, few, stale or estimated"),
            _count("level_seen?", "the middle level that was chosen, 0 to 3"),
            _number("lowest_seen?", "the lowest answer given mainly there, on the scale 0-3; of its indicators"),
            _flag("level_0", "whether at least half of the ratings chose level 0, for it or for one of its indicators"),
        ),
    ),
    Table(
        "summaries",
        "what was seen of one kind of place in one area, in one round of walks",
        ("campaign", "area_id", "kind", "indicator", "group"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("area_id", "the area"),
            _category("kind", "segment, space or stop"),
            _category("indicator", "an indicator, or score, or street_condition"),
            _category("group", "dark, day, twilight, unrecorded, or headline"),
            _number("total", "metres of streets, square metres of spaces (or how many points), number of stops"),
            _number("coverage", "0 to 1: share of that length, area or number with a rating"),
            _number("n", "ratings; those of a place that lies in the area in part count by that part"),
            _count("contributors", "people: distinct auditors, a group that agreed as its people"),
            _number(
                "band_1?",
                "share of what was rated to be expected in the worst band, 0 to 1; NA if nothing was, or lights mix",
            ),
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
            _category("area_id", "the area"),
            _category("sex", "woman, man or all, as the raster says"),
            _category("age", "child, youth, adult, elderly or all, as the raster says"),
            _number("population", "people living there"),
            _number("within_400_m?", "those within 400 m of a potential open public space along the streets"),
            _number("share?", "their share, 0 to 1, as SDG 11.7.1 counts access; the spaces are not verified"),
            _category("source", "where the population comes from"),
            _number("coverage", "0 to 1: share of the area for which the population is known"),
        ),
    ),
    Table(
        "agreement",
        "how far independent forms about the same spot agree on one indicator in one light, in one round of walks",
        ("campaign", "indicator", "group"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("indicator", "an indicator; feelings have a table of their own"),
            _category("group", "light: dark, day or twilight; unrecorded where times are missing: never compared"),
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
        "calibration",
        "how often intervals of 90 % held what a form said that was left out, in one part of the city",
        ("campaign", "indicator", "group", "part", "value"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("indicator", "an indicator, or score, or street_condition"),
            _category("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _category("part", "all, other forms there, dead end, area, or worst tenth"),
            _category("value", "how many other forms were made at the place, yes or no, or the area; else empty"),
            _count("forms", "forms that were left out in turn, each at its main place"),
            _count("walks", "walks they are of"),
            _number("held?", "share of them that lay in the interval of 90 % that the others give"),
            _text("note", "why nothing is told: fewer than 50 forms, or 8 walks; else empty"),
        ),
    ),
    Table(
        "skill",
        "how well streets where nobody was can be guessed, at one distance from the nearest audited one",
        ("campaign", "indicator", "group", "from_m"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("indicator", "an indicator that is public by place, or street_condition"),
            _category("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _count("from_m", "distance along the streets to the nearest audited one, from so many metres"),
            _count("to_m?", "to less than so many; the last: as far as what was left out; NA where that is not known"),
            _number(
                "skill?", "1 - squared errors of guesses / those of the mean, whole walks left out: 0 is no better"
            ),
            _number("low?", "lower end of its interval of 90 %, over walks"),
            _number("high?", "upper end of its interval"),
            _number("coverage?", "share of what was left out that lay in the interval of 90 % of its guess"),
            _count("forms", "forms that were left out at that distance"),
            _count("walks", "walks they are of"),
            _flag("estimated", "whether streets at that distance are estimated"),
            _count("places", "streets that are"),
            _text("note", "why none is: fewer than 50 forms, fewer than 8 walks, no better than the mean; else empty"),
        ),
    ),
    Table(
        "stretches",
        "a run of segments of one street that are below the standard together: the unit in which streets are mended",
        ("place_id", "indicator", "group"),
        (
            _text("place_id", "the first of its segments"),
            _category("indicator", "an indicator that is public by place, or street_condition"),
            _category("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _category("campaign", "the round of walks it is shown in; empty where forms name none"),
            _text("name?", "name of the street"),
            _text("label", "what people call it: the street, between the streets at its ends"),
            _number("length_m", "length of its segments, metres"),
            _count("segments", "how many they are"),
            _text("place_ids", "their ids, blanks between"),
            _text("place_codes", "their codes, blanks between"),
            _number("p_below", "0 to 1: how likely all of it is below the standard"),
        ),
    ),
    Table(
        "feelings",
        "how one group of at least 10 people felt in one light, and how far apart they lie, in one round of walks",
        ("campaign", "indicator", "group", "split", "who"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("indicator", "feeling, or an indicator of the city's own with its rules"),
            _category("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _category("split", "all, sex, age or disability"),
            _category("who", "the group, as declared; not said; or all"),
            _count("n", "answers: forms, a group's form is one"),
            _count("contributors", "people: distinct auditors, a group that agreed as its people"),
            _number("sd?", "standard deviation of the levels"),
            _number("share_0?", "share of the answers with level 0, 0 to 1"),
            _number("share_1?", "share with level 1"),
            _number("share_2?", "share with level 2"),
            _number("share_3?", "share with level 3"),
            _text("note", "why a row says nothing: few people, one form, or what is left would tell of few"),
        ),
    ),
    Table(
        "group_answers",
        "what one group of the people who walked said of the city, a ward or a kind of place, in one round and light",
        ("campaign", "zone_kind", "zone", "indicator", "group", "split", "who"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("zone_kind", "city, ward, site or kind"),
            _category("zone", "city, the name of the ward or site, or a kind: segment, stop, park, square, market ..."),
            _category("indicator", "an indicator"),
            _category("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _category("split", "sex, age, disability, role, or a group of the city's own"),
            _category("who", "the group, as people said of themselves"),
            _number("score?", "mean of what they said, 0 to 100"),
            _number(
                "low?", "lower end of its interval of 90 %; NA where one person, or one group that agreed, said it"
            ),
            _number("high?", "upper end of its interval"),
            _number("n", "answers, each by the share it has there"),
            _count("contributors", "people: distinct auditors, a group that agreed as its people"),
            _text("note", "why a row says nothing: few people, or what is left would tell of few"),
        ),
    ),
    Table(
        "standardised_answers",
        "what people said of a zone, in one round and light, if the same mix of people walked as in the whole city",
        ("campaign", "zone_kind", "zone", "indicator", "group", "split"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("zone_kind", "city, ward, site or kind"),
            _category("zone", "as in group_answers"),
            _category("indicator", "an indicator"),
            _category("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _category("split", "the groups that the mix is of: sex, age, disability, role, or of the city's own"),
            _number("score?", "mean of what these groups said, as they walked, 0 to 100"),
            _number("standardised?", "the same, each group counted by its share of the city's people over all rounds"),
            _number("low?", "lower end of its interval of 90 %"),
            _number("high?", "upper end of its interval"),
            _count("contributors", "people of these groups; 0 where nothing is told"),
            _text("note", "why a row says nothing: a group that the city has is of too few here"),
        ),
    ),
    Table(
        "group_gaps",
        "how what one group said differs from what the rest said of the same places, in one round and light",
        ("campaign", "kind", "indicator", "group", "split", "who"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("kind", "segment, space or stop"),
            _category("indicator", "an indicator, or a composite"),
            _category("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _category("split", "sex, age, disability, role, or a group of the city's own"),
            _category("who", "the group; the rest are those who said something else"),
            _count("places", "places that both saw"),
            _number("n_rest", "answers of the rest at these"),
            _number("n_said", "answers of the group"),
            _count("auditors_before", "auditors of the rest"),
            _count("auditors_after", "auditors of the group"),
            _number("rest?", "mean of what the rest said, 0 to 100"),
            _number("said?", "mean of what the group said, 0 to 100"),
            _number("difference?", "the group less the rest, within places"),
            _number("low?", "lower end of its interval of 95 %"),
            _number("high?", "upper end of its interval"),
            _number("p?", "probability of as much by chance; NA where nothing is tested"),
            _number("q?", "least share of false ones among all gaps that are as sure"),
            _flag("differs", "whether it differs: q of at most 5 %"),
            _text("note", "why nothing is told or tested: few people, places or auditors"),
        ),
    ),
    Table(
        "group_spread",
        "how far people of a group lie apart in what they felt, beside the rest, at the same places in one light",
        ("campaign", "kind", "indicator", "group", "split", "who"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("kind", "segment, space or stop"),
            _category("indicator", "feeling"),
            _category("group", "light: dark, day, twilight, or unrecorded where times are missing"),
            _category("split", "sex, age, disability, role, or a group of the city's own"),
            _category("who", "the group; the rest are those who said something else"),
            _count("places", "places that two and more of both saw"),
            _number("rest?", "standard deviation of what the rest felt at one place, of 100 points"),
            _number("said?", "the same of the group"),
            _number("difference?", "the group less the rest"),
            _number("low?", "lower end of its interval of 95 %"),
            _number("high?", "upper end of its interval"),
            _number("p?", "probability of as much by chance; NA where nothing is tested"),
            _number("q?", "least share of false ones among all rows that are as sure"),
            _category(
                "apart", "more or less than the rest (q of at most 5 %), or may be chance; empty where not tested"
            ),
            _text("note", "why nothing is told or tested: few people, places or auditors, or all felt alike"),
        ),
    ),
    Table(
        "day_dark",
        "how the same places differ after dark from by day, in one area and one round",
        ("campaign", "area_id", "kind", "indicator"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("area_id", "the area"),
            _category("kind", "segment, space or stop"),
            _category("indicator", "an indicator that can be seen by day, or a composite of such"),
            _count("places", "places that were seen in both lights"),
            _number("n_day", "answers by day at these"),
            _number("n_dark", "answers after dark"),
            _count("auditors_day", "auditors by day"),
            _count("auditors_dark", "auditors after dark"),
            _number("day?", "mean by day, 0 to 100"),
            _number("dark?", "mean after dark"),
            _number("difference?", "dark less day, within places"),
            _number("low?", "lower end of its interval of 95 %"),
            _number("high?", "upper end of its interval"),
            _number("p?", "probability of as much by chance; NA where nothing is tested"),
            _number("q?", "least share of false ones among all that are as sure"),
            _flag("differs", "whether it differs: q of at most 5 %"),
            _text("note", "why nothing is tested, or why it is withheld"),
        ),
    ),
    Table(
        "night_reach",
        "who reaches any stop, toilet, school or market along streets that meet the standard, in one light and round",
        ("campaign", "category", "indicator", "group"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("category", "market, school, stop or toilet"),
            _category("indicator", "street_condition, or an indicator that only the dark can tell"),
            _category("group", "light: day or dark"),
            _count("destinations", "how many are on the map"),
            _count("walked", "those of them around which 80 % of the length was looked at in this light"),
            _count("counted", "those that the figures are of: walked in both lights where there are any, else in this"),
            _flag("same", "whether day and dark are of the same destinations and the same streets"),
            _category("unit", "people, or m: metres of streets where no raster counts everybody"),
            _number("within?", "how many are within 400 m of these, along any streets"),
            _number("reach?", "how many are expected to reach one; a street that nobody looked at does not count"),
            _number("low?", "lower end of its interval"),
            _number("high?", "upper end of its interval, in which a street that nobody looked at counts too"),
            _text("note", "why nothing is told"),
        ),
    ),
    Table(
        "reach_by_destination",
        "who reaches one stop, toilet, school or market along streets that meet the standard, in one light and round",
        ("campaign", "category", "destination_id", "indicator", "group"),
        (
            _category("campaign", "the round of walks; empty where forms name none"),
            _category("category", "market, school, stop or toilet"),
            _category("destination_id", "the stop or space, or else the feature"),
            _category("indicator", "street_condition, or an indicator that only the dark can tell"),
            _category("group", "light: day or dark"),
            _category("label?", "its name, else the label of the street that it lies at"),
            _number("coverage?", "0 to 1: share of the length within 400 m looked at; NA where no street is near it"),
            _flag("same", "whether day and dark are of the same streets; coverage is then of both lights"),
            _category("unit", "people, or m: metres of streets where no raster counts everybody"),
            _number("within", "how many are within 400 m of it, along any streets"),
            _number("reach?", "how many are expected to reach it; a street that nobody looked at does not count"),
            _number("low?", "lower end of its interval"),
            _number("high?", "upper end of its interval, in which a street that nobody looked at counts too"),
            _text("note", "why nothing is told"),
        ),
    ),
    Table(
        "priorities",
        "a measure at a place that a budget could be spent on, and whether it is; for the office alone",
        ("place_id", "measure"),
        (
            _category("place_id", "the place"),
            _text("place_code", "its code"),
            _text("label", "its label"),
            _text("ward?", "the ward, else the site, that its middle lies in"),
            _category("measure", "what can be done; empty where nothing is named against it"),
            _text("issues", "what it is against there: kinds of faults, and indicators"),
            _number("p_below", "0 to 1: how likely the surest of these is there; 1 for a fault that somebody named"),
            _number("people?", "walks of 10,000 that pass; NA where not known"),
            _number("cost?", "what it costs there, in the city's money; NA where it has no price"),
            _text("effect?", "what is known of its effect, in the city's words"),
            _flag("chosen", "whether the budget is spent on it"),
            _number("share_chosen", "0 to 1: how often it is chosen when what is unsure is drawn anew"),
            _category(
                "reason?", "why it is left out: no_measure, no_length, no_people or others_reach_more; NA where chosen"
            ),
        ),
    ),
    Table(
        "look_first",
        "a street where a look would tell most before a budget is spent; for the office alone",
        ("place_id",),
        (
            _category("place_id", "the segment"),
            _text("place_code", "its code"),
            _text("label", "its label"),
            _text("ward?", "the ward, else the site, that its middle lies in"),
            _count("rank", "1 for the first to look at"),
            _number("people", "walks of 10,000 that pass"),
            _number("p_below?", "0 to 1: how likely its condition is below the standard; NA where nobody looked"),
            _category("why", "nobody looked, few did (or long ago), or it is unsure: nobody, few or unsure"),
        ),
    ),
    Table(
        "changes",
        "how a place that two rounds of walks saw in the same light differs between them, for one indicator",
        ("place_id", "indicator", "light"),
        (
            _category("place_id", "the place"),
            _text("place_code", "its code"),
            _text("label", "its label"),
            _category("kind", "segment, space or stop"),
            _category("indicator", "an indicator, or score, or street_condition"),
            _category("light", "dark, day, twilight, or unrecorded where times are missing"),
            _category("campaign_before", "the first round; empty where forms name none"),
            _category("campaign_after", "the second round"),
            _number("n_before", "ratings of the first round; shared ratings count by their share"),
            _number("n_after", "ratings of the second round"),
            _count("contributors_before", "people behind them in the first round"),
            _count("contributors_after", "people behind them in the second round"),
            _count("answers_before", "forms behind them in the first round"),
            _count("answers_after", "forms behind them in the second round"),
            _number("before?", "mean of what was answered in the first round, 0 (worst) to 100 (best)"),
            _number("after?", "mean of what was answered in the second round"),
            _number("difference?", "after less before: above 0 it is better"),
            _number("low?", "lower end of the interval of the difference; NA where nothing is tested"),
            _number("high?", "upper end of the interval of the difference"),
            _number("p?", "how likely so large a difference is by chance alone; NA where nothing is tested"),
            _number("q?", "share of false ones to be expected among all that differ as clearly (false discovery rate)"),
            _flag("differs", "whether q is at most 0.05: more than chance, all places taken together"),
            _number("detectable?", "the smallest true difference that a test here would find four times in five"),
            _text("note", "why nothing is tested or told: too few auditors, people or forms; else empty"),
        ),
    ),
    Table(
        "mean_changes",
        "the mean change of the places of an area that two rounds of walks saw in the same light, for one indicator",
        ("area_id", "kind", "indicator", "light"),
        (
            _category("area_id", "the area"),
            _category("kind", "segment, space or stop: each place counts alike"),
            _category("indicator", "an indicator, or score, or street_condition"),
            _category("light", "dark, day, twilight, or unrecorded where times are missing"),
            _category("campaign_before", "the first round; empty where forms name none"),
            _category("campaign_after", "the second round"),
            _count("places", "places that both rounds saw"),
            _number("n_before", "ratings of the first round"),
            _number("n_after", "ratings of the second round"),
            _count("auditors_before", "auditors of the first round, an unknown group as one"),
            _count("auditors_after", "auditors of the second round"),
            _number("before?", "mean over the places in the first round, 0 (worst) to 100 (best)"),
            _number("after?", "mean over the places in the second round"),
            _number("difference?", "after less before: above 0 it is better"),
            _number("low?", "lower end of the interval of the difference; NA where nothing is tested"),
            _number("high?", "upper end of the interval of the difference"),
            _number("p?", "how likely so large a difference is by chance alone; NA where nothing is tested"),
            _number("q?", "share of false ones to be expected among all means that differ as clearly"),
            _flag("differs", "whether q is at most 0.05: more than chance, all means taken together"),
            _number("detectable?", "the smallest true mean difference that a test here would find four times in five"),
            _count("places_left", "places that the first round alone saw, in that light and for that indicator"),
            _number("before_left?", "their mean in the first round"),
            _flag(
                "worse_again", "whether the places seen again had been worse than those: part of a rise is then chance"
            ),
            _text("note", "why nothing is tested or told; else empty"),
        ),
    ),
    Table(
        "site_changes",
        "how upgrading sites changed beside comparison areas, for one kind of place, one indicator and one light",
        ("kind", "indicator", "light"),
        (
            _category("kind", "segment, space or stop"),
            _category("indicator", "an indicator, or score, or street_condition"),
            _category("light", "dark, day, twilight, or unrecorded where times are missing"),
            _count("sites", "upgrading sites with a place that both rounds saw"),
            _count("comparisons", "comparison areas with such a place"),
            _count("auditors", "auditors of both rounds in them"),
            _number("site_before?", "mean of the sites in the first round"),
            _number("comparison_before?", "mean of the comparison areas that the sites are matched with"),
            _number("site_difference?", "mean change of the sites"),
            _number("comparison_difference?", "mean change of the comparison areas that they are matched with"),
            _number("difference?", "change of the sites less that of their comparison areas; NA where only described"),
            _number("low?", "lower end of its interval"),
            _number("high?", "upper end of its interval"),
            _number("p?", "how likely so large a difference is by chance alone"),
            _text("note", "description only, and why; else empty"),
        ),
    ),
)

ORIGIN_FILE, ORIGIN_LINE, ORIGIN_PROBLEM = "_file_sha256", "_line", "_problem"
"""Columns of a file of rejected rows that say where a row comes from, and what is wrong with it."""

SCHEMA_VERSION = 9
"""Number of these declarations: raised when a result that was written with earlier ones cannot be read by them."""

WIDE_COLUMNS = ("fid", "geom", "light", "state", "n", "contributors", "latest", "newer", "level_0")
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
    return pd.DataFrame({c.name: pd.Series(dtype=DTYPES[c.kind]) for c in TABLES[name].columns})


def join_tables(parts: Sequence[pd.DataFrame], name: str) -> pd.DataFrame:
    """Return the rows of several tables of one declaration as one table.

    Parameters
    ----------
    parts
        Tables as `validate_table` returns them, none with the key of another.
    name
        A name in `TABLES`, of a table without geometry.
    """
    filled = [part for part in parts if len(part)]
    if len(filled) <= 1:
        return filled[0] if filled else empty_table(name)
    categories = [c.name for c in TABLES[name].columns if c.kind == "category"]
    return validate_table(pd.concat([part.astype(dict.fromkeys(categories, "str")) for part in filled]), name)


def validate_table(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the table as it is declared, or say what is wrong with it.

    Parameters
    ----------
    frame
        The table as a stage made it; it is not changed.
    name
        A name in `TABLES`.

    Returns
    -------
    The declared columns, each of its kind, sorted by key, with a fresh index. Columns that are of their kind
    already are not copied.

    Raises
    ------
    TableError
        A column is missing, too many or of another kind, a key is not unique, or a value that must be there is NA.
    """
    table = TABLES[name]
    _check_columns(frame, table)
    frame = _in_kinds(frame, table)
    if table.key and not _is_in_order(frame, table.key):
        frame = frame.sort_values(list(table.key), kind="stable")
        if frame.duplicated(list(table.key)).any():
            first = frame.loc[frame.duplicated(list(table.key)), list(table.key)].iloc[0].tolist()
            raise _fault(table, f"has the key {first} twice")
    in_order = list(frame.columns) == table.names
    return (frame if in_order else frame[table.names]).reset_index(drop=True)


def _in_kinds(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the table with every column of its declared kind."""
    changed = {}
    for column in table.columns:
        values = frame[column.name]
        missing = 0 if column.optional else int(values.isna().sum())
        if missing:
            raise _fault(table, f"has {missing} empty values in {column.name}")
        made = of_kind(values, column.kind)
        if made is None:
            raise _fault(table, f"has {values.dtype} in {column.name}, which is declared as {column.kind}")
        if made is not values:
            changed[column.name] = made
    return frame.assign(**changed) if changed else frame


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
