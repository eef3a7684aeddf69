"""GeoPackage: the point layer that holds the audits, as QField and Mergin keep it; a feature's number is its line.

Read as the database that it is: no view, trigger or function of the file runs, and nothing is written beside it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from safeaudit import crs, languages
from safeaudit.audits.cells import Cells
from safeaudit.audits.sources.records import check_size, header_of, reject, rejected_table
from safeaudit.errors import InputError, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from safeaudit.config import AuditSettings
    from safeaudit.files.admit import Admitted

MAX_BYTES = 1024**3
MAX_ROWS = 5_000_000
_COORDINATES = ("longitude", "latitude")
_HEAD_BYTES = 8
_ENVELOPES = (0, 32, 48, 48, 64)
"""Bytes of what stands between the head of a shape and its WKB, by its kind."""
_LISTS = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys")
"""What a GeoPackage says of itself in tables of these names."""
_WHOLE = 1e15
_GEODETIC = 4326
_AGAIN = "Open it in QGIS, and export the layer once more as GeoPackage or CSV."


class _Layer(NamedTuple):
    """A layer: its table, its columns but for the shape, the column of the shape (empty in a plain table), its CRS."""

    name: str
    columns: tuple[str, ...]
    shape: str
    srs_id: int


def read(file: Admitted, settings: AuditSettings) -> Iterator[Cells]:
    """Read the layer that holds the audits; see `sources.read`.

    It is the one with most of the columns that the settings name, else with most of our form's names, else the first.
    """
    where = Where(file.name)
    if file.size > MAX_BYTES:
        raise InputError(f"It is larger than {MAX_BYTES} bytes.", hint="Export the layer as CSV.", where=where)
    try:
        with closing(sqlite3.connect(f"{file.path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            layers = _layers(connection)
            if not layers:
                raise InputError("It holds no layer with rows to read.", hint=_AGAIN, where=where)
            layer = max(layers, key=lambda one: _rank(one, set(settings.columns.values())))
            yield _read_layer(connection, layer, [one.name for one in layers], file, settings)
    except (sqlite3.Error, shapely.GEOSException, UnicodeDecodeError, OverflowError) as error:
        raise InputError(f"It is damaged, or no GeoPackage: {error}.", hint=_AGAIN, where=where) from error


def _layers(connection: sqlite3.Connection) -> list[_Layer]:
    """Return the layers that are tables: a view could run anything, and for ever."""
    kinds = connection.execute("SELECT name, type FROM sqlite_master WHERE name IN (?, ?, ?)", _LISTS).fetchall()
    if kinds and {kind for _, kind in kinds} != {"table"}:
        raise sqlite3.DatabaseError("its list of layers is no table")
    rows = connection.execute(
        "SELECT c.table_name, g.column_name, g.srs_id FROM gpkg_contents c "
        "JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' "
        "LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
        "WHERE c.data_type IN ('features', 'attributes') ORDER BY g.column_name IS NULL, c.table_name"
    ).fetchall()
    layers = []
    for name, shape, srs_id in rows:
        described = connection.execute(f"PRAGMA table_info({_quoted(name)})")
        columns = tuple(column for _, column, *_ in described if column != shape)
        layers.append(_Layer(name, columns, shape or "", srs_id or _GEODETIC))
    return layers


def _rank(layer: _Layer, wanted: set[str]) -> tuple[int, int, bool]:
    asked = languages.question_labels().keys()
    return len(wanted & set(layer.columns)), len(asked & set(layer.columns)), bool(layer.shape)


def _read_layer(
    connection: sqlite3.Connection, layer: _Layer, names: Sequence[str], file: Admitted, settings: AuditSettings
) -> Cells:
    """Return the rows of a layer, each with its point in degrees; what is a line or an area is no row."""
    (count,) = connection.execute(f"SELECT count(*) FROM {_quoted(layer.name)}").fetchone()  # noqa: S608 - quoted
    if count > MAX_ROWS:
        what = f"A layer has more than {MAX_ROWS} rows."
        raise InputError(what, hint="Export it as CSV, which has no such limit.", where=Where(file.name))
    check_size(count, len(layer.columns), file.name)
    picked = ", ".join(map(_quoted, (*layer.columns, *filter(None, [layer.shape]))))
    query = f"SELECT {picked or 'NULL'} FROM {_quoted(layer.name)} ORDER BY rowid"  # noqa: S608 - quoted
    rows = connection.execute(query).fetchall()
    width = len(layer.columns)
    texts = [np.array([_text(row[at]) for row in rows], dtype=object) for at in range(width)]
    header, lines, lost = list(layer.columns), np.arange(1, len(rows) + 1), np.zeros(len(rows), dtype=bool)
    if layer.shape:
        lonlat, lost = _points([row[width] for row in rows])
        wanted = None if settings.crs else _crs_of(connection, layer.srs_id, file.name)
        degrees = lonlat if wanted is None else crs.to_degrees(lonlat, crs.parse_crs(wanted))
        header = [*_COORDINATES, *(f"attribute.{name}" if name in _COORDINATES else name for name in header)]
        texts = [*(np.array(list(map(_text, axis)), dtype=object) for axis in degrees.T), *texts]
    sentence = "This feature is no point. Give its form a point, or a place_code in a CSV."
    refused = [
        reject(file.name, at + 1, "NOT_A_POINT", sentence, [column[at] for column in texts])
        for at in np.flatnonzero(lost).tolist()
    ]
    others = ", ".join(f'"{name}"' for name in names if name != layer.name)
    remark = f'Layer "{layer.name}" was read. To read {others}, name its columns under columns.'
    return Cells(
        file=file.name,
        header=header_of(header, file.name),
        lines=lines[~lost],
        columns=tuple(column[~lost] for column in texts),
        rejected=rejected_table(file.name, refused),
        remarks=(remark,) if others else (),
    )


def _points(blobs: Sequence[bytes | None]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return coordinates (n, 2), NaN where there is none, and which rows are something else than one point."""
    shapes = shapely.from_wkb(np.array([_wkb(blob) for blob in blobs], dtype=object))
    single = np.where(shapely.get_num_geometries(shapes) == 1, shapely.get_geometry(shapes, 0), shapes)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    point = ~empty & (shapely.get_type_id(single) == shapely.GeometryType.POINT)
    lonlat = np.full((len(shapes), 2), np.nan)
    lonlat[point] = shapely.get_coordinates(single[point])
    return lonlat, ~empty & ~point


def _wkb(blob: bytes | None) -> bytes | None:
    """Return a shape without what a GeoPackage puts before it."""
    if not isinstance(blob, bytes) or not blob.startswith(b"GP") or len(blob) <= _HEAD_BYTES:
        return None
    kind = (blob[3] >> 1) & 0b111
    return blob[_HEAD_BYTES + _ENVELOPES[kind] :] if kind < len(_ENVELOPES) else None


def _crs_of(connection: sqlite3.Connection, srs_id: int, name: str) -> str:
    """Return the CRS of a layer as the file says it."""
    row = connection.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs_id,),
    ).fetchone()
    if row is None or srs_id < 1:
        hint = 'Set crs = "EPSG:..." under its [[audits]].'
        raise InputError("It does not say in which CRS its points are.", hint=hint, where=Where(name))
    organization, number, definition = row
    return f"EPSG:{number}" if str(organization).upper() == "EPSG" else str(definition)


def _text(value: Any) -> str:
    """Return a value as people would write it in a CSV."""
    match value:
        case None | bytes():
            return ""
        case float() if np.isnan(value):
            return ""
        case float() if value.is_integer() and abs(value) < _WHOLE:
            return str(int(value))
    return str(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
