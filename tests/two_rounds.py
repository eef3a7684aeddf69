"""Two rounds of walks in a town: who rated which street how, before and after."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from town import BLOCK_TOWN, at, audits, line, links_of, matches_of, observations, segments_of, submissions, town

from safeaudit.rubric import STANDARD
from safeaudit.score.change import Changes, find_changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeaudit.tables import Audits, Places

BEFORE, AFTER = pd.Timestamp("2025-05-17T18:00Z"), pd.Timestamp("2026-05-17T18:00Z")
NAMES = ("before", "after")

Form = tuple[str, str, str, "Mapping[str, int | None]"]
"""Round, auditor, street, and the levels chosen."""


def two_rounds(forms: Sequence[Form], **said: Any) -> tuple[Audits, pd.DataFrame]:
    """Return the audits of both rounds, each form at its street for sure, and the matches; a walk is an auditor's."""
    ids = [f"f{number:05d}" for number in range(len(forms))]
    rows = [
        {
            "submission_id": name,
            "campaign": campaign,
            "auditor": who,
            "walk_id": f"{campaign}-{who}",
            "observed_at": BEFORE if campaign == "before" else AFTER,
            "point": at(0, 0),
            **said,
        }
        for name, (campaign, who, _, _) in zip(ids, forms, strict=True)
    ]
    levels = {name: levels for name, (*_, levels) in zip(ids, forms, strict=True)}
    where = {name: {street: 1.0} for name, (_, _, street, _) in zip(ids, forms, strict=True)}
    return audits(submissions(*rows), observations(levels)), matches_of(where)


def changes(forms: Sequence[Form], places: Places | None = None, **said: Any) -> Changes:
    """Return what changed between both rounds."""
    seen, matches = two_rounds(forms, **said)
    return find_changes(seen, matches, places or town(), STANDARD, BLOCK_TOWN.score, names=NAMES)


def everybody(people: Sequence[str], levels: Mapping[str, tuple[int, int]], indicator: str = "walk_path") -> list[Form]:
    """Return the forms of people who all rate each street alike: its level before and after."""
    return [
        (campaign, who, street, {indicator: levels[street][number]})
        for number, campaign in enumerate(NAMES)
        for who, street in product(people, levels)
    ]


def one(table: pd.DataFrame, **key: str) -> pd.Series:
    """Return one row of a table."""
    rows = table[(table[list(key)].astype(str) == pd.Series(key)).all(axis=1)]
    assert len(rows) == 1
    return rows.iloc[0]


def wards_town(wards: int, streets: int) -> Places:
    """Return a town of wards a kilometre apart, each with its streets."""
    lines = {
        f"w{ward}s{street}": line((1000 * ward, 50 * street), (1000 * ward + 40, 50 * street))
        for ward, street in product(range(wards), range(streets))
    }
    segments = segments_of(lines)
    return town(segments=segments, links=links_of(segments))


APART = ("openness", "visibility", "people", "security", "gender_usage")
"""Indicators that a random town rates as if each were a town of its own: of no composite are they enough."""


def by_chance(seed: int, *, auditors: int, shock: float, change: float = 0.0) -> Changes:
    """Return what two rounds of random towns say: auditors differ, wards move, and all streets move by `change`."""
    rng = np.random.default_rng(seed)
    wards, streets, members = 8, 5, 3
    of_street = 0.5 + rng.normal(0, 0.15, (wards, streets, len(APART)))
    strict = rng.normal(0, 0.12, (auditors, len(APART)))
    forms: list[Form] = []
    for number, campaign in enumerate(NAMES):
        moved = of_street + number * change + rng.normal(0, shock, (wards, 1, len(APART)))
        for ward in range(wards):
            for who in rng.choice(auditors, members, replace=False):
                felt = moved[ward] + strict[who] + rng.normal(0, 0.15, (streets, len(APART)))
                level = np.clip(np.round(3 * felt), 0, 3).astype(int).tolist()
                forms += [
                    (campaign, f"a{who}", f"w{ward}s{street}", dict(zip(APART, one, strict=True)))
                    for street, one in enumerate(level)
                ]
    return changes(forms, wards_town(wards, streets))
