"""What files gave -> the tables: identity across files, light, and the count of every row."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray

from safeaudit import crs
from safeaudit.audits.normalise import reading
from safeaudit.audits.normalise.answers import NO_LEVEL, rating_of
from safeaudit.audits.normalise.cells import Coded, constant, looked_up, objects
from safeaudit.audits.normalise.counting import FLAG_WORDS, settle
from safeaudit.audits.normalise.identity import hexadecimal
from safeaudit.audits.normalise.walks import infer_walks
from safeaudit.tables import TABLES, Audits, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from safeaudit.audits.normalise.ledger import Ledger
    from safeaudit.audits.normalise.reading import Columns, FileRows
    from safeaudit.audits.spans import Spans
    from safeaudit.rubric import Rubric


def tables(files: Sequence[FileRows], ledger: Ledger, rubric: Rubric) -> Audits:
    """Put the rows of all files, as they were written down, together as the tables of `normalise`."""
    source = np.repeat(np.arange(len(files)), [file.usable for file in files])
    names = [file.file for file in files]
    rows = ledger.columns()
    rows["ratings"] = _ratings(rows["levels"], rows.pop("ratings"), rows.pop("rated_row"))
    rows["walk_id"], begun = infer_walks(rows["walk_id"], source, rows["campaign"], rows["observed_us"], names)
    inferred = np.bincount(source[begun], minlength=len(files))
    identity, rows["flags"], counts = settle(files, rows, rows["observed_us"], inferred)
    rows |= {"id": identity.submission_id, "version": identity.version, "source": source}
    kept = np.argsort(identity.submission_id)
    if identity.duplicate.any():
        kept = kept[~identity.duplicate[kept]]
    rows = {name: reading.kept(rows.pop(name), kept) for name in list(rows)}
    ids = pd.Index(hexadecimal(rows["id"]))
    rated = {name: rows.pop(name) for name in ("ratings", "levels", "n", "spread")}
    observations = _observations(rated, ids, rubric)
    faults = _faults(rows.pop("faults"), ids)
    return Audits(
        submissions=_submissions(rows, ids, names),
        observations=observations,
        faults=faults,
        rejected=_rejected(files),
        counts=counts,
    )


def _ratings(levels: NDArray[np.int8], others: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the ratings, of which some rows have others than their levels give; shape (n, 0) where none has."""
    if not len(at):
        return np.empty((len(levels), 0))
    ratings = rating_of(levels)
    ratings[at] = others
    return ratings


def _submissions(rows: Columns, ids: pd.Index[str], sources: Sequence[str]) -> gpd.GeoDataFrame:
    times = pd.Series(rows["observed_us"].view("datetime64[us]")).dt.tz_localize("UTC")
    frame = gpd.GeoDataFrame(
        {
            "submission_id": pd.Categorical.from_codes(np.arange(len(ids), dtype=np.int32), categories=ids),
            "source": _category(Coded(rows["source"], tuple(sources))),
            "line": rows["line"],
            "form": _texts(rows["form"]),
            "version": rows["version"],
            "flags": _category(Coded(rows["flags"], FLAG_WORDS), empty=True),
            "observed_at": times,
            "light": _category(rows["light"]),
            "group_size": rows["group_size"],
            "accuracy_m": rows["accuracy_m"],
            "lux": rows["lux"],
            "note": _texts(rows["note"]),
            **{name: _category(rows[name]) for name in reading.CODED},
        },
        geometry=_points(rows["lon"], rows["lat"]),
        copy=False,
    )
    return validate_table(frame, "submissions")


def _points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> GeometryArray:
    """Return points, None where a coordinate is NaN."""
    located = np.isfinite(lon)
    every = bool(located.all())
    with _no_search_for_cycles():
        found = shapely.points(lon, lat) if every else shapely.points(lon[located], lat[located])
    points = found
    if not every:
        points = np.full(len(lon), None, dtype=object)
        points[located] = found
    return GeometryArray(points, crs=crs.WGS84)


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


def _observations(rated: Columns, ids: pd.Index[str], rubric: Rubric) -> pd.DataFrame:
    """Return one row for each rating, by submission and name of the indicator."""
    order = np.argsort(np.array(rubric.names))
    levels = np.take(rated["levels"], order, axis=1)
    wide, means = rated["ratings"].shape[1] > 0, rated["n"].shape[1] > 0
    ratings = np.take(rated["ratings"], order, axis=1) if wide else None
    every = levels.min(initial=0) != NO_LEVEL
    answered = np.empty(0) if every else levels != NO_LEVEL if ratings is None else ~np.isnan(ratings)

    def given(matrix: NDArray[Any]) -> NDArray[Any]:
        return matrix.ravel() if every else matrix[answered]

    rows = given(np.broadcast_to(np.arange(len(ids), dtype=np.int32)[:, None], levels.shape))
    level = given(levels)
    single = pd.arrays.IntegerArray(constant(np.int64(1), len(rows)), constant(np.False_, len(rows)))
    frame = pd.DataFrame(
        {
            "submission_id": pd.Categorical.from_codes(rows, categories=ids),
            "indicator": pd.Categorical.from_codes(
                given(np.broadcast_to(np.arange(len(order), dtype=np.int8), levels.shape)),
                categories=[rubric.names[index] for index in order],
            ),
            "level": pd.arrays.IntegerArray(
                level.astype(np.int64), constant(np.False_, len(level)) if every else level == NO_LEVEL
            ),
            "rating": rating_of(level) if ratings is None else given(ratings),
            "n": given(rated["n"][:, order]) if means else single,
            "spread": given(rated["spread"][:, order]) if means else constant(np.float64(np.nan), len(rows)),
        },
        copy=False,
    )
    return validate_table(frame, "observations")


def _faults(reported: Coded, ids: pd.Index[str]) -> pd.DataFrame:
    """Return one row for each kind that a submission reports."""
    rows = np.flatnonzero(~reported.where(""))
    kinds = objects(text.split() for text in reported.texts)[reported.codes[rows]]
    submission = pd.Categorical.from_codes(rows, categories=ids)
    frame = pd.DataFrame({"submission_id": submission, "kind": kinds}).explode("kind", ignore_index=True)
    return frame.astype({"kind": "category"})


def _rejected(files: Sequence[FileRows]) -> pd.DataFrame:
    """Return what was rejected, in the order of files and lines."""
    names = TABLES["rejected"].names
    frames = [pd.concat(found).sort_values("line", kind="stable") for file in files if (found := _some(file.rejected))]
    together = pd.concat(frames) if frames else pd.DataFrame({name: [] for name in names}).astype({"line": np.int64})
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


def _category(column: Coded, *, empty: bool = False) -> pd.Categorical:
    """Return a column as a categorical of the texts that are there, sorted; the empty text is NA or kept."""
    column = column.in_order()
    used = np.bincount(column.codes, minlength=len(column.texts)) > 0
    used &= np.array([empty or text != "" for text in column.texts], dtype=bool)
    rank = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
    there = [text for text, is_used in zip(column.texts, used, strict=True) if is_used]
    return pd.Categorical.from_codes(looked_up(rank, column.codes), categories=pd.Index(there, dtype="str"))
