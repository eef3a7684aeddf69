"""The story of a second round: what it changed, and what a person must know before telling of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from safeaudit import pipeline, publish
from safeaudit.config import AuditConfig
from safeaudit.contributors import contributor_keys, of_rounds
from safeaudit.coverage import quarters
from safeaudit.errors import InputError
from safeaudit.faults import FATES, compare_faults
from safeaudit.files.together import together
from safeaudit.languages import Language
from safeaudit.outputs import planning
from safeaudit.rubric import Rubric
from safeaudit.score.change import LEVEL, find_changes, refuse_other_scales, say_no_overlap
from safeaudit.score.change.notes import say_notes
from safeaudit.tables import AuditResult, Audits
from safeaudit.two_projects import join_projects, refuse_other_rubrics

CHANGES = "office/changes.gpkg"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTold:
    """A round as it is told of.

    Attributes
    ----------
    name
        As the settings call it, else by its number.
    since, until
        Quarters of its first and its last form; empty where no time is known.
    forms, auditors
        How many of each; an unknown group of a walk is one auditor.
    """

    name: str
    since: str
    until: str
    forms: int
    auditors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a second round changed, as the office may see it.

    Attributes
    ----------
    result
        The result with its tables `changes`, `mean_changes` and `site_changes`, unmasked: what `write` takes.
    changes, mean_changes, site_changes
        The same tables as the office may see them.
    before, after
        The rounds.
    same_auditors
        Auditors of both; None where two projects call auditors by different keys, so that nobody knows.
    tests, differing
        How many differences were tested, and how many hold when all are taken together.
    places_compared, places_differing
        Places that both rounds saw in the same light; those with a difference that holds.
    expected_by_chance
        Of so many tests, how many would seem to differ by chance alone, one by one.
    faults
        Faults by what became of them: mended, open, new; not_looked_again, not_looked_before.
    notes
        What a person must know before telling of it, as sentences in the language of the (later) project.
    """

    result: AuditResult
    changes: pd.DataFrame
    mean_changes: pd.DataFrame
    site_changes: pd.DataFrame
    before: RoundTold
    after: RoundTold
    same_auditors: int | None
    tests: int
    differing: int
    places_compared: int
    places_differing: int
    expected_by_chance: float
    faults: Mapping[str, int]
    notes: tuple[str, ...]


def compare_rounds(
    config: AuditConfig,
    *,
    before: str | None = None,
    after: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Compare two rounds of walks of one project.

    Parameters
    ----------
    config
        The settings, as from `load_config`.
    before, after
        Names of the rounds; where not given, the two that saw most places, the earlier one first.
    tell
        Called with the name of each step as it begins.

    Returns
    -------
    What changed. Nothing is written: `write` writes its `result`.

    Raises
    ------
    InputError
        There is one round alone, none of that name, or the rounds cannot be compared.

    Examples
    --------
    >>> import safeaudit
    >>> safeaudit.compare_rounds(safeaudit.load_config("kibera"))
    Traceback (most recent call last):
    safeaudit.errors.InputError: All forms are of one round of walks: there is nothing to compare it with. ...
    """
    result = pipeline.run(config, rounds=(before, after), tell=tell)
    names = _names_of(result)
    both = of_rounds(result.audits, names)
    faults = pipeline.find_faults(both, result.matches, result.places, config, result.action_entries)
    notes = _say_asked_once(both, names, result.rubric, config.language)
    return _tell(result, both, faults, names, config.language, notes=notes)


def compare_projects(
    first: AuditConfig,
    second: AuditConfig,
    *,
    before: str | None = None,
    after: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Compare a round of one project with a round of another, by the ids of their places.

    Parameters
    ----------
    first, second
        The settings of both.
    before, after
        A round of the first project, and one of the second; where not given, the one that saw most places.
    tell
        Called with the name of each step as it begins.

    Returns
    -------
    What changed. `write_comparison` writes it.

    Raises
    ------
    InputError
        Their rubrics differ, or no place was seen in both rounds.
    """
    configs = (first, second)
    refuse_other_rubrics(configs)
    results = [pipeline.run(config, quick=True, tell=tell) for config in configs]
    joined = join_projects(configs, results, (before, after))
    both, matches, names, later = joined.audits, joined.matches, joined.names, results[1]
    refuse_other_scales(both, later.rubric, names, joined.scales)
    tell("Comparing the rounds")
    found = find_changes(
        both, matches, later.places, later.rubric, second.score, names=names, same_people=joined.same_people
    )
    if found.places.empty:
        raise InputError(say_no_overlap(both, names, matches), hint="Compare projects of the same city and map.")
    result = replace(
        later,
        audits=both,
        matches=matches,
        declared=(*results[0].declared, *later.declared, *(result.title for result in results), "before", "after"),
        changes=found.places,
        mean_changes=found.means,
        site_changes=found.sites,
    )  # nothing of two projects is public: its open tables stay those of the second
    faults = pipeline.find_faults(both, matches, later.places, second, later.action_entries)
    notes = (*joined.notes, *_say_asked_once(both, names, later.rubric, second.language))
    return _tell(result, both, faults, names, second.language, notes=notes, same_people=joined.same_people)


def write_comparison(comparison: Comparison, language: Language, out: Path) -> dict[str, Path]:
    """Write what two projects tell of a change into office/changes.gpkg.

    Parameters
    ----------
    comparison
        As from `compare_projects`.
    language
        The language of the legend.
    out
        Folder of the outputs.

    Returns
    -------
    The path of each file by its name.
    """
    with together(out) as aside:
        planning.write_changes(publish.to_office(comparison.result), language, aside / CHANGES)
    return {"changes": out / CHANGES}


def _tell(  # noqa: PLR0913 - a result, its rounds, and what is known of them
    result: AuditResult,
    both: Audits,
    faults: pd.DataFrame,
    names: tuple[str, str],
    language: Language,
    *,
    notes: tuple[str, ...] = (),
    same_people: bool = True,
) -> Comparison:
    """Return what is told of a comparison."""
    office = publish.to_office(result)
    changes = office.changes
    called = publish.round_names(result) | {"": "forms without a campaign"}
    before, after = (_describe(both, name, called[name]) for name in names)
    fates = compare_faults(faults, both, result.matches, names)["fate"].value_counts()
    tests = int(changes["p"].notna().sum())
    return Comparison(
        result=result,
        changes=changes,
        mean_changes=office.mean_changes,
        site_changes=office.site_changes,
        before=before,
        after=after,
        same_auditors=_count_shared(both, names) if same_people else None,
        tests=tests,
        differing=int(changes["differs"].sum()),
        places_compared=int(changes["place_id"].nunique()),
        places_differing=int(changes.loc[changes["differs"], "place_id"].nunique()),
        expected_by_chance=round(LEVEL * tests, 1),
        faults={fate: int(fates.get(fate, 0)) for fate in FATES},
        notes=(
            *say_notes(office.mean_changes, office.site_changes, result.places, result.rubric, language),
            *notes,
        ),
    )


def _names_of(result: AuditResult) -> tuple[str, str]:
    """Return the two rounds that a result compares."""
    first = result.changes.iloc[0]
    return str(first["campaign_before"]), str(first["campaign_after"])


def _describe(both: Audits, name: str, called: str) -> RoundTold:
    forms = of_rounds(both, (name,)).submissions
    since, until = quarters(pd.Series([forms["observed_at"].min(), forms["observed_at"].max()])).fillna("")
    auditors = contributor_keys(forms).nunique()
    return RoundTold(name=called, since=since, until=until, forms=len(forms), auditors=int(auditors))


def _count_shared(both: Audits, names: tuple[str, str]) -> int:
    """Count the known auditors of both rounds."""
    known = [of_rounds(both, (name,)).submissions["auditor"].dropna().astype("str") for name in names]
    return len(set(known[0]) & set(known[1]))


def _say_asked_once(both: Audits, names: tuple[str, str], rubric: Rubric, language: Language) -> tuple[str, ...]:
    """Say what one round alone asked: it is not compared."""
    ids = [of_rounds(both, (name,)).submissions["submission_id"].astype("str") for name in names]
    seen = both.observations.astype({"submission_id": "str", "indicator": "str"})
    asked = [set(seen.loc[seen["submission_id"].isin(of), "indicator"]) for of in ids]
    once = ", ".join(language.label(name, rubric).lower() for name in sorted(asked[0] ^ asked[1]))
    return (language.say("console.known.asked_once", indicators=once),) if once else ()
