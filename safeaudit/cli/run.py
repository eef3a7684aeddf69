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
    from safeaudit.languages import Language

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
        changed.append(config.language.say("console.deleted", folder=where / "private"))
    counts, found = result.audits.counts, find_out(result, draft.public)
    scored, estimated = telling.say_used(result, config), telling.say_estimated(result, config.language)
    more = telling.say_more(result, config.language)
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
    say_counts(counts, result.warnings, config.language, remarks=False, quiet=quiet)
    for sentence in (scored, *changed):
        click.echo(sentence)
    say_findings(found, config.language)
    for sentence in (*more, *([estimated] if estimated else [])):
        click.echo(sentence)
    say_rejected(result.audits.rejected, paths["rejected"], config.language)
    _say_where(paths, config.language, release=release)
    return exit_code(counts, config)


def _say_where(paths: dict[str, Path], language: Language, *, release: bool) -> None:
    """Say where the outputs are, and for whom."""
    told = [_released(paths, language)] if release else _preview(paths, language)
    office = f"{paths['planning']}, {paths['places'].name}, {paths['report'].name}"
    remarks = language.say("console.where.private.about", remarks=paths["remarks"].name)
    told += [("office", office), ("private", f"{paths['result'].parent}  ({remarks})")]
    heads = {name: language[f"console.where.{name}"] for name in ("map", "preview", "office", "private")}
    width = max(map(len, heads.values()))
    for name, what in told:
        click.echo(f"{heads[name]:<{width}}  {what}")


def _released(paths: dict[str, Path], language: Language) -> tuple[str, str]:
    about = language.say("console.where.map.about", manifest=paths["manifest"].name)
    return "map", f"{paths['map']}  ({about})"


def _preview(paths: dict[str, Path], language: Language) -> list[tuple[str, str]]:
    """Return the draft of this run, and which release lies beside it, which this run did not make."""
    draft = "preview", f"{paths['preview']}  ({language['console.where.preview.about']})"
    public = paths["run"].parent / "public"
    try:
        earlier = json.loads((public / "manifest.json").read_bytes())
        of = {name: earlier[name] for name in ("release", "as_of")}
    except (OSError, ValueError, KeyError, TypeError):
        return [draft]
    return [draft, ("map", f"{public / 'map.html'}  ({language.say('console.where.map.earlier', **of)})")]
