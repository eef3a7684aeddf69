"""KoboToolbox, API v2: all submissions of a form, page by page. Attachments are never asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from safeaudit.fetch.servers import Server

PAGE = 1_000
"""Submissions a page, the most that the API gives."""


def download(server: Server, form: str) -> bytes:
    """Return all submissions of a form.

    Parameters
    ----------
    server
        The server, with a token.
    form
        The uid of the asset.

    Returns
    -------
    One JSON document, in the shape of the API's pages: count and results.

    Raises
    ------
    InputError
        The server refuses, or gives other submissions than it says it has.
    """
    path = f"/api/v2/assets/{quote(form, safe='')}/data.json"
    query: dict[str, object] = {"limit": PAGE, "start": 0}
    results: list[Any] = []
    while True:
        count, rows, onward = _page(server, server.get_json(path, query))
        results += rows
        if not onward or not rows or len(results) > count:
            break
        query = dict(parse_qsl(urlsplit(onward).query))  # its query alone: the secret never leaves for another host
    _check_complete(server, results, count)
    return json.dumps({"count": count, "next": None, "previous": None, "results": results}).encode()


def _page(server: Server, page: Any) -> tuple[int, list[Any], str]:
    """Return how many there are in all, those of this page, and where the next page is."""
    match page:
        case {"count": int(count), "results": [*rows], "next": str() | None as onward}:
            return count, rows, onward or ""
    hint = "Check that the server is a KoboToolbox with API v2."
    raise server.error("Its answer is no page of submissions.", hint)


def _check_complete(server: Server, results: list[Any], count: int) -> None:
    ids = {str(row.get("_id", number)) if isinstance(row, dict) else str(number) for number, row in enumerate(results)}
    if len(results) != count or len(ids) != count:
        what = f"It says that the form has {count} submissions, and gave {len(ids)}."
        raise server.error(what, "Somebody may be sending right now: fetch again.")
