"""A town of some streets, walked: forms written as a team's CSV, in a project that real commands run."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pyogrio
from projects import project, safeaudit

from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SOUTH, NORTH, BETWEEN = (19.0700, 72.8805), (19.0720, 72.8805), (19.0710, 72.8805)
NIGHT, NOON = "2026-03-05T21:30:00+05:30", "2026-03-05T12:30:00+05:30"
Row = dict[str, object]


def row(number: int, where: tuple[float, float] = SOUTH, level: int = 2, **said: object) -> Row:
    """Return one form: every indicator at one level, but for what was said otherwise."""
    about = {"submission_id": f"a{number}", "latitude": where[0], "longitude": where[1], "observed_at": NIGHT}
    by = {"walk_id": "w1", "auditor": f"A{number}", "campaign": "", "consent": "conditions"}
    words = {"faults": "", "note": "", "place_code": ""}
    return {**about, **by, **words, **dict.fromkeys(STANDARD.names, level), **said}


def streets(latitudes: Mapping[str, float]) -> object:
    """Return streets of a hundred metres, each at its latitude."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": name, "highway": "residential"},
                "geometry": {"type": "LineString", "coordinates": [[72.8800, latitude], [72.8810, latitude]]},
            }
            for name, latitude in latitudes.items()
        ],
    }


TWO_STREETS = streets({"South": SOUTH[0], "North": NORTH[0]})


def town(folder: Path, rows: Sequence[Row], *lines: str, streets: object = TWO_STREETS) -> Path:
    """Make a project of two streets, or others, with these forms."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "walk.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return project(folder, '[[audits]]\nfile = "walk.csv"', *lines, streets=streets)


def run(folder: Path, rows: Sequence[Row], *lines: str) -> Mapping[str, Any]:
    """Run these forms and return the document that the command prints."""
    said = safeaudit("run", town(folder, rows, *lines), "--out", folder / "out", "--json")
    assert said.code == 0, said.stderr
    assert said.document["files"][0]["accepted"] == len(rows)
    return said.document


def public(folder: Path) -> bytes:
    """Return the bytes of the preview of the public map."""
    return (folder / "out" / "office" / "preview.html").read_bytes()


def office(folder: Path, layer: str) -> Any:
    """Return a layer of the planning office."""
    return pyogrio.read_dataframe(folder / "out" / "office" / "planning.gpkg", layer=layer)


def round_of(campaign: str, year: int, level: int, people: int, **said: object) -> list[Row]:
    """Return what people saw on both streets in one round of walks."""
    about = {"campaign": campaign, "observed_at": NIGHT.replace("2026", str(year)), "auditor_sex": "woman"}
    return [
        row(
            1000 * year + 2 * n + i, where, level, walk_id=f"{campaign} {n}", auditor=f"{campaign} {n}", **about, **said
        )
        for n in range(people)
        for i, where in enumerate((SOUTH, NORTH))
    ]
