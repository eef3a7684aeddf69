"""Kill runs and fill disks, and see whether the outputs are whole, and of one run.

    python bench/faults/kills.py [--kills 200] [--disks 100] [--pairs 10]

A small town is run by turns with two sets of audits into one folder, each time in a process of its own that is killed,
or that finds its disk full, at one of its calls to the system: the so-many-th sync, rename, removal, folder or write.
Then the next command looks at the folder, as any command does. What lies there must be, byte for byte, what one of the
two runs wrote, with nothing beside it. Pairs are two runs at once into one folder, of a project that was never run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from safeaudit.files.together import settle

STREETS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": name, "highway": "residential"},
            "geometry": {"type": "LineString", "coordinates": [[72.8800, latitude], [72.8810, latitude]]},
        }
        for name, latitude in (("South", 19.0700), ("North", 19.0720))
    ],
}
TOML = """
[city]
name = "Town"
timezone = "Asia/Kolkata"
[places]
streets = { file = "streets.geojson" }
[[audits]]
file = "walk.csv"
consent = "conditions"
"""
HEADER = "latitude,longitude,observed_at,auditor,walk_id,lighting,openness,visibility,walk_path,public_transport"
ROWS = (
    "19.0700,72.8805,2026-03-05T21:30:00+05:30,A,w1,1,1,1,1,1",
    "19.0720,72.8805,2026-03-05T21:40:00+05:30,B,w2,3,3,3,3,3",
)

RUN = """
import errno, io, os, signal, sys
from pathlib import Path
from safeaudit.cli import main

left, way, folder, out = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]

def counted(function):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left == 0 and way == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if left <= 0 and way == "disk":
            raise OSError(errno.ENOSPC, "No space left on device")
        return function(*args, **kwargs)
    return call

os.fsync = counted(os.fsync)
Path.write_bytes = counted(Path.write_bytes)
Path.mkdir = counted(Path.mkdir)
if way == "kill":
    Path.replace, Path.unlink = counted(Path.replace), counted(Path.unlink)
main(["run", folder, "--quiet", "--out", out])
"""
"""A full disk stays full; it stops what makes files larger, and neither renames nor removals."""


def main() -> None:
    """Run all of it and print what became of it."""
    parser = argparse.ArgumentParser(description="Kill runs, fill disks, and look at what is left.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--disks", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=10)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        projects = [make_project(folder / f"town-{n}", ROWS[: n + 1], key=b"0" * 64) for n in range(2)]
        out = folder / "out"
        whole = [files_after(project, out) for project in projects]
        moments = count_moments(projects[1], folder / "counted")
        for way, count in (("kill", wanted.kills), ("disk", wanted.disks)):
            # Evenly over all moments, and beyond the last one: a run that nothing stops.
            found = Counter(end(projects[n % 2], out, 1 + n * moments // count, way, whole) for n in range(count))
            print(f"{way}: {count} runs, {dict(sorted(found.items()))}")
        found = Counter(pair(folder / f"pair-{n}") for n in range(wanted.pairs))
        print(f"two at once: {wanted.pairs} pairs, {dict(sorted(found.items()))}")


def make_project(folder: Path, rows: tuple[str, ...], key: bytes = b"") -> Path:
    """Make a project; with a key, so that pseudonyms are the same in both."""
    folder.mkdir(parents=True)
    (folder / "streets.geojson").write_text(json.dumps(STREETS), encoding="utf-8")
    (folder / "safeaudit.toml").write_text(TOML, encoding="utf-8")
    (folder / "walk.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    if key:
        (folder / "auditors.key").write_bytes(key)
    return folder


def start(project: Path, out: Path, moment: int = 0, way: str = "") -> subprocess.Popen[str]:
    """Start a run that ends at a moment; at none where it is 0."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(moment), way, str(project), str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def files_after(project: Path, out: Path) -> dict[str, bytes]:
    """Run to the end, and return what is there."""
    said = start(project, out).communicate()[1]
    if not (out / "run.json").exists():
        raise SystemExit(said)
    return files_in(out)


def files_in(out: Path) -> dict[str, bytes]:
    """Return all files in a folder, of run.json the run's id alone: its seconds differ."""
    files = {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    return files | {"run.json": json.loads(files["run.json"])["run"].encode()}


def count_moments(project: Path, out: Path) -> int:
    """Return how many calls a run makes that can be its last."""
    low, high = 1, 2
    while start(project, out, high, "kill").wait() != 0:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if start(project, out, middle, "kill").wait() == 0 else (middle, high)
    return high


def end(project: Path, out: Path, moment: int, way: str, whole: list[dict[str, bytes]]) -> str:
    """Stop a run at a moment, and say what is left once the next command has looked."""
    run = start(project, out, moment, way)
    said = run.communicate()[1]
    settle(out)
    if "Traceback" in said:
        return "traceback"
    if files_in(out) not in whole:
        return "MIXED"
    return {0: "finished", 2: "refused, whole", -9: "killed, whole"}.get(run.returncode, f"exit {run.returncode}")


def pair(folder: Path) -> str:
    """Run a project for the first time, twice at once, into one folder."""
    project = make_project(folder, ROWS)
    runs = [start(project, folder / "out") for _ in range(2)]
    said = [run.communicate()[1] for run in runs]
    left = [path for path in (folder / "out").iterdir() if path.name.startswith(".")]
    well = [run.returncode for run in runs] == [0, 0] and not left and "Traceback" not in "".join(said)
    return "well" if well and (project / "auditors.key").stat().st_size == 64 else "BADLY"


if __name__ == "__main__":
    main()
