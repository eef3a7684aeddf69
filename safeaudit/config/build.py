"""A mapping, as a TOML holds it -> frozen settings: every key known, every value of its kind and range."""

from __future__ import annotations

import difflib
import math
from dataclasses import MISSING, Field, field, fields, is_dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from safeaudit.errors import ConfigError, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")
_WORDS: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    date: "a date",
}
_GIVEN = {"folder", "key", "forgotten"}
"""Fields that the program gives, not the file."""
_WHOLE = 2**53
"""Past it not every whole number is a float."""
_YEARS = range(1970, 2200)
_SHOWN = 80
"""Letters of a value that an error shows."""


def within(low: float, high: float = math.inf, *, default: Any = MISSING, default_factory: Any = MISSING) -> Any:
    """Return a field whose numbers, its own or those of its table, lie between `low` and `high`."""
    return field(default=default, default_factory=default_factory, metadata={"low": low, "high": high})


def no_entries() -> MappingProxyType[str, Any]:
    """Return a table without entries: what a setting is that holds one and is not given."""
    return MappingProxyType({})


def build(cls: type[T], given: Mapping[str, Any], path: str, where: str) -> T:
    """Make a settings object from a mapping; every key must be a field of it.

    Parameters
    ----------
    cls
        A frozen dataclass.
    given
        What the file holds.
    path
        Where in the file, in its words; empty for the whole.
    where
        Name of the file.

    Raises
    ------
    ConfigError
        A key is unknown or missing, or a value is of the wrong kind or out of range.
    """
    hints = get_type_hints(cls)
    known = {f.name: f for f in fields(cls) if f.name not in _GIVEN}  # type: ignore[arg-type] # always a dataclass
    for key in given:
        if key not in known:
            raise unknown(key, known, path or "the file", where)
    for name, declared in known.items():
        if name not in given and declared.default is MISSING and declared.default_factory is MISSING:
            raise ConfigError(f"{path} lacks {name}.", hint=f"Add a line: {name} = ...", where=Where(where))
    values = {}
    for key, value in given.items():
        spot = f"{path}.{key}".strip(".")
        values[key] = _convert(hints[key], value, spot, where)
        _check_range(values[key], known[key], spot, where)
    try:
        return cls(**values)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.what}", hint=error.hint, where=Where(where)) from error


def unknown(key: str, known: Iterable[str], path: str, where: str) -> ConfigError:
    """Return the error for a key that nobody knows, with the nearest that somebody does."""
    near = difflib.get_close_matches(key, list(known), n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"Known here: {', '.join(known)}."
    return ConfigError(f'{path} has an unknown key "{key}".', hint=hint, where=Where(where))


def _check_range(value: Any, declared: Field[Any], path: str, where: str) -> None:
    if "low" not in declared.metadata:
        return
    low, high = declared.metadata["low"], declared.metadata["high"]
    if isinstance(value, MappingProxyType):
        for key, inner in value.items():
            _check_range(inner, declared, f"{path}.{key}", where)
    elif value is not None and not (low <= value <= high and math.isfinite(value)):
        wanted = f"at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
        raise _wrong(path, wanted, value, where)


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
        return build(kind, _expect(dict, value, path, where), path, where)
    return _scalar(kind, value, path, where)


def _scalar(kind: type, value: Any, path: str, where: str) -> Any:
    if kind is Path and isinstance(value, (str, Path)):
        return Path(value)
    if isinstance(value, int) and abs(value) > _WHOLE:
        raise _wrong(path, "a number of at most 15 digits", value, where)
    if isinstance(value, date) and value.year not in _YEARS:
        raise _wrong(path, f"a day from {_YEARS[0]} to {_YEARS[-1]}", value, where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _expect(kind, value, path, where)


def _expect(kind: type[T], value: Any, path: str, where: str) -> T:
    if type(value) is not kind:
        raise _wrong(path, _WORDS.get(kind, kind.__name__), value, where)
    return value


def _wrong(path: str, wanted: str, value: object, where: str) -> ConfigError:
    return ConfigError(
        f"{path} must be {wanted}, not {_shown(value)}.",
        hint="Correct it; docs/settings.md lists every key.",
        where=Where(where),
    )


def _shown(value: object) -> str:
    """Return a value as an error shows it: not all of what may be a text of a megabyte."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no number of more than some thousand digits
        text = "a number of thousands of digits"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
