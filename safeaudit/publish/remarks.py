"""What stands on every public output besides the map: the settings' remark, and which rounds of walks are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.contributors import rounds
from safeaudit.languages import REFERENCE, read_language

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.tables import AuditResult


def public_remarks(result: AuditResult, shown: pd.Series[str]) -> tuple[str, ...]:
    """Return the remarks of a public output.

    A round is called by its name only where the settings declare it, as others are the text of a cell.

    Parameters
    ----------
    result
        What the run found out.
    shown
        Ids of the submissions behind what is shown: of others not even that theirs is another round.
    """
    words = read_language(REFERENCE)
    submissions = result.audits.submissions
    if result.campaign in result.declared:
        said = words["remark.campaign"].replace("{campaign}", str(result.campaign))
    else:
        told = rounds(submissions[submissions["submission_id"].isin(shown)])
        said = words["remark.rounds"] if len(told) > 1 else ""
    return tuple(filter(None, [result.remark, said]))
