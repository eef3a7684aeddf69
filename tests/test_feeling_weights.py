"""Weights from what people felt: against another implementation, a town whose weights are known, and of few nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from projects import safeaudit
from scipy.optimize import minimize
from town import audits, observations, submissions
from walked import row, town

from safeaudit.errors import InputError
from safeaudit.rubric import STANDARD
from safeaudit.score import ordered_logit
from safeaudit.score.feeling_weights import weigh_by_feeling

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import Audits

TRUE = {"lighting": 3.0, "people": 1.5, "openness": 0.5}


def walked(people: int = 20, each: int = 40, light: str = "dark", seed: int = 2) -> Audits:
    """Return forms whose feeling goes up with three indicators, by people who differ in what they feel."""
    random = np.random.default_rng(seed)
    about, seen = [], {}
    for person in range(people):
        own = random.normal(0, 0.5)
        for form in range(each):
            name = f"{person:03d}-{form:03d}"
            levels = dict(zip(STANDARD.weights, random.integers(0, 4, len(STANDARD.weights)), strict=True))
            latent = sum(slope * levels[of] / 3 for of, slope in TRUE.items()) + own + random.logistic()
            levels["feeling"] = int(np.searchsorted([0.8, 2.4, 4.2], latent))
            about.append({"submission_id": name, "auditor": f"p{person}", "light": light})
            seen[name] = {of: int(level) for of, level in levels.items()}
    return audits(submissions(*about), observations(seen))


def test_it_is_the_ordered_logit_of_another_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(7)
    x = random.integers(0, 4, (40, 2)) / 3
    level = np.clip(np.round(1.5 + 1.2 * (x[:, 0] - 0.5) + random.normal(0, 0.8, 40)), 0, 3).astype(int)
    monkeypatch.setattr(ordered_logit, "PRIOR_DEVIATION", 1e6)
    # OrderedModel(level, x, distr="logit") of statsmodels 0.14: slopes, first threshold, logarithms of the steps.
    slopes, thresholds = [3.8200379, 2.03129698], [0.05012386, 1.01983538, 1.2275943]
    assert ordered_logit.fit(x, level) == pytest.approx([*thresholds, *slopes], abs=1e-4)


def test_the_prior_is_the_one_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(8)
    x, level = random.normal(size=(60, 2)), random.integers(0, 3, 60)
    monkeypatch.setattr(ordered_logit, "PRIOR_DEVIATION", 0.5)

    def misfit(values: np.ndarray) -> float:
        ends = [-np.inf, values[0], values[0] + np.exp(values[1]), np.inf]
        below = [1 / (1 + np.exp(-(np.array(ends) - row @ values[2:]))) for row in x]
        chances = [one[at + 1] - one[at] for one, at in zip(below, level, strict=True)]
        return float(-np.log(chances).sum() + (values[2:] ** 2).sum() / 2 / 0.5**2)

    found = minimize(
        misfit, np.zeros(4), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 9999}
    )
    assert ordered_logit.fit(x, level) == pytest.approx(found.x, abs=1e-4)


def test_an_answer_that_tells_the_level_without_fail_has_an_end() -> None:
    x = np.repeat([[0.0], [1.0]], 50, axis=0)
    found = ordered_logit.fit(x, np.repeat([0, 1], 50))
    assert 5 < found[-1] < 100


def test_weights_are_those_that_the_answers_were_made_with() -> None:
    found = weigh_by_feeling(walked(), STANDARD)
    assert (found.forms, found.people) == (800, 20)
    weights = found.weights.set_index("indicator")
    assert weights["weight"].mean() == pytest.approx(1.0, abs=0.01)
    true = pd.Series(TRUE) * len(STANDARD.weights) / sum(TRUE.values())
    told = weights.loc[list(TRUE)]
    assert ((told["low"] <= true) & (true <= told["high"])).all()
    others = weights.drop(index=list(TRUE))
    assert (others["high"] > 0).all()
    assert (others["low"] < 0).sum() >= 4


def test_its_interval_is_the_jackknife_over_people() -> None:
    said = walked(10, 20)  # the least that is told
    found = weigh_by_feeling(said, STANDARD).weights.set_index("indicator")
    rows = said.observations.pivot_table(index="submission_id", columns="indicator", values="rating", observed=True)
    who, level = rows.index.astype(str).str[:3], (rows["feeling"] * 3).round().astype(int).to_numpy()
    x = rows[list(STANDARD.weights)].to_numpy()
    slopes = np.stack([ordered_logit.fit(x[who != one], level[who != one])[-8:] for one in sorted(set(who))])
    weights = slopes / slopes.mean(axis=1, keepdims=True)
    t_9_at_95 = 1.833113
    half = t_9_at_95 * np.sqrt(9 * weights.var(axis=0))
    assert (found["high"] - found["low"]).to_numpy() / 2 == pytest.approx(half, abs=0.011)


@pytest.mark.heavy
def test_intervals_hold() -> None:
    true = pd.Series(TRUE) * len(STANDARD.weights) / sum(TRUE.values())
    held = []
    for seed in range(30):
        told = weigh_by_feeling(walked(12, 25, seed=seed), STANDARD).weights.set_index("indicator").loc[list(TRUE)]
        held.append(((told["low"] <= true) & (true <= told["high"])).mean())
    assert np.mean(held) >= 0.8


@pytest.mark.parametrize("said", [walked(9), walked(12, 10), walked(light="day")], ids=["people", "forms", "day"])
def test_of_few_nothing_is_told(said: Audits) -> None:
    with pytest.raises(InputError, match="at least 200 forms of 10 people are needed"):
        weigh_by_feeling(said, STANDARD)


def test_where_one_person_alone_felt_otherwise_nothing_is_told() -> None:
    random = np.random.default_rng(4)
    about, seen = [], {}
    for form in range(300):
        levels = {name: int(random.integers(0, 4)) for name in STANDARD.weights}
        bad = form % 12 == 0 and sum(levels.values()) < 12
        about.append({"submission_id": f"{form:03d}", "auditor": f"p{form % 12}", "light": "dark"})
        seen[f"{form:03d}"] = {**levels, "feeling": 0 if bad else 3}
    with pytest.raises(InputError, match="not all of one feeling, whoever is left out"):
        weigh_by_feeling(audits(submissions(*about), observations(seen)), STANDARD)


def test_where_feeling_goes_down_more_than_up_that_is_said_and_no_more() -> None:
    random = np.random.default_rng(5)
    about, seen = [], {}
    for form in range(300):
        levels = {name: int(random.integers(0, 4)) for name in STANDARD.weights}
        felt = levels["lighting"] - levels["people"] - levels["security"] + 4 + random.integers(-1, 2)
        about.append({"submission_id": f"{form:03d}", "auditor": f"p{form % 12}", "light": "dark"})
        seen[f"{form:03d}"] = {**levels, "feeling": int(np.clip(felt // 2, 0, 3))}
    with pytest.raises(InputError, match="no more than it goes down"):
        weigh_by_feeling(audits(submissions(*about), observations(seen)), STANDARD)


@pytest.mark.parametrize(("said", "line"), [({"latitude": "?"}, ""), ({"campaign": "a"}, '[score]\ncampaign = "b"')])
def test_of_no_form_nothing_is_told(tmp_path: Path, said: dict[str, object], line: str) -> None:
    found = safeaudit("weights", town(tmp_path, [row(1, **said)], line))
    assert found.code == 2
    assert "0 forms of 0 people say after dark how they felt" in found.stderr


def test_the_command_tells_and_changes_nothing(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    rows = []
    for number in range(240):
        levels = {name: int(random.integers(0, 4)) for name in STANDARD.weights}
        feeling = min(3, max(0, levels["lighting"] + int(random.integers(-1, 2))))
        rows.append(row(number, auditor=f"A{number % 12}", walk_id=f"w{number % 12}", **levels, feeling=feeling))
    folder = town(tmp_path, rows)
    before = (folder / "safeaudit.toml").read_bytes()
    said = safeaudit("weights", folder)
    assert said.code == 0, said.stderr
    assert said.stdout.startswith("What feeling went with after dark, in 240 forms of 12 people (90 %):")
    assert said.stdout.splitlines()[-1].startswith("weights = { lighting = ")
    assert (folder / "safeaudit.toml").read_bytes() == before
    document = safeaudit("weights", folder, "--json").document
    assert (document["forms"], document["people"], document["round"]) == (240, 12, None)
    heaviest = max(document["weights"], key=lambda one: one["weight"])
    assert heaviest["indicator"] == "lighting"
    few = safeaudit("weights", town(tmp_path / "few", rows[:20]))
    assert few.code == 2
    assert "Keep the weights as they are" in few.stderr
