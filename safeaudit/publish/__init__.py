"""What may leave: the one door between what is known and what is shown to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from safeaudit.contributors import faults_by_place, of_campaign, walk_keys
from safeaudit.coverage import bands, coverage, place_sizes, quarters
from safeaudit.crs import WGS84
from safeaudit.languages import REFERENCE, read_language
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

_WORD_LAYERS: Mapping[str, Sequence[tuple[str, Sequence[str]]]] = {
    "lit": (("lit", ("yes",)), ("lit", ("limited",)), ("lit", ("disused",)), ("lit", ("no",))),
    "ways_out": (("only_way", ("yes",)), ("dead_end", ("yes",))),
    "closed_in": (("enclosure", ("covered",)), ("steps", ("yes",)), ("enclosure", ("underpass", "tunnel"))),
}
"""Layers of the map that show words of the evidence: for each step the measure and its words."""

_DISTANCE_LAYERS = {"stop_distance": "stop_distance_m", "toilet_distance": "toilet_distance_m"}
_DISTANCE_CUTS_M = (200, 400, 800)


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
        remarks=tuple(filter(None, [result.remark, _campaign(result)])),
        as_of=quarters(shown["latest_at"]).max() if shown["latest_at"].notna().any() else "",
        attribution=result.places.attribution,
        bands=read_language(REFERENCE).bands,
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
    return rows[rows["place_id"].map(_walks(result)).fillna(0) >= settings.min_walks]


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


def _campaign(result: AuditResult) -> str:
    said = read_language(REFERENCE)["remark.campaign"]
    return said.replace("{campaign}", result.campaign) if result.campaign else ""


def _indicators(result: AuditResult, shown: pd.DataFrame) -> tuple[PublicIndicator, ...]:
    """Return what can be switched on: the street condition first, or else the best-answered indicator."""
    answered = shown["indicator"].value_counts()
    english = read_language(REFERENCE)
    words = {i.name: english.indicator_words(i) for i in result.rubric.indicators}
    every = ", ".join(words[name].label.lower() for name in result.rubric.street_condition)
    mean = PublicIndicator(
        name=STREET_CONDITION,
        label=english["street_condition.label"],
        question=english["street_condition.question"].replace("{list}", every),
        levels=(),
    )
    single = [
        PublicIndicator(name=name, label=words[name].label, question=words[name].question, levels=words[name].levels)
        for name in result.rubric.names
        if name in result.rubric.street_condition and name in answered
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


def _counted(n: pd.Series[float]) -> NDArray[np.object_]:
    words = [word for word, _ in _N_CLASSES]
    many = read_language(REFERENCE)["count.many"]
    return np.select([n < upper for _, upper in _N_CLASSES], words, default=many).astype(object)


def _faults(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return what can be mended: by place, never by fix, and from those submissions alone that may be shown."""
    submissions = publishable(of_campaign(result.audits.submissions, result.campaign))
    found = _on_walks(faults_by_place(result.faults, submissions), result, settings)
    words = read_language(REFERENCE).answers("faults")
    return pd.DataFrame(
        {
            "place_id": found["place_id"],
            "kind": found["kind"].map(lambda kind: words.get(kind, kind)),
            "agency": found["agency"].astype(object).fillna(""),
            "n": _counted(found["reports"]),
            "quarter": quarters(found["latest_at"]),
        }
    ).reset_index(drop=True)


def _layers(result: AuditResult) -> tuple[PublicLayer, ...]:
    """Return the layers that anything is known for."""
    if result.evidence.empty:
        return ()
    measures = {name: steps[0][0] for name, steps in _WORD_LAYERS.items()} | _DISTANCE_LAYERS
    layers = (_layer(name, coverage=_known(result, measure)) for name, measure in measures.items())
    return tuple(layer for layer in layers if layer.coverage > 0)


def _layer(name: str, coverage: float) -> PublicLayer:
    """Return a layer with its words."""
    english = read_language(REFERENCE)
    head = "distance" if name in _DISTANCE_LAYERS else name
    count = len(_WORD_LAYERS[name]) if name in _WORD_LAYERS else len(_DISTANCE_CUTS_M) + 1
    steps = tuple(english[f"layer.{head}.{step}"] for step in range(1, count + 1))
    return PublicLayer(name=name, label=english[f"layer.{name}.label"], steps=steps, coverage=coverage)


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
    return rows.astype({"place_id": object, "label": object}).set_index("place_id")


def _evidence(result: AuditResult, layers: Sequence[PublicLayer]) -> pd.DataFrame:
    ids = result.places.segments["place_id"]
    columns = {layer.name: _steps(result, layer.name, ids) for layer in layers}
    return pd.DataFrame({"place_id": ids, **columns})


def _steps(result: AuditResult, layer: str, ids: pd.Series[str]) -> NDArray[np.int64]:
    """Return the step of each segment in a layer; 0 where there is nothing of that, -1 where it is not known."""
    if layer in _DISTANCE_LAYERS:
        metres = _told(result, _DISTANCE_LAYERS[layer])["value"].reindex(ids).to_numpy()
        return np.where(np.isnan(metres), -1, 1 + np.searchsorted(_DISTANCE_CUTS_M, metres))
    step = np.full(len(ids), -1)
    for number, (measure, words) in enumerate(_WORD_LAYERS[layer], start=1):
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
