"""run.json: what a run was made of, and with what settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safeaudit.files.staged import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


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
