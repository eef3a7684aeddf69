"""What `run` and `publish` say at the end: what was found, and what was not accepted."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from safeaudit.languages import REFERENCE, read_language

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables.public import Findings, Seen

_COLOURS = ("red", "yellow", "cyan", "green")
"""Of the bands, the worst first; a terminal without colour shows the words alone."""


def say_findings(found: Findings) -> None:
    """Print what was found: how much was seen, in which bands, the surest places, and what can be mended by whom."""
    if not found.seen:
        click.echo("Nothing was rated that may be shown.")
    for seen in found.seen:
        _say_seen(seen, found)
    for agency, faults in groupby(found.faults, key=lambda fault: fault[0]):
        told = ", ".join(f"{kind} ({places})" for _, kind, places in faults)
        click.echo(f"To be mended by {agency}: {told}." if agency else f"To be mended, by nobody yet named: {told}.")


def say_rejected(rejected: Any, folder: Path) -> None:
    """Print how many rows of each file were not accepted, the first reason, and where they lie."""
    for _, rows in rejected.groupby("file", sort=False):
        click.echo(f"Rejected: {len(rows):,} rows. First: {rows['message'].iloc[0]}")
    if len(rejected):
        click.echo(f"  Mend them there, and hand them in again: {folder}")


def _say_seen(seen: Seen, found: Findings) -> None:
    words = read_language(REFERENCE)
    bands = (
        click.style(f"{word.lower()} {km:,.1f} km", fg=colour)
        for word, km, colour in zip(words.bands, seen.km_by_band, _COLOURS, strict=True)
    )
    share = 100 * seen.km / found.street_km if found.street_km else 0.0
    light = words[f"light.{seen.light}"].lower()
    click.echo(
        f"{found.indicator} {light}: {seen.km:,.1f} of {found.street_km:,.1f} km of streets seen ({share:.0f} %)."
    )
    click.echo(f"  {'; '.join(bands)}.")
    about = f"{seen.places:,} places seen, {seen.few:,} of them by too few people to judge"
    if seen.likely:
        click.echo(f"  Likely below the standard: {seen.likely:,} ({about}). To go and look at: {seen.look:,}.")
        click.echo(f"  The surest: {'; '.join(seen.surest)}.")
    elif seen.places > seen.few:
        click.echo(f"  None is likely below the standard ({about}). To go and look at: {seen.look:,}.")
    else:
        click.echo(f"  None can be judged yet ({about}).")
