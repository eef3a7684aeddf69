"""What files gave -> the tables: identity across files, light, and the count of every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit import crs
from safeaudit.normalise import reading
from safeaudit.normalise.answers import NO_LEVEL
from safeaudit.normalise.cells import Coded
from safeaudit.normalise.dates import NO_TIME
from safeaudit.normalise.identity import hexadecimal, identify
from safeaudit.normalise.light import light
from safeaudit.normalise.walks import infer_walks
from safeaudit.tables import TABLES, Audits, FileCount, validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from safeaudit.normalise.reading import Columns, FileRows
    from safeaudit.rubric import Rubric

_FLAGS = {
    reading.DATE_ONLY: ("DATE_ONLY", "say the day and not the hour: whether it was dark is unknown"),
    reading.LOW_PRECISION: ("LOW_PRECISION", "have a fix worse than 100 m"),
    reading.POSSIBLE_DUPLICATE: ("POSSIBLE_DUPLICATE", "are alike and have no id: they may be duplicates"),
    reading.UUID_CONFLICT: (
        "UUID_CONFLICT",
        "share an id with another row of other content: all are kept, as versions",
    ),
}
_FLAG_WORDS = [" ".join(name for bit, (name, _) in _FLAGS.items() if bits & bit) for bits in range(16)]


def tables(files: Sequence[FileRows], no_rows: Columns, rubric: Rubric) -> Audits:
    """Put the rows of all files together as the tables of `normalise`; `no_rows` are columns without a row."""
    rows, source = _joined(files, no_rows)
    found = identify(rows["form"], rows["content"], rows["observed_us"])
    rows["flags"] |= (reading.POSSIBLE_DUPLICATE * found.repeated).astype(np.uint8)
    rows["flags"] |= (reading.UUID_CONFLICT * found.conflict).astype(np.uint8)
    names = [file.file for file in files]
    walks, begun = infer_walks(rows["walk_id"], source, rows["campaign"], rows["observed_us"], names)
    rows["walk_id"] = _one_column([walks])
    inferred = np.bincount(source[begun], minlength=len(files))
    counts = tuple(
        _count(file, rows, source == index, found.duplicate, inferred[index]) for index, file in enumerate(files)
    )
    rows |= {"id": found.submission_id, "version": found.version, "source": source}
    kept = np.flatnonzero(~found.duplicate)
    kept = kept[np.argsort(found.submission_id[kept], kind="stable")]
    rows = {name: _taken(rows.pop(name), kept) for name in list(rows)}
    ids = pd.Index(hexadecimal(rows["id"]))
    observations = _observations(rows.pop("ratings"), rows.pop("levels"), ids, rubric)
    return Audits(
        submissions=_submissions(rows, ids, names),
        observations=observations,
        faults=pd.DataFrame({"submission_id": [], "kind": []}, dtype=object),
        rejected=_rejected(files),
        counts=counts,
    )


def _joined(files: Sequence[FileRows], no_rows: Columns) -> tuple[Columns, NDArray[np.int64]]:
    """Return the columns of all chunks, one after the other, and the number of each row's file."""
    chunks = [no_rows, *(chunk for file in files for chunk in file.chunks)]
    sizes = [sum(len(chunk["line"]) for chunk in file.chunks) for file in files]
    for file in files:
        file.chunks.clear()
    rows: Columns = {name: _one_column([chunk.pop(name) for chunk in chunks]) for name in list(no_rows)}
    return rows, np.repeat(np.arange(len(files)), sizes)


def _one_column(parts: Sequence[Any]) -> Any:
    """Join the parts of a column; the texts of a coded one are sorted, and stand once each."""
    if not isinstance(parts[0], Coded):
        return np.concatenate(parts)
    texts = tuple(sorted({text for part in parts for text in part.texts}))
    place = {text: code for code, text in enumerate(texts)}
    codes = [np.array([place[text] for text in part.texts], dtype=np.int32)[part.codes] for part in parts]
    return Coded(np.concatenate(codes), texts)


def _count(
    file: FileRows, rows: Columns, mine: NDArray[np.bool_], duplicate: NDArray[np.bool_], walks: int
) -> FileCount:
    """Count what became of one file's rows, and say what is worth knowing of them."""
    accepted, duplicates = int((mine & ~duplicate).sum()), int((mine & duplicate).sum())
    remarks = list(file.remarks)
    if duplicates:
        first = rows["line"][mine & duplicate].min()
        remarks.append(
            f"{duplicates} rows repeat an earlier one, id and content; they count once. First: line {first}."
        )
    if walks:
        remarks.append(f"No column names the walk of some rows: {walks} walks are told by silences of over 2 hours.")
    for bit, (name, meaning) in _FLAGS.items():
        flagged = mine & ~duplicate & ((rows["flags"] & bit) > 0)
        if flagged.any():
            first = rows["line"][flagged].min()
            remarks.append(f"{int(flagged.sum())} rows {meaning} ({name}). First: line {first}.")
    return FileCount(
        file=file.file,
        read=file.read,
        accepted=accepted,
        rejected=sum(len(frame) for frame in file.rejected),
        duplicates=duplicates,
        remarks=tuple(remarks),
    )


def _submissions(rows: Columns, ids: pd.Index[str], sources: Sequence[str]) -> gpd.GeoDataFrame:
    known = rows["observed_us"] != NO_TIME
    timed = known & ((rows["flags"] & reading.DATE_ONLY) == 0)
    seconds = np.where(timed, rows["observed_us"] / 1e6, np.nan)
    times = pd.Series(rows["observed_us"].view("datetime64[us]")).dt.tz_localize("UTC")
    located = np.isfinite(rows["lon"])
    points = np.full(len(ids), None, dtype=object)
    points[located] = shapely.points(rows["lon"][located], rows["lat"][located])
    frame = gpd.GeoDataFrame(
        {
            "submission_id": pd.Categorical.from_codes(np.arange(len(ids)), categories=ids),
            "source": _category(_one_column([Coded(rows["source"], tuple(sources))])),
            "line": rows["line"],
            "form": _texts(rows["form"]),
            "version": rows["version"],
            "flags": pd.Categorical(np.array(_FLAG_WORDS, dtype=object)[rows["flags"]]),
            "observed_at": times,
            "light": _category(_one_column([_light(rows, seconds)])),
            "group_size": rows["group_size"],
            "accuracy_m": rows["accuracy_m"],
            "lux": np.full(len(ids), np.nan),
            "note": _texts(rows["note"]),
            **{name: _category(rows[name]) for name in reading.CODED},
        },
        geometry=points,
        crs=crs.WGS84,
    )
    return validate_table(frame, "submissions")


def _observations(
    ratings: NDArray[np.float64], levels: NDArray[np.int8], ids: pd.Index[str], rubric: Rubric
) -> pd.DataFrame:
    """Return one row for each rating, by submission and name of the indicator."""
    order = np.argsort(np.array(rubric.names))
    ratings, levels = ratings[:, order], levels[:, order]
    answered = ~np.isnan(ratings)
    rows = np.repeat(np.arange(len(ids), dtype=np.int32), answered.sum(axis=1))
    indicators = np.broadcast_to(np.arange(len(order), dtype=np.int8), ratings.shape)[answered]
    level = levels[answered]
    frame = pd.DataFrame(
        {
            "submission_id": pd.Categorical.from_codes(rows, categories=ids),
            "indicator": pd.Categorical.from_codes(indicators, categories=[rubric.names[index] for index in order]),
            "level": pd.arrays.IntegerArray(level, level == NO_LEVEL),
            "rating": ratings[answered],
            "n": np.ones(len(rows), dtype=np.int32),
            "spread": np.full(len(rows), np.nan, dtype=np.float32),
        },
        copy=False,
    )
    return validate_table(frame, "observations")


def _rejected(files: Sequence[FileRows]) -> pd.DataFrame:
    """Return what was rejected, in the order of files and lines."""
    names = TABLES["rejected"].names
    frames = [pd.concat(found).sort_values("line", kind="stable") for file in files if (found := _some(file.rejected))]
    together = pd.concat(frames) if frames else pd.DataFrame({name: [] for name in names}).astype({"line": np.int64})
    return validate_table(together, "rejected")


def _some(frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    return [frame.astype({"column": object, "value": object}) for frame in frames if len(frame)]


def _texts(cells: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return texts with None for the empty ones."""
    texts = cells.copy()
    texts[cells == ""] = None
    return texts


def _light(rows: Columns, seconds: NDArray[np.float64]) -> Coded:
    codes, names = pd.factorize(light(rows["lon"], rows["lat"], seconds), use_na_sentinel=False)
    return Coded(codes, tuple(name if isinstance(name, str) else "" for name in names))


def _taken(column: Any, rows: NDArray[np.int64]) -> Any:
    return column._replace(codes=column.codes[rows]) if isinstance(column, Coded) else column[rows]


def _category(column: Coded) -> pd.Categorical:
    """Return a column whose texts are sorted as a categorical of those that are there; NA for the empty text."""
    used = np.bincount(column.codes, minlength=len(column.texts)) > 0
    used &= np.array([text != "" for text in column.texts], dtype=bool)
    rank = np.where(used, np.cumsum(used) - 1, -1)
    there = [text for text, is_used in zip(column.texts, used, strict=True) if is_used]
    return pd.Categorical.from_codes(rank[column.codes], categories=pd.Index(there, dtype=object))
