"""Whose submissions may be shown, and on how many of their walks a place must have been seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.contributors import of_campaign, walk_keys

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult


def publishable(submissions: GeoDataFrame) -> GeoDataFrame:
    """Return the submissions whose consent lets their conditions be shown.

    Parameters
    ----------
    submissions
        Table `submissions`; consent is analysis, conditions or public.
    """
    return submissions[submissions["consent"].isin(("conditions", "public"))].reset_index(drop=True)


def shown_submissions(result: AuditResult) -> GeoDataFrame:
    """Return the submissions behind what is shown: those of its campaign whose consent lets them."""
    return publishable(of_campaign(result.audits.submissions, result.campaign))


def walk_warnings(result: AuditResult, settings: PublishSettings) -> tuple[str, ...]:
    """Warn where a shown street would tell the way of one walk to whoever knows who walked.

    Parameters
    ----------
    result, settings
        As for `to_public`.

    Returns
    -------
    One sentence, or none where there is no such street or the community holds them back.
    """
    walks = walks_by_place(result)
    alone = int((walks == 1).sum())
    if settings.min_walks > 1 or not alone:
        return ()
    first = _named(result, min(walks.index[walks == 1]))
    what = f"{alone} places were seen on one walk only (first: {first}): "
    what += "who knows who walked can read that walk's way from the map."
    return (f"{what} To hold them back, write min_walks = 2 under [publish].",)


def _named(result: AuditResult, place_id: str) -> str:
    """Return label and code of a place."""
    for frame in (result.places.segments, result.places.spaces, result.places.stops):
        mine = frame[frame["place_id"] == place_id]
        if len(mine):
            return f"{mine['label'].iloc[0]}, {mine['place_code'].iloc[0]}"
    return place_id


def on_enough_walks(rows: pd.DataFrame, result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the rows of places that enough walks have seen; one has seen each of them."""
    if settings.min_walks == 1 or rows.empty:
        return rows
    walks = walks_by_place(result)
    return rows[rows["place_id"].isin(walks.index[walks >= settings.min_walks])]


def walks_by_place(result: AuditResult) -> pd.Series[int]:
    """Return the number of walks that each place was seen on, of those that may be shown."""
    submissions = shown_submissions(result)
    walks = pd.DataFrame({"submission_id": submissions["submission_id"], "walk": walk_keys(submissions)})
    return (
        result.matches[["submission_id", "place_id"]]
        .merge(walks, on="submission_id")
        .groupby("place_id")["walk"]
        .nunique()
    )
