"""No input makes the program open an address or another file: the real command, beside a server that counts."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from canary import Canary, listening
from projects import project, safeaudit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "TOPSECRET-CANARY"  # noqa: S105 - what no output may hold
LEFT_TO_US = {
    "pyogrio": {"ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON", "MEM"},
    "rasterio": {"ESRI Shapefile", "GPKG", "GTiff", "GeoJSON", "MEM", "Memory"},
}
"""Drivers that are left when the program runs; each was looked at. A new one is to be judged, not added."""

DRIVERS = """
import json, sys
from safeaudit.files.gdal import restrict_gdal
restrict_gdal()
import pyogrio, rasterio
with rasterio.Env() as env:
    print(json.dumps({"pyogrio": sorted(pyogrio.list_drivers()), "rasterio": sorted(env.drivers())}))
"""
OPEN = """
import sys
from safeaudit.files.gdal import restrict_gdal
restrict_gdal()
import pyogrio, rasterio
for path in sys.argv[1:]:
    for opened in (pyogrio.read_info, rasterio.open):
        try:
            opened(path)
        except Exception as error:
            print(type(error).__name__)
"""


@pytest.fixture
def canary() -> Iterator[Canary]:
    with listening() as server:
        yield server


def python(*words: object) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own: GDAL looks at its settings once."""
    return subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, check=False)


def test_of_gdals_drivers_only_those_that_readers_name_are_left() -> None:
    assert json.loads(python("-c", DRIVERS).stdout) == {name: sorted(left) for name, left in LEFT_TO_US.items()}


def test_gdal_itself_asks_no_address(tmp_path: Path, canary: Canary) -> None:
    linked = {"type": "link", "properties": {"href": f"{canary.address}/crs", "type": "proj4"}}
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    document = {"type": "FeatureCollection", "crs": linked, "features": [point]}
    (tmp_path / "linked.geojson").write_text(json.dumps(document))
    addresses = [f"{way}{canary.address}/{name}" for way in ("", "/vsicurl/") for name in ("x", "x.tif", "none")]
    done = python("-c", OPEN, *addresses, tmp_path / "linked.geojson")
    assert len(done.stdout.split()) >= 2 * len(addresses)
    assert canary.asked == []


HOSTILE = (
    ("vector/ssrf_ogrvrt_named.geojson", "spaces"),
    ("vector/ssrf_ogrvrt_named.geojson", "osm"),
    ("vector/ssrf_ogrvrt_named.geojson", "audits"),
    ("vector/localfile_ogrvrt_named.csv", "features"),
    ("vector/localfile_ogrvrt_named.csv", "audits"),
    ("raster/ssrf.vrt", "rasters"),
    ("raster/ssrf_vrt_named.tif", "rasters"),
    ("raster/ssrf_vrt_named.tif", "spaces"),
    ("raster/wms_named.tif", "rasters"),
)


@pytest.mark.parametrize(("name", "used_as"), HOSTILE)
def test_a_hostile_file_is_refused_and_asks_nothing(
    shared: Path, tmp_path: Path, canary: Canary, name: str, used_as: str
) -> None:
    hostile = tmp_path / name.rpartition("/")[2]
    text = (shared / "badinputs" / name).read_text(encoding="utf-8")
    hostile.write_text(text.replace("http://127.0.0.1:18765", canary.address), encoding="utf-8")
    (tmp_path / "secret_canary.csv").write_text(f"a,b\n{SECRET},1\n")
    lines = {
        "spaces": f"spaces = {{ file = '{hostile}' }}",
        "features": f"features = [{{ file = '{hostile}', kind = 'toilet' }}]",
        "osm": f"osm = '{hostile}'",
        "audits": f"[[audits]]\nfile = '{hostile}'",
        "rasters": f"[evidence]\nrasters = [{{ file = '{hostile}', kind = 'night_radiance' }}]",
    }
    out = tmp_path / "out"
    done = python("-m", "safeaudit", "run", project(tmp_path / "town", lines[used_as]), "--out", out)
    assert done.returncode == 2
    assert hostile.name in done.stderr
    assert canary.asked == []
    assert SECRET not in done.stdout + done.stderr
    assert not out.exists()


NAMES = (
    "../../etc/passwd",
    "/etc/passwd",
    "/vsicurl/{}/x.tif",
    "{}/x.geojson",
    "PG:host=127.0.0.1",
    "sqlite:////etc/passwd",
    "zip://../x.zip",
    "GeoJSON:{}/x.geojson",
    "-rf",
    "a" * 300,
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, canary: Canary, name: str) -> None:
    file = name.format(canary.address)
    town = project(tmp_path / "town", f"spaces = {{ file = '{file}' }}")
    said = safeaudit("check", town)
    assert said.code == 2
    assert "root:" not in said.stdout + said.stderr
    assert canary.asked == []
