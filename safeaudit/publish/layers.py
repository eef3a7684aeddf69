"""What the map says of every segment, as layers to switch on: evidence, and the lamps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.crs import WGS84
from safeaudit.languages import REFERENCE, read_language
from safeaudit.tables.public import PublicLayer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoSeries
    from numpy.typing import NDArray

    from safeaudit.tables import AuditResult

_WORD_LAYERS: Mapping[str, Sequence[tuple[str, Sequence[str]]]] = {
    "lit": (("lit", ("yes",)), ("lit", ("limited",)), ("lit", ("disused",)), ("lit", ("no",))),
    "ways_out": (("only_way", ("yes",)), ("dead_end", ("yes",))),
    "closed_in": (("enclosure", ("covered",)), ("steps", ("yes",)), ("enclosure", ("underpass", "tunnel"))),
}
"""Layers of the map that show words of the evidence: for each step the measure and its words."""

_DISTANCE_LAYERS = {"stop_distance": "stop_distance_m", "toilet_distance": "toilet_distance_m"}
_DISTANCE_CUTS_M = (200, 400, 800)


def public_layers(result: AuditResult) -> tuple[PublicLayer, ...]:
    """Return the layers that anything is known for."""
    if result.evidence.empty:
        return ()
    measures = {name: steps[0][0] for name, steps in _WORD_LAYERS.items()} | _DISTANCE_LAYERS
    layers = (_layer(name, coverage=known_share(result, measure)) for name, measure in measures.items())
    return tuple(layer for layer in layers if layer.coverage > 0)


def _layer(name: str, coverage: float) -> PublicLayer:
    """Return a layer with its words."""
    english = read_language(REFERENCE)
    head = "distance" if name in _DISTANCE_LAYERS else name
    count = len(_WORD_LAYERS[name]) if name in _WORD_LAYERS else len(_DISTANCE_CUTS_M) + 1
    steps = tuple(english[f"layer.{head}.{step}"] for step in range(1, count + 1))
    return PublicLayer(name=name, label=english[f"layer.{name}.label"], steps=steps, coverage=coverage)


def known_share(result: AuditResult, measure: str) -> float:
    """Return the share of the length of all segments that a measure covers."""
    segments = result.places.segments
    if result.evidence.empty:
        return 0.0
    coverage = _told(result, measure)["coverage"].reindex(segments["place_id"]).fillna(0.0).to_numpy()
    length = segments["length_m"].to_numpy()
    return float((coverage * length).sum() / length.sum()) if len(length) else 0.0


def evidence_steps(result: AuditResult, layers: Sequence[PublicLayer]) -> pd.DataFrame:
    """Return the step of every segment in each layer."""
    ids = result.places.segments["place_id"]
    columns = {layer.name: _steps(result, layer.name, ids) for layer in layers}
    return pd.DataFrame({"place_id": ids, **columns})


def public_lamps(result: AuditResult) -> GeoSeries:
    """Return where lamps stand, as the map says; none after a quick run."""
    features = result.places.features
    shown = features[(features["kind"] == "lamp") & (not result.evidence.empty)]
    return shown.geometry.to_crs(WGS84).reset_index(drop=True)


def _told(result: AuditResult, measure: str) -> pd.DataFrame:
    """Return what a measure says, by place."""
    rows = result.evidence[result.evidence["name"] == measure]
    return rows.set_index("place_id")


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
