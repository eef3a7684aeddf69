"""The spatial index of a layer: what makes a window of a city open as fast as the window is small.

The standard (OGC 12-128r19, GeoPackage 1.4, annex F.3) wants SQLite's R*Tree, and seven triggers that keep it right
when somebody edits. SQLite fills that tree row by row: 1.6 s for 100,000 segments, as long as writing the rest of
their layer; this takes 0.2 s. Its nodes are packed here and written whole, in the form that SQLite documents
(sqlite.org/rtree.html, the head of its rtree.c), as GDAL does it too; SQLite's `rtreecheck` looks at them in the tests.

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

_TRIGGERS = tuple(
    """
CREATE TRIGGER "{index}_insert" AFTER INSERT ON "{layer}"
  WHEN NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom)
BEGIN
  INSERT OR REPLACE INTO "{index}"
  VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;

CREATE TRIGGER "{index}_update2" AFTER UPDATE OF geom ON "{layer}"
  WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM "{index}" WHERE id = OLD.fid;
END;

CREATE TRIGGER "{index}_update4" AFTER UPDATE ON "{layer}"
  WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM "{index}" WHERE id IN (OLD.fid, NEW.fid);
END;

CREATE TRIGGER "{index}_update5" AFTER UPDATE ON "{layer}"
  WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM "{index}" WHERE id = OLD.fid;
  INSERT OR REPLACE INTO "{index}"
  VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;

CREATE TRIGGER "{index}_update6" AFTER UPDATE OF geom ON "{layer}"
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    AND (OLD.geom NOTNULL AND NOT ST_IsEmpty(OLD.geom))
BEGIN
  UPDATE "{index}" SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom),
    miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom)
  WHERE id = NEW.fid;
END;

CREATE TRIGGER "{index}_update7" AFTER UPDATE OF geom ON "{layer}"
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    AND (OLD.geom ISNULL OR ST_IsEmpty(OLD.geom))
BEGIN
  INSERT INTO "{index}"
  VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;

CREATE TRIGGER "{index}_delete" AFTER DELETE ON "{layer}"
  WHEN OLD.geom NOTNULL
BEGIN
  DELETE FROM "{index}" WHERE id = OLD.fid;
END;""".strip().split("\n\n")
)
"""The triggers of the standard. The functions are those of whoever edits: GDAL, QGIS."""


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
    for trigger in _TRIGGERS:
        connection.execute(trigger.format(index=index, layer=layer))
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
    """Write the tree level by level, leaves first: the nodes of a level are the cells of the next."""
    depth, first = 0, _ROOT + 1
    while len(ids) > _CAPACITY:
        order = _tiled(boxes)
        ids, boxes = ids[order], boxes[order]
        starts = np.arange(0, len(ids), _CAPACITY)
        nodes = first + np.arange(len(starts))
        _write_nodes(connection, index, nodes, _packed(ids, boxes))
        _write_owners(connection, f"{index}_{'parent' if depth else 'rowid'}", ids, nodes)
        lows, highs = (edge.reduceat(boxes, starts) for edge in (np.minimum, np.maximum))
        boxes = np.where([True, False, True, False], lows, highs)
        ids, depth, first = nodes, depth + 1, first + len(nodes)
    root = _packed(ids, boxes) if len(ids) else np.zeros(1, dtype=_NODE)
    root["depth"] = depth  # the other nodes leave it 0: it is the root's alone to say how deep the tree is
    _write_nodes(connection, index, np.array([_ROOT]), root)
    _write_owners(connection, f"{index}_{'parent' if depth else 'rowid'}", ids, np.array([_ROOT]))


def _tiled(boxes: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the order in which neighbours follow each other, `_CAPACITY` to a node."""
    east, north = boxes[:, 0] + boxes[:, 1], boxes[:, 2] + boxes[:, 3]
    strips = math.ceil(math.sqrt(math.ceil(len(boxes) / _CAPACITY)))
    place = np.empty(len(boxes), dtype=np.int64)
    place[np.argsort(east, kind="stable")] = np.arange(len(boxes))
    return np.lexsort((north, place // (strips * _CAPACITY)))


def _packed(ids: NDArray[np.int64], boxes: NDArray[np.float32]) -> NDArray[np.void]:
    """Return nodes that hold cells in order, all full but the last."""
    nodes = np.zeros(math.ceil(len(ids) / _CAPACITY), dtype=_NODE)
    cells = np.zeros(len(nodes) * _CAPACITY, dtype=_CELL)
    cells["id"][: len(ids)], cells["box"][: len(ids)] = ids, boxes
    nodes["cells"] = cells.reshape(-1, _CAPACITY)
    nodes["count"] = np.minimum(_CAPACITY, len(ids) - _CAPACITY * np.arange(len(nodes)))
    return nodes


def _write_nodes(
    connection: sqlite3.Connection, index: str, numbers: NDArray[np.int64], nodes: NDArray[np.void]
) -> None:
    statement = f'INSERT OR REPLACE INTO "{index}_node" VALUES (?, ?)'  # noqa: S608 - our own name
    rows = zip(numbers.tolist(), nodes, strict=True)
    connection.executemany(statement, ((number, node.tobytes()) for number, node in rows))


def _write_owners(connection: sqlite3.Connection, table: str, ids: NDArray[np.int64], nodes: NDArray[np.int64]) -> None:
    """Write down which node each row of the layer, or each node of the level below, lies in."""
    owner = nodes[np.arange(len(ids)) // _CAPACITY]
    order = np.argsort(ids)
    statement = f'INSERT INTO "{table}" VALUES (?, ?)'  # noqa: S608 - our own name
    connection.executemany(statement, zip(ids[order].tolist(), owner[order].tolist(), strict=True))
