"""office/planning.gpkg: every place with what was seen of it and how sure that is, for the planning office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.outputs.parts import beside, geopackage
from safeaudit.outputs.parts.styles import changes_qml, qml
from safeaudit.outputs.parts.wide import headline, seen_alone, with_values
from safeaudit.rubric import COMPOSITES
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from safeaudit.languages import Language
    from safeaudit.rubric import Rubric
    from safeaudit.tables import AuditResult

_GEOMETRY_TYPES = {
    "segments": "LineString",
    "spaces": "MultiPolygon",
    "stops": "Point",
    "areas": "MultiPolygon",
    "evidence_segments": "LineString",
    "evidence_stops": "Point",
    "stretches": "MultiLineString",
    "faults": "Point",
    "changes": "Point",
    "reach_by_destination": "Point",
}
_STYLED = ("segments", "spaces", "stops", "areas")
_ROWS = {
    "evidence_segments": "what the map and the rasters say about a segment; never an audit",
    "evidence_spaces": "what the map and the rasters say about a space; never an audit",
    "evidence_stops": "what the map and the rasters say about a stop; never an audit",
    "measures": "what one measure of evidence is",
    "faults": "a fault that people reported at a place, drawn at the middle of the place",
}
_HEAD = {column.name: column.meaning for column in TABLES["segments"].columns[:4]}
_MEANINGS = {
    "score": "audit condition index, 0 (worst) to 100 (best), in the light of the column light; not crime risk",
    "score_low": "lower end of the interval of the score",
    "score_high": "upper end of the interval of the score",
    "state": "audited, few, stale, estimated or not_audited",
    "light": "light in which it was seen: dark where it was audited in the dark, else day",
    "n": "ratings behind it; ratings shared among places count by their share",
    "contributors": "people behind it: distinct auditors, a group that agreed as its people",
    "latest": "quarter of the latest rating",
    "newer": "quarter of a newer round that too few people made to be shown",
    "level_0": "indicators for which at least half of the ratings chose level 0",
}


def write(result: AuditResult, language: Language, target: Path) -> None:
    """Write the planning office's GeoPackage: places, areas and tables, with QGIS styles.

    No submission, point, note, auditor, nor time finer than the quarter goes in.

    Parameters
    ----------
    result
        What a run found out, as `publish.to_office` lets it through.
    language
        The city's language: the legend, and what is told of measures.
    target
        Where the GeoPackage shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    head = headline(result)
    frames = {
        "segments": with_values(result.places.segments, head, result.rubric),
        "spaces": with_values(result.places.spaces, head, result.rubric),
        "stops": with_values(result.places.stops, head, result.rubric),
        "areas": result.places.areas,
        **beside.evidence_layers(result),
        "measures": beside.measures_table(result, language),
        "stretches": beside.stretches_layer(result),
        "faults": beside.faults_layer(result),
        "actions": result.actions,
        "summaries": result.summaries,
        "access": result.access,
        "agreement": result.agreement,
        "skill": result.skill,
        "calibration": result.calibration,
        "feelings": result.feelings,
        "group_answers": result.group_answers,
        "standardised_answers": result.standardised_answers,
        "group_gaps": result.group_gaps,
        "group_spread": result.group_spread,
        "day_dark": result.day_dark,
        "night_reach": result.night_reach,
        "reach_by_destination": beside.destinations_layer(result),
        "changes": beside.changes_layer(result),
        "mean_changes": result.mean_changes,
        "site_changes": result.site_changes,
    }
    column = shown_column(seen_alone(head), result.rubric)
    layers = [
        _layer(name, frame, result, _style(name, frame, result, column, language), language)
        for name, frame in frames.items()
    ]
    geopackage.write(target, layers, latest=result.scores["latest_at"].max())


def shown_column(head: pd.DataFrame, rubric: Rubric) -> str:
    """Return the column that colours the map: the score, else street condition, else what was answered most."""
    rated = head["indicator"][head["score"].notna()].value_counts()
    for name in COMPOSITES:
        if rated.get(name, 0):
            return name
    return max(rubric.names, key=lambda name: rated.get(name, 0))


def write_changes(result: AuditResult, language: Language, target: Path) -> None:
    """Write what changed between the rounds of two projects as a GeoPackage of its own, with its style.

    Parameters
    ----------
    result
        The later one with the tables of changes, as `publish.to_office` lets it through.
    language
        The city's language: the legend, and what is told of measures.
    target
        Where the GeoPackage shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    frames = {
        "changes": beside.changes_layer(result),
        "mean_changes": result.mean_changes,
        "site_changes": result.site_changes,
    }
    layers = [
        _layer(name, frame, result, _style(name, frame, result, "", language), language)
        for name, frame in frames.items()
    ]
    geopackage.write(target, layers, latest=result.scores["latest_at"].max())


def _style(name: str, frame: pd.DataFrame, result: AuditResult, column: str, words: Language) -> str:
    """Return the style of a layer, coloured by `column`; empty for what has none."""
    if name == "changes":
        return changes_qml(beside.shown_changes(result.changes), words, result.rubric) if len(frame) else ""
    return qml(_shape(name, frame), column, words, result.rubric) if name in _STYLED else ""


def _shape(name: str, frame: pd.DataFrame) -> str:
    """Return the name of a layer as styles know it: spaces may be areas alone, or points too."""
    return "spaces_mixed" if name == "spaces" and (frame.geom_type == "Point").any() else name


def _layer(name: str, frame: pd.DataFrame, result: AuditResult, style: str, words: Language) -> geopackage.Layer:
    """Return a layer with its words from the data dictionary, which is English."""
    campaign = result.campaign and f"{words['remark.campaign']}.".replace("{campaign}", result.campaign)
    remarks = (f"A row is {_ROWS.get(name) or TABLES[name].row}.", result.remark, campaign, result.places.attribution)
    return geopackage.Layer(
        name=name,
        title=f"{result.title}: {name}",
        description=" ".join(filter(None, remarks)),
        frame=frame,
        meanings=_meanings(result, name, words),
        geometry_type=_GEOMETRY_TYPES.get(_shape(name, frame), "Geometry"),
        style=style,
    )


def _meanings(result: AuditResult, name: str, words: Language) -> dict[str, str]:
    """Return what the columns of a layer mean."""
    if name.startswith("evidence_"):
        told = {m.name: f"{words[m.key]} {m.unit}".strip() for m in result.measures}
        return told | {f"{key}_coverage": f"0 to 1: how much of what {key} needs was mapped" for key in told} | _HEAD
    own = {column.name: column.meaning for column in TABLES[name].columns} if name in TABLES else {}
    if name == "faults":
        return _HEAD | own
    return _wide_meanings(result.rubric, words) | own


def _wide_meanings(rubric: Rubric, words: Language) -> dict[str, str]:
    """Return what the wide columns mean."""
    heads = {"street_condition": "Mean of what may be shown by place"}
    heads |= {indicator.name: words.indicator_words(indicator).question for indicator in rubric.indicators}
    wide = {name: f"{head} 0 (worst) to 100 (best)" for name, head in heads.items()}
    ends = {
        f"{name}{suffix}": f"{what} of {name}"
        for name in heads
        for suffix, what in {"_low": "lower end of the interval", "_high": "upper end", "_n": "ratings"}.items()
    }
    return wide | ends | _MEANINGS
