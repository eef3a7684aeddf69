"""private/remarks.txt: what was said of every file and of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.files.staged import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import AuditResult


def write_remarks(result: AuditResult, target: Path) -> None:
    """Write what was said of every file and of the result: these sentences quote cells as examples.

    Parameters
    ----------
    result
        What a run found out.
    target
        Where the file shall be.

    Raises
    ------
    OutputError
        It could not be written; an earlier file is untouched.
    """
    of_files = [f"{count.file}: {remark}" for count in result.audits.counts for remark in count.remarks]
    lines = "".join(f"{line}\n" for line in (*of_files, *result.warnings))
    write_whole(target, lines.encode(errors="backslashreplace"), private=True)
