"""`safeaudit forget`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from safeaudit.cli.command import FINE, command, project_folder, read_config, settled_out
from safeaudit.cli.words import print_json

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.forgetting import Forgot

_LINES = 12


@click.command()
@project_folder
@click.option("--id", "ids", multiple=True, help="A form's id, or a submission's.")
@click.option("--auditor", "auditors", multiple=True, help="Who rated, as the file says it, or the pseudonym.")
@click.option("--walk", "walks", multiple=True, help="A walk's name.")
@command
def forget(
    *, folder: Path, ids: tuple[str, ...], auditors: tuple[str, ...], walks: tuple[str, ...], as_json: bool, quiet: bool
) -> int:
    """Forget what people take back: from the next run and release on it counts nowhere."""
    from safeaudit import forgetting

    if not (ids or auditors or walks):
        raise click.UsageError("Say whose: --id, --auditor or --walk.")
    config = read_config(folder)
    settled_out(config)
    forgot = forgetting.forget(config, ids=ids, auditors=auditors, walks=walks)
    if as_json:
        print_json(asdict(forgot))
    else:
        _say(forgot, folder)
    return FINE


def _say(forgot: Forgot, folder: Path) -> None:
    """Say what is forgotten, and what only people can do."""
    for file, rows in forgot.counts.items():
        lines = forgot.lines.get(file, ())
        more = " and more" if len(lines) > _LINES else ""
        where = f" They still stand in the file: lines {', '.join(map(str, lines[:_LINES]))}{more}." if lines else ""
        click.echo(f"{file}: {rows} rows are forgotten.{where}")
    click.echo(f"Outputs made before still hold them. Make them anew: safeaudit run {folder}")
    if forgot.releases:
        made = ", ".join(f"{number} (as of {day})" for number, day in forgot.releases)
        click.echo(f"Releases made with them: {made}. Make the next one, and ask for the copies that were handed on:")
        click.echo(f"  safeaudit publish {folder}")
