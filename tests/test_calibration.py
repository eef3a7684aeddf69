"""How often intervals hold what a form said that was left out: over all, and in parts of the city."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from test_groups import walked, wards

from safeaudit.languages import read_language
from safeaudit.place_areas import find_areas, list_places
from safeaudit.rubric import STANDARD
from safeaudit.score.calibration import FEW, measure_calibration, say_calibration
from safeaudit.tables import TABLES, empty_table, validate_table

if TYPE_CHECKING:
    from test_groups import Form

    from safeaudit.tables import Places

ENGLISH = read_language("en")
CITY = wards([12, 18])
STREETS = 30


def forms(noise: float = 0.4, walks: int = 12, each: int = 25) -> list[Form]:
    """Return what walks by one person each saw: streets differ, and so do people."""
    random = np.random.default_rng(4)
    truth, strict = random.normal(1.5, 0.7, STREETS), random.normal(0, 0.4, walks)
    said = []
    for walk in range(walks):
        for street in random.integers(0, STREETS, each):
            level = np.clip(round(truth[street] + strict[walk] + random.normal(0, noise)), 0, 3)
            said.append((f"s{street}", f"person {walk}", "woman", f"walk {walk}", int(level)))
    return said


def dead_ends(*streets: str) -> pd.DataFrame:
    rows = [
        (f"s{street}", "dead_end", np.nan, "yes" if f"s{street}" in streets else "no", "", "map", 1.0)
        for street in range(STREETS)
    ]
    return validate_table(pd.DataFrame(rows, columns=TABLES["evidence"].names), "evidence")


def measured(said: list[Form], places: Places = CITY, evidence: pd.DataFrame | None = None) -> pd.DataFrame:
    audits, matches = walked(said, indicator="openness")
    ends = empty_table("evidence") if evidence is None else evidence
    return measure_calibration(audits, matches, places, ends, STANDARD)


def test_forms_are_told_by_parts_of_the_city() -> None:
    said = forms()
    found = measured(said, evidence=dead_ends("s0", "s1", "s2", "s3", "s4", "s5"))
    openness = found[found["indicator"] == "openness"].set_index(["part", "value"])
    assert openness.loc[("all", ""), ["forms", "walks"]].tolist() == [300, 12]
    assert openness.loc[("all", ""), "held"] == pytest.approx(0.9, abs=0.05)
    here = {street: sum(form[0] == street for form in said) for street in {form[0] for form in said}}
    many = sum(count for count in here.values() if count > 6)
    assert openness.loc[("other forms there", "6 or more"), "forms"] == many
    assert openness.loc[("dead end", "yes"), "forms"] == sum(here[f"s{number}"] for number in range(6))
    areas = find_areas(CITY, list_places(CITY).geometry)
    in_ward = areas.loc[areas["area"] == "Ward 1", "place_id"]
    assert openness.loc[("area", "Ward 1"), "forms"] == sum(here.get(street, 0) for street in in_ward)
    assert 20 <= openness.loc[("worst tenth", ""), "forms"] <= 60
    assert set(found["indicator"]) == {"openness", "score", "street_condition"}


def test_of_few_forms_or_walks_nothing_is_told() -> None:
    for said in (forms(each=4), forms(walks=7, each=40)):
        row = measured(said).query("indicator == 'openness' and part == 'all'").iloc[0]
        assert (row["note"], bool(pd.isna(row["held"]))) == (FEW, True)


def test_one_form_has_no_others_to_be_told_by() -> None:
    assert measured(forms()[:1]).empty
    audits, matches = walked(forms()[:3])
    nothing = replace(audits, observations=empty_table("observations"))
    assert measure_calibration(nothing, matches, CITY, empty_table("evidence"), STANDARD).empty


def test_it_is_said_in_one_sentence() -> None:
    found = measured(forms())
    held = found.query("indicator == 'score' and part == 'all'")["held"].iloc[0]
    start = f"Of 300 forms that were left out in turn, {100 * held:.0f} % lay in the interval of 90 %"
    assert say_calibration(found, ENGLISH).startswith(start)
    assert say_calibration(measured(forms(each=4)), ENGLISH) == ""
    both = measured(forms(each=100), evidence=dead_ends(*(f"s{number}" for number in range(10))))
    assert " At dead ends: " in say_calibration(both, ENGLISH)


def test_the_order_of_forms_changes_nothing() -> None:
    said = forms()
    pd.testing.assert_frame_equal(measured(said), measured(said[::-1]))
