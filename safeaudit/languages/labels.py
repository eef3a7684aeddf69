"""What a place is called, put together from its parts in any language; the parts stand in the table `segments`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from safeaudit.languages import Language


class Parts(NamedTuple):
    """What a label is made of.

    Attributes
    ----------
    kind
        One of between, to_end, near, alone (with a name), way_between, way_from, way_near, inside, way (without).
    name
        The name; without one, what the way is, as in `label.way.*` (path, lane ...), or the category of a space or
        stop.
    start, end, near
        Names of what is at its ends and near it, None where not needed.
    mark
        What tells it from its like: a number such as 1/3, a side of the compass (north), both (1/3 north), or its
        code, after the number where it has one; None for nothing.
    """

    kind: str
    name: str
    start: str | None = None
    end: str | None = None
    near: str | None = None
    mark: str | None = None


def compose(parts: Parts, language: Language) -> str:
    """Return a label from its parts.

    Examples
    --------
    >>> from safeaudit.languages import read_language
    >>> parts = Parts("between", "Rada Street", "Legazpi Street", "Dela Rosa Street", mark="1/3")
    >>> compose(parts, read_language("en"))
    'Rada Street, between Legazpi Street and Dela Rosa Street (1 of 3)'
    >>> compose(parts, read_language("fr"))
    'Rada Street, entre Legazpi Street et Dela Rosa Street (1 de 3)'
    """
    named = not parts.kind.startswith("way") and parts.kind != "inside"
    name = parts.name if named else _word(parts.name, language)
    label = language[f"label.{parts.kind}"].format(name=name, start=parts.start, end=parts.end, near=parts.near)
    return f"{label} ({', '.join(_mark(mark, language) for mark in parts.mark.split())})" if parts.mark else label


def _word(what: str, language: Language) -> str:
    return language.get(f"label.way.{what}") or language.get(f"category.{what}") or what.replace("_", " ")


def _mark(mark: str, language: Language) -> str:
    number, slash, count = mark.partition("/")
    if slash:
        return language["label.part"].format(number=number, count=count)
    return language.get(f"label.side.{mark}") or mark
