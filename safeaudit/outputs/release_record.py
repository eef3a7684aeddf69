"""DIR/releases/0001.json.gz: what is remembered of each release, for the team alone."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from safeaudit.errors import InputError, Where
from safeaudit.files.admit import admit, opened
from safeaudit.files.staged import write_whole
from safeaudit.tables.public import CHANGE_COLUMNS, GROUP_COLUMNS, REACH_COLUMNS, ReleaseRecord

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"(\d{4,})\.json\.gz")
_HINT = "Put it back from a copy of the project."
_LATER = {
    name: dict.fromkeys(columns, ())
    for name, columns in (("changes", CHANGE_COLUMNS), ("groups", GROUP_COLUMNS), ("reach", REACH_COLUMNS))
}
"""Tables that early records have not, as nothing of them was shown."""

_TABLES = ("conditions", "faults", "changes", "groups", "reach", "behind")


def write_record(record: ReleaseRecord, folder: Path) -> Path:
    """Write what is remembered of a release; the same record gives the same bytes.

    Parameters
    ----------
    record
        What is to be remembered.
    folder
        Folder of all records.

    Returns
    -------
    The file.

    Raises
    ------
    OutputError
        It could not be written.
    """
    tables = {name: _plain(getattr(record, name)) for name in _TABLES}
    text = json.dumps({"manifest": record.manifest, **tables}, ensure_ascii=False, allow_nan=False)
    target = folder / f"{record.number:04d}.json.gz"
    write_whole(target, gzip.compress(text.encode(errors="backslashreplace"), mtime=0), private=True)
    return target


def read_records(folder: Path) -> list[ReleaseRecord]:
    """Read what is remembered of all releases, the first one first; nothing where there is no folder.

    Parameters
    ----------
    folder
        Folder of all records.

    Raises
    ------
    InputError
        A record is missing among the others, or damaged: without it no release can be checked against it.
    """
    files = sorted((path for path in folder.glob("*.json.gz") if _NAME.fullmatch(path.name)), key=_number)
    numbers = [_number(path) for path in files]
    lost = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    if lost:
        what = f"The record of release {lost[0]} is missing, so no release can be checked against it."
        raise InputError(what, hint=_HINT, where=Where(str(folder)))
    return [_read(path) for path in files]


def _number(path: Path) -> int:
    return int(path.name.partition(".")[0])


def _read(path: Path) -> ReleaseRecord:
    try:
        with opened(admit(path)) as stream:
            held = json.load(stream)
        held = held if "changes" in held else _by_light(held)
        tables = {name: pd.DataFrame(held.get(name, _LATER.get(name))) for name in _TABLES}
        behind = tables.pop("behind").astype("str")
        return ReleaseRecord(number=_number(path), manifest=held["manifest"], behind=behind, **tables)
    except InputError as error:
        raise InputError(error.what, hint=_HINT, where=Where(path.name)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"It is damaged: {error}.", hint=_HINT, where=Where(path.name)) from error


def _by_light(held: dict[str, Any]) -> dict[str, Any]:
    """Return a record of when a row was of one light, as one of now.

    Of which light a row was is not remembered: it may be any, so that what stood behind it is new in none.
    """
    rows = pd.DataFrame(held["behind"])
    by_light = [rows.assign(what=rows["what"] + " " + light) for light in sorted(set(held["conditions"]["light"]))]
    return {**held, "behind": pd.concat([rows, *by_light]).to_dict("list")}


def _plain(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a table as lists of values that JSON knows; NA is null."""
    return {name: [None if pd.isna(value) else value for value in frame[name].tolist()] for name in frame.columns}
