"""What may leave: the one door between what is known and what is shown to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from safeaudit.contributors import faults_by_place, of_campaign, walk_keys
from safeaudit.coverage import bands, coverage, place_sizes, quarters
from safeaudit.crs import WGS84
from safeaudit.languages import read
from safeaudit.rubric import BANDS
from safeaudit.tables.public import Public, PublicIndicator, PublicLayer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult

STREET_CONDITION = "street_condition"
_BACKDROP = ("building", "water", "green", "rail", "road")
_N_CLASSES = (("1-2", 3), ("3-4", 5))
_KINDS = {"segments": "segment", "spaces": "space", "stops": "stop"}

_WORD_LAYERS: Mapping[str, tuple[str, Sequence[tuple[str, str, Sequence[str]]]]] = {
    "lit": (
        "Lit, says the map",
        (
            ("lit", "lit", ("yes",)),
            ("lit for some hours", "lit", ("limited",)),
            ("lamps out of use", "lit", ("disused",)),
            ("not lit", "lit", ("no",)),
        ),
    ),
    "ways_out": (
        "Dead ends",
        (("the only way through", "only_way", ("yes",)), ("dead end", "dead_end", ("yes",))),
    ),
    "closed_in": (
        "Stairs and underpasses",
        (
            ("covered", "enclosure", ("covered",)),
            ("stairs", "steps", ("yes",)),
            ("underpass or tunnel", "enclosure", ("underpass", "tunnel")),
        ),
    ),
}
"""Layers of the map that show words of the evidence: label, and for each step its word, the measure and its words."""

_DISTANCE_LAYERS = {
    "stop_distance": ("Walk to the nearest stop", "stop_distance_m"),
    "toilet_distance": ("Walk to the nearest public toilet", "toilet_distance_m"),
}
_DISTANCE_CUTS_M = (200, 400, 800)
_DISTANCE_STEPS = ("up to 200 m", "200 to 400 m", "400 to 800 m", "farther than 800 m")


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
    layers = _layers(result)
    return Public(
        title=result.title,
        slug=result.slug,
        remarks=tuple(filter(None, [result.remark, result.campaign and f"Campaign: {result.campaign}"])),
        as_of=quarters(shown["latest_at"]).max() if shown["latest_at"].notna().any() else "",
        attribution=result.places.attribution,
        bands=BANDS,
        indicators=_indicators(result, shown),
        places=_places(result),
        conditions=_conditions(shown),
        coverage=_coverage(result, shown),
        faults=_faults(result, settings),
        layers=layers,
        evidence=_evidence(result, layers),
        lamps=_lamps(result),
        lamp_coverage=_known(result, "lamps_per_100_m"),
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
    return _on_walks(shown, result, settings)


def _on_walks(rows: pd.DataFrame, result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the rows of places that enough walks have seen; one has seen each of them."""
    if settings.min_walks == 1 or rows.empty:
        return rows
    walks = _walks(result)
    return rows[rows["place_id"].isin(walks.index[walks >= settings.min_walks])]


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
    answered = shown["indicator"].astype("str").value_counts()
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
    return pd.DataFrame(
        {
            "place_id": shown["place_id"],
            "indicator": shown["indicator"],
            "band": bands(shown["score"]),
            "state": shown["state"],
            "n": _counted(shown["n"]),
            "level": shown["level_seen"],
            "level_0": shown["level_0"],
            "light": shown["group"],
            "quarter": quarters(shown["latest_at"]),
        }
    ).reset_index(drop=True)


def _counted(n: pd.Series[float]) -> NDArray[np.str_]:
    words = [word for word, _ in _N_CLASSES]
    return np.select([n < upper for _, upper in _N_CLASSES], words, default="5 or more")


def _faults(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return what can be mended: by place, never by fix, and from those submissions alone that may be shown."""
    submissions = publishable(of_campaign(result.audits.submissions, result.campaign))
    found = _on_walks(faults_by_place(result.faults, submissions), result, settings)
    words = read("en").choices("faults")
    return pd.DataFrame(
        {
            "place_id": found["place_id"],
            "kind": found["kind"].astype("str").map(lambda kind: words.get(kind, kind)),
            "agency": found["agency"].astype("str").fillna(""),
            "n": _counted(found["reports"]),
            "quarter": quarters(found["latest_at"]),
        }
    ).reset_index(drop=True)


def _layers(result: AuditResult) -> tuple[PublicLayer, ...]:
    """Return the layers that anything is known for."""
    if result.evidence.empty:
        return ()
    words = [
        PublicLayer(name=name, label=label, steps=tuple(s for s, _, _ in steps), coverage=_known(result, steps[0][1]))
        for name, (label, steps) in _WORD_LAYERS.items()
    ]
    distances = [
        PublicLayer(name=name, label=label, steps=_DISTANCE_STEPS, coverage=_known(result, measure))
        for name, (label, measure) in _DISTANCE_LAYERS.items()
    ]
    return tuple(layer for layer in (*words, *distances) if layer.coverage > 0)


def _known(result: AuditResult, measure: str) -> float:
    """Return the share of the length of all segments that a measure covers."""
    segments = result.places.segments
    if result.evidence.empty:
        return 0.0
    coverage = _told(result, measure)["coverage"].reindex(segments["place_id"]).fillna(0.0).to_numpy()
    length = segments["length_m"].to_numpy()
    return float((coverage * length).sum() / length.sum()) if len(length) else 0.0


def _told(result: AuditResult, measure: str) -> pd.DataFrame:
    """Return what a measure says, by place."""
    rows = result.evidence[result.evidence["name"] == measure]
    return rows.set_index("place_id")


def _evidence(result: AuditResult, layers: Sequence[PublicLayer]) -> pd.DataFrame:
    ids = result.places.segments["place_id"]
    columns = {layer.name: _steps(result, layer.name, ids) for layer in layers}
    return pd.DataFrame({"place_id": ids, **columns})


def _steps(result: AuditResult, layer: str, ids: pd.Series[str]) -> NDArray[np.int64]:
    """Return the step of each segment in a layer; 0 where there is nothing of that, -1 where it is not known."""
    if layer in _DISTANCE_LAYERS:
        metres = _told(result, _DISTANCE_LAYERS[layer][1])["value"].reindex(ids).to_numpy()
        return np.where(np.isnan(metres), -1, 1 + np.searchsorted(_DISTANCE_CUTS_M, metres))
    step = np.full(len(ids), -1)
    for number, (_, measure, words) in enumerate(_WORD_LAYERS[layer][1], start=1):
        told = _told(result, measure).reindex(ids)
        known = (told["coverage"] > 0).to_numpy()
        step[known & (step < 0)] = 0
        step[known & told["label"].isin(words).to_numpy()] = number
    return step


def _lamps(result: AuditResult) -> gpd.GeoSeries:
    features = result.places.features
    shown = features[(features["kind"] == "lamp") & (len(result.evidence) > 0)]
    return shown.geometry.to_crs(WGS84).reset_index(drop=True)


def _coverage(result: AuditResult, shown: pd.DataFrame) -> pd.DataFrame:
    found = coverage(shown, place_sizes(result.places), ["indicator", "kind"])
    return found.rename(columns={"coverage": "seen"})


def _backdrop(result: AuditResult) -> GeoDataFrame:
    features = result.places.features
    chosen = features.loc[features["kind"].isin(_BACKDROP), ["kind", "geometry"]]
    return chosen.to_crs(WGS84).reset_index(drop=True)
