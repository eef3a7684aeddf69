"""An error in safeaudit itself: a file to send that holds nothing of the person who ran it."""

from __future__ import annotations

import json
import platform
import sys
import tempfile
import traceback
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

from safeaudit.cli.words import versions
from safeaudit.errors import OutputError
from safeaudit.files.staged import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

FILE_NAME = "safeaudit-error.json"


def write_crash(error: BaseException, command: str) -> Path:
    """Write what somebody needs who is to mend an error, and nothing else.

    Versions, the kind of each exception, and per frame the module, line and function. No message, value or path:
    they hold what a person's files hold. Modules that no installed package brings are left out for the same reason.

    Parameters
    ----------
    error
        The exception, with those that led to it.
    command
        Name of the command, such as run.

    Returns
    -------
    The file: where the person stands, or among temporary files where nothing can be written there.
    """
    known = {*sys.stdlib_module_names, *packages_distributions(), "safeaudit"}
    errors = [{"kind": _kind(one, known), "frames": list(_frames(one, known))} for one in _chain(error)]
    report = {"versions": {**versions(), "system": platform.system()}, "command": command, "errors": errors}
    content = json.dumps(report, indent=1).encode()
    try:
        return _write(Path(), content)
    except OutputError:
        return _write(Path(tempfile.gettempdir()), content)


def _write(folder: Path, content: bytes) -> Path:
    write_whole(folder / FILE_NAME, content)
    return folder / FILE_NAME


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that led to it, as a traceback shows them."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind(error: BaseException, known: Iterable[str]) -> str:
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}" if _is_known(kind.__module__, known) else "another"


def _frames(error: BaseException, known: Iterable[str]) -> Iterator[dict[str, object]]:
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = _module(frame)
        if _is_known(module, known):
            yield {"module": module, "line": line, "function": frame.f_code.co_name}


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_known(module: str, known: Iterable[str]) -> bool:
    return module.partition(".")[0] in known
