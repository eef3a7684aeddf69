"""What stands behind submissions: people, walks, rounds and light, and how many people reported a fault.

Contributors and walks are keys that nobody can be told by. Rounds, before and after, are never pooled. People and
answers are counted apart: a form is one answer, whoever agreed on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.languages import REFERENCE, read_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from safeaudit.languages import Language
    from safeaudit.tables import Audits

MAINLY = 0.5
"""A submission was made mainly at a place that has a larger share of it than this."""

GROUP_PARTS = {"woman": "group_women", "man": "group_men", "other": "group_other"}
"""Of whom a group may state how many it has, and in which columns."""

SPLITS = {
    "sex": "auditor_sex",
    "age": "auditor_age",
    "disability": "auditor_disability",
    "role": "auditor_role",
}
"""One-way splits of the people who walked, and their columns."""

MARK, STOP = ": ", "; "
"""Stand between the name of a group of the city's own and what was said, and between two of these."""

UNRECORDED = "unrecorded"
"""The group of what was seen at a time that nobody wrote down."""

_REPORTS = [
    "place_id",
    "kind",
    "agency",
    "status",
    "old",
    "since",
    "last_seen",
    "reports",
    "contributors",
]
_NUMBERED = r"^(.*?)[\s_\-.#:]*\d+$"
_NO_TEAM = {"walk", "walks", "group", "team", "route", "round", "day", "audit", "tour", "path"}
_NO_TEAM |= {"marche", "groupe", "équipe", "jour", "caminata", "grupo", "equipo", "día", "equipe", "grupa"}
_SHORT = 3
"""Letters before a number up to which they name no team: w1, BJM-01."""


def contributor_keys(submissions: pd.DataFrame) -> pd.Series[str]:
    """Return a key for the contributor of each submission.

    A known auditor, a team among them, is one contributor. Unknown auditors of one walk are one, and
    so are those of a series of walks that bears a team's name, such as "Rose 1" and "Rose 2"; where the
    walk is unknown too, those of one file and day are one.

    Parameters
    ----------
    submissions
        Table `submissions`.

    Returns
    -------
    Keys on the same index, never NA.
    """
    auditor = submissions["auditor"].astype("str")
    walk = walk_keys(submissions)
    team = _teams(submissions, walk)
    return ("auditor:" + auditor).where(auditor.notna(), ("team:" + team).where(team.notna(), walk))


def walk_keys(submissions: pd.DataFrame) -> pd.Series[str]:
    """Return a key for the walk of each submission: its walk_id, else its file and day.

    Parameters
    ----------
    submissions
        Table `submissions`. A walk_id is the same whatever its case and the blanks about it.

    Returns
    -------
    Keys on the same index, never NA.
    """
    keys = "walk:" + _each_once(submissions["walk_id"], _plain)
    unknown = submissions[keys.isna()]
    day = unknown["observed_at"].dt.strftime("%Y-%m-%d").fillna("")
    return keys.fillna("file:" + unknown["source"].astype("str") + ":" + day)


def _plain(walk: pd.Series[str]) -> pd.Series[str]:
    return walk.str.strip().str.replace(r"\s+", " ", regex=True).str.casefold()


def _each_once(column: pd.Series[str], change: Callable[[pd.Series[str]], pd.Series[str]]) -> pd.Series[str]:
    """Return a column of text or categories as text, changed: each text once, as many forms bear the same."""
    code, texts = pd.factorize(column.to_numpy(object))
    changed = change(pd.Series([*texts, None], dtype="str")).to_numpy(object)  # the last is that of NA, code -1
    return pd.Series(changed[code], index=column.index, dtype="str")


def _teams(submissions: pd.DataFrame, walk: pd.Series[str]) -> pd.Series[str]:
    """Return the team that a walk's name begins with, NA where it is but a number, a word for a walk or a round's."""
    team = _each_once(walk, _team_named)
    campaign = _each_once(submissions["campaign"], lambda texts: texts.str.casefold())
    return team.mask((team == campaign).fillna(value=False).astype(bool))


def _team_named(walk: pd.Series[str]) -> pd.Series[str]:
    team = walk.where(walk.str.startswith("walk:")).str.removeprefix("walk:").str.extract(_NUMBERED)[0]
    plain = team.isin(_NO_TEAM) | ~(team.str.count(r"[^\W\d_]") > _SHORT)
    return team.mask(plain.fillna(value=True).astype(bool))


def who_alone(submissions: pd.DataFrame, split: str) -> pd.Series[str]:
    """Return the group that the people behind each form are of, all of them; NA where that is mixed, or not known.

    Parameters
    ----------
    submissions
        The table of this name.
    split
        One of `find_splits`.
    """
    size = submissions["group_size"].astype(int)
    if split not in SPLITS:
        every = {text: _own_answers(text).get(split) for text in submissions["own_groups"].cat.categories}
        return submissions["own_groups"].astype("str").map(every).astype("str").where(size == 1)
    said = submissions[SPLITS[split]].astype("str").where(size == 1)
    # What else stands in a cell is somebody's text, and may name anybody.
    said = said.where(said.isin(list(read_language(REFERENCE).answers(SPLITS[split]))))
    if split == "sex":
        for who, column in GROUP_PARTS.items():
            said = said.mask((size > 1) & (submissions[column] == size).fillna(value=False).astype(bool), who)
    return said


def find_splits(submissions: pd.DataFrame) -> tuple[str, ...]:
    """Return `SPLITS`, and behind them the groups of the city's own that somebody said something of, by name.

    Parameters
    ----------
    submissions
        The table of this name.
    """
    said = submissions["own_groups"].cat.remove_unused_categories().cat.categories
    return (*SPLITS, *sorted({name for text in said for name in _own_answers(text)}))


def _own_answers(text: str) -> dict[str, str]:
    """Return what one person said of the groups of the city's own, by their names."""
    return dict(part.split(MARK, 1) for part in text.split(STOP))


def count_people(
    cell: NDArray[np.int64], who: NDArray[np.int64], people: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    """Count the people of each of `size` cells: of each contributor the largest group, never summed over forms.

    Parameters
    ----------
    cell, who, people
        Of each form its cell, the code of its contributor, and the people who agreed on it.
    size
        Number of cells.
    """
    base = int(who.max(initial=0)) + 1
    pairs, pair = np.unique(cell * base + who, return_inverse=True)
    largest = np.zeros(len(pairs), dtype=np.int64)
    np.maximum.at(largest, pair, people)
    return np.bincount(pairs // base, largest, minlength=size).astype(np.int64)


def people_by(forms: pd.DataFrame, by: list[str], who: str = "contributor") -> pd.Series[int]:
    """Count the people of each group of forms, as `count_people` does of cells.

    Parameters
    ----------
    forms
        Their contributor, and `people`: how many agreed on each.
    by
        Columns that tell the groups apart.
    who
        Column of the contributor.

    Examples
    --------
    >>> forms = pd.DataFrame({"place": ["p", "p", "p"], "contributor": [1, 1, 2], "people": [3, 5, 1]})
    >>> int(people_by(forms, ["place"])["p"])
    6
    """
    return forms.groupby([*by, who])["people"].max().groupby(by).sum()


def light_groups(submissions: pd.DataFrame) -> pd.Series[str]:
    """Return the light of each submission by the names that groups of scores have.

    Parameters
    ----------
    submissions
        Table `submissions`.

    Returns
    -------
    Categorical on the same index, never NA: `UNRECORDED` where the time is unknown.
    """
    return submissions["light"].cat.add_categories(UNRECORDED).fillna(UNRECORDED)


def rounds(submissions: pd.DataFrame) -> tuple[str | None, ...]:
    """Return the rounds of walks from the earliest to the latest: None is that of forms without a campaign.

    Parameters
    ----------
    submissions
        Table `submissions`. A round is as late as its latest observation; those without times come first, by name.
    """
    named = submissions["campaign"].astype("str")
    latest = submissions["observed_at"].groupby(named.fillna("")).max().rename("latest").reset_index()
    order = latest.sort_values(["latest", "campaign"], na_position="first")["campaign"]
    return tuple(str(name) if name else None for name in order)


def say_scored(forms: Mapping[str | None, int], campaign: str | None, language: Language) -> str:
    """Say in one line which forms are scored.

    Parameters
    ----------
    forms
        Number of forms of each round, from the earliest to the latest.
    campaign
        The round that the settings name; None where each place is shown in its latest.
    language
        In which it is said.

    Examples
    --------
    >>> say_scored({"before": 846, "after": 531}, None, read_language("en"))
    'Scored: 1,377 forms of two rounds; 531 of the latest.'
    """
    total = sum(forms.values())
    if campaign is not None:
        used = forms.get(campaign, 0)
        return language.say("console.scored.named", forms=f"{used:,}", others=f"{total - used:,}")
    if len(forms) <= 1:
        return language.say("console.scored.one", forms=f"{total:,}")
    count = language.get(f"console.rounds.{len(forms)}") or language.say("console.rounds", count=len(forms))
    latest = list(forms.values())[-1]
    return language.say("console.scored", forms=f"{total:,}", rounds=count, latest=f"{latest:,}")


def of_round(audits: Audits, campaign: str | None) -> Audits:
    """Return the audits of one round; of the forms without a campaign where it is None.

    Parameters
    ----------
    audits
        Audits of any rounds.
    campaign
        Its name.
    """
    return of_rounds(audits, (campaign or "",))


def of_rounds(audits: Audits, names: Iterable[str]) -> Audits:
    """Return the audits of some rounds; "" is that of forms without a campaign.

    Parameters
    ----------
    audits
        Audits of any rounds.
    names
        Their names.
    """
    of = audits.submissions["campaign"].astype("str").fillna("")
    return audits.keep(audits.submissions[of.isin(list(names))].reset_index(drop=True))


def split_rounds(audits: Audits) -> dict[str | None, Audits]:
    """Return the audits of each round by its name, from the earliest round to the latest.

    Parameters
    ----------
    audits
        Audits of any rounds.
    """
    return {name: of_round(audits, name) for name in rounds(audits.submissions)}


def of_latest_round(matches: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Return the matches of each place's latest round among these submissions.

    Parameters
    ----------
    matches
        The table of this name.
    submissions
        Table `submissions`, of several rounds: those that count.
    """
    order = {name: rank for rank, name in enumerate(rounds(submissions))}
    campaign = submissions["campaign"].astype("str").map(lambda name: order[name if isinstance(name, str) else None])
    rank = pd.Series(campaign.to_numpy(np.int64), index=submissions["submission_id"].astype("str"))
    found = matches.assign(rank=rank.reindex(matches["submission_id"].astype("str")).to_numpy())
    found = found[found["rank"].notna()]
    latest = found.groupby("place_id", observed=True)["rank"].transform("max")
    return found[found["rank"] == latest].drop(columns="rank").reset_index(drop=True)


def faults_by_place(faults: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Count the reports of each fault at each place.

    Parameters
    ----------
    faults
        The table of this name; what belongs to no place is left out, and what was mended.
    submissions
        Table `submissions`: who reported them.

    Returns
    -------
    place_id, kind, agency (may be NA), status, old, since and last_seen (UTC, may be NaT), reports (submissions) and
    contributors (distinct); a row for each place and kind that is not mended, sorted.
    """
    opened = faults[(faults["status"] != "mended") & faults["place_id"].notna()]
    if opened.empty:
        kinds = {"reports": np.int64, **dict.fromkeys(("since", "last_seen"), "datetime64[us, UTC]"), "old": bool}
        return pd.DataFrame(columns=_REPORTS).astype(kinds)
    about = submissions[["submission_id"]].assign(contributor=contributor_keys(submissions))
    first = {name: (name, "first") for name in ("agency", "status", "old", "since", "last_seen")}
    counted = {"reports": ("submission_id", "size"), "contributors": ("contributor", "nunique")}
    return (
        opened.merge(about, on="submission_id")
        .groupby(["place_id", "kind"], observed=True)
        .agg(**first, **counted)
        .reset_index()[_REPORTS]
    )
