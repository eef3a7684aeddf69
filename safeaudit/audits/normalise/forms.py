"""What the forms of a chunk say: one reader for each field, none of which needs another to have gone before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.marks import strip_invisible
from safeaudit.audits.normalise.auditors import Auditors, Groups, read_auditors, read_groups
from safeaudit.audits.normalise.choices import read_choice
from safeaudit.audits.normalise.coded import constant, is_constant
from safeaudit.audits.normalise.faults import ReportedFaults, read_faults
from safeaudit.audits.normalise.gates import Consents, read_consents, read_reviews
from safeaudit.audits.normalise.lux import read_lux
from safeaudit.audits.normalise.own_groups import read_own_groups
from safeaudit.audits.normalise.placing import has_street
from safeaudit.audits.normalise.positions import Located, check_positions, locate, read_accuracy
from safeaudit.audits.normalise.ratings import Ratings, read_ratings
from safeaudit.audits.normalise.times import Times, read_times
from safeaudit.audits.spans import Spans
from safeaudit.config import COUNT, Forgotten
from safeaudit.files.spreadsheet_text import unescape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from safeaudit import crs
    from safeaudit.audits.cells import Texts
    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.audits.normalise.coded import Coded
    from safeaudit.audits.normalise.identity import Column
    from safeaudit.audits.normalise.positions import Swaps
    from safeaudit.config import AuditSettings, OwnGroup
    from safeaudit.place_codes import Directory
    from safeaudit.rubric import Rubric


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What all files are read with; see `normalise`."""

    rubric: Rubric
    timezone: str | None
    extent: crs.Bounds | None
    key: bytes
    directory: Directory | None = None
    forgotten: Forgotten = field(default_factory=Forgotten)
    groups: Mapping[str, OwnGroup] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """Forms as they were filled in, one a row: nothing is looked up, and no default stands where nothing was said.

    Texts are empty and numbers NaN where nothing was said; people and their devices are pseudonyms.
    """

    form: Spans
    located: Located
    accuracy_m: NDArray[np.float64]
    times: Times
    walk_id: Coded
    campaign: Coded
    place_code: Coded
    street: Coded
    day_or_dark: Coded
    auditors: Auditors
    own_groups: Coded
    groups: Groups
    consents: Consents
    lux: NDArray[np.float64]
    faults: ReportedFaults
    ratings: Ratings
    note: Spans
    on_hold: NDArray[np.bool_]

    def say_something(self) -> NDArray[np.bool_]:
        """Say which rows hold anything: a rating, something to be mended, or a meter's value."""
        rated = self.ratings.any()
        return rated if rated.all() else rated | ~self.faults.kinds.where("") | ~np.isnan(self.lux)


def read_forms(chunk: Chunk, settings: AuditSettings, reader: Reader, swaps: Swaps) -> Forms:
    """Read every field of a chunk; the chunk takes what is wrong and what is worth knowing, in this order."""
    located = _locate(chunk, settings, reader)
    check_positions(located, chunk, reader.extent, swaps)
    accuracy_m = read_accuracy(chunk, located)
    auditors = read_auditors(chunk, reader.key)
    return Forms(
        form=_read_form(chunk),
        located=located,
        accuracy_m=accuracy_m,
        times=read_times(chunk, settings.date_format, reader.timezone),
        walk_id=chunk.coded("walk_id"),
        campaign=chunk.coded("campaign"),
        place_code=chunk.coded("place_code"),
        street=chunk.coded("street"),
        auditors=auditors,
        day_or_dark=read_choice(chunk, "day_or_dark"),
        note=_read_note(chunk),
        own_groups=read_own_groups(chunk, reader.groups),
        groups=read_groups(chunk),
        consents=read_consents(chunk, children=auditors.age.where("child"), otherwise=settings.consent or "analysis"),
        lux=read_lux(chunk),
        faults=read_faults(chunk, settings.faults),
        ratings=read_ratings(chunk, settings, reader.rubric),
        on_hold=read_reviews(chunk),
    )


def content_of(forms: Forms, chunk: Chunk, reader: Reader) -> dict[str, Column]:
    """Return what tells a form from another, by name: what it says, and nothing of fields that no column holds.

    What is worked out later is no part of it: the same form keeps its id when a place code comes to mean another
    place, or when the settings say another campaign or consent.
    """
    content: dict[str, Column] = {
        "lon": forms.located.lon,
        "lat": forms.located.lat,
        "accuracy_m": forms.accuracy_m,
        "observed_us": forms.times.observed_us,
        "group_size": constant(1.0, chunk.n)
        if is_constant(size := forms.groups.size)
        else np.where(size > 0, size, 1.0),
        "faults": forms.faults.kinds,
    }
    said: dict[str, Column] = {
        "walk_id": forms.walk_id,
        "campaign": forms.campaign,
        "place_code": forms.place_code,
        "street": forms.street,
        "auditor_sex": forms.auditors.sex,
        "auditor_age": forms.auditors.age,
        "auditor_disability": forms.auditors.disability,
        "auditor_role": forms.auditors.role,
        "day_or_dark": forms.day_or_dark,
        "group_women": forms.groups.women,
        "group_men": forms.groups.men,
        "group_other": forms.groups.other,
        "consent": forms.consents.said,
        "lux": forms.lux,
        "note": forms.note,
    }
    content |= {field: column for field, column in said.items() if field in chunk.columns}
    if "auditor" in chunk.columns or "device" in chunk.columns:
        content["auditor"] = forms.auditors.pseudonym
    if any(name in chunk.columns for name in reader.groups):
        content["own_groups"] = forms.own_groups
    content |= {f"rating {name}": ratings for name, ratings in forms.ratings.written.items()}
    for at, name in enumerate(reader.rubric.names):
        if name + COUNT in chunk.columns:
            content |= {f"n {name}": forms.ratings.means.n[:, at], f"spread {name}": forms.ratings.means.spread[:, at]}
    return content


def _locate(chunk: Chunk, settings: AuditSettings, reader: Reader) -> Located:
    """Read where each row was made; one that names its place by a code, or by street and walk, may have no position."""
    named = ~chunk.coded("place_code").where("")
    if reader.directory is not None:
        named = named | has_street(chunk.coded("street"), chunk.coded("walk_id"))
    return locate(chunk, settings.crs, named, reader.extent)


def _read_form(chunk: Chunk) -> Spans:
    """Return the form's own id without what tools put before it."""
    cells = chunk.column("submission_id")
    if not isinstance(cells, Spans) or cells.may_be_stripped():
        return Spans.of(strip_invisible(text).removeprefix("uuid:") for text in chunk.texts("submission_id"))
    return cells.without("uuid:")


def _read_note(chunk: Chunk) -> Spans:
    """Return notes as they stand, spaces included, without the apostrophe an export puts before what would compute."""
    cells: Texts = chunk.column("note")
    if isinstance(cells, Spans):
        return cells if not cells.starting("'").any() else Spans.of(map(unescape, cells.texts()))
    return Spans.of(map(unescape, cells))
