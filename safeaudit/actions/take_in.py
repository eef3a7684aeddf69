"""What came back -> new entries: what was changed is taken, unless somebody else changed it too; nothing is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.actions.entries import ABOUT, ABOUT_ACTION, NOT_TAKEN, NUMBERS, TAKEN, action_ids, check_signs
from safeaudit.place_codes import plain_code
from safeaudit.tables import TABLES, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from safeaudit.actions.rows import Row

_TABLE = "action_entries"
_ABOUT_IT = ("place_id", "place_code", "label", "issue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is today, that rows may be about.

    Attributes
    ----------
    actions
        The table `actions`.
    places
        Every place: place_id (the index), place_code, label.
    agencies
        Whom the settings name, by action_id: where nobody says otherwise, that stands in the sheets.
    """

    actions: pd.DataFrame
    places: pd.DataFrame
    agencies: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of rows that came back.

    Attributes
    ----------
    entries
        The table `action_entries`: what stood there, and what is new.
    taken, not_taken
        How many rows changed something, and how many said something that was kept and not taken.
    remarks
        What a person should look at, a sentence each.
    """

    entries: pd.DataFrame
    taken: int
    not_taken: int
    remarks: tuple[str, ...]


def take_in(rows: Iterable[Row], entries: pd.DataFrame, known: Known, *, day: date, sha256: str) -> TakenIn:
    """Add what rows say to the entries.

    A row changes what differs from how its action stood when the row was written. What somebody else changed since, to
    something else, is kept as it is: the row's word is written down as not taken, and told.

    Parameters
    ----------
    rows
        As from `read_rows`.
    entries
        The table `action_entries`.
    known
        What there is today.
    day
        The day it is read on.
    sha256
        Hash of the file the rows stand in.
    """
    book = _Book(entries, known)
    for row in rows:  # an office's sheets: some hundreds of rows, each depending on those before it
        _take_row(row, book)
    new = pd.DataFrame(book.new, columns=TABLES[_TABLE].names[1:]).assign(day=day.isoformat(), read_sha256=sha256)
    every = pd.concat([entries, new.astype("str").replace("", np.nan)], ignore_index=True) if len(new) else entries
    every = every.assign(entry=range(1, len(every) + 1))
    states = Counter(entry["state"] for entry in book.new)
    return TakenIn(
        entries=validate_table(every.astype(dict.fromkeys(("state", "about"), "str")), _TABLE),
        taken=states[TAKEN],
        not_taken=states[NOT_TAKEN],
        remarks=(*book.remarks, *_say_absent(known.actions, book.met)),
    )


@dataclass
class _Book:
    """All entries by action, those that are new among them."""

    entries: pd.DataFrame
    known: Known
    new: list[dict[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    met: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        plain = self.entries.astype(object).where(self.entries.notna(), "")
        old = plain.drop(columns="entry").to_dict("records")
        self.taken: dict[str, list[dict[str, str]]] = {}
        for entry in old:
            if entry["state"] == TAKEN:
                self.taken.setdefault(entry["action_id"], []).append(entry)
        self.refused = {_content(entry) for entry in old if entry["state"] == NOT_TAKEN}
        shown = self.known.actions.set_index("action_id")
        self.shown = shown.astype(object).where(shown.notna(), "").to_dict("index")
        codes = self.known.places.reset_index()
        codes.index = pd.Index([plain_code(code) for code in codes["place_code"]])
        self.by_code = codes[["place_id", "place_code", "label"]].to_dict("index")

    def stood(self, action_id: str, version: int | None) -> dict[str, str]:
        """Return what was said of an action after so many changes; now, where no number is given."""
        entries = self.taken.get(action_id, [])
        upto = len(entries) if version is None else min(version, len(entries))
        return entries[upto - 1] if upto else {}

    def add(self, row: Row, state: str, why: str, it: Mapping[str, str], said: Mapping[str, str]) -> None:
        """Write an entry; one that was not taken before for the same reason is not written again."""
        entry = dict.fromkeys(TABLES[_TABLE].names[1:], "")
        entry |= {"state": state, "why": why, "about": row.about, **it, **said}
        if state == TAKEN:
            self.taken.setdefault(entry["action_id"], []).append(entry)
        elif _content(entry) in self.refused:
            return
        self.refused.add(_content(entry))
        self.new.append(entry)

    def refuse(self, row: Row, why: str, it: Mapping[str, str], said: Mapping[str, str]) -> None:
        """Keep what is not taken, and say so."""
        about = " ".join(filter(None, (it.get("label", ""), f"({it['place_code']})" if it.get("place_code") else "")))
        self.remarks.append(f"{row.where}{f', {about}' if about else ''}: {why}.")
        self.add(row, NOT_TAKEN, why, it, said)


def _take_row(row: Row, book: _Book) -> None:
    it = _what_it_is(row, book)
    if it is None:
        _keep_stray(row, book)
        return
    book.met.add(it["action_id"])
    for name, (text, why) in row.unread.items():
        book.refuse(row, f'{name}: "{text}" was not taken: {why}', it, {name: text})
    base, now = book.stood(it["action_id"], row.version), book.stood(it["action_id"], None)
    changes: dict[str, str] = {}
    for name, text in row.said.items():
        was, stands = base.get(name, ""), now.get(name, "")
        if _same(name, text, was) or (name == "agency" and _as_shown(row, it["action_id"], book)):
            continue  # it is as it was written: nobody changed it here
        if _same(name, text, stands):
            continue
        if stands != was:
            why = f'{name}: "{text}" was not taken: since that sheet was written somebody made it "{stands}"'
            book.refuse(row, why, it, {name: text})
        else:
            changes[name] = text
    own = row.about == ABOUT_ACTION and not (now or it["action_id"] in book.shown)
    if changes or own:
        kept = {name: now.get(name, "") for name in ABOUT[row.about]}
        book.add(row, TAKEN, "", it, {**kept, **changes})
    if changes and book.shown.get(it["action_id"], {}).get("gone"):
        gone = "the place is no longer on the map; what was said of it is kept"
        book.remarks.append(f"{row.where}, {it['label']} ({it['place_code']}): {gone}.")


def _keep_stray(row: Row, book: _Book) -> None:
    """Keep what a row says of which nobody can tell what it is about; the agency it was written with says nothing."""
    said = {name: text for name, text in row.said.items() if text}
    if row.signs and check_signs(said.get("agency", "")) == row.signs:
        said.pop("agency", None)
    if said or row.unread:
        raw = {name: text for name, (text, _) in row.unread.items()}
        book.refuse(row, _why_nothing(row, book), _as_written(row), {**said, **raw})


def _as_shown(row: Row, action_id: str, book: _Book) -> bool:
    """Say whether a row names the agency that its sheet was written with, or the one of the settings."""
    agency = row.said["agency"]
    return check_signs(agency) == row.signs if row.signs else agency == book.known.agencies.get(action_id, "")


def _same(name: str, one: str, other: str) -> bool:
    """Say whether two cells say the same: of numbers, whatever they are written like."""
    return one == other or (name in NUMBERS and "" not in (one, other) and float(one) == float(other))


def _what_it_is(row: Row, book: _Book) -> dict[str, str] | None:
    """Return by which action a row is meant, and where it is; None where nobody can tell."""
    if row.action_id and (earlier := book.stood(row.action_id, None)):
        return {"action_id": row.action_id, **{name: earlier[name] for name in _ABOUT_IT}}
    if row.action_id in book.shown:
        known = book.shown[row.action_id]
        return {"action_id": row.action_id, **{name: str(known[name]) for name in _ABOUT_IT}}
    place = book.by_code.get(plain_code(row.place_code))
    if place is None or (row.about == ABOUT_ACTION and not row.issue):
        return None
    if row.about == ABOUT_ACTION:
        (action_id,) = action_ids("A", [place["place_id"]], [row.issue])
        return {"action_id": action_id, **place, "issue": row.issue}
    # What a hall says is a word of its own: the same word, read twice, is one.
    told = "\n".join(row.said.get(name, "") for name in ABOUT[row.about])
    (action_id,) = action_ids("H", [place["place_id"]], [told])
    return {"action_id": action_id, **place, "issue": ""} if told.strip() else None


def _as_written(row: Row) -> dict[str, str]:
    (action_id,) = action_ids("X", [row.place_code], [row.issue], [row.label])
    where = {"place_code": row.place_code, "label": row.label, "issue": row.issue}
    return {"action_id": row.action_id or action_id, **where}


def _why_nothing(row: Row, book: _Book) -> str:
    if not row.place_code:
        return "it was not taken: it names no place by its code"
    if plain_code(row.place_code) not in book.by_code:
        return f'it was not taken: no place here has the code "{row.place_code}", or it is no longer on the map'
    return "it was not taken: it does not say what is wrong there"


def _content(entry: Mapping[str, str]) -> tuple[str, ...]:
    """Return what an entry says, whenever and wherever it was read."""
    return tuple(str(text) for name, text in entry.items() if name not in {"day", "read_sha256"})


def _say_absent(actions: pd.DataFrame, met: set[str]) -> list[str]:
    """Say whose actions are not in the file: a sheet or rows were taken out, or it is one agency's alone."""
    absent = actions[~actions["action_id"].isin(met) & ~actions["closed"]]
    counts = absent["agency"].astype("str").fillna("").value_counts().sort_index()
    return [
        f"{n} actions of {name or 'nobody yet'} are not in it: they stay as they were." for name, n in counts.items()
    ]
