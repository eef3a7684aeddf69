"""Two projects as one: a round of each, their places by id, and what changed on the map between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from safeaudit.contributors import of_rounds
from safeaudit.errors import InputError
from safeaudit.places.changed import changed_places, say_today
from safeaudit.score.change import choose_rounds
from safeaudit.tables import Audits, validate_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from safeaudit.config import AuditConfig
    from safeaudit.languages import Language
    from safeaudit.tables import AuditResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A round of each of two projects.

    Attributes
    ----------
    audits
        Those of both rounds; ids and files bear the number of their project.
    matches
        At places that are on both maps and stand for the same there.
    names
        What the rounds are called.
    scales
        Lowest and highest rating of each audit file.
    same_people
        Whether both projects call auditors by the same key.
    notes
        What a person must know, as sentences.
    """

    audits: Audits
    matches: pd.DataFrame
    names: tuple[str, str]
    scales: Mapping[str, tuple[float, ...]]
    same_people: bool
    notes: tuple[str, ...]


def refuse_other_rubrics(configs: Sequence[AuditConfig]) -> None:
    """Refuse projects that rate other things, or weigh them otherwise.

    Raises
    ------
    InputError
        They do.
    """
    first, second = ({one.name: one for one in config.indicators.indicators} for config in configs)
    other = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))
    if other:
        what = f"The two projects have different rubrics: {', '.join(other)} is not the same in both."
        raise InputError(what, hint="Write the same [rubric] into both, or compare what was rated alike.")


def join_projects(
    configs: Sequence[AuditConfig], results: Sequence[AuditResult], named: Sequence[str | None]
) -> Joined:
    """Return a round of each of two projects as rounds of one.

    Parameters
    ----------
    configs, results
        Settings of the first and the second, and what was found of each.
    named
        A round of each; None where it is the one that saw most places.

    Raises
    ------
    InputError
        There is no such round.
    """
    rounds = [_most_seen(result, name) for result, name in zip(results, named, strict=True)]
    names = _call(rounds, [result.title for result in results])
    same_people, language = configs[0].key == configs[1].key, configs[1].language
    parts = [of_rounds(result.audits, (name,)) for result, name in zip(results, rounds, strict=True)]
    redrawn = changed_places(_shapes(results[0]), results[1].places)
    files = [(number, audit) for number, config in enumerate(configs) for audit in config.audits]
    return Joined(
        audits=_join_audits(parts, names, results[1], same_people=same_people),
        matches=_join_matches(results, redrawn),
        names=names,
        scales={f"{number} {audit.file.name}": audit.scale for number, audit in files},
        same_people=same_people,
        notes=(*_say_map(redrawn, results[0], language), *_say_keys(language, same_people=same_people)),
    )


def _most_seen(result: AuditResult, name: str | None) -> str:
    """Return the round of a project that is compared: the one that is named, else the one that saw most places."""
    rounds = result.audits.submissions["campaign"].astype("str").fillna("").unique()
    if len(rounds) == 1 and name in {None, rounds[0]}:
        return str(rounds[0])
    first, second = choose_rounds(result.audits.submissions, result.matches, name)
    if name is not None:
        return first
    return max((second, first), key=lambda one: _count_places(result, one))


def _count_places(result: AuditResult, name: str) -> int:
    ids = of_rounds(result.audits, (name,)).submissions["submission_id"].astype("str")
    return int(result.matches.loc[result.matches["submission_id"].astype("str").isin(ids), "place_id"].nunique())


def _call(rounds: Sequence[str], titles: Sequence[str]) -> tuple[str, str]:
    """Return names that tell the rounds apart: their own, else those of the projects, else before and after."""
    for first, second in (rounds, titles):
        if first and second and first != second:
            return first, second
    return "before", "after"


def _join_audits(parts: Sequence[Audits], names: Sequence[str], later: AuditResult, *, same_people: bool) -> Audits:
    """Return the audits of both rounds, in the CRS of the later one."""
    numbered = list(enumerate(parts))
    submissions = [_number(part.submissions.to_crs(later.places.crs), number) for number, part in numbered]
    submissions = [
        forms.assign(
            campaign=names[number],
            source=f"{number} " + forms["source"],
            auditor=forms["auditor"] if same_people else f"{number} " + forms["auditor"],
        )
        for number, forms in enumerate(submissions)
    ]
    joined = validate_table(pd.concat(submissions, ignore_index=True), "submissions")
    kept = joined["submission_id"].astype("str")
    observations = pd.concat([_number(part.observations, number) for number, part in numbered], ignore_index=True)
    reports = pd.concat([_number(part.faults, number) for number, part in numbered], ignore_index=True)
    return Audits(
        submissions=joined,
        observations=validate_table(observations[observations["submission_id"].isin(kept)], "observations"),
        faults=validate_table(reports, "reports"),
        rejected=later.audits.rejected,
        counts=tuple(replace(count, file=f"{n} {count.file}") for n, part in numbered for count in part.counts),
    )


def _number(table: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return a table whose ids of submissions bear the number of their project, its categories as text."""
    words = [name for name in table.columns if isinstance(table[name].dtype, pd.CategoricalDtype)]
    plain = table.astype(dict.fromkeys(words, "str"))
    return plain.assign(submission_id=f"{number} " + plain["submission_id"])


def _join_matches(results: Sequence[AuditResult], redrawn: pd.DataFrame) -> pd.DataFrame:
    """Return the matches of places that are on both maps, and stand for the same there."""
    matches = pd.concat([_number(result.matches, n) for n, result in enumerate(results)], ignore_index=True)
    first, later = (pd.concat([f[["place_id", "place_code"]] for f in _shapes(of).values()]) for of in results)
    moved = redrawn.loc[redrawn["change"] == "elsewhere", "place_code"]
    stays = later.loc[later["place_id"].isin(first["place_id"]) & ~later["place_code"].isin(moved), "place_id"]
    return validate_table(matches[matches["place_id"].isin(stays)], "matches")


def _shapes(result: AuditResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the places of a project as `changed_places` compares them."""
    places = result.places
    return {"segment": places.segments, "space": places.spaces, "stop": places.stops}


def _say_map(redrawn: pd.DataFrame, first: AuditResult, language: Language) -> tuple[str, ...]:
    """Say what changed on the map: which places that the first round saw are gone, split or elsewhere."""
    if redrawn.empty:
        return ()
    ids = set(first.matches["place_id"].astype("str"))
    seen = pd.concat([frame.loc[frame["place_id"].isin(ids), "place_code"] for frame in _shapes(first).values()])
    lost = redrawn[(redrawn["change"] != "new") & redrawn["place_code"].isin(seen)]
    new = int((redrawn["change"] == "new").sum())
    split = int((lost["change"].eq("gone") & lost["now_code"].notna()).sum())
    counts = {"lost": len(lost), "split": split, "new": new}
    if lost.empty:
        return (language.say("console.known.maps", **counts),)
    one = lost.iloc[0]
    today = say_today(None if one["now_code"] is None else one["now_label"], language)
    return (language.say("console.known.maps.first", **counts, label=one["label"], today=today),)


def _say_keys(language: Language, *, same_people: bool) -> tuple[str, ...]:
    """Say that nobody knows who walked in both rounds."""
    return () if same_people else (language["console.known.keys"],)
