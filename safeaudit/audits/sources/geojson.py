"""GeoJSON: point features as rows, their properties as columns; a feature's number is its line.

KoboToolbox writes one feature for each answer with a geometry, so one submission can stand there
several times, with the same properties each time: it is one row, at its first point.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from safeaudit.audits.cells import Cells
from safeaudit.audits.sources.records import check_size, header_of, reject, rejected_table
from safeaudit.errors import InputError, Where
from safeaudit.files.admit import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safeaudit.config import AuditSettings
    from safeaudit.files.admit import Admitted

MAX_BYTES = 256 * 1024**2
_COORDINATES = ("longitude", "latitude")
_IDS = ("_id", "_uuid")
_DEGREES = ("crs84", "epsg:4326", "epsg::4326")


class _Feature(NamedTuple):
    """A feature as text: what kind its geometry is, where its point lies, its properties."""

    line: int
    kind: str
    point: tuple[str, str]
    properties: dict[str, str]


def read(file: Admitted, settings: AuditSettings) -> Iterator[Cells]:
    """Read the point features of a GeoJSON file; see `sources.read`."""
    document = _document(file)
    if settings.crs is None:
        _check_crs(document, file.name)
    features = [_feature(line, given) for line, given in enumerate(document["features"], start=1)]
    rows, repeated, unplaced = _apart(features)
    names = list(dict.fromkeys(name for feature in (*rows, *unplaced) for name in feature.properties))
    check_size(len(features), len(names), file.name)
    header, columns = _build_columns(rows, names, file.name)
    remarks = []
    if repeated:
        remarks.append(
            f"{len(repeated)} features say once more what an earlier one says, elsewhere: a form with several "
            f"positions. They are no rows; the first position stands. First: feature {repeated[0].line}."
        )
    yield Cells(
        file=file.name,
        header=header,
        lines=np.array([row.line for row in rows], dtype=np.int64),
        columns=columns,
        rejected=rejected_table(file.name, [_reject(feature, names, file.name) for feature in unplaced]),
        remarks=tuple(remarks),
    )


def _apart(features: Sequence[_Feature]) -> tuple[list[_Feature], list[_Feature], list[_Feature]]:
    """Return rows, what repeats a row, and lines or areas of submissions that have no point."""
    rows: list[_Feature] = []
    seen: set[str] = set()
    repeated, rest = [], []
    for feature in features:
        key = _key(feature)
        if feature.kind not in ("Point", ""):
            rest.append(feature)
        elif key and key in seen:
            repeated.append(feature)
        else:
            rows.append(feature)
            seen.add(key)
    repeated += [feature for feature in rest if _key(feature) in seen - {""}]
    return rows, sorted(repeated), [feature for feature in rest if _key(feature) not in seen - {""}]


def _key(feature: _Feature) -> str:
    """Return what tells a submission: all it says, where it has an id; empty where it has none."""
    named = any(feature.properties.get(name) for name in _IDS)
    return json.dumps(sorted(feature.properties.items())) if named else ""


def _reject(feature: _Feature, names: Sequence[str], file: str) -> tuple[int, str, str, str]:
    sentence = f"This feature is a {feature.kind}, not a point. Give its form a point, or a place_code in a CSV."
    row = [*feature.point, *(feature.properties.get(name, "") for name in names)]
    return reject(file, feature.line, "NOT_A_POINT", sentence, row)


def _build_columns(
    rows: Sequence[_Feature], names: Sequence[str], file: str
) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Return the header and the columns."""
    given = [f"properties.{name}" if name in _COORDINATES else name for name in names]
    cells = [[row.point[at] for row in rows] for at in range(2)]
    cells += [[row.properties.get(name, "") for row in rows] for name in names]
    return header_of([*_COORDINATES, *given], file), tuple(np.array(column, dtype=object) for column in cells)


def _feature(line: int, given: Any) -> _Feature:
    """Return a feature as text; numbers stand as they are written."""
    geometry = given.get("geometry") if isinstance(given, dict) else None
    properties = given.get("properties") if isinstance(given, dict) else None
    kind, point = "", ("", "")
    if isinstance(geometry, dict):
        kind = _text(geometry.get("type"))
        where = geometry.get("coordinates")
        if kind == "MultiPoint" and isinstance(where, list) and len(where) == 1:  # QGIS's "multi" layers
            kind, where = "Point", where[0]
        if kind == "Point" and isinstance(where, list) and len(where) > 1:
            point = _text(where[0]), _text(where[1])
    held = properties.items() if isinstance(properties, dict) else ()
    return _Feature(line, kind, point, {str(name): _text(value) for name, value in held})


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _document(file: Admitted) -> Any:
    """Return what the file holds, numbers as text."""
    with opened(file) as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        what = f"It is larger than {MAX_BYTES} bytes."
        raise InputError(what, hint="Export the audits as CSV, which has no such limit.", where=Where(file.name))
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=str)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        what = f"It is cut, or no GeoJSON: {error}."
        raise InputError(what, hint="Export or copy it once more.", where=Where(file.name)) from error
    except RecursionError as error:
        what = "Its brackets stand one in the other too deep for any GeoJSON."
        raise InputError(what, hint="Export it once more.", where=Where(file.name)) from error
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        what = "This is JSON, but no collection of GeoJSON features."
        raise InputError(what, hint="Export the audits as CSV, XLSX or GeoJSON.", where=Where(file.name))
    return document


def _check_crs(document: Any, file: str) -> None:
    """Refuse a file that says its coordinates are no degrees."""
    try:
        name = str(document["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        return
    if not name.lower().endswith(_DEGREES):
        what = f"It says that its coordinates are in {name}."
        raise InputError(what, hint='Set crs = "EPSG:..." under its [[audits]].', where=Where(file))
