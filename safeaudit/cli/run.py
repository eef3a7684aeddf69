"""`safeaudit run` and `safeaudit publish`."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from safeaudit.cli.command import command, exit_code, out_folder, project_folder, read_config, settled_out
from safeaudit.cli.findings import say_findings, say_rejected
from safeaudit.cli.words import counts_as_json, print_json, progress, say_counts

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.config import AuditConfig

_STEPS, _QUICK_STEPS = 8, 5
"""How many steps a run tells of, with those of writing; one more where streets are estimated."""


@click.command()
@project_folder
@out_folder
@click.option("--quick", is_flag=True, help="Leave evidence, agreement and estimates out.")
@command
def run(*, folder: Path, out: Path | None, quick: bool, as_json: bool, quiet: bool) -> int:
    """Do everything: read, match, score, and write the office's and the private outputs, with a preview of the map."""
    return _run(read_config(folder), out, quick=quick, release=False, as_json=as_json, quiet=quiet)


@click.command()
@project_folder
@out_folder
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day the release is true of, such as 2026-11-30.")
@command
def publish(*, folder: Path, out: Path | None, as_of: datetime | None, as_json: bool, quiet: bool) -> int:
    """Make a release: do what run does, check it against all earlier releases, and write public/."""
    config = read_config(folder)
    if as_of is not None:
        config = replace(config, score=replace(config.score, as_of=as_of.date()))
    return _run(config, out, quick=False, release=True, as_json=as_json, quiet=quiet)


def _run(config: AuditConfig, out: Path | None, *, quick: bool, release: bool, as_json: bool, quiet: bool) -> int:
    """Run, write, and say what was found and where it is."""
    from safeaudit import pipeline, telling, writing
    from safeaudit.outputs import private
    from safeaudit.publish import find_out

    if release:
        writing.release_day(config)
    where = settled_out(config, out)
    with progress(_QUICK_STEPS if quick else _STEPS + config.score.estimate, quiet=quiet) as tell:
        result = pipeline.run(config, quick=quick, tell=tell)
        tell("Writing")
        draft = writing.make_release(result, config)
        changed: list[str] = []
        paths = writing.write(result, config, where, draft=draft, release=release, tell=changed.append)
    if private.delete_due(where, datetime.now(tz=UTC).date()):
        changed.append(f"{where / 'private'} was deleted: [private] keep_months are over.")
    counts, found = result.audits.counts, find_out(result, draft.public)
    scored, estimated = telling.say_used(result, config), telling.say_estimated(result)
    more = telling.say_more(result)
    if as_json:
        files = {name: str(path) for name, path in paths.items()}
        words: dict[str, Any] = {
            "warnings": list(result.warnings),
            "scored": scored,
            "more": list(more),
            "estimated": estimated,
            "found": asdict(found),
        }
        document = {"outputs": files, "files": counts_as_json(counts), **words}
        print_json({**document, "changed": changed} if changed else document)
        return exit_code(counts, config)
    say_counts(counts, result.warnings, remarks=False, quiet=quiet)
    for sentence in (scored, *changed):
        click.echo(sentence)
    say_findings(found)
    for sentence in (*more, *([estimated] if estimated else [])):
        click.echo(sentence)
    say_rejected(result.audits.rejected, paths["rejected"])
    _say_where(paths, release=release)
    return exit_code(counts, config)


def _say_where(paths: dict[str, Path], *, release: bool) -> None:
    """Say where the outputs are, and for whom."""
    if release:
        click.echo(f"Public map:       {paths['map']}  (may be handed on, with {paths['manifest'].name})")
    else:
        click.echo(f"Preview:          {paths['preview']}  (a draft; to release it: safeaudit publish)")
        _say_earlier(paths["run"].parent / "public")
    click.echo(f"Planning office:  {paths['planning']}, {paths['places'].name}, {paths['report'].name}")
    click.echo(f"Private:          {paths['result'].parent}  (what was said of every file: {paths['remarks'].name})")


def _say_earlier(public: Path) -> None:
    """Say which release lies beside the outputs of this run, which did not make it."""
    try:
        earlier = json.loads((public / "manifest.json").read_bytes())
        made = f"release {earlier['release']}, as of {earlier['as_of']}: of an earlier run"
    except (OSError, ValueError, KeyError, TypeError):
        return
    click.echo(f"Public map:       {public / 'map.html'}  ({made}, and as it was)")
