"""Time and weigh `safeaudit run --quick` against the script a planner would write, on the same streets and points.

Once with lighting alone, once with nine indicators, of which we read and score all, the script one.
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
    parser.add_argument("--many", type=int, default=20_000, help="submissions of nine indicators each")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    tell_command()
    for what, points, lighting_only, time, memory in (
        ("run --quick", given.points, True, "0.333", "0.5"),
        ("nine indicators", given.many, False, "0.333", "0.625"),
    ):
        with tempfile.TemporaryDirectory() as name:
            osm = _prepare(Path(name), given.extract, points, lighting_only=lighting_only)
            command = [Path(sys.executable).parent / "safeaudit", "run", name, "--quick", "--out", Path(name, "ours")]
            script = [sys.executable, given.script, osm, osm.parent / "audits.csv", osm.parent / "script"]
            found = interleaved({"ours": command, "script": script}, given.runs)
        ours, peer = found["ours"], found["script"]
        tell(f"{what}, {points}: time", ours.seconds, peer.seconds, "s", f"wanted: under {time}")
        tell(f"{what}, {points}: peak memory", ours.peak_mib, peer.peak_mib, "MiB", f"wanted: under {memory}")


def _prepare(folder: Path, extract: Path, points: int, *, lighting_only: bool) -> Path:
    """Lay the extract as .osm (which the script needs), audits on its streets and the settings in a folder."""
    osm = folder / "city.osm"
    osm.write_bytes(gzip.decompress(extract.read_bytes()) if extract.suffix == ".gz" else extract.read_bytes())
    links = read_places(PlacesSettings(osm=osm), "auto", {osm: admit(osm)}).links.to_crs(4326)
    lines = links.geometry.to_numpy()
    starts, ends = (shapely.get_coordinates(shapely.get_point(lines, side)) for side in (0, -1))
    rng = np.random.default_rng(points)
    write_audits(scatter(starts, ends, points, rng), folder / "audits.csv", rng, lighting_only=lighting_only)
    (folder / "safeaudit.toml").write_text(TOML.format(osm=osm.name), encoding="utf-8")
    return osm


if __name__ == "__main__":
    main()
