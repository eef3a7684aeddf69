"""GeoPackages: several tables in one file, described, styled, and with the same bytes for the same input."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from safeaudit.errors import OutputError, Where
from safeaudit.files import staged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""Characters at which GDAL would end a text, or refuse the file."""

_SQL_TYPES = {"i": "INTEGER", "u": "INTEGER", "f": "REAL", "b": "BOOLEAN", "M": "DATETIME"}
_EPOCH = pd.Timestamp("2000-01-01", tz="UTC")

_SCRATCH = "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;"
"""Nothing has to survive in a draft; `staged` syncs what comes of it."""

_DESCRIPTIONS = """
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
"""The schema extension of the GeoPackage standard: where a column's meaning stands."""


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
        Such as LineString; "Unknown" where they differ.
    style
        QGIS style (QML) it opens with; empty for none.
    """

    name: str
    title: str
    description: str
    frame: pd.DataFrame
    meanings: Mapping[str, str] = field(default_factory=dict)
    geometry_type: str = "Unknown"
    style: str = ""

    @property
    def drawn(self) -> bool:
        """Whether it has geometries."""
        return "geometry" in self.frame.columns


def write(target: Path, layers: Sequence[Layer], *, latest: pd.Timestamp, private: bool = False) -> None:
    """Write a GeoPackage whole, or leave the earlier one as it is.

    Parameters
    ----------
    target
        Where the file shall be.
    layers
        Its tables, in order; the first one has geometries.
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
    except (DataSourceError, DataLayerError, sqlite3.Error) as error:
        hint = "Free some space or choose another folder with --out; an earlier file is untouched."
        raise OutputError(f"It could not be written: {error}.", hint=hint, where=Where(str(target))) from error


def _quarter_start(latest: pd.Timestamp) -> pd.Timestamp:
    if pd.isna(latest):
        return _EPOCH
    return pd.Timestamp(year=latest.year, month=3 * latest.quarter - 2, day=1, tz="UTC")


def _write(path: Path, layers: Sequence[Layer], date: pd.Timestamp) -> None:
    """Write in a folder of its own, then pack the result, without what was overwritten, into `path`."""
    plain = [layer for layer in layers if not layer.drawn]
    with TemporaryDirectory(prefix=".gpkg-", dir=path.parent) as folder:
        draft = f"{folder}/{path.name}"
        for layer in layers:
            if layer.drawn:
                _draw(layer, draft)
        with closing(sqlite3.connect(draft)) as connection:
            connection.executescript(_SCRATCH + _DESCRIPTIONS)
            with connection:
                for layer in (*plain, *_styles(layers, date)):
                    _fill(layer, connection)
                _describe(layers, connection, date)
            connection.execute("VACUUM INTO ?", (str(path),))


def _draw(layer: Layer, draft: str) -> None:
    """Write a layer with geometries, through GDAL, which makes the file a GeoPackage."""
    pyogrio.write_dataframe(
        layer.frame.apply(_plain),
        draft,
        layer=layer.name,
        driver="GPKG",
        use_arrow=False,
        geometry_type=layer.geometry_type,
        promote_to_multi=layer.geometry_type.startswith("Multi"),
        DATETIME_PRECISION="MILLISECOND",
    )


def _fill(layer: Layer, connection: sqlite3.Connection) -> None:
    """Write a plain table, straight into the database, which is quicker than through GDAL."""
    frame = layer.frame
    columns = ", ".join(f'"{name}" {_SQL_TYPES.get(frame[name].dtype.kind, "TEXT")}' for name in frame.columns)
    marks = ", ".join("?" for _ in frame.columns)
    names = ", ".join(f'"{name}"' for name in frame.columns)
    # Names of tables and columns are ours; the schema's own statements know no parameters.
    connection.execute(f'CREATE TABLE "{layer.name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {columns})')
    connection.executemany(
        f'INSERT INTO "{layer.name}" ({names}) VALUES ({marks})',  # noqa: S608 -- the same
        zip(*(_cells(frame[name]) for name in frame.columns), strict=True),
    )
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)",
        (layer.name, layer.name),
    )


def _cells(values: pd.Series) -> list[object]:
    """Return values as SQLite takes them; NaN becomes NULL there."""
    if values.dtype.kind == "M":
        utc = values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[ms]")
        text = pd.Series(np.datetime_as_string(utc, unit="ms", timezone="UTC"), dtype=object)
        return text.where(~np.isnat(utc), None).tolist()
    plain = _plain(values)
    return plain.astype(object).where(plain.notna(), None).tolist()


def _plain(values: pd.Series) -> pd.Series:
    """Return texts and categories as str and None, other columns as they are."""
    if values.dtype.name not in ("object", "category", "str", "string"):
        return values
    texts = values.astype(object).where(values.notna(), None)
    if _UNSTORABLE.search("".join(map(str, texts.dropna()))):
        return texts.str.replace(_UNSTORABLE, "\ufffd", regex=True)
    return texts


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


def _describe(layers: Sequence[Layer], connection: sqlite3.Connection, date: pd.Timestamp) -> None:
    """Write names, descriptions and the date, where GDAL put its clock's time."""
    connection.execute("UPDATE gpkg_contents SET last_change = ?", (f"{date:%Y-%m-%dT%H:%M:%S}.000Z",))
    connection.executemany(
        "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
        [(layer.title, layer.description, layer.name) for layer in layers],
    )
    connection.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, description) VALUES (?, ?, ?)",
        [
            (layer.name, name, layer.meanings[name])
            for layer in layers
            for name in layer.frame.columns
            if name in layer.meanings and name != "geometry"
        ],
    )


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
