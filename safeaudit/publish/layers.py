"""What the map says of every segment, as layers to switch on: evidence, and the lamps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.crs import WGS84
from safeaudit.tables.public import PublicLayer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoSeries
    from numpy.typing import NDArray

    from safeaudit.tables import AuditResult

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


def public_layers(result: AuditResult) -> tuple[PublicLayer, ...]:
    """Return the layers that anything is known for."""
    if result.evidence.empty:
        return ()
    words = [
        PublicLayer(
            name=name, label=label, steps=tuple(s for s, _, _ in steps), coverage=known_share(result, steps[0][1])
        )
        for name, (label, steps) in _WORD_LAYERS.items()
    ]
    distances = [
        PublicLayer(name=name, label=label, steps=_DISTANCE_STEPS, coverage=known_share(result, measure))
        for name, (label, measure) in _DISTANCE_LAYERS.items()
    ]
    return tuple(layer for layer in (*words, *distances) if layer.coverage > 0)


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
    return rows.astype({"place_id": object, "label": object}).set_index("place_id")


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
