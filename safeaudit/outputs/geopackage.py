"""GeoPackages: several tables in one file, described, styled, and with the same bytes for the same input."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

from safeaudit.errors import OutputError, Where
from safeaudit.files import staged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""Characters at which GDAL would end a text, or refuse the file."""

_EPOCH = pd.Timestamp("2000-01-01", tz="UTC")

_DESCRIPTIONS = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
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
"""The schema extension of the GeoPackage standard: where a column's meaning stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
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
    except (DataSourceError, DataLayerError, FieldError, GeometryError, sqlite3.Error, UnicodeEncodeError) as error:
        hint = "Free some space or choose another folder with --out; an earlier file is untouched."
        raise OutputError(f"It could not be written: {error}.", hint=hint, where=Where(str(target))) from error


def _quarter_start(latest: pd.Timestamp) -> pd.Timestamp:
    if pd.isna(latest):
        return _EPOCH
    return pd.Timestamp(year=latest.year, month=3 * latest.quarter - 2, day=1, tz="UTC")


def _write(path: Path, layers: Sequence[Layer], date: pd.Timestamp) -> None:
    """Let GDAL write in a folder of its own, then pack the result, without what was overwritten, into `path`."""
    with TemporaryDirectory(prefix=".gpkg-", dir=path.parent) as folder:
        draft = f"{folder}/{path.name}"
        for layer in layers:
            _write_layer(draft, layer)
        if any(layer.style for layer in layers):
            _append(_styles(layers, date), draft, "layer_styles", FID="id")
        with closing(sqlite3.connect(draft)) as connection:
            with connection:
                _describe(connection, layers, date)
            connection.execute("VACUUM INTO ?", (str(path),))


def _write_layer(draft: str, layer: Layer) -> None:
    kind = layer.geometry_type if "geometry" in layer.frame.columns else None
    multi = bool(kind and kind.startswith("Multi"))
    _append(layer.frame.apply(_plain), draft, layer.name, geometry_type=kind, promote_to_multi=multi)


def _append(frame: pd.DataFrame, draft: str, name: str, **options: object) -> None:
    pyogrio.write_dataframe(
        frame, draft, layer=name, driver="GPKG", use_arrow=False, DATETIME_PRECISION="MILLISECOND", **options
    )


def _plain(values: pd.Series) -> pd.Series:
    """Return texts and categories as str and None, other columns as they are."""
    if values.dtype.name not in ("object", "category", "str", "string"):
        return values
    texts = values.astype(object).where(values.notna(), None)
    if _UNSTORABLE.search("".join(map(str, texts.dropna()))):
        return texts.str.replace(_UNSTORABLE, "\ufffd", regex=True)
    return texts


def _styles(layers: Sequence[Layer], date: pd.Timestamp) -> pd.DataFrame:
    """Return the table in which QGIS looks for the styles of layers."""
    styled = [layer for layer in layers if layer.style]
    names = [layer.name for layer in styled]
    return pd.DataFrame(
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


def _describe(connection: sqlite3.Connection, layers: Sequence[Layer], date: pd.Timestamp) -> None:
    """Write names, descriptions and the date, where GDAL put its clock's time."""
    connection.executescript(_DESCRIPTIONS)
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
