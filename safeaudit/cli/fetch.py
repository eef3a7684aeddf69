"""`safeaudit fetch`: a place's extract, or audits from their servers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from safeaudit.cli.command import FINE, REFUSED, command, read_config
from safeaudit.cli.words import print_json, teller
from safeaudit.errors import SafeauditError

if TYPE_CHECKING:
    from safeaudit.fetch.overpass import MapServers


@click.command()
@click.argument("words", metavar="[PLACE] DIR", nargs=-1, required=True)
@click.option("--contact", default="", help="Whom the owners of the map's servers may write to.")
@click.option("--overpass", help="Address of another Overpass API, such as your own.")
@click.option("--nominatim", help="Address of another Nominatim, such as your own.")
@command
def fetch(
    *, words: tuple[str, ...], contact: str, overpass: str | None, nominatim: str | None, as_json: bool, quiet: bool
) -> int:
    """Get a place's extract into DIR; without PLACE, the audits that DIR's settings name a server for."""
    from safeaudit.fetch.overpass import MapServers

    match words:
        case (folder,):
            return _fetch_audits(Path(folder), as_json=as_json, quiet=quiet)
        case (place, folder):
            servers = MapServers(overpass=overpass, nominatim=nominatim, contact=contact)
            return _fetch_place(place, Path(folder), servers, as_json=as_json, quiet=quiet)
    raise click.UsageError("Give a place and a folder, or a folder alone; a name of several words needs quotes.")


def fetch_for_init(place: str, folder: Path, *, quiet: bool) -> tuple[Path, Path]:
    """Fetch the extract of a place for a new project: the extract, and what was asked for."""
    from safeaudit.fetch import fetch_place

    found = fetch_place(place, folder, tell=teller(quiet=quiet))
    return found.file, found.note


def _fetch_place(place: str, folder: Path, servers: MapServers, *, as_json: bool, quiet: bool) -> int:
    from safeaudit.fetch import fetch_place

    found = fetch_place(place, folder, servers=servers, tell=teller(quiet=quiet))
    if as_json:
        print_json({"file": str(found.file), "note": str(found.note), "name": found.name, "streets": found.streets})
        return FINE
    click.echo(f"{found.name}: {found.streets} streets and paths.")
    click.echo(f"Written: {found.file} and {found.note}. A run needs no network: safeaudit init DIR --osm {found.file}")
    return FINE


def _fetch_audits(folder: Path, *, as_json: bool, quiet: bool) -> int:
    from safeaudit.fetch import fetch_audits

    fetched = fetch_audits(read_config(folder), os.environ, tell=teller(quiet=quiet))
    refused = {file: error for file, error in fetched.items() if isinstance(error, SafeauditError)}
    got = {file: found for file, found in fetched.items() if not isinstance(found, SafeauditError)}
    if as_json:
        files = [
            {"file": file, "written": [str(path) for path in found.files], "changed": found.changed}
            for file, found in got.items()
        ]
        print_json({"files": files, "refused": [f"{file}: {error}" for file, error in refused.items()]})
        return REFUSED if refused else FINE
    for file, found in got.items():
        click.echo(f"{file}: {'fetched' if found.changed else 'as it was'}, from {found.server}.")
    for file, error in refused.items():
        click.echo(f"safeaudit: {file}: {error}", err=True)
    return REFUSED if refused else FINE
