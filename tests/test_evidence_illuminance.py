"""Lux readings in the dark against the class that the settings select, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest
from evidence_context import context_of
from town import at, matches_of, spaces_of, submissions, town

from safeaudit.config import EvidenceSettings, LightingClass, MatchSettings, config_from_dict
from safeaudit.errors import ConfigError
from safeaudit.evidence.illuminance import CLASSES, WEIGHTS, class_of, find_evidence
from safeaudit.match import match

if TYPE_CHECKING:
    import pandas as pd

QUIET_LANE = LightingClass(
    travel_speed="walking",
    use_intensity="normal",
    traffic_composition="pedestrians_cyclists",
    parked_vehicles="not_present",
    ambient_luminosity="moderate",
)
SETTINGS = EvidenceSettings(lighting_class={"residential": QUIET_LANE})
"""P6 less 1: P5, with 3 lx in the mean and 0.6 lx at least."""


def told(*lux: float | None, settings: EvidenceSettings = SETTINGS, **rows: Any) -> dict[str, Any]:
    """Return value or label of everything said of the south street from readings on it."""
    people = submissions(*({"submission_id": f"s{i}", "lux": value, **rows} for i, value in enumerate(lux)))
    shares = matches_of({f"s{i}": {"south": 1.0} for i in range(len(lux))})
    return values(find_evidence(context_of(town(), people=people, matches=shares, settings=settings)))


def values(evidence: pd.DataFrame, place: str = "south") -> dict[str, Any]:
    rows = evidence[evidence["place_id"] == place]
    labels = rows["label"].astype(object)
    return dict(zip(rows["name"], labels.where(labels.notna(), rows["value"]), strict=True))


def test_mean_and_minimum_must_both_reach_the_class() -> None:
    assert told(0.6, 5.4) == {"lux_mean": 3, "lux_min": 0.6, "lux_n": 2, "lighting_class": "P5", "lux_meets": "yes"}
    assert told(0.5, 9.5)["lux_meets"] == "no"
    assert told(2, 3)["lux_meets"] == "no"


def test_only_readings_in_the_dark_count() -> None:
    for light in ("day", "twilight", None):
        assert told(100, light=light) == {}
    assert told(float("nan"), 4)["lux_n"] == 1
    assert told(-1, 4)["lux_min"] == 4


def test_without_a_declared_kind_there_is_no_class() -> None:
    assert set(told(5, settings=EvidenceSettings())) == {"lux_mean", "lux_min", "lux_n"}


def test_a_fix_between_two_streets_measures_neither() -> None:
    people = submissions({"submission_id": "a", "lux": 4.0, "point": at(2, 2)}, {"submission_id": "b", "lux": 6.0})
    found = find_evidence(
        context_of(town(), people=people, matches=match(people, town(), MatchSettings()), settings=SETTINGS)
    )
    assert set(found["place_id"]) == {"south"}
    assert values(found)["lux_mean"] == 6


def test_spaces_have_readings_and_classes_by_their_category() -> None:
    people = submissions({"submission_id": "a", "lux": 4.0, "point": at(50, 50)})
    places = town(spaces=spaces_of({"plaza": at(50, 50)}))
    found = find_evidence(
        context_of(
            places,
            people=people,
            matches=match(people, places, MatchSettings()),
            settings=EvidenceSettings(lighting_class={"square": QUIET_LANE}),
        )
    )
    assert values(found, "plaza")["lux_meets"] == "yes"


def test_coverage_is_the_share_of_ten_readings_and_the_source_the_audits() -> None:
    people = submissions(*({"submission_id": f"s{i}", "lux": 5.0} for i in range(4)))
    found = find_evidence(
        context_of(
            town(), people=people, matches=matches_of({f"s{i}": {"south": 1.0} for i in range(4)}), settings=SETTINGS
        )
    )
    assert set(found["coverage"]) == {0.4}
    assert set(found["source"]) == {"audits"}


def test_no_reading_no_row() -> None:
    assert told(float("nan")) == {}
    assert told(None) == {}
    assert told() == {}


@pytest.mark.parametrize(
    ("declared", "selected"),
    [
        (("walking", "normal", "pedestrians", "not_present", "moderate"), "P6"),
        (("low", "normal", "pedestrians_cyclists_motor", "present", "moderate"), "P2"),
        (("low", "quiet", "pedestrians_cyclists_motor", "present", "low"), "P4"),
        (("low", "busy", "pedestrians_motor", "present", "moderate"), "P2"),
        (("low", "busy", "pedestrians_cyclists_motor", "present", "high"), "P1"),  # a sum of 6: bounded
        (("walking", "quiet", "cyclists", "not_present", "low"), "P6"),  # a sum of -2: bounded
    ],
)
def test_the_class_is_six_less_the_weights(declared: tuple[Any, ...], selected: str) -> None:
    assert class_of(LightingClass(**dict(zip(WEIGHTS, declared, strict=True)))) == selected


def test_the_tables_of_the_standard() -> None:
    assert [CLASSES[f"P{i}"] for i in range(1, 7)] == [(15, 3), (10, 2), (7.5, 1.5), (5, 1), (3, 0.6), (2, 0.4)]
    assert all(mean == pytest.approx(5 * lowest) for mean, lowest in CLASSES.values())


def test_settings_and_weights_know_the_same_words() -> None:
    hints = get_type_hints(LightingClass)
    assert {name: set(get_args(hint)) for name, hint in hints.items()} == {k: set(w) for k, w in WEIGHTS.items()}


def test_a_class_is_declared_in_the_toml(tmp_path: Any) -> None:
    declared = dict(zip(WEIGHTS, ("low", "normal", "pedestrians_motor", "present", "low"), strict=True))
    config = config_from_dict({"evidence": {"lighting_class": {"residential": declared}}}, folder=tmp_path)
    assert class_of(config.evidence.lighting_class["residential"]) == "P4"
    declared["use_intensity"] = "crowded"
    with pytest.raises(ConfigError, match="use_intensity must be one of quiet, normal, busy, not 'crowded'"):
        config_from_dict({"evidence": {"lighting_class": {"residential": declared}}}, folder=tmp_path)
