"""Time per segment, start-up apart, and peak memory, in cities of growing size with as many points as segments.

Imports are not timed at all. What a town of a hundred segments takes in the same process is the start-up of a run
(SQLite files, styles, one pass over each indicator and light), and is taken off; the time with it stands beside.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from city import make_project
from measure import cost, tell_command

SIZES = (2_500, 10_000, 30_000, 100_000)
TOWN = 100
_TIMED = """
import json, sys, time
from pathlib import Path
from safeaudit import pipeline, writing
from safeaudit.config import load_config

def whole(folder):
    config = load_config(folder)
    started = time.perf_counter()
    result = pipeline.run(config)
    ran = time.perf_counter()
    writing.write(result, config, folder / "out")
    return time.perf_counter() - started, time.perf_counter() - ran, result

town = min(whole(Path(sys.argv[1]))[0] for _ in range(6))
best = min((whole(Path(sys.argv[2])) for _ in range(int(sys.argv[3]))), key=lambda found: found[0])
total, writing, result = best
print(json.dumps({"segments": len(result.places.segments), "seconds": total, "town": town,
                  "steps": {**result.seconds, "Writing": round(writing, 3)}}))
"""


def main() -> None:
    """Print a line per size, and the spread of the time per segment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--steps", action="store_true", help="Print the seconds of each step too.")
    given = parser.parse_args()
    tell_command()
    print(f"{'segments':>9} {'seconds':>8} {'start-up':>8} {'us/segment':>11} {'with it':>8} {'peak MiB':>9}")
    each = [_measure(size, steps=given.steps) for size in given.sizes]
    print(f"spread of the time per segment: {max(each) / min(each) - 1:.0%}   wanted: within 20 %")


def _measure(size: int, *, steps: bool) -> float:
    """Return microseconds per segment of one size; small cities run more often, as they are noisier."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_project(folder / "town", TOWN)
        make_project(folder / "city", size)
        runs = 5 if size <= 10_000 else 2 if size <= 30_000 else 1
        process = cost([sys.executable, "-c", _TIMED, folder / "town", folder / "city", runs])
    found = json.loads(process.said.splitlines()[-1])
    size, seconds, town = found["segments"], found["seconds"], found["town"]
    each, with_it = (1e6 * spent / size for spent in (seconds - town, seconds))
    print(f"{size:9} {seconds:8.2f} {town:8.2f} {each:11.1f} {with_it:8.1f} {process.peak_mib:9.0f}", flush=True)
    if steps:
        print("          " + ", ".join(f"{step} {seconds}" for step, seconds in found["steps"].items()))
    return each


if __name__ == "__main__":
    main()
