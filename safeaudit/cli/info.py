"""`safeaudit info`: versions and the data dictionary."""

from __future__ import annotations

import click

from safeaudit.cli.command import FINE, command
from safeaudit.cli.words import print_json, versions


@click.command()
@click.option("--tables", is_flag=True, help="Print the data dictionary.")
@command
def info(*, tables: bool, as_json: bool, quiet: bool) -> int:
    """Print versions, or with --tables what every column means."""
    if tables:
        _say_tables(as_json=as_json)
        return FINE
    if as_json:
        print_json(versions())
    else:
        for name, number in versions().items():
            click.echo(f"{name:12} {number}")
    return FINE


def _say_tables(*, as_json: bool) -> None:
    from safeaudit.tables import TABLES

    if as_json:
        columns = {
            name: [
                {"name": c.name, "kind": c.kind, "optional": c.optional, "meaning": c.meaning} for c in table.columns
            ]
            for name, table in TABLES.items()
        }
        print_json(columns)
        return
    for table in TABLES.values():
        click.echo(f"\n{table.name}: {table.row}")
        for column in table.columns:
            name = f"{column.name}{'?' if column.optional else ''}"
            click.echo(f"  {name:20} {column.kind:8} {column.meaning}")
