"""What comes in is told by its content and bounded; what goes out is whole or not there."""

from __future__ import annotations

import bz2
import errno
import gzip
import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safeaudit.errors import InputError, OutputError
from safeaudit.files.admit import admit, opened
from safeaudit.files.staged import staged

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = {
    "csv": {"text"},
    "xml": {"xml"},
    "zip": {"zip"},
    "osmjson": {"json"},
    "raster": {"tiff"},
    "vector": {"json"},
    "pbf": {"pbf"},
}
OTHERWISE = {
    "csv/21_empty.csv": "empty",
    "csv/32_html_login_page.csv": "html",
    "csv/39_xlsx_named.csv": "zip",
    "pbf/empty.osm.pbf": "empty",
    "pbf/html.osm.pbf": "html",
    "pbf/hugelen.osm.pbf": "text",
    "pbf/truncated_header.osm.pbf": "text",
    "raster/ssrf.vrt": "xml",
    "raster/ssrf_vrt_named.tif": "xml",
    "raster/wms_named.tif": "xml",
    "vector/localfile_ogrvrt_named.csv": "xml",
    "vector/secret_canary.csv": "text",
    "vector/ssrf_ogrvrt_named.geojson": "xml",
    "vector/not_sqlite.gpkg": "text",
    "vector/sqlite_not_gpkg.gpkg": "sqlite",
}


@pytest.mark.parametrize("folder", sorted(KINDS))
def test_hostile_files_are_told_by_their_content(shared: Path, folder: str) -> None:
    files = sorted((shared / "badinputs" / folder).iterdir())
    assert files
    for file in files:
        name = f"{folder}/{file.name}"
        wanted = {OTHERWISE[name]} if name in OTHERWISE else KINDS[folder]
        assert admit(file).kind in wanted, name


@pytest.mark.parametrize(
    ("content", "kind", "packing"),
    [
        (b"", "empty", ""),
        (b"\xef\xbb\xbf \r\n", "empty", ""),
        (b"id,lat\n1,2\n", "text", ""),
        (b"\xff\xfei\x00d\x00", "text", ""),
        (b'\xef\xbb\xbf{"type": "FeatureCollection"}', "json", ""),
        (b"  [1]", "json", ""),
        (b"<?xml version='1.0'?><osm/>", "xml", ""),
        (b"<!DOCTYPE HTML><title>x</title>", "html", ""),
        (b"\n<HTML><body>", "html", ""),
        (b"<kml><description><![CDATA[<html><b>x</b></html>]]></description></kml>", "xml", ""),
        (b"SQLite format 3\x00" + b"\x00" * 52 + b"GPKG", "gpkg", ""),
        (b"SQLite format 3\x00" + b"\x00" * 60, "sqlite", ""),
        (b"\x00\x00\x00\x0d\n\x09OSMHeader", "pbf", ""),
        (gzip.compress(b"<osm/>", mtime=0), "xml", "gzip"),
        (bz2.compress(b"a,b\n"), "text", "bzip2"),
        (gzip.compress(b"", mtime=0), "empty", "gzip"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_a_file_is(tmp_path: Path, content: bytes, kind: str, packing: str) -> None:
    (tmp_path / "a.dat").write_bytes(content)
    found = admit(tmp_path / "a.dat")
    assert (found.kind, found.packing) == (kind, packing)
    assert found.size == len(content)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.path.is_absolute()
    assert found.name == "a.dat"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"walk\.csv: There is no such file\. Check the path in safeaudit\.toml\."):
        admit(tmp_path / "walk.csv")


@pytest.mark.parametrize("name", ["http://127.0.0.1:18765/x.geojson", "/vsicurl/http://127.0.0.1:18765/x", "PG:host=x"])
def test_an_address_is_no_file(name: str) -> None:
    with pytest.raises(InputError, match=r"There is no such file\."):
        admit(Path(name))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"It is a folder\."):
        admit(tmp_path)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError):
        admit(tmp_path / "pipe.csv")


def test_a_file_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "walk.csv").write_bytes(b"a")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="walk"):
        admit(tmp_path / "walk.csv")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "walk.csv").write_bytes(b"a" * 11)
    monkeypatch.setattr("safeaudit.files.admit.MAX_BYTES", 10)
    with pytest.raises(InputError, match=r"walk\.csv: 11 bytes are too many\. Cut it to the city\."):
        admit(tmp_path / "walk.csv")


# --- unpacking ------------------------------------------------------------------------------------

TEXT = b"".join(b"%d,%d\n" % (i, i * i) for i in range(50_000))
PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "plain": bytes}


def read(path: Path) -> bytes:
    """Return the content of a file, unpacked."""
    with opened(admit(path)) as stream:
        return stream.read()


@pytest.mark.parametrize("packing", PACKERS)
def test_content_is_read_unpacked(tmp_path: Path, packing: str) -> None:
    (tmp_path / "a").write_bytes(PACKERS[packing](TEXT))
    assert read(tmp_path / "a") == TEXT


@pytest.mark.parametrize("packing", ["gzip", "bzip2"])
def test_a_bomb_is_stopped(tmp_path: Path, packing: str) -> None:
    (tmp_path / "bomb.csv").write_bytes(PACKERS[packing](b"0" * 40_000_000))
    with pytest.raises(InputError, match=r"bomb\.csv: It unpacks to more than 100 times its size\."):
        read(tmp_path / "bomb.csv")


def test_the_bomb_of_the_bad_inputs_is_stopped(shared: Path) -> None:
    with pytest.raises(InputError, match=r"It unpacks to more than 100 times its size\."):
        read(shared / "badinputs" / "csv" / "40_bomb.csv.gz")


def test_a_small_file_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(b"0" * 1_000_000))
    assert len(read(tmp_path / "a")) == 1_000_000


@pytest.mark.parametrize("packing", ["gzip", "bzip2"])
@pytest.mark.parametrize("share", [0.2, 0.7, 0.999])
def test_cut_packing_is_said(tmp_path: Path, packing: str, share: float) -> None:
    whole = PACKERS[packing](TEXT)
    (tmp_path / "a.csv").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(
        InputError, match=rf"a\.csv: Its {packing} packing is damaged: .* Copy or download it once more\."
    ):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("packing", ["gzip", "bzip2"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_damaged_packing_is_said(tmp_path: Path, packing: str, share: float) -> None:
    whole = bytearray(PACKERS[packing](TEXT))
    spot = int(len(whole) * share)
    whole[spot : spot + 8] = bytes(255 - byte for byte in whole[spot : spot + 8])
    (tmp_path / "a.csv").write_bytes(bytes(whole))
    with pytest.raises(InputError, match=rf"a\.csv: Its {packing} packing is damaged"):
        read(tmp_path / "a.csv")


# --- staged ---------------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_file_is_written_whole_and_its_folder_made(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "map.html"
    with staged(target) as temporary:
        temporary.write_bytes(b"new")
        assert not target.exists()
        assert temporary.parent == target.parent
        assert temporary.suffix == ".html"
    assert target.read_bytes() == b"new"
    assert names(target.parent) == ["map.html"]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have such modes")
@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_who_may_read_it(tmp_path: Path, *, private: bool, mode: int) -> None:
    with staged(tmp_path / "a", private=private) as temporary:
        temporary.write_bytes(b"x")
        assert temporary.stat().st_mode & 0o077 == 0  # nobody else, while it is written
    assert (tmp_path / "a").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, InputError("It is cut.", hint="Again.")])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: Any) -> None:
    (tmp_path / "map.html").write_bytes(b"old")

    def fail() -> None:
        with staged(tmp_path / "map.html") as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(error if isinstance(error, type) else type(error)):
        fail()
    assert (tmp_path / "map.html").read_bytes() == b"old"
    assert names(tmp_path) == ["map.html"]


def test_what_does_not_verify_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "map.html").write_bytes(b"old")

    def verify(path: Path) -> None:
        assert path.read_bytes() == b"new"
        raise OutputError("It is not as it should be.", hint="Report it.")

    def write() -> None:
        with staged(tmp_path / "map.html", verify=verify) as temporary:
            temporary.write_bytes(b"new")

    with pytest.raises(OutputError, match=r"It is not as it should be\."):
        write()
    assert (tmp_path / "map.html").read_bytes() == b"old"
    assert names(tmp_path) == ["map.html"]


FAULTY = [(os, "fsync"), (Path, "replace"), (Path, "chmod"), (Path, "mkdir"), (Path, "write_bytes")]


@pytest.mark.parametrize(("owner", "name"), FAULTY, ids=[name for _, name in FAULTY])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_when_the_disk_fails_it_is_either_written_or_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, nth: int
) -> None:
    target = tmp_path / "map.html"
    target.write_bytes(b"old")
    real, calls = getattr(owner, name), []

    def fail(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == nth:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **kwargs)

    def write() -> None:
        with staged(target) as temporary:
            temporary.write_bytes(b"new")

    monkeypatch.setattr(owner, name, fail)
    said = ""
    try:
        write()
    except OutputError as error:
        said = str(error)
    monkeypatch.undo()
    assert target.read_bytes() == (b"old" if said else b"new")
    assert said or len(calls) < nth or (name, nth) == ("fsync", 2)  # the folder's sync may fail: the file is whole
    assert names(tmp_path) == ["map.html"]
    sentence = r".*map\.html: It could not be written: .*No space left on device\. Free some space, .*"
    assert not said or re.fullmatch(sentence, said)


def test_a_target_that_is_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "map.html").mkdir()

    def write() -> None:
        with staged(tmp_path / "map.html") as temporary:
            temporary.write_bytes(b"new")

    with pytest.raises(OutputError, match=r"It could not be written"):
        write()
    assert names(tmp_path) == ["map.html"]
