"""What may leave: the types that `publish` makes and public outputs read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame, GeoSeries

CHANGE_COLUMNS = [
    *("area_id", "what", "area", "area_kind", "kind", "indicator", "light", "before", "after"),
    *("verdict", "difference", "low", "high", "chance"),
]
"""Columns of `Public.changes`."""

GROUP_COLUMNS = ["what", "zone_kind", "zone", "indicator", "light", "split", "who", "score", "low", "high", "round"]
"""Columns of `Public.groups`."""

REACH_COLUMNS = [
    *("what", "category", "indicator", "light", "destinations", "counted", "same", "unit"),
    *("within", "reach", "low", "high", "round"),
]
"""Columns of `Public.reach`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicIndicator:
    """An indicator as the public sees it: `street_condition` or one that is public by place.

    `needs_dark` says that by day nobody can judge it.
    """

    name: str
    label: str
    question: str
    levels: tuple[str, ...]
    needs_dark: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicLayer:
    """A layer of evidence on the map: what the map says of segments, which is no audit.

    Attributes
    ----------
    name, label
        Its key, and its heading for people.
    steps
        Word for each value, from 1; 0 is "nothing of that".
    coverage
        0 to 1: share of the length of all segments for which the map says it.
    """

    name: str
    label: str
    steps: tuple[str, ...]
    coverage: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """What public outputs may show; made by `to_public` alone.

    Attributes
    ----------
    title
        Name of the city.
    slug
        The same, for file names.
    remarks
        Sentences that must stand on every output, such as "Simulated audits".
    as_of
        Quarter of the latest observation, such as "2026 Q3"; empty where times are unknown.
    attribution
        Whose data the places are.
    bands
        Words for the bands 0 (worst) to 3 (best).
    indicators
        What may be switched on, the first one on opening.
    places
        EPSG:4326: place_id, place_code, label, name (may be NA), kind (segment, space or stop), category (highway
        or category; may be NA), label_kind, label_name, label_from, label_to, label_near, label_mark (the parts of
        the label, as in table `segments`), geometry. Every place, audited or not, sorted.
    conditions
        What was seen, sparse: place_id, indicator, band (0-3), state (audited, few or stale),
        n (answers: "1-2", "3-4", "5 or more"), people (likewise: a group that agreed is its people), level (typical
        level chosen, 0-3; NA for street_condition, on other scales, of few people and of one form), level_0
        (bool, as in table `scores`; False where the level is not told), list
        (likely: below the standard with 0.8 and more; look: go and look; none), light (dark, day, twilight or
        unrecorded), quarter (such as "2026 Q2"; NA where unknown).
    coverage
        One row per indicator, light and kind: indicator, light, kind, seen (share 0-1 of length, area or stops).
    faults
        What can be mended, by place: place_id, kind (in words), agency (who can mend it; empty where nobody is
        named), n (as in conditions), quarter (of the last report), status (open, not_seen_again,
        agency_says_mended or old).
    changes
        What a second round of walks changed, by area: area_id, what (one word for kind, indicator and light), area (its
        name), area_kind (city, ward or site), kind (of place), indicator, light, before and after (the rounds; empty
        where they have no name), verdict (better, worse, unsure, or untold where nothing was tested), difference, low
        and high (whole points of 100; above 0 it is better; NA where untold), chance (whether part of a rise is chance:
        the places seen again had been worse than others).
    groups
        How groups of people who walked felt: what (one word for the group, indicator and light), zone_kind (city or
        kind), zone (a kind of place), indicator, light, split (sex, age, disability or role), who, score, low and high
        (whole points of 100, with the interval), round (empty where it has no name).
    reach
        Who reaches a stop, toilet, school or market along streets that meet the standard, of the whole city: what (one
        word for category and indicator), category, indicator, light, destinations (on the map), counted (those that the
        figures are of), same (whether day and dark are of the same), unit (people, or m of streets), within, reach, low
        and high (rounded to 10 people or 100 m), round (empty where it has no name).
    layers
        Layers of evidence; none after a quick run.
    evidence
        place_id of every segment and a column for each layer: its step, 0 for nothing, -1 for not known.
    lamps
        EPSG:4326: the lamps on the map, points; empty where there are no layers.
    lamp_coverage
        0 to 1: share of the length of all segments near which lamps are mapped at all.
    areas
        EPSG:4326: area_id, name, kind (ward or site) and geometry, by name: drawn and found; what is said of them is in
        `changes` alone.
    localities
        EPSG:4326: name, category (suburb, village, neighbourhood ...) and geometry (points) of the parts of the city.
    backdrop
        EPSG:4326: kind (building, water, green, rail or road) and geometry.
    """

    title: str
    slug: str
    remarks: tuple[str, ...]
    as_of: str
    attribution: str
    bands: tuple[str, ...]
    indicators: tuple[PublicIndicator, ...]
    places: GeoDataFrame
    conditions: pd.DataFrame
    coverage: pd.DataFrame
    faults: pd.DataFrame
    changes: pd.DataFrame
    groups: pd.DataFrame
    reach: pd.DataFrame
    layers: tuple[PublicLayer, ...]
    evidence: pd.DataFrame
    lamps: GeoSeries
    lamp_coverage: float
    areas: GeoDataFrame
    localities: GeoDataFrame
    backdrop: GeoDataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class ToMend:
    """What agencies and halls are handed: made by `to_agencies` alone.

    Attributes
    ----------
    title, remarks
        Name of the city, and sentences that must stand on everything.
    actions
        Table `actions`, what is closed left out, with near_m (metres, to 10) and near (the junction with which street
        it is so far from), both NA where nobody is to mend it, or nobody agreed to that; lon and lat of the place's
        middle (NA where it is gone).
    discussions
        ward (may be NA), label, place_code and reports of places where vendors or residents were named.
    hall
        place_code, label, agree, correction, votes, met_on and reference of what halls said so far.
    """

    title: str
    remarks: tuple[str, ...]
    actions: pd.DataFrame
    discussions: pd.DataFrame
    hall: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRecord:
    """What is remembered of a release, in private, so that a later one tells nobody's walk by what differs.

    Attributes
    ----------
    number
        1 for the first.
    manifest
        What the release says of itself, as it stands beside the map: plain values.
    conditions, faults, changes, groups, reach
        As in `Public`.
    behind
        The forms that each row rests on: place_id (of a change the area_id), what (an indicator and light, a fault in
        words, or a change), submission_id; "groups" and a group for what was last told of each, "reach" and what. A row
        that was held back is here with the forms that stood behind what is shown instead.
    """

    number: int
    manifest: Mapping[str, Any]
    conditions: pd.DataFrame
    faults: pd.DataFrame
    changes: pd.DataFrame
    groups: pd.DataFrame
    reach: pd.DataFrame
    behind: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A publication, before it is written: what it shows and what it must remember.

    Attributes
    ----------
    public
        What it shows.
    before
        What is remembered of the release before; None for the first.
    behind
        As in `ReleaseRecord`.
    fresh
        What is new behind its rows since the release before, or all of it: as from `forms_behind`.
    held
        Rows that stay as they were released, or unshown: what is new behind them would tell a walk.
    withdrawn
        Rows behind which something was withdrawn since.
    """

    public: Public
    before: ReleaseRecord | None
    behind: pd.DataFrame
    fresh: pd.DataFrame
    held: int
    withdrawn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was looked at in one light, by the indicator that the map opens on.

    Attributes
    ----------
    light
        dark, day, twilight or unrecorded.
    km, km_by_band
        Length of streets: in all, and in the bands 0 (worst) to 3 (best).
    places, few
        Places, and those of them that too few people saw to be judged.
    likely, look
        Places that are likely below the standard, and those to go and look at.
    surest
        Label and code of those most surely below it.
    """

    light: str
    km: float
    km_by_band: tuple[float, ...]
    places: int
    few: int
    likely: int
    look: int
    surest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a run found, in a few figures that may be shown.

    Attributes
    ----------
    indicator
        What the bands are of, for people; empty where nothing was rated.
    street_km
        Length of all streets.
    seen
        What was looked at, for each light.
    faults
        What can be mended: agency (None where nobody is named), kind and number of places.
    """

    indicator: str
    street_km: float
    seen: tuple[Seen, ...]
    faults: tuple[tuple[str | None, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One round of walks in numbers.

    Attributes
    ----------
    name
        As the settings call it, else by its number; empty for forms without a campaign.
    since, until
        Quarters of its first and last form, such as "2026 Q1"; empty where unknown.
    forms, walks, people
        How many there are; people at least: of each contributor the largest group, each once.
    """

    name: str
    since: str
    until: str
    forms: int
    walks: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What two rounds differ in.

    Attributes
    ----------
    before, after
        Their names.
    places, tests, differing
        Places seen in both in the same light, comparisons that could be tested, and those that differ surely.
    means
        Of the streets of the city: indicator, light, difference, low and high, on 0-100.
    """

    before: str
    after: str
    places: int
    tests: int
    differing: int
    means: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the one page says that an office prints or sends: made by `to_report` alone.

    Attributes
    ----------
    title, remarks, attribution, as_of
        As in `Public`.
    indicator
        Of what the findings are; empty where nothing was rated.
    walked
        Each round, from the earliest.
    people
        Field (such as auditor_sex), answer and number of people, of groups of ten and more.
    findings
        What was found.
    read, rejected
        Rows of all files, and those of them that were not accepted.
    changed
        None where nothing was compared.
    day_dark
        Of the city's streets that the latest round saw in both lights: indicator, places, day, dark, low and high.
    night_reach
        The table of this name, of the latest round.
    actions
        As in `ToMend`, what is reported most first.
    """

    title: str
    remarks: tuple[str, ...]
    attribution: str
    as_of: str
    indicator: str
    walked: tuple[Walked, ...]
    people: tuple[tuple[str, str, int], ...]
    findings: Findings
    read: int
    rejected: int
    changed: Changed | None
    day_dark: pd.DataFrame
    night_reach: pd.DataFrame
    actions: pd.DataFrame
