"""office/report.html: one page to print or send. Constants and escaped words, nothing else."""

from __future__ import annotations

import base64
from html import escape
from importlib.metadata import version
from itertools import groupby
from typing import TYPE_CHECKING, Any

from safeaudit.files.staged import write_whole
from safeaudit.outputs import assets
from safeaudit.outputs.parts import overview
from safeaudit.rubric import STREET_CONDITION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from safeaudit.languages import Language
    from safeaudit.rubric import Rubric
    from safeaudit.tables.public import Public, Report, Seen, Walked

_MOST_ACTIONS = 12
_PEOPLE = "people"
_PER_KM = 1000
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_ACTION = ("place", "what", "who", "reported", "target", "today", "next")


def write(report: Report, public: Public, rubric: Rubric, language: Language, target: Path) -> None:
    """Write the report.

    Parameters
    ----------
    report
        What it may say.
    public
        Of what the picture is.
    rubric
        Whose words the indicators have.
    language
        The city's language.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    style = assets.read("report.css").decode()
    page = (
        f'<!doctype html>\n<html lang="{escape(language.code)}" dir="{escape(language.direction)}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{escape(report.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"{''.join(_body(report, overview.draw(public), rubric, language))}</body>\n</html>\n"
    )
    write_whole(target, page.encode())


def _body(report: Report, picture: bytes, rubric: Rubric, words: Language) -> Iterator[str]:
    yield _text("h1", report.title)
    as_of = words.say("page.as_of", quarter=report.as_of) if report.as_of else ""
    yield _text("p", f"{words['report.title']} {as_of}".strip(), "about")
    remarks = [*report.remarks, *([words["page.draft"]] if words.draft else [])]
    yield from (_text("p", remark, "remark") for remark in remarks)
    yield _element("div", _picture(report, picture, rubric, words), _walked(report, words), kind="top")
    yield _element(
        "div",
        _sure(report, rubric, words),
        _unsure(report, words),
        _reached(report, rubric, words),
        _changed(report, rubric, words),
        _section(words["report.method"], [words["report.method.1"], words["report.method.2"]]),
        _section(words["report.cite"], [_cite(report, words)]),
        kind="columns",
    )
    yield _to_mend(report.actions, words)


def _picture(report: Report, picture: bytes, rubric: Rubric, words: Language) -> str:
    image = f'<img alt="" src="data:image/svg+xml;base64,{base64.b64encode(picture).decode()}">\n'
    return _element("div", image, _text("p", words.label(report.indicator, rubric), "about"))


def _walked(report: Report, words: Language) -> str:
    lines = [_say_round(walked, words) for walked in report.walked]
    for field, groups in groupby(report.people, key=lambda group: group[0]):
        said = "; ".join(f"{words[f'answer.{field}.{who}']} {people:,}" for _, who, people in groups)
        lines.append(f"{words[f'question.{field}.label']}: {said}.")
    return _section(words["report.walked"], [*lines, words["report.who"]])


def _say_round(walked: Walked, words: Language) -> str:
    when = walked.since if walked.since == walked.until else f"{walked.since}, {walked.until}"
    name = walked.name or words["report.unnamed"]
    said = words.say("report.round", forms=f"{walked.forms:,}", walks=f"{walked.walks:,}", people=f"{walked.people:,}")
    return f"{name}{f' ({when})' if when else ''}: {said}"


def _sure(report: Report, rubric: Rubric, words: Language) -> str:
    lines = []
    for seen in report.findings.seen:
        lines.append(_said_of(seen, words, "seen", km=f"{seen.km:,.1f}", all=f"{report.findings.street_km:,.1f}"))
        lengths = (words.say("page.street.kilometres", kilometres=f"{km:,.1f}") for km in seen.km_by_band)
        lines.append("; ".join(f"{band} {km}" for band, km in zip(words.bands, lengths, strict=True)) + ".")
        if seen.likely:
            surest = "; ".join(seen.surest)
            lines.append(_said_of(seen, words, "likely", count=f"{seen.likely:,}", surest=surest))
        else:
            lines.append(_said_of(seen, words, "none"))
    return _section(words["report.sure"], [*(lines or [words["report.nobody"]]), *_day_dark(report, rubric, words)])


def _day_dark(report: Report, rubric: Rubric, words: Language) -> Iterator[str]:
    for row in report.day_dark.itertuples(index=False):
        values = {name: f"{getattr(row, name):.0f}" for name in ("day", "dark")}
        values |= {name: f"{getattr(row, name):+.0f}" for name in ("low", "high")}
        label = words.label(str(row.indicator), rubric)
        yield words.say("report.day_dark", indicator=label, places=f"{row.places:,}", **values)


def _reached(report: Report, rubric: Rubric, words: Language) -> str:
    """Return who reaches what; nothing after a quick run."""
    table = report.night_reach
    if table.empty:
        return ""
    told = table[table["reach"].notna()]
    # Of a category the mean of what may be shown by place, as everywhere on this page; else what there is.
    of_whole = told["indicator"] == STREET_CONDITION
    told = told[of_whole | ~told["category"].isin(told["category"][of_whole])]
    if told.empty:
        why = "none" if (table["destinations"] > 0).any() else "unmapped"
        return _section(words["report.reach"], [words[f"report.reach.{why}"]])
    lines = [_say_reach(row, told, rubric, words) for row in told.itertuples(index=False)]
    return _section(words["report.reach"], [*filter(None, lines), words["report.reach.about"]])


def _say_reach(row: Any, told: pd.DataFrame, rubric: Rubric, words: Language) -> str:
    """Return a line for a category; where both lights are of the same, the row of the day says both."""
    of = {
        "what": words[f"report.reach.{row.category}"],
        "indicator": words.label(row.indicator, rubric),
        "count": f"{row.counted:,}",
        "all": f"{row.destinations:,}",
    }
    if row.unit == _PEOPLE:
        of["within"] = words.say("report.reach.people", count=_number(row.within, row.unit))
    else:
        of["within"] = words.say("report.reach.km", km=_number(row.within, row.unit))
    values = {name: _number(getattr(row, name), row.unit) for name in ("reach", "low", "high")}
    if not row.same:
        return words.say("report.reach.one", **of, **values, light=words[f"light.{row.group}"])
    if row.group != "day":
        return ""
    other = told[(told["category"] == row.category) & (told["indicator"] == row.indicator) & (told["group"] == "dark")]
    dark = {name: _number(other[name].iloc[0], row.unit) for name in ("reach", "low", "high")}
    both = {"day": values["reach"], "day_low": values["low"], "day_high": values["high"]}
    both |= {"dark": dark["reach"], "dark_low": dark["low"], "dark_high": dark["high"]}
    return words.say("report.reach.both", **of, **both)


def _number(value: float, unit: str) -> str:
    """Return a number of people, or of kilometres."""
    return f"{value:,.0f}" if unit == _PEOPLE else f"{value / _PER_KM:,.1f}"


def _unsure(report: Report, words: Language) -> str:
    lines = [
        _said_of(seen, words, "few", few=f"{seen.few:,}", places=f"{seen.places:,}", look=f"{seen.look:,}")
        for seen in report.findings.seen
    ]
    rows = words.say("report.rows", rejected=f"{report.rejected:,}", read=f"{report.read:,}")
    return _section(words["report.unsure"], [*lines, words["report.unseen"], rows])


def _said_of(seen: Seen, words: Language, what: str, **values: str) -> str:
    return words.say(f"report.{what}", light=words[f"light.{seen.light}"], **values)


def _changed(report: Report, rubric: Rubric, words: Language) -> str:
    changed = report.changed
    if changed is None:
        return _section(words["report.changed"], [words["report.changed.none"]])
    names = {when: getattr(changed, when) or words["report.unnamed"] for when in ("before", "after")}
    counts = {name: f"{getattr(changed, name):,}" for name in ("places", "tests", "differing")}
    lines = [words.say("report.changed.places", **names, **counts)]
    for row in changed.means.itertuples(index=False):
        label = words.label(str(row.indicator), rubric)
        between = words.say("report.changed.between", low=f"{row.low:+.0f}", high=f"{row.high:+.0f}")
        lines.append(f"{label}, {words[f'light.{row.light}']}: {row.difference:+.0f} {between}")
    return _section(words["report.changed"], lines)


def _to_mend(actions: pd.DataFrame, words: Language) -> str:
    heading = _text("h2", words["report.mend"])
    if actions.empty:
        return f"{heading}{_text('p', words['report.mend.none'])}"
    head = _element("tr", *(_text("th", words[f"report.column.{name}"]) for name in _ACTION))
    rows = [_action_row(row, words) for row in actions.head(_MOST_ACTIONS).to_dict("records")]
    more = len(actions) - _MOST_ACTIONS
    left = _text("p", words.say("report.mend.more", count=f"{more:,}"), "about") if more > 0 else ""
    return f"{heading}{_element('div', _element('table', head, *rows), kind='wide')}{left}"


def _action_row(action: dict[str, object], words: Language) -> str:
    """Return what is to be done at a place: what was reported, what is meant to be, and what is so today."""
    said = {name: "" if action[name] is None or action[name] != action[name] else str(action[name]) for name in action}
    since = f" ({said['since']})" if said["since"] else ""
    status = words.get(f"mend.status.{said['status']}") or words.get(f"page.mend.status.{said['fault']}")
    cells = (
        said["label"] if said["place_code"] in said["label"] else f"{said['label']}, {said['place_code']}",
        words.get(f"fault.{said['issue']}") or said["issue"],
        said["agency"] or words["page.mend.agency_unknown"],
        f"{said['reports']}{since}",
        " ".join(filter(None, (said["measure"] or words["mend.status.mended"], said["due"]))),
        status,
    )
    return _element("tr", *(_text("td", cell) for cell in cells), '<td class="blank"></td>')


def _cite(report: Report, words: Language) -> str:
    cited = words.say(
        "report.cite.words", title=report.title, quarter=report.as_of or "?", version=version("safeaudit")
    )
    return f"{cited} {report.attribution}".strip()


def _section(heading: str, lines: list[str]) -> str:
    return _element("section", _text("h2", heading), _element("ul", *(_text("li", line) for line in lines)))


def _text(tag: str, text: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f'<{tag}{attribute} dir="auto">{escape(text)}</{tag}>\n'


def _element(tag: str, *inside: str, kind: str = "") -> str:
    """Return an element around what is escaped already."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<{tag}{attribute}>{''.join(inside)}</{tag}>\n"
