"""[[audits]]: the files of audits, and what their columns and answers mean."""

from __future__ import annotations

import codecs
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from safeaudit.config.build import no_entries, within
from safeaudit.errors import ConfigError
from safeaudit.rubric import LEVELS

FIELDS = (
    "latitude",
    "longitude",
    "position",
    "accuracy_m",
    "observed_at",
    "time_of_day",
    "submission_id",
    "walk_id",
    "campaign",
    "auditor",
    "device",
    "auditor_sex",
    "auditor_age",
    "auditor_disability",
    "auditor_role",
    "group_size",
    "group_women",
    "group_men",
    "group_other",
    "consent",
    "guardian_consent",
    "review",
    "place_code",
    "street",
    "day_or_dark",
    "faults",
    "lux",
    "note",
)
"""Fields a column can be, beside the indicators."""

COUNT, SPREAD = "_n", "_spread"
"""Columns of an indicator whose file holds means: how many ratings, and their standard deviation."""

NOTHING = "none"
"""What stands for nothing to be mended."""

TO_DISCUSS = "to_discuss"
"""What stands for people and their livelihoods, named where faults were asked for: never a fault."""

MAX_GROUP = 100
"""A declared group that is larger is a typing error."""

Consent = Literal["analysis", "conditions", "public"]
Levels = MappingProxyType[str, int]

_PLAIN = "ab,;\t12\n\\u0041+ADs-" + "a" * 80
"""What an encoding of tables leaves as it is; some that are none read a sign in its midst, or no word so long."""
_NO_DELIMITER = re.compile(r'[\w"\r\n\0.+-]')
_DAY = datetime(2026, 11, 24, 21, 30, 15, tzinfo=UTC)
_SHOWN = 40

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSettings:
    """Where `safeaudit fetch` gets an audit file from. Secrets are never written here, only where they stand.

    Attributes
    ----------
    service
        kobo (KoboToolbox, API v2) or odk (ODK Central).
    server
        Its address, such as https://kf.kobotoolbox.org.
    form
        Id of the form there: the asset's uid, or the form's id.
    project
        Number of the project, for ODK Central.
    token_env
        Environment variable that holds the token.
    user_env, password_env
        Environment variables that hold name and password, for ODK Central without a token.
    """

    service: Literal["kobo", "odk"]
    server: str
    form: str
    project: int | None = None
    token_env: str | None = None
    user_env: str | None = None
    password_env: str | None = None

    def __post_init__(self) -> None:
        from safeaudit.config.addresses import checked_address  # noqa: PLC0415 - few projects have a server

        checked_address(self.server)
        for name in (self.token_env, self.user_env, self.password_env):
            if name is not None and not _VARIABLE.fullmatch(name):  # it may be the secret itself: it is not shown
                message = "token_env, user_env and password_env are names of environment variables, in capitals."
                raise ConfigError(message, hint='Write token_env = "KOBO_TOKEN", and the token in that variable.')


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """[[audits]]: one file of audits and what its columns mean.

    Attributes
    ----------
    file
        Path, from the folder of the TOML.
    columns
        Column of the file for each field: an indicator, or one of `FIELDS`.
    levels
        Per indicator, the level (0-3) that each of the team's own answers stands for.
    faults
        What each of the team's own words for something to be mended stands for, such as
        "Foco fundido" = "lamp_out"; "none" for nothing, "to_discuss" for vendors, residents and other people.
    scale
        Lowest and highest rating, where the file does not use 0-3.
    encoding
        Text encoding, where it is not UTF-8.
    delimiter
        Delimiter, where it is not detected rightly.
    date_format
        How dates are written, as for strptime, where they are not ISO 8601; or what they count, where they are
        numbers: epoch_s, epoch_ms, excel.
    crs
        CRS of the coordinates, where they are not degrees.
    campaign
        Round of walks, where no column says.
    group_size
        How many people agreed on each row, where no column says.
    auditor_sex
        Sex of whoever rated, where no column says.
    consent
        What may be done with submissions where no column says; where not set, they are for analysis alone.
    remote
        Where `safeaudit fetch` gets the file from.
    mends
        The audit file whose rejected rows this one holds, mended; it is read as that one is.
    """

    file: Path
    columns: MappingProxyType[str, str] = field(default_factory=no_entries)
    levels: MappingProxyType[str, Levels] = within(0, LEVELS - 1, default_factory=no_entries)
    faults: MappingProxyType[str, str] = field(default_factory=no_entries)
    scale: tuple[float, ...] = (0.0, float(LEVELS - 1))
    encoding: str | None = None
    delimiter: str | None = None
    date_format: str | None = None
    crs: str | None = None
    campaign: str | None = None
    group_size: int | None = within(1, MAX_GROUP, default=None)
    auditor_sex: Literal["woman", "man", "other"] | None = None
    consent: Consent | None = None
    remote: RemoteSettings | None = None
    mends: Path | None = None

    def __post_init__(self) -> None:
        if len(self.scale) != len(("lowest", "highest")) or not self.scale[0] < self.scale[1]:
            message = f"scale must be its lowest and its highest rating, not {list(self.scale)}."
            raise ConfigError(message, hint="Write for example: scale = [0, 4]")
        if not all(map(math.isfinite, self.scale)):
            raise ConfigError("scale must end.", hint="Write for example: scale = [0, 4]")
        if self.encoding is not None and not _writes_ascii(self.encoding):
            what = f"encoding = {self.encoding[:_SHOWN]!r} is none that a table is written in."
            raise ConfigError(what, hint='Write it as in encoding = "cp1252", or leave it out.')
        if self.delimiter is not None and (len(self.delimiter) != 1 or _NO_DELIMITER.fullmatch(self.delimiter)):
            what = f"delimiter = {self.delimiter[:_SHOWN]!r} cannot stand between cells."
            raise ConfigError(what, hint='It is one sign, such as delimiter = ";", or left out.')
        if self.date_format is not None and "%" in self.date_format and not _reads_back(self.date_format):
            what = f"date_format = {self.date_format[:_SHOWN]!r} reads no day."
            raise ConfigError(what, hint='Write each part once, as in date_format = "%d/%m/%Y %H:%M".')


def _writes_ascii(encoding: str) -> bool:
    """Say whether a text encoding writes commas and line ends as files do; UTF-16 has them in pairs of bytes."""
    try:
        plain = _PLAIN.encode(encoding)
        return codecs.getincrementaldecoder(encoding)().decode(plain, final=True) == _PLAIN and (
            plain == _PLAIN.encode() or encoding.lower().startswith(("utf-16", "utf_16", "utf16"))
        )
    except (LookupError, ValueError, TypeError):  # none of that name, none of texts, or a NUL in it
        return False


def _reads_back(date_format: str) -> bool:
    """Say whether a format reads the day that it writes."""
    try:
        return datetime.strptime(_DAY.strftime(date_format), date_format).year > 0  # noqa: DTZ007 - no clock is meant
    except (ValueError, re.error):
        return False
