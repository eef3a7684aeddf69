"""What the office may see: everything but what would be one person's answer, and no text of a cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from safeaudit.contributors import rounds
from safeaudit.publish.few_changes import hide_changes, hide_day_dark, hide_mean_changes, hide_site_changes

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.rubric import Rubric
    from safeaudit.tables import AuditResult

LEAST_FOR_FEELING = 5
LEAST_FOR_OTHERS = 3
LEAST_FORMS = 2
_PLACE = ["place_id", "group"]
_AREA = ["area_id", "kind", "group"]
_BANDS = ["band_1", "band_2", "band_3", "band_4"]
_VALUES = ["score", "low", "high", "p_below", *_BANDS, "level_seen", "lowest_seen"]


def to_office(result: AuditResult) -> AuditResult:
    """Let through to the office what is no single answer: the door that every file of office/ goes through.

    A feeling needs 5 people; people, security, gender usage and what else is not public by place need 3; and all of
    them two forms. Below that values and intervals are NA, with those of every composite that contains them. A round
    whose name no setting declares is called by its number.

    Parameters
    ----------
    result
        What a run found out.

    Returns
    -------
    The same, with its tables `scores`, `summaries` and those of changes masked and its rounds renamed.
    """
    names = round_names(result)
    hidden = _hidden(result.scores, result.rubric, _PLACE, result.scores["answers"] >= LEAST_FORMS)
    scores = result.scores.assign(**result.scores[_VALUES].mask(hidden))
    scores["level_0"] = scores["level_0"] & ~hidden
    summaries = result.summaries
    if len(summaries):
        # A form counts once in an area, by its shares: more than one rating are two forms.
        hidden = _hidden(summaries, result.rubric, _AREA, summaries["n"] > 1)
        summaries = summaries.assign(**summaries[_BANDS].mask(hidden))
    needed = _needed(result.rubric)
    members = frozenset(needed) & frozenset(result.rubric.weights)
    return replace(
        result,
        campaign=names.get(result.campaign) if result.campaign else None,
        scores=_renamed(scores, names),
        summaries=_renamed(summaries, names),
        agreement=_renamed(result.agreement, names),
        feelings=_renamed(result.feelings, names),
        group_answers=_renamed(result.group_answers, names),
        standardised_answers=_renamed(result.standardised_answers, names),
        group_gaps=_renamed(result.group_gaps, names),
        group_spread=_renamed(result.group_spread, names),
        day_dark=_renamed(hide_day_dark(result.day_dark, needed, members), names),
        skill=_renamed(result.skill, names),
        calibration=_renamed(result.calibration, names),
        stretches=_renamed(result.stretches, names),
        night_reach=_renamed(result.night_reach, names),
        reach_by_destination=_renamed(result.reach_by_destination, names),
        changes=_both_renamed(hide_changes(result.changes, needed, members), names),
        mean_changes=_both_renamed(hide_mean_changes(result.mean_changes, needed, members), names),
        site_changes=hide_site_changes(result.site_changes, needed),
    )


def round_names(result: AuditResult) -> dict[str, str]:
    """Return what each round may be called: as the settings do, else by its number, the earliest first."""
    named = [name for name in rounds(result.audits.submissions) if name is not None]
    declared = set(result.declared)
    return {name: name if name in declared else f"round {number}" for number, name in enumerate(named, start=1)}


def _renamed(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    campaign = table["campaign"].astype("str").map(names | {"": ""})
    return table.assign(campaign=campaign.astype("str"))


def _both_renamed(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    known = names | {"": ""}
    columns = ("campaign_before", "campaign_after")
    return table.assign(**{name: table[name].astype("str").map(known).astype("str") for name in columns})


def _needed(rubric: Rubric) -> dict[str, int]:
    """Return how many people an indicator needs that is not public by place."""
    private = (indicator for indicator in rubric.indicators if indicator.public != "place")
    return {i.name: LEAST_FOR_FEELING if i.public == "feeling" else LEAST_FOR_OTHERS for i in private}


def _hidden(table: pd.DataFrame, rubric: Rubric, keys: list[str], forms: pd.Series[bool]) -> pd.Series[bool]:
    """Return which rows would tell an answer of few: of private indicators, and of the score that holds them."""
    least = _needed(rubric)
    private = list(least)
    name = table["indicator"].astype("str")
    needed = name.map(least)
    few = needed.notna() & ((table["contributors"] < needed.fillna(0)) | ~forms)
    # The score of one round holds that round's answers. Where a place shows an indicator in another round, how many
    # answered it in this one is not known here, and nothing is told; an area has rows for every round.
    members = [indicator for indicator in private if indicator in rubric.weights]
    text = table[[*keys, "campaign"]].astype("str").fillna({"campaign": ""})
    parts = text.assign(few=few)[name.isin(members)]
    whole = text[name == "score"].rename(columns={"campaign": "of"}).reset_index(names="row")
    both = whole.merge(parts, on=keys)
    same = both["campaign"] == both["of"]
    tells = both["few"] & same if keys == _AREA else both["few"] | ~same
    hidden = few.copy()
    hidden.loc[both.loc[tells, "row"].unique()] = True
    return hidden.astype(bool)
