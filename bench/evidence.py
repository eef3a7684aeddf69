"""All evidence of dense cities of growing size: time, peak memory, and the seconds of each kind.

The city has two buildings in each block, and shops, toilets, schools, gates and entrances beside its junctions.
Reading the places is told apart: it is no evidence.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from city import make_project
from measure import cost, tell_command

SIZES = (30_000, 100_000)
_TIMED = """
import json, sys, time
from pathlib import Path
import numpy as np
import pandas as pd
from safeaudit import evidence
from safeaudit.config import EvidenceSettings, load_config
from safeaudit.files.admit import admit
from safeaudit.network import build_network
from safeaudit.places import read_places
from safeaudit.tables import empty_table

config = load_config(Path(sys.argv[1]))
files = {path: admit(config.path(path)) for path in config.places.files}
started = time.perf_counter()
places = read_places(config.places, config.city.crs, files, evidence=True)
reading = time.perf_counter() - started
steps = {}

def clocked(name):
    module = getattr(evidence, name)
    whole = module.find_evidence
    def timed(context):
        began = time.perf_counter()
        found = whole(context)
        steps[name] = round(time.perf_counter() - began, 2)
        return found
    module.find_evidence = timed

for name in evidence.KINDS:
    clocked(name)
nobody = pd.DataFrame({"submission_id": [], "lux": np.zeros(0), "light": []})
started = time.perf_counter()
context = evidence.Context(
    places=places, network=build_network(places.links), segment_links=evidence.segment_links(places),
    submissions=nobody, matches=empty_table("matches"), rasters=(), settings=EvidenceSettings(),
)
found = evidence.find_evidence(context)
print(json.dumps({"segments": len(places.segments), "buildings": int((places.features["kind"] == "building").sum()),
                  "rows": len(found), "reading": reading, "seconds": time.perf_counter() - started, "steps": steps}))
"""


def main() -> None:
    """Print a line per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    given = parser.parse_args()
    tell_command()
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make_project(folder, size, dense=True)
            process = cost([sys.executable, "-c", _TIMED, folder])
        found = json.loads(process.said.splitlines()[-1])
        each = 1e6 * found["seconds"] / found["segments"]
        print(
            f"{found['segments']} segments, {found['buildings']} buildings: {found['seconds']:.1f} s"
            f" ({each:.0f} us a segment), {process.peak_mib:.0f} MiB; {found['rows']} rows"
        )
        print("  " + ", ".join(f"{step} {seconds}" for step, seconds in found["steps"].items()), flush=True)
    print("wanted: 30,000 segments with 25,000 buildings under 60 s and 2,048 MiB, close to linear growth")


if __name__ == "__main__":
    main()
