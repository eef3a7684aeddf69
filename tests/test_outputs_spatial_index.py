"""The spatial index of a GeoPackage: whole, used by GDAL, and right after every edit."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from small_result import small_result

from safeaudit.languages import read_language
from safeaudit.outputs import planning
from safeaudit.outputs.parts import geopackage
from safeaudit.outputs.parts.spatial_index import PAGE_BYTES, add_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WINDOW = (257_100.0, 9_857_100.0, 257_260.0, 9_857_220.0)


def scattered(n: int, seed: int = 7) -> np.ndarray:
    """Return boxes of n short streets: west, south, east, north."""
    rng = np.random.default_rng(seed)
    corner = np.array([257_000.0, 9_857_000.0]) + rng.uniform(0, 2000, (n, 2))
    return np.column_stack([corner, corner + rng.uniform(0, 80, (n, 2))])


def streets(n: int) -> gpd.GeoDataFrame:
    boxes = scattered(n)
    lines = shapely.linestrings(boxes.reshape(-1, 2, 2))
    return gpd.GeoDataFrame({"number": np.arange(n)}, geometry=lines, crs="EPSG:32737")


def write(frame: gpd.GeoDataFrame, target: Path) -> Path:
    layer = geopackage.Layer(name="streets", title="Streets", description="A street.", frame=frame)
    geopackage.write(target, [layer], latest=pd.NaT)
    return target


def indexed(boxes: np.ndarray) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.executescript(geopackage._BASE + "CREATE TABLE streets (fid INTEGER PRIMARY KEY, geom)")
    add_index(connection, "streets", boxes)
    return connection


@pytest.mark.parametrize("n", [0, 1, 51, 52, 2601, 2602, 133_000])
def test_sqlite_finds_no_fault_in_the_tree_and_every_row_in_its_box(n: int) -> None:
    boxes = scattered(n)
    with closing(indexed(boxes)) as connection:
        assert connection.execute("SELECT rtreecheck('rtree_streets_geom')").fetchall() == [("ok",)]
        told = connection.execute("SELECT * FROM rtree_streets_geom ORDER BY id").fetchall()
    found = np.array(told).reshape(-1, 5)
    assert found[:, 0].tolist() == list(range(1, n + 1))
    low, high = found[:, [1, 3]], found[:, [2, 4]]
    assert (low <= boxes[:, :2]).all()
    assert (high >= boxes[:, 2:]).all()
    assert np.abs(low - boxes[:, :2]).max(initial=0) <= 1  # single precision, at ten million metres north


def test_what_has_no_geometry_is_in_no_box() -> None:
    boxes = scattered(4)
    boxes[1] = np.nan
    with closing(indexed(boxes)) as connection:
        assert connection.execute("SELECT id FROM rtree_streets_geom ORDER BY id").fetchall() == [(1,), (3,), (4,)]


def test_a_window_is_answered_from_the_tree_and_holds_what_lies_in_it(tmp_path: Path) -> None:
    frame = streets(6000)
    target = write(frame, tmp_path / "a.gpkg")
    assert pyogrio.read_info(target, layer="streets")["capabilities"]["fast_spatial_filter"]
    read = pyogrio.read_dataframe(target, layer="streets", bbox=WINDOW)
    within = frame[frame.intersects(shapely.box(*WINDOW))]
    assert 0 < len(within) < 100
    assert sorted(read["number"]) == within["number"].tolist()
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("DELETE FROM rtree_streets_geom WHERE id > 3000")
        connection.commit()
    fewer = pyogrio.read_dataframe(target, layer="streets", bbox=WINDOW)
    assert (
        sorted(fewer["number"]) == within["number"][within["number"] < 3000].tolist()
    )  # it asks the tree, and nothing else


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    frame = streets(60)
    target = write(frame, tmp_path / "a.gpkg")
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        assert connection.execute("PRAGMA user_version").fetchone() == (10400,)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        extension = connection.execute("SELECT * FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'")
        definition = "http://www.geopackage.org/spec140/#extension_rtree"
        assert extension.fetchall() == [("streets", "geom", "gpkg_rtree_index", definition, "write-only")]
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name").fetchall()
    wanted = ("delete", "insert", "update2", "update4", "update5", "update6", "update7")
    assert triggers == [(f"rtree_streets_geom_{name}",) for name in wanted]
    assert pyogrio.read_info(target, layer="streets")["total_bounds"] == pytest.approx(tuple(frame.total_bounds))


def test_every_drawn_layer_of_the_office_has_one(tmp_path: Path) -> None:
    planning.write(small_result(), read_language("en"), tmp_path / "planning.gpkg")
    with closing(sqlite3.connect(tmp_path / "planning.gpkg")) as connection:
        drawn = connection.execute("SELECT table_name FROM gpkg_geometry_columns ORDER BY 1").fetchall()
        known = connection.execute("SELECT table_name FROM gpkg_extensions WHERE column_name = 'geom' ORDER BY 1")
        assert known.fetchall() == drawn


def test_what_gdal_adds_is_found(tmp_path: Path) -> None:
    target = write(streets(60), tmp_path / "a.gpkg")
    far = gpd.GeoDataFrame({"number": [99]}, geometry=[shapely.Point(900_000, 9_000_000)], crs="EPSG:32737")
    pyogrio.write_dataframe(far, target, layer="streets", append=True)
    assert pyogrio.read_dataframe(target, layer="streets", bbox=(899_999, 8_999_999, 900_001, 9_000_001))[
        "number"
    ].tolist() == [99]


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Return a connection to 200 streets that knows the functions of whoever edits, as QGIS does."""

    def shape(blob: bytes) -> shapely.Geometry:
        return shapely.from_wkb(blob[40:])

    with closing(sqlite3.connect(write(streets(200), tmp_path / "a.gpkg"))) as connection:
        connection.create_function("ST_IsEmpty", 1, lambda blob: blob is not None and shape(blob).is_empty)
        for place, name in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")):
            connection.create_function(name, 1, lambda blob, place=place: shape(blob).bounds[place])
        yield connection


@pytest.mark.parametrize(
    "edit",
    [
        "INSERT INTO streets (fid, geom) SELECT 1000, geom FROM streets WHERE fid = 3",
        "INSERT INTO streets (fid, geom) VALUES (1000, NULL)",
        "UPDATE streets SET geom = (SELECT geom FROM streets WHERE fid = 9) WHERE fid = 4",
        "UPDATE streets SET geom = NULL WHERE fid = 4",
        (
            "UPDATE streets SET geom = NULL WHERE fid = 4; UPDATE streets SET geom = "
            "(SELECT geom FROM streets WHERE fid = 9) WHERE fid = 4"
        ),
        "UPDATE streets SET fid = 1000 WHERE fid = 4",
        "UPDATE streets SET fid = 1000, geom = (SELECT geom FROM streets WHERE fid = 9) WHERE fid = 4",
        "UPDATE streets SET fid = 1000, geom = NULL WHERE fid = 4",
        (
            "INSERT INTO streets (fid, geom) SELECT 4, geom FROM streets WHERE fid = 9 "
            "ON CONFLICT (fid) DO UPDATE SET geom = excluded.geom"
        ),
        "DELETE FROM streets WHERE fid > 20",
        "UPDATE streets SET number = 5",
    ],
)
def test_every_edit_leaves_the_tree_right(edit: str, edited: sqlite3.Connection) -> None:
    for statement in edit.split("; "):
        edited.execute(statement)
    assert edited.execute("SELECT rtreecheck('rtree_streets_geom')").fetchall() == [("ok",)]
    rows = edited.execute(
        "SELECT fid, ST_MinX(geom), ST_MaxX(geom), ST_MinY(geom), ST_MaxY(geom) FROM streets "
        "WHERE geom NOTNULL ORDER BY fid"
    ).fetchall()
    tree = edited.execute("SELECT * FROM rtree_streets_geom ORDER BY id").fetchall()
    assert [row[0] for row in tree] == [row[0] for row in rows]
    assert np.allclose(np.array(tree)[:, 1:], np.array(rows)[:, 1:], rtol=0, atol=2)
