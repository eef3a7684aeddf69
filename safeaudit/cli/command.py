"""What all commands have in common: their options, their exit codes, and errors as sentences."""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from safeaudit.errors import SafeauditError
from safeaudit.files.gdal import restrict_gdal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from safeaudit.config import AuditConfig
    from safeaudit.tables import FileCount


FINE, OVER_LIMIT, REFUSED = 0, 1, 2
"""Exit codes: all is well; finished, with more rejected rows than the limit; an input was refused."""


_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3


_LARGE_BYTES = 1024**2


def _be_lean() -> None:
    """Set the process up for one short command.

    It makes few reference cycles: looking for them takes a tenth of its time. Its threads only read an
    extract: a heap for each of them, as glibc gives, takes 7 MB more than one for all. Large arrays go back to
    the system when they are done with: left to itself glibc would come to keep them, 2 MB in all.
    """
    gc.disable()
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # other C libraries know no mallopt
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def command(function: Callable[..., int]) -> Callable[..., None]:
    """Give a command the common options, and turn errors into a sentence and an exit code."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @click.option("--quiet", is_flag=True, help="No progress and no warnings.")
    @click.option("--debug", is_flag=True, help="Show where in the program an error arose.")
    @wraps(function)
    def command(*, debug: bool, **options: Any) -> None:
        restrict_gdal()
        _be_lean()
        try:
            sys.exit(function(**options))
        except SafeauditError as error:
            if debug:
                raise
            click.echo(f"safeaudit: {error}", err=True)
            sys.exit(REFUSED)

    return command


project_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


a_file = click.Path(path_type=Path)


out_folder = click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the outputs.  [default: maps/CITY]"
)


def read_config(folder: Path) -> AuditConfig:
    """Read the settings of a project."""
    from safeaudit.config import load_config

    return load_config(folder)


def exit_code(counts: Iterable[FileCount], config: AuditConfig) -> int:
    """Return the exit code: whether more rows were rejected than the settings bear."""
    counts = list(counts)
    read = sum(count.read for count in counts)
    rejected = sum(count.rejected for count in counts)
    return OVER_LIMIT if rejected > config.check.max_rejected_share * read else FINE
