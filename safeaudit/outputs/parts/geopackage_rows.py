"""Rows of a GeoPackage read back into a declared table: every value as it was written, none guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.tables import validate_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from pyproj import CRS

    from safeaudit.tables import Column, Table

_ROWS_AT_ONCE = 50_000
_HEAD_BYTES = 8
_BOUNDS_BYTES = (0, 32, 48, 48, 64)
"""Bytes of the bounds in a geometry's head, by the number in its flags (OGC 12-128r19, clause 2.1.3)."""


def read_layer(connection: sqlite3.Connection, layer: str, table: Table, crs: CRS) -> pd.DataFrame:
    """Read one layer of a GeoPackage.

    Parameters
    ----------
    connection
        To the GeoPackage.
    layer
        Name of the layer, ours: a query knows no parameters for it.
    table
        What it holds, as declared.
    crs
        CRS of its geometries.

    Raises
    ------
    TableError
        The rows are not those of such a table.
    sqlite3.Error
        The layer or one of its columns is not there.
    """
    return validate_table(read_columns(connection, layer, table.columns, crs), table.name)


def read_columns(connection: sqlite3.Connection, layer: str, columns: Sequence[Column], crs: CRS) -> pd.DataFrame:
    """Read some columns of a layer of a GeoPackage, as for `read_layer`; what they hold is not checked."""
    names = ", ".join(f'"{layer}"."{"geom" if c.kind == "geometry" else c.name}"' for c in columns)
    cursor = connection.execute(f'SELECT {names} FROM "{layer}" ORDER BY fid')  # noqa: S608 - our own names
    chunks = [_frame(cursor.fetchmany(_ROWS_AT_ONCE), columns)]
    while len(chunks[-1]) == _ROWS_AT_ONCE:
        chunks.append(_frame(cursor.fetchmany(_ROWS_AT_ONCE), columns))
    frame = pd.concat(chunks, ignore_index=True) if len(chunks) > 1 else chunks[0]
    shape = next((column.name for column in columns if column.kind == "geometry"), None)
    return gpd.GeoDataFrame(frame, geometry=shape, crs=crs) if shape else frame


def _frame(rows: Sequence[Sequence[Any]], columns: Sequence[Column]) -> pd.DataFrame:
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pd.DataFrame({c.name: _values(each, c) for c, each in zip(columns, cells, strict=True)})


def _values(cells: Sequence[Any], column: Column) -> Any:
    """Return cells as their column declares them; words are left to `validate_table`."""
    if column.kind == "number":
        return np.array(cells, dtype=np.float64)
    if column.kind == "count":
        return pd.array(list(cells), dtype="Int64")
    if column.kind == "flag":
        return np.array(cells, dtype=bool)
    if column.kind == "time":
        times = pd.to_datetime(pd.Series(cells, dtype=object), utc=True, format="ISO8601")
        return times.astype("datetime64[us, UTC]")
    return _shapes(cells) if column.kind == "geometry" else pd.Series(cells, dtype=object)


def _shapes(blobs: Sequence[bytes | None]) -> Any:
    bodies = [None if blob is None else blob[_HEAD_BYTES + _BOUNDS_BYTES[blob[3] >> 1 & 7] :] for blob in blobs]
    return shapely.from_wkb(np.array(bodies, dtype=object))
