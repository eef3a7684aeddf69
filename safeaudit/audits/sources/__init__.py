"""Containers: each reads the cells of one format, with their line numbers; what they mean is not decided here."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.errors import InputError, Where
from safeaudit.files.spreadsheet_text import unprotect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safeaudit.audits.cells import Cells
    from safeaudit.config import AuditSettings
    from safeaudit.files.admit import Admitted

READERS: Mapping[str, str] = {
    "text": "delimited",
    "zip": "sheets",
    "json": "geojson",
    "xml": "gpx",
    "gpkg": "geopackage",
}
"""What a file is by its content -> the file here whose `read` reads its cells; loaded when it is needed."""
_SUBMISSIONS = re.compile(rb'(\xef\xbb\xbf)?\s*(\[\s*[{\]]|\{\s*"count"\s*:)')
"""How a list of submissions begins, or a page of an API that holds one, and no GeoJSON does."""

_REFUSALS = {
    "empty": ("This file is empty.", "Export or copy it once more."),
    "html": ("This is an HTML page, probably a log-in page.", "Log in, and download the export once more."),
}
_OTHER = ("This is no table of audits.", "Export the audits as CSV, XLSX, GeoJSON or GeoPackage.")


def read(file: Admitted, settings: AuditSettings) -> Iterator[Cells]:
    """Read the cells of an audit file, a chunk of records at a time.

    Parameters
    ----------
    file
        The file, as `files.admit` found it.
    settings
        What the TOML says of it: encoding and delimiter of a text matter here, and which columns it names.

    Yields
    ------
    Its records as text, in the order of the file, with what could not be read as a record. A file
    with a header and nothing else gives one chunk without records.

    Raises
    ------
    InputError
        The file cannot be read at all; the sentence says what it really is.
    """
    if file.kind not in READERS:
        what, hint = _REFUSALS.get(file.kind, _OTHER)
        raise InputError(what, hint=hint, where=Where(file.name))
    of_api = file.kind == "json" and _SUBMISSIONS.match(file.head)
    reader = "submissions" if of_api else READERS[file.kind]
    for cells in import_module(f"safeaudit.audits.sources.{reader}").read(file, settings):
        yield replace(_unprotected(cells) if settings.mends else cells, sha256=file.sha256)


def _unprotected(cells: Cells) -> Cells:
    """Return rows that safeaudit wrote for a spreadsheet without the apostrophes it put there."""
    columns = [np.array(list(map(unprotect, column)), dtype=object) for column in cells.columns]
    return replace(cells, header=tuple(map(unprotect, cells.header)), columns=columns)
