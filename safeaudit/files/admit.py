"""Files come in through here, and nothing else opens them: regular files of known kind and bounded size."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import os
import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - a field's type, which `typing.get_type_hints` reads
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from safeaudit.errors import InputError, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

Kind = Literal["pbf", "xml", "json", "gpkg", "fgb", "sqlite", "zip", "html", "tiff", "text", "empty"]
Packing = Literal["", "gzip", "bzip2"]

MAX_BYTES = 20 * 1024**3
MAX_SMALL_BYTES = 16 * 1024**2
MAX_RATIO = 100
_HEAD_BYTES = 4096
_BLOCK_BYTES = 1024 * 1024
_UNPACKED_FREE_BYTES = 16 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A file that may be read: what it is by its content, not by its name.

    Attributes
    ----------
    path
        Where it lies, absolute.
    kind
        What its content is.
    packing
        How that content is packed, empty where it is not.
    size
        Bytes on disk.
    sha256
        Hash of the bytes on disk, hexadecimal.
    head
        The first bytes of its content, unpacked.
    """

    path: Path
    kind: Kind
    packing: Packing
    size: int
    sha256: str
    head: bytes = b""

    @property
    def name(self) -> str:
        """File name, for people."""
        return self.path.name


def admit(path: Path) -> Admitted:
    """Look at a file before anything else reads it.

    Parameters
    ----------
    path
        A path on this machine; never a URL.

    Returns
    -------
    The file with its kind, size and hash.

    Raises
    ------
    InputError
        There is no such regular file, it may not be read, or it is too large.
    """
    if not os.path.isfile(path):  # noqa: PTH113 - of a name that is too long this says no, and Path fails
        known = "It is a folder." if os.path.isdir(path) else "There is no such file."  # noqa: PTH112 - the same
        raise InputError(known, hint="Check the path in safeaudit.toml.", where=Where(str(path)))
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"{size} bytes are too many.", hint="Cut it to the city.", where=Where(path.name))
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"It cannot be read: {error}.", hint="Check who may read it.", where=Where(path.name)
        ) from error
    packing = _packing(head)
    if packing:
        head = _unpacked_head(path, packing)
    kind = _kind(head)
    if kind in ("gpkg", "sqlite"):
        _refuse_unfinished(path)
    return Admitted(path=path.resolve(), kind=kind, packing=packing, size=size, sha256=digest, head=head)


def read_small(path: Path) -> bytes:
    """Read a file of a project's own, such as its settings, its key or its words.

    Parameters
    ----------
    path
        Where it lies.

    Raises
    ------
    InputError
        It is a pipe, a device or a folder, or larger than any such file.
    OSError
        There is none, or it may not be read.
    """
    if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113 - as in `admit`
        raise InputError("This is no file.", hint="Move it away, and put the file there.", where=Where(str(path)))
    with path.open("rb") as stream:
        content = stream.read(MAX_SMALL_BYTES + 1)
    if len(content) > MAX_SMALL_BYTES:
        what = f"It is larger than {MAX_SMALL_BYTES} bytes."
        raise InputError(what, hint="It is not what its name says: look into it.", where=Where(str(path)))
    return content


def _refuse_unfinished(path: Path) -> None:
    """Refuse a database whose newest rows still stand in a file beside it: reading it alone would lose them."""
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.is_file() and beside.stat().st_size:
            what = f"It is open in a program, or was not closed: what was written last still stands in {beside.name}."
            hint = "Close it there, or open both once in QGIS and close it again; then copy it anew."
            raise InputError(what, hint=hint, where=Where(path.name))


@contextmanager
def opened(file: Admitted) -> Iterator[BinaryIO]:
    """Open the content of a file for reading, unpacked on the fly and within limits.

    Raises
    ------
    InputError
        Its packing is damaged or cut, or it unpacks to more than `MAX_RATIO` times its size.
    """
    limit = max(_UNPACKED_FREE_BYTES, file.size * MAX_RATIO) if file.packing else file.size
    try:
        with _raw(file.path, file.packing) as stream:
            yield io.BufferedReader(_Bounded(stream, limit, file.name), _BLOCK_BYTES)
    except (EOFError, OSError, zlib.error) as error:
        hint = "Copy or download it once more."
        raise InputError(
            f"Its {file.packing} packing is damaged: {error}.", hint=hint, where=Where(file.name)
        ) from error


def _packing(head: bytes) -> Packing:
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    return "bzip2" if head.startswith(b"BZh") else ""


def _raw(path: Path, packing: Packing) -> BinaryIO:
    if packing == "gzip":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return cast("BinaryIO", bz2.open(path, "rb")) if packing == "bzip2" else path.open("rb")


def _unpacked_head(path: Path, packing: Packing) -> bytes:
    try:
        with _raw(path, packing) as stream:
            return stream.read(_HEAD_BYTES)
    except (EOFError, OSError, zlib.error) as error:
        hint = "Copy or download it once more."
        raise InputError(f"Its {packing} packing is damaged: {error}.", hint=hint, where=Where(path.name)) from error


_MAGIC: tuple[tuple[int, bytes, Kind], ...] = (
    (4, b"\n\x09OSMHeader", "pbf"),
    (0, b"fgb\x03fgb", "fgb"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"II*\x00", "tiff"),
    (0, b"MM\x00*", "tiff"),
    (0, b"II+\x00", "tiff"),
    (0, b"MM\x00+", "tiff"),
)


_SQLITE = b"SQLite format 3\x00"
_GPKG = frozenset({b"GPKG", b"GP10", b"GP11"})
"""What stands at byte 68 of a GeoPackage."""

_HTML = re.compile(rb"(<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(!doctype\s+html|html)\b", re.DOTALL)


def _kind(head: bytes) -> Kind:
    """Tell what a file is by its first bytes."""
    for offset, magic, kind in _MAGIC:
        if head.startswith(magic, offset):
            return kind
    if head.startswith(_SQLITE):
        return "gpkg" if head[68:72] in _GPKG else "sqlite"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not text:
        return "empty"
    if text.startswith((b"{", b"[")):
        return "json"
    if text.startswith(b"<"):
        return "html" if _HTML.match(text) else "xml"
    return "text"


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than a number of bytes."""

    def __init__(self, stream: BinaryIO, limit: int, name: str) -> None:
        self._stream = cast("io.BufferedIOBase", stream)
        self._left = limit
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        n = self._stream.readinto(buffer)
        self._left -= n
        if self._left < 0:
            what = f"It unpacks to more than {MAX_RATIO} times its size."
            raise InputError(what, hint="Unpack it yourself and look at it first.", where=Where(self._name))
        return n
