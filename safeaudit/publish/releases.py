"""One release after another: what differs between two of them must tell nobody's walk.

Whoever has two releases, and knows who walked in between or took a form back, reads that off what changed. So a row
stays as it was shown before, or unshown, until what is new behind it since each earlier release is of enough walks by
different people (`[publish] min_walks`) and is more than the end of a walk by one person. Where a form was taken back,
what was shown cannot stay: until enough is new, a row is shown only if it is the very same without that form.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from safeaudit.contributors import people_by
from safeaudit.publish.behind import BEHIND, forms_behind
from safeaudit.publish.conditions import public_coverage, public_indicators
from safeaudit.publish.groups import GROUPS, forms_of_groups, settle_groups
from safeaudit.publish.reach import REACH
from safeaudit.publish.remarks import public_remarks
from safeaudit.publish.walks import publishable
from safeaudit.tables.public import REACH_COLUMNS, Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult
    from safeaudit.tables.public import Public, ReleaseRecord

_ROW = ["place_id", "what"]


class _Verdicts(NamedTuple):
    """What becomes of rows, by place_id and what."""

    held: pd.MultiIndex
    """They stay as they were: too little is new behind them since some earlier release."""
    withdrawn: pd.MultiIndex
    """Something behind what was last shown is no longer there: that cannot stay."""


def make_release(
    result: AuditResult, public: Public, settings: PublishSettings, earlier: Sequence[ReleaseRecord]
) -> Release:
    """Check what may be shown against all earlier releases, and hold back what would tell a walk by what differs.

    Parameters
    ----------
    result
        What the run found out.
    public
        What may be shown if there were no release before, as from `to_public`; of rounds it says nothing yet.
    settings
        How many walks are enough.
    earlier
        What is remembered of every earlier release, the first one first.

    Returns
    -------
    What is shown, and what is to be remembered of it.
    """
    behind, felt = forms_behind(result, settings), forms_of_groups(result)
    if not earlier:
        every = pd.concat([behind[BEHIND], felt[BEHIND].drop_duplicates()], ignore_index=True)
        first = replace(public, remarks=public_remarks(result, every["submission_id"]))
        return Release(public=first, before=None, behind=every, fresh=behind, held=0, withdrawn=0)
    known = publishable(result.audits.submissions)["submission_id"].astype("str")
    groups, behind_groups = settle_groups(public.groups, felt, earlier, known)
    before = earlier[-1]
    was = _of_rows(before)
    verdicts = _judge(behind, earlier, known)
    stays = was[_rows(was).isin(verdicts.held) & was["submission_id"].isin(known)]
    new = behind[~_rows(behind).isin(verdicts.held)]
    forms = pd.concat([new[BEHIND], stays[BEHIND], behind_groups])
    remarks = public_remarks(result, forms["submission_id"])
    return Release(
        public=replace(_settled(public, before, verdicts, result), groups=groups, remarks=remarks),
        before=before,
        behind=forms.sort_values(BEHIND, ignore_index=True),
        fresh=_fresh(new, was),
        held=len(verdicts.held),
        withdrawn=len(verdicts.withdrawn),
    )


def _judge(behind: pd.DataFrame, earlier: Sequence[ReleaseRecord], known: pd.Series[str]) -> _Verdicts:
    """Hold what tells too little beside any earlier release, and name what was taken back since the last one."""
    held = pd.MultiIndex.from_arrays([[], []], names=_ROW)
    for record in earlier:
        was = _of_rows(record)
        gone = was[~was["submission_id"].isin(known)]
        held = held.union(_tells_few(_fresh(behind, was), behind, _rows(gone).unique()))
    return _Verdicts(held, _rows(gone).unique())


def _of_rows(record: ReleaseRecord) -> pd.DataFrame:
    """Return the forms behind what a release told row by row: groups are told as a whole."""
    return record.behind[record.behind["place_id"] != GROUPS]


def _fresh(behind: pd.DataFrame, was: pd.DataFrame) -> pd.DataFrame:
    return behind[~pd.MultiIndex.from_frame(behind[BEHIND]).isin(pd.MultiIndex.from_frame(was[BEHIND]))]


def _tells_few(fresh: pd.DataFrame, behind: pd.DataFrame, gone: pd.MultiIndex) -> pd.MultiIndex:
    """Return the rows of which few would be told: what is new or gone is of too few, or the end of a lone walk.

    Where one walk is enough to be shown, one that is gone need not be hidden either.
    """
    by_row = fresh.groupby(_ROW)
    lone = by_row["end"].all() & (by_row["contributor"].min() == by_row["contributor"].max())
    wanted = behind.groupby(_ROW)[["least_walks", "least_people"]].first()
    mainly = fresh[fresh["mainly"].astype(bool)]
    walks = mainly.groupby(_ROW)[["walk", "contributor"]].nunique().min(axis=1)
    people = people_by(mainly, _ROW)
    few = (walks.reindex(wanted.index).fillna(0) < wanted["least_walks"]) | (
        people.reindex(wanted.index).fillna(0) < wanted["least_people"]
    )
    touched = wanted.index.isin(lone.index) | wanted.index.isin(gone)
    few &= touched & (wanted["least_walks"] > 1)
    return wanted.index[few | lone.reindex(wanted.index, fill_value=False)]


def _settled(public: Public, before: ReleaseRecord, verdicts: _Verdicts, result: AuditResult) -> Public:
    """Return what is shown: rows as they are now, and those that are held as they were."""
    places, areas = public.places["place_id"], result.places.areas["area_id"].astype("str")
    reach, reached = (rows.assign(place_id=REACH) for rows in (public.reach, before.reach))
    reach = _mixed(reach, reached, ["place_id", "what"], verdicts, pd.Series([REACH]))
    conditions = _mixed(public.conditions, before.conditions, ["place_id", "indicator", "light"], verdicts, places)
    return replace(
        public,
        as_of=conditions["quarter"].max() if conditions["quarter"].notna().any() else "",
        indicators=public_indicators(result.rubric, conditions),
        conditions=conditions,
        coverage=public_coverage(result.places, conditions),
        faults=_mixed(public.faults, before.faults, ["place_id", "kind"], verdicts, places),
        changes=_mixed(public.changes, before.changes, ["area_id", "what"], verdicts, areas),
        reach=reach[REACH_COLUMNS],
    )


def _mixed(
    now: pd.DataFrame, before: pd.DataFrame, key: list[str], verdicts: _Verdicts, known: pd.Series[str]
) -> pd.DataFrame:
    """Return rows as they are now, and held ones as they were where their place or area is still known."""
    # What was shown may use words that nothing shown now does, such as a state: categories are made anew.
    worded = [name for name, kind in now.dtypes.items() if isinstance(kind, pd.CategoricalDtype)]
    plain = {**now.dtypes.drop(worded), **dict.fromkeys(worded, "str")}
    now, before = now.astype(plain), before[now.columns].astype(plain)
    here, there = (_named(rows, key) for rows in (now, before))
    same = pd.MultiIndex.from_frame(before.astype("str")).isin(pd.MultiIndex.from_frame(now.astype("str")))
    stays = there.isin(verdicts.held) & (same | ~there.isin(verdicts.withdrawn))
    rows = pd.concat([now[~here.isin(verdicts.held)], before[stays & before[key[0]].isin(known).to_numpy()]])
    return rows.astype(dict.fromkeys(worded, "category")).sort_values(key, ignore_index=True)


def _named(rows: pd.DataFrame, key: list[str]) -> pd.MultiIndex:
    """Return rows by where they are and what they say, as `forms_behind` names them."""
    where, *what = (rows[name].astype("str") for name in key)
    return pd.MultiIndex.from_arrays([where, what[0].str.cat(what[1:], sep=" ") if what[1:] else what[0]])


def _rows(behind: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(behind[_ROW].astype("str"))
