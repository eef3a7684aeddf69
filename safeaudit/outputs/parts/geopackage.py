"""GeoPackages: several tables in one file, described, styled, and with the same bytes for the same input.

Written straight into SQLite, as the standard says (OGC 12-128r19, GeoPackage 1.4); the tests read them with GDAL. GDAL
would write the same bytes twice too, if its clock were set (OGR_CURRENT_DATE). But a run that reads an extract and a
CSV needs nothing else of it, and loading it takes 29 MB and 0.1 s, a quarter and a tenth of all that a district takes;
for 100,000 segments with 60 columns it takes a third more time than this and 32 MB more. And what columns mean, and the
styles of QGIS, would have to be written here all the same.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import shapely

from safeaudit.errors import OutputError, Where
from safeaudit.files.staged import staged
from safeaudit.outputs.parts.spatial_index import PAGE_BYTES, add_index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""Characters at which readers would end a text, or refuse the file."""

_SQL_TYPES = {"i": "INTEGER", "u": "INTEGER", "f": "REAL", "b": "BOOLEAN", "M": "DATETIME"}
_EPOCH = pd.Timestamp("2000-01-01", tz="UTC")

_OWN_SRS_ID = 100_000
_ROWS_AT_ONCE = 1500
_LITTLE_ENDIAN_WITH_BOUNDS = 0b011
_HEAD = np.dtype([("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs_id", "<i4"), ("bounds", "<f8", 4)])
"""The head of a geometry: GeoPackage Encoding Standard (OGC 12-128r19), clause 2.1.3."""

_BASE = """
PRAGMA synchronous = OFF;
PRAGMA journal_mode = OFF;
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10400;
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT
);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326,
   'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
   || 'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', NULL);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents (table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
INSERT INTO gpkg_extensions
  SELECT column1, NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write'
  FROM (VALUES ('gpkg_data_columns'), ('gpkg_data_column_constraints'));
"""
"""The tables of the standard. Nothing has to survive in a draft: `staged` syncs what comes of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One table of a GeoPackage.

    Attributes
    ----------
    name
        Its name in the file.
    title
        Its name for people, one per file.
    description
        What a row is, and what must be known to use it.
    frame
        The table; with a column `geometry`, a layer to draw. Other columns are called neither fid nor geom.
    meanings
        What the columns mean, for those it is known of.
    geometry_type
        Such as LineString; "Geometry" where they differ.
    style
        QGIS style (QML) it opens with; empty for none.
    """

    name: str
    title: str
    description: str
    frame: pd.DataFrame
    meanings: Mapping[str, str] = field(default_factory=dict)
    geometry_type: str = "Geometry"
    style: str = ""

    @property
    def drawn(self) -> bool:
        """Whether it has geometries."""
        return "geometry" in self.frame.columns

    @property
    def plain(self) -> list[str]:
        """Names of the columns that are no geometry."""
        return [name for name in self.frame.columns if name != "geometry"]


def write(target: Path, layers: Sequence[Layer], *, latest: pd.Timestamp, private: bool = False) -> None:
    """Write a GeoPackage whole, or leave the earlier one as it is.

    Parameters
    ----------
    target
        Where the file shall be.
    layers
        Its tables, in order.
    latest
        Time of the latest observation, UTC; NaT where unknown. The file bears the first day of that quarter as its
        date: the clock would change its bytes, and a finer time would tell when somebody walked.
    private
        Whether only the owner may read it.

    Raises
    ------
    OutputError
        It could not be written.
    """
    counts = {layer.name: len(layer.frame) for layer in layers}
    try:
        with staged(target, private=private, verify=lambda path: _verify(path, counts)) as path:
            _write(path, layers, _quarter_start(latest))
    except sqlite3.Error as error:
        hint = "Free some space or choose another folder with --out; an earlier file is untouched."
        raise OutputError(f"It could not be written: {error}.", hint=hint, where=Where(str(target))) from error


def _quarter_start(latest: pd.Timestamp) -> pd.Timestamp:
    if pd.isna(latest):
        return _EPOCH
    return pd.Timestamp(year=latest.year, month=3 * latest.quarter - 2, day=1, tz="UTC")


def _write(path: Path, layers: Sequence[Layer], date: pd.Timestamp) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.executescript(_BASE)
        connection.execute("BEGIN")
        for layer in (*layers, *_styles(layers, date)):
            _create(layer, connection)
            _fill(layer, connection)
            _register(layer, connection, date)
            if layer.drawn:
                add_index(connection, layer.name, shapely.bounds(layer.frame.geometry.to_numpy()))
        connection.execute("COMMIT")


def _create(layer: Layer, connection: sqlite3.Connection) -> None:
    """Make the layer's table. Names of tables and columns are ours: a schema knows no parameters."""
    frame = layer.frame
    kinds = {name: _SQL_TYPES.get(frame[name].dtype.kind, "TEXT") for name in layer.plain}
    geometry = f", geom {layer.geometry_type.upper()}" if layer.drawn else ""
    columns = "".join(f', "{name}" {kind}' for name, kind in kinds.items())
    connection.execute(
        f'CREATE TABLE "{layer.name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL{geometry}{columns})'
    )


def _fill(layer: Layer, connection: sqlite3.Connection) -> None:
    """Write the rows, some at a time: as Python's objects they take many times the room of the table."""
    names = [*(f'"{name}"' for name in layer.plain), *(["geom"] if layer.drawn else [])]
    marks = ", ".join("?" for _ in names)
    statement = f'INSERT INTO "{layer.name}" ({", ".join(names)}) VALUES ({marks})'  # noqa: S608 - our own names
    words = {name: _words(layer.frame[name]) for name in layer.plain if _is_categorical(layer.frame[name])}
    for start in range(0, len(layer.frame), _ROWS_AT_ONCE):
        some = replace(layer, frame=layer.frame.iloc[start : start + _ROWS_AT_ONCE])
        columns: list[Sequence[object]] = [
            words[name][some.frame[name].cat.codes].tolist() if name in words else _cells(some.frame[name])
            for name in some.plain
        ]
        if some.drawn:
            columns.append(_blobs(some))
        connection.executemany(statement, zip(*columns, strict=True))


def _blobs(layer: Layer) -> list[bytes | None]:
    """Return geometries as the standard's binary: a head with the bounds, then WKB; None for an empty one."""
    shapes = layer.frame.geometry.to_numpy()
    if layer.geometry_type == "MultiPolygon":
        parts, owner = shapely.get_parts(shapes, return_index=True)
        whole = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON.value
        promoted = shapely.multipolygons(parts, indices=owner, out=np.full(len(shapes), None)) if len(parts) else shapes
        shapes = np.where(whole, promoted, shapes)
    heads = np.zeros(len(shapes), dtype=_HEAD)
    heads["magic"], heads["flags"], heads["srs_id"] = b"GP", _LITTLE_ENDIAN_WITH_BOUNDS, _srs_id(layer)
    heads["bounds"] = shapely.bounds(shapes)[:, [0, 2, 1, 3]]
    known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    packed = zip(heads, shapely.to_wkb(shapes, byte_order=1), known.tolist(), strict=True)
    return [head.tobytes() + wkb if there else None for head, wkb, there in packed]


def _srs_id(layer: Layer) -> int:
    """Return the number of the layer's CRS; one of no authority gets a number of our own."""
    return layer.frame.crs.to_epsg() or _OWN_SRS_ID


def _register(layer: Layer, connection: sqlite3.Connection, date: pd.Timestamp) -> None:
    """Write down what the standard wants to know of a layer: kind, words, bounds, CRS, columns."""
    bounds: list[float | None] = [None] * 4
    srs_id = None
    if layer.drawn:
        srs_id = _srs_id(layer)
        bounds = [None if np.isnan(edge) else float(edge) for edge in layer.frame.total_bounds]
        organization, wkt = ("EPSG" if srs_id != _OWN_SRS_ID else "NONE"), layer.frame.crs.to_wkt("WKT1_GDAL")
        system = (layer.frame.crs.name, srs_id, organization, srs_id, wkt, None)
        connection.execute("INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", system)
    row = (layer.name, "features" if layer.drawn else "attributes", layer.title, layer.description)
    moment = f"{date:%Y-%m-%dT%H:%M:%S}.000Z"
    connection.execute(
        "INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, moment, *bounds, srs_id)
    )
    if layer.drawn:
        column = (layer.name, "geom", layer.geometry_type.upper(), srs_id, 0, 0)
        connection.execute("INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, ?)", column)
    connection.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, description) VALUES (?, ?, ?)",
        [(layer.name, name, layer.meanings[name]) for name in layer.plain if name in layer.meanings],
    )


def _is_categorical(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.CategoricalDtype)


def _words(values: pd.Series) -> NDArray[np.object_]:
    """Return what the codes of a categorical stand for, once for all rows; the last, of code -1, is missing."""
    return np.array([*_cells(values.cat.categories.to_series()), None], dtype=object)


def _cells(values: pd.Series) -> list[object]:
    """Return values as SQLite takes them: it writes None and NaN as NULL."""
    kind = values.dtype.kind
    if isinstance(values.dtype, np.dtype) and kind in "biuf":
        return values.to_numpy().tolist()
    if kind == "M":
        values = _iso_times(values)
    cells = values.to_numpy(dtype=object, na_value=None)
    if kind == "O" and _UNSTORABLE.search("".join(filter(None, map(_text, cells)))):
        return [_UNSTORABLE.sub("\ufffd", cell) if isinstance(cell, str) else cell for cell in cells.tolist()]
    return cells.tolist()


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _iso_times(times: pd.Series) -> pd.Series:
    """Return times as the standard writes them, to the millisecond; finer where one of them is."""
    utc = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    known = utc[~np.isnat(utc)]
    unit: Literal["ms", "us"] = "ms" if (known == known.astype("datetime64[ms]")).all() else "us"
    text = pd.Series(np.datetime_as_string(utc, unit=unit, timezone="UTC"), dtype=object)
    return text.where(~np.isnat(utc), None)


def _styles(layers: Sequence[Layer], date: pd.Timestamp) -> list[Layer]:
    """Return the table in which QGIS looks for the styles of layers, if there are any."""
    styled = [layer for layer in layers if layer.style]
    if not styled:
        return []
    names = [layer.name for layer in styled]
    frame = pd.DataFrame(
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": names,
            "f_geometry_column": "geom",
            "styleName": names,
            "styleQML": [layer.style for layer in styled],
            "styleSLD": "",
            "useAsDefault": True,
            "description": [layer.title for layer in styled],
            "owner": "",
            "ui": None,
            "update_time": date,
        }
    )
    return [Layer(name="layer_styles", title="layer_styles", description="", frame=frame)]


def _verify(path: Path, counts: Mapping[str, int]) -> None:
    """Open it once more: whole, and with as many rows as were given."""
    with closing(sqlite3.connect(path)) as connection:
        if connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            raise sqlite3.DatabaseError("the file that was written is damaged")
        for name, count in counts.items():
            # Names of layers are ours.
            written = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            if written != count:
                raise sqlite3.DatabaseError(f"{name} has {written} rows of {count}")
