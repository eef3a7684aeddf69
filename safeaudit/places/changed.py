"""What became of places since an earlier run: which codes on paper are no longer true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.places.register import OVERLAP, overlaps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from safeaudit.languages import Language
    from safeaudit.tables import Places

COLUMNS = ("place_code", "kind", "label", "change", "now_code", "now_label")
_SAME_M = 0.01


def changed_places(earlier: Mapping[str, gpd.GeoDataFrame], places: Places) -> pd.DataFrame:
    """Return what changed since an earlier run.

    Parameters
    ----------
    earlier
        place_code, label and geometry of the places that were there, in any CRS, by kind (segment, space, stop).
    places
        The places of today.

    Returns
    -------
    place_code, kind, label, change, now_code and now_label, sorted by change, kind and code: `gone` (no place has the
    code now; for a street, now_code is that of the most of it, NA where nothing is left), `elsewhere` (the code stands
    for a street that shares less than 60 % of its length with what it stood for), `new` (the code was not there).
    """
    today = {"segment": places.segments, "space": places.spaces, "stop": places.stops}
    found = [
        _changes(frame, earlier[kind].to_crs(places.crs), streets=kind == "segment").assign(kind=kind)
        for kind, frame in today.items()
    ]
    every = pd.concat(found, ignore_index=True).astype(object)[list(COLUMNS)]
    return every.where(every.notna(), None).sort_values(["change", "kind", "place_code"], ignore_index=True)


def say_changed(changed: pd.DataFrame, language: Language) -> str:
    """Return one sentence on what changed, with the first code that is no longer true; empty where nothing did."""
    stale, new = changed[changed["change"] != "new"], int((changed["change"] == "new").sum())
    if changed.empty:
        return ""
    if stale.empty:
        return language.say("console.codes.new", new=new)
    first = stale.iloc[0]
    today = language.say("console.today.elsewhere", place=first["now_label"])
    if first["change"] == "gone":
        today = say_today(first["now_code"], language)
    of = {"code": first["place_code"], "label": first["label"], "today": today}
    return language.say("console.codes", stale=len(stale), new=new, **of)


def say_today(place: str | None, language: Language) -> str:
    """Say what is there today of a place that is gone: by the code or label of the most of it; None for nothing."""
    return language["console.today.gone"] if place is None else language.say("console.today.most", place=place)


def _changes(now: gpd.GeoDataFrame, then: gpd.GeoDataFrame, *, streets: bool) -> pd.DataFrame:
    """Return place_code, label, change, now_code and now_label of the places of one kind."""
    row = pd.Series(np.arange(len(now)), index=now["place_code"].astype(object))
    heir = row.reindex(then["place_code"].astype(object)).to_numpy()
    change = np.where(np.isnan(heir), "gone", "").astype(object)
    if streets:
        heir, change = _of_streets(now, then, heir, change)
    has = ~np.isnan(heir)
    at = heir[has].astype(np.int64)
    told = pd.DataFrame({"place_code": then["place_code"].to_numpy(dtype=object), "change": change})
    told["label"] = then["label"].to_numpy(dtype=object)
    for name in ("code", "label"):
        column = now["place_code" if name == "code" else "label"].to_numpy(dtype=object)
        told.loc[has, f"now_{name}"] = column[at]
    new = now[~now["place_code"].isin(then["place_code"])]
    codes, labels = (new[name].to_numpy(dtype=object) for name in ("place_code", "label"))
    added = pd.DataFrame({"place_code": codes, "change": "new", "now_code": codes, "now_label": labels}, dtype=object)
    return pd.concat([told[told["change"] != ""], added])


def _of_streets(
    now: gpd.GeoDataFrame, then: gpd.GeoDataFrame, heir: np.ndarray, change: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Say where the most of a street that is gone lies today, and which codes stand for another street."""
    has = np.flatnonzero(~np.isnan(heir))
    lines, before = now.geometry.to_numpy(), then.geometry.to_numpy()
    redrawn = has[~shapely.equals_exact(before[has], lines[heir[has].astype(np.int64)], tolerance=_SAME_M)]
    look = np.concatenate([np.flatnonzero(np.isnan(heir)), redrawn])
    pairs = overlaps(lines, before[look])
    pairs["old"] = look[pairs["old"].to_numpy(dtype=np.int64)]
    most = pairs[pairs["back"] > 0].sort_values(["old", "back", "new"], ascending=[True, False, True])
    most = most.drop_duplicates("old").set_index("old")["new"]
    least = pairs.set_index(["old", "new"])[["there", "back"]].min(axis=1)
    same = least.reindex(pd.MultiIndex.from_arrays([redrawn, heir[redrawn].astype(np.int64)])).fillna(0).to_numpy()
    heir, change = heir.copy(), change.copy()
    change[redrawn[same < OVERLAP]] = "elsewhere"
    gone = np.flatnonzero(np.isnan(heir))
    heir[gone] = most.reindex(gone).to_numpy()
    return heir, change
