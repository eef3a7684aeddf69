"""Forms left out one by one: against full covariances, and what is told of it."""

from __future__ import annotations

import numpy as np
import pytest
from slow_model import Row, leave_out_slowly
from test_model import columns, random_rows, table

from safeaudit.score import equations, left_out, model
from safeaudit.score.answers import make_answers
from safeaudit.score.left_out import LeftOut, leave_forms_out
from safeaudit.score.model import make_grid


def left(rows: list[Row]) -> LeftOut:
    frame = table(rows)
    return leave_forms_out(make_answers(columns(frame), np.zeros(frame["place"].max() + 1)), make_grid())


@pytest.mark.parametrize("seed", [3, 4])
def test_each_form_is_missed_by_the_others_as_full_covariances_say(seed: int) -> None:
    rows = random_rows(seed=seed)
    found, forms = left(rows), sorted({row.form for row in rows})
    slowly = leave_out_slowly(rows)
    assert sorted(found.form) == list(range(len(forms)))
    for form, error, deviation in zip(found.form, found.error, found.deviation, strict=True):
        assert (error, deviation) == pytest.approx(slowly[forms[form]], abs=1e-6)


def test_in_blocks_and_in_sparse_tables_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = random_rows(seed=5)
    whole = left(rows)
    monkeypatch.setattr(equations, "WHOLE", 0)
    monkeypatch.setattr(model, "WHOLE", 0)
    for module in (model, left_out):
        monkeypatch.setattr(module, "AT_ONCE", 20)
    parts = left(rows)
    assert parts.error == pytest.approx(whole.error, abs=1e-10)
    assert parts.deviation == pytest.approx(whole.deviation, abs=1e-10)


def test_where_the_model_is_right_its_intervals_hold() -> None:
    random = np.random.default_rng(1)
    held = []
    for _ in range(20):
        place, who = random.normal(0, 0.2, 60), random.normal(0, 0.15, 8)
        rows = [
            Row(f"p{at:02d}", f"f{number:03d}", f"a{by}", f"w{by}", 0.5 + place[at] + who[by] + random.normal(0, 0.15))
            for number, (at, by) in enumerate(zip(random.integers(0, 60, 200), random.integers(0, 8, 200), strict=True))
        ]
        found = left(rows)
        held.append(np.mean(np.abs(found.error) < 1.6449 * found.deviation))
    assert np.mean(held) == pytest.approx(0.9, abs=0.015)
