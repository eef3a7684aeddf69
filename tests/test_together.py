"""All files of a run, or none: whatever stops it, the next command leaves those of one run and nothing else."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from projects import safeaudit, snapshot
from walked import NORTH, Row, row, town

from safeaudit.config import load_config
from safeaudit.errors import OutputError
from safeaudit.files import together as module
from safeaudit.files.together import ASIDE, JOURNAL, settle, together

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ["a.txt", "below/b.txt", "below/c.txt", "further/below/d.txt"]


def write(out: Path, text: str, names: Sequence[str] = NAMES, whole: Sequence[str] = ()) -> None:
    """Write files that hold one text, as a run would."""
    with together(out, whole=whole) as aside:
        for name in names:
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).write_text(text, encoding="utf-8")


def texts(out: Path) -> dict[str, str]:
    return {name: content.decode() for name, content in snapshot(out).items()}


def test_all_files_take_their_places_and_nothing_is_left(tmp_path: Path) -> None:
    write(tmp_path / "out", "one")
    assert texts(tmp_path / "out") == dict.fromkeys(NAMES, "one")
    write(tmp_path / "out", "two")
    assert texts(tmp_path / "out") == dict.fromkeys(NAMES, "two")


def test_what_fails_leaves_the_files_of_the_run_before(tmp_path: Path) -> None:
    write(tmp_path, "one")
    with pytest.raises(OutputError, match="It could not be written"):
        write(tmp_path, "two", [*NAMES, "a.txt/below"])
    assert texts(tmp_path) == dict.fromkeys(NAMES, "one")


def test_a_folder_that_is_a_runs_own_holds_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, "one", NAMES[:3])
    write(tmp_path, "two", ["a.txt", "below/b.txt"], whole=["below"])
    assert texts(tmp_path) == {"a.txt": "two", "below/b.txt": "two"}


class Killed(BaseException):
    """Stands for a process that is no more: nothing that would tidy up behind it is run."""


def kill_at(monkeypatch: pytest.MonkeyPatch, moves: int) -> None:
    """Let so many files take their names, and no more."""
    made = iter(range(moves))
    rename = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if ASIDE in str(path) and next(made, None) is None:
            raise Killed
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("moves", range(len(NAMES)))
def test_a_run_killed_among_its_renames_is_finished_by_whoever_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    write(tmp_path, "one", [*NAMES, "below/gone.txt"])
    with monkeypatch.context() as patch:
        kill_at(patch, moves)
        with pytest.raises(Killed):
            write(tmp_path, "two", whole=["below"])
    assert (tmp_path / JOURNAL).is_file()
    settle(tmp_path)
    assert texts(tmp_path) == dict.fromkeys(NAMES, "two")


def test_a_run_killed_while_it_wrote_was_never_there(tmp_path: Path) -> None:
    write(tmp_path, "one")
    (tmp_path / f"{ASIDE}dead").mkdir()
    (tmp_path / f"{ASIDE}dead" / "a.txt").write_text("two", encoding="utf-8")
    settle(tmp_path)
    assert texts(tmp_path) == dict.fromkeys(NAMES, "one")
    assert not list(tmp_path.glob(f"{ASIDE}*"))


@pytest.mark.parametrize(
    "journal",
    [b"", b"{", b"[]", b'{"aside": "x"}', json.dumps({"aside": "..", "files": ["../a"], "gone": ["../../b"]}).encode()],
)
def test_a_journal_that_nobody_wrote_moves_nothing(tmp_path: Path, journal: bytes) -> None:
    out = tmp_path / "out"
    write(out, "one")
    (tmp_path / "b").write_text("kept", encoding="utf-8")
    (out / JOURNAL).write_bytes(journal)
    settle(out)
    assert texts(out) == dict.fromkeys(NAMES, "one")
    assert (tmp_path / "b").exists()


# --- side files of databases -------------------------------------------------------------------------


def edited(path: Path) -> sqlite3.Connection:
    """Return somebody who is editing a database, as QGIS does: with a journal beside it that holds the newest rows."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE IF NOT EXISTS notes (text)")
    connection.execute("INSERT INTO notes VALUES ('an edit')")
    connection.commit()
    return connection


def test_while_an_editor_has_it_open_nothing_is_written(tmp_path: Path) -> None:
    folder = town(tmp_path, [row(1)])
    assert safeaudit("run", folder, "--out", tmp_path / "out").code == 0
    before = {name: content for name, content in snapshot(tmp_path / "out").items() if "planning" not in name}
    with closing(edited(tmp_path / "out" / "office" / "planning.gpkg")):
        said = safeaudit("run", town(tmp_path, [row(1), row(2, NORTH)]), "--out", tmp_path / "out")
    assert said.code == 2
    assert "planning.gpkg: Another program, such as QGIS, is working in it. Close" in said.stderr
    after = snapshot(tmp_path / "out")
    assert {name: after[name] for name in before} == before


def test_what_a_dead_editor_left_is_never_applied_to_the_new_file(tmp_path: Path) -> None:
    folder = town(tmp_path, [row(1)])
    planning = tmp_path / "out" / "office" / "planning.gpkg"
    assert safeaudit("run", folder, "--out", tmp_path / "out").code == 0
    clean = planning.read_bytes()
    with closing(edited(planning)):
        left = {end: Path(f"{planning}{end}").read_bytes() for end in ("-wal", "-shm")}
    planning.write_bytes(clean)
    for end, content in left.items():
        Path(f"{planning}{end}").write_bytes(content)
    assert safeaudit("run", folder, "--out", tmp_path / "out").code == 0
    kept = ["places.xlsx", "planning.gpkg", "preview.html", "report.html"]
    assert sorted(path.name for path in planning.parent.iterdir()) == kept
    assert planning.read_bytes() == clean
    with closing(sqlite3.connect(planning)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# --- several at once, and kills ------------------------------------------------------------------------


def test_whoever_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 0.0)
    with (
        together(tmp_path),
        pytest.raises(OutputError, match=r"Another run is writing there\. Wait"),
        together(tmp_path),
    ):
        pass
    write(tmp_path, "one")


def read_key(folder: str) -> bytes:
    return bytes(load_config(folder).key)


def test_of_first_runs_at_once_all_have_one_key(tmp_path: Path) -> None:
    folder = town(tmp_path, [row(1)])
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = set(pool.map(read_key, [str(folder)] * 8))
    assert keys == {(folder / "auditors.key").read_bytes()}


def test_check_makes_no_key_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = town(tmp_path / "town", [row(1)])
    before = snapshot(folder)
    monkeypatch.chdir(tmp_path)
    assert safeaudit("check", folder).code == 0
    assert snapshot(tmp_path / "town") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["town"]


RUN = """
import os, signal, sys
from pathlib import Path
from safeaudit.cli import main

left = int(sys.argv[1])

def counted(function):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return call

os.fsync = counted(os.fsync)
Path.replace = counted(Path.replace)
Path.unlink = counted(Path.unlink)
main(["run", sys.argv[2], "--quick", "--quiet", "--out", sys.argv[3]])
"""
"""A run that is killed at the so-many-th sync, rename or removal."""


@pytest.mark.heavy
@pytest.mark.skipif(os.name != "posix", reason="this system has no such signal")
def test_killed_anywhere_the_next_command_leaves_the_files_of_one_run(tmp_path: Path) -> None:
    rounds: list[list[Row]] = [[row(1)], [row(1), row(2, NORTH)]]
    out = tmp_path / "out"
    whole = []
    for rows in rounds:
        folder = town(tmp_path / "town", rows)
        assert safeaudit("run", folder, "--quick", "--out", out).code == 0
        whole.append(told_apart(out))
    killed = 0
    for moment in range(2, 62, 3):
        folder = town(tmp_path / "town", rounds[moment % 2])
        found = subprocess.run([sys.executable, "-c", RUN, str(moment), folder, out], capture_output=True, check=False)
        killed += found.returncode == -signal.SIGKILL
        settle(out)
        assert told_apart(out) in whole, moment
    assert killed > 10


def told_apart(out: Path) -> dict[str, bytes]:
    """Return what lies in OUT, but for the seconds of run.json."""
    files = snapshot(out)
    run = json.loads(files.pop("run.json"))
    return files | {"run": run["run"].encode()}
