"""Time how long a window of 500 m takes to read from the segments of a planning.gpkg, by GDAL, as QGIS reads it.

The peer is the same file without its spatial index. Then what the index costs: time and size of the layer with it.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from city import ORIGIN, SEED, make_grid
from measure import best, tell, tell_command

from safeaudit.outputs.parts import geopackage

SIZES = (30_000, 100_000, 271_000)
WINDOW_M = 500.0
COLUMNS = 50


def main() -> None:
    """Print a line per size: a window with the index and without it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name:
        for size in given.sizes:
            _measure(size, Path(name))


def _measure(size: int, folder: Path) -> None:
    frame = _segments(size)
    layer = geopackage.Layer(
        name="segments", title="Segments", description="A segment.", frame=frame, geometry_type="LineString"
    )
    ours, bare = folder / "ours.gpkg", folder / "bare.gpkg"
    _, seconds = best(lambda: geopackage.write(ours, [layer], latest=pd.NaT), 2)
    shutil.copy(ours, bare)
    with closing(sqlite3.connect(bare)) as connection:
        connection.execute("DROP TABLE rtree_segments_geom")
        connection.execute("DELETE FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'")
        connection.commit()
        connection.execute("VACUUM")
    west, south, east, north = frame.total_bounds
    corner = np.array([(west + east) / 2, (south + north) / 2])
    window = (*corner, *(corner + WINDOW_M))
    there, indexed = best(lambda: pyogrio.read_dataframe(ours, layer="segments", bbox=window), 9)
    same, plain = best(lambda: pyogrio.read_dataframe(bare, layer="segments", bbox=window), 9)
    if sorted(there["number"]) != sorted(same["number"]):
        raise SystemExit("The index gives other segments than the layer.")
    tell(f"window of {len(frame)} segments", indexed, plain, "s", "wanted: under 0.333 at 271,000")
    more = ours.stat().st_size / bare.stat().st_size - 1
    print(f"{'':34} writing it {seconds:.2f} s; the index makes the file {more:.0%} larger", flush=True)


def _segments(size: int) -> gpd.GeoDataFrame:
    """Return the streets of a synthetic city with as many columns as the planning office's have."""
    rng = np.random.default_rng([SEED, size])
    grid = make_grid(size, rng)
    lines = gpd.GeoSeries(shapely.linestrings(grid.lonlat[grid.ends]), crs=4326)
    values = {f"value_{number}": rng.uniform(0, 100, len(lines)) for number in range(COLUMNS)}
    metric = lines.to_crs(f"+proj=utm +zone={int((ORIGIN[0] + 180) // 6) + 1} +south +datum=WGS84 +units=m")
    return gpd.GeoDataFrame({"number": np.arange(len(lines)), **values}, geometry=metric)


if __name__ == "__main__":
    main()
