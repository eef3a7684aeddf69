"""A local OpenStreetMap extract -> streets, spaces, stops and the backdrop. The only door of osmium.

Extracts are cut somewhere: ways that refer to nodes outside are kept in their known parts.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
import pandas as pd
import shapely

from safeaudit.errors import InputError, Where
from safeaudit.places import osm_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from osmium.osm.types import OSMEntity

    from safeaudit.config import PlacesSettings
    from safeaudit.files import Admitted

COORDINATES_PER_DEGREE = 10_000_000
"""OpenStreetMap keeps coordinates as whole numbers of 1e-7 degrees."""

_UNKNOWN = 2**31 - 1
_NO_EXTRACT = {
    "empty": "It is empty.",
    "html": "It is a web page, probably a log-in or error page.",
    "zip": "It is a ZIP archive.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Streets:
    """The streets of an extract, in degrees, and the roads that nobody walks on.

    Attributes
    ----------
    way, ref, lonlat
        Per vertex of a street: row of `ways`, OpenStreetMap node, position (NaN where unknown).
    ways
        One row per street: line_id, name, highway, tags (JSON), osm_ids.
    roads
        Objects of kind road, as in `Extract`.
    closed
        Number of ways that are closed to people.
    """

    way: NDArray[np.int64]
    ref: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    ways: pd.DataFrame
    roads: pd.DataFrame
    closed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What an extract holds that safeaudit uses, in degrees.

    Attributes
    ----------
    streets
        Its streets.
    objects
        Everything else: osm_id, kind (space, stop, lamp, building, water, green, rail, road),
        category, name, tags (JSON), geometry (degrees).
    dated
        Day of the data, empty where the file does not say.
    remarks
        What was left out, as sentences.
    """

    streets: Streets
    objects: pd.DataFrame
    dated: str
    remarks: tuple[str, ...]


@dataclass(slots=True)
class _Ways:
    """Streets that have been read so far, vertex by vertex."""

    way: list[int] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    ref: list[int] = field(default_factory=list)
    x: list[int] = field(default_factory=list)
    y: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Objects:
    """Everything else that has been read so far: id, kind, category, tags and hexadecimal WKB of each."""

    rows: list[tuple[str, str, str, dict[str, str], str]] = field(default_factory=list)
    any_way: bool = False
    cut_areas: int = 0


def read_extract(file: Admitted, settings: PlacesSettings) -> Extract:
    """Read a local OpenStreetMap extract.

    Areas, multipolygon relations included, become public spaces, buildings, water and green; points
    become stops, lamps and spaces.

    Parameters
    ----------
    file
        .osm, .osm.gz, .osm.bz2 or .osm.pbf.
    settings
        What is left out, and the SHA-256 the file must have, if any.

    Returns
    -------
    The parts that safeaudit uses, complete or not at all.

    Raises
    ------
    InputError
        It is not an extract, is cut or damaged, declares a DTD, or holds no way at all.
    """
    streets = read_streets(file, settings)
    read = _Objects()
    with _source(file) as source:
        threads = osmium.io.ThreadPool()
        _read_points(osmium.FileProcessor(source, osmium.osm.NODE, threads), settings, read)
        dated = _read_areas_and_lines(osmium.FileProcessor(source, thread_pool=threads), settings, read)
        empty = not read.any_way and not any(True for _ in osmium.FileProcessor(source, osmium.osm.WAY))
    if empty:
        what = "It holds no way at all: either nothing is mapped there, or the file was cut after its nodes."
        hint = "Compare its size with the source, or download it once more."
        raise InputError(what, hint=hint, where=Where(file.name))
    return _extract(streets, read, dated)


def read_streets(file: Admitted, settings: PlacesSettings) -> Streets:
    """Read the streets of an extract alone.

    Streets are ways with a `highway` value outside `settings.exclude_highway` that no value of
    `access` or `foot` in `settings.exclude_access` closes (`foot` wins over `access`). Surfaces
    (area=yes) are none.

    Parameters
    ----------
    file, settings
        As for `read_extract`.

    Raises
    ------
    InputError
        It is not an extract, is cut or damaged, or declares a DTD.
    """
    _refuse_others(file, settings)
    ways, roads, closed = _Ways(), _Objects(), 0
    with _source(file) as source:
        reader = osmium.FileProcessor(source).with_locations()
        reader.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(osmium.filter.KeyFilter("highway"))
        for way in reader:
            tags = _tags(way, osm_tags.STREET_KEYS)
            kind = osm_tags.line_kind(tags, settings)
            if kind == "street":
                _take_street(way, tags, ways)
            elif kind == "road":
                closed += tags["highway"] not in settings.exclude_highway
                _take_line(way, kind, tags, roads)
    return _streets(ways, roads, closed)


@contextmanager
def _source(file: Admitted) -> Iterator[osmium.io.File]:
    """Give a file to read from; what goes wrong with it is said in words."""
    packing = {"": "", "gzip": ".gz", "bzip2": ".bz2"}[file.packing]
    try:
        yield osmium.io.File(str(file.path), ("pbf" if file.kind == "pbf" else "osm") + packing)
    except (RuntimeError, ValueError) as error:
        what = f"It cannot be read: {str(error).partition(chr(10))[0].rstrip('.')}."
        hint = "It is cut, damaged or no OpenStreetMap data: download it once more."
        raise InputError(what, hint=hint, where=Where(file.name)) from error


def _take_street(way: Any, tags: dict[str, str], ways: _Ways) -> None:
    nodes = way.nodes
    ways.way.append(way.id)
    ways.tags.append(tags)
    ways.size.append(len(nodes))
    for node in nodes:
        ways.ref.append(node.ref)
        ways.x.append(node.x)
        ways.y.append(node.y)


def _take_line(way: Any, kind: str, tags: dict[str, str], read: _Objects) -> None:
    """Keep a way as a line of its known nodes, if there are two."""
    known = [(node.x, node.y) for node in way.nodes if node.x != _UNKNOWN]
    if len(set(known)) > 1:
        line = shapely.LineString(np.array(known) / COORDINATES_PER_DEGREE)
        read.rows.append((f"w{way.id}", kind, kind, tags, shapely.to_wkb(line, hex=True)))


def _read_points(reader: osmium.FileProcessor, settings: PlacesSettings, read: _Objects) -> None:
    wkb = osmium.geom.WKBFactory()
    for node in reader.with_filter(osmium.filter.TagFilter(*osm_tags.POINT_TAGS)):
        if isinstance(node, osmium.osm.Node):
            tags = _tags(node, osm_tags.PLACE_KEYS)
            kind, category = osm_tags.point_kind(tags, settings)
            if kind:
                read.rows.append((f"n{node.id}", kind, category, tags, wkb.create_point(node)))


def _read_areas_and_lines(reader: osmium.FileProcessor, settings: PlacesSettings, read: _Objects) -> str:
    """Take areas, and ways that are no streets; return the day of the data."""
    wkb = osmium.geom.WKBFactory()
    keys = osmium.filter.KeyFilter(*osm_tags.READ_KEYS)
    reader.with_areas(osmium.filter.KeyFilter(*osm_tags.READ_KEYS))
    reader.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY | osmium.osm.AREA)).with_filter(keys)
    for entity in reader:
        if isinstance(entity, osmium.osm.Way):
            read.any_way = True
            _take_way(entity, settings, read)
        elif isinstance(entity, osmium.osm.Area):
            _take_area(entity, settings, read, wkb)
    header = reader.header
    return (header.get("osmosis_replication_timestamp") or header.get("timestamp") or "")[:10]


def _take_way(way: osmium.osm.Way, settings: PlacesSettings, read: _Objects) -> None:
    """Keep rails and water; count public spaces that the edge of the extract cuts."""
    if way.tags.get("building", "no") != "no":
        return
    if "highway" not in way.tags:
        tags = _tags(way, osm_tags.PLACE_KEYS)
        kind = osm_tags.line_kind(tags, settings)
        if kind:
            _take_line(way, kind, tags, read)
        elif way.is_closed() and any(node.x == _UNKNOWN for node in way.nodes):
            read.cut_areas += osm_tags.area_kind(tags, settings)[0] == "space"


def _take_area(area: osmium.osm.Area, settings: PlacesSettings, read: _Objects, wkb: osmium.geom.WKBFactory) -> None:
    plain = area.tags.get("building", "no") != "no" and not any(key in area.tags for key in osm_tags.TELLING_KEYS)
    tags = {"building": "yes"} if plain else _tags(area, osm_tags.PLACE_KEYS)
    kind, category = osm_tags.area_kind(tags, settings)
    if kind:
        letter = "w" if area.from_way() else "r"
        read.rows.append((f"{letter}{area.orig_id()}", kind, category, tags, wkb.create_multipolygon(area)))


def _tags(entity: OSMEntity, keys: tuple[str, ...]) -> dict[str, str]:
    """Return the tags with these keys; asking for them is quicker than going through all."""
    get = entity.tags.get
    return {key: value for key in keys if (value := get(key)) is not None}


def _streets(ways: _Ways, roads: _Objects, closed: int) -> Streets:
    x, y = np.array(ways.x, dtype=np.int64), np.array(ways.y, dtype=np.int64)
    lonlat = np.column_stack([x, y]) / COORDINATES_PER_DEGREE
    lonlat[x == _UNKNOWN] = np.nan
    line_ids = [f"w{number}" for number in ways.way]
    highways = [row["highway"] for row in ways.tags]
    return Streets(
        way=np.repeat(np.arange(len(ways.size)), ways.size),
        ref=np.array(ways.ref, dtype=np.int64),
        lonlat=lonlat,
        ways=_described(ways.tags, line_id=line_ids, highway=highways, osm_ids=line_ids),
        roads=_objects(roads),
        closed=closed,
    )


def _extract(streets: Streets, read: _Objects, dated: str) -> Extract:
    objects = pd.concat([_objects(read), streets.roads], ignore_index=True)
    hollow = shapely.is_empty(objects["geometry"].to_numpy())
    told = (
        (int(hollow.sum()), "areas have no valid outline and were left out."),
        (read.cut_areas, "areas of public spaces reach over the edge of the extract and were left out."),
        (streets.closed, "ways are closed to people by access or foot and were left out."),
    )
    remarks = tuple(f"{count} {what}" for count, what in told if count)
    return Extract(streets=streets, objects=objects[~hollow].reset_index(drop=True), dated=dated, remarks=remarks)


def _objects(read: _Objects) -> pd.DataFrame:
    ids, kinds, categories, tags, shapes = zip(*read.rows, strict=True) if read.rows else ((), (), (), (), ())
    frame = _described(tags, osm_id=ids, kind=kinds, category=categories)
    frame["geometry"] = shapely.from_wkb(np.array([bytes.fromhex(shape) for shape in shapes], dtype=object))
    return frame


def _described(tags: list[dict[str, str]] | tuple[dict[str, str], ...], **columns: object) -> pd.DataFrame:
    """Return columns of text with the name and the JSON of the tags beside them."""
    names = [row.get("name") for row in tags]
    texts = [osm_tags.as_json(tuple(row.items())) for row in tags]
    return pd.DataFrame({**columns, "name": names, "tags": texts}, dtype=object)


def _refuse_others(file: Admitted, settings: PlacesSettings) -> None:
    """Refuse what is no extract before any parser sees it, by what it really is."""
    where = Where(file.name)
    if file.kind not in {"pbf", "xml"}:
        what = _NO_EXTRACT.get(file.kind, "It is no OpenStreetMap extract.")
        raise InputError(what, hint="Give a .osm, .osm.gz, .osm.bz2 or .osm.pbf file.", where=where)
    if file.kind == "xml" and b"<!DOCTYPE" in file.head:
        what = "It declares a DTD; DTDs and entities are not allowed."
        raise InputError(what, hint="Extracts have none: get the file from its source.", where=where)
    if settings.sha256 and settings.sha256.lower() != file.sha256:
        what = "It is not the file that safeaudit.toml names by its sha256: it was cut, damaged or exchanged."
        raise InputError(what, hint="Get the right file, or correct sha256 under [places].", where=where)
    _check_md5(file)


def _check_md5(file: Admitted) -> None:
    """Compare with the .md5 that download servers put beside an extract, if it is there."""
    beside = file.path.with_name(file.path.name + ".md5")
    if not beside.is_file():
        return
    wanted = re.match(r"[0-9a-fA-F]{32}", beside.read_text(encoding="ascii", errors="replace"))
    with file.path.open("rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if wanted and wanted.group().lower() != found:
        what = f"It does not agree with {beside.name}: it was cut or damaged."
        raise InputError(what, hint="Download both once more.", where=Where(file.name))
