"""Service requests of Open311 that came back -> what they say of actions, by their ids."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from safeaudit.actions.cells import UnreadableError, read_cell
from safeaudit.actions.entries import ABOUT_ACTION
from safeaudit.actions.rows import Row
from safeaudit.errors import InputError, Where
from safeaudit.files.admit import opened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from safeaudit.files.admit import Admitted

_MAX_BYTES = 64 * 1024**2
_ID = re.compile(r"A[0-9A-Z]{8}")
_SAYS = {"status_notes": "reason", "expected_datetime": "due"}
_MENDED = "mended"
_HINT = "Name a list of service requests as GeoReport v2 has it, in JSON or XML."


def read_requests(file: Admitted, mended: Collection[str]) -> list[Row]:
    """Read what an agency's system says of requests that it was given.

    closed is mended, on the day of updated_datetime; open says nothing, but of what was said to be mended that it is
    not. A request is known by our id in service_request_id, else by address_id (a place code) and service_code.

    Parameters
    ----------
    file
        JSON or XML.
    mended
        Ids of the actions that are said to be mended.

    Raises
    ------
    InputError
        It is no list of service requests.
    """
    if file.size > _MAX_BYTES:
        raise InputError(f"It is larger than {_MAX_BYTES} bytes.", hint="Split it.", where=Where(file.name))
    with opened(file) as stream:
        content = stream.read()
    requests = _of_json(content, file.name) if file.kind == "json" else _of_xml(content, file.name)
    return [_row(f"request {number}", request, mended) for number, request in enumerate(requests, start=1)]


def _row(where: str, request: dict[str, str], mended: Collection[str]) -> Row:
    given = request.get("service_request_id", "").strip().upper()
    action_id = given if _ID.fullmatch(given) else ""
    said: dict[str, str] = {}
    unread: dict[str, tuple[str, str]] = {}
    for theirs, ours in _SAYS.items():
        if text := request.get(theirs, "").strip():
            _put(ours, text, said, unread)
    match request.get("status", "").strip().casefold():
        case "closed":
            said["status"] = _MENDED
            if day := request.get("updated_datetime", "").strip():
                _put("decided_at", day, said, unread)
        case "open" if action_id in mended:
            said["status"] = ""
        case "open" | "":
            pass
        case other:
            unread["status"] = (other, "it is neither open nor closed")
    code, issue = (request.get(name, "").strip() for name in ("address_id", "service_code"))
    label = request.get("address", "").strip()
    return Row(
        where=where, about=ABOUT_ACTION, action_id=action_id, place_code=code, label=label, issue=issue, said=said,
        unread=unread,
    )  # fmt: skip


def _put(name: str, text: str, said: dict[str, str], unread: dict[str, tuple[str, str]]) -> None:
    try:
        said[name] = read_cell(name, text, {})
    except UnreadableError as error:
        unread[name] = (text, str(error))


def _of_json(content: bytes, name: str) -> Iterator[dict[str, str]]:
    try:
        document: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"It is damaged: {error}.", hint=_HINT, where=Where(name)) from error
    if not isinstance(document, list) or not all(isinstance(request, dict) for request in document):
        raise InputError("It is no list of service requests.", hint=_HINT, where=Where(name))
    for request in document:
        yield {key: str(value) for key, value in request.items() if isinstance(value, (str, int, float))}


def _of_xml(content: bytes, name: str) -> list[dict[str, str]]:
    """Read requests from XML, of which no entity is followed."""
    requests: list[dict[str, str]] = []
    path: list[str] = []

    def refuse(*_: object) -> None:
        raise InputError("It declares a document type.", hint=_HINT, where=Where(name))

    def start(tag: str, _: dict[str, str]) -> None:
        path.append(tag)
        if path == ["service_requests", "request"]:
            requests.append({})

    def text(data: str) -> None:
        if len(path) == len(("service_requests", "request", "field")) and path[1] == "request":
            requests[-1][path[-1]] = requests[-1].get(path[-1], "") + data

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat's own way to say that this is all
    except expat.ExpatError as error:
        raise InputError(f"It is damaged: {error}.", hint=_HINT, where=Where(name, error.lineno)) from error
    except (LookupError, ValueError) as error:  # expat asks Python for encodings that it does not know itself
        raise InputError(f"Its encoding cannot be read: {error}.", hint=_HINT, where=Where(name)) from error
    if not requests:
        raise InputError("It is no list of service requests.", hint=_HINT, where=Where(name))
    return requests
