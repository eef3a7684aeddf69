"""An error in safeaudit itself: exit 3, one sentence, and a file that holds nothing of a person."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from conftest import ROOT
from projects import project

from safeaudit import pipeline
from safeaudit.cli import crash, main
from safeaudit.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

NAME = "Wanjiku"


class WanjikuError(Exception):
    """A kind of error that no package brings."""


def broken_row() -> None:
    raise WanjikuError


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Words of a command that meets an error which nobody foresaw, in a folder of its own."""

    def read_places(*_: object, **__: object) -> None:
        secret = f"{NAME} walked here"
        try:
            json.loads(secret)
        except ValueError as error:
            raise KeyError(secret) from error

    folder = project(tmp_path / NAME)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pipeline, "read_places", read_places)
    return ["check", str(folder)]


def typed(words: list[str]) -> Result:
    return CliRunner().invoke(main, words)


def test_the_sentence_names_the_file_to_send_and_nothing_else(broken: list[str]) -> None:
    found = typed(broken)
    assert (found.exit_code, found.stdout) == (3, "")
    assert "This is an error in safeaudit itself, not in your files. Send safeaudit-error.json to" in found.stderr
    assert found.stderr.count("\n") == 1
    assert NAME not in found.stderr


def test_the_file_says_where_and_what_kind(broken: list[str], tmp_path: Path) -> None:
    typed(broken)
    report = json.loads((tmp_path / "safeaudit-error.json").read_text(encoding="utf-8"))
    assert report["command"] == "check"
    assert {"safeaudit", "python", "system", "geopandas"} <= set(report["versions"])
    assert [error["kind"] for error in report["errors"]] == ["builtins.KeyError", "json.decoder.JSONDecodeError"]
    places = [(frame["module"], frame["function"]) for frame in report["errors"][0]["frames"]]
    assert ("safeaudit.cli.check", "check") in places
    assert ("safeaudit.pipeline", "check") in places
    assert all(frame["line"] > 0 for error in report["errors"] for frame in error["frames"])


def test_the_file_holds_no_message_value_or_path(broken: list[str], tmp_path: Path) -> None:
    typed(broken)
    text = (tmp_path / "safeaudit-error.json").read_text(encoding="utf-8")
    assert NAME not in text
    assert "walked" not in text
    assert "/" not in text


def test_kinds_and_modules_that_no_package_brings_are_left_out() -> None:
    with pytest.raises(WanjikuError) as found:
        broken_row()
    assert crash._kind(found.value, {"safeaudit"}) == "another"
    assert list(crash._frames(found.value, {"safeaudit"})) == []


def test_where_nothing_can_be_written_the_file_goes_among_temporary_ones(
    broken: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_whole(target: Path, content: bytes) -> None:
        if not target.is_absolute():
            raise OutputError("It could not be written.", hint="Choose another folder.")
        target.write_bytes(content)

    monkeypatch.setattr(crash, "write_whole", write_whole)
    monkeypatch.setattr(crash.tempfile, "gettempdir", lambda: str(tmp_path / "free"))
    (tmp_path / "free").mkdir()
    assert f"Send {tmp_path / 'free' / 'safeaudit-error.json'} to" in typed(broken).stderr


def test_a_traceback_is_shown_with_debug_alone(broken: list[str]) -> None:
    assert "Traceback" not in typed(broken).stderr
    found = typed([*broken, "--debug"])
    assert found.exit_code == 3
    assert "Traceback" in found.stderr


def test_a_reader_that_goes_away_is_no_error_of_ours(broken: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(pipeline, "read_places", gone)
    assert typed(broken).exit_code != 3


class Panic(BaseException):
    """What a library in Rust raises where it is wrong: no `Exception`."""


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (MemoryError(), 2, "There is not enough memory. Close other programs, or take a smaller extract."),
        (OSError(errno.ENOSPC, "No space left on device", "x"), 2, "x: No space left on device. Free some space"),
        (OSError(errno.EROFS, "Read-only file system"), 2, "The system: Read-only file system. Free some space"),
        (KeyboardInterrupt(), 130, "Stopped. What an earlier run wrote is as it was."),
        (RecursionError(), 3, "This is an error in safeaudit itself"),
        (Panic(NAME), 3, "This is an error in safeaudit itself"),
        (OSError(errno.EBADF, NAME), 3, "This is an error in safeaudit itself"),
    ],
)
def test_whatever_happens_ends_with_one_sentence(
    broken: list[str], monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, sentence: str
) -> None:
    def read_places(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(pipeline, "read_places", read_places)
    found = typed(broken)
    assert (found.exit_code, found.stderr.count("\n")) == (code, 1)
    assert sentence in found.stderr
    assert NAME not in found.stderr


def test_a_command_leaves_the_process_that_calls_it_as_it_was() -> None:
    code = (
        "import gc, os; before = dict(os.environ)\n"
        "from safeaudit.cli import main\n"
        "try: main(['info'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert gc.isenabled() and dict(os.environ) == before\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_both_ways_to_start_the_program_are_one() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert scripts == {"safeaudit": "safeaudit.__main__:start"}
