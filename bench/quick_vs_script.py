"""Time and weigh `safeaudit run --quick` against the script a planner would write, on the same streets and points.

The script is `planner_script.py CITY.osm AUDITS.csv OUTDIR`, made of osmnx, geopandas and folium.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
from pathlib import Path

import numpy as np
import shapely
from city import scatter, write_audits
from measure import interleaved, tell, tell_command

from safeaudit.config import PlacesSettings
from safeaudit.files.admit import admit
from safeaudit.places import read_places

SHARED = Path(__file__).resolve().parents[2] / "shared"
TOML = '[places]\nosm = "{osm}"\n\n[[audits]]\nfile = "audits.csv"\n'


def main() -> None:
    """Run both in turns and print time, memory and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--script", type=Path, default=SHARED / "peers" / "planner_script.py")
    parser.add_argument("--extract", type=Path, default=SHARED / "cities" / "makati" / "osm_bbox.osm.gz")
    parser.add_argument("--points", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        osm = _prepare(folder, given.extract, given.points)
        command = [Path(sys.executable).parent / "safeaudit", "run", folder, "--quick", "--out", folder / "ours"]
        script = [sys.executable, given.script, osm, folder / "audits.csv", folder / "script"]
        found = interleaved({"ours": command, "script": script}, given.runs)
    ours, peer = found["ours"], found["script"]
    tell("run --quick: time", ours.seconds, peer.seconds, "s", "wanted: under 0.333")
    tell("run --quick: peak memory", ours.peak_mib, peer.peak_mib, "MiB", "wanted: under 0.5")


def _prepare(folder: Path, extract: Path, points: int) -> Path:
    """Lay the extract as .osm (which the script needs), audits on its streets and the settings in a folder."""
    osm = folder / "city.osm"
    osm.write_bytes(gzip.decompress(extract.read_bytes()) if extract.suffix == ".gz" else extract.read_bytes())
    segments = read_places(PlacesSettings(osm=osm), "auto", {osm: admit(osm)}).segments.to_crs(4326)
    lines = segments.geometry.to_numpy()
    starts, ends = (shapely.get_coordinates(shapely.get_point(lines, side)) for side in (0, -1))
    rng = np.random.default_rng(points)
    write_audits(scatter(starts, ends, points, rng), folder / "audits.csv", rng, lighting_only=True)
    (folder / "safeaudit.toml").write_text(TOML.format(osm=osm.name), encoding="utf-8")
    return osm


if __name__ == "__main__":
    main()
