"""Whether scores can be trusted: coverage, error and lists in simulated towns whose truth is known.

Walks on Makati's streets; auditors of several strictness, alone or in groups, rate eight indicators in the four levels,
which end at 0 and 3; phones are off by so much, and wrong for a while. The truth of a place is the mean rating that all
people would give it. Beside ours, from the same answers: what version 0.1 made of them (`_earlier`), and the mean.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from measure import tell_command
from towns_made import NAMES, Plan, make_pool, towns

from safeaudit.config import ScoreSettings
from safeaudit.rubric import STANDARD
from safeaudit.score.estimate import score

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from towns_made import Pool, Town

    Floats = NDArray[np.float64]

RADII = (0.0, 5.0, 10.0)
SIZES = {60: (4,), 150: (4, 10), 400: (4, 10, 40), 2000: (10, 40)}
NS = {"1": (0.0, 1.5), "2": (1.5, 2.5), "3-5": (2.5, 5.5), "6+": (5.5, np.inf)}
WORST, LIKELY, MIDDLE, WORST_BAND = 20, 0.8, 50.0, 100 / 6
LEAST_IN_CELL = 200
"""Estimates below which the coverage of a cell is not looked at."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is printed of one kind of town, for single indicators or for the score."""

    covered: float
    by_n: tuple[float, ...]
    error: float
    earlier: float
    plain: float
    worst: float
    earlier_worst: float
    best_worst: float
    bias: float
    likely: float


def main() -> None:
    """Print each kind of town, then the worst of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--towns", type=int, default=20, help="towns of each kind (200 for a report)")
    parser.add_argument("--ratings", type=int, nargs="+", default=list(SIZES), choices=list(SIZES))
    given = parser.parse_args()
    tell_command()
    pool = make_pool(RADII)
    print(
        f"{'towns':52}{'covered':>8} {'n=1':>6}{'2':>6}{'3-5':>6}{'6+':>6}"
        "  rmse earlier plain  worst 20 (earlier, best)  band bias likely"
    )
    found = []
    for plan in _plans(given.ratings):
        rows = _estimates(pool, plan, given.towns)
        for what, of_score in (("indicators", False), ("score", True)):
            told = _sum_up(rows[(rows["indicator"] == "score") == of_score])
            found.append(told)
            _tell(f"{_say(plan)}, {what}", told)
    _tell_worst(found)


def _plans(ratings: list[int]) -> Iterator[Plan]:
    for count in ratings:
        for auditors, part, groups, radius in product(SIZES[count], (0.0, 0.4), (False, True), RADII):
            yield Plan(ratings=count, auditors=auditors, part=part, groups=groups, radius_m=radius)
        for part in (0.0, 0.4):
            yield Plan(ratings=count, auditors=SIZES[count][-1], part=part, groups=False, radius_m=0.0, means=True)


def _say(plan: Plan) -> str:
    how = "means" if plan.means else "groups" if plan.groups else "alone"
    return f"{plan.ratings} by {plan.auditors} ({plan.part:.0%}), {how}, {plan.radius_m:.0f} m"


def _estimates(pool: Pool, plan: Plan, count: int) -> pd.DataFrame:
    """Return the estimates of all places of such towns, ours and the peers', with their truth."""
    return pd.concat([_of_town(town).assign(town=number) for number, town in enumerate(towns(pool, plan, count))])


def _of_town(town: Town) -> pd.DataFrame:
    scores = score(town.submissions, town.observations, town.matches, STANDARD, ScoreSettings())
    scores = scores[scores["indicator"] != "street_condition"].astype({"place_id": str, "indicator": str})
    truth = (100 * town.truth).rename_axis("place_id").reset_index()
    truth = truth.melt("place_id", var_name="indicator", value_name="truth")
    keys = ["place_id", "indicator"]
    rows = scores.merge(_peers(town), on=keys).merge(truth, on=keys)
    return rows.assign(best=rows["place_id"].map(_best(town)))


def _best(town: Town) -> pd.Series[float]:
    """Return the best guess of each place's score: with the shares, the true places and unrounded answers all known.

    No method can tell places apart better from the answers of such a town.
    """
    unseen = town.unseen
    at, place = np.unique(unseen.place, return_inverse=True)
    of_place, of_auditor = np.eye(len(at))[place], np.eye(unseen.auditor.max() + 1)[unseen.auditor]
    noise = (1 - unseen.own - unseen.auditors) * np.eye(len(place))
    whole = unseen.own * of_place @ of_place.T + unseen.auditors * of_auditor @ of_auditor.T + noise
    guess = unseen.own * of_place.T @ np.linalg.solve(whole, unseen.felt)
    return pd.Series(guess, index=town.truth.index[at])


def _peers(town: Town) -> pd.DataFrame:
    """Return the plain mean of each place, and what version 0.1 estimated, by indicator and for the score."""
    wide = town.observations.pivot_table(index="submission_id", columns="indicator", values="rating", observed=True)
    many = town.observations.drop_duplicates("submission_id").set_index("submission_id")["n"].astype(float)
    wide = wide[list(NAMES)].assign(score=wide[list(NAMES)].mean(axis=1))
    rows = town.matches.assign(weight=town.matches["weight"] * many.reindex(town.matches["submission_id"]).to_numpy())
    rows = rows.join(wide, on="submission_id")
    n = rows.groupby("place_id")["weight"].sum()
    means = rows[wide.columns].mul(rows["weight"], axis=0).groupby(rows["place_id"]).sum().div(n, axis=0)
    parts = [
        pd.DataFrame({"indicator": name, "plain": 100 * mean, "earlier": 100 * _earlier(mean, n)})
        for name, mean in means.items()
    ]
    return pd.concat(parts).reset_index()


def _earlier(mean: pd.Series[float], n: pd.Series[float]) -> Floats:
    """Return what version 0.1 estimated: pulled to the mean by a share of 0.3 to 0.7, with no auditors."""
    nodes, weights = np.polynomial.legendre.leggauss(5)
    own = 0.5 + nodes * 0.2
    city = np.average(mean, weights=n / (n + 1))
    pull = own * n.to_numpy()[:, None] / (own * n.to_numpy()[:, None] + 1 - own)
    return city + (pull @ (weights / weights.sum())) * (mean.to_numpy() - city)


def _sum_up(rows: pd.DataFrame) -> Told:
    inside = rows["truth"].between(rows["low"], rows["high"])
    parts = [inside[(rows["n"] >= low) & (rows["n"] < high)] for low, high in NS.values()]
    likely = rows[rows["p_below"] >= LIKELY]
    by_town = rows.groupby("town")
    bias = by_town["band_1"].mean() - (rows["truth"] < WORST_BAND).groupby(rows["town"]).mean()
    return Told(
        covered=inside.mean(),
        by_n=tuple(part.mean() if len(part) >= LEAST_IN_CELL else np.nan for part in parts),
        error=_rmse(rows, "score"),
        earlier=_rmse(rows, "earlier"),
        plain=_rmse(rows, "plain"),
        worst=by_town.apply(_precision, by="score").mean(),
        earlier_worst=by_town.apply(_precision, by="earlier").mean(),
        best_worst=by_town.apply(_precision, by="best").mean(),
        bias=100 * bias.mean(),
        likely=(likely["truth"] < MIDDLE).mean(),
    )


def _rmse(rows: pd.DataFrame, column: str) -> float:
    return float(np.sqrt(((rows[column] - rows["truth"]) ** 2).mean()))


def _precision(rows: pd.DataFrame, by: str) -> float:
    """Return how many of the 20 places that are lowest are truly among the 20 lowest."""
    if not (rows["indicator"] == "score").all() or len(rows) < 2 * WORST:
        return np.nan
    return len(set(rows.nsmallest(WORST, by)["place_id"]) & set(rows.nsmallest(WORST, "truth")["place_id"])) / WORST


def _tell(what: str, told: Told) -> None:
    by_n = "".join(f"{share:6.2f}" for share in told.by_n)
    error = f"{told.error:5.1f} {told.earlier:6.1f} {told.plain:6.1f}"
    lists = f"{told.worst:5.2f} ({told.earlier_worst:.2f}, {told.best_worst:.2f}) {told.bias:+7.1f} {told.likely:8.2f}"
    print(f"{what:52}{told.covered:8.3f} {by_n}  {error}  {lists}", flush=True)


def _tell_worst(found: list[Told]) -> None:
    covered = np.array([told.covered for told in found])
    cells = np.array([told.by_n for told in found])
    print(f"covered: {covered.min():.3f} to {covered.max():.3f}, mean {covered.mean():.3f} (wanted 0.87 to 0.93)")
    print(f"worst cell by n: {np.nanmin(cells):.3f} (wanted at least 0.82)")
    print(
        f"rmse beside the earlier model, at most: {max(t.error / t.earlier for t in found):.3f}; beside the mean: "
        f"{max(t.error / t.plain for t in found):.3f} (wanted under 1)"
    )
    print(f"bias of the worst-band share: {max(abs(t.bias) for t in found):.1f} points at most (wanted 2)")
    print(f"truly below of what is likely: {min(t.likely for t in found):.2f} at least (wanted 0.8)")


if __name__ == "__main__":
    main()
