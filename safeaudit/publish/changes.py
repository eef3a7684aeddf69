"""What a second round of walks changed, by area: where enough people walked in both rounds, and nothing by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import MAINLY, people_by
from safeaudit.place_areas import area_numbers
from safeaudit.publish.walks import about_walks, answers, members, publishable
from safeaudit.tables.public import CHANGE_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult

LEAST_WALKS = 3
LEAST_PEOPLE = 5
"""Walks by different people, and people, that each round needs in an area for its change to be told."""

_AREAS = ("city", "ward", "site")
_ROUNDS = ("campaign_before", "campaign_after")
_ROW = ["area_id", "what"]
_CHANGE = ["kind", "indicator", "light"]


def public_changes(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return what changed in each area, of indicators that are public by place: no level of any round, no rank.

    Each round needs `LEAST_PEOPLE` people there who rated that in that light, and `LEAST_WALKS` walks by different
    people, or `settings.min_walks` where that is more; of street condition, so does each indicator that it is made of.

    Parameters
    ----------
    result
        What the run found out; its `open_mean_changes` rest on `publishable` submissions alone.
    settings
        How many walks are enough.

    Returns
    -------
    `changes` of `Public`.
    """
    rows = _public_means(result)
    if rows.empty:
        return pd.DataFrame(columns=CHANGE_COLUMNS)
    behind = pd.MultiIndex.from_frame(forms_of_changes(result, settings)[_ROW])
    shown = rows[pd.MultiIndex.from_frame(rows[_ROW]).isin(behind)]
    areas = result.places.areas.astype({"area_id": "str", "name": "str", "kind": "str"}).set_index("area_id")
    of_area = areas.reindex(shown["area_id"])
    called = shown[[*_ROUNDS]].where(shown[[*_ROUNDS]].isin(result.declared), "")
    told = shown.assign(
        area=of_area["name"].to_numpy(),
        area_kind=of_area["kind"].to_numpy(),
        verdict=_verdicts(shown),
        **{name: called[f"campaign_{name}"] for name in ("before", "after")},
        **{name: shown[name].round() + 0.0 for name in ("difference", "low", "high")},  # no -0
        chance=shown["worse_again"] & (shown["difference"] > 0),
    )
    untold = told["verdict"] == "untold"
    told[["difference", "low", "high"]] = told[["difference", "low", "high"]].mask(untold)
    order = told.assign(first=told["area_kind"].map(_AREAS.index)).sort_values(["first", "area", *_ROW])
    return order[CHANGE_COLUMNS].reset_index(drop=True)


def forms_of_changes(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the forms behind each change that enough people stand behind, in both rounds.

    Parameters
    ----------
    result, settings
        As for `public_changes`.

    Returns
    -------
    area_id, what, submission_id, indicator (that was rated: of street condition one of its parts), campaign, walk,
    contributor, people and mainly (made mainly at a place of the area that both rounds saw).
    """
    compared = result.open_changes.astype({"place_id": "str", **dict.fromkeys(_CHANGE, "str")})
    whole = compared.assign(what=_what(compared))[["place_id", "what", "indicator", "light"]]
    rows = whole.rename(columns={"indicator": "shown", "light": "group"}).merge(members(result.rubric), on="shown")
    answered = _answers(result).merge(rows, on=["place_id", "indicator", "group"])
    found = answered.merge(_areas_of(result, compared["place_id"].unique()), on="place_id")
    kept = [*_ROW, "submission_id", "indicator", "campaign", "walk", "contributor", "people", "mainly"]
    # A form of two places of an area is made mainly in it where it is mainly at one of them.
    forms = found.sort_values("mainly", ascending=False, kind="stable")[kept].drop_duplicates(kept[:4])
    enough = _on_enough_people(forms, max(LEAST_WALKS, settings.min_walks))
    return forms[pd.MultiIndex.from_frame(forms[_ROW]).isin(enough)].reset_index(drop=True)


def _answers(result: AuditResult) -> pd.DataFrame:
    """Return what was rated in both rounds in that light, at every place: what a change can be made of."""
    about = about_walks(publishable(result.audits.submissions))
    compared = result.open_changes[[*_ROUNDS]].head(1).astype("str").to_numpy().ravel()
    pairs = result.matches[["submission_id", "place_id", "weight"]].merge(
        about[about["campaign"].isin(compared)], on="submission_id"
    )
    pairs = pairs.assign(mainly=pairs["weight"] > MAINLY).astype({"place_id": "str", "submission_id": "str"})
    answered = answers(pairs, result)
    asked = answered.groupby(["indicator", "group"])["campaign"].transform("nunique")
    return answered[asked == len(_ROUNDS)]


def _public_means(result: AuditResult) -> pd.DataFrame:
    """Return the mean changes that may be public, with the name of each: what it is a change of."""
    means = result.open_mean_changes
    text = [*_ROUNDS, "area_id", *_CHANGE]
    means = means.astype(dict.fromkeys(text, "str"))
    areas = result.places.areas
    wanted = areas.loc[areas["kind"].isin(_AREAS), "area_id"].astype("str")
    return means[means["area_id"].isin(wanted)].assign(what=_what(means))


def _what(rows: pd.DataFrame) -> pd.Series[str]:
    """Return one word for a kind of place, indicator and light: no condition and no fault is called so."""
    return "change of " + rows["kind"] + " " + rows["indicator"] + " " + rows["light"]


def _areas_of(result: AuditResult, place_ids: NDArray[np.object_]) -> pd.DataFrame:
    """Return the areas that each place lies in: place_id, area_id."""
    place, area = area_numbers(result.places, place_ids)
    areas = result.places.areas["area_id"].astype("str").to_numpy(object)
    return pd.DataFrame({"place_id": place_ids[place], "area_id": areas[area]})


def _on_enough_people(forms: pd.DataFrame, least_walks: int) -> pd.MultiIndex:
    """Return the rows that enough walks and people of both rounds stand behind, by those of each indicator in them."""
    cell = [*_ROW, "indicator", "campaign"]
    mainly = forms[forms["mainly"]]
    walks = mainly.groupby(cell)[["walk", "contributor"]].nunique().min(axis=1)
    people = people_by(mainly, cell)
    enough = (walks >= least_walks) & (people >= LEAST_PEOPLE)
    by_row = enough.groupby(_ROW).agg(["all", "size"])
    parts = forms.groupby(_ROW)["indicator"].nunique()
    # What only one of the rounds has is not there, and so not enough.
    whole = by_row["all"] & (by_row["size"] == len(_ROUNDS) * parts.reindex(by_row.index))
    return by_row.index[whole]


def _verdicts(shown: pd.DataFrame) -> NDArray[np.object_]:
    """Return better, worse, unsure, or untold where nothing was tested."""
    sure = shown["differs"].astype(bool)
    words = np.select(
        [shown["low"].isna(), sure & (shown["difference"] > 0), sure], ["untold", "better", "worse"], default="unsure"
    )
    return words.astype(object)
