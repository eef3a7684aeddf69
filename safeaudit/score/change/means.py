"""The mean change of the places of an area, and how sure it is. Rows of the table `mean_changes`.

The places of an area do not change one by one: an auditor who is stricter in the second round, an evening of rain, a
new street market change many at once. So the mean is made anew without each auditor, each outing, each neighbourhood:

    variance = (G - 1) / G  sum over the G left out of (mean without it - mean)^2

(the cluster jackknife, CV3; Bell and McCaffrey, Survey Methodology 2002; MacKinnon, Nielsen and Webb, Journal of
Applied Econometrics 2023). What different auditors have in common on one outing comes on top of how auditors differ,
and so does what they have in common in one neighbourhood: the variance by both is that by auditors and that by the
other, less that by what one auditor did on one outing, or in one neighbourhood (Cameron, Gelbach and Miller, Journal of
Business and Economic Statistics 2011), and never less than that by auditors. The wider interval of outings and
neighbourhoods counts. Its quantile is that of t with G* - 1 degrees of freedom, G* the number of clusters that as many
of one size would be (Carter, Schnepel and Steigerwald, Review of Economics and Statistics 2017): with all auditors
alike it is G, with one who did half of the work, few. Where each is of one round alone, two means are taken off, and it
is G* - 2; in between, in between. Of two variances it is Satterthwaite's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from safeaudit.languages import REFERENCE, read_language
from safeaudit.score.change.discovery import detectable, margins, p_values
from safeaudit.score.change.pools import say_too_few
from safeaudit.score.change.rounds import AFTER, BEFORE
from safeaudit.score.model import LEAST_DEVIATION
from safeaudit.score.ratings import LEAST_N

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.score.change.pools import Pool

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

LOPSIDED = read_language(REFERENCE)["console.untold.lopsided"]
"""Why nothing is tested where what differs may be one person or one evening."""

_EVEN = 1e-9
_LEAST_LEFT = 5
_ONE_SIDED = 1.645


@dataclass(frozen=True, slots=True)
class Members:
    """Which place of a pool (its number in `pairs`) lies in which area (code): two columns, a row for each."""

    pair: Codes
    area: Codes

    @property
    def size(self) -> int:
        """Number of areas."""
        return int(self.area.max(initial=-1)) + 1


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Mean changes without one cluster each: its code, the area, the mean (NaN where no place is left).

    `before` and `after` are how much of the area's mean of each round is the cluster's.
    """

    cluster: Codes
    area: Codes
    mean: Floats
    before: Floats
    after: Floats


def mean_differences(pool: Pool, members: Members) -> Floats:
    """Return the mean difference of the places of each area, 0-1; NaN where it has none."""
    difference = (pool.pairs["mean_after"] - pool.pairs["mean_before"]).to_numpy()
    count = np.bincount(members.area, minlength=members.size)
    summed = np.bincount(members.area, difference[members.pair], minlength=members.size)
    mean: Floats = np.divide(summed, count, out=np.full(len(count), np.nan), where=count > 0)
    return mean


def leave_out(pool: Pool, members: Members, cluster: Codes) -> LeftOut:
    """Return the mean change of each area without each cluster that has ratings in it.

    Parameters
    ----------
    pool
        What both rounds saw.
    members
        Its places, by area.
    cluster
        The cluster of each rating of `pool.compared`, as codes.
    """
    touched = _without(pool, cluster)
    row, area = _areas_of(touched.pair, members, len(pool.pairs))
    found, at = np.unique(touched.cluster[row] * members.size + area, return_inverse=True)
    columns = (touched.moved, touched.gone, touched.before, touched.after)
    moved, gone, before, after = (np.bincount(at, column[row]) for column in columns)
    area = found % members.size
    every = np.bincount(members.area, minlength=members.size)[area]
    left = every - gone
    total = mean_differences(pool, members)[area] * every + moved
    mean = np.divide(total, left, out=np.full(len(left), np.nan), where=left > _EVEN)
    return LeftOut(found // members.size, area, mean, before / every, after / every)


def _areas_of(pair: Codes, members: Members, pairs: int) -> tuple[Codes, Codes]:
    """Return each place with each of its areas: the row in `pair`, and the area."""
    order = np.argsort(members.pair, kind="stable")
    areas = np.bincount(members.pair, minlength=pairs)
    first, here = (np.cumsum(areas) - areas)[pair], areas[pair]
    row = np.repeat(np.arange(len(pair)), here)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(here) - here, here)
    return row, members.area[order[first[row] + rank]]


@dataclass(frozen=True, slots=True)
class _Touched:
    """A place that a cluster rated; without it the sum of changes has `moved`, and the place may be `gone` (1 or 0).

    `before` and `after` are how much of the place's means is the cluster's.
    """

    cluster: Codes
    pair: Codes
    moved: Floats
    gone: Floats
    before: Floats
    after: Floats


def _without(pool: Pool, cluster: Codes) -> _Touched:
    """Return what is without each cluster at each place that it rated."""
    at, pairs = pool.compared, pool.pairs
    first = int(cluster.max(initial=0)) + 1
    found, cell = np.unique(at["pair"] * first + cluster, return_inverse=True)
    pair = found // first
    both = cell + len(found) * at["round"]
    weight = np.bincount(both, at["weight"], minlength=2 * len(found)).reshape(2, -1)
    rated = np.bincount(both, at["weight"] * at["rating"], minlength=2 * len(found)).reshape(2, -1)
    n = pairs[["n_before", "n_after"]].to_numpy().T[:, pair]
    mean = pairs[["mean_before", "mean_after"]].to_numpy().T[:, pair]
    left = n - weight
    stays = (left >= LEAST_N - _EVEN).all(axis=0)
    means = np.divide(n * mean - rated, left, out=np.zeros_like(left), where=stays)
    moved = np.where(stays, means[AFTER] - means[BEFORE], 0.0) - (mean[AFTER] - mean[BEFORE])
    # A place that nobody else saw in one of the rounds is gone with whoever did.
    return _Touched(found % first, pair, moved, 1.0 - stays, *(weight / n))


def jackknife(left: LeftOut, mean: Floats) -> tuple[Floats, Floats]:
    """Return the deviation of the mean change of each area, and its degrees of freedom; NaN where that cannot be told.

    Parameters
    ----------
    left
        The means without one cluster each.
    mean
        The mean of each area.
    """
    size = len(mean)
    clusters = np.bincount(left.area, minlength=size)
    away = np.bincount(left.area, (left.mean - mean[left.area]) ** 2, minlength=size)
    whole, apart = left.before + left.after, np.abs(left.before - left.after)
    squares, fourth, total, alone = (
        np.bincount(left.area, value, minlength=size) for value in (whole**2, whole**4, whole, apart)
    )
    alike = np.divide(squares**2, fourth, out=np.zeros(size), where=fourth > 0)
    # Clusters of both rounds have one mean taken off; where each is of one round, there are two means.
    freedom = alike - 1 - np.divide(alone, total, out=np.ones(size), where=total > 0)
    told = (freedom > 1 - _EVEN) & np.isfinite(away)
    variance = np.maximum((clusters - 1) / np.maximum(clusters, 1) * away, LEAST_DEVIATION**2)
    return np.where(told, np.sqrt(variance), np.nan), np.where(told, freedom, np.nan)


def describe_left(members: Members, mean: Floats, chosen: Floats) -> pd.DataFrame:
    """Return for each area the places that the first round alone saw, and whether those seen again had been worse.

    Where a second round goes to the worst places of the first, some of them were so by chance, and rise by themselves.

    Parameters
    ----------
    members
        All places that the first round saw, by area: their numbers in `mean`.
    mean
        What the first round saw there, 0-1.
    chosen
        Whether each was seen again.

    Returns
    -------
    places_left, before_left (0-100, NaN where there are none) and worse_again, by area.
    """
    at, size = members.area * 2 + chosen[members.pair].astype(np.int64), members.size
    value = mean[members.pair]
    count, total, squares = (
        np.bincount(at, weight, minlength=2 * size).reshape(-1, 2) for weight in (np.ones(len(at)), value, value**2)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        means = total / count
        variance = (squares - count * means**2) / (count - 1) / count
        standard = (means[:, 0] - means[:, 1]) / np.sqrt(variance.sum(axis=1))
    worse = (count.min(axis=1) >= _LEAST_LEFT) & (standard > _ONE_SIDED)
    return pd.DataFrame(
        {"places_left": count[:, 0].astype(np.int64), "before_left": 100 * means[:, 0], "worse_again": worse}
    )


def change_means(pool: Pool, members: Members, neighbourhood: Codes) -> pd.DataFrame:
    """Return the mean change of each area, 0-100.

    Parameters
    ----------
    pool
        What both rounds saw.
    members
        Its places, by area.
    neighbourhood
        That of each place of the pool, as codes.

    Returns
    -------
    area (code), kind, indicator, light, places, n and contributors of each round, before, after, difference, low, high,
    p, detectable and note: a row for each area that has a place of the pool.
    """
    mean = mean_differences(pool, members)
    counted = _counted(pool, members)
    few = [say_too_few(*row, same_people=pool.same_people) for row in counted.pop("auditors")]
    deviation, freedom = _how_sure(pool, members, neighbourhood, mean)
    unsure = np.where(np.isnan(deviation), LOPSIDED, "")
    note = np.where(np.array(few, dtype=object) != "", few, unsure)
    deviation, freedom = np.where(note == "", (deviation, freedom), np.nan)
    margin = margins(deviation, freedom)
    values = {
        "difference": mean,
        "low": np.maximum(mean - margin, -1),
        "high": np.minimum(mean + margin, 1),
        "detectable": detectable(deviation, freedom),
    }
    found = pd.DataFrame({"area": np.arange(members.size), "kind": pool.kind, "indicator": pool.indicator})
    found = found.assign(light=pool.light, **counted, **{name: 100 * value for name, value in values.items()})
    return found.assign(p=p_values(mean, deviation, freedom), note=note)[found["places"] > 0]


def _how_sure(pool: Pool, members: Members, neighbourhood: Codes, mean: Floats) -> tuple[Floats, Floats]:
    """Return deviation and degrees of freedom of the mean change of each area."""
    at = {name: pool.compared[name].astype(np.int64) for name in ("contributor", "walk", "pair")}
    auditor, outing, ward = at["contributor"], at["walk"], neighbourhood[at["pair"]]
    by_auditor = jackknife(leave_out(pool, members, auditor), mean)
    by_outing = _by_both(pool, members, (auditor, outing), mean, by_auditor)
    deviation, freedom = _by_both(pool, members, (auditor, ward), mean, by_auditor)
    # Of an area that is one neighbourhood, nothing is known by neighbourhoods.
    wider = margins(deviation, freedom) > margins(*by_outing)
    return np.where(wider, deviation, by_outing[0]), np.where(wider, freedom, by_outing[1])


def _by_both(
    pool: Pool, members: Members, clusters: tuple[Codes, Codes], mean: Floats, by_auditor: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Return deviation and degrees of freedom by auditors and by something else together."""
    auditor, other = clusters
    second = jackknife(leave_out(pool, members, other), mean)
    cross = np.unique(auditor * (int(other.max()) + 1) + other, return_inverse=True)[1]
    third = jackknife(leave_out(pool, members, cross), mean)
    # What different auditors have in common on an outing, or in a neighbourhood, comes on top.
    first, common = by_auditor[0] ** 2, np.maximum(second[0] ** 2 - third[0] ** 2, 0.0)
    together = first + common
    freedom = together**2 / (first**2 / by_auditor[1] + common**2 / second[1])
    return np.sqrt(together), freedom


def _counted(pool: Pool, members: Members) -> dict[str, Any]:
    """Return what stands behind each area's mean: places, ratings, people and auditors of each round."""
    size, pairs, at = members.size, pool.pairs, pool.compared
    count = np.bincount(members.area, minlength=size)
    told: dict[str, Any] = {"places": count}
    for name in ("n_before", "n_after", "mean_before", "mean_after"):
        told[name] = np.bincount(members.area, pairs[name].to_numpy()[members.pair], minlength=size)
    for when in ("before", "after"):
        mean = np.divide(told.pop(f"mean_{when}"), count, out=np.full(size, np.nan), where=count > 0)
        told[when] = 100 * mean
    rows = pd.DataFrame({"pair": at["pair"], "who": at["contributor"], "round": at["round"]}).drop_duplicates()
    rows = rows.merge(pd.DataFrame({"pair": members.pair, "area": members.area}), on="pair")
    by_round = [rows[rows["round"] == number].groupby("area")["who"].nunique() for number in (BEFORE, AFTER)]
    auditors = pd.concat([*by_round, rows.groupby("area")["who"].nunique()], axis=1).reindex(range(size)).fillna(0)
    before, after, every = auditors.to_numpy(np.int64).T
    told |= {
        "auditors_before": before,
        "auditors_after": after,
        "auditors": list(zip(before, after, every, strict=True)),
    }
    return told
