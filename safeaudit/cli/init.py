"""`safeaudit init`: begin a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from safeaudit.cli.command import FINE, OVER_LIMIT, a_file, command, project_folder
from safeaudit.cli.fetch import fetch_for_init
from safeaudit.cli.words import print_json, printable
from safeaudit.errors import SafeauditError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from safeaudit.errors import InputError
    from safeaudit.start import Started
    from safeaudit.start.propose import Proposal


@click.command()
@project_folder
@click.option(
    "--osm", type=a_file, help="OpenStreetMap extract: .osm, .osm.gz, .osm.bz2, .osm.pbf, or Overpass's JSON."
)
@click.option(
    "--streets", type=a_file, help="Your own streets: GeoJSON, GeoPackage, FlatGeobuf or a Shapefile in a ZIP."
)
@click.option("--place", help='A place whose extract is fetched, such as "Kibera, Nairobi".')
@click.option("--audits", type=a_file, multiple=True, help="Audit file; may be given several times.")
@click.option("--again", is_flag=True, help="Write anew what was guessed, and keep what you changed.")
@command
def init(
    *,
    folder: Path,
    osm: Path | None,
    streets: Path | None,
    place: str | None,
    audits: tuple[Path, ...],
    again: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Begin a project: guess what every column is, and write it down."""
    from safeaudit import start

    if place is not None and (osm or streets):
        raise click.UsageError("--place fetches an extract: give neither --osm nor --streets beside it.")
    outline = None
    if place is not None:
        if not again:
            start.new_settings(folder)  # before servers are asked
        osm, outline = fetch_for_init(place, folder, quiet=quiet)
    started = start.start(folder, osm=osm, streets=streets, outline=outline, audits=audits, again=again)
    unread = [found for found in started.proposals.values() if isinstance(found, SafeauditError)]
    if as_json:
        print_json(_started(started))
    else:
        for name, found in started.proposals.items():
            _say_proposal(name, found)
        match started.timezones:
            case (only,):
                click.echo(f"Time zone: {only}, a guess by the map.")
            case several if several:
                click.echo(
                    f"Time zone: say which, where times have no offset; it lies in or near: {', '.join(several)}."
                )
        click.echo(f"Written: {started.file}. Look it over, then: safeaudit check {folder}")
    return OVER_LIMIT if unread else FINE


def _say_proposal(name: str, found: Proposal | InputError) -> None:
    """Say for every column of a file what it was taken for."""
    if isinstance(found, SafeauditError):
        click.echo(f"{name}: could not be read. {found.what} {found.hint}")
        return
    click.echo(f"{name}:")
    for field, header in found.columns.items():
        click.echo(f"  {printable(header)} -> {field}")
    for header, why in found.unused:
        click.echo(f"  {printable(header)} -> not used ({why})")
    for header in found.private:
        kept = "private: in no public or office output" if header in found.columns.values() else "private: not loaded"
        click.echo(f"  {printable(header)} -> {kept}")
    for guess in _guesses(found):
        click.echo(f"  {printable(guess)}, a guess.")
    for question in found.questions:
        click.echo(f"  ? {question}")
    for line in (*found.offers, *found.scales):
        click.echo(f"  ? {printable(line)}")


def _guesses(found: Proposal) -> Iterator[str]:
    """Yield what was guessed besides the columns."""
    if found.encoding:
        yield f"It is not Unicode: read as {found.encoding}"
    if found.date_format:
        yield f"Dates are read as {found.date_format}"
    for indicator, words in found.levels.items():
        known = [f"{answer} = {word.level}" for answer, word in words.items() if word.level is not None]
        if known:
            yield f"{indicator}: {', '.join(known)}"


def _started(started: Started) -> dict[str, object]:
    files: dict[str, object] = {}
    for name, found in started.proposals.items():
        if isinstance(found, SafeauditError):
            files[name] = {"error": str(found)}
        else:
            files[name] = {
                "columns": found.columns,
                "unused": dict(found.unused),
                "private": list(found.private),
                "questions": list(found.questions),
                "date_format": found.date_format,
                "encoding": found.encoding,
                "levels": {
                    name: {answer: word.level for answer, word in words.items()} for name, words in found.levels.items()
                },
                "offers": [*found.offers, *found.scales],
            }
    return {"file": str(started.file), "timezones": list(started.timezones), "audits": files}
