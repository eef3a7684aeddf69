"""GPX: where and when, and no ratings. Each point is told and rejected; KML and other XML are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

import numpy as np

from safeaudit.audits.cells import Cells
from safeaudit.audits.sources.records import reject, rejected_table
from safeaudit.errors import InputError, Where
from safeaudit.files.admit import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safeaudit.config import AuditSettings
    from safeaudit.files.admit import Admitted

MAX_BYTES = 256 * 1024**2
MAX_DEPTH = 64
_POINTS = {"wpt", "rtept", "trkpt"}
_PARTS = {"time", "name", "desc", "cmt"}
_POLE, _DATE_LINE = 90.0, 180.0
_BLOCK_BYTES = 1024 * 1024
_NO_RATINGS = "GPX holds where and when, no ratings: name the form's export too, which has them."
_ROOTS = {
    "kml": ("This is KML: places without ratings.", "Export the audits as CSV, XLSX or GeoJSON."),
    "osm": ("This is an OpenStreetMap extract, no audits.", 'Name it under [places]: osm = "...".'),
}
_OTHER = ("This is XML, but no GPX.", "Export the audits as CSV, XLSX or GeoJSON.")


def read(file: Admitted, settings: AuditSettings) -> Iterator[Cells]:  # noqa: ARG001 - every reader takes the settings
    """Read the points of a GPX file; see `sources.read`. They hold no ratings, so all are rejected."""
    points = _Points(file.name)
    with opened(file) as stream:
        points.parse(stream)
    yield Cells(
        file=file.name,
        header=(),
        lines=np.empty(0, dtype=np.int64),
        columns=(),
        rejected=rejected_table(file.name, points.rejected),
        remarks=(_NO_RATINGS,) if points.rejected else ("It holds no points.",),
    )


class _Points:
    """Gathers points while the file is read: none of its entities is followed, nothing is mended."""

    def __init__(self, file: str) -> None:
        self.rejected: list[tuple[int, str, str, str]] = []
        self._file = file
        self._path: list[str] = []
        self._point: dict[str, str] = {}
        self._line = 1
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def parse(self, stream: BinaryIO) -> None:
        """Read the whole file."""
        size = 0
        try:
            while block := stream.read(_BLOCK_BYTES):
                size += len(block)
                if size > MAX_BYTES:
                    raise self._refusal(f"It is larger than {MAX_BYTES} bytes.", "Cut it to single walks.")
                self._parser.Parse(block, False)  # noqa: FBT003 - expat takes no keywords
            self._parser.Parse(b"", True)  # noqa: FBT003 - the same
        except expat.ExpatError as error:
            raise self._refusal(f"It is cut or damaged: {error}.", "Export or copy it once more.") from error
        except (LookupError, ValueError) as error:  # expat asks Python for encodings that it does not know itself
            raise self._refusal(f"Its encoding cannot be read: {error}.", "Save it as UTF-8.") from error

    def _refusal(self, what: str, hint: str) -> InputError:
        return InputError(what, hint=hint, where=Where(self._file, self._parser.CurrentLineNumber))

    def _doctype(self, *_: object) -> None:
        raise self._refusal("It declares a document type or entities, which are not allowed.", "Export it once more.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if not self._path and name != "gpx":
            raise self._refusal(*_ROOTS.get(name, _OTHER))
        self._path.append(name)
        if len(self._path) > MAX_DEPTH:
            raise self._refusal(f"Its elements stand more than {MAX_DEPTH} deep.", "Export it once more.")
        if name in _POINTS:
            self._line = self._parser.CurrentLineNumber
            self._point = {"lat": attributes.get("lat", ""), "lon": attributes.get("lon", "")}

    def _text(self, text: str) -> None:
        if len(self._path) > 1 and self._path[-2] in _POINTS and self._path[-1] in _PARTS:
            self._point[self._path[-1]] = self._point.get(self._path[-1], "") + text

    def _end(self, tag: str) -> None:
        self._path.pop()
        if tag.rpartition(" ")[2] in _POINTS:
            code, sentence = "NO_ANSWER", "Nothing was rated here: GPX holds where and when, no ratings."
            if not (_is_degrees(self._point["lat"], _POLE) and _is_degrees(self._point["lon"], _DATE_LINE)):
                code, sentence = "COORD_FORMAT", "This point has no latitude and longitude in degrees."
            self.rejected.append(reject(self._file, self._line, code, sentence, list(self._point.values())))


def _is_degrees(text: str, limit: float) -> bool:
    try:
        return abs(float(text)) <= limit  # NaN is not
    except ValueError:
        return False
