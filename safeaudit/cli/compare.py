"""`safeaudit compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from safeaudit.cli.command import command, exit_code, out_folder, project_folder, read_config, settled_out
from safeaudit.cli.words import print_json, printable, progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.before_after import Comparison, RoundTold
    from safeaudit.languages import Language

_STEPS = 9
_SHOWN = 5
"""Places that are named of those that differ."""

_MEASURES = ("score", "street_condition", "lighting", "feeling")


@click.command()
@project_folder
@click.argument("second", metavar="[DIR2]", required=False, type=click.Path(path_type=Path))
@click.option("--before", metavar="NAME", help="The first round.  [default: the two that saw most places]")
@click.option("--after", metavar="NAME", help="The second round.")
@out_folder
@command
def compare(
    *,
    folder: Path,
    second: Path | None,
    before: str | None,
    after: str | None,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Say what a second round of walks changed: two campaigns of one project, or two projects."""
    from safeaudit import before_after, writing

    config = read_config(folder)
    later = config if second is None else read_config(second)
    where = settled_out(later, out)
    with progress(_STEPS + later.score.estimate, quiet=quiet) as tell:
        if second is None:
            found = before_after.compare_rounds(config, before=before, after=after, tell=tell)
            tell("Writing")
            paths = writing.write(found.result, config, where)
        else:
            found = before_after.compare_projects(config, later, before=before, after=after, tell=tell)
            tell("Writing")
            paths = before_after.write_comparison(found, later.language, where)
    outputs = {name: str(path) for name, path in paths.items()}
    if as_json:
        print_json({**_as_json(found), "outputs": outputs})
    else:
        _say(found, outputs.get("changes") or outputs["planning"], later.language, quiet=quiet)
    return exit_code(found.result.audits.counts, later)


def _as_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison for a JSON document, as the office may see it."""
    from dataclasses import asdict

    return {
        "before": asdict(found.before),
        "after": asdict(found.after),
        "auditors": {
            "before": found.before.auditors,
            "after": found.after.auditors,
            "both": found.same_auditors,
        },
        "places_compared": found.places_compared,
        "tests": found.tests,
        "differing": found.differing,
        "places_differing": found.places_differing,
        "expected_by_chance": found.expected_by_chance,
        "mean_changes": _rows(found.mean_changes),
        "site_changes": _rows(found.site_changes),
        "faults": dict(found.faults),
        "notes": list(found.notes),
    }


def _rows(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values; None for NA."""
    plain = table.astype(object)
    rows: list[dict[str, Any]] = plain.where(plain.notna(), None).to_dict("records")
    return rows


def _say(found: Comparison, where: str, language: Language, *, quiet: bool) -> None:
    """Print what changed in plain sentences."""
    rounds = {when: _say_round(getattr(found, when), language) for when in ("before", "after")}
    key = "console.compared" if found.same_auditors is None else "console.compared.both"
    click.echo(language.say(key, **rounds, both=found.same_auditors))
    click.echo(language.say("console.compared.places", places=f"{found.places_compared:,}"))
    _say_means(found, language)
    _say_places(found, language)
    _say_faults(found.faults, language)
    if not quiet:
        for note in found.notes:
            click.echo(language.say("console.note", note=printable(note)), err=True)
    click.echo(f"{language['console.where.office']}  {where}  ({language['console.where.office.changes']})")


def _say_round(of: RoundTold, language: Language) -> str:
    when = of.since if of.since == of.until else language.say("console.round.since", since=of.since, until=of.until)
    name = printable(language.retell(of.name, "console.round.number", "console.round.unnamed"))
    values = {"name": name, "when": when, "forms": f"{of.forms:,}", "auditors": of.auditors}
    return language.say("console.round.when" if when else "console.round", **values)


def _say_means(found: Comparison, language: Language) -> None:
    """Print the mean change of the city's streets, or what else was walked most, for what tells most, by light."""
    areas = found.result.places.areas
    city = found.mean_changes["area_id"].isin(areas.loc[areas["kind"] == "city", "area_id"])
    rows = found.mean_changes[city & found.mean_changes["indicator"].isin(_MEASURES)]
    rows = rows[rows["kind"] == rows.groupby("kind", observed=True)["places"].sum().idxmax()]
    tests = int(found.mean_changes["p"].notna().sum())
    for light, of_light in rows.groupby("light", observed=True, sort=False):
        click.echo(f"{language[f'light.{light}']}:")
        for row in of_light.sort_values(
            "indicator", key=lambda names: names.astype("str").map(_MEASURES.index)
        ).itertuples():
            label = language.label(row.indicator, found.result.rubric).lower()
            told = _say_mean(row, tests, language)
            said = language.say(f"console.mean.{row.kind}", indicator=label, places=row.places, told=told)
            click.echo(f"  {said}")


def _say_mean(row: Any, tests: int, language: Language) -> str:
    from safeaudit.score.change import LEVEL
    from safeaudit.score.change.notes import retell_note

    note = retell_note(row.note, language)
    if row.difference != row.difference:
        return language.say("console.sentence", text=note)
    values = {"before": f"{row.before:.0f}", "after": f"{row.after:.0f}", "difference": f"{row.difference:+.1f}"}
    changed = language.say("console.changed", **values)
    if note:
        told = (changed, f"{note[:1].upper()}{note[1:]}")
        return " ".join(language.say("console.sentence", text=text) for text in told)
    verdict = language.say("console.changed.chance", detectable=f"{row.detectable:.0f}")
    if row.p <= LEVEL:
        verdict = language.say("console.changed.more" if row.differs else "console.changed.alone", tests=tests)
    between = language.say("console.between", value=changed, low=f"{row.low:+.1f}", high=f"{row.high:+.1f}")
    return language.say("console.changed.told", changed=between, verdict=verdict)


def _say_places(found: Comparison, language: Language) -> None:
    """Print how many places differ, how many would by chance, and which do most clearly."""
    if not found.tests:
        click.echo(language["console.tested.none"])
        return
    counts = {"tests": found.tests, "differing": found.differing, "places": found.places_differing}
    told = {name: f"{count:,}" for name, count in counts.items()}
    click.echo(language.say("console.tested", chance=f"{found.expected_by_chance:,.0f}", **told))
    clear = found.changes[found.changes["differs"]].sort_values(["q", "place_id", "indicator"])
    for row in clear.head(_SHOWN).itertuples():
        said = language.say(
            "console.changed.place",
            label=printable(row.label),
            indicator=language.label(row.indicator, found.result.rubric).lower(),
            light=language[f"light.{row.light}"].lower(),
            before=f"{row.before:.0f}",
            after=f"{row.after:.0f}",
        )
        click.echo(f"  {said}")


def _say_faults(faults: Mapping[str, int], language: Language) -> None:
    """Print what became of the faults, where there are any."""
    if not any(faults.values()):
        return
    click.echo(language.say("console.faults", **faults))
    for fate in ("not_looked_again", "not_looked_before"):
        if faults[fate]:
            click.echo(f"  {language.say(f'console.faults.{fate}', count=faults[fate])}")
