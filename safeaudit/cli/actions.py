"""`safeaudit actions`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from safeaudit.cli.command import FINE, OVER_LIMIT, a_file, command, out_folder, project_folder, read_config
from safeaudit.cli.words import print_json, printable, progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeaudit.languages import Language
    from safeaudit.tables import AuditResult
    from safeaudit.to_do import ReadBack

_STEPS, _MORE_STEPS = 6, 9
"""Of a quick run, and of one that a budget asks for: how many people pass is in the evidence."""
_SHOWN = 20
"""Sentences shown of a file; all that was not taken stands in actions.csv."""


@click.command()
@project_folder
@out_folder
@click.option("--read", "files", type=a_file, multiple=True, help="A file that came back; several may be given.")
@click.option("--open311", is_flag=True, help="Write Open311 service requests too: files, nothing is sent.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Day of reading and of the requests.  [default: today]")
@command
def actions(
    *,
    folder: Path,
    out: Path | None,
    files: tuple[Path, ...],
    open311: bool,
    day: datetime | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Write what is to be mended by whom, a sheet for each agency; and read back what they say.

    Where [priorities] sets a budget, what it mends first is written too.
    """
    from safeaudit import pipeline, to_do

    config = read_config(folder)
    where, today = out or Path("maps") / config.city.slug, (day or datetime.now(tz=UTC)).date()
    read: tuple[ReadBack, ...] = ()
    budget = config.priorities.budget is not None
    with progress(_MORE_STEPS + config.score.estimate if budget else _STEPS, quiet=quiet) as tell:
        result = pipeline.run(config, quick=not budget, tell=tell)
        tell("Writing")
        if files:
            result, read = to_do.read_back(result, config, files, day=today)
    if not as_json:  # before anything is written: what was read is kept whatever comes after it
        _say_read(read, folder, config.language)
    paths = to_do.hand_out(result, config, where, requests_of=today if open311 else None)
    _say_written(result, paths, read, config.language, as_json=as_json)
    return OVER_LIMIT if any(one.not_taken for one in read) else FINE


def _say_written(
    result: AuditResult, paths: Mapping[str, Path], read: Sequence[ReadBack], language: Language, *, as_json: bool
) -> None:
    """Say how much each agency is to mend, and where that stands."""
    actions, lost = result.actions, int(result.faults["place_id"].isna().sum())
    counts = actions.loc[~actions["closed"], "agency"].astype("str").fillna("").value_counts().sort_index()
    if as_json:
        document = {"outputs": {name: str(path) for name, path in paths.items()}, "read": [asdict(one) for one in read]}
        print_json({**document, "actions": {name: int(n) for name, n in counts.items()}, "without_place": lost})
        return
    for name, n in counts.items():
        click.echo(language.say("console.do", agency=printable(name) or language["mend.sheet.nobody"], count=n))
    if lost:
        click.echo(language.say("console.do.lost", count=lost))
    click.echo(("" if len(counts) else f"{language['console.do.none']} ") + "\n".join(map(str, paths.values())))


def _say_read(read: Sequence[ReadBack], folder: Path, language: Language) -> None:
    """Say what became of the files that came back."""
    for one in read:
        of = {"file": printable(one.file), "taken": one.taken, "not_taken": one.not_taken}
        click.echo(language.say("console.read", **of))
        for remark in one.remarks[:_SHOWN]:
            click.echo(f"  {printable(remark)}")
        if len(one.remarks) > _SHOWN:
            click.echo(f"  {language.say('console.read.more', count=len(one.remarks) - _SHOWN)}")
    if read:
        click.echo(language.say("console.read.kept", file=folder / "actions.csv", folder=folder))
