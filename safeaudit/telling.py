"""What a run says at its end: which forms it rests on, what is below the standard, and what is estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit import publish
from safeaudit.contributors import say_scored, split_rounds

if TYPE_CHECKING:
    from safeaudit.config import AuditConfig
    from safeaudit.languages import Language
    from safeaudit.tables import AuditResult


def say_used(result: AuditResult, config: AuditConfig) -> str:
    """Say which forms a result rests on: of how many rounds, and how many of the latest.

    Parameters
    ----------
    result
        As from `run`.
    config
        The settings it was run with.
    """
    forms = {name: len(part.submissions) for name, part in split_rounds(result.audits).items()}
    return say_scored(forms, config.score.campaign, config.language)


def say_more(result: AuditResult, language: Language) -> tuple[str, ...]:
    """Say what is below the standard as a whole, how streets differ after dark, who reaches what, and what groups said.

    And how often intervals held what was left out.

    Parameters
    ----------
    result
        As from `run`; of a quick one nothing is known of these. Of several rounds the latest is told of.
    language
        In which it is said.
    """
    made = (result.stretches, result.day_dark, result.night_reach, result.group_gaps, result.calibration)
    if all(table.empty for table in made):
        return ()
    from safeaudit.score.calibration import say_calibration  # noqa: PLC0415 - a quick run needs none of it
    from safeaudit.score.reach import say_night_reach  # noqa: PLC0415 - the same
    from safeaudit.score.sides import say_day_dark, say_gaps  # noqa: PLC0415 - the same
    from safeaudit.score.spread import say_spread  # noqa: PLC0415 - the same
    from safeaudit.score.stretches import say_stretches  # noqa: PLC0415 - the same

    office = publish.to_office(result)
    latest = publish.round_names(result).get(next(reversed(split_rounds(result.audits))) or "", "")
    tables = (office.day_dark, office.night_reach, office.group_gaps, office.group_spread, office.calibration)
    day_dark, reached, gaps, spread, calibration = (table[table["campaign"] == latest] for table in tables)
    said = (
        say_stretches(office.stretches, result.rubric, language),
        say_day_dark(day_dark, result.rubric, language),
        say_night_reach(reached, language),
        say_gaps(gaps, result.rubric, language),
        say_spread(spread, language),
        say_calibration(calibration, language),
    )
    return tuple(filter(None, said))


def say_estimated(result: AuditResult, language: Language) -> str:
    """Say how many streets where nobody was are estimated, and why no more; empty where nothing was tried.

    Parameters
    ----------
    result
        As from `run`.
    language
        In which it is said.
    """
    if result.skill.empty:
        return ""
    from safeaudit.score.unseen import say_skill  # noqa: PLC0415 - a quick run needs none of it

    return say_skill(result.skill, result.scores, result.rubric, language)
