"""What an agency is handed, so that a crew finds what is to be mended; and what a hall is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.crs import WGS84
from safeaudit.place_areas import list_places, middles, ward_names
from safeaudit.publish.walks import lone_ends, publishable
from safeaudit.tables.public import ToMend

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult

_SURE_M = 20.0
"""A fix that may be farther off than this says nothing of where on its street it was made."""
_STEP_M = 10
_FAULT = ["place_id", "kind"]
_HALL = ["place_code", "label", "agree", "correction", "votes", "met_on"]


def to_agencies(result: AuditResult, settings: PublishSettings) -> ToMend:
    """Let through what agencies and halls are handed: places, counts and quarters; no form, note or person.

    How far a fault is from a junction, to 10 m, is told of faults that somebody is to mend, and from fixes alone whose
    authors let their conditions be shown and that are no end of a walk by one person.

    Parameters
    ----------
    result
        What a run found out.
    settings
        What the community decided to hold back.
    """
    actions = result.actions
    actions = actions[~actions["closed"]].reset_index(drop=True)
    near = _near_junctions(result, settings).reindex(
        pd.MultiIndex.from_frame(actions[["place_id", "issue"]].astype("str"))
    )
    owned = actions["agency"].notna().to_numpy()
    actions = actions.assign(near_m=np.where(owned, near["near_m"], np.nan))
    actions["near"] = near["near"].astype(object).where(owned & near["near_m"].notna(), None).to_numpy()
    return ToMend(
        title=result.title,
        remarks=tuple(filter(None, (result.remark, result.places.attribution))),
        actions=actions.assign(**_degrees(result, actions)),
        discussions=_discussions(result),
        hall=_hall(result.action_entries),
    )


def _degrees(result: AuditResult, actions: pd.DataFrame) -> dict[str, pd.Series[float]]:
    """Return the middle of each action's place, degrees."""
    where = list_places(result.places, actions["place_id"])
    points = where.set_geometry(middles(where.geometry.to_numpy())).to_crs(WGS84).geometry
    return {name: actions["place_id"].map(at).astype(float) for name, at in (("lon", points.x), ("lat", points.y))}


def _discussions(result: AuditResult) -> pd.DataFrame:
    """Count by place the submissions that name vendors or residents."""
    counts = result.discussions["place_id"].dropna().astype("str").value_counts().rename("reports")
    where = list_places(result.places, counts.index)
    found = where[["label", "place_code"]].assign(ward=ward_names(result.places, where.geometry), reports=counts)
    return found.sort_values(["ward", "label"], ignore_index=True)


def _hall(entries: pd.DataFrame) -> pd.DataFrame:
    """Return what halls said, each word as it stands after its changes."""
    said = entries[(entries["about"] == "hall") & (entries["state"] == "taken")]
    versions = said["action_id"].value_counts()
    last = said.drop_duplicates("action_id", keep="last")
    reference = last["action_id"].astype("str") + "/" + last["action_id"].map(versions).astype("str")
    return last[_HALL].assign(reference=reference).reset_index(drop=True)


def _near_junctions(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return by place_id and kind of a fault how far it is from the nearest junction with a named street."""
    segments = result.places.segments.set_index("place_id")
    fixes = _fixes(result, settings)
    fixes = fixes[fixes["place_id"].isin(segments.index)]
    lines = segments.geometry.reindex(fixes["place_id"]).to_numpy()
    along = shapely.line_locate_point(lines, fixes["point"].to_numpy())
    middle = fixes.assign(along=along).groupby(_FAULT)["along"].median().reset_index()
    length = segments["length_m"].reindex(middle["place_id"]).to_numpy()
    ends = [
        middle[_FAULT].assign(m=far, junction=segments[end].reindex(middle["place_id"]).to_numpy())
        for end, far in (("junction_from", middle["along"]), ("junction_to", length - middle["along"]))
    ]
    own = segments["name"].astype("str")
    named = pd.concat(ends).merge(_streets_at(segments), on="junction")
    named = named[named["near"] != named["place_id"].map(own)].sort_values([*_FAULT, "m", "near"], kind="stable")
    nearest = named.drop_duplicates(_FAULT).set_index(_FAULT)
    return pd.DataFrame({"near_m": np.rint(nearest["m"] / _STEP_M) * _STEP_M, "near": nearest["near"]})


def _streets_at(segments: GeoDataFrame) -> pd.DataFrame:
    """Return the named streets that meet at each junction: junction, near."""
    ends = [segments[[end, "name"]].set_axis(["junction", "near"], axis=1) for end in ("junction_from", "junction_to")]
    return pd.concat(ends).dropna().astype("str").drop_duplicates()


def _fixes(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the fixes that may say where a fault is: place_id, kind, point."""
    forms = publishable(result.audits.submissions)
    sure = ~(forms["accuracy_m"] > _SURE_M) & forms.geometry.notna() & ~forms.geometry.is_empty
    forms = forms[sure & ~lone_ends(forms, settings.lone_ends_m)]
    points = pd.DataFrame({"submission_id": forms["submission_id"], "point": forms.geometry.to_numpy()})
    found = result.faults.dropna(subset="place_id").merge(points, on="submission_id")
    return found[[*_FAULT, "point"]].astype(dict.fromkeys(_FAULT, "str"))
