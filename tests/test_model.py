"""The model of a score: against full covariances, and where answers are strange."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from slow_model import Row, complete_slowly, estimate_slowly

from safeaudit.score import answers as reading
from safeaudit.score import equations, model
from safeaudit.score.answers import make_answers
from safeaudit.score.composite import complete
from safeaudit.score.model import Estimates, estimate, make_grid

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(rows: Sequence[Row], *, named: bool = True, spread: Sequence[float] | None = None) -> pd.DataFrame:
    """Return rows as the model's reader takes them; `rows` by place and form."""
    columns = {
        "place": [row.place for row in rows],
        "submission": [row.form for row in rows],
        "contributor": [row.who for row in rows],
        "walk": [row.walk for row in rows],
    }
    coded = {name: pd.factorize(np.array(words, dtype=object), sort=True)[0] for name, words in columns.items()}
    numbers = {"share": "share", "many": "many", "rating": "rating", "answered": "known"}
    told = {name: [getattr(row, field) for row in rows] for name, field in numbers.items()}
    return pd.DataFrame({**coded, **told, "named": named, "spread": spread or [np.nan] * len(rows)})


def columns(rows: pd.DataFrame) -> dict[str, Any]:
    return {name: rows[name].to_numpy() for name in rows}


def estimated(rows: pd.DataFrame, **kwargs: Any) -> Estimates:
    return estimate(make_answers(columns(rows), np.zeros(rows["place"].max() + 1)), [0.5], make_grid(), **kwargs)


def random_rows(count: int = 50, seed: int = 3) -> list[Row]:
    """Return rows with shares, means of one auditor, auditors heard once, and forms that tell a part."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        places = random.choice([*"pqrstuvw"], 2, replace=False).tolist()
        share = float(random.choice([1.0, 0.75, 0.5]))
        about = (f"f{number:02d}", str(random.choice([*"abc", f"z{number}"])), f"w{random.integers(5)}")
        form, who, walk = about
        numbers = (float(random.integers(4)) / 3, float(random.choice([1, 1, 4])), float(random.choice([1.0, 0.7])))
        rating, many, known = numbers
        for place, part in zip(places, (share, 1 - share), strict=True):
            if part:
                rows.append(Row(place, form, who, walk, rating, part, many, known))
    return rows


def test_it_is_the_full_covariance() -> None:
    rows = random_rows()
    slow, fast = estimate_slowly(rows), estimated(table(rows))
    places = sorted(slow.mean)
    # Points of the grid that are beside nothing likely are left out: they weigh under 1e-7 each.
    assert fast.mean == pytest.approx([slow.mean[place] for place in places], abs=1e-8)
    assert fast.deviation == pytest.approx([slow.deviation[place] for place in places], abs=1e-8)


def test_a_large_town_is_estimated_as_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table(random_rows())
    usual = estimated(rows)
    monkeypatch.setattr(equations, "WHOLE", 1)
    monkeypatch.setattr(model, "WHOLE", 1)
    monkeypatch.setattr(model, "AT_ONCE", 1)
    sparse = estimated(rows)
    for name in ("mean", "deviation", "below"):
        assert getattr(sparse, name) == pytest.approx(getattr(usual, name), abs=1e-12)


def test_the_order_of_rows_changes_no_digit() -> None:
    rows = table(random_rows())
    mixed = rows.sample(frac=1, random_state=5)
    for name in ("mean", "deviation", "below"):
        assert (getattr(estimated(rows), name) == getattr(estimated(mixed), name)).all()


def test_ten_forms_of_one_auditor_are_not_ten_peoples() -> None:
    def width(who: str) -> float:
        others = [Row(f"s{i}", f"o{i}{x}", f"o{x}", f"v{x}", (i + x) % 4 / 3) for i in range(8) for x in range(3)]
        own = [Row("here", f"f{i}", who.format(i=i), f"w{i}", 2 / 3) for i in range(10)]
        return float(estimated(table([*own, *others])).deviation[0])

    assert width("one") > 1.15 * width("b{i}")


def test_a_strict_auditor_is_told_from_bad_streets() -> None:
    # Both rate the first six streets, one two levels lower than the other; the seventh the strict one alone.
    levels = [3, 2, 3, 2, 3, 2]
    rows = [Row(f"s{i}", f"k{i}", "kind", f"v{i}", level / 3) for i, level in enumerate(levels)]
    rows += [Row(f"s{i}", f"t{i}", "strict", f"w{i}", (level - 2) / 3) for i, level in enumerate(levels)]
    rows.append(Row("s6", "t6", "strict", "w6", 1 / 3))
    found = estimated(table(rows))
    assert found.mean[6] > 0.5


def test_a_mean_of_n_is_less_noise_and_its_spread_tells_how_much() -> None:
    # Means of five of two streets that differ: where the five agree, the streets are told apart more surely.
    streets = (("p", 0.3), ("q", 0.7))
    rows = [Row(place, f"{place}{i}", "a", f"w{i}", rating, many=5.0) for place, rating in streets for i in "xy"]
    wide, narrow = (estimated(table(rows, spread=[spread] * 4)) for spread in (0.35, 0.05))
    single = estimated(table([Row(r.place, r.form, r.who, r.walk, r.rating) for r in rows]))
    assert narrow.mean[1] - narrow.mean[0] > single.mean[1] - single.mean[0]
    assert narrow.deviation[0] < wide.deviation[0]


def test_squares_inside_means_join_those_of_the_rest() -> None:
    # One r, no auditors: V = (RSS + SS / (1 - r) + 4 x 5/36) / (N + degrees of freedom + 3), with RSS = 0 for one row.
    fixed = model.Grid(*(np.array([[value]]) for value in (0.5, 0.0, 1.0)))
    rows = table([Row("p", "f", "a", "w", 0.5, many=5.0)], spread=[0.4])
    answers = make_answers(columns(rows), np.zeros(1))
    unit = (4 * 0.4**2 / 0.5 + 4 * 5 / 36) / (1 + 4 + 3)
    # mu is the rating itself: what is left of the place is f, and of mu the whole variance of the mean.
    left = 1 / (1 / 0.5 + 5 / 0.5)
    carried = (1 - left * 5 / 0.5) ** 2 * (0.5 + 0.5 / 5)
    found = estimate(answers, [0.5], fixed)
    assert found.deviation[0] == pytest.approx((unit * (left + carried)) ** 0.5, abs=1e-12)


def test_nobody_knows_how_strict_those_are_whose_means_a_file_holds() -> None:
    rows = table([Row(f"s{i:02d}", f"f{i:02d}", "file", "file", i % 4 / 3, many=6.0) for i in range(40)], named=False)
    answers = make_answers(columns(rows), np.zeros(40))
    strangers = replace(answers, auditor=np.full(40, -1), on_auditor=np.zeros(40))
    same_six, others = (estimate(one, [0.5], make_grid()).deviation for one in (answers, strangers))
    assert answers.on_auditor**2 == pytest.approx(1 / 6)
    assert (same_six > others).all()


def test_auditors_beyond_the_limit_are_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table(random_rows())
    monkeypatch.setattr(reading, "MOST_AUDITORS", 2)
    kept = make_answers(columns(rows), np.zeros(rows["place"].max() + 1))
    forms = Counter(rows.drop_duplicates("submission")["contributor"])
    assert kept.auditor.max() == 1
    assert np.bincount(kept.auditor[kept.once & (kept.auditor >= 0)]).sum() == sum(n for _, n in forms.most_common(2))
    assert np.isfinite(estimate(kept, [0.5], make_grid()).deviation).all()


STRANGE = {
    "one rating": [Row("p", "f", "a", "w", 0.0)],
    "all the same": [Row(f"p{i}", f"f{i}", f"a{i % 3}", "w", 1.0) for i in range(90)],
    "one auditor": [Row(f"p{i % 9}", f"f{i:02d}", "a", "w", i % 4 / 3) for i in range(40)],
    "one street": [Row("p", f"f{i:02d}", f"a{i % 3}", "w", i % 4 / 3) for i in range(40)],
    "a form at three places": [Row(place, "f", "a", "w", 1.0, 1 / 3) for place in "pqr"],
    "a mean of two thousand million": [Row("p", "f", "a", "w", 0.5, many=2e9), Row("q", "g", "a", "w", 0.5, many=2e9)],
}


@pytest.mark.parametrize("what", STRANGE)
def test_strange_answers_have_an_interval_all_the_same(what: str) -> None:
    found = estimated(table(STRANGE[what]))
    assert np.isfinite(found.mean).all()
    assert (found.deviation >= model.LEAST_DEVIATION).all()
    assert ((found.below >= 0) & (found.below <= 1)).all()
    assert ((found.mean > -0.001) & (found.mean < 1.001)).all()


@pytest.mark.heavy
def test_a_hundred_thousand_ratings_at_one_spot() -> None:
    count = 100_000
    rows = pd.DataFrame(
        {
            "place": 0,
            "submission": np.arange(count),
            "contributor": np.arange(count) % 700,
            "walk": 0,
            "named": True,
            "share": 1.0,
            "many": 1.0,
            "spread": np.nan,
            "rating": np.arange(count) % 4 / 3,
            "answered": 1.0,
        }
    )
    found = estimated(rows)
    assert found.mean[0] == pytest.approx(0.5, abs=1e-6)
    assert model.LEAST_DEVIATION <= found.deviation[0] < 0.05


def test_what_a_form_lacks_is_what_the_slow_model_says() -> None:
    random = np.random.default_rng(5)
    ratings = random.integers(4, size=(30, 5)) / 3
    ratings[random.random(ratings.shape) < 0.3] = np.nan
    ratings[0], ratings[1] = 1.0, 0.0
    weights = {name: 1.0 + number for number, name in enumerate("abcde")}
    answered = ~np.isnan(ratings)
    given = {
        str(form): {name: ratings[form, at] for at, name in enumerate(weights) if answered[form, at]}
        for form in range(30)
    }
    forms, doubt, prior = complete_slowly(given, weights)
    kept = answered.any(axis=1)
    found = complete(ratings[kept], np.array([*weights.values()]) / 15)
    assert found.rating == pytest.approx([rating for rating, _ in forms.values()], abs=1e-12)
    assert found.answered == pytest.approx([known for _, known in forms.values()], abs=1e-12)
    assert found.doubt == pytest.approx([*doubt.values()], abs=1e-12)
    assert found.prior == pytest.approx(prior)
