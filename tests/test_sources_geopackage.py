"""GeoPackage layers as audits: QField's and Mergin's own format."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from rows import MUMBAI

from safeaudit.audits import sources
from safeaudit.audits.normalise import normalise
from safeaudit.config import AuditSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.audits.cells import Cells

POINTS = [
    shapely.Point(72.88, 19.07),
    shapely.MultiPoint([(72.881, 19.071)]),
    None,
    shapely.LineString([(72, 19), (73, 19)]),
]


def layer(**columns: Any) -> gpd.GeoDataFrame:
    given = {
        "uuid": ["a", "b", "c", "d"],
        "time": pd.to_datetime(["2026-03-05T16:30:00Z"] * 4),
        "lighting": [1, 2, 3, 0],
        "lux": [1.5, 2.0, None, 3.0],
        "note": ["dark", None, "", "x"],
    }
    return gpd.GeoDataFrame({**given, **columns}, geometry=POINTS, crs="EPSG:4326")


def read(path: Path, **settings: Any) -> Cells:
    (cells,) = sources.read(admit(path), AuditSettings(file=path, **settings))
    return cells


def write(folder: Path, crs: str = "EPSG:4326", name: str = "audits", frame: gpd.GeoDataFrame | None = None) -> Path:
    path = folder / "walk.gpkg"
    frame = layer() if frame is None else frame
    frame.to_crs(crs).to_file(path, layer=name, driver="GPKG", mode="a" if path.exists() else "w")
    return path


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:32643"])
def test_a_point_layer_is_read_in_degrees_whatever_its_crs(tmp_path: Path, crs: str) -> None:
    path = write(tmp_path, crs)
    cells = read(path)
    assert cells.header[:2] == ("longitude", "latitude")
    assert cells.lines.tolist() == [1, 2, 3]
    assert [round(float(cell), 6) for cell in cells.columns[0][:2]] == [72.88, 72.881]
    assert cells.columns[0][2] == ""
    assert cells.columns[cells.header.index("lux")].tolist() == ["1.5", "2", ""]
    assert cells.rejected[["line", "code"]].to_numpy().tolist() == [[4, "NOT_A_POINT"]]
    files = [(AuditSettings(file=path), sources.read(admit(path), AuditSettings(file=path)))]
    found = normalise(files, rubric=STANDARD, timezone=None, extent=MUMBAI, key=b"key")
    assert found.submissions["form"].tolist() == sorted(["a", "b"], key=found.submissions["form"].tolist().index)
    assert set(found.submissions["observed_at"]) == {pd.Timestamp("2026-03-05T16:30:00Z")}
    assert found.rejected["code"].tolist() == ["COORD_MISSING", "NOT_A_POINT"]


def test_the_layer_with_the_columns_that_are_named_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, name="aaa", frame=layer().rename(columns={"lighting": "x1"}))
    write(tmp_path, name="zzz", frame=layer().rename(columns={"lighting": "luz"}))
    assert "luz" in read(path, columns={"lighting": "luz"}).header
    cells = read(path, columns={"lighting": "x1"})
    assert "x1" in cells.header
    assert cells.remarks == ('Layer "aaa" was read. To read "zzz", name its columns under columns.',)


def test_a_view_is_never_read(tmp_path: Path) -> None:
    path = write(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIEW evil AS SELECT load_extension('x') AS lighting, 1 AS fid")
        connection.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('evil', 'attributes')")
        connection.commit()
    assert read(path, columns={"lighting": "lighting"}).lines.tolist() == [1, 2, 3]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE gpkg_contents SET data_type = 'tiles' WHERE table_name = 'audits'")
        connection.commit()
    with pytest.raises(InputError, match="It holds no layer with rows to read"):
        read(path)


def test_what_is_damaged_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputError, match="It is damaged, or no GeoPackage"):
        read(path)


def test_nothing_is_written_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    read(path)
    assert [file.name for file in tmp_path.iterdir()] == ["walk.gpkg"]
    assert path.read_bytes() == before


def test_bad_geopackages_are_refused_in_words(shared: Path) -> None:
    with pytest.raises(InputError):
        read(shared / "badinputs" / "vector" / "sqlite_not_gpkg.gpkg")


def test_what_is_still_open_in_a_program_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    with closing(sqlite3.connect(path)) as editor:
        editor.execute("PRAGMA journal_mode = WAL")
        editor.execute("UPDATE gpkg_contents SET description = 'walked'")
        editor.commit()  # what was saved stands beside the file, as it does while a program has it open
        with pytest.raises(InputError, match=r"was not closed: .* still stands in walk\.gpkg-wal"):
            read(path)
    assert len(read(path).lines) == 3  # closed: all of it is in the file
