"""The story of what is to be done: out to agencies and halls as a workbook, and back with what they say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from safeaudit import actions, pipeline, publish
from safeaudit.errors import InputError, OutputError, Where
from safeaudit.files.admit import admit
from safeaudit.files.silence import silence
from safeaudit.files.staged import write_whole
from safeaudit.files.together import hold, together
from safeaudit.outputs import mend, open311, priorities_sheet
from safeaudit.place_areas import list_places
from safeaudit.score import priorities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.config import AuditConfig
    from safeaudit.files.admit import Admitted
    from safeaudit.tables import AuditResult

KEPT = "actions"
"""Folder of a project that keeps every file that was read back, as it came."""

_MEND = "office/mend.xlsx"
_PRIORITIES = "office/priorities.xlsx"
_OPEN311 = "office/open311"
_ANY_DAY = date(2000, 1, 1)
"""For what is looked at and not written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What one file that came back said.

    Attributes
    ----------
    file
        Its name.
    taken, not_taken
        How many rows changed something, and how many words were kept and not taken.
    remarks
        What a person should look at, a sentence each.
    """

    file: str
    taken: int
    not_taken: int
    remarks: tuple[str, ...]


def read_back(
    result: AuditResult, config: AuditConfig, files: Sequence[Path], *, day: date
) -> tuple[AuditResult, tuple[ReadBack, ...]]:
    """Read workbooks, and service requests, that came back into DIR/actions.csv: all of them, or none.

    Parameters
    ----------
    result
        As from `pipeline.run`.
    config
        The settings it was run with.
    files
        The files, in the order in which they are read.
    day
        The day they are read on.

    Returns
    -------
    The result with what was said, and what became of each file. A copy of each is kept in DIR/actions.

    Raises
    ------
    InputError
        One of them is none of ours; nothing of any was taken.
    """
    admitted = [admit(path) for path in files]
    target = config.path(Path(actions.ACTIONS_NAME))
    with hold(config.folder):
        entries = actions.read_entries(admit(target) if target.exists() else None)
        told = []
        for file in admitted:
            taken = _take_in(file, replace(result, action_entries=entries), config, day)
            told.append(taken)
            entries = taken[1].entries
        for file in admitted:
            write_whole(config.folder / KEPT / f"{day}-{file.sha256[:8]}{file.path.suffix}", file.path.read_bytes())
        actions.write_entries(entries, target)
    again = pipeline.analyse(result.places, result.audits, config, entries=entries, quick=True)
    again = replace(again, evidence=result.evidence)  # what the map says has not changed
    return again, tuple(_say(name, taken, remarks) for name, taken, remarks in told)


def hand_out(
    result: AuditResult, config: AuditConfig, out: Path, *, requests_of: date | None = None
) -> dict[str, Path]:
    """Write what is to be mended by whom into office/mend.xlsx; where a budget is set, what it mends first too.

    Parameters
    ----------
    result
        As from `pipeline.run`, or `read_back`.
    config
        The settings it was run with.
    out
        Folder of the outputs.
    requests_of
        Day of an export as requests of Open311 too, in office/open311; none where not given. Nothing is sent.

    Returns
    -------
    The path of each file by its name.

    Raises
    ------
    OutputError
        A workbook lies there in which somebody wrote something that was not read yet: it stays as it is.
    ConfigError
        The budget cannot keep the floor; nothing is written.
    """
    _refuse_unread(out / _MEND, result, config)
    to_mend = publish.to_agencies(result, config.publish)
    with together(out) as aside:
        mend.write(to_mend, config.language, aside / _MEND)
        if config.priorities.budget is not None:
            _write_priorities(result, config, aside / _PRIORITIES)
        if requests_of is not None:
            open311.write(to_mend, config.language, requests_of, aside / _OPEN311)
    requests = {f"open311_{end}": out / _OPEN311 / f"requests.{end}" for end in ("json", "xml")}
    first = {"priorities": out / _PRIORITIES} if config.priorities.budget is not None else {}
    return {"mend": out / _MEND, **first, **(requests if requests_of else {})}


def _write_priorities(result: AuditResult, config: AuditConfig, target: Path) -> None:
    """Write what the budget mends first, of what the office may see."""
    office, settings = publish.to_office(result), config.priorities
    problems = priorities.find_problems(office.scores, office.faults, office.evidence, office.places)
    with silence():
        chosen = priorities.choose_measures(problems, office.places, settings)
    first = priorities.look_first(office.scores, office.evidence, office.places)
    said = priorities_sheet.say_spent(chosen, settings, config.language)
    told = tuple(filter(None, (office.title, *said, office.remark, office.places.attribution)))
    priorities_sheet.write(chosen, first, told, config.language, target)


def _take_in(
    file: Admitted, result: AuditResult, config: AuditConfig, day: date
) -> tuple[str, actions.TakenIn, tuple[str, ...]]:
    """Return what one file says, and what of it was not read."""
    entries, remarks = result.action_entries, list[str]()
    if file.kind in ("json", "xml"):
        rows = actions.read_requests(file, set(actions.find_mended(entries)["action_id"]))
    else:
        rows, remarks = actions.read_rows(file, config.language)
    known = actions.Known(
        actions=actions.make_actions(result.faults, result.audits.submissions, result.places, entries),
        places=list_places(result.places)[["place_code", "label"]],
        agencies=actions.agencies_of_settings(result.faults),
    )
    return file.name, actions.take_in(rows, entries, known, day=day, sha256=file.sha256), tuple(remarks)


def _say(name: str, taken: actions.TakenIn, remarks: tuple[str, ...]) -> ReadBack:
    return ReadBack(file=name, taken=taken.taken, not_taken=taken.not_taken, remarks=(*remarks, *taken.remarks))


def _refuse_unread(target: Path, result: AuditResult, config: AuditConfig) -> None:
    """Refuse to write over a workbook that says what was not read yet."""
    if not target.exists():
        return
    where = Where(str(target))
    try:
        _, taken, _ = _take_in(admit(target), result, config, _ANY_DAY)
    except InputError as error:
        hint = "Move it elsewhere, or name another folder with --out."
        raise OutputError(f"Something else lies there: {error.what}", hint=hint, where=where) from error
    if unread := taken.taken + taken.not_taken:
        what = f"It holds {unread} changes that were not read yet, and would be written over."
        raise OutputError(what, hint=f"Read them first: safeaudit actions DIR --read {target.name}", where=where)
