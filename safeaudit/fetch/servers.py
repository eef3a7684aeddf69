"""Servers are asked here: over https, with patience, and with a secret that stands in no sentence.

A secret goes to the server that it is for and to no other: no redirect is followed.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from safeaudit.errors import InputError, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

T = TypeVar("T")

WAITS_S = (5.0, 20.0, 60.0)
"""Pauses before a busy server is asked again."""
MAX_WAIT_S = 300.0
TIMEOUT_S = 60.0
"""A server that says nothing for so long does not answer."""
MAX_BYTES = 256 * 1024**2

BUSY = frozenset({429, 500, 502, 503, 504})
_NOT_ALLOWED = frozenset({401, 403})
_NOT_FOUND = 404
_REDIRECTS = range(300, 400)
_REFUSALS = range(400, 600)


class BusyError(InputError):
    """A server did not answer now and may do so later.

    Parameters
    ----------
    what, hint, where
        As for `SafeauditError`, for when it never does.
    wait_s
        Seconds that it asks to be left alone.
    """

    def __init__(self, what: str, *, hint: str, where: Where, wait_s: float = 0.0) -> None:
        super().__init__(what, hint=hint, where=where)
        self.wait_s = wait_s


def patiently(ask: Callable[[], T]) -> T:
    """Ask a server, and again after a while where it is busy.

    Parameters
    ----------
    ask
        Asks once; raises `BusyError` where asking again may help.

    Raises
    ------
    InputError
        It was busy all the time, or refused.
    """
    for wait_s in WAITS_S:
        try:
            return ask()
        except BusyError as busy:
            time.sleep(min(max(wait_s, busy.wait_s), MAX_WAIT_S))
    return ask()


def wait_asked_s(response: requests.Response) -> float:
    """Return the seconds that a server asks to be left alone, 0 where it does not say."""
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isascii() and given.isdigit() else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that is asked with a secret.

    Attributes
    ----------
    address
        Where it is, as `checked_address` returns it.
    authorization
        Value of the header that says who asks; never shown.
    """

    address: str
    authorization: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Its host, for people."""
        return str(urlsplit(self.address).hostname)

    def get(self, path: str, query: Mapping[str, object]) -> bytes:
        """Return what it holds under a path.

        Parameters
        ----------
        path
            Below its address, quoted.
        query
            What is asked for.

        Raises
        ------
        InputError
            It cannot be reached, refuses, sends elsewhere, or answers with a web page.
        """
        return patiently(lambda: self._send("GET", path, params=dict(query)))

    def get_json(self, path: str, query: Mapping[str, object]) -> Any:
        """Return a JSON document that it holds under a path; see `get`."""
        return patiently(lambda: self._document(self._send("GET", path, params=dict(query))))

    def post_json(self, path: str, document: Mapping[str, str]) -> Any:
        """Give it a document and return its JSON answer; see `get`."""
        return patiently(lambda: self._document(self._send("POST", path, json=dict(document))))

    def error(self, what: str, hint: str) -> InputError:
        """Return the error for an answer of this server."""
        return InputError(what, hint=hint, where=Where(self.name))

    def _send(self, method: str, path: str, **body: Any) -> bytes:
        import requests  # noqa: PLC0415 - a run asks no server

        try:
            with requests.request(
                method,
                f"{self.address}{path}",
                auth=self._sign,  # a function: else requests would take a password from a netrc file
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
                **body,
            ) as response:
                self._check(response)
                return self._content(response)
        except (requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            raise self._busy("It did not answer in time, or not to the end.") from error
        except requests.RequestException as error:
            hint = "Check the connection and the server's address; what was fetched before is as it was."
            raise self.error("It cannot be reached.", hint) from error

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["User-Agent"] = user_agent()
        if self.authorization:
            request.headers["Authorization"] = self.authorization
        return request

    def _check(self, response: requests.Response) -> None:
        status = response.status_code
        if status in BUSY:
            raise self._busy(f"It is busy or out of order (status {status}).", wait_asked_s(response))
        if status in _NOT_ALLOWED:
            hint = "Check the secret in the environment variable, and that its owner may see the form."
            raise self.error(f"It does not let us in (status {status}).", hint)
        if status == _NOT_FOUND:
            raise self.error("It knows no such form.", "Check form and project under remote, and who may see it.")
        if status in _REDIRECTS:
            hint = "Write its own address under remote; a secret is sent to no other."
            raise self.error("It sends us on to another address.", hint)
        if status in _REFUSALS:
            raise self.error(f"It refuses (status {status}).", "Check service, server and form under remote.")

    def _content(self, response: requests.Response) -> bytes:
        content = bytearray()
        for block in response.iter_content(2**16):
            content += block
            if len(content) > MAX_BYTES:
                raise self.error(f"It sends more than {MAX_BYTES} bytes.", "Export the audits as CSV instead.")
        if content.lstrip()[:1] == b"<":
            what = "It answers with a web page, probably a log-in page."
            raise self.error(what, "Check the server's address, and the secret in the environment variable.")
        return bytes(content)

    def _document(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self._busy("Its answer is cut, or no JSON.") from error

    def _busy(self, what: str, wait_s: float = 0.0) -> BusyError:
        hint = "Try again later; what was fetched before is as it was."
        return BusyError(what, hint=hint, where=Where(self.name), wait_s=wait_s)


def user_agent(contact: str = "") -> str:
    """Return what a server is told of who asks: product, version, and whom to write to."""
    return f"safeaudit/{version('safeaudit')}" + (f" ({contact})" if contact else "")
