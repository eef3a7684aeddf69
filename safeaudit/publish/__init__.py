"""What may leave: the one door between what is known and what is shown to everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from safeaudit.languages import REFERENCE, read_language
from safeaudit.publish.agencies import to_agencies
from safeaudit.publish.cautions import consent_warnings, walk_warnings
from safeaudit.publish.changes import public_changes
from safeaudit.publish.conditions import (
    public_conditions,
    public_coverage,
    public_indicators,
    shown_scores,
)
from safeaudit.publish.faults import public_faults
from safeaudit.publish.findings import find_out
from safeaudit.publish.groups import public_groups
from safeaudit.publish.layers import evidence_steps, known_share, public_lamps, public_layers
from safeaudit.publish.manifest import describe_release
from safeaudit.publish.office import round_names, to_office
from safeaudit.publish.places import public_areas, public_backdrop, public_localities, public_places
from safeaudit.publish.reach import public_reach
from safeaudit.publish.releases import make_release
from safeaudit.publish.report import to_report
from safeaudit.publish.walks import publishable
from safeaudit.tables.public import Public

if TYPE_CHECKING:
    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult

__all__ = [
    "as_draft",
    "consent_warnings",
    "describe_release",
    "find_out",
    "make_release",
    "publishable",
    "round_names",
    "to_agencies",
    "to_office",
    "to_public",
    "to_report",
    "walk_warnings",
]


def to_public(result: AuditResult, settings: PublishSettings) -> Public:
    """Let through what may be shown to everybody, and nothing else.

    By place: the indicators that are public by place and their mean, in bands, with n in classes and
    dates by quarter. Never: people, security, gender usage, the full score or feeling by place; any
    point, time, note or auditor; a submission whose consent says analysis.

    Parameters
    ----------
    result
        What the run found out; its `open_scores` rest on `publishable` submissions alone.
    settings
        What the community decided to hold back.

    Returns
    -------
    The one type that public outputs accept.
    """
    conditions = public_conditions(shown_scores(result, settings))
    layers = public_layers(result)
    words = read_language(REFERENCE)
    return Public(
        title=result.title,
        slug=result.slug,
        remarks=tuple(filter(None, [result.remark])),
        as_of=conditions["quarter"].max() if conditions["quarter"].notna().any() else "",
        attribution=result.places.attribution,
        bands=words.bands,
        indicators=public_indicators(result.rubric, conditions),
        places=public_places(result),
        conditions=conditions,
        coverage=public_coverage(result.places, conditions),
        faults=public_faults(result, settings),
        changes=public_changes(result, settings),
        groups=public_groups(result),
        reach=public_reach(result),
        layers=layers,
        evidence=evidence_steps(result, layers),
        lamps=public_lamps(result),
        lamp_coverage=known_share(result, "lamps_per_100_m"),
        areas=public_areas(result),
        localities=public_localities(result),
        backdrop=public_backdrop(result),
    )


def as_draft(public: Public) -> Public:
    """Mark what may be shown as a draft: only what `safeaudit publish` wrote may be handed on."""
    return replace(public, remarks=(read_language(REFERENCE)["remark.draft"], *public.remarks))
