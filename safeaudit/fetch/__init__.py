"""The story of a fetch: what servers hold becomes files to keep, so that a run needs no network."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from safeaudit.config import AreaSettings, slugify
from safeaudit.config.addresses import checked_address
from safeaudit.errors import ConfigError, InputError, SafeauditError, Where
from safeaudit.fetch import kobo, odk, overpass
from safeaudit.fetch.overpass import MapServers
from safeaudit.fetch.servers import Server
from safeaudit.files.admit import admit, opened
from safeaudit.files.staged import write_whole
from safeaudit.places import osmjson
from safeaudit.places.layers import read_layer
from safeaudit.places.osm_write import write_extract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from safeaudit.config import AuditConfig, AuditSettings, RemoteSettings
    from safeaudit.files.admit import Admitted

CACHE = "cache"
LICENCE = "© OpenStreetMap contributors, Open Database License (ODbL)"

_TOKEN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPlace:
    """An extract that was fetched.

    Attributes
    ----------
    file
        The extract.
    note
        Its outline, with what was asked of whom and when (GeoJSON).
    name
        The place's full name.
    streets
        Number of ways with a `highway` tag.
    """

    file: Path
    note: Path
    name: str
    streets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedAudit:
    """An audit file that was fetched.

    Attributes
    ----------
    files
        The file that the settings name, and the repeats beside it.
    server
        Where it is from.
    changed
        Whether it differs from what was there.
    """

    files: tuple[Path, ...]
    server: str
    changed: bool


# --- a place ---------------------------------------------------------------------------------------------------------


def fetch_place(
    place: str, folder: Path, *, servers: MapServers | None = None, tell: Callable[[str], None] = lambda _: None
) -> FetchedPlace:
    """Get everything that safeaudit uses of a place, and keep it as an extract.

    What servers answered stays in the folder's cache: fetched again, it is the same, without network.

    Parameters
    ----------
    place
        Name of a place, or path of a file with its outline.
    folder
        Where the extract, its note and the cache are put; it is made.
    servers
        Who is asked; the public servers where None.
    tell
        Called with the name of each step as it begins.

    Raises
    ------
    InputError
        The place is unknown or too large, holds no street, or a server does not answer as it should.
    OutputError
        A file could not be written.
    """
    servers = servers or MapServers()
    tell("Looking the place up")
    slug, name, outline = _outline(place, servers, folder / CACHE)
    tell("Asking for its map")
    answers = [admit(path) for path in overpass.download(outline, servers, folder / CACHE)]
    found = [one for answer in answers for one in _elements(answer)]
    opl = osmjson.as_opl(found, "the server's answer")
    streets = sum(one["type"] == "way" and "highway" in one.get("tags", {}) for one in found)
    if not streets:
        hint = "The server answered in full: map its streets first, or use your own with --streets."
        raise InputError(f'OpenStreetMap has no street in "{name}".', hint=hint)
    tell("Writing the extract")
    dated = max((osmjson.day(answer.head) for answer in answers), default="")
    file, note = folder / f"{slug}.osm.pbf", folder / f"{slug}.outline.geojson"
    write_extract(opl, file, dated)
    asked = {"place": name, "data_of": dated, "extract": file.name, "sha256": admit(file).sha256}
    _write_note(note, asked, outline, servers)
    return FetchedPlace(file=file, note=note, name=name, streets=streets)


def _outline(place: str, servers: MapServers, cache: Path) -> tuple[str, str, Any]:
    """Return a place's name for files, its name for people, and its outline in degrees."""
    if not os.path.isfile(place):  # noqa: PTH113 - a name may be longer than any path: this says no, Path fails
        return slugify(place), *overpass.find_outline(place, servers, cache)
    path = Path(place)
    layer, _ = read_layer(admit(path), AreaSettings(file=path), key="areas")
    outline = shapely.union_all(layer.geometry.to_numpy())
    return slugify(path.name.partition(".")[0]), path.name, outline


def _elements(answer: Admitted) -> list[Any]:
    with opened(answer) as stream:
        return osmjson.elements(json.load(stream), answer.name)


def _write_note(target: Path, asked: Mapping[str, str], outline: Any, servers: MapServers) -> None:
    """Write what was asked of whom and when; the note of the same extract stays as it is."""
    if target.is_file() and f'"{asked["sha256"]}"' in target.read_text(encoding="utf-8"):
        return
    properties = {
        **asked,
        "asked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "overpass": servers.overpass or "the public server",
        "keys": sorted(overpass.ASKED),
        "safeaudit": version("safeaudit"),
        "licence": LICENCE,
    }
    feature = {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(outline))}
    document = {"type": "FeatureCollection", "features": [feature]}
    write_whole(target, json.dumps(document, ensure_ascii=False, indent=1).encode())


# --- audits ----------------------------------------------------------------------------------------------------------


def fetch_audits(
    config: AuditConfig, environ: Mapping[str, str], *, tell: Callable[[str], None] = lambda _: None
) -> dict[str, FetchedAudit | SafeauditError]:
    """Get each audit file that the settings name a server for, whole or not at all.

    Parameters
    ----------
    config
        The settings, as from `load_config`.
    environ
        Where the secrets stand, by the names that the settings hold.
    tell
        Called with the name of each step as it begins.

    Returns
    -------
    For each file what was fetched, or why it was not: the earlier file is as it was.

    Raises
    ------
    ConfigError
        No audit file has a server.
    """
    fetched: dict[str, FetchedAudit | SafeauditError] = {}
    for audit in config.audits:
        if audit.remote is not None:
            tell(f"Asking for {audit.file.name}")
            try:
                fetched[str(audit.file)] = _fetch(config, audit, audit.remote, environ)
            except SafeauditError as error:
                fetched[str(audit.file)] = error
    if not fetched:
        hint = 'Write remote = { service = "kobo", ... } under [[audits]]; or name a place: safeaudit fetch PLACE DIR'
        raise ConfigError("No audit file has a server to be fetched from.", hint=hint)
    return fetched


def _fetch(
    config: AuditConfig, audit: AuditSettings, remote: RemoteSettings, environ: Mapping[str, str]
) -> FetchedAudit:
    target = config.path(audit.file).resolve()
    if not target.is_relative_to(config.folder.resolve()):
        what = f"{audit.file} lies outside of the project's folder."
        raise ConfigError(what, hint="What is fetched is kept inside it.", where=Where("[[audits]]"))
    server = _server(remote, environ)
    if remote.service == "kobo":
        tables = {"": kobo.download(server, remote.form)}
    else:
        tables = odk.download(server, _number(remote), remote.form)
    files = {_beside(target, repeat): tables[repeat] for repeat in sorted(tables, reverse=True)}  # the form's own last
    changed = [path for path, content in files.items() if not path.is_file() or path.read_bytes() != content]
    for path in changed:
        write_whole(path, files[path], private=True)
    return FetchedAudit(files=tuple(reversed(files)), server=server.name, changed=bool(changed))


def _beside(target: Path, repeat: str) -> Path:
    return target.with_name(f"{target.stem}-{slugify(repeat)}.csv") if repeat else target


def _server(remote: RemoteSettings, environ: Mapping[str, str]) -> Server:
    """Return the server with what opens it; the secret stands nowhere else."""
    server = Server(address=checked_address(remote.server))
    if remote.token_env:
        token = _secret(environ, remote.token_env)
    elif remote.service == "odk" and remote.user_env and remote.password_env:
        token = odk.log_in(server, _secret(environ, remote.user_env), _secret(environ, remote.password_env))
    else:
        hint = 'Write token_env = "KOBO_TOKEN" under remote; for ODK Central, user_env and password_env do too.'
        raise ConfigError("Nothing says where the secret of the server stands.", hint=hint)
    if not _TOKEN.fullmatch(token):
        hint = "Copy it once more, without spaces or line ends."
        raise ConfigError("The token is none: it holds signs that no token has.", hint=hint)
    scheme = {"kobo": "Token", "odk": "Bearer"}[remote.service]
    return Server(address=server.address, authorization=f"{scheme} {token}")


def _secret(environ: Mapping[str, str], name: str) -> str:
    secret = environ.get(name, "").strip()
    if not secret:
        hint = f"Set it where you type the command, as in: export {name}=..."
        raise ConfigError(f"The environment variable {name} is not set.", hint=hint)
    return secret


def _number(remote: RemoteSettings) -> int:
    if remote.project is None:
        raise ConfigError("The project's number is missing.", hint="Write project = 7 under remote.")
    return remote.project
