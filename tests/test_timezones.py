"""Time zones: by the area that a city lies in, never by what is near."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from safeaudit.cli import main
from safeaudit.start.timezones import find_timezones

if TYPE_CHECKING:
    from pathlib import Path

BUJUMBURA = (29.33, -3.42, 29.40, -3.34)
TENNESSEE = (-85.935, 35.195, -85.915, 35.215)


@pytest.mark.parametrize(
    ("bounds", "zones"),
    [
        pytest.param(TENNESSEE, ("America/Chicago",), id="nearest capitals are an hour off"),
        pytest.param((72.87, 19.06, 72.89, 19.08), ("Asia/Kolkata",), id="far from the capital"),
        pytest.param(BUJUMBURA, ("Africa/Bujumbura",), id="beside a border where the clocks agree"),
        pytest.param((24.05, 65.80, 24.25, 65.90), ("Europe/Helsinki", "Europe/Stockholm"), id="on a border"),
        pytest.param((24.80, 59.90, 25.10, 60.25), ("Europe/Helsinki",), id="a harbour"),
        pytest.param((87.5, 43.7, 87.7, 43.9), ("Asia/Shanghai", "Asia/Urumqi"), id="two clocks in one city"),
        pytest.param((-30.1, 0.0, -30.0, 0.1), (), id="at sea"),
        pytest.param(None, (), id="nowhere"),
    ],
)
def test_a_city_has_the_zone_of_its_area(
    bounds: tuple[float, float, float, float] | None, zones: tuple[str, ...]
) -> None:
    assert find_timezones(bounds) == zones


def test_every_zone_that_may_be_named_is_one_that_the_settings_take() -> None:
    import tzfpy  # noqa: PLC0415 - its map of the world takes 30 MB

    assert all(ZoneInfo(name) for name in tzfpy.timezonenames())


def test_a_run_never_loads_the_map_of_zones() -> None:
    code = "import sys, safeaudit.start.timezones, safeaudit.pipeline; sys.exit('tzfpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_init_on_a_border_asks_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    streets = tmp_path / "streets.geojson"
    line = {"type": "LineString", "coordinates": [[24.06, 65.81], [24.24, 65.89]]}
    feature = {"type": "Feature", "properties": {}, "geometry": line}
    streets.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["init", str(tmp_path / "new"), "--streets", str(streets)])
    both = "it lies in or near: Europe/Helsinki, Europe/Stockholm."
    assert both in capsys.readouterr().out
    assert "# timezone" in (tmp_path / "new" / "safeaudit.toml").read_text(encoding="utf-8")
