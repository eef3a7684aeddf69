"""office/places.xlsx: what was seen of every place that somebody looked at, for who has a spreadsheet and no GIS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.files.spreadsheet_text import escape
from safeaudit.files.workbook import Heading, list_sheet, sheet, sheet_names, workbook
from safeaudit.outputs.parts.wide import headline, seen_alone, with_values
from safeaudit.place_areas import ward_names
from safeaudit.rubric import COMPOSITES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from safeaudit.languages import Language
    from safeaudit.tables import AuditResult

_UNSEEN = "not_audited"
_ABOUT = {"place_code": 12, "label": 52, "ward": 20, "category": 16, "light": 14, "state": 22}
_COUNTED = ("n", "contributors", "latest", "newer", "level_0")
_NUMBERS = {"n", "contributors"}
_M_IN_KM = 1000
_DECIMALS = 1


def write(result: AuditResult, language: Language, target: Path) -> None:
    """Write the places that somebody looked at, a sheet for each kind, and how many nobody did.

    Parameters
    ----------
    result
        What a run found out, as `publish.to_office` lets it through.
    language
        The city's language.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    kinds = {"segment": result.places.segments, "space": result.places.spaces, "stop": result.places.stops}
    names = sheet_names(language[f"places.sheet.{kind}"] for kind in (*kinds, "about"))
    head, told = seen_alone(headline(result)), []
    with workbook(target, in_order=True) as book:
        for name, (kind, places) in zip(names, kinds.items(), strict=False):
            seen = places[places["place_id"].isin(head["place_id"])]
            table = with_values(seen, head, result.rubric)
            table = table.assign(
                category=table["highway" if kind == "segment" else "category"].astype("str"),
                ward=ward_names(result.places, seen.set_index("place_id").geometry).to_numpy(object),
            )
            columns = _columns(result, language)
            rows = _rows(table[table["state"] != _UNSEEN], list(columns), language)
            list_sheet(book, name, list(columns.values()), rows)
            told.append([name, _say_seen(places, seen, language)])
        remarks = [language["places.about"], *filter(None, (result.remark, result.places.attribution))]
        about = [*([escape(text)] for text in (result.title, *remarks)), *told]
        sheet(book, names[-1], about, (60, 60))
        for each in book.worksheets() if language.direction == "rtl" else ():
            each.right_to_left()


def _columns(result: AuditResult, language: Language) -> dict[str, Heading]:
    """Return the columns with their headings: what the place is, then its values, then what they rest on."""
    about = {name: Heading(words=language[f"places.column.{name}"], width=width) for name, width in _ABOUT.items()}
    counted = {
        name: Heading(words=language[f"places.column.{name}"], kind="number" if name in _NUMBERS else "text")
        for name in _COUNTED
    }
    words = {name: language[f"{'places.column.score' if name == 'score' else name + '.label'}"] for name in COMPOSITES}
    words |= {one.name: language.indicator_words(one).label for one in result.rubric.indicators}
    values = {}
    for name, label in words.items():
        values[name] = Heading(words=label, kind="number", width=12)
        for end in ("low", "high"):
            ends = language[f"places.column.{end}"].replace("{label}", label)
            values[f"{name}_{end}"] = Heading(words=ends, kind="number", width=12)
    return {**about, **values, **counted}


def _rows(table: pd.DataFrame, columns: list[str], language: Language) -> Iterator[list[str | float | None]]:
    """Yield the cells of each place, by label."""
    words = table.sort_values(["label", "place_code"], kind="stable")[columns].round(_DECIMALS).astype(object)
    for name, key in (("light", "light"), ("state", "state"), ("category", "category")):
        known = {word: language.get(f"{key}.{word}") or word for word in words[name].dropna().unique()}
        words[name] = words[name].map(known)
    yield from (list(row) for row in words.where(words.notna(), None).itertuples(index=False, name=None))


def _say_seen(places: pd.DataFrame, seen: pd.DataFrame, language: Language) -> str:
    """Say how many of a kind were looked at; of streets how long they are too."""
    text = language["places.seen"].replace("{seen}", f"{len(seen)}").replace("{all}", f"{len(places)}")
    if "length_m" not in places:
        return text
    km = (f"{frame['length_m'].sum() / _M_IN_KM:.1f}" for frame in (seen, places))
    return f"{text} {language['places.seen_km'].replace('{seen}', next(km)).replace('{all}', next(km))}"
