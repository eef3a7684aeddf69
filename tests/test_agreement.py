"""Agreement between auditors: against published figures, another package, and by hand in the town."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import krippendorff
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from town import at, matches_of, observations, submissions

from safeaudit.config import ScoreSettings, load_config
from safeaudit.pipeline import run
from safeaudit.rubric import STANDARD
from safeaudit.score.agreement import LEAST_PAIRS, LEAST_SPOTS, agreement, coincidences, ordinal_alpha
from safeaudit.tables import TABLES, validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

USUAL = ScoreSettings()
VALUES = ["alpha", "low", "high", "percent", "kappa"]

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: four observers, twelve units.
PUBLISHED = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]


def published_counts() -> np.ndarray:
    """Return how many observers chose each value, per unit that at least two judged."""
    units = zip(*(row.split() for row in PUBLISHED), strict=True)
    counts = np.array([[unit.count(str(value)) for value in range(1, 6)] for unit in units])
    return counts[counts.sum(axis=1) > 1]


def alpha_with(together: np.ndarray, apart: np.ndarray) -> float:
    """Return alpha by its definition, for any difference between values."""
    n = together.sum(axis=0)
    return 1 - (n.sum() - 1) * (together * apart).sum() / (np.outer(n, n) * apart).sum()


def test_alpha_is_as_published() -> None:
    together = coincidences(published_counts()).sum(axis=0)
    value = np.arange(1, 6)
    difference, total = value[:, None] - value, value[:, None] + value
    assert round(float(ordinal_alpha(together)), 3) == 0.815
    assert round(alpha_with(together, difference != 0), 3) == 0.743
    assert round(alpha_with(together, difference**2), 3) == 0.849
    assert round(alpha_with(together, (difference / total) ** 2), 3) == 0.797


@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_the_krippendorff_package(seed: int) -> None:
    counts = np.random.default_rng(seed).poisson([0.3, 1.1, 0.8, 0.5], (200, 4))
    counts = counts[counts.sum(axis=1) > 1]
    wanted = krippendorff.alpha(value_counts=counts, level_of_measurement="ordinal")
    assert float(ordinal_alpha(coincidences(counts).sum(axis=0))) == pytest.approx(wanted, abs=1e-12)


def test_alpha_of_one_level_is_not_a_number() -> None:
    assert np.isnan(ordinal_alpha(coincidences(np.array([[0, 3, 0, 0], [0, 2, 0, 0]])).sum(axis=0)))


def repeats(
    levels: Sequence[Sequence[int | None]], *, indicator: str = "walk_path", **row: Any
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Return forms that rate spots 100 m apart, one auditor each: per spot the levels they chose."""
    forms = [
        (f"s{spot:03d}-{who}", spot, who, level)
        for spot, chosen in enumerate(levels)
        for who, level in enumerate(chosen)
    ]
    people = submissions(
        *(
            {"submission_id": name, "auditor": f"a{who}", "point": at(100 * spot, 0), **row}
            for name, spot, who, _ in forms
        )
    )
    seen = observations({name: {indicator: level} for name, _, _, level in forms})
    return people, seen, matches_of({name: {f"p{spot:03d}": 1.0} for name, spot, _, _ in forms})


def agreed(levels: Sequence[Sequence[int | None]], settings: ScoreSettings = USUAL, **row: Any) -> pd.Series:
    """Return the one row of the table."""
    found = agreement(*repeats(levels, **row), STANDARD, settings)
    assert len(found) == 1
    return found.iloc[0]


PAIRS = [*[(0, 0)] * 10, *[(3, 3)] * 10, *[(0, 1)] * 5, *[(2, 3)] * 5]


def test_pairs_by_hand() -> None:
    row = agreed(PAIRS)
    # Chosen: 0 by 25, 1 by 5, 2 by 5, 3 by 25 of 60. Ten of thirty pairs are one level apart.
    chosen = np.array([25, 5, 5, 25]) / 60
    by_chance = sum(chosen[i] * chosen[j] * (i - j) ** 2 for i in range(4) for j in range(4))
    assert (row["indicator"], row["group"], row["note"]) == ("walk_path", "dark", "")
    assert (row["pairs"], row["spots"], row["contributors"]) == (30, 30, 2)
    assert row["percent"] == pytest.approx(100 * 20 / 30, abs=0.01)
    assert row["kappa"] == pytest.approx(1 - (10 / 30) / by_chance, abs=1e-4)
    data = np.array(PAIRS, dtype=float).T
    assert row["alpha"] == pytest.approx(krippendorff.alpha(data, level_of_measurement="ordinal"), abs=1e-4)
    assert -1 < row["low"] < row["alpha"] < row["high"] < 1


def test_three_at_a_spot_make_three_pairs() -> None:
    row = agreed([(0, 1, 1), (2, 3, 3), (1, 1, 2), (0, 0, 0)] * 3)
    assert (row["pairs"], row["spots"], row["contributors"]) == (36, 12, 3)
    assert row["percent"] == pytest.approx(100 * (1 + 1 + 1 + 3) / 12, abs=0.01)


def test_below_thirty_pairs_nothing_is_said() -> None:
    row = agreed(PAIRS[: LEAST_PAIRS - 1])
    assert (row["pairs"], row["note"]) == (29, "fewer than 30 pairs")
    assert row[VALUES].isna().all()


def test_many_forms_about_few_spots_say_nothing() -> None:
    row = agreed([(0, 1, 2, 3)] * (LEAST_SPOTS - 1))
    assert (row["pairs"], row["note"]) == (54, "fewer than 10 spots")
    assert row[VALUES].isna().all()


def test_no_variation_is_said_and_is_not_zero() -> None:
    row = agreed([(2, 2)] * 40)
    assert (row["note"], row["percent"], row["pairs"]) == ("no variation", 100.0, 40)
    assert row[["alpha", "low", "high", "kappa"]].isna().all()


def test_full_agreement_is_not_certain() -> None:
    row = agreed([(0, 0), (3, 3)] * 20)
    assert (row["alpha"], row["kappa"], row["high"]) == (1.0, 1.0, 1.0)
    # Three of forty-one spots might have agreed by chance alone.
    assert 0.85 < row["low"] < 0.97


def test_agreement_by_chance_is_near_nought() -> None:
    random = np.random.default_rng(7)
    row = agreed(random.integers(0, 4, (300, 2)).tolist())
    assert row["low"] < 0 < row["high"]
    assert row["kappa"] == pytest.approx(0, abs=0.15)


def test_the_interval_is_that_of_drawing_spots_anew() -> None:
    random = np.random.default_rng(3)
    truth = random.integers(0, 4, 150)
    levels = np.clip(truth[:, None] + random.integers(-1, 2, (150, 3)), 0, 3)
    row = agreed(levels.tolist())
    data = levels.T.astype(float)
    drawn = [
        krippendorff.alpha(data[:, random.integers(0, 150, 150)], level_of_measurement="ordinal") for _ in range(300)
    ]
    assert [row["low"], row["high"]] == pytest.approx(np.quantile(drawn, [0.05, 0.95]), abs=0.02)


def test_the_interval_is_as_wide_as_asked_and_narrows_with_more() -> None:
    usual, wide = agreed(PAIRS), agreed(PAIRS, ScoreSettings(interval=0.99))
    assert wide["low"] < usual["low"] < usual["high"] <= wide["high"]
    assert wide["alpha"] == usual["alpha"]
    more = agreed(PAIRS * 4)
    assert more["high"] - more["low"] < usual["high"] - usual["low"]


def test_day_and_dark_are_apart() -> None:
    dark, day = repeats(PAIRS), repeats([(2, 2)] * 30, light="day")
    for part in day:
        part["submission_id"] = part["submission_id"].cat.rename_categories(lambda name: f"d{name}")
    people, seen, matches = (pd.concat(parts, ignore_index=True) for parts in zip(dark, day, strict=True))
    found = agreement(validate_table(people, "submissions"), seen, matches, STANDARD, USUAL)
    assert found[["group", "note"]].to_numpy().tolist() == [["dark", ""], ["day", "no variation"]]


def test_a_lighting_level_by_day_is_no_answer() -> None:
    assert agreement(*repeats(PAIRS, indicator="lighting", light="day"), STANDARD, USUAL).empty
    assert agreed(PAIRS, indicator="lighting")["note"] == ""


def test_feelings_are_nobodys_error() -> None:
    assert agreement(*repeats(PAIRS, indicator="feeling"), STANDARD, USUAL).empty


def test_without_times_nothing_is_compared_and_that_is_said() -> None:
    row = agreed(PAIRS, light=None, observed_at=pd.NaT)
    assert (row["group"], row["pairs"], row["note"]) == ("unrecorded", 0, "fewer than 30 pairs")


@pytest.mark.parametrize("change", [{"level": pd.NA}, {"n": 4}])
def test_means_and_other_scales_are_left_out(change: dict[str, Any]) -> None:
    people, seen, matches = repeats(PAIRS)
    changed = seen.assign(**{name: pd.array([value] * len(seen), dtype="Int64") for name, value in change.items()})
    assert agreement(people, changed, matches, STANDARD, USUAL).empty


def test_a_missing_answer_is_no_pair() -> None:
    row = agreed([*PAIRS, (1, None), (None, 2)])
    assert (row["pairs"], row["spots"]) == (30, 30)
    pd.testing.assert_series_equal(row, agreed(PAIRS))


def test_nothing_rated_gives_an_empty_table() -> None:
    found = agreement(submissions(), observations({}), matches_of({}), STANDARD, USUAL)
    assert found.empty
    assert found.columns.tolist() == TABLES["agreement"].names


def test_the_order_of_rows_does_not_matter_and_inputs_stay_as_they_are() -> None:
    tables = repeats([*PAIRS, (0, 1, 3), (2, 2, 1)])
    before = [table.copy(deep=True) for table in tables]
    mixed = [table.sample(frac=1, random_state=5) for table in tables]
    pd.testing.assert_frame_equal(agreement(*tables, STANDARD, USUAL), agreement(*mixed, STANDARD, USUAL))
    for table, unchanged in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, unchanged)


def test_the_key_of_a_project_changes_no_figure() -> None:
    """Ids rest on the key; of a crowd that is cut by lot, and of pairs equally near, it must decide nothing."""
    random = np.random.default_rng(3)
    spots = [(float(x), int(level)) for x, level in zip(range(600), random.integers(0, 4, 600), strict=True)]

    def agreed_with(ids: Sequence[int]) -> pd.DataFrame:
        forms = [
            {"submission_id": f"s{name:03d}", "auditor": f"a{who}", "point": at(2 * x, 0)}
            for who, (name, (x, _)) in enumerate(zip(ids, spots, strict=True))
        ]
        seen = observations(
            {f"s{name:03d}": {"visibility": level} for name, (_, level) in zip(ids, spots, strict=True)}
        )
        matches = matches_of({f"s{name:03d}": {f"p{place // 100:02d}": 1.0} for place, name in enumerate(ids)})
        return agreement(submissions(*forms), seen, matches, STANDARD, USUAL)

    assert agreed_with(range(600))["pairs"].item() > LEAST_PAIRS
    pd.testing.assert_frame_equal(agreed_with(range(600)), agreed_with(random.permutation(600).tolist()))


def test_a_run_tells_of_it_and_a_quick_one_does_not() -> None:
    config = load_config(ROOT / "sample_cities" / "helsinki")
    found, quick = run(config), run(config, quick=True)
    rated = set(STANDARD.names) - {"feeling"}
    assert set(found.agreement["indicator"]) == rated
    assert (found.agreement["note"] == "").all()
    assert set(found.feelings["indicator"]) == {"feeling"}
    assert quick.agreement.empty
    assert quick.feelings.empty
