"""Files that hold several versions of an object, or deleted ones: what is there now."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import osmium

from safeaudit.files import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeaudit.files import Admitted

_OBJECT = re.compile(rb"<([nwr])[a-z]+ id=[\"'](-?\d+)[\"']")
_DELETED = re.compile(rb"action=([\"'])delete\1")  # as JOSM writes it; osmium knows visible alone


@contextmanager
def newest(file: Admitted, ending: str) -> Iterator[osmium.io.File | osmium.io.FileBuffer]:
    """Give an extract to read from in which every object is there once, as it is now.

    Parameters
    ----------
    file
        An extract in XML or PBF.
    ending
        How osmium calls what it is.
    """
    content = b""
    if file.kind == "xml":
        with opened(file) as stream:
            content = _DELETED.sub(rb"visible=\1false\1", stream.read())
    if _is_plain(file, content):
        yield osmium.io.File(str(file.path), ending)
        return
    merged = osmium.MergeInputReader()
    if content:
        merged.add_buffer(content, "osm")
    else:
        merged.add_file(str(file.path))
    with TemporaryDirectory() as folder:
        target = Path(folder) / "newest.osm.pbf"
        with osmium.SimpleWriter(str(target)) as writer:
            merged.apply(_Living(writer), simplify=True)
        yield osmium.io.File(str(target), "pbf")


class _Living(osmium.SimpleHandler):
    """Hands on what is not deleted."""

    def __init__(self, writer: osmium.SimpleWriter) -> None:
        """Remember where to write."""
        super().__init__()
        self._writer = writer

    def node(self, node: osmium.osm.Node) -> None:
        """Take a node."""
        if node.visible:
            self._writer.add_node(node)

    def way(self, way: osmium.osm.Way) -> None:
        """Take a way."""
        if way.visible:
            self._writer.add_way(way)

    def relation(self, relation: osmium.osm.Relation) -> None:
        """Take a relation."""
        if relation.visible:
            self._writer.add_relation(relation)


def _is_plain(file: Admitted, content: bytes) -> bool:
    """Tell whether every object is there once and none is deleted; a PBF says so in its head."""
    if file.kind != "xml":
        return not osmium.io.Reader(str(file.path), osmium.osm.NOTHING).header().has_multiple_object_versions
    if re.search(rb"visible=[\"']false[\"']", content):
        return False
    found = _OBJECT.findall(content)
    return len(set(found)) == len(found)
