"""DIR/forgotten.txt: who took answers back, told by keyed hashes alone: nobody's name stands in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from safeaudit.errors import ConfigError, Where
from safeaudit.files.admit import read_small
from safeaudit.files.staged import write_whole

if TYPE_CHECKING:
    from pathlib import Path

FORGOTTEN_NAME = "forgotten.txt"

_HEAD = "# What people took back, as safeaudit forget wrote it. Without this file their answers would count again.\n"
_LINE = re.compile(r"(auditor|walk|form|submission) ([0-9a-f]{12,32})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was taken back.

    Attributes
    ----------
    auditor
        Pseudonyms of people, as in the table `submissions`.
    walk, form
        Keyed hashes of names of walks and of forms' own ids, as from `hash_name`.
    submission
        Ids of submissions.
    """

    auditor: frozenset[str] = frozenset()
    walk: frozenset[str] = frozenset()
    form: frozenset[str] = frozenset()
    submission: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    def __or__(self, other: Forgotten) -> Forgotten:
        return Forgotten(
            **{field.name: getattr(self, field.name) | getattr(other, field.name) for field in fields(self)}
        )


def hash_name(text: str, key: bytes) -> str:
    """Return a keyed hash of a name, the same whatever its case and the blanks about it; empty for none."""
    plain = " ".join(text.split()).casefold()
    return hashlib.blake2b(plain.encode(errors="replace"), key=key, digest_size=16).hexdigest() if plain else ""


def read_forgotten(folder: Path) -> Forgotten:
    """Read what was taken back in a project; nothing where there is no such file.

    Parameters
    ----------
    folder
        Folder of the project.

    Raises
    ------
    ConfigError
        A line cannot be read: whose answers it means is not known, so nothing may be counted.
    """
    file = folder / FORGOTTEN_NAME
    if not file.exists():
        return Forgotten()
    found: dict[str, set[str]] = {field.name: set() for field in fields(Forgotten)}
    for number, line in enumerate(read_small(file).decode(errors="replace").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            hint = "Put it back as safeaudit forget wrote it, from a copy of the project."
            raise ConfigError(
                "This line says of nobody that they took something back.", hint=hint, where=Where(str(file), number)
            )
        found[match[1]].add(match[2])
    return Forgotten(**{name: frozenset(hashes) for name, hashes in found.items()})


def write_forgotten(forgotten: Forgotten, folder: Path) -> Path:
    """Write what was taken back.

    Parameters
    ----------
    forgotten
        All of it, with what stood there before.
    folder
        Folder of the project.

    Returns
    -------
    The file.
    """
    lines = [f"{field.name} {name}\n" for field in fields(forgotten) for name in sorted(getattr(forgotten, field.name))]
    target = folder / FORGOTTEN_NAME
    write_whole(target, "".join([_HEAD, *lines]).encode(), private=True)
    return target
