"""What an Overpass server answers with ([out:json]) -> the lines that osmium reads (OPL). No server is asked here."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from safeaudit.errors import InputError, Where
from safeaudit.files.admit import opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeaudit.files.admit import Admitted

MAX_BYTES = 512 * 1024**2
AS_EXTRACT = "An extract in .osm.pbf, such as a city extract, does instead: use it with --osm."

_DAY = re.compile(rb'"timestamp_osm_base"\s*:\s*"(\d{4}-\d\d-\d\d)')
_SPECIAL = re.compile(r"[^\w.:;/()+-]")
_NODE, _WAY, _RELATION = range(3)
_KINDS = {"node": _NODE, "way": _WAY, "relation": _RELATION}
_LETTERS = {"node": "n", "way": "w", "relation": "r"}
_MAX_LATITUDE, _MAX_LONGITUDE = 90, 180
_MAX_WORDS = 300
_INSIDE = -1
"""Version of a node that stands only inside its way: the node itself comes before it."""
_NOTHING = (_INSIDE - 1, "")
DRAWN = 2**40
"""Osmium keeps no position of a node below 0, as editors number what is new: it is read above all that there are."""


def read_opl(file: Admitted) -> bytes:
    """Read an answer that was saved as a file.

    Parameters
    ----------
    file
        JSON as Overpass writes it, such as an export.

    Returns
    -------
    One object a line, as `as_opl` gives them.

    Raises
    ------
    InputError
        It is cut, is no such JSON, or holds an error of the server instead of all objects.
    """
    with opened(file) as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise InputError(f"It is larger than {MAX_BYTES} bytes.", hint=AS_EXTRACT, where=Where(file.name))
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        what = f"It is cut, or no JSON: {error}."
        raise InputError(what, hint="Download it once more.", where=Where(file.name)) from error
    return as_opl(elements(document, file.name), file.name)


def elements(document: Any, name: str) -> list[Any]:
    """Return the objects of an answer.

    Parameters
    ----------
    document
        The answer.
    name
        Whose it is, for people.

    Raises
    ------
    InputError
        It is no answer of Overpass, or the server says that it did not get all objects.
    """
    if isinstance(document, dict) and "remark" in document:
        hint = f"Ask for a smaller area, or later. {AS_EXTRACT}"
        raise InputError(f"The server says: {one_line(document['remark'])}", hint=hint, where=Where(name))
    found = document.get("elements") if isinstance(document, dict) else None
    if not isinstance(found, list):
        what = "This is JSON, but not what Overpass answers with: it has no list of elements."
        raise InputError(what, hint="Ask with [out:json].", where=Where(name))
    return found


def as_opl(found: Iterable[Any], name: str) -> bytes:
    """Return OpenStreetMap objects as lines of text, in osmium's order, each object once.

    Parameters
    ----------
    found
        Objects as in Overpass's JSON. Of one that comes several times the newest version is kept, of
        several such the fullest; none where that says `visible: false`. Nodes that stand only in the
        geometry of their way (`out geom`) are objects too.
    name
        Whose they are, for people.

    Returns
    -------
    The lines, UTF-8; see https://osmcode.org/opl-file-format. Ids below 0 are those above DRAWN, see `own_id`.

    Raises
    ------
    InputError
        One of them is not as Overpass writes it.
    """
    newest: dict[tuple[int, int], tuple[int, str]] = {}
    for number, element in enumerate(found, start=1):
        try:
            for key, version, line in _lines(element):
                newest[key] = max((version, line), newest.get(key, _NOTHING), key=_by_version_and_length)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"Element {number} is not as Overpass writes it."
            hint = 'Ask with "out body; >; out skel qt;", so that ways have their nodes.'
            raise InputError(what, hint=hint, where=Where(name)) from error
    return "\n".join([newest[key][1] for key in sorted(newest) if newest[key][1]]).encode() + b"\n"


def own_id(number: int) -> int:
    """Return the id that an object has in its file, from the one by which it was read."""
    return number if number < DRAWN else DRAWN - number


def _by_version_and_length(found: tuple[int, str]) -> tuple[int, int]:
    return found[0], len(found[1])


def day(head: bytes) -> str:
    """Return the day of the data that an answer names in its first bytes, empty where it does not."""
    found = _DAY.search(head)
    return found[1].decode() if found else ""


def one_line(text: object) -> str:
    """Return a server's own words as one short line of plain signs."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
    return words[:_MAX_WORDS]


def _lines(element: Any) -> Iterator[tuple[tuple[int, int], int, str]]:
    """Yield an object as a line of text, and the nodes that stand inside it, with what sorts each and its version."""
    number, kind = _read_id(element["id"]), element["type"]
    head, tags, version = f"{_LETTERS[kind]}{number:d}", _tags(element.get("tags", {})), element.get("version", 0)
    if not element.get("visible", True):
        yield (_KINDS[kind], number), version, ""
        return
    match kind:
        case "node":
            yield (_NODE, number), version, f"{head}{_spot(element)}{tags}"
        case "way":
            refs = [_read_id(ref) for ref in element["nodes"]]
            yield (_WAY, number), version, f"{head}{tags} N{','.join([f'n{ref:d}' for ref in refs])}"
            for ref, spot in zip(refs, element.get("geometry", ()), strict=False):
                if spot is not None:
                    yield (_NODE, ref), _INSIDE, f"n{ref:d}{_spot(spot)}"
        case "relation":
            members = [
                f"{_LETTERS[one['type']]}{_read_id(one['ref']):d}@{_text(one['role'])}" for one in element["members"]
            ]
            yield (_RELATION, number), version, f"{head}{tags} M{','.join(members)}"


def _read_id(number: int) -> int:
    return number if number >= 0 else DRAWN - number


def _spot(holder: Any) -> str:
    latitude, longitude = holder["lat"], holder["lon"]
    if not (abs(latitude) <= _MAX_LATITUDE and abs(longitude) <= _MAX_LONGITUDE):
        raise ValueError(latitude, longitude)
    return f" x{longitude:.7f} y{latitude:.7f}"


def _tags(tags: Any) -> str:
    return " T" + ",".join([f"{_text(key)}={_text(value)}" for key, value in tags.items()]) if tags else ""


def _text(text: str) -> str:
    """Return text with every sign escaped that could end it; what no text may hold is replaced."""
    if text.isalnum() and text.isascii():
        return text
    whole = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return _SPECIAL.sub(lambda sign: f"%{ord(sign[0]):x}%", whole)
