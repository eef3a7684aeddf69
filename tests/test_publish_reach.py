"""Who reaches what, as the public may see it: rounded, by what is public by place, held against earlier releases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from town import NIGHT, at, everything, observations, result, submissions

from safeaudit.config import PublishSettings
from safeaudit.publish import make_release, to_public
from safeaudit.tables import validate_table
from safeaudit.tables.public import ReleaseRecord

if TYPE_CHECKING:
    from safeaudit.tables import AuditResult
    from safeaudit.tables.public import Release

TWO_WALKS = PublishSettings(min_walks=2, lone_ends_m=0)


def reach(indicator: str = "street_condition", light: str = "dark", **said: Any) -> dict[str, Any]:
    """Return a row of the table `night_reach`."""
    about = {"campaign": "", "category": "stop", "indicator": indicator, "group": light, "destinations": 11}
    values = {"walked": 3, "counted": 3, "same": False, "unit": "people", "within": 3749.0, "reach": 953.4}
    return {**about, **values, "low": 135.2, "high": 1804.9, "note": "", **said}


def walked(people: int, *rows: dict[str, Any], **said: Any) -> AuditResult:
    """Return what people found after dark, each on a walk of her own, with rows of night reach."""
    names = [f"f{number}" for number in range(people)]
    forms = [
        {"submission_id": name, "auditor": name, "walk_id": name, "point": at(50, 1), "observed_at": NIGHT, **said}
        for name in names
    ]
    found = result(submissions(*forms), observations({name: everything(2) for name in names}))
    return replace(found, open_night_reach=validate_table(pd.DataFrame(list(rows)), "night_reach"))


def test_figures_are_rounded_to_ten_people_or_a_tenth_of_a_kilometre() -> None:
    rows = to_public(walked(3, reach(), reach(category="school", unit="m", within=1249.0)), TWO_WALKS).reach
    assert rows[["category", "within", "reach", "low", "high"]].to_numpy().tolist() == [
        ["school", 1200, 1000, 100, 1800],
        ["stop", 3750, 950, 140, 1800],
    ]


def test_of_a_category_street_condition_is_told_or_what_there_is() -> None:
    both = to_public(walked(3, reach(), reach("lighting"), reach("lighting", category="school")), TWO_WALKS).reach
    assert both[["category", "indicator"]].to_numpy().tolist() == [
        ["school", "lighting"],
        ["stop", "street_condition"],
    ]


def test_where_nothing_is_known_nothing_is_told() -> None:
    unknown = dict.fromkeys(("within", "reach", "low", "high"), None)
    assert to_public(walked(3, reach(note="too little walked", **unknown)), TWO_WALKS).reach.empty


def released(found: AuditResult, before: Release | None = None) -> Release:
    """Release what was found, after an earlier release or as the first."""
    public = to_public(found, TWO_WALKS)
    if before is None:
        return make_release(found, public, TWO_WALKS, [])
    shown = before.public
    tables = {name: getattr(shown, name) for name in ("conditions", "faults", "changes", "groups", "reach")}
    record = ReleaseRecord(number=1, manifest={}, behind=before.behind, **tables)
    return make_release(found, public, TWO_WALKS, [record])


@pytest.mark.parametrize(("people", "told"), [(4, 950), (5, 1200)])
def test_one_new_walk_changes_no_figure_where_two_are_wanted(people: int, told: int) -> None:
    first = released(walked(3, reach(light="day"), reach()))
    second = released(walked(people, reach(light="day", reach=1200.0), reach(reach=1200.0)), first)
    # Nobody walked by day in this town: both lights of a category stay or change together.
    assert second.public.reach["reach"].tolist() == [told, told]


def test_what_rests_on_a_form_that_was_taken_back_stays_no_longer() -> None:
    first = released(walked(4, reach()))
    # Beside the first one a figure without that form would tell what it said; the same figure tells nothing.
    assert released(walked(3, reach(reach=1200.0)), first).public.reach["reach"].tolist() == []
    assert released(walked(3, reach()), first).public.reach["reach"].tolist() == [950]
