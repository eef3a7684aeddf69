"""Sums of a raster under outlines against rasterstats, and the memory that a raster of 10^12 cells takes.

Both get the same file and are asked for count, sum and mean of the ground within 25 m of every segment. Our time holds
opening the file, taking the outlines to its cells and checking its values; the peer gets them in the raster's CRS.
rasterstats counts a cell wholly where its middle is inside, we count the share that is covered: they may differ by the
cells that an outline crosses, and hardly in the sum over all outlines. It is a peer alone: `pip install rasterstats`.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import shapely
from city import make_project
from measure import best, cost, tell, tell_command

from safeaudit.config import PlacesSettings, RasterSettings
from safeaudit.evidence.raster.geotiff import opened
from safeaudit.files.admit import admit
from safeaudit.places import read_places

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.tables import Places

CELL_M = 10.0
STATS = ("count", "sum", "mean")
SIDE = 1_000_000
_HUGE = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from raster import city
from safeaudit.config import RasterSettings
from safeaudit.config import EvidenceSettings
from safeaudit.evidence import Context
from safeaudit.evidence.raster import find_evidence
from safeaudit.network import build_network
from safeaudit.tables import empty_table
from safeaudit.files.admit import admit
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
places, file = city(Path(sys.argv[2])), Path(sys.argv[3])
before = peak()
context = Context(
    places=places, network=build_network(places.segments), submissions=None, matches=empty_table("matches"),
    rasters=((RasterSettings(file=file, kind="night_radiance"), admit(file)),), settings=EvidenceSettings(),
)
found = find_evidence(context)
print(len(found), before, peak())
"""


def city(folder: Path) -> Places:
    """Return the places of a synthetic city."""
    extract = folder / "city.osm.pbf"
    return read_places(PlacesSettings(osm=extract), "auto", {extract: admit(extract)})


def main() -> None:
    """Print the comparison, where the peer is installed, and the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_project(folder, given.segments)
        places = city(folder)
        if importlib.util.find_spec("rasterstats"):
            with_rasterstats(places, fine_raster(places, folder / "fine.tif"), given.runs)
        else:
            print("rasterstats is not installed: pip install rasterstats")
        huge(places, folder)


def fine_raster(places: Places, file: Path) -> Path:
    """Write cells of 10 m, of 0 to 1, over the city."""
    west, south, east, north = places.areas.total_bounds + np.array([-200, -200, 200, 200])
    size = {"width": int((east - west) // CELL_M), "height": int((north - south) // CELL_M)}
    cells = np.random.default_rng(1).random((size["height"], size["width"]), dtype=np.float32)
    tiles = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"}
    where = {"crs": places.crs, "transform": rasterio.Affine(CELL_M, 0, west, 0, -CELL_M, north)}
    with rasterio.open(file, "w", driver="GTiff", count=1, dtype="float32", **size, **tiles, **where) as dataset:
        dataset.write(cells, 1)
    return file


def with_rasterstats(places: Places, file: Path, runs: int) -> None:
    """Compare times and values; end where they differ by more than the cells that outlines cross."""
    from rasterstats import zonal_stats  # noqa: PLC0415 - a peer that may not be there

    around = shapely.buffer(places.segments.geometry.to_numpy(), 25.0)
    settings, admitted = RasterSettings(file=file, kind="night_radiance"), admit(file)

    def ours() -> pd.DataFrame:
        with opened(settings, admitted, places) as raster:
            return raster.over(around, "sum", "mean")

    def peers() -> list[dict[str, float]]:
        return zonal_stats(list(around), str(file), stats=list(STATS), nodata=-1)

    (found, seconds), (peer, peer_seconds) = best(ours, runs), best(peers, 1)
    tell(f"sums under {len(around):,} outlines", seconds, peer_seconds, "s", "wanted: ratio under 1")
    sums = np.array([row["sum"] for row in peer])
    crossed = _crossed(around)
    apart = np.abs(found["sum"].to_numpy() - sums)
    total = found["sum"].sum() / sums.sum() - 1
    print(f"sums differ by at most {np.max(apart / crossed):.2f} of the cells crossed, in total by {total:+.4%}")
    if not (apart <= crossed).all():
        sys.exit("They differ by more than the cells that the outlines cross.")


def _crossed(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return how many cells each outline crosses at the most: those of a strip as wide as a cell's diagonal."""
    return shapely.area(shapely.buffer(shapely.boundary(shapes), CELL_M * np.sqrt(2))) / CELL_M**2


def huge(places: Places, folder: Path) -> None:
    """Print the memory that evidence from a raster of 1,000,000 x 1,000,000 cells takes."""
    west, _, _, north = places.areas.total_bounds
    tiles = {"tiled": True, "blockxsize": 512, "blockysize": 512, "SPARSE_OK": True, "BIGTIFF": "YES"}
    where = {"crs": places.crs, "transform": rasterio.Affine(1, 0, west - SIDE / 2, 0, -1, north + SIDE / 2)}
    shape = {"width": SIDE, "height": SIDE, "count": 1, "dtype": "float32"}
    file = folder / "huge.tif"
    with rasterio.open(file, "w", driver="GTiff", **shape, **tiles, **where):
        pass
    rows, before, peak = cost([sys.executable, "-c", _HUGE, Path(__file__).parent, folder, file]).said.split()
    print(f"{SIDE:,} x {SIDE:,} cells of 1 m: {rows} rows, {before} MiB before, {peak} MiB at most")


if __name__ == "__main__":
    main()
