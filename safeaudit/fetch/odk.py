"""ODK Central: a form's submissions as its own CSV files, one for each repeat. Attachments are never asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.files.archive import unpacked

if TYPE_CHECKING:
    from safeaudit.fetch.servers import Server

_PARENT = b"PARENT_KEY"


def log_in(server: Server, user: str, password: str) -> str:
    """Return a token for a day.

    Parameters
    ----------
    server
        The server, without a token.
    user, password
        Who asks.

    Raises
    ------
    InputError
        The server refuses.
    """
    match server.post_json("/v1/sessions", {"email": user, "password": password}):
        case {"token": str(token)}:
            return token
    raise server.error("It gives no token.", "Check that the server is an ODK Central.")


def download(server: Server, project: int, form: str) -> dict[str, bytes]:
    """Return all submissions of a form.

    Parameters
    ----------
    server
        The server, with a token.
    project
        Number of the project.
    form
        The form's id.

    Returns
    -------
    CSV by the name of the repeat that it holds; that of the form itself has the empty name.

    Raises
    ------
    InputError
        The server refuses, or what it gives is no such archive.
    """
    path = f"/v1/projects/{project}/forms/{quote(form, safe='')}/submissions.csv.zip"
    tables = _tables(server, server.get(path, {"attachments": "false"}))
    own = [name for name, content in tables.items() if _PARENT not in content.partition(b"\n")[0]]
    if len(own) != 1:
        what = f"Its archive holds {len(own)} files that could be the form's own."
        raise server.error(what, "Export the form as CSV, and name that file.")
    stem = own[0].removesuffix(".csv")
    return {name.removesuffix(".csv").removeprefix(stem).lstrip("-"): content for name, content in tables.items()}


def _tables(server: Server, archive: bytes) -> dict[str, bytes]:
    """Unpack the CSV files of an archive, in memory and within limits."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "submissions.csv.zip"
        path.write_bytes(archive)
        file = admit(path)
        if file.kind != "zip":
            raise server.error("Its answer is no archive of CSV files.", "Check server, project and form.")
        try:
            return unpacked(file, lambda _: None, lambda name: name.endswith(".csv") and "/" not in name)
        except InputError as error:
            raise server.error(error.what, "Fetch once more, or export the form as CSV.") from error
