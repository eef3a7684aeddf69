"""What a run tells: of several rounds, of few people, of an empty list; and what it keeps to itself."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from projects import safeaudit
from walked import BETWEEN, NIGHT, NOON, NORTH, SOUTH, office, public, round_of, row, run, town

if TYPE_CHECKING:
    from pathlib import Path

JUNE = NIGHT.replace("2026-03", "2026-06")
SHOWN = "[publish]\nlone_ends_m = 0"


def segments(folder: Path) -> pd.DataFrame:
    """Return the office's streets by name."""
    return pd.DataFrame(office(folder, "segments")).set_index("name")


def page(folder: Path) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Return the header and the columns of the public map, decoded."""
    block = max(re.findall(rb">([A-Za-z0-9+/=]{200,})<", public(folder)), key=len)
    packed = zlib.decompress(base64.b64decode(block))
    (size,) = struct.unpack("<I", packed[:4])
    header = json.loads(packed[4 : 4 + size])
    rest = iter(packed[4 + size :])
    columns = {name: [_varint(rest) for _ in range(count)] for name, count in header["columns"]}
    return header, columns


def _varint(stream: Any) -> int:
    value = shift = 0
    while True:
        byte = next(stream)
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value


def lists(folder: Path) -> set[int]:
    """Return the lists that any condition of the public map is on: 0 none, 1 look, 2 likely."""
    return set(page(folder)[1]["seen.list"])


def faults(folder: Path) -> list[str]:
    """Return the status of each fault on the public map."""
    header, columns = page(folder)
    return [header["faults"]["status"][code - 1] for code in columns["faults.status"]]


# --- rounds ------------------------------------------------------------------------------------------------------


def test_a_newer_round_elsewhere_erases_nothing(tmp_path: Path) -> None:
    one = [row(n, level=0, campaign="one", faults="lamp_out", auditor=f"A{n}") for n in range(3)]
    two = [row(9, NORTH, campaign="two", observed_at=JUNE, walk_id="w9")]
    run(tmp_path / "town", [*one, *two], SHOWN)
    seen = segments(tmp_path / "town")
    assert seen["latest"].to_dict() == {"South": "2026 Q1", "North": "2026 Q2"}
    assert seen["state"].to_dict() == {"South": "audited", "North": "few"}
    assert office(tmp_path / "town", "faults")["name"].tolist() == ["South"]
    assert faults(tmp_path / "town") == ["open"]
    assert 2 in lists(tmp_path / "town")


def test_a_newer_round_in_another_light_erases_nothing(tmp_path: Path) -> None:
    dark = [row(n, campaign="one", auditor=f"A{n}") for n in range(3)]
    day = [row(9, campaign="two", observed_at=NOON.replace("2026-03", "2026-06"))]
    run(tmp_path / "town", [*dark, *day])
    assert segments(tmp_path / "town").loc["South", ["light", "latest", "contributors"]].tolist() == [
        "dark",
        "2026 Q1",
        3,
    ]


@pytest.mark.parametrize(
    ("earlier", "newer", "latest", "noted"),
    [(5, 1, "2025 Q1", "2026 Q1"), (5, 3, "2026 Q1", None), (1, 1, "2026 Q1", None), (5, 0, "2025 Q1", None)],
)
def test_an_earlier_round_of_more_people_stays_in_front_of_a_newer_one_of_few(
    tmp_path: Path, earlier: int, newer: int, latest: str, noted: str | None
) -> None:
    run(tmp_path / "town", [*round_of("one", 2025, 0, earlier), *round_of("two", 2026, 3, newer)])
    south = segments(tmp_path / "town").loc["South"]
    assert south["latest"] == latest
    assert (None if pd.isna(south["newer"]) else south["newer"]) == noted


def test_an_earlier_round_that_is_stale_does_not_stay_in_front(tmp_path: Path) -> None:
    run(tmp_path / "town", [*round_of("one", 2022, 0, 5), *round_of("two", 2026, 3, 1)])
    assert segments(tmp_path / "town")["latest"].tolist() == ["2026 Q1"] * 2


def test_a_composite_is_of_one_round_that_answers_enough(tmp_path: Path) -> None:
    half = dict.fromkeys(("openness", "visibility", "public_transport", "people", "security"), "")
    first, second = round_of("one", 2025, 0, 3), round_of("two", 2026, 3, 3)
    run(tmp_path / "town", [*first, *(form | half for form in second)])
    south = segments(tmp_path / "town").loc["South"]
    assert south["street_condition"] < 10
    assert south["walk_path"] > 90


# --- faults ------------------------------------------------------------------------------------------------------


def test_a_fault_is_closed_by_two_later_walks_that_were_asked_and_do_not_name_it(tmp_path: Path) -> None:
    report = row(1, faults="lamp_out drain_open")
    looks = [row(n, walk_id=f"w{n}", observed_at=JUNE, campaign="two") for n in (2, 3)]
    day = [row(n, walk_id=f"w{n}", observed_at=NOON.replace("2026-03", "2026-06")) for n in (2, 3)]
    elsewhere = [look | {"latitude": NORTH[0]} for look in looks]
    vague = [look | {"latitude": BETWEEN[0]} for look in looks]
    cases: dict[str, tuple[list[Any], list[str]]] = {
        "nobody": ([], ["open", "open"]),
        "one": (looks[:1], ["not_seen_again", "not_seen_again"]),
        "both": (looks, []),
        "same": ([looks[0], looks[1] | {"walk_id": "W2 "}], ["not_seen_again", "not_seen_again"]),
        "day": (day, ["open"]),
        "elsewhere": (elsewhere, ["open", "open"]),
        "vague": (vague, ["open", "open"]),
        "again": ([looks[0], looks[1] | {"faults": "lamp_out drain_open"}], ["open", "open"]),
    }
    for name, (later, expected) in cases.items():
        run(tmp_path / name, [report, *later], SHOWN)
        assert sorted(office(tmp_path / name, "faults")["status"]) == expected, name
        assert sorted(faults(tmp_path / name)) == expected, name


def test_a_fault_has_since_and_last_seen_and_an_old_report_is_said_to_be_one(tmp_path: Path) -> None:
    first = row(1, faults="lamp_out", observed_at=NIGHT.replace("2026", "2023"))
    run(tmp_path / "old", [first, row(2, NORTH)], SHOWN)
    assert faults(tmp_path / "old") == ["old"]
    run(tmp_path / "new", [first, row(2, faults="lamp_out", walk_id="w2")], SHOWN)
    (told,) = office(tmp_path / "new", "faults")[["since", "last_seen", "reports", "status"]].to_numpy().tolist()
    assert told == ["2023 Q1", "2026 Q1", 2, "open"]


# --- lists -------------------------------------------------------------------------------------------------------


def test_a_group_that_agreed_counts_as_its_people(tmp_path: Path) -> None:
    rows = [row(n, level=0, walk_id=f"w{n}", auditor="", group_size=6 + n % 6) for n in range(14)]
    rows = [form | {"latitude": (SOUTH, NORTH)[n % 2][0]} for n, form in enumerate(rows)]
    run(tmp_path / "town", rows)
    assert set(segments(tmp_path / "town")["state"]) == {"audited"}
    assert 2 in lists(tmp_path / "town")


def test_a_place_that_nobody_rated_low_is_on_no_list_and_few_people_judge_nothing(tmp_path: Path) -> None:
    run(tmp_path / "good", [row(n, level=3, auditor=f"A{n}") for n in range(3)])
    assert lists(tmp_path / "good") == {0}
    run(tmp_path / "few", [row(1, level=0)], SHOWN)
    header, columns = page(tmp_path / "few")
    assert set(columns["seen.list"]) == {0}
    assert {header["states"][code] for code in columns["seen.state"]} == {"few"}
    assert set(columns["seen.level"]) == {4}  # few shows its band alone
    assert set(columns["seen.level_0"]) == {0}


def test_one_answer_of_level_0_is_worth_a_look(tmp_path: Path) -> None:
    run(tmp_path / "town", [row(n, level=3 if n else 0, auditor=f"A{n}") for n in range(9)])
    assert lists(tmp_path / "town") == {1}


def test_the_standard_is_the_citys(tmp_path: Path) -> None:
    rows = [row(n, level=1 + n % 2, auditor=f"A{n}") for n in range(8)]
    for name, standard, expected in (("low", 10, {0}), ("high", 90, {0, 2})):
        run(
            tmp_path / name,
            rows,
            f"[score]\nstandard = {{ walk_path = {standard}, street_condition = 10, "
            "lighting = 10, openness = 10, visibility = 10, public_transport = 10 }",
        )
        assert lists(tmp_path / name) == expected


# --- what stays ----------------------------------------------------------------------------------------------------


def test_min_walks_counts_walks_by_different_people_of_the_row_that_is_shown(tmp_path: Path) -> None:
    held = "[publish]\nmin_walks = 2\nlone_ends_m = 0"
    two = [row(1), row(2, walk_id="w2")]
    only = {**dict.fromkeys(("openness", "visibility", "walk_path", "public_transport"), ""), "faults": ""}
    cases = {
        "two": (two, True),
        "blank": ([row(1), row(2, walk_id="W1 ")], False),
        "same person": ([row(1, auditor="A"), row(2, walk_id="w2", auditor="A")], False),
        "other light": ([row(1), row(2, walk_id="w2", observed_at=NOON)], False),
        "other round": ([row(1), row(2, walk_id="w2", campaign="before")], False),
        "lent": ([row(1), row(2, BETWEEN, walk_id="w2")], False),
    }
    for name, (rows, shown) in cases.items():
        run(tmp_path / name, rows, held)
        assert bool(page(tmp_path / name)[1]["seen.place"]) is shown, name
    run(tmp_path / "indicator", [row(1), row(2, walk_id="w2", **only)], held)
    header, columns = page(tmp_path / "indicator")
    assert {header["indicators"][code]["name"] for code in columns["seen.indicator"]} == {"lighting"}


def test_the_ends_of_one_persons_walk_are_held_back_unless_others_saw_them(tmp_path: Path) -> None:
    alone = [row(1, faults="drain_open", auditor="A"), row(2, NORTH, auditor="A", observed_at=JUNE)]
    document = run(tmp_path / "alone", alone)
    assert not page(tmp_path / "alone")[1]["seen.place"]
    assert faults(tmp_path / "alone") == []
    assert any(sentence.startswith("2 places lie at the ends") for sentence in document["warnings"])
    run(tmp_path / "others", [*alone, row(3, walk_id="w2", auditor="B")])
    assert len(set(page(tmp_path / "others")[1]["seen.place"]) - {0}) <= 1
    assert page(tmp_path / "others")[1]["seen.place"]
    run(tmp_path / "decided", alone, SHOWN)
    assert page(tmp_path / "decided")[1]["seen.place"]
    run(tmp_path / "group", [form | {"auditor": f"A{n}"} for n, form in enumerate(alone)])
    assert page(tmp_path / "group")[1]["seen.place"]


def test_a_file_whose_consent_nobody_stated_stays_in_the_office(tmp_path: Path) -> None:
    rows = [{key: value for key, value in row(n, auditor=f"A{n}").items() if key != "consent"} for n in range(3)]
    document = run(tmp_path / "silent", rows)
    assert any(sentence.startswith("3 submissions of walk.csv state no consent") for sentence in document["warnings"])
    assert not page(tmp_path / "silent")[1]["seen.place"]
    assert segments(tmp_path / "silent").loc["South", "state"] == "audited"
    folder = town(tmp_path / "stated", rows)
    toml = (folder / "safeaudit.toml").read_text(encoding="utf-8")
    stated = toml.replace('"walk.csv"', '"walk.csv"\nconsent = "conditions"')
    (folder / "safeaudit.toml").write_text(stated, encoding="utf-8")
    assert safeaudit("run", folder, "--out", folder / "out").code == 0
    assert page(folder)[1]["seen.place"]


def test_the_office_sees_no_single_answer_on_people_or_feeling(tmp_path: Path) -> None:
    private = ["people", "security", "gender_usage", "feeling", "score"]
    run(tmp_path / "two", [row(n, auditor=f"A{n}", level=0) for n in range(2)])
    south = segments(tmp_path / "two").loc["South"]
    assert south[[f"{name}{end}" for name in private for end in ("", "_low", "_high")]].isna().all()
    assert south[["walk_path", "street_condition"]].notna().all()
    assert not set(private) & set(south["level_0"].split(", "))
    summed = office(tmp_path / "two", "summaries")
    assert summed.loc[summed["indicator"].isin(private), "band_1"].isna().all()
    assert summed.loc[summed["indicator"] == "walk_path", "band_1"].notna().all()
    run(tmp_path / "three", [row(n, auditor=f"A{n}") for n in range(3)])
    south = segments(tmp_path / "three").loc["South"]
    assert south[["people", "score"]].notna().all()
    assert pd.isna(south["feeling"])
    run(tmp_path / "form", [row(1, group_size=12)])  # one form, whoever agreed on it
    assert segments(tmp_path / "form").loc["South", private].isna().all()


def test_run_json_and_what_leaves_quote_no_cell(tmp_path: Path) -> None:
    canary = "mary0711222333"
    rows = [row(n, auditor=f"A{n}", campaign=f"{canary} one") for n in range(3)]
    rows += [row(9, campaign=f"{canary} two", observed_at=JUNE, faults=canary, place_code=canary)]
    document = run(tmp_path / "town", rows, SHOWN)
    out = tmp_path / "town" / "out"
    assert canary in json.dumps(document).casefold()  # the terminal's
    assert canary in (out / "private" / "remarks.txt").read_text(encoding="utf-8").casefold()
    header, _ = page(tmp_path / "town")
    assert canary not in json.dumps(header).casefold()
    for file in (out / "run.json", out / "office" / "planning.gpkg", out / "office" / "preview.html"):
        assert canary.encode() not in file.read_bytes().lower(), file.name


def test_a_campaign_that_the_settings_declare_is_called_by_its_name(tmp_path: Path) -> None:
    rows = [row(n, auditor=f"A{n}", campaign="after the lamps") for n in range(3)]
    run(tmp_path / "cell", rows)
    run(tmp_path / "declared", rows, '[score]\ncampaign = "after the lamps"')
    said = [[text for text, _ in page(tmp_path / name)[0]["remarks"]] for name in ("cell", "declared")]
    draft = "Draft, not released: for the office alone."
    assert said == [[draft], [draft, "Campaign: after the lamps"]]


def test_quick_says_what_it_leaves_out(tmp_path: Path) -> None:
    folder = town(tmp_path / "town", [row(1)], SHOWN)
    said = safeaudit("run", folder, "--out", folder / "out", "--quick")
    assert (
        "--quick left out: how far auditors agree, what groups said, stretches, "
        "who reaches what, what changed, the evidence, and estimates." in said.stderr
    )
    assert "Scored: 1 forms of one round." in said.stdout
