"""`safeaudit weights`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from safeaudit.cli.command import command, exit_code, project_folder, read_config
from safeaudit.cli.words import print_json

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.languages import Language
    from safeaudit.score.feeling_weights import FeelingWeights


@click.command()
@project_folder
@command
def weights(*, folder: Path, as_json: bool, quiet: bool) -> int:
    """Tell what weights feeling after dark would give the indicators; nothing is changed."""
    from safeaudit import pipeline
    from safeaudit.contributors import of_round, rounds
    from safeaudit.score.feeling_weights import weigh_by_feeling

    config = read_config(folder)
    result = pipeline.run(config, quick=True)
    latest = next(reversed(rounds(result.audits.submissions)), None)
    name = latest if config.score.campaign is None else config.score.campaign
    found = weigh_by_feeling(of_round(result.audits, name), result.rubric)
    if as_json:
        rows = found.weights.to_dict("records")
        print_json({"round": name, "forms": found.forms, "people": found.people, "weights": rows})
    else:
        _say(found, config.language, quiet=quiet)
    return exit_code(result.audits.counts, config)


def _say(found: FeelingWeights, language: Language, *, quiet: bool) -> None:
    """Print the weights with their intervals, and as settings."""
    rows = list(found.weights.itertuples(index=False))
    if not quiet:
        click.echo(language.say("console.weights", forms=f"{found.forms:,}", people=found.people))
        widest = max(len(row.indicator) for row in rows)
        for row in rows:
            weight, low, high = (f"{value:.2f}" for value in (row.weight, row.low, row.high))
            between = language.say("console.between", value=weight, low=low, high=high)
            click.echo(f"  {row.indicator:{widest}}  {between}")
        click.echo(language["console.weights.no_proof"])
    click.echo(f"weights = {{ {', '.join(f'{row.indicator} = {max(row.weight, 0.0)}' for row in rows)} }}")
