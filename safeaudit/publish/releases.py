"""One release after another: what differs between two of them must tell nobody's walk.

Whoever has two releases, and knows who walked in between, reads that walk off what changed. So a row of a release
stays as it was shown before, or unshown, until what is new behind it is of enough walks by different people
(`[publish] min_walks`) and is more than the end of a walk by one person. What was withdrawn since is shown no more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from safeaudit.publish.behind import BEHIND, forms_behind
from safeaudit.publish.conditions import public_coverage, public_indicators
from safeaudit.publish.groups import GROUPS, forms_of_groups, settle_groups
from safeaudit.publish.reach import REACH
from safeaudit.publish.walks import publishable
from safeaudit.tables.public import REACH_COLUMNS, Release

if TYPE_CHECKING:
    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult
    from safeaudit.tables.public import Public, ReleaseRecord

_ROW = ["place_id", "what"]


class _Verdicts(NamedTuple):
    """What becomes of rows, by place_id and what."""

    held: pd.MultiIndex
    """They stay as they were: too few walks are new behind them, or the end of a lone one."""
    withdrawn: pd.MultiIndex
    """Something behind what was shown is no longer there: that cannot stay."""


def make_release(
    result: AuditResult, public: Public, settings: PublishSettings, before: ReleaseRecord | None
) -> Release:
    """Check what may be shown against the release before, and hold back what would tell a walk by what differs.

    Parameters
    ----------
    result
        What the run found out.
    public
        What may be shown if there were no release before, as from `to_public`.
    settings
        How many walks are enough.
    before
        What is remembered of the last release; None for the first.

    Returns
    -------
    What is shown, and what is to be remembered of it.
    """
    behind, felt = forms_behind(result, settings), forms_of_groups(result)
    if before is None:
        every = pd.concat([behind[BEHIND], felt[BEHIND].drop_duplicates()], ignore_index=True)
        return Release(public=public, before=None, behind=every, fresh=behind, held=0, withdrawn=0)
    known = publishable(result.audits.submissions)["submission_id"].astype("str")
    groups, behind_groups = settle_groups(public.groups, felt, before.groups, before.behind, known)
    before = replace(before, behind=before.behind[before.behind["place_id"] != GROUPS])
    gone = before.behind[~before.behind["submission_id"].isin(known)]
    fresh = behind[~pd.MultiIndex.from_frame(behind[BEHIND]).isin(pd.MultiIndex.from_frame(before.behind[BEHIND]))]
    verdicts = _Verdicts(_tells_a_walk(fresh, settings.min_walks), _rows(gone).unique())
    old = before.behind[_rows(before.behind).isin(verdicts.held) & before.behind["submission_id"].isin(known)]
    new = behind.loc[~_rows(behind).isin(verdicts.held), BEHIND]
    return Release(
        public=replace(_settled(public, before, verdicts, result), groups=groups),
        before=before,
        behind=pd.concat([new, old[BEHIND], behind_groups]).sort_values(BEHIND, ignore_index=True),
        fresh=fresh[~_rows(fresh).isin(verdicts.held)],
        held=len(verdicts.held),
        withdrawn=len(verdicts.withdrawn),
    )


def _tells_a_walk(fresh: pd.DataFrame, min_walks: int) -> pd.MultiIndex:
    """Return the rows behind which too few walks are new, or the end of one person's walk alone."""
    every = fresh.groupby(_ROW).agg(people=("contributor", "nunique"), end=("end", "all"))
    lone = every["end"].astype(bool) & (every["people"] == 1)
    if min_walks == 1:
        return every.index[lone]
    walks = fresh[fresh["mainly"]].groupby(_ROW)[["walk", "contributor"]].nunique().min(axis=1)
    return every.index[lone | (walks.reindex(every.index).fillna(0) < min_walks)]


def _settled(public: Public, before: ReleaseRecord, verdicts: _Verdicts, result: AuditResult) -> Public:
    """Return what is shown: rows as they are now, and those that are held as they were, if nothing was withdrawn."""
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
    here, there = (_named(rows, key) for rows in (now, before))
    stays = there.isin(verdicts.held) & ~there.isin(verdicts.withdrawn) & before[key[0]].isin(known).to_numpy()
    # What was shown may use words that nothing shown now does, such as a state: categories are made anew.
    worded = [name for name, kind in now.dtypes.items() if isinstance(kind, pd.CategoricalDtype)]
    kinds = now.dtypes.drop(worded)
    mixed = pd.concat(
        [
            rows.astype(kinds).astype(dict.fromkeys(worded, "str"))
            for rows in (now[~here.isin(verdicts.held)], before[stays])
        ]
    )
    return mixed.astype(dict.fromkeys(worded, "category")).sort_values(key, ignore_index=True)


def _named(rows: pd.DataFrame, key: list[str]) -> pd.MultiIndex:
    """Return rows by where they are and what they say, as `forms_behind` names them."""
    where, *what = (rows[name].astype("str") for name in key)
    return pd.MultiIndex.from_arrays([where, what[0].str.cat(what[1:], sep=" ") if what[1:] else what[0]])


def _rows(behind: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(behind[_ROW].astype("str"))
