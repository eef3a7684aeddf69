"""Time and memory of reading, validating and normalising a CSV of audits, against pandas.read_csv alone.

One process each, imports apart for the time, included for the memory: the CSV has nine indicators, ids, times with
offsets, accuracies, walks and auditors. With `--check`, `safeaudit check` of a CSV of that many rows too, whole
process, against pandas.read_csv by chunks of a million rows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from measure import Cost, cost, tell, tell_command

if TYPE_CHECKING:
    from collections.abc import Iterator

INDICATORS = (
    "lighting,openness,visibility,people,security,walk_path,public_transport,gender_usage,feeling"  # as in the rubric
)
_PART_ROWS = 50_000
"""Written at once: what this process holds counts in the peak of those it starts."""
HEADER = f"submission_id,observed_at,latitude,longitude,accuracy_m,auditor,walk_id,auditor_sex,{INDICATORS},note\n"
_TIMED = """
import sys, time
from pathlib import Path
file = Path(sys.argv[1])
{prepare}
started = time.perf_counter()
found = {step}
print("took", time.perf_counter() - started)
"""
_OURS = _TIMED.format(
    prepare="""
from safeaudit.config import AuditSettings
from safeaudit.files.admit import admit
from safeaudit.audits.normalise import normalise
from safeaudit.rubric import STANDARD
from safeaudit.audits.sources import read
settings, city = AuditSettings(file=file), (72.8, 19.0, 73.0, 19.2)
""",
    step="normalise([(settings, read(admit(file), settings))], rubric=STANDARD, timezone=None, extent=city, key=b'k')",
)
_PANDAS = _TIMED.format(prepare="import pandas", step="pandas.read_csv(file)")
_PANDAS_CHUNKS = "import pandas, sys; print(sum(map(len, pandas.read_csv(sys.argv[1], chunksize=1_000_000))))"
_TOML = """
[city]
name = "Bench"
[places]
streets = { file = "streets.geojson", crs = "EPSG:4326" }
[[audits]]
file = "walk.csv"
"""
_STREET = """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "Long Road"},
"geometry": {"type": "LineString", "coordinates": [[72.8, 19.0], [72.95, 19.15]]}}]}"""


def main() -> None:
    """Print both times and both peaks, the median of some runs in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--check", type=int, default=0, help="rows of the CSV to check, such as 10000000")
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name:
        file = _write(Path(name) / "walk.csv", given.rows)
        runs = [[cost([sys.executable, "-c", code, file]) for code in (_PANDAS, _OURS)] for _ in range(given.runs)]
    peers, ours = zip(*runs, strict=True)
    rows = f"{given.rows} rows of CSV"
    tell(f"normalise {rows}", _median(ours), _median(peers), "s", "wanted: under 3")
    tell(f"peak memory, {rows}", _peak(ours), _peak(peers), "MiB", "wanted: ours under 1144")
    if given.check:
        _check(given.check)


def _check(rows: int) -> None:
    """Print time and peak of `safeaudit check`, once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = _write(folder / "walk.csv", rows)
        (folder / "safeaudit.toml").write_text(_TOML, encoding="utf-8")
        (folder / "streets.geojson").write_text(_STREET, encoding="utf-8")
        ours = cost([sys.executable, "-m", "safeaudit", "check", folder])
        peer = cost([sys.executable, "-c", _PANDAS_CHUNKS, file])
    if f"{rows} rows read = {rows} accepted" not in ours.said:
        sys.exit(ours.said)
    tell(f"check {rows} rows", ours.seconds, peer.seconds, "s", "")
    tell(f"peak memory, check {rows} rows", ours.peak_mib, peer.peak_mib, "MiB", "wanted: ours under 667")


def _write(file: Path, rows: int) -> Path:
    """Write a CSV of audits, some rows at a time."""
    with file.open("w", encoding="utf-8") as stream:
        stream.write(HEADER)
        for first in range(0, rows, _PART_ROWS):
            stream.writelines(_lines(first, min(_PART_ROWS, rows - first)))
    return file


def _lines(first: int, rows: int) -> Iterator[str]:
    random = np.random.default_rng(1 + first)
    levels = random.integers(0, 4, (rows, INDICATORS.count(",") + 1)).astype(str)
    where = random.random((rows, 2)) * (0.15, 0.15) + (19.0, 72.8)
    seconds = random.integers(0, 86_400 * 300, rows).astype("timedelta64[s]")
    times = (np.datetime64("2025-06-01T00:00:00") + seconds).astype(str)
    accuracy = random.random(rows) * 20 + 1
    return (
        f"s{first + row},{times[row]}+05:30,{where[row, 0]:.6f},{where[row, 1]:.6f},{accuracy[row]:.1f},A{row % 200},"
        f"W{row % 5000},{'woman' if row % 3 else 'man'},{','.join(levels[row])},\n"
        for row in range(rows)
    )


def _median(costs: tuple[Cost, ...]) -> float:
    return float(np.median([float(one.said.rpartition("took")[2]) for one in costs]))


def _peak(costs: tuple[Cost, ...]) -> float:
    return float(np.median([one.peak_mib for one in costs]))


if __name__ == "__main__":
    main()
