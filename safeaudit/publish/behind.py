"""Which forms stand behind each public row: what a later release must know, to tell no walk by what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.contributors import MAINLY
from safeaudit.publish.changes import LEAST_PEOPLE, LEAST_WALKS, forms_of_changes
from safeaudit.publish.conditions import public_rows
from safeaudit.publish.faults import fault_words
from safeaudit.publish.reach import forms_of_reach
from safeaudit.publish.walks import about_walks, keyed_rows, lone_ends, members, publishable

if TYPE_CHECKING:
    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult

BEHIND = ["place_id", "what", "submission_id"]


def forms_behind(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the forms behind each row that is public by place, shown or held back.

    Parameters
    ----------
    result, settings
        As for `to_public`.

    Returns
    -------
    place_id (of a change the area_id), what (an indicator and light, a fault in words, or a change), submission_id,
    walk, contributor (a number for each), people, mainly (made mainly at the place), end (at an end of a walk by one
    person), least_walks and least_people (so many new ones let the row be told anew); each form once in a row.
    A change that too few people stand behind has none: nothing of it was ever shown.
    """
    submissions = publishable(result.audits.submissions)
    about = about_walks(submissions).assign(
        end=lone_ends(submissions, settings.lone_ends_m), observed_at=submissions["observed_at"]
    )
    pairs = result.matches[["submission_id", "place_id", "weight"]].merge(about, on="submission_id")
    pairs = pairs.assign(mainly=pairs["weight"] > MAINLY).astype({"place_id": "str", "submission_id": "str"})
    every = [_behind_conditions(result, pairs), _behind_faults(result, pairs)]
    rows = pd.concat([*every, _with_ends(forms_of_reach(result), about)], ignore_index=True)
    rows = rows.assign(least_walks=settings.min_walks, least_people=1)
    # A change is of exact means: what one new walk moves it by would be that walk's answers.
    changes = _with_ends(forms_of_changes(result, settings).rename(columns={"area_id": "place_id"}), about)
    changes = changes.assign(least_walks=max(LEAST_WALKS, settings.min_walks), least_people=LEAST_PEOPLE)
    behind = pd.concat([rows, changes], ignore_index=True).drop_duplicates(BEHIND)
    kept = [*BEHIND, "walk", "contributor", "people", "mainly", "end", "least_walks", "least_people"]
    return behind[kept].sort_values(BEHIND, ignore_index=True)


def _behind_conditions(result: AuditResult, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the forms that rated what a row is made of, at its place, in its light and round."""
    rows = keyed_rows(public_rows(result)).rename(columns={"indicator": "shown"})
    rows = rows.assign(what=rows["shown"] + " " + rows["group"]).merge(members(result.rubric), on="shown")
    rated = result.audits.observations[["submission_id", "indicator"]].astype("str")
    answered = pairs.merge(rated, on="submission_id")
    return answered.merge(rows, on=["place_id", "indicator", "group", "campaign"])


def _with_ends(forms: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """Return forms with whether each is at an end of a walk by one person."""
    ends = about.assign(submission_id=about["submission_id"].astype("str")).set_index("submission_id")["end"]
    return forms.assign(end=ends.reindex(forms["submission_id"]).to_numpy())


def _behind_faults(result: AuditResult, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the forms that reported a fault, and those made mainly there since: they may close it."""
    faults = result.open_faults.dropna(subset="place_id")
    faults = faults.assign(what=fault_words(faults["kind"])).astype({"place_id": "str", "submission_id": "str"})
    reports = faults[BEHIND].merge(pairs.drop(columns="place_id"), on="submission_id")
    each = faults.drop_duplicates(["place_id", "what"])[["place_id", "what", "last_seen"]]
    since = pairs[pairs["mainly"]].merge(each, on="place_id")
    return pd.concat([reports.assign(mainly=True), since[since["observed_at"] > since["last_seen"]]], ignore_index=True)
