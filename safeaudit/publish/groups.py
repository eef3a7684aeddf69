"""How groups of the people who walked felt, in the whole city and by kind of place: never in an area, never of few.

What a release tells of a group, another may tell again: their difference is what those said who came in between. So it
must be of enough people too, or of nobody, in every row of the group at once: one row taken off another tells as much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import MAINLY, SPLITS, people_by, who_alone
from safeaudit.languages import REFERENCE, read_language
from safeaudit.place_areas import list_places
from safeaudit.publish.walks import about_walks, of_latest_round, publishable
from safeaudit.tables.public import GROUP_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.tables import AuditResult
    from safeaudit.tables.public import ReleaseRecord

LEAST_PEOPLE = 10
LEAST_WALKS = 3
"""People and walks behind whatever is told of a group, and behind what differs between two releases."""

GROUPS = "groups"
"""Stands where a place does among the forms behind a release."""

_STEP = 5
"""Points that figures are rounded to, of 100; an interval is never narrower than one step on either side."""

_BLOCK = ["indicator", "light", "split", "who"]
_BEHIND = ["place_id", "what", "submission_id"]


def public_groups(result: AuditResult) -> pd.DataFrame:
    """Return how groups of at least `LEAST_PEOPLE` people on `LEAST_WALKS` walks felt, each in its latest round.

    Parameters
    ----------
    result
        What the run found out; its `open_group_answers` rest on `publishable` submissions alone, and hold back what
        would tell of few when one row is taken off another.

    Returns
    -------
    `groups` of `Public`.
    """
    rows = _told(result)
    # Where all said the same, an exact figure would be everybody's answer: it is told as what nearly all said.
    score = ((rows["score"] / _STEP).round() * _STEP).clip(_STEP, 100 - _STEP).astype(int)
    low, high = np.floor(rows["low"] / _STEP) * _STEP, np.ceil(rows["high"] / _STEP) * _STEP
    values = {"score": score, "low": low.clip(upper=score - _STEP), "high": high.clip(lower=score + _STEP)}
    called = rows["campaign"].where(rows["campaign"].isin(result.declared), "")
    return _in_order(rows.assign(**values, round=called).astype({"low": int, "high": int}))


def _told(result: AuditResult) -> pd.DataFrame:
    """Return the rows that may be told, each group in its latest round, with the name of each."""
    felt = [indicator.name for indicator in result.rubric.indicators if indicator.public == "feeling"]
    rows = result.open_group_answers.rename(columns={"group": "light"})
    rows = rows.astype(dict.fromkeys(["campaign", "zone_kind", "zone", *_BLOCK], "str"))
    # Whom a city asks people to say they are, such as migrants, stays with the office.
    sure = (rows["note"] == "") & rows["low"].notna() & rows["split"].isin(list(SPLITS))
    rows = rows[sure & rows["indicator"].isin(felt) & rows["zone_kind"].isin(("city", "kind"))]
    return of_latest_round(rows.assign(what=_named(rows)), "what", publishable(result.audits.submissions))


def forms_of_groups(result: AuditResult) -> pd.DataFrame:
    """Return the forms of people who may be told of as groups.

    Parameters
    ----------
    result
        As for `public_groups`.

    Returns
    -------
    place_id (`GROUPS`), what (as in `groups` of `Public`), submission_id, zone, walk, contributor, people and
    mainly (made mainly at a place of the zone): a row for each form and zone.
    """
    told = _told(result)
    submissions = publishable(result.audits.submissions)
    about = about_walks(submissions).rename(columns={"group": "light"})
    parts = [about.assign(split=split, who=who_alone(submissions, split)) for split in SPLITS]
    rated = result.audits.observations[["submission_id", "indicator"]].astype("str")
    rated = rated[rated["indicator"].isin(told["indicator"])]
    said = pd.concat(parts).dropna(subset="who").astype({"submission_id": "str"}).merge(rated, on="submission_id")
    said = said.assign(what=_named(said)).merge(_zones(result), on="submission_id")
    here = said.merge(told[["what", "zone", "campaign"]], on=["what", "zone", "campaign"])
    kept = [*_BEHIND, "zone", "walk", "contributor", "people", "mainly"]
    every = here.assign(place_id=GROUPS).sort_values("mainly", ascending=False, kind="stable")[kept]
    return every.drop_duplicates(kept[:4]).sort_values(kept[:4], ignore_index=True)


def settle_groups(
    now: pd.DataFrame, forms: pd.DataFrame, earlier: Sequence[ReleaseRecord], known: pd.Series[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the groups that are told of beside all earlier releases, and the forms behind them.

    A group is told anew where each of its rows rests on enough new people since each release, or on the very forms of
    it. Else it stays as it was told last; where somebody has taken a form back, it is told of no more until there are
    enough new ones.

    Parameters
    ----------
    now, forms
        As from `public_groups` and `forms_of_groups`.
    earlier
        What is remembered of every earlier release, the first one first.
    known
        Ids of the submissions that may be shown.
    """
    told = now["what"].unique()
    for record in earlier:
        told = told[pd.Index(told).isin(_told_beside(record, now, forms, known))]
    before, was = earlier[-1].groups, _remembered(earlier[-1])
    gone = was.loc[~was["submission_id"].isin(known), "what"]
    stays = before[~before["what"].isin([*told, *gone])]
    left = was[~was["what"].isin(told) & was["submission_id"].isin(known)]
    behind = pd.concat([forms.loc[forms["what"].isin(told), _BEHIND].drop_duplicates(), left[_BEHIND]])
    shown = pd.concat([part for part in (now[now["what"].isin(told)], stays) if len(part)] or [now.head(0)])
    return _in_order(shown), behind


def _told_beside(record: ReleaseRecord, now: pd.DataFrame, forms: pd.DataFrame, known: pd.Series[str]) -> pd.Index:
    """Return the groups of which one release and this one together tell nothing of few."""
    was = _remembered(record)
    gone = was.loc[~was["submission_id"].isin(known), "what"]
    again = _forms(forms).isin(_forms(was))
    fresh = forms[~again]
    rows, before = (pd.MultiIndex.from_frame(told[["what", "zone"]].astype("str")) for told in (now, record.groups))
    enough, touched = rows.isin(_enough(fresh)), rows.isin(pd.MultiIndex.from_frame(fresh[["what", "zone"]]))
    state = pd.DataFrame({"what": now["what"].astype("str"), "enough": enough, "few": touched & ~enough})
    groups = state.groupby("what").agg(enough=("enough", "all"), few=("few", "any"))
    name = groups.index
    # A row of the one release taken off those of the other tells of who is in neither: few, perhaps.
    broken = name.isin([*gone, *rows[~enough].difference(before).get_level_values("what")])
    lost = before.difference(rows).get_level_values("what").intersection(forms.loc[again, "what"].astype("str"))
    every = groups["enough"] & ~name.isin(lost)
    return name[~name.isin(was["what"]) | every | ~(broken | groups["few"] | name.isin(lost))]


def _remembered(record: ReleaseRecord) -> pd.DataFrame:
    """Return the forms behind what was last told of each group when a release was made."""
    return record.behind[record.behind["place_id"] == GROUPS]


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Return groups in the order in which forms ask for them, women first; each in the whole city first."""
    words = read_language(REFERENCE)
    asked = [f"{split} {who}" for split, field in SPLITS.items() for who in words.answers(field)]
    rank = pd.Index(asked).get_indexer(rows["split"] + " " + rows["who"])
    by = ["indicator", "light", "rank", "zone_kind", "zone"]
    return rows.assign(rank=rank).sort_values(by, ignore_index=True)[GROUP_COLUMNS]


def _forms(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["what", "submission_id"]].astype("str"))


def _enough(fresh: pd.DataFrame) -> pd.Index:
    """Return the rows that enough new people on enough walks stand behind."""
    row = ["what", "zone"]
    mainly = fresh[fresh["mainly"].astype(bool)]
    walks = mainly.groupby(row)["walk"].nunique()
    people = people_by(mainly, row)
    return walks.index[(walks >= LEAST_WALKS) & (people >= LEAST_PEOPLE)]


def _zones(result: AuditResult) -> pd.DataFrame:
    """Return the zones that each form was made in: submission_id, zone (the city, or a kind of place), mainly."""
    matches = result.matches[["submission_id", "place_id", "weight"]].astype(
        {"submission_id": "str", "place_id": "str"}
    )
    listed = list_places(result.places, matches["place_id"].unique())
    kind = listed["kind"].where(listed["kind"] != "space", listed["category"]).astype("str")
    mainly = matches.assign(mainly=matches["weight"] > MAINLY)
    of_kind = mainly.assign(zone=kind.reindex(mainly["place_id"]).to_numpy(object))
    return pd.concat([of_kind, mainly.assign(zone="city")])[["submission_id", "zone", "mainly"]]


def _named(rows: pd.DataFrame) -> pd.Series[str]:
    """Return one word for a group in a light."""
    return rows["indicator"] + " " + rows["light"] + " " + rows["split"] + " " + rows["who"]
