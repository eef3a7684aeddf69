"""`safeaudit form` and `safeaudit translate`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from safeaudit.cli.command import FINE, a_file, command, project_folder, read_config, settled_out
from safeaudit.cli.words import print_json

if TYPE_CHECKING:
    from safeaudit.config import AuditConfig


@click.command()
@project_folder
@click.option("--lang", help="Languages, such as fr,ar.  [default: those of the settings]")
@click.option("--entry", is_flag=True, help="Write entry sheets too: paper is typed into them.")
@click.option("--out", type=a_file, help="Folder for the forms.  [default: maps/CITY/forms]")
@command
def form(*, folder: Path, lang: str | None, entry: bool, out: Path | None, as_json: bool, quiet: bool) -> int:
    """Write the forms: for phones (XLSForm), on paper, and sheets to type paper into."""
    from safeaudit.form import REGISTER, write_forms

    config = read_config(folder)
    languages = [code.strip() for code in (lang or "").split(",") if code.strip()]
    paths = write_forms(config, out or settled_out(config) / "forms", languages=languages, entry=entry)
    if as_json:
        print_json({"forms": [str(path) for path in paths]})
    else:
        click.echo("\n".join(map(str, paths)))
    if not as_json and paths[-1].name == REGISTER and (line := _register_line(paths[-1], config)):
        click.echo(config.language.say("console.register", line=line))
    return FINE


def _register_line(register: Path, config: AuditConfig) -> str:
    """Return the setting that names a register, seen from the project's folder; empty where it stands there already."""
    named = config.places.register
    if named is not None and config.path(named).resolve() == register.resolve():
        return ""
    try:
        seen = Path(os.path.relpath(register.resolve(), config.folder.resolve()))
    except ValueError:  # another drive
        seen = register.resolve()
    return f'register = "{seen.as_posix()}"'


@click.command()
@project_folder
@click.option("--lang", required=True, help="Code of the language, such as rn.")
@click.option("--name", help="Its name in itself, such as Ikirundi.")
@command
def translate(*, folder: Path, lang: str, name: str | None, as_json: bool, quiet: bool) -> int:
    """Write all words for people for a person to put into a language."""
    from safeaudit import languages

    path, filled, texts = languages.offer_translation(lang, name, folder)
    if as_json:
        print_json({"file": str(path), "filled": filled, "texts": texts})
        return FINE
    click.echo(f"{path}: {filled} of {texts} texts are filled.")
    more = f"safeaudit form {folder} --lang {lang}"
    click.echo(f"Ready: {more}" if filled == texts else f'Fill every "text", those of the forms first; then: {more}')
    return FINE
