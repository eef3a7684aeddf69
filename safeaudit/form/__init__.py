"""The forms of a city: for phones, for paper, and to type paper into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.errors import ConfigError
from safeaudit.files.admit import admit
from safeaudit.files.staged import write_whole
from safeaudit.form import entry as entry_sheet
from safeaudit.form import paper, xlsform
from safeaudit.form.questions import asked
from safeaudit.languages import read_language
from safeaudit.places import read_places
from safeaudit.places.register import read_register, register_geojson

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

    from safeaudit.config import AuditConfig
    from safeaudit.tables import Places

__all__ = ["REGISTER", "write_forms"]

REGISTER = "register.geojson"
"""What the codes on paper stand for."""


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
    Paths: the XLSForm in all languages, then a paper form and an entry sheet in each; with entry sheets, where the city
    has streets, the register of what their codes stand for comes last (`register.geojson`).

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
    spoken = asked(config.indicators, config.groups, [read_language(code, config.folder) for code in codes])
    paths = [out / "form.xlsx"]
    xlsform.write(spoken, config.city.name, config.city.slug, paths[0])
    places = _read_places(config) if entry else None
    listed = _listed(places) if places else ()
    for each in spoken:
        suffix = "" if each is spoken[0] else f"-{each.language.code}"
        paths.append(out / f"paper{suffix}.html")
        paper.write(each, config.city.name, paths[-1])
        if entry:
            paths.append(out / f"entry{suffix}.xlsx")
            entry_sheet.write(each, listed, paths[-1])
    if places:
        paths.append(out / REGISTER)
        write_whole(paths[-1], register_geojson(_registered(places, config)))
    return paths


def _read_places(config: AuditConfig) -> Places | None:
    """Return the city's places; None where the settings name none."""
    settings = config.places
    if not settings.osm and not settings.streets:
        return None
    files = {file: admit(config.path(file)) for file in settings.files}
    return read_places(settings, config.city.crs, files, language=config.language)


def _listed(places: Places) -> list[tuple[str, str, str]]:
    """Return code, label and kind of the places, by label."""
    frames = {"street": places.segments, "space": places.spaces, "stop": places.stops}
    columns = [frame[["place_code", "label"]].assign(kind=kind) for kind, frame in frames.items()]
    listed = pd.concat(columns, ignore_index=True).sort_values(["kind", "label", "place_code"], kind="stable")
    return list(listed.itertuples(index=False, name=None))


def _registered(places: Places, config: AuditConfig) -> gpd.GeoDataFrame:
    """Return the streets of today, and those of the register in use that are gone: their codes may stand on paper."""
    if config.places.register is None:
        return places.segments
    earlier = read_register(admit(config.path(config.places.register))).to_crs(places.crs)
    gone = earlier[~earlier["place_id"].isin(places.segments["place_id"])]
    return pd.concat([places.segments[list(gone.columns)], gone]).sort_values("place_id", ignore_index=True)
