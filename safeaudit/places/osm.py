"""A local OpenStreetMap extract -> streets, spaces, stops, the backdrop and evidence. The only door of osmium.

Extracts are cut somewhere: ways that refer to nodes outside are kept in their known parts.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
import pandas as pd
import shapely

from safeaudit.errors import InputError, Where
from safeaudit.places import osm_tags, osmjson
from safeaudit.places.in_order import put_in_order
from safeaudit.places.osmjson import own_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from osmium.osm.types import OSMEntity

    from safeaudit.config import PlacesSettings
    from safeaudit.files.admit import Admitted

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
    closed, excluded
        Number of ways that are closed to people, and of ways whose kind the settings leave out.
    """

    way: NDArray[np.int64]
    ref: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    ways: pd.DataFrame
    roads: pd.DataFrame
    closed: int
    excluded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What an extract holds that safeaudit uses, in degrees.

    Attributes
    ----------
    streets
        Its streets.
    objects
        Everything else: osm_id, kind (space, stop, lamp, locality, building, water, green, rail, road; for
        evidence poi, entrance, barrier, gate), category, name, tags (JSON), geometry (degrees). What is
        evidence beside something else has its kind behind its id, as in w123:poi.
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
    damaged_areas: list[str] = field(default_factory=list)

    def take(self, osm_id: str, kinds: list[tuple[str, str]], tags: dict[str, str], shape: str) -> None:
        """Keep an object, once for each thing that it is."""
        self.rows += [(osm_id, kind, category, tags, shape) for kind, category in kinds]


def read_extract(file: Admitted, settings: PlacesSettings, *, evidence: bool = False) -> Extract:
    """Read a local OpenStreetMap extract.

    Areas, multipolygon relations included, become public spaces, buildings, water and green; points
    become stops, lamps, spaces and localities. For evidence, areas and points become points of interest too, points
    entrances and gates, lines barriers.

    Parameters
    ----------
    file
        .osm, .osm.gz, .osm.bz2, .osm.pbf, or Overpass's JSON.
    settings
        What is left out, and the SHA-256 the file must have, if any.
    evidence
        Whether what only evidence needs is read too.

    Returns
    -------
    The parts that safeaudit uses, complete or not at all.

    Raises
    ------
    InputError
        It is not an extract, is cut or damaged, declares a DTD, holds no way at all, or has streets of
        which none can be used.
    """
    keys = osm_tags.EVIDENCE_KEYS if evidence else osm_tags.MAP_KEYS
    _refuse_others(file, settings)
    read = _Objects()
    with _source(file) as source:
        streets = _read_streets(source, settings, keys)
        threads = osmium.io.ThreadPool()
        _read_points(osmium.FileProcessor(source, osmium.osm.NODE, threads), settings, keys, read)
        if keys.point:
            _read_evidence_points(osmium.FileProcessor(source, osmium.osm.NODE, threads), keys, read)
        dated = _read_areas_and_lines(osmium.FileProcessor(source, thread_pool=threads), settings, keys, read)
        empty = not read.any_way and not any(True for _ in osmium.FileProcessor(source, osmium.osm.WAY))
    if empty:
        why = "either nothing is mapped there, or the file was cut after its nodes"
        what = f"It holds no way at all: {'nothing is mapped there' if file.kind == 'json' else why}."
        hint = "Compare its size with the source, or download it once more."
        raise InputError(what, hint=hint, where=Where(file.name))
    if settings.streets is None:
        _refuse_without_streets(streets, Where(file.name))
    found = _extract(streets, read, dated or osmjson.day(file.head))
    return replace(found, objects=_told_apart(found.objects)) if evidence else found


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
    with _source(file) as source:
        return _read_streets(source, settings, osm_tags.MAP_KEYS)


def _read_streets(
    source: osmium.io.File | osmium.io.FileBuffer, settings: PlacesSettings, keys: osm_tags.Keys
) -> Streets:
    ways, roads, closed, excluded = _Ways(), _Objects(), 0, 0
    reader = osmium.FileProcessor(source).with_locations()
    reader.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(osmium.filter.KeyFilter("highway"))
    for way in reader:
        tags = _tags(way, keys.street)
        kind = osm_tags.line_kind(tags, settings)
        if kind == "street":
            _take_street(way, tags, ways)
        elif kind == "road":
            is_excluded = tags["highway"] in settings.exclude_highway
            closed, excluded = closed + (not is_excluded), excluded + is_excluded
            _take_line(way, [(kind, kind)], tags, roads)
    return _streets(ways, roads, closed, excluded)


def _refuse_without_streets(streets: Streets, where: Where) -> None:
    """Refuse an extract that has streets but gives none: an empty map would say that all is well."""
    count, barred = len(streets.ways), streets.closed + streets.excluded
    if not count and barred:
        what = (
            f"Nobody may walk along any of its {barred} ways with a highway tag: {streets.closed} are closed by access,"
            f" foot or motorroad, {streets.excluded} are of kinds that exclude_highway names."
        )
        hint = "Get an extract that holds streets too, or change exclude_highway or exclude_access under [places]."
        raise InputError(what, hint=hint, where=where)
    steps = np.diff(streets.lonlat, axis=0)  # NaN where either end is unknown
    if count and not ((np.diff(streets.way) == 0) & (np.abs(steps).max(axis=1, initial=0) > 0)).any():
        first = streets.ways["line_id"].iloc[0]
        what = f"None of its {count} streets, first {first}, has two neighbouring nodes whose positions are known."
        hint = (
            'Ask for their nodes too: Overpass with "out geom;" or "(._;>;); out body;", osmium extract with'
            " --strategy complete_ways."
        )
        raise InputError(what, hint=hint, where=where)


@contextmanager
def _source(file: Admitted) -> Iterator[osmium.io.File | osmium.io.FileBuffer]:
    """Give a file to read from; what goes wrong with it is said in words."""
    packing = {"": "", "gzip": ".gz", "bzip2": ".bz2"}[file.packing]
    try:
        if file.kind == "json":
            yield osmium.io.FileBuffer(osmjson.read_opl(file), "opl")
        else:
            yield put_in_order(file, ("pbf" if file.kind == "pbf" else "osm") + packing)
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
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


def _take_line(way: Any, kinds: list[tuple[str, str]], tags: dict[str, str], read: _Objects) -> None:
    """Keep a way as a line of its known nodes, if there are two."""
    known = [(node.x, node.y) for node in way.nodes if node.x != _UNKNOWN]
    if len(set(known)) > 1:
        line = shapely.LineString(np.array(known) / COORDINATES_PER_DEGREE)
        read.take(f"w{own_id(way.id)}", kinds, tags, shapely.to_wkb(line, hex=True))


def _read_points(reader: osmium.FileProcessor, settings: PlacesSettings, keys: osm_tags.Keys, read: _Objects) -> None:
    wkb = osmium.geom.WKBFactory()
    for node in reader.with_filter(osmium.filter.TagFilter(*osm_tags.POINT_TAGS)):
        if isinstance(node, osmium.osm.Node):
            tags = _tags(node, keys.place)
            kind, category = osm_tags.point_kind(tags, settings)
            if kind:
                read.take(f"n{own_id(node.id)}", [(kind, category)], tags, wkb.create_point(node))


def _read_evidence_points(reader: osmium.FileProcessor, keys: osm_tags.Keys, read: _Objects) -> None:
    wkb = osmium.geom.WKBFactory()
    for node in reader.with_filter(osmium.filter.KeyFilter(*keys.point)):
        if isinstance(node, osmium.osm.Node):
            tags = _tags(node, keys.place)
            if kinds := osm_tags.point_evidence(tags):
                read.take(f"n{own_id(node.id)}", kinds, tags, wkb.create_point(node))


def _read_areas_and_lines(
    reader: osmium.FileProcessor, settings: PlacesSettings, keys: osm_tags.Keys, read: _Objects
) -> str:
    """Take areas, and ways that are no streets; return the day of the data."""
    wkb = osmium.geom.WKBFactory()
    reader.with_areas(osmium.filter.KeyFilter(*keys.read))
    reader.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY | osmium.osm.AREA))
    reader.with_filter(osmium.filter.KeyFilter(*keys.read))
    for entity in reader:
        if isinstance(entity, osmium.osm.Way):
            read.any_way = True
            _take_way(entity, settings, keys, read)
        elif isinstance(entity, osmium.osm.Area):
            _take_area(entity, settings, keys, read, wkb)
    header = reader.header
    return (header.get("osmosis_replication_timestamp") or header.get("timestamp") or "")[:10]


def _take_way(way: osmium.osm.Way, settings: PlacesSettings, keys: osm_tags.Keys, read: _Objects) -> None:
    """Keep rails, water and barriers; count public spaces that the edge of the extract cuts."""
    if "highway" in way.tags or way.tags.get("building", "no") != "no":
        return
    tags = _tags(way, keys.place)
    kind = osm_tags.line_kind(tags, settings)
    kinds = [(kind, kind)] if kind else []
    if keys.point:
        kinds += osm_tags.line_evidence(tags)
    if kinds:
        _take_line(way, kinds, tags, read)
    if not kind and way.is_closed() and any(node.x == _UNKNOWN for node in way.nodes):
        read.cut_areas += osm_tags.area_kind(tags, settings)[0] == "space"


def _take_area(
    area: osmium.osm.Area, settings: PlacesSettings, keys: osm_tags.Keys, read: _Objects, wkb: osmium.geom.WKBFactory
) -> None:
    building = area.tags.get("building") or "no"
    plain = building != "no" and not any(key in area.tags for key in keys.telling)
    tags = {"building": building} if plain else _tags(area, keys.place)
    kind, category = osm_tags.area_kind(tags, settings)
    kinds = [(kind, category)] if kind else []
    if keys.point and not plain:
        kinds += osm_tags.area_evidence(tags)
    if kinds:
        letter = "w" if area.from_way() else "r"
        osm_id = f"{letter}{own_id(area.orig_id())}"
        if area.num_rings()[0]:
            read.take(osm_id, kinds, tags, wkb.create_multipolygon(area))
        else:  # it crosses itself, stays open or holds no ground
            read.damaged_areas.append(osm_id)


def _tags(entity: OSMEntity, keys: tuple[str, ...]) -> dict[str, str]:
    """Return the tags with these keys; asking for them is quicker than going through all."""
    get = entity.tags.get
    return {key: value for key in keys if (value := get(key)) is not None}


def _streets(ways: _Ways, roads: _Objects, closed: int, excluded: int) -> Streets:
    x, y = np.array(ways.x, dtype=np.int64), np.array(ways.y, dtype=np.int64)
    lonlat = np.column_stack([x, y]) / COORDINATES_PER_DEGREE
    lonlat[x == _UNKNOWN] = np.nan
    line_ids = [f"w{own_id(number)}" for number in ways.way]
    ref = np.array(ways.ref, dtype=np.int64)
    highways = [row["highway"] for row in ways.tags]
    return Streets(
        way=np.repeat(np.arange(len(ways.size)), ways.size),
        ref=np.where(ref < osmjson.DRAWN, ref, osmjson.DRAWN - ref),
        lonlat=lonlat,
        ways=_described(ways.tags, line_id=line_ids, highway=highways, osm_ids=line_ids),
        roads=_objects(roads),
        closed=closed,
        excluded=excluded,
    )


def _extract(streets: Streets, read: _Objects, dated: str) -> Extract:
    objects = pd.concat([_objects(read), streets.roads], ignore_index=True)
    first = next(iter(read.damaged_areas), "")
    told = (
        (
            len(read.damaged_areas),
            f"areas, first {first}, have no valid outline and were left out: look at it in JOSM.",
        ),
        (read.cut_areas, "areas of public spaces reach over the edge of the extract and were left out."),
        (streets.closed, "ways are closed to people by access or foot and were left out."),
    )
    remarks = tuple(f"{count} {what}" for count, what in told if count)
    return Extract(streets=streets, objects=objects, dated=dated, remarks=remarks)


def _objects(read: _Objects) -> pd.DataFrame:
    ids, kinds, categories, tags, shapes = zip(*read.rows, strict=True) if read.rows else ((), (), (), (), ())
    frame = _described(tags, osm_id=ids, kind=kinds, category=categories)
    frame["geometry"] = shapely.from_wkb(np.array([bytes.fromhex(shape) for shape in shapes], dtype=object))
    return frame


def _told_apart(objects: pd.DataFrame) -> pd.DataFrame:
    """Put its kind behind the id of what is evidence beside something else."""
    several = objects.duplicated("osm_id", keep=False) & objects["kind"].isin(osm_tags.EVIDENCE)
    return objects.assign(osm_id=objects["osm_id"].mask(several, objects["osm_id"] + ":" + objects["kind"]))


def _described(tags: list[dict[str, str]] | tuple[dict[str, str], ...], **columns: object) -> pd.DataFrame:
    """Return columns of text with the name and the JSON of the tags beside them."""
    names = [row.get("name") for row in tags]
    texts = [osm_tags.as_json(tuple(row.items())) for row in tags]
    return pd.DataFrame({**columns, "name": names, "tags": texts}, dtype=object)


def _refuse_others(file: Admitted, settings: PlacesSettings) -> None:
    """Refuse what is no extract before any parser sees it, by what it really is."""
    where = Where(file.name)
    if file.kind not in {"pbf", "xml", "json"}:
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
