"""Time and memory of reading, validating and normalising a CSV of audits, against pandas.read_csv alone.

One process each, imports apart for the time, included for the memory: the CSV has nine indicators, ids, times with
offsets, accuracies, walks and auditors.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from measure import Cost, cost, tell, tell_command

INDICATORS = (
    "lighting,openness,visibility,people,security,walk_path,public_transport,gender_usage,feeling"  # as in the rubric
)
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
from safeaudit.files import admit
from safeaudit.normalise import normalise
from safeaudit.rubric import STANDARD
from safeaudit.sources import read
settings, city = AuditSettings(file=file), (72.8, 19.0, 73.0, 19.2)
""",
    step="normalise([(settings, read(admit(file), settings))], rubric=STANDARD, timezone=None, extent=city, key=b'k')",
)
_PANDAS = _TIMED.format(prepare="import pandas", step="pandas.read_csv(file)")


def main() -> None:
    """Print both times and both peaks, the median of some runs in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name:
        file = _write(Path(name) / "walk.csv", given.rows)
        runs = [[cost([sys.executable, "-c", code, file]) for code in (_PANDAS, _OURS)] for _ in range(given.runs)]
    peers, ours = zip(*runs, strict=True)
    rows = f"{given.rows} rows of CSV"
    tell(f"normalise {rows}", _median(ours), _median(peers), "s", "wanted: under 3")
    tell(f"peak memory, {rows}", _peak(ours), _peak(peers), "MiB", "wanted: ours under 1144")


def _write(file: Path, rows: int) -> Path:
    random = np.random.default_rng(1)
    levels = random.integers(0, 4, (rows, INDICATORS.count(",") + 1)).astype(str)
    where = random.random((rows, 2)) * (0.15, 0.15) + (19.0, 72.8)
    seconds = random.integers(0, 86_400 * 300, rows).astype("timedelta64[s]")
    times = (np.datetime64("2025-06-01T00:00:00") + seconds).astype(str)
    accuracy = random.random(rows) * 20 + 1
    with file.open("w", encoding="utf-8") as stream:
        stream.write(HEADER)
        stream.writelines(
            f"s{row},{times[row]}+05:30,{where[row, 0]:.6f},{where[row, 1]:.6f},{accuracy[row]:.1f},A{row % 200},"
            f"W{row % 5000},{'woman' if row % 3 else 'man'},{','.join(levels[row])},\n"
            for row in range(rows)
        )
    return file


def _median(costs: tuple[Cost, ...]) -> float:
    return float(np.median([float(one.said.rpartition("took")[2]) for one in costs]))


def _peak(costs: tuple[Cost, ...]) -> float:
    return float(np.median([one.peak_mib for one in costs]))


if __name__ == "__main__":
    main()
