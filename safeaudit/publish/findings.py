"""What a run says at its end: how much was seen, in which bands, what is surest, and what can be mended by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.publish.conditions import public_rows
from safeaudit.tables.public import Findings, Seen

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.tables import AuditResult
    from safeaudit.tables.public import Public

SUREST = 3
"""So many places are named."""

_ROW = ["place_id", "indicator", "light"]
_KM = 1000.0


def find_out(result: AuditResult, public: Public) -> Findings:
    """Sum up what may be shown: the same rules hold for the screen as for the map.

    Parameters
    ----------
    result
        What the run found out.
    public
        What may be shown of it.

    Returns
    -------
    The figures; of day and dark apart.
    """
    opened = public.indicators[0] if public.indicators else None
    rows = public.conditions[public.conditions["indicator"] == (opened.name if opened else "")]
    segments = result.places.segments
    named = public.places[["place_id", "label", "place_code"]].merge(segments[["place_id", "length_m"]], how="left")
    rows = rows.astype(dict.fromkeys(_ROW, "str")).merge(named, on="place_id").merge(_sureness(result), on=_ROW)
    by_agency = public.faults.groupby(["agency", "kind"]).size()
    return Findings(
        indicator=opened.label if opened else "",
        street_km=_km(segments["length_m"].sum()),
        seen=tuple(_see(light, part) for light, part in rows.groupby(rows["light"].astype("str"))),
        faults=tuple((agency or None, kind, int(places)) for (agency, kind), places in by_agency.items()),
    )


def _sureness(result: AuditResult) -> pd.DataFrame:
    """Return how surely each row is below the standard, each once."""
    rows = public_rows(result).rename(columns={"group": "light"})[[*_ROW, "p_below"]]
    return rows.astype(dict.fromkeys(_ROW, "str")).drop_duplicates(_ROW)


def _see(light: str, part: pd.DataFrame) -> Seen:
    length = part["length_m"].fillna(0.0)
    listed = part["list"].value_counts()
    likely = part[part["list"] == "likely"].sort_values(["p_below", "place_id"], ascending=[False, True])
    return Seen(
        light=light,
        km=_km(length.sum()),
        km_by_band=tuple(_km(metres) for metres in np.bincount(part["band"], length, minlength=4)),
        places=len(part),
        few=int((part["state"] == "few").sum()),
        likely=int(listed.get("likely", 0)),
        look=int(listed.get("look", 0)),
        surest=tuple(_name(*words) for words in likely[["label", "place_code"]].head(SUREST).to_numpy()),
    )


def _name(label: str, code: str) -> str:
    """Return how a place is called: its code once, though a label that nothing else tells apart holds it."""
    return label if code in label else f"{label}, {code}"


def _km(metres: float) -> float:
    return round(float(metres) / _KM, 1)
