"""One page to print or send: what was walked, by whom in numbers, what is sure, what is not, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.contributors import GROUP_PARTS, contributor_keys, people_by, rounds, walk_keys
from safeaudit.coverage import quarters
from safeaudit.languages import REFERENCE, read_language
from safeaudit.publish.agencies import to_agencies
from safeaudit.publish.findings import find_out
from safeaudit.publish.office import round_names
from safeaudit.tables.public import Changed, Report, Walked

if TYPE_CHECKING:
    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult
    from safeaudit.tables.public import Public

LEAST_COUNTED = 10
"""People in a group that is counted out."""

_SPLITS = ("auditor_sex", "auditor_age", "auditor_disability")
_CHANGE = ["indicator", "light", "difference", "low", "high"]
_DAY_DARK = ["indicator", "places", "day", "dark", "low", "high"]
_SHOWN = ("score", "street_condition", "lighting", "feeling")
"""Whose mean change is told, where it is known."""


def to_report(result: AuditResult, office: AuditResult, public: Public, settings: PublishSettings) -> Report:
    """Let through what the report says: counts, and what the public map or an agency may be told.

    Parameters
    ----------
    result
        What a run found out.
    office
        What the office may see of it.
    public
        What may be shown of it.
    settings
        What the community decided to hold back.
    """
    submissions = result.audits.submissions
    forms = submissions.assign(
        key=contributor_keys(submissions),
        walk=walk_keys(submissions),
        campaign=submissions["campaign"].astype("str").fillna(""),
    )
    names = round_names(result)
    counts = result.audits.counts
    actions = to_agencies(result, settings).actions
    return Report(
        title=result.title,
        remarks=public.remarks,
        attribution=public.attribution,
        as_of=public.as_of,
        indicator=public.indicators[0].name if public.indicators else "",
        walked=tuple(
            _describe(forms[forms["campaign"] == (name or "")], names.get(name or "", ""))
            for name in rounds(submissions)
        ),
        people=tuple(group for split in _SPLITS for group in _count_groups(forms, split)),
        findings=find_out(result, public),
        read=sum(count.read for count in counts),
        rejected=sum(count.rejected for count in counts),
        changed=_find_changed(result, office, names),
        day_dark=_find_day_dark(office, names),
        night_reach=_of_latest(office.night_reach, office, names),
        actions=actions.sort_values(["reports", "action_id"], ascending=[False, True], ignore_index=True),
    )


def _describe(forms: pd.DataFrame, name: str) -> Walked:
    since, until = quarters(pd.Series([forms["observed_at"].min(), forms["observed_at"].max()])).fillna("")
    return Walked(
        name=name,
        since=since,
        until=until,
        forms=len(forms),
        walks=forms["walk"].nunique(),
        people=int(forms.groupby("key")["group_size"].max().sum()),
    )


def _count_groups(forms: pd.DataFrame, split: str) -> list[tuple[str, str, int]]:
    """Return field, answer and people of each group of a split that is large enough to be counted out."""
    alone = forms[(forms["group_size"] == 1) & forms[split].notna()]
    parts = [alone.assign(who=alone[split].astype("str"), people=1)]
    if split == "auditor_sex":
        groups = forms[forms["group_size"] > 1]
        parts += [groups.assign(who=who, people=groups[column].fillna(0)) for who, column in GROUP_PARTS.items()]
    said = pd.concat([part[["who", "people", "key"]] for part in parts])
    people = people_by(said, ["who"], "key")
    known = read_language(REFERENCE).answers(split)  # any other text of a cell is nobody's group
    return [(split, who, int(people[who])) for who in known if people.get(who, 0) >= LEAST_COUNTED]


def _find_day_dark(office: AuditResult, names: dict[str, str]) -> pd.DataFrame:
    """Return how streets differ after dark in the latest round."""
    rows = _of_latest(office.day_dark, office, names)
    city = office.places.areas.loc[office.places.areas["kind"] == "city", "area_id"]
    shown = rows["area_id"].isin(city) & (rows["kind"] == "segment") & rows["indicator"].isin(_SHOWN)
    return rows.loc[shown & rows["low"].notna(), _DAY_DARK].reset_index(drop=True)


def _of_latest(table: pd.DataFrame, office: AuditResult, names: dict[str, str]) -> pd.DataFrame:
    """Return the rows of the latest round."""
    if table.empty:
        return table
    latest = names.get(rounds(office.audits.submissions)[-1] or "", "")
    return table[table["campaign"] == latest]


def _find_changed(result: AuditResult, office: AuditResult, names: dict[str, str]) -> Changed | None:
    """Return what two rounds differ in, as the office may see it; None where nothing was compared."""
    if result.changes.empty:
        return None
    first = result.changes.iloc[0]
    before, after = (names.get(str(first[f"campaign_{when}"]), "") for when in ("before", "after"))
    city = result.places.areas.loc[result.places.areas["kind"] == "city", "area_id"]
    means = office.mean_changes
    shown = means["area_id"].isin(city) & (means["kind"] == "segment") & means["indicator"].isin(_SHOWN)
    return Changed(
        before=before,
        after=after,
        places=int(office.changes["place_id"].nunique()),
        tests=int(office.changes["p"].notna().sum()),
        differing=int(office.changes["differs"].sum()),
        means=means.loc[shown & means["difference"].notna(), _CHANGE].reset_index(drop=True),
    )
