"""Words on the screen: what several commands print."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from click._termui_impl import ProgressBar

    from safeaudit.languages import Language
    from safeaudit.tables import FileCount


def printable(text: str) -> str:
    """Return text that a file holds as one line of plain signs: a terminal obeys some of the others."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def teller(*, quiet: bool) -> Callable[[str], None]:
    """Return what tells of each step, where nobody knows how many there are: on the terminal's standard error."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None
    return lambda step: click.echo(f"{step} ...", err=True)


@contextmanager
def progress(steps: int, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Give what tells of each step: as a bar on a terminal's standard error, unless it is to be quiet."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    bar: ProgressBar[str | None]
    with click.progressbar(length=steps, item_show_func=lambda step: step or "", file=sys.stderr) as bar:
        yield lambda step: bar.update(1, step)


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
            "forgotten": count.forgotten,
            "remarks": list(count.remarks),
        }
        for count in counts
    ]


def say_counts(
    counts: Iterable[FileCount], warnings: Iterable[str], language: Language, *, remarks: bool = True, quiet: bool
) -> None:
    """Print what became of the rows of each file, with remarks on it, and what a person should know."""
    for count in counts:
        values = {name: getattr(count, name) for name in ("file", "read", "accepted", "rejected", "duplicates")}
        rarely = {"replaced": count.replaced, "forgotten": count.forgotten}
        more = (language.say(f"console.rows.{name}", count=number) for name, number in rarely.items() if number)
        click.echo(" + ".join([language.say("console.rows", **values), *more]))
        for remark in count.remarks if remarks and not quiet else ():
            click.echo(f"  {remark}", err=True)
    for warning in () if quiet else warnings:
        click.echo(f"{click.style('Note:', fg='yellow')} {warning}", err=True)


def versions() -> dict[str, str]:
    """Return the versions of Python, safeaudit and what it stands on most."""
    from importlib.metadata import version

    packages = ("safeaudit", "geopandas", "numpy", "osmium", "pandas", "pyogrio", "pyproj", "shapely")
    return {"python": sys.version.split()[0], **{name: version(name) for name in packages}}


def print_json(document: object) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
