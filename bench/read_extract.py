"""Time reading an extract, imports apart, against osmnx.graph_from_xml: one process each, the best of some runs.

osmnx reads XML alone, and of it the streets; we read PBF, which is what download servers give, and XML. Both files hold
the same city. `read_streets` is what osmnx does; `read_extract` adds areas, stops, lamps and the backdrop.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
from pathlib import Path

from measure import cost, tell, tell_command

MAKATI = Path(__file__).resolve().parents[2] / "shared" / "cities" / "makati"
_TIMED = """
import sys, timeit
from pathlib import Path
file, runs = Path(sys.argv[1]), int(sys.argv[2])
{prepare}
print("best", *(min(timeit.repeat(step, number=1, repeat=runs)) for step in ({steps})))
"""
_OURS = _TIMED.format(
    prepare="""
from safeaudit.config import PlacesSettings
from safeaudit.files.admit import admit
from safeaudit.places import read_places
from safeaudit.places.osm import read_extract, read_streets
settings, admitted = PlacesSettings(osm=file), admit(file)
""",
    steps="lambda: read_streets(admitted, settings), lambda: read_extract(admitted, settings), "
    'lambda: read_places(settings, "auto", {file: admitted})',
)
_OSMNX = _TIMED.format(
    prepare="import osmnx, warnings; warnings.simplefilter('ignore')",
    steps="lambda: osmnx.graph_from_xml(file, retain_all=True),",
)


def main() -> None:
    """Print both times of ours, reading alone and all tables of places, beside osmnx's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pbf", type=Path, default=MAKATI / "makati.osm.pbf")
    parser.add_argument("--xml", type=Path, default=MAKATI / "osm_bbox.osm.gz")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name:
        osm = Path(name) / "city.osm"
        osm.write_bytes(gzip.decompress(given.xml.read_bytes()))
        (peer,) = _best(_OSMNX, osm, given.runs)
        ours = {file.suffix[1:]: _best(_OURS, file, given.runs) for file in (given.pbf, osm)}
    for kind, (streets, reading, places) in ours.items():
        tell(f"read_streets, {kind}", streets, peer, "s", "wanted: under 0.05")
        tell(f"read_extract, {kind}", reading, peer, "s", "")
        tell(f"read_places (all tables), {kind}", places, peer, "s", "")


def _best(code: str, osm: Path, runs: int) -> list[float]:
    said = cost([sys.executable, "-c", code, osm, runs]).said
    return [float(word) for word in said.rpartition("best")[2].split()]


if __name__ == "__main__":
    main()
