"""All files of one run, or none of them: written aside, then given their names together.

A journal names the renames before the first of them is made, so that whoever comes next can finish what a killed run
began. Without a journal, what lies aside was never meant to be seen, and goes.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from safeaudit.errors import OutputError, Where
from safeaudit.files.staged import sync_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

JOURNAL = ".safeaudit-journal.json"
ASIDE = ".safeaudit-aside-"
SIDE_FILES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database: left there, it would be applied to the one that takes its name."""

_PATIENCE_S = 120.0
_PAUSE_S = 0.1
_CLOSE = "Close the programs that have it open, and run this again."


@contextmanager
def together(out: Path, *, whole: Sequence[str] = ()) -> Iterator[Path]:
    """Give an empty folder to write a run's files to; on success all of them take their places in `out`, or none.

    Parameters
    ----------
    out
        Folder of the outputs; it is made. What an earlier run left undone there is settled first.
    whole
        Folders below `out`, as "private/rejected", that hold nothing but what this run writes: the rest goes.

    Raises
    ------
    OutputError
        They could not be written, another program has one of them open, or another run is writing there.

    Examples
    --------
    >>> with together(Path("out")) as aside:
    ...     _ = (aside / "run.json").write_text("{}")
    >>> sorted(path.name for path in Path("out").iterdir())
    ['run.json']
    """
    with _told_of(out):
        out.mkdir(parents=True, exist_ok=True)
        with hold(out):
            _settle(out)
            aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=out))
            try:
                yield aside
                _give_names(out, aside, whole)
            except OutputError as error:
                raise _named_as_meant(error, out, aside) from error
            finally:
                if not (out / JOURNAL).exists():
                    shutil.rmtree(aside, ignore_errors=True)


def settle(out: Path) -> None:
    """Finish, or clear away, what a run that was killed left undone.

    Parameters
    ----------
    out
        Folder of outputs; it need not exist.

    Raises
    ------
    OutputError
        It could not be finished: another program has one of the files open.
    """
    if not out.is_dir() or not any(out.glob("*.safeaudit-*")):
        return
    with _told_of(out):
        if (handle := _lock(out)) is None:
            return  # whoever writes there is alive
        try:
            _settle(out)
        finally:
            os.close(handle)


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Let nobody else in until this is done; whoever waits too long is told so. A killed process lets go.

    Parameters
    ----------
    folder
        An existing folder.

    Raises
    ------
    OutputError
        Somebody else held it for two minutes, or there is no such folder.
    """
    until = time.monotonic() + _PATIENCE_S
    with _told_of(folder):
        while (handle := _lock(folder)) is None:
            if time.monotonic() > until:
                hint = "Wait until it is done, or choose another folder with --out."
                raise OutputError("Another run is writing there.", hint=hint, where=Where(str(folder)))
            time.sleep(_PAUSE_S)
    try:
        yield
    finally:
        os.close(handle)


def _named_as_meant(error: OutputError, out: Path, aside: Path) -> OutputError:
    """Return an error that speaks of the file by the name it would have had."""
    where = error.where and Where(error.where.file.replace(str(aside), str(out)))
    return OutputError(error.what.replace(str(aside), str(out)), hint=error.hint, where=where)


def _lock(folder: Path) -> int | None:
    """Return a handle that holds the folder until it is closed; None where somebody else does."""
    if sys.platform == "win32":  # a folder cannot be locked, but a file that goes with its process can
        try:
            return os.open(folder / f"{ASIDE}lock", os.O_CREAT | os.O_EXCL | os.O_TEMPORARY)
        except FileExistsError:
            return None
    import fcntl  # noqa: PLC0415 - not there on Windows

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _give_names(out: Path, aside: Path, whole: Sequence[str]) -> None:
    files = sorted(path.relative_to(aside).as_posix() for path in aside.rglob("*") if path.is_file())
    there = {
        path.relative_to(out).as_posix() for folder in whole for path in (out / folder).glob("*") if path.is_file()
    }
    for name in files:
        _refuse_open(out / name)
    journal = {"aside": aside.name, "files": files, "gone": sorted(there - set(files))}
    write_whole(out / JOURNAL, json.dumps(journal).encode(errors="backslashreplace"))
    _finish(out)


def _settle(out: Path) -> None:
    if (out / JOURNAL).exists():
        _finish(out)
    for left in out.glob(f"{ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)
    for begun in out.glob(f".{Path(JOURNAL).stem}-*"):  # a journal that never got its name
        begun.unlink(missing_ok=True)


def _finish(out: Path) -> None:
    """Make the renames that the journal names; those that were made before are no longer aside."""
    journal = _read_journal(out / JOURNAL)
    folders = {out}
    for name in journal["files"]:
        source, target = out / journal["aside"][0] / name, out / name
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _clear_side_files(target)
            source.replace(target)
            folders.add(target.parent)
    for name in journal["gone"]:
        (out / name).unlink(missing_ok=True)
    for folder in sorted(folders):
        sync_folder(folder)
    (out / JOURNAL).unlink()


def _read_journal(path: Path) -> dict[str, list[str]]:
    """Return the names in a journal, none of which may lead out of its folder; nothing where it is damaged."""
    try:
        held = json.loads(path.read_bytes())
        found = {"aside": [str(held["aside"])], "files": list(held["files"]), "gone": list(held["gone"])}
        if all(_is_inside(name) for names in found.values() for name in names):
            return found
    except (ValueError, KeyError, TypeError):
        pass
    return {"aside": [ASIDE], "files": [], "gone": []}


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name)
    return not parts.is_absolute() and ".." not in parts.parts and "\\" not in name and ":" not in name


def _refuse_open(target: Path) -> None:
    """Refuse to write over what another program has open, before the first file takes its name."""
    if not target.exists():
        return
    with target.open("rb+"):  # where the system locks what is open, this is refused
        pass
    if target.suffix == ".gpkg":
        with closing(sqlite3.connect(f"file:{quote(str(target))}?mode=rw", uri=True, timeout=0)) as connection:
            try:
                # In this mode SQLite wants the file for itself, against readers as well as writers.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    what = "Another program, such as QGIS, is working in it."
                    raise OutputError(what, hint=_CLOSE, where=Where(str(target))) from error
            except sqlite3.DatabaseError:
                return  # damaged, so nobody works in it


def _clear_side_files(target: Path) -> None:
    """Remove what a dead program left beside a database that is replaced."""
    if target.suffix == ".gpkg":
        for end in SIDE_FILES:
            target.with_name(target.name + end).unlink(missing_ok=True)


@contextmanager
def _told_of(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "Free some space, close the programs that have it open, or choose another folder with --out."
        raise OutputError(f"It could not be written: {error}.", hint=hint, where=Where(str(out))) from error
