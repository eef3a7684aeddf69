"""Words on the command line -> one library call -> words on the screen."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import sys
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from safeaudit.errors import SafeauditError
from safeaudit.gdal import restrict_gdal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from safeaudit.config import AuditConfig
    from safeaudit.errors import InputError
    from safeaudit.places.overpass import MapServers
    from safeaudit.project import Started
    from safeaudit.propose import Proposal
    from safeaudit.tables import FileCount

FINE, OVER_LIMIT, REFUSED = 0, 1, 2
"""Exit codes: all is well; finished, with more rejected rows than the limit; an input was refused."""

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
_LARGE_BYTES = 1024**2


def _be_lean() -> None:
    """Set the process up for one short command.

    It makes few reference cycles: looking for them takes a tenth of its time. Its threads only read an
    extract: a heap for each of them, as glibc gives, takes 7 MB more than one for all. Large arrays go back to
    the system when they are done with: left to itself glibc would come to keep them, 2 MB in all.
    """
    gc.disable()
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # other C libraries know no mallopt
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _command(function: Callable[..., int]) -> Callable[..., None]:
    """Give a command the common options, and turn errors into a sentence and an exit code."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @click.option("--quiet", is_flag=True, help="No progress and no warnings.")
    @click.option("--debug", is_flag=True, help="Show where in the program an error arose.")
    @wraps(function)
    def command(*, debug: bool, **options: Any) -> None:
        restrict_gdal()
        _be_lean()
        try:
            sys.exit(function(**options))
        except SafeauditError as error:
            if debug:
                raise
            click.echo(f"safeaudit: {error}", err=True)
            sys.exit(REFUSED)

    return command


_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
_file = click.Path(path_type=Path)
_out = click.option("--out", type=click.Path(path_type=Path), help="Folder for the outputs.  [default: maps/CITY]")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="safeaudit")
def main() -> None:
    """Where people find public space unsafe, what is wrong there, and who can mend it."""


@main.command()
@_folder
@click.option("--osm", type=_file, help="OpenStreetMap extract: .osm, .osm.gz, .osm.bz2, .osm.pbf, or Overpass's JSON.")
@click.option(
    "--streets", type=_file, help="Your own streets: GeoJSON, GeoPackage, FlatGeobuf or a Shapefile in a ZIP."
)
@click.option("--place", help='A place whose extract is fetched, such as "Kibera, Nairobi".')
@click.option("--audits", type=_file, multiple=True, help="Audit file; may be given several times.")
@_command
def init(
    *,
    folder: Path,
    osm: Path | None,
    streets: Path | None,
    place: str | None,
    audits: tuple[Path, ...],
    as_json: bool,
    quiet: bool,
) -> int:
    """Begin a project: guess what every column is, and write it down."""
    from safeaudit import project

    if place is not None and (osm or streets):
        raise click.UsageError("--place fetches an extract: give neither --osm nor --streets beside it.")
    outline = None
    if place is not None:
        project.new_settings(folder)  # before servers are asked
        osm, outline = _fetched(place, folder, quiet=quiet)
    started = project.start(folder, osm=osm, streets=streets, outline=outline, audits=audits)
    unread = [found for found in started.proposals.values() if isinstance(found, SafeauditError)]
    if as_json:
        _print_json(_started(started))
    else:
        for name, found in started.proposals.items():
            _say_proposal(name, found)
        match started.timezones:
            case (only,):
                click.echo(f"Time zone: {only}, a guess by the map.")
            case several if several:
                click.echo(f"Time zone: say which, where times have no offset; near here: {', '.join(several)}.")
        click.echo(f"Written: {started.file}. Look it over, then: safeaudit check {folder}")
    return OVER_LIMIT if unread else FINE


@main.command()
@_folder
@_out
@click.option("--quick", is_flag=True, help="Leave evidence and agreement out.")
@_command
def run(*, folder: Path, out: Path | None, quick: bool, as_json: bool, quiet: bool) -> int:
    """Do everything: read, match, score, and write the outputs."""
    from safeaudit import pipeline

    config = _config(folder)
    result = pipeline.run(config, quick=quick, tell=_teller(quiet=quiet))
    _teller(quiet=quiet)("Writing")
    paths = pipeline.write(result, config, out or Path("maps") / config.city.slug)
    counts = result.audits.counts
    if as_json:
        files = {name: str(path) for name, path in paths.items()}
        _print_json({"outputs": files, "files": _counts(counts), "warnings": list(result.warnings)})
    else:
        _say_counts(counts, result.warnings, quiet=quiet)
        click.echo(f"Public map:       {paths['map']}")
        click.echo(f"Planning office:  {paths['planning']}")
        click.echo(f"Private:          {paths['submissions'].parent}")
    return _exit_code(counts, config)


@main.command()
@_folder
@_command
def check(*, folder: Path, as_json: bool, quiet: bool) -> int:
    """Name every problem of settings and data in words; compute nothing."""
    from safeaudit import pipeline

    config = _config(folder)
    checked = pipeline.check(config)
    places = checked.places
    if as_json:
        sizes = {name: len(getattr(places, name)) for name in ("segments", "spaces", "stops")}
        refused = [str(error) for error in checked.refused]
        warnings = list(checked.warnings)
        _print_json({"files": _counts(checked.counts), "refused": refused, "places": sizes, "warnings": warnings})
        return REFUSED if refused else _exit_code(checked.counts, config)
    click.echo(f"Places: {len(places.segments)} segments, {len(places.spaces)} spaces, {len(places.stops)} stops.")
    _say_counts(checked.counts, checked.warnings, quiet=quiet)
    for line in _reasons(checked.reasons):
        click.echo(line)
    for error in checked.refused:
        click.echo(f"safeaudit: {error}", err=True)
    return REFUSED if checked.refused else _exit_code(checked.counts, config)


@main.command()
@_folder
@click.option("--lang", help="Languages, such as fr,ar.  [default: those of the settings]")
@click.option("--entry", is_flag=True, help="Write entry sheets too: paper is typed into them.")
@click.option("--out", type=_file, help="Folder for the forms.  [default: maps/CITY/forms]")
@_command
def form(*, folder: Path, lang: str | None, entry: bool, out: Path | None, as_json: bool, quiet: bool) -> int:
    """Write the forms: for phones (XLSForm), on paper, and sheets to type paper into."""
    from safeaudit.form import write_forms

    config = _config(folder)
    languages = [code.strip() for code in (lang or "").split(",") if code.strip()]
    paths = write_forms(config, out or Path("maps") / config.city.slug / "forms", languages=languages, entry=entry)
    if as_json:
        _print_json({"forms": [str(path) for path in paths]})
    else:
        click.echo("\n".join(map(str, paths)))
    return FINE


@main.command()
@_folder
@click.option("--lang", required=True, help="Code of the language, such as rn.")
@click.option("--name", help="Its name in itself, such as Ikirundi.")
@_command
def translate(*, folder: Path, lang: str, name: str | None, as_json: bool, quiet: bool) -> int:
    """Write the words of the forms for a person to put into a language."""
    from safeaudit import catalogue

    path, filled, texts = catalogue.offer(lang, name, folder)
    if as_json:
        _print_json({"file": str(path), "filled": filled, "texts": texts})
        return FINE
    click.echo(f"{path}: {filled} of {texts} texts are filled.")
    more = f"safeaudit form {folder} --lang {lang}"
    click.echo(f"Ready: {more}" if filled == texts else f'Fill every "text", then: {more}')
    return FINE


@main.command()
@click.argument("words", metavar="[PLACE] DIR", nargs=-1, required=True)
@click.option("--contact", default="", help="Whom the owners of the map's servers may write to.")
@click.option("--overpass", help="Address of another Overpass API, such as your own.")
@click.option("--nominatim", help="Address of another Nominatim, such as your own.")
@_command
def fetch(
    *, words: tuple[str, ...], contact: str, overpass: str | None, nominatim: str | None, as_json: bool, quiet: bool
) -> int:
    """Get a place's extract into DIR; without PLACE, the audits that DIR's settings name a server for."""
    from safeaudit.places.overpass import MapServers

    match words:
        case (folder,):
            return _fetch_audits(Path(folder), as_json=as_json, quiet=quiet)
        case (place, folder):
            servers = MapServers(overpass=overpass, nominatim=nominatim, contact=contact)
            return _fetch_place(place, Path(folder), servers, as_json=as_json, quiet=quiet)
    raise click.UsageError("Give a place and a folder, or a folder alone; a name of several words needs quotes.")


@main.command()
@click.option("--tables", is_flag=True, help="Print the data dictionary.")
@_command
def info(*, tables: bool, as_json: bool, quiet: bool) -> int:
    """Print versions, or with --tables what every column means."""
    if tables:
        _say_tables(as_json=as_json)
        return FINE
    versions = _versions()
    if as_json:
        _print_json(versions)
    else:
        for name, number in versions.items():
            click.echo(f"{name:12} {number}")
    return FINE


def _fetched(place: str, folder: Path, *, quiet: bool) -> tuple[Path, Path]:
    from safeaudit.fetch import fetch_place

    found = fetch_place(place, folder, tell=_teller(quiet=quiet))
    return found.file, found.note


def _fetch_place(place: str, folder: Path, servers: MapServers, *, as_json: bool, quiet: bool) -> int:
    from safeaudit.fetch import fetch_place

    found = fetch_place(place, folder, servers=servers, tell=_teller(quiet=quiet))
    if as_json:
        _print_json({"file": str(found.file), "note": str(found.note), "name": found.name, "streets": found.streets})
        return FINE
    click.echo(f"{found.name}: {found.streets} streets and paths.")
    click.echo(f"Written: {found.file} and {found.note}. A run needs no network: safeaudit init DIR --osm {found.file}")
    return FINE


def _fetch_audits(folder: Path, *, as_json: bool, quiet: bool) -> int:
    from safeaudit.fetch import fetch_audits

    fetched = fetch_audits(_config(folder), os.environ, tell=_teller(quiet=quiet))
    refused = {file: error for file, error in fetched.items() if isinstance(error, SafeauditError)}
    got = {file: found for file, found in fetched.items() if not isinstance(found, SafeauditError)}
    if as_json:
        files = [
            {"file": file, "written": [str(path) for path in found.files], "changed": found.changed}
            for file, found in got.items()
        ]
        _print_json({"files": files, "refused": [f"{file}: {error}" for file, error in refused.items()]})
        return REFUSED if refused else FINE
    for file, found in got.items():
        click.echo(f"{file}: {'fetched' if found.changed else 'as it was'}, from {found.server}.")
    for file, error in refused.items():
        click.echo(f"safeaudit: {file}: {error}", err=True)
    return REFUSED if refused else FINE


def _config(folder: Path) -> AuditConfig:
    from safeaudit.config import load_config

    return load_config(folder)


def _say_proposal(name: str, found: Proposal | InputError) -> None:
    """Say for every column of a file what it was taken for."""
    if isinstance(found, SafeauditError):
        click.echo(f"{name}: could not be read. {found.what} {found.hint}")
        return
    click.echo(f"{name}:")
    for field, header in found.columns.items():
        click.echo(f"  {_line(header)} -> {field}")
    for header, why in found.unused:
        click.echo(f"  {_line(header)} -> not used ({why})")
    for header in found.private:
        kept = "private: in no public or office output" if header in found.columns.values() else "private: not loaded"
        click.echo(f"  {_line(header)} -> {kept}")
    for question in found.questions:
        click.echo(f"  ? {question}")


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
            }
    return {"file": str(started.file), "timezones": list(started.timezones), "audits": files}


def _line(text: str) -> str:
    """Return text that a file holds as one line of plain signs: a terminal obeys some of the others."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _teller(*, quiet: bool) -> Callable[[str], None]:
    """Return what tells of each step: on the terminal's standard error, unless it is to be quiet."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None
    return lambda step: click.echo(f"{step} ...", err=True)


def _counts(counts: Iterable[FileCount]) -> list[dict[str, object]]:
    return [
        {
            "file": count.file,
            "read": count.read,
            "accepted": count.accepted,
            "rejected": count.rejected,
            "duplicates": count.duplicates,
            "remarks": list(count.remarks),
        }
        for count in counts
    ]


def _say_counts(counts: Iterable[FileCount], warnings: Iterable[str], *, quiet: bool) -> None:
    for count in counts:
        click.echo(
            f"{count.file}: {count.read} rows read = {count.accepted} accepted + {count.rejected} rejected"
            f" + {count.duplicates} duplicates"
        )
        for remark in () if quiet else count.remarks:
            click.echo(f"  {remark}", err=True)
    for warning in () if quiet else warnings:
        click.echo(f"Note: {warning}", err=True)


def _reasons(reasons: Any) -> Iterable[str]:
    """Yield the reasons for rejection by count, with the first example of each."""
    for first in reasons.itertuples():
        yield f"{first.rows} x {first.code}, first in {first.file} line {first.line}: {first.message}"


def _exit_code(counts: Iterable[FileCount], config: AuditConfig) -> int:
    counts = list(counts)
    read = sum(count.read for count in counts)
    rejected = sum(count.rejected for count in counts)
    return OVER_LIMIT if rejected > config.check.max_rejected_share * read else FINE


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    packages = ("safeaudit", "geopandas", "numpy", "osmium", "pandas", "pyogrio", "pyproj", "shapely")
    return {"python": sys.version.split()[0], **{name: version(name) for name in packages}}


def _say_tables(*, as_json: bool) -> None:
    from safeaudit.tables import TABLES

    if as_json:
        columns = {
            name: [
                {"name": c.name, "kind": c.kind, "optional": c.optional, "meaning": c.meaning} for c in table.columns
            ]
            for name, table in TABLES.items()
        }
        _print_json(columns)
        return
    for table in TABLES.values():
        click.echo(f"\n{table.name}: {table.row}")
        for column in table.columns:
            name = f"{column.name}{'?' if column.optional else ''}"
            click.echo(f"  {name:20} {column.kind:8} {column.meaning}")


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
