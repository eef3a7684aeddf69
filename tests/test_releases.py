"""One release after another, through the real commands: what whoever has two of them could learn."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from projects import safeaudit
from walked import NOON, NORTH, Row, row, streets, town

from safeaudit import load_config, run, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LATER = "2026-09-05T21:30:00+05:30"
ALL = "[publish]\nlone_ends_m = 0"
TWO_WALKS = "[publish]\nmin_walks = 2\nlone_ends_m = 0"
PRIVATE = {"people", "security", "gender_usage", "feeling", "score"}
NAMES = [f"Street {number:02d}" for number in range(30)]
PLACES = [(19.05 + 0.002 * number, 72.8805) for number in range(len(NAMES))]
THIRTY = streets(dict(zip(NAMES, (latitude for latitude, _ in PLACES), strict=True)))


def publish(folder: Path, rows: Sequence[Row], *lines: str, **kwargs: Any) -> dict[str, Any]:
    """Release what these forms tell, and return the manifest."""
    town(folder, rows, "[score]\nas_of = 2026-11-30", *lines, **kwargs)
    said = safeaudit("publish", folder, "--out", folder / "out")
    assert said.code == 0, said.stderr
    found: dict[str, Any] = json.loads((folder / "out" / "public" / "manifest.json").read_text(encoding="utf-8"))
    return found


def page(folder: Path) -> bytes:
    return (folder / "out" / "public" / "map.html").read_bytes()


def shown(folder: Path, number: int) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return what a release shows of each place and indicator."""
    held = json.loads(gzip.decompress((folder / "releases" / f"{number:04d}.json.gz").read_bytes()))["conditions"]
    rows = zip(*held.values(), strict=True)
    return {values[:2]: values[2:] for values in rows}


def changed(folder: Path, number: int) -> set[tuple[str, str]]:
    """Return the rows that differ between a release and the one before."""
    before, after = shown(folder, number - 1), shown(folder, number)
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def test_a_release_is_a_map_and_its_manifest(tmp_path: Path) -> None:
    manifest = publish(tmp_path, [row(1), row(2, walk_id="w2")], ALL)
    assert manifest["files"] == {"map.html": hashlib.sha256(page(tmp_path)).hexdigest()}
    assert (manifest["release"], manifest["follows"], manifest["as_of"]) == (1, None, "2026-11-30")
    assert manifest["rules"] == {"min_walks": 1, "lone_ends_m": 0}
    assert manifest["shown"]["places"] == 1
    assert (set(manifest["held_back"].values()), manifest["withdrawn_since_the_last_release"]) == ({0}, 0)
    assert manifest["disclosure_risk"] | {"what": ""} == {"what": "", "mean": 0.5, "rows_of_one_person": 0}
    assert sorted(path.name for path in (tmp_path / "out" / "public").iterdir()) == ["manifest.json", "map.html"]


def test_run_leaves_what_is_public_alone(tmp_path: Path) -> None:
    publish(tmp_path, [row(1)], ALL)
    before = page(tmp_path)
    town(tmp_path, [row(1), row(2, NORTH)], ALL)
    assert safeaudit("run", tmp_path, "--out", tmp_path / "out").code == 0
    assert page(tmp_path) == before
    assert b"Draft, not released" in (tmp_path / "out" / "office" / "preview.html").read_bytes()
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == ["0001.json.gz"]


def test_a_release_needs_its_day(tmp_path: Path) -> None:
    town(tmp_path, [row(1)])
    said = safeaudit("publish", tmp_path, "--out", tmp_path / "out")
    assert said.code == 2
    assert "As of which day is this release true?" in said.stderr
    assert not (tmp_path / "out").exists()
    assert safeaudit("publish", tmp_path, "--out", tmp_path / "out", "--as-of", "2026-11-30").code == 0


def test_made_again_a_release_keeps_its_number_and_bytes(tmp_path: Path) -> None:
    rows = [row(1), row(2, walk_id="w2")]
    first, seen = publish(tmp_path, rows, ALL), page(tmp_path)
    assert publish(tmp_path, rows, ALL) == first
    assert page(tmp_path) == seen
    assert publish(tmp_path, [*rows, row(3, NORTH)], ALL)["release"] == 2
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == ["0001.json.gz", "0002.json.gz"]


def test_a_manifest_names_the_one_it_follows(tmp_path: Path) -> None:
    first = publish(tmp_path, [row(1)], ALL)
    digest = hashlib.sha256(json.dumps(first, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    assert publish(tmp_path, [row(1), row(2, NORTH)], ALL)["follows"] == digest


@pytest.mark.parametrize("damage", ["lost", "torn"])
def test_without_what_is_remembered_nothing_is_released(tmp_path: Path, damage: str) -> None:
    publish(tmp_path, [row(1)], ALL)
    publish(tmp_path, [row(1), row(2, NORTH)], ALL)
    record, seen = tmp_path / "releases" / "0001.json.gz", page(tmp_path)
    if damage == "lost":
        record.unlink()
    else:
        record.write_bytes(record.read_bytes()[:50])
    said = safeaudit("publish", tmp_path, "--out", tmp_path / "out")
    assert said.code == 2
    assert "Put it back from a copy of the project." in said.stderr
    assert page(tmp_path) == seen


def test_with_two_walks_wanted_one_new_walk_changes_nothing(tmp_path: Path) -> None:
    rows = [row(number, walk_id=f"w{number}") for number in (1, 2)]
    publish(tmp_path, rows, TWO_WALKS)
    seen = page(tmp_path)
    third = row(3, level=0, walk_id="w3", faults="lamp_out")
    manifest = publish(tmp_path, [*rows, third, row(4, NORTH, walk_id="w3")], TWO_WALKS)
    assert page(tmp_path) == seen
    assert manifest["release"] == 1
    fourth = row(5, level=0, walk_id="w4", faults="lamp_out")
    assert publish(tmp_path, [*rows, third, fourth], TWO_WALKS)["release"] == 2
    assert changed(tmp_path, 2)


def test_a_walk_by_day_is_held_as_one_after_dark_is(tmp_path: Path) -> None:
    rows = [row(number, walk_id=f"w{number}") for number in (1, 2)]
    publish(tmp_path, rows, TWO_WALKS)
    seen = page(tmp_path)
    third, fourth = (row(number, level=0, walk_id=f"w{number}", observed_at=NOON) for number in (3, 4))
    publish(tmp_path, [*rows, third], TWO_WALKS)
    assert page(tmp_path) == seen
    assert publish(tmp_path, [*rows, third, fourth], TWO_WALKS)["release"] == 2
    held = json.loads(gzip.decompress((tmp_path / "releases" / "0002.json.gz").read_bytes()))["conditions"]
    bands = {
        light: band
        for light, name, band in zip(held["light"], held["indicator"], held["band"], strict=True)
        if name == "openness"
    }
    assert bands == {"dark": 2, "day": 0}


def test_one_person_with_two_names_for_a_walk_is_one_walk(tmp_path: Path) -> None:
    rows = [row(number, walk_id=f"w{number}") for number in (1, 2)]
    publish(tmp_path, rows, TWO_WALKS)
    seen = page(tmp_path)
    again = [row(3, level=0, walk_id="w3", auditor="B"), row(4, level=0, walk_id="w4", auditor="B")]
    publish(tmp_path, [*rows, *again], TWO_WALKS)
    assert page(tmp_path) == seen


def test_the_ends_of_a_lone_walk_change_nothing(tmp_path: Path) -> None:
    rows = [row(number, walk_id=f"w{number}") for number in (1, 2)]
    publish(tmp_path, rows)
    seen = page(tmp_path)
    home = [row(3, level=0, walk_id="w3", auditor="B"), row(4, NORTH, level=0, walk_id="w3", auditor="B")]
    publish(tmp_path, [*rows, *home])
    assert page(tmp_path) == seen


def test_what_was_taken_back_is_shown_no_more(tmp_path: Path) -> None:
    rows = [row(1), row(2, NORTH, level=0, walk_id="w2", auditor="Rose", faults="lamp_out")]
    publish(tmp_path, rows, ALL)
    was = shown(tmp_path, 1)
    (south,) = {place for place, _ in was if was[place, "walk_path"][0] == 2}
    said = safeaudit("forget", tmp_path, "--auditor", "Rose")
    assert "walk.csv: 1 rows are forgotten. They still stand in the file: lines 3." in said.stdout
    assert "Releases made with them: 1 (as of 2026-11-30)" in said.stdout
    manifest = publish(tmp_path, rows, ALL)
    assert manifest["withdrawn_since_the_last_release"] > 0
    assert {place for place, _ in shown(tmp_path, 2)} == {south}


def test_with_two_walks_wanted_what_one_took_back_is_told_by_no_difference(tmp_path: Path) -> None:
    rows = [row(number, walk_id=f"w{number}") for number in range(1, 7)]
    rose = row(7, level=0, walk_id="w7", auditor="Rose")
    publish(tmp_path, [*rows, rose], TWO_WALKS)
    was = shown(tmp_path, 1)
    assert safeaudit("forget", tmp_path, "--auditor", "Rose").code == 0
    for _ in range(2):
        publish(tmp_path, [*rows, rose], TWO_WALKS)
        # What it would be without her is not told, and not that of the level 0 that she alone chose.
        assert shown(tmp_path, 2) == {}
    # Nor is her form remembered any longer, beside those of the six others.
    remembered = [set().union(*forms_behind(tmp_path, number).values()) for number in (1, 2)]
    assert [len(forms) for forms in remembered] == [7, 6]
    new = [row(number, walk_id=f"w{number}") for number in (8, 9)]
    publish(tmp_path, [*rows, rose, *new], TWO_WALKS)
    assert shown(tmp_path, 3).keys() == was.keys()


def test_where_one_walk_is_enough_what_is_left_of_a_place_stays_on_the_map(tmp_path: Path) -> None:
    rows = [row(1, walk_id="w1"), row(2, walk_id="w2"), row(3, level=0, walk_id="w3", auditor="Rose")]
    publish(tmp_path, rows, ALL)
    assert safeaudit("forget", tmp_path, "--auditor", "Rose").code == 0
    publish(tmp_path, rows, ALL)
    assert shown(tmp_path, 2).keys() == shown(tmp_path, 1).keys()
    assert changed(tmp_path, 2)


def test_what_is_the_same_without_the_form_that_was_taken_back_stays(tmp_path: Path) -> None:
    rows = [row(number, walk_id=f"w{number}") for number in range(1, 9)]
    publish(tmp_path, rows, TWO_WALKS)
    seen = shown(tmp_path, 1)
    assert safeaudit("forget", tmp_path, "--id", "a8").code == 0
    publish(tmp_path, [*rows, row(9, NORTH), row(10, NORTH, walk_id="w2")], TWO_WALKS)
    assert {key: shown(tmp_path, 2)[key] for key in seen} == seen


def test_a_round_that_comes_back_is_held_against_the_release_that_showed_it(tmp_path: Path) -> None:
    one = [row(number, walk_id=f"w{number}", campaign="one") for number in (1, 2)]
    two = [row(number, level=1, walk_id=f"w{number}", campaign="two") for number in (3, 4)]
    publish(tmp_path, one, TWO_WALKS)
    publish(tmp_path, [*one, *two], TWO_WALKS)
    second = shown(tmp_path, 2)
    third = row(5, level=0, walk_id="w5", campaign="one")
    publish(tmp_path, [*one, *two, third], TWO_WALKS.replace("[publish]", 'campaign = "one"\n[publish]'))
    # Beside the first release, which showed round one of two walks, it would tell the third.
    assert shown(tmp_path, 3 if (tmp_path / "releases" / "0003.json.gz").exists() else 2) == second


@pytest.mark.parametrize("said", [{}, {"campaign": "two", "observed_at": LATER}], ids=["same round", "a new round"])
def test_a_walk_that_is_held_back_is_in_no_figure_of_the_manifest(tmp_path: Path, said: dict[str, str]) -> None:
    rows = [row(number, walk_id=f"w{number}") for number in (1, 2)]
    maps, manifests = [], []
    for folder, more in ((tmp_path / "without", []), (tmp_path / "with", [row(3, level=0, walk_id="w3", **said)])):
        publish(folder, rows, TWO_WALKS)
        town(folder, [*rows, *more], "[score]", TWO_WALKS)
        assert safeaudit("publish", folder, "--out", folder / "out", "--as-of", "2026-12-24").code == 0
        maps.append(page(folder))
        manifests.append(json.loads((folder / "out" / "public" / "manifest.json").read_text("utf-8")))
    assert maps[0] == maps[1]
    for manifest in manifests:  # how many rows wait is told, and none of whom
        manifest["held_back"].pop("rows_that_would_tell_a_walk_by_what_differs")
        manifest.update(run="", follows="")
    assert manifests[0] == manifests[1]


def walk(name: str, number: int, at: Sequence[int], level: int, **said: object) -> list[Row]:
    """Return the forms of one person's walk along streets."""
    return [
        row(1000 * number + step, PLACES[place], level, walk_id=name, auditor=f"by {name}", **said)
        for step, place in enumerate(at)
    ]


THREE = [
    *walk("w7", 7, range(10), 0, feeling=0),
    *walk("w8", 8, range(10, 20), 3, feeling=3),
    *walk("w9", 9, range(20, 30), 0, feeling=0),
]
FIRST = [*walk("w1", 1, range(30), 2), *walk("w2", 2, range(30), 1)]


def test_whoever_has_two_releases_learns_no_more_than_the_manifest_admits(tmp_path: Path) -> None:
    publish(tmp_path, FIRST, ALL, streets=THIRTY)
    manifest = publish(tmp_path, [*FIRST, *THREE], ALL, streets=THIRTY)
    told = {place for place, _ in changed(tmp_path, 2)}
    admitted = manifest["may_be_inferred"][0]
    assert admitted["what"].endswith("from places that one walk alone changed since the last release.")
    assert len(told) <= admitted["places"]
    assert not PRIVATE & {indicator for _, indicator in shown(tmp_path, 2)}


def test_with_two_walks_wanted_two_releases_tell_no_walk(tmp_path: Path) -> None:
    publish(tmp_path, FIRST, TWO_WALKS, streets=THIRTY)
    seen = page(tmp_path)
    publish(tmp_path, [*FIRST, *THREE], TWO_WALKS, streets=THIRTY)
    assert page(tmp_path) == seen


def test_what_private_answers_were_changes_no_byte_of_a_second_release(tmp_path: Path) -> None:
    maps = []
    for name, level in (("low", 0), ("high", 3)):
        publish(tmp_path / name, FIRST, ALL, streets=THIRTY)
        private = {"people": level, "security": level, "gender_usage": level, "feeling": level}
        publish(tmp_path / name, [*FIRST, *({**form, **private} for form in THREE)], ALL, streets=THIRTY)
        maps.append(page(tmp_path / name))
    assert maps[0] == maps[1]


def forms_behind(folder: Path, number: int) -> dict[tuple[str, str], set[str]]:
    """Return the forms that each row of a release rests on."""
    held = json.loads(gzip.decompress((folder / "releases" / f"{number:04d}.json.gz").read_bytes()))["behind"]
    forms = defaultdict(set)
    for place, what, form in zip(*(held[name] for name in ("place_id", "what", "submission_id")), strict=True):
        forms[place, what].add(form)
    return forms


@pytest.mark.heavy
def test_twenty_four_monthly_releases_tell_nothing_but_what_two_walks_changed(tmp_path: Path) -> None:
    draws = np.random.default_rng(7)
    rows: list[Row] = []
    numbers = [0]
    for month in range(24):
        start = int(draws.integers(0, 25))
        rows += walk(f"w{month}", month, range(start, start + 5), int(draws.integers(0, 4)))
        config = load_config(town(tmp_path, rows, "[score]\nas_of = 2026-11-30", TWO_WALKS, streets=THIRTY))
        write(run(config, quick=True), config, tmp_path / "out", release=True)
        number = max(int(path.name[:4]) for path in (tmp_path / "releases").iterdir())
        if number > max(numbers[-1], 1):
            before, after = (forms_behind(tmp_path, which) for which in (number - 1, number))
            # One walk has one form on a street: two new ones are two walks, of two people.
            alone = {row for row in changed(tmp_path, number) if len(after[row] - before[row]) == 1}
            assert alone == set()
        numbers.append(number)
    assert numbers[-1] > 3
