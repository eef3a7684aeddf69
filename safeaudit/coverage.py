"""How much of each kind of place was seen, in which bands, and in which quarter of a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.rubric import BAND_CUTS

if TYPE_CHECKING:
    from safeaudit.tables import Places

BAND_COLUMNS = ["band_1", "band_2", "band_3", "band_4"]


def place_sizes(places: Places) -> pd.DataFrame:
    """Return what each place weighs in a share: length, area or one.

    Returns
    -------
    place_id, kind and size: metres for a segment, square metres for a space (the middle one's for a
    space known only as a point), 1 for a stop.
    """
    area = places.spaces["area_m2"]
    tables = (
        ("segment", places.segments, places.segments["length_m"]),
        ("space", places.spaces, area.fillna(area.median() if area.notna().any() else 1.0)),
        ("stop", places.stops, 1.0),
    )
    frames = [pd.DataFrame({"place_id": t["place_id"], "kind": kind, "size": size}) for kind, t, size in tables]
    return pd.concat(frames, ignore_index=True)


def bands(scores: pd.Series[float]) -> np.ndarray:
    """Return the band of each score: 0 (needs attention first) to 3 (good).

    Examples
    --------
    >>> import pandas as pd
    >>> bands(pd.Series([0.0, 16.6, 50.0, 100.0]))
    array([0, 0, 2, 3])
    """
    return np.searchsorted(BAND_CUTS, scores, side="right").astype(np.int64)


def coverage(scores: pd.DataFrame, sizes: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the share of each kind that was seen, and the share of each band that is to be expected in it.

    Parameters
    ----------
    scores
        Rows of table `scores`, each place at most once for each key.
    sizes
        As from `place_sizes`: all places, seen or not; or parts of them, with their `area_id`.
    keys
        Columns to sum up by, `kind` among them, and `area_id` where there is one.

    Returns
    -------
    The keys, coverage (0-1) and `BAND_COLUMNS` (0-1, of what was seen).
    """
    rows = scores.merge(sizes, on="place_id")
    # Of each place, how likely it is in each band: an estimate is pulled to the mean, so that to count the band of each
    # one would find the worst and the best too rarely.
    rows[BAND_COLUMNS] = rows[BAND_COLUMNS].mul(rows["size"], axis=0)
    of = [key for key in keys if key in sizes.columns]
    total = sizes.groupby(of)["size"].sum().rename("total").reset_index()
    sums = rows.groupby(keys, observed=True)[[*BAND_COLUMNS, "size"]].sum().rename(columns={"size": "seen"})
    shares = sums.assign(**sums[BAND_COLUMNS].div(sums["seen"], axis=0)).reset_index()
    shares = shares.merge(total, on=of, how="left")
    shares["coverage"] = shares["seen"] / shares["total"]
    return shares[[*keys, "coverage", *BAND_COLUMNS]]


def quarters(times: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    """Return times as in "2026 Q2".

    Parameters
    ----------
    times
        Times, UTC; NaT where unknown.

    Returns
    -------
    Texts on the same index, NA where the time is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> quarters(pd.Series(pd.to_datetime(["2026-05-17T18:23:47Z", None]))).tolist()
    ['2026 Q2', <NA>]
    """
    when = times.dt
    return when.year.astype("Int64").astype("string") + " Q" + when.quarter.astype("Int64").astype("string")
