"""All settings of a project, and how they are read."""

from __future__ import annotations

import re
import secrets
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from safeaudit import languages
from safeaudit.config.audits import COUNT, FIELDS, NOTHING, SPREAD, TO_DISCUSS, AuditSettings
from safeaudit.config.build import build, no_entries, unknown
from safeaudit.config.city import CitySettings
from safeaudit.config.evidence import EvidenceSettings
from safeaudit.config.forgotten import Forgotten, read_forgotten
from safeaudit.config.groups import OF_FORMS, OwnGroup
from safeaudit.config.places import PlacesSettings
from safeaudit.config.priorities import PrioritySettings
from safeaudit.config.scoring import (
    CheckSettings,
    FaultSettings,
    MatchSettings,
    PrivateSettings,
    PublishSettings,
    RubricSettings,
    ScoreSettings,
)
from safeaudit.config.secret import Secret
from safeaudit.errors import ConfigError, Where
from safeaudit.files.admit import read_small
from safeaudit.files.staged import write_whole
from safeaudit.files.together import hold
from safeaudit.rubric import COMPOSITES, STANDARD, Indicator, IndicatorWords, Rubric
from safeaudit.tables import TABLES, WIDE_COLUMNS, WIDE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILE_NAME = "safeaudit.toml"
KEY_NAME = "auditors.key"

_MAX_PARTS = 50
_MAX_OWN = 40
_MAX_GROUPS = 6
_LONG_KEY = re.compile(rf"(?<![\w.-])(?:[\w-]+ *\. *){{{_MAX_PARTS}}}")
_SHOWN = 8
_KEY = re.compile(rb"[0-9a-f]{64}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditConfig:
    """All settings of one project.

    Attributes
    ----------
    folder
        Folder that relative paths start from.
    key
        Secret of the project: without it nobody can tell auditors by their pseudonyms. It is never printed.
    forgotten
        What people took back, as `safeaudit forget` wrote it.
    """

    folder: Path = Path()
    key: Secret = field(default_factory=Secret)
    forgotten: Forgotten = field(default_factory=Forgotten)
    city: CitySettings = field(default_factory=CitySettings)
    places: PlacesSettings = field(default_factory=PlacesSettings)
    audits: tuple[AuditSettings, ...] = ()
    rubric: RubricSettings = field(default_factory=RubricSettings)
    groups: MappingProxyType[str, OwnGroup] = field(default_factory=no_entries)
    match: MatchSettings = field(default_factory=MatchSettings)
    score: ScoreSettings = field(default_factory=ScoreSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    faults: FaultSettings = field(default_factory=FaultSettings)
    priorities: PrioritySettings = field(default_factory=PrioritySettings)
    publish: PublishSettings = field(default_factory=PublishSettings)
    private: PrivateSettings = field(default_factory=PrivateSettings)
    check: CheckSettings = field(default_factory=CheckSettings)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", Secret(self.key))

    def __repr__(self) -> str:
        usual = AuditConfig()
        own = (f.name for f in fields(self)[3:] if getattr(self, f.name) != getattr(usual, f.name))
        return (
            f"AuditConfig of {self.city.name} in {self.folder}\n"
            f"  places  {_some(self.places.files)}\n"
            f"  audits  {_some([audit.file for audit in self.audits])}\n"
            f"  set     {', '.join(own)}"
        )

    def path(self, file: Path) -> Path:
        """Return a path of the TOML as seen from here."""
        return self.folder / file

    @property
    def language(self) -> languages.Language:
        """The city's first language: its places are called so."""
        return self.catalogues[0]

    @property
    def catalogues(self) -> tuple[languages.Language, ...]:
        """The city's languages, the first one before all; English where it names none."""
        codes = dict.fromkeys(self.city.languages or (languages.REFERENCE,))
        return tuple(languages.read_language(code, self.folder) for code in codes)

    @property
    def indicators(self) -> Rubric:
        """The standard rubric with the city's weights and its own indicators."""
        weights = dict(self.rubric.weights)
        own = tuple(
            Indicator(
                name=name,
                weight=given.weight,
                public=given.public,
                own_words=IndicatorWords(label=given.label, question=given.question, levels=given.levels),
            )
            for name, given in self.rubric.indicators.items()
        )
        standard = (_reweighted(indicator, weights) for indicator in STANDARD.indicators)
        return Rubric((*standard, *own))


def load_config(folder: str | Path, *, make_key: bool = True) -> AuditConfig:
    """Read the settings of a project.

    Parameters
    ----------
    folder
        Folder with a `safeaudit.toml`, or the path of such a file. The project's secret key is kept
        beside it in `auditors.key` and is made once, where it is missing.
    make_key
        Whether to write a missing key. Otherwise one is drawn that nobody keeps: nothing is written, and no pseudonym
        is the same another time.

    Returns
    -------
    The settings, complete: what the file leaves out has its default.

    Raises
    ------
    ConfigError
        The file is missing or not TOML, or a key is unknown, missing or of the wrong kind.

    Examples
    --------
    >>> import safeaudit
    >>> config = safeaudit.load_config("kibera")
    >>> config
    AuditConfig of Kibera in kibera
      places  streets.geojson
      audits  walk.csv
      set     city, places, audits
    >>> config.match.max_distance_m
    25.0
    """
    path = Path(folder)
    file = path if path.suffix == ".toml" else path / FILE_NAME
    try:
        given = read_toml(file)
    except OSError as error:
        raise ConfigError(
            f"There is no {FILE_NAME} in {path}.", hint="Make one: safeaudit init DIR --osm FILE --audits FILE"
        ) from error
    config = config_from_dict(given, folder=file.parent, where=str(file))
    return replace(config, key=_key(file.parent, make=make_key), forgotten=read_forgotten(file.parent))


def read_toml(file: Path) -> dict[str, Any]:
    """Return what a file of settings holds.

    Raises
    ------
    ConfigError
        It is no TOML, or its keys or brackets have no end.
    OSError
        There is none, or it may not be read.
    """
    where = Where(str(file))
    try:
        text = read_small(file).decode("utf-8-sig").replace("\r\n", "\n")
        if long := _LONG_KEY.search(text):  # which takes the parser time that grows with the square of its parts
            what = f"A key has more than {_MAX_PARTS} parts, joined by dots."
            line = text.count("\n", 0, long.start()) + 1
            raise ConfigError(what, hint="Write a table, as in [city].", where=Where(str(file), line))
        return tomllib.loads(text)
    except ValueError as error:
        raise ConfigError(f"This is not TOML: {error}.", hint="Mend that line.", where=where) from error
    except RecursionError as error:
        what = "Its brackets stand one in the other too deep for any settings."
        raise ConfigError(what, hint="Mend or remove them.", where=where) from error


def config_from_dict(given: Mapping[str, Any], *, folder: Path, where: str = FILE_NAME) -> AuditConfig:
    """Make settings from what a TOML holds; see `load_config`.

    Raises
    ------
    ConfigError
        A key is unknown, missing or of the wrong kind, or a column means nothing known.
    """
    config = replace(build(AuditConfig, _split_times(given), "", where), folder=folder)
    names = config.indicators.names
    mends = {audit.file: audit.mends for audit in config.audits}
    for audit in config.audits:
        _check_meanings(audit, names, tuple(config.groups), where)
        _check_mended(audit, mends, where)
    _check_kinds(config.faults.agencies, (), "[faults] agencies", where)
    for rule in config.faults.rules:
        _check_kinds(rule.kinds, (), "[[faults.rules]] kinds", where)
    for measure in config.priorities.measures:
        _check_against(measure.against, names, where)
    for key in config.rubric.weights:
        if key not in names:
            raise unknown(key, names, "[rubric] weights", where)
    if "feeling" in config.rubric.weights:
        hint = "Remove that line: feeling is shown apart, never as a part of the score."
        raise ConfigError("feeling can have no weight: it is an outcome.", hint=hint, where=Where(where))
    _check_own_names(tuple(config.rubric.indicators), where)
    _check_groups(tuple(config.groups), names, where)
    return config


def _some(files: Sequence[Path]) -> str:
    """Return names of files that fit a line or two."""
    more = [f"and {len(files) - _SHOWN} more"] if len(files) > _SHOWN else []
    return ", ".join([*map(str, files[:_SHOWN]), *more])


def _split_times(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a TOML holds with `observed_at = ["Date", "Time"]` as the two fields that it stands for."""
    match given:
        case {"audits": [*audits]}:
            return {**given, "audits": [_split_time(audit) for audit in audits]}
    return given


def _split_time(audit: Any) -> Any:
    match audit:
        case {"columns": {"observed_at": [str(date), str(time)], **others}}:
            return {**audit, "columns": {**others, "observed_at": date, "time_of_day": time}}
    return audit


def _check_meanings(audit: AuditSettings, names: tuple[str, ...], groups: tuple[str, ...], where: str) -> None:
    """Refuse a column, answer or fault that means nothing known."""
    means = {name + end: name for name in names for end in (COUNT, SPREAD)}
    known = (*names, *FIELDS, *groups, *means)
    for key in audit.columns:
        if key not in known:
            raise unknown(key, known, "[[audits]] columns", where)
        if key in means and not {means[key], means[key] + COUNT} <= set(audit.columns):
            what = f"[[audits]] columns names {key} without {means[key]} and {means[key] + COUNT}."
            raise ConfigError(what, hint="A mean comes with its number of ratings; name both.", where=Where(where))
    if "time_of_day" in audit.columns and "observed_at" not in audit.columns:
        what = "[[audits]] columns names time_of_day without observed_at, the day."
        raise ConfigError(what, hint='Write observed_at = ["Date", "Time"].', where=Where(where))
    for key in audit.levels:
        if key not in names:
            raise unknown(key, names, "[[audits]] levels", where)
    _check_kinds(audit.faults.values(), (NOTHING, TO_DISCUSS), "[[audits]] faults", where)


def _check_mended(audit: AuditSettings, mends: Mapping[Path, Path | None], where: str) -> None:
    """Refuse a file that mends no other, or itself in the end, or is said to be read otherwise than what it mends."""
    seen, file = {audit.file}, audit.mends
    while file is not None:
        if file in seen or file not in mends:
            known = ", ".join(str(one) for one in mends if one not in seen)
            what = f'mends = "{file}" under "{audit.file}" names no other file of [[audits]].'
            raise ConfigError(what, hint=f"Write that file as its own entry does: {known}.", where=Where(where))
        seen, file = seen | {file}, mends[file]
    alone = AuditSettings(file=audit.file, mends=audit.mends, encoding=audit.encoding, delimiter=audit.delimiter)
    if audit.mends and audit != alone:
        what = f'"{audit.file}" mends "{audit.mends}", so it is read as that file is.'
        raise ConfigError(what, hint="Leave only file, mends, encoding and delimiter.", where=Where(where))


def _check_kinds(given: Iterable[str], more: tuple[str, ...], path: str, where: str) -> None:
    """Refuse a kind of fault that the form does not ask for."""
    given = list(given)
    known = (*languages.read_language(languages.REFERENCE).answers("faults"), *more) if given else ()
    for kind in given:
        if kind not in known:
            raise unknown(kind, known, path, where)


def _check_against(given: Iterable[str], indicators: tuple[str, ...], where: str) -> None:
    """Refuse a measure against what is no fault and no indicator, and one against a feeling."""
    path, rated = "[[priorities.measures]] against", [name for name in indicators if name != "feeling"]
    known = (*languages.read_language(languages.REFERENCE).answers("faults"), *rated)
    for issue in given:
        if issue == "feeling":
            hint = "Name what makes people feel so: a fault, or another indicator."
            raise ConfigError("No measure is against a feeling.", hint=hint, where=Where(where))
        if issue not in known:
            raise unknown(issue, known, path, where)


def _check_own_names(own: tuple[str, ...], where: str) -> None:
    """Refuse an indicator whose name or columns would take the place of others, and more than anybody rates."""
    if len(own) > _MAX_OWN:
        what = f"[rubric.indicators] names {len(own)} indicators of the city's own; at most {_MAX_OWN} are read."
        raise ConfigError(what, hint="Ask for fewer: nobody rates so many on a walk.", where=Where(where))
    taken = {*FIELDS, *WIDE_COLUMNS}
    taken |= {column.name for name in ("segments", "spaces", "stops") for column in TABLES[name].columns}
    for name in (*COMPOSITES, *STANDARD.names, *own):
        columns = {f"{name}{suffix}" for suffix in (*WIDE_SUFFIXES, SPREAD)}
        if name in own and (not _COLUMN.fullmatch(name) or columns & taken or OF_FORMS.fullmatch(name)):
            hint = "Give it another name: a-z, 0-9 and _, starting with a letter."
            raise ConfigError(f'The indicator "{name}" cannot be a column, or is taken.', hint=hint, where=Where(where))
        taken |= columns


def _check_groups(own: tuple[str, ...], indicators: tuple[str, ...], where: str) -> None:
    """Refuse a group whose name would take the place of a column, and more than anybody answers."""
    if len(own) > _MAX_GROUPS:
        what = f"[groups] names {len(own)} questions; at most {_MAX_GROUPS} are read."
        raise ConfigError(what, hint="Ask for less: each answer makes it easier to tell who it is.", where=Where(where))
    taken = {*FIELDS, *indicators, *(f"{name}{end}" for name in indicators for end in (COUNT, SPREAD))}
    taken |= {field.removeprefix("auditor_") for field in FIELDS}
    for name in own:
        if not _COLUMN.fullmatch(name) or name in taken or OF_FORMS.fullmatch(name):
            hint = "Give it another name: a-z, 0-9 and _, starting with a letter."
            raise ConfigError(f'The group "{name}" cannot be a column, or is taken.', hint=hint, where=Where(where))


def _key(folder: Path, *, make: bool) -> Secret:
    file = folder / KEY_NAME
    if not file.exists():
        drawn = secrets.token_hex(32).encode()
        if not make:
            return Secret(drawn)
        with hold(folder):  # of two first runs at once one makes it, and the other finds it made
            if not file.exists():
                write_whole(file, drawn, private=True)
    key = Secret(read_small(file).strip())
    if not _KEY.fullmatch(key):
        hint = "Bring the right one back, or remove it: a new one is made, and nobody is known again."
        raise ConfigError("It holds no key of 64 signs.", hint=hint, where=Where(str(file)))
    return key


def _reweighted(indicator: Indicator, weights: Mapping[str, float]) -> Indicator:
    if indicator.name not in weights or indicator.name == "feeling":
        return indicator
    given = {f.name: getattr(indicator, f.name) for f in fields(Indicator)}
    return Indicator(**{**given, "weight": weights[indicator.name]})
