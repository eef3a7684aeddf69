"""A new project: which column is what, which time zone, written down as a safeaudit.toml."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from safeaudit.audits.sources import read
from safeaudit.audits.sources.survey import guess_encoding
from safeaudit.config import FILE_NAME, AuditSettings, LayerSettings, PlacesSettings, config_from_dict, read_toml
from safeaudit.errors import ConfigError, InputError, Where
from safeaudit.files.admit import admit
from safeaudit.files.staged import write_whole
from safeaudit.languages import REFERENCE, read_language
from safeaudit.places import read_places
from safeaudit.rubric import STANDARD
from safeaudit.start.again import merge
from safeaudit.start.propose import MANY_ANSWERS, Proposal, propose
from safeaudit.start.timezones import find_timezones

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from safeaudit.config import AuditConfig
    from safeaudit.crs import Bounds
    from safeaudit.start.propose import Word

FIRST_NAME = "safeaudit.init.toml"
"""What `init` wrote, beside what a person made of it: by both it knows what to write again."""


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


def start(  # noqa: PLR0913 - the files of a project
    folder: Path,
    *,
    osm: Path | None = None,
    streets: Path | None = None,
    outline: Path | None = None,
    audits: Sequence[Path] = (),
    again: bool = False,
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
    again
        Write anew what was guessed before, and keep what a person changed since. Files that are not given are those of
        the settings.

    Returns
    -------
    What was written and what was guessed: every guess stands in the file, to be corrected there.

    Raises
    ------
    ConfigError
        There are settings already; or none, where they are to be written again, or what was written first is gone.
    InputError
        The places were refused. An audit file that cannot be read is named in what is returned.
    """
    if again:
        config = config_from_dict(_read_toml(folder / FILE_NAME), folder=folder)
        osm, streets, outline, audits = _files(config, osm, streets, outline, audits)
    else:
        new_settings(folder)
    extent = _extent(osm, streets)
    timezones = find_timezones(extent)
    zone = timezones[0] if len(timezones) == 1 else None
    proposals = {path.name: _proposal(path, extent, zone, several=len(audits) > 1) for path in audits}
    lines = [*_city(folder, timezones), *_places(folder, osm, streets, outline)]
    for path in audits:
        lines += _audit(folder, path, proposals[path.name])
    _write(folder, lines, again=again)
    return Started(file=folder / FILE_NAME, timezones=timezones, proposals=proposals)


def _write(folder: Path, lines: list[str], *, again: bool) -> None:
    """Write settings, and beside them the same for the next time they are to be written."""
    target, first = folder / FILE_NAME, folder / FIRST_NAME
    if again and not first.is_file():
        what = f"There is no {FIRST_NAME}, which says what was written first."
        raise ConfigError(what, hint="Remove the settings, and begin anew without --again.", where=Where(str(folder)))
    anew = [f"{line}\n" for line in lines]
    kept = anew
    if again:
        kept = merge(_read_lines(first), _read_lines(target), anew)
        _check(kept, folder)
    write_whole(target, "".join(kept).encode())
    write_whole(first, "".join(anew).encode())


def _check(lines: list[str], folder: Path) -> None:
    """Refuse settings that a person changed so that what is new does not fit in."""
    try:
        config_from_dict(tomllib.loads("".join(lines)), folder=folder)
    except (tomllib.TOMLDecodeError, ConfigError) as error:
        what = f"What was changed and what would be written do not fit together: {error}"
        raise ConfigError(what, hint="Edit the settings by hand.", where=Where(str(folder / FILE_NAME))) from error


def _read_lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8-sig").splitlines(keepends=True)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return read_toml(file)
    except OSError as error:
        raise ConfigError(f"There is no {file}.", hint="Begin without --again.") from error


def _files(
    config: AuditConfig, osm: Path | None, streets: Path | None, outline: Path | None, audits: Sequence[Path]
) -> tuple[Path | None, Path | None, Path | None, Sequence[Path]]:
    """Return the files that are given, or else those that the settings name, and all audit files of both."""
    places = config.places
    if osm is None and streets is None:
        osm = places.osm and config.path(places.osm)
        streets = None if places.streets is None else config.path(places.streets.file)
    city = next((area.file for area in places.areas if area.kind == "city"), None)
    named = [config.path(audit.file) for audit in config.audits if audit.mends is None]
    known = {path.resolve() for path in named}
    more = [path for path in audits if path.resolve() not in known]
    return osm, streets, outline or (city and config.path(city)), [*(path for path in named if path.is_file()), *more]


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


def _extent(osm: Path | None, streets: Path | None) -> Bounds | None:
    path = osm or streets
    if path is None:
        return None
    settings = PlacesSettings(osm=osm, streets=LayerSettings(file=streets) if streets else None)
    return read_places(settings, "auto", {path: admit(path)}).extent


def _proposal(path: Path, extent: Bounds | None, zone: str | None, *, several: bool) -> Proposal | InputError:
    try:
        file = admit(path)
        encoding = guess_encoding(file) if file.kind == "text" else None
        sample = next(iter(read(file, AuditSettings(file=path, encoding=encoding))), None)
    except InputError as error:
        return error
    if sample is None:
        return InputError("It holds no rows.", hint="Export it once more.", where=Where(path.name))
    found = propose(sample.header, sample, STANDARD, extent=extent, timezone=zone, several=several)
    return replace(found, encoding=encoding)


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
    if proposal.encoding is not None:
        head.append(
            f"encoding = {_text(proposal.encoding)}  # a guess: look at the letters with accents, or of your script"
        )
    if proposal.date_format is not None:
        head.append(f"date_format = {_text(proposal.date_format)}  # a guess, by the numbers that stand there")
    notes = [
        *(f"not used: {header} ({why})" for header, why in proposal.unused),
        *(f"private, not loaded: {header}" for header in proposal.private if header not in proposal.columns.values()),
        *proposal.questions,
    ]
    lines = [*proposal.offers, *notes]
    return [*head, *(line for text in lines for line in _comment(text)), *_tables(proposal), ""]


def _tables(proposal: Proposal) -> list[str]:
    """Return what columns and words mean, each guess to be corrected and each open question to be answered there."""
    columns = dict(proposal.columns)
    clock = columns.pop("time_of_day", None)
    named = {field: _text(header) for field, header in columns.items()}
    if clock is not None:
        named["observed_at"] = f"[{named['observed_at']}, {_text(clock)}]"
    lines = ["[audits.columns]", *(f"{field} = {value}" for field, value in named.items())]
    lines += [line for scale in proposal.scales for line in _comment(scale)]
    for indicator, words in proposal.levels.items():
        lines += _levels(f"[audits.levels.{indicator}]", words)
    if proposal.faults:
        kinds = ", ".join(read_language(REFERENCE).answers("faults"))
        lines += _comment(f"[audits.faults]  # {kinds}, or none")
        ordered = sorted(proposal.faults.items(), key=lambda item: (-item[1], item[0]))[:MANY_ANSWERS]
        lines += [line for text, n in ordered for line in _comment(f'{_text(text)} = "none"  # {n} times')]
    return lines


def _levels(head: str, words: Mapping[str, Word]) -> list[str]:
    """Return the levels of words: those that are guessed, and the commonest of the others to be uncommented."""
    ordered = sorted(words.items(), key=lambda item: (-item[1].rows, item[0]))
    known = [
        f"{_text(answer)} = {word.level}  # {word.rows} times" for answer, word in ordered if word.level is not None
    ]
    asked = [
        f"{_text(answer)} = 0  # {word.rows} times: 0 (worst), 1, 2 or 3 (best)?"
        for answer, word in ordered
        if word.level is None
    ]
    lines = [f"{head}  # a guess, by what these words mean"] if known else _comment(head)
    return [*lines, *known, *(line for text in asked[:MANY_ANSWERS] for line in _comment(text))]


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
