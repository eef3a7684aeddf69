"""Files go out through here: written whole under another name, synced, verified and renamed.

A failed run leaves the old one.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from safeaudit.errors import OutputError, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PRIVATE_MODE = 0o600


@contextmanager
def staged(target: Path, *, private: bool = False, verify: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """Give a temporary path to write to; on success it becomes `target`, whole or not at all.

    Parameters
    ----------
    target
        Where the file shall be. Its folder is made.
    private
        Whether only the owner may read it, where the system knows such a thing.
    verify
        Called with the finished temporary file; raises where it is not as it should be.

    Raises
    ------
    OutputError
        It could not be written; an earlier `target` is as it was.
    """
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        if verify is not None:
            verify(temporary)
        _sync(temporary)
        temporary.chmod(PRIVATE_MODE if private else 0o644)
        temporary.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        hint = "Free some space, close the programs that have it open, or choose another folder with --out."
        raise OutputError(f"It could not be written: {error}.", hint=hint, where=Where(str(target))) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_whole(target: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file whose content is at hand; it takes its name once it reads back as it was written.

    Parameters
    ----------
    target, private
        As for `staged`.
    content
        All of it.

    Raises
    ------
    OutputError
        It could not be written, or does not read back; an earlier `target` is as it was.
    """

    def verify(path: Path) -> None:
        if path.read_bytes() != content:
            hint = "Check the disk, or choose another folder with --out."
            raise OutputError("It does not read back as it was written.", hint=hint, where=Where(str(target)))

    with staged(target, private=private, verify=verify) as temporary:
        temporary.write_bytes(content)


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename last. The new file is there already, so a system that cannot is no fault to report."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
