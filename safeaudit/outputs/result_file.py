"""private/result.gpkg: all that a run found out, at full precision, to be read back as it was.

Which tables there are and what else a result holds is told by the declarations (`tables.results` and `tables.schema`):
what is added there is written and read back with no change here. Beside the tables, `result` holds the rest by name.

Left out is what would make the bytes differ from run to run or tell of the machine: how long each step took, and the
folders and first bytes of the inputs.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from safeaudit.errors import InputError, TableError, Where
from safeaudit.files.admit import admit
from safeaudit.outputs.parts import geopackage
from safeaudit.outputs.parts.geopackage_rows import read_columns, read_layer
from safeaudit.tables import SCHEMA_VERSION, TABLES, AuditResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from dataclasses import Field

    import geopandas as gpd

    from safeaudit.tables import Column, Table

_LEFT_OUT = {"seconds", "head"}
_AGAIN = "Run the project again: safeaudit run DIR writes it anew."
_REST = "result"
_KINDS = {"segment": "segments", "space": "spaces", "stop": "stops"}


def write(result: AuditResult, target: Path) -> None:
    """Write all tables of a result and what else it holds, for the team alone.

    Parameters
    ----------
    result
        What a run found out.
    target
        Where the GeoPackage shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    layers: dict[int, geopackage.Layer] = {}
    same: dict[str, str] = {}
    for layer, table, frame in _frames(result):
        same[layer] = layers.setdefault(id(frame), _layer(layer, table, frame, result.remark)).name
    words = {"schema_version": SCHEMA_VERSION, "layers": same, **_words(result)}
    rest = pd.DataFrame({"name": list(words), "value": [json.dumps(value) for value in words.values()]})
    what = "PRIVATE, not to be handed on. A row is something else that the result holds, as JSON."
    other = geopackage.Layer(name=_REST, title=f"PRIVATE {_REST}", description=what, frame=rest)
    latest = result.audits.submissions["observed_at"].max()
    geopackage.write(target, [*layers.values(), other], latest=latest, private=True)


def read_result(path: str | Path) -> AuditResult:
    """Read back what a run found out, from its `private/result.gpkg`.

    Parameters
    ----------
    path
        The GeoPackage that `write` made of a result.

    Returns
    -------
    A result equal to the one that was written, but for `seconds`, which is empty, and the folders of its inputs.
    In texts, characters that no database holds have been replaced.

    Raises
    ------
    InputError
        It is no such file, is not whole, or was written by a safeaudit whose tables are others.

    Examples
    --------
    >>> import safeaudit
    >>> config = safeaudit.load_config("kibera")
    >>> files = safeaudit.write(safeaudit.run(config), config, "maps/kibera")
    >>> result = safeaudit.read_result(files["result"])
    >>> result.audits.counts[0].accepted, len(result.places.segments), result.rubric == config.indicators
    (5, 3, True)
    """
    file = admit(Path(path))
    where = Where(file.name)
    if file.kind != "gpkg":
        raise InputError("This is no GeoPackage.", hint="Name the private/result.gpkg of a run.", where=where)
    try:
        with closing(sqlite3.connect(f"{file.path.as_uri()}?mode=ro", uri=True)) as connection:
            words = _read_words(connection, where)
            frames = _read_frames(connection, words)
        found: AuditResult = _restored(AuditResult, words, frames)
    except (sqlite3.Error, TableError, ValueError, TypeError, KeyError, IndexError, CRSError) as error:
        raise InputError(f"It is not whole, or was changed: {error}.", hint=_AGAIN, where=where) from error
    return found


def read_places_of(path: Path) -> dict[str, gpd.GeoDataFrame]:
    """Read what places an earlier run had: place_code, label and geometry by kind (segment, space, stop).

    Parameters
    ----------
    path
        Its result.gpkg, of this or another safeaudit.

    Raises
    ------
    InputError
        It is no such file, or holds no places with labels.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute(f"SELECT value FROM {_REST} WHERE name = 'places'").fetchone()  # noqa: S608
            crs = CRS.from_user_input(json.loads(found[0])["crs"])
            return {kind: read_columns(connection, layer, _told(layer), crs) for kind, layer in _KINDS.items()}
    except (sqlite3.Error, ValueError, TypeError, KeyError, CRSError) as error:
        what = f"The places of the run before cannot be read: {error}."
        hint = "Whether codes on paper are still true is not known."
        raise InputError(what, hint=hint, where=Where(path.name)) from error


def _told(layer: str) -> list[Column]:
    return [column for column in TABLES[layer].columns if column.name in {"place_code", "label", "geometry"}]


def _frames(thing: Any) -> Iterator[tuple[str, Table, pd.DataFrame]]:
    """Yield every table of a result, with the name of its layer and what it is declared to be."""
    for declared in fields(thing):
        value = getattr(thing, declared.name)
        if isinstance(value, pd.DataFrame):
            yield (*_layer_of(declared), value)
        elif is_dataclass(value):
            yield from _frames(value)


def _layer_of(declared: Field[Any]) -> tuple[str, Table]:
    layer = declared.metadata.get("layer", declared.name)
    return layer, TABLES[declared.metadata.get("table", layer)]


def _layer(name: str, table: Table, frame: pd.DataFrame, remark: str) -> geopackage.Layer:
    kinds = set(frame.geom_type.dropna()) if table.geometry else set()
    return geopackage.Layer(
        name=name,
        title=f"PRIVATE {name}",
        description=f"PRIVATE, not to be handed on. A row is {table.row}. {remark}".strip(),
        frame=frame,
        meanings={column.name: column.meaning for column in table.columns},
        geometry_type=kinds.pop() if len(kinds) == 1 else "Geometry",
    )


def _words(value: Any) -> Any:
    """Return what is no table as plain values that JSON knows."""
    if is_dataclass(value):
        inner = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in _LEFT_OUT}
        return {name: _words(item) for name, item in inner.items() if not isinstance(item, pd.DataFrame)}
    if isinstance(value, tuple):
        return [_words(item) for item in value]
    if isinstance(value, CRS):
        return _crs_text(value)
    return value.name if isinstance(value, Path) else value


def _crs_text(crs: CRS) -> str:
    """Return a CRS by its number, where that says all of it: a WKT of it leaves numbers of its parts out."""
    authority = crs.to_authority(min_confidence=100)
    number = authority and ":".join(authority)
    return number if number and CRS.from_user_input(number) == crs else crs.to_wkt()


def _read_words(connection: sqlite3.Connection, where: Where) -> dict[str, Any]:
    found = connection.execute("SELECT 1 FROM gpkg_contents WHERE table_name = ?", (_REST,)).fetchone()
    if found is None:
        raise InputError("It holds no result.", hint="Name the private/result.gpkg of a run.", where=where)
    rows = connection.execute(f"SELECT name, value FROM {_REST}")  # noqa: S608 - our own name
    words = {name: json.loads(value) for name, value in rows}
    if words["schema_version"] != SCHEMA_VERSION:
        what = f"Its tables are of version {words['schema_version']}; this safeaudit reads version {SCHEMA_VERSION}."
        raise InputError(what, hint=f"{_AGAIN} Or read it with the safeaudit that wrote it.", where=where)
    return words


def _read_frames(connection: sqlite3.Connection, words: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Read each layer once: tables that were one when they were written are one again."""
    crs = CRS.from_user_input(words["places"]["crs"])
    same: Mapping[str, str] = words["layers"]
    tables = dict(_declared(AuditResult))
    read = {name: read_layer(connection, name, tables[name], crs) for name in dict.fromkeys(same.values())}
    return {name: read[same[name]] for name in tables}


def _declared(kind: type) -> Iterator[tuple[str, Table]]:
    """Yield the layers of a result with their tables, from its declaration alone."""
    hints = get_type_hints(kind)
    for declared in fields(kind):
        hint = hints[declared.name]
        if _is_frame(hint):
            yield _layer_of(declared)
        elif isinstance(hint, type) and is_dataclass(hint):
            yield from _declared(hint)


def _is_frame(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, pd.DataFrame)


def _restored(hint: Any, word: Any, frames: Mapping[str, pd.DataFrame]) -> Any:
    """Return a value as its declaration says, from plain values and tables."""
    if word is not None and get_origin(hint) is UnionType:
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is tuple:
        return tuple(_restored(get_args(hint)[0], item, frames) for item in word)
    if isinstance(hint, type) and is_dataclass(hint):
        hints, given = get_type_hints(hint), {}
        for declared in fields(hint):
            name, inner = declared.name, hints[declared.name]
            if _is_frame(inner):
                given[name] = frames[_layer_of(declared)[0]]
            elif name in word:
                given[name] = _restored(inner, word[name], frames)
        return hint(**given)
    if hint is CRS:
        return CRS.from_user_input(word)
    return Path(word) if hint is Path else word
