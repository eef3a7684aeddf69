"""What tags say of the walk path, by hand."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from evidence_context import context_of
from town import line, links_of, segments_of, town

from safeaudit.evidence.walk_path import MEASURES, PAVED, UNPAVED, find_evidence


def told(name: str, highway: str | None = "residential", **tags: str) -> tuple[Any, float]:
    """Return value or label, and coverage, of one measure of a street with these tags."""
    segments = segments_of({"s": line((0, 0), (100, 0))})
    links = links_of(segments, {"s": json.dumps({k.replace("_of_", ":"): v for k, v in tags.items()})})
    links["highway"] = highway
    found = find_evidence(context_of(town(segments=segments, links=links))).set_index("name").loc[name]
    return (found["value"] if pd.isna(found["label"]) else found["label"]), found["coverage"]


@pytest.mark.parametrize(
    ("tags", "label"),
    [
        ({"sidewalk": "both"}, "both"),
        ({"sidewalk": "left;right"}, "both"),
        ({"sidewalk": "left"}, "left"),
        ({"sidewalk": "right"}, "right"),
        ({"sidewalk": "yes"}, "yes"),
        ({"sidewalk": "no"}, "no"),
        ({"sidewalk": "none"}, "no"),
        ({"sidewalk": "separate"}, "separate"),
        ({"sidewalk": "lane"}, "unknown"),
        ({}, "unknown"),
        ({"sidewalk_of_both": "yes"}, "both"),
        ({"sidewalk_of_both": "no"}, "no"),
        ({"sidewalk_of_both": "separate", "sidewalk": "no"}, "separate"),
        ({"sidewalk_of_left": "yes", "sidewalk_of_right": "no"}, "left"),
        ({"sidewalk_of_right": "yes"}, "right"),
        ({"sidewalk_of_left": "separate", "sidewalk_of_right": "yes"}, "both"),
        ({"sidewalk_of_left": "separate", "sidewalk_of_right": "no"}, "separate"),
        ({"sidewalk_of_left": "no"}, "unknown"),  # of the right nothing is known
        ({"sidewalk_of_left": "no", "sidewalk": "right"}, "right"),
    ],
)
def test_the_sides_with_a_sidewalk(tags: dict[str, str], label: str) -> None:
    assert told("sidewalk", **tags) == (label, float(label != "unknown"))


@pytest.mark.parametrize("highway", ["footway", "path", "pedestrian", "steps"])
def test_a_footway_is_itself_the_walk_path(highway: str) -> None:
    assert told("sidewalk", highway, sidewalk="no") == ("itself", 1)


@pytest.mark.parametrize(
    ("surface", "label"),
    [
        ("asphalt", "paved"),
        ("concrete:plates", "paved"),
        ("sett;asphalt", "paved"),
        ("murram", "unpaved"),
        ("dirt; gravel", "unpaved"),
        ("asphalt;dirt", "unknown"),
        ("<b>", "unknown"),
        ("", "unknown"),
    ],
)
def test_surfaces_in_two_groups(surface: str, label: str) -> None:
    assert told("surface", surface=surface) == (label, float(label != "unknown"))


def test_no_surface_is_in_both_groups() -> None:
    assert not PAVED & UNPAVED


@pytest.mark.parametrize(
    ("width", "metres"),
    [
        ("3", 3),
        ("3 m", 3),
        ("3m", 3),
        ("3,5", 3.5),
        ("2.25 metres", 2.25),
        ("350 cm", 3.5),
        ("12'", 3.6576),
        ("12'6\"", 3.81),
        ("10 ft", 3.048),
        ("0", None),
        ("-3", None),
        ("400", None),
        ("3-4", None),
        ("~3", None),
        ("3;4", None),
        ("3 km", None),
        ("wide", None),
        ("", None),
    ],
)
def test_widths_in_metres(width: str, metres: float | None) -> None:
    value, coverage = told("width_m", width=width)
    assert coverage == float(metres is not None)
    assert pd.isna(value) if metres is None else value == pytest.approx(metres)


def test_an_estimated_width_is_none() -> None:
    assert told("width_m", est_width="3")[1] == 0


@pytest.mark.parametrize(
    ("incline", "percent"),
    [
        ("10%", 10),
        ("-7.5 %", 7.5),
        ("+4,5%", 4.5),
        ("45°", 100),
        ("5°", 8.7489),
        ("up", None),
        ("down", None),
        ("yes", None),
        ("10", None),
        ("300%", None),
        ("90°", None),
    ],
)
def test_inclines_in_percent(incline: str, percent: float | None) -> None:
    value, coverage = told("incline_percent", incline=incline)
    assert coverage == float(percent is not None)
    assert pd.isna(value) if percent is None else value == pytest.approx(percent, rel=1e-4)


def test_smoothness_and_wheelchair() -> None:
    assert told("smoothness", smoothness="very_bad") == ("very_bad", 1)
    assert told("smoothness", smoothness="meh") == ("unknown", 0)
    assert told("wheelchair", wheelchair="designated") == ("yes", 1)
    assert told("wheelchair", wheelchair="limited") == ("limited", 1)
    assert told("wheelchair") == ("unknown", 0)


def test_every_segment_has_every_row_and_only_known_words() -> None:
    found = find_evidence(context_of(town()))
    assert len(found) == 4 * len(MEASURES)
    for measure in MEASURES:
        labels = set(found.loc[found["name"] == measure.name, "label"].dropna())
        assert labels <= set(measure.words)
    assert find_evidence(context_of(town(segments=segments_of({})))).empty
