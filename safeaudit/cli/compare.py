"""`safeaudit compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from safeaudit.cli.command import command, exit_code, out_folder, project_folder, read_config, settled_out
from safeaudit.cli.words import print_json, printable, progress

if TYPE_CHECKING:
    from safeaudit.before_after import Comparison, RoundTold

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
        _say(found, outputs.get("changes") or outputs["planning"], quiet=quiet)
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


def _say(found: Comparison, where: str, *, quiet: bool) -> None:
    """Print what changed in plain sentences."""
    shared = "" if found.same_auditors is None else f", {found.same_auditors} of them in both"
    click.echo(f"Compared: {_say_round(found.before)}; {_say_round(found.after)}{shared}.")
    click.echo(f"Places seen in both rounds in the same light: {found.places_compared:,}.")
    _say_means(found)
    _say_places(found)
    _say_faults(found.faults)
    if not quiet:
        for note in found.notes:
            click.echo(f"Note: {printable(note)}", err=True)
    click.echo(f"Planning office:  {where}  (layer changes, tables mean_changes, site_changes)")


def _say_round(of: RoundTold) -> str:
    when = of.since if of.since == of.until else f"{of.since} to {of.until}"
    return f"{printable(of.name)} ({f'{when}, ' if when else ''}{of.forms:,} forms, {of.auditors} auditors)"


def _say_means(found: Comparison) -> None:
    """Print the mean change of the city's streets, or what else was walked most, for what tells most, by light."""
    from safeaudit.languages import REFERENCE, read_language

    words = read_language(REFERENCE)
    areas = found.result.places.areas
    city = found.mean_changes["area_id"].isin(areas.loc[areas["kind"] == "city", "area_id"])
    rows = found.mean_changes[city & found.mean_changes["indicator"].isin(_MEASURES)]
    rows = rows[rows["kind"] == rows.groupby("kind", observed=True)["places"].sum().idxmax()]
    tests = int(found.mean_changes["p"].notna().sum())
    for light, of_light in rows.groupby("light", observed=True, sort=False):
        click.echo(f"{words[f'light.{light}']}:")
        for row in of_light.sort_values(
            "indicator", key=lambda names: names.astype("str").map(_MEASURES.index)
        ).itertuples():
            click.echo(f"  {row.indicator.replace('_', ' ')}, {row.places} {row.kind}s: {_say_mean(row, tests)}")


def _say_mean(row: Any, tests: int) -> str:
    from safeaudit.score.change import LEVEL

    if row.difference != row.difference:
        return f"{row.note}."
    said = f"{row.before:.0f} before, {row.after:.0f} after, {row.difference:+.1f}"
    if row.note:
        return f"{said}. {row.note[:1].upper()}{row.note[1:]}."
    told = f"may be chance; a change of {row.detectable:.0f} would likely be seen"
    if row.p <= LEVEL:
        told = (
            "more than chance" if row.differs else f"more than chance by itself, but not among all {tests} means told"
        )
    return f"{said} ({row.low:+.1f} to {row.high:+.1f}): {told}."


def _say_places(found: Comparison) -> None:
    """Print how many places differ, how many would by chance, and which do most clearly."""
    if not found.tests:
        click.echo("No place was tested.")
        return
    click.echo(
        f"Tested: {found.tests:,} differences. One by one, some {found.expected_by_chance:,.0f} would seem to differ "
        f"by chance alone; taken together {found.differing:,} hold, at {found.places_differing:,} places."
    )
    clear = found.changes[found.changes["differs"]].sort_values(["q", "place_id", "indicator"])
    for row in clear.head(_SHOWN).itertuples():
        what = f"{row.indicator.replace('_', ' ')}, {'after dark' if row.light == 'dark' else f'by {row.light}'}"
        click.echo(f"  {printable(row.label)}: {what} {row.before:.0f} before, {row.after:.0f} after.")


def _say_faults(faults: Any) -> None:
    """Print what became of the faults, where there are any."""
    if not any(faults.values()):
        return
    click.echo(f"Faults: {faults['mended']} mended, {faults['open']} still open, {faults['new']} new.")
    if unseen := faults["not_looked_again"]:
        click.echo(f"  {unseen} more were reported before where nobody looked again.")
    if late := faults["not_looked_before"]:
        click.echo(f"  {late} more were found where nobody had looked before.")
