"""run.json: what a run was made of, and with what settings."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from safeaudit.files.staged import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from safeaudit.config import AuditConfig
    from safeaudit.tables import AuditResult


def describe_run(result: AuditResult, config: AuditConfig) -> dict[str, Any]:
    """Say what a run was made of: no cell of any input, no secret.

    Parameters
    ----------
    result, config
        The run, and the settings it was run with.

    Returns
    -------
    Versions, settings without the project's key, inputs with their hashes, counts and seconds. Remarks and warnings
    quote cells as examples: here stands how many there are, and their words in private/remarks.txt.
    """
    places, audits = result.places, result.audits
    return {
        "safeaudit": version("safeaudit"),
        "settings": _plain(config),
        "inputs": [{"file": file.name, "bytes": file.size, "sha256": file.sha256} for file in result.inputs],
        "audits": [_plain(count) | {"remarks": len(count.remarks)} for count in audits.counts],
        "campaign": result.campaign if result.campaign in result.declared else None,
        "crs": places.crs.to_string(),
        "counts": {
            "segments": len(places.segments),
            "spaces": len(places.spaces),
            "stops": len(places.stops),
            "submissions": len(audits.submissions),
            "observations": len(audits.observations),
            "matched": int(result.matches["submission_id"].nunique()),
        },
        "warnings": len(result.warnings),
        "seconds": dict(result.seconds),
    }


def write(run: Mapping[str, object], target: Path) -> None:
    """Write the provenance of a run as JSON with sorted keys.

    Parameters
    ----------
    run
        Text, whole and decimal numbers, truths, None, and lists and mappings of them.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    text = json.dumps(run, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=2)
    # A file name that is not Unicode becomes a JSON escape, which is what it would be without ensure_ascii.
    write_whole(target, f"{text}\n".encode(errors="backslashreplace"))


def _plain(value: Any) -> Any:
    """Return settings as plain values that JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name != "key"}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "items"):
        return {key: _plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
