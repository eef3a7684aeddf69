"""Which submissions speak of one spot: independent forms, close together, in the same light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.contributors import contributor_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAME_SPOT_M = 25.0
"""Any two forms about one spot lie at most this far apart."""

COMPARED = 64
"""So many forms of one place in one light are compared with each other, then the next so many."""

_SEED = 20_080_613


def group_by_spot(submissions: pd.DataFrame, matches: pd.DataFrame) -> NDArray[np.int64]:
    """Group submissions into spots: units that several auditors rated independently.

    Two submissions can be about one spot where they go to the same place, in the same light and
    campaign, from different contributors, at most `SAME_SPOT_M` apart. The place is the one that a
    submission lies in or names, else its nearest street, else its nearest other place. Submissions
    that are placed by their code alone speak of the whole place, and are apart from those with a fix.
    Spots grow by complete linkage, the nearest first: every two submissions of a spot fulfil all of
    this, so that nobody counts twice at one. What has no place or no known light is on no spot.

    Parameters
    ----------
    submissions
        Table `submissions` in metres. Where a crowd is cut or pairs are equally near, lots decide, which follow
        the order of the rows.
    matches
        Table `matches`.

    Returns
    -------
    A number per submission, the same for those about one spot; alone on its number where there is
    no other.
    """
    points = submissions.geometry.to_numpy()
    sharp = ~shapely.is_missing(points) & ~(submissions["accuracy_m"] > SAME_SPOT_M).to_numpy(bool)
    # Forms that can be about one spot at all are a block. Within it, pairs that are near and of different people are
    # linked; rows are in the order of the blocks, and `rows` leads back to that of the submissions.
    rows, block = _blocks(_labels(submissions, matches, sharp))
    xy = np.where(sharp[:, None], np.column_stack([shapely.get_x(points), shapely.get_y(points)]), 0.0)[rows]
    who = pd.factorize(contributor_keys(submissions))[0][rows]
    spot = np.arange(len(submissions))
    spot[rows] = rows[_linked(len(rows), _near(xy, block, who))]
    return spot


def _labels(submissions: pd.DataFrame, matches: pd.DataFrame, sharp: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return a number for each place, light and campaign, apart for those with a fix; -1 for no spot."""
    place = _main_places(matches).reindex(submissions["submission_id"]).to_numpy()
    light, campaign = submissions["light"].to_numpy(), submissions["campaign"].to_numpy()
    numbers = pd.DataFrame({"place": place, "light": light, "campaign": campaign, "sharp": sharp})
    label = numbers.groupby(list(numbers), dropna=False, observed=True).ngroup().to_numpy()
    return np.where(pd.notna(place) & pd.notna(light), label, -1)


def _blocks(label: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that are compared, label by label, and the block of each; crowds are cut by lot."""
    # By lot and not by id: of a crowd that is cut, no part shall be of one walk. Then block by block.
    rows = np.random.default_rng(_SEED).permutation(len(label))
    rows = rows[np.argsort(label[rows], kind="stable")]
    rows = rows[label[rows] >= 0]
    rank = pd.Series(label[rows]).groupby(label[rows]).cumcount().to_numpy()
    return rows, label[rows] * len(label) + rank // COMPARED


def _main_places(matches: pd.DataFrame) -> pd.Series[str]:
    """Return the one place that each submission is mostly about, by submission_id."""
    # Inside or named (0 m) before beside, a street before a space or stop, near before far, then by id.
    ranked = matches.assign(beside=matches["distance_m"] > 0, other=matches["kind"] != "segment")
    ranked = ranked.sort_values(["beside", "other", "distance_m", "place_id"], kind="stable")
    return ranked.drop_duplicates("submission_id").set_index("submission_id")["place_id"]


def _near(xy: NDArray[np.float64], block: NDArray[np.int64], who: NDArray[np.int64]) -> pd.DataFrame:
    """Return the pairs that can be about one spot: rows a < b of one block, and how far apart."""
    # Neighbours one apart, two apart, ... in the order of the blocks: no block is longer than COMPARED.
    found = []
    for step in range(1, min(COMPARED, len(block))):
        a = np.flatnonzero((block[step:] == block[:-step]) & (who[step:] != who[:-step]))
        apart = np.hypot(*(xy[a + step] - xy[a]).T)
        close = apart <= SAME_SPOT_M
        found.append(pd.DataFrame({"a": a[close], "b": a[close] + step, "apart": apart[close]}))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame({"a": [], "b": [], "apart": []}, dtype=int)


def _linked(size: int, pairs: pd.DataFrame) -> NDArray[np.int64]:
    """Return for each row the first row of its group, by complete linkage.

    In every round the groups that are each other's nearest join; two groups stay a pair only where
    all their rows are.
    """
    # A pair that is the nearest for both of its groups joins them; as such pairs share no group, all join in one round.
    # Pairs equally far apart go by lot, and every round leaves fewer pairs.
    random = np.random.default_rng(_SEED)
    group = np.arange(size)
    while len(pairs):
        pairs = pairs.iloc[np.lexsort((random.random(len(pairs)), pairs["apart"]))]
        a, b, turn = pairs["a"].to_numpy(), pairs["b"].to_numpy(), np.arange(len(pairs))
        nearest = np.full(size, len(pairs))
        np.minimum.at(nearest, a, turn)
        np.minimum.at(nearest, b, turn)
        join = (nearest[a] == turn) & (nearest[b] == turn)
        into, parts = np.arange(size), np.ones(size, dtype=int)
        into[b[join]], parts[a[join]] = a[join], 2
        group = into[group]
        pairs = _joined(into[a], into[b], pairs["apart"].to_numpy(), parts)
    return group


def _joined(
    a: NDArray[np.int64], b: NDArray[np.int64], apart: NDArray[np.float64], parts: NDArray[np.int64]
) -> pd.DataFrame:
    """Return the pairs of groups that are pairs in all their parts, as far apart as the farthest of them."""
    # Two groups that joined inside vanish as a pair. Of the others every part of one must have been a pair with every
    # part of the other (parts are 1 or 2 each), or somebody in them is too far away, or there twice.
    other = a != b
    pairs = pd.DataFrame({"a": np.minimum(a, b)[other], "b": np.maximum(a, b)[other], "apart": apart[other]})
    summed = pairs.groupby(["a", "b"], sort=True)["apart"].agg(["max", "size"]).reset_index()
    whole = summed["size"].to_numpy() == parts[summed["a"]] * parts[summed["b"]]
    return summed[whole].drop(columns="size").rename(columns={"max": "apart"})
