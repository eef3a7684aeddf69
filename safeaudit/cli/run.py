"""`safeaudit check` and `safeaudit run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from safeaudit.cli.command import REFUSED, command, exit_code, out_folder, project_folder, read_config
from safeaudit.cli.words import counts_as_json, print_json, say_counts, teller

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.command()
@project_folder
@out_folder
@click.option("--quick", is_flag=True, help="Leave evidence and agreement out.")
@command
def run(*, folder: Path, out: Path | None, quick: bool, as_json: bool, quiet: bool) -> int:
    """Do everything: read, match, score, and write the outputs."""
    from safeaudit import pipeline

    config = read_config(folder)
    result = pipeline.run(config, quick=quick, tell=teller(quiet=quiet))
    teller(quiet=quiet)("Writing")
    changed: list[str] = []
    paths = pipeline.write(result, config, out or Path("maps") / config.city.slug, tell=changed.append)
    counts = result.audits.counts
    scored = pipeline.say_used(result, config)
    if as_json:
        files = {name: str(path) for name, path in paths.items()}
        words = {"warnings": list(result.warnings), "scored": scored}
        document = {"outputs": files, "files": counts_as_json(counts), **words}
        print_json({**document, "changed": changed} if changed else document)
    else:
        say_counts(counts, result.warnings, quiet=quiet)
        for sentence in (scored, *changed):
            click.echo(sentence)
        click.echo(f"Public map:       {paths['map']}")
        click.echo(f"Planning office:  {paths['planning']}")
        click.echo(f"Private:          {paths['result'].parent}")
    return exit_code(counts, config)


@click.command()
@project_folder
@command
def check(*, folder: Path, as_json: bool, quiet: bool) -> int:
    """Name every problem of settings and data in words; compute nothing."""
    from safeaudit import pipeline

    config = read_config(folder)
    checked = pipeline.check(config)
    places = checked.places
    if as_json:
        sizes = {name: len(getattr(places, name)) for name in ("segments", "spaces", "stops")}
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
    click.echo(f"Places: {len(places.segments)} segments, {len(places.spaces)} spaces, {len(places.stops)} stops.")
    say_counts(checked.counts, checked.warnings, quiet=quiet)
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
