"""The form on paper: one HTML file for A4, constants and escaped words, nothing else."""

from __future__ import annotations

from html import escape
from importlib.resources import files as package_files
from typing import TYPE_CHECKING

from safeaudit.files.staged import write_whole
from safeaudit.form.questions import FAULTS, WALK

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from safeaudit.config import OwnGroup
    from safeaudit.form.questions import Asked, Worded
    from safeaudit.languages import Language

SPOTS = 2
"""Spots on a page."""

_BOX = '<i class="box"></i>'


def write(asked: Asked, city: str, target: Path) -> None:
    """Write the paper form: a sheet for the walk, and a page of spots to copy.

    Parameters
    ----------
    asked
        The questions in one language.
    city
        Name of the city.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written.
    """
    language = asked.language
    title = language["form.title"].replace("{city}", city)
    heading = escape(language["form.title"]).replace("{city}", f"<bdi>{escape(city)}</bdi>")
    style = (package_files("safeaudit.form") / "paper.css").read_text(encoding="utf-8")
    page = (
        f'<!doctype html>\n<html lang="{escape(language.code)}" dir="{escape(language.direction)}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"{_walk_page(asked, heading)}{_spot_page(asked, heading)}</body>\n</html>\n"
    )
    write_whole(target, page.encode())


def _walk_page(asked: Asked, heading: str) -> str:
    language = asked.language
    questions = (_element("li", f"<b>{escape(i.label)}</b> ", escape(i.question)) for i in asked.indicators)
    who = ("auditor_age", "guardian_consent", "auditor_sex", "auditor_disability", "auditor_role")
    return _element(
        "section",
        _head(language, heading),
        _element("p", escape(language["form.intro"]), kind="intro"),
        _element("h2", escape(language["paper.walk"])),
        _element("div", *(_line(language, name) for name in WALK), kind="lines"),
        _asked_of(language, "consent"),
        _element("h2", escape(language["group.who"])),
        *(_asked_of(language, name) for name in who),
        *(_own_question(group) for group in asked.groups.values()),
        _element("div", _line(language, "auditor"), kind="lines"),
        _element("h2", escape(language["group.rating"])),
        _element("ul", *questions),
        _element("p", _privacy(language), escape(f" {language['form.privacy_why']}"), kind="privacy"),
    )


def _spot_page(asked: Asked, heading: str) -> str:
    language = asked.language
    told = f"{escape(language['form.tick'])} {escape(language['paper.copy'])}"
    number = _element("p", _label(language["question.walk_id.label"]), '<span class="write"></span>', kind="again")
    return _element(
        "section",
        _head(language, heading, number),
        _element("p", f"{told} ", _privacy(language), kind="intro"),
        *(_spot(asked) for _ in range(SPOTS)),
    )


def _spot(asked: Asked) -> str:
    language = asked.language
    rows = (_rating(indicator) for indicator in asked.indicators)
    faults = (f"<span>{_BOX}{escape(text)}</span>" for text in language.answers(FAULTS).values())
    return _element(
        "article",
        _element(
            "div",
            _blank(language["paper.spot"], "short"),
            _cells(language["question.place_code.label"], "       "),
            _cells(language["question.observed_at.label"], "    -  -  _  :  "),
            kind="lines",
        ),
        _element("div", _ticks(language, "day_or_dark"), _blank(language["paper.street"], "rest"), kind="lines"),
        _element("table", *rows),
        _element("div", _label(language[f"question.{FAULTS}.label"]), *faults, kind="faults"),
        _element("div", _blank(language["question.note.label"], "long"), kind="lines"),
    )


def _rating(indicator: Worded) -> str:
    words = "".join(_element("td", _BOX, _level(text)) for text in indicator.levels)
    return _element("tr", _element("th", escape(indicator.label)), words)


def _level(text: str) -> str:
    """Return the words of a level, those up to the colon set off."""
    short, colon, rest = text.partition(":")
    return f"<b>{escape(short + colon)}</b>{escape(rest)}"


def _head(language: Language, heading: str, beside: str = "") -> str:
    draft = _element("p", escape(language["form.draft"]), kind="draft") if language.draft else ""
    return _element("header", _element("h1", heading), draft, beside)


def _privacy(language: Language) -> str:
    return f"<b>{escape(language['form.privacy'])}</b>"


def _asked_of(language: Language, name: str) -> str:
    """Return a question with its boxes."""
    hint = _element("small", escape(language[f"question.{name}.hint"]))
    return _element("div", _label(language[f"question.{name}.label"]), hint, _ticks(language, name), kind="question")


def _own_question(group: OwnGroup) -> str:
    return _element("div", _label(group.question), _boxes(group.answers), kind="question")


def _ticks(language: Language, name: str) -> str:
    return _boxes(language.answers(name).values())


def _boxes(answers: Iterable[str]) -> str:
    return _element("div", *(f"<span>{_BOX}{escape(text)}</span>" for text in answers), kind="ticks")


def _line(language: Language, name: str) -> str:
    hint = _element("small", escape(language[f"question.{name}.hint"]))
    return _element("div", _label(language[f"question.{name}.label"]), '<span class="write"></span>', hint, kind="line")


def _blank(label: str, kind: str) -> str:
    return _element("div", _label(label), '<span class="write"></span>', kind=f"blank {kind}")


def _cells(label: str, signs: str) -> str:
    """Return boxes for single signs, other signs between them. They run left to right in every language."""
    between = {sign: f'<i class="between">{sign.replace("_", "&nbsp;")}</i>' for sign in signs}
    boxes = "".join({**between, " ": '<i class="sign"></i>'}[sign] for sign in signs)
    return _element("div", _label(label), f'<span class="signs" dir="ltr">{boxes}</span>', kind="blank")


def _label(text: str) -> str:
    return f'<span class="label">{escape(text)}</span>'


def _element(tag: str, *inside: str, kind: str = "") -> str:
    """Return an element around what is escaped already."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<{tag}{attribute}>{''.join(inside)}</{tag}>\n"
