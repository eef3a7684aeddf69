"""The spatial index of a layer: what makes a window of a city open as fast as the window is small.

The standard (OGC 12-128r19, GeoPackage 1.4, annex F.3) wants SQLite's R*Tree and seven triggers that keep it right
when somebody edits. SQLite fills that tree row by row, which for 100,000 segments takes as long as writing the rest of
the layer. So its nodes are packed here and written whole, in the form that SQLite documents (sqlite.org/rtree.html and
the head of its rtree.c) and as GDAL does it too; `rtreecheck` of SQLite finds nothing to say of them in the tests.

Packing is Sort-Tile-Recursive (Leutenegger, Edgington and Lopez 1997): strips from west to east, each cut from south to
north into nodes that are full; then the same with the boxes of those nodes, until one node holds them all.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

PAGE_BYTES = 4096
"""Size of the file's pages: SQLite derives from it how many cells a node has."""

_CAPACITY = 51
_CELL = np.dtype([("id", ">i8"), ("box", ">f4", 4)])
_NODE = np.dtype([("depth", ">u2"), ("count", ">u2"), ("cells", _CELL, _CAPACITY)])
_ROOT = 1

_EXTENSION = "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', ?, 'write-only')"
_DEFINITION = "http://www.geopackage.org/spec140/#extension_rtree"

_SHOWN = '{0}."geom" NOTNULL AND NOT ST_IsEmpty({0}."geom")'
_HIDDEN = '{0}."geom" ISNULL OR ST_IsEmpty({0}."geom")'
_NEW, _OLD, _NO_NEW, _NO_OLD = (text.format(row) for text in (_SHOWN, _HIDDEN) for row in ("NEW", "OLD"))
_BOX = 'ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")'
_SET = ", ".join(
    f'{edge} = ST_{edge[:3].title()}{edge[3].upper()}(NEW."geom")' for edge in ("minx", "maxx", "miny", "maxy")
)
_PUT = f'INSERT OR REPLACE INTO "{{index}}" VALUES (NEW."fid", {_BOX});'
_DROP = 'DELETE FROM "{index}" WHERE id = OLD."fid";'
_TRIGGERS = {
    "insert": ("INSERT", f"({_NEW})", _PUT),
    "update2": ('UPDATE OF "geom"', f'OLD."fid" = NEW."fid" AND ({_NO_NEW})', _DROP),
    "update4": (
        "UPDATE",
        f'OLD."fid" != NEW."fid" AND ({_NO_NEW})',
        'DELETE FROM "{index}" WHERE id IN (OLD."fid", NEW."fid");',
    ),
    "update5": ("UPDATE", f'OLD."fid" != NEW."fid" AND ({_NEW})', f"{_DROP} {_PUT}"),
    "update6": (
        'UPDATE OF "geom"',
        f'OLD."fid" = NEW."fid" AND ({_NEW}) AND ({_OLD})',
        f'UPDATE "{{index}}" SET {_SET} WHERE id = NEW."fid";',
    ),
    "update7": (
        'UPDATE OF "geom"',
        f'OLD."fid" = NEW."fid" AND ({_NEW}) AND ({_NO_OLD})',
        f'INSERT INTO "{{index}}" VALUES (NEW."fid", {_BOX});',
    ),
    "delete": ("DELETE", 'OLD."geom" NOTNULL', _DROP),
}
"""The triggers of the standard by their names: after what, when, and what then."""


def add_index(connection: sqlite3.Connection, layer: str, bounds: NDArray[np.float64]) -> None:
    """Give a layer its index, and the triggers that keep it right.

    Parameters
    ----------
    connection
        To a GeoPackage whose pages have `PAGE_BYTES`.
    layer
        Name of the layer, ours: a schema knows no parameters. Its rows are numbered from 1 in `fid`.
    bounds
        West, south, east and north of each row, shape (n, 4); NaN where it has no geometry.
    """
    index = f"rtree_{layer}_geom"
    connection.execute(f'CREATE VIRTUAL TABLE "{index}" USING rtree(id, minx, maxx, miny, maxy)')
    known = ~np.isnan(bounds[:, 0])
    _fill(connection, index, np.flatnonzero(known) + 1, _boxes(bounds[known]))
    for name, (event, when, then) in _TRIGGERS.items():
        connection.execute(
            f'CREATE TRIGGER "{index}_{name}" AFTER {event} ON "{layer}" WHEN {when} BEGIN {then.format(index=index)} END'
        )
    connection.execute(_EXTENSION, (layer, _DEFINITION))


def _boxes(bounds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return minx, maxx, miny, maxy in the tree's single precision, none smaller than it was."""
    exact = bounds[:, [0, 2, 1, 3]]
    boxes = exact.astype(np.float32)
    low, high = boxes[:, ::2], boxes[:, 1::2]
    low[low > exact[:, ::2]] = np.nextafter(low, np.float32(-np.inf))[low > exact[:, ::2]]
    high[high < exact[:, 1::2]] = np.nextafter(high, np.float32(np.inf))[high < exact[:, 1::2]]
    return boxes


def _fill(connection: sqlite3.Connection, index: str, ids: NDArray[np.int64], boxes: NDArray[np.float32]) -> None:
    """Write the tree level by level, leaves first: what a level's nodes hold are the cells of the next."""
    depth, next_node = 0, _ROOT + 1
    while len(ids) > _CAPACITY:
        order = _tiled(boxes)
        ids, boxes = ids[order], boxes[order]
        starts = np.arange(0, len(ids), _CAPACITY)
        nodes = next_node + np.arange(len(starts))
        _write_nodes(connection, index, nodes, ids, boxes, 0)
        _write_owners(connection, index, ids, nodes, leaves=depth == 0)
        lows, highs = (edge.reduceat(boxes, starts) for edge in (np.minimum, np.maximum))
        boxes = np.where([True, False, True, False], lows, highs)
        ids, depth, next_node = nodes, depth + 1, next_node + len(nodes)
    root = np.array([_ROOT])
    _write_nodes(connection, index, root, ids, boxes, depth)
    _write_owners(connection, index, ids, root, leaves=depth == 0)


def _tiled(boxes: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the order in which neighbours follow each other, `_CAPACITY` to a node."""
    east, north = boxes[:, 0] + boxes[:, 1], boxes[:, 2] + boxes[:, 3]
    strips = math.ceil(math.sqrt(math.ceil(len(boxes) / _CAPACITY)))
    place = np.empty(len(boxes), dtype=np.int64)
    place[np.argsort(east, kind="stable")] = np.arange(len(boxes))
    return np.lexsort((north, place // (strips * _CAPACITY)))


def _write_nodes(  # noqa: PLR0913 - what a node is
    connection: sqlite3.Connection,
    index: str,
    nodes: NDArray[np.int64],
    ids: NDArray[np.int64],
    boxes: NDArray[np.float32],
    depth: int,
) -> None:
    """Write nodes with their cells in order; the root alone says how deep the tree is."""
    cells = np.zeros(len(nodes) * _CAPACITY, dtype=_CELL)
    cells["id"][: len(ids)], cells["box"][: len(ids)] = ids, boxes
    packed = np.zeros(len(nodes), dtype=_NODE)
    packed["depth"], packed["cells"] = depth, cells.reshape(-1, _CAPACITY)
    packed["count"] = np.minimum(_CAPACITY, len(ids) - _CAPACITY * np.arange(len(nodes)))
    statement = f'INSERT OR REPLACE INTO "{index}_node" VALUES (?, ?)'  # noqa: S608 - our own name
    connection.executemany(
        statement, ((number, node.tobytes()) for number, node in zip(nodes.tolist(), packed, strict=True))
    )


def _write_owners(
    connection: sqlite3.Connection, index: str, ids: NDArray[np.int64], nodes: NDArray[np.int64], *, leaves: bool
) -> None:
    """Write down which node each row of the layer, or each node below, lies in."""
    owner = nodes[np.arange(len(ids)) // _CAPACITY]
    order = np.argsort(ids)
    statement = f'INSERT INTO "{index}_{"rowid" if leaves else "parent"}" VALUES (?, ?)'  # noqa: S608 - our own name
    connection.executemany(statement, zip(ids[order].tolist(), owner[order].tolist(), strict=True))
