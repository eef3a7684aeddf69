"""Words on the screen: what several commands print."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from safeaudit.tables import FileCount


def printable(text: str) -> str:
    """Return text that a file holds as one line of plain signs: a terminal obeys some of the others."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def teller(*, quiet: bool) -> Callable[[str], None]:
    """Return what tells of each step: on the terminal's standard error, unless it is to be quiet."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None
    return lambda step: click.echo(f"{step} ...", err=True)


def counts_as_json(counts: Iterable[FileCount]) -> list[dict[str, object]]:
    """Return what became of the rows of each file, for a JSON document."""
    return [
        {
            "file": count.file,
            "read": count.read,
            "accepted": count.accepted,
            "rejected": count.rejected,
            "duplicates": count.duplicates,
            "replaced": count.replaced,
            "remarks": list(count.remarks),
        }
        for count in counts
    ]


def say_counts(counts: Iterable[FileCount], warnings: Iterable[str], *, quiet: bool) -> None:
    """Print what became of the rows of each file, and what a person should know."""
    for count in counts:
        click.echo(
            f"{count.file}: {count.read} rows read = {count.accepted} accepted + {count.rejected} rejected"
            f" + {count.duplicates} duplicates{f' + {count.replaced} replaced' if count.replaced else ''}"
        )
        for remark in () if quiet else count.remarks:
            click.echo(f"  {remark}", err=True)
    for warning in () if quiet else warnings:
        click.echo(f"Note: {warning}", err=True)


def versions() -> dict[str, str]:
    """Return the versions of Python, safeaudit and what it stands on most."""
    from importlib.metadata import version

    packages = ("safeaudit", "geopandas", "numpy", "osmium", "pandas", "pyogrio", "pyproj", "shapely")
    return {"python": sys.version.split()[0], **{name: version(name) for name in packages}}


def print_json(document: object) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
