"""The story of a second round: what it changed, and what a person must know before telling of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from safeaudit import pipeline, publish
from safeaudit.contributors import contributor_keys
from safeaudit.coverage import quarters
from safeaudit.errors import InputError
from safeaudit.faults import compare_faults
from safeaudit.files.together import together
from safeaudit.outputs import planning
from safeaudit.places.changed import changed_places
from safeaudit.score.change import LEVEL, choose_rounds, find_changes, refuse_other_scales, say_no_overlap
from safeaudit.score.change.notes import say_notes
from safeaudit.tables import AuditResult, Audits, validate_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from safeaudit.config import AuditConfig
    from safeaudit.score.change.choose import Scale

CHANGES = "office/changes.gpkg"
_FATES = ("mended", "open", "not_looked_again", "new", "not_looked_before")


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
        What a person must know before telling of it, as sentences.
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
    names = _names(result)
    both = _of(result.audits, names)
    faults = pipeline.find_faults(both, result.matches, result.places, config, result.action_entries)
    return _tell(result, both, faults, names, notes=_say_asked_once(both, names))


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
        Their rubrics differ, or they saw no place both.
    """
    _refuse_other_rubrics(first, second)
    results = [pipeline.run(config, quick=True, tell=tell) for config in (first, second)]
    rounds = [_most_seen(result, name) for result, name in zip(results, (before, after), strict=True)]
    names = _call_rounds(results, rounds)
    same_people = first.key == second.key
    both, matches = _join(results, rounds, names, same_people=same_people)
    scales = {
        f"{number} {audit.file.name}": audit.scale
        for number, config in enumerate((first, second))
        for audit in config.audits
    }
    later = results[1]
    refuse_other_scales(both, later.rubric, names, scales)
    tell("Comparing the rounds")
    redrawn = changed_places(_shapes(results[0]), later.places)
    matches = _where_unchanged(matches, redrawn, results[0], later)
    found = find_changes(both, matches, later.places, later.rubric, second.score, names=names, same_people=same_people)
    if found.places.empty:
        raise InputError(say_no_overlap(both, names, matches), hint="Compare projects of the same city and map.")
    declared = (*results[0].declared, *later.declared, *names)
    tables = {"changes": found.places, "mean_changes": found.means, "site_changes": found.sites}
    result = replace(later, audits=both, matches=matches, declared=declared, **tables)
    faults = pipeline.find_faults(both, matches, later.places, second, later.action_entries)
    notes = (*_say_map(redrawn, results), *_say_keys(same_people=same_people), *_say_asked_once(both, names))
    return _tell(result, both, faults, names, notes=notes, same_people=same_people)


def write_comparison(comparison: Comparison, out: Path) -> dict[str, Path]:
    """Write what two projects tell of a change into office/changes.gpkg.

    Parameters
    ----------
    comparison
        As from `compare_projects`.
    out
        Folder of the outputs.

    Returns
    -------
    The path of each file by its name.
    """
    with together(out) as aside:
        planning.write_changes(publish.to_office(comparison.result), aside / CHANGES)
    return {"changes": out / CHANGES}


def _tell(  # noqa: PLR0913 - a result, its rounds, and what is known of them
    result: AuditResult,
    both: Audits,
    faults: pd.DataFrame,
    names: tuple[str, str],
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
        faults={fate: int(fates.get(fate, 0)) for fate in _FATES},
        notes=(*say_notes(office.mean_changes, office.site_changes, result.places), *notes),
    )


def _names(result: AuditResult) -> tuple[str, str]:
    """Return the two rounds that a result compares."""
    first = result.changes.iloc[0]
    return str(first["campaign_before"]), str(first["campaign_after"])


def _of(audits: Audits, names: tuple[str, ...]) -> Audits:
    """Return the audits of some rounds."""
    campaign = audits.submissions["campaign"].astype("str").fillna("")
    return audits.keep(audits.submissions[campaign.isin(names)].reset_index(drop=True))


def _describe(both: Audits, name: str, called: str) -> RoundTold:
    forms = _of(both, (name,)).submissions
    since, until = quarters(pd.Series([forms["observed_at"].min(), forms["observed_at"].max()])).fillna("")
    auditors = contributor_keys(forms).nunique()
    return RoundTold(name=called, since=since, until=until, forms=len(forms), auditors=int(auditors))


def _count_shared(both: Audits, names: tuple[str, str]) -> int:
    """Count the known auditors of both rounds."""
    known = [_of(both, (name,)).submissions["auditor"].dropna().astype("str") for name in names]
    return len(set(known[0]) & set(known[1]))


def _say_asked_once(both: Audits, names: tuple[str, str]) -> tuple[str, ...]:
    """Say what one round alone asked: it is not compared."""
    ids = [_of(both, (name,)).submissions["submission_id"].astype("str") for name in names]
    seen = both.observations.astype({"submission_id": "str", "indicator": "str"})
    asked = [set(seen.loc[seen["submission_id"].isin(of), "indicator"]) for of in ids]
    once = ", ".join(sorted(asked[0] ^ asked[1]))
    return (f"One round alone rated {once}: that is not compared, and in no score here.",) if once else ()


def _refuse_other_rubrics(first: AuditConfig, second: AuditConfig) -> None:
    """Refuse projects that rated other things, or weigh them otherwise."""
    rubrics = [{one.name: one for one in config.indicators.indicators} for config in (first, second)]
    other = sorted(name for name in {*rubrics[0], *rubrics[1]} if rubrics[0].get(name) != rubrics[1].get(name))
    if other:
        what = f"The two projects have different rubrics: {', '.join(other)} is not the same in both."
        raise InputError(what, hint="Write the same [rubric] into both, or compare what was rated alike.")


def _most_seen(result: AuditResult, name: str | None) -> str:
    """Return the round of a project that is compared: the one that is named, else the one that saw most places."""
    campaign = result.audits.submissions["campaign"].astype("str").fillna("")
    if campaign.nunique() == 1 and name in {None, campaign.iloc[0]}:
        return str(campaign.iloc[0])
    first, second = choose_rounds(result.audits.submissions, result.matches, name)
    if name is not None:
        return first
    sizes = {one: _places_of(result, one) for one in (first, second)}
    return max(sizes, key=lambda one: (sizes[one], one == second))


def _places_of(result: AuditResult, name: str) -> int:
    ids = _of(result.audits, (name,)).submissions["submission_id"].astype("str")
    return int(result.matches.loc[result.matches["submission_id"].astype("str").isin(ids), "place_id"].nunique())


def _call_rounds(results: list[AuditResult], rounds: list[str]) -> tuple[str, str]:
    """Return names that tell the rounds apart: those of the rounds, else of the projects, else before and after."""
    for first, second in (rounds, [result.title for result in results]):
        if first and second and first != second:
            return first, second
    return "before", "after"


def _join(
    results: list[AuditResult], rounds: list[str], names: tuple[str, str], *, same_people: bool
) -> tuple[Audits, pd.DataFrame]:
    """Return the audits and matches of a round of each project as those of one project."""
    parts = [_of(result.audits, (name,)) for result, name in zip(results, rounds, strict=True)]
    crs = results[1].places.crs
    submissions, observations, reports, matches = [], [], [], []
    for number, (part, name, result) in enumerate(zip(parts, names, results, strict=True)):
        own = part.submissions.to_crs(crs).astype({"submission_id": "str", "source": "str", "auditor": "str"})
        ids = own["submission_id"]
        auditor = own["auditor"] if same_people else f"{number} " + own["auditor"]
        own = own.assign(campaign=name, submission_id=f"{number} " + ids, source=f"{number} " + own["source"])
        submissions.append(own.assign(auditor=auditor))
        for into, table in ((observations, part.observations), (reports, part.faults), (matches, result.matches)):
            mine = table.astype({"submission_id": "str"})
            mine = mine[mine["submission_id"].isin(ids)]
            into.append(mine.assign(submission_id=f"{number} " + mine["submission_id"]))
    counts = tuple(
        replace(count, file=f"{number} {count.file}") for number, part in enumerate(parts) for count in part.counts
    )
    audits = Audits(
        submissions=validate_table(pd.concat(submissions, ignore_index=True), "submissions"),
        observations=validate_table(_stack(observations), "observations"),
        faults=validate_table(_stack(reports), "reports"),
        rejected=parts[1].rejected,
        counts=counts,
    )
    return audits, validate_table(_stack(matches), "matches")


def _stack(parts: list[pd.DataFrame]) -> pd.DataFrame:
    words = {name: "str" for name in parts[0].columns if isinstance(parts[0][name].dtype, pd.CategoricalDtype)}
    return pd.concat([part.astype(words) for part in parts], ignore_index=True)


def _shapes(result: AuditResult) -> dict[str, pd.DataFrame]:
    """Return the places of a project as `changed_places` compares them."""
    places = result.places
    return {"segment": places.segments, "space": places.spaces, "stop": places.stops}


def _where_unchanged(
    matches: pd.DataFrame, redrawn: pd.DataFrame, first: AuditResult, later: AuditResult
) -> pd.DataFrame:
    """Return the matches of places that are on both maps, and stand for the same there."""
    known = [set().union(*(frame["place_id"] for frame in _shapes(of).values())) for of in (first, later)]
    elsewhere = redrawn.loc[redrawn["change"] == "elsewhere", "place_code"]
    moved = set().union(*(f.loc[f["place_code"].isin(elsewhere), "place_id"] for f in _shapes(later).values()))
    place = matches["place_id"].astype("str")
    there = place.isin((known[0] & known[1]) - moved)
    return matches[there.to_numpy(bool)].reset_index(drop=True)


def _say_map(redrawn: pd.DataFrame, results: list[AuditResult]) -> tuple[str, ...]:
    """Say what changed on the map between two projects: such places are not compared."""
    if redrawn.empty:
        return ()
    seen = _seen_codes(results[0])
    gone = redrawn[(redrawn["change"] != "new") & redrawn["place_code"].isin(seen)]
    new = int((redrawn["change"] == "new").sum())
    told = f"{len(gone)} places of the first round are not on the second map as they were"
    if len(gone):
        first = gone.iloc[0]
        became = f"most of it is {first['now_label']} now" if first["now_label"] is not None else "nothing is there now"
        told += f", first {first['label']}: {became}"
    return (f"The maps differ: {told}; {new} places are on the second map alone. None of them is compared.",)


def _seen_codes(result: AuditResult) -> set[str]:
    """Return the codes of places that a project's audits saw."""
    seen = set(result.matches["place_id"].astype("str"))
    return set().union(*(f.loc[f["place_id"].isin(seen), "place_code"] for f in _shapes(result).values()))


def _say_keys(*, same_people: bool) -> tuple[str, ...]:
    if same_people:
        return ()
    return (
        "The two projects call auditors by different keys, so nobody knows who walked in both: intervals are wider for "
        "it. Copy auditors.key of the first into the second before it is run, and they are known.",
    )
