"""What a file says, whatever it is packed in."""

from __future__ import annotations

import base64
import gzip
import re
import sqlite3
import zipfile
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def everything_in(file: Path) -> str:
    """Return all that a file says, unpacked: text, blocks of base64, pages of a database, parts of a workbook."""
    parts = [file.read_bytes()]
    if file.suffix == ".gpkg":
        with closing(sqlite3.connect(file)) as connection:
            parts.append("\n".join(connection.iterdump()).encode("utf-8", "replace"))
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    for block in re.findall(rb"[A-Za-z0-9+/]{200,}={0,2}", parts[0]):
        packed = base64.b64decode(block + b"=" * (-len(block) % 4))
        parts.append(packed)
        for unpack in (gzip.decompress, zlib.decompress, lambda data: zlib.decompress(data, -15)):
            try:
                parts.append(unpack(packed))
            except (OSError, zlib.error, EOFError):
                continue
    return "\n".join(part.decode("utf-8", "replace") for part in parts)
