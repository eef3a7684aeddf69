"""What `run` and `publish` say at the end: what was found, and what was not accepted."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from safeaudit.languages import Language
    from safeaudit.tables.public import Findings, Seen

_COLOURS = ("red", "yellow", "cyan", "green")
"""Of the bands, the worst first; a terminal without colour shows the words alone."""


def say_findings(found: Findings, language: Language) -> None:
    """Print what was found: how much was seen, in which bands, the surest places, and what can be mended by whom."""
    if not found.seen:
        click.echo(language["report.nobody"])
    for seen in found.seen:
        _say_seen(seen, found, language)
    for agency, faults in groupby(found.faults, key=lambda fault: fault[0]):
        told = ", ".join(f"{language.retell(kind, 'fault.')} ({places})" for _, kind, places in faults)
        key = "console.mend" if agency else "console.mend.nobody"
        click.echo(language.say(key, agency=agency, faults=told))


def say_rejected(rejected: Any, folder: Path, language: Language) -> None:
    """Print how many rows of each file were not accepted, the first reason, and where they lie."""
    for _, rows in rejected.groupby("file", sort=False):
        click.echo(language.say("console.rejected", count=f"{len(rows):,}", message=rows["message"].iloc[0]))
    if len(rejected):
        click.echo(f"  {language.say('console.rejected.where', folder=folder)}")


def _say_seen(seen: Seen, found: Findings, language: Language) -> None:
    share = 100 * seen.km / found.street_km if found.street_km else 0.0
    of = {"km": f"{seen.km:,.1f}", "all": f"{found.street_km:,.1f}", "share": f"{share:.0f}"}
    indicator = language.retell(found.indicator, "indicator.", "street_condition.")
    light = language[f"light.{seen.light}"].lower()
    click.echo(language.say("console.seen", indicator=indicator, light=light, **of))
    click.echo(f"  {language.say('console.sentence', text='; '.join(_bands(seen, language)))}")
    about = language.say("console.seen.about", places=f"{seen.places:,}", few=f"{seen.few:,}")
    which = "likely" if seen.likely else "none" if seen.places > seen.few else "unjudged"
    values = {"likely": f"{seen.likely:,}", "about": about, "look": f"{seen.look:,}"}
    click.echo(f"  {language.say(f'console.seen.{which}', **values)}")
    if seen.likely:
        click.echo(f"  {language.say('console.seen.surest', places='; '.join(seen.surest))}")


def _bands(seen: Seen, language: Language) -> Iterator[str]:
    """Yield how many kilometres are in each band, in its colour."""
    for word, km, colour in zip(language.bands, seen.km_by_band, _COLOURS, strict=True):
        length = language.say("console.kilometres", count=f"{km:,.1f}")
        yield click.style(f"{word.lower()} {length}", fg=colour)
