"""A new project: which column is what, which time zone, written down as a safeaudit.toml."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from safeaudit.audits.sources import read
from safeaudit.config import FILE_NAME, AuditSettings, LayerSettings, PlacesSettings
from safeaudit.errors import ConfigError, InputError, Where
from safeaudit.files.admit import admit
from safeaudit.files.staged import write_whole
from safeaudit.places import read_places
from safeaudit.rubric import STANDARD
from safeaudit.start.propose import Proposal, propose
from safeaudit.start.timezones import find_timezones

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from safeaudit.crs import Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A project that was begun: what was written, and what a person should look at.

    Attributes
    ----------
    file
        The settings that were written.
    timezones
        The time zone that was taken; several where a person must choose, none without places.
    proposals
        For each audit file what its columns were taken for, or why it could not be read.
    """

    file: Path
    timezones: tuple[str, ...]
    proposals: dict[str, Proposal | InputError]


def start(
    folder: Path,
    *,
    osm: Path | None = None,
    streets: Path | None = None,
    outline: Path | None = None,
    audits: Sequence[Path] = (),
) -> Started:
    """Write the settings of a new project.

    Parameters
    ----------
    folder
        Folder of the project; it is made.
    osm, streets
        The extract, or the team's own layer of streets.
    outline
        The city's outline, where the extract was fetched by it.
    audits
        The audit files.

    Returns
    -------
    What was written and what was guessed: every guess stands in the file, to be corrected there.

    Raises
    ------
    ConfigError
        There are settings already.
    InputError
        The places were refused. An audit file that cannot be read is named in what is returned.
    """
    target = new_settings(folder)
    timezones = find_timezones(_bounds(osm, streets))
    proposals = {path.name: _proposal(path) for path in audits}
    lines = [*_city(folder, timezones), *_places(folder, osm, streets, outline)]
    for path in audits:
        lines += _audit(folder, path, proposals[path.name])
    write_whole(target, "".join(f"{line}\n" for line in lines).encode())
    return Started(file=target, timezones=timezones, proposals=proposals)


def new_settings(folder: Path) -> Path:
    """Return where a new project's settings will stand.

    Raises
    ------
    ConfigError
        There are settings already.
    """
    target = folder / FILE_NAME
    if target.exists():
        raise ConfigError(
            "There are settings already.", hint="Edit them, or remove them first.", where=Where(str(target))
        )
    return target


def _bounds(osm: Path | None, streets: Path | None) -> Bounds | None:
    path = osm or streets
    if path is None:
        return None
    settings = PlacesSettings(osm=osm, streets=LayerSettings(file=streets) if streets else None)
    return read_places(settings, "auto", {path: admit(path)}).extent


def _proposal(path: Path) -> Proposal | InputError:
    try:
        sample = next(iter(read(admit(path), AuditSettings(file=path))), None)
    except InputError as error:
        return error
    if sample is None:
        return InputError("It holds no rows.", hint="Export it once more.", where=Where(path.name))
    return propose(sample.header, sample, STANDARD)


def _city(folder: Path, timezones: tuple[str, ...]) -> list[str]:
    match timezones:
        case (only,):
            zone = f"timezone = {_text(only)}  # a guess, by the map"
        case _:
            near = f" It lies in or near: {', '.join(timezones)}." if timezones else ""
            zone = f'# timezone = "Africa/Nairobi"  # needed for times that are written without an offset.{near}'
    return ["[city]", f"name = {_text(folder.resolve().name)}", zone, ""]


def _places(folder: Path, osm: Path | None, streets: Path | None, outline: Path | None) -> list[str]:
    if osm:
        city = [f'areas = [{{ file = {_path(outline, folder)}, kind = "city" }}]'] if outline else []
        return ["[places]", f"osm = {_path(osm, folder)}", *city, ""]
    return ["[places]", f"streets = {{ file = {_path(streets, folder)} }}" if streets else '# osm = "city.osm.pbf"', ""]


def _audit(folder: Path, path: Path, proposal: Proposal | InputError) -> list[str]:
    head = ["[[audits]]", f"file = {_path(path, folder)}"]
    if isinstance(proposal, InputError):
        return [*head, *_comment(f"{proposal.what} {proposal.hint}"), ""]
    columns = dict(proposal.columns)
    clock = columns.pop("time_of_day", None)
    named = {field: _text(header) for field, header in columns.items()}
    if clock is not None:
        named["observed_at"] = f"[{named['observed_at']}, {_text(clock)}]"
    body = ["[audits.columns]", *(f"{field} = {value}" for field, value in named.items())]
    if proposal.date_format is not None:
        head.append(f"date_format = {_text(proposal.date_format)}  # a guess, by the numbers that stand there")
    notes = [
        *(f"not used: {header} ({why})" for header, why in proposal.unused),
        *(f"private, not loaded: {header}" for header in proposal.private if header not in proposal.columns.values()),
        *proposal.questions,
    ]
    return [*head, *(line for note in notes for line in _comment(note)), *body, ""]


def _path(path: Path, folder: Path) -> str:
    """Return a path as seen from the project, with slashes that work everywhere."""
    try:
        return _text(os.path.relpath(path.resolve(), folder.resolve()).replace(os.sep, "/"))
    except ValueError:  # another drive
        return _text(path.resolve().as_posix())


def _text(value: str) -> str:
    """Return a TOML string: JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _comment(text: str) -> list[str]:
    """Return a comment of one line: what a file holds must not leave it."""
    return ["# " + "".join(sign if sign.isprintable() else " " for sign in text)]
