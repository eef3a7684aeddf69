"""The settings: frozen, checked as they are read, with a suggestion for every unknown key."""

from __future__ import annotations

import re
import secrets
import tomllib
import unicodedata
from dataclasses import dataclass, field, fields, replace
from datetime import date  # noqa: TC003 - the fields' types are read when the file is
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from safeaudit import catalogue
from safeaudit.errors import ConfigError, Where
from safeaudit.files import write_whole
from safeaudit.rubric import COMPOSITES, LEVELS, STANDARD, Indicator, Publication, Rubric
from safeaudit.servers import checked_address
from safeaudit.settings import build, unknown, within
from safeaudit.tables import TABLES, WIDE_COLUMNS, WIDE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE_NAME = "safeaudit.toml"
KEY_NAME = "auditors.key"

_KEY = re.compile(rb"[0-9a-f]{64}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
"""Names that Windows keeps for itself."""

Consent = Literal["analysis", "conditions", "public"]
Levels = MappingProxyType[str, int]


def _empty() -> MappingProxyType[str, Any]:
    return MappingProxyType({})


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
        Languages of the forms, the first one before all, such as "fr" and "ar".
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSettings:
    """A layer of the team's own: GeoJSON, GeoPackage, FlatGeobuf or a zipped Shapefile.

    Attributes
    ----------
    file
        Path, from the folder of the TOML.
    crs
        CRS, where the file does not name it or names it wrongly.
    layer
        Layer of a GeoPackage that holds several.
    name
        Column that holds the name of a place.
    category
        Column that holds its kind, in OpenStreetMap's words for streets (highway).
    """

    file: Path
    crs: str | None = None
    layer: str | None = None
    name: str | None = None
    category: str | None = None


AreaKind = Literal["city", "ward", "site", "comparison"]
FeatureKind = Literal[
    "building",
    "wall",
    "stop",
    "toilet",
    "water_point",
    "police",
    "school",
    "market",
    "health",
    "worship",
    "community",
    "office",
    "shop",
    "waste",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSettings:
    """A layer of areas that places are summed up over.

    Attributes
    ----------
    file, crs, layer, name
        As for `LayerSettings`.
    kind
        city (the boundary of the city itself), ward, site (to be upgraded) or comparison.
    """

    file: Path
    crs: str | None = None
    layer: str | None = None
    name: str | None = None
    kind: AreaKind = "ward"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSettings:
    """A layer of things that count as evidence, such as toilets.

    Attributes
    ----------
    file, crs, layer, name
        As for `LayerSettings`.
    kind
        What its features are.
    """

    file: Path
    kind: FeatureKind
    crs: str | None = None
    layer: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesSettings:
    """[places]: an OpenStreetMap extract, or the team's own layers.

    Attributes
    ----------
    osm
        Local extract: .osm, .osm.gz, .osm.bz2 or .osm.pbf.
    sha256
        What the extract's SHA-256 must be; catches a cut file that no format check can see.
    streets, spaces, stops, lamps
        Layers of the team's own. `streets` replaces the extract's streets, the others add to it.
    areas
        Wards, sites to be upgraded, comparison areas, or the boundary of the city.
    features
        Layers of what else is there: toilets, water points, buildings ...
    exclude_highway
        Values of `highway` that are not streets to walk on.
    exclude_access
        Values of `access` or `foot` that close a way to people.
    max_segment_m
        Streets longer than this between two junctions are cut into equal pieces.
    """

    osm: Path | None = None
    sha256: str | None = None
    streets: LayerSettings | None = None
    spaces: LayerSettings | None = None
    stops: LayerSettings | None = None
    lamps: LayerSettings | None = None
    areas: tuple[AreaSettings, ...] = ()
    features: tuple[FeatureSettings, ...] = ()
    exclude_highway: tuple[str, ...] = (
        "motorway",
        "motorway_link",
        "trunk_link",
        "construction",
        "proposed",
        "planned",
        "abandoned",
        "razed",
        "raceway",
        "bus_guideway",
        "busway",
        "escape",
        "corridor",
        "elevator",
        "platform",
        "rest_area",
        "services",
        "no",
    )
    exclude_access: tuple[str, ...] = ("no", "private", "use_sidepath")
    max_segment_m: float = within(1, default=150.0)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that the places are read from."""
        single = (layer for layer in (self.streets, self.spaces, self.stops, self.lamps) if layer)
        return (*([self.osm] if self.osm else []), *(layer.file for layer in (*single, *self.areas, *self.features)))


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
        "Foco fundido" = "lamp_out"; "none" for nothing.
    scale
        Lowest and highest rating, where the file does not use 0-3.
    encoding
        Text encoding, where it is not UTF-8.
    delimiter
        Delimiter, where it is not detected rightly.
    date_format
        How dates are written, as for strptime, where they are not ISO 8601.
    crs
        CRS of the coordinates, where they are not degrees.
    campaign
        Round of walks, where no column says.
    consent
        What may be done with submissions where no column says.
    remote
        Where `safeaudit fetch` gets the file from.
    """

    file: Path
    columns: MappingProxyType[str, str] = field(default_factory=_empty)
    levels: MappingProxyType[str, Levels] = within(0, LEVELS - 1, default_factory=_empty)
    faults: MappingProxyType[str, str] = field(default_factory=_empty)
    scale: tuple[float, ...] = (0.0, float(LEVELS - 1))
    encoding: str | None = None
    delimiter: str | None = None
    date_format: str | None = None
    crs: str | None = None
    campaign: str | None = None
    consent: Consent = "conditions"
    remote: RemoteSettings | None = None

    def __post_init__(self) -> None:
        if len(self.scale) != len(("lowest", "highest")) or not self.scale[0] < self.scale[1]:
            message = f"scale must be its lowest and its highest rating, not {list(self.scale)}."
            raise ConfigError(message, hint="Write for example: scale = [0, 4]")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIndicator:
    """[rubric.indicators.NAME]: an indicator of the city's own.

    Attributes
    ----------
    label, question, levels
        Words for people: heading, question and the four levels.
    weight
        Weight in the score.
    public
        Where it may be shown: place, area or never.
    """

    label: str
    question: str = ""
    levels: tuple[str, ...] = ("0", "1", "2", "3")
    weight: float = within(0, default=1.0)
    public: Publication = "never"

    def __post_init__(self) -> None:
        if len(self.levels) != LEVELS:
            message = f"an indicator has {LEVELS} levels, not {len(self.levels)}."
            raise ConfigError(message, hint="List the words for 0, 1, 2 and 3, worst first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricSettings:
    """[rubric]: weights of indicators, and indicators of the city's own."""

    weights: MappingProxyType[str, float] = within(0, 1e6, default_factory=_empty)
    indicators: MappingProxyType[str, OwnIndicator] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings:
    """[match]: how far a fix may lie from its place, and what is placed by hand.

    Attributes
    ----------
    max_distance_m
        A submission farther than this from every place of a kind has none of that kind.
    default_accuracy_m
        Accuracy taken for a fix whose accuracy is unknown.
    overrides
        Place code by submission_id: where a submission belongs, whatever its form says.
    """

    max_distance_m: float = within(0, 1000, default=25.0)
    default_accuracy_m: float = within(0.1, 1000, default=10.0)
    overrides: MappingProxyType[str, str] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """[score]: what a score needs and when it is stale.

    Attributes
    ----------
    campaign
        Round of walks to score, the latest where not set. Rounds are never pooled.
    min_share
        Share of the weight that must be answered for a score.
    min_ratings, min_contributors
        Below either a place is `few`.
    stale_months
        A place whose latest rating is older than this before `as_of` is `stale`.
    as_of
        Day that age is counted back from; the latest observation where not set.
    interval
        Probability that low and high enclose.
    """

    campaign: str | None = None
    min_share: float = within(0, 1, default=0.75)
    min_ratings: float = within(0, default=3.0)
    min_contributors: int = within(0, default=2)
    stale_months: int = within(0, 1200, default=24)
    as_of: date | None = None
    interval: float = within(0.01, 0.999, default=0.9)


RasterKind = Literal["night_radiance", "population", "elevation", "land_cover"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterSettings:
    """[evidence] rasters: one GeoTIFF and what its cells hold.

    Attributes
    ----------
    file
        Path, from the folder of the TOML.
    kind
        night_radiance (nW/cm2/sr), population (people per cell), elevation (m) or land_cover (classes).
    sha256
        What the file's SHA-256 must be; catches damage that no format check can see.
    crs
        CRS, where the file does not name it or names it wrongly.
    band
        Band to read, from 1.
    nodata
        Value that means "not known", where the file does not say or says it wrongly.
    sex, age
        Of whom the population is; everybody where not said. Several rasters of the same add up.
    classes
        For land_cover: the word for each value.
    """

    file: Path
    kind: RasterKind
    sha256: str | None = None
    crs: str | None = None
    band: int = within(1, default=1)
    nodata: float | None = None
    sex: Literal["woman", "man"] | None = None
    age: Literal["child", "youth", "adult", "elderly"] | None = None
    classes: MappingProxyType[str, str] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class LightingClass:
    """[evidence] lighting_class: what selects the lighting class of one kind of place, in the words of CEN/TR 13201-1.

    Attributes
    ----------
    travel_speed
        Of the fastest who use it: walking, or low (40 km/h at the most).
    use_intensity
        How many use it at night.
    traffic_composition
        Who uses it.
    parked_vehicles
        Whether vehicles are parked there.
    ambient_luminosity
        How bright the surrounding is: shop windows, billboards, sports fields.
    """

    travel_speed: Literal["walking", "low"]
    use_intensity: Literal["quiet", "normal", "busy"]
    traffic_composition: Literal[
        "pedestrians", "cyclists", "pedestrians_cyclists", "pedestrians_motor", "pedestrians_cyclists_motor"
    ]
    parked_vehicles: Literal["present", "not_present"]
    ambient_luminosity: Literal["low", "moderate", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSettings:
    """[evidence]: what the places are looked at with, beside the map.

    Attributes
    ----------
    rasters
        Night lights, population, elevation, land cover.
    lighting_class
        By kind of place (`highway`, or category): what selects the lighting class that lux readings are held against.
    """

    rasters: tuple[RasterSettings, ...] = ()
    lighting_class: MappingProxyType[str, LightingClass] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSettings:
    """[faults]: who mends what.

    Attributes
    ----------
    agencies
        Who can mend it, by kind of fault, such as lamp_out = "City power company".
    """

    agencies: MappingProxyType[str, str] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSettings:
    """[publish]: what a community decided to hold back.

    Attributes
    ----------
    min_walks
        A place seen on fewer walks is not shown.
    """

    min_walks: int = within(1, default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """[check]: how much may be wrong before a run says so by its exit code."""

    max_rejected_share: float = within(0, 1, default=0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditConfig:
    """All settings of one project.

    Attributes
    ----------
    folder
        Folder that relative paths start from.
    key
        Secret of the project: without it nobody can tell auditors by their pseudonyms.
    """

    folder: Path = Path()
    key: bytes = b""
    city: CitySettings = field(default_factory=CitySettings)
    places: PlacesSettings = field(default_factory=PlacesSettings)
    audits: tuple[AuditSettings, ...] = ()
    rubric: RubricSettings = field(default_factory=RubricSettings)
    match: MatchSettings = field(default_factory=MatchSettings)
    score: ScoreSettings = field(default_factory=ScoreSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    faults: FaultSettings = field(default_factory=FaultSettings)
    publish: PublishSettings = field(default_factory=PublishSettings)
    check: CheckSettings = field(default_factory=CheckSettings)

    def path(self, file: Path) -> Path:
        """Return a path of the TOML as seen from here."""
        return self.folder / file

    @property
    def indicators(self) -> Rubric:
        """The standard rubric with the city's weights and its own indicators."""
        weights = dict(self.rubric.weights)
        own = tuple(
            Indicator(
                name=name,
                label=given.label,
                question=given.question,
                levels=(given.levels[0], given.levels[1], given.levels[2], given.levels[3]),
                weight=given.weight,
                public=given.public,
            )
            for name, given in self.rubric.indicators.items()
        )
        standard = (_reweighted(indicator, weights) for indicator in STANDARD.indicators)
        return Rubric((*standard, *own))


FIELDS = (
    "latitude",
    "longitude",
    "position",
    "accuracy_m",
    "observed_at",
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


def load_config(folder: str | Path) -> AuditConfig:
    """Read the settings of a project.

    Parameters
    ----------
    folder
        Folder with a `safeaudit.toml`, or the path of such a file. The project's secret key is kept
        beside it in `auditors.key` and is made once, where it is missing.

    Returns
    -------
    The settings, complete: what the file leaves out has its default.

    Raises
    ------
    ConfigError
        The file is missing or not TOML, or a key is unknown, missing or of the wrong kind.
    """
    path = Path(folder)
    file = path if path.suffix == ".toml" else path / FILE_NAME
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(
            f"There is no {FILE_NAME} in {path}.", hint="Make one: safeaudit init DIR --osm FILE --audits FILE"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"This is not TOML: {error}.", hint="Mend that line.", where=Where(str(file))) from error
    config = config_from_dict(given, folder=file.parent, where=str(file))
    return replace(config, key=_key(file.parent))


def config_from_dict(given: Mapping[str, Any], *, folder: Path, where: str = FILE_NAME) -> AuditConfig:
    """Make settings from what a TOML holds; see `load_config`.

    Raises
    ------
    ConfigError
        A key is unknown, missing or of the wrong kind, or a column means nothing known.
    """
    config = replace(build(AuditConfig, given, "", where), folder=folder)
    names = config.indicators.names
    for audit in config.audits:
        _check_meanings(audit, names, where)
    _check_kinds(config.faults.agencies, (), "[faults] agencies", where)
    for key in config.rubric.weights:
        if key not in names:
            raise unknown(key, names, "[rubric] weights", where)
    if "feeling" in config.rubric.weights:
        hint = "Remove that line: feeling is shown apart, never as a part of the score."
        raise ConfigError("feeling can have no weight: it is an outcome.", hint=hint, where=Where(where))
    _check_own_names(tuple(config.rubric.indicators), where)
    return config


def _check_meanings(audit: AuditSettings, names: tuple[str, ...], where: str) -> None:
    """Refuse a column, answer or fault that means nothing known."""
    means = {name + end: name for name in names for end in (COUNT, SPREAD)}
    known = (*names, *FIELDS, *means)
    for key in audit.columns:
        if key not in known:
            raise unknown(key, known, "[[audits]] columns", where)
        if key in means and not {means[key], means[key] + COUNT} <= set(audit.columns):
            what = f"[[audits]] columns names {key} without {means[key]} and {means[key] + COUNT}."
            raise ConfigError(what, hint="A mean comes with its number of ratings; name both.", where=Where(where))
    for key in audit.levels:
        if key not in names:
            raise unknown(key, names, "[[audits]] levels", where)
    _check_kinds(audit.faults.values(), (NOTHING,), "[[audits]] faults", where)


def _check_kinds(given: Iterable[str], more: tuple[str, ...], path: str, where: str) -> None:
    """Refuse a kind of fault that the form does not ask for."""
    given = list(given)
    known = (*catalogue.read(catalogue.REFERENCE).choices("faults"), *more) if given else ()
    for kind in given:
        if kind not in known:
            raise unknown(kind, known, path, where)


def _check_own_names(own: tuple[str, ...], where: str) -> None:
    """Refuse an indicator whose name or columns would take the place of others."""
    taken = {*FIELDS, *WIDE_COLUMNS}
    taken |= {column.name for name in ("segments", "spaces", "stops") for column in TABLES[name].columns}
    for name in (*COMPOSITES, *STANDARD.names, *own):
        columns = {f"{name}{suffix}" for suffix in (*WIDE_SUFFIXES, SPREAD)}
        if name in own and (not _COLUMN.fullmatch(name) or columns & taken):
            hint = "Give it another name: a-z, 0-9 and _, starting with a letter."
            raise ConfigError(f'The indicator "{name}" cannot be a column, or is taken.', hint=hint, where=Where(where))
        taken |= columns


def _key(folder: Path) -> bytes:
    file = folder / KEY_NAME
    if not file.exists():
        write_whole(file, secrets.token_hex(32).encode(), private=True)
    key = file.read_bytes().strip()
    if not _KEY.fullmatch(key):
        hint = "Bring the right one back, or remove it: a new one is made, and nobody is known again."
        raise ConfigError("It holds no key of 64 signs.", hint=hint, where=Where(str(file)))
    return key


def slugify(name: str) -> str:
    """Return a name that is safe as a file name everywhere: a-z, 0-9 and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:55].strip("-") or "city"
    return f"{slug}-city" if slug in _RESERVED else slug


def _reweighted(indicator: Indicator, weights: Mapping[str, float]) -> Indicator:
    if indicator.name not in weights or indicator.name == "feeling":
        return indicator
    given = {f.name: getattr(indicator, f.name) for f in fields(Indicator)}
    return Indicator(**{**given, "weight": weights[indicator.name]})


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(f'"{name}" is no time zone.', hint='Write it as in "Africa/Nairobi".') from error
