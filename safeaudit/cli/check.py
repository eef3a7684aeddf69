"""`safeaudit check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from safeaudit.cli.command import REFUSED, command, exit_code, project_folder, read_config, settled_out
from safeaudit.cli.words import counts_as_json, print_json, say_counts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@click.command()
@project_folder
@command
def check(*, folder: Path, as_json: bool, quiet: bool) -> int:
    """Name every problem of settings and data in words; compute nothing."""
    from safeaudit import pipeline

    config = read_config(folder, make_key=False)
    settled_out(config)
    checked = pipeline.check(config)
    sizes = {name: len(getattr(checked.places, name)) for name in ("segments", "spaces", "stops")}
    if as_json:
        refused = [str(error) for error in checked.refused]
        warnings = list(checked.warnings)
        document = {
            "files": counts_as_json(checked.counts),
            "reasons": _reasons_as_json(checked.reasons),
            "refused": refused,
            "places": sizes,
            "warnings": warnings,
            "scored": checked.scored,
        }
        print_json(document)
        return REFUSED if refused else exit_code(checked.counts, config)
    click.echo(config.language.say("console.places", **sizes))
    say_counts(checked.counts, checked.warnings, config.language, quiet=quiet)
    click.echo(checked.scored)
    for line in _reasons(checked.reasons):
        click.echo(line)
    for error in checked.refused:
        click.echo(f"safeaudit: {error}", err=True)
    return REFUSED if checked.refused else exit_code(checked.counts, config)


def _reasons_as_json(reasons: Any) -> list[dict[str, Any]]:
    """Return the reasons for rejection with their counts and the first example of each, for a JSON document."""
    return [
        {"code": r.code, "rows": int(r.rows), "file": r.file, "line": int(r.line), "message": r.message}
        for r in reasons.itertuples()
    ]


def _reasons(reasons: Any) -> Iterable[str]:
    """Yield the reasons for rejection by count, with the first example of each."""
    for first in reasons.itertuples():
        yield f"{first.rows} x {first.code}, first in {first.file} line {first.line}: {first.message}"
