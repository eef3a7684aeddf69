"""Addresses of servers, as settings may name them."""

from __future__ import annotations

from urllib.parse import urlsplit

from safeaudit.errors import ConfigError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def checked_address(address: str) -> str:
    """Return the address of a server without a slash at its end.

    Raises
    ------
    ConfigError
        It is no https address (http does on this machine alone), or holds a name, a password or a query.
    """
    hint = "Write it as in https://kf.kobotoolbox.org; secrets stand in environment variables."
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigError("The address of the server is no address.", hint=hint) from None
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ConfigError("The address of the server does not begin with https://.", hint=hint)
    if not host or parts.username is not None or parts.query or parts.fragment or not address.isprintable():
        raise ConfigError("The address of the server must hold its name and no more.", hint=hint)
    return address.rstrip("/")
