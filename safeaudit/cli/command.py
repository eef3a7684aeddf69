"""What all commands have in common: their options, their exit codes, and errors as sentences."""

from __future__ import annotations

import errno
import sys
import traceback
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from safeaudit.errors import SafeauditError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from safeaudit.config import AuditConfig
    from safeaudit.tables import FileCount


FINE, OVER_LIMIT, REFUSED, BROKEN, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: all is well; finished, with more rejected rows than the limit; an input was refused; an error in
safeaudit itself; a person stopped it, as shells say it."""

_CLICKS_OWN = (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError, SystemExit)
_OF_THE_SYSTEM = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOMEM,
    errno.EMFILE,
    errno.EIO,
}
"""What goes wrong outside of safeaudit: the disk, its rights, memory."""


def command(function: Callable[..., int]) -> Callable[..., None]:
    """Give a command the common options, and turn errors into a sentence and an exit code."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @click.option("--quiet", is_flag=True, help="No progress and no warnings.")
    @click.option("--debug", is_flag=True, help="Show where in the program an error arose.")
    @wraps(function)
    def command(*, debug: bool, **options: Any) -> None:
        try:
            code = function(**options)
        except _CLICKS_OWN:
            raise
        except KeyboardInterrupt:
            click.echo("Stopped. What an earlier run wrote is as it was.", err=True)
            code = INTERRUPTED
        except BaseException as error:  # noqa: BLE001 - what nobody foresaw is told of as well, panics of Rust among it
            if debug:
                traceback.print_exc()
            code = _say_error(error, function.__name__)
        sys.exit(code)

    return command


def _say_error(error: BaseException, name: str) -> int:
    """Say what is wrong, or what to send where safeaudit itself is wrong; return the exit code."""
    said = _sentence(error)
    if said:
        click.echo(f"safeaudit: {said}", err=True)
        return REFUSED
    from safeaudit.cli.crash import write_crash

    what = "This is an error in safeaudit itself, not in your files."
    holds = "it holds versions, lines of the program and kinds of errors, and nothing of your files."
    click.echo(f"safeaudit: {what} Send {write_crash(error, name)} to whoever looks after it: {holds}", err=True)
    return BROKEN


def _sentence(error: BaseException) -> str:
    """Return what a person can act on; empty where only whoever looks after safeaudit can."""
    if isinstance(error, SafeauditError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory. Close other programs, or take a smaller extract."
    if isinstance(error, OSError) and error.errno in _OF_THE_SYSTEM:
        return (
            f"{error.filename or 'The system'}: {error.strerror}. Free some space, or ask who may read and write there."
        )
    return ""


project_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


a_file = click.Path(path_type=Path)


out_folder = click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the outputs.  [default: maps/CITY]"
)


def read_config(folder: Path, *, make_key: bool = True) -> AuditConfig:
    """Read the settings of a project."""
    from safeaudit.config import load_config

    return load_config(folder, make_key=make_key)


def settled_out(config: AuditConfig, out: Path | None = None) -> Path:
    """Return the folder for the outputs, where what a killed run left undone is finished or cleared away."""
    from safeaudit.files.together import settle

    where = out or Path("maps") / config.city.slug
    settle(where)
    return where


def exit_code(counts: Iterable[FileCount], config: AuditConfig) -> int:
    """Return the exit code: whether more rows were rejected than the settings bear."""
    counts = list(counts)
    read = sum(count.read - count.replaced for count in counts)
    rejected = sum(count.rejected for count in counts)
    return OVER_LIMIT if rejected > config.check.max_rejected_share * read else FINE
