"""What files gave -> the tables: identity across files, light, and the count of every row."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray

from safeaudit import crs
from safeaudit.audits.normalise.answers import NO_LEVEL, rating_of
from safeaudit.audits.normalise.auditors import PARTS
from safeaudit.audits.normalise.coded import Coded, constant, look_up, objects, select
from safeaudit.audits.normalise.counting import count_files, settle
from safeaudit.audits.normalise.flags import FLAG_WORDS
from safeaudit.audits.normalise.identity import hexadecimal
from safeaudit.audits.normalise.walks import infer_walks
from safeaudit.tables import TABLES, Audits, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from safeaudit.audits.normalise.ledger import Ledger
    from safeaudit.audits.normalise.reading import FileReport
    from safeaudit.audits.normalise.submissions import Submissions
    from safeaudit.audits.spans import Spans
    from safeaudit.rubric import Rubric

_CATEGORIES = (
    "walk_id",
    "campaign",
    "auditor_role",
    "place_code",
    "auditor_sex",
    "auditor_age",
    "auditor_disability",
    "own_groups",
    "auditor",
    "consent",
)


def build_tables(reports: Sequence[FileReport], ledger: Ledger[Submissions], rubric: Rubric) -> Audits:
    """Put the submissions of all files, as they were written down, together as the tables of `normalise`."""
    source = np.repeat(np.arange(len(reports)), [report.usable for report in reports])
    names = [report.file for report in reports]
    rows = ledger.close()
    origin = np.array([report.origin for report in reports], dtype=np.int64)[source]
    walk_id, begun = infer_walks(rows.walk_id, origin, rows.campaign, rows.observed_us, names)
    settled = settle(rows, rows.observed_us)
    counts = count_files(reports, rows.line, settled, np.bincount(source[begun], minlength=len(reports)))
    identity = settled.identity
    order = np.argsort(identity.submission_id)
    if identity.duplicate.any():
        order = order[~identity.duplicate[order]]
    rows = replace(rows, submission_id=identity.submission_id, walk_id=walk_id, flags=settled.flags).at(order)
    ids = pd.Index(hexadecimal(rows.submission_id))
    return Audits(
        submissions=_submissions(rows, ids, select(identity.version, order), Coded(source[order], tuple(names))),
        observations=_observations(rows, ids, rubric),
        faults=_faults(rows.faults, ids),
        rejected=_rejected(reports),
        counts=counts,
    )


def _submissions(rows: Submissions, ids: pd.Index[str], version: NDArray[np.int64], source: Coded) -> gpd.GeoDataFrame:
    times = pd.Series(rows.observed_us.view("datetime64[us]")).dt.tz_localize("UTC")
    frame = gpd.GeoDataFrame(
        {
            "submission_id": pd.Categorical.from_codes(np.arange(len(ids), dtype=np.int32), categories=ids),
            "source": _category(source),
            "line": rows.line,
            "form": _texts(rows.form),
            "version": version,
            "flags": _category(Coded(rows.flags, FLAG_WORDS), empty=True),
            "observed_at": times,
            "light": _category(rows.light),
            "group_size": rows.group_size,
            **{name: _counts(getattr(rows, name)) for name in PARTS},
            "accuracy_m": rows.accuracy_m,
            "lux": rows.lux,
            "note": _texts(rows.note),
            **{name: _category(getattr(rows, name)) for name in _CATEGORIES},
        },
        geometry=_points(rows.lon, rows.lat),
        copy=False,
    )
    return validate_table(frame, "submissions")


def _points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> GeometryArray:
    """Return points, None where a coordinate is NaN."""
    located = np.isfinite(lon)
    if located.all():
        points = _make_points(lon, lat)
    else:
        points = np.full(len(lon), None, dtype=object)
        points[located] = _make_points(lon[located], lat[located])
    return GeometryArray(points, crs=crs.WGS84)


def _make_points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.object_]:
    with _no_search_for_cycles():
        points: NDArray[np.object_] = shapely.points(lon, lat)
    return points


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Leave out what Python does at every 700th new point: look through all of them, though none holds another."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _observations(rows: Submissions, ids: pd.Index[str], rubric: Rubric) -> pd.DataFrame:
    """Return one row for each rating, by submission and name of the indicator."""
    order = np.argsort(np.array(rubric.names))
    levels = np.take(rows.levels, order, axis=1)
    others = np.take(rows.ratings, order, axis=1) if rows.ratings.shape[1] else None
    answered = levels != NO_LEVEL
    if others is not None:
        answered |= ~np.isnan(others)
    every = bool(answered.all())

    def answers(matrix: NDArray[Any]) -> NDArray[Any]:
        """Return what stands beside the answers of all indicators, row by row."""
        return matrix.ravel() if every else matrix[answered]

    row = answers(np.broadcast_to(np.arange(len(ids), dtype=np.int32)[:, None], levels.shape))
    indicator = answers(np.broadcast_to(np.arange(len(order), dtype=np.int8), levels.shape))
    level = answers(levels)
    # Where a level is given no other rating is, and the other way round: of the two, one is NaN.
    rating = rating_of(level) if others is None else np.fmax(rating_of(level), answers(others))
    means = rows.n.shape[1] > 0
    no = constant(np.False_, len(row))
    single = pd.arrays.IntegerArray(constant(np.int64(1), len(row)), no)
    frame = pd.DataFrame(
        {
            "submission_id": pd.Categorical.from_codes(row, categories=ids),
            "indicator": pd.Categorical.from_codes(indicator, categories=[rubric.names[index] for index in order]),
            "level": pd.arrays.IntegerArray(
                level.astype(np.int64), no if every and others is None else level == NO_LEVEL
            ),
            "rating": rating,
            "n": answers(rows.n[:, order]) if means else single,
            "spread": answers(rows.spread[:, order]) if means else constant(np.float64(np.nan), len(row)),
        },
        copy=False,
    )
    return validate_table(frame, "observations")


def _faults(reported: Coded, ids: pd.Index[str]) -> pd.DataFrame:
    """Return the table `reports`: one row for each kind that a submission reports."""
    rows = np.flatnonzero(~reported.where(""))
    kinds = objects(text.split() for text in reported.texts)[reported.codes[rows]]
    submission = pd.Categorical.from_codes(rows, categories=ids)
    frame = pd.DataFrame({"submission_id": submission, "kind": kinds}).explode("kind", ignore_index=True)
    return validate_table(frame, "reports")


def _rejected(reports: Sequence[FileReport]) -> pd.DataFrame:
    """Return what was rejected, in the order of files and lines."""
    names = TABLES["rejected"].names
    of_files = [
        pd.concat(frames).sort_values("line", kind="stable") for report in reports if (frames := _some(report.rejected))
    ]
    together = (
        pd.concat(of_files) if of_files else pd.DataFrame({name: [] for name in names}).astype({"line": np.int64})
    )
    return validate_table(together, "rejected")


def _some(frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    return [frame for frame in frames if len(frame)]


def _texts(cells: Spans) -> NDArray[np.object_]:
    """Return texts with None for the empty ones."""
    there = np.flatnonzero(cells.length)
    if len(there) == cells.size:
        return cells.texts()
    texts = np.full(cells.size, None, dtype=object)
    texts[there] = cells.at(there).texts()
    return texts


def _counts(numbers: NDArray[np.float64]) -> pd.arrays.IntegerArray:
    """Return whole numbers, NA for NaN."""
    unknown = np.isnan(numbers)
    return pd.arrays.IntegerArray(np.where(unknown, 0, numbers).astype(np.int64), unknown)


def _category(column: Coded, *, empty: bool = False) -> pd.Categorical:
    """Return a column as a categorical of the texts that are there, sorted; the empty text is NA or kept."""
    column = column.in_order()
    used = np.bincount(column.codes, minlength=len(column.texts)) > 0
    used &= np.array([empty or text != "" for text in column.texts], dtype=bool)
    rank = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
    there = [text for text, is_used in zip(column.texts, used, strict=True) if is_used]
    return pd.Categorical.from_codes(look_up(rank, column.codes), categories=pd.Index(there, dtype="str"))
