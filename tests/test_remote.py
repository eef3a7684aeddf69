"""Audits from KoboToolbox and ODK Central, both stubs on loopback; what is fetched loads like an export."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from geopandas.testing import assert_geodataframe_equal
from projects import project, safeaudit, snapshot
from stub_server import Reply, Stub, as_json, stub_server

from safeaudit import pipeline
from safeaudit.audits.sources import read
from safeaudit.config import AuditSettings, config_from_dict, load_config
from safeaudit.config.addresses import checked_address
from safeaudit.errors import ConfigError, InputError
from safeaudit.fetch import kobo, servers
from safeaudit.files.admit import admit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

SECRET = "0123456789abcdef-very-secret"  # noqa: S105 - of no server
ASSET = "/api/v2/assets/aXb3/data.json"
FORM = "/v1/projects/7/forms/street%20walk/submissions.csv.zip"
LEVELS = (0, 1, 2, 3, 3)


def submission(number: int, level: int) -> dict[str, Any]:
    """Return a submission as the API gives it: full paths, its own lists beside the answers."""
    return {
        "_id": 100 + number,
        "formhub/uuid": "one-and-the-same",
        "start": f"2026-03-05T21:{10 + number}:00.000+05:30",
        "site/gps": f"19.070{number} 72.880{number} 12.5 4.5",
        "scores/lighting": str(level),
        "scores/openness": "2",
        "problems": "lamp_out blocked_path",
        "meta/instanceID": f"uuid:u{number}",
        "_uuid": f"u{number}",
        "_submission_time": "2026-03-05T18:00:00",
        "_attachments": [{"download_url": "http://127.0.0.1:9/photo.jpg"}],
        "_geolocation": [19.0, 72.8],
        "_tags": [],
        "_validation_status": {"uid": "validation_status_approved", "label": "Approved"},
        "_submitted_by": None,
    }


SUBMISSIONS = [submission(number, level) for number, level in enumerate(LEVELS)]


def kobo_csv() -> str:
    """Return the CSV export of the same submissions, hierarchy in its headers."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(
        ["start", "gps", "site/_gps_latitude", "site/_gps_longitude", "site/_gps_altitude", "site/_gps_precision",
         "scores/lighting", "scores/openness", "problems", "problems/lamp_out", "problems/blocked_path", "_id", "_uuid",
         "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__", "_tags",
         "_index"]
    )  # fmt: skip
    for index, one in enumerate(SUBMISSIONS, start=1):
        writer.writerow(
            [one["start"], one["site/gps"], *one["site/gps"].split(), one["scores/lighting"], one["scores/openness"],
             one["problems"], 1, 1, one["_id"], one["_uuid"], one["_submission_time"], "validation_status_approved",
             "", "", "", "v1", "", index]
        )  # fmt: skip
    return out.getvalue()


def page(rows: list[Any], *, count: int = len(LEVELS), onward: str | None = None) -> Reply:
    return as_json({"count": count, "next": onward, "previous": None, "results": rows})


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setattr(servers, "WAITS_S", (0.01, 0.01))
    monkeypatch.setenv("KOBO_TOKEN", SECRET)
    with stub_server() as stub:
        stub.answers = {ASSET: [page(SUBMISSIONS)]}
        yield stub


def town(folder: Path, stub: Stub, **more: object) -> Path:
    """Make a project whose audits are on the stub."""
    remote = {"service": "kobo", "server": stub.address, "form": "aXb3", "token_env": "KOBO_TOKEN", **more}
    lines = ", ".join(f"{key} = {json.dumps(value)}" for key, value in remote.items() if value is not None)
    return project(folder, f'[[audits]]\nfile = "walk.json"\nremote = {{ {lines} }}')


# --- KoboToolbox -----------------------------------------------------------------------------------------------------


def test_a_form_is_fetched_and_its_token_goes_along(stub: Stub, tmp_path: Path) -> None:
    folder = town(tmp_path, stub)
    said = safeaudit("fetch", folder)
    assert (said.code, said.stdout, said.stderr) == (0, "walk.json: fetched, from 127.0.0.1.\n", "")
    (asked,) = stub.asked
    assert asked.headers["Authorization"] == f"Token {SECRET}"
    assert asked.headers["User-Agent"].startswith("safeaudit/")
    assert asked.query == {"limit": "1000", "start": "0"}
    assert json.loads((folder / "walk.json").read_text(encoding="utf-8"))["results"] == SUBMISSIONS
    if os.name == "posix":
        assert (folder / "walk.json").stat().st_mode & 0o777 == 0o600


def test_fetched_again_it_is_as_it_was(stub: Stub, tmp_path: Path) -> None:
    folder = town(tmp_path, stub)
    safeaudit("fetch", folder)
    before = (folder / "walk.json").stat()
    document = safeaudit("fetch", folder, "--json").document
    assert document == {
        "files": [{"file": "walk.json", "written": [str(folder / "walk.json")], "changed": False}],
        "refused": [],
    }
    assert (folder / "walk.json").stat().st_mtime_ns == before.st_mtime_ns


def test_pages_are_followed_on_the_same_server_alone(stub: Stub, tmp_path: Path) -> None:
    stub.answers[ASSET] = [
        page(SUBMISSIONS[:2], onward="http://elsewhere.invalid/api/v2/steal.json?limit=2&start=2"),
        page(SUBMISSIONS[2:4], onward=f"{stub.address}{ASSET}?limit=2&start=4"),
        page(SUBMISSIONS[4:]),
    ]
    folder = town(tmp_path, stub)
    assert safeaudit("fetch", folder).code == 0
    assert [asked.query["start"] for asked in stub.asked] == ["0", "2", "4"]
    assert json.loads((folder / "walk.json").read_text(encoding="utf-8"))["results"] == SUBMISSIONS


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(stub: Stub, tmp_path: Path, status: int) -> None:
    stub.answers[ASSET] = [Reply(status=status), Reply(body=b'{"count": 5, "resul'), page(SUBMISSIONS)]
    assert safeaudit("fetch", town(tmp_path, stub)).code == 0
    assert len(stub.asked) == 3


WHOLE = json.dumps({"count": 5, "next": None, "results": SUBMISSIONS}).encode()
REFUSED = {
    "401": (Reply(status=401, body=SECRET.encode()), "It does not let us in (status 401). Check the secret"),
    "403": (Reply(status=403), "It does not let us in (status 403)."),
    "404": (Reply(status=404), "It knows no such form. Check form and project"),
    "400": (Reply(status=400), "It refuses (status 400)."),
    "500": (Reply(status=500), "It is busy or out of order (status 500). Try again later"),
    "cut": (Reply(body=WHOLE[:300]), "Its answer is cut, or no JSON."),
    "cut on the way": (Reply(body=WHOLE, lacking=9), "It did not answer in time, or not to the end."),
    "log-in page": (
        Reply(body=b"\n<!DOCTYPE html><html>Log in"),
        "It answers with a web page, probably a log-in",
    ),
    "another document": (as_json({"detail": "?"}), "Its answer is no page of submissions."),
    "too few": (page(SUBMISSIONS, count=6), "It says that the form has 6 submissions, and gave 5."),
    "too many": (page(SUBMISSIONS, count=4), "It says that the form has 4 submissions, and gave 5."),
    "twice": (page([*SUBMISSIONS[:4], SUBMISSIONS[0]]), "It says that the form has 5 submissions, and gave 4."),
    "never ending": (page(SUBMISSIONS, count=9, onward="/?start=0"), "has 9 submissions, and gave 5."),
    "slow": (Reply(body=WHOLE, delay_s=0.6), "It did not answer in time"),
}


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_what_is_no_whole_answer_leaves_the_earlier_file(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(servers, "TIMEOUT_S", 0.2)
    stub.answers[ASSET], sentence = [REFUSED[kind][0]], REFUSED[kind][1]
    folder = town(tmp_path, stub)
    (folder / "walk.json").write_text("earlier", encoding="utf-8")
    said = safeaudit("fetch", folder)
    assert said.code == 2
    assert said.stderr.startswith("safeaudit: walk.json: 127.0.0.1: ")
    assert sentence in said.stderr
    assert (folder / "walk.json").read_text(encoding="utf-8") == "earlier"
    assert SECRET not in said.stdout + said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_too_much_is_refused(stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "MAX_BYTES", 1000)
    assert "It sends more than 1000 bytes" in safeaudit("fetch", town(tmp_path, stub)).stderr


def test_one_form_that_fails_does_not_stop_the_others(stub: Stub, tmp_path: Path) -> None:
    folder = town(tmp_path, stub)
    with (folder / "safeaudit.toml").open("a", encoding="utf-8") as toml:
        toml.write(
            f'\n[[audits]]\nfile = "other.json"\n'
            f'remote = {{ service = "kobo", server = "{stub.address}", form = "../x y", token_env = "KOBO_TOKEN" }}\n'
        )
    said = safeaudit("fetch", folder)
    assert said.code == 2
    assert said.stdout == "walk.json: fetched, from 127.0.0.1.\n"
    assert "other.json: 127.0.0.1: It knows no such form." in said.stderr
    assert stub.asked[1].path == "/api/v2/assets/..%2Fx%20y/data.json"


# --- the secret ------------------------------------------------------------------------------------------------------


def test_a_redirect_is_not_followed(stub: Stub, tmp_path: Path) -> None:
    with stub_server() as other:
        to = {"Location": f"{other.address.replace('127.0.0.1', 'localhost')}/?{SECRET}"}
        for status in (301, 302, 307, 308):
            stub.answers[ASSET] = [Reply(status=status, headers=to)]
            said = safeaudit("fetch", town(tmp_path, stub))
            assert "It sends us on to another address." in said.stderr
            assert SECRET not in said.stderr
        assert other.asked == []


@pytest.mark.parametrize("status", [200, 302, 401, 500])
def test_the_secret_is_in_no_byte_that_is_written_or_printed(stub: Stub, tmp_path: Path, status: int) -> None:
    reply = page(SUBMISSIONS) if status == 200 else Reply(status=status, body=SECRET.encode())
    stub.answers[ASSET] = [reply]
    folder = town(tmp_path, stub)
    code = "from safeaudit.fetch import servers; servers.WAITS_S = (); from safeaudit.cli import main; main()"
    debug = [sys.executable, "-c", code, "fetch", str(folder), "--debug"]
    found = subprocess.run(debug, capture_output=True, text=True, check=False)
    assert SECRET not in found.stdout + found.stderr
    for words in (["fetch", folder], ["fetch", folder, "--json"], ["run", folder, "--out", tmp_path / "out"]):
        said = safeaudit(*words)
        assert SECRET not in said.stdout + said.stderr
    assert all(SECRET.encode() not in content for content in snapshot(tmp_path).values())
    assert SECRET not in repr(servers.Server(address=stub.address, authorization=f"Token {SECRET}"))


def test_a_netrc_file_takes_no_part(stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert safeaudit("fetch", town(tmp_path / "town", stub)).code == 0
    assert stub.asked[0].headers["Authorization"] == f"Token {SECRET}"


@pytest.mark.parametrize("token", [f"{SECRET}\r\nX-Evil: 1", f"{SECRET} 2", f"{SECRET}\u0661"])
def test_a_token_with_odd_signs_is_not_sent_and_not_shown(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("KOBO_TOKEN", token)
    said = safeaudit("fetch", town(tmp_path, stub))
    assert "The token is none: it holds signs that no token has." in said.stderr
    assert SECRET not in said.stderr
    assert stub.asked == []


def test_what_is_missing_is_named(stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOBO_TOKEN")
    assert "The environment variable KOBO_TOKEN is not set." in safeaudit("fetch", town(tmp_path, stub)).stderr
    said = safeaudit("fetch", town(tmp_path, stub, token_env=None))
    assert "Nothing says where the secret of the server stands." in said.stderr
    assert "No audit file has a server" in safeaudit("fetch", project(tmp_path / "other")).stderr
    assert stub.asked == []


def test_a_secret_in_the_settings_is_refused_and_not_shown(stub: Stub, tmp_path: Path) -> None:
    said = safeaudit("fetch", town(tmp_path, stub, token_env=SECRET))
    assert "are names of environment variables, in capitals" in said.stderr
    assert SECRET not in said.stderr
    said = safeaudit("fetch", town(tmp_path, stub, server=f"https://me:{SECRET}@example.org"))
    assert "must hold its name and no more" in said.stderr
    assert SECRET not in said.stderr


@pytest.mark.parametrize(
    "server",
    ["http://example.org", "http://10.0.0.1", "ftp://127.0.0.1", "example.org", "https://", "http://localhost.evil.org",
     "https://x.org?a=1", "https://x.org/#a", "https://x.org:99999", "http://127.0.0.1@evil.org", "https://x\n.org"],
)  # fmt: skip
def test_only_https_is_asked_but_for_this_machine(server: str) -> None:
    with pytest.raises(ConfigError, match="The address of the server"):
        checked_address(server)
    remote = {"service": "kobo", "server": server, "form": "a"}
    with pytest.raises(ConfigError, match="The address of the server"):
        config_from_dict({"audits": [{"file": "a.json", "remote": remote}]}, folder=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("server", ["https://kf.example.org/sub/", "http://127.0.0.1:80", "http://[::1]:8"])
def test_addresses_that_may_be_asked(server: str) -> None:
    assert checked_address(server) == server.rstrip("/")


def test_nothing_is_written_outside_of_the_project(stub: Stub, tmp_path: Path) -> None:
    folder = town(tmp_path / "town", stub)
    toml = folder / "safeaudit.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("walk.json", "../walk.json"), encoding="utf-8")
    assert "lies outside of the project's folder" in safeaudit("fetch", folder).stderr
    assert stub.asked == []
    assert not (tmp_path / "walk.json").exists()


# --- ODK Central -----------------------------------------------------------------------------------------------------

ROOT_CSV = (
    "SubmissionDate,start,site-gps-Latitude,site-gps-Longitude,site-gps-Altitude,site-gps-Accuracy,scores-lighting,"
    "meta-instanceID,KEY,SubmitterID,SubmitterName,ReviewState\n"
    "2026-03-05T18:00:00.000Z,2026-03-05T21:10:00.000+05:30,19.0701,72.8801,12.5,4.5,2,uuid:a,uuid:a,1,A,approved\n"
)
PERSON_CSV = "person-age,PARENT_KEY,KEY\n30,uuid:a,uuid:a/person[1]\n"


def archive(**tables: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, text in tables.items():
            packed.writestr(f"{name}.csv", text)
    return out.getvalue()


CENTRAL = archive(**{"street walk": ROOT_CSV, "street walk-person": PERSON_CSV})


def central(folder: Path, stub: Stub, **more: object) -> Path:
    return town(folder, stub, **{"service": "odk", "form": "street walk", "project": 7, **more})


def test_central_gives_the_form_and_its_repeats(stub: Stub, tmp_path: Path) -> None:
    stub.answers[FORM] = [Reply(body=CENTRAL)]
    folder = central(tmp_path, stub)
    assert safeaudit("fetch", folder).code == 0
    assert (folder / "walk.json").read_text(encoding="utf-8") == ROOT_CSV
    assert (folder / "walk-person.csv").read_text(encoding="utf-8") == PERSON_CSV
    (asked,) = stub.asked
    assert asked.headers["Authorization"] == f"Bearer {SECRET}"
    assert asked.query == {"attachments": "false"}
    (count,) = pipeline.check(load_config(folder)).counts
    assert (count.read, count.accepted) == (1, 1)


def test_central_logs_in_with_name_and_password(stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODK_USER", "me@example.org")
    monkeypatch.setenv("ODK_PASSWORD", 'pass "word"\u00e9')
    stub.answers |= {FORM: [Reply(body=CENTRAL)], "/v1/sessions": [as_json({"token": SECRET})]}
    variables = {"user_env": "ODK_USER", "password_env": "ODK_PASSWORD"}
    folder = central(tmp_path, stub, token_env=None, **variables)
    said = safeaudit("fetch", folder)
    assert said.code == 0
    session, asked = stub.asked
    assert (session.method, json.loads(session.body)) == (
        "POST",
        {"email": "me@example.org", "password": 'pass "word"\u00e9'},
    )
    assert "Authorization" not in session.headers
    assert asked.headers["Authorization"] == f"Bearer {SECRET}"
    assert all(SECRET.encode() not in content for content in snapshot(folder).values())
    stub.answers["/v1/sessions"] = [Reply(status=401)]
    assert "It does not let us in (status 401)" in safeaudit("fetch", folder).stderr
    stub.answers["/v1/sessions"] = [as_json({"token": "a\r\nb"})]
    assert "The token is none" in safeaudit("fetch", folder).stderr


BAD_ARCHIVES = {
    "CSV": (ROOT_CSV.encode(), "Its answer is no archive of CSV files."),
    "JSON": (b'{"message": "?"}', "Its answer is no archive of CSV files."),
    "cut": (CENTRAL[:-30], "It is a damaged or locked archive"),
    "no form": (archive(person=PERSON_CSV), "Its archive holds 0 files that could be the form's own."),
    "two forms": (archive(a=ROOT_CSV, b=ROOT_CSV), "Its archive holds 2 files that could be the form's own."),
    "slip": (archive(**{"../../a": ROOT_CSV}), "It holds a file whose name leads elsewhere"),
}


@pytest.mark.parametrize("kind", sorted(BAD_ARCHIVES))
def test_an_archive_that_is_none_leaves_the_earlier_file(stub: Stub, tmp_path: Path, kind: str) -> None:
    body, sentence = BAD_ARCHIVES[kind]
    stub.answers[FORM] = [Reply(body=body)]
    folder = central(tmp_path / "town", stub)
    (folder / "walk.json").write_text("earlier", encoding="utf-8")
    before = snapshot(tmp_path)
    said = safeaudit("fetch", folder)
    assert (said.code, sentence in said.stderr) == (2, True)
    assert {name: content for name, content in snapshot(tmp_path).items() if "key" not in name} == before


def test_central_needs_its_project(stub: Stub, tmp_path: Path) -> None:
    said = safeaudit("fetch", central(tmp_path, stub, project=None))
    assert "The project's number is missing." in said.stderr


# --- what was fetched loads ------------------------------------------------------------------------------------------


def accepted(folder: Path) -> pd.DataFrame:
    """Return the submissions of a project, without where they come from; a walk is named after its file."""
    config = load_config(folder)
    result = pipeline.run(config, quick=True)
    return result.audits.submissions.drop(columns=["source", "line", "walk_id"])


def test_what_is_fetched_is_what_the_csv_export_holds(stub: Stub, tmp_path: Path) -> None:
    fetched = town(tmp_path / "fetched", stub)
    safeaudit("fetch", fetched)
    exported = project(tmp_path / "exported", '[[audits]]\nfile = "walk.csv"')
    (exported / "walk.csv").write_text(kobo_csv(), encoding="utf-8")
    (exported / "auditors.key").write_bytes((fetched / "auditors.key").read_bytes())
    one, other = accepted(fetched), accepted(exported)
    assert len(one) == len(LEVELS)
    assert one["submission_id"].tolist() == other["submission_id"].tolist()
    assert_geodataframe_equal(one, other)


def test_the_same_submissions_fetched_and_exported_count_once(stub: Stub, tmp_path: Path) -> None:
    folder = town(tmp_path, stub)
    safeaudit("fetch", folder)
    (folder / "walk.csv").write_text(kobo_csv(), encoding="utf-8")
    with (folder / "safeaudit.toml").open("a", encoding="utf-8") as toml:
        toml.write('\n[[audits]]\nfile = "walk.csv"\n')
    counts = pipeline.check(load_config(folder)).counts
    assert [(count.read, count.accepted, count.duplicates) for count in counts] == [(5, 5, 0), (5, 0, 5)]


def cells(folder: Path, document: object, **settings: Any) -> Any:
    path = folder / "walk.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    (found,) = read(admit(path), AuditSettings(file=path, **settings))
    return found


def column(found: Any, name: str) -> list[str]:
    return list(found.columns[found.header.index(name)])


def test_answers_are_text_and_kobos_own_lists_stay_out(tmp_path: Path) -> None:
    found = cells(tmp_path, [{"a": 1.50, "b": True, "c": None, "d": "x"}, {"e": 12345678901234567890}, SUBMISSIONS[0]])
    assert found.lines.tolist() == [1, 2, 3]
    assert [column(found, name)[0] for name in "abcd"] == ["1.5", "true", "", "x"]
    assert column(found, "e") == ["", "12345678901234567890", ""]
    assert column(found, "_validation_status")[2] == "validation_status_approved"
    assert not {"_attachments", "_geolocation", "_tags", "formhub/uuid"} & set(found.header)


VISITS = [
    {"_uuid": "u1", "name": "first", "spot": [
        {"spot/gps": "1.5 2.5 0 0", "spot/lighting": "1", "spot/seen": [{"spot/seen/kind": "lamp"}] * 2},
        {"spot/gps": "1.6 2.6 0 0", "spot/lighting": "2"},
    ]},
    {"_uuid": "u2", "name": "second"},
]  # fmt: skip


def test_a_repeat_with_a_position_gives_a_row_each_time(tmp_path: Path) -> None:
    found = cells(tmp_path, VISITS)
    assert column(found, "spot/lighting") == ["1", "2", ""]
    assert column(found, "name") == ["first", "first", "second"]
    assert column(found, "_uuid") == ["u1/spot/1", "u1/spot/2", "u2"]
    assert found.lines.tolist() == [1, 1, 2]
    assert found.remarks == (
        'Its rows are those of the repeat "spot", each with what its form says of it.',
        'Repeats were left out: "spot/seen". To read one, name its columns under columns.',
    )


def test_columns_that_are_named_choose_the_repeat(tmp_path: Path) -> None:
    found = cells(tmp_path, VISITS, columns={"lighting": "spot/lighting", "note": "spot/seen/kind"})
    assert column(found, "spot/seen/kind") == ["lamp", "lamp", "", ""]
    assert column(found, "_uuid") == ["u1/spot/1/spot/seen/1", "u1/spot/1/spot/seen/2", "u1/spot/2", "u2"]
    found = cells(tmp_path, VISITS, columns={"note": "name"})
    assert column(found, "_uuid") == ["u1", "u2"]


def test_what_is_no_submission_is_rejected_and_counted(tmp_path: Path) -> None:
    found = cells(tmp_path, [{"a": "1"}, 7, "x"])
    assert found.lines.tolist() == [1]
    assert found.rejected["line"].tolist() == [2, 3]
    assert set(found.rejected["code"]) == {"NOT_A_SUBMISSION"}
    empty = cells(tmp_path, {"count": 0, "next": None, "previous": None, "results": []})
    assert (empty.header, len(empty.lines), empty.remarks) == ((), 0, ("It holds no submissions yet.",))


def test_half_a_sign_is_none(tmp_path: Path) -> None:
    assert column(cells(tmp_path, [{"a\ud800": "b\udfff\u6771"}]), "a?") == ["b?\u6771"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"count": 9, "next": "x", "results": [{"a": 1}]}', "It is one page of several: it holds 1 of 9 submissions."),
        ('{"count": 1, "rows": []}', "It holds no submissions."),
        ('[{"a": 1}', "It is cut, or no JSON"),
        ("[" + '{"a":[' * 50_000, "It is cut, or no JSON"),
    ],
)
def test_a_file_that_holds_no_whole_list_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "walk.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        list(read(admit(path), AuditSettings(file=path)))


def test_a_new_project_knows_the_columns_of_what_was_fetched(stub: Stub, tmp_path: Path) -> None:
    folder = town(tmp_path / "town", stub)
    safeaudit("fetch", folder)
    new = tmp_path / "new"
    said = safeaudit("init", new, "--streets", folder / "streets.geojson", "--audits", folder / "walk.json", "--json")
    columns = said.document["audits"]["walk.json"]["columns"]
    assert columns["position"] == "site/gps"
    assert columns["submission_id"] == "_uuid"
    assert columns["lighting"] == "scores/lighting"


def test_a_page_is_no_larger_than_the_api_allows() -> None:
    assert kobo.PAGE <= 1_000
