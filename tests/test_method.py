"""The town that docs/method.md works out by hand: two streets, two auditors, four forms."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import pytest
from town import at, observations, result, submissions

METHOD = Path(__file__).resolve().parents[1] / "docs" / "method.md"
LEVELS = {("asha", "south"): 3, ("bela", "south"): 2, ("asha", "north"): 1, ("bela", "north"): 0}
WHERE = {"south": at(50, 1), "north": at(50, 99)}
SHARES = [(0.05 + 0.075 * step, part) for step in range(13) for part in (0.0, 0.2, 0.4, 0.6, 0.8)]


def by_hand(r: float, part: float) -> tuple[float, float, float]:
    """Return how likely a point is, the estimate of the south street, and its variance, as docs/method.md writes it."""
    q = part * (1 - r)
    noise = 1 - r - q
    places, auditors = noise + 2 * r, noise + 2 * q
    rss = (4 / 9) / places + (1 / 9) / auditors
    v = (rss + 4 * 5 / 36) / 7
    likely = r * (1 - r) * (places * auditors * noise) ** -0.5 * (rss + 4 * 5 / 36) ** -3.5
    variance = v * (r * noise / (2 * places) + q / 2 + noise / 4)
    return likely, 1 / 2 + 2 * r / places * (1 / 3), variance


def over_the_grid() -> tuple[float, float, float]:
    """Return estimate, low and high of the south street, 0 to 100."""
    points = [by_hand(r, part) for r, part in SHARES]
    total = sum(likely for likely, _, _ in points)
    mean = sum(likely * estimate for likely, estimate, _ in points) / total
    second = sum(likely * (variance + estimate**2) for likely, estimate, variance in points) / total
    margin = NormalDist().inv_cdf(0.95) * (second - mean**2) ** 0.5
    return 100 * mean, 100 * (mean - margin), min(100 * (mean + margin), 100.0)


def test_the_worked_town_is_what_a_run_makes_of_it() -> None:
    people = submissions(
        *({"submission_id": f"{who}-{where}", "auditor": who, "point": WHERE[where]} for who, where in LEVELS)
    )
    seen = observations({f"{who}-{where}": {"walk_path": level} for (who, where), level in LEVELS.items()})
    scores = result(people, seen).scores
    rows = scores[scores["indicator"] == "walk_path"].set_index("place_id")
    south = rows.loc["south", ["score", "low", "high"]].astype(float).tolist()
    assert south == pytest.approx(over_the_grid(), abs=0.006)
    assert rows.loc["north", "score"] == pytest.approx(100 - south[0], abs=0.011)


def test_the_figures_of_the_page_are_those_of_the_worked_town() -> None:
    text = METHOD.read_text(encoding="utf-8")
    points = [by_hand(r, part) for r, part in SHARES]
    total = sum(likely for likely, _, _ in points)
    for r, part in ((0.2, 0.4), (0.5, 0.0), (0.5, 0.4), (0.8, 0.4)):
        likely, estimate, variance = by_hand(r, part)
        row = f"| {r:.2f} | {part * (1 - r):.2f} | {100 * likely / total:.1f} % | {100 * estimate:.1f} | "
        assert f"{row}{100 * variance**0.5:.1f} |" in text
    score, low, high = over_the_grid()
    assert f"**{score:.1f}, from {low:.1f} to {high:.1f}**" in text
