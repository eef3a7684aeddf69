"""run.json: what a run was made of, and with what settings; a release's manifest.json is written alike."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from safeaudit.files.staged import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from safeaudit.config import AuditConfig
    from safeaudit.tables import AuditResult


_NEVER = {"key", "forgotten"}
"""Settings that stand in no output: the project's secret, and who took something back."""


def describe_run(result: AuditResult, config: AuditConfig) -> dict[str, Any]:
    """Say what a run was made of: no cell of any input, no secret.

    Parameters
    ----------
    result, config
        The run, and the settings it was run with.

    Returns
    -------
    The run's id, versions, settings without the project's key, inputs with their hashes, counts and seconds. Remarks
    and warnings quote cells as examples: here stands how many there are, and their words in private/remarks.txt.
    """
    places, audits = result.places, result.audits
    made_of = {
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
        "private_until": _private_until(result, config),
        "warnings": len(result.warnings),
    }
    found = {"compared": _compared(result), "skill": _skill(result), "calibration": _calibration(result)}
    return {"run": _digest(made_of), **made_of, **found, "seconds": dict(result.seconds)}


def _digest(made_of: Mapping[str, Any]) -> str:
    """Return the run's id: what it was made of, wherever it was made and however long that took."""
    settings = {name: value for name, value in made_of["settings"].items() if name != "folder"}
    text = json.dumps({**made_of, "settings": settings}, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _compared(result: AuditResult) -> list[str | None]:
    """Return the two rounds that were compared, empty where none were; None for a name that no setting declares."""
    rounds = result.changes[["campaign_before", "campaign_after"]].head(1).astype("str").to_numpy().ravel()
    return [str(name) if name in result.declared else None for name in rounds]


def _skill(result: AuditResult) -> list[dict[str, Any]]:
    """Return how far streets where nobody was can be guessed: the table `skill` without the rounds' names."""
    return _rows(result.skill.drop(columns="campaign"))


def _calibration(result: AuditResult) -> list[dict[str, Any]]:
    """Return how often intervals hold, over all forms and where they hold least likely: areas stay with the office."""
    told = result.calibration[result.calibration["held"].notna() & (result.calibration["part"] != "area")]
    return _rows(told.drop(columns=["campaign", "note"]))


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    table = table.astype(object)
    return [dict(row) for row in table.where(table.notna(), None).to_dict("records")]


def _private_until(result: AuditResult, config: AuditConfig) -> str | None:
    """Return the day on which private/ is to be deleted; None for never, or where no time is known."""
    latest = result.audits.submissions["observed_at"].max()
    months = config.private.keep_months
    return None if months is None or pd.isna(latest) else str((latest + pd.DateOffset(months=months)).date())


def write(run: Mapping[str, object], target: Path) -> None:
    """Write the provenance of a run, or the manifest of a release, as JSON with sorted keys.

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
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in _NEVER}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "items"):
        return {key: _plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
