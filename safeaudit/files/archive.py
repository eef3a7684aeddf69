"""Zip archives: refused by their directory, before anything is unpacked; then unpacked within what it said."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from safeaudit.errors import InputError, Where
from safeaudit.files.admit import MAX_RATIO, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from safeaudit.files.admit import Admitted

MAX_ENTRIES = 1_000
MAX_BYTES = 512 * 1024**2
_FREE_BYTES = 16 * 1024**2
_PACKED = (".zip", ".kmz", ".xlsx", ".gz", ".bz2", ".7z", ".rar")


def unpacked(
    file: Admitted, check: Callable[[Mapping[str, int]], None], wanted: Callable[[str], bool]
) -> dict[str, bytes]:
    """Unpack entries of a zip archive into memory.

    Parameters
    ----------
    file
        The archive.
    check
        Takes the names of its entries with their sizes, bytes; raises where it is no such archive.
    wanted
        Takes a name; says whether that entry is unpacked.

    Returns
    -------
    The bytes of each wanted entry by its name.

    Raises
    ------
    InputError
        It is damaged or encrypted, or its directory says that it holds too much, or names that lead elsewhere.
    """
    try:
        with opened(file) as stream, zipfile.ZipFile(_whole(stream, file)) as archive:
            entries = archive.infolist()
            _check_directory(entries, file)
            check({entry.filename: entry.file_size for entry in entries})
            return {entry.filename: _read(archive, entry) for entry in entries if wanted(entry.filename)}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        struct.error,
    ) as error:
        what = f"It is a damaged or locked archive: {error}."
        raise InputError(what, hint="Copy or download it once more.", where=Where(file.name)) from error


def packed(entries: dict[str, bytes]) -> io.BytesIO:
    """Put entries into an archive again, as they are: who reads it can unpack no more than was checked."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    stream.seek(0)
    return stream


def _whole(stream: BinaryIO, file: Admitted) -> io.BytesIO:
    """Return all bytes of the archive: its directory stands at their end."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        hint = "Export it as CSV or GeoPackage, which have no such limit."
        raise InputError(f"It is larger than {MAX_BYTES} bytes.", hint=hint, where=Where(file.name))
    return io.BytesIO(content)


def _check_directory(entries: list[zipfile.ZipInfo], file: Admitted) -> None:
    """Refuse an archive by what its directory says."""
    where, total = Where(file.name), sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        what = f"It is an archive of {len(entries)} files; at most {MAX_ENTRIES} are read."
        raise InputError(what, hint="Unpack it yourself and look at it first.", where=where)
    if total > min(MAX_BYTES, max(_FREE_BYTES, MAX_RATIO * file.size)):
        what = f"It would unpack to {total} bytes, {total // max(file.size, 1)} times its size."
        raise InputError(what, hint="Unpack it yourself and look at it first.", where=where)
    for entry in entries:
        if entry.filename.startswith(("/", "\\")) or ".." in entry.filename or ":" in entry.filename:
            what = f'It holds a file whose name leads elsewhere: "{entry.filename}".'
            raise InputError(what, hint="Do not open it; ask where it comes from.", where=where)
        if entry.filename.lower().endswith(_PACKED) and "/embeddings/" not in entry.filename:
            what = f'It is an archive that holds another one: "{entry.filename}".'
            raise InputError(what, hint="Unpack it yourself, and name the file inside.", where=where)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Unpack one entry; zipfile gives no more than the directory says, and then compares the checksum."""
    with archive.open(entry) as stream:
        return stream.read(entry.file_size)
