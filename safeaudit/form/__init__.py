"""The forms of a city: for phones, for paper, and to type paper into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.errors import ConfigError
from safeaudit.files.admit import admit
from safeaudit.form import entry as entry_sheet
from safeaudit.form import paper, xlsform
from safeaudit.form.questions import asked
from safeaudit.languages import read_language
from safeaudit.places import read_places

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from safeaudit.config import AuditConfig

__all__ = ["write_forms"]


def write_forms(config: AuditConfig, out: Path, *, languages: Sequence[str] = (), entry: bool = False) -> list[Path]:
    """Write the forms of a city.

    Parameters
    ----------
    config
        The settings.
    out
        Folder for the forms.
    languages
        Codes of the languages, the form's own first; those of the settings where none are given.
    entry
        Write entry sheets too, with the codes of the city's places to choose from.

    Returns
    -------
    Paths: the XLSForm in all languages, then a paper form and an entry sheet in each.

    Raises
    ------
    ConfigError
        There is no such language, or its words are not complete.
    InputError
        The places were refused.
    """
    codes = tuple(dict.fromkeys(languages or config.city.languages))
    if not codes:
        raise ConfigError("No language is named.", hint='Write under [city], for example: languages = ["fr", "ar"]')
    spoken = asked(config.indicators, [read_language(code, config.folder) for code in codes])
    paths = [out / "form.xlsx"]
    xlsform.write(spoken, config.city.name, config.city.slug, paths[0])
    places = _places(config) if entry else ()
    for each in spoken:
        suffix = "" if each is spoken[0] else f"-{each.language.code}"
        paths.append(out / f"paper{suffix}.html")
        paper.write(each, config.city.name, paths[-1])
        if entry:
            paths.append(out / f"entry{suffix}.xlsx")
            entry_sheet.write(each, places, paths[-1])
    return paths


def _places(config: AuditConfig) -> list[tuple[str, str, str]]:
    """Return code, label and kind of the city's places, by label; nothing where the settings name none."""
    settings = config.places
    if not settings.osm and not settings.streets:
        return []
    places = read_places(settings, config.city.crs, {file: admit(config.path(file)) for file in settings.files})
    frames = {"street": places.segments, "space": places.spaces, "stop": places.stops}
    columns = [frame[["place_code", "label"]].assign(kind=kind) for kind, frame in frames.items()]
    listed = pd.concat(columns, ignore_index=True).sort_values(["kind", "label", "place_code"], kind="stable")
    return list(listed.itertuples(index=False, name=None))
