"""Time reading an XLSX of 50,000 rows and 20 columns, imports apart, against pandas.read_excel with openpyxl."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from measure import cost, tell, tell_command
from openpyxl import Workbook

COLUMNS = 20
_TIMED = """
import sys, timeit
from pathlib import Path
file, runs = Path(sys.argv[1]), int(sys.argv[2])
{prepare}
print("best", min(timeit.repeat(lambda: {step}, number=1, repeat=runs)))
"""
_OURS = _TIMED.format(
    prepare="""
from safeaudit.config import AuditSettings
from safeaudit.files.admit import admit
from safeaudit.audits.sources import read
""",
    step="list(read(admit(file), AuditSettings(file=file)))",
)
_OPENPYXL = _TIMED.format(prepare="import pandas, openpyxl", step='pandas.read_excel(file, engine="openpyxl")')


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name:
        file = _write(Path(name) / "walk.xlsx", given.rows)
        peer, ours = (_best(code, file, given.runs) for code in (_OPENPYXL, _OURS))
    tell(f"read {given.rows} rows of XLSX", ours, peer, "s", "wanted: under 0.2")


def _write(file: Path, rows: int) -> Path:
    draw, start = random.Random(1), datetime(2026, 3, 5, 18)  # noqa: DTZ001, S311 - a phone's own clock; seeded on purpose
    book = Workbook(write_only=True)
    sheet = book.create_sheet("walk")
    sheet.append([f"column_{number}" for number in range(COLUMNS)])
    for row in range(rows):
        where = [19 + draw.random() / 10, 72 + draw.random() / 10, 20 * draw.random()]
        levels = [draw.randint(0, 3) for _ in range(9)]
        people = [draw.choice(["woman", "man"]), "adult", f"A{row % 50}", "no", f"W{row % 300}"]
        note = f"a note {row}" if row % 5 == 0 else None
        sheet.append([f"uuid:{row:08d}", start + timedelta(minutes=row % 1000), *where, *levels, *people, note])
    book.save(file)
    return file


def _best(code: str, file: Path, runs: int) -> float:
    return float(cost([sys.executable, "-c", code, file, runs]).said.rpartition("best")[2])


if __name__ == "__main__":
    main()
