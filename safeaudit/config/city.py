"""[city]: what a city is called, and its metres, clock and remarks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from safeaudit.errors import ConfigError

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
"""Names that Windows keeps for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySettings:
    """[city]: what it is called, and its metres, clock and remarks.

    Attributes
    ----------
    name
        Name for people.
    slug
        Name for files; from the name where empty.
    crs
        Metric CRS of the run, such as EPSG:32737; "auto" takes the UTM zone of the places.
    timezone
        IANA name, for times written without an offset.
    remark
        A sentence that stands on the map, such as "Simulated audits".
    languages
        Languages of forms and map, the first one before all, such as "fr" and "ar". The map has English too.
    """

    name: str = "City"
    slug: str = ""
    crs: str = "auto"
    timezone: str | None = None
    remark: str = ""
    languages: tuple[str, ...] = ("en",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slug", slugify(self.slug or self.name))
        if self.timezone is not None:
            _check_timezone(self.timezone)


def slugify(name: str) -> str:
    """Return a name that is safe as a file name everywhere: a-z, 0-9 and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:55].strip("-") or "city"
    return f"{slug}-city" if slug in _RESERVED else slug


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(f'"{name}" is no time zone.', hint='Write it as in "Africa/Nairobi".') from error
