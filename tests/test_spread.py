"""How far people lie apart in what they felt at the same places: by hand, by loops, and of few nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from test_groups import walked

from safeaudit.languages import read_language
from safeaudit.rubric import STANDARD
from safeaudit.score.group_answers import FEW_PEOPLE
from safeaudit.score.sides import FEW_PLACES
from safeaudit.score.spread import find_spread, say_spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from test_groups import Form

PLACES = range(24)


def felt(sex: str, levels: Sequence[int], people: int = 12, places: Sequence[int] = PLACES) -> list[Form]:
    """Return what people of one sex felt, each at every other place: the levels in turns."""
    return [
        (f"s{place}", f"{sex} {person}", sex, f"{sex} {person % 4}", levels[(person // 2 + place) % len(levels)])
        for person in range(people)
        for place in places
        if (person + place) % 2 == 0
    ]


def found(forms: list[Form]) -> pd.DataFrame:
    said, matches = walked(forms)
    return find_spread(said, matches, STANDARD)


def by_loops(forms: list[Form], left_out: str = "") -> float:
    """Return the difference of spread, men less women, one place and one person after the other."""
    sums, weights = {"man": 0.0, "woman": 0.0}, 0.0
    for place in {form[0] for form in forms}:
        here = {
            sex: [form[4] / 3 for form in forms if form[0] == place and form[2] == sex and form[1] != left_out]
            for sex in sums
        }
        freedom = [len(said) - 1 for said in here.values()]
        if min(freedom) > 0:
            weight = freedom[0] * freedom[1] / sum(freedom)
            weights += weight
            for sex, said in here.items():
                sums[sex] += weight * float(np.var(said, ddof=1))
    man, woman = (100 * (sums[sex] / weights) ** 0.5 for sex in ("man", "woman"))
    return man - woman


def test_who_is_of_two_minds_lies_farther_apart_than_who_is_of_one() -> None:
    (row,) = found([*felt("woman", [0, 3]), *felt("man", [1, 2])]).itertuples()
    # Three of six people at 0 and three at 100, of one place: 100 * sqrt(6 / 4 / 5); and a third of it.
    assert (row.who, row.rest, row.said) == ("man", pytest.approx(54.77, abs=0.01), pytest.approx(18.26, abs=0.01))
    assert (row.apart, row.places, row.note) == ("less", 24, "")
    assert row.low <= row.difference <= row.high < 0


def test_it_is_the_jackknife_that_loops_would_make() -> None:
    rng = np.random.default_rng(5)
    forms = [(*form[:4], int(rng.integers(0, 4))) for form in [*felt("woman", [0]), *felt("man", [0], 10)]]
    forms = [form for form in forms if rng.random() < 0.8]
    (row,) = found(forms).itertuples()
    assert row.difference == pytest.approx(by_loops(forms), abs=0.01)
    variance = 0.0
    for sex in ("woman", "man"):
        away = [by_loops(forms, who) for who in sorted({form[1] for form in forms if form[2] == sex})]
        variance += (len(away) - 1) * float(np.var(away))
    t_9_at_975 = 2.262157
    assert (row.high - row.low) / 2 == pytest.approx(t_9_at_975 * variance**0.5, abs=0.01)


def test_who_lies_apart_is_said_in_words() -> None:
    said = say_spread(found([*felt("woman", [0, 3]), *felt("man", [1, 2])]), read_language("en"))
    assert said == (
        "Those who walked (Sex: Man) differ less among themselves than the rest in how they felt, after dark, "
        "at the same 24 places (18 against 55 of 100)."
    )
    assert say_spread(found(felt("woman", [0, 3])), read_language("en")) == ""


def test_where_everybody_felt_alike_nothing_is_tested() -> None:
    (row,) = found([*felt("woman", [2]), *felt("man", [1])]).itertuples()
    assert (row.rest, row.said, row.difference, row.note, row.apart) == (0.0, 0.0, 0.0, "no variation", "")
    assert np.isnan(row.p)


def test_who_differs_by_chance_alone_is_said_to() -> None:
    rng = np.random.default_rng(3)
    forms = [(*form[:4], int(rng.integers(0, 4))) for form in [*felt("woman", [0]), *felt("man", [0])]]
    assert found(forms)["apart"].tolist() == ["may be chance"]


@pytest.mark.parametrize(
    ("men", "places", "note"),
    [(12, range(19), FEW_PLACES), (9, PLACES, None)],
)
def test_of_few_places_or_people_nothing_is_told(men: int, places: range, note: str | None) -> None:
    rows = found([*felt("woman", [0, 3]), *felt("man", [1, 2], men, places)])
    if note is None:  # no side of fewer than ten people is compared at all
        assert rows.empty
    else:
        assert rows["note"].tolist() == [note]
        assert rows[["rest", "said", "difference", "low", "high", "p"]].isna().all(axis=None)


def test_ten_people_of_whom_few_felt_something_tell_nothing() -> None:
    forms = [*felt("woman", [0, 3]), *felt("man", [1, 2], 9)]
    forms += [("s30", f"man {number}", "man", "man 5", 1) for number in range(9, 12)]
    said, matches = walked(forms)
    last = said.submissions["auditor"].isin(["man 9", "man 10", "man 11"])
    silent = said.submissions.loc[last, "submission_id"]
    observations = said.observations[~said.observations["submission_id"].isin(silent)].reset_index(drop=True)
    rows = find_spread(replace(said, observations=observations), matches, STANDARD)
    assert rows["note"].tolist() == [FEW_PEOPLE]


def test_nobody_felt_anything_is_an_empty_table() -> None:
    said, matches = walked([*felt("woman", [0, 3]), *felt("man", [1, 2])], indicator="lighting")
    assert find_spread(said, matches, STANDARD).empty
