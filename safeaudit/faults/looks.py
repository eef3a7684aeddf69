"""Which forms looked for faults, and at which place: a form that nobody asked says nothing by not naming one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.contributors import MAINLY, walk_keys

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.tables import Audits

_AFTER_DARK = "lamp"
"""What begins so can be seen mended after dark alone."""


def find_looks(audits: Audits, matches: pd.DataFrame) -> pd.DataFrame:
    """Return the forms that were asked for faults, with the place that each was mainly made at.

    Parameters
    ----------
    audits
        Submissions and what they report.
    matches
        The table of this name.

    Returns
    -------
    submission_id, place_id, observed_at, light, campaign and walk (a key).
    """
    forms = audits.submissions
    asked = {count.file for count in audits.counts if count.asks_faults}
    asked |= set(forms.loc[forms["submission_id"].isin(audits.faults["submission_id"]), "source"])
    looks = forms.loc[forms["source"].isin(asked), ["submission_id", "observed_at", "light", "campaign"]]
    looks = looks.assign(walk=walk_keys(forms))
    here = matches.loc[matches["weight"] > MAINLY, ["submission_id", "place_id"]].astype({"place_id": "str"})
    return here.merge(looks, on="submission_id")


def can_be_seen(kind: pd.Series[str], light: pd.Series[str]) -> pd.Series[bool]:
    """Return whether a look in this light can see that a fault of this kind is mended: lamps after dark alone."""
    return ~kind.str.startswith(_AFTER_DARK) | (light == "dark")
