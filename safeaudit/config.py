"""The settings: frozen, checked as they are read, with a suggestion for every unknown key."""

from __future__ import annotations

import difflib
import re
import secrets
import tomllib
import unicodedata
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from safeaudit.errors import ConfigError, Where
from safeaudit.files import staged
from safeaudit.rubric import LEVELS, STANDARD, Indicator, Publication, Rubric

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_NAME = "safeaudit.toml"
KEY_NAME = "auditors.key"

Consent = Literal["analysis", "conditions", "public"]
Levels = MappingProxyType[str, int]
T = TypeVar("T")


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
    """

    name: str = "City"
    slug: str = ""
    crs: str = "auto"
    timezone: str | None = None
    remark: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "slug", slugify(self.slug or self.name))
        if self.timezone is not None:
            _check_timezone(self.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSettings:
    """A layer of the team's own: GeoJSON or GeoPackage.

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
    max_segment_m: float = 150.0


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
    """

    file: Path
    columns: MappingProxyType[str, str] = field(default_factory=_empty)
    levels: MappingProxyType[str, Levels] = field(default_factory=_empty)
    scale: tuple[float, ...] = (0.0, float(LEVELS - 1))
    encoding: str | None = None
    delimiter: str | None = None
    date_format: str | None = None
    crs: str | None = None
    campaign: str | None = None
    consent: Consent = "conditions"

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
    weight: float = 1.0
    public: Publication = "never"

    def __post_init__(self) -> None:
        if len(self.levels) != LEVELS:
            message = f"an indicator has {LEVELS} levels, not {len(self.levels)}."
            raise ConfigError(message, hint="List the words for 0, 1, 2 and 3, worst first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricSettings:
    """[rubric]: weights of indicators, and indicators of the city's own."""

    weights: MappingProxyType[str, float] = field(default_factory=_empty)
    indicators: MappingProxyType[str, OwnIndicator] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings:
    """[match]: how far a fix may lie from its place.

    Attributes
    ----------
    max_distance_m
        A submission farther than this from every place of a kind has none of that kind.
    default_accuracy_m
        Accuracy taken for a fix whose accuracy is unknown.
    """

    max_distance_m: float = 25.0
    default_accuracy_m: float = 10.0


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
    min_share: float = 0.75
    min_ratings: float = 3.0
    min_contributors: int = 2
    stale_months: int = 24
    as_of: date | None = None
    interval: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSettings:
    """[publish]: what a community decided to hold back.

    Attributes
    ----------
    min_walks
        A place seen on fewer walks is not shown.
    """

    min_walks: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """[check]: how much may be wrong before a run says so by its exit code."""

    max_rejected_share: float = 0.05


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
    "auditor_sex",
    "auditor_age",
    "auditor_disability",
    "auditor_role",
    "group_size",
    "consent",
    "place_code",
    "note",
)
"""Fields a column can be, beside the indicators."""


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
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
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
    config = _build(AuditConfig, {**given, "folder": folder}, "", where)
    names = config.indicators.names
    for audit in config.audits:
        for key in (*audit.columns, *audit.levels):
            if key not in names and key not in FIELDS:
                raise _unknown(key, (*names, *FIELDS), "[[audits]] columns", where)
    for key in config.rubric.weights:
        if key not in names:
            raise _unknown(key, names, "[rubric] weights", where)
    return config


def _key(folder: Path) -> bytes:
    file = folder / KEY_NAME
    if not file.exists():
        with staged(file, private=True) as temporary:
            temporary.write_bytes(secrets.token_hex(32).encode())
    return file.read_bytes()[:64]


def slugify(name: str) -> str:
    """Return a name that is safe as a file name everywhere: a-z, 0-9 and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "city"


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


def _build(cls: type[T], given: Mapping[str, Any], path: str, where: str) -> T:
    """Make a settings object from a mapping; every key must be a field of it."""
    hints = get_type_hints(cls)
    for key in given:
        if key not in hints:
            raise _unknown(key, tuple(hints), path or "the file", where)
    required = [f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING]  # type: ignore[arg-type]
    for name in required:
        if name not in given:
            raise ConfigError(f"{path} lacks {name}.", hint=f"Add a line: {name} = ...", where=Where(where))
    values = {key: _convert(hints[key], value, f"{path}.{key}".strip("."), where) for key, value in given.items()}
    try:
        return cls(**values)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.what}", hint=error.hint, where=Where(where)) from error


def _convert(kind: Any, value: Any, path: str, where: str) -> Any:
    """Return a TOML value as the kind a field declares."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _convert(next(arg for arg in inner if arg is not type(None)), value, path, where)
    if origin is Literal:
        if value not in inner:
            raise _wrong(path, f"one of {', '.join(inner)}", value, where)
        return value
    if origin is tuple:
        items = _expect(list, value, path, where)
        return tuple(_convert(inner[0], item, f"{path}[{i}]", where) for i, item in enumerate(items))
    if origin is MappingProxyType:
        table = _expect(dict, value, path, where)
        return MappingProxyType({k: _convert(inner[1], v, f"{path}.{k}", where) for k, v in table.items()})
    if isinstance(kind, type) and is_dataclass(kind):
        return _build(kind, _expect(dict, value, path, where), path, where)
    return _scalar(kind, value, path, where)


def _scalar(kind: type, value: Any, path: str, where: str) -> Any:
    if kind is Path and isinstance(value, (str, Path)):
        return Path(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _expect(kind, value, path, where)


def _expect(kind: type[T], value: Any, path: str, where: str) -> T:
    if type(value) is not kind:
        words = {str: "text", int: "a whole number", float: "a number", list: "a list", dict: "a table", date: "a date"}
        raise _wrong(path, words.get(kind, kind.__name__), value, where)
    return value


def _wrong(path: str, wanted: str, value: object, where: str) -> ConfigError:
    return ConfigError(
        f"{path} must be {wanted}, not {value!r}.",
        hint="Correct it; docs/settings.md lists every key.",
        where=Where(where),
    )


def _unknown(key: str, known: tuple[str, ...], path: str, where: str) -> ConfigError:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"Known here: {', '.join(known)}."
    return ConfigError(f'{path} has an unknown key "{key}".', hint=hint, where=Where(where))
