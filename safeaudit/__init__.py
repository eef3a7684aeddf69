"""safeaudit: where people find public space unsafe, what is wrong there, and who can mend it.

The names here are loaded when they are first used: `safeaudit --help` needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safeaudit.before_after import compare_projects, compare_rounds
    from safeaudit.config import AuditConfig, load_config
    from safeaudit.errors import SafeauditError
    from safeaudit.outputs.geodataframe import to_geodataframe
    from safeaudit.outputs.result_file import read_result
    from safeaudit.pipeline import analyse, check, run
    from safeaudit.tables import AuditResult
    from safeaudit.writing import make_release, to_folium, write

__all__ = [
    "AuditConfig",
    "AuditResult",
    "SafeauditError",
    "analyse",
    "check",
    "compare_projects",
    "compare_rounds",
    "load_config",
    "make_release",
    "read_result",
    "run",
    "to_folium",
    "to_geodataframe",
    "write",
]

_HOMES = {
    "AuditConfig": "config",
    "AuditResult": "tables",
    "SafeauditError": "errors",
    "analyse": "pipeline",
    "check": "pipeline",
    "compare_projects": "before_after",
    "compare_rounds": "before_after",
    "load_config": "config",
    "make_release": "writing",
    "read_result": "outputs.result_file",
    "run": "pipeline",
    "to_folium": "writing",
    "to_geodataframe": "outputs.geodataframe",
    "write": "writing",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module 'safeaudit' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"safeaudit.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
