"""A place on OpenStreetMap's servers -> its outline, and the answers that hold its map. The only door of osmnx.

osmnx asks one thing at a time and keeps each answer in a folder. That folder is what is handed on: in its
tables of features streets no longer share nodes, and relations have lost their members.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import shapely
from pyproj import Geod

from safeaudit.errors import ConfigError, InputError, Where
from safeaudit.fetch.servers import BUSY, BusyError, patiently, user_agent, wait_asked_s
from safeaudit.places.osm_tags import EVIDENCE_KEYS, SPACES
from safeaudit.places.osmjson import AS_EXTRACT, elements, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    import requests

TIMEOUT_S = 180
"""Seconds that a server may take for an answer."""
MAX_KM2 = 2_500
"""Public servers are shared by all: what is larger is got as an extract. osmnx asks for so much at once."""
MARGIN_DEGREES = 0.001
"""Streets that run along the outline belong to the place: it is asked for with 100 m around it."""

ASKED: dict[str, bool | str | list[str]] = {
    **dict.fromkeys(sorted({*EVIDENCE_KEYS.read, *EVIDENCE_KEYS.point}), True),
    "place": list(SPACES["place"]),
}
"""Keys, and values where only some are used, of the objects that are asked for."""

_NOT_ACCEPTABLE = 406


@dataclass(frozen=True, slots=True, kw_only=True)
class MapServers:
    """Which servers are asked, and what they are told.

    Attributes
    ----------
    overpass, nominatim
        Addresses of the map's and of the geocoder's API; the public ones where None.
    contact
        Whom their owners may write to.
    """

    overpass: str | None = None
    nominatim: str | None = None
    contact: str = ""

    def __post_init__(self) -> None:
        for address in (self.overpass, self.nominatim):
            if address is not None and not re.match(r"https?://[^/]", address):
                hint = "Write it as in https://maps.example.org/api."
                raise ConfigError(f'"{one_line(address)}" is no address of a server.', hint=hint)
        if not (self.contact.isascii() and self.contact.isprintable()):
            raise ConfigError("The contact is no plain text.", hint="Write it as in --contact you@example.org.")


def find_outline(place: str, servers: MapServers, cache: Path) -> tuple[str, Any]:
    """Look a place up by its name.

    Parameters
    ----------
    place
        Its name, as in "Kibera, Nairobi".
    servers
        Who is asked.
    cache
        Folder where answers are kept; what is there is not asked for again.

    Returns
    -------
    Its full name, and its outline, a polygon or multipolygon in degrees.

    Raises
    ------
    InputError
        There is no such place, it is known as a point only, or the server does not answer.
    """
    with _osmnx(servers, cache) as osmnx:
        try:
            found = patiently(lambda: osmnx.geocoder.geocode_to_gdf(place))
        except json.JSONDecodeError:  # of an answer that is kept
            raise
        except TypeError as error:
            what = f'"{one_line(place)}" is known as a point only, without an outline.'
            raise InputError(what, hint="Draw its outline, and give that file instead of the name.") from error
        except (ValueError, LookupError) as error:
            what = f'No place is known as "{one_line(place)}".'
            hint = "Write it as on the map, with its city; or give a file with its outline."
            raise InputError(what, hint=hint) from error
    return one_line(found["display_name"].iloc[0]), found.geometry.iloc[0]


def download(outline: Any, servers: MapServers, cache: Path) -> list[Path]:
    """Get everything that safeaudit uses of a place.

    Parameters
    ----------
    outline
        Polygon or multipolygon, degrees.
    servers, cache
        As for `find_outline`.

    Returns
    -------
    Files with the server's answers, JSON.

    Raises
    ------
    InputError
        The place is too large, or the server does not answer, not to the end, or with an error.
    """
    asked = shapely.simplify(shapely.buffer(_checked(outline), MARGIN_DEGREES), MARGIN_DEGREES / 2)
    request = f"{servers.overpass} {ASKED} {shapely.to_wkt(asked, rounding_precision=6)}"
    folder = cache / hashlib.blake2b(request.encode(), digest_size=8).hexdigest()
    with _osmnx(servers, folder) as osmnx, suppress(InterruptedError):  # how it says that all answers are kept
        patiently(lambda: osmnx.features.features_from_polygon(asked, ASKED))
    return sorted(folder.glob("*.json"))


def _checked(outline: Any) -> Any:
    """Return what is asked for: the outline, or what is around all its parts, if it is no larger than a city."""
    if outline.geom_type not in {"Polygon", "MultiPolygon"} or not outline.is_valid:
        raise InputError("This is no outline of a place.", hint="Draw it as one polygon that does not cross itself.")
    asked = shapely.convex_hull(outline) if outline.geom_type == "MultiPolygon" else outline
    km2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(asked)[0]) / 1e6
    if km2 > MAX_KM2:
        what = f"The place covers {km2:,.0f} km2; at most {MAX_KM2:,} are asked for."
        raise InputError(what, hint=f"Name a part of it. {AS_EXTRACT}")
    return asked


@contextmanager
def _osmnx(servers: MapServers, cache: Path) -> Iterator[ModuleType]:
    """Give osmnx, set up for one question; its settings, and the socket module, are as before afterwards."""
    import osmnx  # noqa: PLC0415 - takes three seconds, and only a fetch needs it
    import requests  # noqa: PLC0415 - the same

    who = user_agent(servers.contact)
    wanted = {
        "cache_folder": cache,
        "cache_only_mode": True,
        "doh_url_template": None,
        "http_referer": who,
        "http_user_agent": who,
        "overpass_rate_limit": False,  # its waiting has no end; `patiently` waits as long as the server asks
        "requests_kwargs": {"hooks": {"response": _check}},  # osmnx asks a busy server for ever, and takes half answers
        "requests_timeout": TIMEOUT_S,
        "use_cache": True,
        **({"overpass_url": servers.overpass} if servers.overpass else {}),
        **({"nominatim_url": servers.nominatim} if servers.nominatim else {}),
    }
    before = {name: getattr(osmnx.settings, name) for name in wanted}
    lookup = socket.getaddrinfo  # osmnx puts its own in its place
    try:
        for name, value in wanted.items():
            setattr(osmnx.settings, name, value)
        yield osmnx
    except requests.Timeout as error:
        what = f"It did not answer within {TIMEOUT_S} seconds."
        raise InputError(what, hint=_way_out("Ask for a smaller area."), where=_where(error)) from error
    except requests.RequestException as error:
        hint = _way_out("Check the connection and the server's address.")
        raise InputError("It cannot be reached.", hint=hint, where=_where(error)) from error
    except json.JSONDecodeError as error:
        hint = "Remove that folder: it is asked for again."
        raise InputError("An answer that was kept is damaged.", hint=hint, where=Where(str(cache))) from error
    finally:
        socket.getaddrinfo = lookup
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


def _check(response: requests.Response, *_: Any, **__: Any) -> None:
    """Refuse an answer before osmnx takes it, and end the connection."""
    try:
        _check_answer(response)
    except InputError:
        response.close()
        raise


def _check_answer(response: requests.Response) -> None:
    where = Where(str(urlsplit(response.url).hostname))
    status = response.status_code
    if status in BUSY:
        what = f"It is busy or out of order (status {status})."
        raise BusyError(what, hint=_way_out("Try again later."), where=where, wait_s=wait_asked_s(response))
    if status == _NOT_ACCEPTABLE:
        what = "It does not serve a program that it does not know (status 406)."
        raise InputError(
            what, hint=_way_out("Say who asks: safeaudit fetch PLACE DIR --contact you@example.org."), where=where
        )
    if not response.ok:
        raise InputError(f"It refuses (status {status}).", hint=_way_out("Check its address."), where=where)
    if not response.is_redirect:
        _check_content(response, where)


def _check_content(response: requests.Response, where: Where) -> None:
    import requests  # noqa: PLC0415 - as in `_osmnx`

    cut = BusyError("Its answer is cut.", hint=_way_out("Try again later."), where=where)
    try:
        page = response.content.lstrip()[:1] == b"<"
        document = None if page else json.loads(response.content)
    except (ValueError, RecursionError, requests.exceptions.ChunkedEncodingError) as error:
        raise cut from error
    if page:
        hint = _way_out("Check its address, and any log-in page between.")
        raise InputError("It answers with a web page.", hint=hint, where=where)
    if isinstance(document, dict):  # the geocoder answers with a list
        elements(document, where.file)


def _way_out(hint: str) -> str:
    return f"{hint} {AS_EXTRACT}"


def _where(error: requests.RequestException) -> Where:
    """Return the host that an error is about."""
    return Where(str(urlsplit(error.request.url).hostname) if error.request is not None else "the server")
