"""What a release says of itself: what it shows, by which rules, what it held back, and what it may give away."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from safeaudit.contributors import MAINLY, people_by
from safeaudit.publish.conditions import public_rows
from safeaudit.publish.walks import about_walks, publishable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.config import AuditConfig
    from safeaudit.tables import AuditResult
    from safeaudit.tables.public import Release

_ROW = ["place_id", "what"]
_CONDITION = ["place_id", "indicator", "light"]


def describe_release(
    release: Release, result: AuditResult, config: AuditConfig, files: Mapping[str, str], run: str
) -> dict[str, Any]:
    """Return the manifest of a release: no cell of any input, nobody's answer.

    Parameters
    ----------
    release
        What is shown.
    result
        What it rests on.
    config
        The settings: the rules, and as of which day it is true.
    files
        SHA-256 of each public file, by its name.
    run
        Id of the run that made them, as in run.json.

    Returns
    -------
    Plain values, as for JSON. Where the last release holds the very files and day, it is the same one, and this is its
    manifest.
    """
    public, settings, before = release.public, config.publish, release.before
    if before is not None and _of(before.manifest) == (str(config.score.as_of), dict(files)):
        return dict(before.manifest)
    return {
        "release": 1 if before is None else before.number + 1,
        "as_of": str(config.score.as_of),
        "city": public.title,
        "remarks": list(public.remarks),
        "safeaudit": version("safeaudit"),
        "files": dict(files),
        "run": run,
        "follows": None if before is None else digest(before.manifest),
        "rules": {"min_walks": settings.min_walks, "lone_ends_m": settings.lone_ends_m},
        "shown": {
            "places": int(public.conditions["place_id"].nunique()),
            "conditions": len(public.conditions),
            "faults": len(public.faults),
        },
        "held_back": {
            "rows_that_would_tell_a_walk_by_what_differs": release.held,
            "rows_of_few_walks_or_lone_ends": _unshown(release, result),
        },
        "withdrawn_since_the_last_release": release.withdrawn,
        "may_be_inferred": _inferred(release, first=before is None),
        "disclosure_risk": _risk(release, result),
    }


def _of(manifest: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    return manifest["as_of"], manifest["files"]


def digest(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest, by which the next one names it."""
    return sha256(json.dumps(manifest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _inferred(release: Release, *, first: bool) -> list[dict[str, Any]]:
    """Say what somebody could read off this release who knows who walked, each with how many places or rows it is."""
    of_places = release.fresh[release.fresh["place_id"].isin(release.public.places["place_id"])]
    walks = of_places.groupby("place_id")["walk"].nunique()
    forms = release.behind.groupby(_ROW)["submission_id"].nunique()
    since = "were seen on one walk alone" if first else "one walk alone changed since the last release"
    return [
        {
            "what": f"The way of a walk, by who knows who walked: from places that {since}.",
            "places": int((walks == 1).sum()),
        },
        {
            "what": "A single form's answer on the condition of a street: from its band.",
            "rows": int((forms.reindex(_keyed(release.public.conditions)) == 1).sum()),
        },
    ]


def _unshown(release: Release, result: AuditResult) -> int:
    """Count the rows of scores that are remembered and not shown: what is held since is in neither."""
    rows = _keyed(public_rows(result).rename(columns={"group": "light"}))
    remembered = rows[rows.isin(pd.MultiIndex.from_frame(release.behind[_ROW]))]
    return len(remembered.difference(_keyed(release.public.conditions)))


def _risk(release: Release, result: AuditResult) -> dict[str, Any]:
    """Return how far what is shown rests on single people: the mean of 1 / people over the rows, and those of one."""
    behind = _people_behind(release, result).reindex(_keyed(release.public.conditions)).fillna(0).clip(lower=1)
    return {
        "what": "The mean of 1 / people over the rows that are shown: 1 where one person stands behind each.",
        "mean": round(float((1 / behind).mean()), 4) if len(behind) else 0.0,
        "rows_of_one_person": int((behind == 1).sum()),
    }


def _people_behind(release: Release, result: AuditResult) -> pd.Series[int]:
    """Return how many people made the forms that each row rests on, by place_id and what, where mainly at the place."""
    about = about_walks(publishable(result.audits.submissions))[["submission_id", "contributor", "people"]]
    here = result.matches.loc[result.matches["weight"] > MAINLY, ["submission_id", "place_id"]].merge(about)
    forms = release.behind.merge(here.astype({"submission_id": "str", "place_id": "str"}))
    return people_by(forms, _ROW)


def _keyed(conditions: pd.DataFrame) -> pd.MultiIndex:
    """Return rows by place_id and what, as the forms behind them are."""
    text = conditions[_CONDITION].astype("str")
    return pd.MultiIndex.from_arrays([text["place_id"], text["indicator"] + " " + text["light"]], names=_ROW)
