"""What may leave: the one door between what is known and what is shown to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from safeaudit.campaigns import of_campaign
from safeaudit.contributors import walk_keys
from safeaudit.coverage import bands, coverage, place_sizes
from safeaudit.crs import WGS84
from safeaudit.rubric import BANDS

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult

STREET_CONDITION = "street_condition"
_BACKDROP = ("building", "water", "green", "rail", "road")
_N_CLASSES = (("1-2", 3), ("3-4", 5))
_KINDS = {"segments": "segment", "spaces": "space", "stops": "stop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicIndicator:
    """An indicator as the public sees it: `street_condition` or one that is public by place."""

    name: str
    label: str
    question: str
    levels: tuple[str, ...]


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
        EPSG:4326: place_id, place_code, kind (segment, space or stop), category (highway or
        category; may be NA), name (may be NA), geometry. Every place, audited or not, sorted.
    conditions
        What was seen, sparse: place_id, indicator, band (0-3), state (audited, few or stale),
        n ("1-2", "3-4", "5 or more"), level (typical level chosen, 0-3; NA for street_condition and on other
        scales), level_0 (bool, as in table `scores`), light (dark, day, twilight or unrecorded),
        quarter (such as "2026 Q2"; NA where unknown).
    coverage
        One row per indicator and kind: indicator, kind, seen (share 0-1 of length, area or stops),
        band_1 ... band_4 (shares of what was seen).
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
    backdrop: GeoDataFrame


def publishable(submissions: GeoDataFrame) -> GeoDataFrame:
    """Return the submissions whose consent lets their conditions be shown.

    Parameters
    ----------
    submissions
        Table `submissions`; consent is analysis, conditions or public.
    """
    return submissions[submissions["consent"].isin(("conditions", "public"))].reset_index(drop=True)


def to_public(result: AuditResult, settings: PublishSettings) -> Public:
    """Let through what may be shown to everybody, and nothing else.

    By place: the indicators that are public by place and their mean, in bands, with n in classes and
    dates by quarter. Never: people, security, gender usage, the full score or feeling by place; any
    point, time, note or auditor; a submission whose consent says analysis.

    Parameters
    ----------
    result
        What the run found out; its `open_scores` rest on `publishable` submissions alone.
    settings
        What the community decided to hold back.

    Returns
    -------
    The one type that public outputs accept.
    """
    names = [STREET_CONDITION, *result.rubric.street_condition]
    shown = _shown(result, settings, names)
    return Public(
        title=result.title,
        slug=result.slug,
        remarks=tuple(filter(None, [result.remark, result.campaign and f"Campaign: {result.campaign}"])),
        as_of=_quarters(shown["latest_at"]).max() if shown["latest_at"].notna().any() else "",
        attribution=result.places.attribution,
        bands=BANDS,
        indicators=_indicators(result, shown),
        places=_places(result),
        conditions=_conditions(shown),
        coverage=_coverage(result, shown),
        backdrop=_backdrop(result),
    )


def walk_warnings(result: AuditResult, settings: PublishSettings) -> tuple[str, ...]:
    """Warn where a shown street would tell the way of one walk to whoever knows who walked."""
    walks = _walks(result)
    alone = int((walks == 1).sum())
    if settings.min_walks > 1 or not alone:
        return ()
    what = f"{alone} places were seen on one walk only: who knows who walked can read that walk's way from the map."
    return (f"{what} To hold them back, write min_walks = 2 under [publish].",)


def _shown(result: AuditResult, settings: PublishSettings, names: list[str]) -> pd.DataFrame:
    scores = result.open_scores
    shown = scores[scores["headline"] & scores["indicator"].isin(names)]
    return shown[shown["place_id"].map(_walks(result)).fillna(0) >= settings.min_walks]


def _walks(result: AuditResult) -> pd.Series[int]:
    """Return the number of walks that each place was seen on, of those that may be shown."""
    submissions = publishable(of_campaign(result.audits.submissions, result.campaign))
    walks = pd.DataFrame({"submission_id": submissions["submission_id"], "walk": walk_keys(submissions)})
    return (
        result.matches[["submission_id", "place_id"]]
        .merge(walks, on="submission_id")
        .groupby("place_id")["walk"]
        .nunique()
    )


def _indicators(result: AuditResult, shown: pd.DataFrame) -> tuple[PublicIndicator, ...]:
    """Return what can be switched on: the street condition first, or else the best-answered indicator."""
    answered = shown["indicator"].value_counts()
    mean = PublicIndicator(
        name=STREET_CONDITION,
        label="Street condition",
        question="All of these together: "
        + ", ".join(result.rubric[n].label.lower() for n in result.rubric.street_condition),
        levels=(),
    )
    single = [
        PublicIndicator(name=i.name, label=i.label, question=i.question, levels=i.levels)
        for i in result.rubric.indicators
        if i.name in result.rubric.street_condition and i.name in answered
    ]
    if STREET_CONDITION in answered and answered[STREET_CONDITION] * 2 >= answered.max():
        return (mean, *single)
    ordered = sorted(single, key=lambda indicator: -answered[indicator.name])
    return (*ordered, mean) if STREET_CONDITION in answered else tuple(ordered)


def _places(result: AuditResult) -> GeoDataFrame:
    frames = []
    for table, kind in _KINDS.items():
        frame = getattr(result.places, table)
        category = frame["highway"] if kind == "segment" else frame["category"]
        columns = {"place_id": frame["place_id"], "place_code": frame["place_code"], "name": frame["name"]}
        shapes = frame.geometry.to_crs(WGS84)
        frames.append(gpd.GeoDataFrame({**columns, "kind": kind, "category": category}, geometry=shapes, crs=WGS84))
    return pd.concat(frames, ignore_index=True)


def _conditions(shown: pd.DataFrame) -> pd.DataFrame:
    counted = np.select(
        [shown["n"] < upper for _, upper in _N_CLASSES], [word for word, _ in _N_CLASSES], default="5 or more"
    )
    return pd.DataFrame(
        {
            "place_id": shown["place_id"],
            "indicator": shown["indicator"],
            "band": bands(shown["score"]),
            "state": shown["state"],
            "n": counted.astype(object),
            "level": shown["level_seen"],
            "level_0": shown["level_0"],
            "light": shown["group"],
            "quarter": _quarters(shown["latest_at"]),
        }
    ).reset_index(drop=True)


def _quarters(times: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    return (times.dt.year.astype("Int64").astype(str) + " Q" + times.dt.quarter.astype("Int64").astype(str)).where(
        times.notna()
    )


def _coverage(result: AuditResult, shown: pd.DataFrame) -> pd.DataFrame:
    found = coverage(shown, place_sizes(result.places), ["indicator", "kind"])
    return found.rename(columns={"coverage": "seen"})


def _backdrop(result: AuditResult) -> GeoDataFrame:
    features = result.places.features
    chosen = features.loc[features["kind"].isin(_BACKDROP), ["kind", "geometry"]]
    return chosen.to_crs(WGS84).reset_index(drop=True)
