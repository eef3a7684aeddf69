"""`safeaudit weights`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from safeaudit.cli.command import command, exit_code, project_folder, read_config
from safeaudit.cli.words import print_json

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.score.feeling_weights import FeelingWeights

_NO_PROOF = (
    "It is no proof of what makes people feel so: who feels unsafe may rate all else lower too. "
    "Weights are a decision. To take these, write under [rubric]:"
)


@click.command()
@project_folder
@command
def weights(*, folder: Path, as_json: bool, quiet: bool) -> int:
    """Tell what weights feeling after dark would give the indicators; nothing is changed."""
    from safeaudit import pipeline
    from safeaudit.contributors import split_rounds
    from safeaudit.score.feeling_weights import weigh_by_feeling

    config = read_config(folder)
    result = pipeline.run(config, quick=True)
    by_round = split_rounds(result.audits)
    name = config.score.campaign if config.score.campaign in by_round else next(reversed(by_round))
    found = weigh_by_feeling(by_round[name], result.rubric)
    if as_json:
        rows = found.weights.to_dict("records")
        print_json({"round": name, "forms": found.forms, "people": found.people, "weights": rows})
    else:
        _say(found, quiet=quiet)
    return exit_code(result.audits.counts, config)


def _say(found: FeelingWeights, *, quiet: bool) -> None:
    """Print the weights with their intervals, and as settings."""
    rows = list(found.weights.itertuples(index=False))
    if not quiet:
        click.echo(f"What feeling went with after dark, in {found.forms:,} forms of {found.people} people (90 %):")
        widest = max(len(row.indicator) for row in rows)
        for row in rows:
            click.echo(f"  {row.indicator:{widest}}  {row.weight:.2f}  ({row.low:.2f} to {row.high:.2f})")
        click.echo(_NO_PROOF)
    click.echo(f"weights = {{ {', '.join(f'{row.indicator} = {max(row.weight, 0.0)}' for row in rows)} }}")
