"""What a notebook shows of settings and results fits a screen, and the project's key is in none of it."""

from __future__ import annotations

import dataclasses
import logging
import pprint
import traceback
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from small_result import CANARIES, small_result

import safeaudit
from safeaudit.config import AuditConfig, AuditSettings
from safeaudit.config.secret import Secret
from safeaudit.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

KEY = "0123456789abcdef" * 4
WIDTH, HEIGHT = 100, 40


@pytest.fixture
def config(tmp_path: Path) -> AuditConfig:
    (tmp_path / "safeaudit.toml").write_text('[city]\nname = "Town"\n[places]\nosm = "a.osm"\n', encoding="utf-8")
    (tmp_path / "auditors.key").write_text(KEY, encoding="utf-8")
    return safeaudit.load_config(tmp_path)


@dataclasses.dataclass
class Holder:
    """Something that has a key, as a caller may make one."""

    key: bytes


def test_the_key_is_there_and_nothing_shows_it(
    config: AuditConfig, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    key = config.key
    assert key == KEY.encode()
    with caplog.at_level(logging.INFO):
        logging.getLogger("town").info("%s %r %s %r", config, config, key, key)
    pprint.pp([config, key, {"key": key}])
    held = dataclasses.asdict(Holder(key))
    shown = [
        *(repr(config), str(config), f"{config}", f"{key}", f"{key!r}", f"{key!s}", f"{key:>70}", str(key)),
        *(repr(held), pprint.pformat(held), pprint.pformat(Holder(key)), repr(dataclasses.astuple(Holder(key)))),
        *(repr(dataclasses.replace(config, key=KEY.encode())), repr(dataclasses.replace(config, key=KEY.encode()).key)),
        *(caplog.text, capsys.readouterr().out),
    ]
    assert [text for text in shown if KEY in text] == []
    assert "<hidden>" in repr(held)
    assert repr(Secret()) == "<none>"


def test_no_error_shows_it(config: AuditConfig, tmp_path: Path) -> None:
    (tmp_path / "auditors.key").write_text(KEY[:-1] + "x", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        safeaudit.load_config(tmp_path)
    told = "".join(traceback.format_exception(caught.value))
    with pytest.raises(safeaudit.SafeauditError) as failed:
        safeaudit.run(config)
    told += "".join(traceback.TracebackException.from_exception(failed.value, capture_locals=True).format())
    assert KEY[:-1] not in told


def test_a_result_shows_its_tables_and_nothing_of_their_rows() -> None:
    result = small_result()
    shown = repr(result)
    lines = shown.splitlines()
    assert lines[0] == "AuditResult of Small Town, campaign after"
    assert "  audits.submissions           2 rows" in lines
    assert not any(canary in shown + repr(result.audits) + repr(result.places) for canary in CANARIES)
    assert KEY not in shown
    for part in (result, result.audits, result.places):
        assert len(repr(part).splitlines()) <= HEIGHT
        assert max(map(len, repr(part).splitlines())) <= WIDTH


def test_settings_fit_a_screen_however_many_files_there_are() -> None:
    config = safeaudit.load_config(ROOT / "sample_cities" / "helsinki")
    assert "audits  simulated_audits_before.csv, simulated_audits_after.csv" in repr(config)
    assert "set     city, places, audits" in repr(config)
    many = dataclasses.replace(config, audits=tuple(AuditSettings(file=ROOT / f"{n}.csv") for n in range(200)))
    assert "and 192 more" in repr(many)
    assert len(repr(many).splitlines()) <= HEIGHT
