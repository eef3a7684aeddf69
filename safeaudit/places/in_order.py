"""Extracts as they come: objects in any order, old versions, deleted ones, ids below 0, positions inside ways.

Osmium reads an extract as a stream: nodes before ways, each once, with ids from 0. What differs is put in order first.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium

from safeaudit.files.admit import opened
from safeaudit.places.osmjson import as_opl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeaudit.files.admit import Admitted

_CHUNK_BYTES = 4 * 1024**2
_HEAD = re.compile(rb"<(node|way|relation)\b[^>]*?\bid=[\"'](-?\d+)[\"']")
_UNUSUAL = re.compile(
    rb"<(?:node|way|relation)\b[^>]*?\b(?:visible=[\"']false|action=[\"']delete)[\"']|<nd\b[^>]*?\blat=[\"']"
)
_DELETED = re.compile(rb"<(?:node|way|relation)\b[^>]*?\baction=[\"']delete[\"'][^>]*>")
_SAYS_SO = re.compile(rb"\b(?:action|visible)=[\"'][a-z]*[\"']")
_RANK = {b"node": 0, b"way": 1, b"relation": 2}


def put_in_order(file: Admitted, ending: str) -> osmium.io.File | osmium.io.FileBuffer:
    """Return an extract to read from in which every object is there once, as it is now, nodes first.

    Parameters
    ----------
    file
        An extract in XML or PBF.
    ending
        What osmium calls its format.

    Returns
    -------
    The file itself where it is so already; else its objects in order, in memory.
    """
    as_it_is = osmium.io.File(str(file.path), ending)
    if _is_in_order(file, as_it_is):
        return as_it_is
    return osmium.io.FileBuffer(as_opl(_elements(_without_deleted(file) or as_it_is), file.name), "opl")


def _without_deleted(file: Admitted) -> osmium.io.FileBuffer | None:
    """Return XML in which what an editor deleted is marked as the map does; None where it is no XML."""
    if file.kind != "xml":
        return None
    with opened(file) as stream:
        return osmium.io.FileBuffer(_DELETED.sub(_hide, stream.read()), "osm")


def _hide(found: re.Match[bytes]) -> bytes:
    """Return an object that an editor deleted (action="delete") as the map says it (visible="false")."""
    said = _SAYS_SO.sub(b"", found[0])
    end = b"/>" if said.endswith(b"/>") else b">"
    return said.removesuffix(end) + b' visible="false"' + end


def _elements(source: osmium.io.File | osmium.io.FileBuffer) -> Iterator[dict[str, Any]]:
    """Yield each object as Overpass's JSON has it."""
    for entity in _objects(source):
        same: dict[str, Any] = {"id": entity.id, "version": entity.version, "visible": entity.visible}
        tags = {tag.k: tag.v for tag in entity.tags}
        if isinstance(entity, osmium.osm.Node):
            spot = _spot(entity.location)
            if spot or not entity.visible:
                yield {"type": "node", "tags": tags, **same, **(spot or {})}
        elif isinstance(entity, osmium.osm.Way):
            nodes = list(entity.nodes)
            spots = [_spot(node.location) for node in nodes]
            yield {"type": "way", "tags": tags, **same, "nodes": [node.ref for node in nodes], "geometry": spots}
        elif isinstance(entity, osmium.osm.Relation):
            members = [{"type": _TYPES[one.type], "ref": one.ref, "role": one.role} for one in entity.members]
            yield {"type": "relation", "tags": tags, **same, "members": members}


def _objects(source: osmium.io.File | osmium.io.FileBuffer) -> Iterator[Any]:
    """Yield the nodes, ways and relations of a file as they stand there."""
    yield from osmium.FileProcessor(source, osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION)


_TYPES = {"n": "node", "w": "way", "r": "relation"}


def _spot(location: osmium.osm.Location) -> dict[str, float] | None:
    return {"lat": location.lat, "lon": location.lon} if location.valid() else None


def _is_in_order(file: Admitted, source: osmium.io.File) -> bool:
    """Tell whether osmium can read an extract as it is."""
    if file.kind == "xml":
        return _is_xml_in_order(file)
    header = osmium.io.Reader(source, osmium.osm.NOTHING).header()
    if header.has_multiple_object_versions or _LOCATIONS in _features(header):
        return False
    if header.get("sorting") != "Type_then_ID":
        return _are_in_order(source)
    return all(entity.id >= 0 for entity in islice(osmium.FileProcessor(source), 1))  # those below 0 come first


_LOCATIONS = "LocationsOnWays"


def _features(header: osmium.io.Header) -> list[str]:
    """Return the optional features that a PBF says it has."""
    features: list[str] = []
    while found := header.get(f"pbf_optional_feature_{len(features)}"):
        features.append(found)
    return features


def _are_in_order(source: osmium.io.File) -> bool:
    """Go through a PBF that does not say how it is sorted."""
    last = (0, -1)
    for entity in _objects(source):
        here = ("nwr".index(entity.type_str()), entity.id)
        if here <= last or not entity.visible or (here[0] != last[0] and here[1] < 0):
            return False
        last = here
    return True


def _is_xml_in_order(file: Admitted) -> bool:
    """Look at the heads of all objects, some megabytes at a time."""
    last, rest = (0, -1), b""
    with opened(file) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            whole, cut, rest = (rest + chunk).rpartition(b"<")
            rest = cut + rest
            if _UNUSUAL.search(whole):
                return False
            found = _HEAD.findall(whole)
            if found:
                ranks = np.array([_RANK[kind] for kind, _ in found])
                ids = np.array([number for _, number in found]).astype(np.int64)
                ranks, ids = np.append(last[0], ranks), np.append(last[1], ids)
                rising = (ranks[1:] > ranks[:-1]) | ((ranks[1:] == ranks[:-1]) & (ids[1:] > ids[:-1]))
                if not rising.all() or (ids[1:] < 0).any():
                    return False
                last = (int(ranks[-1]), int(ids[-1]))
    return True
