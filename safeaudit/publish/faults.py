"""What can be mended: by place, never by fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.contributors import faults_by_place
from safeaudit.coverage import quarters
from safeaudit.languages import REFERENCE, read_language
from safeaudit.publish.conditions import count_classes
from safeaudit.publish.walks import publishable, reported_on_enough_walks

if TYPE_CHECKING:
    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult

AGENCY_SAYS = "agency_says_mended"


def public_faults(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return what can be mended: by place, never by fix, and from those submissions alone that may be shown."""
    shown = reported_on_enough_walks(result.open_faults, result, settings)
    found = faults_by_place(shown, publishable(result.audits.submissions))
    status = found["status"].astype("str")
    return pd.DataFrame(
        {
            "place_id": found["place_id"],
            "kind": fault_words(found["kind"]),
            "agency": found["agency"].astype("str").fillna(""),
            "n": count_classes(found["reports"]),
            "quarter": quarters(found["last_seen"]),
            "status": status.mask(found["old"].astype(bool) & (status != AGENCY_SAYS), "old"),
        }
    ).reset_index(drop=True)


def fault_words(kinds: pd.Series[str]) -> pd.Series[str]:
    """Return kinds of faults as people call them."""
    words = read_language(REFERENCE).answers("faults")
    return kinds.astype("str").map(lambda kind: words.get(kind, kind)).astype("str")
