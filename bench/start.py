"""Time `safeaudit --help` against `python -c "import geopandas"`: heavy imports stay inside the doors."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from measure import interleaved, tell, tell_command

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--runs", type=int, default=7)
runs = parser.parse_args().runs
commands = {
    "safeaudit": [Path(sys.executable).parent / "safeaudit", "--help"],
    "geopandas": [sys.executable, "-c", "import geopandas"],
}
tell_command()
found = interleaved(commands, runs)
tell("safeaudit --help", found["safeaudit"].seconds, found["geopandas"].seconds, "s", "wanted: under 0.3")
