"""Cut the streets, night lights and people of Bujumbura out of gridfinder's test data for Burundi.

    pip download --no-binary :all: --no-deps gridfinder==3.1.2
    python sample_cities/bujumbura/clip.py gridfinder-3.1.2.tar.gz [FOLDER]

writes `roads.geojson`, `night_radiance.tif` and `population.tif` to FOLDER, or beside this script.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import tarfile
import tempfile
from pathlib import Path

import geopandas as gpd
import rasterio
import shapely
from rasterio.windows import Window, from_bounds

SHA256 = "7ff0301c37f3a7aa013c7a205d3848dce2388250ccc72a74102c02ff40ee872f"
INSIDE = "gridfinder-3.1.2/tests/data"
WEST, SOUTH, EAST, NORTH = 29.33, -3.43, 29.42, -3.33
DECIMALS = 5


def main(archive: Path, folder: Path) -> None:
    """Write the three files."""
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        sys.exit(f"{archive.name} is not the source distribution of gridfinder 3.1.2.")
    with tempfile.TemporaryDirectory() as name, tarfile.open(archive) as packed:
        for file in ("roads.geojson", "ntl.tif", "pop.tif"):
            packed.extract(f"{INSIDE}/{file}", name, filter="data")
        data = Path(name) / INSIDE
        clip_roads(data / "roads.geojson", folder / "roads.geojson")
        clip_raster(data / "ntl.tif", folder / "night_radiance.tif")
        clip_raster(data / "pop.tif", folder / "population.tif")


def clip_roads(source: Path, target: Path) -> None:
    """Write the roads inside the box, a line each, to five decimals as they were."""
    roads = gpd.read_file(source, bbox=(WEST, SOUTH, EAST, NORTH))
    lines = gpd.clip(roads, shapely.box(WEST, SOUTH, EAST, NORTH)).sort_index().explode(ignore_index=True)
    lines = lines[lines.geom_type == "LineString"]
    features = [
        {
            "type": "Feature",
            "properties": {"highway": highway},
            "geometry": {"type": "LineString", "coordinates": shapely.get_coordinates(line).round(DECIMALS).tolist()},
        }
        for highway, line in zip(lines["highway"], lines.geometry, strict=True)
    ]
    rows = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    target.write_text(f'{{"type":"FeatureCollection","features":[\n{rows}\n]}}\n', encoding="utf-8")


def clip_raster(source: Path, target: Path) -> None:
    """Write the cells that meet the box, in the raster's own CRS, as they were."""
    with rasterio.open(source) as raster:
        box = gpd.GeoSeries([shapely.box(WEST, SOUTH, EAST, NORTH)], crs="EPSG:4326").to_crs(raster.crs)
        window = whole_cells(from_bounds(*box.total_bounds, raster.transform))
        cells = raster.read(1, window=window).astype("float32")
        profile = {
            "driver": "GTiff",
            "count": 1,
            "dtype": "float32",
            "height": cells.shape[0],
            "width": cells.shape[1],
            "crs": raster.crs,
            "transform": raster.window_transform(window),
            "nodata": raster.nodata,
            "compress": "deflate",
        }
    with rasterio.open(target, "w", **profile) as clipped:
        clipped.write(cells, 1)


def whole_cells(window: Window) -> Window:
    """Return a window with the cells at its edges whole."""
    (top, bottom), (left, right) = window.toranges()
    return Window.from_slices((math.floor(top), math.ceil(bottom)), (math.floor(left), math.ceil(right)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parent)
