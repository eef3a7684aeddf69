"""A small project that is well, and what an attack on it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import projects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Content: TypeAlias = str | bytes | Callable[[], str | bytes]

AUDITS = '[[audits]]\nfile = "walk.csv"\nconsent = "conditions"\n'
HEADER = "submission_id,latitude,longitude,observed_at,auditor,walk_id,lighting,openness,visibility,walk_path,note"
ROW = "s1,19.0705,72.8805,2026-03-05T21:30:00+05:30,A,w1,1,1,1,1,dark here"
CSV = f"{HEADER}\n{ROW}\n"


@dataclass(frozen=True)
class Attack:
    """One hostile project.

    Attributes
    ----------
    name
        What is hostile, for people.
    make
        Writes the project into an empty folder.
    words
        The command and its options; the folder is added.
    slow
        Whether it takes so long that it is left to the benchmark.
    """

    name: str
    make: Callable[[Path], object]
    words: tuple[str, ...] = ("check",)
    slow: bool = False


def well(folder: Path, *more: str, audits: str = AUDITS, walk: Content = CSV) -> Path:
    """Write a project that is well, with more lines of settings or another file of audits."""
    projects.project(folder, *more, audits)
    (folder / "walk.csv").write_bytes(as_bytes(walk))
    return folder


def whole_toml(folder: Path, toml: Content) -> Path:
    """Write a project whose settings are these bytes."""
    well(folder)
    (folder / "safeaudit.toml").write_bytes(as_bytes(toml))
    return folder


def as_bytes(content: Content) -> bytes:
    """Return the bytes of a file; what is large is made only now."""
    made = content() if callable(content) else content
    return made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")
