"""What is said of scores beside the table: whether auditors can be told from places, and what weights do."""

from __future__ import annotations

from typing import Any

from town import at, audits, everything, matches_of, observations, result, submissions

from safeaudit.config import ScoreSettings
from safeaudit.rubric import STANDARD, Indicator, Rubric
from safeaudit.score.estimate import score
from safeaudit.score.separable import not_separable
from safeaudit.score.weights import say_how_stable

SOUTH, NORTH = {"point": at(50, 1)}, {"point": at(50, 99)}


def said(*rows: dict[str, Any], start: str = "No place was rated by two auditors") -> list[str]:
    """Return the warnings that begin so, of a run with these submissions."""
    people = submissions(*({"submission_id": f"p{i}", **row} for i, row in enumerate(rows)))
    found = result(people, observations({f"p{i}": everything(1) for i in range(len(rows))}))
    return [warning for warning in found.warnings if warning.startswith(start)]


def test_auditors_who_share_no_place_cannot_be_told_from_places() -> None:
    (sentence,) = said({"auditor": "x", **SOUTH}, {"auditor": "y", **NORTH})
    assert sentence == (
        "No place was rated by two auditors after dark: strict auditors cannot be told from bad places there, and the "
        "intervals allow for it. Let two people rate some of the same places, each on a form of their own."
    )


def test_where_two_rated_one_place_nothing_is_said() -> None:
    assert not said({"auditor": "x", **SOUTH}, {"auditor": "y", **SOUTH}, {"auditor": "y", **NORTH})


def test_each_light_is_looked_at_by_itself() -> None:
    day = {"light": "day"}
    both = [{"auditor": "x", **SOUTH}, {"auditor": "y", **SOUTH}, {"auditor": "x", **SOUTH, **day}]
    assert not said(*both)  # of one place by day there is nothing to be told apart
    (sentence,) = said(*both, {"auditor": "x", **NORTH, **day})
    assert "by two auditors by day: " in sentence


def test_a_form_that_was_hardly_made_here_joins_nobody() -> None:
    people = submissions({"submission_id": "a", "auditor": "x"}, {"submission_id": "b", "auditor": "y"})
    seen = observations({"a": everything(1), "b": everything(1)})
    shares = matches_of({"a": {"south": 1.0}, "b": {"south": 0.4, "north": 0.6}})
    assert not_separable([audits(people, seen)], shares)


def stable(levels: list[dict[str, int]], rubric: Rubric = STANDARD) -> tuple[str, ...]:
    """Return what is said of places with these levels, one form each."""
    rows = [{"submission_id": f"p{i:02d}", "auditor": f"by {i}"} for i in range(len(levels))]
    seen = observations({f"p{i:02d}": chosen for i, chosen in enumerate(levels)})
    shares = matches_of({f"p{i:02d}": {f"street-{i:02d}": 1.0} for i in range(len(levels))})
    return say_how_stable(score(submissions(*rows), seen, shares, rubric, ScoreSettings()), rubric)


def test_places_bad_in_everything_stay_whatever_the_weights() -> None:
    levels = [everything(0) for _ in range(20)] + [everything(3) for _ in range(20)]
    (sentence,) = stable(levels)
    assert sentence == (
        "Of the 20 places with the lowest score after dark, 20 stay among them when one weight is changed by half "
        "(fewest: gender_usage)."
    )


def test_where_indicators_disagree_weights_decide() -> None:
    # 20 streets are bad in lighting alone, 20 in shade alone. At even weights the first are taken, as all are alike;
    # with more of shade, or less of lighting, the second.
    two = Rubric((STANDARD["lighting"], Indicator(name="shade", public="place")))
    levels = [{"lighting": 0, "shade": 3} for _ in range(20)] + [{"lighting": 3, "shade": 0} for _ in range(20)]
    (sentence,) = stable(levels, two)
    assert "0 to 20 stay" in sentence
    assert "(fewest: lighting)" in sentence


def test_of_few_places_nothing_is_said() -> None:
    assert stable([everything(0) for _ in range(39)]) == ()
