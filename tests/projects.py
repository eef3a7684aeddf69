"""Projects on disk for tests: settings, places and audits, run through the real command."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from safeaudit.cli import main
from safeaudit.cli.command import BROKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MUMBAI_STREETS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "Main St", "highway": "residential"},
            "geometry": {
                "type": "LineString",
                "coordinates": [[72.88 + i * 1e-4, 19.07 + i * 1e-4] for i in range(30)],
            },
        }
    ],
}
"""A street through the positions that the bad inputs name, near 19.07, 72.88."""


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.stdout)


def safeaudit(*words: object) -> Said:
    """Run a command as a person would type it."""
    found = CliRunner().invoke(main, [str(word) for word in words])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    if found.exit_code == BROKEN and found.exception is not None:
        raise found.exception.__context__ or found.exception
    return Said(found.exit_code, found.stdout, found.stderr)


def project(folder: Path, *lines: str, streets: object = MUMBAI_STREETS) -> Path:
    """Make a project with a street near 19.07, 72.88; `lines` are the rest of its TOML."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "streets.geojson").write_text(json.dumps(streets), encoding="utf-8")
    head = ['[city]\nname = "Town"\ntimezone = "Asia/Kolkata"', '[places]\nstreets = { file = "streets.geojson" }']
    return write_toml(folder, "\n".join([*head, *lines]))


def write_toml(folder: Path, text: str) -> Path:
    """Write settings into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "safeaudit.toml").write_text(text, encoding="utf-8")
    return folder


def write_csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a table as CSV."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
    return file


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
